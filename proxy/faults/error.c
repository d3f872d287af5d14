/* error: an answer of our own in place of the origin's. */
#include "faults/fault.h"
#include "http/chars.h"

struct error {
    uint64_t status;
    struct text reason, body, content_type;
    struct field_pairs headers;
    usec retry_after;
};

#define DEFAULT_TYPE "text/plain; charset=utf-8"

static const struct field fields[] = {
    FIELD(struct error, status, uint64_t, FIELD_COUNT, .name = "status", .fallback = "500",
          .least = 300, .most = 599, .main = true, .help = "the status code"),
    FIELD(struct error, reason, struct text, FIELD_TEXT, .name = "reason",
          .help = "the words behind the status code; without it, the usual ones"),
    FIELD(struct error, body, struct text, FIELD_TEXT, .name = "body",
          .help = "what the answer says; without it, nothing"),
    FIELD(struct error, content_type, struct text, FIELD_TEXT, .name = "content-type",
          .fallback = DEFAULT_TYPE, .help = "the body's media type"),
    FIELD(struct error, headers, struct field_pairs, FIELD_MAP, .name = "headers",
          .help = "more header fields, in this order"),
    FIELD(struct error, retry_after, usec, FIELD_DURATION, .name = "retry-after", .least = 0,
          .most = (double)(365 * 24 * HOUR), .clock = CLOCK_WALL,
          .help = "when the client may come back, sent in whole seconds, rounded up; 0: not sent"),
    END_OF_FIELDS,
};

/* Those that say how the message is framed, or that every answer of ours has. */
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
    case HEAD_DATE:
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

static bool is_value(struct text text)
{
    return is_all(text, CHAR_VALUE) && text_equal(text, text_trim(text));
}

static bool check_header(const struct error *error, const struct field_pair *header,
                         struct buffer *complaint)
{
    const char *why = NULL;

    if (text_is_empty(header->name) || !is_all(header->name, CHAR_TOKEN))
        why = "is no name for a header";
    else if (!is_value(header->value))
        why = "has a value that no header can have";
    else if (is_ours(header->name))
        why = "is written by panne itself";
    else if (error->retry_after > 0 && text_is_nocase(header->name, "retry-after"))
        why = "is given by retry-after already";
    if (!why)
        return true;
    buffer_add_json(complaint, header->name);
    buffer_format(complaint, " %s", why);
    return false;
}

static bool check(void *params, struct buffer *complaint)
{
    const struct error *error = params;

    for (size_t i = 0; i < error->headers.count; i++)
        if (!check_header(error, &error->headers.items[i], complaint))
            return false;
    if (!is_value(error->reason))
        buffer_add_string(complaint, "reason has a byte that no status line can have");
    else if (!is_value(error->content_type))
        buffer_add_string(complaint, "content-type has a byte that no header can have");
    else if (error->status == 304 && !text_is_empty(error->body))
        buffer_add_string(complaint, "an answer with status 304 has no body");
    else
        return true;
    return false;
}

static void at_request(const void *params, struct request_plan *plan)
{
    const struct error *error = params;
    bool bare = text_is_empty(error->body) && text_is(error->content_type, DEFAULT_TYPE);

    if (plan->answer.status != 0)
        return;
    plan->answer = (struct made_answer){
        .status = (unsigned)error->status,
        .reason = error->reason,
        .content_type = bare ? text_of("", 0) : error->content_type,
        .body = error->body,
        .fields = error->headers,
        .retry_after = error->retry_after,
        .by = plan->way.hit,
    };
}

const struct fault_kind fault_error = {
    .name = "error",
    .family = "answers",
    .summary = "an error in place of the answer",
    .about =
        "The client gets a complete, well-formed answer that panne makes up, and the origin is "
        "never asked, so nothing has been done there. The connection stays usable. Redirects and "
        "errors can be given, statuses 300 to 599. Length, date and what concerns the connection "
        "are panne's own and cannot be set. Where several errors hit the same exchange the first "
        "one answers and the others are logged as shadowed; latency, floods, hangs and resets "
        "work upon that answer as upon any other. retry-after is real time: a scenario's speed "
        "does not shorten it.",
    .example = "error: {status: 503, body: Try again later, retry-after: 5s}",
    .fields = fields,
    .params_size = sizeof(struct error),
    .stands_on = FAULT_ON_HTTP,
    .answers = true,
    .check = check,
    .at_request = at_request,
};
