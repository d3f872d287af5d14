/* event: the structs of events.h, and their description for writers and readers. */
#ifndef PANNE_OBSERVE_EVENT_H
#define PANNE_OBSERVE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/text.h"
#include "base/time.h"
#include "observe/events.h"

enum event_kind {
#define X(name, help, fields) EVENT_##name,
    EVENTS(X)
#undef X
        EVENT_KINDS,
};

#define T(name, help) struct text name;
#define C(name, help) uint64_t name;
#define D(name, help) usec name;
#define M(name, help) usec name;
#define F(name, help) bool name;
#define R(name, help) double name;
#define H(name, help) uint64_t name;
#define X(name, help, fields)       \
    struct event_##name {           \
        fields(T, C, D, M, F, R, H) \
    };
EVENTS(X)
#undef X
#undef T
#undef C
#undef D
#undef M
#undef F
#undef R
#undef H

enum event_type {
    EVENT_TEXT,
    EVENT_COUNT,
    EVENT_DURATION,
    EVENT_MOMENT,
    EVENT_FLAG,
    EVENT_REAL,
    EVENT_HASH
};

struct event_field {
    const char *name; /* JSON key: the member's, with its unit behind: `lasted_ms`, `decided_s` */
    enum event_type type;
    size_t offset;
    const char *help;
};

struct event_description {
    const char *name, *help;
    const struct event_field *fields;
    size_t count, size;
};

/* NULL for what is no kind. */
const struct event_description *event_describe(enum event_kind kind);

/* Packed form for the ring: returns the bytes needed; writes them if `room` is enough. Texts are
 * cut to 32 KiB (the longest head), the scenario's text to 1 MiB. */
size_t event_pack(enum event_kind kind, const void *event, char *out, size_t room);
/* Back again; texts are lent from `packed`. `event` has room for description->size. False for a
 * damaged record. */
bool event_unpack(enum event_kind kind, struct text packed, void *event);
/* One JSON object without a newline. */
void event_write(enum event_kind kind, const void *event, uint64_t sequence, usec time,
                 struct buffer *out);
/* Sets a field to what a line says by leaving it out. */
void event_leave_out(const struct event_field *field, void *at);

/* The table of all events and their fields for panne-log(5), in mdoc. */
void event_manual(struct buffer *out);

#endif
