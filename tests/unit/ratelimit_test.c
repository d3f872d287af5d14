/* ratelimit_test: which requests a bucket lets pass, and what the others are told. */
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fault_bench.h"

static const struct fault_setting settings[] = {
    { "" },
    { "rate=1/h; burst=1000000" },
    { "rate=1000000/s" },
    { "rate=20/m; burst=5; for=all; status=503; retry-after=date; fields=both; template=s3" },
    { "punish=5s; punish-most=1m" },
    { "rate=0/s", "rate wants at least 1/h" },
    { "burst=0", "wants at least 1, got \"0\"" },
    { "status=302", "wants at least 400, got \"302\"" },
    { "for=some", "wants client or all, got \"some\"" },
    { "message=x", "message goes with a template; without one, take body" },
    { "reason=a\nb", "reason has a byte that no status line can have" },
};

static void parameters_are_checked_together(void **state)
{
    (void)state;
    fault_check_settings("ratelimit", settings, COUNT_OF(settings));
}

struct limit {
    const struct fault_kind *kind;
    void *params;
    struct counters *counters;
};

static void limit_open(struct limit *limit, const char *text)
{
    struct buffer complaint = { 0 };

    limit->kind = fault_find(text_from("ratelimit"));
    limit->params = calloc(1, limit->kind->params_size);
    limit->counters = counters_new(64);
    if (!fault_read(limit->kind, text, limit->params, &complaint))
        fail_msg("%s: %s", text, complaint.at);
    buffer_free(&complaint);
}

static void limit_close(struct limit *limit)
{
    counters_free(limit->counters);
    free(limit->params);
}

/* How long the client has to wait; 0: it passes. */
static usec ask(const struct limit *limit, uint64_t client, usec now)
{
    struct bite bite = { .counters = limit->counters, .key = 5, .client = client, .now = now };

    return limit->kind->bites(limit->params, &bite) ? (usec)bite.found : 0;
}

struct step {
    uint64_t client;
    usec now, wait;
};

struct story {
    const char *settings;
    struct step steps[8]; /* client 0 ends them */
};

static const struct story stories[] = {
    { "rate=10/s",
      { { 1, 0, 0 },
        { 1, 0, 100 * MSEC },
        { 1, 60 * MSEC, 40 * MSEC },
        { 2, 60 * MSEC, 0 },
        { 1, 100 * MSEC, 0 },
        { 1, 100 * MSEC, 100 * MSEC },
        { 1, SECOND, 0 } } },
    { "rate=10/s; burst=3",
      { { 1, 0, 0 },
        { 1, 0, 0 },
        { 1, 0, 0 },
        { 1, 0, 100 * MSEC },
        { 1, 100 * MSEC, 0 },
        { 1, 100 * MSEC, 100 * MSEC },
        { 2, 100 * MSEC, 0 } } },
    { "rate=10/s; for=all", { { 1, 0, 0 }, { 2, 0, 100 * MSEC }, { 3, 100 * MSEC, 0 } } },
    { "rate=3/s", { { 1, 0, 0 }, { 1, 0, 333334 }, { 1, 333334, 0 } } },
    { "rate=1/h", { { 1, 0, 0 }, { 1, 0, HOUR }, { 1, HOUR - 1, 1 }, { 1, HOUR, 0 } } },
    /* After a rest there is a burst, and no more. */
    { "rate=1/s; burst=2", { { 1, 0, 0 }, { 1, HOUR, 0 }, { 1, HOUR, 0 }, { 1, HOUR, SECOND } } },
    /* The first refusal is nobody's fault, the second one is early. */
    { "rate=1/s; punish=5s; punish-most=12s",
      { { 1, 0, 0 },
        { 1, 0, SECOND },
        { 1, 0, 6 * SECOND },
        { 1, SECOND, 10 * SECOND },
        { 1, SECOND, 12 * SECOND },
        { 1, SECOND, 12 * SECOND },
        { 1, 13 * SECOND, 0 } } },
    /* It was told 6 s, and comes after that: no punishment. */
    { "rate=1/s; punish=5s; for=all",
      { { 1, 0, 0 },
        { 1, 0, SECOND },
        { 1, 0, 6 * SECOND },
        { 2, 5 * SECOND, SECOND },
        { 1, 6 * SECOND, 0 },
        { 1, 6 * SECOND, SECOND } } },
    /* A clock that lags behind the run's start is at the start. */
    { "rate=1000000/s", { { 1, -50, 0 }, { 1, 0, 1 }, { 1, 1, 0 } } },
    /* What would be longer than the bound without it, stays so. */
    { "rate=1/m; punish=5s; punish-most=10s", { { 1, 0, 0 }, { 1, 0, MINUTE }, { 1, 0, MINUTE } } },
};

static void tell(const struct story *story)
{
    struct limit limit;

    limit_open(&limit, story->settings);
    for (size_t i = 0; i < COUNT_OF(story->steps) && story->steps[i].client; i++) {
        const struct step *step = &story->steps[i];
        usec wait = ask(&limit, step->client, step->now);

        if (wait != step->wait)
            fail_msg("%s, step %zu: wanted %lld us, got %lld", story->settings, i,
                     (long long)step->wait, (long long)wait);
    }
    limit_close(&limit);
}

static void buckets_fill_and_empty(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(stories); i++)
        tell(&stories[i]);
}

struct crowd {
    struct limit limit;
    _Atomic unsigned passed;
};

static void *press(void *user)
{
    struct crowd *crowd = user;

    for (int i = 0; i < 2000; i++)
        if (ask(&crowd->limit, 1, 0) == 0)
            atomic_fetch_add(&crowd->passed, 1);
    return NULL;
}

static void threads_share_a_bucket(void **state)
{
    struct crowd crowd = { .passed = 0 };
    pthread_t threads[4];

    (void)state;
    limit_open(&crowd.limit, "rate=1/s; burst=1000");
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, press, &crowd), 0);
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(crowd.passed, 1000);
    limit_close(&crowd.limit);
}

struct answer_case {
    const char *settings;
    usec wait;
    unsigned status;
    usec retry_after;
    const char *fields; /* `name: value` each with a line feed */
};

static const struct answer_case answers[] = {
    { "rate=10/s", 1, 429, SECOND,
      "RateLimit-Policy: \"default\";q=10;w=1\nRateLimit: \"default\";r=0;t=1\n" },
    { "rate=10/s; burst=20", 1500 * MSEC, 429, 2 * SECOND,
      "RateLimit-Policy: \"default\";q=20;w=2\nRateLimit: \"default\";r=0;t=2\n" },
    { "rate=20/m; fields=x", 3 * SECOND, 429, 3 * SECOND,
      "X-RateLimit-Limit: 1\nX-RateLimit-Remaining: 0\nX-RateLimit-Reset: 3\n" },
    { "rate=1/h; fields=both", HOUR, 429, HOUR,
      "RateLimit-Policy: \"default\";q=1;w=3600\nRateLimit: \"default\";r=0;t=3600\n"
      "X-RateLimit-Limit: 1\nX-RateLimit-Remaining: 0\nX-RateLimit-Reset: 3600\n" },
    { "rate=10/s; fields=none; retry-after=none; status=503", 1, 503, 0, "" },
    { "rate=10/s; fields=none; template=azure", 1, 429, SECOND,
      "x-ms-request-id: 3c2f8481-b45e-45b1-bb79-c64e4427fa98\nx-ms-error-code: TooManyRequests\n" },
};

static void check_answer(const struct answer_case *row)
{
    struct fault_bench *bench = fault_bench_new();
    const struct made_answer *answer = &bench->asked.answer;
    struct buffer fields = { 0 };
    struct hit *hit = fault_bench_hit(bench, "ratelimit", row->settings);

    /* Again, with what `bites` would have found. */
    bench->asked.answer = (struct made_answer){ 0 };
    hit->found = (uint64_t)row->wait;
    hit->kind->at_request(hit->params, &bench->asked);
    assert_int_equal(answer->status, row->status);
    assert_int_equal(answer->retry_after, row->retry_after);
    for (size_t i = 0; i < answer->fields.count; i++) {
        buffer_add_text(&fields, answer->fields.items[i].name);
        buffer_add_string(&fields, ": ");
        buffer_add_text(&fields, answer->fields.items[i].value);
        buffer_add_byte(&fields, '\n');
    }
    assert_string_equal(fields.at ? fields.at : "", row->fields);
    buffer_free(&fields);
    fault_bench_free(bench);
}

static void clients_are_told_when(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(answers); i++)
        check_answer(&answers[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_checked_together),
        cmocka_unit_test(buckets_fill_and_empty),
        cmocka_unit_test(threads_share_a_bucket),
        cmocka_unit_test(clients_are_told_when),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
