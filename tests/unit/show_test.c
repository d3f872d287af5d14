/* show: claims about the drawing: whole pictures, compared letter by letter. */
#include "scenario/show.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
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

static void the_tesla_outage_is_a_story_on_one_screen(void **state)
{
    char *drawn = draw(bundled("scenarios/tesla-2021.yaml"), 90, 80, false, true);

    (void)state;
    assert_string_equal(
        drawn, "The Tesla app, 19 November 2021\n"
               "6h of the scenario in 4m of yours.\n"
               "\n"
               "              calm verbosity down          worldwide partial-back  tail   after\n"
               "lasts         20m  20m       1h30m         1h10m     1h30m         50m    20m\n"
               "at speed      13s  13s       1m            47s       1m            33s    13s\n"
               "owner-api\n"
               "  flood            ▁▁▂▃▄▅▆▇█\n"
               "  latency          ▁▁▂▃▄▅▆▇█                         █▇▇▆▆▅▅▄▄▃▃▂▂\n"
               "  error                      ▇▇▇▇▇▇▇▇▇▇▇▇▇ ▇▇▇▇▇▇▇▇▇ ▅▄▄▄▄▃▃▃▃▂▂▂▂ ▁▁▁▁▁▁\n"
               "  hang                       ▁▁▁▁▁▁▁▁▁▁▁▁▁ ▁▁▁▁▁▁▁▁▁\n"
               "auth          no fault of its own\n"
               "ble-key       stays up\n"
               "\n"
               "verbosity    owner-api      flood 0% -> 100%                            designed\n"
               "             owner-api      latency 0% -> 100%                          designed\n"
               "down         owner-api      error 85%, hang 10%                         designed\n"
               "worldwide    owner-api      error 85%, hang 10%                         designed\n"
               "partial-back owner-api GET  error 40% -> 10%                            designed\n"
               "             owner-api POST error 30% -> 10%                            designed\n"
               "             owner-api      latency 100% -> 20%                         designed\n"
               "tail         owner-api      error 5% -> 0%                              designed\n"
               "\n"
               "expects   amplification     {at-most: 1.2}\n"
               "          timeout           {at-most: 30s, during: down}\n"
               "          unsafe-repeats    none\n"
               "          recovery          {within: 60s}\n");
    free(drawn);
}

static void what_has_no_end_and_no_faults_is_said_to_be_so(void **state)
{
    char *drawn = draw(bundled("scenarios/calm.yaml"), 1, 80, false, true);

    (void)state;
    assert_string_equal(drawn, "Nothing goes wrong\n"
                               "Goes on until it is stopped.\n"
                               "\n"
                               "              calm\n"
                               "lasts         until stopped\n"
                               "any           no fault of its own\n");
    free(drawn);
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
                               "all services\n"
                               "  error            ####################\n"
                               "api\n"
                               "  latency          .......:::::-----=====+++++*****%%%%%###\n"
                               "  reset            ....................++++++++++++++++++++\n"
                               "\n"
                               "down all services error {square: {high: 5m, low: 5m, share~\n"
                               "     api          latency 0% -> 100%, per client, narrowed\n"
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
        cmocka_unit_test(the_tesla_outage_is_a_story_on_one_screen),
        cmocka_unit_test(what_has_no_end_and_no_faults_is_said_to_be_so),
        cmocka_unit_test(without_unicode_it_is_plain_ascii),
        cmocka_unit_test(no_line_is_wider_than_it_may_be),
        cmocka_unit_test(phases_that_do_not_fit_go_on_below),
        cmocka_unit_test(what_the_floor_stretched_has_a_star),
        cmocka_unit_test(color_adds_codes_and_nothing_else),
        cmocka_unit_test(a_title_cannot_command_the_terminal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
