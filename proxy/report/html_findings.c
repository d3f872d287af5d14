/* html_findings: what each check found, the worst first; open are those that want to be read. */
#include <inttypes.h>

#include "report/html.h"
#include "report/html_parts.h"
#include "report/report.h"

static const char *sign_of(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_PASS:
        return "\xe2\x9c\x93";
    case OUTCOME_WARN:
        return "!";
    case OUTCOME_FAIL:
        return "\xe2\x9c\x97";
    case OUTCOME_INCONCLUSIVE:
        break;
    }
    return "?";
}

/* Those that are open at once: what is to be mended, and what leaves the run undecided. */
static bool is_told(const struct finding *finding)
{
    return report_is_bad(finding) ||
           (finding->outcome == OUTCOME_INCONCLUSIVE && finding->enforced && finding->expectation);
}

static void add_sentence(struct text words, const char *before, struct buffer *out)
{
    if (text_is_empty(words))
        return;
    buffer_format(out, "<p class=\"says\">%s", before);
    html_text(words, out);
    buffer_add_string(out, "</p>\n");
}

/* What a closed one says stands beside its name. */
static void add_brief(const struct finding *finding, struct buffer *out)
{
    buffer_add_string(out, " <small>");
    html_text(text_is_empty(finding->because) ? finding->evidence : finding->because, out);
    buffer_add_string(out, "</small>");
}

static void add_summary(const struct finding *finding, struct buffer *out)
{
    const char *name = outcome_name(finding->outcome), *weight = report_weight(finding);

    buffer_format(out,
                  "<summary><span class=\"badge %s\"><span aria-hidden=\"true\">%s</span> %s</span>"
                  " " HTML_HEADING "%s" HTML_HEADING_END " <code>",
                  name, sign_of(finding->outcome), name, finding->check->title);
    html_finding_words(report_subject, finding, out);
    buffer_add_string(out, "</code>");
    if (*weight)
        buffer_format(out, " <span class=\"weight\">%s</span>", weight);
    if (finding->has_value) {
        buffer_add_string(out, " <b class=\"value\">");
        report_number(finding->unit, finding->value, out);
        buffer_add_string(out, "</b>");
    }
    if (!is_told(finding))
        add_brief(finding, out);
    buffer_add_string(out, "</summary>\n");
}

static void add_fact(const char *name, void (*words)(const struct finding *, struct buffer *),
                     const struct finding *finding, struct buffer *out)
{
    struct buffer value = { 0 };

    words(finding, &value);
    html_fact(name, buffer_text(&value), out);
    buffer_free(&value);
}

static void tell_value(const struct finding *finding, struct buffer *out)
{
    if (finding->has_value)
        report_number(finding->unit, finding->value, out);
}

static void tell_bounds(const struct finding *finding, struct buffer *out)
{
    if (!finding->has_bounds)
        return;
    report_number(finding->unit, finding->low, out);
    buffer_add_string(out, " to ");
    report_number(finding->unit, finding->high, out);
}

static void tell_warning(const struct finding *finding, struct buffer *out)
{
    if (!finding->has_limit || finding->outcome == OUTCOME_INCONCLUSIVE ||
        (finding->warn >= finding->limit && finding->warn <= finding->limit))
        return;
    buffer_add_string(out, finding->at_least ? "below " : "above ");
    report_number(finding->unit, finding->warn, out);
}

static void tell_samples(const struct finding *finding, struct buffer *out)
{
    if (!finding->sample)
        return;
    html_count(finding->samples, out);
    buffer_format(out, " %s", finding->sample);
}

static void tell_missing(const struct finding *finding, struct buffer *out)
{
    if (finding->outcome == OUTCOME_INCONCLUSIVE && finding->missing > 0 && finding->sample)
        report_missing(finding, out);
}

static void tell_grouping(const struct finding *finding, struct buffer *out)
{
    if (finding->grouped < 0)
        return;
    report_number(UNIT_SHARE, finding->grouped, out);
    buffer_add_string(out, " of retries tied by the client's own markers");
}

static void tell_expectation(const struct finding *finding, struct buffer *out)
{
    const struct expectation_terms *terms = finding->expectation;

    if (!terms)
        return;
    buffer_add_text(out, terms->as_written);
    if (terms->line == 0)
        return;
    buffer_add_string(out, " (");
    buffer_add_text(out, terms->file);
    buffer_format(out, ":%u)", terms->line);
}

static void add_facts(const struct finding *finding, struct buffer *out)
{
    static const struct {
        const char *name;
        void (*words)(const struct finding *finding, struct buffer *out);
    } rows[] = {
        { "Measured", tell_value },       { "Bounds", tell_bounds },
        { "Limit", report_limit },        { "Warns", tell_warning },
        { "Judged by", tell_samples },    { "Missing", tell_missing },
        { "Grouping", tell_grouping },    { "Baseline", report_change },
        { "Expected", tell_expectation },
    };
    size_t began = out->length, empty;

    html_facts(out);
    empty = out->length;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        add_fact(rows[i].name, rows[i].words, finding, out);
    if (out->length > empty)
        html_facts_end(out);
    else
        out->length = began;
}

static size_t address_length(struct text text)
{
    size_t length = 0;

    if (!text_starts(text, text_from("https://")) && !text_starts(text, text_from("http://")))
        return 0;
    while (length < text.length && !strchr(" ,;)", text.at[length]))
        length++;
    return length;
}

/* Where it is described: addresses become links. */
static void add_source(struct text source, struct buffer *out)
{
    while (source.length > 0) {
        size_t length = address_length(source);
        struct text piece = text_of(source.at, length > 0 ? length : 1);

        if (length > 0) {
            buffer_add_string(out, "<a rel=\"noreferrer\" href=\"");
            html_text(piece, out);
            buffer_add_string(out, "\">");
        } else {
            piece.length = text_character(source) > 0 ? text_character(source) : 1;
        }
        html_text(piece, out);
        if (length > 0)
            buffer_add_string(out, "</a>");
        source = text_from_offset(source, piece.length);
    }
}

static void add_cure(const struct check *check, struct buffer *out)
{
    buffer_format(out, "<p class=\"cure\"><b>Remedy: %s.</b> ", check->pattern);
    html_text(text_from(check->remedy), out);
    buffer_add_string(out, ". <small>");
    add_source(text_from(check->source), out);
    buffer_add_string(out, "</small></p>\n");
}

static void add_proof(const struct proof *proof, struct buffer *out)
{
    bool is_exchange = proof->exchange > 0;

    buffer_format(out, "<li><a href=\"#%c%" PRIu64 "\">%s %" PRIu64 "</a> at ",
                  is_exchange ? 'x' : 'c', is_exchange ? proof->exchange : proof->connection,
                  is_exchange ? "exchange" : "connection",
                  is_exchange ? proof->exchange : proof->connection);
    report_moment(proof->at, out);
    buffer_add_string(out, ": ");
    html_text(text_from(proof->words), out);
    buffer_add_string(out, "</li>\n");
}

static void add_proofs(const struct proofs *proofs, struct buffer *out)
{
    if (proofs->count == 0)
        return;
    buffer_add_string(out, "<p class=\"shown\">Shown by ");
    if (proofs->total > proofs->count)
        buffer_format(out, "the first %zu of ", proofs->count);
    html_count(proofs->total, out);
    buffer_add_string(out, ":</p>\n<ul class=\"proofs\">\n");
    for (size_t i = 0; i < proofs->count; i++)
        add_proof(&proofs->items[i], out);
    buffer_add_string(out, "</ul>\n");
}

static void add_finding(const struct finding *finding, size_t number, struct buffer *out)
{
    bool told = is_told(finding);

    buffer_format(out, "<details class=\"finding %s\" id=\"f%zu\"%s>\n",
                  outcome_name(finding->outcome), number, told ? " open" : "");
    add_summary(finding, out);
    if (told || !text_is_empty(finding->because))
        add_sentence(finding->evidence, "", out);
    if (told)
        add_sentence(finding->because, "Not judged: ", out);
    buffer_format(out, "<p class=\"asks\">Asked: %s.</p>\n", finding->check->asks);
    add_facts(finding, out);
    if (report_is_bad(finding))
        add_cure(finding->check, out);
    add_proofs(&finding->proofs, out);
    buffer_add_string(out, "</details>\n");
}

void html_findings(const struct judgment *judgment, struct buffer *out)
{
    html_section("findings", "Findings", out);
    if (judgment->count == 0)
        buffer_add_string(out, "<p>No check was asked.</p>\n");
    for (size_t i = 0; i < judgment->count; i++)
        add_finding(&judgment->findings[i], i + 1, out);
    html_section_end(out);
}
