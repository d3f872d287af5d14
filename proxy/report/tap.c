/* tap: the Test Anything Protocol, version 13, with what was found as YAML. */
#include <inttypes.h>

#include "report/cases.h"

/* A backslash protects `#`, behind which a directive begins, and itself. */
static void add_escaped(struct text text, struct buffer *out)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.at[i] == '#' || text.at[i] == '\\')
            buffer_add_byte(out, '\\');
        buffer_add_byte(out, text.at[i]);
    }
}

/* A scalar in quotes is the same in YAML 1.2 and JSON. */
static void add_entry(const char *key, struct text value, struct buffer *out)
{
    if (text_is_empty(value))
        return;
    buffer_format(out, "  %s: ", key);
    buffer_add_json(out, value);
    buffer_add_byte(out, '\n');
}

static void add_words(const char *key, void (*add)(const struct finding *, struct buffer *),
                      const struct finding *finding, struct buffer *out)
{
    struct buffer words = { 0 };

    add(finding, &words);
    add_entry(key, buffer_text(&words), out);
    buffer_free(&words);
}

static void add_place(const struct expectation_terms *expectation, struct buffer *out)
{
    add_entry("expected", expectation->as_written, out);
    if (expectation->line == 0)
        return;
    add_entry("file", expectation->file, out);
    buffer_format(out, "  line: %u\n  column: %u\n", expectation->line, expectation->column);
}

static void add_proofs(const struct proofs *proofs, struct buffer *out)
{
    if (proofs->count == 0)
        return;
    buffer_format(out, "  proofs: %" PRIu64 "\n  exchanges:\n", proofs->total);
    for (size_t i = 0; i < proofs->count; i++) {
        const struct proof *proof = &proofs->items[i];

        buffer_format(out, "    - {exchange: %" PRIu64 ", connection: %" PRIu64 ", words: ",
                      proof->exchange, proof->connection);
        buffer_add_json(out, text_from(proof->words));
        buffer_add_string(out, "}\n");
    }
}

static void add_diagnostics(const struct finding *finding, struct buffer *out)
{
    buffer_add_string(out, "  ---\n");
    add_entry("severity", text_from(outcome_name(finding->outcome)), out);
    add_words("message", report_evidence, finding, out);
    add_words("measured", report_measured, finding, out);
    add_words("limit", report_limit, finding, out);
    add_words("change", report_change, finding, out);
    add_entry("because", finding->because, out);
    if (report_is_bad(finding))
        add_words("remedy", report_cure, finding, out);
    if (finding->expectation)
        add_place(finding->expectation, out);
    add_proofs(&finding->proofs, out);
    buffer_add_string(out, "  ...\n");
}

/* What fails without consequences is, in the words of TAP, still to be done. */
static void add_directive(const struct finding *finding, struct buffer *out)
{
    struct buffer words = { 0 };

    if (case_outcome(finding) == CASE_SKIPPED) {
        report_missing(finding, &words);
        buffer_add_string(out, " # SKIP ");
        add_escaped(buffer_text(&words), out);
    } else if (case_outcome(finding) == CASE_PASSED && finding->outcome == OUTCOME_FAIL) {
        buffer_add_string(out, " # TO"
                               "DO not an expectation that counts, and no gate");
    }
    buffer_free(&words);
}

static void add_test(const struct judgment *judgment, size_t index, struct buffer *out)
{
    const struct finding *finding = &judgment->findings[index];
    bool failed = case_outcome(finding) == CASE_FAILED || finding->outcome == OUTCOME_FAIL;
    struct buffer name = { 0 };

    case_name(judgment, finding, &name);
    buffer_format(out, "%s %zu - ", failed ? "not ok" : "ok", index + 1);
    add_escaped(buffer_text(&name), out);
    add_directive(finding, out);
    buffer_add_byte(out, '\n');
    add_diagnostics(finding, out);
    buffer_free(&name);
}

static void write_tap(const struct judgment *judgment, const struct report_options *options,
                      struct buffer *out)
{
    struct buffer words = { 0 };

    (void)options;
    report_sum(judgment, &words);
    buffer_format(out, "TAP version 13\n1..%zu\n# %s\n", judgment->count, words.at);
    for (size_t i = 0; buffer_clear(&words), report_note(judgment, i, &words); i++)
        buffer_format(out, "# %s\n", words.at);
    for (size_t i = 0; i < judgment->count; i++)
        add_test(judgment, i, out);
    buffer_free(&words);
}

const struct report_format report_tap = {
    .name = "tap",
    .help = "Test Anything Protocol, version 13: a test for each check",
    .about = "What fails and makes no run fail is marked as still to be done, what could not "
             "be judged as skipped, so that prove comes to the same end as the run. Behind "
             "each test stands, as YAML, what was found.",
    .write = write_tap,
};
