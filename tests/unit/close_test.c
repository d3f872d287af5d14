/* close_test: when the connection is closed, and whether a reset comes first. */
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
    { "at=head; after=1", "after counts bytes of the body: it goes with at: body" },
    { "at=connect", "wants request, head or body, got \"connect\"" },
};

static void parameters_are_checked_together(void **state)
{
    (void)state;
    fault_check_settings("close", settings, COUNT_OF(settings));
}

struct place_case {
    const char *claim;
    const char *kinds[2], *settings[2]; /* of one fault, and of a second */
    enum reset_place wanted;
    bool closes;
    int by; /* 0, 1: which of the two */
};

static const struct place_case places[] = {
    { "by itself at the head", { "close" }, { "" }, RESET_HEAD, true, 0 },
    { "at the request", { "close" }, { "at=request" }, RESET_REQUEST, true, 0 },
    { "the earlier counts",
      { "close", "close" },
      { "at=head", "at=request" },
      RESET_REQUEST,
      true,
      1 },
    { "the first of equals", { "close", "close" }, { "", "" }, RESET_HEAD, true, 0 },
    { "before a later reset",
      { "close", "reset" },
      { "at=request", "at=head" },
      RESET_REQUEST,
      true,
      0 },
    { "before an equal reset", { "close", "reset" }, { "", "" }, RESET_HEAD, true, 0 },
    { "behind an equal reset", { "reset", "close" }, { "", "" }, RESET_HEAD, false, 0 },
    { "behind an earlier reset",
      { "close", "reset" },
      { "at=head", "at=request" },
      RESET_REQUEST,
      false,
      1 },
    { "a later body's does not count",
      { "close", "reset" },
      { "at=head", "at=body" },
      RESET_HEAD,
      true,
      0 },
};

static void places_are_planned(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        const struct place_case *wanted = &places[i];
        struct fault_bench *bench = fault_bench_new();
        struct hit *hits[2] = { fault_bench_hit(bench, wanted->kinds[0], wanted->settings[0]) };

        if (wanted->kinds[1])
            hits[1] = fault_bench_hit(bench, wanted->kinds[1], wanted->settings[1]);
        if (bench->asked.reset != wanted->wanted || bench->asked.closes != wanted->closes ||
            bench->asked.reset_by != hits[wanted->by])
            fail_msg("%s: the plan says otherwise", wanted->claim);
        fault_bench_free(bench);
    }
}

static const struct fault_case bodies[] = {
    { "at once", "at=body", 0, 1, { { 0, "", "~" } } },
    { "before the first byte", "at=body", 0, 1, { { 0, "abc!", "~" } } },
    { "behind so many", "at=body; after=2", 0, 1, { { 0, "abc!", "ab~" } } },
    { "… over several chunks", "at=body; after=2", 1, 1, { { 0, "abc!", "ab~" } } },
    { "without waiting for more", "at=body; after=3", 0, 1, { { 0, "abc", "abc~" } } },
    { "a shorter body passes", "at=body; after=4", 0, 0, { { 0, "abc!", "abc!" } } },
    { "a break that comes first stays one", "at=body; after=4", 0, 0, { { 0, "abc#", "abc#" } } },
};

static void bodies_are_cut(void **state)
{
    (void)state;
    fault_check_down(&(const struct fault_table){ "close", bodies, COUNT_OF(bodies) });
}

static void a_body_that_is_too_short_is_left_alone(void **state)
{
    struct fault_bench *bench = fault_bench_new();

    (void)state;
    fault_bench_length(bench, 5);
    fault_bench_hit(bench, "close", "at=body; after=5");
    assert_null(bench->pipeline.first);
    fault_bench_free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_checked_together),
        cmocka_unit_test(places_are_planned),
        cmocka_unit_test(bodies_are_cut),
        cmocka_unit_test(a_body_that_is_too_short_is_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
