/* node_json: a tree as JSON, by YAML's core schema (YAML 1.2, 10.3) as far as JSON goes. */
#include "scenario/node.h"

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static size_t count_digits(struct text text)
{
    size_t count = 0;

    while (count < text.length && is_digit(text.at[count]))
        count++;
    return count;
}

/* Takes an optional part off the front: one of `begins`, then, where `sign`, one, then digits.
 * False: what begins as that part has no digits. */
static bool take_part(struct text *text, const char *begins, bool sign)
{
    size_t digits;

    if (text_is_empty(*text) || !strchr(begins, text->at[0]))
        return true;
    *text = text_from_offset(*text, 1);
    if (sign && text->length > 0 && strchr("+-", text->at[0]))
        *text = text_from_offset(*text, 1);
    digits = count_digits(*text);
    *text = text_from_offset(*text, digits);
    return digits > 0;
}

/* RFC 8259, 6. */
static bool is_number(struct text text)
{
    size_t digits;

    if (text.length > 0 && text.at[0] == '-')
        text = text_from_offset(text, 1);
    digits = count_digits(text);
    if (digits == 0 || (digits > 1 && text.at[0] == '0'))
        return false;
    text = text_from_offset(text, digits);
    return take_part(&text, ".", false) && take_part(&text, "eE", true) && text_is_empty(text);
}

static bool is_null(struct text text)
{
    return text_is_empty(text) || text_is(text, "~") || text_is(text, "null") ||
           text_is(text, "Null") || text_is(text, "NULL");
}

static bool is_bool(struct text text)
{
    return text_is_nocase(text, "true") || text_is_nocase(text, "false");
}

bool node_is_json_word(const struct node *node)
{
    return !node->quoted && (is_null(node->text) || is_bool(node->text) || is_number(node->text));
}

static void write_text(const struct node *node, struct buffer *out)
{
    struct text text = node->text;

    if (!node_is_json_word(node))
        buffer_add_json(out, text);
    else if (is_null(text))
        buffer_add_string(out, "null");
    else if (is_bool(text))
        buffer_add_string(out, text_is_nocase(text, "true") ? "true" : "false");
    else
        buffer_add_text(out, text);
}

/* NOLINTNEXTLINE(misc-no-recursion): a tree's height is bounded */
void node_write_json(const struct node *node, struct buffer *out)
{
    bool pairs = node->kind == NODE_MAPPING;

    if (node->kind == NODE_TEXT) {
        write_text(node, out);
        return;
    }
    buffer_add_byte(out, pairs ? '{' : '[');
    for (size_t i = 0; i < node->count; i++) {
        if (i > 0)
            buffer_add_byte(out, ',');
        if (pairs) {
            buffer_add_json(out, node->items[i].key);
            buffer_add_byte(out, ':');
        }
        node_write_json(node->items[i].value, out);
    }
    buffer_add_byte(out, pairs ? '}' : ']');
}
