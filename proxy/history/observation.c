/* observation: what an exchange's end means to its client. */
#include "history/observation.h"

#include <string.h>

#include "base/attributes.h"

/* Constants, whose lengths are known: nearly all methods and ends are told by these alone. */
#define IS(text, literal) \
    ((text).length == sizeof(literal) - 1 && memcmp((text).at, literal, sizeof(literal) - 1) == 0)

/* A client that closes half with its request does so at once. */
#define HALF_CLOSE (20 * MSEC)

static enum method_class class_of(struct text method)
{
    if (IS(method, "GET") || IS(method, "HEAD") || IS(method, "OPTIONS") || IS(method, "TRACE") ||
        IS(method, "QUERY"))
        return METHOD_SAFE;
    return IS(method, "PUT") || IS(method, "DELETE") ? METHOD_IDEMPOTENT : METHOD_UNSAFE;
}

/* The client stopped sending before there was any answer. With its request that may be half a close
 * (RFC 9112, 9.6), as simple tools do; later it means that the client has gone, and that what was
 * sent then was sent to nobody. */
static bool has_gone(const struct event_request *event)
{
    return event->client_ended != NEVER && event->client_ended > HALF_CLOSE &&
           (event->first_byte == NEVER || event->client_ended < event->first_byte);
}

static enum attempt_end end_of(const struct event_request *event)
{
    if (IS(event->outcome, "answered") || IS(event->outcome, "made"))
        return has_gone(event) ? ATTEMPT_LEFT : ATTEMPT_ANSWERED;
    if (IS(event->outcome, "client-left"))
        return ATTEMPT_LEFT;
    if (IS(event->outcome, "tunnel") || IS(event->outcome, "upgraded"))
        return ATTEMPT_TUNNEL;
    if (IS(event->outcome, "cut") && IS(event->detail, "the run was ended"))
        return ATTEMPT_UNFINISHED;
    if (IS(event->outcome, "upstream-failed") || IS(event->outcome, "refused"))
        return event->status > 0 ? ATTEMPT_ANSWERED : ATTEMPT_BROKEN;
    return ATTEMPT_BROKEN;
}

static bool contains(struct text text, const char *word)
{
    return text.length > 0 && memmem(text.at, text.length, word, strlen(word)) != NULL;
}

/* The codes that AWS SDKs take for throttling (their standard retry mode's list), and gRPC's
 * RESOURCE_EXHAUSTED (8). */
static bool is_throttling(struct text error)
{
    static const char *const words[] = { "hrottl",
                                         "TooManyRequests",
                                         "SlowDown",
                                         "ThroughputExceeded",
                                         "RequestLimitExceeded",
                                         "BandwidthLimitExceeded" };

    if (text_is_empty(error))
        return false;
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (contains(error, words[i]))
            return true;
    return IS(error, "8");
}

/* gRPC's UNAVAILABLE (14) comes with status 200. */
static bool is_failure(unsigned status, struct text error)
{
    if (status == 200)
        return IS(error, "14") || IS(error, "8");
    if (status == 408 || status == 425 || status == 429)
        return true;
    return status >= 500 && status != 501 && status != 505;
}

static void judge_answer(struct attempt *attempt)
{
    unsigned status = attempt->status;
    bool throttling;

    if (status == 200 && text_is_empty(attempt->error)) { /* nearly always */
        attempt->ok = true;
        return;
    }
    throttling = is_throttling(attempt->error);
    attempt->failed = is_failure(status, attempt->error) || (throttling && status >= 400);
    attempt->throttled = status == 429 || (throttling && attempt->failed) ||
                         (status == 503 && attempt->retry_after != NEVER);
    attempt->ok = !attempt->failed && status >= 200 && status < 400;
    attempt->final = !attempt->failed && status >= 400;
    attempt->ambiguous = status == 500 || status == 502 || status == 504;
}

static void judge(struct attempt *attempt)
{
    switch (attempt->end) {
    case ATTEMPT_ANSWERED:
        judge_answer(attempt);
        break;
    case ATTEMPT_BROKEN:
    case ATTEMPT_LEFT:
        attempt->failed = attempt->ambiguous = true;
        break;
    case ATTEMPT_UNFINISHED:
    case ATTEMPT_TUNNEL:
        break;
    }
}

/* Nothing began before the run, or after its own end. */
static usec since(usec moment, usec length)
{
    return length == NEVER || length < 0 ? moment : usec_max(moment - length, 0);
}

/* NEVER stays. */
static usec not_negative(usec length)
{
    return usec_max(length, 0);
}

void observation_of(const struct event_request *event, usec time, struct attempt *attempt)
{
    *attempt = (struct attempt){
        .exchange = event->exchange,
        .connection = event->connection,
        .began = since(time, event->lasted),
        .ended = time,
        .first_byte = not_negative(event->first_byte),
        .client = HISTORY_NOBODY,
        .service = HISTORY_NONE,
        .phase = HISTORY_NONE,
        .status = event->status <= UINT16_MAX ? (uint16_t)event->status : 0,
        .end = end_of(event),
        .method_class = class_of(event->method),
        .delay = event->measured == NEVER ? 0 : not_negative(event->measured),
        .retry_after = not_negative(event->retry_after),
        .retry_date = event->retry_date,
        .print = event->print,
        .mark = event->mark,
        .key = event->key,
        .tag = event->tag,
        .known_tag = event->known_tag,
        .told = event->attempt <= UINT32_MAX ? (unsigned)event->attempt : 0,
        .bytes_up = event->bytes_up,
        .bytes_down = event->bytes_down,
        .method = event->method,
        .host = event->host,
        .path = event->path,
        .agent = event->agent,
        .error = event->error,
        .marker = event->marker,
        .gap = NEVER,
    };
    if (attempt->end == ATTEMPT_LEFT && has_gone(event)) {
        attempt->ended = attempt->began + event->client_ended;
        attempt->status = 0;
        attempt->first_byte = NEVER;
    }
    judge(attempt);
}
