/* storm_test: what a storm wants of the answer, and chunks as the writer makes them of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fault_bench.h"
#include "flow_table.h"
#include "http/chars.h"

static const struct fault_setting settings[] = {
    { "interim=100" },
    { "chunks=1B" },
    { "chunk-extension=4B; limit=1MiB" },
    { "", "wants interim, chunks or chunk-extension" },
    { "interim=10000; limit=100KB", "the interim answers come to more than the limit" },
    { "interim=10001", "wants at most 10000, got \"10001\"" },
    { "chunk-extension=3B", "wants at least 4B, got \"3B\"" },
    { "chunks=1B; interim-status=101", "wants 100, 102 or 103, got \"101\"" },
};

static void parameters_are_checked(void **state)
{
    (void)state;
    fault_check_settings("storm", settings, COUNT_OF(settings));
}

static void interim_answers_are_asked_for(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    const struct interim_storm *storm = &bench->answered.storm;
    const struct hit *hit = fault_bench_hit(bench, "storm", "interim=7");

    (void)state;
    assert_int_equal(storm->status, 103);
    assert_int_equal(storm->count, 7);
    assert_int_equal(storm->fields.count, 1);
    assert_true(text_is(storm->fields.items[0].name, "Link"));
    assert_ptr_equal(storm->by, hit);
    fault_bench_hit(bench, "storm", "interim=5; interim-status=100");
    assert_int_equal(storm->count, 7); /* the longest stays */
    fault_bench_hit(bench, "storm", "interim=8; interim-status=102");
    assert_int_equal(storm->status, 102);
    assert_int_equal(storm->fields.count, 0);
    assert_null(bench->pipeline.first);
    assert_false(bench->answered.chunked);
    fault_bench_free(bench);
}

static void extensions_are_tokens(void **state)
{
    (void)state;
    for (size_t size = 4; size < 200; size++) {
        struct fault_bench *bench = fault_bench_new();
        struct text extension;
        size_t split;

        fault_bench_hit(bench, "storm",
                        arena_format(&bench->arena, "chunk-extension=%zuB", size).at);
        extension = bench->answered.chunking.extension;
        split = text_find(extension, '=');
        assert_int_equal(extension.length, size);
        assert_true(extension.at[0] == ';' && split > 1 && split < size - 1);
        for (size_t i = 1; i < size; i++)
            assert_true(i == split || char_is(extension.at[i], CHAR_TOKEN));
        fault_bench_free(bench);
    }
}

static void no_body_has_no_chunks(void **state)
{
    struct fault_bench *bench = fault_bench_new();

    (void)state;
    bench->answered.way.has_body = false;
    fault_bench_hit(bench, "storm", "chunks=1B");
    assert_false(bench->answered.chunked);
    assert_null(bench->pipeline.first);
    fault_bench_free(bench);
}

struct wire_case {
    const char *claim, *settings, *in, *wire;
    uint64_t touched;
};

static const struct wire_case wires[] = {
    { "chunks of a byte", "chunks=1B", "abc!", "1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n", 3 },
    { "chunks of three", "chunks=3B", "abcdefg!", "3\r\nabc\r\n3\r\ndef\r\n1\r\ng\r\n0\r\n\r\n",
      3 },
    { "a limit of two", "chunks=1B; limit=13B", "abcdef!",
      "1\r\na\r\n1\r\nb\r\n4\r\ncdef\r\n0\r\n\r\n", 2 },
    { "an extension", "chunk-extension=4B", "abc!", "3;d=c\r\nabc\r\n0\r\n\r\n", 1 },
    { "both", "chunks=2B; chunk-extension=4B", "abc!", "2;d=c\r\nab\r\n1;d=c\r\nc\r\n0\r\n\r\n",
      2 },
    { "a limit of one", "chunks=1B; chunk-extension=4B; limit=19B", "abc!",
      "1;d=c\r\na\r\n2\r\nbc\r\n0\r\n\r\n", 1 },
    { "a cut", "chunks=1B", "ab~", "1\r\na\r\n1\r\nb\r\n~", 2 },
};

static void check_wire(const struct wire_case *row)
{
    struct fault_bench *bench = fault_bench_new();
    struct writer writer = { .framing = FRAMING_CHUNKED };
    struct queue out;
    const struct hit *hit;
    char *wire;

    queue_init(&out, &bench->pool, &bench->budget);
    hit = fault_bench_hit(bench, "storm", row->settings);
    assert_true(bench->answered.chunked);
    writer.chunking = bench->answered.chunking;
    flow_feed(pipeline_in(&bench->pipeline), row->in, 0, PART_BODY, 0);
    (void)pipeline_run(&bench->pipeline, 0);
    writer_body(&writer, &bench->pipeline.out, &out, 0);
    wire = flow_drain(&out, false);
    if (strcmp(wire, row->wire) != 0)
        fail_msg("%s: wanted \"%s\", got \"%s\"", row->claim, row->wire, wire);
    if (fault_bench_touched(bench, hit) != row->touched)
        fail_msg("%s: %llu touched", row->claim,
                 (unsigned long long)fault_bench_touched(bench, hit));
    free(wire);
    fault_bench_free(bench);
}

static void the_writer_cuts_chunks(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wires); i++)
        check_wire(&wires[i]);
}

/* Framing that is many times the body does not pile up. */
static void the_wire_is_kept_short(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    struct writer writer = { .framing = FRAMING_CHUNKED };
    struct queue in, out;
    size_t most = 0, turns = 0, came = 0;
    char body[10000];

    (void)state;
    memset(body, 'x', sizeof(body));
    queue_init(&in, &bench->pool, &bench->budget);
    queue_init(&out, &bench->pool, &bench->budget);
    fault_bench_hit(bench, "storm", "chunks=1B; chunk-extension=1000B; limit=1GiB");
    writer.chunking = bench->answered.chunking;
    queue_put_copy(&in, body, sizeof(body), PART_BODY, 0);
    queue_put_mark(&in, CHUNK_END, 0);
    while (!writer.ended && turns++ < 1000) {
        writer_body(&writer, &in, &out, 0);
        most = out.bytes > most ? out.bytes : most;
        came += out.bytes;
        queue_clear(&out);
    }
    assert_true(writer.ended);
    assert_int_equal(writer.body_bytes, sizeof(body));
    assert_int_equal(came, sizeof(body) * (1 + 1000 + 2 + 1 + 2) + 5);
    assert_in_range(most, 1, 40000);
    fault_bench_free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_checked), cmocka_unit_test(interim_answers_are_asked_for),
        cmocka_unit_test(extensions_are_tokens),  cmocka_unit_test(no_body_has_no_chunks),
        cmocka_unit_test(the_writer_cuts_chunks), cmocka_unit_test(the_wire_is_kept_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
