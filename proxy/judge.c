/* judge: from a scenario and events to a judgment. */
#include "judge.h"

#include <stdlib.h>

#include "base/arena.h"
#include "command.h"
#include "expected.h"
#include "observe/log_read.h"
#include "scenario/terms.h"
#include "verdict/verdict.h"

struct judge {
    struct arena arena; /* of the terms */
    struct scenario *owned;
    char *text; /* that it lends from */
    struct verdict *verdict;
    const struct judgment *judgment;
    enum profile profile;
    struct judge *baseline;
};

/* `expected`: as a log tells it; empty: as it stands in the scenario. */
static struct judge *make(const struct scenario *scenario, enum profile profile,
                          struct text expected)
{
    struct judge *judge = memory_take(sizeof *judge);
    struct verdict_terms terms = scenario_terms(scenario, profile, &judge->arena);

    terms.expectations =
        expected_read(expected, terms.expectations, terms.expectation_count, &judge->arena);
    judge->profile = profile;
    judge->verdict = verdict_new(&terms);
    return judge;
}

struct judge *judge_new(const struct scenario *scenario, enum profile profile)
{
    return make(scenario, profile, text_of("", 0));
}

void judge_free(struct judge *judge)
{
    if (!judge)
        return;
    verdict_free(judge->verdict);
    judge_free(judge->baseline);
    scenario_free(judge->owned);
    free(judge->text);
    arena_clear(&judge->arena);
    free(judge);
}

bool judge_is_wanted(const struct scenario *scenario, const struct options *options)
{
    return scenario->rule_count > 0 || scenario->expectation_count > 0 ||
           options->reports.count > 0 || !text_is_empty(options->baseline) ||
           !text_is_empty(options->log);
}

void judge_take(void *judge, enum event_kind kind, const void *event, usec time)
{
    verdict_take(((struct judge *)judge)->verdict, kind, event, time);
}

bool judge_set_baseline(struct judge *judge, const char *log, struct buffer *complaint)
{
    judge->baseline = judge_read(log, judge->profile, NULL, complaint);
    return judge->baseline != NULL;
}

const struct judgment *judge_conclude(struct judge *judge, bool gates)
{
    if (judge->judgment)
        return judge->judgment;
    judge->judgment = verdict_judge(judge->verdict);
    if (judge->baseline)
        verdict_compare(judge->verdict, judge_conclude(judge->baseline, false), gates);
    return judge->judgment;
}

/* What a log is being read into. */
struct reading {
    struct judge *judge; /* NULL until the first line */
    enum profile profile;
    const struct judge_stream *stream;
};

static enum profile profile_of(const struct reading *reading, const struct event_run *event)
{
    if (reading->profile != PROFILE_COUNT)
        return reading->profile;
    for (int i = 0; i < PROFILE_COUNT; i++)
        if (text_is(event->profile, profile_names[i]))
            return (enum profile)i;
    return PROFILE_DEFAULT;
}

static bool begin(struct reading *reading, const struct event_run *event, struct buffer *complaint)
{
    struct problems *problems = problems_new();
    char *text = memory_string(event->text), *file = memory_string(event->file);
    struct scenario *scenario = scenario_load(text_of(text, event->text.length), file, problems);

    problems_free(problems);
    free(file);
    if (!scenario) {
        free(text);
        buffer_add_string(complaint, "the scenario in it is not valid here");
        return false;
    }
    reading->judge = make(scenario, profile_of(reading, event), event->expected);
    reading->judge->owned = scenario;
    reading->judge->text = text;
    return true;
}

static bool take_line(struct reading *reading, const struct log_line *line,
                      struct buffer *complaint)
{
    if (!reading->judge && line->kind != EVENT_run) {
        buffer_add_string(complaint, "it does not begin with a \"run\" line");
        return false;
    }
    if (!reading->judge && !begin(reading, &line->event.run, complaint))
        return false;
    judge_take(reading->judge, line->kind, &line->event, line->time);
    if (reading->stream)
        reading->stream->take(reading->stream->user, line->kind, &line->event, line->time);
    return true;
}

/* A log that is cut short is judged as far as it goes: its judgment says that it is not whole. */
static bool read_lines(struct reading *reading, struct log_reader *reader, struct buffer *complaint)
{
    struct log_line line;

    for (;;) {
        switch (log_read(reader, &line, complaint)) {
        case LOG_LINE:
            if (!take_line(reading, &line, complaint))
                return false;
            break;
        case LOG_STRANGE:
            break;
        case LOG_END:
        case LOG_CUT:
            if (!reading->judge)
                buffer_add_string(complaint, "no line of a log in it");
            return reading->judge != NULL;
        case LOG_BROKEN:
            return false;
        }
    }
}

struct judge *judge_read(const char *path, enum profile profile, const struct judge_stream *stream,
                         struct buffer *complaint)
{
    struct reading reading = { .profile = profile, .stream = stream };
    struct buffer why = { 0 };
    struct log_reader *reader = log_reader_open(path, complaint);

    if (!reader)
        return NULL;
    if (!read_lines(&reading, reader, &why)) {
        buffer_format(complaint, "%s: %s", path, why.at);
        judge_free(reading.judge);
        reading.judge = NULL;
    }
    buffer_free(&why);
    log_reader_close(reader);
    return reading.judge;
}

int judge_status(const struct judgment *judgment, const char **why)
{
    if (judgment->sum == VERDICT_FAILED) {
        *why = "the client failed";
        return EXIT_FAILED;
    }
    if (!judgment->whole) {
        *why = "inconclusive: the log is cut short";
        return EXIT_INCONCLUSIVE;
    }
    if (judgment->sum == VERDICT_INCONCLUSIVE) {
        *why = "inconclusive: an expectation could not be judged";
        return EXIT_INCONCLUSIVE;
    }
    *why = "done";
    return EXIT_PASSED;
}
