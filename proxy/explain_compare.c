/* explain_compare: field by field, and what the differences are called. */
#include "explain_compare.h"

#include <inttypes.h>
#include <math.h>

#include "faults/fault.h"

/* Waves are computed with sines, which may differ from machine to machine in the last digits. */
#define SHARE_SLACK 1e-9

static void add_line(struct buffer *line, struct buffer *out)
{
    buffer_mask_controls(line);
    buffer_add_text(out, buffer_text(line));
    buffer_add_byte(out, '\n');
    buffer_clear(line);
}

void compare_write_head(const struct logged *logged, struct buffer *out)
{
    const struct event_request *event = &logged->event;
    bool tunnel = logged->opening || logged_is_tunnel(logged);
    struct buffer line = { 0 };

    buffer_format(
        &line, "%s %" PRIu64 " (line %" PRIu64 "): ", logged->opening ? "connection" : "exchange",
        logged->opening ? event->connection : event->exchange, logged->line);
    buffer_add_text(&line, logged->opening ? text_from("to") : event->method);
    buffer_add_byte(&line, ' ');
    buffer_add_text(&line, tunnel ? event->host : event->path);
    buffer_add_string(&line, " of ");
    buffer_add_text(&line, event->client);
    add_line(&line, out);
    buffer_free(&line);
}

static void write_pair(const char *what, struct text log, struct text engine, struct buffer *out)
{
    struct buffer line = { 0 };

    buffer_format(&line, "  %s: the log says ", what);
    buffer_add_text(&line, text_is_empty(log) ? text_from("none") : log);
    buffer_add_string(&line, ", the engine ");
    buffer_add_text(&line, text_is_empty(engine) ? text_from("none") : engine);
    add_line(&line, out);
    buffer_free(&line);
}

static bool compare_texts(const char *what, struct text log, struct text engine, struct buffer *out)
{
    if (text_equal(log, engine))
        return true;
    write_pair(what, log, engine, out);
    return false;
}

/* Their order has been followed already: what is left is whether there is one. */
static bool compare_turns(uint64_t log, uint64_t engine, struct buffer *out)
{
    if ((log == 0) == (engine == 0))
        return true;
    write_pair("turn", text_from(log == 0 ? "" : "one"), text_from(engine == 0 ? "" : "one"), out);
    return false;
}

static bool compare_ordinals(uint64_t log, uint64_t engine, struct buffer *out)
{
    char first[24], second[24];

    if (log == engine)
        return true;
    snprintf(first, sizeof first, "%" PRIu64, log);
    snprintf(second, sizeof second, "%" PRIu64, engine);
    write_pair("ordinal", text_from(first), text_from(second), out);
    return false;
}

static struct text rule_of(const struct replay *replay, const struct hit *hit)
{
    return replay->scenario->rules[hit->rule].id;
}

static bool is_same(const struct replay *replay, const struct event_fault *event,
                    const struct hit *hit)
{
    return text_equal(event->rule, rule_of(replay, hit)) && text_is(event->kind, hit->kind->name) &&
           event->draw >= hit->draw && event->draw <= hit->draw &&
           fabs(event->share - hit->share) <= SHARE_SLACK && event->shadowed == hit->shadowed;
}

static void write_fault(struct text rule, struct text kind, double draw, double share,
                        bool shadowed, struct buffer *line)
{
    buffer_add_text(line, rule);
    buffer_add_byte(line, ' ');
    buffer_add_text(line, kind);
    buffer_format(line, " (draw %.17g of share %.17g%s)", draw, share,
                  shadowed ? ", shadowed" : "");
}

static void write_logged(const struct logged *logged, struct buffer *line)
{
    for (const struct logged_fault *fault = logged->faults; fault; fault = fault->next) {
        const struct event_fault *event = &fault->event;

        write_fault(event->rule, event->kind, event->draw, event->share, event->shadowed, line);
        if (fault->next)
            buffer_add_string(line, ", ");
    }
    if (!logged->faults)
        buffer_add_string(line, "none");
}

static void write_hits(const struct replay *replay, const struct decision *decision,
                       struct buffer *line)
{
    for (size_t i = 0; i < decision->count; i++) {
        const struct hit *hit = &decision->hits[i];

        if (i > 0)
            buffer_add_string(line, ", ");
        write_fault(rule_of(replay, hit), text_from(hit->kind->name), hit->draw, hit->share,
                    hit->shadowed, line);
    }
    if (decision->count == 0)
        buffer_add_string(line, "none");
}

/* How many of the engine's hits the log has, in their order; SIZE_MAX: it has others. */
static size_t count_same(const struct replay *replay, const struct logged *logged,
                         const struct decision *decision)
{
    size_t same = 0, at = 0;

    for (const struct logged_fault *fault = logged->faults; fault; fault = fault->next) {
        while (at < decision->count && !is_same(replay, &fault->event, &decision->hits[at]))
            at++;
        if (at++ >= decision->count)
            return SIZE_MAX;
        same++;
    }
    return same;
}

static bool rule_counts(const struct rule *rule)
{
    return rule->nth.last != 0 || (rule->needs & FAULT_NEEDS_TURNS) != 0;
}

/* Whether decisions hang on those before them. */
static bool phase_counts(const struct replay *replay, uint16_t phase)
{
    const struct phase *present = &replay->scenario->phases[phase];

    for (size_t i = 0; i < present->rule_count; i++)
        if (rule_counts(&replay->scenario->rules[present->first_rule + i]))
            return true;
    return false;
}

static enum compared compare_faults(const struct replay *replay, const struct logged *logged,
                                    const struct decision *decision, bool gapped,
                                    struct buffer *out)
{
    size_t same = count_same(replay, logged, decision);
    struct buffer line = { 0 };

    if (same == decision->count && logged->event.faults == decision->count)
        return COMPARED_SAME;
    buffer_add_string(&line, "  faults in the log: ");
    write_logged(logged, &line);
    if (logged->event.faults != logged->fault_count)
        buffer_format(&line, "; lines for %zu of %" PRIu64, logged->fault_count,
                      logged->event.faults);
    add_line(&line, out);
    buffer_add_string(&line, "  faults by the engine: ");
    write_hits(replay, decision, &line);
    add_line(&line, out);
    buffer_free(&line);
    if ((gapped && phase_counts(replay, decision->phase)) ||
        (same != SIZE_MAX && logged->event.faults == decision->count))
        return COMPARED_DOUBTFUL;
    return COMPARED_DIFFERENT;
}

/* Time does not run backwards, and only steps let the timeline run ahead of it. */
static bool compare_times(const struct replay *replay, const struct logged *logged,
                          struct buffer *out)
{
    if (replay->step || logged->event.timeline >= logged->event.decided)
        return true;
    buffer_add_string(out, "  time: the log's timeline_s is behind its decided_s\n");
    return false;
}

enum compared compare(const struct replay *replay, const struct logged *logged,
                      const struct decision *decision, bool gapped, struct buffer *out)
{
    const struct scenario *scenario = replay->scenario;
    struct text service = { 0 };
    enum compared faults = compare_faults(replay, logged, decision, gapped, out);
    bool same;

    if (decision->service != SERVICE_NONE)
        service = scenario->services[decision->service].name;
    same = compare_texts("service", logged->event.service, service, out);
    same &=
        compare_texts("phase", logged->event.phase, scenario->phases[decision->phase].name, out);
    same &= compare_ordinals(logged->event.ordinal, decision->ordinal, out);
    same &= compare_turns(logged->event.turn, decision->turn, out);
    same &= compare_times(replay, logged, out);
    return same ? faults : COMPARED_DIFFERENT;
}
