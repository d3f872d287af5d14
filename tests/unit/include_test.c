/* include_test: scenarios made of several files, and with vars. */
#include "scenario/include.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "scenario/scenario.h"

/* Rows leave out what is zero. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

enum { MOST_FILES = 4 };

struct file {
    const char *name, *text;
};

#define PHASES "phases: [{name: p, faults: [{service: a, error: 500}]}]\n"

static const char *const names[] = { "main.yaml", "a.yaml", "b.yaml", "sub/c.yaml", "link.yaml" };
static char folder[64];

static int make_folder(void **state)
{
    char path[128];

    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/include_test.XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/sub", folder);
    return mkdir(path, 0700);
}

static void forget_files(void)
{
    char path[128];

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        unlink(path);
    }
}

static int remove_folder(void **state)
{
    char path[128];

    (void)state;
    forget_files();
    snprintf(path, sizeof(path), "%s/sub", folder);
    rmdir(path);
    return rmdir(folder);
}

static void write_file(const struct file *file)
{
    char path[128];
    FILE *out;

    snprintf(path, sizeof(path), "%s/%s", folder, file->name);
    out = fopen(path, "w");
    assert_non_null(out);
    fputs(file->text, out);
    fclose(out);
}

/* Problems as printed, without the folder; to be freed. */
static char *load(const struct file *files, const struct field_pairs *sets,
                  struct scenario **scenario)
{
    struct problems *problems = problems_new();
    struct buffer out = { 0 };
    const struct problem *problem;
    char path[128];

    for (size_t i = 0; i < MOST_FILES && files[i].name; i++)
        write_file(&files[i]);
    snprintf(path, sizeof(path), "%s/main.yaml", folder);
    *scenario = scenario_load_file(path, sets, problems);
    for (size_t i = 0; (problem = problems_get(problems, i)) != NULL; i++) {
        const char *name = problem->place.file;

        if (strncmp(name, folder, strlen(folder)) == 0)
            name += strlen(folder) + 1;
        buffer_format(&out, "%s:%u:%u: %s\n", name, problem->place.line, problem->place.column,
                      problem->message);
    }
    problems_free(problems);
    forget_files();
    return out.at ? out.at : strdup("");
}

static void files_are_joined_in_order(void **state)
{
    static const struct file files[MOST_FILES] = {
        { "main.yaml", "panne: 1\ntitle: mine\ninclude: [a.yaml, sub/c.yaml]\n"
                       "services: {b: {match: {host: new}}}\n"
                       "phases: [{name: last, lasts: 1h, faults: [{service: a, error: 500}]}]\n" },
        { "a.yaml", "title: theirs\nservices: {a: {match: {host: x}}, b: {match: {host: old}}}\n"
                    "phases: [{name: first, lasts: 1h}]\n" },
        { "sub/c.yaml", "include: ../b.yaml\nphases: [{name: third, lasts: 1h}]\n" },
        { "b.yaml", "phases: [{name: second, lasts: 1h}]\nexpect: {amplification: 3}\n" },
    };
    struct scenario *scenario;
    char *complaints = load(files, NULL, &scenario);

    (void)state;
    assert_string_equal(complaints, "");
    assert_non_null(scenario);
    assert_true(text_is(scenario->title, "mine"));
    assert_int_equal(scenario->service_count, 2);
    assert_true(text_is(scenario->services[0].name, "a"));
    assert_true(text_is(scenario->services[1].match.host.items[0], "new"));
    assert_int_equal(scenario->phase_count, 4);
    assert_true(text_is(scenario->phases[0].name, "first"));
    assert_true(text_is(scenario->phases[1].name, "second"));
    assert_true(text_is(scenario->phases[2].name, "third"));
    assert_true(text_is(scenario->phases[3].name, "last"));
    assert_int_equal(scenario->expectation_count, 1);
    scenario_free(scenario);
    free(complaints);
}

/* The text that is kept is the whole, and reads as the same scenario. */
static void what_is_kept_stands_alone(void **state)
{
    static const struct file files[MOST_FILES] = {
        { "main.yaml", "panne: 1\ninclude: a.yaml\nvars: {status: \"503\", words: 'a \"b\" {c}'}\n"
                       "phases: [{name: p, faults: [{service: a, error: {status: \"${status}\", "
                       "body: \"${words}: $${x}\"}}]}]\n" },
        { "a.yaml", "services: {a: {match: {host: x}}}\n" },
    };
    const struct field_pair set = { TEXT("status"), TEXT("504") };
    const struct field_pairs sets = { &set, 1 };
    struct problems *problems = problems_new();
    struct scenario *scenario, *again;
    char *complaints = load(files, &sets, &scenario);

    (void)state;
    assert_string_equal(complaints, "");
    assert_non_null(scenario);
    assert_non_null(strstr(scenario->source.at, "\"504\""));
    assert_non_null(strstr(scenario->source.at, "\"a \\\"b\\\" {c}: $${x}\""));
    assert_true(scenario->hash == text_hash(0, scenario->source));
    /* `${x}` is a text now, and must not be taken for a var. */
    again = scenario_load(scenario->source, "log", problems);
    assert_non_null(again);
    assert_true(text_equal(again->source, scenario->source));
    assert_int_equal(again->rule_count, 1);
    scenario_free(again);
    scenario_free(scenario);
    problems_free(problems);
    free(complaints);
}

static void what_needs_neither_is_kept_to_the_letter(void **state)
{
    static const struct file files[MOST_FILES] = {
        { "main.yaml", "panne: 1 # why\nservices: {a: {match: {}}}\n" PHASES },
    };
    struct scenario *scenario;
    char *complaints = load(files, NULL, &scenario);

    (void)state;
    assert_string_equal(complaints, "");
    assert_string_equal(scenario->source.at, files[0].text);
    scenario_free(scenario);
    free(complaints);
}

static const struct refusal {
    const char *claim;
    struct file files[MOST_FILES];
    const char *complaints;
} refusals[] = {
    { "a file that is not there",
      { { "main.yaml", "panne: 1\ninclude: a.yaml\nservices: {a: {match: {}}}\n" PHASES } },
      "main.yaml:2:10: \"a.yaml\" cannot be included: No such file or directory\n" },
    { "an absolute path",
      { { "main.yaml", "panne: 1\ninclude: /etc/passwd\nservices: {a: {match: {}}}\n" PHASES } },
      "main.yaml:2:10: include wants the path of a file, relative to this one, or a list of "
      "them\n" },
    { "a file outside",
      { { "main.yaml",
          "panne: 1\ninclude: ../../etc/passwd\nservices: {a: {match: {}}}\n" PHASES } },
      "main.yaml:2:10: \"../../etc/passwd\" lies outside of the folder of the scenario, and cannot "
      "be included\n" },
    { "itself",
      { { "main.yaml", "panne: 1\ninclude: a.yaml\nservices: {a: {match: {}}}\n" PHASES },
        { "a.yaml", "include: sub/c.yaml\n" },
        { "sub/c.yaml", "include: ../a.yaml\n" } },
      "sub/c.yaml:1:10: \"../a.yaml\" includes itself\n" },
    { "the first file again",
      { { "main.yaml", "panne: 1\ninclude: a.yaml\nservices: {a: {match: {}}}\n" PHASES },
        { "a.yaml", "include: main.yaml\n" } },
      "a.yaml:1:10: \"main.yaml\" includes itself\n" },
    { "a list of no files",
      { { "main.yaml", "panne: 1\ninclude: [{}]\nservices: {a: {match: {}}}\n" PHASES } },
      "main.yaml:2:11: include wants the path of a file, relative to this one, or a list of "
      "them\n" },
    { "a file that is a list",
      { { "main.yaml", "panne: 1\ninclude: a.yaml\nservices: {a: {match: {}}}\n" PHASES },
        { "a.yaml", "[1]\n" } },
      "a.yaml:1:1: an included file wants a mapping, not a list\n" },
    { "what is wrong in an included file is said of that file",
      { { "main.yaml", "panne: 1\ninclude: a.yaml\n" PHASES },
        { "a.yaml", "services:\n  a: {mach: {}}\n" } },
      "a.yaml:2:6: a service needs \"match\"\n"
      "a.yaml:2:7: unknown key \"mach\"; did you mean \"match\"?\n" },
    { "a name that is no var",
      { { "main.yaml", "panne: 1\nvars: {rate: 3}\nservices: {a: {match: {}}}\n"
                       "phases: [{name: \"${rte}\"}]\n" } },
      "main.yaml:4:17: there is no var \"rte\"; did you mean \"rate\"?\n" },
    { "a var without end",
      { { "main.yaml", "panne: 1\ntitle: \"${rate\"\nservices: {a: {match: {}}}\n" PHASES } },
      "main.yaml:2:8: \"${\" begins a var here, and no \"}\" ends it; \"$${\" stands for \"${\" "
      "itself\n" },
    { "a var that is a list",
      { { "main.yaml", "panne: 1\nvars: {rate: [3]}\nservices: {a: {match: {}}}\n" PHASES } },
      "main.yaml:2:14: a var stands for a text, not a list\n" },
    { "vars that are a text",
      { { "main.yaml", "panne: 1\nvars: rate\nservices: {a: {match: {}}}\n" PHASES } },
      "main.yaml:2:7: vars wants a mapping, not a text\n" },
};

static void what_cannot_be_is_said_with_its_place(void **state)
{
    int wrong = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        struct scenario *scenario;
        char *complaints = load(refusals[i].files, NULL, &scenario);

        if (strcmp(complaints, refusals[i].complaints) != 0) {
            print_error("%s: wanted\n%sgot\n%s", refusals[i].claim, refusals[i].complaints,
                        complaints);
            wrong++;
        }
        scenario_free(scenario);
        free(complaints);
    }
    assert_int_equal(wrong, 0);
}

static void a_link_out_of_the_folder_is_not_followed(void **state)
{
    static const struct file files[MOST_FILES] = {
        { "main.yaml", "panne: 1\ninclude: link.yaml\nservices: {a: {match: {}}}\n" PHASES },
    };
    struct scenario *scenario;
    char path[128], *complaints;

    (void)state;
    snprintf(path, sizeof(path), "%s/link.yaml", folder);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    complaints = load(files, NULL, &scenario);
    assert_null(scenario);
    assert_non_null(strstr(complaints, "lies outside of the folder"));
    free(complaints);
}

static void a_set_must_be_of_a_var(void **state)
{
    static const struct file files[MOST_FILES] = {
        { "main.yaml", "panne: 1\nvars: {rate: 3}\nservices: {a: {match: {}}}\n" PHASES },
    };
    const struct field_pair set = { TEXT("speed"), TEXT("504") };
    const struct field_pairs sets = { &set, 1 };
    struct scenario *scenario;
    char *complaints = load(files, &sets, &scenario);

    (void)state;
    assert_null(scenario);
    assert_string_equal(complaints, "--set:0:0: there is no var \"speed\"\n");
    free(complaints);
}

/* A billion laughs need nesting, which vars have not; what is left is a long text many times. */
static void vars_do_not_grow_without_bound(void **state)
{
    struct buffer text = { 0 };
    struct file files[MOST_FILES] = { { "main.yaml", NULL } };
    struct scenario *scenario;
    char *complaints;

    (void)state;
    buffer_add_string(&text, "panne: 1\nvars: {long: \"");
    for (int i = 0; i < 40000; i++)
        buffer_add_byte(&text, 'x');
    buffer_add_string(&text, "\"}\nservices: {a: {match: {}}}\nphases:\n");
    for (int i = 0; i < 900; i++)
        buffer_format(&text, "  - {name: p%d, about: \"${long}\"}\n", i);
    files[0].text = text.at;
    complaints = load(files, NULL, &scenario);
    assert_null(scenario);
    assert_non_null(strstr(complaints, "vars make this longer than can be"));
    free(complaints);
    buffer_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_joined_in_order),
        cmocka_unit_test(what_is_kept_stands_alone),
        cmocka_unit_test(what_needs_neither_is_kept_to_the_letter),
        cmocka_unit_test(what_cannot_be_is_said_with_its_place),
        cmocka_unit_test(a_link_out_of_the_folder_is_not_followed),
        cmocka_unit_test(a_set_must_be_of_a_var),
        cmocka_unit_test(vars_do_not_grow_without_bound),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
