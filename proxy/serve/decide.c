/* decide: puts the question to the engine, and its answer into plans. */
#include <string.h>

#include "faults/fault.h"
#include "faults/redirect.h"
#include "scenario/body.h"
#include "scenario/matched.h"
#include "serve/client_by.h"
#include "serve/parts.h"

/* What both ways' plans have alike. */
static void begin_way(struct exchange *exchange, struct way_plan *way, struct head *head,
                      struct pipeline *pipeline, usec now)
{
    bool switches = head->kind == HEAD_RESPONSE && head->status == 101;

    *way = (struct way_plan){
        .arena = &exchange->arena,
        .head = exchange->tunnel ? NULL : head,
        .has_body = !exchange->tunnel && head->framing != FRAMING_NONE && !switches,
        .length_known = head->framing == FRAMING_LENGTH,
        .length = head->framing == FRAMING_LENGTH ? head->content_length : 0,
        .pipeline = pipeline,
        .counters = engine_counters(exchange->generation->engine),
        .client = exchange->decision.client,
        .connection = exchange->session->client.id,
        .decided = exchange->decided,
        .now = now,
    };
}

/* The client, to us. */
static bool speaks_tls(const struct session *session)
{
    return session->front->tls || (session->tunneled && session->inside.tls);
}

static void plan_request(struct exchange *exchange, usec phase_ends, usec now)
{
    struct request_plan *plan = ARENA_NEW(&exchange->arena, struct request_plan);

    exchange->plan = plan;
    begin_way(exchange, &plan->way, &exchange->request, &exchange->up.pipeline, now);
    plan->phase_ends = phase_ends;
    plan->secure = speaks_tls(exchange->session);
    plan->may_flood_origin = exchange->session->worker->run->settings->flood_origin;
    for (size_t i = 0; i < exchange->decision.count; i++) {
        struct hit *hit = &exchange->decision.hits[i];

        plan->way.hit = hit;
        plan->way.hit_index = (int)i;
        if (!hit->shadowed && hit->kind->at_request)
            hit->kind->at_request(hit->params, plan);
    }
}

static inline void begin_question(struct question *question, const struct exchange *exchange,
                                  struct body_view *body)
{
    *question = (struct question){
        .subject = { .host = exchange->host,
                     .port = exchange->port,
                     .method = exchange->tunnel ? text_of(NULL, 0) : exchange->request.method,
                     .path = exchange->path,
                     .query = exchange->query,
                     .client = exchange->client,
                     .head = exchange->tunnel ? NULL : &exchange->request,
                     .body = body },
        .connection = exchange->session->ordinal,
        .tunnel = exchange->tunnel,
    };
}

static void ask(struct exchange *exchange, struct question *question, usec now)
{
    struct run *run = exchange->session->worker->run;
    struct generation *generation = exchange->generation;

    if (!run_has_started(run) &&
        engine_service(generation->engine, &question->subject) != SERVICE_NONE)
        run_start(run, now);
    question->moment = run_moment(run, generation, now);
    exchange->timeline = question->moment.elapsed;
    if (generation->notes_matches && recorder_port_is_on(exchange->session->worker->port))
        exchange->matched = matched_write(generation->scenario, &question->subject,
                                          question->moment.phase, &exchange->arena);
    question->now = exchange->decided =
        run_has_started(run) ? now - atomic_load_explicit(&run->start, memory_order_relaxed) : 0;
    engine_decide(generation->engine, question, &exchange->arena, &exchange->decision);
}

bool exchange_wants_body(struct exchange *exchange)
{
    struct question question;

    if (exchange->tunnel || exchange->request_read)
        return false;
    exchange->client = client_by(exchange);
    begin_question(&question, exchange, NULL);
    return engine_wants_body(exchange->generation->engine, &question.subject);
}

/* The beginning of the body, which was waited for, copied together. */
static struct body_view *look_at_body(struct exchange *exchange)
{
    const struct queue *queue = &exchange->up.pipeline.out;
    struct text type = head_get(&exchange->request, HEAD_CONTENT_TYPE);
    size_t length = 0;
    char *bytes;

    bytes = arena_take(&exchange->arena, BODY_LOOK);
    for (const struct chunk *chunk = queue->first; chunk; chunk = chunk->next) {
        size_t room = BODY_LOOK - length;
        size_t part = chunk->length < room ? chunk->length : room;

        if (chunk->kind != CHUNK_BYTES || chunk->part != PART_BODY)
            continue;
        memcpy(bytes + length, chunk->start, part);
        length += part;
    }
    return body_view_new(text_of(bytes, length), type,
                         exchange->request_read && queue->bytes <= BODY_LOOK);
}

/* What has been read of the body already is meant for the filters, too. */
static void plan(struct exchange *exchange, const struct moment *moment, usec now)
{
    struct pipeline *up = &exchange->up.pipeline;
    struct queue read;

    queue_init(&read, up->out.pool, up->out.budget);
    queue_move_all(&read, &up->out, now);
    plan_request(exchange, run_phase_ends(exchange->session->worker->run, moment), now);
    queue_move_all(pipeline_in(up), &read, now);
}

void exchange_decide(struct exchange *exchange, usec now)
{
    struct body_view *body = exchange->gathered ? look_at_body(exchange) : NULL;
    struct question question;
    uint64_t hops;

    exchange->client = client_by(exchange);
    begin_question(&question, exchange, body);
    ask(exchange, &question, now);
    if (body)
        body_view_free(body);
    if (exchange->decision.count > 0)
        plan(exchange, &question.moment, now);
    /* Whether or not this one is redirected: its chain may have ended before its time. */
    if ((exchange->generation->scenario->needs & FAULT_NEEDS_HOPS_STRIPPED) && !exchange->tunnel)
        exchange->target.path = redirect_strip(exchange->target.path, &exchange->arena, &hops);
}

/* What a wait came to: each fault's own delay, and what it was late by to the last. */
static void settle(struct exchange *exchange, bool request, usec lasted)
{
    struct hit *last = NULL;

    for (size_t i = 0; i < exchange->decision.count; i++) {
        struct hit *hit = &exchange->decision.hits[i];

        if (request ? !hit->delays_request : !hit->delays_response)
            continue;
        hit->measured = usec_min(hit->asked, lasted);
        hit->touched++;
        lasted -= hit->measured;
        last = hit;
    }
    if (last)
        last->measured += lasted;
}

void exchange_settle_request_delay(struct exchange *exchange, usec now)
{
    settle(exchange, true, now - exchange->delay_began);
}

void exchange_settle_answer_delay(struct exchange *exchange, usec now)
{
    if (exchange->answer_settled)
        return;
    exchange->answer_settled = true;
    settle(exchange, false, now - exchange->answer_came);
}

static struct response_plan *new_answer_plan(struct exchange *exchange, usec now)
{
    struct response_plan *plan = ARENA_NEW(&exchange->arena, struct response_plan);

    begin_way(exchange, &plan->way, &exchange->response, &exchange->down.pipeline, now);
    plan->request = exchange->tunnel ? NULL : &exchange->request;
    plan->made = exchange->made;
    return plan;
}

void exchange_plan_answer(struct exchange *exchange, usec now)
{
    struct response_plan *plan;

    exchange->answer_came = exchange->answer_due = now;
    exchange_keep_answer(exchange, now);
    if (exchange->decision.count == 0 || (exchange->tunnel && exchange->made))
        return;
    plan = exchange->answer_plan = new_answer_plan(exchange, now);
    for (size_t i = 0; i < exchange->decision.count; i++) {
        struct hit *hit = &exchange->decision.hits[i];

        plan->way.hit = hit;
        plan->way.hit_index = (int)i;
        if (!hit->shadowed && hit->kind->at_response)
            hit->kind->at_response(hit->params, plan);
    }
    exchange->answer_due = usec_after(now, plan->delay);
}
