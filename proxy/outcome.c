/* outcome: summing up a run. */
#include "outcome.h"

#include <inttypes.h>

#include "command.h"

static struct tally_totals totals_of(const struct run *run)
{
    struct tally_totals sum = { 0 };

    for (const struct generation *each = run_generation(run); each; each = each->older) {
        struct tally_totals totals = tally_totals(each->tally);

        sum.requests += totals.requests;
        sum.exercised += totals.exercised;
        sum.connections += totals.connections;
    }
    return sum;
}

uint64_t outcome_requests(const struct run *run)
{
    return totals_of(run).requests;
}

uint64_t outcome_connections(const struct run *run)
{
    return totals_of(run).connections;
}

uint64_t outcome_exercised(const struct run *run)
{
    return totals_of(run).exercised;
}

uint64_t outcome_crowded(const struct run *run)
{
    uint64_t sum = 0;

    for (const struct generation *each = run_generation(run); each; each = each->older)
        sum += engine_crowded(each->engine);
    return sum;
}

static bool has_rules(const struct run *run)
{
    for (const struct generation *each = run_generation(run); each; each = each->older)
        if (each->scenario->rule_count > 0)
            return true;
    return false;
}

int outcome_status(const struct result *outcome, const struct run *run, const char **why)
{
    if (outcome->broken) {
        *why = "it could not be carried out";
        return EXIT_BROKEN;
    }
    if (outcome->log.lost > 0 || outcome->log.failed > 0) {
        *why = "the log is not whole";
        return EXIT_BROKEN;
    }
    if (outcome->command_failed) {
        *why = "COMMAND failed";
        return EXIT_FAILED;
    }
    if (outcome->judgment && outcome->judgment->sum == VERDICT_FAILED) {
        *why = "the client failed";
        return EXIT_FAILED;
    }
    if (has_rules(run) && outcome_exercised(run) == 0) {
        *why = "inconclusive: no fault touched anything";
        return EXIT_INCONCLUSIVE;
    }
    if (outcome->judgment && outcome->judgment->sum == VERDICT_INCONCLUSIVE) {
        *why = "inconclusive: an expectation could not be judged";
        return EXIT_INCONCLUSIVE;
    }
    *why = "done";
    return EXIT_PASSED;
}

static void add_notes(const struct generation *generation, struct buffer *out)
{
    uint64_t crowded = engine_crowded(generation->engine);

    if (crowded > 0)
        buffer_format(out,
                      "%" PRIu64 " decisions shared a count: more clients and operations than "
                      "there is room for\n",
                      crowded);
}

void outcome_summary(const struct run *run, bool color, struct buffer *out)
{
    for (const struct generation *each = run_generation(run); each; each = each->older) {
        if (each != run_generation(run))
            buffer_add_string(out, "before the scenario was loaded again:\n");
        tally_summary(each->tally, color, out);
        add_notes(each, out);
    }
}
