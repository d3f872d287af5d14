/* field_names: which header fields a scenario may write. */
#include "faults/field_names.h"

#include "http/chars.h"
#include "http/head.h"

static bool is_ours(struct text name)
{
    switch (field_identify(name)) {
    case HEAD_CONTENT_LENGTH:
    case HEAD_TRANSFER_ENCODING:
    case HEAD_CONNECTION:
    case HEAD_KEEP_ALIVE:
    case HEAD_PROXY_CONNECTION:
    case HEAD_TE:
    case HEAD_TRAILER:
    case HEAD_UPGRADE:
        return true;
    default:
        return false;
    }
}

static bool is_all(struct text text, enum char_class class)
{
    for (size_t i = 0; i < text.length; i++)
        if (!char_is(text.at[i], class))
            return false;
    return true;
}

const char *field_name_complaint(struct text name)
{
    if (text_is_empty(name) || !is_all(name, CHAR_TOKEN))
        return "is no name for a header";
    return is_ours(name) ? "is written by panne itself" : NULL;
}

bool field_value_is_good(struct text value)
{
    return is_all(value, CHAR_VALUE) && text_equal(value, text_trim(value));
}
