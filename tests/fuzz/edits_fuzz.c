/* edits: heads of any bytes through the faults that read and rewrite them. What is written then can
 * be read: no edit lets what a peer sent break out of its field. */
#include "fuzz.h"
#include "message.h"

#include "base/counters.h"
#include "faults/fault.h"
#include "faults/redirect.h"
#include "http/coding.h"
#include "http/digest.h"

enum { REQUEST_MOST = 4096 };

struct setting {
    const char *kind, *settings;
};

static const struct setting settings[] = {
    { "flood", "headers=3;header-size=70" },
    { "flood", "body=x2;headers=2;style=trace" },
    { "body", "replace=new;content-type=text/html;on=both" },
    { "cookies", "count=2;most=3" },
    { "redirect", "chain=3" },
    { "redirect", "relative=yes" },
    { "redirect", "to=/login" },
    { "storm", "interim=1;chunks=1" },
    { "error", "template=html;message=<&" },
};

struct trial {
    struct message asked, said;
    struct pipeline up, down;
    struct counters *counters;
    struct hit hit;
    struct request_plan request;
    struct response_plan response;
};

static const void *read_params(struct arena *arena, const struct fault_kind *kind,
                               const char *settings_text)
{
    struct text rest = text_from(settings_text), item;
    struct buffer complaint = { 0 };
    void *params = arena_take(arena, kind->params_size);

    field_defaults(kind->fields, params);
    while (text_next_item(&rest, ';', &item)) {
        size_t split = text_find(item, '=');
        const struct field *field = field_find(kind->fields, text_of(item.at, split));

        must(field && field_read(field, params, text_from_offset(item, split + 1), &complaint));
    }
    must(!kind->check || kind->check(params, &complaint));
    return params;
}

/* The head as it leaves can be read, and says the same. Its fields may be more and longer than what
 * is taken from peers. */
static void must_be_readable(struct message *message)
{
    struct message again;
    struct queue wire;
    struct writer writer = { .trailers = false };
    struct head *head = &message->head;
    struct text text, target = head->kind == HEAD_REQUEST ? head->target : text_from(NULL);

    queue_init(&wire, &message->pool, &message->budget);
    if (head->kind == HEAD_REQUEST && !head_has(head, HEAD_HOST))
        head_add(head, &message->arena, text_from("Host"), text_from("h"));
    writer_head(&writer, head, target, head->framing, head->content_length, text_from(NULL), &wire,
                0);
    text = bytes_of(message, &wire, PART_WIRE);
    queue_clear(&wire);
    message_open(&again, head->kind, message->method, 400);
    again.result =
        reader_head(&again.reader, text, again.method, &again.arena, &again.head, &again.used);
    must(again.result == READ_DONE && again.used == text.length);
    message_close(&again);
}

static bool read_message(struct message *message, enum head_kind kind, struct text bytes)
{
    message_open(message, kind, text_from("GET"), 100);
    message->result = reader_head(&message->reader, bytes, message->method, &message->arena,
                                  &message->head, &message->used);
    return message->result == READ_DONE;
}

static struct way_plan way_of(struct trial *trial, struct message *message,
                              struct pipeline *pipeline)
{
    const struct head *head = &message->head;

    pipeline_init(pipeline, &message->pool, &message->budget);
    return (struct way_plan){ .arena = &message->arena,
                              .head = &message->head,
                              .has_body = head->framing != FRAMING_NONE,
                              .length_known = head->framing == FRAMING_LENGTH,
                              .length = head->content_length,
                              .pipeline = pipeline,
                              .hit = &trial->hit,
                              .counters = trial->counters };
}

static void edit(struct trial *trial, const struct setting *setting)
{
    const struct fault_kind *kind = fault_find(text_from(setting->kind));
    const void *params = read_params(&trial->asked.arena, kind, setting->settings);
    struct made_answer *answer = &trial->request.answer;

    trial->hit = (struct hit){ .kind = kind, .params = params, .bits = 7 };
    trial->request = (struct request_plan){ .way = way_of(trial, &trial->asked, &trial->up),
                                            .may_flood_origin = true };
    trial->response = (struct response_plan){ .way = way_of(trial, &trial->said, &trial->down),
                                              .request = &trial->asked.head };
    if (kind->at_request)
        kind->at_request(params, &trial->request);
    for (size_t i = 0; i < answer->fields.count; i++)
        head_add(&trial->said.head, &trial->said.arena, answer->fields.items[i].name,
                 answer->fields.items[i].value);
    if (kind->at_response)
        kind->at_response(params, &trial->response);
}

/* A body of all there is behind the head stands for what vouched digests are made of. */
static void mend(struct message *message, struct text body)
{
    struct queue queue;

    queue_init(&queue, &message->pool, &message->budget);
    queue_put_copy(&queue, body.at, body.length, PART_BODY, 0);
    (void)digest_mend(&message->head, &message->arena, body.length % 2 ? &queue : NULL);
    must(body.length % 2 || !digest_stands(&message->head));
    queue_clear(&queue);
}

static void check_hops(struct message *message)
{
    uint64_t hops = 0;
    struct text once = redirect_strip(message->head.target, &message->arena, &hops);

    must(once.length <= message->head.target.length);
    must(text_equal(once, redirect_strip(once, &message->arena, &hops)) && hops == 0);
}

static void tear_down(struct trial *trial)
{
    pipeline_close(&trial->up);
    pipeline_close(&trial->down);
    counters_free(trial->counters);
}

/* The first byte says which fault; then comes the request, and behind its head the answer. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct trial trial = { .hit = { .bits = 7 } };
    struct text bytes;

    if (size == 0 || size > REQUEST_MOST)
        return 0;
    bytes = text_of((const char *)data + 1, size - 1);
    trial.counters = counters_new(16);
    pipeline_init(&trial.up, &trial.asked.pool, &trial.asked.budget);
    pipeline_init(&trial.down, &trial.said.pool, &trial.said.budget);
    if (read_message(&trial.asked, HEAD_REQUEST, bytes)) {
        bytes = text_from_offset(bytes, trial.asked.used);
        if (read_message(&trial.said, HEAD_RESPONSE, bytes)) {
            check_hops(&trial.asked);
            edit(&trial, &settings[data[0] % COUNT_OF(settings)]);
            (void)coding_takes_gzip(&trial.asked.head);
            coding_say_gzip(&trial.said.head, &trial.said.arena);
            mend(&trial.said, text_from_offset(bytes, trial.said.used));
            must_be_readable(&trial.asked);
            must_be_readable(&trial.said);
        }
        pipeline_close(&trial.up);
        pipeline_close(&trial.down);
        message_close(&trial.said);
    }
    tear_down(&trial);
    message_close(&trial.asked);
    return 0;
}
