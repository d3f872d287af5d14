/* match: claims about which exchanges are meant. */
#include "scenario/match.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "scenario_text.h"

static struct head_field fields[] = {
    { .name = TEXT("Accept"), .value = TEXT("text/html") },
    { .name = TEXT("X-Amz-Target"), .value = TEXT("DynamoDB_20120810.PutItem") },
    { .name = TEXT("accept"), .value = TEXT("application/json") },
    { .name = TEXT("X-Gone"), .value = TEXT("yes"), .removed = true },
};

static const struct head head = { .kind = HEAD_REQUEST, .fields = fields, .count = 4 };

static const struct subject get = {
    .host = TEXT("Owner-API.example.com"),
    .port = 443,
    .method = TEXT("GET"),
    .path = TEXT("/api/1/vehicles"),
    .query = TEXT("Action=Run&debug&id=7&id=8&pct=%41"),
    .client = TEXT("127.0.0.1"),
    .head = &head,
};

static const struct subject tunnel = {
    .host = TEXT("owner-api.example.com"),
    .port = 443,
    .client = TEXT("127.0.0.1"),
};

static const struct claim {
    const char *match;
    bool of_get, of_tunnel;
} claims[] = {
    { "{}", true, true },
    { "{host: owner-api.example.com}", true, true },
    { "{host: OWNER-api.**}", true, true },
    { "{host: 'owner-api.*.*'}", true, true },
    { "{host: other.example.com}", false, false },
    { "{host: [other, owner-api.*]}", true, true },
    { "{path: /api/**}", true, false },
    { "{path: /api/*}", false, false },
    { "{path: /API/**}", false, false },
    { "{path: /api/?/vehicles}", true, false },
    { "{path: '**'}", true, false },
    { "{method: GET}", true, false },
    { "{method: get}", true, false },
    { "{method: [POST, PUT]}", false, false },
    { "{method: '*'}", true, false },
    { "{client: 127.0.0.*}", true, true },
    { "{client: 10.*}", false, false },
    { "{header: {x-amz-target: DynamoDB_*.PutItem}}", true, false },
    { "{header: {x-amz-target: dynamodb_*}}", false, false },
    { "{header: {ACCEPT: application/json}}", true, false },
    { "{header: {accept: [text/plain, text/html]}}", true, false },
    { "{header: {x-gone: '**'}}", false, false },
    { "{header: {x-none: '**'}}", false, false },
    { "{header: {accept: text/html, x-none: 'y'}}", false, false },
    { "{query: {Action: Run}}", true, false },
    { "{query: {action: Run}}", false, false },
    { "{query: {debug: ''}}", true, false },
    { "{query: {id: 8}}", true, false },
    { "{query: {id: [9, 7]}}", true, false },
    { "{query: {pct: '%41'}}", true, false },
    { "{query: {none: '**'}}", false, false },
    { "{host: owner-api.**, path: /api/**, method: GET, query: {id: 7}}", true, false },
    { "{host: owner-api.**, path: /other}", false, false },
    { "{host: owner-api.**, client: 127.*}", true, true },
};

/* The same way that a user's match takes. */
static struct scenario *load(const char *match)
{
    struct buffer yaml = { 0 };
    struct scenario *scenario;

    buffer_format(&yaml, "panne: 1\nservices: {api: {match: %s}}\nphases: [{name: calm}]\n", match);
    scenario = scenario_from(yaml.at);
    buffer_free(&yaml);
    return scenario;
}

static void all_keys_must_match_and_any_of_their_patterns(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(claims); i++) {
        struct scenario *scenario = load(claims[i].match);
        const struct match *match = &scenario->services[0].match;

        if (match_holds(match, &get) != claims[i].of_get ||
            match_holds(match, &tunnel) != claims[i].of_tunnel)
            fail_msg("%s: not as claimed", claims[i].match);
        scenario_free(scenario);
    }
}

static void only_a_match_that_asks_for_nothing_is_empty(void **state)
{
    static const char *const asking[] = { "{host: a}",   "{path: /a}",       "{method: A}",
                                          "{client: a}", "{header: {a: b}}", "{query: {a: b}}" };
    const struct match port = { .port = 80 };
    const struct match nothing = { 0 };

    (void)state;
    assert_true(match_is_empty(&nothing));
    assert_false(match_is_empty(&port));
    for (size_t i = 0; i < COUNT_OF(asking); i++) {
        struct scenario *scenario = load(asking[i]);

        assert_false(match_is_empty(&scenario->services[0].match));
        scenario_free(scenario);
    }
}

static void a_port_is_compared_if_it_is_given(void **state)
{
    const struct match https = { .port = 443 }, http = { .port = 80 };

    (void)state;
    assert_true(match_holds(&https, &get));
    assert_false(match_holds(&http, &get));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_keys_must_match_and_any_of_their_patterns),
        cmocka_unit_test(only_a_match_that_asks_for_nothing_is_empty),
        cmocka_unit_test(a_port_is_compared_if_it_is_given),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
