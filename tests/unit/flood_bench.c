/* flood_bench: floods of whole bodies, and what is left when the flood is taken out again. */
#include "flood_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flow_table.h"

enum { TURNS_MOST = 1000000 };

static void drain(struct fault_bench *bench, size_t most, struct flooded *flooded)
{
    struct queue *out = &bench->pipeline.out;

    while (!queue_is_empty(out)) {
        struct chunk *chunk = queue_take_up_to(out, most);

        if (!chunk)
            return;
        if (chunk_is_final(chunk))
            flooded->end = chunk->kind;
        else if (chunk->kind == CHUNK_BYTES)
            buffer_add(&flooded->out, chunk->start, chunk->length);
        most -= chunk->length;
        chunk_free(&bench->pool, chunk);
    }
}

static void feed(struct fault_bench *bench, struct text *rest, size_t piece)
{
    struct queue *in = pipeline_in(&bench->pipeline);
    struct block *block;

    if (piece == 0 || piece > rest->length)
        piece = rest->length;
    if (piece == 0)
        return;
    block = block_take_sized(&bench->pool, piece);
    memcpy(block->bytes, rest->at, piece);
    queue_put_view(in, block, block->bytes, piece, PART_BODY, 0);
    block_drop(&bench->pool, block);
    *rest = text_from_offset(*rest, piece);
}

static void run_to_end(struct fault_bench *bench, const struct flood_run *run,
                       struct flooded *flooded)
{
    struct text rest = run->body;
    bool marked = false;

    for (usec now = 1; now < TURNS_MOST && flooded->end == 0; now++) {
        size_t most = run->drained ? run->drained : SIZE_MAX;

        if (!text_is_empty(rest) && budget_has_room(&bench->budget))
            feed(bench, &rest, run->piece);
        if (text_is_empty(rest) && !marked) {
            flow_feed(pipeline_in(&bench->pipeline), run->mark ? run->mark : "!", 0, PART_BODY,
                      now);
            marked = true;
        }
        (void)pipeline_run(&bench->pipeline, now);
        if (bench->budget.held > flooded->most_held)
            flooded->most_held = bench->budget.held;
        drain(bench, most, flooded);
    }
    if (flooded->end == 0)
        fail_msg("%s: it does not end", run->claim);
}

void flood_run(const struct flood_run *run, struct flooded *flooded)
{
    struct fault_bench *bench = fault_bench_new();
    const struct hit *hit;

    *flooded = (struct flooded){ 0 };
    if (run->limit)
        bench->budget.limit = run->limit;
    if (run->type)
        fault_bench_field(bench, "Content-Type", run->type);
    if (run->encoding)
        fault_bench_field(bench, "Content-Encoding", run->encoding);
    if (run->known)
        fault_bench_length(bench, run->body.length);
    hit = fault_bench_hit(bench, "flood", run->settings);
    flooded->length_known = bench->answered.way.length_known;
    flooded->length = bench->answered.way.length;
    run_to_end(bench, run, flooded);
    flooded->touched = fault_bench_touched(bench, hit);
    fault_bench_free(bench);
}

void strip_json(struct text flooded, struct buffer *plain)
{
    bool in_string = false, escaped = false;

    for (size_t i = 0; i < flooded.length; i++) {
        char byte = flooded.at[i];

        if (!in_string && strchr(" \n\r\t", byte))
            continue;
        buffer_add_byte(plain, byte);
        if (in_string && escaped)
            escaped = false;
        else if (in_string && byte == '\\')
            escaped = true;
        else if (byte == '"')
            in_string = !in_string;
    }
}

static struct text take_line(struct text *rest)
{
    size_t end = text_find(*rest, '\n');
    struct text line = text_of(rest->at, end < rest->length ? end + 1 : end);

    *rest = text_from_offset(*rest, line.length);
    return line;
}

void strip_events(struct text flooded, struct buffer *plain)
{
    while (!text_is_empty(flooded)) {
        struct text line = take_line(&flooded);

        if (line.at[0] != ':')
            buffer_add_text(plain, line);
    }
}

void strip_comments(struct text flooded, size_t length, struct buffer *plain)
{
    const struct text opening = TEXT("<!-- "), closing = TEXT(" -->");
    struct text rest = text_from_offset(flooded, length);

    buffer_add(plain, flooded.at, length < flooded.length ? length : flooded.length);
    while (!text_is_empty(rest)) {
        struct text line = take_line(&rest);
        struct text comment = text_of(line.at, line.length - 1);

        if (line.at[line.length - 1] != '\n')
            fail_msg("a line behind the document has no end");
        if (text_is_empty(comment))
            continue;
        if (!text_starts(comment, opening) || !text_ends_nocase(comment, closing))
            fail_msg("no comment: %.*s", (int)comment.length, comment.at);
        comment =
            text_of(comment.at + opening.length, comment.length - opening.length - closing.length);
        if (memchr(comment.at, '-', comment.length) || memchr(comment.at, '>', comment.length))
            fail_msg("not to stand in a comment: %.*s", (int)comment.length, comment.at);
    }
}

bool keeps_lines(struct text body, struct text flooded)
{
    while (!text_is_empty(body)) {
        struct text wanted = take_line(&body), line;

        do {
            if (text_is_empty(flooded))
                return false;
            line = take_line(&flooded);
        } while (!text_equal(line, wanted) &&
                 !(text_is_empty(body) && line.length == wanted.length + 1 &&
                   text_starts(line, wanted)));
    }
    return true;
}
