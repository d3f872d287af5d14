/* cookies_test: how many are set, and that they grow with what comes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "fault_bench.h"

static const struct fault_setting settings[] = {
    { "" },
    { "count=1; size=8192B; most=1" },
    { "count=201", "count is more than most, which is 200 unless said" },
    { "count=1000; most=1000; size=4KiB", "the cookies of one answer come to more than 1MiB" },
    { "count=0", "wants at least 1, got \"0\"" },
    { "size=0", "wants at least 1B, got \"0\"" },
};

static void parameters_are_checked(void **state)
{
    (void)state;
    fault_check_settings("cookies", settings, COUNT_OF(settings));
}

struct cookie_case {
    const char *claim, *first, *second; /* Cookie lines; NULL: none */
    size_t count;                       /* set */
    const char *name;                   /* of the first of them */
};

static const struct cookie_case cases[] = {
    { "the first time", NULL, NULL, 3, "panne_0001=" },
    { "others do not count", "panne=1; sid=2; panne_x=3; xpanne_0007=4", NULL, 3, "panne_0001=" },
    { "more than came back", "sid=2; panne_0001=x; panne_0002=y", NULL, 3, "panne_0003=" },
    { "in any order and line", "panne_0004=a; panne_0001=b", "panne_0002=c", 3, "panne_0005=" },
    { "up to the most", "panne_0008=a", NULL, 2, "panne_0009=" },
    { "and no more", "panne_0010=a", NULL, 0, NULL },
    { "numbers that we never gave", "panne_0011=a; panne_99999999999999999999=b", NULL, 3,
      "panne_0001=" },
};

static void check(const struct cookie_case *row)
{
    struct fault_bench *bench = fault_bench_new();
    const struct hit *hit;
    size_t bytes = 0;

    if (row->first)
        head_add(&bench->request, &bench->arena, text_from("Cookie"), text_from(row->first));
    if (row->second)
        head_add(&bench->request, &bench->arena, text_from("cookie"), text_from(row->second));
    fault_bench_field(bench, "Set-Cookie", "origin=1");
    hit = fault_bench_hit(bench, "cookies", "count=3; size=20B; most=10");
    if (bench->response.count != 1 + row->count)
        fail_msg("%s: %zu set", row->claim, bench->response.count - 1);
    for (size_t i = 1; i < bench->response.count; i++) {
        struct text value = bench->response.fields[i].value;

        bytes += value.length + strlen("Set-Cookie: \r\n");
        assert_int_equal(value.length, strlen("panne_0001=; Path=/") + 20);
        assert_int_equal(text_find(value, ' '), value.length - strlen(" Path=/"));
    }
    if (row->name && !text_starts(bench->response.fields[1].value, text_from(row->name)))
        fail_msg("%s: the first is %.*s", row->claim, 20, bench->response.fields[1].value.at);
    assert_int_equal(hit->touched, bytes);
    fault_bench_free(bench);
}

static void each_answer_sets_more_than_came_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check(&cases[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_checked),
        cmocka_unit_test(each_answer_sets_more_than_came_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
