/* hop_by_hop: which fields end at this hop (RFC 9110 7.6.1). */
#include "http/head.h"

/* Fields for the message's receiver or its framing: who names them in Connection wants the next hop
 * to lose them. */
static bool is_end_to_end(enum field_id id)
{
    switch (id) {
    case HEAD_HOST:
    case HEAD_CONTENT_LENGTH:
    case HEAD_CONTENT_TYPE:
    case HEAD_CONTENT_ENCODING:
    case HEAD_CONTENT_RANGE:
    case HEAD_AUTHORIZATION:
    case HEAD_MAX_FORWARDS:
    case HEAD_VIA:
        return true;
    default:
        return false;
    }
}

/* Treated by name below, whether Connection names them or not. */
static bool is_of_this_hop(enum field_id id)
{
    switch (id) {
    case HEAD_CONNECTION:
    case HEAD_KEEP_ALIVE:
    case HEAD_PROXY_CONNECTION:
    case HEAD_TE:
    case HEAD_TRANSFER_ENCODING:
    case HEAD_UPGRADE:
        return true;
    default:
        return false;
    }
}

static void remove_named(struct head *head, struct text list)
{
    struct text name;

    /* What nearly all say names no field. */
    if (text_is_nocase(list, "keep-alive") || text_is_nocase(list, "close"))
        return;
    while (text_next_item(&list, ',', &name)) {
        enum field_id id = field_identify(name);

        if (!is_end_to_end(id) && !is_of_this_hop(id))
            head_remove_named(head, name);
    }
}

/* Of what TE offers only trailers are ours to pass on; codings are not. */
static void keep_trailers_offer(struct head *head)
{
    static const struct text trailers = TEXT("trailers");
    bool offered = head->kind == HEAD_REQUEST && head_lists(head, HEAD_TE, trailers);

    for (size_t i = 0; i < head->count; i++) {
        struct head_field *field = &head->fields[i];

        if (field->id != HEAD_TE || field->removed)
            continue;
        field->value = trailers;
        field->removed = !offered;
        offered = false;
    }
}

void head_remove_hop_by_hop(struct head *head, bool keep_upgrade)
{
    if (head->first[HEAD_CONNECTION]) {
        for (size_t i = 0; i < head->count; i++) {
            if (head->fields[i].id == HEAD_CONNECTION && !head->fields[i].removed)
                remove_named(head, head->fields[i].value);
        }
        head_remove(head, HEAD_CONNECTION);
    }
    head_remove(head, HEAD_KEEP_ALIVE);
    head_remove(head, HEAD_PROXY_CONNECTION);
    head_remove(head, HEAD_TRANSFER_ENCODING);
    if (head->first[HEAD_TE])
        keep_trailers_offer(head);
    if (!keep_upgrade)
        head_remove(head, HEAD_UPGRADE);
    if (head->kind == HEAD_REQUEST)
        head_remove(head, HEAD_PROXY_AUTHORIZATION);
}
