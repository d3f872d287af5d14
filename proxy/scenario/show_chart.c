/* show_chart: time drawn from left to right. A phase is as wide as its words need, and wider the
 * longer it lasts; phases that do not fit beside each other go on in a band below. */
#include <math.h>

#include "scenario/show_parts.h"

#define WIDEST_NAME ((size_t)16)
#define LONGEST_NAME ((size_t)16)
#define SHORTEST_NAME ((size_t)4)
#define BEYOND 1e6 /* columns that no terminal has */

/* Some of the stretches, drawn beside each other. */
struct band {
    size_t first, count;
    size_t label; /* columns left of them */
    size_t *widths;
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

/* Of what one service has in the phase. */
static size_t widest_cell(struct canvas *canvas, uint16_t service, size_t index, size_t name)
{
    struct cell cells[MOST_CELLS];
    size_t count = show_cells(canvas, service, index, cells), widest = 0;

    for (size_t i = 0; i < count; i++) {
        size_t width = show_cell_width(&cells[i], name);

        widest = width > widest ? width : widest;
    }
    return widest;
}

static size_t least_width(struct canvas *canvas, size_t index, size_t name)
{
    size_t widest = 0, width = widest_cell(canvas, SERVICE_ANY, index, name);

    for (unsigned line = 0; line < 3; line++) {
        size_t length = head_of(canvas, index, line).length;

        widest = length > widest ? length : widest;
    }
    widest = widest > WIDEST_NAME ? WIDEST_NAME : widest;
    for (size_t i = 0; i < canvas->scenario->service_count; i++) {
        widest = width > widest ? width : widest;
        width = widest_cell(canvas, (uint16_t)i, index, name);
    }
    return (width > widest ? width : widest) + 1;
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

static struct band lay_band(struct canvas *canvas, size_t first, size_t label, size_t name)
{
    size_t most = canvas->timeline->count - first, room = canvas->width - label, used = 0;
    struct band band = { .first = first, .label = label };

    band.widths = ARENA_ARRAY(&canvas->arena, size_t, most);
    while (band.count < most) {
        size_t width = least_width(canvas, first + band.count, name);

        if (band.count > 0 && used + width > room + 1)
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

/* The n-th fault of the service in each phase. */
static void draw_line(struct canvas *canvas, const struct band *band, uint16_t index, size_t line)
{
    struct text name =
        index == SERVICE_ANY ? text_from("all services") : canvas->scenario->services[index].name;
    struct cell cells[MOST_CELLS];

    canvas_cell(canvas, line == 0 ? name : text_from(""), band->label, INK_STRONG);
    for (size_t i = 0; i < band->count; i++) {
        size_t width = band->widths[i] - 1;

        if (line < show_cells(canvas, index, band->first + i, cells))
            show_cell(canvas, &cells[line], width);
        else
            canvas_cell(canvas, text_from(""), width, INK_PLAIN);
        canvas_cell(canvas, text_from(""), 1, INK_PLAIN);
    }
    canvas_line(canvas);
}

/* The most faults that the service has in one of the stretches. */
static size_t busiest(struct canvas *canvas, uint16_t index, size_t first, size_t count)
{
    struct cell cells[MOST_CELLS];
    size_t most = 0;

    for (size_t i = 0; i < count; i++) {
        size_t here = show_cells(canvas, index, first + i, cells);

        most = here > most ? here : most;
    }
    return most;
}

/* The lines that a service takes: as many as the busiest of its cells has faults. */
static void draw_service(struct canvas *canvas, const struct band *band, uint16_t index)
{
    const struct service *service =
        index == SERVICE_ANY ? NULL : &canvas->scenario->services[index];
    size_t lines = busiest(canvas, index, band->first, band->count);
    bool ever = busiest(canvas, index, 0, canvas->timeline->count) > 0;

    if (!service && lines == 0)
        return;
    for (size_t line = 0; line < lines || (line == 0 && ever); line++)
        draw_line(canvas, band, index, line);
    if (ever || !service)
        return;
    canvas_cell(canvas, service->name, band->label, INK_STRONG);
    canvas_cell(canvas, text_from(service->stays_up ? "stays up" : "no fault of its own"),
                canvas->width - band->label, INK_FAINT);
    canvas_line(canvas);
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

/* Columns of a fault's name: as many as let all phases stand beside each other, if that can be. */
static size_t choose_name(struct canvas *canvas, size_t label)
{
    size_t name = LONGEST_NAME;

    for (; name > SHORTEST_NAME; name--) {
        size_t sum = 0;

        for (size_t i = 0; i < canvas->timeline->count; i++)
            sum += least_width(canvas, i, name);
        if (sum <= canvas->width - label + 1)
            break;
    }
    return name;
}

void show_chart(struct canvas *canvas)
{
    size_t label = label_width(canvas->scenario), name = choose_name(canvas, label);

    for (size_t first = 0; first < canvas->timeline->count;) {
        struct band band = lay_band(canvas, first, label, name);

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
