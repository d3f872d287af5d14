/* text: the verdict as a table on a terminal, the worst first. */
#include <inttypes.h>

#include "observe/columns.h"
#include "report/page.h"
#include "report/report.h"

enum { NARROW = 56, DEFAULT_COLUMNS = 80, LEAST_COLUMNS = 24, INDENT = 4 };

struct table {
    const struct judgment *judgment;
    const struct report_options *options;
    struct page page;
    size_t name, measured, limit; /* widths */
    size_t told;                  /* of the names of those with a line each */
    bool stacked;                 /* too narrow for a table */
};

static enum color color_of(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_PASS:
        return GREEN;
    case OUTCOME_WARN:
        return YELLOW;
    case OUTCOME_FAIL:
        return RED;
    case OUTCOME_INCONCLUSIVE:
        break;
    }
    return GRAY;
}

/* All of the same width on one kind of terminal. */
static const char *sign_of(enum outcome outcome, bool unicode)
{
    static const char *const signs[][2] = { [OUTCOME_PASS] = { "ok  ", "✓" },
                                            [OUTCOME_WARN] = { "warn", "!" },
                                            [OUTCOME_FAIL] = { "FAIL", "✗" },
                                            [OUTCOME_INCONCLUSIVE] = { "?   ", "?" } };

    return signs[outcome][unicode];
}

static void add_sign(const struct table *table, const struct finding *finding)
{
    enum color color = finding->regressed ? RED : color_of(finding->outcome);

    page_add(&table->page, color, text_from(sign_of(finding->outcome, table->page.unicode)),
             INDENT);
    buffer_add_byte(table->page.out, ' ');
}

static size_t sign_width(const struct table *table)
{
    return table->page.unicode ? 2 : 5;
}

typedef void (*add_words)(const struct finding *finding, struct buffer *out);

/* A cell's words within the width; 0: as long as they are. */
static void add_cell(const struct table *table, const struct finding *finding, add_words add,
                     size_t width)
{
    struct buffer words = { 0 };

    add(finding, &words);
    if (width > 0)
        columns_pad(table->page.out, buffer_text(&words), width, table->page.unicode);
    else
        columns_add(table->page.out, buffer_text(&words), SIZE_MAX, table->page.unicode);
    buffer_free(&words);
}

static size_t width_of(const struct finding *finding, add_words add)
{
    struct buffer words = { 0 };
    size_t width;

    add(finding, &words);
    width = columns_of(buffer_text(&words));
    buffer_free(&words);
    return width;
}

/* What counts, and how it differs from before. */
static void add_marks(const struct finding *finding, struct buffer *out)
{
    const char *weight = report_weight(finding);

    buffer_add_string(out, weight);
    if (*weight && finding->change != CHANGE_UNASKED && finding->change != CHANGE_UNCLEAR)
        buffer_add_string(out, ", ");
    report_change(finding, out);
}

/* Not bad, and yet worth a line: an answer that is near, or was asked for, and what has changed. */
static bool is_a_line(const struct finding *finding)
{
    if (report_is_bad(finding))
        return false;
    if (finding->change == CHANGE_WORSE || finding->change == CHANGE_BETTER)
        return true;
    return finding->outcome == OUTCOME_INCONCLUSIVE &&
           (finding->expectation || finding->samples > 0);
}

static void widen(size_t *width, size_t by)
{
    *width = *width > by ? *width : by;
}

static struct table lay_out(const struct judgment *judgment, const struct report_options *options,
                            struct buffer *out)
{
    struct table table = { .judgment = judgment,
                           .options = options,
                           .page = { out, options->columns, options->color, options->unicode } };
    size_t marks = 0;

    if (table.page.columns == 0)
        table.page.columns = DEFAULT_COLUMNS;
    if (table.page.columns < LEAST_COLUMNS)
        table.page.columns = LEAST_COLUMNS;
    for (size_t i = 0; i < judgment->count; i++) {
        const struct finding *finding = &judgment->findings[i];

        if (is_a_line(finding))
            widen(&table.told, width_of(finding, report_subject));
        if (!report_is_bad(finding))
            continue;
        widen(&table.name, width_of(finding, report_subject));
        widen(&table.measured, width_of(finding, report_measured));
        widen(&table.limit, width_of(finding, report_limit));
        widen(&marks, width_of(finding, add_marks));
    }
    table.stacked = table.page.columns < NARROW ||
                    sign_width(&table) + table.name + table.measured + table.limit + marks + 6 >
                        table.page.columns;
    if (table.told > table.page.columns * 2 / 5)
        table.told = table.page.columns * 2 / 5;
    return table;
}

/* A line below the name's, of what there is. */
static void add_stacked(const struct table *table, const struct finding *finding)
{
    static const add_words parts[] = { report_measured, report_limit, add_marks };
    struct buffer words = { 0 };

    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        size_t length = words.length;

        if (length > 0)
            buffer_add_string(&words, ", ");
        parts[i](finding, &words);
        if (words.length == length + 2)
            words.length = length;
    }
    if (words.length > 0)
        page_paragraph(&table->page, PLAIN, buffer_text(&words), INDENT);
    buffer_free(&words);
}

/* That of one that has a line for itself. */
static void add_name(const struct table *table, const struct finding *finding)
{
    struct buffer name = { 0 };

    report_subject(finding, &name);
    columns_add(table->page.out, buffer_text(&name), table->page.columns - sign_width(table),
                table->page.unicode);
    buffer_free(&name);
}

static void add_row(const struct table *table, const struct finding *finding)
{
    add_sign(table, finding);
    if (table->stacked) {
        page_begin(&table->page, BOLD);
        add_name(table, finding);
        page_end(&table->page, BOLD);
        page_end_line(&table->page);
        add_stacked(table, finding);
        return;
    }
    page_begin(&table->page, BOLD);
    add_cell(table, finding, report_subject, table->name);
    page_end(&table->page, BOLD);
    page_blanks(&table->page, 2);
    add_cell(table, finding, report_measured, table->measured);
    page_blanks(&table->page, 2);
    add_cell(table, finding, report_limit, table->limit);
    page_blanks(&table->page, 2);
    add_cell(table, finding, add_marks, 0);
    page_end_line(&table->page);
}

/* The row, and below it what shows it, what helps, and where to look further. */
static void add_bad(const struct table *table, const struct finding *finding)
{
    struct buffer words = { 0 };

    add_row(table, finding);
    report_evidence(finding, &words);
    if (words.length == 0)
        report_missing(finding, &words);
    page_blanks(&table->page, INDENT);
    columns_add(table->page.out, buffer_text(&words), table->page.columns - INDENT,
                table->page.unicode);
    page_end_line(&table->page);
    buffer_clear(&words);
    report_cure(finding, &words);
    page_paragraph(&table->page, DIM, buffer_text(&words), INDENT);
    buffer_clear(&words);
    report_exchanges(finding, &words);
    if (words.length > 0)
        page_paragraph(&table->page, DIM, buffer_text(&words), INDENT);
    buffer_free(&words);
}

/* What is missing, or what has changed. */
static void add_open(const struct finding *finding, struct buffer *out)
{
    size_t length = out->length;

    add_marks(finding, out);
    if (finding->outcome != OUTCOME_INCONCLUSIVE)
        return;
    if (out->length > length)
        buffer_add_string(out, ": ");
    report_missing(finding, out);
}

static void add_one_line(const struct table *table, const struct finding *finding)
{
    struct buffer name = { 0 }, words = { 0 };
    size_t column;

    report_subject(finding, &name);
    add_open(finding, &words);
    column = sign_width(table) + columns_of(buffer_text(&name));
    add_sign(table, finding);
    add_name(table, finding);
    if (table->page.columns < NARROW) {
        page_end_line(&table->page);
        page_paragraph(&table->page, GRAY, buffer_text(&words), INDENT);
    } else {
        for (; column < sign_width(table) + table->told; column++)
            buffer_add_byte(table->page.out, ' ');
        page_blanks(&table->page, 2);
        if (column + 2 < table->page.columns)
            page_add(&table->page, GRAY, buffer_text(&words), table->page.columns - column - 2);
        page_end_line(&table->page);
    }
    buffer_free(&name);
    buffer_free(&words);
}

/* Nobody has to do anything about these: their names are enough. */
static void add_names(const struct table *table, enum outcome outcome, const char *head)
{
    struct buffer words = { 0 };
    bool any = false;

    buffer_format(&words, "%s %s: ", sign_of(outcome, table->page.unicode), head);
    for (size_t i = 0; i < table->judgment->count; i++) {
        const struct finding *finding = &table->judgment->findings[i];

        if (finding->outcome != outcome || report_is_bad(finding) || is_a_line(finding))
            continue;
        buffer_add_string(&words, any ? ", " : "");
        report_subject(finding, &words);
        any = true;
    }
    if (any)
        page_paragraph(&table->page, color_of(outcome), buffer_text(&words), 0);
    buffer_free(&words);
}

static void add_head(const struct table *table)
{
    static const enum color colors[] = {
        [VERDICT_PASSED] = GREEN, [VERDICT_FAILED] = RED, [VERDICT_INCONCLUSIVE] = YELLOW
    };
    const struct judgment *judgment = table->judgment;
    struct buffer words = { 0 };

    report_sum(judgment, &words);
    page_begin(&table->page, BOLD);
    page_paragraph(&table->page, colors[judgment->sum], buffer_text(&words), 0);
    buffer_clear(&words);
    buffer_add_text(&words, text_is_empty(judgment->title) ? judgment->scenario : judgment->title);
    buffer_format(&words, "%sprofile %s, seed ", words.length > 0 ? "; " : "",
                  profile_names[judgment->profile]);
    buffer_add_text(&words, judgment->seed);
    page_paragraph(&table->page, DIM, buffer_text(&words), 0);
    for (size_t i = 0; buffer_clear(&words), report_note(judgment, i, &words); i++)
        page_paragraph(&table->page, YELLOW, buffer_text(&words), 0);
    buffer_free(&words);
}

static uint64_t first_proof(const struct judgment *judgment)
{
    for (size_t i = 0; i < judgment->count; i++)
        if (report_is_bad(&judgment->findings[i]) && judgment->findings[i].proofs.count > 0 &&
            judgment->findings[i].proofs.items[0].exchange > 0)
            return judgment->findings[i].proofs.items[0].exchange;
    return 0;
}

static void add_hint(const struct table *table)
{
    uint64_t exchange = first_proof(table->judgment);
    struct text log = table->options->log;

    if (exchange == 0 || text_is_empty(log) || text_is(log, "-"))
        return;
    page_begin(&table->page, DIM);
    buffer_add_string(table->page.out, "why: panne explain ");
    columns_add(table->page.out, log, SIZE_MAX, table->page.unicode);
    buffer_format(table->page.out, " --request %" PRIu64, exchange);
    page_end(&table->page, DIM);
    buffer_add_byte(table->page.out, '\n');
}

static void write_text(const struct judgment *judgment, const struct report_options *options,
                       struct buffer *out)
{
    struct table table = lay_out(judgment, options, out);

    add_head(&table);
    buffer_add_byte(out, '\n');
    for (size_t i = 0; i < judgment->count; i++)
        if (judgment->findings[i].regressed && judgment->findings[i].outcome != OUTCOME_FAIL)
            add_bad(&table, &judgment->findings[i]);
    for (size_t i = 0; i < judgment->count; i++)
        if (report_is_bad(&judgment->findings[i]) &&
            (!judgment->findings[i].regressed || judgment->findings[i].outcome == OUTCOME_FAIL))
            add_bad(&table, &judgment->findings[i]);
    for (size_t i = 0; i < judgment->count; i++)
        if (is_a_line(&judgment->findings[i]))
            add_one_line(&table, &judgment->findings[i]);
    add_names(&table, OUTCOME_INCONCLUSIVE, "nothing to judge");
    add_names(&table, OUTCOME_PASS, "passed");
    add_hint(&table);
}

const struct report_format report_text = {
    .name = "text",
    .help = "a table for people, the worst first",
    .about = "As wide as the terminal; 80 columns in a file. What failed or warned is told "
             "with what was measured, its bounds, the limit, the evidence, a remedy, where "
             "that is described, and the exchanges that show it. What could not be judged "
             "has a line that says what is missing, and what there was nothing to judge of, and "
             "what passed, is only named.",
    .write = write_text,
};
