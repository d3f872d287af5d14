/* flood_digest: what a message says about a body that is no longer that one. */
#include "base/buffer.h"
#include "faults/flood.h"

/* Checksums that well-known clients compare; a trailing `*` stands for any ending. */
static const struct text vendors[] = {
    TEXT("x-amz-checksum-*"),
    TEXT("x-amz-crc32"),
    TEXT("x-goog-hash"),
};

static bool is_digest(struct text name)
{
    switch (field_identify(name)) {
    case HEAD_CONTENT_MD5:
    case HEAD_DIGEST:
    case HEAD_CONTENT_DIGEST:
    case HEAD_REPR_DIGEST:
        return true;
    default:
        break;
    }
    for (size_t i = 0; i < COUNT_OF(vendors); i++)
        if (text_glob(vendors[i], name, true))
            return true;
    return false;
}

void flood_mend_head(struct way_plan *plan)
{
    struct head *head = plan->head;
    struct text tag = head_get(head, HEAD_ETAG);

    for (size_t i = 0; i < head->count; i++)
        if (is_digest(head->fields[i].name))
            head->fields[i].removed = true;
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

        if (!is_digest(text_of(line.at, text_find(line, ':'))))
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
