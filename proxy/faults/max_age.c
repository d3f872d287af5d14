/* max-age: connections do not grow old. */
#include "faults/fault.h"

struct max_age {
    usec age;
};

static const struct field fields[] = {
    FIELD(struct max_age, age, usec, FIELD_DURATION, .name = "age", .fallback = "1s", .least = 1,
          .most = (double)(24 * HOUR), .clock = CLOCK_WALL, .main = true,
          .help = "how long a connection may live"),
    END_OF_FIELDS,
};

static void at_connection(const void *params, struct connection_plan *plan)
{
    const struct max_age *max_age = params;

    if (plan->max_age != 0 && plan->max_age <= max_age->age)
        return;
    plan->max_age = max_age->age;
    plan->max_age_by = plan->hit;
}

const struct fault_kind fault_max_age = {
    .name = "max-age",
    .family = "connection",
    .summary = "connections are closed when they have reached an age",
    .about =
        "A client's connection that is older than the age given is closed at its first quiet "
        "moment: at once while it is idle, and behind the answer that is on, which says so in its "
        "Connection field, where it is not. No answer is broken off. This is what load balancers "
        "do; a client that does not expect it sends a request into a connection that is closing. "
        "Of several ages the lowest counts. It is real time: a scenario's speed does not shorten "
        "it.",
    .example = "max-age: 5s",
    .fields = fields,
    .params_size = sizeof(struct max_age),
    .stands_on = FAULT_ON_CONNECTION,
    .at_connection = at_connection,
};
