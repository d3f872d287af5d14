/* summary: the numbers of a run as a person reads them when it is over. */
#include <stdlib.h>

#include "base/arena.h"
#include "observe/columns.h"
#include "observe/tally_cells.h"

enum {
    WIDTH = 80,
    NUMBER_WIDTH = 10,
    PHASE_WIDTH = WIDTH - 6 * NUMBER_WIDTH,
    RULE_WIDTH = WIDTH - 3 * NUMBER_WIDTH,
};

struct print {
    const struct tally *tally;
    bool color;
    struct buffer *out;
};

static void paint(struct print *print, const char *code)
{
    if (print->color)
        buffer_format(print->out, "\x1b[%sm", code);
}

/* Right-aligned in NUMBER_WIDTH; a color for what is not 0. */
static void add_number(struct print *print, uint64_t number, const char *code)
{
    struct buffer digits = { 0 };

    columns_add_count(&digits, number);
    for (size_t i = digits.length; i < NUMBER_WIDTH; i++)
        buffer_add_byte(print->out, ' ');
    if (code && number > 0)
        paint(print, code);
    buffer_add_text(print->out, buffer_text(&digits));
    if (code && number > 0)
        paint(print, "0");
    buffer_free(&digits);
}

static void add_heading(struct print *print, const char *name, size_t width,
                        const char *const *titles)
{
    paint(print, "1");
    columns_pad(print->out, text_from(name), width, true);
    for (; *titles; titles++)
        buffer_format(print->out, "%*s", NUMBER_WIDTH, *titles);
    paint(print, "0");
    buffer_add_byte(print->out, '\n');
}

static void add_name(struct print *print, struct text name, size_t width)
{
    buffer_add_string(print->out, "  ");
    columns_pad(print->out, name, width - 2, true);
}

static void add_amount(struct print *print, uint64_t count, const char *one, const char *many)
{
    columns_add_count(print->out, count);
    buffer_format(print->out, " %s", count == 1 ? one : many);
}

static void print_totals(struct print *print)
{
    struct tally_totals totals = tally_totals(print->tally);

    paint(print, "1");
    add_amount(print, totals.requests, "request", "requests");
    buffer_add_string(print->out, " (");
    columns_add_count(print->out, totals.matched);
    buffer_add_string(print->out, " matched), ");
    add_amount(print, totals.exercised, "fault", "faults");
    buffer_add_string(print->out, ", ");
    add_amount(print, totals.connections, "connection", "connections");
    paint(print, "0");
    buffer_add_byte(print->out, '\n');
    if (totals.refused + totals.troubles == 0)
        return;
    paint(print, "31");
    if (totals.refused > 0) {
        add_amount(print, totals.refused, "connection", "connections");
        buffer_add_string(print->out, totals.troubles > 0 ? " refused, " : " refused");
    }
    if (totals.troubles > 0)
        add_amount(print, totals.troubles, "trouble", "troubles");
    buffer_add_string(print->out, " (the log says more)");
    paint(print, "0");
    buffer_add_byte(print->out, '\n');
}

static void add_seconds(struct print *print, uint64_t length)
{
    struct buffer text = { 0 };

    if (length >= 10 * (uint64_t)SECOND)
        buffer_format(&text, "%llu s", (unsigned long long)(length / (uint64_t)SECOND));
    else
        buffer_format(&text, "%llu ms", (unsigned long long)(length / (uint64_t)MSEC));
    buffer_format(print->out, "%*s\n", NUMBER_WIDTH, text.at);
    buffer_free(&text);
}

static void print_phase(struct print *print, const struct phase_cell *phase, struct text name)
{
    uint64_t requests = tally_read(&phase->requests), by_class[STATUS_CLASSES];

    for (size_t i = 0; i < STATUS_CLASSES; i++)
        by_class[i] = tally_read(&phase->by_class[i]);
    add_name(print, name, PHASE_WIDTH);
    add_number(print, requests, NULL);
    add_number(print, by_class[1] + by_class[2] + by_class[3], "32");
    add_number(print, by_class[4], "33");
    add_number(print, by_class[5], "31");
    add_number(print, by_class[0], "35");
    add_seconds(print, tally_read(&phase->slowest));
}

/* In order of time: that is the story. */
static void print_phases(struct print *print)
{
    static const char *const titles[] = { "requests",  "ok",      "4xx", "5xx",
                                          "no answer", "slowest", NULL };
    const struct tally_names *names = &print->tally->names;

    buffer_add_byte(print->out, '\n');
    add_heading(print, "phase", PHASE_WIDTH, titles);
    for (size_t i = 0; i <= names->phase_count; i++) {
        const struct phase_cell *phase = &print->tally->phases[i];

        if (tally_read(&phase->requests) > 0)
            print_phase(print, phase,
                        i < names->phase_count ? names->phases[i] : text_from("(before or after)"));
    }
}

struct ranked {
    uint64_t exercised, decided;
    size_t index;
};

static int compare(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;

    if (a->exercised != b->exercised)
        return a->exercised < b->exercised ? 1 : -1;
    if (a->decided != b->decided)
        return a->decided < b->decided ? 1 : -1;
    return a->index < b->index ? -1 : 1;
}

/* The one that did most is the first. */
static void print_rules(struct print *print)
{
    static const char *const titles[] = { "decided", "exercised", "shadowed", NULL };
    const struct tally *tally = print->tally;
    size_t count = tally->names.rule_count;
    struct ranked *ranked = memory_take(count * sizeof *ranked);

    for (size_t i = 0; i < count; i++)
        ranked[i] = (struct ranked){ tally_read(&tally->rules[i].exercised),
                                     tally_read(&tally->rules[i].decided), i };
    if (count > 0)
        qsort(ranked, count, sizeof *ranked, compare);
    for (size_t i = 0; i < count && ranked[i].decided > 0; i++) {
        if (i == 0) {
            buffer_add_byte(print->out, '\n');
            add_heading(print, "rule", RULE_WIDTH, titles);
        }
        add_name(print, tally->names.rules[ranked[i].index], RULE_WIDTH);
        add_number(print, ranked[i].decided, NULL);
        add_number(print, ranked[i].exercised, "31");
        add_number(print, tally_read(&tally->rules[ranked[i].index].shadowed), "33");
        buffer_add_byte(print->out, '\n');
    }
    free(ranked);
}

static bool rule_is_idle(const struct tally *tally, size_t index)
{
    return tally_read(&tally->rules[index].decided) == 0 && !tally->rules[index].left_out;
}

static bool service_is_idle(const struct tally *tally, size_t index)
{
    const struct service_cell *cell = &tally->services[index];

    return tally_read(&cell->requests) == 0 && tally_read(&cell->openings) == 0;
}

static bool phase_is_idle(const struct tally *tally, size_t index)
{
    const struct phase_cell *cell = &tally->phases[index];

    return tally_read(&cell->requests) == 0 && tally_read(&cell->openings) == 0 && !cell->left_out;
}

/* `title: a, b, c`, broken between names. */
static void print_idle(struct print *print, const char *title, const struct text *names,
                       size_t count, bool (*is_idle)(const struct tally *tally, size_t index))
{
    size_t column = 0;

    for (size_t i = 0; i < count; i++) {
        size_t width = columns_of(names[i]);

        if (!is_idle(print->tally, i))
            continue;
        if (column == 0) {
            paint(print, "33");
            buffer_format(print->out, "\n%s:", title);
            paint(print, "0");
            column = strlen(title) + 1;
        } else {
            buffer_add_byte(print->out, ',');
            column++;
        }
        if (column + 1 + width + 1 > WIDTH) {
            buffer_add_string(print->out, "\n ");
            column = 1;
        }
        buffer_add_byte(print->out, ' ');
        column += 1 + columns_add(print->out, names[i], WIDTH - 4, true);
    }
}

void tally_summary(const struct tally *tally, bool color, struct buffer *out)
{
    struct print print = { tally, color, out };
    const struct tally_names *names = &tally->names;
    size_t before;

    print_totals(&print);
    if (tally_totals(tally).requests > 0)
        print_phases(&print);
    print_rules(&print);
    before = out->length;
    print_idle(&print, "services never asked", names->services, names->service_count,
               service_is_idle);
    print_idle(&print, "phases without a request", names->phases, names->phase_count,
               phase_is_idle);
    print_idle(&print, "rules that hit nothing", names->rules, names->rule_count, rule_is_idle);
    if (out->length > before)
        buffer_add_byte(out, '\n');
}
