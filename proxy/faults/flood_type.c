/* flood_type: which media types can be padded, and by what. */
#include "faults/flood.h"

struct type {
    struct text name; /* without case; a leading `+` stands for the end of any type */
    const struct filter_ops *filter;
    const struct filter_ops *outspoken; /* says more than white space and comments; or the same */
};

static const struct type types[] = {
    { TEXT("application/json"), &flood_json, &flood_members },
    { TEXT("text/json"), &flood_json, &flood_members },
    { TEXT("+json"), &flood_json, &flood_members },
    { TEXT("application/x-amz-json-1.0"), &flood_json, &flood_members },
    { TEXT("application/x-amz-json-1.1"), &flood_json, &flood_members },
    { TEXT("application/x-ndjson"), &flood_json_lines, &flood_records },
    { TEXT("application/ndjson"), &flood_json_lines, &flood_records },
    { TEXT("application/jsonl"), &flood_json_lines, &flood_records },
    { TEXT("application/x-jsonlines"), &flood_json_lines, &flood_records },
    { TEXT("text/plain"), &flood_lines, &flood_lines },
    { TEXT("text/event-stream"), &flood_events, &flood_messages },
    { TEXT("text/html"), &flood_comments, &flood_comments },
    { TEXT("text/xml"), &flood_comments, &flood_comments },
    { TEXT("application/xml"), &flood_comments, &flood_comments },
    { TEXT("+xml"), &flood_comments, &flood_comments },
};

/* Character sets in which ASCII bytes mean ASCII; a trailing `*` stands for any ending. */
static const struct text charsets[] = {
    TEXT("utf-8"),  TEXT("utf8"),         TEXT("us-ascii"),  TEXT("ascii"),
    TEXT("latin1"), TEXT("iso-8859-*"),   TEXT("iso8859-*"), TEXT("iso_8859-*"),
    TEXT("koi8-*"), TEXT("windows-125*"), TEXT("euc-*"),
};

static struct text unquote(struct text text)
{
    if (text.length >= 2 && text.at[0] == '"' && text.at[text.length - 1] == '"')
        return text_of(text.at + 1, text.length - 2);
    return text;
}

static bool is_known_charset(struct text name)
{
    for (size_t i = 0; i < COUNT_OF(charsets); i++)
        if (text_glob(charsets[i], name, true))
            return true;
    return false;
}

/* Of the parameters behind the type. */
static bool has_known_charset(struct text parameters)
{
    struct text item;

    while (text_next_item(&parameters, ';', &item)) {
        size_t split = text_find(item, '=');
        struct text name = text_trim(text_of(item.at, split));
        struct text value = text_trim(text_from_offset(item, split + 1));

        if (text_is_nocase(name, "charset") && !is_known_charset(unquote(value)))
            return false;
    }
    return true;
}

static bool is_type(struct text type, struct text wanted)
{
    return wanted.at[0] == '+' ? text_ends_nocase(type, wanted) : text_equal_nocase(type, wanted);
}

/* Of a type that is known. */
static const struct filter_ops *choose(const struct flood *flood, const struct type *type)
{
    bool outspoken = type->filter == &flood_events ? flood->events == FLOOD_BY_EVENTS
                                                   : flood->json == FLOOD_BY_MEMBERS;

    return outspoken ? type->outspoken : type->filter;
}

const struct filter_ops *flood_filter(const struct flood *flood, struct text content_type)
{
    const struct filter_ops *otherwise = flood->opaque ? &flood_padding : NULL;
    size_t split = text_find(content_type, ';');
    struct text type = text_trim(text_of(content_type.at, split));

    if (!has_known_charset(text_from_offset(content_type, split + 1)))
        return otherwise;
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (is_type(type, types[i].name))
            return choose(flood, &types[i]);
    return otherwise;
}
