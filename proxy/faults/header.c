/* header: header fields set, added and taken out, of requests and answers. */
#include "faults/direction.h"
#include "faults/fault.h"
#include "faults/field_names.h"
#include "http/head.h"

struct header {
    int on;
    struct field_pairs set, add;
    struct field_texts remove;
};

static const struct field fields[] = {
    FIELD(struct header, on, int, FIELD_CHOICE, .name = "on", .choices = direction_choices,
          .fallback = "response", .help = "whose header is changed"),
    FIELD(struct header, set, struct field_pairs, FIELD_MAP, .name = "set",
          .help = "fields that shall have this value: changed where they stand, else added"),
    FIELD(struct header, add, struct field_pairs, FIELD_MAP, .name = "add",
          .help = "fields that are added, whatever is there"),
    FIELD(struct header, remove, struct field_texts, FIELD_TEXTS, .name = "remove",
          .help = "names of fields that are taken out; this comes first"),
    END_OF_FIELDS,
};

static const char *name_complaint(const struct header *header, struct text name)
{
    if (!direction_has_request(header->on))
        return field_name_complaint(name);
    if (text_is_nocase(name, "host"))
        return "of a request says where it goes, and is written by panne itself";
    if (text_is_nocase(name, "proxy-authorization"))
        return "of a request is meant for this hop, and is written by panne itself";
    return field_name_complaint(name);
}

static bool check_name(const struct header *header, struct text name, bool value_is_good,
                       struct buffer *complaint)
{
    const char *why = name_complaint(header, name);

    if (!why && !value_is_good)
        why = "has a value that no header can have";
    if (!why)
        return true;
    buffer_add_json(complaint, name);
    buffer_format(complaint, " %s", why);
    return false;
}

static bool check_pairs(const struct header *header, const struct field_pairs *pairs,
                        struct buffer *complaint)
{
    for (size_t i = 0; i < pairs->count; i++)
        if (!check_name(header, pairs->items[i].name, field_value_is_good(pairs->items[i].value),
                        complaint))
            return false;
    return true;
}

static bool check(void *params, struct buffer *complaint)
{
    const struct header *header = params;

    if (header->set.count == 0 && header->add.count == 0 && header->remove.count == 0) {
        buffer_add_string(complaint, "wants set, add or remove");
        return false;
    }
    for (size_t i = 0; i < header->remove.count; i++)
        if (!check_name(header, header->remove.items[i], true, complaint))
            return false;
    return check_pairs(header, &header->set, complaint) &&
           check_pairs(header, &header->add, complaint);
}

static uint64_t line_length(struct text name, struct text value)
{
    return name.length + value.length + strlen(": \r\n");
}

/* What all fields of that name take. */
static uint64_t bytes_of(const struct head *head, struct text name)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < head->count; i++) {
        const struct head_field *field = &head->fields[i];

        if (!field->removed && text_equal_nocase(field->name, name))
            bytes += line_length(field->name, field->value);
    }
    return bytes;
}

static uint64_t remove_field(struct head *head, struct text name)
{
    uint64_t bytes = bytes_of(head, name);

    head_remove_named(head, name);
    return bytes;
}

static uint64_t set_field(struct way_plan *plan, const struct field_pair *pair)
{
    struct text now = head_find(plan->head, pair->name);
    uint64_t length = line_length(pair->name, pair->value);

    if (now.at && text_equal(now, pair->value) && bytes_of(plan->head, pair->name) == length)
        return 0;
    head_set(plan->head, plan->arena, pair->name, pair->value);
    return length;
}

static void edit(const struct header *header, struct way_plan *plan)
{
    uint64_t touched = 0;

    if (!plan->head)
        return;
    for (size_t i = 0; i < header->remove.count; i++)
        touched += remove_field(plan->head, header->remove.items[i]);
    for (size_t i = 0; i < header->set.count; i++)
        touched += set_field(plan, &header->set.items[i]);
    for (size_t i = 0; i < header->add.count; i++) {
        const struct field_pair *pair = &header->add.items[i];

        head_add(plan->head, plan->arena, pair->name, pair->value);
        touched += line_length(pair->name, pair->value);
    }
    plan->hit->touched += touched;
}

static void at_request(const void *params, struct request_plan *plan)
{
    const struct header *header = params;

    if (direction_has_request(header->on))
        edit(header, &plan->way);
}

static void at_response(const void *params, struct response_plan *plan)
{
    const struct header *header = params;

    if (direction_has_response(header->on))
        edit(header, &plan->way);
}

const struct fault_kind fault_header = {
    .name = "header",
    .family = "protocol",
    .summary = "header fields changed, added or taken out",
    .about =
        "The header of the answer, of the request as the origin gets it, or of both loses the "
        "fields named by remove, then gets those of set and of add. set changes a field where it "
        "stands, and takes out others of the same name; add adds one more, so that a field can "
        "stand twice. Bodies are left alone, whatever Content-Type or Content-Encoding say. The "
        "message stays well-formed: what says where it ends, what concerns the connection alone "
        "(Connection, Keep-Alive, TE, Trailer, Transfer-Encoding, Content-Length, Upgrade), and "
        "the Host of a request are panne's own and cannot be written. What is there already, or "
        "is not there to be taken out, does not count as touched.",
    .example = "header: {set: {Cache-Control: no-store}, remove: ETag}",
    .fields = fields,
    .params_size = sizeof(struct header),
    .stands_on = FAULT_ON_HTTP,
    .check = check,
    .at_request = at_request,
    .at_response = at_response,
};
