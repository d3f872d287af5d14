/* html_timeline: the run as a picture: requests and how they ended, faults, latency, connections,
 * over the phases. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "report/html.h"
#include "report/html_axis.h"
#include "report/html_parts.h"
#include "report/report.h"
#include "report/svg.h"

enum { COLUMNS_MOST = 160, LEFT = 64, WIDTH = 1000, RIGHT = 34 };

struct lane {
    double top, bottom;
};
static const struct lane requests = { 58, 240 }, faults = { 266, 292 }, latency = { 320, 424 },
                         connections = { 452, 498 };
#define AXIS_AT 504
#define LEGEND_AT 558
#define HEIGHT 576

struct column {
    struct series_sum sum;
    double x, width; /* of the picture */
    double final;    /* answers, and what was not finished */
};

struct timeline {
    const struct judgment *judgment;
    struct html_axis axis;
    struct column *columns;
    size_t count;
    usec width; /* of a column, in time */
    struct series_sum most;
    struct buffer *out;
};

/* 1, 2 or 5 times a power of ten of the series' own bins. */
static usec width_of(const struct series *series, usec length)
{
    static const usec parts[] = { 1, 2, 5 };

    for (usec power = series->width;; power *= 10)
        for (size_t i = 0; i < COUNT_OF(parts); i++)
            if (length / (parts[i] * power) < COLUMNS_MOST)
                return parts[i] * power;
}

static void take_most(struct series_sum *most, const struct series_sum *sum)
{
    most->attempts = fmax(most->attempts, sum->attempts);
    most->connections = fmax(most->connections, sum->connections);
    most->touched = fmax(most->touched, sum->touched);
    most->slowest = usec_max(most->slowest, sum->slowest);
}

static void gather(struct timeline *timeline)
{
    const struct series *series = history_series(timeline->judgment->history);
    usec length =
        usec_max(history_length(timeline->judgment->history), (usec)series->count * series->width);

    timeline->width = width_of(series, length);
    timeline->count = (size_t)((length + timeline->width - 1) / timeline->width);
    timeline->axis =
        (struct html_axis){ LEFT, WIDTH - RIGHT, (usec)timeline->count * timeline->width };
    timeline->columns = memory_take(timeline->count * sizeof(*timeline->columns));
    for (size_t i = 0; i < timeline->count; i++) {
        struct column *column = &timeline->columns[i];
        usec begins = (usec)i * timeline->width;

        column->sum = series_sum(series, begins, begins + timeline->width);
        column->final = fmax(column->sum.attempts - column->sum.ok - column->sum.failed, 0);
        column->x = html_axis_x(&timeline->axis, begins);
        column->width = html_axis_x(&timeline->axis, begins + timeline->width) - column->x;
        take_most(&timeline->most, &column->sum);
    }
}

static void add_heading(const struct lane *lane, const char *words, struct buffer *out)
{
    svg_words(LEFT, lane->top - 6, 600, SVG_INK " fill-opacity=\".8\"", text_from(words), out);
}

/* How high a count stands. */
static double y_of(const struct lane *lane, double value, double most)
{
    return lane->bottom - (lane->bottom - lane->top) * (most > 0 ? value / most : 0);
}

/* Lines and numbers at the left; returns the count at the top. */
static double add_scale(const struct lane *lane, double most, int ticks, struct buffer *out)
{
    double step = fmax(html_step(most, ticks), 1), top = fmax(ceil(most / step - 1e-9), 1) * step;
    struct buffer words = { 0 };

    for (int i = 0; i * step <= top * (1 + 1e-9); i++) {
        double value = i * step, y = y_of(lane, value, top);

        buffer_clear(&words);
        html_count((uint64_t)llround(value), &words);
        svg_line(LEFT, y, WIDTH - RIGHT, y, value > 0 ? SVG_GRID : SVG_AXIS, out);
        svg_words(LEFT - 6, y + 4, LEFT, SVG_RIGHT, buffer_text(&words), out);
    }
    buffer_free(&words);
    return top;
}

/* One kind of a stack: a box in each column, on top of what is below. */
static void add_boxes(const struct timeline *timeline, double top, const char *look,
                      double (*from)(const struct column *), double (*to)(const struct column *))
{
    svg_group(look, timeline->out);
    for (size_t i = 0; i < timeline->count; i++) {
        const struct column *column = &timeline->columns[i];
        double high = y_of(&requests, to(column), top), low = y_of(&requests, from(column), top);

        if (to(column) > from(column))
            svg_box(column->x, high, column->width - (column->width > 3 ? 1 : 0), low - high, "",
                    timeline->out);
    }
    svg_group_end(timeline->out);
}

static double bottom_of(const struct column *column)
{
    (void)column;
    return 0;
}

static double ok_of(const struct column *column)
{
    return column->sum.ok;
}

static double final_of(const struct column *column)
{
    return column->sum.ok + column->final;
}

static double all_of(const struct column *column)
{
    return column->sum.ok + column->final + column->sum.failed;
}

/* A line of steps; columns without a value (NAN) interrupt it. */
static void add_steps(const struct timeline *timeline, const char *look,
                      double (*y)(const struct timeline *, const struct column *, double top),
                      double top)
{
    bool lifted = true;

    svg_path(look, timeline->out);
    for (size_t i = 0; i < timeline->count; i++) {
        const struct column *column = &timeline->columns[i];
        double at = y(timeline, column, top);

        if (!isnan(at)) {
            svg_point(column->x, at, lifted, timeline->out);
            svg_point(column->x + column->width, at, false, timeline->out);
        }
        lifted = isnan(at);
    }
    svg_path_end(timeline->out);
}

static double retries_at(const struct timeline *timeline, const struct column *column, double top)
{
    (void)timeline;
    return y_of(&requests, column->sum.retries, top);
}

static void add_requests(const struct timeline *timeline)
{
    struct buffer words = { 0 };
    double top;

    buffer_add_string(&words, "requests in each ");
    html_time(timeline->width, &words);
    add_heading(&requests, words.at, timeline->out);
    buffer_free(&words);
    top = add_scale(&requests, timeline->most.attempts, 5, timeline->out);
    add_boxes(timeline, top, SVG_OK, bottom_of, ok_of);
    add_boxes(timeline, top, SVG_FINAL, ok_of, final_of);
    add_boxes(timeline, top, SVG_FAILED, final_of, all_of);
    add_steps(timeline, SVG_LINE, retries_at, top);
}

static void add_faults(const struct timeline *timeline)
{
    double high = faults.bottom - faults.top;

    add_heading(&faults, "share of requests hit by faults", timeline->out);
    svg_words(LEFT - 6, faults.top + 8, LEFT, SVG_RIGHT, text_from("100 %"), timeline->out);
    svg_line(LEFT, faults.top, WIDTH - RIGHT, faults.top, SVG_GRID, timeline->out);
    svg_line(LEFT, faults.bottom, WIDTH - RIGHT, faults.bottom, SVG_AXIS, timeline->out);
    svg_group(SVG_FAULT, timeline->out);
    for (size_t i = 0; i < timeline->count; i++) {
        const struct column *column = &timeline->columns[i];
        double share = column->sum.touched / fmax(column->sum.attempts, 1);

        if (column->sum.touched > 0)
            svg_box(column->x, faults.bottom - fmax(high * share, 2), column->width,
                    fmax(high * share, 2), "", timeline->out);
    }
    svg_group_end(timeline->out);
}

/* Decades from 1 ms up; `top` of them. */
static double latency_y(double usecs, double top)
{
    double decades = fmin(fmax(log10(fmax(usecs, 1) / (double)MSEC), 0), top);

    return latency.bottom - (latency.bottom - latency.top) * decades / top;
}

static double mean_at(const struct timeline *timeline, const struct column *column, double top)
{
    (void)timeline;
    return column->sum.answered > 0 ? latency_y(column->sum.lasted / column->sum.answered, top)
                                    : NAN;
}

static double slowest_at(const struct timeline *timeline, const struct column *column, double top)
{
    (void)timeline;
    return column->sum.answered > 0 ? latency_y((double)column->sum.slowest, top) : NAN;
}

static void add_latency(const struct timeline *timeline)
{
    double most = fmax((double)timeline->most.slowest / (double)MSEC, 10);
    double top = ceil(log10(most) - 1e-9);
    usec usecs = MSEC;

    add_heading(&latency, "time to the end of whole answers, logarithmic", timeline->out);
    for (int decade = 0; decade <= (int)top; decade++, usecs *= 10) {
        double y = latency_y((double)usecs, top);
        struct buffer words = { 0 };

        report_number(UNIT_TIME, (double)usecs / (double)SECOND, &words);
        svg_line(LEFT, y, WIDTH - RIGHT, y, decade > 0 ? SVG_GRID : SVG_AXIS, timeline->out);
        svg_words(LEFT - 6, y + 4, LEFT, SVG_RIGHT, buffer_text(&words), timeline->out);
        buffer_free(&words);
    }
    add_steps(timeline, SVG_DOTTED, slowest_at, top);
    add_steps(timeline, SVG_LINE, mean_at, top);
}

static void add_connections(const struct timeline *timeline)
{
    double top;

    add_heading(&connections, "connections opened", timeline->out);
    top = add_scale(&connections, timeline->most.connections, 2, timeline->out);
    svg_group("fill=\"#2a9d8f\"", timeline->out);
    for (size_t i = 0; i < timeline->count; i++) {
        const struct column *column = &timeline->columns[i];
        double high = y_of(&connections, column->sum.connections, top);

        if (column->sum.connections > 0)
            svg_box(column->x, high, column->width - (column->width > 3 ? 1 : 0),
                    connections.bottom - high, "", timeline->out);
    }
    svg_group_end(timeline->out);
}

/* Boxes that are not seen, with words for who points at them. */
static void add_words(const struct timeline *timeline)
{
    struct buffer words = { 0 };

    svg_group("fill=\"none\" pointer-events=\"all\"", timeline->out);
    for (size_t i = 0; i < timeline->count; i++) {
        const struct column *column = &timeline->columns[i];

        if (column->sum.attempts <= 0)
            continue;
        buffer_clear(&words);
        buffer_add_string(&words, "from ");
        buffer_add_duration(&words, (usec)i * timeline->width);
        buffer_format(&words, ": %.0f ok, %.0f failed, %.0f final, %.0f retries, %.0f hit",
                      column->sum.ok, column->sum.failed, column->final, column->sum.retries,
                      column->sum.touched);
        svg_box_told(column->x, requests.top, column->width, requests.bottom - requests.top, "",
                     buffer_text(&words), timeline->out);
    }
    svg_group_end(timeline->out);
    buffer_free(&words);
}

static void add_legend(struct buffer *out)
{
    static const struct {
        const char *words, *look;
        bool is_line;
    } rows[] = {
        { "ok", SVG_OK, false },
        { "failed, worth another try", SVG_FAILED, false },
        { "final error or unfinished", SVG_FINAL, false },
        { "hit by faults", SVG_FAULT, false },
        { "line: retries, mean time", SVG_LINE, true },
        { "slowest", SVG_DOTTED, true },
    };
    double x = LEFT;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (rows[i].is_line) {
            svg_path(rows[i].look, out);
            svg_point(x, LEGEND_AT, true, out);
            svg_point(x + 18, LEGEND_AT, false, out);
            svg_path_end(out);
        } else {
            svg_box(x, LEGEND_AT - 6, 18, 12, rows[i].look, out);
        }
        svg_words(x + 24, LEGEND_AT + 4, 300, SVG_INK, text_from(rows[i].words), out);
        x += 48 + 6.4 * (double)strlen(rows[i].words);
    }
}

static void add_picture(const struct timeline *timeline)
{
    const struct cell *total = history_total(timeline->judgment->history);
    struct buffer about = { 0 };
    struct svg svg = { "line", WIDTH, HEIGHT, true, TEXT("Timeline of the run"), TEXT("") };

    html_count(total->attempts, &about);
    buffer_add_string(&about, " requests in ");
    html_time(history_length(timeline->judgment->history), &about);
    buffer_format(&about,
                  ": %" PRIu64 " ok, %" PRIu64 " failed, %" PRIu64 " hit by faults, %" PRIu64
                  " retries; most in one column: %.0f.",
                  total->ok, total->failed, total->touched, total->retries,
                  timeline->most.attempts);
    svg.about = buffer_text(&about);
    svg_begin(&svg, timeline->out);
    html_axis_phases(&timeline->axis, timeline->judgment, 36, AXIS_AT, timeline->out);
    html_axis_ticks(&timeline->axis, timeline->judgment, requests.top, AXIS_AT, timeline->out);
    add_requests(timeline);
    add_faults(timeline);
    add_latency(timeline);
    add_connections(timeline);
    add_legend(timeline->out);
    add_words(timeline);
    svg_end(timeline->out);
    buffer_free(&about);
}

void html_timeline(const struct judgment *judgment, struct buffer *out)
{
    struct timeline timeline = { .judgment = judgment, .out = out };

    html_section("timeline", "Timeline", out);
    if (history_total(judgment->history)->attempts == 0) {
        buffer_add_string(out, "<p>No request came.</p>\n");
    } else {
        gather(&timeline);
        buffer_add_string(out, "<div class=\"wide picture\" role=\"group\" tabindex=\"0\" "
                               "aria-labelledby=\"timeline-heading\">\n");
        add_picture(&timeline);
        buffer_add_string(out, "</div>\n");
        free(timeline.columns);
    }
    html_section_end(out);
}
