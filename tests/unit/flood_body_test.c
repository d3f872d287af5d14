/* flood_body_test: whatever the pieces in which a body comes and goes, taking the flood out again
 * gives the body, and the length is as promised. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flood_bench.h"
#include "flow_table.h"
#include "http/gzip.h"

/* Long enough that all of it does not fit the budget. */
enum { LONG = 40000 };

struct format {
    const char *type, *start, *middle, *end; /* the middle comes many times */
    enum { JSON, LINES, EVENTS, COMMENTS } strip;
};

static const struct format formats[] = {
    { "application/json", "{\"a\": [", "{\"b\\\\\": \"x, [\\\"y\\\"\\n\", \"c\":-1.5e3},", "null]}",
      JSON },
    { "application/json", "[", "1,[2],", "3]\n", JSON },
    { "application/x-ndjson", "", "{\"id\":17,\"tags\":[\"a\",\"b\"]}\n", "[]\n", JSON },
    { "text/plain", "first\n", "a line of text\n\n", "last", LINES },
    { "text/plain", "", "no line end ", "", LINES },
    { "text/event-stream", "retry: 10\n\n", "data: 1\ndata: 2\r\n\r\n", "event: end\n\n", EVENTS },
    { "text/html", "<html>", "<p>a paragraph", "</html>\n", COMMENTS },
};

static void make_body(const struct format *format, size_t length, struct buffer *body)
{
    buffer_clear(body);
    buffer_add_string(body, format->start);
    while (body->length < length)
        buffer_add_string(body, format->middle);
    buffer_add_string(body, format->end);
}

static void strip(const struct format *format, struct text flooded, size_t length,
                  struct buffer *plain)
{
    if (format->strip == JSON)
        strip_json(flooded, plain);
    else if (format->strip == EVENTS)
        strip_events(flooded, plain);
    else
        strip_comments(flooded, length, plain);
}

/* Both without what may be added. */
static bool is_same(const struct format *format, struct text body, struct text flooded)
{
    struct buffer before = { 0 }, after = { 0 };
    bool same;

    if (format->strip == LINES)
        return keeps_lines(body, flooded);
    strip(format, body, body.length, &before);
    strip(format, flooded, body.length, &after);
    same = text_equal(buffer_text(&before), buffer_text(&after));
    buffer_free(&before);
    buffer_free(&after);
    return same;
}

static void check_run(const struct format *format, const struct flood_run *run)
{
    struct flooded flooded;
    size_t most = (run->limit ? run->limit : 256 * 1024) + (run->piece ? run->piece : LONG + 64);
    uint64_t wanted = run->body.length * 4;

    flood_run(run, &flooded);
    if (flooded.end != CHUNK_END)
        fail_msg("%s: it does not end well", run->claim);
    if (!is_same(format, run->body, buffer_text(&flooded.out)))
        fail_msg("%s, pieces of %zu, drained by %zu, limit %zu, length %s: not the same",
                 run->claim, run->piece, run->drained, run->limit, run->known ? "known" : "open");
    if (run->known && flooded.out.length != wanted)
        fail_msg("%s: %zu bytes for %llu", run->claim, flooded.out.length,
                 (unsigned long long)wanted);
    if (flooded.out.length > wanted || flooded.out.length < wanted - wanted / 8)
        fail_msg("%s, pieces of %zu, drained by %zu, limit %zu: %zu bytes for about %llu",
                 run->claim, run->piece, run->drained, run->limit, flooded.out.length,
                 (unsigned long long)wanted);
    if (flooded.most_held > most)
        fail_msg("%s: %zu bytes held at once", run->claim, flooded.most_held);
    buffer_free(&flooded.out);
}

struct manner {
    size_t length, piece, drained, limit;
};

static const struct manner manners[] = {
    { 100, 0, 0, 0 },
    { 100, 1, 0, 0 },
    { 100, 1, 1, 16 },
    { 100, 7, 3, 2 },
    { 100, 0, 5, 64 },
    { 3000, 11, 1000, 0 },
    { LONG, 16384, 0, 0 },
    { LONG, 999, 0, 4096 },
    { LONG, 0, 777, 4096 },
    { LONG, 1460, 100, 1000 },
    { LONG, 8192, 20000, 16384 },
};

static void taken_out_again_the_body_is_the_same(void **state)
{
    struct buffer body = { 0 };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(formats) * COUNT_OF(manners) * 2; i++) {
        const struct format *format = &formats[i / 2 % COUNT_OF(formats)];
        const struct manner *manner = &manners[i / 2 / COUNT_OF(formats)];
        struct flood_run run = { format->type, format->type, NULL, "body=x4" };

        make_body(format, manner->length, &body);
        run.body = buffer_text(&body);
        run.piece = manner->piece;
        run.drained = manner->drained;
        run.limit = manner->limit;
        run.known = i % 2 == 1;
        check_run(format, &run);
    }
    buffer_free(&body);
}

/* Through a filter of its own: what comes out of `in`. */
static void convert(const struct filter_ops *ops, struct text in, struct buffer *out)
{
    struct pool pool = { 0 };
    struct budget budget = { .limit = 256 * 1024 };
    struct arena arena = { 0 };
    struct pipeline pipeline;
    struct chunk *chunk;

    pipeline_init(&pipeline, &pool, &budget);
    pipeline_add(&pipeline, ops, NULL, PART_BODY, &arena);
    queue_put_copy(pipeline_in(&pipeline), in.at, in.length, PART_BODY, 0);
    queue_put_mark(pipeline_in(&pipeline), CHUNK_END, 0);
    for (usec now = 0; now < 100; now++) {
        (void)pipeline_run(&pipeline, now);
        while ((chunk = queue_take(&pipeline.out)) != NULL) {
            if (chunk->kind == CHUNK_BYTES)
                buffer_add(out, chunk->start, chunk->length);
            chunk_free(&pool, chunk);
        }
    }
    pipeline_close(&pipeline);
    arena_clear(&arena);
    pool_clear(&pool);
}

static void check_packed(const struct format *format, const struct manner *manner, bool known)
{
    struct buffer body = { 0 }, packed = { 0 }, unpacked = { 0 };
    struct flood_run run = { format->type, format->type, "gzip", "body=x4" };
    struct flooded flooded;

    make_body(format, manner->length, &body);
    convert(&gzip_filter, buffer_text(&body), &packed);
    run.body = buffer_text(&packed);
    run.piece = manner->piece;
    run.drained = manner->drained;
    run.limit = manner->limit;
    run.known = known;
    flood_run(&run, &flooded);
    convert(&gunzip_filter, buffer_text(&flooded.out), &unpacked);

    if (flooded.length_known || flooded.end != CHUNK_END)
        fail_msg("%s: a length is promised, or a bad end", format->type);
    if (!is_same(format, buffer_text(&body), buffer_text(&unpacked)))
        fail_msg("%s: not the same, packed", format->type);
    if (unpacked.length < 3 * body.length || flooded.touched != unpacked.length - body.length)
        fail_msg("%s: %zu bytes for %zu, %llu touched", format->type, unpacked.length, body.length,
                 (unsigned long long)flooded.touched);
    buffer_free(&body);
    buffer_free(&packed);
    buffer_free(&unpacked);
    buffer_free(&flooded.out);
}

static void what_is_packed_swells_inside(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(formats) * COUNT_OF(manners); i++)
        check_packed(&formats[i % COUNT_OF(formats)], &manners[i / COUNT_OF(formats)], i % 2 == 0);
}

static void two_floods_multiply(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    char *out;

    (void)state;
    fault_bench_field(bench, "Content-Type", "application/json");
    fault_bench_length(bench, 9);
    fault_bench_hit(bench, "flood", "body=x2");
    fault_bench_hit(bench, "flood", "body=x3");
    assert_int_equal(bench->answered.way.length, 54);
    out = fault_bench_run(bench, "[1,{},[]]!", 0, PART_BODY, 0);
    assert_int_equal(strlen(out), 54 + 1);
    free(out);
    fault_bench_free(bench);
}

/* All in one string, as flow_drain writes it. */
static void check_trailer(const char *trailer, const char *wanted)
{
    struct fault_bench *bench = fault_bench_new();
    char *out;

    fault_bench_field(bench, "Content-Type", "text/plain");
    fault_bench_hit(bench, "flood", "body=x2");
    flow_feed(pipeline_in(&bench->pipeline), "1", 0, PART_BODY, 0);
    flow_feed(pipeline_in(&bench->pipeline), trailer, 0, PART_TRAILER, 0);
    out = fault_bench_run(bench, "!", 0, PART_BODY, 0);
    assert_string_equal(out, wanted);
    free(out);
    fault_bench_free(bench);
}

static void the_flood_ends_before_the_trailer(void **state)
{
    (void)state;
    check_trailer("a: b\r\n", "1\na: b\r\n!");
    check_trailer("Content-Digest: x\r\na: b\r\nx-amz-checksum-crc32: y\r\n", "1\na: b\r\n!");
    check_trailer("digest: x\r\n", "1\n!");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(taken_out_again_the_body_is_the_same),
        cmocka_unit_test(what_is_packed_swells_inside),
        cmocka_unit_test(two_floods_multiply),
        cmocka_unit_test(the_flood_ends_before_the_trailer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
