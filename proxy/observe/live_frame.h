/* live_frame: a few lines at the bottom of a terminal, redrawn in place, none wider than they may
 * be.
 */
#ifndef PANNE_OBSERVE_LIVE_FRAME_H
#define PANNE_OBSERVE_LIVE_FRAME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/text.h"
#include "base/time.h"

enum paint {
    PAINT_PLAIN,
    PAINT_STRONG,
    PAINT_DIM,
    PAINT_PHASE,
    PAINT_GOOD,
    PAINT_WARN,
    PAINT_BAD,
    PAINT_FAULT,
};

enum { FRAME_LINES = 4 };

/* Zero-fill, then set the first three. */
struct frame {
    size_t width; /* columns that a line may take */
    bool color, unicode;
    size_t lines;                /* that stand on the terminal */
    size_t columns[FRAME_LINES]; /* that each of them takes */
    size_t column;
    size_t drawn;       /* lines so far of the frame that is being drawn */
    struct buffer *out; /* of that frame; lent */
};

struct frame_bar {
    usec elapsed, lasts;
    const usec *starts; /* of phases, where marks stand */
    size_t count;
};

/* From here to frame_end everything goes to `out`, over what stood there. */
void frame_begin(struct frame *frame, struct buffer *out);
void frame_end(struct frame *frame);
void frame_erase(struct frame *frame, struct buffer *out);
/* The terminal has `width` columns for us now: where that is less, it has broken our lines. */
void frame_resize(struct frame *frame, size_t width);
/* The cursor has moved on to the next line. */
void frame_slip(struct frame *frame);

void frame_begin_line(struct frame *frame);
void frame_end_line(struct frame *frame);
/* At most `most` columns of `text`, and what fits into the line. Returns the columns taken. */
size_t frame_add(struct frame *frame, enum paint paint, struct text text, size_t most);
/* All of `text`, two blanks from what stands before, or nothing: false. */
bool frame_add_whole(struct frame *frame, enum paint paint, struct text text);
/* Blanks, so that `width` columns are left in the line. */
void frame_align_right(struct frame *frame, size_t width);
/* How far the timeline is, over the whole line. */
void frame_add_bar(struct frame *frame, const struct frame_bar *bar);

#endif
