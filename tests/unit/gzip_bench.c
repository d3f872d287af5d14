/* gzip_bench: a filter that packs or unpacks, and zlib itself to compare it with. */
#include "gzip_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <zlib.h>

#include <cmocka.h>

void gzip_bench_open(struct gzip_bench *bench, const struct filter_ops *ops, size_t limit)
{
    *bench = (struct gzip_bench){ .budget = { .limit = limit ? limit : 256 * 1024 } };
    pipeline_init(&bench->pipeline, &bench->pool, &bench->budget);
    pipeline_add(&bench->pipeline, ops, NULL, PART_BODY | PART_TRAILER, &bench->arena);
}

void gzip_bench_close(struct gzip_bench *bench)
{
    pipeline_close(&bench->pipeline);
    assert_int_equal(bench->budget.held, 0);
    arena_clear(&bench->arena);
    pool_clear(&bench->pool);
    buffer_free(&bench->out);
}

void gzip_bench_run(struct gzip_bench *bench, usec now)
{
    struct chunk *chunk;

    (void)pipeline_run(&bench->pipeline, now);
    while ((chunk = queue_take(&bench->pipeline.out)) != NULL) {
        if (chunk_is_final(chunk))
            bench->end = chunk->kind;
        else if (chunk->part == PART_TRAILER)
            buffer_add_string(&bench->out, "<trailer>");
        else
            buffer_add(&bench->out, chunk->start, chunk->length);
        chunk_free(&bench->pool, chunk);
    }
}

void gzip_bench_feed(struct gzip_bench *bench, struct text bytes)
{
    queue_put_copy(pipeline_in(&bench->pipeline), bytes.at, bytes.length, PART_BODY, 0);
}

void gzip_bench_feed_all(struct gzip_bench *bench, struct text bytes, size_t piece,
                         enum chunk_kind end)
{
    usec now = 1;

    piece = piece ? piece : bytes.length + 1;
    while (!text_is_empty(bytes)) {
        size_t length = piece < bytes.length ? piece : bytes.length;

        gzip_bench_feed(bench, text_of(bytes.at, length));
        bytes = text_from_offset(bytes, length);
        gzip_bench_run(bench, now++);
    }
    queue_put_mark(pipeline_in(&bench->pipeline), end, 0);
    for (int i = 0; i < 1000 && bench->end == 0; i++)
        gzip_bench_run(bench, now++);
}

void gzip_by_zlib(struct text plain, struct buffer *packed)
{
    z_stream zlib = { 0 };
    size_t room = plain.length + 1024;
    unsigned char *out = malloc(room);

    assert_non_null(out);
    assert_int_equal(deflateInit2(&zlib, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    zlib.next_in = (z_const unsigned char *)plain.at;
    zlib.avail_in = (uInt)plain.length;
    zlib.next_out = out;
    zlib.avail_out = (uInt)room;
    assert_int_equal(deflate(&zlib, Z_FINISH), Z_STREAM_END);
    buffer_add(packed, out, zlib.total_out);
    deflateEnd(&zlib);
    free(out);
}

void gunzip_by_zlib(struct text packed, struct buffer *plain, int wanted)
{
    z_stream zlib = { 0 };
    unsigned char out[4096];
    int result;

    assert_int_equal(inflateInit2(&zlib, 15 + 16), Z_OK);
    zlib.next_in = (z_const unsigned char *)packed.at;
    zlib.avail_in = (uInt)packed.length;
    do {
        zlib.next_out = out;
        zlib.avail_out = sizeof(out);
        result = inflate(&zlib, Z_SYNC_FLUSH);
        buffer_add(plain, out, sizeof(out) - zlib.avail_out);
    } while (result == Z_OK && (zlib.avail_in > 0 || zlib.avail_out == 0));
    assert_int_equal(result, wanted);
    inflateEnd(&zlib);
}
