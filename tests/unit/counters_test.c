/* counters: claims about counting alone, counting together, and too many keys. */
#include "base/counters.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"

static void every_key_counts_from_zero(void **state)
{
    struct counters *counters = counters_new(4096);

    (void)state;
    for (uint64_t round = 0; round < 3; round++) {
        for (uint64_t key = 1; key <= 1000; key++)
            assert_int_equal(counters_next(counters, key), round);
    }
    assert_int_equal(counters_crowded(counters), 0);
    counters_free(counters);
}

static void key_zero_is_key_one(void **state)
{
    struct counters *counters = counters_new(0);

    (void)state;
    assert_int_equal(counters_next(counters, 0), 0);
    assert_int_equal(counters_next(counters, 1), 1);
    assert_int_equal(counters_next(counters, 0), 2);
    counters_free(counters);
    counters_free(NULL);
}

static void a_full_table_keeps_its_keys_and_shares_the_rest(void **state)
{
    struct counters *counters = counters_new(16);

    (void)state;
    for (uint64_t key = 1; key <= 16; key++)
        assert_int_equal(counters_next(counters, key), 0);
    assert_int_equal(counters_crowded(counters), 0);
    assert_int_equal(counters_next(counters, 5000), 0);
    assert_int_equal(counters_next(counters, 5000 + (1 << 20)), 1);
    assert_int_equal(counters_next(counters, 5001), 0);
    assert_int_equal(counters_crowded(counters), 3);
    for (uint64_t key = 1; key <= 16; key++)
        assert_int_equal(counters_next(counters, key), 1);
    counters_free(counters);
}

static void the_same_questions_get_the_same_answers(void **state)
{
    struct counters *one = counters_new(64), *other = counters_new(64);

    (void)state;
    for (uint64_t i = 0; i < 5000; i++) {
        uint64_t key = random_mix(i) % 300;

        assert_int_equal(counters_next(one, key), counters_next(other, key));
    }
    assert_true(counters_crowded(one) > 0);
    assert_int_equal(counters_crowded(one), counters_crowded(other));
    counters_free(one);
    counters_free(other);
}

static void a_huge_table_costs_nothing_until_used(void **state)
{
    struct counters *counters = counters_new((size_t)1 << 30);

    (void)state;
    assert_int_equal(counters_next(counters, 17), 0);
    counters_free(counters);
}

enum { THREADS = 4, ROUNDS = 20000, KEYS = 40 };

struct crowd {
    struct counters *counters;
    unsigned char seen[KEYS][THREADS * ROUNDS]; /* how often each count was given */
};

static void *count_along(void *argument)
{
    struct crowd *crowd = argument;

    for (int i = 0; i < ROUNDS; i++) {
        uint64_t key = (uint64_t)(i % KEYS);
        uint64_t count = counters_next(crowd->counters, key + 1);

        __atomic_fetch_add(&crowd->seen[key][count], 1, __ATOMIC_RELAXED);
    }
    return NULL;
}

static void threads_never_get_the_same_count(void **state)
{
    struct crowd *crowd = calloc(1, sizeof(*crowd));
    pthread_t threads[THREADS];

    (void)state;
    assert_non_null(crowd);
    crowd->counters = counters_new(1024);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_along, crowd), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (int key = 0; key < KEYS; key++) {
        for (int i = 0; i < THREADS * ROUNDS / KEYS; i++)
            assert_int_equal(crowd->seen[key][i], 1);
    }
    counters_free(crowd->counters);
    free(crowd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_counts_from_zero),
        cmocka_unit_test(key_zero_is_key_one),
        cmocka_unit_test(a_full_table_keeps_its_keys_and_shares_the_rest),
        cmocka_unit_test(the_same_questions_get_the_same_answers),
        cmocka_unit_test(a_huge_table_costs_nothing_until_used),
        cmocka_unit_test(threads_never_get_the_same_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
