/* html_clients: a row for each of the clients that asked most. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "report/html.h"
#include "report/html_parts.h"
#include "report/report.h"

enum { ROWS_OPEN = 20, ROWS_MOST = 200 };

struct ranked {
    const struct history_client *client;
    size_t index;
};

static int by_attempts(const void *a, const void *b)
{
    const struct ranked *one = a, *other = b;

    if (one->client->cell.attempts != other->client->cell.attempts)
        return one->client->cell.attempts > other->client->cell.attempts ? -1 : 1;
    return one->index < other->index ? -1 : one->index > other->index;
}

static void add_share_cell(uint64_t part, uint64_t whole, struct buffer *out)
{
    html_cell_begin(out);
    html_share(part, whole, out);
    html_cell_end(out);
}

static void add_row(const struct history_client *client, struct buffer *out)
{
    const struct cell *cell = &client->cell;

    buffer_add_string(out, "<tr><th scope=\"row\">");
    html_text(client->name, out);
    buffer_add_string(out, "</th><td>");
    html_text(client->agent, out);
    buffer_add_string(out, "</td>");
    html_cell_count(cell->operations, out);
    html_cell_count(cell->attempts, out);
    html_cell_count(cell->retries, out);
    html_cell_begin(out);
    if (cell->operations > 0)
        report_number(UNIT_NONE, (double)cell->attempts / (double)cell->operations, out);
    html_cell_end(out);
    html_cell_count(client->most_attempts, out);
    html_cell_count(cell->failed, out);
    add_share_cell(cell->failed, cell->attempts, out);
    html_cell_count(cell->gave_up, out);
    html_cell_begin(out);
    html_time(client->last_ok, out);
    html_cell_end(out);
    buffer_add_string(out, "</tr>\n");
}

static void add_table(const char *id, const char *caption, const struct ranked *ranked,
                      size_t count, struct buffer *out)
{
    static const char *const columns[] = {
        "Client",         "Agent",   "#Operations",   "#Attempts", "#Retries",    "#Attempts each",
        "#Most attempts", "#Failed", "#Share failed", "#Gave up",  "#Last ok at", NULL,
    };

    html_table(id, caption, columns, out);
    for (size_t i = 0; i < count; i++)
        add_row(ranked[i].client, out);
    html_table_end(out);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void add_tables(const struct ranked *ranked, size_t count, struct buffer *out)
{
    size_t first = least(count, ROWS_OPEN), shown = least(count, ROWS_MOST);

    buffer_add_string(out, "<p>");
    html_count(count, out);
    buffer_add_string(out, count == 1 ? " client" : " clients, those with most attempts first");
    if (shown < count)
        buffer_format(out, "; %zu are shown", shown);
    buffer_add_string(out, ".</p>\n");
    add_table("client-table", "Clients by attempts", ranked, first, out);
    if (shown == first)
        return;
    buffer_format(out, "<details>\n<summary>%zu more</summary>\n", shown - first);
    add_table("client-table-more", "Clients by attempts, continued", ranked + first, shown - first,
              out);
    buffer_add_string(out, "</details>\n");
}

void html_clients(const struct judgment *judgment, struct buffer *out)
{
    const struct history_client *client;
    struct ranked *ranked;
    size_t count = 0;

    while (history_client(judgment->history, count))
        count++;
    html_section("clients", "Clients", out);
    if (count == 0) {
        buffer_add_string(out, "<p>No client came.</p>\n");
        html_section_end(out);
        return;
    }
    ranked = memory_take(count * sizeof(*ranked));
    for (size_t i = 0; (client = history_client(judgment->history, i)); i++)
        ranked[i] = (struct ranked){ client, i };
    qsort(ranked, count, sizeof(*ranked), by_attempts);
    add_tables(ranked, count, out);
    free(ranked);
    html_section_end(out);
}
