/* show: the drawing as a whole: what stands above and below the chart, and how cells and lines are
 * set. */
#include "scenario/show.h"

#include "scenario/show_parts.h"

/* Columns that UTF-8 text takes: one for each character. */
static size_t columns(struct text text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.length; i++)
        count += ((unsigned char)text.at[i] & 0xC0) != 0x80;
    return count;
}

/* As many whole characters of the text as fit. */
static struct text cut(struct text text, size_t width)
{
    size_t length = 0, count = 0;

    while (length < text.length) {
        count += ((unsigned char)text.at[length] & 0xC0) != 0x80;
        if (count > width)
            break;
        length++;
    }
    return text_of(text.at, length);
}

static const char *ink_code(enum ink ink)
{
    switch (ink) {
    case INK_STRONG:
        return "\033[1m";
    case INK_FAINT:
        return "\033[2m";
    case INK_FAULT:
        return "\033[31m";
    case INK_PLAIN:
        break;
    }
    return NULL;
}

void canvas_cell(struct canvas *canvas, struct text text, size_t width, enum ink ink)
{
    bool whole = columns(text) <= width;
    struct text shown = cut(text, whole || width == 0 ? width : width - 1);
    const char *code = canvas->color && shown.length > 0 ? ink_code(ink) : NULL;

    if (code)
        buffer_add_string(canvas->out, code);
    buffer_add_text(canvas->out, shown);
    if (!whole && width > 0)
        buffer_add_string(canvas->out, canvas->unicode ? "…" : "~");
    if (code)
        buffer_add_string(canvas->out, "\033[0m");
    for (size_t i = whole ? columns(text) : width; i < width; i++)
        buffer_add_byte(canvas->out, ' ');
}

void canvas_line(struct canvas *canvas)
{
    struct buffer *out = canvas->out;

    while (out->length > 0 && out->at[out->length - 1] == ' ')
        out->length--;
    buffer_add_byte(out, '\n');
}

struct text canvas_duration(struct canvas *canvas, usec duration)
{
    struct buffer out = { 0 };
    usec unit = duration >= 10 * SECOND ? SECOND : duration >= SECOND ? SECOND / 10 : 1;
    struct text text;

    if (duration == NEVER)
        return text_from("until stopped");
    buffer_add_duration(&out, (duration + unit / 2) / unit * unit);
    text = arena_copy(&canvas->arena, buffer_text(&out));
    buffer_free(&out);
    return text;
}

/* The user's own words, on one line. */
static struct text one_line(struct canvas *canvas, struct text words)
{
    struct buffer line = { 0 };
    struct text text;

    buffer_add_text(&line, words);
    buffer_mask_controls(&line);
    text = arena_copy(&canvas->arena, buffer_text(&line));
    buffer_free(&line);
    return text;
}

/* How much scenario time is covered. */
static usec covered(const struct timeline *timeline)
{
    double sum = 0;

    if (timeline->lasts == NEVER)
        return NEVER;
    for (size_t i = 0; i < timeline->count; i++) {
        const struct stretch *stretch = &timeline->stretches[i];

        sum += (double)(stretch->ends - stretch->begins) * stretch->speed;
    }
    return (usec)(sum + 0.5);
}

static void show_title(struct canvas *canvas)
{
    const struct scenario *scenario = canvas->scenario;
    const struct timeline *timeline = canvas->timeline;
    bool titled = !text_is_empty(scenario->title);
    struct text title = one_line(canvas, titled ? scenario->title : scenario->file);
    struct text length = canvas_duration(canvas, covered(timeline));
    struct text line;

    canvas_cell(canvas, title, canvas->width, INK_STRONG);
    canvas_line(canvas);
    if (timeline->lasts == NEVER)
        line = arena_format(&canvas->arena, "Goes on until it is stopped.");
    else
        line = arena_format(&canvas->arena, "%s of the scenario in %s of yours.", length.at,
                            canvas_duration(canvas, timeline->lasts).at);
    canvas_cell(canvas, line, canvas->width, INK_PLAIN);
    canvas_line(canvas);
    canvas_line(canvas);
}

static void show_expectations(struct canvas *canvas)
{
    const struct scenario *scenario = canvas->scenario;

    if (scenario->expectation_count > 0)
        canvas_line(canvas);
    for (size_t i = 0; i < scenario->expectation_count; i++) {
        const struct expectation *expectation = &scenario->expectations[i];
        struct text written = one_line(canvas, expectation->as_written);

        canvas_cell(canvas, text_from(i == 0 ? "expects" : ""), 10, INK_FAINT);
        canvas_cell(canvas, expectation->name, 18, INK_PLAIN);
        canvas_cell(canvas, written, canvas->width > 28 ? canvas->width - 28 : 1, INK_PLAIN);
        canvas_line(canvas);
    }
}

void show_scenario(const struct scenario *scenario, const struct timeline *timeline, unsigned width,
                   bool color, bool unicode, struct buffer *out)
{
    struct canvas canvas = { .scenario = scenario,
                             .timeline = timeline,
                             .width = width < 40 ? 40 : width,
                             .color = color,
                             .unicode = unicode,
                             .out = out };

    show_title(&canvas);
    show_chart(&canvas);
    show_rules(&canvas);
    show_expectations(&canvas);
    arena_clear(&canvas.arena);
}
