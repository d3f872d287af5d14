/* stale: an answer from before, once more. */
#include "faults/fault.h"

struct stale {
    usec age;
};

static const struct field fields[] = {
    FIELD(struct stale, age, usec, FIELD_DURATION, .name = "age", .fallback = "0", .least = 0,
          .most = (double)(365 * 24 * HOUR), .clock = CLOCK_WALL, .main = true,
          .help = "how old it says to be at least; 0: as old as it is"),
    END_OF_FIELDS,
};

static void at_request(const void *params, struct request_plan *plan)
{
    const struct stale *stale = params;

    if (plan->answer.status != 0 || plan->wants_stale) {
        plan->way.hit->shadowed = true;
        return;
    }
    plan->wants_stale = true;
    plan->stale_by = plan->way.hit;
    plan->stale_age = stale->age;
}

const struct fault_kind fault_stale = {
    .name = "stale",
    .family = "answers",
    .summary = "an earlier answer, once more",
    .about =
        "The client gets a good answer that the origin gave to the same request before, with its "
        "old Date and with an Age, as from a cache that cannot reach its origin any more; the "
        "origin is not asked. Where none was kept, the request goes on, another fault may answer "
        "it, and the log says that this one was not exercised. Kept are, for the services that "
        "some rule with stale names, whole answers of status 200 to GET requests without Range, "
        "of at most 256 KiB and without Set-Cookie and Cache-Control: no-store. The same request "
        "is one to the same host, with the same path, query, Authorization, X-Api-Key, Cookie, "
        "Accept, Accept-Encoding, Accept-Language and Origin; an answer whose Vary names another "
        "field is not kept. At most 4096 answers and 64 MiB are kept, and what was not asked for "
        "the "
        "longest time goes first. With `age`, an answer that is younger has its Date set back.",
    .example = "stale: {age: 1h}",
    .fields = fields,
    .params_size = sizeof(struct stale),
    .stands_on = FAULT_ON_HTTP,
    .needs = FAULT_NEEDS_KEPT_ANSWERS,
    .at_request = at_request,
};
