/* load_expect: what an expectation comes to, upon the limits of a profile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "scenario/terms.h"
#include "scenario_text.h"

#define HEAD                                                              \
    "panne: 1\n"                                                          \
    "title: A test\n"                                                     \
    "services:\n"                                                         \
    "  api: {match: {path: /api}, repeatable: yes}\n"                     \
    "  feed: {match: {path: /feed}, polling: yes}\n"                      \
    "  key: {match: {}, stays-up: true}\n"                                \
    "phases: [{name: calm, lasts: 1m}, {name: down, lasts: 1m, faults: [" \
    "{service: api, error: 503}]}]\n"

struct loaded {
    struct scenario *scenario;
    struct arena arena;
    struct verdict_terms terms;
};

static struct loaded load(const char *yaml, enum profile profile)
{
    struct loaded loaded = { .scenario = scenario_from(yaml) };

    loaded.terms = scenario_terms(loaded.scenario, profile, &loaded.arena);
    return loaded;
}

static void unload(struct loaded *loaded)
{
    scenario_free(loaded->scenario);
    arena_clear(&loaded->arena);
}

/* Of amplification, whose limits are numbers but for the allowance. */
static double limit(const struct verdict_terms *terms, size_t index, const char *name)
{
    const struct expectation_terms *expectation = &terms->expectations[index];
    const struct field *field = field_find(expectation->check->limits, text_from(name));
    double number = 0;

    assert_true(index < terms->expectation_count);
    assert_non_null(field);
    memcpy(&number, (const char *)expectation->limits + field->offset, sizeof(number));
    return number;
}

static void limits_that_are_not_set_are_the_profiles(void **state)
{
    static const char yaml[] = HEAD "expect: {amplification: {}}\n";
    struct loaded usual = load(yaml, PROFILE_DEFAULT), strict = load(yaml, PROFILE_STRICT);

    (void)state;
    assert_float_equal(limit(&usual.terms, 0, "at-most"), 3, 0);
    assert_float_equal(limit(&usual.terms, 0, "warn"), 1.2, 0);
    assert_float_equal(limit(&strict.terms, 0, "at-most"), 1.1, 0);
    assert_float_equal(limit(&strict.terms, 0, "warn"), 1.05, 0);
    assert_int_equal(strict.terms.profile, PROFILE_STRICT);
    unload(&usual);
    unload(&strict);
}

static void a_limit_moves_the_warning_unless_that_is_said(void **state)
{
    struct loaded loaded = load(HEAD "expect: {amplification: [{at-most: 2}, {warn: 1.5, at-most: "
                                     "4}, {warn: 2}]}\n",
                                PROFILE_DEFAULT);
    struct loaded alone = load(HEAD "expect: {amplification: 2.5}\n", PROFILE_STRICT);

    (void)state;
    assert_float_equal(limit(&loaded.terms, 0, "at-most"), 2, 0);
    assert_float_equal(limit(&loaded.terms, 0, "warn"), 2, 0);
    assert_float_equal(limit(&loaded.terms, 1, "at-most"), 4, 0);
    assert_float_equal(limit(&loaded.terms, 1, "warn"), 1.5, 0);
    assert_float_equal(limit(&loaded.terms, 2, "at-most"), 3, 0);
    assert_float_equal(limit(&loaded.terms, 2, "warn"), 2, 0);
    assert_float_equal(limit(&alone.terms, 0, "at-most"), 2.5, 0);
    assert_float_equal(limit(&alone.terms, 0, "warn"), 2.5, 0);
    unload(&loaded);
    unload(&alone);
}

static void items_say_what_part_they_are_about(void **state)
{
    struct loaded loaded =
        load(HEAD "expect:\n"
                  "  amplification:\n"
                  "    - {during: down, service: key, client: curl*, warn-only: yes}\n"
                  "    - {allowance: 0}\n",
             PROFILE_DEFAULT);
    const struct expectation_terms *first = &loaded.terms.expectations[0];

    (void)state;
    assert_int_equal(loaded.terms.expectation_count, 2);
    assert_ptr_equal(first->check, check_find(text_from("amplification")));
    assert_true(text_is(first->phase, "down"));
    assert_true(text_is(first->service, "key"));
    assert_true(text_is(first->client, "curl*"));
    assert_true(first->warn_only && !first->ignored);
    assert_true(text_is(first->as_written, "amplification: {during: down, service: key, client: "
                                           "curl*, warn-only: yes}"));
    assert_true(text_is(first->file, "test.yaml"));
    assert_int_equal(first->line, 10);
    assert_int_equal(first->column, 7);
    assert_true(text_is_empty(loaded.terms.expectations[1].phase));
    unload(&loaded);
}

static void a_check_can_be_ignored(void **state)
{
    struct loaded loaded = load(HEAD "expect: {amplification: ignore}\n", PROFILE_DEFAULT);

    (void)state;
    assert_int_equal(loaded.terms.expectation_count, 1);
    assert_true(loaded.terms.expectations[0].ignored);
    unload(&loaded);
}

static void services_say_what_the_history_asks(void **state)
{
    struct loaded loaded = load(HEAD "profile: iot\n", PROFILE_IOT);
    const struct service_terms *services = loaded.terms.history.services;

    (void)state;
    assert_int_equal(loaded.scenario->profile, PROFILE_IOT);
    assert_int_equal(loaded.terms.history.service_count, 3);
    assert_true(text_is(services[0].name, "api") && services[0].repeatable && !services[0].polled);
    assert_true(services[1].polled && !services[1].stays_up && !services[1].repeatable);
    assert_true(services[2].stays_up && !services[2].polled);
    assert_false(loaded.terms.history.bad_certificates);
    assert_true(text_is(loaded.terms.title, "A test"));
    unload(&loaded);
}

static void bad_certificates_are_announced(void **state)
{
    struct loaded loaded = load("panne: 1\nservices: {api: {match: {}}}\n"
                                "phases: [{name: calm, lasts: 1m}, {name: down, lasts: 1m, faults: "
                                "[{error: 500}, {share: 5%, certificate: expired}]}]\n",
                                PROFILE_DEFAULT);

    (void)state;
    assert_true(loaded.terms.history.bad_certificates);
    unload(&loaded);
}

/* `none` is 0 as the main limit of what is counted, whichever check that is. */
static void none_is_zero_where_that_is_a_limit(void **state)
{
    (void)state;
    for (size_t i = 0; check_at(i); i++) {
        const struct field *main = field_main(check_at(i)->limits);
        bool counted = main && (main->type == FIELD_COUNT || main->type == FIELD_SHARE) &&
                       field_bounds(main).least <= 0;
        struct buffer yaml = { 0 };
        char *complaints;

        buffer_format(&yaml, HEAD "expect: {%s: none}\n", check_at(i)->name);
        complaints = scenario_complaints(buffer_text(&yaml), "test.yaml");
        if ((*complaints == '\0') != counted)
            fail_msg("%s: none: %s", check_at(i)->name, complaints);
        if (counted) {
            struct loaded loaded = load(yaml.at, PROFILE_DEFAULT);

            assert_float_equal(limit(&loaded.terms, 0, main->name), 0, 0);
            unload(&loaded);
        }
        free(complaints);
        buffer_free(&yaml);
    }
}

/* Each narrowing that a check does not know is refused, and it is said which it knows. */
static void narrowings_that_a_check_does_not_know_are_refused(void **state)
{
    static const struct {
        const char *words;
        unsigned scope;
    } narrowings[] = { { "during: down", SCOPE_PHASE },
                       { "service: api", SCOPE_SERVICE },
                       { "client: x", SCOPE_CLIENT } };

    (void)state;
    for (size_t i = 0; check_at(i); i++)
        for (size_t j = 0; j < COUNT_OF(narrowings); j++) {
            const struct check *check = check_at(i);
            bool known = (check->scopes & narrowings[j].scope) != 0;
            struct buffer yaml = { 0 };
            char *complaints;

            buffer_format(&yaml, HEAD "expect: {%s: {%s}}\n", check->name, narrowings[j].words);
            complaints = scenario_complaints(buffer_text(&yaml), "test.yaml");
            if (known ? *complaints != '\0' : !strstr(complaints, " cannot be narrowed to "))
                fail_msg("%s: {%s}: %s", check->name, narrowings[j].words, complaints);
            if (!known && (check->scopes & SCOPE_PHASE) && !strstr(complaints, "a phase (during)"))
                fail_msg("%s", complaints);
            free(complaints);
            buffer_free(&yaml);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_that_are_not_set_are_the_profiles),
        cmocka_unit_test(a_limit_moves_the_warning_unless_that_is_said),
        cmocka_unit_test(items_say_what_part_they_are_about),
        cmocka_unit_test(a_check_can_be_ignored),
        cmocka_unit_test(services_say_what_the_history_asks),
        cmocka_unit_test(bad_certificates_are_announced),
        cmocka_unit_test(none_is_zero_where_that_is_a_limit),
        cmocka_unit_test(narrowings_that_a_check_does_not_know_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
