/* github: annotations of a workflow: what went wrong beside the scenario's lines. */
#include "base/github.h"

#include "report/cases.h"

/* GitHub shows ten of a kind from a step, and drops the others without a word. */
enum { ANNOTATIONS_MOST = 10 };

static bool is_told(const struct finding *finding)
{
    return report_is_bad(finding) ||
           (finding->outcome == OUTCOME_INCONCLUSIVE && finding->enforced && finding->expectation);
}

static const char *level_of(const struct finding *finding)
{
    return case_outcome(finding) == CASE_FAILED ? "error" : "warning";
}

static void add_place(const struct finding *finding, struct buffer *out)
{
    const struct expectation_terms *expectation = finding->expectation;

    if (!expectation || text_is_empty(expectation->file) || expectation->line == 0)
        return;
    buffer_add_string(out, "file=");
    github_add_property(out, expectation->file);
    buffer_format(out, ",line=%u,col=%u,", expectation->line, expectation->column);
}

static void add_title(const struct finding *finding, struct buffer *out)
{
    struct buffer words = { 0 };

    report_subject(finding, &words);
    buffer_format(&words, ": %s", outcome_name(finding->outcome));
    buffer_add_string(out, "title=");
    github_add_property(out, buffer_text(&words));
    buffer_free(&words);
}

static void add_message(const struct finding *finding, struct buffer *out)
{
    struct buffer words = { 0 };

    report_measured(finding, &words);
    if (words.length > 0 && finding->has_limit) {
        buffer_add_string(&words, ", ");
        report_limit(finding, &words);
    }
    if (words.length > 0)
        buffer_add_byte(&words, '\n');
    if (report_is_bad(finding)) {
        report_evidence(finding, &words);
        buffer_add_byte(&words, '\n');
        report_cure(finding, &words);
    } else {
        report_missing(finding, &words);
    }
    github_add_data(out, buffer_text(&words));
    buffer_free(&words);
}

static void add_annotation(const struct finding *finding, struct buffer *out)
{
    buffer_format(out, "::%s ", level_of(finding));
    add_place(finding, out);
    add_title(finding, out);
    buffer_add_string(out, "::");
    add_message(finding, out);
    buffer_add_byte(out, '\n');
}

static void write_github(const struct judgment *judgment, const struct report_options *options,
                         struct buffer *out)
{
    size_t total = 0, told = 0, room = ANNOTATIONS_MOST;

    (void)options;
    for (size_t i = 0; i < judgment->count; i++)
        total += is_told(&judgment->findings[i]);
    if (total > room)
        room--;
    for (int failed = 1; failed >= 0; failed--)
        for (size_t i = 0; i < judgment->count; i++) {
            const struct finding *finding = &judgment->findings[i];

            if (!is_told(finding) || (case_outcome(finding) == CASE_FAILED) != failed)
                continue;
            if (told < room)
                add_annotation(finding, out);
            told += told < room;
        }
    if (total > told) {
        buffer_format(out, "::%s title=panne::and %zu more; ",
                      judgment->sum == VERDICT_FAILED ? "error" : "warning", total - told);
        report_sum(judgment, out);
        buffer_add_byte(out, '\n');
    }
}

const struct report_format report_github = {
    .name = "github",
    .help = "annotations of a GitHub workflow, beside the scenario's lines",
    .about = "An error for what makes the run fail, a warning for what else is bad, or was "
             "expected and could not be judged: ten at most, for more are not shown; the "
             "last one then says how many more there are.",
    .write = write_github,
};
