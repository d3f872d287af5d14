/* hold: a head that waits for its body, so that it can tell the length and digests of what the
 * filters make of it. */
#include "serve/parts.h"

static bool has_end(const struct queue *queue)
{
    return queue->last && chunk_is_final(queue->last);
}

/* What came of the body whole may be counted; of more than fits nothing is promised. */
static void settle(struct exchange *exchange)
{
    struct response_plan *plan = exchange->answer_plan;
    struct queue *out = &exchange->down.pipeline.out;
    bool whole = has_end(out) && out->last->kind == CHUNK_END && out->bytes <= plan->hold;

    if (whole && !plan->chunked && !plan->delimited_by_close) {
        plan->way.length_known = true;
        plan->way.length = out->bytes;
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
