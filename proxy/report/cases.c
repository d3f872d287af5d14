/* cases: which findings are test cases, what they are called, and what is told of them. */
#include "report/cases.h"

#include <inttypes.h>

bool case_is(const struct finding *finding)
{
    return finding->expectation != NULL || finding->check->gate || finding->regressed;
}

enum case_outcome case_outcome(const struct finding *finding)
{
    if (finding->regressed || (finding->enforced && finding->outcome == OUTCOME_FAIL))
        return CASE_FAILED;
    if (finding->outcome == OUTCOME_INCONCLUSIVE)
        return CASE_SKIPPED;
    return CASE_PASSED;
}

/* In the scenario; what stands nowhere comes first. */
static bool stands_before(const struct finding *one, const struct finding *other)
{
    const struct expectation_terms *a = one->expectation, *b = other->expectation;

    if (!a || !b)
        return !a && b;
    return a->line != b->line ? a->line < b->line : a->column < b->column;
}

static bool same_name(const struct finding *one, const struct finding *other)
{
    struct buffer a = { 0 }, b = { 0 };
    bool same;

    report_subject(one, &a);
    report_subject(other, &b);
    same = text_equal(buffer_text(&a), buffer_text(&b));
    buffer_free(&a);
    buffer_free(&b);
    return same;
}

void case_name(const struct judgment *judgment, const struct finding *finding, struct buffer *out)
{
    size_t place = 1;

    for (size_t i = 0; i < judgment->count; i++) {
        const struct finding *other = &judgment->findings[i];

        place += other != finding && stands_before(other, finding) && same_name(other, finding);
    }
    report_subject(finding, out);
    if (place > 1)
        buffer_format(out, " %zu", place);
}

void case_class(const struct judgment *judgment, struct buffer *out)
{
    struct text name = judgment->scenario, rest = judgment->scenario;
    size_t end;

    while (!text_is_empty(rest)) {
        rest = text_from_offset(rest, text_find(rest, '/') + 1);
        name = text_is_empty(rest) ? name : rest;
    }
    end = name.length;
    if (text_ends_nocase(name, text_from(".yaml")))
        end -= 5;
    else if (text_ends_nocase(name, text_from(".yml")))
        end -= 4;
    buffer_add_string(out, "panne.");
    buffer_add_text(out, text_of(name.at, end));
}

static void add_line(const char *head, void (*add)(const struct finding *, struct buffer *),
                     const struct finding *finding, struct buffer *out)
{
    size_t length = out->length;

    buffer_add_string(out, head);
    add(finding, out);
    if (out->length > length + strlen(head))
        buffer_add_byte(out, '\n');
    else
        out->length = length;
}

static void add_expected(const struct finding *finding, struct buffer *out)
{
    struct buffer words = { 0 };

    if (!finding->expectation)
        return;
    buffer_add_text(&words, finding->expectation->as_written);
    if (finding->expectation->line > 0) {
        buffer_add_string(&words, " (");
        buffer_add_text(&words, finding->expectation->file);
        buffer_format(&words, ":%u:%u)", finding->expectation->line, finding->expectation->column);
    }
    buffer_mask_controls(&words);
    buffer_add_text(out, buffer_text(&words));
    buffer_free(&words);
}

void case_story(const struct finding *finding, struct buffer *out)
{
    add_line("", report_evidence, finding, out);
    if (finding->outcome == OUTCOME_INCONCLUSIVE)
        add_line("", report_missing, finding, out);
    add_line("measured: ", report_measured, finding, out);
    add_line("limit: ", report_limit, finding, out);
    add_line("beside the baseline: ", report_change, finding, out);
    add_line("expected: ", add_expected, finding, out);
    if (report_is_bad(finding))
        add_line("", report_cure, finding, out);
    for (size_t i = 0; i < finding->proofs.count; i++) {
        const struct proof *proof = &finding->proofs.items[i];

        buffer_format(out, "%s %" PRIu64 " at ", proof->exchange > 0 ? "exchange" : "connection",
                      proof->exchange > 0 ? proof->exchange : proof->connection);
        report_moment(proof->at, out);
        buffer_format(out, ": %s\n", proof->words);
    }
    if (finding->proofs.total > finding->proofs.count)
        buffer_format(out, "and %" PRIu64 " more\n", finding->proofs.total - finding->proofs.count);
}
