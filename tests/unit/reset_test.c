/* reset_test: when the connection breaks, and what has passed by then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fault_table.h"

static const struct fault_setting settings[] = {
    { "" },
    { "at=request" },
    { "at=body; after=16KiB" },
    { "at=connect" },
    { "at=connect; after=1", "after counts bytes of the body: it goes with at: body" },
    { "at=head; after=1", "after counts bytes of the body: it goes with at: body" },
    { "at=trailer", "wants request, head, body or connect, got \"trailer\"" },
};

static void parameters_are_checked_together(void **state)
{
    (void)state;
    fault_check_settings("reset", settings, COUNT_OF(settings));
}

struct place_case {
    const char *claim;
    const char *settings, *more; /* of one reset, and of a second */
    enum reset_place wanted;
    int by; /* 0, 1: which of the two */
};

static const struct place_case places[] = {
    { "by itself at the head", "", NULL, RESET_HEAD, 0 },
    { "at the request", "at=request", NULL, RESET_REQUEST, 0 },
    { "the earlier counts", "at=head", "at=request", RESET_REQUEST, 1 },
    { "whatever the order", "at=request", "at=head", RESET_REQUEST, 0 },
    { "the first of equals", "at=head", "at=head", RESET_HEAD, 0 },
};

static void places_are_planned(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        struct fault_bench *bench = fault_bench_new();
        struct hit *hits[2] = { fault_bench_hit(bench, "reset", places[i].settings) };

        if (places[i].more)
            hits[1] = fault_bench_hit(bench, "reset", places[i].more);
        if (bench->asked.reset != places[i].wanted || bench->asked.reset_by != hits[places[i].by] ||
            bench->pipeline.first)
            fail_msg("%s: the plan says otherwise", places[i].claim);
        fault_bench_free(bench);
    }
}

static const struct fault_case bodies[] = {
    { "at once", "at=body", 0, 1, { { 0, "", "#" } } },
    { "before the first byte", "at=body", 0, 1, { { 0, "abc!", "#" } } },
    { "behind so many", "at=body; after=2", 0, 1, { { 0, "abc!", "ab#" } } },
    { "… over several chunks", "at=body; after=2", 1, 1, { { 0, "abc!", "ab#" } } },
    { "without waiting for more", "at=body; after=3", 0, 1, { { 0, "abc", "abc#" } } },
    { "before an end that is not in the length",
      "at=body; after=3",
      0,
      1,
      { { 0, "abc!", "abc#" } } },
    { "a shorter body passes", "at=body; after=4", 0, 0, { { 0, "abc!", "abc!" } } },
    { "a cut that comes first stays one", "at=body; after=4", 0, 0, { { 0, "abc~", "abc~" } } },
};

static void bodies_break(void **state)
{
    (void)state;
    fault_check_down(&(const struct fault_table){ "reset", bodies, COUNT_OF(bodies) });
}

static void a_body_that_is_too_short_is_left_alone(void **state)
{
    struct fault_bench *bench = fault_bench_new();

    (void)state;
    fault_bench_length(bench, 5);
    fault_bench_hit(bench, "reset", "at=body; after=5");
    assert_null(bench->pipeline.first);
    bench->answered.way.has_body = false;
    fault_bench_hit(bench, "reset", "at=body");
    assert_null(bench->pipeline.first);
    fault_bench_free(bench);
}

static void a_connection_is_refused(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    const struct hit *first = fault_bench_hit(bench, "reset", "at=connect");

    (void)state;
    fault_bench_hit(bench, "reset", "at=connect");
    assert_true(bench->connected.refuse);
    assert_ptr_equal(bench->connected.refuse_by, first);
    assert_int_equal(bench->asked.reset, RESET_NONE);
    assert_null(bench->pipeline.first);
    fault_bench_free(bench);

    bench = fault_bench_new();
    fault_bench_hit(bench, "reset", "at=request");
    fault_bench_hit(bench, "reset", "at=body");
    assert_false(bench->connected.refuse);
    fault_bench_free(bench);
}

static void it_stands_where_its_place_is(void **state)
{
    static const struct {
        const char *settings;
        unsigned stands;
    } rows[] = {
        { "at=connect", FAULT_ON_CONNECTION },
        { "at=request", FAULT_ON_HTTP | FAULT_ON_TUNNEL },
        { "at=head", FAULT_ON_HTTP | FAULT_ON_TUNNEL },
        { "at=body", FAULT_ON_HTTP | FAULT_ON_TUNNEL },
    };
    struct fault_bench *bench = fault_bench_new();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct hit *hit = fault_bench_hit(bench, "reset", rows[i].settings);

        assert_int_equal(fault_stands(hit->kind, hit->params), rows[i].stands);
    }
    fault_bench_free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_checked_together),
        cmocka_unit_test(places_are_planned),
        cmocka_unit_test(bodies_break),
        cmocka_unit_test(a_body_that_is_too_short_is_left_alone),
        cmocka_unit_test(a_connection_is_refused),
        cmocka_unit_test(it_stands_where_its_place_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
