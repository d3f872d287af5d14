/* timeline: claims about two clocks: speed, floor, parts of a scenario, and where a moment falls.
 */
#include "scenario/timeline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "scenario_text.h"

#define THREE \
    "  - {name: calm, lasts: 20m}\n  - {name: down, lasts: 90m}\n  - {name: tail, lasts: 5s}\n"

/* `phase begins-ends+skips` for each stretch, in seconds, `*` where stretched; or the complaint. */
static char *lay(const char *phases, const struct timeline_options *options)
{
    struct scenario *scenario = scenario_with_phases(phases);
    struct timeline timeline;
    struct buffer out = { 0 };

    if (!timeline_lay(&timeline, scenario, options, &out))
        assert_int_equal(timeline.count, 0);
    for (size_t i = 0; i < timeline.count; i++) {
        const struct stretch *stretch = &timeline.stretches[i];

        buffer_format(&out, "%s%s %g-", i > 0 ? ", " : "", scenario->phases[stretch->phase].name.at,
                      (double)stretch->begins / (double)SECOND);
        if (stretch->ends == NEVER)
            buffer_add_string(&out, "never");
        else
            buffer_format(&out, "%g", (double)stretch->ends / (double)SECOND);
        buffer_format(&out, "+%g%s", (double)stretch->skips / (double)SECOND,
                      stretch->stretched ? "*" : "");
        assert_true(i + 1 < timeline.count || timeline.lasts == stretch->ends);
    }
    scenario_free(scenario);
    return out.at;
}

static const struct claim {
    const char *claim;
    struct timeline_options options;
    const char *wanted;
} claims[] = {
    { "at speed 1 all last as written",
      { .speed = 1, .until = NEVER },
      "calm 0-1200+0, down 1200-6600+0, tail 6600-6605+0" },
    { "speed divides",
      { .speed = 60, .until = NEVER },
      "calm 0-20+0, down 20-110+0, tail 110-110.083+0" },
    { "a speed below 1 draws out", { .speed = 0.5, .until = 1200 * SECOND }, "calm 0-2400+0" },
    { "the floor stretches, what follows shifts, and what was written shorter keeps its length",
      { .speed = 600, .floor = 10 * SECOND, .until = NEVER },
      "calm 0-10+0*, down 10-20+0*, tail 20-25+0*" },
    { "the floor leaves alone what is long enough",
      { .speed = 120, .floor = 10 * SECOND, .until = NEVER },
      "calm 0-10+0, down 10-55+0, tail 55-60+0*" },
    { "one phase alone", { .speed = 60, .phase = TEXT("down"), .until = NEVER }, "down 0-90+0" },
    { "the start may fall into a phase",
      { .speed = 60, .from = 50 * MINUTE, .until = NEVER },
      "down 0-60+1800, tail 60-60.0833+0" },
    { "the start may be a phase's",
      { .speed = 60, .from = 20 * MINUTE, .until = 110 * MINUTE },
      "down 0-90+0" },
    { "the end may fall into a phase",
      { .speed = 60, .until = 21 * MINUTE },
      "calm 0-20+0, down 20-21+0" },
    { "the floor is for what is left of a phase",
      { .speed = 60, .floor = 10 * SECOND, .from = 19 * MINUTE, .until = 21 * MINUTE },
      "calm 0-10+1140*, down 10-20+0*" },
    { "a part of one phase",
      { .speed = 60, .phase = TEXT("down"), .from = 30 * MINUTE, .until = 50 * MINUTE },
      "down 0-20+600" },
    { "no such phase",
      { .speed = 60, .phase = TEXT("dwn"), .until = NEVER },
      "there is no phase \"dwn\"; did you mean \"down\"?" },
    { "no such phase at all",
      { .speed = 60, .phase = TEXT("recovery"), .until = NEVER },
      "there is no phase \"recovery\"" },
    { "a start behind the end",
      { .speed = 60, .from = 2 * HOUR, .until = NEVER },
      "the start at 2h is behind the end: the scenario lasts 1h50m5s" },
    { "an end before the start",
      { .speed = 60, .from = HOUR, .until = HOUR },
      "the end at 1h is not behind the start at 1h" },
    { "a phase outside of the time",
      { .speed = 60, .phase = TEXT("calm"), .from = HOUR, .until = NEVER },
      "the phase lies outside of the time asked for" },
    { "an absurd speed ends some day",
      { .speed = 1e-300, .until = MINUTE },
      "calm 0-9.4608e+08+0" },
};

static void phases_are_laid_as_the_options_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(claims); i++) {
        char *got = lay(THREE, &claims[i].options);

        if (strcmp(got, claims[i].wanted) != 0)
            fail_msg("%s: got %s, wanted %s", claims[i].claim, got, claims[i].wanted);
        free(got);
    }
}

static void a_phase_without_length_goes_on_until_stopped(void **state)
{
    const struct timeline_options all = { .speed = 10, .floor = 10 * SECOND, .until = NEVER };
    const struct timeline_options part = { .speed = 10, .from = MINUTE, .until = 2 * MINUTE };
    char *endless = lay("  - {name: calm}\n", &all), *hour = lay("  - {name: calm}\n", &part);

    (void)state;
    assert_string_equal(endless, "calm 0-never+0");
    assert_string_equal(hour, "calm 0-6+60");
    free(endless);
    free(hour);
}

static void a_moment_knows_its_phase_and_how_far_it_is(void **state)
{
    static const struct {
        usec elapsed;
        uint16_t phase;
        usec into, ends;
        bool over;
    } wanted[] = {
        { -5 * SECOND, 0, 0, 10 * SECOND, false },
        { 0, 0, 0, 10 * SECOND, false },
        { 5 * SECOND, 0, 10 * MINUTE, 10 * SECOND, false },
        { 10 * SECOND - 1, 0, 20 * MINUTE - 120, 10 * SECOND, false },
        { 10 * SECOND, 1, 0, 55 * SECOND, false },
        { 32500 * MSEC, 1, 45 * MINUTE, 55 * SECOND, false },
        { 55 * SECOND, 2, 0, 60 * SECOND, false },
        { 58 * SECOND, 2, 3 * SECOND, 60 * SECOND, false },
        { 60 * SECOND, 2, 5 * SECOND, 60 * SECOND, true },
        { 60 * HOUR, 2, 5 * SECOND, 60 * SECOND, true },
    };
    const struct timeline_options options = { .speed = 120, .floor = 10 * SECOND, .until = NEVER };
    struct scenario *scenario = scenario_with_phases(THREE);
    struct timeline timeline;
    struct buffer complaint = { 0 };

    (void)state;
    assert_true(timeline_lay(&timeline, scenario, &options, &complaint));
    for (size_t i = 0; i < COUNT_OF(wanted); i++) {
        struct moment moment = timeline_at(&timeline, wanted[i].elapsed);

        assert_int_equal(moment.phase, wanted[i].phase);
        assert_int_equal(moment.stretch, wanted[i].phase);
        assert_int_equal(moment.into, wanted[i].into);
        assert_int_equal(moment.phase_ends, wanted[i].ends);
        assert_int_equal(moment.over, wanted[i].over);
    }
    scenario_free(scenario);
}

static void an_endless_moment_is_never_over(void **state)
{
    const struct timeline_options options = { .speed = 2, .until = NEVER };
    struct scenario *scenario = scenario_with_phases("  - {name: calm}\n");
    struct timeline timeline;
    struct buffer complaint = { 0 };
    struct moment moment;

    (void)state;
    assert_true(timeline_lay(&timeline, scenario, &options, &complaint));
    moment = timeline_at(&timeline, 1000 * HOUR);
    assert_false(moment.over);
    assert_int_equal(moment.into, 2000 * HOUR);
    assert_true(moment.phase_ends == NEVER);
    scenario_free(scenario);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phases_are_laid_as_the_options_say),
        cmocka_unit_test(a_phase_without_length_goes_on_until_stopped),
        cmocka_unit_test(a_moment_knows_its_phase_and_how_far_it_is),
        cmocka_unit_test(an_endless_moment_is_never_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
