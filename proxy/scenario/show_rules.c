/* show_rules: what each rule says, on a line each. */
#include <string.h>

#include "scenario/show_parts.h"

static const char *figure_name(enum figure figure)
{
    switch (figure) {
    case FIGURE_PUBLISHED:
        return "published";
    case FIGURE_DERIVED:
        return "derived";
    case FIGURE_DESIGNED:
        return "designed";
    case FIGURE_UNSAID:
        break;
    }
    return "";
}

static void write_faults(const struct alternative *alternative, struct buffer *out)
{
    for (size_t i = 0; i < alternative->count; i++) {
        if (i > 0)
            buffer_add_string(out, " + ");
        buffer_add_string(out, alternative->faults[i].kind->name);
    }
}

/* `error 85%, hang 10%` */
static void write_outcomes(const struct rule *rule, struct buffer *out)
{
    for (size_t i = 0; i < rule->count; i++) {
        if (i > 0)
            buffer_add_string(out, ", ");
        write_faults(&rule->alternatives[i], out);
        buffer_add_byte(out, ' ');
        share_write(&rule->alternatives[i].share, out);
    }
}

static const char *per_name(enum share_per per)
{
    switch (per) {
    case PER_OPERATION:
        return ", per operation";
    case PER_CLIENT:
        return ", per client";
    case PER_CONNECTION:
        return ", per connection";
    case PER_EXCHANGE:
        break;
    }
    return "";
}

static void write_methods(const struct match *when, struct buffer *out)
{
    for (size_t i = 0; i < when->method.count; i++) {
        buffer_add_byte(out, i == 0 ? ' ' : '/');
        buffer_add_text(out, when->method.items[i]);
    }
}

/* A match may be long; of what is not a method, only the keys are told. */
static void write_asked(const struct match *when, struct buffer *out)
{
    const struct {
        const char *key;
        bool asked;
    } parts[] = {
        { "host", when->host.count > 0 },     { "path", when->path.count > 0 },
        { "header", when->header_count > 0 }, { "query", when->query_count > 0 },
        { "client", when->client.count > 0 }, { "body", when->body != NULL },
    };
    const char *before = ", by ";

    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if (!parts[i].asked)
            continue;
        buffer_format(out, "%s%s", before, parts[i].key);
        before = "+";
    }
}

static void write_limits(const struct rule *rule, struct buffer *out)
{
    buffer_add_string(out, per_name(rule->per));
    if (rule->nth.last != 0) {
        buffer_format(out, ", nth %llu", (unsigned long long)rule->nth.first);
        if (rule->nth.last == UINT64_MAX)
            buffer_add_string(out, "..");
        else if (rule->nth.last != rule->nth.first)
            buffer_format(out, "..%llu", (unsigned long long)rule->nth.last);
        buffer_add_string(out, " of each operation");
    }
    write_asked(&rule->when, out);
}

static struct text service_words(struct canvas *canvas, const struct rule *rule)
{
    struct buffer words = { 0 };
    struct text text;

    if (rule->service == SERVICE_ANY)
        buffer_add_string(&words, "all services");
    else
        buffer_add_text(&words, canvas->scenario->services[rule->service].name);
    write_methods(&rule->when, &words);
    buffer_mask_controls(&words);
    text = arena_copy(&canvas->arena, buffer_text(&words));
    buffer_free(&words);
    return text;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t most(size_t a, size_t b)
{
    return a > b ? a : b;
}

struct columns {
    size_t phase, service, words, figure;
};

static void show_rule(struct canvas *canvas, const struct rule *rule, struct text phase,
                      const struct columns *widths)
{
    struct buffer words = { 0 };

    write_outcomes(rule, &words);
    write_limits(rule, &words);
    canvas_cell(canvas, phase, widths->phase, INK_STRONG);
    buffer_add_byte(canvas->out, ' ');
    canvas_cell(canvas, service_words(canvas, rule), widths->service, INK_PLAIN);
    buffer_add_byte(canvas->out, ' ');
    canvas_cell(canvas, buffer_text(&words), widths->words, INK_PLAIN);
    buffer_add_byte(canvas->out, ' ');
    canvas_cell(canvas, text_from(figure_name(rule->figure)), widths->figure, INK_FAINT);
    canvas_line(canvas);
    buffer_free(&words);
}

/* Only of the phases that the timeline has; the name stands at the first rule of each. */
static void show_phase(struct canvas *canvas, const struct phase *phase,
                       const struct columns *widths)
{
    for (size_t i = 0; i < phase->rule_count; i++)
        show_rule(canvas, &canvas->scenario->rules[phase->first_rule + i],
                  i == 0 ? phase->name : text_from(""), widths);
}

static struct columns lay_columns(struct canvas *canvas)
{
    const struct scenario *scenario = canvas->scenario;
    struct columns widths = { 0 };

    for (size_t i = 0; i < scenario->rule_count; i++) {
        const struct rule *rule = &scenario->rules[i];

        widths.phase = most(widths.phase, scenario->phases[rule->phase].name.length);
        widths.service = most(widths.service, service_words(canvas, rule).length);
        widths.figure = most(widths.figure, strlen(figure_name(rule->figure)));
    }
    widths.phase = least(widths.phase, canvas->width / 5);
    widths.service = least(widths.service, canvas->width / 4);
    widths.words = canvas->width - widths.phase - widths.service - widths.figure - 3;
    return widths;
}

void show_rules(struct canvas *canvas)
{
    struct columns widths = lay_columns(canvas);

    if (canvas->scenario->rule_count > 0)
        canvas_line(canvas);
    for (size_t i = 0; i < canvas->timeline->count; i++)
        show_phase(canvas, &canvas->scenario->phases[canvas->timeline->stretches[i].phase],
                   &widths);
}
