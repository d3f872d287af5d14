/* html: the page around its parts. */
#include "report/html.h"

#include "report/html_parts.h"
#include "report/report.h"
#include "report/svg.h"

/* Its own policy: whatever might slip through runs nothing, loads nothing and sends nothing. */
static void add_head(const struct judgment *judgment, struct buffer *out)
{
    buffer_add_string(out,
                      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                      "style-src '" HTML_STYLE_HASH "'; base-uri 'none'; form-action 'none'\">\n"
                      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                      "<meta name=\"color-scheme\" content=\"light dark\">\n"
                      "<meta name=\"referrer\" content=\"no-referrer\">\n"
                      "<meta name=\"generator\" content=\"panne ");
    html_text(judgment->version, out);
    buffer_format(out, "\">\n<title>%s: ", report_sum_name(judgment->sum));
    html_text(text_is_empty(judgment->title) ? judgment->scenario : judgment->title, out);
    buffer_add_string(out, "</title>\n<style>");
    html_style(out);
    buffer_add_string(out, "</style>\n</head>\n");
}

static void add_about(const struct judgment *judgment, struct buffer *out)
{
    html_section("about", "About this page", out);
    buffer_add_string(
        out,
        "<p>All of it is what the proxy saw on the wire; nothing is asked of the client. An "
        "<i>attempt</i> is a request as it was sent. An <i>operation</i> is what the client wanted "
        "once, with all its attempts: the client&#39;s own markers tie them together, or else that "
        "the same client asks the same again soon after a failure. A <i>failed</i> attempt is one "
        "that another may make good: 408, 425, 429, 500, 502, 503, 504, or no whole answer. A "
        "<i>final</i> answer is any other status from 400.</p>\n"
        "<p>Counts are of all requests. Lists and pictures of single ones are samples, drawn by "
        "the order of the stream alone, and say of how many. Bounds are one-sided, and corrected "
        "for the number of checks, so that a client that does nothing wrong is found to do so in "
        "one run of a hundred at most. A check without enough to judge by is inconclusive, not "
        "passed.</p>\n");
    buffer_add_string(out, "<p>panne ");
    html_text(judgment->version, out);
    buffer_add_string(out, "</p>\n");
    html_section_end(out);
}

static void write_html(const struct judgment *judgment, const struct report_options *options,
                       struct buffer *out)
{
    static void (*const parts[])(const struct judgment *judgment, struct buffer *out) = {
        html_findings, html_timeline, html_operations, html_gaps,
        html_clients,  html_phases,   html_evidence,   add_about,
    };

    (void)options;
    add_head(judgment, out);
    buffer_add_string(out, "<body>\n");
    svg_hatches(out);
    html_headline(judgment, out);
    buffer_add_string(out, "<main>\n");
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        parts[i](judgment, out);
    buffer_add_string(out, "</main>\n</body>\n</html>\n");
}

const struct report_format report_html = {
    .name = "html",
    .help = "a page with pictures, for a browser, all in one file",
    .about = "It has the findings with what proves them, the run as a timeline, the attempts at "
             "single operations, histograms of the gaps before retries, clients, phases and "
             "services, and a sample of the exchanges. There is no script in it, and it loads "
             "nothing; where a content policy blocks its styles, as that of Jenkins does, it "
             "reads nevertheless.",
    .write = write_html,
};
