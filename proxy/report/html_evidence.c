/* html_evidence: single exchanges: those that findings point at, and a sample of all, by how they
 * ended. Sorting out works without a script: groups open and close by themselves; where styles are
 * on, a choice of phase hides the others' rows. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "report/html.h"
#include "report/html_parts.h"
#include "report/report.h"

enum { PHASES_MOST = 12 }; /* that the styles know to choose */

struct proven {
    const struct proof *proof;
    size_t finding; /* its number, from 1 */
};

static int by_time(const void *a, const void *b)
{
    const struct proof *one = ((const struct proven *)a)->proof;
    const struct proof *other = ((const struct proven *)b)->proof;

    if (one->exchange != other->exchange)
        return one->exchange < other->exchange ? -1 : 1;
    if (one->exchange == 0 && one->connection != other->connection)
        return one->connection < other->connection ? -1 : 1;
    return ((const struct proven *)a)->finding < ((const struct proven *)b)->finding ? -1 : 1;
}

static bool is_same(const struct proof *one, const struct proof *other)
{
    return one->exchange == other->exchange &&
           (one->exchange > 0 || one->connection == other->connection);
}

static struct proven *gather(const struct judgment *judgment, size_t *count)
{
    struct proven *proven = memory_take((judgment->count * PROOFS + 1) * sizeof(*proven));

    *count = 0;
    for (size_t i = 0; i < judgment->count; i++)
        for (size_t j = 0; j < judgment->findings[i].proofs.count; j++)
            proven[(*count)++] = (struct proven){ &judgment->findings[i].proofs.items[j], i + 1 };
    if (*count > 0)
        qsort(proven, *count, sizeof(*proven), by_time);
    return proven;
}

/* One row for those that are of the same exchange; returns how many. */
static size_t add_proven(const struct judgment *judgment, const struct proven *proven, size_t count,
                         struct buffer *out)
{
    const struct proof *proof = proven[0].proof;
    size_t same = 0;

    buffer_format(out, "<tr id=\"%c%" PRIu64 "\"><th scope=\"row\" class=\"n\">",
                  proof->exchange > 0 ? 'x' : 'c',
                  proof->exchange > 0 ? proof->exchange : proof->connection);
    if (proof->exchange > 0)
        buffer_format(out, "%" PRIu64, proof->exchange);
    buffer_add_string(out, "</th>");
    html_cell_begin(out);
    if (proof->connection > 0)
        buffer_format(out, "%" PRIu64, proof->connection);
    html_cell_end(out);
    html_cell_begin(out);
    report_moment(proof->at, out);
    html_cell_end(out);
    buffer_add_string(out, "<td>");
    html_text(text_from(proof->words), out);
    buffer_add_string(out, "</td><td>");
    for (; same < count && is_same(proof, proven[same].proof); same++)
        buffer_format(out, "%s<a href=\"#f%zu\">%s</a>", same > 0 ? ", " : "", proven[same].finding,
                      judgment->findings[proven[same].finding - 1].check->name);
    buffer_add_string(out, "</td></tr>\n");
    return same;
}

static void add_proofs(const struct judgment *judgment, struct buffer *out)
{
    static const char *const columns[] = {
        "#Exchange", "#Connection", "#At", "What", "Shows", NULL
    };
    size_t count;
    struct proven *proven = gather(judgment, &count);

    if (count > 0) {
        html_table("proof-table", "Exchanges that findings point at", columns, out);
        for (size_t i = 0; i < count;)
            i += add_proven(judgment, &proven[i], count - i, out);
        html_table_end(out);
    }
    free(proven);
}

static enum html_way way_of(const struct sample_attempt *attempt)
{
    return html_way_of(attempt->ok, attempt->failed, (enum attempt_end)attempt->end);
}

static void add_number(uint64_t number, struct buffer *out)
{
    html_cell_begin(out);
    buffer_format(out, "%" PRIu64, number);
    html_cell_end(out);
}

static void add_attempt(const struct judgment *judgment, const struct sample_attempt *attempt,
                        struct buffer *out)
{
    if (attempt->phase < PHASES_MOST)
        buffer_format(out, "<tr class=\"p%u\">", attempt->phase);
    else
        buffer_add_string(out, "<tr>");
    add_number(attempt->exchange, out);
    html_cell_begin(out);
    report_moment(attempt->began, out);
    buffer_add_string(out, "</td><td>");
    html_text(html_phase_name(judgment, attempt->phase), out);
    buffer_add_string(out, "</td><td>");
    html_text(html_client_name(judgment, attempt->client), out);
    buffer_add_string(out, "</td><td>");
    html_text(html_service_name(judgment, attempt->service), out);
    buffer_add_string(out, "</td><td>");
    html_text(text_from(attempt->method), out);
    buffer_add_byte(out, ' ');
    html_text(text_from(attempt->path), out);
    buffer_add_string(out, "</td>");
    add_number(attempt->index + 1, out);
    buffer_add_string(out, "<td>");
    html_answer((enum attempt_end)attempt->end, attempt->status, out);
    buffer_add_string(out, "</td>");
    html_cell_begin(out);
    html_time(attempt->lasted, out);
    buffer_add_string(out, "</td><td>");
    html_touches(attempt->touched, out);
    buffer_add_string(out, "</td></tr>\n");
}

static void add_group(const struct judgment *judgment, enum html_way way, struct buffer *out)
{
    static const char *const columns[] = { "#Exchange", "#At",     "Phase",    "Client",
                                           "Service",   "Request", "#Attempt", "Answer",
                                           "#Took",     "Faults",  NULL };
    static const char *const headings[WAY_COUNT] = {
        [WAY_FAILED] = "Failed, worth another try",
        [WAY_FINAL] = "Final errors",
        [WAY_OTHER] = "Not finished when the run ended",
        [WAY_OK] = "Ok",
    };
    const struct sample_set *samples = judgment->samples;
    struct buffer id = { 0 };
    size_t count = 0;

    for (size_t i = 0; i < samples->attempt_count; i++)
        count += way_of(&samples->attempts[i]) == way;
    if (count == 0)
        return;
    buffer_format(&id, "sample-%s", html_way_name(way));
    buffer_format(out, "<details class=\"sample\">\n<summary>%s %s: ", html_way_sign(way),
                  headings[way]);
    html_count(count, out);
    buffer_add_string(out, "</summary>\n");
    html_table(id.at, headings[way], columns, out);
    for (size_t i = 0; i < samples->attempt_count; i++)
        if (way_of(&samples->attempts[i]) == way)
            add_attempt(judgment, &samples->attempts[i], out);
    html_table_end(out);
    buffer_add_string(out, "</details>\n");
    buffer_free(&id);
}

/* Hidden unless styles show it: without them it would do nothing. */
static void add_choice(const struct judgment *judgment, struct buffer *out)
{
    const struct history_phase *phase;

    buffer_add_string(out, "<fieldset class=\"choice\" hidden><legend>Phase</legend>\n"
                           "<label><input type=\"radio\" name=\"phase\" id=\"all\" checked> all"
                           "</label>\n");
    for (unsigned i = 0; i < PHASES_MOST && (phase = history_phase(judgment->history, i)); i++) {
        buffer_format(out, "<label><input type=\"radio\" name=\"phase\" id=\"p%u\"> ", i);
        html_text(phase->name, out);
        buffer_add_string(out, "</label>\n");
    }
    buffer_add_string(out, "</fieldset>\n");
}

void html_evidence(const struct judgment *judgment, struct buffer *out)
{
    const struct sample_set *samples = judgment->samples;

    html_section("evidence", "Exchanges", out);
    add_proofs(judgment, out);
    buffer_add_string(out, "<p>");
    if (samples->attempt_count < samples->attempt_total) {
        buffer_add_string(out, "A sample: ");
        html_count(samples->attempt_count, out);
        buffer_add_string(out, " of ");
        html_count(samples->attempt_total, out);
        buffer_add_string(out, " exchanges, each as likely as any other.</p>\n");
    } else {
        buffer_add_string(out, "All exchanges: ");
        html_count(samples->attempt_total, out);
        buffer_add_string(out, ".</p>\n");
    }
    add_choice(judgment, out);
    for (int way = 0; way < WAY_COUNT; way++)
        add_group(judgment, (enum html_way)way, out);
    html_section_end(out);
}
