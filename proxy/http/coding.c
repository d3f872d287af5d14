/* coding: content codings, as a head names them. */
#include "http/coding.h"

static bool is_gzip(struct text name)
{
    return text_is_nocase(name, "gzip") || text_is_nocase(name, "x-gzip");
}

enum coding coding_of(const struct head *head)
{
    struct text coding = head_get(head, HEAD_CONTENT_ENCODING);
    size_t lines = 0;

    for (size_t i = 0; i < head->count; i++)
        lines += head->fields[i].id == HEAD_CONTENT_ENCODING && !head->fields[i].removed;
    if (lines > 1)
        return CODING_OTHER;
    if (text_is_empty(coding) || text_is_nocase(coding, "identity"))
        return CODING_NONE;
    return is_gzip(coding) ? CODING_GZIP : CODING_OTHER;
}

/* `q=0`, `q=0.0`, …: not acceptable. */
static bool is_refused(struct text parameters)
{
    struct text item;

    while (text_next_item(&parameters, ';', &item)) {
        if (item.length < 3 || (item.at[0] | 0x20) != 'q' || item.at[1] != '=')
            continue;
        for (size_t i = 2; i < item.length; i++)
            if (item.at[i] != '0' && item.at[i] != '.')
                return false;
        return true;
    }
    return false;
}

/* What a list says of gzip: by its name, or else by `*`. */
static void read_list(struct text list, int *named, int *any)
{
    struct text item;

    while (text_next_item(&list, ',', &item)) {
        size_t split = text_find(item, ';');
        struct text name = text_trim(text_of(item.at, split));
        int taken = is_refused(text_from_offset(item, split + 1)) ? -1 : 1;

        if (is_gzip(name))
            *named = taken;
        else if (text_is(name, "*"))
            *any = taken;
    }
}

bool coding_takes_gzip(const struct head *request)
{
    int named = 0, any = 0;

    for (size_t i = 0; i < request->count; i++) {
        const struct head_field *field = &request->fields[i];

        if (!field->removed && text_is_nocase(field->name, "accept-encoding"))
            read_list(field->value, &named, &any);
    }
    return named != 0 ? named > 0 : any > 0;
}

static bool varies(const struct head *head, struct text name)
{
    for (size_t i = 0; i < head->count; i++) {
        struct text list = head->fields[i].value, item;

        if (head->fields[i].removed || !text_is_nocase(head->fields[i].name, "vary"))
            continue;
        while (text_next_item(&list, ',', &item))
            if (text_equal_nocase(item, name) || text_is(item, "*"))
                return true;
    }
    return false;
}

void coding_say_gzip(struct head *head, struct arena *arena)
{
    const struct text accept = TEXT("Accept-Encoding");

    head_set(head, arena, text_from("Content-Encoding"), text_from("gzip"));
    if (head->kind == HEAD_RESPONSE && !varies(head, accept))
        head_add(head, arena, text_from("Vary"), accept);
}
