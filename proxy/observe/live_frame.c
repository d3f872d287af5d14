/* live_frame: the escape sequences (ECMA-48), and how a bar is made of characters. */
#include "observe/live_frame.h"

#include <stdio.h>

#include "observe/columns.h"

static const char *const codes[] = {
    [PAINT_PLAIN] = NULL, [PAINT_STRONG] = "1", [PAINT_DIM] = "2",  [PAINT_PHASE] = "36",
    [PAINT_GOOD] = "32",  [PAINT_WARN] = "33",  [PAINT_BAD] = "31", [PAINT_FAULT] = "35",
};

static void go_to_top(const struct frame *frame, struct buffer *out)
{
    buffer_add_byte(out, '\r');
    if (frame->lines > 0)
        buffer_format(out, "\x1b[%zuA", frame->lines);
}

void frame_begin(struct frame *frame, struct buffer *out)
{
    frame->out = out;
    frame->drawn = 0;
    go_to_top(frame, out);
}

void frame_end(struct frame *frame)
{
    buffer_add_string(frame->out, "\x1b[J"); /* lines that the last frame had more */
    frame->lines = frame->drawn;
    frame->out = NULL;
}

void frame_erase(struct frame *frame, struct buffer *out)
{
    if (frame->lines == 0)
        return;
    go_to_top(frame, out);
    buffer_add_string(out, "\x1b[J");
    frame->lines = 0;
}

void frame_resize(struct frame *frame, size_t width)
{
    size_t rows = 0, lines = frame->lines < FRAME_LINES ? frame->lines : FRAME_LINES;

    for (size_t i = 0; i < lines; i++)
        if (frame->columns[i] > width + 1) /* the terminal's last column is not ours */
            rows += (frame->columns[i] - 1) / (width + 1);
    frame->lines += rows;
    frame->width = width;
}

void frame_slip(struct frame *frame)
{
    if (frame->lines > 0)
        frame->lines++;
}

void frame_begin_line(struct frame *frame)
{
    frame->column = 0;
}

void frame_end_line(struct frame *frame)
{
    buffer_add_string(frame->out, "\x1b[K\n");
    if (frame->drawn < FRAME_LINES)
        frame->columns[frame->drawn] = frame->column;
    frame->drawn++;
}

size_t frame_add(struct frame *frame, enum paint paint, struct text text, size_t most)
{
    size_t left = frame->width - frame->column, columns;
    bool painted = frame->color && codes[paint];

    if (painted)
        buffer_format(frame->out, "\x1b[%sm", codes[paint]);
    columns = columns_add(frame->out, text, most < left ? most : left, frame->unicode);
    if (painted)
        buffer_add_string(frame->out, "\x1b[0m");
    frame->column += columns;
    return columns;
}

bool frame_add_whole(struct frame *frame, enum paint paint, struct text text)
{
    size_t gap = frame->column > 0 ? 2 : 0;

    if (frame->column + gap + columns_of(text) > frame->width)
        return false;
    frame_add(frame, PAINT_PLAIN, text_from("  "), gap);
    frame_add(frame, paint, text, frame->width);
    return true;
}

void frame_align_right(struct frame *frame, size_t width)
{
    while (frame->column + width < frame->width)
        frame_add(frame, PAINT_PLAIN, text_from(" "), 1);
}

/* The column in which `moment` lies. */
static size_t place(const struct frame_bar *bar, usec moment, size_t width)
{
    double part = (double)moment / (double)bar->lasts;

    return part >= 1 ? width : part <= 0 ? 0 : (size_t)(part * (double)width);
}

static bool is_mark(const struct frame_bar *bar, size_t column, size_t width)
{
    for (size_t i = 0; i < bar->count; i++) {
        size_t mark = place(bar, bar->starts[i], width);

        if (mark == column && mark > 0 && mark < width)
            return true;
    }
    return false;
}

void frame_add_bar(struct frame *frame, const struct frame_bar *bar)
{
    static const char *const signs[2][2][2] = {
        /* [unicode][mark][done] */
        { { "-", "=" }, { "|", "|" } },
        { { "─", "━" }, { "┬", "┳" } },
    };
    char percent[16];
    int length = snprintf(percent, sizeof percent, "%4.0f%%",
                          100 * (double)bar->elapsed / (double)bar->lasts);
    size_t width = frame->width - (size_t)length;
    size_t done = place(bar, bar->elapsed, width);

    for (size_t column = 0; column < width; column++) {
        bool is_done = column < done;
        const char *sign = signs[frame->unicode][is_mark(bar, column, width)][is_done];

        /* Not columns_add: these are our own. */
        if (frame->color && (column == 0 || column == done))
            buffer_add_string(frame->out, is_done ? "\x1b[36m" : "\x1b[0;2m");
        buffer_add_string(frame->out, sign);
    }
    if (frame->color)
        buffer_add_string(frame->out, "\x1b[0m");
    frame->column += width;
    frame_add(frame, PAINT_STRONG, text_from(percent), frame->width);
}
