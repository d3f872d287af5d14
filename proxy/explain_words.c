/* explain_words: the engine's steps, each told as it is taken. */
#include "explain_words.h"

#include <inttypes.h>

#include "explain_compare.h"
#include "faults/fault.h"
#include "scenario/match_words.h"

struct telling {
    const struct replay *replay;
    const struct logged *logged;
    const struct question *question;
    const struct decision *decision; /* as far as it has come */
    const struct logged_fault *next; /* of the log's faults: the first that is not yet told */
    struct buffer *out;
};

static void add_line(const struct telling *telling, struct buffer *line)
{
    buffer_mask_controls(line);
    buffer_add_text(telling->out, buffer_text(line));
    buffer_add_byte(telling->out, '\n');
    buffer_clear(line);
}

static void write_outcome(const struct logged *logged, struct buffer *line)
{
    const struct event_request *event = &logged->event;

    buffer_add_string(line, "  outcome: ");
    buffer_add_text(line, event->outcome);
    if (event->status > 0)
        buffer_format(line, ", status %" PRIu64, event->status);
    if (!text_is_empty(event->detail)) {
        buffer_add_string(line, ", ");
        buffer_add_text(line, event->detail);
    }
}

static void tell_moment(const struct telling *telling)
{
    const struct moment *moment = &telling->question->moment;
    const struct phase *phase = &telling->replay->scenario->phases[moment->phase];
    struct buffer line = { 0 };

    buffer_add_string(&line, "  decided: ");
    buffer_add_duration(&line, telling->logged->event.decided);
    buffer_add_string(&line, " after the timeline's start, ");
    if (moment->over) {
        buffer_add_string(&line, "when it had ended: nothing is hit any more");
    } else {
        buffer_add_duration(&line, moment->into);
        buffer_add_string(&line, " of scenario time into phase ");
        buffer_add_text(&line, phase->name);
    }
    if (!moment->over && phase->lasts != NEVER) {
        buffer_add_string(&line, " (of ");
        buffer_add_duration(&line, phase->lasts);
        buffer_add_byte(&line, ')');
    }
    add_line(telling, &line);
    buffer_free(&line);
}

/* The services in front of the one that matched, and why not; then that one. */
static void tell_service(const struct telling *telling)
{
    const struct scenario *scenario = telling->replay->scenario;
    const struct subject *subject = &telling->question->subject;
    uint16_t found = engine_service(telling->replay->engine, subject);
    struct buffer line = { 0 };

    for (size_t i = 0; i < scenario->service_count && i < found; i++) {
        buffer_add_string(&line, "  not service ");
        buffer_add_text(&line, scenario->services[i].name);
        buffer_add_string(&line, ": ");
        match_write_failed(&scenario->services[i].match, subject, &line);
        add_line(telling, &line);
    }
    if (found == SERVICE_NONE) {
        buffer_add_string(&line, "  no service matches, so nothing happens to it");
    } else {
        buffer_add_string(&line, "  service ");
        buffer_add_text(&line, scenario->services[found].name);
        buffer_add_string(&line, ": ");
        match_write_held(&scenario->services[found].match, subject, &line);
    }
    add_line(telling, &line);
    buffer_free(&line);
}

static void write_service(const struct telling *telling, const struct rule *rule,
                          struct buffer *line)
{
    if (rule->service == SERVICE_ANY)
        buffer_add_string(line, "all services");
    else
        buffer_add_text(line, telling->replay->scenario->services[rule->service].name);
}

static void write_nth(const struct range *nth, struct buffer *line)
{
    buffer_format(line, "%" PRIu64, nth->first);
    if (nth->last == UINT64_MAX)
        buffer_add_string(line, "..");
    else if (nth->last != nth->first)
        buffer_format(line, "..%" PRIu64, nth->last);
}

/* `0.85, which is 85%` or `0.62, which is 100% -> 20% at this moment` */
static void write_share(const struct engine_step *step, struct buffer *line)
{
    const struct rule *rule = step->rule;

    buffer_format(line, "%.6g", step->share);
    if (rule->count > 1) {
        buffer_add_string(line, " (of the mix, up to here)");
        return;
    }
    buffer_add_string(line, " (");
    share_write(&rule->alternatives[0].share, line);
    if (rule->alternatives[0].share.kind != SHARE_CONSTANT)
        buffer_add_string(line, ", at this moment");
    buffer_add_byte(line, ')');
}

static void write_per(const struct rule *rule, struct buffer *line)
{
    static const char *const words[] = {
        [PER_EXCHANGE] = "",
        [PER_OPERATION] = " for this operation",
        [PER_CLIENT] = " for this client",
        [PER_CONNECTION] = " for this connection",
    };

    buffer_add_string(line, words[rule->per]);
}

static void write_step(const struct telling *telling, const struct engine_step *step,
                       struct buffer *line)
{
    switch (step->asked) {
    case ASKED_OTHER_SERVICE:
        buffer_add_string(line, "not concerned: it is on ");
        write_service(telling, step->rule, line);
        return;
    case ASKED_STAYS_UP:
        buffer_add_string(line, "not concerned: this service stays up");
        return;
    case ASKED_OTHER_MEDIUM:
        buffer_format(line, "not concerned: its faults do not bite on %s",
                      telling->question->tunnel ? "tunnels"
                                                : "requests, but on connections or "
                                                  "tunnels");
        return;
    case ASKED_OUTSIDE:
        buffer_add_string(line, "not concerned: ");
        match_write_failed(&step->rule->when, &telling->question->subject, line);
        return;
    case ASKED_NTH:
        buffer_format(line, "not concerned: it is number %" PRIu64 ", and nth is ", step->nth);
        write_nth(&step->rule->nth, line);
        return;
    case ASKED_MISSED:
    case ASKED_HIT:
        break;
    }
    buffer_format(line, "draw %.6g", step->draw);
    write_per(step->rule, line);
    buffer_add_string(line, " against ");
    write_share(step, line);
    buffer_add_string(line, step->asked == ASKED_HIT ? ": hit" : ": not hit");
}

static void add_delay(const char *word, usec delay, struct buffer *line)
{
    if (delay == NEVER)
        return;
    buffer_add_string(line, word);
    buffer_add_duration(line, delay);
}

static bool has_hit(const struct telling *telling, const struct rule *rule,
                    const struct fault_kind *kind)
{
    for (size_t i = 0; i < telling->decision->count; i++) {
        const struct hit *hit = &telling->decision->hits[i];

        if (&telling->replay->scenario->rules[hit->rule] == rule && hit->kind == kind)
            return true;
    }
    return false;
}

/* What came of it stands in the log. */
static void tell_fault(struct telling *telling, const struct rule *rule,
                       const struct fault_kind *kind)
{
    const struct logged_fault *fault = telling->next;
    bool logged =
        fault && text_equal(fault->event.rule, rule->id) && text_is(fault->event.kind, kind->name);
    bool passed = !has_hit(telling, rule, kind);
    struct buffer line = { 0 };

    buffer_format(&line, "      %s: %s", kind->name, kind->summary);
    if (passed)
        buffer_add_string(&line, "; it lets this one pass");
    if (logged == passed)
        buffer_add_string(&line, logged ? ", but the log has it" : "; the log does not have it");
    if (logged) {
        telling->next = fault->next;
        add_delay("; delay drawn ", fault->event.asked, &line);
        add_delay(", measured ", fault->event.measured, &line);
        if (fault->event.shadowed)
            buffer_add_string(&line, "; shadowed: another fault in front of it answers");
        else if (!fault->event.exercised)
            buffer_add_string(&line, "; not exercised: it touched nothing");
        else
            buffer_format(&line, "; touched %" PRIu64, fault->event.touched);
    }
    add_line(telling, &line);
    buffer_free(&line);
}

static void on_step(void *user, const struct engine_step *step)
{
    struct telling *telling = user;
    unsigned medium = telling->question->tunnel ? FAULT_ON_TUNNEL : FAULT_ON_HTTP;
    struct buffer line = { 0 };

    buffer_add_string(&line, "  rule ");
    buffer_add_text(&line, step->rule->id);
    buffer_add_string(&line, ": ");
    write_step(telling, step, &line);
    add_line(telling, &line);
    for (size_t i = 0; step->alternative && i < step->alternative->count; i++) {
        const struct rule_fault *fault = &step->alternative->faults[i];

        if (fault->stands & medium)
            tell_fault(telling, step->rule, fault->kind);
    }
    buffer_free(&line);
}

static void tell_ordinal(const struct telling *telling, const struct decision *decision,
                         struct buffer *out)
{
    if (decision->service == SERVICE_NONE || telling->replay->scenario->rule_count == 0)
        return;
    buffer_format(out,
                  "  ordinal %" PRIu64 ", from 0: its place among the exchanges of this client "
                  "and operation\n",
                  decision->ordinal);
}

void explain_in_words(const struct replay *replay, const struct logged *logged,
                      struct question *question, struct arena *arena, struct decision *decision,
                      struct buffer *out)
{
    struct buffer rules = { 0 }, line = { 0 };
    struct telling telling = { replay, logged, question, decision, logged->faults, out };
    const struct engine_witness witness = { on_step, &telling };

    compare_write_head(logged, out);
    write_outcome(logged, &line);
    add_line(&telling, &line);
    tell_moment(&telling);
    tell_service(&telling);
    telling.out = &rules;
    question->witness = &witness;
    engine_decide(replay->engine, question, arena, decision);
    question->witness = NULL;
    tell_ordinal(&telling, decision, out);
    if (rules.length == 0 && decision->service != SERVICE_NONE && !question->moment.over)
        buffer_add_string(&rules, "  this phase has no rules\n");
    buffer_add_text(out, buffer_text(&rules));
    buffer_free(&rules);
    buffer_free(&line);
}

void explain_undecided(const struct logged *logged, struct buffer *out)
{
    struct telling telling = { .logged = logged, .out = out };
    struct buffer line = { 0 };

    compare_write_head(logged, out);
    write_outcome(logged, &line);
    add_line(&telling, &line);
    buffer_add_string(out,
                      "  nothing was decided: panne answered by itself, or it goes on inside\n");
    buffer_free(&line);
}
