/* scenario_text: loading from strings, and catching what is printed. */
#include "scenario_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static char *print(const struct problems *problems)
{
    char *printed = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&printed, &length);

    assert_non_null(out);
    problems_print(problems, out);
    fclose(out);
    return printed;
}

char *scenario_complaints(struct text source, const char *name)
{
    struct problems *problems = problems_new();
    struct scenario *scenario = scenario_load(source, name, problems);
    char *printed = print(problems);

    assert_int_equal(scenario == NULL, problems_count(problems) > 0);
    scenario_free(scenario);
    problems_free(problems);
    return printed;
}

struct scenario *scenario_from(const char *yaml)
{
    struct problems *problems = problems_new();
    struct scenario *scenario = scenario_load(text_from(yaml), "test.yaml", problems);

    if (!scenario)
        problems_print(problems, stderr);
    assert_non_null(scenario);
    problems_free(problems);
    return scenario;
}

struct scenario *scenario_with_phases(const char *phases)
{
    struct buffer yaml = { 0 };
    struct scenario *scenario;

    buffer_format(&yaml, "panne: 1\nservices: {api: {match: {}}}\nphases:\n%s", phases);
    scenario = scenario_from(yaml.at);
    buffer_free(&yaml);
    return scenario;
}
