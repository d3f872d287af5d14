/* attempt: what kinds of faults do to an exchange. */
#include "history/attempt.h"

#include "base/attributes.h"

static const struct touch {
    const char *kind;
    unsigned bit;
} touches[] = {
    { "error", TOUCH_ANSWER },
    { "ratelimit", TOUCH_ANSWER },
    { "stale", TOUCH_ANSWER },
    { "redirect", TOUCH_REDIRECT },
    { "latency", TOUCH_DELAY },
    { "bandwidth", TOUCH_DELAY },
    { "slow", TOUCH_DELAY },
    { "hang", TOUCH_HANG },
    { "accept-silence", TOUCH_HANG },
    { "handshake-stall", TOUCH_HANG },
    { "flood", TOUCH_VOLUME },
    { "cookies", TOUCH_VOLUME },
    { "storm", TOUCH_VOLUME },
    { "truncate", TOUCH_CUT },
    { "drop-after", TOUCH_CUT },
    { "close", TOUCH_CUT },
    { "slow-close", TOUCH_CUT },
    { "reset", TOUCH_RESET },
    { "corrupt", TOUCH_CONTENT },
    { "body", TOUCH_CONTENT },
    { "header", TOUCH_CONTENT },
    { "malformed", TOUCH_CONTENT },
    { "slice", TOUCH_CONTENT },
    { "refuse", TOUCH_DIAL },
    { "unresolved", TOUCH_DIAL },
    { "unreachable", TOUCH_DIAL },
    { "alert", TOUCH_TLS },
    { "version", TOUCH_TLS },
    { "resumption", TOUCH_TLS },
    { "max-age", TOUCH_TLS },
    { "certificate", TOUCH_CERTIFICATE },
};

unsigned attempt_touch(struct text fault_kind)
{
    for (size_t i = 0; i < COUNT_OF(touches); i++)
        if (text_is(fault_kind, touches[i].kind))
            return touches[i].bit;
    return TOUCH_OTHER;
}
