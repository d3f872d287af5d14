/* kept_test: what is found again, and what had to make room. */
#include "serve/kept.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct field_pair fields[] = {
    { TEXT("Date"), TEXT("Sat, 20 Nov 2021 00:00:00 GMT") },
    { TEXT("X-Empty"), TEXT("") },
};

static void put(struct kept *kept, const char *key, const char *body)
{
    struct kept_answer answer = {
        .status = 200,
        .reason = TEXT("Fine"),
        .body = text_from(body),
        .fields = { fields, COUNT_OF(fields) },
        .when = 7,
        .age = 5,
    };

    kept_put(kept, text_from(key), &answer);
}

/* The body, or "none". */
static const char *find(struct kept *kept, const char *key, struct arena *arena)
{
    struct kept_answer answer;

    return kept_find(kept, text_from(key), arena, &answer) ? answer.body.at : "none";
}

static void it_is_found_whole(void **state)
{
    struct kept *kept = kept_new(10, 10000);
    struct arena arena = { 0 };
    struct kept_answer answer;

    (void)state;
    put(kept, "a", "body");
    put(kept, "", "");
    assert_true(kept_find(kept, text_from("a"), &arena, &answer));
    kept_free(kept); /* what was found is a copy */
    assert_int_equal(answer.status, 200);
    assert_true(text_is(answer.reason, "Fine") && text_is(answer.body, "body"));
    assert_int_equal(answer.fields.count, 2);
    assert_true(text_is(answer.fields.items[0].name, "Date"));
    assert_true(text_is(answer.fields.items[0].value, "Sat, 20 Nov 2021 00:00:00 GMT"));
    assert_true(text_is(answer.fields.items[1].name, "X-Empty"));
    assert_true(text_is_empty(answer.fields.items[1].value));
    assert_true(answer.when == 7 && answer.age == 5);
    arena_clear(&arena);
}

static void the_latest_takes_the_place(void **state)
{
    struct kept *kept = kept_new(10, 10000);
    struct arena arena = { 0 };
    size_t bytes, after;

    (void)state;
    assert_string_equal(find(kept, "a", &arena), "none");
    put(kept, "a", "old");
    assert_int_equal(kept_count(kept, &bytes), 1);
    put(kept, "a", "new");
    assert_int_equal(kept_count(kept, &after), 1);
    assert_int_equal(after, bytes);
    assert_string_equal(find(kept, "a", &arena), "new");
    assert_string_equal(find(kept, "b", &arena), "none");
    kept_free(kept);
    arena_clear(&arena);
}

static void what_nobody_asked_for_goes_first(void **state)
{
    struct kept *kept = kept_new(3, 10000);
    struct arena arena = { 0 };
    size_t bytes;

    (void)state;
    put(kept, "a", "1");
    put(kept, "b", "2");
    put(kept, "c", "3");
    assert_string_equal(find(kept, "a", &arena), "1");
    put(kept, "d", "4");
    assert_int_equal(kept_count(kept, &bytes), 3);
    assert_string_equal(find(kept, "b", &arena), "none");
    assert_string_equal(find(kept, "a", &arena), "1");
    assert_string_equal(find(kept, "c", &arena), "3");
    assert_string_equal(find(kept, "d", &arena), "4");
    kept_free(kept);
    arena_clear(&arena);
}

static void bytes_are_bounded(void **state)
{
    struct kept *kept = kept_new(1000, 8000);
    struct arena arena = { 0 };
    char *large = calloc(1, 10000);
    char key[16];
    size_t bytes;

    (void)state;
    assert_non_null(large);
    memset(large, 'x', 3000);
    for (int i = 0; i < 5; i++) {
        snprintf(key, sizeof key, "%d", i);
        put(kept, key, large);
        (void)kept_count(kept, &bytes);
        assert_true(bytes <= 8000);
    }
    assert_int_equal(kept_count(kept, &bytes), 2);
    assert_string_equal(find(kept, "4", &arena), large);
    memset(large, 'x', 9000);
    put(kept, "5", large);
    assert_string_equal(find(kept, "5", &arena), "none");
    assert_int_equal(kept_count(kept, &bytes), 2);
    kept_free(kept);
    arena_clear(&arena);
    free(large);
}

static void a_store_without_room_keeps_nothing(void **state)
{
    struct kept *none = kept_new(0, 10000);
    struct kept *tiny = kept_new(10, 10);
    size_t bytes;

    (void)state;
    put(none, "a", "1");
    put(tiny, "a", "1");
    assert_int_equal(kept_count(none, &bytes) + kept_count(tiny, &bytes), 0);
    kept_free(none);
    kept_free(tiny);
    kept_free(NULL);
}

static void *press(void *user)
{
    struct kept *kept = user;
    struct arena arena = { 0 };
    char key[16];

    for (int i = 0; i < 3000; i++) {
        const char *found;

        snprintf(key, sizeof key, "%d", i % 37);
        put(kept, key, key);
        found = find(kept, key, &arena);
        if (strcmp(found, "none") != 0 && strcmp(found, key) != 0)
            abort();
        arena_clear(&arena);
    }
    return NULL;
}

static void threads_share_it(void **state)
{
    struct kept *kept = kept_new(20, 5000);
    pthread_t threads[4];
    size_t bytes;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, press, kept), 0);
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        pthread_join(threads[i], NULL);
    assert_in_range(kept_count(kept, &bytes), 1, 20);
    kept_free(kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_found_whole),
        cmocka_unit_test(the_latest_takes_the_place),
        cmocka_unit_test(what_nobody_asked_for_goes_first),
        cmocka_unit_test(bytes_are_bounded),
        cmocka_unit_test(a_store_without_room_keeps_nothing),
        cmocka_unit_test(threads_share_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
