/* gzip_test: what zlib packs is unpacked and the other way round, in any pieces, and what is broken
 * ends in a cut. */
#include "http/gzip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include <cmocka.h>

#include "base/random.h"
#include "gzip_bench.h"

/* Half of it can be packed. */
static void make_plain(size_t length, struct buffer *plain)
{
    for (size_t i = 0; i < length; i++)
        buffer_add_byte(plain, (char)(i / 64 % 2 == 0 ? 'a' + i % 7 : random_mix(i)));
}

static const size_t lengths[] = { 1, 100, 70000 };
static const size_t pieces[] = { 0, 1, 7, 1000, 16384 };

static void check_unpacked(size_t length, size_t piece, size_t limit)
{
    struct buffer plain = { 0 }, packed = { 0 };
    struct gzip_bench bench;

    make_plain(length, &plain);
    gzip_by_zlib(buffer_text(&plain), &packed);
    gzip_bench_open(&bench, &gunzip_filter, limit);
    gzip_bench_feed_all(&bench, buffer_text(&packed), piece, CHUNK_END);
    if (bench.end != CHUNK_END || !text_equal(buffer_text(&bench.out), buffer_text(&plain)))
        fail_msg("%zu bytes in pieces of %zu, limit %zu", length, piece, limit);
    gzip_bench_close(&bench);
    buffer_free(&plain);
    buffer_free(&packed);
}

static void what_zlib_packs_is_unpacked(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(lengths); i++)
        for (size_t k = 0; k < COUNT_OF(pieces); k++) {
            check_unpacked(lengths[i], pieces[k], 0);
            check_unpacked(lengths[i], pieces[k], 100);
        }
}

static void check_packed(size_t length, size_t piece)
{
    struct buffer plain = { 0 }, again = { 0 };
    struct gzip_bench bench;

    make_plain(length, &plain);
    gzip_bench_open(&bench, &gzip_filter, 0);
    gzip_bench_feed_all(&bench, buffer_text(&plain), piece, CHUNK_END);
    assert_int_equal(bench.end, CHUNK_END);
    gunzip_by_zlib(buffer_text(&bench.out), &again, Z_STREAM_END);
    if (!text_equal(buffer_text(&again), buffer_text(&plain)))
        fail_msg("%zu bytes in pieces of %zu", length, piece);
    gzip_bench_close(&bench);
    buffer_free(&plain);
    buffer_free(&again);
}

static void what_is_packed_zlib_unpacks(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(lengths); i++)
        for (size_t k = 0; k < COUNT_OF(pieces); k++)
            check_packed(lengths[i], pieces[k]);
}

struct broken_case {
    const char *claim;
    const char *before; /* what comes before a member of "hello" */
    size_t cut;         /* bytes of it that are missing at its end */
    struct text after;
    bool twice; /* two members */
    const char *out;
    enum chunk_kind wanted;
};

static const struct broken_case broken[] = {
    { "whole", "", 0, TEXT(""), false, "hello", CHUNK_END },
    { "two members", "", 0, TEXT(""), true, "hellohello", CHUNK_END },
    { "zeros behind it", "", 0, TEXT("\0\0\0\0"), false, "hello", CHUNK_END },
    { "rubbish behind it", "", 0, TEXT("rubbish"), false, "hello", CHUNK_END },
    { "rubbish that begins well", "", 0, TEXT("\x1f\x8b rubbish"), false, "hello", CHUNK_END },
    { "a beginning behind it", "", 0, TEXT("\x1f\x8b\x08"), false, "hello", CHUNK_END },
    { "no gzip", "x", 0, TEXT(""), false, "", CHUNK_CUT },
    { "without its checksum", "", 8, TEXT(""), false, "hello", CHUNK_CUT },
    { "without its last byte", "", 1, TEXT(""), false, "hello", CHUNK_CUT },
    { "with a wrong length", "", 1, TEXT("\x77"), false, "hello", CHUNK_CUT },
    { "a second one cut short", "", 1, TEXT(""), true, "hellohello", CHUNK_CUT },
};

static void check_broken(const struct broken_case *wanted, size_t piece)
{
    struct buffer packed = { 0 };
    struct gzip_bench bench;

    buffer_add_string(&packed, wanted->before);
    gzip_by_zlib(text_from("hello"), &packed);
    if (wanted->twice)
        gzip_by_zlib(text_from("hello"), &packed);
    packed.length -= wanted->cut;
    buffer_add_text(&packed, wanted->after);

    gzip_bench_open(&bench, &gunzip_filter, 0);
    gzip_bench_feed_all(&bench, buffer_text(&packed), piece, CHUNK_END);
    if (bench.end != wanted->wanted || !text_is(buffer_text(&bench.out), wanted->out))
        fail_msg("%s, in pieces of %zu: got \"%.*s\", end %d", wanted->claim, piece,
                 (int)bench.out.length, bench.out.at ? bench.out.at : "", (int)bench.end);
    gzip_bench_close(&bench);
    buffer_free(&packed);
}

static void what_is_broken_ends_in_a_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(broken); i++) {
        check_broken(&broken[i], 0);
        check_broken(&broken[i], 1);
    }
}

/* Every cut of it is a cut, and never more than what it held. */
static void no_part_of_a_member_passes_for_it(void **state)
{
    struct buffer packed = { 0 };

    (void)state;
    gzip_by_zlib(text_from("hello, hello, hello"), &packed);
    for (size_t length = 1; length < packed.length; length++) {
        struct gzip_bench bench;

        gzip_bench_open(&bench, &gunzip_filter, 0);
        gzip_bench_feed_all(&bench, text_of(packed.at, length), 0, CHUNK_END);
        assert_int_equal(bench.end, CHUNK_CUT);
        gzip_bench_close(&bench);
    }
    buffer_free(&packed);
}

static void check_end(const struct filter_ops *ops, enum chunk_kind end)
{
    struct gzip_bench bench;

    gzip_bench_open(&bench, ops, 0);
    gzip_bench_feed_all(&bench, text_of("", 0), 0, end);
    assert_int_equal(bench.end, end);
    assert_int_equal(bench.out.length, 0);
    gzip_bench_close(&bench);
}

static void nothing_stays_nothing(void **state)
{
    static const enum chunk_kind ends[] = { CHUNK_END, CHUNK_CUT, CHUNK_RESET };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        check_end(&gunzip_filter, ends[i]);
        check_end(&gzip_filter, ends[i]);
    }
}

static void what_was_packed_before_a_cut_can_be_unpacked(void **state)
{
    struct buffer plain = { 0 };
    struct gzip_bench bench;

    (void)state;
    gzip_bench_open(&bench, &gzip_filter, 0);
    gzip_bench_feed(&bench, text_from("hello"));
    queue_put_mark(pipeline_in(&bench.pipeline), CHUNK_CUT, 0);
    gzip_bench_run(&bench, 0);
    assert_int_equal(bench.end, CHUNK_CUT);
    gunzip_by_zlib(buffer_text(&bench.out), &plain, Z_OK);
    assert_true(text_is(buffer_text(&plain), "hello"));
    buffer_free(&plain);
    gzip_bench_close(&bench);
}

/* An event stream would stand still otherwise. */
static void what_came_can_be_unpacked_at_once(void **state)
{
    struct buffer plain = { 0 };
    struct gzip_bench bench;

    (void)state;
    gzip_bench_open(&bench, &gzip_filter, 0);
    gzip_bench_feed(&bench, text_from("hello"));
    gzip_bench_run(&bench, 0);
    gunzip_by_zlib(buffer_text(&bench.out), &plain, Z_OK);
    assert_true(text_is(buffer_text(&plain), "hello"));
    bench.out.length = 0;
    gzip_bench_run(&bench, 1);
    assert_int_equal(bench.out.length, 0);
    buffer_free(&plain);
    gzip_bench_close(&bench);
}

static void the_body_ends_before_the_trailer(void **state)
{
    struct buffer packed = { 0 };
    struct gzip_bench bench;

    (void)state;
    gzip_by_zlib(text_from("hello"), &packed);
    gzip_bench_open(&bench, &gzip_filter, 0);
    pipeline_add(&bench.pipeline, &gunzip_filter, NULL, PART_BODY | PART_TRAILER, &bench.arena);
    gzip_bench_feed(&bench, text_from("hello"));
    queue_put_copy(pipeline_in(&bench.pipeline), "a: b\r\n", 6, PART_TRAILER, 0);
    queue_put_mark(pipeline_in(&bench.pipeline), CHUNK_END, 0);
    gzip_bench_run(&bench, 0);
    assert_int_equal(bench.end, CHUNK_END);
    assert_string_equal(bench.out.at, "hello<trailer>");
    gzip_bench_close(&bench);

    gzip_bench_open(&bench, &gunzip_filter, 0);
    gzip_bench_feed(&bench, text_of(packed.at, packed.length - 1));
    queue_put_copy(pipeline_in(&bench.pipeline), "a: b\r\n", 6, PART_TRAILER, 0);
    gzip_bench_run(&bench, 0);
    assert_int_equal(bench.end, CHUNK_CUT);
    gzip_bench_close(&bench);
    buffer_free(&packed);
}

enum { BOMB = 64 * 1024 * 1024 };

/* 64 MiB of zeros in 64 KiB. */
static void make_bomb(struct buffer *packed)
{
    char *zeros = calloc(1, BOMB);

    assert_non_null(zeros);
    gzip_by_zlib(text_of(zeros, BOMB), packed);
    free(zeros);
}

static void a_bomb_is_unpacked_bit_by_bit(void **state)
{
    struct buffer packed = { 0 };
    struct gzip_bench bench;
    size_t total = 0, most = 0;
    usec now = 0;

    (void)state;
    make_bomb(&packed);
    gzip_bench_open(&bench, &gunzip_filter, 0);
    gzip_bench_feed(&bench, buffer_text(&packed));
    queue_put_mark(pipeline_in(&bench.pipeline), CHUNK_END, 0);
    while (bench.end == 0 && now < 100000) {
        gzip_bench_run(&bench, ++now);
        total += bench.out.length;
        most = bench.out.length > most ? bench.out.length : most;
        buffer_clear(&bench.out);
    }
    assert_int_equal(total, BOMB);
    assert_in_range(most, 1, 256 * 1024);
    gzip_bench_close(&bench);
    buffer_free(&packed);
}

/* Downstream takes all there is: then time is what bounds it. */
static void a_bomb_does_not_keep_others_waiting(void **state)
{
    struct buffer packed = { 0 };
    struct gzip_bench bench;

    (void)state;
    make_bomb(&packed);
    gzip_bench_open(&bench, &gunzip_filter, 0);
    pipeline_add(&bench.pipeline, &gzip_filter, NULL, PART_BODY | PART_TRAILER, &bench.arena);
    gzip_bench_feed(&bench, buffer_text(&packed));
    assert_int_equal(pipeline_run(&bench.pipeline, 5), 5);
    assert_false(queue_is_empty(pipeline_in(&bench.pipeline)));
    gzip_bench_close(&bench);
    buffer_free(&packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_zlib_packs_is_unpacked),
        cmocka_unit_test(what_is_packed_zlib_unpacks),
        cmocka_unit_test(what_is_broken_ends_in_a_cut),
        cmocka_unit_test(no_part_of_a_member_passes_for_it),
        cmocka_unit_test(nothing_stays_nothing),
        cmocka_unit_test(what_was_packed_before_a_cut_can_be_unpacked),
        cmocka_unit_test(what_came_can_be_unpacked_at_once),
        cmocka_unit_test(the_body_ends_before_the_trailer),
        cmocka_unit_test(a_bomb_is_unpacked_bit_by_bit),
        cmocka_unit_test(a_bomb_does_not_keep_others_waiting),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
