/* check_reuse: do connections serve more than one request? */
#include "verdict/check.h"
#include "verdict/statistics.h"

struct limits {
    double at_least, warn;
};

static const struct field fields[] = {
    FIELD(struct limits, at_least, double, FIELD_SHARE, .name = "at-least", .fallback = "20%",
          .main = true, .help = "share of requests on a connection that was there; fewer fail"),
    FIELD(struct limits, warn, double, FIELD_SHARE, .name = "warn", .fallback = "50%",
          .help = "share below which it warns"),
    END_OF_FIELDS,
};

struct state {
    uint64_t requests, reused;
};

static void take_link(void *user, const void *limits, const struct link *link)
{
    struct state *state = user;

    (void)limits;
    if (link->requests == 0 || link->touched != 0)
        return;
    state->requests += link->requests;
    state->reused += link->requests - 1;
}

static void judge(void *user, const struct judging *judging, struct finding *finding)
{
    struct state *state = user;
    const struct limits *limits = judging->limits;
    struct bound bound;

    if (state->requests == 0) {
        finding_unclear(finding, statistics_needed_above(limits->at_least, judging->alpha),
                        "no connection with a request has ended");
        return;
    }
    bound = statistics_share(state->reused, state->requests, judging->alpha);
    finding_measure(finding, UNIT_SHARE, bound.value, state->requests, "requests");
    finding_bounds(finding, bound.low, bound.high);
    finding_say(finding, "%llu requests on %llu connections", (unsigned long long)state->requests,
                (unsigned long long)(state->requests - state->reused));
    finding_at_least(finding, limits->warn, limits->at_least, 0);
}

const struct check check_reuse = {
    .name = "reuse",
    .title = "Reused connections",
    .asks = "connections serve more than one request",
    .about = "Requests that were not the first on their connection, of all. Connections that a "
             "fault was done to are left out. Bounds of the share are exact.",
    .pattern = "keep-alive",
    .remedy = "share one client or pool in the program, and read answers to their end",
    .source = "RFC 9112, 9.3, https://www.rfc-editor.org/rfc/rfc9112#section-9.3",
    .group = GROUP_CONNECTIONS,
    .limits = fields,
    .limits_size = sizeof(struct limits),
    .state_size = sizeof(struct state),
    .calm = true,
    .connection = take_link,
    .judge = judge,
};
