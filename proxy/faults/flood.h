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

enum flood_json_by { FLOOD_BY_SPACE, FLOOD_BY_MEMBERS };
enum flood_events_by { FLOOD_BY_COMMENTS, FLOOD_BY_EVENTS };
enum flood_pack { FLOOD_PACK_AS_SENT, FLOOD_PACK_GZIP };
enum flood_style { FLOOD_DEBUG, FLOOD_TRACE };

struct flood {
    double body;  /* 0: left alone */
    uint64_t add; /* bytes, in place of `body`; 0: none */
    int json, events, pack, style, on;
    bool opaque, force, endless;
    uint64_t pace; /* bytes added each second; 0: as they fit */
    uint64_t headers, header_size;
    uint64_t limit;
};

/* The first member of each flood filter's state. */
struct flood_pace {
    double more;     /* bytes to add for each that passes */
    uint64_t sure;   /* bytes that are added by the end, however short the body is */
    uint64_t most;   /* bytes to add in all: at most, or exactly where `exact` */
    uint64_t length; /* of the body as it comes, where `exact` */
    uint64_t speed;  /* bytes added each second; 0: as they fit */
    usec begun;      /* … since then */
    bool exact;      /* the head promises what comes out */
    bool endless;    /* the body's end never comes */
    bool alike;      /* what is added repeats itself, so that it packs well */
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
/* How many bytes may be added now: there is room, and it is not too fast. Else books the wake-up.
 */
size_t flood_room(struct flood_pace *pace, struct flow *flow);
/* The same of room that the caller has found. */
size_t flood_slowed(struct flood_pace *pace, struct flow *flow, size_t room);
/* As many of `wanted` bytes as may be added now. */
size_t flood_afford(struct flood_pace *pace, struct flow *flow, uint64_t wanted);
/* flow_emit for the body, counted. */
void flood_add(struct flood_pace *pace, struct flow *flow, const char *bytes, size_t length);
/* Writes `length` bytes of text that can be added next. */
void flood_words(const struct flood_pace *pace, char *at, size_t length);
/* Passes bytes of the body on, counted. */
void flood_pass(struct flood_pace *pace, struct flow *flow, size_t length);
/* Whether these are bytes of the body; if not, they are its trailer or its end. */
bool flood_is_body(const struct chunk *chunk);
/* Whether the chunk, which is not of the body, says that the body is whole and wants its rest. */
bool flood_wants_rest(const struct flood_pace *pace, const struct chunk *chunk);
/* At a chunk that is not of the body: adds the rest by `add`, which puts out a piece of about
 * `length` (> 0) bytes or declares the body settled, then passes the chunk on. False: it must wait
 * for room, or for good. */
MUST_USE bool flood_pass_end(struct flood_pace *pace, struct flow *flow,
                             void (*add)(struct flood_pace *pace, struct flow *flow,
                                         size_t length));
/* The whole pump of a filter that leaves the body as it is and adds behind its end. */
void flood_pump_behind(struct flood_pace *pace, struct flow *flow,
                       void (*add)(struct flood_pace *pace, struct flow *flow, size_t length));

/* flood_json.c: white space for a document, shared with those that may find they can add no more
 * than that. */
struct flood_json {
    struct flood_pace pace;
    bool breaks; /* line ends may be added */
    bool in_string, escaped;
    bool opened;    /* a bracket has been; what stands before may be a guard such as `)]}',` */
    bool line_used; /* bytes stand in the present line */
};
/* Moves all that it can. */
void flood_json_move(struct flood_json *json, struct flow *flow);
/* Adds blanks, and line ends among them where `breaks`. */
void flood_json_blanks(struct flood_json *json, struct flow *flow, size_t length, bool breaks);

/* Makes the body grow, if it can be made to. `answer` is NULL for a request; `most`: bytes. */
void flood_body(const struct flood *flood, struct way_plan *plan, struct response_plan *answer,
                uint64_t most);
/* Takes out of the head what a longer body makes untrue: ranges, a strong validator, and digests,
 * unless `answer` can be held until there are new ones. */
void flood_mend_head(struct way_plan *plan, struct response_plan *answer, bool fast);
/* Passes the trailer at the front on, without digests. */
void flood_pass_trailer(struct flow *flow);

/* The filter that keeps bodies of this Content-Type valid; NULL: none does. */
const struct filter_ops *flood_filter(const struct flood *flood, struct text content_type);
extern const struct filter_ops flood_json;       /* one value */
extern const struct filter_ops flood_json_lines; /* a value in each line */
extern const struct filter_ops flood_members;    /* one value that gains a member */
extern const struct filter_ops flood_records;    /* … and more of them */
extern const struct filter_ops flood_lines;      /* plain text */
extern const struct filter_ops flood_events;     /* text/event-stream: comments */
extern const struct filter_ops flood_messages;   /* … and events */
extern const struct filter_ops flood_comments;   /* HTML, XML */
extern const struct filter_ops flood_padding;    /* anything, with what follows it */

/* The least that flood_records can add. */
enum { FLOOD_RECORD_LEAST = 48 };

/* Adds the header fields asked for, and returns their bytes. */
uint64_t flood_headers(const struct flood *flood, struct way_plan *plan);

#endif
