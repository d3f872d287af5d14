/* display: what a run shows of its progress, on stderr: a picture on a terminal, a line a phase in
 * a pipe, nothing where quiet is wanted. */
#ifndef PANNE_DISPLAY_H
#define PANNE_DISPLAY_H

#include <stdbool.h>

#include "base/time.h"
#include "observe/live.h"
#include "option.h"

struct display;

struct display *display_new(const struct options *options);
void display_free(struct display *display);

/* Whether display_draw is wanted, some ten times a second. */
bool display_is_live(const struct display *display);
void display_draw(struct display *display, const struct live_state *state,
                  const struct tally_totals *totals, usec now);
/* A phase has begun, or something like that. */
void display_tell(struct display *display, const struct live_state *state,
                  const struct tally_totals *totals);
/* Enter has been typed, which moves the terminal's cursor. */
void display_slip(struct display *display);
/* Makes room for other lines. */
void display_erase(struct display *display);

#endif
