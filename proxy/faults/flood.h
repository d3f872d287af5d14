/* flood: what the parts of the flood share: its parameters, and how much is to be added when. For
 * flood*.c alone. */
#ifndef PANNE_FAULTS_FLOOD_H
#define PANNE_FAULTS_FLOOD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "faults/plan.h"
#include "stream/filter.h"

struct flood {
    double body; /* 0: left alone */
    uint64_t headers, header_size;
    uint64_t limit;
};

/* The first member of each flood filter's state. */
struct flood_pace {
    double more;     /* bytes to add for each that passes */
    uint64_t most;   /* bytes to add in all: at most, or exactly where `exact` */
    uint64_t length; /* of the body as it comes, where `exact` */
    bool exact;      /* the head promises what comes out */
    bool settled;    /* the body's end has been dealt with */
    uint64_t passed, added;
    uint64_t bits;
};

/* struct filter_ops' open for all of them; `params` is the hit. */
void flood_open(void *state, const void *params, struct arena *arena);

/* Bytes that should have been added by now, and have not been. */
uint64_t flood_owed(const struct flood_pace *pace);
/* Bytes to be added at the body's end. */
uint64_t flood_rest(const struct flood_pace *pace);
/* How many bytes must have passed before adding is worth a chunk of its own: soon in a short body,
 * in larger pieces as it goes on, never less than `least` bytes. UINT64_MAX: never again. */
uint64_t flood_due(const struct flood_pace *pace, uint64_t least);
/* As many of `wanted` bytes as there is room for. */
size_t flood_afford(const struct flow *flow, uint64_t wanted);
/* flow_emit for the body, counted. */
void flood_add(struct flood_pace *pace, struct flow *flow, const char *bytes, size_t length);
/* Passes bytes of the body on, counted. */
void flood_pass(struct flood_pace *pace, struct flow *flow, size_t length);
/* Whether these are bytes of the body; if not, they are its trailer or its end. */
bool flood_is_body(const struct chunk *chunk);
/* Whether the chunk, which is not of the body, says that the body is whole and wants its rest. */
bool flood_wants_rest(const struct flood_pace *pace, const struct chunk *chunk);
/* At a chunk that is not of the body: adds the rest by `add`, which puts out a piece of at most
 * `length` (> 0) bytes, then passes the chunk on. False: it must wait for room. */
MUST_USE bool flood_pass_end(struct flood_pace *pace, struct flow *flow,
                             void (*add)(struct flood_pace *pace, struct flow *flow,
                                         size_t length));

/* Takes out of the head what a longer body makes untrue: digests, ranges, a strong validator. */
void flood_mend_head(struct way_plan *plan);
/* Passes the trailer at the front on, without digests. */
void flood_pass_trailer(struct flow *flow);

/* The filter that keeps bodies of this Content-Type valid; NULL: none does. */
const struct filter_ops *flood_filter(struct text content_type);
extern const struct filter_ops flood_json;       /* one value */
extern const struct filter_ops flood_json_lines; /* a value in each line */
extern const struct filter_ops flood_lines;      /* plain text */
extern const struct filter_ops flood_events;     /* text/event-stream */
extern const struct filter_ops flood_comments;   /* HTML, XML */

/* Adds the header fields asked for, and returns their bytes. */
uint64_t flood_headers(const struct flood *flood, struct way_plan *plan);

#endif
