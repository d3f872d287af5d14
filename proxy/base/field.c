/* field: looking fields up in their tables, their defaults, and what each type of value looks like.
 */
#include "base/field.h"

#include <assert.h>

void field_defaults(const struct field *fields, void *target)
{
    struct buffer complaint = { 0 };

    for (const struct field *field = fields; field->type != FIELD_NONE; field++) {
        bool valid =
            !field->fallback || field_read(field, target, text_from(field->fallback), &complaint);

        assert(valid);
        (void)valid;
    }
    buffer_free(&complaint);
}

const struct field *field_find(const struct field *fields, struct text name)
{
    for (const struct field *field = fields; field->type != FIELD_NONE; field++) {
        if (text_is(name, field->name))
            return field;
    }
    return NULL;
}

const struct field *field_main(const struct field *fields)
{
    for (const struct field *field = fields; field->type != FIELD_NONE; field++) {
        if (field->main)
            return field;
    }
    return NULL;
}

const char *field_name_at(const void *fields, size_t index)
{
    const struct field *field = (const struct field *)fields + index;

    return field->type == FIELD_NONE ? NULL : field->name;
}

const char *field_type_wish(enum field_type type)
{
    switch (type) {
    case FIELD_DURATION:
        return "a duration such as 200ms";
    case FIELD_SIZE:
        return "a size such as 4KiB";
    case FIELD_SHARE:
        return "a share such as 30%";
    case FIELD_FACTOR:
        return "a factor such as x1.5";
    case FIELD_RATE:
        return "a rate such as 300/s";
    case FIELD_BANDWIDTH:
        return "a bandwidth such as 64KiB/s";
    case FIELD_COUNT:
        return "a whole number such as 3";
    case FIELD_NUMBER:
        return "a number such as 1.5";
    case FIELD_FLAG:
        return "yes or no";
    case FIELD_TEXT:
        return "a text";
    case FIELD_CHOICE:
        return "one of a few words";
    case FIELD_RANGE:
        return "a range such as 1..3";
    case FIELD_MAP:
        return "a mapping such as {name: value}";
    case FIELD_JSON:
        return "a value as in JSON, such as {name: value}";
    case FIELD_TEXTS:
        return "a text or a list such as [one, two]";
    case FIELD_NONE:
        break;
    }
    return "nothing";
}
