/* hang: nothing more comes, and the connection stays open. */
#include "faults/direction.h"
#include "faults/fault.h"

enum hang_at { AT_HEAD, AT_BODY };
enum hang_until { UNTIL_RUN, UNTIL_PHASE };

struct hang {
    usec lasts; /* 0: not limited */
    int at, on, until;
    uint64_t after;
};

static const char *const places[] = { "head", "body", NULL };
static const char *const ends[] = { "run", "phase", NULL };

static const struct field fields[] = {
    FIELD(struct hang, lasts, usec, FIELD_DURATION, .name = "for", .least = 1,
          .most = (double)(24 * HOUR), .clock = CLOCK_WALL, .main = true,
          .help = "how long; without it, until what `until` names"),
    FIELD(struct hang, at, int, FIELD_CHOICE, .name = "at", .choices = places, .fallback = "head",
          .help = "before the answer begins, or in a body"),
    FIELD(struct hang, on, int, FIELD_CHOICE, .name = "on", .choices = direction_choices,
          .fallback = "response", .help = "whose body; with at: body"),
    FIELD(struct hang, after, uint64_t, FIELD_SIZE, .name = "after", .fallback = "0",
          .help = "how much of the body still passes, 0 for the head alone; with at: body"),
    FIELD(struct hang, until, int, FIELD_CHOICE, .name = "until", .choices = ends,
          .fallback = "run", .help = "what ends it at the latest: the run, or the present phase"),
    END_OF_FIELDS,
};

static bool check(void *params, struct buffer *complaint)
{
    const struct hang *hang = params;

    if (hang->at == AT_BODY)
        return true;
    if (hang->after > 0)
        buffer_add_string(complaint, "after counts bytes of the body: it goes with at: body");
    else if (hang->on != ON_RESPONSE)
        buffer_add_string(complaint, "on says whose body stops: it goes with at: body");
    else
        return true;
    return false;
}

static usec hang_length(const struct hang *hang)
{
    return hang->lasts ? hang->lasts : NEVER;
}

struct hold {
    uint64_t passed;
    bool begun;
    usec due;
};

static void begin(struct hold *hold, const struct hang *hang, const struct hit *hit, usec now)
{
    hold->begun = true;
    hold->due = usec_after(now, hang_length(hang));
    if (hang->until == UNTIL_PHASE)
        hold->due = usec_min(hold->due, hit->phase_ends);
}

static void pump(void *state, const void *params, struct flow *flow)
{
    struct hold *hold = state;
    const struct hit *hit = params;
    const struct hang *hang = hit->params;

    while (flow_can_move(flow)) {
        if (hold->passed < hang->after) {
            uint64_t left = hang->after - hold->passed;

            hold->passed += flow_pass_up_to(flow, left < SIZE_MAX ? (size_t)left : SIZE_MAX);
            continue;
        }
        if (!hold->begun)
            begin(hold, hang, hit, flow->now);
        if (flow_must_wait(flow, hold->due))
            return;
        flow_pass(flow);
    }
}

static const struct filter_ops filter = {
    .name = "hang",
    .state_size = sizeof(struct hold),
    .pump = pump,
};

/* Of several hangs the longest stays; one that may end with its phase counts as shorter. */
static bool is_longer(const struct hang *hang, const struct request_plan *plan)
{
    usec lasts = hang_length(hang);

    if (plan->hang == HANG_NONE || lasts > plan->hang_for)
        return true;
    return lasts == plan->hang_for && plan->hang_until_phase && hang->until != UNTIL_PHASE;
}

static void at_request(const void *params, struct request_plan *plan)
{
    const struct hang *hang = params;

    plan->way.hit->phase_ends = plan->phase_ends;
    if (hang->at == AT_BODY && direction_has_request(hang->on))
        plan_filter_past(&plan->way, &filter, hang->after);
    if (hang->at != AT_HEAD || !is_longer(hang, plan))
        return;
    plan->hang = HANG_HEAD;
    plan->hang_for = hang_length(hang);
    plan->hang_until_phase = hang->until == UNTIL_PHASE;
    plan->hang_by = plan->way.hit;
}

static void at_response(const void *params, struct response_plan *plan)
{
    const struct hang *hang = params;

    if (hang->at == AT_BODY && direction_has_response(hang->on))
        plan_filter_past(&plan->way, &filter, hang->after);
}

const struct fault_kind fault_hang = {
    .name = "hang",
    .family = "time",
    .summary = "silence on an open connection",
    .about =
        "Nothing comes, and nothing says that nothing will: before the answer begins (at: head) or "
        "when so much of its body has passed (at: body), which with after: 0 means behind its "
        "head. With on: request it is the request's body that stops on its way to the origin, "
        "which has the head by then. The connection stays open. At the head "
        "the origin is not asked before the hang is over; when it is over, the exchange goes on "
        "as if nothing had been. It lasts for the time given, or until the present phase ends, "
        "whichever comes first, and without either until the run ends or the client gives up. "
        "Of several hangs at the head the longest counts. A body that is no longer than `after` "
        "is not held. In a tunnel, a body is what comes from that side. It is real time: a "
        "scenario's speed does not shorten it.",
    .example = "hang: {at: body, after: 4KiB, for: 30s}",
    .fields = fields,
    .params_size = sizeof(struct hang),
    .stands_on = FAULT_ON_HTTP | FAULT_ON_TUNNEL,
    .check = check,
    .at_request = at_request,
    .at_response = at_response,
};
