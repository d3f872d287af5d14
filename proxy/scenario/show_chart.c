/* show_chart: time drawn from left to right. A phase is as wide as its words need, and wider the
 * longer it lasts; phases that do not fit beside each other go on in a band below. */
#include <math.h>

#include "scenario/show_parts.h"

#define SAMPLES 16 /* of a column, so that a wave shows as its mean */
#define WIDEST_NAME ((size_t)16)
#define MOST_KINDS 64
#define BEYOND 1e6 /* columns that no terminal has */

/* Some of the stretches, drawn beside each other. */
struct band {
    size_t first, count;
    size_t label; /* columns left of them */
    size_t *widths;
};

/* A row: what one kind of fault does to one service (SERVICE_ANY: to all at once). */
struct row {
    uint16_t service;
    const struct fault_kind *kind;
};

static const struct stretch *stretch_at(const struct canvas *canvas, size_t index)
{
    return &canvas->timeline->stretches[index];
}

static const struct phase *phase_at(const struct canvas *canvas, size_t index)
{
    return &canvas->scenario->phases[stretch_at(canvas, index)->phase];
}

/* What stands above the columns. */
static struct text head_of(struct canvas *canvas, size_t index, unsigned line)
{
    const struct stretch *stretch = stretch_at(canvas, index);
    usec wall = stretch->ends == NEVER ? NEVER : stretch->ends - stretch->begins;

    if (line == 0)
        return phase_at(canvas, index)->name;
    if (wall == NEVER)
        return text_from(line == 1 ? "until stopped" : "");
    if (line == 1)
        return canvas_duration(canvas, (usec)llround((double)wall * stretch->speed));
    return arena_format(&canvas->arena, "%s%s", canvas_duration(canvas, wall).at,
                        stretch->stretched ? "*" : "");
}

static size_t least_width(struct canvas *canvas, size_t index)
{
    size_t widest = 0;

    for (unsigned line = 0; line < 3; line++) {
        size_t length = head_of(canvas, index, line).length;

        widest = length > widest ? length : widest;
    }
    return (widest > WIDEST_NAME ? WIDEST_NAME : widest) + 1;
}

/* A phase's columns at a scale of columns per microsecond. */
static size_t scaled(const struct canvas *canvas, const struct band *band, size_t i, double scale)
{
    double width = (double)phase_at(canvas, band->first + i)->lasts * scale;

    return width > (double)band->widths[i] ? (size_t)fmin(width, BEYOND) : band->widths[i];
}

static size_t scaled_sum(const struct canvas *canvas, const struct band *band, double scale)
{
    size_t sum = 0;

    for (size_t i = 0; i < band->count; i++)
        sum += scaled(canvas, band, i, scale);
    return sum;
}

/* To the largest scale that still fits. A phase lasts from 1 to 9e18 microseconds: from one
 * column for each, eighty halvings get anywhere. */
static void widen(const struct canvas *canvas, const struct band *band, size_t room)
{
    double low = 0, high = (double)room;

    for (unsigned i = 0; i < 80; i++) {
        double middle = (low + high) / 2;

        if (scaled_sum(canvas, band, middle) > room)
            high = middle;
        else
            low = middle;
    }
    for (size_t i = 0; i < band->count; i++)
        band->widths[i] = scaled(canvas, band, i, low);
}

static struct band lay_band(struct canvas *canvas, size_t first, size_t label)
{
    size_t most = canvas->timeline->count - first, room = canvas->width - label, used = 0;
    struct band band = { .first = first, .label = label };

    band.widths = ARENA_ARRAY(&canvas->arena, size_t, most);
    while (band.count < most) {
        size_t width = least_width(canvas, first + band.count);

        if (band.count > 0 && used + width > room)
            break;
        band.widths[band.count++] = width;
        used += width;
    }
    if (used < room)
        widen(canvas, &band, room);
    return band;
}

static void draw_heads(struct canvas *canvas, const struct band *band)
{
    static const char *const labels[] = { "", "lasts", "at speed" };

    for (unsigned line = 0; line < COUNT_OF(labels); line++) {
        if (line == 2 && canvas->timeline->lasts == NEVER)
            continue;
        canvas_cell(canvas, text_from(labels[line]), band->label, INK_FAINT);
        for (size_t i = 0; i < band->count; i++) {
            canvas_cell(canvas, head_of(canvas, band->first + i, line), band->widths[i] - 1,
                        line == 0 ? INK_STRONG : INK_FAINT);
            canvas_cell(canvas, text_from(""), 1, INK_PLAIN);
        }
        canvas_line(canvas);
    }
}

static bool alternative_has(const struct alternative *alternative, const struct fault_kind *kind)
{
    for (size_t i = 0; i < alternative->count; i++)
        if (alternative->faults[i].kind == kind)
            return true;
    return false;
}

/* Which part of the service's exchanges the rule hits with that kind. */
static double rule_share(const struct rule *rule, const struct fault_kind *kind, usec into,
                         usec lasts)
{
    double sum = 0;

    for (size_t i = 0; i < rule->count; i++)
        if (alternative_has(&rule->alternatives[i], kind))
            sum += share_at(&rule->alternatives[i].share, into, lasts);
    return fmin(sum, 1);
}

/* Separate rules draw separately: what is left of one is the next one's. */
static double share_of_row(const struct canvas *canvas, const struct row *row,
                           const struct phase *phase, usec into)
{
    double spared = 1;

    for (size_t i = 0; i < phase->rule_count; i++) {
        const struct rule *rule = &canvas->scenario->rules[phase->first_rule + i];

        if (rule->service == row->service)
            spared *= 1 - rule_share(rule, row->kind, into, phase->lasts);
    }
    return 1 - spared;
}

/* Of what has no end, an hour is drawn. */
static usec drawn_length(const struct stretch *stretch)
{
    if (stretch->ends == NEVER)
        return HOUR;
    return (usec)llround((double)(stretch->ends - stretch->begins) * stretch->speed);
}

static double column_share(const struct canvas *canvas, const struct row *row, size_t index,
                           size_t column, size_t width)
{
    const struct stretch *stretch = stretch_at(canvas, index);
    double length = (double)drawn_length(stretch), sum = 0;

    for (size_t i = 0; i < SAMPLES; i++) {
        double part = ((double)column + ((double)i + 0.5) / SAMPLES) / (double)width;
        usec into = stretch->skips + (usec)(part * length);

        sum += share_of_row(canvas, row, phase_at(canvas, index), into);
    }
    return sum / SAMPLES;
}

/* Nothing is blank, and the least there is can be seen. */
static const char *spark(double share, bool unicode)
{
    static const char *const blocks[] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
    static const char *const letters[] = { " ", ".", ":", "-", "=", "+", "*", "%", "#" };
    long level = share <= 0 ? 0 : lround(fmax(1, fmin(8, share * 8)));

    return unicode ? blocks[level] : letters[level];
}

static void draw_row(struct canvas *canvas, const struct band *band, const struct row *row)
{
    struct text label = arena_format(&canvas->arena, "  %s", row->kind->name);

    canvas_cell(canvas, label, band->label, INK_PLAIN);
    for (size_t i = 0; i < band->count; i++) {
        struct buffer sparks = { 0 };
        size_t width = band->widths[i] - 1;
        bool any = false;

        for (size_t column = 0; column < width; column++) {
            double share = column_share(canvas, row, band->first + i, column, width);

            any = any || share > 0;
            buffer_add_string(&sparks, spark(share, canvas->unicode));
        }
        canvas_cell(canvas, any ? buffer_text(&sparks) : text_from(""), band->widths[i], INK_FAULT);
        buffer_free(&sparks);
    }
    canvas_line(canvas);
}

static void collect_kind(const struct fault_kind *kind, const struct fault_kind **kinds,
                         size_t *count)
{
    for (size_t i = 0; i < *count; i++)
        if (kinds[i] == kind)
            return;
    if (*count < MOST_KINDS)
        kinds[(*count)++] = kind;
}

/* The kinds that rules name for the service, each once, in the order of the rules. */
static size_t collect_kinds(const struct scenario *scenario, uint16_t service,
                            const struct fault_kind **kinds)
{
    size_t count = 0;

    for (size_t i = 0; i < scenario->rule_count; i++) {
        const struct rule *rule = &scenario->rules[i];

        for (size_t j = 0; rule->service == service && j < rule->count; j++)
            for (size_t k = 0; k < rule->alternatives[j].count; k++)
                collect_kind(rule->alternatives[j].faults[k].kind, kinds, &count);
    }
    return count;
}

static void draw_service(struct canvas *canvas, const struct band *band, uint16_t index)
{
    const struct fault_kind *kinds[MOST_KINDS];
    const struct service *service =
        index == SERVICE_ANY ? NULL : &canvas->scenario->services[index];
    size_t count = collect_kinds(canvas->scenario, index, kinds);

    if (!service && count == 0)
        return;
    canvas_cell(canvas, service ? service->name : text_from("all services"), band->label,
                INK_STRONG);
    if (count == 0)
        canvas_cell(canvas, text_from(service->stays_up ? "stays up" : "no fault of its own"),
                    canvas->width - band->label, INK_FAINT);
    canvas_line(canvas);
    for (size_t i = 0; i < count; i++)
        draw_row(canvas, band, &(struct row){ index, kinds[i] });
}

static size_t label_width(const struct scenario *scenario)
{
    size_t widest = sizeof("all services") - 1;

    for (size_t i = 0; i < scenario->service_count; i++)
        if (scenario->services[i].name.length > widest)
            widest = scenario->services[i].name.length;
    return (widest > WIDEST_NAME ? WIDEST_NAME : widest) + 2;
}

static void explain_star(struct canvas *canvas)
{
    for (size_t i = 0; i < canvas->timeline->count; i++) {
        if (!stretch_at(canvas, i)->stretched)
            continue;
        canvas_cell(canvas, text_from("* stretched: a phase is not made shorter than this"),
                    canvas->width, INK_FAINT);
        canvas_line(canvas);
        return;
    }
}

void show_chart(struct canvas *canvas)
{
    size_t label = label_width(canvas->scenario);

    for (size_t first = 0; first < canvas->timeline->count;) {
        struct band band = lay_band(canvas, first, label);

        if (first > 0)
            canvas_line(canvas);
        draw_heads(canvas, &band);
        draw_service(canvas, &band, SERVICE_ANY);
        for (size_t i = 0; i < canvas->scenario->service_count; i++)
            draw_service(canvas, &band, (uint16_t)i);
        first += band.count;
    }
    explain_star(canvas);
}
