/* gzip_bench: a filter that packs or unpacks, and zlib itself to compare it with. */
#ifndef PANNE_TESTS_GZIP_BENCH_H
#define PANNE_TESTS_GZIP_BENCH_H

#include "base/buffer.h"
#include "stream/pipeline.h"

struct gzip_bench {
    struct pool pool;
    struct budget budget;
    struct arena arena;
    struct pipeline pipeline;
    struct buffer out;
    enum chunk_kind end;
};

/* `limit` 0: 256 KiB. */
void gzip_bench_open(struct gzip_bench *bench, const struct filter_ops *ops, size_t limit);
/* Fails the test if anything stays in the budget. */
void gzip_bench_close(struct gzip_bench *bench);
/* One turn; what comes out is added to `out`, a trailer as `<trailer>`. */
void gzip_bench_run(struct gzip_bench *bench, usec now);
void gzip_bench_feed(struct gzip_bench *bench, struct text bytes);
/* In pieces, each in a turn of its own (0: all at once), then `end`; runs until that is out. */
void gzip_bench_feed_all(struct gzip_bench *bench, struct text bytes, size_t piece,
                         enum chunk_kind end);

void gzip_by_zlib(struct text plain, struct buffer *packed);
/* Fails the test if zlib does not end with `wanted`. */
void gunzip_by_zlib(struct text packed, struct buffer *plain, int wanted);

#endif
