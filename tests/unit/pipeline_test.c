/* pipeline_test: filters in a chain, and what becomes of them. */
#include "stream/pipeline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "flow_table.h"
#include "plain_filters.h"

static const struct plan hundred = { .delay = 100 };
static const struct plan reset_at_3 = { .length = 3, .end = CHUNK_RESET };
static const struct plan twos = { .length = 2 };
static const struct plan six = { .length = 6 };

struct chain {
    struct pool pool;
    struct budget budget;
    struct arena arena;
    struct pipeline pipeline;
};

static int open_chain(void **state)
{
    struct chain *chain = calloc(1, sizeof(*chain));

    if (!chain)
        return -1;
    chain->budget.limit = 1000;
    pipeline_init(&chain->pipeline, &chain->pool, &chain->budget);
    *state = chain;
    return 0;
}

static int close_chain(void **state)
{
    struct chain *chain = *state;
    size_t held;

    pipeline_close(&chain->pipeline);
    held = chain->budget.held;
    arena_clear(&chain->arena);
    pool_clear(&chain->pool);
    free(chain);
    return held == 0 ? 0 : -1;
}

static struct stage *add(struct chain *chain, const struct filter_ops *ops, const void *params)
{
    return pipeline_add(&chain->pipeline, ops, params, PART_BODY, &chain->arena);
}

static usec run(struct chain *chain, const char *in, usec now, const char *wanted)
{
    char *out;
    usec wake;

    flow_feed(pipeline_in(&chain->pipeline), in, 0, PART_BODY, now);
    wake = pipeline_run(&chain->pipeline, now);
    out = flow_drain(&chain->pipeline.out, false);
    assert_string_equal(out, wanted);
    free(out);
    return wake;
}

static void without_filters_in_and_out_are_one(void **state)
{
    struct chain *chain = *state;

    assert_true(pipeline_is_bare(&chain->pipeline));
    assert_ptr_equal(pipeline_in(&chain->pipeline), &chain->pipeline.out);
    assert_true(run(chain, "ab!", 0, "ab!") == NEVER);
    add(chain, &plain_pass, NULL);
    assert_false(pipeline_is_bare(&chain->pipeline));
    assert_ptr_not_equal(pipeline_in(&chain->pipeline), &chain->pipeline.out);
}

static void filters_work_in_the_order_added(void **state)
{
    struct chain *chain = *state;

    add(chain, &plain_replace, NULL);
    add(chain, &plain_pad, &twos);
    add(chain, &plain_slice, &twos);
    run(chain, "abc!", 0, "<>|++|!");
}

static void delays_add_up(void **state)
{
    struct chain *chain = *state;
    struct stage *first = add(chain, &plain_late, &hundred),
                 *second = add(chain, &plain_late, &hundred);

    assert_true(run(chain, "a", 0, "") == 100);
    assert_true(run(chain, "b!", 50, "") == 100);
    assert_true(run(chain, "", 100, "") == 150);
    assert_true(run(chain, "", 150, "") == 200);
    assert_true(run(chain, "", 200, "a") == 250);
    assert_true(run(chain, "", 250, "b!") == NEVER);
    assert_int_equal(first->touched, 3);
    assert_int_equal(second->touched, 3);
}

static void the_earliest_wake_up_counts(void **state)
{
    static const struct plan thousand = { .delay = 1000 };
    struct chain *chain = *state;

    add(chain, &plain_late, &hundred);
    add(chain, &plain_late, &thousand);
    assert_true(run(chain, "a", 0, "") == 100);
    assert_true(run(chain, "", 100, "") == 1100);
    assert_true(run(chain, "b", 1050, "") == 1100);
    assert_true(run(chain, "", 1100, "a") == 1150);
}

static void a_cut_throws_away_what_waits_before_it(void **state)
{
    struct chain *chain = *state;

    add(chain, &plain_late, &hundred);
    add(chain, &plain_cut, &reset_at_3);
    run(chain, "abcd", 0, "");
    run(chain, "efgh", 50, "");
    run(chain, "", 100, "abc#");
    assert_int_equal(chain->budget.held, 0);
    assert_true(run(chain, "more!", 120, "") == NEVER);
    assert_int_equal(chain->budget.held, 0);
}

static void what_is_thrown_away_is_room_at_once(void **state)
{
    struct chain *chain = *state;

    chain->budget.limit = 7;
    add(chain, &plain_lose, &hundred);
    add(chain, &plain_gush, &six);
    run(chain, "abcdefg", 0, "");
    assert_int_equal(chain->budget.held, 7);
    run(chain, "", 100, "++++++");
}

static void only_the_last_look_books_the_wake_up(void **state)
{
    struct chain *chain = *state;

    add(chain, &plain_pass, NULL);
    add(chain, &plain_watch, &hundred);
    assert_true(run(chain, "", 0, "") == 100);
    assert_true(run(chain, "a", 50, "a") == NEVER);
}

static void boundaries_of_two_slicers_do_not_pile_up(void **state)
{
    struct chain *chain = *state;

    add(chain, &plain_slice, &twos);
    add(chain, &plain_slice, &twos);
    run(chain, "abc!", 0, "ab|c|!");
}

/* Counts how often it was opened and closed, in what `params` points to. */
struct log {
    int opened, closed;
};

struct logged {
    struct log *log;
    char *note;
};

static void logged_open(void *state, const void *params, struct arena *arena)
{
    struct logged *logged = state;

    logged->log = *(struct log *const *)params;
    logged->log->opened++;
    logged->note = arena_take(arena, 10);
}

static void logged_pump(void *state, const void *params, struct flow *flow)
{
    plain_pass.pump(state, params, flow);
}

static void logged_close(void *state)
{
    struct logged *logged = state;

    logged->log->closed++;
}

static void filters_are_opened_and_closed_once(void **state)
{
    static const struct filter_ops logging = { .name = "logging",
                                               .state_size = sizeof(struct logged),
                                               .open = logged_open,
                                               .pump = logged_pump,
                                               .close = logged_close };
    struct chain *chain = *state;
    struct log log = { 0, 0 };
    struct {
        struct log *log;
    } params = { &log };
    struct stage *stage;

    add(chain, &plain_pass, NULL);
    stage = pipeline_add(&chain->pipeline, &logging, &params, PART_HEAD, &chain->arena);
    assert_int_equal(log.opened, 1);
    run(chain, "abandoned", 0, "abandoned");
    flow_feed(pipeline_in(&chain->pipeline), "held", 0, PART_BODY, 1);
    stage->touched = 7;
    pipeline_close(&chain->pipeline);
    pipeline_close(&chain->pipeline);
    assert_int_equal(log.closed, 1);
    assert_int_equal(stage->touched, 7);
    assert_int_equal(chain->budget.held, 0);
    assert_true(pipeline_run(&chain->pipeline, 2) == NEVER);
}

static void a_pipeline_never_opened_can_be_closed(void **state)
{
    struct pipeline pipeline = { 0 };

    (void)state;
    pipeline_close(&pipeline);
    assert_true(pipeline_run(&pipeline, 0) == NEVER);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_chain, close_chain)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_filters_in_and_out_are_one),
        TEST(filters_work_in_the_order_added),
        TEST(delays_add_up),
        TEST(the_earliest_wake_up_counts),
        TEST(a_cut_throws_away_what_waits_before_it),
        TEST(what_is_thrown_away_is_room_at_once),
        TEST(only_the_last_look_books_the_wake_up),
        TEST(boundaries_of_two_slicers_do_not_pile_up),
        TEST(filters_are_opened_and_closed_once),
        cmocka_unit_test(a_pipeline_never_opened_can_be_closed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
