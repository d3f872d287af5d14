/* bandwidth_test: how much passes by when: never more than the rate says, and over time no less. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fault_bench.h"
#include "faults/bucket.h"
#include "flow_table.h"

static const struct fault_setting settings[] = {
    { "rate=64KiB/s" },
    { "rate=1B/s; on=both; shared=all; burst=1GiB" },
    { "rate=100GiB/s; shared=connection" },
    { "", "wants a rate such as 64KiB/s" },
    { "on=both", "wants a rate such as 64KiB/s" },
    { "rate=64KiB", "wants a bandwidth such as 64KiB/s, got \"64KiB\"; did you mean \"64KiB/s\"?" },
    { "rate=0B/s", "wants at least 1B/s, got \"0B/s\"" },
    { "rate=101GiB/s", "wants at most 100GiB/s, got \"101GiB/s\"" },
    { "rate=1B/s; burst=2GiB", "wants at most 1GiB, got \"2GiB\"" },
    { "rate=1B/s; shared=some", "wants exchange, connection or all, got \"some\"" },
    { "rate=1B/s; on=up", "wants request, response or both, got \"up\"" },
};

static void parameters_are_checked_together(void **state)
{
    (void)state;
    fault_check_settings("bandwidth", settings, COUNT_OF(settings));
}

/* One stream through one pipeline. */
struct stream {
    struct pipeline *pipeline;
    uint64_t passed;
    usec wake, last; /* when something passed */
    usec gap;        /* the longest between two pieces */
};

static void feed(struct stream *stream, size_t length, enum part part, usec now)
{
    while (length > 0) {
        size_t piece = length < BLOCK_SIZE ? length : BLOCK_SIZE;
        struct block *block = block_take_sized(stream->pipeline->out.pool, piece);

        memset(block->bytes, 'x', piece);
        queue_put_view(pipeline_in(stream->pipeline), block, block->bytes, piece, part, now);
        block_drop(stream->pipeline->out.pool, block);
        length -= piece;
    }
}

static void step(struct stream *stream, usec now)
{
    uint64_t before = stream->passed;
    struct chunk *chunk;

    stream->wake = pipeline_run(stream->pipeline, now);
    while ((chunk = queue_take(&stream->pipeline->out)) != NULL) {
        stream->passed += chunk->length;
        chunk_free(stream->pipeline->out.pool, chunk);
    }
    if (stream->passed == before)
        return;
    stream->gap = usec_max(stream->gap, now - stream->last);
    stream->last = now;
}

/* The longest transfers: fed as there is room, looked at `late` after each wake. */
struct transfer_case {
    const char *claim, *wish;
    uint64_t rate, burst, length;
    usec late;
    size_t room;
};

static const struct transfer_case transfers[] = {
    { "a slow link", "rate=100B/s", 100, 0, 1000, 0, 65536 },
    { "a very slow link", "rate=3B/s", 3, 0, 30, 0, 65536 },
    { "64 KiB/s", "rate=64KiB/s", 65536, 0, 1 << 20, 0, 65536 },
    { "… looked at late", "rate=64KiB/s", 65536, 0, 1 << 20, 7777, 65536 },
    { "… by chunks of a byte", "rate=64KiB/s", 65536, 0, 1 << 15, 300, 1 },
    { "… of which some pass at once", "rate=64KiB/s; burst=100KiB", 65536, 102400, 1 << 20, 60,
      65536 },
    { "10 Mbit/s", "rate=10Mbit/s", 1250000, 0, 4 << 20, 60, 262144 },
    { "… looked at so late that all there is room for has passed", "rate=100MiB/s", 100 << 20, 0,
      64 << 20, 5000, 262144 },
    { "100 MiB/s", "rate=100MiB/s", 100 << 20, 0, 64 << 20, 60, 262144 },
};

/* The bound holds at each moment, the end is in time. */
static void check_transfer(const struct transfer_case *wanted, bool tunnel)
{
    struct fault_bench *bench = fault_bench_new();
    struct stream stream = { .pipeline = &bench->pipeline };
    double took, ideal = (double)(wanted->length - wanted->burst) / (double)wanted->rate * 1e6;
    const struct hit *hit;
    usec now = 0;
    uint64_t fed = 0;

    if (tunnel)
        fault_bench_tunnel(bench);
    hit = fault_bench_hit(bench, "bandwidth", wanted->wish);
    while (stream.passed < wanted->length) {
        uint64_t room = stream.passed + wanted->room - fed, left = wanted->length - fed;

        feed(&stream, room < left ? room : left, tunnel ? PART_TUNNEL : PART_BODY, now);
        fed += room < left ? room : left;
        step(&stream, now);
        if ((double)stream.passed >
            (double)now / 1e6 * (double)wanted->rate + (double)wanted->burst + 0.5)
            fail_msg("%s: %llu bytes by %lld us", wanted->claim, (unsigned long long)stream.passed,
                     (long long)now);
        if (stream.passed < wanted->length &&
            (fed == wanted->length || stream.passed + wanted->room == fed))
            now = stream.wake + wanted->late;
    }
    took = (double)now;
    if (wanted->room > 1 && (took > ideal * 1.02 + (double)wanted->late || took < ideal))
        fail_msg("%s: took %.0f us, not %.0f", wanted->claim, took, ideal);
    if (wanted->rate >= 100 && stream.gap > 20 * MSEC)
        fail_msg("%s: silent for %lld us", wanted->claim, (long long)stream.gap);
    assert_true(fault_bench_touched(bench, hit) <= wanted->length);
    assert_true(fault_bench_touched(bench, hit) > 0);
    fault_bench_free(bench);
}

static void transfers_keep_to_the_rate(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(transfers); i++) {
        check_transfer(&transfers[i], false);
        check_transfer(&transfers[i], true);
    }
}

static void a_burst_comes_back_with_idle_time(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    struct stream stream = { .pipeline = &bench->pipeline };
    static const struct {
        usec time;
        size_t in;
        uint64_t passed;
    } rows[] = {
        { 0, 30, 20 },        /* all of the burst */
        { 10 * MSEC, 0, 21 }, /* then 100 a second */
        { 90 * MSEC, 0, 29 },
        { 100 * MSEC, 0, 30 },
        { 200 * MSEC, 20, 40 }, /* 10 more have come back */
        { 300 * MSEC, 0, 50 },
        { HOUR, 50, 70 }, /* never more than the burst */
        { HOUR + 300 * MSEC, 0, 100 },
    };

    (void)state;
    fault_bench_hit(bench, "bandwidth", "rate=100B/s; burst=20B");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        feed(&stream, rows[i].in, PART_BODY, rows[i].time);
        step(&stream, rows[i].time);
        if (stream.passed != rows[i].passed)
            fail_msg("row %zu: %llu have passed", i + 1, (unsigned long long)stream.passed);
    }
    fault_bench_free(bench);
}

/* Two exchanges with the same counters, as they stand in one run; bytes that have passed after a
 * second of 1000 B/s. */
static void share(const char *wish, uint64_t connection, uint64_t passed[2])
{
    struct fault_bench *one = fault_bench_new(), *other = fault_bench_new();
    struct stream streams[2] = { { .pipeline = &one->pipeline }, { .pipeline = &other->pipeline } };
    struct counters *own = other->counters;

    one->answered.way.connection = 1;
    other->answered.way.connection = connection;
    other->answered.way.counters = one->counters;
    fault_bench_hit(one, "bandwidth", wish);
    fault_bench_hit(other, "bandwidth", wish);
    for (size_t i = 0; i < 2; i++)
        feed(&streams[i], 5000, PART_BODY, 0);
    for (usec now = 0; now <= SECOND; now += MSEC)
        for (size_t i = 0; i < 2; i++)
            step(&streams[i], now);
    passed[0] = streams[0].passed;
    passed[1] = streams[1].passed;
    other->counters = own;
    fault_bench_free(one);
    fault_bench_free(other);
}

static void links_are_shared_as_asked(void **state)
{
    static const struct {
        const char *wish;
        uint64_t connection, each;
    } rows[] = {
        { "rate=1000B/s", 1, 1000 },
        { "rate=1000B/s; shared=connection", 2, 1000 },
        { "rate=1000B/s; shared=connection", 1, 500 },
        { "rate=1000B/s; shared=all", 1, 500 },
        { "rate=1000B/s; shared=all", 2, 500 },
    };
    uint64_t passed[2];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        share(rows[i].wish, rows[i].connection, passed);
        for (size_t j = 0; j < 2; j++)
            if (passed[j] < rows[i].each - 10 || passed[j] > rows[i].each)
                fail_msg("%s: %llu of %llu", rows[i].wish, (unsigned long long)passed[j],
                         (unsigned long long)rows[i].each);
    }
}

static void each_direction_has_the_rate_for_itself(void **state)
{
    static const struct {
        const char *wish;
        uint64_t up, down;
    } rows[] = {
        { "rate=1000B/s", 5000, 1000 },
        { "rate=1000B/s; on=request", 1000, 5000 },
        { "rate=1000B/s; on=both", 1000, 1000 },
        { "rate=1000B/s; on=both; shared=connection", 1000, 1000 },
        { "rate=1000B/s; on=both; shared=all", 1000, 1000 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct fault_bench *bench = fault_bench_new();
        struct stream up = { .pipeline = &bench->up }, down = { .pipeline = &bench->pipeline };

        fault_bench_hit(bench, "bandwidth", rows[i].wish);
        feed(&up, 5000, PART_BODY, 0);
        feed(&down, 5000, PART_BODY, 0);
        for (usec now = 0; now <= SECOND; now += MSEC) {
            step(&up, now);
            step(&down, now);
        }
        assert_int_equal(up.passed, rows[i].up);
        assert_int_equal(down.passed, rows[i].down);
        fault_bench_free(bench);
    }
}

static void ends_and_marks_wait_for_what_stands_before(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    char *out;

    (void)state;
    fault_bench_hit(bench, "bandwidth", "rate=2B/s");
    out = fault_bench_run(bench, "a|b!", 0, PART_BODY, 0);
    assert_string_equal(out, "");
    free(out);
    out = fault_bench_run(bench, "", 0, PART_BODY, 500 * MSEC);
    assert_string_equal(out, "a|");
    free(out);
    out = fault_bench_run(bench, "", 0, PART_BODY, SECOND);
    assert_string_equal(out, "b!");
    free(out);
    fault_bench_free(bench);
}

static void a_fast_link_touches_nothing(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    const struct hit *hit = fault_bench_hit(bench, "bandwidth", "rate=1KB/s; burst=3B");
    char *out = fault_bench_run(bench, "abc!", 0, PART_BODY, 0);

    (void)state;
    assert_string_equal(out, "abc!");
    assert_int_equal(fault_bench_touched(bench, hit), 0);
    free(out);
    fault_bench_free(bench);
}

enum { THREADS = 4, TAKES = 20000 };

static void *take_many(void *bucket)
{
    for (size_t i = 0; i < TAKES; i++)
        (void)bucket_take(bucket, 1000, 0, 1, 0);
    return NULL;
}

/* What several threads take adds up to the byte. */
static void a_bucket_has_no_lost_takes(void **state)
{
    _Atomic uint64_t bucket = 0;
    pthread_t threads[THREADS];

    (void)state;
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, take_many, &bucket), 0);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(bucket_take(&bucket, 1000, 0, 1, 0), (THREADS * TAKES + 1) * MSEC);
}

static void extreme_buckets_do_not_overflow(void **state)
{
    _Atomic uint64_t slow = 0, fast = 0, burst = 0;

    (void)state;
    assert_int_equal(bucket_take(&slow, 1, 0, 1 << 20, 0), (usec)(1 << 20) * SECOND);
    assert_int_equal(bucket_take(&fast, BUCKET_RATE_MOST, 0, 1, 7), 8);
    assert_int_equal(bucket_take(&fast, BUCKET_RATE_MOST, 0, 1, 7), 8);
    assert_int_equal(bucket_take(&burst, 1, BUCKET_BURST_MOST, 1 << 20, 0), 0);
    for (uint64_t left = BUCKET_BURST_MOST - (1 << 20); left > 0; left -= 1 << 20)
        assert_int_equal(bucket_take(&burst, 1, BUCKET_BURST_MOST, 1 << 20, 0), 0);
    assert_int_equal(bucket_take(&burst, 1, BUCKET_BURST_MOST, 1, 0), SECOND);
    assert_int_equal(bucket_take(&burst, 1, 0, 1, 24 * 366 * HOUR), 24 * 366 * HOUR + SECOND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_checked_together),
        cmocka_unit_test(transfers_keep_to_the_rate),
        cmocka_unit_test(a_burst_comes_back_with_idle_time),
        cmocka_unit_test(links_are_shared_as_asked),
        cmocka_unit_test(each_direction_has_the_rate_for_itself),
        cmocka_unit_test(ends_and_marks_wait_for_what_stands_before),
        cmocka_unit_test(a_fast_link_touches_nothing),
        cmocka_unit_test(a_bucket_has_no_lost_takes),
        cmocka_unit_test(extreme_buckets_do_not_overflow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
