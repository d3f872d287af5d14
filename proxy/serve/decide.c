/* decide: puts the question to the engine, and its answer into plans. */
#include "faults/fault.h"
#include "serve/clients.h"
#include "serve/parts.h"

static struct text client_of(struct exchange *exchange)
{
    struct session *session = exchange->session;
    const struct run *run = session->worker->run;
    struct text value;

    if (text_is_empty(run->settings->client_header))
        return session->client_host;
    value = head_find(&exchange->request, run->settings->client_header);
    if (!value.at)
        return session->client_host;
    return arena_format(&exchange->arena, "client-%u", clients_number(run->clients, value));
}

static void ask(struct exchange *exchange, usec now)
{
    struct session *session = exchange->session;
    struct run *run = session->worker->run;
    struct generation *generation = exchange->generation;
    struct question question = {
        .subject = { .host = exchange->host,
                     .port = exchange->port,
                     .method = exchange->request.method,
                     .path = exchange->path,
                     .query = exchange->query,
                     .client = exchange->client,
                     .head = exchange->tunnel ? NULL : &exchange->request },
        .connection = session->client.id,
        .tunnel = exchange->tunnel,
    };

    if (!run_has_started(run) &&
        engine_service(generation->engine, &question.subject) != SERVICE_NONE)
        run_start(run, now);
    question.moment = run_moment(run, generation, now);
    exchange->plan.phase_ends = run_phase_ends(run, &question.moment);
    exchange->decided =
        run_has_started(run) ? now - atomic_load_explicit(&run->start, memory_order_relaxed) : 0;
    engine_decide(generation->engine, &question, &exchange->arena, &exchange->decision);
}

void exchange_decide(struct exchange *exchange, usec now)
{
    exchange->client = client_of(exchange);
    ask(exchange, now);
    exchange->plan.arena = &exchange->arena;
    exchange->plan.head = exchange->tunnel ? NULL : &exchange->request;
    for (size_t i = 0; i < exchange->decision.count; i++) {
        struct hit *hit = &exchange->decision.hits[i];

        exchange->plan.hit = hit;
        if (!hit->shadowed && hit->kind->at_request)
            hit->kind->at_request(hit->params, &exchange->plan);
    }
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
    settle(exchange, true, now - exchange->started);
}

void exchange_settle_answer_delay(struct exchange *exchange, usec now)
{
    settle(exchange, false, now - exchange->answer_came);
}

void exchange_plan_answer(struct exchange *exchange, usec now)
{
    struct response_plan *plan = &exchange->answer_plan;
    const struct head *head = &exchange->response;

    *plan = (struct response_plan){
        .arena = &exchange->arena,
        .request = exchange->tunnel ? NULL : &exchange->request,
        .head = exchange->tunnel ? NULL : &exchange->response,
        .has_body = !exchange->tunnel && head->framing != FRAMING_NONE,
        .made = exchange->made,
        .length_known = head->framing == FRAMING_LENGTH || head->framing == FRAMING_NONE,
        .length = head->framing == FRAMING_LENGTH ? head->content_length : 0,
        .pipeline = &exchange->down.pipeline,
    };
    for (size_t i = 0; i < exchange->decision.count; i++) {
        struct hit *hit = &exchange->decision.hits[i];

        plan->hit = hit;
        plan->hit_index = (int)i;
        if (!hit->shadowed && hit->kind->at_response)
            hit->kind->at_response(hit->params, plan);
    }
    exchange->answer_came = now;
    exchange->answer_due = usec_after(now, plan->delay);
}
