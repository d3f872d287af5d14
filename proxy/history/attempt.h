/* attempt: an exchange as the verdict sees it: who, when, what, how it ended, and what we had done
 * to it. */
#ifndef PANNE_HISTORY_ATTEMPT_H
#define PANNE_HISTORY_ATTEMPT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/random.h"
#include "base/text.h"
#include "base/time.h"

enum attempt_end {
    ATTEMPT_ANSWERED,   /* whole; the status says the rest */
    ATTEMPT_BROKEN,     /* cut off, closed or reset before its end, by us or by the origin */
    ATTEMPT_LEFT,       /* the client gave up and closed */
    ATTEMPT_UNFINISHED, /* the end of the run cut it off: nobody knows what would have come */
    ATTEMPT_TUNNEL,     /* bytes that nobody can read: CONNECT, upgraded connections */
};

enum method_class {
    METHOD_SAFE,       /* RFC 9110, 9.2.1: GET HEAD OPTIONS TRACE (and QUERY) */
    METHOD_IDEMPOTENT, /* 9.2.2: PUT DELETE */
    METHOD_UNSAFE,     /* all others */
};

/* What faults that were exercised on it did, by their kinds (attempt_touch). */
enum {
    TOUCH_ANSWER = 1,    /* error, ratelimit, stale: an answer that was not the origin's */
    TOUCH_REDIRECT = 2,  /* redirect */
    TOUCH_DELAY = 4,     /* latency, bandwidth, slow */
    TOUCH_HANG = 8,      /* hang, accept-silence, handshake-stall */
    TOUCH_VOLUME = 16,   /* flood, cookies, storm */
    TOUCH_CUT = 32,      /* truncate, drop-after, close, slow-close: less than was announced */
    TOUCH_RESET = 64,    /* reset */
    TOUCH_CONTENT = 128, /* corrupt, body, header, malformed, slice */
    TOUCH_DIAL = 256,    /* refuse, unresolved, unreachable */
    TOUCH_TLS = 512,     /* alert, version, resumption, max-age */
    TOUCH_CERTIFICATE = 1024,
    TOUCH_OTHER = 2048, /* a kind that this version does not know */
};
unsigned attempt_touch(struct text fault_kind);

/* Indices that stand for none. */
#define HISTORY_NONE UINT16_MAX
#define HISTORY_NOBODY UINT32_MAX

/* Texts are lent for the call only. */
struct attempt {
    uint64_t exchange, connection; /* numbers, as in the log */
    usec began, ended;             /* since the start of the run; began: the head was complete */
    usec first_byte;               /* after `began`; NEVER: none */
    uint32_t client;               /* history_client; HISTORY_NOBODY: past the bound */
    uint16_t service, phase;       /* history_service, history_phase; HISTORY_NONE */
    uint16_t status;               /* that the client got; 0: none */
    enum attempt_end end;
    enum method_class method_class;
    bool ok;          /* whole, 2xx or 3xx (304 too) */
    bool failed;      /* worth another try: 408 425 429 500 502 503 504, a throttling error type, or
                         no whole answer (verdict.md, F(o)); not UNFINISHED */
    bool final;       /* an answer that another try will not change: any other status from 400 */
    bool ambiguous;   /* failed, and the origin may have done the work: broken, left, 500 502 504 */
    bool throttled;   /* 429, a throttling error type, or 503 with a time to wait */
    bool repeatable;  /* its service says that POST and PATCH may be repeated */
    unsigned touched; /* TOUCH_ bits; 0: nothing was done to it */
    usec delay;       /* injected, as measured */
    usec retry_after; /* what the answer asked for; NEVER: nothing */
    bool retry_date;  /* … to the second only */
    uint64_t print, mark, key, tag, known_tag; /* as in the log; 0: none */
    unsigned told;                             /* the attempt's number by the client; 0: not told */
    uint64_t bytes_up, bytes_down;
    struct text method, host, path, agent, error, marker;
    /* Filled in by the grouping, see operation.h. */
    uint64_t pair;  /* attempt_pair of print and client; 0: it has no print */
    bool distinct;  /* its mark is that of one operation: what has another mark is another's */
    uint32_t index; /* place in its operation, from 0 */
    usec gap;       /* from the end of the attempt before to the beginning of this; negative where
                       they overlap; NEVER for the first */
};

/* What attempts of one client at one thing have in common. Even, and not 0. */
static inline uint64_t attempt_pair(uint64_t print, uint32_t client)
{
    uint64_t pair = random_mix(print ^ (uint64_t)client << 32) & ~UINT64_C(1);

    return pair ? pair : 2;
}

#endif
