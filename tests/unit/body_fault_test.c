/* body_fault_test: bodies replaced and edited, whole and in pieces; what is left alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fault_bench.h"
#include "gzip_bench.h"
#include "scenario_text.h"

static const struct fault_setting rules[] = {
    { "body: nothing else" },
    { "body: ''" },
    { "body: {replace: ''}" },
    { "body: {merge: {a: [1, {b: null}]}}" },
    { "body: {merge: '{\"a\": 1}'}" },
    { "body: {merge: '5'}" },
    { "body: {find: '(\\d+) (?<b>.)', with: '$${b}$1$${0}$$'}" },
    { "body: {find: a, with: ''}" },
    { "body: {}", "body: wants exactly one of replace, merge and find" },
    { "body: {content-type: text/plain}", "body: wants exactly one of replace, merge and find" },
    { "body: {replace: a, merge: {}}", "body: wants exactly one of replace, merge and find" },
    { "body: {replace: a, with: b}", "body: with wants find, too" },
    { "body: {find: a}", "body: find wants with, too: the text for each place found" },
    { "body: {find: '', with: a}", "body: find wants a regular expression, not nothing" },
    { "body: {find: '(a', with: a}",
      "body: find is no regular expression: missing closing parenthesis, at character 3" },
    { "body: {find: (a), with: $2}",
      "body: with names a group that the regular expression does not have: \"2\"" },
    { "body: {find: (a), with: '$${b}'}",
      "body: with names a group that the regular expression does not have: \"b\"" },
    { "body: {find: a, with: 1 $}", "body: with has a $ that stands for nothing: write $$ for the "
                                    "sign itself, $1 for a group" },
    { "body: {merge: '{\"a\": '}", "body: merge is no JSON: unexpected token near end of file" },
    { "body: {merge: }", "merge has no value" },
    { "body: {replace: a, limit: 193KiB}", "limit wants at most 192KiB, got \"193KiB\"" },
    { "body: {replace: abc, limit: 2B}", "body: replace is longer than the limit" },
    { "body: {replace: abc, content-type: \"a\\nb\"}",
      "body: content-type is no value that a header can have" },
};

static void parameters_are_checked(void **state)
{
    (void)state;
    fault_check_rules(rules, COUNT_OF(rules));
}

struct claim {
    const char *name, *rule;
    const char *in, *out; /* as in flow_table */
    bool untouched;
};

static const struct claim claims[] = {
    { "replaced", "body: new", "old body!", "new!" },
    { "replaced, though it breaks off", "body: new", "old~", "new~" },
    { "what never came is not replaced", "body: new", "~", "~", true },
    { "nothing is replaced by something", "body: new", "!", "new!" },
    { "replaced by nothing", "body: ''", "old!", "!" },
    { "merged", "body: {merge: {b: {c: null, d: [1, two]}, e: '1'}}",
      "{\"a\": 1.0, \"b\": {\"c\": 1, \"x\": 2}}!",
      "{\"a\":1.0,\"b\":{\"x\":2,\"d\":[1,\"two\"]},\"e\":\"1\"}!" },
    { "merged with what YAML calls so", "body: {merge: {a: true, b: ~, c: -1.5e3, d: 01, e: no}}",
      "{}!", "{\"a\":true,\"c\":-1500.0,\"d\":\"01\",\"e\":\"no\"}!" },
    { "merged beside fractions", "body: {merge: {a: 1}}",
      "{\"b\": [0.1, 19.99, 1e300, 0.10000000000000001, -2.50]}!",
      "{\"b\":[0.1,19.99,1e300,0.1,-2.5],\"a\":1}!" },
    { "merged beside a fraction of all digits", "body: {merge: {a: 1}}",
      "{\"b\": 0.30000000000000004}!", "{\"b\":0.30000000000000004,\"a\":1}!" },
    { "merged where a name stands twice", "body: {merge: {b: 1}}", "{\"a\": 1, \"a\": 2}!",
      "{\"a\":2,\"b\":1}!" },
    { "merged with what is no object", "body: {merge: [1]}", "{\"a\": 1}!", "[1]!" },
    { "merged with nothing new", "body: {merge: {a: 1, b: null}}", "{\"a\":  1}!", "{\"a\":  1}!",
      true },
    { "no JSON", "body: {merge: {a: 1}}", "<html>!", "<html>!", true },
    { "JSON and more", "body: {merge: {a: 1}}", "{} {}!", "{} {}!", true },
    { "numbers that are too large", "body: {merge: {a: 1}}", "{\"b\": 18446744073709551616}!",
      "{\"b\": 18446744073709551616}!", true },
    { "a body that breaks off is not merged", "body: {merge: {a: 1}}", "{}~", "{}~", true },
    { "found", "body: {find: '(\\w+)@(\\w+)', with: '$2 at $1'}", "a@b, c@d!", "b at a, d at c!" },
    { "found at no place", "body: {find: xyz, with: ''}", "abc!", "abc!", true },
    { "found, and nothing new", "body: {find: '[a-z]', with: $0}", "abc!", "abc!", true },
    { "found in characters, not bytes", "body: {find: '^..$', with: x}", "\xc3\xa4\xc3\xb6!",
      "x!" },
    { "bytes that are no characters", "body: {find: b, with: x}",
      "\xff"
      "b\xc3!",
      "\xff"
      "x\xc3!" },
    { "found in a body that breaks off", "body: {find: a, with: b}", "a#", "a#", true },
    { "an empty body stays one", "body: {find: ^, with: b}", "!", "!", true },
    { "what would be too long", "body: {find: a, with: bbb, limit: 8B}", "aaa!", "aaa!", true },
    { "what is as long as may be", "body: {find: a, with: bbb, limit: 9B}", "aaa!", "bbbbbbbbb!" },
    { "what is too long", "body: {find: a, with: '', limit: 2B}", "aaa!", "aaa!", true },
    { "what would be too long, merged", "body: {merge: {a: 12345}, limit: 8B}", "{}!", "{}!",
      true },
};

static void bodies_are_changed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(claims); i++)
        for (size_t piece = 0; piece < 4; piece++) {
            struct fault_bench *bench = fault_bench_new();
            const struct hit *hit = fault_bench_rule(bench, claims[i].rule);
            char *out = fault_bench_run(bench, claims[i].in, piece, PART_BODY, 0);

            if (strcmp(out, claims[i].out) != 0)
                fail_msg("%s, in pieces of %zu: %s", claims[i].name, piece, out);
            if ((fault_bench_touched(bench, hit) == 0) != claims[i].untouched)
                fail_msg("%s: touched %d", claims[i].name, (int)fault_bench_touched(bench, hit));
            free(out);
            fault_bench_free(bench);
        }
}

/* Where vars were put in, the log keeps what came of it: that must say the same. */
static void what_the_log_keeps_merges_the_same(void **state)
{
    static const char yaml[] =
        "panne: 1\nvars: {v: 7}\nservices: {api: {match: {}}}\nphases:\n- name: bad\n  faults:\n"
        "  - {service: api, body: {merge: {a: 1, b: '1', c: null, d: ~, e: True, f: x, v: '${v}',"
        " g: [01, -0.5e+3, 1., ''], h: }}}\n";
    struct fault_bench *bench = fault_bench_new();
    struct scenario *before = scenario_from(yaml), *after = scenario_from(before->source.at);
    char *out;

    (void)state;
    bench->scenario = after;
    fault_bench_first(bench);
    out = fault_bench_run(bench, "{}!", 0, PART_BODY, 0);
    assert_string_equal(out, "{\"a\":1,\"b\":\"1\",\"e\":true,\"f\":\"x\",\"v\":\"7\","
                             "\"g\":[\"01\",-500.0,\"1.\",\"\"]}!");
    free(out);
    scenario_free(before);
    fault_bench_free(bench);
}

static void a_body_is_held_back_until_it_is_whole(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    const char *const told[] = { "one ", "two", "!" };

    (void)state;
    fault_bench_rule(bench, "body: {find: one two, with: three}");
    for (size_t i = 0; i < 3; i++) {
        char *out = fault_bench_run(bench, told[i], 0, PART_BODY, (usec)i);

        assert_string_equal(out, i < 2 ? "" : "three!");
        free(out);
    }
    assert_int_equal(bench->answered.hold, 128 * 1024);
    assert_false(bench->answered.way.length_known);
    fault_bench_free(bench);
}

/* Half a limit's worth comes at a time. */
static void longer_bodies_flow(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    const struct hit *hit = fault_bench_rule(bench, "body: {find: a, with: b}");
    size_t half = 64 * 1024, came = 0;
    char *in = calloc(1, half + 1);

    (void)state;
    memset(in, 'a', half);
    for (usec i = 0; i < 10; i++) {
        char *out = fault_bench_run(bench, in, 0, PART_BODY, i);

        came += strspn(out, "a");
        assert_int_equal(came, i < 2 ? 0 : (size_t)(i + 1) * half);
        free(out);
    }
    assert_int_equal(fault_bench_touched(bench, hit), 0);
    free(in);
    fault_bench_free(bench);
}

static void trailers_lose_digests(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    char *out;

    (void)state;
    fault_bench_rule(bench, "body: {find: a, with: b}");
    free(fault_bench_run(bench, "a", 0, PART_BODY, 0));
    out = fault_bench_run(bench, "Content-MD5: x\r\nX: y\r\n", 0, PART_TRAILER, 0);
    assert_string_equal(out, "bX: y\r\n");
    free(out);
    fault_bench_free(bench);
}

static void replaced_bodies_have_no_trailer(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    char *out;

    (void)state;
    fault_bench_rule(bench, "body: new");
    free(fault_bench_run(bench, "old", 0, PART_BODY, 0));
    out = fault_bench_run(bench, "X: y\r\n", 0, PART_TRAILER, 0);
    assert_string_equal(out, "");
    free(out);
    fault_bench_free(bench);
}

static void a_body_of_nothing_but_a_trailer_is_replaced(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    char *out;

    (void)state;
    fault_bench_rule(bench, "body: new");
    out = fault_bench_run(bench, "X: y\r\n", 0, PART_TRAILER, 0);
    assert_string_equal(out, "new");
    free(out);
    out = fault_bench_run(bench, "!", 0, PART_BODY, 0);
    assert_string_equal(out, "!");
    free(out);
    fault_bench_free(bench);
}

static void check_field(const struct head *head, const char *name, const char *value)
{
    struct text got = head_find(head, text_from(name));

    if (!value && got.at)
        fail_msg("%s is still there", name);
    if (value && !text_is(got, value))
        fail_msg("%s: %.*s", name, (int)got.length, got.at);
}

static void the_head_says_what_comes(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    const struct hit *hit;

    (void)state;
    fault_bench_field(bench, "Content-Type", "text/html");
    fault_bench_field(bench, "Content-Encoding", "br");
    fault_bench_field(bench, "ETag", "\"a\"");
    fault_bench_field(bench, "Digest", "x");
    fault_bench_field(bench, "Accept-Ranges", "bytes");
    fault_bench_length(bench, 99);
    hit = fault_bench_rule(bench, "body: {replace: four, content-type: text/plain}");
    assert_non_null(bench->answered.held);
    bench->answered.held(&bench->answered, NULL); /* no body to make a digest of */
    check_field(&bench->response, "Content-Type", "text/plain");
    check_field(&bench->response, "Content-Encoding", NULL);
    check_field(&bench->response, "ETag", "W/\"a\"");
    check_field(&bench->response, "Digest", NULL);
    check_field(&bench->response, "Accept-Ranges", NULL);
    assert_true(bench->answered.way.length_known && bench->answered.way.length == 4);
    assert_int_not_equal(bench->answered.hold, 0); /* for the digest's sake alone */
    assert_int_equal(hit->touched, strlen("text/plain"));
    assert_null(bench->up.first);
    fault_bench_free(bench);
}

static void requests_are_changed(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    char *out;

    (void)state;
    bench->asked.way.length_known = true;
    bench->asked.way.length = 3;
    fault_bench_rule(bench, "body: {find: a, with: bb, on: request}");
    out = fault_bench_run_up(bench, "aba!", 1, PART_BODY, 0);
    assert_string_equal(out, "bbbbb!");
    free(out);
    assert_false(bench->asked.way.length_known);
    assert_null(bench->pipeline.first);
    assert_int_equal(bench->answered.hold, 0);
    fault_bench_free(bench);
}

static void gzip_is_opened(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    struct buffer packed = { 0 }, out = { 0 }, plain = { 0 };
    const struct hit *hit;

    (void)state;
    fault_bench_field(bench, "Content-Encoding", "gzip");
    gzip_by_zlib(text_from("one two one"), &packed);
    fault_bench_length(bench, packed.length);
    hit = fault_bench_rule(bench, "body: {find: one, with: 1}");
    queue_put_copy(pipeline_in(&bench->pipeline), packed.at, packed.length, PART_BODY, 0);
    queue_put_mark(pipeline_in(&bench->pipeline), CHUNK_END, 0);
    (void)pipeline_run(&bench->pipeline, 0);
    for (const struct chunk *chunk = queue_front(&bench->pipeline.out); chunk; chunk = chunk->next)
        buffer_add(&out, chunk->start, chunk->length);
    gunzip_by_zlib(buffer_text(&out), &plain, 1); /* Z_STREAM_END */
    assert_string_equal(plain.at, "1 two 1");
    assert_int_equal(fault_bench_touched(bench, hit), strlen("one two one") + strlen("1 two 1"));
    buffer_free(&packed);
    buffer_free(&out);
    buffer_free(&plain);
    fault_bench_free(bench);
}

struct alone {
    const char *name, *field, *value, *rule;
    unsigned status;
    uint64_t length; /* 0: not known */
    bool bodiless;
};

static const struct alone alones[] = {
    { "an event stream", "Content-Type", "text/event-stream; charset=utf-8",
      "body: {find: a, with: b}", 200 },
    { "another coding", "Content-Encoding", "br", "body: {merge: {a: 1}}", 200 },
    { "a part", "X", "y", "body: new", 206 },
    { "a range", "Content-Range", "bytes 1-2/3", "body: new", 200 },
    { "no body", "X", "y", "body: new", 200, .bodiless = true },
    { "more than the limit", "X", "y", "body: {find: a, with: b, limit: 9B}", 200, 10 },
};

static void what_cannot_be_changed_is_left_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(alones); i++) {
        struct fault_bench *bench = fault_bench_new();

        fault_bench_field(bench, alones[i].field, alones[i].value);
        bench->response.status = alones[i].status;
        bench->answered.way.has_body = !alones[i].bodiless;
        if (alones[i].length > 0)
            fault_bench_length(bench, alones[i].length);
        fault_bench_rule(bench, alones[i].rule);
        if (bench->pipeline.first || bench->answered.hold > 0)
            fail_msg("%s", alones[i].name);
        fault_bench_free(bench);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_checked),
        cmocka_unit_test(bodies_are_changed),
        cmocka_unit_test(what_the_log_keeps_merges_the_same),
        cmocka_unit_test(a_body_is_held_back_until_it_is_whole),
        cmocka_unit_test(longer_bodies_flow),
        cmocka_unit_test(trailers_lose_digests),
        cmocka_unit_test(replaced_bodies_have_no_trailer),
        cmocka_unit_test(a_body_of_nothing_but_a_trailer_is_replaced),
        cmocka_unit_test(the_head_says_what_comes),
        cmocka_unit_test(requests_are_changed),
        cmocka_unit_test(gzip_is_opened),
        cmocka_unit_test(what_cannot_be_changed_is_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
