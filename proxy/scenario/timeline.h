/* timeline: the phases laid out on the wall clock: speed, floor, --phase, --from, --until. Pure:
 * elapsed time in, place out. */
#ifndef PANNE_SCENARIO_TIMELINE_H
#define PANNE_SCENARIO_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/buffer.h"
#include "base/text.h"
#include "base/time.h"
#include "scenario/scenario.h"

struct timeline_options {
    double speed; /* > 0 */
    usec floor;   /* no phase is compressed below this wall time (a phase written shorter keeps its
                     own length) */
    struct text phase; /* only that one; empty: all */
    usec from, until; /* scenario time; 0 and NEVER: all. The phase that `from` falls into starts in
                         its middle */
};

struct stretch {
    uint16_t phase;
    usec begins, ends; /* wall, since the start; NEVER: until stopped */
    usec skips;        /* scenario time into the phase at `begins` */
    double speed;      /* of this phase: less than asked where the floor stretched it */
    bool stretched;
};

struct timeline {
    const struct stretch *stretches; /* in order, without gaps */
    size_t count;
    usec lasts; /* wall; NEVER: until stopped (`calm`) */
};

/* From the scenario's arena. False with a complaint (unknown phase, from behind the end). */
MUST_USE bool timeline_lay(struct timeline *timeline, struct scenario *scenario,
                           const struct timeline_options *options, struct buffer *complaint);

struct moment {
    uint16_t phase;
    usec into;       /* scenario time since the phase began */
    usec phase_ends; /* wall, since the start; NEVER */
    size_t stretch;
    usec elapsed; /* what was asked, but not below 0 */
    bool over;    /* the timeline has ended: nothing is hit any more */
};
/* Before the start (negative elapsed): the first stretch's beginning. */
struct moment timeline_at(const struct timeline *timeline, usec elapsed);

#endif
