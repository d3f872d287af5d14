/* filters: bodies of any bytes through the faults that read them; the first bytes say which, how
 * the body is cut, and how much may wait. */
#include "fuzz.h"
#include "message.h"

#include "base/counters.h"
#include "base/json_tree.h"
#include "faults/fault.h"
#include "http/gzip.h"
#include "stream/pipeline.h"

enum {
    IS_JSON = 1,    /* what was JSON stays JSON */
    IS_EXACT = 2,   /* a promised length is kept */
    IS_EDIT = 4,    /* cuts make no difference where there is room for all of it */
    IS_PACKED = 8,  /* the head says gzip */
    IDLE_MOST = 99, /* turns, of a second each, in which nothing moves */
    HEADER = 3,     /* bytes that are no body */
    BODY_MOST = 4096,
    OUT_MOST = 1 << 20, /* of what a small body may unpack to, so much is looked at */
};

/* A kind, its parameters as `name=value;…`, and the body's media type. */
struct way {
    const char *kind, *settings, *type;
    unsigned claims;
};

static const struct way ways[] = {
    { "flood", "body=x9", "application/json", IS_JSON | IS_EXACT },
    { "flood", "add=777;json=members", "application/json", IS_JSON | IS_EXACT },
    { "flood", "body=x3", "application/x-ndjson", IS_EXACT },
    { "flood", "body=x9;json=members", "application/x-ndjson", IS_EXACT },
    { "flood", "body=x5", "text/plain", IS_EXACT },
    { "flood", "body=x5", "text/event-stream", IS_EXACT },
    { "flood", "body=x5;events=events", "text/event-stream", IS_EXACT },
    { "flood", "add=1000", "text/html", IS_EXACT },
    { "flood", "add=9;opaque=yes", "image/png", IS_EXACT },
    { "flood", "body=x2;pack=gzip;force=yes", "application/json", 0 },
    { "flood", "body=x3;limit=9000", "application/json", IS_PACKED },
    { "flood", "body=x3;limit=9000;json=members", "application/json", IS_PACKED },
    { "body", "merge={\"a\":{\"b\":null,\"c\":[1.5]},\"d\":7}", "application/json",
      IS_EDIT | IS_JSON },
    { "body", "merge=[1];limit=64", "application/json", IS_EDIT },
    { "body", "merge={\"a\":1}", "application/json", IS_PACKED },
    { "body", "find=(?<x>a|b+)\\s*(.?);with=<$2${x}$$>", "text/html", IS_EDIT },
    { "body", "find=^.*$;with=;limit=100", "text/html", IS_EDIT },
    { "body", "replace=new", "text/html", IS_EDIT | IS_PACKED },
    { "corrupt", "rate=5%;bits=3;after=2", "text/html", IS_EDIT | IS_EXACT },
    { "truncate", "after=9;end=clean", "text/html", IS_EDIT },
    { "drop-after", "after=9", "text/html", 0 },
    { "slice", "size=3", "text/html", IS_EDIT | IS_EXACT },
};

struct trial {
    struct arena arena;
    struct pool pool;
    struct budget budget;
    struct pipeline pipeline;
    struct head request, head;
    struct counters *counters;
    struct hit hit;
    struct response_plan plan;
    struct buffer out;
    bool ended, whole;
};

static const void *read_params(struct trial *trial, const struct fault_kind *kind,
                               const char *settings)
{
    struct text rest = text_from(settings), item;
    struct buffer complaint = { 0 };
    void *params = arena_take(&trial->arena, kind->params_size);

    field_defaults(kind->fields, params);
    while (text_next_item(&rest, ';', &item)) {
        size_t split = text_find(item, '=');
        const struct field *field = field_find(kind->fields, text_of(item.at, split));

        must(field && field_read(field, params, text_from_offset(item, split + 1), &complaint));
    }
    must(!kind->check || kind->check(params, &complaint));
    return params;
}

static void add_field(struct trial *trial, const char *name, const char *value)
{
    head_add(&trial->head, &trial->arena, text_from(name), text_from(value));
}

static void set_up(struct trial *trial, const struct way *way, bool length_known, size_t length)
{
    *trial = (struct trial){ .hit = { .bits = 42, .kind = fault_find(text_from(way->kind)) },
                             .budget = { 0, SIZE_MAX } };
    pipeline_init(&trial->pipeline, &trial->pool, &trial->budget);
    trial->request = (struct head){ .kind = HEAD_REQUEST, .method = TEXT("GET") };
    trial->head = (struct head){ .kind = HEAD_RESPONSE, .status = 200 };
    trial->counters = counters_new(16);
    add_field(trial, "Content-Type", way->type);
    if (way->claims & IS_PACKED)
        add_field(trial, "Content-Encoding", "gzip");
    trial->hit.params = read_params(trial, trial->hit.kind, way->settings);
    trial->plan = (struct response_plan){ .way = { .arena = &trial->arena,
                                                   .head = &trial->head,
                                                   .has_body = true,
                                                   .length_known = length_known,
                                                   .length = length,
                                                   .pipeline = &trial->pipeline,
                                                   .hit = &trial->hit,
                                                   .counters = trial->counters },
                                          .request = &trial->request };
    trial->hit.kind->at_response(trial->hit.params, &trial->plan);
}

static void tear_down(struct trial *trial)
{
    pipeline_close(&trial->pipeline);
    must(trial->budget.held == 0);
    counters_free(trial->counters);
    buffer_free(&trial->out);
    arena_clear(&trial->arena);
    pool_clear(&trial->pool);
}

static void drain(struct trial *trial)
{
    struct queue *out = &trial->pipeline.out;

    for (const struct chunk *chunk = queue_front(out); chunk; chunk = chunk->next) {
        must(!trial->ended);
        must(chunk->kind != CHUNK_BYTES || chunk->length > 0);
        trial->ended = chunk_is_final(chunk);
        trial->whole = chunk->kind == CHUNK_END;
        if (chunk->kind == CHUNK_BYTES && chunk->part == PART_BODY && trial->out.length < OUT_MOST)
            buffer_add(&trial->out, chunk->start, chunk->length);
    }
    queue_clear(out);
}

/* The whole body goes in by `step` bytes as there is room, and then its end. */
static void run(struct trial *trial, struct text body, size_t step, size_t limit)
{
    struct queue *in = pipeline_in(&trial->pipeline);
    bool said_end = false;
    int idle = 0;

    trial->budget.limit = limit;
    for (usec now = 1; idle < IDLE_MOST && !trial->ended; now += SECOND) {
        size_t piece = body.length < step ? body.length : step;
        bool has_room = budget_has_room(&trial->budget);

        if (has_room && piece > 0) {
            queue_put_copy(in, body.at, piece, PART_BODY, now);
            body = text_from_offset(body, piece);
            idle = 0;
        } else if (body.length == 0 && !said_end) {
            queue_put_mark(in, CHUNK_END, now);
            said_end = true;
        }
        (void)pipeline_run(&trial->pipeline, now);
        idle = queue_is_empty(&trial->pipeline.out) ? idle + 1 : 0;
        drain(trial);
    }
}

static bool is_json(struct text text)
{
    struct buffer complaint = { 0 };
    bool good = json_check(text, &complaint);

    buffer_free(&complaint);
    return good;
}

static void must_keep_claims(const struct trial *trial, const struct way *way, struct text body)
{
    struct text out = buffer_text(&trial->out);

    must(trial->ended || text_is(text_from(way->kind), "drop-after"));
    if ((way->claims & IS_JSON) && is_json(body))
        must(trial->whole && is_json(out));
    if ((way->claims & IS_EXACT) && trial->plan.way.length_known && body.length > 0)
        must(trial->whole && out.length == trial->plan.way.length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct trial whole, cut;
    const struct way *way;
    struct text body;
    bool known;

    if (size < HEADER || size > HEADER + BODY_MOST)
        return 0;
    way = &ways[data[0] % COUNT_OF(ways)];
    known = data[1] & 1;
    body = text_of((const char *)data + HEADER, size - HEADER);
    set_up(&whole, way, known, body.length);
    run(&whole, body, SIZE_MAX, 256 * (size_t)1024);
    must_keep_claims(&whole, way, body);
    set_up(&cut, way, known, body.length);
    run(&cut, body, 1 + (data[1] >> 1),
        way->claims & IS_EDIT ? 256 * (size_t)1024 : 2 + (size_t)data[2]);
    must_keep_claims(&cut, way, body);
    if (way->claims & IS_EDIT)
        must(text_equal(buffer_text(&whole.out), buffer_text(&cut.out)));
    tear_down(&whole);
    tear_down(&cut);
    return 0;
}
