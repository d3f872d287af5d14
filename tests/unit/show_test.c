/* show: claims about the drawing: whole pictures, compared letter by letter. */
#include "scenario/show.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "scenario_text.h"

static char *draw(struct scenario *scenario, double speed, unsigned width, bool color, bool unicode)
{
    const struct timeline_options options = { .speed = speed,
                                              .floor = 10 * SECOND,
                                              .until = NEVER };
    struct timeline timeline;
    struct buffer out = { 0 };

    assert_true(timeline_lay(&timeline, scenario, &options, &out));
    show_scenario(scenario, &timeline, width, color, unicode, &out);
    scenario_free(scenario);
    return out.at;
}

static struct scenario *bundled(const char *path)
{
    struct problems *problems = problems_new();
    struct scenario *scenario = scenario_load_file(path, NULL, problems);

    assert_non_null(scenario);
    problems_free(problems);
    return scenario;
}

/* A file of tests/shown/; to be freed. */
static char *read_drawn(const char *name, const char *how)
{
    struct buffer path = { 0 }, text = { 0 };
    char part[4096];
    FILE *file;
    size_t count;

    buffer_format(&path, "tests/shown/%s%s.txt", name, how);
    file = fopen(path.at, "re");
    assert_non_null(file);
    while ((count = fread(part, 1, sizeof part, file)) > 0)
        buffer_add(&text, part, count);
    fclose(file);
    buffer_free(&path);
    return text.at;
}

static void whole_drawings_are_as_they_were(void **state)
{
    static const struct {
        const char *name, *path;
        double speed;
    } scenarios[] = {
        { "tesla-2021", "scenarios/tesla-2021.yaml", 90 },
        { "calm", "scenarios/calm.yaml", 1 },
        { "shop", "tests/shown/shop.yaml", 20 },
    };
    static const struct {
        const char *name;
        bool color, unicode;
    } hows[] = { { "", false, true }, { "-color", true, true }, { "-plain", false, false } };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(scenarios); i++)
        for (size_t how = 0; how < COUNT_OF(hows); how++) {
            char *drawn = draw(bundled(scenarios[i].path), scenarios[i].speed, 80, hows[how].color,
                               hows[how].unicode);
            char *wanted = read_drawn(scenarios[i].name, hows[how].name);

            assert_string_equal(drawn, wanted);
            free(drawn);
            free(wanted);
        }
}

#define SMALL                                                                                 \
    "  - {name: calm, lasts: 1m}\n"                                                           \
    "  - name: down\n    lasts: 10m\n    faults:\n"                                           \
    "      - {error: 500, share: {square: {high: 5m, low: 5m, share: 100%}}, nth: 2..}\n"     \
    "      - {service: api, latency: 1s, share: 0% -> 100%, per: client, when: {path: /a}}\n" \
    "      - {service: api, reset: head, share: [0m 1%, 5m 60%], when: {method: [GET, PUT]}}\n"

static void without_unicode_it_is_plain_ascii(void **state)
{
    char *drawn = draw(scenario_with_phases(SMALL), 1, 60, false, false);

    (void)state;
    for (const char *at = drawn; *at; at++)
        assert_in_range((unsigned char)*at, '\n', '~');
    assert_string_equal(drawn, "test.yaml\n"
                               "11m of the scenario in 11m of yours.\n"
                               "\n"
                               "              calm down\n"
                               "lasts         1m   10m\n"
                               "at speed      1m   10m\n"
                               "all services       error #################\n"
                               "api                latency ......::::----====++++****%%%%##\n"
                               "                   reset .................+++++++++++++++++\n"
                               "\n"
                               "down all services error {square: {high: 5m, low: 5m, share~\n"
                               "     api          latency 0% -> 100%, per client, by path\n"
                               "     api GET/PUT  reset [0s 1%, 5m 60%]\n");
    free(drawn);
}

/* The longest line in columns. */
static size_t widest(const char *drawn)
{
    size_t most = 0, count = 0;

    for (; *drawn; drawn++) {
        if (*drawn == '\n')
            count = 0;
        else
            count += ((unsigned char)*drawn & 0xC0) != 0x80;
        most = count > most ? count : most;
    }
    return most;
}

static void no_line_is_wider_than_it_may_be(void **state)
{
    (void)state;
    for (unsigned width = 40; width <= 200; width += 7) {
        char *drawn = draw(bundled("scenarios/tesla-2021.yaml"), 90, width, false, true);

        assert_in_range(widest(drawn), 30, width);
        free(drawn);
    }
}

static void phases_that_do_not_fit_go_on_below(void **state)
{
    char *narrow = draw(bundled("scenarios/tesla-2021.yaml"), 90, 60, false, true);
    char *wide = draw(bundled("scenarios/tesla-2021.yaml"), 90, 80, false, true);
    const char *first = strstr(narrow, "\nlasts "), *other = strstr(wide, "\nlasts ");

    (void)state;
    assert_non_null(strstr(first + 1, "\nlasts "));
    assert_null(strstr(other + 1, "\nlasts "));
    free(narrow);
    free(wide);
}

static void what_the_floor_stretched_has_a_star(void **state)
{
    char *drawn = draw(bundled("scenarios/tesla-2021.yaml"), 600, 80, false, true);

    (void)state;
    assert_non_null(strstr(drawn, "at speed      10s*"));
    assert_non_null(strstr(drawn, "\n* stretched: a phase is not made shorter than this\n"));
    free(drawn);
}

static void color_adds_codes_and_nothing_else(void **state)
{
    char *colored = draw(bundled("scenarios/tesla-2021.yaml"), 90, 80, true, true);
    char *plain = draw(bundled("scenarios/tesla-2021.yaml"), 90, 80, false, true);
    struct buffer stripped = { 0 };

    (void)state;
    assert_non_null(strstr(colored, "\033[1mThe Tesla app, 19 November 2021\033[0m\n"));
    for (const char *at = colored; *at; at++) {
        if (*at == '\033')
            at = strchr(at, 'm');
        else
            buffer_add_byte(&stripped, *at);
    }
    assert_string_equal(stripped.at, plain);
    buffer_free(&stripped);
    free(colored);
    free(plain);
}

static void a_title_cannot_command_the_terminal(void **state)
{
    char *drawn = draw(scenario_from("panne: 1\ntitle: \"red \\e[31m\\nred\"\n"
                                     "services: {a: {match: {}}}\nphases: [{name: b}]\n"),
                       1, 80, false, true);

    (void)state;
    assert_memory_equal(drawn, "red ?[31m?red\n", 14);
    free(drawn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_drawings_are_as_they_were),
        cmocka_unit_test(without_unicode_it_is_plain_ascii),
        cmocka_unit_test(no_line_is_wider_than_it_may_be),
        cmocka_unit_test(phases_that_do_not_fit_go_on_below),
        cmocka_unit_test(what_the_floor_stretched_has_a_star),
        cmocka_unit_test(color_adds_codes_and_nothing_else),
        cmocka_unit_test(a_title_cannot_command_the_terminal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
