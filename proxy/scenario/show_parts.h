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

#define MOST_CELLS 64u

/* What one kind of fault does to one service (SERVICE_ANY: to all at once) in one stretch. */
struct cell {
    uint16_t service;
    size_t stretch;
    const struct fault_kind *kind;
    struct text number; /* the share where it does not change; else empty */
};
/* Those of a service in a stretch, each kind once, in the order of the rules; at most MOST_CELLS.
 */
size_t show_cells(struct canvas *canvas, uint16_t service, size_t stretch, struct cell *cells);
/* The least columns that it takes if its name takes no more than `name`. */
size_t show_cell_width(const struct cell *cell, size_t name);
/* In so many columns. */
void show_cell(struct canvas *canvas, const struct cell *cell, size_t width);

/* Phases as columns, services as rows, and in each cell its faults. */
void show_chart(struct canvas *canvas);
/* A line for each rule: phase, service, what happens, its share and where the figure is from. */
void show_rules(struct canvas *canvas);

#endif
