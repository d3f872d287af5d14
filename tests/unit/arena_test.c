/* arena: claims about lifetimes, alignment, pools, and running out. */
#include "base/arena.h"

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buffer.h"

static void takings_are_zero_aligned_and_apart(void **state)
{
    struct arena arena = { 0 };
    unsigned char *taken[200];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(taken); i++) {
        taken[i] = arena_take(&arena, i);
        assert_int_equal((uintptr_t)taken[i] % alignof(max_align_t), 0);
        for (size_t j = 0; j < i; j++)
            assert_int_equal(taken[i][j], 0);
        memset(taken[i], (int)i, i);
    }
    for (size_t i = 0; i < COUNT_OF(taken); i++) {
        for (size_t j = 0; j < i; j++)
            assert_int_equal(taken[i][j], i);
    }
    arena_clear(&arena);
    assert_null(arena.blocks);
}

static void used_blocks_come_back_zeroed(void **state)
{
    struct arena_pool pool = { 0 };
    struct arena arena;

    (void)state;
    arena_init(&arena, &pool);
    memset(arena_take(&arena, 900), 'x', 900);
    arena_clear(&arena);
    assert_int_equal(pool.count, 1);
    for (int i = 0; i < 900; i += 100) {
        const char *again = arena_take(&arena, 100);

        for (size_t j = 0; j < 100; j++)
            assert_int_equal(again[j], 0);
    }
    arena_clear(&arena);
    arena_pool_clear(&pool);
    assert_int_equal(pool.count, 0);
    assert_null(pool.spare);
}

static void big_takings_do_not_end_the_block_in_use(void **state)
{
    struct arena_pool pool = { 0 };
    struct arena arena;
    char *before, *after, *big;

    (void)state;
    arena_init(&arena, &pool);
    before = arena_take(&arena, 16);
    big = arena_take(&arena, 100000);
    memset(big, 1, 100000);
    after = arena_take(&arena, 16);
    assert_true(after > before && after - before <= 64);
    arena_clear(&arena);
    assert_int_equal(pool.count, 1); /* and not the big one */
    arena_pool_clear(&pool);
}

static void a_pool_is_bounded(void **state)
{
    struct arena_pool pool = { 0 };
    struct arena arena;

    (void)state;
    arena_init(&arena, &pool);
    for (int i = 0; i < 3000; i++)
        arena_take(&arena, 900);
    arena_clear(&arena);
    assert_int_equal(pool.count, 1024);
    arena_take(&arena, 1);
    assert_int_equal(pool.count, 1023);
    arena_clear(&arena);
    arena_pool_clear(&pool);
}

static void copies_end_in_nul(void **state)
{
    struct arena arena = { 0 };
    struct text copy = arena_copy(&arena, text_of("a\0bc", 3));
    struct text written = arena_format(&arena, "%s-%d", "x", 17);
    struct text *array = ARENA_ARRAY(&arena, struct text, 3);

    (void)state;
    assert_int_equal(copy.length, 3);
    assert_memory_equal(copy.at, "a\0b", 4);
    assert_string_equal(arena_string(&arena, text_of("word", 2)), "wo");
    assert_string_equal(arena_string(&arena, text_from(NULL)), "");
    assert_true(text_is(written, "x-17"));
    assert_int_equal(written.at[4], '\0');
    assert_null(array[2].at);
    assert_true(arena_format(&arena, "%*d", 5000, 1).length == 5000);
    assert_true(arena_format(&arena, "%s", "").length == 0);
    arena_clear(&arena);
}

static void memory_is_zero_grows_and_copies(void **state)
{
    char *memory = memory_take(100), *copy = memory_string(text_of("word", 2));
    char *none = memory_string(text_from(NULL));

    (void)state;
    for (int i = 0; i < 100; i++)
        assert_int_equal(memory[i], 0);
    memory[99] = 'x';
    memory = memory_grow(memory, 10000);
    assert_int_equal(memory[99], 'x');
    assert_string_equal(copy, "wo");
    assert_string_equal(none, "");
    free(memory);
    free(copy);
    free(none);
    free(memory_take(0));
    free(memory_grow(NULL, 0));
}

/* Not constants, so that the compiler does not refuse such sizes beforehand. */
static volatile const size_t most = SIZE_MAX;

static void take_most(struct arena *arena)
{
    arena_take(arena, most);
}

static void take_half_most(struct arena *arena)
{
    arena_take(arena, most / 2);
}

static void take_overflowing_array(struct arena *arena)
{
    arena_take_array(arena, most / 4, 5);
}

static void copy_most(struct arena *arena)
{
    arena_string(arena, text_of("", most));
}

static void copy_most_to_heap(struct arena *arena)
{
    (void)arena;
    free(memory_string(text_of("", most)));
}

static void fill_a_buffer(struct arena *arena)
{
    struct buffer buffer = { 0 };

    (void)arena;
    buffer_add(&buffer, "", most);
}

static void say_so(struct arena *arena)
{
    (void)arena;
    memory_exhausted();
}

static void running_out_ends_the_program_with_a_line(void **state)
{
    static void (*const ways[])(struct arena *) = {
        take_most,     take_half_most, take_overflowing_array, copy_most, copy_most_to_heap,
        fill_a_buffer, say_so
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        char line[64] = "";
        int ends[2], status;
        pid_t child;

        assert_int_equal(pipe(ends), 0);
        child = fork();
        if (child == 0) {
            struct arena arena = { 0 };

            dup2(ends[1], STDERR_FILENO);
            ways[i](&arena);
            _exit(0);
        }
        close(ends[1]);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(read(ends[0], line, sizeof(line) - 1) > 0);
        close(ends[0]);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 3);
        assert_string_equal(line, "panne: out of memory\n");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takings_are_zero_aligned_and_apart),
        cmocka_unit_test(used_blocks_come_back_zeroed),
        cmocka_unit_test(big_takings_do_not_end_the_block_in_use),
        cmocka_unit_test(a_pool_is_bounded),
        cmocka_unit_test(copies_end_in_nul),
        cmocka_unit_test(memory_is_zero_grows_and_copies),
        cmocka_unit_test(running_out_ends_the_program_with_a_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
