/* html_axis: where time stands in the picture, and how it is told. */
#include "report/html_axis.h"

#include "report/html_parts.h"
#include "report/svg.h"

enum { TICKS_MOST = 10, ROW = 15, DAY = 24 * 60 * 60 };

double html_axis_x(const struct html_axis *axis, usec time)
{
    return axis->left + (axis->right - axis->left) * (double)time / (double)axis->length;
}

static usec end_of(const struct html_axis *axis, const struct history_phase *phase)
{
    return usec_min(phase->span.ends, axis->length);
}

static void add_band(const struct html_axis *axis, const struct history_phase *phase, double top,
                     double bottom, struct buffer *out)
{
    double x = html_axis_x(axis, phase->span.begins);

    if (phase->cell.touched > 0)
        svg_box(x, top, html_axis_x(axis, end_of(axis, phase)) - x, bottom - top,
                SVG_FAULT " fill-opacity=\".13\"", out);
    svg_line(x, top - ROW, x, bottom, SVG_AXIS " stroke-dasharray=\"2 3\"", out);
}

/* Up to where a name may reach: the beginning of the next phase in the same row. */
static double room_of(const struct html_axis *axis, const struct judgment *judgment, size_t index)
{
    const struct history_phase *phase = history_phase(judgment->history, index);
    const struct history_phase *after = history_phase(judgment->history, index + 2);
    double end = after ? html_axis_x(axis, after->span.begins) : axis->right;

    return end - html_axis_x(axis, phase->span.begins) - 4;
}

void html_axis_phases(const struct html_axis *axis, const struct judgment *judgment, double top,
                      double bottom, struct buffer *out)
{
    const struct history_phase *phase;

    for (size_t i = 0; (phase = history_phase(judgment->history, i)); i++) {
        if (phase->span.begins >= axis->length)
            continue;
        add_band(axis, phase, top, bottom, out);
        svg_words(html_axis_x(axis, phase->span.begins) + 4, top - 4 - (i % 2 == 0 ? ROW : 0),
                  room_of(axis, judgment, i), SVG_INK " font-weight=\"600\"", phase->name, out);
    }
}

static usec tick_of(usec length)
{
    static const usec steps[] = {
        10 * MSEC, 20 * MSEC,  50 * MSEC,  100 * MSEC,  200 * MSEC,  500 * MSEC,
        SECOND,    2 * SECOND, 5 * SECOND, 10 * SECOND, 15 * SECOND, 30 * SECOND,
        MINUTE,    2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE,
        HOUR,      2 * HOUR,   6 * HOUR,   12 * HOUR,   24 * HOUR,
    };

    for (size_t i = 0; i < COUNT_OF(steps); i++)
        if (length / steps[i] <= TICKS_MOST)
            return steps[i];
    return (length / TICKS_MOST / (24 * HOUR) + 1) * 24 * HOUR;
}

/* Seconds of the day at which the run began, by RFC 3339; negative: not known. */
static int began_at(const struct judgment *judgment)
{
    uint64_t parts[3];

    if (judgment->wall.length < 19)
        return -1;
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (!text_to_u64(text_of(judgment->wall.at + 11 + 3 * i, 2), &parts[i]))
            return -1;
    return (int)((parts[0] * 60 + parts[1]) * 60 + parts[2]);
}

void html_axis_ticks(const struct html_axis *axis, const struct judgment *judgment, double top,
                     double bottom, struct buffer *out)
{
    int began = began_at(judgment);
    struct buffer words = { 0 };

    svg_line(axis->left, bottom, axis->right, bottom, SVG_AXIS, out);
    for (usec time = 0, step = tick_of(axis->length); time <= axis->length; time += step) {
        double x = html_axis_x(axis, time);
        usec second = (began + time / SECOND) % DAY;

        svg_line(x, top, x, bottom + 4, SVG_GRID, out);
        buffer_clear(&words);
        buffer_add_duration(&words, time);
        svg_words(x, bottom + 17, 200, SVG_MIDDLE, buffer_text(&words), out);
        buffer_clear(&words);
        buffer_format(&words, "%02d:%02d:%02d", (int)(second / 3600), (int)(second / 60 % 60),
                      (int)(second % 60));
        if (began >= 0 && step >= SECOND)
            svg_words(x, bottom + 32, 200, SVG_MIDDLE " fill-opacity=\".75\"", buffer_text(&words),
                      out);
    }
    if (began >= 0)
        svg_words(2, bottom + 32, 60, SVG_INK " fill-opacity=\".75\"", text_from("UTC"), out);
    buffer_free(&words);
}
