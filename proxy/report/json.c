/* json: all that is known, for programs; its schema is published. */
#include "report/report.h"
#include "report/view.h"

static void write_json(const struct judgment *judgment, const struct report_options *options,
                       struct buffer *out)
{
    struct json json = { .out = out };
    struct view_report view = { 0 };
    struct arena arena = { 0 };

    (void)options;
    view_findings(judgment, &arena, &view);
    view_history(judgment, &arena, &view);
    view_samples(judgment, &arena, &view);
    record_write(&record_report, NULL, &view, &json);
    buffer_add_byte(out, '\n');
    arena_clear(&arena);
}

void report_schema(struct buffer *out)
{
    record_schema(&record_report, "A report of panne", out);
}

const struct report_format report_json = {
    .name = "json",
    .help = "everything, for programs; panne schema report prints its schema",
    .about = "Numbers that are not finite, and what is not known, are null. Times are in "
             "seconds.",
    .write = write_json,
};
