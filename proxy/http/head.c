/* head: finding, adding and removing fields by name. */
#include "http/head.h"

#include <assert.h>
#include <string.h>

#include "http/fields.h"

/* Where the first field of that id stands that is not removed, or head->count. */
static size_t find_id(const struct head *head, enum field_id id)
{
    size_t i = head->first[id];

    if (i == 0)
        return head->count;
    for (i--; i < head->count; i++) {
        if (head->fields[i].id == id && !head->fields[i].removed)
            break;
    }
    return i;
}

static size_t find_name(const struct head *head, struct text name)
{
    size_t i;

    for (i = 0; i < head->count; i++) {
        if (!head->fields[i].removed && text_equal_nocase(head->fields[i].name, name))
            break;
    }
    return i;
}

static size_t find(const struct head *head, struct text name)
{
    enum field_id id = field_identify(name);

    return id == FIELD_OTHER ? find_name(head, name) : find_id(head, id);
}

static struct text value_at(const struct head *head, size_t index)
{
    return index < head->count ? head->fields[index].value : (struct text){ NULL, 0 };
}

struct text head_get(const struct head *head, enum field_id id)
{
    return value_at(head, find_id(head, id));
}

struct text head_find(const struct head *head, struct text name)
{
    return value_at(head, find(head, name));
}

bool head_has(const struct head *head, enum field_id id)
{
    return find_id(head, id) < head->count;
}

static void make_room(struct head *head, struct arena *arena)
{
    size_t room = head->room ? 2 * head->room : 8;
    struct head_field *fields = ARENA_ARRAY(arena, struct head_field, room);

    if (head->count > 0)
        memcpy(fields, head->fields, head->count * sizeof(*fields));
    head->fields = fields;
    head->room = room;
}

void head_add(struct head *head, struct arena *arena, struct text name, struct text value)
{
    if (head->count == head->room)
        make_room(head, arena);
    fields_put(head, (struct head_field){
                         .name = name, .value = value, .id = (uint8_t)field_identify(name) });
}

void head_set(struct head *head, struct arena *arena, struct text name, struct text value)
{
    size_t index = find(head, name);
    struct head_field kept;

    if (index == head->count) {
        head_add(head, arena, name, value);
        return;
    }
    kept = head->fields[index];
    kept.value = value;
    head_remove_named(head, name);
    head->fields[index] = kept;
}

static size_t remove_from(struct head *head, size_t index, struct text name, enum field_id id)
{
    size_t removed = 0;

    for (; index < head->count; index++) {
        struct head_field *field = &head->fields[index];

        if (field->removed || field->id != id ||
            (id == FIELD_OTHER && !text_equal_nocase(field->name, name)))
            continue;
        field->removed = true;
        removed++;
    }
    return removed;
}

size_t head_remove(struct head *head, enum field_id id)
{
    assert(id != FIELD_OTHER);
    if (head->first[id] == 0)
        return 0;
    return remove_from(head, find_id(head, id), (struct text){ NULL, 0 }, id);
}

size_t head_remove_named(struct head *head, struct text name)
{
    return remove_from(head, find(head, name), name, field_identify(name));
}

bool head_lists(const struct head *head, enum field_id id, struct text token)
{
    for (size_t i = find_id(head, id); i < head->count; i++) {
        const struct head_field *field = &head->fields[i];
        struct text list = field->value, item;

        if (field->id != id || field->removed)
            continue;
        /* Most lists have one item. */
        if (text_find(list, ',') == list.length) {
            if (text_equal_nocase(list, token))
                return true;
            continue;
        }
        while (text_next_item(&list, ',', &item)) {
            if (text_equal_nocase(item, token))
                return true;
        }
    }
    return false;
}

bool head_is_idempotent(const struct head *head)
{
    static const struct text methods[] = { TEXT("GET"),   TEXT("HEAD"), TEXT("OPTIONS"),
                                           TEXT("TRACE"), TEXT("PUT"),  TEXT("DELETE") };

    for (size_t i = 0; i < COUNT_OF(methods); i++) {
        if (text_equal(head->method, methods[i]))
            return true;
    }
    return false;
}
