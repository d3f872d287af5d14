/* field: typed parameters as a table; reading, defaults, help and schema all come from one row. */
#ifndef PANNE_BASE_FIELD_H
#define PANNE_BASE_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/buffer.h"
#include "base/text.h"
#include "base/time.h"

enum field_type {
    FIELD_DURATION,  /* usec: `200ms`, `2s`, `1h30m`, `20us`; a unit is a must except for 0 */
    FIELD_SIZE,      /* uint64_t: `512B`, `4KiB`, `10MB`, bare digits are bytes */
    FIELD_SHARE,     /* double 0..1: `30%`, `0.5%` */
    FIELD_FACTOR,    /* double >= 0: `x8`, `x1.5` */
    FIELD_RATE,      /* double, per second: `300/s`, `20/m`, `5/h` */
    FIELD_BANDWIDTH, /* uint64_t, bytes per second: `512B/s`, `64KiB/s`, `1.5MB/s`, `10Mbit/s` */
    FIELD_COUNT,     /* uint64_t: digits */
    FIELD_NUMBER,    /* double: decimal, no exponent, no hex, no NaN */
    FIELD_FLAG,      /* bool: yes no true false */
    FIELD_TEXT,      /* struct text */
    FIELD_CHOICE,    /* int: one of `choices` */
    FIELD_RANGE,     /* struct range: `1..3`, `2`, `4..` */
    FIELD_MAP,   /* struct field_pairs: a mapping of texts, in order (headers); only readable from a
                    tree */
    FIELD_JSON,  /* struct text: JSON, as written or from a tree; whether it is is not checked */
    FIELD_TEXTS, /* struct field_texts: a text or a list of them; only readable from a tree */
    FIELD_NONE,  /* ends a table */
};

/* Which clock a duration lives on (DESIGN: two clocks). */
enum field_clock { CLOCK_WALL, CLOCK_SCENARIO };

struct range {
    uint64_t first, last; /* inclusive; last UINT64_MAX: open */
};

struct field_pair {
    struct text name, value;
};
struct field_pairs {
    const struct field_pair *items;
    size_t count;
};
struct field_texts {
    const struct text *items;
    size_t count;
};

struct field {
    const char *name; /* the key; words joined by `-` */
    enum field_type type;
    size_t offset;
    const char *fallback; /* as the user would write it; NULL: stays zero, "" is not a default */
    const char *help;     /* one line, no period */
    const char *const *choices; /* FIELD_CHOICE: NULL-terminated; the value is the index */
    double least, most;         /* bounds, in the stored unit; both 0: none */
    enum field_clock clock;
    bool main;     /* may stand alone for the whole mapping (`latency: 100ms`) */
    bool required; /* a mapping without it is refused */
};

/* FIELD(struct latency, delay, usec, FIELD_DURATION, .fallback = "100ms", .help = "…"): checks the
 * member's C type. */
#define FIELD(owner, member, ctype, kind, ...)                                               \
    {                                                                                        \
        .type = (kind),                                                                      \
        .offset = offsetof(owner, member) + 0 * sizeof((ctype *)0 == &((owner *)0)->member), \
        __VA_ARGS__                                                                          \
    }
#define END_OF_FIELDS      \
    {                      \
        .type = FIELD_NONE \
    }

/* Reads one scalar into the field's place in `target` (as wide as the type says). Texts are lent
 * from `value`. On failure nothing is written and `complaint` gets what was wanted: `wants a size
 * such as 4KiB, got "4 kilos"`. */
MUST_USE bool field_read(const struct field *field, void *target, struct text value,
                         struct buffer *complaint);
/* Writes all fallbacks into a zeroed target; asserts that each is valid. */
void field_defaults(const struct field *fields, void *target);
const struct field *field_find(const struct field *fields, struct text name);
const struct field *field_main(const struct field *fields);
/* problem_suggestion's name_at for a table of fields. */
const char *field_name_at(const void *fields, size_t index);
/* The bounds that hold, in the stored unit; as far as a double goes where there is none. */
struct field_bounds {
    double least, most;
};
struct field_bounds field_bounds(const struct field *field);
/* Appends a regular expression (ECMA-262, not anchored) of what field_read takes, bounds included.
 * A few values pass that field_read still refuses: fractions finer than the stored unit or beyond a
 * bound by less than one, sums of units beyond a bound, numbers of 20 digits, and ranges that run
 * backwards. False, and nothing, for types whose values are not told apart by their letters: texts,
 * flags, choices, maps. */
bool field_pattern(const struct field *field, struct buffer *out);
/* What a value looks like, for help and errors: `a duration such as 200ms`. */
const char *field_type_wish(enum field_type type);

#endif
