/* reader_head: from bytes to a head: check, copy, take apart. */
#include <assert.h>

#include "http/check.h"
#include "http/codec.h"
#include "http/fields.h"
#include "http/frame.h"
#include "http/h1.h"

enum {
    EMPTY_LINES_MOST = 4,
    SPARE_FIELDS = 4, /* for what is added on the way, without moving the array */
};

static enum read_result refuse(struct reader *reader, unsigned status, const char *complaint)
{
    reader->state = READER_WRONG;
    reader->status = reader->kind == HEAD_REQUEST ? status : 502;
    reader->complaint = complaint;
    return READ_WRONG;
}

/* Empty lines before a request line, which old clients put behind a body (RFC 9112 2.2). */
static enum read_result skip_empty_lines(struct text bytes, size_t *skipped)
{
    size_t at = 0;

    while (at < bytes.length && bytes.at[at] == '\r') {
        if (at + 1 == bytes.length)
            return READ_MORE;
        if (bytes.at[at + 1] != '\n' || at == 2 * (size_t)EMPTY_LINES_MOST)
            return READ_WRONG;
        at += 2;
    }
    *skipped = at;
    return at == bytes.length ? READ_MORE : READ_DONE;
}

/* Whether another look is worth it: a head that comes a byte at a time is not checked from its
 * start for each. It is where there may be an empty line, and where CR and LF are not a pair, which
 * the check refuses. */
static bool may_end(const struct reader *reader, struct text bytes)
{
    if (reader->scanned == 0 || bytes.length >= reader->limits.head_size)
        return true;
    for (size_t at = reader->scanned; at < bytes.length; at++) {
        bool behind_cr = bytes.at[at - 1] == '\r', is_lf = bytes.at[at] == '\n';

        if (behind_cr != is_lf || (is_lf && (at < 3 || bytes.at[at - 2] == '\n')))
            return true;
    }
    return false;
}

static enum read_result frame(struct check *check, struct text request_method, struct head *head)
{
    return check->kind == HEAD_REQUEST ? frame_request(check, head)
                                       : frame_response(check, request_method, head);
}

/* The text at the same place in the copy. */
static struct text moved(const struct check *check, struct text text, const char *copy)
{
    return text_is_empty(text) ? text_of(copy, 0)
                               : text_of(copy + (text.at - check->start), text.length);
}

static struct head_field field_at(const struct spot *spot, const char *copy)
{
    const char *past = copy + spot->value + spot->value_length;

    return (struct head_field){
        .name = text_of(copy + spot->name, spot->name_length),
        .value = text_of(copy + spot->value, spot->value_length),
        .id = spot->id,
        .line = spot->value == spot->name + spot->name_length + 2 && copy[spot->value - 1] == ' ' &&
                *past == '\r',
    };
}

/* Start line and fields, from where the check has found them, in a copy that lives as long as the
 * head. */
static void take_apart(const struct check *check, const char *copy, struct arena *arena,
                       struct head *head)
{
    head->method = moved(check, check->method, copy);
    head->target = moved(check, check->target, copy);
    head->reason = moved(check, check->reason, copy);
    head->room = check->spot_count + SPARE_FIELDS;
    head->fields = ARENA_ARRAY(arena, struct head_field, head->room);
    for (size_t i = 0; i < check->spot_count; i++)
        fields_put(head, field_at(&check->spots[i], copy));
}

/* http-parser wants SP behind the value of a framing field. */
static void level_blanks(const struct head *head, char *copy)
{
    for (size_t i = 0; i < head->count; i++) {
        struct text value = head->fields[i].value;

        for (char *at = copy + (value.at - copy) + value.length; *at != '\r'; at++)
            *at = ' ';
    }
}

/* A head that is framed by more than one plain Content-Length, or opens a tunnel, is what parsers
 * have been played against each other with: another one must read it as we do. */
static bool is_doubtful(const struct check *check, struct text bytes, char *copy, struct head *head)
{
    bool plain = check->coding_count == 0 && !head->upgrade && head->framing != FRAMING_TUNNEL &&
                 !text_equal(head->method, (struct text)TEXT("CONNECT"));

    if (plain || check->length_count > 1)
        return false;
    if (check->rough)
        level_blanks(head, copy);
    return !h1_agrees(text_of(copy, bytes.length), head);
}

/* The head that `check` has found to be `bytes`. */
static enum read_result build(struct reader *reader, struct check *check, struct text bytes,
                              struct text request_method, struct arena *arena, struct head *head)
{
    char *copy;

    *head = (struct head){
        .kind = check->kind, .major = 1, .minor = check->minor, .status = check->status
    };
    if (frame(check, request_method, head) != READ_DONE)
        return refuse(reader, check->refusal, check->complaint);
    copy = arena_string(arena, bytes);
    take_apart(check, copy, arena, head);
    frame_connection(head);
    if (is_doubtful(check, bytes, copy, head))
        return refuse(reader, 400, "a head that reads in two ways");
    reader_body(reader, head->framing, head->content_length);
    return READ_DONE;
}

enum read_result reader_head(struct reader *reader, struct text bytes, struct text request_method,
                             struct arena *arena, struct head *head, size_t *used)
{
    enum read_result result = READ_DONE;
    struct spot spots[FIELD_COUNT_MOST];
    struct check check;
    size_t skipped = 0;

    assert(reader->state == READER_HEAD);
    *used = 0;
    if (reader->kind == HEAD_REQUEST)
        result = skip_empty_lines(bytes, &skipped);
    if (result == READ_WRONG)
        return refuse(reader, 400, "a bare CR, or too many empty lines, before the request");
    if (result == READ_MORE || text_is_empty(bytes) || !may_end(reader, bytes)) {
        reader->scanned = result == READ_MORE ? 0 : bytes.length;
        return READ_MORE;
    }
    bytes = text_from_offset(bytes, skipped);
    result = check_head(&check, reader->kind, bytes, &reader->limits, spots);
    if (result == READ_WRONG)
        return refuse(reader, check.refusal, check.complaint);
    if (result == READ_MORE) {
        reader->scanned = skipped + bytes.length;
        return READ_MORE;
    }
    *used = skipped + (size_t)(check.at - bytes.at);
    return build(reader, &check, text_of(bytes.at, *used - skipped), request_method, arena, head);
}
