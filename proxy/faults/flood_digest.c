/* flood_digest: what a message says about a body that is no longer that one. */
#include "base/buffer.h"
#include "faults/flood.h"
#include "http/digest.h"

/* So much of an answer is kept back at most for its digests' sake. */
#define HOLD_MOST (128 * 1024u)

static const char removed[] = "digest removed";

static void held(struct response_plan *plan, const struct queue *body)
{
    if (!digest_mend(plan->way.head, plan->way.arena, body) && plan->held_by)
        plan->held_by->note = removed;
}

static void mend_digests(struct way_plan *plan, struct response_plan *answer, bool fast)
{
    if (!digest_stands(plan->head))
        return;
    if (answer && fast && (!plan->length_known || plan->length <= HOLD_MOST)) {
        answer->hold = answer->hold > HOLD_MOST ? answer->hold : HOLD_MOST;
        answer->held_by = plan->hit;
        answer->held = held;
        return;
    }
    (void)digest_mend(plan->head, plan->arena, NULL);
    plan->hit->note = removed;
}

void flood_mend_head(struct way_plan *plan, struct response_plan *answer, bool fast)
{
    struct head *head = plan->head;
    struct text tag = head_get(head, HEAD_ETAG);

    mend_digests(plan, answer, fast);
    head_remove(head, HEAD_ACCEPT_RANGES);
    /* By a strong one a client could put pieces of the two bodies together. */
    if (!text_is_empty(tag) && tag.at[0] == '"')
        head_set(head, plan->arena, text_from("ETag"),
                 arena_format(plan->arena, "W/%.*s", (int)tag.length, tag.at));
}

void flood_pass_trailer(struct flow *flow)
{
    const struct chunk *chunk = flow_front(flow);
    struct text rest = text_of((const char *)chunk->start, chunk->length);
    struct buffer kept = { 0 };

    while (!text_is_empty(rest)) {
        size_t end = text_find(rest, '\n');
        struct text line = text_of(rest.at, end < rest.length ? end + 1 : end);

        if (!digest_is_name(text_of(line.at, text_find(line, ':'))))
            buffer_add_text(&kept, line);
        rest = text_from_offset(rest, line.length);
    }
    if (kept.length == chunk->length) {
        flow_pass(flow);
    } else {
        flow_emit(flow, kept.at, kept.length, PART_TRAILER);
        flow_discard(flow);
    }
    buffer_free(&kept);
}
