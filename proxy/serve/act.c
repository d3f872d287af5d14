/* act: what the request's plan wants before the origin is asked, in place of it, and at the end. */
#include "serve/opening.h"
#include "serve/parts.h"

enum next exchange_break_off(struct exchange *exchange, struct hit *by)
{
    bool closes = exchange->plan && exchange->plan->closes && by == exchange->plan->reset_by;

    if (by)
        by->touched++;
    exchange->reset_client = !closes;
    exchange_end(exchange, closes ? "closed" : "reset", NULL);
    return NEXT;
}

static usec hang_ends(const struct exchange *exchange, usec now)
{
    const struct request_plan *plan = exchange->plan;
    usec ends = usec_after(now, plan->hang_for);

    return plan->hang_until_phase ? usec_min(ends, plan->phase_ends) : ends;
}

void exchange_settle_hang(struct exchange *exchange, usec now)
{
    struct hit *hit = exchange->plan->hang_by;

    if (hit->measured == 0)
        hit->measured = now - exchange->delayed;
}

/* Asks the origin. */
static enum next ask_origin(struct exchange *exchange, usec now)
{
    exchange->due = NEVER;
    if (!exchange->tunnel)
        exchange_prepare_request(exchange);
    exchange_connect(exchange, false, now);
    return NEXT;
}

/* The delay is over: reset, hang, answer, or ask the origin. */
enum next exchange_act(struct exchange *exchange, usec now)
{
    struct request_plan *plan = exchange->plan;

    if (exchange->opens) {
        exchange_open_connect(exchange, now);
        return NEXT;
    }
    if (exchange->opens_first) {
        (void)opening_waits(exchange->session, now);
        exchange_begin_delay(exchange, now);
        return NEXT;
    }
    if (!plan)
        return ask_origin(exchange, now);
    if (!exchange->delayed) {
        exchange->delayed = now;
        exchange_settle_request_delay(exchange, now);
    }
    if (plan->reset == RESET_REQUEST)
        return exchange_break_off(exchange, plan->reset_by);
    if (plan->hang == HANG_HEAD && !exchange->hung) {
        exchange->hung = true;
        plan->hang_by->touched++;
        exchange->due = hang_ends(exchange, now);
        plan->hang_by->asked = exchange->due == NEVER ? 0 : exchange->due - now;
        return NEXT;
    }
    if (exchange->hung)
        exchange_settle_hang(exchange, now);
    if (exchange->dial_fails)
        return exchange_fail_dial(exchange, now);
    if (exchange_answer_stale(exchange, now))
        return NEXT;
    if (!plan->answer.status || plan->answer.late)
        return ask_origin(exchange, now);
    exchange->due = NEVER;
    exchange_answer_planned(exchange, now);
    return NEXT;
}

enum next exchange_fail_dial(struct exchange *exchange, usec now)
{
    struct request_plan *plan = exchange->plan;
    bool unresolved = plan->dial == DIAL_TROUBLE_UNRESOLVED;
    const char *words =
        unresolved ? "the origin's name cannot be resolved" : "the origin cannot be reached";

    exchange->due = NEVER;
    plan->dial_by->touched++;
    if (plan->dial_after > 0)
        plan->dial_by->measured = now - exchange->dial_began;
    if (exchange->tunnel && !exchange->answers_connect)
        exchange_end(exchange, "closed", words);
    else
        exchange_fail(exchange, 502, "made", words, now);
    return NEXT;
}

enum next exchange_close_late(struct exchange *exchange, usec now)
{
    const struct connection *client = &exchange->session->client;
    struct response_plan *plan = exchange->answer_plan;

    if (!plan || plan->close_after == 0) {
        exchange->state = EXCHANGE_ENDED;
        return NEXT;
    }
    if (exchange->state != EXCHANGE_CLOSING) {
        exchange->state = EXCHANGE_CLOSING;
        exchange->close_began = now;
        exchange->due = usec_after(now, plan->close_after);
        plan->close_by->asked = plan->close_after;
        plan->close_by->touched++;
    }
    plan->close_by->measured = now - exchange->close_began;
    if (now < exchange->due && !exchange->session->cut && !client->read_ended && !client->broken)
        return WAIT;
    exchange->state = EXCHANGE_ENDED;
    return NEXT;
}
