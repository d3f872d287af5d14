/* live: the line (or few lines) that a terminal shows while the run goes on: phase, progress of the
 * timeline, time left, requests, faults, outcomes. */
#ifndef PANNE_OBSERVE_LIVE_H
#define PANNE_OBSERVE_LIVE_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/time.h"
#include "observe/tally.h"

struct live;

/* What the timeline says now; texts lent for the call. */
struct live_state {
    struct text title, phase;
    size_t phase_index, phase_count;
    usec elapsed, lasts;             /* wall; lasts NEVER: until stopped */
    usec phase_elapsed, phase_lasts; /* wall */
    const usec *phase_starts;        /* wall, phase_count of them, for the marks; NULL: not known */
    bool waiting;                    /* for the first matching exchange */
    bool over, draining;
    struct text command; /* what COMMAND is doing, or empty */
};

struct live *live_new(unsigned columns, bool color, bool unicode);
void live_free(struct live *live);
/* Appends the escape sequences and text that redraw the display in place (for a terminal). Rates
 * are taken from the tallies of the last calls. */
void live_draw(struct live *live, const struct live_state *state, const struct tally_totals *totals,
               usec now, struct buffer *out);
/* The terminal's width has changed. */
void live_resize(struct live *live, unsigned columns);
/* The user has typed Enter, and the terminal has echoed it. */
void live_slip(struct live *live);
/* Removes it, so that other lines can be printed. */
void live_erase(struct live *live, struct buffer *out);
/* The one line a phase that a pipe gets instead, with its newline. */
void live_phase_line(const struct live_state *state, const struct tally_totals *totals,
                     struct buffer *out);

#endif
