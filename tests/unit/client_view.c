/* client_view: see client_view.h. Knows nothing of the code under test. */
#include "client_view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* The head with its empty line, or the empty text. */
static struct text take_head(struct text *bytes)
{
    const char *end = memmem(bytes->at, bytes->length, "\r\n\r\n", 4);
    struct text head = text_of(bytes->at, end ? (size_t)(end - bytes->at) + 4 : 0);

    *bytes = text_from_offset(*bytes, head.length);
    return head;
}

static const char *find_field(struct text head, const char *name)
{
    for (size_t i = 0; i + strlen(name) < head.length; i++)
        if (strncasecmp(head.at + i, name, strlen(name)) == 0)
            return head.at + i + strlen(name);
    return NULL;
}

static void add(struct view *view, const char *bytes, size_t length)
{
    size_t room = sizeof view->body - 1 - view->length;

    length = length < room ? length : room;
    memcpy(view->body + view->length, bytes, length);
    view->length += length;
}

static bool take_chunk(struct view *view, struct text *bytes, bool *last)
{
    char *end;
    size_t at = text_find(*bytes, '\n'), size;

    if (at == bytes->length)
        return false;
    size = strtoul(bytes->at, &end, 16);
    *last = size == 0;
    *bytes = text_from_offset(*bytes, at + 1);
    if (*last)
        return true;
    if (bytes->length < size + 2) {
        add(view, bytes->at, size < bytes->length ? size : bytes->length);
        return false;
    }
    assert_memory_equal(bytes->at + size, "\r\n", 2);
    add(view, bytes->at, size);
    *bytes = text_from_offset(*bytes, size + 2);
    return true;
}

static bool take_chunks(struct view *view, struct text *bytes)
{
    bool last = false;

    while (!last)
        if (!take_chunk(view, bytes, &last))
            return false;
    for (;;) { /* trailers */
        size_t at = text_find(*bytes, '\n');

        if (at == bytes->length)
            return false;
        *bytes = text_from_offset(*bytes, at + 1);
        if (at == 1)
            return true;
    }
}

static bool take_body(struct view *view, struct text head, struct text *bytes, enum view_end end)
{
    const char *field = find_field(head, "\r\nContent-Length: ");
    size_t length = field ? strtoul(field, NULL, 10) : bytes->length;
    bool complete = bytes->length >= length;

    if (find_field(head, "\r\nTransfer-Encoding: chunked"))
        return take_chunks(view, bytes);
    if (!complete)
        length = bytes->length;
    add(view, bytes->at, length);
    *bytes = text_from_offset(*bytes, length);
    if (field)
        return complete;
    view->until_end = true;
    return end == VIEW_ENDED;
}

struct view view_next(struct text *bytes, bool to_head, bool to_connect, enum view_end end)
{
    struct view view = { 0 };
    struct text head;

    do {
        head = take_head(bytes);
        if (head.length == 0)
            return view;
        assert_memory_equal(head.at, "HTTP/1.1 ", 9);
        view.status = (unsigned)strtoul(head.at + 9, NULL, 10);
    } while (view.status < 200 && view.status != 101);
    if (to_head || view.status == 101 || view.status == 204 || view.status == 304 ||
        (to_connect && view.status == 200))
        view.whole = true;
    else
        view.whole = take_body(&view, head, bytes, end);
    return view;
}
