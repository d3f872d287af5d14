/* html_parts: cells, counts and names as the whole page writes them. */
#include "report/html_parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "report/report.h"
#include "report/svg.h"

#define DASH "\xe2\x80\x93"

void html_section(const char *id, const char *heading, struct buffer *out)
{
    buffer_format(out, "<section id=\"%s\" aria-labelledby=\"%s-heading\">\n", id, id);
    buffer_format(out, "<h2 id=\"%s-heading\">%s</h2>\n", id, heading);
}

void html_section_end(struct buffer *out)
{
    buffer_add_string(out, "</section>\n");
}

void html_text(struct text text, struct buffer *out)
{
    report_escape(text, out);
}

void html_finding_words(void (*words)(const struct finding *finding, struct buffer *out),
                        const struct finding *finding, struct buffer *out)
{
    struct buffer plain = { 0 };

    words(finding, &plain);
    report_escape(buffer_text(&plain), out);
    buffer_free(&plain);
}

void html_count(uint64_t count, struct buffer *out)
{
    char digits[24];
    size_t length = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, count);

    for (size_t i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            buffer_add_byte(out, ',');
        buffer_add_byte(out, digits[i]);
    }
}

void html_time(usec time, struct buffer *out)
{
    if (time == NEVER)
        buffer_add_string(out, DASH);
    else
        report_number(UNIT_TIME, (double)time / (double)SECOND, out);
}

void html_share(uint64_t part, uint64_t whole, struct buffer *out)
{
    if (whole == 0)
        buffer_add_string(out, DASH);
    else
        report_number(UNIT_SHARE, (double)part / (double)whole, out);
}

void html_facts(struct buffer *out)
{
    buffer_add_string(out, "<p class=\"facts\">\n");
}

void html_fact(const char *name, struct text value, struct buffer *out)
{
    if (text_is_empty(value))
        return;
    if (!text_ends_nocase(buffer_text(out), text_from("<p class=\"facts\">\n")))
        buffer_add_string(out, " <i>\xc2\xb7</i>\n");
    buffer_format(out, "<span><small>%s</small> <b>", name);
    html_text(value, out);
    buffer_add_string(out, "</b></span>");
}

void html_facts_end(struct buffer *out)
{
    buffer_add_string(out, "</p>\n");
}

void html_table(const char *id, const char *caption, const char *const *columns, struct buffer *out)
{
    buffer_format(out,
                  "<div class=\"wide\" role=\"group\" tabindex=\"0\" "
                  "aria-labelledby=\"%s-caption\">\n<table id=\"%s\">\n",
                  id, id);
    buffer_format(out, "<caption id=\"%s-caption\">%s</caption>\n<thead><tr>", id, caption);
    for (; *columns; columns++)
        buffer_format(out, "<th scope=\"col\"%s>%s</th>", **columns == '#' ? " class=\"n\"" : "",
                      **columns == '#' ? *columns + 1 : *columns);
    buffer_add_string(out, "</tr></thead>\n<tbody>\n");
}

void html_table_end(struct buffer *out)
{
    buffer_add_string(out, "</tbody></table></div>\n");
}

void html_cell_begin(struct buffer *out)
{
    buffer_add_string(out, "<td class=\"n\">");
}

void html_cell_end(struct buffer *out)
{
    buffer_add_string(out, "</td>");
}

void html_cell_count(uint64_t count, struct buffer *out)
{
    html_cell_begin(out);
    html_count(count, out);
    html_cell_end(out);
}

enum html_way html_way_of(bool ok, bool failed, enum attempt_end end)
{
    if (ok)
        return WAY_OK;
    if (failed)
        return WAY_FAILED;
    return end == ATTEMPT_ANSWERED ? WAY_FINAL : WAY_OTHER;
}

static const struct {
    const char *name, *sign, *look;
} ways[WAY_COUNT] = {
    [WAY_FAILED] = { "failed", "\xe2\x9c\x97", SVG_FAILED },
    [WAY_FINAL] = { "final", "\xe2\x96\xa0", SVG_FINAL },
    [WAY_OTHER] = { "other", "\xe2\x80\xa6", SVG_OTHER },
    [WAY_OK] = { "ok", "\xe2\x9c\x93", SVG_OK },
};

const char *html_way_name(enum html_way way)
{
    return ways[way].name;
}

const char *html_way_sign(enum html_way way)
{
    return ways[way].sign;
}

const char *html_way_look(enum html_way way)
{
    return ways[way].look;
}

void html_answer(enum attempt_end end, unsigned status, struct buffer *out)
{
    switch (end) {
    case ATTEMPT_BROKEN:
        buffer_add_string(out, "broken off");
        break;
    case ATTEMPT_LEFT:
        buffer_add_string(out, "given up");
        break;
    case ATTEMPT_UNFINISHED:
        buffer_add_string(out, "not finished");
        break;
    case ATTEMPT_TUNNEL:
        buffer_add_string(out, "tunnel");
        break;
    case ATTEMPT_ANSWERED:
        buffer_format(out, "%u", status);
        break;
    }
}

void html_touches(unsigned touched, struct buffer *out)
{
    static const char *const names[] = { "answer", "redirect", "delay",       "hang",
                                         "volume", "cut",      "reset",       "content",
                                         "dial",   "tls",      "certificate", "other" };
    const char *comma = "";

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (!(touched & (1u << i)))
            continue;
        buffer_format(out, "%s%s", comma, names[i]);
        comma = ", ";
    }
}

struct text html_client_name(const struct judgment *judgment, uint32_t client)
{
    const struct history_client *found =
        client == HISTORY_NOBODY ? NULL : history_client(judgment->history, client);

    return found ? found->name : text_from("\xe2\x80\xa6");
}

struct text html_service_name(const struct judgment *judgment, uint16_t service)
{
    const struct history_service *found =
        service == HISTORY_NONE ? NULL : history_service(judgment->history, service);

    return found ? found->name : text_from("");
}

struct text html_phase_name(const struct judgment *judgment, uint16_t phase)
{
    const struct history_phase *found =
        phase == HISTORY_NONE ? NULL : history_phase(judgment->history, phase);

    return found ? found->name : text_from("");
}

double html_step(double length, int most)
{
    static const double parts[] = { 1, 2, 5, 10 };
    double rough, power;

    if (!(length > 0) || most < 1)
        return 1;
    rough = length / most;
    power = pow(10, floor(log10(rough)));
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (parts[i] * power >= rough * (1 - 1e-9))
            return parts[i] * power;
    return 10 * power;
}
