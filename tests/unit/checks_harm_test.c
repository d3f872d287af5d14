/* The checks of log-outs, tokens, uploads, certificates and truncated answers, told attempt by
 * attempt. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire_bench.h"

enum { LIMITS_ROOM = 256 };

struct stage {
    const struct check *check;
    union {
        char room[LIMITS_ROOM];
        double align;
    } limits;
    union {
        char room[4096];
        double align;
    } state;
    usec now;
    uint64_t exchange;
};

static void set(struct stage *stage, const char *name)
{
    *stage = (struct stage){ .check = check_find(text_from(name)) };
    assert_non_null(stage->check);
    assert_true(stage->check->state_size <= sizeof stage->state);
    check_limits(stage->check, PROFILE_DEFAULT, &stage->limits);
}

/* A single attempt, one second after the one before. */
static void act(struct stage *stage, const char *method, const char *path, unsigned status,
                uint64_t bytes)
{
    struct step step = { .exchange = ++stage->exchange };
    struct attempt attempt = {
        .exchange = stage->exchange,
        .began = stage->now += SECOND,
        .ended = stage->now + 10 * MSEC,
        .status = (uint16_t)status,
        .ok = status < 400,
        .failed = status >= 500,
        .touched = status >= 500 ? TOUCH_ANSWER : 0,
        .method_class = strcmp(method, "GET") == 0 ? METHOD_SAFE : METHOD_UNSAFE,
        .method = text_from(method),
        .path = text_from(path),
        .bytes_up = bytes,
        .retry_after = NEVER,
        .gap = NEVER,
    };
    struct operation operation = { .attempts = 1,
                                   .steps = &step,
                                   .step_count = 1,
                                   .in_trouble = stage->now > MINUTE,
                                   .bytes_first = bytes };

    stage->check->attempt(&stage->state, &stage->limits, &attempt, &operation);
}

static const char *end(struct stage *stage)
{
    const struct judging judging = { .limits = &stage->limits, .alpha = 0.0003 };
    struct arena arena = { 0 };
    struct finding finding = { .check = stage->check, .arena = &arena };

    stage->check->judge(&stage->state, &judging, &finding);
    if (stage->check->clear)
        stage->check->clear(&stage->state);
    arena_clear(&arena);
    return outcome_name(finding.outcome);
}

static void a_failure_ends_no_session(void **state)
{
    struct stage stage;

    (void)state;
    set(&stage, "logout");
    for (int i = 0; i < 30; i++)
        act(&stage, "GET", "/api/cars", 503, 0);
    act(&stage, "GET", "/api/cars", 200, 0);
    assert_string_equal(end(&stage), "pass");

    set(&stage, "logout");
    for (int i = 0; i < 30; i++)
        act(&stage, "GET", "/api/cars", 503, 0);
    act(&stage, "POST", "/oauth2/v3/logout", 200, 0);
    assert_string_equal(end(&stage), "fail");

    set(&stage, "logout"); /* a 401 is a reason */
    for (int i = 0; i < 30; i++)
        act(&stage, "GET", "/api/cars", 503, 0);
    act(&stage, "GET", "/api/cars", 401, 0);
    act(&stage, "POST", "/oauth2/v3/logout", 200, 0);
    assert_string_equal(end(&stage), "pass");

    set(&stage, "logout"); /* long after */
    for (int i = 0; i < 30; i++)
        act(&stage, "GET", "/api/cars", 503, 0);
    stage.now += MINUTE;
    act(&stage, "POST", "/logout", 200, 0);
    assert_string_equal(end(&stage), "pass");

    set(&stage, "logout"); /* it does so all the time */
    for (int i = 0; i < 60; i++)
        act(&stage, i % 3 ? "GET" : "POST", i % 3 ? "/api/cars" : "/logout", 200, 0);
    for (int i = 0; i < 30; i++)
        act(&stage, i % 3 ? "GET" : "POST", i % 3 ? "/api/cars" : "/logout", 503, 0);
    assert_string_equal(end(&stage), "inconclusive");

    set(&stage, "logout");
    act(&stage, "POST", "/logout", 200, 0);
    assert_string_equal(end(&stage), "inconclusive");
}

static void a_failure_is_no_reason_for_tokens(void **state)
{
    struct stage stage;

    (void)state;
    set(&stage, "token-storm");
    for (int i = 0; i < 100; i++)
        act(&stage, "GET", "/api/cars", 200, 0);
    for (int i = 0; i < 50; i++) {
        act(&stage, "GET", "/api/cars", 500, 0);
        act(&stage, "POST", "/oauth2/token", 200, 60);
    }
    assert_string_equal(end(&stage), "fail");

    set(&stage, "token-storm");
    for (int i = 0; i < 300; i++)
        act(&stage, i % 10 ? "GET" : "POST", i % 10 ? "/api/cars" : "/oauth2/token", 200, 0);
    for (int i = 0; i < 300; i++)
        act(&stage, i % 10 ? "GET" : "POST", i % 10 ? "/api/cars" : "/oauth2/token", 500, 0);
    assert_string_equal(end(&stage), "inconclusive");

    set(&stage, "token-storm");
    for (int i = 0; i < 100; i++)
        act(&stage, "GET", "/api/cars", i < 50 ? 200 : 500, 0);
    assert_string_equal(end(&stage), "pass");
}

static void uploads_stay_as_they_are(void **state)
{
    struct stage stage;

    (void)state;
    for (int factor = 1; factor <= 4; factor += 3) {
        set(&stage, "upload-growth");
        for (int i = 0; i < 59; i++)
            act(&stage, "POST", "/telemetry", 200, 1000 + (uint64_t)i);
        act(&stage, "GET", "/telemetry", 500, 0);
        for (int i = 0; i < 60; i++)
            act(&stage, "POST", "/telemetry", 500, (uint64_t)factor * (1000 + (uint64_t)i));
        assert_string_equal(end(&stage), factor == 1 ? "pass" : "fail");
    }
    set(&stage, "upload-growth");
    for (int i = 0; i < 100; i++)
        act(&stage, "GET", "/", 500, 0);
    assert_string_equal(end(&stage), "inconclusive");
}

static void link_with(struct stage *stage, bool deceived, uint64_t sent)
{
    const struct link link = {
        .connection = ++stage->exchange, .tls = true, .deceived = deceived, .sent_exchange = sent
    };

    stage->check->connection(&stage->state, &stage->limits, &link);
}

static void nothing_is_sent_to_strangers(void **state)
{
    struct stage stage;

    (void)state;
    set(&stage, "bad-certificate");
    link_with(&stage, false, 0);
    assert_string_equal(end(&stage), "inconclusive");
    set(&stage, "bad-certificate");
    for (int i = 0; i < 5; i++)
        link_with(&stage, true, 0);
    assert_string_equal(end(&stage), "pass");
    set(&stage, "bad-certificate");
    link_with(&stage, true, 7);
    assert_string_equal(end(&stage), "fail");
}

/* An answer with an ETag, whole or cut; then a request that names it or not. */
static void answer(struct stage *stage, bool cut, uint64_t tag, uint64_t known, unsigned index,
                   bool after_cut)
{
    struct step steps[2] = { { .touched = after_cut ? TOUCH_CUT : 0 }, { 0 } };
    struct attempt attempt = {
        .exchange = ++stage->exchange,
        .began = stage->now += SECOND,
        .ended = stage->now,
        .status = 200,
        .end = cut ? ATTEMPT_BROKEN : ATTEMPT_ANSWERED,
        .ok = !cut,
        .failed = cut,
        .touched = cut ? TOUCH_CUT : 0,
        .tag = tag,
        .known_tag = known,
        .bytes_down = 100,
        .index = index,
        .method = text_from("GET"),
        .path = text_from("/map"),
    };
    struct operation operation = { .attempts = index + 1, .steps = steps, .step_count = index + 1 };

    stage->check->attempt(&stage->state, &stage->limits, &attempt, &operation);
}

static void half_an_answer_is_none(void **state)
{
    struct stage stage;

    (void)state;
    set(&stage, "truncated");
    answer(&stage, true, 5, 0, 0, false);
    answer(&stage, false, 0, 5, 0, false); /* If-None-Match with its tag */
    assert_string_equal(end(&stage), "fail");

    set(&stage, "truncated");
    answer(&stage, true, 5, 0, 0, false);
    answer(&stage, false, 5, 0, 0, false); /* the whole of it came */
    answer(&stage, false, 0, 5, 0, false);
    assert_string_equal(end(&stage), "inconclusive");

    set(&stage, "truncated");
    for (int i = 0; i < 5; i++) {
        answer(&stage, true, 5, 0, 0, false);
        answer(&stage, false, 5, 0, 1, true);
    }
    assert_string_equal(end(&stage), "pass");

    set(&stage, "truncated");
    answer(&stage, false, 5, 0, 0, false);
    assert_string_equal(end(&stage), "inconclusive");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_ends_no_session),
        cmocka_unit_test(a_failure_is_no_reason_for_tokens),
        cmocka_unit_test(uploads_stay_as_they_are),
        cmocka_unit_test(nothing_is_sent_to_strangers),
        cmocka_unit_test(half_an_answer_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
