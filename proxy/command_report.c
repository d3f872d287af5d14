/* command_report: `panne report`: judges a log, and writes reports. */
#include <stdlib.h>

#include "base/say.h"
#include "command.h"
#include "judge.h"
#include "report/report.h"
#include "reports.h"

static int give_up(int status, struct buffer *complaint)
{
    say("%s", complaint->at);
    buffer_free(complaint);
    return status;
}

/* Without any --report, the table for people on stdout. */
static bool print_text(const struct options *options, const struct judgment *judgment)
{
    const struct report_options how = {
        .color = command_has_color(options, 1),
        .unicode = command_has_unicode(),
        .columns = command_columns(1),
        .log = options->words.items[0],
    };
    struct buffer out = { 0 };
    bool printed;

    report_find(text_from("text"))->write(judgment, &how, &out);
    printed = command_print(&out) == EXIT_PASSED;
    buffer_free(&out);
    return printed;
}

static int tell(const struct options *options, struct reports *reports,
                const struct judgment *judgment)
{
    const char *why;
    int status = judge_status(judgment, &why);
    bool written = reports_write(reports, judgment);

    if (options->reports.count == 0)
        written &= print_text(options, judgment);
    return written ? status : EXIT_BROKEN;
}

static int report(const struct options *options, struct reports *reports)
{
    enum profile profile = option_is_given(options, &options->profile)
                               ? (enum profile)options->profile
                               : PROFILE_COUNT;
    struct buffer complaint = { 0 };
    struct judge *judge;
    int status;

    if (!reports_open(reports, &complaint))
        return give_up(EXIT_BROKEN, &complaint);
    judge = judge_read(options->words.items[0].at, profile, reports_stream(reports), &complaint);
    if (!judge)
        return give_up(EXIT_BROKEN, &complaint);
    if (!text_is_empty(options->baseline) &&
        !judge_set_baseline(judge, options->baseline.at, &complaint))
        status = give_up(EXIT_BROKEN, &complaint);
    else
        status = tell(options, reports, judge_conclude(judge, options->gate_regressions));
    judge_free(judge);
    return status;
}

int command_report(const struct options *options)
{
    struct buffer complaint = { 0 };
    struct reports *reports = reports_new(options, false, &complaint);
    int status;

    if (!reports)
        return give_up(EXIT_USAGE, &complaint);
    status = report(options, reports);
    reports_free(reports);
    return status;
}
