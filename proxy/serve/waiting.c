/* waiting: what an exchange waits for, computed from its state and queues in one place. */
#include "serve/parts.h"
#include "serve/steps.h"

/* A pipe takes no more before it is empty again. */
static bool has_room(const struct direction *direction, const struct budget *budget)
{
    return budget_has_room(budget) && !(direction->pipe && direction->pipe->held > 0);
}

static bool wants_client(const struct exchange *exchange)
{
    const struct session *session = exchange->session;

    if (exchange->request_read)
        return session->client.input == NULL;
    return !relay_pulls_request(exchange) || has_room(&exchange->up, &session->up);
}

static bool wants_origin(const struct exchange *exchange)
{
    const struct budget *budget = &exchange->session->down;

    if (exchange->state == EXCHANGE_CLOSING)
        return false;
    if (!exchange->head_ready)
        return budget_has_room(budget);
    if (!exchange->down.begun && !exchange_is_holding(exchange))
        return exchange->origin->connection.input == NULL;
    return !exchange->answer_read && has_room(&exchange->down, budget);
}

static usec next_wake(const struct exchange *exchange, usec now)
{
    usec wake;

    if (exchange->state == EXCHANGE_DELAY || exchange->state == EXCHANGE_CLOSING)
        return exchange->due;
    wake = usec_min(exchange->up.wake, exchange->down.wake);
    if (exchange->head_ready && !exchange->down.begun && exchange->answer_due > now)
        wake = usec_min(wake, exchange->answer_due);
    return wake;
}

/* Filters hold things up, and somebody may still wait for that: not so where they do it for good
 * and a tunnel's client has ended its side. */
static bool holds_for_somebody(const struct exchange *exchange)
{
    bool ends = usec_min(exchange->up.wake, exchange->down.wake) != NEVER;

    return exchange->holds && (ends || !exchange->tunnel || !exchange->session->client.read_ended);
}

/* The coarse time-out: none while it is we who hold things up, or the dial, which has its own. */
static usec next_deadline(const struct exchange *exchange, usec now)
{
    const struct settings *settings = exchange->session->worker->run->settings;

    if (exchange->state == EXCHANGE_BODY)
        return usec_after(exchange->moved, settings->idle_timeout);
    if (exchange_waits_for_good(exchange) && !exchange->tunnel &&
        !connection_is_heard(&exchange->session->client))
        return usec_after(now, SILENCE_LOOK);
    if (exchange->state != EXCHANGE_RELAY || holds_for_somebody(exchange))
        return NEVER;
    if (!exchange->head_ready)
        return usec_after(exchange->moved, settings->origin_timeout);
    if (!exchange->down.begun && exchange->answer_due > now)
        return NEVER;
    return usec_after(exchange->moved, settings->idle_timeout);
}

static void wake_up(void *user)
{
    session_run(user);
}

void exchange_watch(struct exchange *exchange, usec now)
{
    struct session *session = exchange->session;
    struct loop *loop = session->worker->loop;
    struct connection *origin = exchange->origin ? &exchange->origin->connection : NULL;
    usec wake = next_wake(exchange, now);
    bool is_ready;

    if (wake != NEVER)
        alarm_set(&session->alarm, loop, wake, wake_up, session);
    else
        alarm_clear(&session->alarm);
    connection_watch(&session->client, wants_client(exchange));
    deadline_set(&session->deadline, loop, next_deadline(exchange, now), session_deadline, session);
    is_ready = connection_is_ready(&session->client, wants_client(exchange));
    if (origin) {
        connection_watch(origin, wants_origin(exchange));
        is_ready = is_ready || connection_is_ready(origin, wants_origin(exchange));
    }
    if (is_ready)
        session_run_later(session);
}

void exchange_timed_out(struct exchange *exchange, usec now)
{
    struct session *session = exchange->session;

    bool gathers = exchange->state == EXCHANGE_BODY;

    if ((exchange->state != EXCHANGE_RELAY && !gathers) || now < next_deadline(exchange, now))
        return;
    if (gathers) {
        exchange_refuse(exchange, 408, "the request's body did not come in time", now);
        return;
    }
    if (exchange->down.writer.ended && connection_is_flushed(&session->client)) {
        exchange_end(exchange, exchange->outcome, "the request's body did not come in time");
        return;
    }
    if (exchange->head_ready) {
        exchange_end(exchange, "cut",
                     connection_is_flushed(&session->client)
                         ? "the origin sent nothing for --idle-timeout"
                         : "the client took nothing for --idle-timeout");
        return;
    }
    if (!exchange->request_read && session->up.held == 0 &&
        !exchange_waits_for_continue(exchange)) {
        exchange_drop_origin(exchange, false);
        exchange_refuse(exchange, 408, "the request's body did not come in time", now);
        return;
    }
    exchange_drop_origin(exchange, false);
    exchange_fail(exchange, 504, "upstream-failed", "no answer within --origin-timeout", now);
}
