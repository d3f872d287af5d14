/* html_operations: the attempts of single operations, as a sequence in time. */
#include <inttypes.h>
#include <math.h>

#include "report/html.h"
#include "report/html_parts.h"
#include "report/report.h"
#include "report/svg.h"

enum { DRAWN = 8, OPEN = 2 }; /* of the sample; shown at once */

/* Of the picture: columns of words, then the sequence. */
enum { NUMBER = 22, ANSWER = 30, TOOK = 170, WAITED = 182, PLOT = 326, WIDTH = 800, MARGIN = 10 };
enum { TOP = 24, ROW = 19, BAR = 11, FOOT = 26 };

struct sequence {
    const struct operation *operation;
    usec length; /* of what is drawn */
    struct buffer *out;
};

static double x_of(const struct sequence *sequence, usec time)
{
    double share = (double)(time - sequence->operation->began) / (double)sequence->length;

    return PLOT + (WIDTH - MARGIN - PLOT) * fmin(fmax(share, 0), 1);
}

static usec length_of(const struct operation *operation)
{
    usec length = MSEC;

    for (uint32_t i = 0; i < operation->step_count; i++)
        length = usec_max(length, operation->steps[i].ended - operation->began);
    return length;
}

static void add_words(double x, double y, const char *look, const struct buffer *words,
                      struct buffer *out)
{
    svg_words(x, y, WIDTH, look, buffer_text(words), out);
}

static void add_head(struct buffer *out)
{
    const char *const left = SVG_INK " fill-opacity=\".8\"";
    const char *const right = SVG_RIGHT " fill-opacity=\".8\"";

    svg_words(ANSWER, TOP - 8, WIDTH, left, text_from("answer"), out);
    svg_words(TOOK, TOP - 8, WIDTH, right, text_from("took"), out);
    svg_words(WAITED, TOP - 8, WIDTH, left, text_from("waited before it"), out);
}

/* What it waited, and what it had been asked to wait. */
static void add_wait(const struct sequence *sequence, uint32_t index, double y)
{
    const struct step *before = &sequence->operation->steps[index - 1];
    usec gap = operation_gap(sequence->operation, index);
    struct buffer words = { 0 };

    if (gap < 0)
        buffer_add_string(&words, "nothing: overlaps");
    else
        html_time(gap, &words);
    if (before->retry_after != NEVER) {
        buffer_add_string(&words, gap < before->retry_after ? ", not " : " of ");
        html_time(before->retry_after, &words);
    }
    add_words(WAITED, y + BAR, SVG_INK, &words, sequence->out);
    if (gap > 0)
        svg_line(x_of(sequence, before->ended), y + BAR / 2.0 + 1,
                 x_of(sequence, before->ended + gap), y + BAR / 2.0 + 1, SVG_DOTTED, sequence->out);
    buffer_free(&words);
}

/* The time that its answer asked the client to stay away. */
static void add_asked(const struct sequence *sequence, const struct step *step, double y)
{
    double x = x_of(sequence, step->ended);
    double end = x_of(sequence, usec_after(step->ended, step->retry_after));

    if (step->retry_after != NEVER && end - x > 1)
        svg_box_told(x, y + ROW - 4, end - x, 4, SVG_FAULT " fill-opacity=\".6\"",
                     text_from("asked to wait"), sequence->out);
}

static void add_step(const struct sequence *sequence, uint32_t index)
{
    const struct step *step = &sequence->operation->steps[index];
    enum html_way way = html_way_of(step->ok, step->failed, (enum attempt_end)step->end);
    double y = TOP + ROW * (double)index, x = x_of(sequence, step->began);
    double width = fmax(x_of(sequence, step->ended) - x, 2.5);
    struct buffer words = { 0 };

    buffer_format(&words, "%u", index + 1);
    add_words(NUMBER, y + BAR, SVG_RIGHT, &words, sequence->out);
    buffer_clear(&words);
    buffer_format(&words, "%s ", html_way_sign(way));
    html_answer((enum attempt_end)step->end, step->status, &words);
    add_words(ANSWER, y + BAR, SVG_INK, &words, sequence->out);
    buffer_clear(&words);
    html_time(step->ended - step->began, &words);
    add_words(TOOK, y + BAR, SVG_RIGHT, &words, sequence->out);
    if (index > 0)
        add_wait(sequence, index, y);
    buffer_clear(&words);
    buffer_format(&words, "exchange %" PRIu64 "%s", step->exchange,
                  step->touched ? ", hit by a fault: " : "");
    html_touches(step->touched, &words);
    svg_box_told(fmin(x, WIDTH - MARGIN - 2.5), y + 1, width, BAR, html_way_look(way),
                 buffer_text(&words), sequence->out);
    add_asked(sequence, step, y);
    buffer_free(&words);
}

static void add_axis(const struct sequence *sequence, double bottom)
{
    double seconds = (double)sequence->length / (double)SECOND, step = html_step(seconds, 5);
    struct buffer words = { 0 };

    for (int i = 0; i * step <= seconds * (1 + 1e-9); i++) {
        double time = i * step, x = PLOT + (WIDTH - MARGIN - PLOT) * time / seconds;

        buffer_clear(&words);
        report_number(UNIT_TIME, time, &words);
        svg_line(x, TOP - 4, x, bottom + 3, SVG_GRID, sequence->out);
        add_words(fmin(x, WIDTH - 24), bottom + 16, SVG_MIDDLE, &words, sequence->out);
    }
    svg_line(PLOT, bottom, WIDTH - MARGIN, bottom, SVG_AXIS, sequence->out);
    buffer_free(&words);
}

static void add_picture(const struct operation *operation, size_t number, struct buffer *out)
{
    struct sequence sequence = { operation, length_of(operation), out };
    double bottom = TOP + ROW * (double)operation->step_count;
    struct buffer id = { 0 }, about = { 0 };
    struct svg svg = { .width = WIDTH, .height = bottom + FOOT, .whole = true };

    buffer_format(&id, "operation-%zu", number);
    buffer_format(&about, "A row for each attempt: its answer, how long it took, and what the "
                          "client waited before it.");
    svg.id = id.at;
    svg.title = text_from("Attempts of one operation in time");
    svg.about = buffer_text(&about);
    buffer_add_string(out, "<div class=\"wide picture\" role=\"group\" tabindex=\"0\" "
                           "aria-label=\"Attempts in time\">\n");
    svg_begin(&svg, out);
    add_head(out);
    add_axis(&sequence, bottom);
    for (uint32_t i = 0; i < operation->step_count; i++)
        add_step(&sequence, i);
    svg_end(out);
    buffer_add_string(out, "</div>\n");
    buffer_free(&id);
    buffer_free(&about);
}

static const char *close_in_words(enum operation_close close)
{
    switch (close) {
    case CLOSE_SUCCEEDED:
        return "succeeded";
    case CLOSE_FINAL:
        return "got a final answer";
    case CLOSE_GAVE_UP:
        return "gave up";
    case CLOSE_OPEN:
        break;
    }
    return "still open at the end";
}

static void add_operation(const struct judgment *judgment, const struct operation *operation,
                          size_t number, struct buffer *out)
{
    buffer_format(out, "<details class=\"operation\"%s>\n<summary>" HTML_HEADING,
                  number < OPEN ? " open" : "");
    html_text(operation->method, out);
    buffer_add_byte(out, ' ');
    html_text(operation->path, out);
    buffer_format(out, HTML_HEADING_END " <span>%u attempts in ", operation->attempts);
    html_time(operation->ended - operation->began, out);
    buffer_format(out, ", %s</span></summary>\n<p class=\"asks\">From ",
                  close_in_words(operation->close));
    report_moment(operation->began, out);
    buffer_add_string(out, "; client ");
    html_text(html_client_name(judgment, operation->client), out);
    if (operation->service != HISTORY_NONE) {
        buffer_add_string(out, "; service ");
        html_text(html_service_name(judgment, operation->service), out);
    }
    buffer_add_string(out, operation->tie == TIE_MARK ? "; tied by the client&#39;s own markers"
                                                      : "; tied by likeness");
    if (operation->attempts > operation->step_count)
        buffer_format(out, "; the first %u are shown", operation->step_count);
    buffer_add_string(out, "</p>\n");
    add_picture(operation, number, out);
    buffer_add_string(out, "</details>\n");
}

static bool is_among_worst(const struct sample_set *samples, const struct operation *operation)
{
    for (size_t i = 0; i < samples->worst_count; i++)
        if (samples->worst[i].began == operation->began &&
            samples->worst[i].client == operation->client &&
            samples->worst[i].attempts == operation->attempts)
            return true;
    return false;
}

/* Evenly over the sample, which lies in order of time. */
static void add_drawn(const struct judgment *judgment, struct buffer *out)
{
    const struct sample_set *samples = judgment->samples;
    size_t step = samples->operation_count / DRAWN + 1, number = samples->worst_count;

    buffer_add_string(out, "<h3 class=\"part\">Some of all, in order of time</h3>\n");
    for (size_t i = step / 2; i < samples->operation_count; i += step)
        if (!is_among_worst(samples, &samples->operations[i]))
            add_operation(judgment, &samples->operations[i], number++, out);
}

void html_operations(const struct judgment *judgment, struct buffer *out)
{
    const struct sample_set *samples = judgment->samples;

    html_section("operations", "Operations, attempt by attempt", out);
    if (samples->operation_total == 0) {
        buffer_add_string(out, "<p>No operation had more than one attempt.</p>\n");
        html_section_end(out);
        return;
    }
    buffer_add_string(out, "<p>");
    html_count(samples->operation_total, out);
    buffer_format(
        out,
        " operations had more than one attempt. First those with most attempts (%zu). "
        "\xe2\x9c\x93 ok, \xe2\x9c\x97 failed, \xe2\x96\xa0 final error; a dotted line is "
        "the wait, a bar below it the wait that the answer asked for (&quot;8 ms, not 1 s&quot;: "
        "less than that).</p>\n",
        samples->worst_count);
    for (size_t i = 0; i < samples->worst_count; i++)
        add_operation(judgment, &samples->worst[i], i, out);
    if (samples->operation_total > samples->worst_count)
        add_drawn(judgment, out);
    html_section_end(out);
}
