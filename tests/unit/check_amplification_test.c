/* check_amplification: budgets and bursts are let pass, storms are not, and little tells nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/random.h"
#include "verdict/check.h"
#include "verdict/statistics.h"

/* As of thirty checks in a run. */
#define ALPHA (0.01 / 30)

struct world {
    const struct check *check;
    void *limits, *state;
    struct arena arena;
};

/* Limits as in a profile's string, upon the default ones. */
static struct world begin(const char *changes)
{
    struct world world = { .check = check_find(text_from("amplification")) };
    struct text left = text_from(changes), item;
    struct buffer complaint = { 0 };

    assert_non_null(world.check);
    world.limits = memory_take(world.check->limits_size);
    world.state = memory_take(world.check->state_size);
    check_limits(world.check, PROFILE_DEFAULT, world.limits);
    while (text_next_item(&left, ' ', &item)) {
        size_t equals = text_find(item, '=');
        const struct field *field = field_find(world.check->limits, text_of(item.at, equals));

        assert_non_null(field);
        assert_true(
            field_read(field, world.limits, text_from_offset(item, equals + 1), &complaint));
    }
    return world;
}

static void end(struct world *world)
{
    world->check->clear(world->state);
    free(world->state);
    free(world->limits);
    arena_clear(&world->arena);
}

static void add_calm(struct world *world, uint32_t client, uint32_t attempts, bool in_trouble)
{
    const struct operation operation = { .client = client,
                                         .attempts = attempts,
                                         .in_trouble = in_trouble,
                                         .method = TEXT("GET"),
                                         .path = TEXT("/") };

    world->check->operation(world->state, world->limits, &operation);
}

static void add(struct world *world, uint32_t client, uint32_t attempts, unsigned times)
{
    while (times-- > 0)
        add_calm(world, client, attempts, true);
}

static struct finding judge(struct world *world)
{
    const struct judging judging = { .limits = world->limits, .alpha = ALPHA };
    struct finding finding = { .check = world->check,
                               .arena = &world->arena,
                               .outcome = OUTCOME_INCONCLUSIVE };

    world->check->judge(world->state, &judging, &finding);
    return finding;
}

/* 500 tokens of which a retry costs 14, and none from then on (AWS SDKs, 2026). */
static void a_quota_that_runs_dry_passes(void **state)
{
    struct world world = begin("at-most=1.2 warn=1.2");
    struct finding finding;

    (void)state;
    add(&world, 0, 3, 17);
    add(&world, 0, 2, 1);
    add(&world, 0, 1, 300);
    finding = judge(&world);
    assert_int_equal(finding.outcome, OUTCOME_PASS);
    assert_float_equal(finding.value, 1, 1e-9);
    end(&world);
}

static void an_endless_three_times_is_warned_of(void **state)
{
    struct world world = begin("");
    struct finding finding;

    (void)state;
    add(&world, 0, 3, 300);
    finding = judge(&world);
    assert_int_equal(finding.outcome, OUTCOME_WARN);
    assert_true(finding.value > 2.88 && finding.value < 2.89); /* 3 - 35 / 300 */
    end(&world);
}

static void ten_attempts_fail_soon(void **state)
{
    unsigned operations = 0;
    enum outcome outcome;

    (void)state;
    do {
        struct world world = begin("");
        struct finding finding;

        operations++;
        add(&world, 0, 10, operations);
        finding = judge(&world);
        outcome = finding.outcome;
        assert_true(outcome == OUTCOME_FAIL || outcome == OUTCOME_WARN ||
                    (outcome == OUTCOME_INCONCLUSIVE && operations < 20));
        assert_true(operations > 3 || outcome == OUTCOME_INCONCLUSIVE);
        end(&world);
    } while (outcome != OUTCOME_FAIL && operations < 1000);
    assert_in_range(operations, 10, 60);
}

/* Each has a burst of its own, but of one operation it pays for three retries only. */
static void a_fleet_does_not_hide_behind_its_bursts(void **state)
{
    struct world world = begin("");
    struct finding finding;

    (void)state;
    for (uint32_t client = 0; client < 500; client++)
        add(&world, client, 10, 1);
    finding = judge(&world);
    assert_int_equal(finding.outcome, OUTCOME_FAIL);
    assert_float_equal(finding.value, 7, 1e-9);
    end(&world);
}

static void a_fleet_of_short_bursts_passes(void **state)
{
    struct world world = begin("");

    (void)state;
    for (uint32_t client = 0; client < 500; client++)
        add(&world, client, 3, 2);
    assert_int_equal(judge(&world).outcome, OUTCOME_PASS);
    end(&world);
}

static void exactly_what_is_allowed_passes(void **state)
{
    struct world world = begin("at-most=3 warn=3 allowance=0");

    (void)state;
    add(&world, 0, 3, 5000);
    assert_int_equal(judge(&world).outcome, OUTCOME_PASS);
    end(&world);
}

static void few_operations_tell_nothing_and_say_how_many_would(void **state)
{
    struct world world = begin("at-most=1.2 warn=1.2 allowance=0");
    struct finding finding;
    unsigned missing;

    (void)state;
    add(&world, 0, 1, 3);
    finding = judge(&world);
    assert_int_equal(finding.outcome, OUTCOME_INCONCLUSIVE);
    assert_in_range(finding.missing, 10, 10000);
    missing = (unsigned)finding.missing;
    add(&world, 0, 1, missing);
    assert_int_equal(judge(&world).outcome, OUTCOME_PASS);
    end(&world);
}

static void only_operations_that_began_in_trouble_count(void **state)
{
    struct world world = begin("");
    struct finding finding;

    (void)state;
    for (unsigned i = 0; i < 1000; i++)
        add_calm(&world, 0, 20, false);
    finding = judge(&world);
    assert_int_equal(finding.outcome, OUTCOME_INCONCLUSIVE);
    assert_int_equal(finding.proofs.total, 0);
    assert_true(text_is(finding.because, "no operation began while faults were on"));
    end(&world);
}

/* Beyond the bound nobody knows whose burst it was. */
static void clients_past_the_bound_are_left_out(void **state)
{
    struct world world = begin("");

    (void)state;
    add(&world, HISTORY_NOBODY, 10, 1000);
    assert_int_equal(judge(&world).outcome, OUTCOME_INCONCLUSIVE);
    end(&world);
}

static void one_operation_without_end_weighs_what_it_is(void **state)
{
    struct world world = begin("at-most=3 warn=3 allowance=0");
    struct finding finding;

    (void)state;
    add(&world, 0, 1, 1000);
    add(&world, 0, 10000, 1);
    finding = judge(&world);
    assert_true(finding.value > 10);
    assert_true(finding.outcome != OUTCOME_PASS);
    end(&world);
}

/* Clients whose true mean is the limit itself: none may be found above it but by a rare chance. */
static void a_client_at_the_limit_is_hardly_ever_wronged(void **state)
{
    enum { RUNS = 2000, OPERATIONS = 400 };
    unsigned wronged = 0, judged = 0;

    (void)state;
    for (uint64_t run = 0; run < RUNS; run++) {
        struct world world = begin("at-most=1.2 warn=1.2 allowance=0");
        enum outcome outcome;

        for (uint64_t i = 0; i < OPERATIONS; i++) {
            double draw = random_unit(random_join(run, i));

            add(&world, 0, draw < 0.1 ? 3 : 1, 1);
        }
        outcome = judge(&world).outcome;
        wronged += outcome == OUTCOME_FAIL || outcome == OUTCOME_WARN;
        judged += outcome != OUTCOME_INCONCLUSIVE;
        end(&world);
    }
    assert_in_range(wronged, 0, 3); /* 0.7 would be the most that alpha allows */
    assert_in_range(judged, 0, RUNS / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quota_that_runs_dry_passes),
        cmocka_unit_test(an_endless_three_times_is_warned_of),
        cmocka_unit_test(ten_attempts_fail_soon),
        cmocka_unit_test(a_fleet_does_not_hide_behind_its_bursts),
        cmocka_unit_test(a_fleet_of_short_bursts_passes),
        cmocka_unit_test(exactly_what_is_allowed_passes),
        cmocka_unit_test(few_operations_tell_nothing_and_say_how_many_would),
        cmocka_unit_test(only_operations_that_began_in_trouble_count),
        cmocka_unit_test(clients_past_the_bound_are_left_out),
        cmocka_unit_test(one_operation_without_end_weighs_what_it_is),
        cmocka_unit_test(a_client_at_the_limit_is_hardly_ever_wronged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
