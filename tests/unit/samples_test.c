/* samples: what is kept, how much of it, and that the stream alone says which. */
#include "verdict/samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static struct operation operation_of(struct step *steps, uint32_t attempts, uint64_t first)
{
    uint32_t count = attempts < OPERATION_STEPS ? attempts : OPERATION_STEPS;

    for (uint32_t i = 0; i < count; i++)
        steps[i] = (struct step){ .exchange = first + i, .began = (usec)(first + i) * SECOND };
    return (struct operation){ .attempts = attempts,
                               .began = (usec)first * SECOND,
                               .steps = steps,
                               .step_count = count,
                               .method = TEXT("GET"),
                               .host = TEXT("h"),
                               .path = TEXT("/a") };
}

static void feed(struct sample_set *samples, uint64_t count)
{
    struct step steps[OPERATION_STEPS];

    for (uint64_t i = 0; i < count; i++) {
        struct operation operation = operation_of(steps, 1 + (uint32_t)(i % 40), 100 * i);
        struct attempt attempt = { .exchange = i,
                                   .began = (usec)(count - i),
                                   .ended = (usec)(count - i) + 7,
                                   .index = (uint32_t)(i % 12),
                                   .gap = i % 12 ? (usec)i : NEVER,
                                   .method = TEXT("GET"),
                                   .path = TEXT("/a") };

        samples_operation(samples, &operation);
        samples_attempt(samples, &attempt);
    }
}

static void few_are_all_kept(void **state)
{
    struct sample_set samples = { 0 };

    (void)state;
    feed(&samples, 40);
    samples_end(&samples);
    assert_int_equal(samples.attempt_count, 40);
    assert_int_equal(samples.operation_count, 39); /* one had a single attempt */
    assert_int_equal(samples.operation_total, 39);
    assert_int_equal(samples.gap_count[0], 4);
    assert_int_equal(samples.gap_total[7], 3);
    assert_int_equal(samples.attempts[0].exchange, 39); /* the last one had begun first */
    assert_int_equal(samples.attempts[0].lasted, 7);
    samples_clear(&samples);
}

static void many_are_a_bounded_sample(void **state)
{
    struct sample_set samples = { 0 };
    uint64_t late = 0;

    (void)state;
    feed(&samples, 100000);
    samples_end(&samples);
    assert_int_equal(samples.attempt_count, SAMPLE_ATTEMPTS);
    assert_int_equal(samples.attempt_total, 100000);
    assert_int_equal(samples.operation_count, SAMPLE_OPERATIONS);
    assert_int_equal(samples.operation_total, 97500);
    for (size_t i = 0; i < SAMPLE_INDICES; i++)
        assert_int_equal(samples.gap_count[i], SAMPLE_GAPS);
    for (size_t i = 0; i < SAMPLE_ATTEMPTS; i++) {
        late += samples.attempts[i].exchange >= 50000;
        assert_true(i == 0 || samples.attempts[i - 1].began <= samples.attempts[i].began);
    }
    assert_in_range(late, SAMPLE_ATTEMPTS * 45 / 100, SAMPLE_ATTEMPTS * 55 / 100);
    samples_clear(&samples);
}

static void the_same_stream_gives_the_same_sample(void **state)
{
    struct sample_set one = { 0 }, other = { 0 };

    (void)state;
    feed(&one, 20000);
    feed(&other, 20000);
    samples_end(&one);
    samples_end(&other);
    assert_memory_equal(one.gaps, other.gaps, sizeof(one.gaps));
    for (size_t i = 0; i < one.operation_count; i++)
        assert_int_equal(one.operations[i].steps[0].exchange,
                         other.operations[i].steps[0].exchange);
    samples_clear(&one);
    samples_clear(&other);
}

static void the_worst_are_those_with_most_attempts(void **state)
{
    struct sample_set samples = { 0 };

    (void)state;
    feed(&samples, 1000);
    assert_int_equal(samples.worst_count, SAMPLE_WORST);
    for (size_t i = 0; i < SAMPLE_WORST; i++) {
        assert_int_equal(samples.worst[i].attempts, 40);
        /* Of equal ones, those that came first. */
        assert_int_equal(samples.worst[i].steps[0].exchange, 100 * (39 + 40 * i));
    }
    samples_clear(&samples);
}

/* Whatever is lent for the call is copied. */
static void operations_keep_their_own_steps_and_words(void **state)
{
    struct sample_set samples = { 0 };
    struct step steps[OPERATION_STEPS];
    char path[] = "/pay", host[] = "bank";
    struct operation operation = operation_of(steps, 30, 5);

    (void)state;
    operation.path = text_from(path);
    operation.host = text_from(host);
    samples_operation(&samples, &operation);
    memset(path, 'x', sizeof(path));
    memset(host, 'x', sizeof(host));
    memset(steps, 0, sizeof(steps));
    assert_true(text_is(samples.operations[0].path, "/pay"));
    assert_true(text_is(samples.worst[0].host, "bank"));
    assert_true(text_is(samples.worst[0].method, "GET"));
    assert_int_equal(samples.operations[0].steps[OPERATION_STEPS - 1].exchange,
                     5 + OPERATION_STEPS - 1);
    samples_clear(&samples);
    assert_null(samples.operations);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_are_all_kept),
        cmocka_unit_test(many_are_a_bounded_sample),
        cmocka_unit_test(the_same_stream_gives_the_same_sample),
        cmocka_unit_test(the_worst_are_those_with_most_attempts),
        cmocka_unit_test(operations_keep_their_own_steps_and_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
