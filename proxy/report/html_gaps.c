/* html_gaps: how long clients wait before each retry, beside what full jitter would give. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/html.h"
#include "report/html_parts.h"
#include "report/report.h"
#include "report/svg.h"

enum { PER_DECADE = 5, DECADES_MOST = 8, BINS_MOST = PER_DECADE * DECADES_MOST };
enum { WIDTH = 330, HEIGHT = 176, LEFT = 12, RIGHT = 12, TOP = 42, BOTTOM = 150 };

/* Gaps before one retry, in order. */
struct gaps {
    usec items[SAMPLE_GAPS];
    size_t count, overlaps; /* overlaps come first */
};

struct gap_range {
    int first, last; /* decades, of milliseconds */
    double base;     /* usec: full jitter would draw the first from 0 to this; 0: not known */
};

static int by_length(const void *a, const void *b)
{
    usec one = *(const usec *)a, other = *(const usec *)b;

    return one < other ? -1 : one > other;
}

static struct gaps gaps_of(const struct sample_set *samples, size_t index)
{
    struct gaps gaps = { .count = samples->gap_count[index] };

    memcpy(gaps.items, samples->gaps[index], gaps.count * sizeof(*gaps.items));
    qsort(gaps.items, gaps.count, sizeof(*gaps.items), by_length);
    while (gaps.overlaps < gaps.count && gaps.items[gaps.overlaps] < 0)
        gaps.overlaps++;
    return gaps;
}

/* Of those that are no overlaps; NEVER: there are none. */
static usec quantile(const struct gaps *gaps, double share)
{
    size_t count = gaps->count - gaps->overlaps, rank = (size_t)ceil(share * (double)count);

    if (count == 0)
        return NEVER;
    return gaps->items[gaps->overlaps + (rank > 0 ? rank - 1 : 0)];
}

static double decade_of(usec gap)
{
    return log10(fmax((double)gap, 1) / (double)MSEC);
}

static struct gap_range range_of(const struct sample_set *samples)
{
    struct gap_range range = { .first = DECADES_MOST, .last = -1 };
    struct gaps gaps = gaps_of(samples, 0);
    usec median = quantile(&gaps, 0.5);

    range.base = median == NEVER ? 0 : 2 * (double)median;
    for (size_t i = 0; i < SAMPLE_INDICES; i++) {
        gaps = gaps_of(samples, i);
        if (quantile(&gaps, 0) == NEVER)
            continue;
        range.first = (int)fmin(range.first, floor(decade_of(quantile(&gaps, 0))));
        range.last = (int)fmax(range.last, ceil(decade_of(quantile(&gaps, 1))));
    }
    range.first = range.first < -1 ? -1 : range.first;
    range.last = range.last <= range.first ? range.first + 1 : range.last;
    if (range.last - range.first > DECADES_MOST)
        range.first = range.last - DECADES_MOST;
    return range;
}

static double x_of(const struct gap_range *range, double decade)
{
    return LEFT + (WIDTH - LEFT - RIGHT) * (decade - range->first) / (range->last - range->first);
}

static void fill(const struct gaps *gaps, const struct gap_range *range, double *bins)
{
    int count = (range->last - range->first) * PER_DECADE;

    for (size_t i = gaps->overlaps; i < gaps->count; i++) {
        int place = (int)floor((decade_of(gaps->items[i]) - range->first) * PER_DECADE);

        bins[place < 0 ? 0 : place >= count ? count - 1 : place]++;
    }
}

/* How many of `count` full jitter would put into each bin: even between 0 and `high`. */
static void expect(double high, size_t count, const struct gap_range *range, double *bins)
{
    for (int i = 0; i < (range->last - range->first) * PER_DECADE; i++) {
        double from = pow(10, range->first + (double)i / PER_DECADE) * (double)MSEC;
        double to = pow(10, range->first + (double)(i + 1) / PER_DECADE) * (double)MSEC;

        from = i == 0 ? 0 : from;
        bins[i] = (double)count * (fmin(to, high) - fmin(from, high)) / high;
    }
}

static void add_axis(const struct gap_range *range, struct buffer *out)
{
    struct buffer words = { 0 };

    svg_line(LEFT, BOTTOM, WIDTH - RIGHT, BOTTOM, SVG_AXIS, out);
    for (int decade = range->first; decade <= range->last; decade++) {
        double x = x_of(range, decade);

        buffer_clear(&words);
        report_number(UNIT_TIME, pow(10, decade) / 1000, &words);
        svg_line(x, TOP, x, BOTTOM + 3, SVG_GRID, out);
        if (range->last - range->first <= 5 || (decade - range->first) % 2 == 0)
            svg_words(fmin(fmax(x, 24), WIDTH - 24), BOTTOM + 17, WIDTH, SVG_MIDDLE,
                      buffer_text(&words), out);
    }
    buffer_free(&words);
}

static void add_bars(const struct gap_range *range, const double *bins, const double *expected,
                     struct buffer *out)
{
    int count = (range->last - range->first) * PER_DECADE;
    double most = 1, scale, width = (double)(WIDTH - LEFT - RIGHT) / count;

    for (int i = 0; i < count; i++)
        most = fmax(most, fmax(bins[i], expected[i]));
    scale = (BOTTOM - TOP) / most;
    svg_group(SVG_OK, out);
    for (int i = 0; i < count; i++)
        if (bins[i] > 0)
            svg_box(LEFT + i * width, BOTTOM - bins[i] * scale, width - 1, bins[i] * scale, "",
                    out);
    svg_group_end(out);
    if (range->base <= 0)
        return;
    svg_path(SVG_DASHED, out);
    for (int i = 0; i < count; i++) {
        svg_point(LEFT + i * width, BOTTOM - expected[i] * scale, i == 0, out);
        svg_point(LEFT + (i + 1) * width, BOTTOM - expected[i] * scale, false, out);
    }
    svg_path_end(out);
}

static void add_title(const struct sample_set *samples, const struct gaps *gaps, size_t index,
                      struct buffer *out)
{
    struct buffer words = { 0 };

    buffer_format(&words, "before retry %zu", index + 1);
    svg_words(LEFT, 16, WIDTH, SVG_INK " font-weight=\"600\"", buffer_text(&words), out);
    buffer_clear(&words);
    html_count(gaps->count, &words);
    if (samples->gap_total[index] > gaps->count) {
        buffer_add_string(&words, " of ");
        html_count(samples->gap_total[index], &words);
    }
    buffer_add_string(&words, gaps->count == 1 ? " gap, median " : " gaps, median ");
    html_time(quantile(gaps, 0.5), &words);
    svg_words(LEFT, 32, WIDTH, SVG_INK, buffer_text(&words), out);
    buffer_free(&words);
}

static void add_panel(const struct sample_set *samples, const struct gap_range *range, size_t index,
                      struct buffer *out)
{
    struct gaps gaps = gaps_of(samples, index);
    double bins[BINS_MOST] = { 0 }, expected[BINS_MOST] = { 0 };
    struct buffer id = { 0 };
    struct svg svg = { .width = WIDTH, .height = HEIGHT };

    if (gaps.count == 0)
        return;
    buffer_format(&id, "gap-%zu", index + 1);
    svg.id = id.at;
    svg.title = text_from("Histogram of gaps before a retry");
    svg.about = text_from("The table that follows has the figures.");
    fill(&gaps, range, bins);
    if (range->base > 0)
        expect(range->base * pow(2, (double)index), gaps.count - gaps.overlaps, range, expected);
    svg_begin(&svg, out);
    add_title(samples, &gaps, index, out);
    add_axis(range, out);
    add_bars(range, bins, expected, out);
    svg_end(out);
    buffer_free(&id);
}

static void add_row(const struct sample_set *samples, const struct gap_range *range, size_t index,
                    struct buffer *out)
{
    static const double shares[] = { 0.1, 0.5, 0.9 };
    struct gaps gaps = gaps_of(samples, index);

    if (gaps.count == 0)
        return;
    buffer_format(out, "<tr><th scope=\"row\" class=\"n\">%zu</th>", index + 1);
    html_cell_count(samples->gap_total[index], out);
    html_cell_count(gaps.count, out);
    html_cell_count(gaps.overlaps, out);
    for (size_t i = 0; i < COUNT_OF(shares); i++) {
        html_cell_begin(out);
        html_time(quantile(&gaps, shares[i]), out);
        html_cell_end(out);
    }
    html_cell_begin(out);
    html_time(range->base > 0 ? (usec)(range->base / 2 * pow(2, (double)index)) : NEVER, out);
    html_cell_end(out);
    buffer_add_string(out, "</tr>\n");
}

void html_gaps(const struct judgment *judgment, struct buffer *out)
{
    static const char *const columns[] = { "#Retry",   "#Gaps",
                                           "#Sampled", "#Overlaps",
                                           "#10 %",    "#Median",
                                           "#90 %",    "#Full jitter&#39;s median",
                                           NULL };
    const struct sample_set *samples = judgment->samples;
    struct gap_range range;

    html_section("gaps", "Gaps before retries", out);
    if (samples->gap_total[0] == 0) {
        buffer_add_string(out, "<p>No attempt was repeated.</p>\n");
        html_section_end(out);
        return;
    }
    range = range_of(samples);
    buffer_add_string(
        out, "<p>Bars: from the end of an attempt to the beginning of the next, on a scale of "
             "powers of ten. Dashed: what full jitter with doubling would give, even between 0 and "
             "a ceiling that doubles from retry to retry without a cap; the first ceiling is twice "
             "this client&#39;s own median before retry 1. It is there to compare with, and is no "
             "limit.</p>\n<div class=\"panels\">\n");
    for (size_t i = 0; i < SAMPLE_INDICES; i++)
        add_panel(samples, &range, i, out);
    buffer_add_string(out, "</div>\n");
    html_table("gap-table", "Gaps before each retry", columns, out);
    for (size_t i = 0; i < SAMPLE_INDICES; i++)
        add_row(samples, &range, i, out);
    html_table_end(out);
    html_section_end(out);
}
