/* marks: what a request's fields tell of the client and of its attempts, and an answer's of what it
 * asks for. Values that may be secret come out as salted hashes, never 0. */
#ifndef PANNE_SERVE_MARKS_H
#define PANNE_SERVE_MARKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "base/time.h"
#include "http/head.h"

/* Empty or 0 where a request has none. Texts are lent from the head, or constants. */
struct marks {
    struct text agent;  /* the first product of User-Agent, at most 64 bytes */
    struct text marker; /* the name, in lower case, of the field that ties attempts together best */
    uint64_t mark;      /* of what in its value is the same for all; 0: only numbers them */
    uint64_t attempt;   /* from 1 */
    uint64_t key;       /* of the Idempotency-Key */
    uint64_t known_tag; /* of the first tag in If-None-Match, If-Match or If-Range */
};

/* The fields: the AWS SDKs' amz-sdk-invocation-id and amz-sdk-request (attempt=1; max=3); the IETF
 * draft of Idempotency-Key; Google's storage clients (x-goog-gcs-idempotency-token, and
 * gccl-invocation-id/… in x-goog-api-client); x-stainless-retry-count of SDKs that Stainless makes
 * (OpenAI, Anthropic), from 0; gRPC's A6 (grpc-previous-rpc-attempts, from 0); W3C's Trace Context;
 * and the usual names of request ids, last, as they may as well be new for each attempt. */
void marks_read(const struct head *head, uint64_t salt, struct marks *marks);

/* Of an answer. */
struct wishes {
    usec retry_after; /* NEVER: it does not say; of several fields, the least */
    bool retry_date;  /* a date said so */
    struct text date; /* Retry-After, where it is no number: for wishes_add_date */
    struct text error;
    uint64_t tag; /* of its ETag; weak or not makes no difference (RFC 9110, 8.8.3.2) */
};

/* Retry-After (RFC 9110, 10.2.3), x-amz-retry-after, retry-after-ms and
 * gRPC's grpc-retry-pushback-ms, the last three in milliseconds; x-amzn-errortype without namespace
 * and address, x-ms-error-code, or a grpc-status other than 0. */
void wishes_read(const struct head *head, uint64_t salt, struct wishes *wishes);
/* The date, if it is one, seen from when the answer came, since 1970. What is past is a wait of 0.
 */
void wishes_add_date(struct wishes *wishes, usec came);

/* Of a list of entity tags, the first: what stands between its quotes. 0: none. */
uint64_t marks_tag(struct text tags, uint64_t salt);

#endif
