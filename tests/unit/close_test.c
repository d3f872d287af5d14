/* close_test: when the connection is closed, and whether a reset comes first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fault_bench.h"
#include "flow_table.h"

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

struct body_case {
    const char *claim, *settings;
    size_t piece;
    const char *in, *out;
    uint64_t touched;
};

static const struct body_case bodies[] = {
    { "at once", "at=body", 0, "", "~", 1 },
    { "before the first byte", "at=body", 0, "abc!", "~", 1 },
    { "behind so many", "at=body; after=2", 0, "abc!", "ab~", 1 },
    { "… over several chunks", "at=body; after=2", 1, "abc!", "ab~", 1 },
    { "without waiting for more", "at=body; after=3", 0, "abc", "abc~", 1 },
    { "a shorter body passes", "at=body; after=4", 0, "abc!", "abc!", 0 },
    { "a break that comes first stays one", "at=body; after=4", 0, "abc#", "abc#", 0 },
};

static void check_body(const struct body_case *wanted, bool tunnel)
{
    struct fault_bench *bench = fault_bench_new();
    const struct hit *hit;
    char *out;

    if (tunnel)
        fault_bench_tunnel(bench);
    hit = fault_bench_hit(bench, "close", wanted->settings);
    assert_int_equal(bench->asked.reset, RESET_NONE);
    assert_false(bench->asked.closes);
    out = fault_bench_run(bench, wanted->in, wanted->piece, tunnel ? PART_TUNNEL : PART_BODY, 0);
    if (strcmp(out, wanted->out) != 0)
        fail_msg("%s: wanted \"%s\", got \"%s\"", wanted->claim, wanted->out, out);
    if (fault_bench_touched(bench, hit) != wanted->touched)
        fail_msg("%s: not %llu touched", wanted->claim, (unsigned long long)wanted->touched);
    free(out);
    fault_bench_free(bench);
}

static void bodies_are_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        check_body(&bodies[i], false);
        check_body(&bodies[i], true);
    }
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
