/* body: form fields, JSON values and text of a body. */
#include "scenario/body.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/json_tree.h"

struct body_view {
    struct text bytes, type;
    bool whole;
    bool json_read; /* or tried to */
    struct json_tree *json;
};

struct body_view *body_view_new(struct text bytes, struct text type, bool whole)
{
    struct body_view *view = memory_take(sizeof(*view));

    view->bytes = bytes;
    view->type = type;
    view->whole = whole;
    return view;
}

void body_view_free(struct body_view *view)
{
    if (!view)
        return;
    json_tree_free(view->json);
    free(view);
}

static bool any_matches(const struct patterns *patterns, struct text text)
{
    for (size_t i = 0; i < patterns->count; i++)
        if (text_glob(patterns->items[i], text, false))
            return true;
    return false;
}

static int hex_digit(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    if (byte >= 'a' && byte <= 'f')
        return byte - 'a' + 10;
    if (byte >= 'A' && byte <= 'F')
        return byte - 'A' + 10;
    return -1;
}

/* As the URL standard's parser for such forms does: what is no escape stands for itself. */
static void decode(struct text text, struct buffer *out)
{
    buffer_clear(out);
    for (size_t i = 0; i < text.length; i++) {
        int high = i + 2 < text.length ? hex_digit(text.at[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(text.at[i + 2]) : -1;

        if (text.at[i] == '%' && low >= 0) {
            buffer_add_byte(out, (char)(high * 16 + low));
            i += 2;
        } else {
            buffer_add_byte(out, text.at[i] == '+' ? ' ' : text.at[i]);
        }
    }
}

static bool field_holds(const struct named_patterns *wanted, struct text item)
{
    struct buffer word = { 0 };
    size_t split = text_find(item, '=');
    bool holds;

    decode(text_of(item.at, split), &word);
    holds = text_equal(buffer_text(&word), wanted->name);
    if (holds) {
        decode(text_from_offset(item, split + 1), &word);
        holds = any_matches(&wanted->patterns, buffer_text(&word));
    }
    buffer_free(&word);
    return holds;
}

/* The last field of a body that goes on may go on, too. */
static bool form_holds(const struct named_patterns *wanted, const struct body_view *view)
{
    struct text rest = view->bytes, item;

    while (text_next_item(&rest, '&', &item)) {
        bool ends = view->whole || item.at + item.length < view->bytes.at + view->bytes.length;

        if (ends && field_holds(wanted, item))
            return true;
    }
    return false;
}

static bool is_form(struct text type)
{
    struct text name = text_trim(text_of(type.at, text_find(type, ';')));

    return text_is_nocase(name, "application/x-www-form-urlencoded");
}

static bool json_holds(const struct named_patterns *wanted, struct body_view *view)
{
    struct buffer value = { 0 };
    bool holds;

    if (!view->json_read) {
        view->json_read = true;
        view->json = view->whole ? json_tree_read(view->bytes) : NULL;
    }
    holds = view->json && json_tree_find(view->json, wanted->name, &value) &&
            any_matches(&wanted->patterns, buffer_text(&value));
    buffer_free(&value);
    return holds;
}

bool body_match_holds(const struct body_match *match, struct body_view *view)
{
    if (match->form_count > 0 && !is_form(view->type))
        return false;
    for (size_t i = 0; i < match->form_count; i++)
        if (!form_holds(&match->form[i], view))
            return false;
    for (size_t i = 0; i < match->json_count; i++)
        if (!json_holds(&match->json[i], view))
            return false;
    return match->text.count == 0 || any_matches(&match->text, view->bytes);
}
