/* html_phases: counts by phase and service. */
#include "report/html.h"
#include "report/html_parts.h"
#include "report/report.h"

/* Rows of services; after that, those of whole phases alone. */
enum { ROWS_MOST = 400 };

static void add_cell(const struct cell *cell, struct buffer *out)
{
    static const double shares[] = { 0.5, 0.99 };

    html_cell_count(cell->attempts, out);
    html_cell_count(cell->ok, out);
    html_cell_count(cell->failed, out);
    html_cell_count(cell->final, out);
    html_cell_count(cell->throttled, out);
    html_cell_count(cell->left, out);
    html_cell_count(cell->retries, out);
    html_cell_begin(out);
    html_share(cell->touched, cell->attempts, out);
    html_cell_end(out);
    for (size_t i = 0; i < COUNT_OF(shares); i++) {
        html_cell_begin(out);
        html_time(latency_quantile(cell->latency, shares[i]), out);
        html_cell_end(out);
    }
    buffer_add_string(out, "</tr>\n");
}

/* Returns how many rows that is. */
static size_t add_row(const struct judgment *judgment, size_t phase, struct text service,
                      const struct cell *cell, struct buffer *out)
{
    if (!cell || cell->attempts == 0)
        return 0;
    buffer_add_string(out, "<tr><td>");
    html_text(html_phase_name(judgment, (uint16_t)phase), out);
    buffer_add_string(out, "</td><td></td><th scope=\"row\">");
    html_text(service, out);
    buffer_add_string(out, "</th>");
    add_cell(cell, out);
    return 1;
}

static size_t add_services(const struct judgment *judgment, size_t phase, struct buffer *out)
{
    const struct history_service *service;
    size_t rows = 0;

    for (size_t i = 0; (service = history_service(judgment->history, i)); i++)
        rows +=
            add_row(judgment, phase, service->name, history_cell(judgment->history, phase, i), out);
    return rows + add_row(judgment, phase, text_from("none"),
                          history_cell(judgment->history, phase, HISTORY_NONE), out);
}

static void add_phase(const struct judgment *judgment, size_t phase, struct buffer *out)
{
    const struct history_phase *found = history_phase(judgment->history, phase);
    usec end = usec_min(found->span.ends, history_length(judgment->history));

    buffer_add_string(out, "<tr class=\"all\"><th scope=\"row\">");
    html_text(found->name, out);
    buffer_add_string(out, "</th><td>");
    html_time(found->span.begins, out);
    buffer_add_string(out, " to ");
    html_time(usec_max(end, found->span.begins), out);
    buffer_add_string(out, found->again ? ", more than once</td>" : "</td>");
    buffer_add_string(out, "<td>all</td>");
    add_cell(&found->cell, out);
}

void html_phases(const struct judgment *judgment, struct buffer *out)
{
    static const char *const columns[] = {
        "Phase",          "When",          "Service",     "#Requests", "#Ok",
        "#Failed",        "#Final",        "#Throttled",  "#Given up", "#Retries",
        "#Hit by faults", "#Time, median", "#Time, 99 %", NULL,
    };
    size_t rows = 0;

    html_section("phases", "Phases and services", out);
    html_table("phase-table", "What came in each phase, and what became of it", columns, out);
    for (size_t i = 0; history_phase(judgment->history, i); i++) {
        add_phase(judgment, i, out);
        if (rows < ROWS_MOST)
            rows += add_services(judgment, i, out);
    }
    html_table_end(out);
    if (rows >= ROWS_MOST)
        buffer_add_string(out, "<p>There are too many services and phases to list: the last phases "
                               "are told as a whole.</p>\n");
    html_section_end(out);
}
