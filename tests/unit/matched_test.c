/* matched: what a log keeps of headers, queries and ports is enough to ask again, and to say why.
 */
#include "scenario/matched.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "scenario/match_words.h"
#include "scenario_text.h"

#define SCENARIO                                                                        \
    "panne: 1\nservices:\n"                                                             \
    "  one: {match: {header: {x-a: [k*, l]}, method: GET}}\n"                           \
    "  two: {match: {query: {v: \"2\"}, host: \"*.test\"}}\n"                           \
    "  three: {match: {path: [/a, /b], client: 10.*}}\n"                                \
    "  all: {match: {}}\n"                                                              \
    "phases:\n"                                                                         \
    "  - {name: calm, lasts: 1m}\n"                                                     \
    "  - name: bad\n    lasts: 1m\n    faults:\n"                                       \
    "      - {service: all, error: 500, when: {method: POST}}\n"                        \
    "      - {service: all, error: 500, when: {header: {x-a: \"*\"}, query: {v: 1}}}\n" \
    "      - {service: all, error: 500, when: {query: {v: \"*\"}}}\n"

static struct head_field fields[] = { { .name = TEXT("X-A"), .value = TEXT("key") } };
static const struct head head = { .kind = HEAD_REQUEST, .fields = fields, .count = 1 };
static const struct head bare = { .kind = HEAD_REQUEST };

static const struct claim {
    struct subject subject;
    const char *matched;          /* in the second phase */
    const char *held, *failed[3]; /* of the service found, and of those before it */
} claims[] = {
    { { TEXT("a.test"), 80, TEXT("GET"), TEXT("/"), TEXT("v=2"), TEXT("10.0.0.1"), &head, NULL,
        NULL },
      "one two bad#3",
      "method GET (GET), header x-a: k* or l (was met)",
      { NULL } },
    { { TEXT("a.test"), 80, TEXT("POST"), TEXT("/"), TEXT("v=2"), TEXT("10.0.0.1"), &head, NULL,
        NULL },
      "one two bad#3",
      "host a.test (*.test), query v: 2 (was met)",
      { "method POST is not GET", NULL } },
    { { TEXT("b"), 80, TEXT("GET"), TEXT("/b"), TEXT("v=1"), TEXT("10.0.0.1"), &bare, NULL, NULL },
      "bad#3",
      "path /b (/a or /b), client 10.0.0.1 (10.*)",
      { "header x-a: k* or l was not met", "host b is not *.test", NULL } },
    { { TEXT("b"), 80, TEXT("GET"), TEXT("/c"), TEXT("v=1"), TEXT("10.0.0.1"), &head, NULL, NULL },
      "one bad#2 bad#3",
      "method GET (GET), header x-a: k* or l (was met)",
      { NULL } },
    { { TEXT("b"), 443, TEXT(""), TEXT(""), TEXT(""), TEXT("10.0.0.1"), NULL, NULL, NULL },
      "",
      "everything",
      { "a tunnel has no method", "host b is not *.test", "a tunnel has no path" } },
};

static size_t service_of(const struct scenario *scenario, const struct subject *subject)
{
    for (size_t i = 0; i < scenario->service_count; i++)
        if (match_holds(&scenario->services[i].match, subject))
            return i;
    return SIZE_MAX;
}

/* As the log leaves it. */
static struct subject logged(const struct subject *subject, const struct matched *matched)
{
    struct subject left = *subject;

    left.port = 0;
    left.query = text_from("");
    left.head = NULL;
    left.recall = &matched->recall;
    return left;
}

static void check_words(const struct scenario *scenario, const struct claim *claim,
                        const struct subject *again, size_t found)
{
    struct buffer out = { 0 };

    match_write_held(&scenario->services[found].match, again, &out);
    assert_string_equal(out.at, claim->held);
    for (size_t i = 0; i < found && i < 3; i++) {
        buffer_clear(&out);
        match_write_failed(&scenario->services[i].match, again, &out);
        assert_string_equal(out.at, claim->failed[i]);
    }
    buffer_free(&out);
}

static void what_is_kept_is_enough(void **state)
{
    struct scenario *scenario = scenario_from(SCENARIO);
    struct arena arena = { 0 };

    (void)state;
    assert_true(matched_is_needed(scenario));
    for (size_t i = 0; i < COUNT_OF(claims); i++) {
        const struct subject *subject = &claims[i].subject;
        struct text names = matched_write(scenario, subject, 1, &arena);
        struct matched matched = matched_recall(scenario, names);
        struct subject again = logged(subject, &matched);

        assert_string_equal(names.at, claims[i].matched);
        assert_int_equal(service_of(scenario, &again), service_of(scenario, subject));
        for (size_t rule = 0; rule < scenario->rule_count; rule++)
            assert_int_equal(match_holds(&scenario->rules[rule].when, &again),
                             match_holds(&scenario->rules[rule].when, subject));
        check_words(scenario, &claims[i], &again, service_of(scenario, &again));
    }
    arena_clear(&arena);
    scenario_free(scenario);
}

static void rules_of_other_phases_are_left_out(void **state)
{
    struct scenario *scenario = scenario_from(SCENARIO);
    struct arena arena = { 0 };

    (void)state;
    assert_string_equal(matched_write(scenario, &claims[0].subject, 0, &arena).at, "one two");
    arena_clear(&arena);
    scenario_free(scenario);
}

static void a_bound_port_is_kept_too(void **state)
{
    struct scenario *scenario = scenario_with_phases("  - {name: a}\n");
    struct subject subject = claims[0].subject;
    struct arena arena = { 0 };
    struct buffer out = { 0 };

    (void)state;
    assert_false(matched_is_needed(scenario));
    assert_true(scenario_bind(scenario, text_from("api"), text_from("a.test:80")));
    assert_true(matched_is_needed(scenario));
    assert_string_equal(matched_write(scenario, &subject, 0, &arena).at, "api");
    subject.port = 81;
    assert_string_equal(matched_write(scenario, &subject, 0, &arena).at, "");
    match_write_failed(&scenario->services[0].match, &subject, &out);
    assert_string_equal(out.at, "port 80 was not met");
    buffer_free(&out);
    arena_clear(&arena);
    scenario_free(scenario);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_kept_is_enough),
        cmocka_unit_test(rules_of_other_phases_are_left_out),
        cmocka_unit_test(a_bound_port_is_kept_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
