/* view_findings: findings, and the run that they are about. */
#include <math.h>

#include "report/report.h"
#include "report/view.h"

static const char *unit_name(enum unit unit)
{
    static const char *const names[] = {
        [UNIT_NONE] = NULL,     [UNIT_COUNT] = "count", [UNIT_FACTOR] = "factor",
        [UNIT_SHARE] = "share", [UNIT_TIME] = "time",   [UNIT_RATE] = "rate",
    };

    return names[unit];
}

static const struct view_scope *scope_of(const struct finding *finding, struct arena *arena)
{
    struct view_scope *scope = ARENA_NEW(arena, struct view_scope);

    if (finding->expectation) {
        scope->phase = finding->expectation->phase;
        scope->service = finding->expectation->service;
        scope->client = finding->expectation->client;
    }
    return scope;
}

static const struct view_expectation *expectation_of(const struct finding *finding,
                                                     struct arena *arena)
{
    const struct expectation_terms *terms = finding->expectation;
    struct view_expectation *expectation;

    if (!terms)
        return NULL;
    expectation = ARENA_NEW(arena, struct view_expectation);
    *expectation = (struct view_expectation){ .as_written = terms->as_written,
                                              .file = terms->file,
                                              .line = terms->line,
                                              .column = terms->column,
                                              .warn_only = terms->warn_only };
    return expectation;
}

static const struct view_proofs *proofs_of(const struct finding *finding, struct arena *arena)
{
    const struct proofs *proofs = &finding->proofs;
    struct view_proof *items = ARENA_ARRAY(arena, struct view_proof, proofs->count + 1);
    struct view_proofs *view = ARENA_NEW(arena, struct view_proofs);

    for (size_t i = 0; i < proofs->count; i++)
        items[i] = (struct view_proof){ .exchange = proofs->items[i].exchange,
                                        .connection = proofs->items[i].connection,
                                        .at_s = proofs->items[i].at,
                                        .words = text_from(proofs->items[i].words) };
    *view = (struct view_proofs){ proofs->total, { items, proofs->count } };
    return view;
}

static double or_none(bool has, double value)
{
    return has ? value : (double)NAN;
}

static void fill_numbers(const struct finding *finding, struct view_finding *view)
{
    bool changed = finding->change != CHANGE_UNASKED && finding->change != CHANGE_UNCLEAR;

    view->unit = unit_name(finding->unit);
    view->value = or_none(finding->has_value, finding->value);
    view->low = or_none(finding->has_bounds, finding->low);
    view->high = or_none(finding->has_bounds, finding->high);
    view->limit = or_none(finding->has_limit, finding->limit);
    view->warn = or_none(finding->has_limit, finding->warn);
    view->at_least = finding->at_least;
    view->samples = finding->samples;
    view->missing = finding->missing;
    view->sample = text_from(finding->sample);
    view->tied_by_markers = or_none(finding->grouped >= 0, finding->grouped);
    view->change = change_name(finding->change);
    view->before = or_none(changed, finding->before);
    view->regressed = finding->regressed;
}

static void fill(const struct finding *finding, struct arena *arena, struct view_finding *view)
{
    const struct check *check = finding->check;

    view->check = text_from(check->name);
    view->title = text_from(check->title);
    view->group = check_group_name(check->group);
    view->outcome = outcome_name(finding->outcome);
    view->gate = check->gate;
    view->enforced = finding->enforced;
    view->scope = scope_of(finding, arena);
    view->expectation = expectation_of(finding, arena);
    fill_numbers(finding, view);
    view->evidence = finding->evidence;
    view->because = finding->because;
    view->pattern = text_from(check->pattern);
    view->remedy = text_from(check->remedy);
    view->source = text_from(check->source);
    view->proofs = proofs_of(finding, arena);
}

static const struct view_run *run_of(const struct judgment *judgment, struct arena *arena)
{
    struct view_run *run = ARENA_NEW(arena, struct view_run);

    *run = (struct view_run){ .scenario = judgment->scenario,
                              .title = judgment->title,
                              .seed = judgment->seed,
                              .began = judgment->wall,
                              .version = judgment->version,
                              .profile = profile_names[judgment->profile],
                              .speed = judgment->speed,
                              .length_s = history_length(judgment->history),
                              .whole = judgment->whole,
                              .reloaded = judgment->reloaded,
                              .had_faults = judgment->had_faults,
                              .lost_lines = judgment->lost };
    return run;
}

void view_findings(const struct judgment *judgment, struct arena *arena, struct view_report *view)
{
    struct view_finding *items = ARENA_ARRAY(arena, struct view_finding, judgment->count + 1);
    struct view_counts *counts = ARENA_NEW(arena, struct view_counts);

    for (size_t i = 0; i < judgment->count; i++)
        fill(&judgment->findings[i], arena, &items[i]);
    *counts = (struct view_counts){ .fail = judgment->by_outcome[OUTCOME_FAIL],
                                    .warn = judgment->by_outcome[OUTCOME_WARN],
                                    .inconclusive = judgment->by_outcome[OUTCOME_INCONCLUSIVE],
                                    .pass = judgment->by_outcome[OUTCOME_PASS] };
    view->report = VIEW_VERSION;
    view->verdict = report_sum_name(judgment->sum);
    view->counts = counts;
    view->run = run_of(judgment, arena);
    view->findings = (struct record_list){ items, judgment->count };
}
