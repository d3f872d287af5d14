/* text: the verdict as a table on a terminal, the worst first. */
#include "report/report.h"

static void add_padded(struct buffer *out, struct text text, size_t width)
{
    buffer_add_text(out, text);
    for (size_t i = text.length; i < width; i++)
        buffer_add_byte(out, ' ');
}

static void add_line(const struct finding *finding, struct buffer *out)
{
    struct buffer words = { 0 };
    struct text line = text_is_empty(finding->because) ? finding->evidence : finding->because;

    add_padded(out, text_from(outcome_name(finding->outcome)), 14);
    report_subject(finding, &words);
    add_padded(out, buffer_text(&words), 20);
    buffer_add_byte(out, ' ');
    buffer_add_text(out, line);
    buffer_add_byte(out, '\n');
    if (finding->outcome == OUTCOME_FAIL || finding->outcome == OUTCOME_WARN)
        buffer_format(out, "%34s %s: %s\n", "", finding->check->pattern, finding->check->remedy);
    buffer_free(&words);
}

static void write_text(const struct judgment *judgment, const struct report_options *options,
                       struct buffer *out)
{
    (void)options;
    report_sum(judgment, out);
    buffer_add_byte(out, '\n');
    for (size_t i = 0; i < judgment->count; i++)
        add_line(&judgment->findings[i], out);
}

const struct report_format report_text = {
    .name = "text",
    .help = "a table for people, the worst first",
    .write = write_text,
};
