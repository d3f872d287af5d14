/* hold: a head that waits for its body, so that it can tell the length and digests of what the
 * filters make of it. */
#include "serve/parts.h"

static bool has_end(const struct queue *queue)
{
    return queue->last && chunk_is_final(queue->last);
}

static uint64_t bytes_of(const struct queue *queue, enum part part)
{
    uint64_t bytes = 0;

    for (const struct chunk *chunk = queue_front(queue); chunk; chunk = chunk->next)
        bytes += chunk->part == part ? chunk->length : 0;
    return bytes;
}

/* What came of the body whole may be counted; of more than fits nothing is promised, and nothing
 * where a trailer is to follow, since only chunks have one. */
static void settle(struct exchange *exchange)
{
    struct response_plan *plan = exchange->answer_plan;
    struct queue *out = &exchange->down.pipeline.out;
    bool whole = has_end(out) && out->last->kind == CHUNK_END && out->bytes <= plan->hold;
    bool trails = exchange->takes_trailers && bytes_of(out, PART_TRAILER) > 0;

    if (whole && !trails && !plan->chunked && !plan->delimited_by_close) {
        plan->way.length_known = true;
        plan->way.length = bytes_of(out, PART_BODY);
    }
    if (plan->held)
        plan->held(plan, whole ? out : NULL);
    plan->hold = 0;
}

bool exchange_is_holding(const struct exchange *exchange)
{
    return exchange->answer_plan && exchange->answer_plan->hold > 0 && exchange->body_opened;
}

bool exchange_holds_head(struct exchange *exchange, usec now)
{
    struct response_plan *plan = exchange->answer_plan;
    struct direction *down = &exchange->down;

    if (!plan || plan->hold == 0)
        return false;
    down->wake = pipeline_run(&down->pipeline, now);
    if (!has_end(&down->pipeline.out) && down->pipeline.out.bytes <= plan->hold &&
        budget_has_room(&exchange->session->down))
        return true;
    settle(exchange);
    return false;
}
