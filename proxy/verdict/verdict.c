/* verdict: the run as a whole: what it was, what each check made of it, and what that comes to. */
#include "verdict/verdict.h"

#include <stdlib.h>

#include "base/arena.h"
#include "verdict/compare.h"
#include "verdict/instances.h"
#include "verdict/statistics.h"

/* How often a client that does nothing wrong may be found to do so: one run in a hundred. */
#define FALSE_ALARMS 0.01

struct verdict {
    struct verdict_terms terms;
    struct arena arena;
    struct history *history;
    struct instances instances;
    struct sample_set samples;
    struct finding *findings;
    struct judgment judgment;
    bool judged;
};

static void on_attempt(void *user, const struct attempt *attempt, const struct operation *operation)
{
    struct verdict *verdict = user;

    samples_attempt(&verdict->samples, attempt);
    instances_attempt(&verdict->instances, attempt, operation);
}

static void on_operation(void *user, const struct operation *operation)
{
    struct verdict *verdict = user;

    samples_operation(&verdict->samples, operation);
    instances_operation(&verdict->instances, operation);
}

static void on_connection(void *user, const struct link *link)
{
    instances_connection(&((struct verdict *)user)->instances, link);
}

struct verdict *verdict_new(const struct verdict_terms *terms)
{
    struct verdict *verdict = memory_take(sizeof(*verdict));
    const struct history_watcher watcher = { .user = verdict,
                                             .attempt = on_attempt,
                                             .operation = on_operation,
                                             .connection = on_connection };

    verdict->terms = *terms;
    verdict->history = history_new(&terms->history, &watcher);
    instances_make(&verdict->instances, terms, &verdict->arena);
    verdict->instances.history = verdict->history;
    verdict->judgment.profile = terms->profile;
    verdict->judgment.title = terms->title;
    return verdict;
}

void verdict_free(struct verdict *verdict)
{
    if (!verdict)
        return;
    instances_clear(&verdict->instances);
    history_free(verdict->history);
    samples_clear(&verdict->samples);
    free(verdict->findings);
    arena_clear(&verdict->arena);
    free(verdict);
}

static void take_run(struct verdict *verdict, const struct event_run *event)
{
    struct judgment *judgment = &verdict->judgment;

    if (event->generation > 0) {
        judgment->reloaded = true;
        return;
    }
    judgment->scenario = arena_copy(&verdict->arena, event->scenario);
    judgment->wall = arena_copy(&verdict->arena, event->wall);
    judgment->version = arena_copy(&verdict->arena, event->version);
    judgment->seed = arena_copy(&verdict->arena, event->seed);
    judgment->speed = event->speed;
}

static void take_end(struct verdict *verdict, const struct event_end *event)
{
    verdict->judgment.lost = event->lost;
    verdict->judgment.whole = event->lost == 0;
}

void verdict_take(void *user, enum event_kind kind, const void *event, usec time)
{
    struct verdict *verdict = user;

    if (kind == EVENT_run)
        take_run(verdict, event);
    else if (kind == EVENT_end)
        take_end(verdict, event);
    else if (kind == EVENT_fault && ((const struct event_fault *)event)->exercised)
        verdict->judgment.had_faults = true;
    history_take(verdict->history, kind, event, time);
}

static bool is_enforced(const struct instance *instance)
{
    if (instance->expectation)
        return !instance->expectation->warn_only;
    return instance->check->gate;
}

/* The worse, the smaller. */
static unsigned rank(const struct finding *finding)
{
    static const unsigned ranks[] = {
        [OUTCOME_FAIL] = 0, [OUTCOME_WARN] = 1, [OUTCOME_INCONCLUSIVE] = 2, [OUTCOME_PASS] = 3
    };

    return 2 * ranks[finding->outcome] + !finding->enforced;
}

/* Behind all that are as bad or worse: they were found first. */
static void put_in_order(struct verdict *verdict, const struct finding *finding)
{
    size_t at = verdict->judgment.count++;

    for (; at > 0 && rank(&verdict->findings[at - 1]) > rank(finding); at--)
        verdict->findings[at] = verdict->findings[at - 1];
    verdict->findings[at] = *finding;
}

static void judge_one(struct verdict *verdict, struct instance *instance, double alpha)
{
    struct finding finding = { .check = instance->check,
                               .expectation = instance->expectation,
                               .outcome = OUTCOME_INCONCLUSIVE,
                               .enforced = is_enforced(instance),
                               .arena = &verdict->arena,
                               .grouped = -1 };

    instance_judge(instance, verdict->history, alpha, &finding);
    verdict->judgment.by_outcome[finding.outcome]++;
    put_in_order(verdict, &finding);
}

static enum verdict_sum sum_of(const struct verdict *verdict)
{
    enum verdict_sum sum = VERDICT_PASSED;

    for (size_t i = 0; i < verdict->judgment.count; i++) {
        const struct finding *finding = &verdict->findings[i];

        if (finding->regressed)
            return VERDICT_FAILED;
        if (!finding->enforced)
            continue;
        if (finding->outcome == OUTCOME_FAIL)
            return VERDICT_FAILED;
        if (finding->outcome == OUTCOME_INCONCLUSIVE && finding->expectation)
            sum = VERDICT_INCONCLUSIVE;
    }
    return sum;
}

const struct judgment *verdict_judge(struct verdict *verdict)
{
    struct judgment *judgment = &verdict->judgment;
    struct instances *instances = &verdict->instances;
    double alpha = statistics_alpha(FALSE_ALARMS, instances->decisions);

    if (verdict->judged)
        return judgment;
    verdict->judged = true;
    history_end(verdict->history);
    samples_end(&verdict->samples);
    verdict->findings = memory_take((instances->count + 1) * sizeof(*verdict->findings));
    for (size_t i = 0; i < instances->count; i++)
        judge_one(verdict, &instances->items[i], alpha);
    judgment->history = verdict->history;
    judgment->findings = verdict->findings;
    judgment->samples = &verdict->samples;
    judgment->sum = sum_of(verdict);
    return judgment;
}

size_t verdict_compare(struct verdict *now, const struct judgment *before, bool gates)
{
    size_t worse = 0;

    verdict_judge(now);
    for (size_t i = 0; i < now->judgment.count; i++) {
        bool got_worse = compare_finding(&now->findings[i], before);

        now->findings[i].regressed = got_worse && gates && now->findings[i].outcome != OUTCOME_PASS;
        worse += got_worse;
    }
    now->judgment.sum = sum_of(now);
    return worse;
}
