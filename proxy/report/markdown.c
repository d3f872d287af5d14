/* markdown: a table and what is behind it, in GitHub's dialect (GFM), for job summaries and merge
 * requests. */
#include <inttypes.h>

#include "report/cases.h"

/* A job's summary of more than 1 MiB is dropped whole; here it ends before that. */
enum { MOST = (1 << 20) - 4096 };

/* As running text, within a table's cell, too. A name behind `@` must call nobody. */
static void add_escaped(struct text text, struct buffer *out)
{
    for (size_t i = 0; i < text.length; i++) {
        char byte = text.at[i];

        if (byte == '&')
            buffer_add_string(out, "&amp;");
        else if (byte == '<')
            buffer_add_string(out, "&lt;");
        else if (byte == '@')
            buffer_add_string(out, "@<!-- -->");
        else if ((unsigned char)byte < ' ')
            buffer_add_byte(out, ' ');
        else if (strchr("\\`*_{}[]>#|~!$", byte))
            buffer_format(out, "\\%c", byte);
        else
            buffer_add_byte(out, byte);
    }
}

static size_t longest_run(struct text text, char byte)
{
    size_t longest = 0, run = 0;

    for (size_t i = 0; i < text.length; i++) {
        run = text.at[i] == byte ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

/* As it is, between more backticks than it has in a row. */
static void add_code(struct text text, struct buffer *out)
{
    size_t ticks = longest_run(text, '`') + 1;

    for (size_t i = 0; i < ticks; i++)
        buffer_add_byte(out, '`');
    buffer_format(out, " %.*s ", (int)text.length, text.at);
    for (size_t i = 0; i < ticks; i++)
        buffer_add_byte(out, '`');
}

typedef void (*add_words)(const struct finding *finding, struct buffer *out);

static size_t add_part(const struct finding *finding, add_words add, struct buffer *out)
{
    struct buffer words = { 0 };
    size_t length;

    add(finding, &words);
    length = words.length;
    add_escaped(buffer_text(&words), out);
    buffer_free(&words);
    return length;
}

static const char *sign_of(const struct finding *finding)
{
    static const char *const signs[] = { [OUTCOME_PASS] = "✅ pass",
                                         [OUTCOME_WARN] = "⚠️ warn",
                                         [OUTCOME_FAIL] = "❌ fail",
                                         [OUTCOME_INCONCLUSIVE] = "❔ inconclusive" };

    return finding->regressed ? "❌ worse" : signs[finding->outcome];
}

static void add_row(const struct finding *finding, struct buffer *out)
{
    buffer_format(out, "| %s | ", sign_of(finding));
    add_part(finding, report_subject, out);
    buffer_add_string(out, " | ");
    if (finding->outcome == OUTCOME_INCONCLUSIVE)
        add_part(finding, report_missing, out);
    else
        add_part(finding, report_measured, out);
    buffer_add_string(out, " | ");
    add_part(finding, report_limit, out);
    buffer_format(out, " | %s", report_weight(finding));
    if (finding->change != CHANGE_UNASKED && finding->change != CHANGE_UNCLEAR) {
        buffer_add_string(out, *report_weight(finding) ? ", " : "");
        add_part(finding, report_change, out);
    }
    buffer_add_string(out, " |\n");
}

static void add_proof(const struct proof *proof, struct buffer *out)
{
    buffer_format(out, "- %s %" PRIu64 " at ", proof->exchange > 0 ? "exchange" : "connection",
                  proof->exchange > 0 ? proof->exchange : proof->connection);
    report_moment(proof->at, out);
    buffer_add_string(out, ": ");
    add_code(text_from(proof->words), out);
    buffer_add_byte(out, '\n');
}

static void add_paragraph(const struct finding *finding, add_words add, struct buffer *out)
{
    if (add_part(finding, add, out) > 0)
        buffer_add_string(out, "\n\n");
}

static void add_details(const struct finding *finding, struct buffer *out)
{
    const struct proofs *proofs = &finding->proofs;
    struct buffer name = { 0 };

    if (!report_is_bad(finding))
        return;
    /* Up to the first empty line it is HTML. */
    report_subject(finding, &name);
    buffer_add_string(out, "\n<details><summary>");
    report_escape(buffer_text(&name), out);
    buffer_add_string(out, "</summary>\n\n");
    buffer_free(&name);
    add_paragraph(finding, report_evidence, out);
    if (finding->expectation) {
        buffer_add_string(out, "Expected: ");
        add_code(finding->expectation->as_written, out);
        buffer_add_string(out, "\n\n");
    }
    add_paragraph(finding, report_cure, out);
    for (size_t i = 0; i < proofs->count; i++)
        add_proof(&proofs->items[i], out);
    if (proofs->total > proofs->count)
        buffer_format(out, "- and %" PRIu64 " more\n", proofs->total - proofs->count);
    if (proofs->count > 0)
        buffer_add_byte(out, '\n');
    buffer_add_string(out, "</details>\n");
}

/* Each finding's piece as long as there is room. Returns how many had none. */
static size_t add_all(const struct judgment *judgment, add_words add, size_t begun,
                      struct buffer *out)
{
    struct buffer piece = { 0 };
    size_t left = 0;

    for (size_t i = 0; i < judgment->count; i++) {
        buffer_clear(&piece);
        add(&judgment->findings[i], &piece);
        if (out->length - begun + piece.length <= MOST)
            buffer_add_text(out, buffer_text(&piece));
        else
            left++;
    }
    buffer_free(&piece);
    return left;
}

static void add_head(const struct judgment *judgment, struct buffer *out)
{
    struct buffer words = { 0 };

    buffer_format(out, "## panne: %s\n\n", report_sum_name(judgment->sum));
    report_sum(judgment, &words);
    buffer_add_string(out, "**");
    add_escaped(buffer_text(&words), out);
    buffer_add_string(out, "**\n\n");
    buffer_clear(&words);
    buffer_add_text(&words, text_is_empty(judgment->title) ? judgment->scenario : judgment->title);
    buffer_format(&words, "; profile %s, seed %.*s", profile_names[judgment->profile],
                  (int)judgment->seed.length, judgment->seed.at);
    add_escaped(buffer_text(&words), out);
    buffer_add_string(out, "\n\n");
    for (size_t i = 0; buffer_clear(&words), report_note(judgment, i, &words); i++) {
        buffer_add_string(out, "- ");
        add_escaped(buffer_text(&words), out);
        buffer_add_byte(out, '\n');
    }
    buffer_add_string(out, out->at[out->length - 2] == '\n' ? "" : "\n");
    buffer_free(&words);
}

static void write_markdown(const struct judgment *judgment, const struct report_options *options,
                           struct buffer *out)
{
    size_t begun = out->length, left;

    (void)options;
    add_head(judgment, out);
    buffer_add_string(out, "| verdict | check | measured | limit | counts as |\n"
                           "| --- | --- | --- | --- | --- |\n");
    left = add_all(judgment, add_row, begun, out);
    left += add_all(judgment, add_details, begun, out);
    if (left > 0)
        buffer_format(out,
                      "\n%zu rows and details are left out, for a summary has room for "
                      "1 MiB.\n",
                      left);
}

const struct report_format report_markdown = {
    .name = "markdown",
    .help = "Markdown, for summaries of jobs and merge requests",
    .about = "A table, and below it the details of what failed or warned. It ends before 1 "
             "MiB, from where GitHub drops a summary, and says what is left out.",
    .write = write_markdown,
};
