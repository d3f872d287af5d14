/* show_cell: what stands in one cell of the chart: a kind's name, short enough, and its share as a
 * number, or drawn where it changes. */
#include <math.h>

#include "scenario/show_parts.h"

#define SAMPLES 16 /* of a column, so that a wave shows as its mean */
#define LEAST_SPARKS ((size_t)4)

static const struct stretch *stretch_at(const struct canvas *canvas, size_t index)
{
    return &canvas->timeline->stretches[index];
}

static const struct phase *phase_at(const struct canvas *canvas, size_t index)
{
    return &canvas->scenario->phases[stretch_at(canvas, index)->phase];
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
static double share_of_cell(const struct canvas *canvas, const struct cell *cell, usec into)
{
    const struct phase *phase = phase_at(canvas, cell->stretch);
    double spared = 1;

    for (size_t i = 0; i < phase->rule_count; i++) {
        const struct rule *rule = &canvas->scenario->rules[phase->first_rule + i];

        if (rule->service == cell->service)
            spared *= 1 - rule_share(rule, cell->kind, into, phase->lasts);
    }
    return 1 - spared;
}

static bool rule_is_steady(const struct rule *rule, const struct fault_kind *kind)
{
    for (size_t i = 0; i < rule->count; i++)
        if (alternative_has(&rule->alternatives[i], kind) &&
            rule->alternatives[i].share.kind != SHARE_CONSTANT)
            return false;
    return true;
}

static bool cell_is_steady(const struct canvas *canvas, const struct cell *cell)
{
    const struct phase *phase = phase_at(canvas, cell->stretch);

    for (size_t i = 0; i < phase->rule_count; i++) {
        const struct rule *rule = &canvas->scenario->rules[phase->first_rule + i];

        if (rule->service == cell->service && !rule_is_steady(rule, cell->kind))
            return false;
    }
    return true;
}

static void add_cell(struct canvas *canvas, struct cell cell, struct cell *cells, size_t *count)
{
    for (size_t i = 0; i < *count; i++)
        if (cells[i].kind == cell.kind)
            return;
    if (*count == MOST_CELLS)
        return;
    if (cell_is_steady(canvas, &cell))
        cell.number = arena_format(&canvas->arena, "%.3g%%", share_of_cell(canvas, &cell, 0) * 100);
    cells[(*count)++] = cell;
}

size_t show_cells(struct canvas *canvas, uint16_t service, size_t stretch, struct cell *cells)
{
    const struct phase *phase = phase_at(canvas, stretch);
    size_t count = 0;

    for (size_t i = 0; i < phase->rule_count; i++) {
        const struct rule *rule = &canvas->scenario->rules[phase->first_rule + i];

        for (size_t j = 0; rule->service == service && j < rule->count; j++)
            for (size_t k = 0; k < rule->alternatives[j].count; k++)
                add_cell(canvas,
                         (struct cell){ .service = service,
                                        .stretch = stretch,
                                        .kind = rule->alternatives[j].faults[k].kind },
                         cells, &count);
    }
    return count;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t show_cell_width(const struct cell *cell, size_t name)
{
    size_t share = cell->number.length > 0 ? cell->number.length : LEAST_SPARKS;

    return least(strlen(cell->kind->name), name) + 1 + share;
}

/* Of what has no end, an hour is drawn. */
static usec drawn_length(const struct stretch *stretch)
{
    if (stretch->ends == NEVER)
        return HOUR;
    return (usec)llround((double)(stretch->ends - stretch->begins) * stretch->speed);
}

static double column_share(const struct canvas *canvas, const struct cell *cell, size_t column,
                           size_t width)
{
    const struct stretch *stretch = stretch_at(canvas, cell->stretch);
    double length = (double)drawn_length(stretch), sum = 0;

    for (size_t i = 0; i < SAMPLES; i++) {
        double part = ((double)column + ((double)i + 0.5) / SAMPLES) / (double)width;

        sum += share_of_cell(canvas, cell, stretch->skips + (usec)(part * length));
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

/* `latency`, `laten.`, `lat.` */
static struct text short_name(struct canvas *canvas, const char *name, size_t room)
{
    if (strlen(name) <= room)
        return text_from(name);
    return arena_format(&canvas->arena, "%.*s.", (int)room - 1, name);
}

void show_cell(struct canvas *canvas, const struct cell *cell, size_t width)
{
    size_t share = cell->number.length > 0 ? cell->number.length : LEAST_SPARKS;
    struct text name = short_name(canvas, cell->kind->name, width - share - 1);
    struct buffer sparks = { 0 };

    canvas_cell(canvas, name, name.length + 1, INK_PLAIN);
    share = width - name.length - 1;
    for (size_t i = 0; cell->number.length == 0 && i < share; i++)
        buffer_add_string(&sparks, spark(column_share(canvas, cell, i, share), canvas->unicode));
    canvas_cell(canvas, cell->number.length > 0 ? cell->number : buffer_text(&sparks), share,
                INK_FAULT);
    buffer_free(&sparks);
}
