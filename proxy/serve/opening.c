/* opening: asks about a connection and keeps what was decided. */
#include "serve/opening.h"

#include "faults/fault.h"
#include "scenario/matched.h"
#include "serve/steps.h"

static void plan(struct opening *opening, usec decided, usec phase_ends)
{
    opening->plan =
        (struct connection_plan){ .decided = decided, .phase_ends = phase_ends, .alert = -1 };
    for (size_t i = 0; i < opening->decision.count; i++) {
        struct hit *hit = &opening->decision.hits[i];

        opening->plan.hit = hit;
        if (hit->kind->at_connection)
            hit->kind->at_connection(hit->params, &opening->plan);
    }
}

/* What the log has to know to ask again. */
static void note(struct session *session, const struct generation *generation,
                 const struct question *question, const struct decision *decision)
{
    const struct scenario *scenario = generation->scenario;
    struct event_opening *event = session->opening_asked;

    event->client_connection = question->connection;
    event->client = session->client_host;
    if (decision->service != SERVICE_NONE)
        event->service = scenario->services[decision->service].name;
    event->phase = scenario->phases[decision->phase].name;
    event->decided = question->now;
    event->timeline = question->moment.elapsed;
    event->generation = generation->number;
    event->ordinal = decision->ordinal;
    event->turn = decision->turn;
    event->host = arena_copy(&session->arena, question->subject.host);
    event->faults = decision->count;
    if (generation->notes_matches)
        event->matched =
            matched_write(scenario, &question->subject, decision->phase, &session->arena);
}

static void ask(struct session *session, struct generation *generation,
                const struct question *question, usec now)
{
    struct run *run = session->worker->run;
    struct decision decision;
    struct opening *opening;

    engine_decide(generation->engine, question, &session->arena, &decision);
    note(session, generation, question, &decision);
    if (decision.count == 0)
        return;
    opening = session->opening = ARENA_NEW(&session->arena, struct opening);
    opening->generation = generation;
    opening->decision = decision;
    plan(opening, question->now, run_phase_ends(run, &question->moment));
    opening->began = now;
    opening->due = usec_after(usec_after(now, opening->plan.delay), opening->plan.silence);
}

void opening_decide(struct session *session, struct text host, uint16_t port, usec now)
{
    struct run *run = session->worker->run;
    struct generation *generation = run_generation(run);
    struct question question = {
        .subject = { .host = host, .port = port, .client = session->client_host },
        .connection = session->ordinal,
        .opening = true,
    };

    if (session->opening_asked || !engine_asks_connections(generation->engine))
        return;
    session->opening_asked = ARENA_NEW(&session->arena, struct event_opening);
    if (!run_has_started(run) &&
        engine_service(generation->engine, &question.subject) != SERVICE_NONE)
        run_start(run, now);
    question.moment = run_moment(run, generation, now);
    question.now =
        run_has_started(run) ? now - atomic_load_explicit(&run->start, memory_order_relaxed) : 0;
    ask(session, generation, &question, now);
}

bool opening_refuses(const struct session *session)
{
    struct opening *opening = session->opening;

    if (!opening || !opening->plan.refuse)
        return false;
    opening->plan.refuse_by->touched = 1;
    return true;
}

/* Each delay is what it asked for; the silence has what is left, or the last delay. */
static void settle(struct opening *opening, usec now)
{
    usec lasted = now - opening->began;
    struct hit *last = NULL;

    opening->settled = true;
    for (size_t i = 0; i < opening->decision.count; i++) {
        struct hit *hit = &opening->decision.hits[i];

        if (!hit->delays_connection)
            continue;
        hit->touched = 1;
        hit->measured = usec_min(hit->asked, lasted);
        lasted -= hit->measured;
        last = hit;
    }
    if (opening->plan.silence_by)
        last = opening->plan.silence_by;
    if (!last)
        return;
    last->touched = 1;
    last->measured += lasted;
}

bool opening_waits(struct session *session, usec now)
{
    struct opening *opening = session->opening;

    if (!opening || opening->settled || opening->due <= opening->began)
        return false;
    opening->waited = true;
    if (now < opening->due && !session->cut)
        return true;
    settle(opening, now);
    return false;
}

void opening_end(struct session *session, usec now)
{
    struct opening *opening = session->opening;

    if (!opening)
        return;
    if (!opening->settled && opening->waited)
        settle(opening, now);
    opening_credit_trouble(opening, now);
}

usec opening_due(const struct session *session)
{
    const struct opening *opening = session->opening;

    if (!opening)
        return NEVER;
    if (session->step == &session_step_handshake && opening->troubled)
        return tls_trouble_due(session->client.transport);
    return session->step == &session_step_screen && !opening->settled ? opening->due : NEVER;
}

void opening_grew_old(struct session *session)
{
    session->opening->plan.max_age_by->touched = 1;
}
