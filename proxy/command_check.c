/* command_check: `panne check`. */
#include "command.h"
#include "run_scenario.h"

/* One scenario, for people. True if there is nothing wrong. */
static bool check(struct text name, const struct options *options, struct buffer *out)
{
    struct buffer path = { 0 };
    struct scenario *scenario = run_scenario_open(name, options, &path);
    bool good = scenario != NULL;

    if (good)
        buffer_format(out, "%s: ok\n", path.at);
    scenario_free(scenario);
    buffer_free(&path);
    return good;
}

static void add_problems(const struct problems *problems, int how, struct json *json)
{
    if (how == REPORT_JSON)
        problems_add_json(problems, json);
    else if (how == REPORT_SARIF)
        problems_add_sarif(problems, json);
    else
        problems_add_github(problems, json->out);
}

static void begin(int how, struct json *json)
{
    if (how == REPORT_JSON)
        json_open(json, NULL, '[');
    else if (how == REPORT_SARIF)
        problems_begin_sarif(PANNE_VERSION, json);
}

static void end(int how, struct json *json)
{
    if (how == REPORT_SARIF)
        problems_end_sarif(json);
    if (how != REPORT_JSON)
        return;
    json_close(json, ']');
    buffer_add_byte(json->out, '\n');
}

/* One scenario, for machines: also that there is no such file is a problem like others. */
static bool report(struct text name, const struct options *options, struct json *json)
{
    struct problems *problems = problems_new();
    struct buffer complaint = { 0 };
    bool good;

    scenario_free(run_scenario_read(name, options, problems, NULL, &complaint));
    if (complaint.length > 0)
        problem_at(problems, (struct place){ .file = name.at }, "%s", complaint.at);
    add_problems(problems, options->report, json);
    good = problems_count(problems) == 0;
    problems_free(problems);
    buffer_free(&complaint);
    return good;
}

static int check_all(const struct options *options, struct buffer *out)
{
    struct json json = { .out = out };
    int status = EXIT_PASSED;

    begin(options->report, &json);
    for (size_t i = 0; i < options->words.count; i++) {
        struct text name = options->words.items[i];
        bool good = options->report == REPORT_TEXT ? check(name, options, out)
                                                   : report(name, options, &json);

        status = good ? status : EXIT_USAGE;
    }
    end(options->report, &json);
    return status;
}

int command_check(const struct options *options)
{
    struct buffer out = { 0 };
    int status = check_all(options, &out), printed = EXIT_PASSED;

    if (!options->quiet || options->report != REPORT_TEXT)
        printed = command_print(&out);
    buffer_free(&out);
    return printed != EXIT_PASSED ? printed : status;
}
