/* frame: where a checked message ends, and whether its start may stand (RFC 9112 3.2, 6 and 9.3).
 */
#include "http/frame.h"

#include "http/chars.h"
#include "http/target.h"

/* Nobody means more, and sums of two such do not overflow. */
#define LENGTH_MOST ((uint64_t)INT64_MAX)

static const struct text connect_method = TEXT("CONNECT"), head_method = TEXT("HEAD");

static enum read_result check_host(struct check *check)
{
    struct authority authority;

    if (check->host_count == 0 && check->minor > 0)
        return check_refuse(check, 400, "no Host");
    if (check->host_count > 1)
        return check_refuse(check, 400, "more than one Host");
    if (check->host_count == 1 && !authority_parse(check->host, &authority))
        return check_refuse(check, 400, "a Host that is no host");
    return READ_DONE;
}

/* Nearly all targets are paths, and the check has looked at their characters. */
static enum read_result check_target(struct check *check)
{
    struct target target;

    if (check->target.at[0] == '/' && !text_equal(check->method, connect_method))
        return READ_DONE;
    if (!target_parse(check->target, check->method, &target))
        return check_refuse(check, 400, "a request target of no form that the method takes");
    return READ_DONE;
}

static enum read_result frame_length(struct check *check, struct head *head)
{
    for (size_t i = 0; i < check->length.length; i++) {
        if (!char_is(check->length.at[i], CHAR_DIGIT))
            return check_refuse(check, 400, "a Content-Length that is no number");
    }
    if (check->length.length == 0)
        return check_refuse(check, 400, "an empty Content-Length");
    if (check->lengths_differ)
        return check_refuse(check, 400, "Content-Lengths that differ");
    if (!text_to_u64(check->length, &head->content_length) || head->content_length > LENGTH_MOST)
        return check_refuse(check, 413, "a Content-Length beyond measure");
    head->framing = FRAMING_LENGTH;
    return READ_DONE;
}

/* `chunked` alone, once, is the only coding that we speak. */
static enum read_result frame_coding(struct check *check, struct head *head)
{
    struct text coding = check->coding;
    size_t comma = text_find(coding, ',');

    if (check->minor == 0)
        return check_refuse(check, 400, "Transfer-Encoding in HTTP/1.0");
    if (check->length_count > 0)
        return check_refuse(check, 400, "Transfer-Encoding and Content-Length");
    if (check->coding_count > 1)
        return check_refuse(check, 400, "more than one Transfer-Encoding");
    if (text_is_nocase(coding, "chunked")) {
        head->framing = FRAMING_CHUNKED;
        return READ_DONE;
    }
    while (comma < coding.length) {
        struct text item = text_trim(text_of(coding.at, comma));

        if (text_is_empty(item) || text_is_nocase(item, "chunked"))
            return check_refuse(check, 400, "chunked that is not the last coding, or an empty one");
        coding = text_from_offset(coding, comma + 1);
        comma = text_find(coding, ',');
    }
    if (!text_is_nocase(text_trim(coding), "chunked"))
        return check_refuse(check, 400, "a Transfer-Encoding that does not end in chunked");
    return check_refuse(check, 501, "an unknown transfer coding");
}

static enum read_result frame_body(struct check *check, struct head *head)
{
    if (check->coding_count > 0)
        return frame_coding(check, head);
    if (check->length_count > 0)
        return frame_length(check, head);
    head->framing = FRAMING_NONE;
    return READ_DONE;
}

enum read_result frame_request(struct check *check, struct head *head)
{
    enum read_result result = check_host(check);

    if (result == READ_DONE)
        result = check_target(check);
    if (result == READ_DONE)
        result = frame_body(check, head);
    if (result != READ_DONE)
        return result;
    if (text_equal(check->method, connect_method) &&
        (head->framing == FRAMING_CHUNKED || head->content_length > 0))
        return check_refuse(check, 400, "CONNECT with a body");
    return READ_DONE;
}

enum read_result frame_response(struct check *check, struct text request_method, struct head *head)
{
    enum read_result result = frame_body(check, head);

    if (result != READ_DONE)
        return result;
    if (check->status == 101 ||
        (check->status / 100 == 2 && text_equal(request_method, connect_method))) {
        head->framing = FRAMING_TUNNEL;
        return READ_DONE;
    }
    head->bodiless = check->status < 200 || check->status == 204 || check->status == 304 ||
                     text_equal(request_method, head_method);
    if (head->bodiless)
        head->framing = FRAMING_NONE;
    else if (head->framing == FRAMING_NONE)
        head->framing = FRAMING_CLOSE;
    return READ_DONE;
}

/* h2c is never passed on: nobody here speaks it, and a server that switched would speak past us. */
static bool wants_upgrade(const struct head *head)
{
    return head->minor > 0 && !text_is_empty(head_get(head, HEAD_UPGRADE)) &&
           !head_lists(head, HEAD_UPGRADE, (struct text)TEXT("h2c")) &&
           head_lists(head, HEAD_CONNECTION, (struct text)TEXT("upgrade"));
}

void frame_connection(struct head *head)
{
    bool has_options = head_has(head, HEAD_CONNECTION);

    if (has_options && head_lists(head, HEAD_CONNECTION, (struct text)TEXT("close")))
        head->keep_alive = false;
    else
        head->keep_alive =
            head->minor > 0 ||
            (has_options && head_lists(head, HEAD_CONNECTION, (struct text)TEXT("keep-alive")));
    if (head->framing == FRAMING_CLOSE || head->framing == FRAMING_TUNNEL)
        head->keep_alive = false;
    head->upgrade = has_options && wants_upgrade(head);
    head->expects_continue =
        head->kind == HEAD_REQUEST && head->minor > 0 &&
        text_equal_nocase(head_get(head, HEAD_EXPECT), (struct text)TEXT("100-continue"));
}
