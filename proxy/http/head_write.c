/* head_write: a head as the bytes of HTTP/1.1. */
#include "http/head.h"
#include "http/pen.h"

/* Bytes of the head as read, whole field lines, that go out as they are. */
struct run {
    const char *start;
    size_t length;
};

static void write_run(struct run *run, struct pen *pen)
{
    if (run->length > 0)
        pen_add(pen, run->start, run->length);
    run->length = 0;
}

/* A line that stands in memory as `name: value CRLF` and is still what name and value say. */
static bool is_line(const struct head_field *field)
{
    return field->line && field->value.at == field->name.at + field->name.length + 2 &&
           field->value.at[field->value.length] == '\r';
}

static void write_field(const struct head_field *field, struct run *run, struct pen *pen)
{
    if (is_line(field)) {
        if (run->length == 0 || run->start + run->length != field->name.at) {
            write_run(run, pen);
            run->start = field->name.at;
        }
        run->length += field->name.length + field->value.length + strlen(": \r\n");
        return;
    }
    write_run(run, pen);
    pen_add_text(pen, field->name);
    PEN_ADD_LITERAL(pen, ": ");
    pen_add_text(pen, field->value);
    PEN_ADD_LITERAL(pen, "\r\n");
}

static void write_request_line(const struct head *head, struct text target, struct pen *pen)
{
    pen_add_text(pen, head->method);
    PEN_ADD_LITERAL(pen, " ");
    if (text_is_empty(target))
        target = head->target;
    /* What is left of a URL without a path, `http://host?query`. */
    if (target.length > 0 && target.at[0] == '?')
        PEN_ADD_LITERAL(pen, "/");
    pen_add_text(pen, target);
    PEN_ADD_LITERAL(pen, " HTTP/1.1\r\n");
}

static void write_status_line(const struct head *head, struct pen *pen)
{
    PEN_ADD_LITERAL(pen, "HTTP/1.1 ");
    pen_add_decimal(pen, head->status);
    PEN_ADD_LITERAL(pen, " ");
    pen_add_text(pen, head->reason);
    PEN_ADD_LITERAL(pen, "\r\n");
}

void head_write(const struct head *head, struct text target, bool keep_length, struct pen *pen)
{
    struct run run = { NULL, 0 };

    if (head->kind == HEAD_REQUEST)
        write_request_line(head, target, pen);
    else
        write_status_line(head, pen);
    for (size_t i = 0; i < head->count; i++) {
        const struct head_field *field = &head->fields[i];

        if (field->removed || field->id == HEAD_TRANSFER_ENCODING || field->id == HEAD_CONNECTION ||
            (field->id == HEAD_CONTENT_LENGTH && !keep_length))
            continue;
        write_field(field, &run, pen);
        if (field->id == HEAD_CONTENT_LENGTH)
            keep_length = false;
    }
    write_run(&run, pen);
}
