/* share: claims about what part is hit when, and how shares are written. */
#include "scenario/share.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct share_step steps[] = { { MINUTE, 0.08 }, { 2 * MINUTE, 0.6 }, { HOUR, 0.3 } };

static const struct share constant = { .kind = SHARE_CONSTANT, .from = 0.3, .to = 0.3 };
static const struct share ramp = { .kind = SHARE_RAMP, .from = 0, .to = 1 };
static const struct share falling = { .kind = SHARE_RAMP, .from = 0.6, .to = 0.1 };
static const struct share stepped = { .kind = SHARE_STEPS, .steps = steps, .count = 3 };
static const struct share square = {
    .kind = SHARE_SQUARE, .to = 0.35, .high = 90 * SECOND, .low = 60 * SECOND
};
static const struct share sine = {
    .kind = SHARE_SINE, .from = 0.1, .to = 0.5, .high = 10 * MINUTE
};

static const struct point {
    const char *claim;
    const struct share *share;
    usec into, lasts;
    double wanted;
} points[] = {
    { "a constant is itself at the start", &constant, 0, HOUR, 0.3 },
    { "a constant is itself without end", &constant, 77 * HOUR, NEVER, 0.3 },
    { "a ramp starts at its start", &ramp, 0, HOUR, 0 },
    { "a ramp is half way at half time", &ramp, HOUR / 2, HOUR, 0.5 },
    { "a ramp ends at its end", &ramp, HOUR, HOUR, 1 },
    { "a ramp stays at its end", &ramp, 2 * HOUR, HOUR, 1 },
    { "a ramp stays at its start before its time", &ramp, -1, HOUR, 0 },
    { "a ramp without end never starts", &ramp, 9 * HOUR, NEVER, 0 },
    { "a ramp may fall", &falling, HOUR / 5, HOUR, 0.5 },
    { "steps are 0 before the first", &stepped, MINUTE - 1, HOUR, 0 },
    { "a step holds from its moment on", &stepped, MINUTE, HOUR, 0.08 },
    { "a step holds until the next", &stepped, 2 * MINUTE - 1, HOUR, 0.08 },
    { "steps may fall", &stepped, HOUR, NEVER, 0.3 },
    { "a square begins high", &square, 0, HOUR, 0.35 },
    { "a square is high for its time", &square, 90 * SECOND - 1, HOUR, 0.35 },
    { "a square is low then", &square, 90 * SECOND, HOUR, 0 },
    { "a square is high again", &square, 150 * SECOND, HOUR, 0.35 },
    { "a square begins high, also before its time", &square, -5, HOUR, 0.35 },
    { "a sine begins low", &sine, 0, HOUR, 0.1 },
    { "a sine is half way at a quarter", &sine, 150 * SECOND, HOUR, 0.3 },
    { "a sine is highest at the half", &sine, 5 * MINUTE, HOUR, 0.5 },
    { "a sine is low again", &sine, 20 * MINUTE, HOUR, 0.1 },
};

static void a_share_runs_as_its_kind_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(points); i++) {
        const struct point *point = &points[i];
        double got = share_at(point->share, point->into, point->lasts);

        if (got < point->wanted - 1e-9 || got > point->wanted + 1e-9)
            fail_msg("%s: got %g, wanted %g", point->claim, got, point->wanted);
    }
}

static void a_share_is_never_more_than_its_most(void **state)
{
    const struct share *const all[] = { &constant, &ramp, &falling, &stepped, &square, &sine };
    const double most[] = { 0.3, 1, 0.6, 0.6, 0.35, 0.5 };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        assert_float_equal(share_most(all[i]), most[i], 1e-9);
        for (usec into = 0; into <= HOUR; into += 7 * SECOND)
            assert_true(share_at(all[i], into, HOUR) <= most[i] + 1e-9);
    }
}

static const struct written {
    const char *text;
    const char *again; /* as share_write has it, or the complaint; NULL: the same */
    bool good;
} writtens[] = {
    { "30%", NULL, true },
    { "0.5%", NULL, true },
    { "0%", NULL, true },
    { "100%", NULL, true },
    { "0% -> 100%", NULL, true },
    { "60%->7.5%", "60% -> 7.5%", true },
    { "  1%   ->\t2%  ", "1% -> 2%", true },
    { "101%", "wants at most 100%, got \"101%\"", false },
    { "30", "wants a share such as 30%, got \"30\"; did you mean \"30%\"?", false },
    { "10%..50%", "wants a share such as 30%, got \"10%..50%\"; did you mean \"10% -> 50%\"?",
      false },
    { "10% to 50%", "wants a share such as 30%, got \"10% to 50%\"; did you mean \"10% -> 50%\"?",
      false },
    { "10%-50", "wants a share such as 30%, got \"10%-50\"", false },
    { "10%/50%", "wants a share such as 30%, got \"10%/50%\"", false },
    { "", "wants a share such as 30%, got \"\"", false },
    { "0% -> ", "wants a share such as 30%, got \"\"", false },
    { "-> 5%", "wants a share such as 30%, got \"\"", false },
    { "0% -> 5% -> 7%", "wants a share such as 30%, got \"5% -> 7%\"", false },
    { "1e1%", "wants a share such as 30%, got \"1e1%\"", false },
};

static void a_share_reads_as_it_is_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(writtens); i++) {
        const struct written *written = &writtens[i];
        struct share share = { .from = 77 };
        struct buffer out = { 0 };
        bool good = share_read(&share, text_from(written->text), &out);

        assert_int_equal(good, written->good);
        assert_true(good || share.from > 76);
        if (good)
            share_write(&share, &out);
        assert_string_equal(out.at, written->again ? written->again : written->text);
        buffer_free(&out);
    }
}

static void steps_and_waves_are_written_in_the_language(void **state)
{
    struct buffer out = { 0 };

    (void)state;
    share_write(&stepped, &out);
    assert_string_equal(out.at, "[1m 8%, 2m 60%, 1h 30%]");
    buffer_clear(&out);
    share_write(&square, &out);
    assert_string_equal(out.at, "{square: {high: 1m30s, low: 1m, share: 35%}}");
    buffer_clear(&out);
    share_write(&sine, &out);
    assert_string_equal(out.at, "{sine: {period: 10m, from: 10%, to: 50%}}");
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_share_runs_as_its_kind_says),
        cmocka_unit_test(a_share_is_never_more_than_its_most),
        cmocka_unit_test(a_share_reads_as_it_is_written),
        cmocka_unit_test(steps_and_waves_are_written_in_the_language),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
