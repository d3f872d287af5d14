/* streaks: when a client has stopped asking, from attempts in the order of their ends. */
#include "verdict/streaks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct room {
    struct streaks *streaks;
    const struct streak *streak;
    uint64_t burst;
};

static enum streak_news take(struct room *room, usec began, usec ended, unsigned status)
{
    struct attempt attempt = { .began = began,
                               .ended = ended,
                               .status = (uint16_t)status,
                               .end = status ? ATTEMPT_ANSWERED : ATTEMPT_LEFT,
                               .ok = status == 200,
                               .failed = status == 0 || status == 503,
                               .final = status == 404,
                               .touched = status == 503 ? TOUCH_ANSWER : 0,
                               .retry_after = NEVER };

    return streaks_take(room->streaks, &attempt, &room->streak, &room->burst);
}

static enum streak_news at_once(struct room *room, usec began, unsigned status)
{
    return take(room, began, began + MSEC, status);
}

/* A good answer each second from 0 to 60 s. */
static struct room usual(void)
{
    struct room room = { .streaks = streaks_new() };

    for (usec at = 0; at <= 60 * SECOND; at += SECOND)
        assert_int_equal(at_once(&room, at, 200), STREAK_NOTHING);
    return room;
}

/* Five failures, 61 to 65 s. */
static struct room failing(void)
{
    struct room room = usual();

    for (usec at = 61 * SECOND; at <= 65 * SECOND; at += SECOND)
        assert_int_equal(at_once(&room, at, 503), STREAK_NOTHING);
    return room;
}

static void a_silence_is_known_when_it_ends(void **state)
{
    struct room room = failing();

    (void)state;
    assert_int_equal(at_once(&room, 75 * SECOND, 503), STREAK_OPENED);
    assert_int_equal(room.burst, 5);
    assert_int_equal(room.streak->began, 61 * SECOND);
    assert_int_equal(room.streak->silent_since, 65 * SECOND + MSEC);
    assert_int_equal(at_once(&room, 76 * SECOND, 503), STREAK_NOTHING);
    assert_int_equal(at_once(&room, 90 * SECOND, 200), STREAK_PROBED);
    assert_int_equal(room.burst, 2);
    assert_false(room.streak->failing);
    streaks_free(room.streaks);
}

static void a_pause_that_is_usual_is_none(void **state)
{
    struct room room = failing();

    (void)state;
    assert_int_equal(at_once(&room, 70 * SECOND, 503), STREAK_NOTHING);
    assert_int_equal(at_once(&room, 71 * SECOND, 200), STREAK_ENDED);
    assert_int_equal(room.streak->failures, 6);
    /* One good pause of 4 s: 12 s are needed from now on. */
    assert_int_equal(at_once(&room, 75 * SECOND, 200), STREAK_NOTHING);
    for (usec at = 76 * SECOND; at <= 80 * SECOND; at += SECOND)
        (void)at_once(&room, at, 503);
    assert_int_equal(at_once(&room, 91 * SECOND, 503), STREAK_NOTHING);
    assert_int_equal(at_once(&room, 104 * SECOND, 503), STREAK_OPENED);
    streaks_free(room.streaks);
}

/* The outage itself is no pause. */
static void what_is_usual_is_not_learned_from_trouble(void **state)
{
    struct room room = failing();
    uint64_t pauses;

    (void)state;
    (void)at_once(&room, 300 * SECOND, 200);
    pauses = room.streak->pauses;
    assert_int_equal(pauses, 60);
    assert_true(room.streak->longest < SECOND);
    streaks_free(room.streaks);
}

static void who_waits_for_an_answer_is_not_silent(void **state)
{
    struct room room = failing();

    (void)state;
    assert_int_equal(take(&room, 66 * SECOND, 96 * SECOND, 0), STREAK_NOTHING);
    assert_int_equal(take(&room, 97 * SECOND, 127 * SECOND, 0), STREAK_NOTHING);
    /* Told of last, though it had begun first. */
    assert_int_equal(take(&room, 64 * SECOND, 128 * SECOND, 0), STREAK_NOTHING);
    assert_int_equal(room.streak->last, 128 * SECOND);
    assert_false(room.streak->opened);
    streaks_free(room.streaks);
}

static void who_was_asked_to_wait_is_silent_only_after_that(void **state)
{
    struct room room = failing();
    struct attempt asked = {
        .began = 66 * SECOND, .ended = 66 * SECOND, .failed = true, .retry_after = 30 * SECOND
    };

    (void)state;
    (void)streaks_take(room.streaks, &asked, &room.streak, &room.burst);
    assert_int_equal(at_once(&room, 97 * SECOND, 503), STREAK_NOTHING);
    assert_int_equal(at_once(&room, 107 * SECOND, 503), STREAK_OPENED);
    streaks_free(room.streaks);
}

/* It is an answer: the service works, and the client asks. */
static void a_final_answer_ends_a_streak(void **state)
{
    struct room room = failing();

    (void)state;
    assert_int_equal(at_once(&room, 66 * SECOND, 404), STREAK_ENDED);
    assert_int_equal(at_once(&room, 90 * SECOND, 503), STREAK_NOTHING);
    assert_int_equal(room.streak->failures, 1);
    streaks_free(room.streaks);
}

static void without_a_usual_pause_nothing_is_silence(void **state)
{
    struct room room = { .streaks = streaks_new() };

    (void)state;
    for (usec at = 0; at <= 40 * SECOND; at += SECOND)
        (void)at_once(&room, at, 200);
    for (usec at = 41 * SECOND; at <= 50 * SECOND; at += SECOND)
        (void)at_once(&room, at, 503);
    assert_int_equal(at_once(&room, 300 * SECOND, 503), STREAK_NOTHING);
    assert_ptr_equal(streaks_at(room.streaks, 0), room.streak);
    assert_null(streaks_at(room.streaks, 1));
    streaks_free(room.streaks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_silence_is_known_when_it_ends),
        cmocka_unit_test(a_pause_that_is_usual_is_none),
        cmocka_unit_test(what_is_usual_is_not_learned_from_trouble),
        cmocka_unit_test(who_waits_for_an_answer_is_not_silent),
        cmocka_unit_test(who_was_asked_to_wait_is_silent_only_after_that),
        cmocka_unit_test(a_final_answer_ends_a_streak),
        cmocka_unit_test(without_a_usual_pause_nothing_is_silence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
