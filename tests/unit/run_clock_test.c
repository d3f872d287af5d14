/* run_clock_test: where the timeline stands: start, steps, held stretches, generations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scenario_text.h"
#include "serve/run.h"

#define START (1000 * SECOND)

static const char three[] = "  - {name: a, lasts: 10s}\n"
                            "  - {name: b, lasts: 20s}\n"
                            "  - {name: c, lasts: 30s}\n";
static const char endless[] = "  - {name: calm}\n";

static struct generation *generation_from(const char *phases)
{
    static const struct timeline_options whole = { .speed = 1, .until = NEVER };
    struct scenario *scenario = scenario_with_phases(phases);
    struct buffer complaint = { 0 };
    struct timeline timeline;

    assert_true(timeline_lay(&timeline, scenario, &whole, &complaint));
    return generation_new(scenario, &timeline, 7);
}

static void open_run(struct run *run, const char *phases, int held)
{
    *run = (struct run){ .stretch_held = held };
    run_renew(run, generation_from(phases));
}

static struct moment at(const struct run *run, usec now)
{
    return run_moment(run, run_generation(run), now);
}

static void time_stands_still_before_the_start(void **state)
{
    struct run run;
    struct moment moment;

    (void)state;
    open_run(&run, three, -1);
    assert_false(run_has_started(&run));
    moment = at(&run, START + HOUR);
    assert_int_equal(moment.phase, 0);
    assert_int_equal(moment.into, 0);
    assert_false(moment.over);
    assert_int_equal(run_phase_ends(&run, &moment), NEVER);
    run_free_generations(&run);
}

static void note_start(void *user)
{
    ++*(unsigned *)user;
}

static void the_first_start_counts(void **state)
{
    unsigned starts = 0;
    struct run run;

    (void)state;
    open_run(&run, three, -1);
    run.started = note_start;
    run.started_user = &starts;
    assert_true(run_start(&run, START));
    assert_false(run_start(&run, START + SECOND));
    assert_int_equal(starts, 1);
    assert_int_equal(at(&run, START + 3 * SECOND).into, 3 * SECOND);
    run_free_generations(&run);
}

static void phases_follow_by_time(void **state)
{
    struct run run;
    struct moment moment;

    (void)state;
    open_run(&run, three, -1);
    run_start(&run, START);
    assert_int_equal(at(&run, START + 10 * SECOND - 1).phase, 0);
    moment = at(&run, START + 10 * SECOND);
    assert_int_equal(moment.phase, 1);
    assert_int_equal(run_phase_ends(&run, &moment), START + 30 * SECOND);
    assert_int_equal(at(&run, START + 59 * SECOND).phase, 2);
    moment = at(&run, START + 60 * SECOND);
    assert_true(moment.over);
    assert_int_equal(run_phase_ends(&run, &moment), NEVER);
    run_free_generations(&run);
}

static void a_step_skips_what_is_left_of_a_phase(void **state)
{
    struct run run;
    struct moment moment;

    (void)state;
    open_run(&run, three, -1);
    run_step(&run, START); /* the first one starts */
    assert_int_equal(at(&run, START).phase, 0);
    run_step(&run, START + 4 * SECOND);
    moment = at(&run, START + 4 * SECOND);
    assert_int_equal(moment.phase, 1);
    assert_int_equal(moment.into, 0);
    assert_int_equal(run_phase_ends(&run, &moment), START + 24 * SECOND);
    run_step(&run, START + 4 * SECOND);
    run_step(&run, START + 4 * SECOND);
    assert_true(at(&run, START + 4 * SECOND).over);
    run_step(&run, START + 5 * SECOND); /* nowhere to go */
    assert_true(at(&run, START + 5 * SECOND).over);
    run_free_generations(&run);
}

static void a_held_phase_goes_on_until_the_next_step(void **state)
{
    struct run run;
    struct moment moment;

    (void)state;
    open_run(&run, three, 0);
    run_start(&run, START);
    moment = at(&run, START + HOUR);
    assert_int_equal(moment.phase, 0);
    assert_int_equal(moment.into, 10 * SECOND - 1); /* ramps stay at their end */
    assert_int_equal(run_phase_ends(&run, &moment), NEVER);
    run_step(&run, START + HOUR);
    moment = at(&run, START + HOUR);
    assert_int_equal(moment.phase, 1);
    assert_int_equal(moment.into, 0);
    assert_int_equal(at(&run, START + HOUR + 5 * SECOND).into, 5 * SECOND);
    run_step(&run, START + HOUR + 5 * SECOND);
    moment = at(&run, START + HOUR + 5 * SECOND);
    assert_int_equal(moment.phase, 2);
    assert_int_equal(moment.into, 0);
    run_step(&run, START + 3 * HOUR);
    assert_true(at(&run, START + 3 * HOUR).over);
    run_free_generations(&run);
}

static void a_phase_without_end_lasts_until_a_step(void **state)
{
    struct run run;

    (void)state;
    open_run(&run, endless, 0);
    run_start(&run, START);
    assert_int_equal(at(&run, START + HOUR).phase, 0);
    assert_false(at(&run, START + HOUR).over);
    run_step(&run, START + HOUR);
    assert_true(at(&run, START + 2 * HOUR).over);
    run_free_generations(&run);
}

static void an_older_generation_keeps_its_own_phases(void **state)
{
    struct run run;
    struct generation *first;

    (void)state;
    open_run(&run, three, -1);
    run_start(&run, START);
    first = run_generation(&run);
    run_renew(&run, generation_from(endless));
    assert_ptr_equal(run_generation(&run)->older, first);
    assert_int_equal(run_moment(&run, first, START + 40 * SECOND).phase, 2);
    assert_int_equal(at(&run, START + 40 * SECOND).phase, 0);
    run_free_generations(&run);
    assert_null(run_generation(&run));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_stands_still_before_the_start),
        cmocka_unit_test(the_first_start_counts),
        cmocka_unit_test(phases_follow_by_time),
        cmocka_unit_test(a_step_skips_what_is_left_of_a_phase),
        cmocka_unit_test(a_held_phase_goes_on_until_the_next_step),
        cmocka_unit_test(a_phase_without_end_lasts_until_a_step),
        cmocka_unit_test(an_older_generation_keeps_its_own_phases),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
