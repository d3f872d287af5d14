/* show_parts: what the two halves of a drawing share: the canvas, and rows that are padded and
 * colored. */
#ifndef PANNE_SCENARIO_SHOW_PARTS_H
#define PANNE_SCENARIO_SHOW_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "scenario/scenario.h"
#include "scenario/timeline.h"

enum ink { INK_PLAIN, INK_STRONG, INK_FAINT, INK_FAULT };

struct canvas {
    const struct scenario *scenario;
    const struct timeline *timeline;
    unsigned width;
    bool color, unicode;
    struct buffer *out;
    struct arena arena; /* for the drawing's own needs */
};

/* The text and blanks up to `width` columns; where it is longer, it ends in a sign that it goes on.
 */
void canvas_cell(struct canvas *canvas, struct text text, size_t width, enum ink ink);
/* Ends the line; blanks before its end go. */
void canvas_line(struct canvas *canvas);
/* As a person would say it: without fractions of a second where it is long. In the canvas's arena.
 */
struct text canvas_duration(struct canvas *canvas, usec duration);

/* Phases as columns, services and kinds of faults as rows. */
void show_chart(struct canvas *canvas);
/* A line for each rule: phase, service, what happens, its share and where the figure is from. */
void show_rules(struct canvas *canvas);

#endif
