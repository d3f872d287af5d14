/* ring_test: records come out whole and in order, and a full ring says so. */
#include "observe/ring.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool put(struct ring *ring, char letter, size_t length)
{
    char *place = ring_reserve(ring, length);

    if (!place)
        return false;
    memset(place, letter, length);
    ring_commit(ring, length);
    return true;
}

static void expect(struct ring *ring, char letter, size_t length)
{
    struct text front = ring_front(ring);

    assert_non_null(front.at);
    assert_int_equal(front.length, length);
    for (size_t i = 0; i < length; i++)
        assert_int_equal(front.at[i], letter);
    ring_drop(ring);
}

static void an_empty_ring_gives_nothing(void **state)
{
    struct ring *ring = ring_new(0);

    (void)state;
    assert_null(ring_front(ring).at);
    assert_true(put(ring, 'a', 0));
    assert_non_null(ring_front(ring).at);
    expect(ring, 'a', 0);
    assert_null(ring_front(ring).at);
    ring_free(ring);
    ring_free(NULL);
}

static void what_is_reserved_is_seen_once_committed(void **state)
{
    struct ring *ring = ring_new(4096);
    char *place = ring_reserve(ring, 100);

    (void)state;
    memset(place, 'x', 100);
    assert_null(ring_front(ring).at);
    assert_ptr_equal(ring_reserve(ring, 50), place);
    ring_commit(ring, 10);
    expect(ring, 'x', 10);
    ring_free(ring);
}

static void records_of_all_lengths_pass_the_end_of_the_circle(void **state)
{
    struct ring *ring = ring_new(4096);
    size_t longest = ring_longest(ring);

    (void)state;
    for (size_t length = 0; length <= longest; length += 1 + length / 50) {
        char letter = (char)('a' + length % 26);

        assert_true(put(ring, letter, length));
        assert_true(put(ring, letter, 3));
        expect(ring, letter, length);
        expect(ring, letter, 3);
    }
    assert_false(put(ring, 'z', longest + 1));
    ring_free(ring);
}

static void the_longest_fits_wherever_the_ring_stands(void **state)
{
    (void)state;
    for (size_t offset = 0; offset < 4096; offset += 8) {
        struct ring *ring = ring_new(4096);

        for (size_t i = 0; i < offset / 8; i++) {
            assert_true(put(ring, 'o', 0));
            ring_drop(ring);
        }
        assert_true(put(ring, 'l', ring_longest(ring)));
        expect(ring, 'l', ring_longest(ring));
        ring_free(ring);
    }
}

static void a_full_ring_takes_nothing_until_something_is_dropped(void **state)
{
    struct ring *ring = ring_new(4096);
    size_t count = 0;

    (void)state;
    while (put(ring, 'f', 56))
        count++;
    assert_int_equal(count, 4096 / 64);
    assert_false(put(ring, 'f', 0));
    expect(ring, 'f', 56);
    assert_true(put(ring, 'g', 56));
    assert_false(put(ring, 'g', 56));
    for (size_t i = 1; i < count; i++)
        expect(ring, 'f', 56);
    expect(ring, 'g', 56);
    assert_null(ring_front(ring).at);
    ring_free(ring);
}

enum { RECORDS = 200000 };

static size_t length_of(uint32_t number)
{
    return sizeof number + number * 7 % 301;
}

static void *put_many(void *ring)
{
    for (uint32_t number = 0; number < RECORDS; number++) {
        size_t length = length_of(number);
        char *place;

        while (!(place = ring_reserve(ring, length)))
            sched_yield();
        memset(place, (int)(number & 0xff), length);
        memcpy(place, &number, sizeof number);
        ring_commit(ring, length);
    }
    return NULL;
}

static void two_threads_agree_on_every_byte(void **state)
{
    struct ring *ring = ring_new(1 << 14);
    pthread_t thread;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, put_many, ring), 0);
    for (uint32_t wanted = 0; wanted < RECORDS; wanted++) {
        struct text front;
        uint32_t number;

        while (!(front = ring_front(ring)).at)
            sched_yield();
        assert_int_equal(front.length, length_of(wanted));
        memcpy(&number, front.at, sizeof number);
        assert_int_equal(number, wanted);
        for (size_t i = sizeof number; i < front.length; i++) {
            if ((unsigned char)front.at[i] != (wanted & 0xff))
                fail_msg("record %u is damaged at byte %zu", wanted, i);
        }
        ring_drop(ring);
    }
    pthread_join(thread, NULL);
    assert_null(ring_front(ring).at);
    ring_free(ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_ring_gives_nothing),
        cmocka_unit_test(what_is_reserved_is_seen_once_committed),
        cmocka_unit_test(records_of_all_lengths_pass_the_end_of_the_circle),
        cmocka_unit_test(the_longest_fits_wherever_the_ring_stands),
        cmocka_unit_test(a_full_ring_takes_nothing_until_something_is_dropped),
        cmocka_unit_test(two_threads_agree_on_every_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
