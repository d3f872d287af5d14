/* pipeline_test: what filters may do to a stream, alone and in a chain. */
#include "stream/pipeline.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flow_table.h"

/* Filters of the plainest kind, one for each thing that a filter can do. */
struct plan {
    usec delay;
    size_t length;
    enum chunk_kind end;
};

static void pass_pump(void *state, const void *params, struct flow *flow)
{
    (void)state;
    (void)params;
    while (flow_can_move(flow))
        (void)flow_pass(flow);
}

static void late_pump(void *state, const void *params, struct flow *flow)
{
    const struct plan *plan = params;

    (void)state;
    while (flow_can_move(flow)) {
        if (flow_must_wait(flow, usec_after(flow_front(flow)->arrived, plan->delay)))
            return;
        (void)flow_pass(flow);
    }
}

static void cut_pump(void *state, const void *params, struct flow *flow)
{
    const struct plan *plan = params;
    size_t *passed = state;

    while (flow_can_move(flow)) {
        *passed += flow_pass_up_to(flow, plan->length - *passed);
        if (*passed == plan->length)
            flow_end(flow, plan->end);
    }
}

static void slice_pump(void *state, const void *params, struct flow *flow)
{
    const struct plan *plan = params;

    (void)state;
    while (flow_can_move(flow))
        if (flow_pass_up_to(flow, plan->length) > 0)
            flow_boundary(flow);
}

/* Puts "<>" where each chunk was. */
static void replace_pump(void *state, const void *params, struct flow *flow)
{
    (void)state;
    (void)params;
    while (flow_can_move(flow)) {
        if (chunk_is_final(flow_front(flow))) {
            (void)flow_pass(flow);
            continue;
        }
        (void)flow_discard(flow);
        flow_emit(flow, "<>", 2, PART_BODY);
    }
}

static void upper_pump(void *state, const void *params, struct flow *flow)
{
    (void)state;
    (void)params;
    while (flow_can_move(flow)) {
        struct chunk *front = flow_front(flow);

        if (front->kind == CHUNK_BYTES)
            queue_own_front(flow->in);
        for (size_t i = 0; i < front->length; i++)
            front->start[i] = (unsigned char)toupper(front->start[i]);
        flow->touched += flow_pass(flow);
    }
}

/* Puts bytes before the end for as long as there is room, up to a length. */
static void pad_pump(void *state, const void *params, struct flow *flow)
{
    const struct plan *plan = params;
    size_t *made = state;

    while (flow_can_move(flow)) {
        if (!chunk_is_final(flow_front(flow))) {
            (void)flow_pass(flow);
            continue;
        }
        for (; *made < plan->length; ++*made) {
            if (flow_room(flow) == 0)
                return;
            flow_emit(flow, "+", 1, PART_BODY);
        }
        (void)flow_pass(flow);
    }
}

static const struct filter_ops pass = { .name = "pass", .pump = pass_pump };
static const struct filter_ops late = { .name = "late", .pump = late_pump };
static const struct filter_ops cut = { .name = "cut",
                                       .state_size = sizeof(size_t),
                                       .pump = cut_pump };
static const struct filter_ops slice = { .name = "slice", .pump = slice_pump };
static const struct filter_ops replace = { .name = "replace", .pump = replace_pump };
static const struct filter_ops upper = { .name = "upper", .pump = upper_pump };
static const struct filter_ops pad = { .name = "pad",
                                       .state_size = sizeof(size_t),
                                       .pump = pad_pump };

static const struct plan hundred = { .delay = 100 };
static const struct plan forever = { .delay = NEVER };
static const struct plan reset_at_3 = { .length = 3, .end = CHUNK_RESET };
static const struct plan close_at_0 = { .length = 0, .end = CHUNK_CUT };
static const struct plan twos = { .length = 2 };
static const struct plan six = { .length = 6 };

static const struct flow_case cases[] = {
    { "what passes at once counts for nothing", &pass, NULL, .untouched = true,
      .rows = FLOW_ROWS({ 0, "ab", "ab", NEVER }, { 5, "|c!", "|c!" }) },
    { "each chunk waits for its own delay", &late, &hundred, .touched = 7,
      .rows = FLOW_ROWS({ 0, "one", "", 100 }, { 40, "two", "", 100 }, { 99, NULL, "", 100 },
                        { 100, NULL, "one", 140 }, { 139, "!", "", 140 }, { 140, NULL, "two", 239 },
                        { 240, NULL, "!", NEVER }) },
    { "chunks held back count once, however often one looks", &late, &hundred, .touched = 3,
      .rows = FLOW_ROWS({ 0, "abc", "" }, { 1, NULL, "" }, { 2, NULL, "" }, { 500, NULL, "abc" }) },
    { "waiting for good needs no wake-up and counts at once", &late, &forever, .touched = 4,
      .rows = FLOW_ROWS({ 0, "abc!", "", NEVER }, { 9 * HOUR, NULL, "", NEVER }) },
    { "a boundary passes a filter with what it follows", &late, &hundred,
      .rows = FLOW_ROWS({ 0, "a|b", "" }, { 100, NULL, "a|b" }) },
    { "other parts go by", &late, &hundred, .untouched = true,
      .rows =
          FLOW_ROWS({ 0, "head", "head", NEVER, PART_HEAD }, { 0, "+", "+", NEVER, PART_TUNNEL }) },
    { "but not past what waits", &late, &hundred,
      .rows = FLOW_ROWS({ 0, "body", "" }, { 1, "trailer", "", 100, PART_TRAILER },
                        { 100, NULL, "bodytrailer", NEVER }) },
    { "several parts can be treated", &late, &hundred, .parts = PART_HEAD | PART_BODY,
      .rows = FLOW_ROWS({ 0, "h", "", 100, PART_HEAD }, { 0, "b", "" }, { 100, NULL, "hb" }) },
    { "the end is treated in any part", &late, &hundred, .parts = PART_HEAD, .touched = 1,
      .rows = FLOW_ROWS({ 0, "body!", "body", 100 }, { 100, NULL, "!" }) },
    { "a cut falls at its byte and not at the next one", &cut, &reset_at_3, .touched = 1,
      .rows = FLOW_ROWS({ 0, "ab", "ab" }, { 1, "c", "c#", NEVER }, { 2, "d!", "", NEVER }) },
    { "a cut falls there in chunks of one byte, too", &cut, &reset_at_3, .piece = 1,
      .rows = FLOW_ROWS({ 0, "abcdef!", "abc#" }) },
    { "a cut inside a chunk throws the rest away", &cut, &reset_at_3, .touched = 1,
      .rows = FLOW_ROWS({ 0, "abcdef", "abc#" }, { 0, "ghi!", "" }) },
    { "a stream that ends before the cut is left alone", &cut, &reset_at_3, .untouched = true,
      .rows = FLOW_ROWS({ 0, "ab!", "ab!" }, { 1, "late", "" }) },
    { "a cut may fall before the first byte", &cut, &close_at_0, .touched = 1,
      .rows = FLOW_ROWS({ 0, "ab!", "~" }) },
    { "an end is passed on as it came: cut", &pass, NULL, .rows = FLOW_ROWS({ 0, "a~", "a~" }) },
    { "an end is passed on as it came: reset", &pass, NULL, .rows = FLOW_ROWS({ 0, "a#", "a#" }) },
    { "slices are of their length", &slice, &twos, .touched = 3,
      .rows = FLOW_ROWS({ 0, "abcde!", "ab|cd|e|!" }) },
    { "slices end with the chunk", &slice, &twos,
      .rows = FLOW_ROWS({ 0, "ab", "ab|" }, { 1, "c!", "c|!" }) },
    { "slices of one chunk without a boundary are one again", &cut, &six, .splits = true,
      .rows = FLOW_ROWS({ 0, "abcde!", "abcde!" }) },
    { "chunks are told apart where asked", &pass, NULL, .splits = true, .piece = 2,
      .rows = FLOW_ROWS({ 0, "abcde!", "ab|cd|e!" }) },
    { "bytes thrown away and bytes made both count", &replace, NULL, .touched = 8,
      .rows =
          FLOW_ROWS({ 0, "abc", "<>" }, { 0, NULL, "" }, { 1, "\\!!", "<>!" }, { 2, "x", "" }) },
    { "bytes edited in place count as the filter says", &upper, NULL, .touched = 3,
      .rows = FLOW_ROWS({ 0, "abc!", "ABC!" }) },
    { "bytes are made as room allows", &pad, &six, .limit = 4, .touched = 6,
      .rows = FLOW_ROWS({ 0, "ab!", "ab++" }, { 1, NULL, "++++!", NEVER }) },
};

static void filters_do_as_their_tables_say(void **state)
{
    (void)state;
    flow_check_all(cases, COUNT_OF(cases));
}

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
    add(chain, &pass, NULL);
    assert_false(pipeline_is_bare(&chain->pipeline));
    assert_ptr_not_equal(pipeline_in(&chain->pipeline), &chain->pipeline.out);
}

static void filters_work_in_the_order_added(void **state)
{
    struct chain *chain = *state;

    add(chain, &replace, NULL);
    add(chain, &pad, &twos);
    add(chain, &slice, &twos);
    run(chain, "abc!", 0, "<>|++|!");
}

static void delays_add_up(void **state)
{
    struct chain *chain = *state;
    struct stage *first = add(chain, &late, &hundred), *second = add(chain, &late, &hundred);

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

    add(chain, &late, &hundred);
    add(chain, &late, &thousand);
    assert_true(run(chain, "a", 0, "") == 100);
    assert_true(run(chain, "", 100, "") == 1100);
    assert_true(run(chain, "b", 1050, "") == 1100);
    assert_true(run(chain, "", 1100, "a") == 1150);
}

static void a_cut_throws_away_what_waits_before_it(void **state)
{
    struct chain *chain = *state;

    add(chain, &late, &hundred);
    add(chain, &cut, &reset_at_3);
    run(chain, "abcd", 0, "");
    run(chain, "efgh", 50, "");
    run(chain, "", 100, "abc#");
    assert_int_equal(chain->budget.held, 0);
    assert_true(run(chain, "more!", 120, "") == NEVER);
    assert_int_equal(chain->budget.held, 0);
}

/* The stage in front throws away only after the one behind it has found no room. */
static void what_is_thrown_away_is_room_at_once(void **state)
{
    struct chain *chain = *state;

    chain->budget.limit = 7;
    add(chain, &cut, &close_at_0);
    add(chain, &pad, &six);
    run(chain, "abcdefg", 0, "++++++~");
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
                                               .pump = late_pump,
                                               .close = logged_close };
    struct chain *chain = *state;
    struct log log = { 0, 0 };
    struct {
        struct log *log;
    } params = { &log };
    struct stage *stage;

    add(chain, &pass, NULL);
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
        cmocka_unit_test(filters_do_as_their_tables_say),
        TEST(without_filters_in_and_out_are_one),
        TEST(filters_work_in_the_order_added),
        TEST(delays_add_up),
        TEST(the_earliest_wake_up_counts),
        TEST(a_cut_throws_away_what_waits_before_it),
        TEST(what_is_thrown_away_is_room_at_once),
        TEST(filters_are_opened_and_closed_once),
        cmocka_unit_test(a_pipeline_never_opened_can_be_closed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
