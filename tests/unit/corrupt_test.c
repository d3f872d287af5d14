/* corrupt_test: which bits flip, how many, and that cutting the stream changes nothing in that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fault_bench.h"
#include "flow_table.h"

static const struct fault_setting settings[] = {
    { "" },
    { "rate=0.5%; bits=8; after=1KiB; on=both" },
    { "rate=100%" },
    { "rate=0%", "wants at least 0.0001%, got \"0%\"" },
    { "rate=101%", "wants at most 100%, got \"101%\"" },
    { "bits=0", "wants at least 1, got \"0\"" },
    { "bits=9", "wants at most 8, got \"9\"" },
};

static void parameters_are_bounded(void **state)
{
    (void)state;
    fault_check_settings("corrupt", settings, COUNT_OF(settings));
}

enum { LENGTH = 20000 };

/* Runs LENGTH zero bytes through the pipeline, cut into pieces; in memory that others share, too.
 */
static void run_zeros(struct pipeline *pipeline, enum part part, size_t piece, unsigned char *out)
{
    struct queue *in = pipeline_in(pipeline);
    struct block *block = block_take_sized(in->pool, LENGTH);
    struct chunk *chunk;

    memset(block->bytes, 0, LENGTH);
    for (size_t at = 0; at < LENGTH; at += piece)
        queue_put_view(in, block, block->bytes + at, at + piece < LENGTH ? piece : LENGTH - at,
                       part, (usec)at);
    queue_put_mark(in, CHUNK_END, LENGTH);
    (void)pipeline_run(pipeline, LENGTH);
    while (!chunk_is_final(chunk = queue_take(&pipeline->out))) {
        memcpy(out, chunk->start, chunk->length);
        out += chunk->length;
        chunk_free(in->pool, chunk);
    }
    assert_int_equal(chunk->kind, CHUNK_END);
    chunk_free(in->pool, chunk);
    for (size_t at = 0; at < LENGTH; at++)
        assert_int_equal(block->bytes[at], 0);
    block_drop(in->pool, block);
}

struct damage {
    unsigned char bytes[LENGTH];
    size_t hit, first;
    unsigned kinds; /* how many different bytes but 0 */
};

static void count(struct damage *damage)
{
    bool seen[256] = { false };

    damage->hit = damage->kinds = 0;
    damage->first = LENGTH;
    for (size_t i = 0; i < LENGTH; i++) {
        unsigned char byte = damage->bytes[i];

        if (byte == 0)
            continue;
        if (damage->hit++ == 0)
            damage->first = i;
        damage->kinds += !seen[byte];
        seen[byte] = true;
    }
}

/* Also that as much is said to be touched. */
static void corrupt(const char *how, size_t piece, bool tunnel, bool up, struct damage *damage)
{
    struct fault_bench *bench = fault_bench_new();
    struct pipeline *pipeline = up ? &bench->up : &bench->pipeline;
    const struct hit *hit;

    if (tunnel)
        fault_bench_tunnel(bench);
    hit = fault_bench_hit(bench, "corrupt", how);
    run_zeros(pipeline, tunnel ? PART_TUNNEL : PART_BODY, piece, damage->bytes);
    count(damage);
    assert_int_equal(fault_bench_touched(bench, hit), damage->hit);
    fault_bench_free(bench);
}

struct rate_case {
    const char *claim, *settings;
    size_t least, most; /* of LENGTH bytes: five deviations to either side */
    unsigned kinds;
    size_t first;
};

static const struct rate_case rates[] = {
    { "all of them", "rate=100%", LENGTH, LENGTH, 8, 0 },
    { "half of them", "rate=50%", 9646, 10354, 8, 0 },
    { "a hundredth", "rate=1%", 130, 270, 8, 0 },
    { "so few that none is", "rate=0.0001%", 0, 0, 0, LENGTH },
    { "two bits", "rate=50%; bits=2", 9646, 10354, 8, 0 },
    { "seven bits", "rate=50%; bits=7", 9646, 10354, 8, 0 },
    { "all bits", "rate=100%; bits=8", LENGTH, LENGTH, 1, 0 },
    { "but not the first ones", "rate=100%; after=19990", 10, 10, 2, 19990 },
    { "none where all pass", "rate=100%; after=20000", 0, 0, 0, LENGTH },
};

static void bytes_are_hit_at_the_rate(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rates); i++) {
        const struct rate_case *wanted = &rates[i];
        struct damage got;

        corrupt(wanted->settings, 700, false, false, &got);
        if (got.hit < wanted->least || got.hit > wanted->most || got.kinds < wanted->kinds ||
            got.first < wanted->first)
            fail_msg("%s: %zu hit, from %zu, in %u ways", wanted->claim, got.hit, got.first,
                     got.kinds);
    }
}

static unsigned ones(unsigned char byte)
{
    unsigned sum = 0;

    for (; byte != 0; byte = (unsigned char)(byte & (byte - 1)))
        sum++;
    return sum;
}

static void so_many_bits_flip(void **state)
{
    (void)state;
    for (unsigned bits = 1; bits <= 8; bits++) {
        char how[] = "rate=10%; bits=0";
        struct damage got;

        how[strlen(how) - 1] = (char)('0' + bits);
        corrupt(how, LENGTH, false, false, &got);
        for (size_t i = 0; i < LENGTH; i++)
            assert_true(got.bytes[i] == 0 || ones(got.bytes[i]) == bits);
    }
}

static void pieces_make_no_difference(void **state)
{
    static const size_t pieces[] = { 1, 2, 3, 7, 100, 4096, LENGTH };
    struct damage first, got;

    (void)state;
    corrupt("rate=3%; after=10", LENGTH, false, false, &first);
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        corrupt("rate=3%; after=10", pieces[i], i % 2 == 0, false, &got);
        assert_memory_equal(first.bytes, got.bytes, LENGTH);
    }
}

static void both_ways_are_hit_but_not_alike(void **state)
{
    struct damage up, down, alone;

    (void)state;
    corrupt("rate=3%; on=both", 100, false, true, &up);
    corrupt("rate=3%; on=both", 100, false, false, &down);
    corrupt("rate=3%; on=request", 100, false, true, &alone);
    assert_in_range(up.hit, 480, 720);
    assert_memory_not_equal(up.bytes, down.bytes, LENGTH);
    assert_memory_equal(up.bytes, alone.bytes, LENGTH);
    corrupt("rate=3%; on=request", 100, false, false, &down);
    assert_int_equal(down.hit, 0);
}

static void length_and_ends_stay(void **state)
{
    static const char *const texts[] = { "!", "a!", "abc~", "abc#", "a|b|c!" };
    struct fault_bench *bench;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        char *out;

        bench = fault_bench_new();
        fault_bench_hit(bench, "corrupt", "rate=0.0001%");
        out = fault_bench_run(bench, texts[i], 0, PART_BODY, 0);
        assert_string_equal(out, texts[i]);
        free(out);
        fault_bench_free(bench);
    }
    bench = fault_bench_new();
    fault_bench_length(bench, 5);
    fault_bench_hit(bench, "corrupt", "rate=100%");
    assert_true(bench->answered.way.length_known);
    assert_int_equal(bench->answered.way.length, 5);
    fault_bench_free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_bounded),
        cmocka_unit_test(bytes_are_hit_at_the_rate),
        cmocka_unit_test(so_many_bits_flip),
        cmocka_unit_test(pieces_make_no_difference),
        cmocka_unit_test(both_ways_are_hit_but_not_alike),
        cmocka_unit_test(length_and_ends_stay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
