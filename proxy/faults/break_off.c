/* break_off: the places where an exchange can be broken off, and how far it gets by then. */
#include "faults/break_off.h"

bool break_off_check(void *params, struct buffer *complaint)
{
    const struct break_off *wanted = params;

    if (wanted->at == BREAK_BODY || wanted->after == 0)
        return true;
    buffer_add_string(complaint, "after counts bytes of the body: it goes with at: body");
    return false;
}

void break_off_answer(const struct break_off *wanted, struct request_plan *plan, bool closes)
{
    enum reset_place place = wanted->at == BREAK_REQUEST ? RESET_REQUEST : RESET_HEAD;

    if (wanted->at != BREAK_REQUEST && wanted->at != BREAK_HEAD)
        return;
    if (plan->reset != RESET_NONE && plan->reset <= place)
        return;
    plan->reset = place;
    plan->closes = closes;
    plan->reset_by = plan->way.hit;
}

void break_off_stream(struct flow *flow, uint64_t *passed, uint64_t after, enum chunk_kind end)
{
    while (*passed < after && flow_can_move(flow)) {
        uint64_t left = after - *passed;

        *passed += flow_pass_up_to(flow, left < SIZE_MAX ? (size_t)left : SIZE_MAX);
    }
    if (*passed >= after)
        flow_end(flow, end);
}
