/* check: the table of checks, the profiles, and the limits that each profile sets. */
#include "verdict/check.h"

#include <assert.h>

#define CHECK(name) extern const struct check check_##name;
#include "verdict/table.h"
#undef CHECK

static const struct check *const checks[] = {
#define CHECK(name) &check_##name,
#include "verdict/table.h"
#undef CHECK
};

const char *const profile_names[] = { "default", "strict", "lenient", "aws-sdk",
                                      "browser", "iot",    NULL };
_Static_assert(COUNT_OF(profile_names) == PROFILE_COUNT + 1, "a name for each profile");

const struct check *check_at(size_t index)
{
    return index < COUNT_OF(checks) ? checks[index] : NULL;
}

const struct check *check_find(struct text name)
{
    for (size_t i = 0; i < COUNT_OF(checks); i++)
        if (text_is(name, checks[i]->name))
            return checks[i];
    return NULL;
}

const char *check_name_at(const void *list, size_t index)
{
    (void)list;
    return index < COUNT_OF(checks) ? checks[index]->name : NULL;
}

const char *check_group_name(enum check_group group)
{
    switch (group) {
    case GROUP_LOAD:
        return "load";
    case GROUP_PACE:
        return "pace";
    case GROUP_PATIENCE:
        return "patience";
    case GROUP_SAFETY:
        return "safety";
    case GROUP_RECOVERY:
        return "recovery";
    case GROUP_CONNECTIONS:
        return "connections";
    case GROUP_COUNT:
        break;
    }
    return "";
}

const struct field *check_limit(const struct check *check)
{
    const struct field *field = field_find(check->limits, text_from("at-most"));

    if (!field)
        field = field_find(check->limits, text_from("at-least"));
    return field ? field : field_main(check->limits);
}

/* `at-most=1.1` */
static bool set_limit(const struct check *check, struct text item, void *limits,
                      struct buffer *complaint)
{
    size_t equals = text_find(item, '=');
    const struct field *field = field_find(check->limits, text_of(item.at, equals));

    if (!field || equals == item.length) {
        buffer_format(complaint, "has no limit %.*s", (int)equals, item.at);
        return false;
    }
    return field_read(field, limits, text_from_offset(item, equals + 1), complaint);
}

bool check_limits_valid(const struct check *check, enum profile profile, void *limits,
                        struct buffer *complaint)
{
    struct text changes = text_from(check->profiles[profile]), item;

    for (const struct field *field = check->limits; field->type != FIELD_NONE; field++)
        if (field->fallback && !field_read(field, limits, text_from(field->fallback), complaint))
            return false;
    while (text_next_item(&changes, ' ', &item))
        if (!set_limit(check, item, limits, complaint))
            return false;
    return true;
}

void check_limits(const struct check *check, enum profile profile, void *limits)
{
    struct buffer complaint = { 0 };
    bool valid = check_limits_valid(check, profile, limits, &complaint);

    assert(valid);
    (void)valid;
    buffer_free(&complaint);
}
