/* What clients on the wire brought to light: false alarms of checks, and what they let pass. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "verdict/check.h"

#define ALPHA 0.0003

enum { LIMITS_ROOM = 256 };

struct stage {
    const struct check *check;
    union {
        char room[LIMITS_ROOM];
        double align;
    } limits;
    void *state;
};

static struct stage stage_of(const char *name)
{
    struct stage stage = { .check = check_find(text_from(name)) };

    assert_non_null(stage.check);
    stage.state = memory_take(stage.check->state_size);
    check_limits(stage.check, PROFILE_DEFAULT, &stage.limits);
    return stage;
}

static const char *end_of(struct stage *stage, const struct history *history)
{
    const struct judging judging = { .history = history,
                                     .limits = &stage->limits,
                                     .scope = { HISTORY_NONE, HISTORY_NONE, { 0 } },
                                     .alpha = ALPHA };
    struct arena arena = { 0 };
    struct finding finding = { .check = stage->check, .arena = &arena };

    stage->check->judge(stage->state, &judging, &finding);
    if (stage->check->clear)
        stage->check->clear(stage->state);
    free(stage->state);
    arena_clear(&arena);
    return outcome_name(finding.outcome);
}

static const char *end(struct stage *stage)
{
    return end_of(stage, NULL);
}

static void take(struct stage *stage, const struct attempt *attempt, const struct step *before)
{
    struct step steps[2] = { { 0 } };
    struct operation operation = { .attempts = attempt->index + 1,
                                   .steps = steps,
                                   .step_count = attempt->index + 1,
                                   .in_trouble = true };

    steps[0] = before ? *before : (struct step){ .exchange = attempt->exchange };
    stage->check->attempt(stage->state, &stage->limits, attempt, &operation);
}

static struct attempt answer(usec began, usec lasted, unsigned status)
{
    return (struct attempt){ .exchange = (uint64_t)began + 1,
                             .began = began,
                             .ended = began + lasted,
                             .status = (uint16_t)status,
                             .ok = status == 200,
                             .failed = status == 0 || status >= 500,
                             .touched = status >= 500 ? TOUCH_ANSWER : 0,
                             .end = status ? ATTEMPT_ANSWERED : ATTEMPT_LEFT,
                             .method = text_from("GET"),
                             .path = text_from("/cars"),
                             .print = 1,
                             .retry_after = NEVER,
                             .gap = NEVER };
}

/* Many requests at once: each failure ends while others have just begun. */
static void a_token_between_two_failures_comes_after_the_first(void **state)
{
    struct stage stage = stage_of("token-storm");

    (void)state;
    for (usec at = 0; at < 60 * SECOND; at += 100 * MSEC) {
        struct attempt calm = answer(at, MSEC, 200);

        take(&stage, &calm, NULL);
    }
    for (usec at = 60 * SECOND; at < 90 * SECOND; at += 100 * MSEC) {
        struct attempt failure = answer(at, 300 * MSEC, 503), token = answer(at, 350 * MSEC, 200);

        token.method_class = METHOD_UNSAFE;
        token.path = text_from("/oauth2/token");
        take(&stage, &failure, NULL);
        take(&stage, &token, NULL);
    }
    assert_string_equal(end(&stage), "fail");
}

/* A reset that comes before the body leaves nothing to compare. */
static void a_key_is_no_other_for_a_body_that_did_not_come(void **state)
{
    struct stage stage = stage_of("key-stability");

    (void)state;
    for (usec at = 0; at < 10 * SECOND; at += SECOND) {
        struct attempt first = answer(at, MSEC, 0), again = answer(at + 500 * MSEC, MSEC, 200);
        struct step before = { .failed = true };

        first.print = 0;
        first.key = again.key = before.key = (uint64_t)at + 5;
        again.index = 1;
        take(&stage, &first, NULL);
        take(&stage, &again, &before);
    }
    assert_string_equal(end(&stage), "pass");
}

enum { TAG = 9 };

static void cut_and_ask(struct stage *stage, usec at, const char *path, uint64_t knew)
{
    struct attempt cut = answer(at, MSEC, 200), asks = answer(at + SECOND, MSEC, 200);

    cut.ok = false;
    cut.failed = true;
    cut.end = ATTEMPT_BROKEN;
    cut.touched = TOUCH_CUT;
    cut.bytes_down = 100;
    cut.tag = TAG;
    cut.known_tag = knew;
    asks.known_tag = TAG;
    asks.path = text_from(path);
    take(stage, &cut, NULL);
    take(stage, &asks, NULL);
}

static void only_who_never_had_the_whole_took_a_part_for_it(void **state)
{
    struct attempt whole = answer(0, MSEC, 200);
    struct stage stage = stage_of("truncated");

    (void)state;
    cut_and_ask(&stage, SECOND, "/cars", 0);
    assert_string_equal(end(&stage), "fail");

    stage = stage_of("truncated"); /* tags are each path's own */
    cut_and_ask(&stage, SECOND, "/keys", 0);
    assert_string_equal(end(&stage), "inconclusive");

    stage = stage_of("truncated"); /* it had it before, and asked whether that still holds */
    cut_and_ask(&stage, SECOND, "/cars", TAG);
    assert_string_equal(end(&stage), "inconclusive");

    stage = stage_of("truncated"); /* it had it before, by another request */
    whole.tag = TAG;
    take(&stage, &whole, NULL);
    cut_and_ask(&stage, SECOND, "/cars", 0);
    assert_string_equal(end(&stage), "inconclusive");
}

/* Given up after a second, where so many of 2,000 answers take ten. */
static const char *judge_patience(unsigned slow)
{
    struct stage stage = stage_of("eager-timeouts");

    for (unsigned i = 0; i < 2000; i++) {
        struct attempt calm = answer(i * SECOND, i < slow ? 10 * SECOND : 10 * MSEC, 200);

        take(&stage, &calm, NULL);
    }
    for (unsigned i = 0; i < 300; i++) {
        struct attempt hung = answer(i * SECOND, SECOND, 0);

        hung.touched = TOUCH_HANG;
        take(&stage, &hung, NULL);
    }
    return end(&stage);
}

static void a_few_slow_answers_do_not_make_a_client_eager(void **state)
{
    (void)state;
    assert_string_equal(judge_patience(0), "pass");
    assert_string_equal(judge_patience(5), "pass");
    assert_string_equal(judge_patience(100), "fail");
}

/* 20 clients that fail at any time retry 800 times, at multiples of half a second or not. */
static const char *judge_steps(bool in_step)
{
    struct stage stage = stage_of("synchrony");
    const struct step before = { .touched = TOUCH_ANSWER };

    for (unsigned i = 0; i < 800; i++) {
        usec failed = (usec)i * 12 * MSEC + (usec)(i * 7919 % 500) * MSEC;
        usec due = failed + 300 * MSEC;
        struct attempt first = answer(failed, MSEC, 503), again;

        if (in_step)
            due = (due + 500 * MSEC) / (500 * MSEC) * (500 * MSEC);
        again = answer(due, MSEC, 503);
        first.client = again.client = i % 20;
        again.index = 1;
        again.gap = due - failed - MSEC;
        take(&stage, &first, NULL);
        take(&stage, &again, &before);
    }
    return end(&stage);
}

static void some_hundred_retries_are_enough_to_see_a_step(void **state)
{
    (void)state;
    assert_string_equal(judge_steps(true), "fail");
    assert_string_equal(judge_steps(false), "pass");
}

/* Of 200 operations of three attempts each, ten look as if they had six. */
static const char *judge_attempts(enum operation_tie tie)
{
    struct stage stage = stage_of("attempts");

    for (unsigned i = 0; i < 200; i++) {
        struct step step = { .failed = true };
        struct operation operation = { .attempts = i < 10 ? 6 : 3,
                                       .tie = tie,
                                       .close = CLOSE_GAVE_UP,
                                       .steps = &step,
                                       .step_count = 1 };

        stage.check->operation(stage.state, &stage.limits, &operation);
    }
    return end(&stage);
}

static void what_likeness_ties_may_be_two_operations(void **state)
{
    (void)state;
    assert_string_equal(judge_attempts(TIE_PRINT), "pass");
    assert_string_equal(judge_attempts(TIE_MARK), "fail");
}

/* Of 400 retried operations 19 come to a third retry, after 10 minutes. */
static const char *judge_ceiling(enum operation_tie tie)
{
    struct stage stage = stage_of("backoff-ceiling");

    for (unsigned i = 0; i < 400; i++) {
        struct step steps[4];
        struct operation operation = { .attempts = i < 19 ? 4 : 3, .tie = tie, .steps = steps };

        operation.step_count = operation.attempts;
        for (unsigned j = 0; j < 4; j++) {
            steps[j] = (struct step){ .began = j * SECOND, .failed = true, .retry_after = NEVER };
            steps[j].began += j == 3 ? 10 * MINUTE : 0;
            steps[j].ended = steps[j].began + MSEC;
        }
        stage.check->operation(stage.state, &stage.limits, &operation);
    }
    return end(&stage);
}

static void a_retry_that_hardly_any_operation_has_is_a_mistake(void **state)
{
    (void)state;
    assert_string_equal(judge_ceiling(TIE_PRINT), "pass");
    assert_string_equal(judge_ceiling(TIE_MARK), "fail");
}

static void ask(struct history *history, const char *service, usec at, bool fails)
{
    static uint64_t exchange;
    struct event_fault fault = { .exchange = ++exchange,
                                 .kind = text_from("error"),
                                 .exercised = true };
    struct event_request event = { .exchange = exchange,
                                   .client = text_from("one"),
                                   .service = text_from(service),
                                   .phase = text_from(fails ? "bad" : "calm"),
                                   .method = text_from("GET"),
                                   .status = fails ? 503 : 200,
                                   .outcome = text_from("answered"),
                                   .client_ended = NEVER,
                                   .retry_after = NEVER,
                                   .measured = NEVER };

    if (fails)
        history_take(history, EVENT_fault, &fault, at);
    history_take(history, EVENT_request, &event, at);
}

/* From 60 s to 120 s all requests to a service fail, and each is followed by so many others. */
static const char *judge_load(const char *other, unsigned others)
{
    const struct history_terms terms = { 0 };
    const struct history_watcher watcher = { 0 };
    struct history *history = history_new(&terms, &watcher);
    struct stage stage = stage_of("load-factor");
    const char *outcome;

    for (usec at = 0; at < 2 * MINUTE; at += 200 * MSEC) {
        ask(history, "api", at, at >= MINUTE);
        for (unsigned i = 0; i < others && at >= MINUTE; i++)
            ask(history, other, at, strcmp(other, "api") == 0);
    }
    history_end(history);
    outcome = end_of(&stage, history);
    history_free(history);
    return outcome;
}

static void who_turns_to_another_service_adds_no_load_to_the_one_that_fails(void **state)
{
    (void)state;
    assert_string_equal(judge_load("copy", 4), "pass");
    assert_string_equal(judge_load("api", 4), "fail");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_between_two_failures_comes_after_the_first),
        cmocka_unit_test(a_key_is_no_other_for_a_body_that_did_not_come),
        cmocka_unit_test(only_who_never_had_the_whole_took_a_part_for_it),
        cmocka_unit_test(a_few_slow_answers_do_not_make_a_client_eager),
        cmocka_unit_test(some_hundred_retries_are_enough_to_see_a_step),
        cmocka_unit_test(what_likeness_ties_may_be_two_operations),
        cmocka_unit_test(a_retry_that_hardly_any_operation_has_is_a_mistake),
        cmocka_unit_test(who_turns_to_another_service_adds_no_load_to_the_one_that_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
