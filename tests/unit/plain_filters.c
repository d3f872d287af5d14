/* plain_filters: filters of the plainest kind, one for each thing that a filter can do. */
#include "plain_filters.h"

#include <ctype.h>

static void pass_pump(void *state, const void *params, struct flow *flow)
{
    (void)state;
    (void)params;
    while (flow_can_move(flow))
        (void)flow_pass(flow);
}

static void late_pump(void *state, const void *params, struct flow *flow)
{
    const struct plan *plan = params;

    (void)state;
    while (flow_can_move(flow)) {
        if (flow_must_wait(flow, usec_after(flow_front(flow)->arrived, plan->delay)))
            return;
        (void)flow_pass(flow);
    }
}

static void cut_pump(void *state, const void *params, struct flow *flow)
{
    const struct plan *plan = params;
    size_t *passed = state;

    while (flow_can_move(flow)) {
        *passed += flow_pass_up_to(flow, plan->length - *passed);
        if (*passed == plan->length)
            flow_end(flow, plan->end);
    }
}

/* Marks each boundary twice, which must be the same as once. */
static void slice_pump(void *state, const void *params, struct flow *flow)
{
    const struct plan *plan = params;

    (void)state;
    while (flow_can_move(flow)) {
        if (flow_pass_up_to(flow, plan->length) == 0)
            continue;
        flow_boundary(flow);
        flow_boundary(flow);
    }
}

/* Puts "<>" where each chunk was. */
static void replace_pump(void *state, const void *params, struct flow *flow)
{
    (void)state;
    (void)params;
    while (flow_can_move(flow)) {
        if (chunk_is_final(flow_front(flow))) {
            (void)flow_pass(flow);
            continue;
        }
        (void)flow_discard(flow);
        flow_emit(flow, "<>", 2, PART_BODY);
    }
}

static void upper_pump(void *state, const void *params, struct flow *flow)
{
    (void)state;
    (void)params;
    while (flow_can_move(flow)) {
        struct chunk *front = flow_front(flow);

        if (front->kind == CHUNK_BYTES)
            queue_own_front(flow->in);
        for (size_t i = 0; i < front->length; i++)
            front->start[i] = (unsigned char)toupper(front->start[i]);
        flow->touched += flow_pass(flow);
    }
}

/* Puts bytes before the end for as long as there is room, up to a length. */
static void pad_pump(void *state, const void *params, struct flow *flow)
{
    const struct plan *plan = params;
    size_t *made = state;

    while (flow_can_move(flow)) {
        if (!chunk_is_final(flow_front(flow))) {
            (void)flow_pass(flow);
            continue;
        }
        for (; *made < plan->length; ++*made) {
            if (flow_room(flow) == 0)
                return;
            flow_emit(flow, "+", 1, PART_BODY);
        }
        (void)flow_pass(flow);
    }
}

/* Keeps bytes for the delay, then throws them away; asks for a later wake-up, too, which must not
 * win. */
static void lose_pump(void *state, const void *params, struct flow *flow)
{
    const struct plan *plan = params;

    (void)state;
    while (flow_can_move(flow) && !chunk_is_final(flow_front(flow))) {
        usec due = usec_after(flow_front(flow)->arrived, plan->delay);

        if (flow_must_wait(flow, due) && flow_must_wait(flow, usec_after(due, plan->delay)))
            return;
        (void)flow_discard(flow);
    }
}

/* Puts bytes out whether any come in or not, as room allows. */
static void gush_pump(void *state, const void *params, struct flow *flow)
{
    const struct plan *plan = params;
    size_t *made = state;

    for (; *made < plan->length && flow_room(flow) > 0; ++*made)
        flow_emit(flow, "+", 1, PART_BODY);
    while (flow_can_move(flow))
        (void)flow_pass(flow);
}

/* Wants to be called again after the delay, until the first byte has come. */
static void watch_pump(void *state, const void *params, struct flow *flow)
{
    const struct plan *plan = params;
    bool *seen = state;

    while (flow_can_move(flow))
        *seen = flow_pass(flow) > 0 || *seen;
    if (!*seen)
        flow->wake = usec_after(flow->now, plan->delay);
}

const struct filter_ops plain_pass = { .name = "pass", .pump = pass_pump };
const struct filter_ops plain_late = { .name = "late", .pump = late_pump };
const struct filter_ops plain_cut = { .name = "cut",
                                      .state_size = sizeof(size_t),
                                      .pump = cut_pump };
const struct filter_ops plain_slice = { .name = "slice", .pump = slice_pump };
const struct filter_ops plain_replace = { .name = "replace", .pump = replace_pump };
const struct filter_ops plain_upper = { .name = "upper", .pump = upper_pump };
const struct filter_ops plain_pad = { .name = "pad",
                                      .state_size = sizeof(size_t),
                                      .pump = pad_pump };
const struct filter_ops plain_lose = { .name = "lose", .pump = lose_pump };
const struct filter_ops plain_gush = { .name = "gush",
                                       .state_size = sizeof(size_t),
                                       .pump = gush_pump };
const struct filter_ops plain_watch = { .name = "watch",
                                        .state_size = sizeof(bool),
                                        .pump = watch_pump };
