/* html_headline: what it came to, and what run it was, in one glance. */
#include "report/html.h"
#include "report/html_parts.h"
#include "report/report.h"

static const struct {
    const char *sign, *class;
} sums[] = { [VERDICT_PASSED] = { "\xe2\x9c\x93", "pass" },
             [VERDICT_FAILED] = { "\xe2\x9c\x97", "fail" },
             [VERDICT_INCONCLUSIVE] = { "?", "inconclusive" } };

static void add_counted(const char *name, uint64_t count, struct buffer *out)
{
    struct buffer words = { 0 };

    html_count(count, &words);
    html_fact(name, buffer_text(&words), out);
    buffer_free(&words);
}

static void add_run(const struct judgment *judgment, struct buffer *out)
{
    struct buffer words = { 0 };

    html_fact("Scenario", judgment->scenario, out);
    html_fact("Began", judgment->wall, out);
    html_time(history_length(judgment->history), &words);
    html_fact("Lasted", buffer_text(&words), out);
    buffer_clear(&words);
    report_number(UNIT_FACTOR, judgment->speed, &words);
    html_fact("Speed", buffer_text(&words), out);
    html_fact("Seed", judgment->seed, out);
    html_fact("Profile", text_from(profile_names[judgment->profile]), out);
    buffer_free(&words);
}

static void add_counts(const struct judgment *judgment, struct buffer *out)
{
    const struct cell *total = history_total(judgment->history);
    size_t clients = 0;

    while (history_client(judgment->history, clients))
        clients++;
    add_counted("Requests", total->attempts, out);
    add_counted("Hit by faults", total->touched, out);
    add_counted("Operations", total->operations, out);
    add_counted("Retries", total->retries, out);
    add_counted("Clients", clients, out); /* that are told apart */
}

static void add_notes(const struct judgment *judgment, struct buffer *out)
{
    struct buffer note = { 0 };

    for (size_t i = 0; report_note(judgment, i, &note); i++) {
        buffer_add_string(out, i == 0 ? "<ul class=\"notes\" aria-label=\"Notes\">\n<li>" : "<li>");
        html_text(buffer_text(&note), out);
        buffer_add_string(out, "</li>\n");
        buffer_clear(&note);
    }
    if (note.at)
        buffer_add_string(out, "</ul>\n");
    buffer_free(&note);
}

static void add_ways(struct buffer *out)
{
    static const char *const names[][2] = {
        { "findings", "Findings" },  { "timeline", "Timeline" }, { "operations", "Operations" },
        { "gaps", "Gaps" },          { "clients", "Clients" },   { "phases", "Phases" },
        { "evidence", "Exchanges" },
    };

    buffer_add_string(out, "<nav aria-label=\"Parts of this page\"><ul>\n");
    for (size_t i = 0; i < COUNT_OF(names); i++)
        buffer_format(out, "<li><a href=\"#%s\">%s</a></li>\n", names[i][0], names[i][1]);
    buffer_add_string(out, "</ul></nav>\n");
}

void html_headline(const struct judgment *judgment, struct buffer *out)
{
    struct buffer words = { 0 };

    buffer_format(out,
                  "<header class=\"%s\">\n<h1><span class=\"sum\"><span aria-hidden=\"true\">%s"
                  "</span> %s</span><span class=\"unstyled\">:</span> ",
                  sums[judgment->sum].class, sums[judgment->sum].sign,
                  report_sum_name(judgment->sum));
    html_text(text_is_empty(judgment->title) ? judgment->scenario : judgment->title, out);
    buffer_add_string(out, "</h1>\n<p class=\"says\">");
    report_sum(judgment, &words);
    html_text(buffer_text(&words), out);
    buffer_add_string(out, "</p>\n");
    add_notes(judgment, out);
    html_facts(out);
    add_counts(judgment, out);
    add_run(judgment, out);
    html_facts_end(out);
    add_ways(out);
    buffer_add_string(out, "</header>\n");
    buffer_free(&words);
}
