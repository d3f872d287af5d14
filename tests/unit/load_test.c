/* load: claims about what good scenarios come to. */
#include "scenario/scenario.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "guard.h"
#include "scenario_text.h"

static const char whole[] =
    "# yaml-language-server: $schema=scenario.schema.json\n"
    "panne: 1\n"
    "title: A test\n"
    "about: >-\n  Two\n  lines\n"
    "sources: [https://one.example, https://two.example]\n"
    "seed: 18446744073709551615\n"
    "speed: 2.5\n"
    "services:\n"
    "  api:\n"
    "    match:\n"
    "      host: [api.example.com, '*.example.net']\n"
    "      path: /api/**\n"
    "      header: {X-Kind: [a, b]}\n"
    "      query: {id: '7'}\n"
    "      client: 10.*\n"
    "      method: POST\n"
    "  key: {match: {}, stays-up: true}\n"
    "phases:\n"
    "  - {name: calm, lasts: 20m}\n"
    "  - name: down\n"
    "    about: All fails.\n"
    "    lasts: 1h30m\n"
    "    faults:\n"
    "      - {service: api, error: 503, latency: 20ms, share: 0% -> 50%, figure: published}\n"
    "      - when: {method: [GET, HEAD]}\n"
    "        nth: 1..3\n"
    "        per: client\n"
    "        mix:\n"
    "          - {share: 85%, error: {status: 500, headers: {X-A: one, X-B: two}}}\n"
    "          - {share: 10%, hang: {at: head}}\n"
    "          - {share: 5%, reset: {}}\n"
    "  - {name: tail, lasts: 5s, faults: [{flood: x8, share: [0s 8%, 2s 30%]}]}\n"
    "expect:\n"
    "  amplification:\n"
    "    - {at-most: 1.2}\n"
    "    - {during: down, client: \"a b\"}\n";

static void the_top_is_as_written(void **state)
{
    struct scenario *scenario = scenario_from(whole);

    (void)state;
    assert_string_equal(scenario->file.at, "test.yaml");
    assert_string_equal(scenario->source.at, whole);
    assert_true(scenario->hash == text_hash(0, text_from(whole)));
    assert_string_equal(scenario->title.at, "A test");
    assert_string_equal(scenario->about.at, "Two lines");
    assert_int_equal(scenario->sources.count, 2);
    assert_string_equal(scenario->sources.items[1].at, "https://two.example");
    assert_true(scenario->has_seed && scenario->seed == UINT64_MAX);
    assert_float_equal(scenario->speed, 2.5, 0);
    assert_true(scenario->needs_timeline);
    assert_int_equal(scenario->service_count, 2);
    assert_int_equal(scenario->phase_count, 3);
    assert_int_equal(scenario->rule_count, 3);
    scenario_free(scenario);
}

static void services_hold_their_patterns(void **state)
{
    struct scenario *scenario = scenario_from(whole);
    const struct service *api = &scenario->services[0];

    (void)state;
    assert_string_equal(api->name.at, "api");
    assert_int_equal(api->place.line, 11);
    assert_false(api->stays_up);
    assert_int_equal(api->match.host.count, 2);
    assert_string_equal(api->match.host.items[1].at, "*.example.net");
    assert_string_equal(api->match.path.items[0].at, "/api/**");
    assert_string_equal(api->match.method.items[0].at, "POST");
    assert_string_equal(api->match.client.items[0].at, "10.*");
    assert_int_equal(api->match.header_count, 1);
    assert_string_equal(api->match.headers[0].name.at, "X-Kind");
    assert_int_equal(api->match.headers[0].patterns.count, 2);
    assert_int_equal(api->match.query_count, 1);
    assert_string_equal(api->match.queries[0].patterns.items[0].at, "7");
    assert_true(scenario->services[1].stays_up);
    assert_true(match_is_empty(&scenario->services[1].match));
    scenario_free(scenario);
}

static void phases_hold_their_rules(void **state)
{
    struct scenario *scenario = scenario_from(whole);
    const struct phase *phases = scenario->phases;

    (void)state;
    assert_string_equal(phases[1].name.at, "down");
    assert_string_equal(phases[1].about.at, "All fails.");
    assert_int_equal(phases[0].lasts, 20 * MINUTE);
    assert_int_equal(phases[1].lasts, 90 * MINUTE);
    assert_int_equal(phases[0].rule_count, 0);
    assert_int_equal(phases[1].first_rule, 0);
    assert_int_equal(phases[1].rule_count, 2);
    assert_int_equal(phases[2].first_rule, 2);
    assert_int_equal(phases[2].rule_count, 1);
    scenario_free(scenario);
}

static void a_rule_is_named_by_its_phase_and_place(void **state)
{
    struct scenario *scenario = scenario_from(whole);
    const struct rule *rules = scenario->rules;

    (void)state;
    assert_string_equal(rules[0].id.at, "down#1");
    assert_string_equal(rules[1].id.at, "down#2");
    assert_string_equal(rules[2].id.at, "tail#1");
    for (size_t i = 0; i < 3; i++)
        assert_true(rules[i].key == text_hash(0, rules[i].id));
    assert_int_equal(rules[1].phase, 1);
    assert_int_equal(rules[2].phase, 2);
    assert_int_equal(rules[0].place.line, 26);
    scenario_free(scenario);
}

static void a_rule_holds_what_it_says(void **state)
{
    struct scenario *scenario = scenario_from(whole);
    const struct rule *plain = &scenario->rules[0], *mix = &scenario->rules[1];
    const struct rule *flood = &scenario->rules[2];

    (void)state;
    assert_int_equal(plain->service, 0);
    assert_false(plain->is_mix);
    assert_int_equal(plain->count, 1);
    assert_int_equal(plain->alternatives[0].count, 2);
    assert_ptr_equal(plain->alternatives[0].faults[0].kind, fault_find(text_from("error")));
    assert_int_equal(plain->alternatives[0].share.kind, SHARE_RAMP);
    assert_int_equal(plain->figure, FIGURE_PUBLISHED);
    assert_int_equal(plain->per, PER_EXCHANGE);
    assert_int_equal(plain->nth.last, 0);
    assert_int_equal(mix->service, SERVICE_ANY);
    assert_true(mix->is_mix);
    assert_int_equal(mix->count, 3);
    assert_float_equal(mix->alternatives[0].share.from, 0.85, 1e-9);
    assert_int_equal(mix->when.method.count, 2);
    assert_int_equal(mix->nth.first, 1);
    assert_int_equal(mix->nth.last, 3);
    assert_int_equal(mix->per, PER_CLIENT);
    assert_int_equal(mix->figure, FIGURE_UNSAID);
    assert_int_equal(flood->alternatives[0].share.kind, SHARE_STEPS);
    assert_int_equal(flood->alternatives[0].share.steps[1].at, 2 * SECOND);
    scenario_free(scenario);
}

static void expectations_are_kept_as_written(void **state)
{
    struct scenario *scenario = scenario_from(whole);
    const struct expectation *expectations = scenario->expectations;

    (void)state;
    assert_int_equal(scenario->expectation_count, 2);
    assert_string_equal(expectations[0].name.at, "amplification");
    assert_string_equal(expectations[0].as_written.at, "{at-most: 1.2}");
    assert_string_equal(expectations[1].as_written.at, "{during: down, client: \"a b\"}");
    assert_int_equal(expectations[1].place.line, 38);
    scenario_free(scenario);
}

static void parameters_are_read_by_the_kinds_own_table(void **state)
{
    static const char *const same[] = { "{error: 503}", "{error: {status: 503}}",
                                        "{error: {status: '503'}}" };
    const struct field *status =
        field_find(fault_find(text_from("error"))->fields, text_from("status"));

    (void)state;
    for (size_t i = 0; i < COUNT_OF(same); i++) {
        struct buffer phases = { 0 };
        struct scenario *scenario;
        uint64_t number;

        buffer_format(&phases, "  - {name: a, faults: [%s]}\n", same[i]);
        scenario = scenario_with_phases(phases.at);
        memcpy(&number,
               (const char *)scenario->rules[0].alternatives[0].faults[0].params + status->offset,
               sizeof(number));
        assert_int_equal(number, 503);
        scenario_free(scenario);
        buffer_free(&phases);
    }
}

static void one_phase_without_length_needs_no_timeline(void **state)
{
    struct scenario *scenario = scenario_with_phases("  - {name: calm}\n");

    (void)state;
    assert_false(scenario->needs_timeline);
    assert_true(scenario->phases[0].lasts == NEVER);
    assert_false(scenario->has_seed);
    assert_float_equal(scenario->speed, 1, 0);
    scenario_free(scenario);
    scenario = scenario_with_phases("  - {name: calm, lasts: 1s}\n");
    assert_true(scenario->needs_timeline);
    scenario_free(scenario);
}

static void an_alias_may_repeat_a_rule(void **state)
{
    struct scenario *scenario =
        scenario_with_phases("  - {name: a, faults: [&r {error: 500, share: 5%}, *r]}\n");

    (void)state;
    assert_int_equal(scenario->rule_count, 2);
    assert_string_equal(scenario->rules[1].id.at, "a#2");
    scenario_free(scenario);
}

static void warnings_do_not_hinder(void **state)
{
    static const struct {
        const char *yaml, *warning;
    } warned[] = {
        { "panne: 1\nservices:\n  a: {match: {}}\n  b: {match: {path: /b}}\nphases: [{name: c}]\n",
          "w.yaml:4:3: warning: nothing gets here: the service \"a\" before it matches "
          "everything\n" },
        { "panne: 1\nservices: {a: {match: {}}}\n"
          "phases: [{name: c, faults: [{error: 500, share: 0%}]}]\n",
          "w.yaml:3:49: warning: a share that is always 0 % does nothing\n" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(warned); i++) {
        char *complaints = scenario_complaints(text_from(warned[i].yaml), "w.yaml");

        assert_string_equal(complaints, warned[i].warning);
        free(complaints);
    }
}

static void binding_replaces_the_host_and_adds_a_port(void **state)
{
    static const char *const wrong[] = { "", "a b", "host:0", "host:70000", "http://host" };
    struct scenario *scenario = scenario_from(whole);
    struct match *match = &scenario->services[0].match;

    (void)state;
    assert_true(scenario_bind(scenario, text_from("api"), text_from("*.test:8443")));
    assert_int_equal(match->host.count, 1);
    assert_string_equal(match->host.items[0].at, "*.test");
    assert_int_equal(match->port, 8443);
    assert_true(scenario_bind(scenario, text_from("api"), text_from("[::1]")));
    assert_string_equal(match->host.items[0].at, "::1");
    assert_int_equal(match->port, 0);
    assert_false(scenario_bind(scenario, text_from("apis"), text_from("a.test")));
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_false(scenario_bind(scenario, text_from("api"), text_from(wrong[i])));
    assert_string_equal(match->host.items[0].at, "::1");
    scenario_ignore_hosts(scenario);
    assert_int_equal(match->host.count, 0);
    assert_int_equal(match->path.count, 1);
    scenario_free(scenario);
}

static void files_are_read_or_refused(void **state)
{
    static const struct {
        const char *path, *message;
    } refused[] = {
        { "tests/bad/no-such-file.yaml", "cannot be opened: No such file or directory" },
        { "tests", "cannot be read: Is a directory" },
        { "/dev/zero", "is larger than 1 MiB" },
    };
    struct problems *problems = problems_new();
    struct scenario *scenario = scenario_load_file("scenarios/calm.yaml", NULL, problems);

    (void)state;
    assert_non_null(scenario);
    assert_string_equal(scenario->file.at, "scenarios/calm.yaml");
    scenario_free(scenario);
    problems_free(problems);
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        problems = problems_new();
        assert_null(scenario_load_file(refused[i].path, NULL, problems));
        assert_string_equal(problems_get(problems, 0)->message, refused[i].message);
        assert_string_equal(problems_get(problems, 0)->place.file, refused[i].path);
        problems_free(problems);
    }
}

/* Cut anywhere it is either a scenario or has a problem, and nothing behind it is read. */
static void a_scenario_may_be_cut_anywhere(void **state)
{
    struct guard guard = guard_new(sizeof(whole));

    (void)state;
    for (size_t length = 0; length < sizeof(whole); length++) {
        struct text source = guard_put(&guard, text_of(whole, length));

        free(scenario_complaints(source, "cut.yaml"));
    }
    guard_free(&guard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_top_is_as_written),
        cmocka_unit_test(services_hold_their_patterns),
        cmocka_unit_test(phases_hold_their_rules),
        cmocka_unit_test(a_rule_is_named_by_its_phase_and_place),
        cmocka_unit_test(a_rule_holds_what_it_says),
        cmocka_unit_test(expectations_are_kept_as_written),
        cmocka_unit_test(parameters_are_read_by_the_kinds_own_table),
        cmocka_unit_test(one_phase_without_length_needs_no_timeline),
        cmocka_unit_test(an_alias_may_repeat_a_rule),
        cmocka_unit_test(warnings_do_not_hinder),
        cmocka_unit_test(binding_replaces_the_host_and_adds_a_port),
        cmocka_unit_test(files_are_read_or_refused),
        cmocka_unit_test(a_scenario_may_be_cut_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
