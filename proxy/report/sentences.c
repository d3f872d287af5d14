/* sentences: what findings and the whole judgment say, in the words that all reports share. */
#include <inttypes.h>
#include <math.h>

#include "report/report.h"

const char *report_sum_name(enum verdict_sum sum)
{
    switch (sum) {
    case VERDICT_PASSED:
        return "passed";
    case VERDICT_FAILED:
        return "failed";
    case VERDICT_INCONCLUSIVE:
        break;
    }
    return "inconclusive";
}

/* What decided: how many of the enforced ones were such, by what makes them count. */
struct deciders {
    size_t expectations, gates, regressions;
};

static struct deciders count_deciders(const struct judgment *judgment, enum outcome outcome)
{
    struct deciders count = { 0 };

    for (size_t i = 0; i < judgment->count; i++) {
        const struct finding *finding = &judgment->findings[i];

        if (finding->enforced && finding->outcome == outcome) {
            count.expectations += finding->expectation != NULL;
            count.gates += finding->expectation == NULL;
        } else {
            count.regressions += finding->regressed;
        }
    }
    return count;
}

static void add_count(size_t count, const char *one, const char **before, struct buffer *out)
{
    if (count == 0)
        return;
    buffer_format(out, "%s%zu %s%s", *before, count, one, count == 1 ? "" : "s");
    *before = " and ";
}

static void add_deciders(const struct judgment *judgment, struct buffer *out)
{
    struct deciders failed = count_deciders(judgment, OUTCOME_FAIL), open;
    const char *before = "";

    switch (judgment->sum) {
    case VERDICT_FAILED:
        add_count(failed.expectations, "expectation", &before, out);
        add_count(failed.gates, "gate", &before, out);
        add_count(failed.regressions, "regression", &before, out);
        buffer_add_string(out, "; ");
        break;
    case VERDICT_INCONCLUSIVE:
        open = count_deciders(judgment, OUTCOME_INCONCLUSIVE);
        add_count(open.expectations, "expectation", &before, out);
        buffer_add_string(out, "; ");
        break;
    case VERDICT_PASSED:
        if (judgment->by_outcome[OUTCOME_FAIL] > 0)
            buffer_add_string(out, "no expectation and no gate failed; ");
        break;
    }
}

void report_sum(const struct judgment *judgment, struct buffer *out)
{
    static const char *const words[] = { [OUTCOME_PASS] = "passed",
                                         [OUTCOME_WARN] = "warned",
                                         [OUTCOME_FAIL] = "failed",
                                         [OUTCOME_INCONCLUSIVE] = "inconclusive" };
    static const enum outcome order[] = { OUTCOME_FAIL, OUTCOME_WARN, OUTCOME_INCONCLUSIVE,
                                          OUTCOME_PASS };
    const char *comma = " ";

    buffer_format(out, "%s: ", report_sum_name(judgment->sum));
    add_deciders(judgment, out);
    buffer_format(out, "of %zu check%s", judgment->count, judgment->count == 1 ? "" : "s");
    for (size_t i = 0; i < COUNT_OF(order); i++) {
        if (judgment->by_outcome[order[i]] == 0)
            continue;
        buffer_format(out, "%s%zu %s", comma, judgment->by_outcome[order[i]], words[order[i]]);
        comma = ", ";
    }
}

void report_measured(const struct finding *finding, struct buffer *out)
{
    if (!finding->has_value)
        return;
    report_number(finding->unit, finding->value, out);
    if (finding->has_bounds && isfinite(finding->low) && isfinite(finding->high)) {
        buffer_add_string(out, " (");
        report_number(finding->unit, finding->low, out);
        buffer_add_string(out, " to ");
        report_number(finding->unit, finding->high, out);
        buffer_add_byte(out, ')');
    } else if (finding->has_bounds && (isfinite(finding->low) || isfinite(finding->high))) {
        buffer_add_string(out, isfinite(finding->low) ? " (from " : " (up to ");
        report_number(finding->unit, isfinite(finding->low) ? finding->low : finding->high, out);
        buffer_add_byte(out, ')');
    } else if (finding->sample) {
        buffer_format(out, " of %" PRIu64 " %s", finding->samples, finding->sample);
    }
}

const char *report_weight(const struct finding *finding)
{
    if (finding->expectation)
        return finding->expectation->warn_only ? "warn only" : "expected";
    return finding->check->gate ? "gate" : "";
}

void report_missing(const struct finding *finding, struct buffer *out)
{
    if (finding->missing > 0 && finding->sample)
        buffer_format(out, "needs %" PRIu64 " more %s", finding->missing, finding->sample);
    else
        buffer_add_text(out, finding->because);
}

void report_evidence(const struct finding *finding, struct buffer *out)
{
    buffer_add_text(out, finding->evidence);
    if (finding->grouped >= 0 && finding->grouped < 1)
        buffer_format(out, "%s%.0f %% of its retries tied by markers",
                      text_is_empty(finding->evidence) ? "" : "; ", floor(finding->grouped * 100));
}

void report_change(const struct finding *finding, struct buffer *out)
{
    const char *name = change_name(finding->change);

    if (!name || finding->change == CHANGE_UNCLEAR)
        return;
    buffer_add_string(out, name);
    buffer_add_string(out, finding->change == CHANGE_SAME ? " as " : " than ");
    report_number(finding->unit, finding->before, out);
}

void report_exchanges(const struct finding *finding, struct buffer *out)
{
    const struct proofs *proofs = &finding->proofs;
    bool by_exchange = proofs->count > 0 && proofs->items[0].exchange > 0;
    const char *comma = by_exchange ? "exchange" : "connection";
    size_t told = 0;

    for (size_t i = 0; i < proofs->count; i++) {
        const struct proof *proof = &proofs->items[i];
        uint64_t number = by_exchange ? proof->exchange : proof->connection;

        if (number == 0)
            continue;
        if (told == 0)
            buffer_format(out, "%s%s ", comma, proofs->total > 1 ? "s" : "");
        buffer_format(out, "%s%" PRIu64, told > 0 ? ", " : "", number);
        told++;
    }
    if (told > 0 && proofs->total > told)
        buffer_format(out, " and %" PRIu64 " more", proofs->total - told);
}

void report_cure(const struct finding *finding, struct buffer *out)
{
    buffer_format(out, "%s: %s (%s)", finding->check->pattern, finding->check->remedy,
                  finding->check->source);
}

bool report_is_bad(const struct finding *finding)
{
    return finding->regressed || finding->outcome == OUTCOME_FAIL ||
           finding->outcome == OUTCOME_WARN;
}

static void note_grouping(const struct judgment *judgment, struct buffer *out)
{
    double confidence = history_confidence(judgment->history);

    if (confidence < 1)
        buffer_format(out,
                      "%.0f %% of the operations with retries were tied together by the client's "
                      "own markers, the others by likeness",
                      floor(confidence * 100));
}

static void note_evicted(const struct judgment *judgment, struct buffer *out)
{
    struct history_evicted evicted = history_evicted(judgment->history);
    const struct {
        uint64_t count;
        const char *what;
    } rows[] = { { evicted.clients, "requests of further clients" },
                 { evicted.services, "of further services" },
                 { evicted.phases, "of further phases" },
                 { evicted.operations, "operations (closed early)" },
                 { evicted.prints, "polled requests" },
                 { evicted.faults, "faults" } };
    const char *comma = "there was no room for all: ";

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (rows[i].count == 0)
            continue;
        buffer_format(out, "%s%" PRIu64 " %s", comma, rows[i].count, rows[i].what);
        comma = ", ";
    }
}

static void note_whole(const struct judgment *judgment, struct buffer *out)
{
    if (judgment->lost > 0)
        buffer_format(out, "the log lacks %" PRIu64 " lines", judgment->lost);
    else if (!judgment->whole)
        buffer_add_string(out, "the log is cut short: this is judged as far as it goes");
}

static void note_reload(const struct judgment *judgment, struct buffer *out)
{
    if (judgment->reloaded)
        buffer_add_string(out, "the scenario was loaded again during the run: judged by the first "
                               "one's terms");
}

static void note_faults(const struct judgment *judgment, struct buffer *out)
{
    if (!judgment->had_faults)
        buffer_add_string(out, "no fault touched anything");
}

static void note_baseline(const struct judgment *judgment, struct buffer *out)
{
    static const enum change order[] = { CHANGE_WORSE, CHANGE_BETTER, CHANGE_SAME, CHANGE_UNCLEAR };
    const char *comma = "beside the baseline ";

    for (size_t i = 0; i < COUNT_OF(order); i++) {
        size_t count = 0;

        for (size_t j = 0; j < judgment->count; j++)
            count += judgment->findings[j].change == order[i];
        if (count == 0)
            continue;
        buffer_format(out, "%s%zu %s", comma, count, change_name(order[i]));
        comma = ", ";
    }
}

bool report_note(const struct judgment *judgment, size_t index, struct buffer *out)
{
    static void (*const notes[])(const struct judgment *judgment, struct buffer *out) = {
        note_baseline, note_whole, note_faults, note_reload, note_grouping, note_evicted,
    };
    size_t length = out->length;

    for (size_t i = 0; i < COUNT_OF(notes); i++) {
        notes[i](judgment, out);
        if (out->length > length && index-- == 0)
            return true;
        out->length = length;
        if (out->at)
            out->at[length] = '\0';
    }
    return false;
}
