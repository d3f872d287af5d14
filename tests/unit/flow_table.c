/* flow_table: the test of a filter as a table of (time, in, out). */
#include "flow_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stream/pipeline.h"

enum { DEFAULT_LIMIT = 256 * 1024 };

static const struct {
    char sign;
    enum chunk_kind kind;
} marks[] = {
    { '|', CHUNK_BOUNDARY },
    { '!', CHUNK_END },
    { '~', CHUNK_CUT },
    { '#', CHUNK_RESET },
};

static bool is_mark(char sign, enum chunk_kind *kind)
{
    for (size_t i = 0; i < COUNT_OF(marks); i++) {
        if (marks[i].sign != sign)
            continue;
        *kind = marks[i].kind;
        return true;
    }
    return false;
}

static char sign_of(unsigned kind)
{
    for (size_t i = 0; i < COUNT_OF(marks); i++)
        if (marks[i].kind == kind)
            return marks[i].sign;
    return '?';
}

static void feed_bytes(struct queue *queue, const char *bytes, size_t length, enum part part,
                       usec now)
{
    struct block *block = block_take_sized(queue->pool, length);

    memcpy(block->bytes, bytes, length);
    queue_put_view(queue, block, block->bytes, length, part, now);
    block_drop(queue->pool, block);
}

void flow_feed(struct queue *queue, const char *in, size_t piece, enum part part, usec now)
{
    char *bytes = malloc(strlen(in) + 1);
    size_t length = 0;

    assert_non_null(bytes);
    while (*in) {
        enum chunk_kind kind;
        bool mark = is_mark(*in, &kind);

        if (mark || (*in == '\\' && in[1]))
            in++;
        if (!mark)
            bytes[length++] = *in++;
        if (length > 0 &&
            (mark || length == piece || !*in || is_mark(*in, &(enum chunk_kind){ 0 }))) {
            feed_bytes(queue, bytes, length, part, now);
            length = 0;
        }
        if (mark)
            queue_put_mark(queue, kind, now);
    }
    free(bytes);
}

static void print_bytes(FILE *out, const struct chunk *chunk)
{
    enum chunk_kind kind;

    for (size_t i = 0; i < chunk->length; i++) {
        char byte = (char)chunk->start[i];

        if (byte == '\0') {
            fputs("\\0", out);
            continue;
        }
        if (is_mark(byte, &kind) || byte == '\\')
            fputc('\\', out);
        fputc(byte, out);
    }
}

char *flow_drain(struct queue *queue, bool splits)
{
    char *text = NULL;
    size_t size = 0;
    bool open = false;
    struct chunk *chunk;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    while ((chunk = queue_take(queue)) != NULL) {
        bool bytes = chunk->kind == CHUNK_BYTES;

        if (bytes && open && splits)
            fputc('|', out);
        if (bytes)
            print_bytes(out, chunk);
        else
            fputc(sign_of(chunk->kind), out);
        open = bytes;
        chunk_free(queue->pool, chunk);
    }
    assert_int_equal(fclose(out), 0);
    return text;
}

static void check_row(const struct flow_case *wanted, size_t row, struct pipeline *pipeline)
{
    const struct flow_row *step = &wanted->rows[row];
    char *out;
    usec wake;

    if (step->in)
        flow_feed(pipeline_in(pipeline), step->in, wanted->piece,
                  step->part ? step->part : PART_BODY, step->time);
    wake = pipeline_run(pipeline, step->time);
    out = flow_drain(&pipeline->out, wanted->splits);
    if (strcmp(out, step->out) != 0)
        fail_msg("%s: row %zu, at %lld: wanted \"%s\", got \"%s\"", wanted->claim, row + 1,
                 (long long)step->time, step->out, out);
    if (step->wake != 0 && wake != step->wake)
        fail_msg("%s: row %zu, at %lld: wanted to wake at %lld, not at %lld", wanted->claim,
                 row + 1, (long long)step->time, (long long)step->wake, (long long)wake);
    free(out);
}

void flow_check(const struct flow_case *wanted)
{
    struct pool pool = { 0 };
    struct budget budget = { .limit = wanted->limit ? wanted->limit : DEFAULT_LIMIT };
    struct arena arena = { 0 };
    struct pipeline pipeline;
    const struct stage *stage;

    pipeline_init(&pipeline, &pool, &budget);
    stage = pipeline_add(&pipeline, wanted->ops, wanted->params,
                         wanted->parts ? wanted->parts : PART_BODY, &arena);
    for (size_t row = 0; wanted->rows[row].out; row++)
        check_row(wanted, row, &pipeline);
    pipeline_close(&pipeline);

    if ((wanted->touched || wanted->untouched) && stage->touched != wanted->touched)
        fail_msg("%s: wanted %llu touched, got %llu", wanted->claim,
                 (unsigned long long)wanted->touched, (unsigned long long)stage->touched);
    if (budget.held != 0)
        fail_msg("%s: %zu bytes stay in the budget", wanted->claim, budget.held);
    arena_clear(&arena);
    pool_clear(&pool);
}

void flow_check_all(const struct flow_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        flow_check(&cases[i]);
}
