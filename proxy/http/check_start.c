/* check_start: request lines and status lines (RFC 9112 3 and 4). */
#include <string.h>

#include "http/chars.h"
#include "http/check.h"

static enum read_result start_ran_out(struct check *check)
{
    return check_ran_out(check, 431, "head too large");
}

/* `HTTP/d.d` at `at`, and whether we speak it; *past is put behind it. A higher minor version means
 * the same framing (RFC 9110 2.5). */
static enum read_result check_version(struct check *check, const char *at, const char **past)
{
    static const char pattern[8] = "HTTP/#.#", usual[8] = "HTTP/1.1";

    if (check->end - at >= 8 && memcmp(at, usual, sizeof(usual)) == 0) {
        check->minor = 1;
        *past = at + sizeof(usual);
        return READ_DONE;
    }
    for (size_t i = 0; i < sizeof(pattern); i++) {
        if (at + i == check->end)
            return start_ran_out(check);
        if (pattern[i] == '#' ? !char_is(at[i], CHAR_DIGIT) : at[i] != pattern[i])
            return check_refuse(check, 400, "no HTTP version in the start line");
    }
    if (at[5] != '1')
        return check_refuse(check, 505, "an HTTP version that is not 1.x");
    check->minor = at[7] == '0' ? 0 : 1;
    *past = at + sizeof(pattern);
    return READ_DONE;
}

static enum read_result check_method(struct check *check, const char **past)
{
    const char *at = check->at, *end = check->end;

    while (at < end && char_is(*at, CHAR_TOKEN)) {
        at++;
        if ((size_t)(at - check->at) > METHOD_SIZE_MOST)
            return check_refuse(check, 400, "a method of more than 32 bytes");
    }
    if (at == end)
        return start_ran_out(check);
    if (at == check->at || *at != ' ')
        return check_refuse(check, 400, "no method in the request line");
    check->method = text_of(check->at, (size_t)(at - check->at));
    *past = at + 1;
    return READ_DONE;
}

static enum read_result check_request_target(struct check *check, const char **past)
{
    const char *at = *past, *start = at, *end = check->end;

    if ((size_t)(end - at) > TARGET_SIZE_MOST + 1)
        end = at + TARGET_SIZE_MOST + 1;
    while (at < end && char_is(*at, CHAR_TARGET))
        at++;
    if ((size_t)(at - start) > TARGET_SIZE_MOST)
        return check_refuse(check, 414, "a request target of more than 16 KiB");
    if (at == end)
        return start_ran_out(check);
    if (at == start || *at != ' ')
        return check_refuse(check, 400, "a request target with a wrong character, or none");
    check->target = text_of(start, (size_t)(at - start));
    *past = at + 1;
    return READ_DONE;
}

static enum read_result check_request_line(struct check *check)
{
    const char *at = check->at;
    enum read_result result = check_method(check, &at);

    if (result == READ_DONE)
        result = check_request_target(check, &at);
    if (result == READ_DONE)
        result = check_version(check, at, &at);
    return result == READ_DONE ? check_line_end(check, at) : result;
}

/* SP and three digits from 100 to 599. */
static enum read_result check_status(struct check *check, const char **past)
{
    const char *at = *past;

    for (size_t i = 0; i < 4; i++) {
        if (at + i == check->end)
            return start_ran_out(check);
        if (i == 0 ? at[i] != ' ' : !char_is(at[i], CHAR_DIGIT))
            return check_refuse(check, 400, "no status of three digits");
    }
    check->status = (unsigned)((at[1] - '0') * 100 + (at[2] - '0') * 10 + (at[3] - '0'));
    if (check->status < 100 || check->status > 599)
        return check_refuse(check, 400, "a status that is not from 100 to 599");
    *past = at + 4;
    return READ_DONE;
}

/* The reason may be missing, and so may the space before it. */
static enum read_result check_status_line(struct check *check)
{
    const char *at = check->at, *start;
    enum read_result result = check_version(check, check->at, &at);

    if (result == READ_DONE)
        result = check_status(check, &at);
    if (result != READ_DONE)
        return result;
    if (at == check->end)
        return start_ran_out(check);
    start = at;
    if (*at == ' ')
        at = check_skip_value(at, check->end);
    else if (*at != '\r' && *at != '\n')
        return check_refuse(check, 400, "no space behind the status");
    if (at > start)
        check->reason = text_of(start + 1, (size_t)(at - start - 1));
    return check_line_end(check, at);
}

enum read_result check_start_line(struct check *check)
{
    return check->kind == HEAD_REQUEST ? check_request_line(check) : check_status_line(check);
}
