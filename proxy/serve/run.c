/* run: generations and the timeline's clock, shared by all workers. */
#include "serve/run.h"

#include <stdlib.h>

#include "base/arena.h"
#include "scenario/matched.h"

static bool replays(const struct timeline *timeline, size_t phase)
{
    for (size_t i = 0; i < timeline->count; i++)
        if (timeline->stretches[i].phase == phase)
            return true;
    return false;
}

/* --phase, --from and --until choose. */
static void leave_out(struct generation *generation)
{
    for (size_t i = 0; i < generation->scenario->phase_count; i++) {
        const struct phase *phase = &generation->scenario->phases[i];

        if (replays(&generation->timeline, i))
            continue;
        tally_leave_out_phase(generation->tally, i);
        for (size_t rule = phase->first_rule; rule < phase->first_rule + phase->rule_count; rule++)
            tally_leave_out_rule(generation->tally, rule);
    }
}

/* Whose good answers are kept. */
static void keep_for(struct generation *generation, const struct rule *rule)
{
    size_t count = generation->scenario->service_count;

    if (!(rule->needs & FAULT_NEEDS_KEPT_ANSWERS))
        return;
    if (!generation->keeps)
        generation->keeps = memory_take(count + 1);
    for (size_t i = 0; i < count; i++)
        if (rule->service == SERVICE_ANY ? !generation->scenario->services[i].stays_up
                                         : rule->service == i)
            generation->keeps[i] = true;
}

struct generation *generation_new(struct scenario *scenario, const struct timeline *timeline,
                                  uint64_t seed)
{
    struct generation *generation = memory_take(sizeof *generation);
    struct text *names =
        memory_take((scenario->rule_count + scenario->phase_count + scenario->service_count + 1) *
                    sizeof *names);
    struct tally_names tally = {
        .rules = names,
        .phases = names + scenario->rule_count,
        .services = names + scenario->rule_count + scenario->phase_count,
        .rule_count = scenario->rule_count,
        .phase_count = scenario->phase_count,
        .service_count = scenario->service_count,
    };

    for (size_t i = 0; i < scenario->rule_count; i++)
        *names++ = scenario->rules[i].id;
    for (size_t i = 0; i < scenario->phase_count; i++)
        *names++ = scenario->phases[i].name;
    for (size_t i = 0; i < scenario->service_count; i++)
        *names++ = scenario->services[i].name;
    generation->names = tally;
    generation->scenario = scenario;
    generation->timeline = *timeline;
    generation->engine = engine_new(scenario, seed);
    generation->notes_matches = matched_is_needed(scenario);
    generation->tally = tally_new(&generation->names);
    leave_out(generation);
    for (size_t i = 0; i < scenario->rule_count; i++)
        keep_for(generation, &scenario->rules[i]);
    return generation;
}

void run_renew(struct run *run, struct generation *generation)
{
    generation->older = atomic_load(&run->generation);
    generation->number = generation->older ? generation->older->number + 1 : 0;
    atomic_store(&run->generation, generation);
}

void run_free_generations(struct run *run)
{
    struct generation *generation = atomic_exchange(&run->generation, NULL);

    while (generation) {
        struct generation *older = generation->older;

        tally_free(generation->tally);
        engine_free(generation->engine);
        scenario_free(generation->scenario);
        free((void *)(uintptr_t)generation->names.rules);
        free(generation->keeps);
        free(generation);
        generation = older;
    }
}

bool run_start(struct run *run, usec now)
{
    int_least64_t waiting = 0;

    if (!atomic_compare_exchange_strong(&run->start, &waiting, now))
        return false;
    if (run->started)
        run->started(run->started_user);
    return true;
}

bool run_has_started(const struct run *run)
{
    return atomic_load_explicit(&run->start, memory_order_relaxed) != 0;
}

static usec elapsed(const struct run *run, usec now)
{
    usec start = atomic_load_explicit(&run->start, memory_order_relaxed);

    if (start == 0)
        return 0;
    return now - start + atomic_load_explicit(&run->skipped, memory_order_relaxed);
}

struct moment run_moment(const struct run *run, const struct generation *generation, usec now)
{
    const struct timeline *timeline = &generation->timeline;
    int held = atomic_load_explicit(&run->stretch_held, memory_order_relaxed);
    usec at = elapsed(run, now);

    if (held >= 0) {
        /* The last microsecond of a held stretch goes on: ramps stay at their end. */
        if ((size_t)held >= timeline->count)
            at = timeline->lasts;
        else
            at = usec_min(at, timeline->stretches[held].ends - 1);
    }
    return timeline_at(timeline, at);
}

usec run_phase_ends(const struct run *run, const struct moment *moment)
{
    if (moment->phase_ends == NEVER || moment->over || !run_has_started(run) ||
        atomic_load_explicit(&run->stretch_held, memory_order_relaxed) >= 0)
        return NEVER;
    return atomic_load_explicit(&run->start, memory_order_relaxed) + moment->phase_ends -
           atomic_load_explicit(&run->skipped, memory_order_relaxed);
}

void run_step(struct run *run, usec now)
{
    const struct generation *generation = atomic_load(&run->generation);
    struct moment moment = run_moment(run, generation, now);
    int held = atomic_load(&run->stretch_held);

    if (run_start(run, now) || moment.over)
        return;
    if (moment.phase_ends != NEVER)
        atomic_fetch_add(&run->skipped, moment.phase_ends - elapsed(run, now));
    if (held >= 0)
        atomic_store(&run->stretch_held, held + 1);
}
