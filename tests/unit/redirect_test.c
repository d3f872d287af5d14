/* redirect_test: where a client is sent, and what the origin is asked for in the end. */
#include "faults/redirect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "fault_bench.h"

static const struct fault_setting settings[] = {
    { "" },
    { "status=308; chain=1000" },
    { "to=/login?next=%2F#top" },
    { "to=https://example.com" },
    { "to=/x; relative=yes" },
    { "status=304", "wants 301, 302, 303, 307 or 308, got \"304\"" },
    { "chain=0", "wants at least 1, got \"0\"" },
    { "to=/x; chain=3", "a chain leads back to where it began: take one of chain and to" },
    { "to=login", "to wants a URL such as https://example.com/login or a path such as /login" },
    { "to=ftp://x/", "to wants a URL such as https://example.com/login or a path such as /login" },
    { "to=https://", "to wants a URL such as https://example.com/login or a path such as /login" },
    { "to=/a b", "to wants a URL such as https://example.com/login or a path such as /login" },
    { "to=/a\r\nb", "to wants a URL such as https://example.com/login or a path such as /login" },
    { "to=http://x/; relative=yes", "a URL is not relative: take a path" },
};

static void parameters_are_checked_together(void **state)
{
    (void)state;
    fault_check_settings("redirect", settings, COUNT_OF(settings));
}

struct place_case {
    const char *settings, *target, *host;
    bool secure;
    const char *location; /* NULL: no answer */
};

static const struct place_case places[] = {
    { "", "/a?b=c", "api.test:81", false, "http://api.test:81/a?b=c" },
    { "", "/", "api.test", true, "https://api.test/" },
    { "", "/a", NULL, false, "/a" },
    { "relative=yes", "/a?b", "api.test", true, "/a?b" },
    { "", "http://api.test/a?b", "other", false, "http://api.test/a?b" },
    { "", "http://api.test", "other", false, "http://api.test/" },
    { "relative=yes", "http://api.test/a?b", "other", false, "/a?b" },
    { "", "*", "api.test", false, NULL },
    { "to=/login", "/a", "api.test", true, "https://api.test/login" },
    { "to=/login", "http://api.test?q", "other", false, "http://api.test/login" },
    { "to=/login; relative=yes", "/a", "api.test", true, "/login" },
    { "to=https://login.test/x", "/a", "api.test", false, "https://login.test/x" },
    { "chain=2", "/a", "h", false, "http://h/a?panne-hop=1" },
    { "chain=2", "/a?b=c", "h", false, "http://h/a?b=c&panne-hop=1" },
    { "chain=2", "/a?panne-hop=1", "h", false, "http://h/a?panne-hop=2" },
    { "chain=2", "/a?b=c&panne-hop=1&d", "h", false, "http://h/a?b=c&d&panne-hop=2" },
    { "chain=2", "/a?panne-hop=2", "h", false, NULL },
    { "chain=2", "/a?panne-hop=9", "h", false, NULL },
    { "chain=2", "/a?panne-hop=x", "h", false, "http://h/a?panne-hop=1" },
    { "chain=1; relative=yes", "http://h/a", "h", false, "/a?panne-hop=1" },
};

static void check_place(const struct place_case *row)
{
    struct fault_bench *bench = fault_bench_new();
    const struct made_answer *answer = &bench->asked.answer;
    struct text got = { NULL, 0 };

    bench->request.method = text_from(text_is(text_from(row->target), "*") ? "OPTIONS" : "GET");
    bench->request.target = text_from(row->target);
    if (row->host)
        head_add(&bench->request, &bench->arena, text_from("Host"), text_from(row->host));
    bench->asked.secure = row->secure;
    fault_bench_hit(bench, "redirect", row->settings);
    assert_int_equal(answer->status != 0, row->location != NULL);
    for (size_t i = 0; i < answer->fields.count; i++)
        if (text_is(answer->fields.items[i].name, "Location"))
            got = answer->fields.items[i].value;
    if (row->location && !text_is(got, row->location))
        fail_msg("%s of %s: wanted %s, got %.*s", row->settings, row->target, row->location,
                 (int)got.length, got.at);
    fault_bench_free(bench);
}

static void clients_are_sent_there(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(places); i++)
        check_place(&places[i]);
}

struct strip_case {
    const char *target, *wanted;
    uint64_t hops;
};

static const struct strip_case strips[] = {
    { "/a", "/a", 0 },
    { "/a?", "/a?", 0 },
    { "/a?b=c&&d=", "/a?b=c&&d=", 0 },
    { "/a?panne-hop=7", "/a", 7 },
    { "/a?panne-hop=7&b", "/a?b", 7 },
    { "/a?b&panne-hop=7", "/a?b", 7 },
    { "/a?b&&panne-hop=7&&c", "/a?b&&&c", 7 },
    { "/a?panne-hop=1&panne-hop=2", "/a", 2 },
    { "/a?panne-hop=", "/a", 0 },
    { "/a?panne-hop=99999999999999999999", "/a", 0 },
    { "/a?xpanne-hop=1", "/a?xpanne-hop=1", 0 },
    { "/a?panne-hops=1", "/a?panne-hops=1", 0 },
    { "/panne-hop=1", "/panne-hop=1", 0 },
    { "", "", 0 },
};

static void the_origin_never_sees_the_count(void **state)
{
    struct arena arena = { 0 };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(strips); i++) {
        uint64_t hops;
        struct text got = redirect_strip(text_from(strips[i].target), &arena, &hops);

        if (!text_is(got, strips[i].wanted) || hops != strips[i].hops)
            fail_msg("%s: wanted %s, got %.*s and %llu", strips[i].target, strips[i].wanted,
                     (int)got.length, got.at, (unsigned long long)hops);
    }
    arena_clear(&arena);
}

static void an_earlier_answer_stays(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    struct hit *hit;

    (void)state;
    bench->request.target = text_from("/");
    fault_bench_hit(bench, "error", "");
    hit = fault_bench_hit(bench, "redirect", "");
    assert_int_equal(bench->asked.answer.status, 500);
    assert_true(hit->shadowed);
    fault_bench_free(bench);
}

static void a_stale_answer_comes_before_those_behind_it(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    struct hit *stale = fault_bench_hit(bench, "stale", "age=1h");
    struct hit *again = fault_bench_hit(bench, "stale", "age=2h");
    struct hit *error = fault_bench_hit(bench, "error", "status=503");

    (void)state;
    assert_true(bench->asked.wants_stale);
    assert_ptr_equal(bench->asked.stale_by, stale);
    assert_int_equal(bench->asked.stale_age, HOUR);
    assert_true(again->shadowed);
    assert_int_equal(bench->asked.answer.status, 503);
    assert_false(error->shadowed); /* it answers where nothing was kept */
    fault_bench_free(bench);
}

static void a_stale_answer_does_not_come_before_an_error(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    struct hit *stale;

    (void)state;
    fault_bench_hit(bench, "error", "status=503");
    stale = fault_bench_hit(bench, "stale", "");
    assert_false(bench->asked.wants_stale);
    assert_true(stale->shadowed);
    fault_bench_free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_checked_together),
        cmocka_unit_test(clients_are_sent_there),
        cmocka_unit_test(the_origin_never_sees_the_count),
        cmocka_unit_test(an_earlier_answer_stays),
        cmocka_unit_test(a_stale_answer_comes_before_those_behind_it),
        cmocka_unit_test(a_stale_answer_does_not_come_before_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
