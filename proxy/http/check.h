/* check: our own strict judgement on the bytes of a head, before anything else believes them. */
#ifndef PANNE_HTTP_CHECK_H
#define PANNE_HTTP_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/text.h"
#include "http/codec.h"

#define METHOD_SIZE_MOST 32u
#define TARGET_SIZE_MOST 16384u

/* Where a field stands, in bytes from the start of the head; heads are no longer than 32 KiB. */
struct spot {
    uint16_t name, name_length, value, value_length;
    uint8_t id; /* enum field_id */
};

/* What the bytes are found to be. Texts are lent from them. */
struct check {
    enum head_kind kind;
    bool limited; /* `end` is the limit: running into it is too much, not too little */
    bool rough;   /* there is a tab behind a value */
    const char *start, *at, *end; /* of the bytes, or of what is allowed of them; what is next */
    size_t field_most;
    struct spot *spots; /* the caller's, room for field_most */
    size_t spot_count;  /* a Content-Length said again has none */

    struct text method, target; /* requests */
    unsigned minor;
    unsigned status; /* responses */
    struct text reason;

    size_t field_count, host_count, length_count, coding_count;
    struct text host;   /* the first one's value */
    struct text length; /* Content-Length, all the same if several */
    struct text coding; /* the first Transfer-Encoding */
    bool lengths_differ;

    unsigned refusal; /* READ_WRONG: the status to refuse a request with */
    const char *complaint;
};

/* One pass over a head: start line, field lines, empty line. READ_DONE: `at` stands behind the
 * empty line. The result for a piece of a head is READ_MORE, or already the complaint that the
 * whole would get. `spots` is lent, with room for the limits' field_count. */
MUST_USE enum read_result check_head(struct check *check, enum head_kind kind, struct text bytes,
                                     const struct head_limits *limits, struct spot *spots);
/* One line of a trailer section with its CRLF; `spot` says where its field stands. */
MUST_USE enum read_result check_trailer_line(struct check *check, struct text line,
                                             struct spot *spot);

/* For the parts of the check: sets refusal and complaint, returns READ_WRONG. */
enum read_result check_refuse(struct check *check, unsigned status, const char *complaint);
/* The bytes have run out: READ_MORE, or a refusal with `status` at the limit. */
enum read_result check_ran_out(struct check *check, unsigned status, const char *complaint);
/* The CRLF that must stand at `at`. */
enum read_result check_line_end(struct check *check, const char *at);
/* The start line, up to and with its CRLF (check_start.c). */
MUST_USE enum read_result check_start_line(struct check *check);
/* The first byte at or behind `at` that is no field value's. */
const char *check_skip_value(const char *at, const char *end);

#endif
