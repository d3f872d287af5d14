/* stale: which answers are kept for later, and how one of them is given again. */
#include <time.h>

#include "base/buffer.h"
#include "http/status.h"
#include "serve/kept.h"
#include "serve/parts.h"

/* Of requests that differ in these, the answers do, too. */
static const char *const distinguishing[] = {
    "authorization",   "x-api-key",       "cookie", "accept",
    "accept-encoding", "accept-language", "origin",
};

static void add_part(struct buffer *key, struct text part)
{
    buffer_add_text(key, part);
    buffer_add_byte(key, '\n');
}

/* What the answer hangs on. In the arena. */
static struct text key_for(struct exchange *exchange)
{
    const struct head *request = &exchange->request;
    const struct scenario *scenario = exchange->generation->scenario;
    struct buffer key = { 0 };
    struct text made;

    add_part(&key, scenario->services[exchange->decision.service].name);
    add_part(&key, exchange->host);
    buffer_format(&key, "%u\n", (unsigned)exchange->port);
    add_part(&key, exchange->path);
    add_part(&key, exchange->query);
    for (size_t i = 0; i < COUNT_OF(distinguishing); i++)
        add_part(&key, head_find(request, text_from(distinguishing[i])));
    made = arena_copy(&exchange->arena, buffer_text(&key));
    buffer_free(&key);
    return made;
}

static bool is_plain_get(const struct exchange *exchange)
{
    const struct head *request = &exchange->request;

    return !exchange->tunnel && exchange->decision.service != SERVICE_NONE &&
           text_is(request->method, "GET") && request->framing == FRAMING_NONE &&
           !head_find(request, text_from("range")).at;
}

/* Any of the fields of that name has the item. */
static bool lists(const struct head *head, const char *name, const char *wanted)
{
    for (size_t i = 0; i < head->count; i++) {
        struct text list = head->fields[i].value, item;

        if (!text_is_nocase(head->fields[i].name, name))
            continue;
        while (text_next_item(&list, ',', &item))
            if (text_is_nocase(item, wanted))
                return true;
    }
    return false;
}

static bool is_distinguishing(struct text name)
{
    for (size_t i = 0; i < COUNT_OF(distinguishing); i++)
        if (text_is_nocase(name, distinguishing[i]))
            return true;
    return false;
}

/* On nothing that the key lacks. */
static bool varies_as_known(const struct head *head)
{
    for (size_t i = 0; i < head->count; i++) {
        struct text list = head->fields[i].value, item;

        if (!text_is_nocase(head->fields[i].name, "vary"))
            continue;
        while (text_next_item(&list, ',', &item))
            if (!is_distinguishing(item))
                return false;
    }
    return true;
}

static bool is_good(const struct head *head)
{
    return head->status == 200 && head->framing != FRAMING_NONE &&
           head->framing != FRAMING_TUNNEL &&
           (head->framing != FRAMING_LENGTH || head->content_length <= KEPT_BODY_MOST) &&
           !head_find(head, text_from("set-cookie")).at && varies_as_known(head) &&
           !lists(head, "cache-control", "no-store");
}

/* An answer on its way into the store. */
struct keeping {
    struct kept *kept;
    struct text key;
    struct kept_answer answer;
};

struct gathered {
    struct buffer body;
    bool spoilt; /* too long */
};

static void gather(struct gathered *gathered, const struct chunk *chunk)
{
    if (chunk->kind != CHUNK_BYTES || chunk->length > KEPT_BODY_MOST - gathered->body.length)
        gathered->spoilt = true;
    if (gathered->spoilt)
        buffer_free(&gathered->body);
    else
        buffer_add(&gathered->body, chunk->start, chunk->length);
}

static void keep(const struct keeping *keeping, const struct gathered *gathered)
{
    struct kept_answer answer = keeping->answer;

    answer.body = buffer_text(&gathered->body);
    kept_put(keeping->kept, keeping->key, &answer);
}

static void pump(void *state, const void *params, struct flow *flow)
{
    struct gathered *gathered = state;

    while (flow_can_move(flow)) {
        const struct chunk *chunk = flow_front(flow);

        if (!chunk_is_final(chunk) && !gathered->spoilt)
            gather(gathered, chunk);
        else if (chunk->kind == CHUNK_END && !gathered->spoilt)
            keep(params, gathered);
        flow_pass(flow);
    }
}

static void forget(void *state)
{
    struct gathered *gathered = state;

    buffer_free(&gathered->body);
}

static const struct filter_ops keeper = {
    .name = "keep",
    .state_size = sizeof(struct gathered),
    .pump = pump,
    .close = forget,
};

/* The fields that belong to the answer and not to this connection. */
static struct field_pairs end_to_end(const struct head *response, struct arena *arena)
{
    struct head head = *response;
    struct field_pair *items = ARENA_ARRAY(arena, struct field_pair, head.count + 1);
    size_t count = 0;

    head.fields = ARENA_ARRAY(arena, struct head_field, head.count + 1);
    for (size_t i = 0; i < head.count; i++)
        head.fields[i] = response->fields[i];
    head_remove_hop_by_hop(&head, false);
    head_remove(&head, HEAD_CONTENT_LENGTH);
    head_remove(&head, HEAD_TRAILER);
    head_remove_named(&head, text_from("age"));
    for (size_t i = 0; i < head.count; i++)
        if (!head.fields[i].removed)
            items[count++] = (struct field_pair){ head.fields[i].name, head.fields[i].value };
    return (struct field_pairs){ items, count };
}

static usec age_of(const struct head *response)
{
    uint64_t seconds;

    if (!text_to_u64(head_find(response, text_from("age")), &seconds) || seconds > INT32_MAX)
        return 0;
    return (usec)seconds * SECOND;
}

void exchange_keep_answer(struct exchange *exchange, usec now)
{
    const struct generation *generation = exchange->generation;
    struct kept *kept = exchange->session->worker->run->kept;
    struct keeping *keeping;

    if (!kept || !generation->keeps || exchange->made || !is_plain_get(exchange) ||
        !generation->keeps[exchange->decision.service] || !is_good(&exchange->response))
        return;
    keeping = ARENA_NEW(&exchange->arena, struct keeping);
    keeping->kept = kept;
    keeping->key = key_for(exchange);
    keeping->answer = (struct kept_answer){
        .status = exchange->response.status,
        .reason = exchange->response.reason,
        .fields = end_to_end(&exchange->response, &exchange->arena),
        .when = now,
        .age = age_of(&exchange->response),
    };
    pipeline_add(&exchange->down.pipeline, &keeper, keeping, PART_BODY, &exchange->arena)->tag = -1;
}

/* Its Date is its own unless it shall look older than it is. */
static void set_back(struct kept_answer *answer, struct arena *arena, usec age, bool older)
{
    char date[HTTP_DATE_SIZE];
    struct field_pair *items = ARENA_ARRAY(arena, struct field_pair, answer->fields.count + 2);
    bool dated = false;
    size_t count = 0;

    for (size_t i = 0; i < answer->fields.count; i++) {
        bool is_date = text_is_nocase(answer->fields.items[i].name, "date");

        dated = dated || (is_date && !older);
        if (!is_date || !older)
            items[count++] = answer->fields.items[i];
    }
    if (!dated)
        items[count++] = (struct field_pair){
            text_from("Date"),
            arena_copy(arena, http_date(time(NULL) - (time_t)(age / SECOND), date)),
        };
    items[count++] = (struct field_pair){
        text_from("Age"),
        arena_format(arena, "%lld", (long long)(age / SECOND)),
    };
    answer->fields = (struct field_pairs){ items, count };
}

bool exchange_answer_stale(struct exchange *exchange, usec now)
{
    struct request_plan *plan = exchange->plan;
    struct kept *kept = exchange->session->worker->run->kept;
    struct kept_answer answer;
    usec age;

    if (!plan->wants_stale || !kept || !is_plain_get(exchange) ||
        !kept_find(kept, key_for(exchange), &exchange->arena, &answer))
        return false;
    if (plan->answer.by)
        plan->answer.by->shadowed = true;
    age = answer.age + (now - answer.when);
    set_back(&answer, &exchange->arena, usec_max(age, plan->stale_age), plan->stale_age > age);
    plan->answer = (struct made_answer){
        .status = answer.status,
        .reason = answer.reason,
        .body = answer.body,
        .fields = answer.fields,
        .by = plan->stale_by,
    };
    exchange_answer_planned(exchange, now);
    return true;
}
