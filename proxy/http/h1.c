/* h1: what http-parser says of a head. The one file that knows it.
 *
 * The parser is lenient where RFC 9112 is not (Debian builds it so), and takes 27 instructions a
 * byte. Therefore it is not who lets a head in, but who is asked beside our own check. */
#include "http/h1.h"

#include <http_parser.h>

#include "http/codec.h"

/* What is compared, and how far. */
struct comparison {
    const struct head *head;
    size_t field; /* the next one */
    struct text name;
    bool complete;
};

/* The bound is the library's own global: it is set once, before there are threads. */
__attribute__((constructor)) static void limit_head_size(void)
{
    http_parser_set_max_header_size(HEAD_SIZE_MOST);
}

static bool is_at(struct text text, const char *at, size_t length)
{
    return text.length == length && (length == 0 || text.at == at);
}

static int compare_target(http_parser *parser, const char *at, size_t length)
{
    const struct comparison *comparison = parser->data;

    return is_at(comparison->head->target, at, length) ? 0 : -1;
}

static int compare_reason(http_parser *parser, const char *at, size_t length)
{
    const struct comparison *comparison = parser->data;

    return is_at(comparison->head->reason, at, length) ? 0 : -1;
}

static int keep_name(http_parser *parser, const char *at, size_t length)
{
    struct comparison *comparison = parser->data;

    comparison->name = text_of(at, length);
    return 0;
}

static int compare_field(http_parser *parser, const char *at, size_t length)
{
    struct comparison *comparison = parser->data;
    const struct head *head = comparison->head;
    struct text value = text_trim(text_of(at, length));
    const struct head_field *field;

    if (comparison->field == head->count)
        return -1;
    field = &head->fields[comparison->field++];
    return is_at(field->name, comparison->name.at, comparison->name.length) &&
                   is_at(field->value, value.at, value.length)
               ? 0
               : -1;
}

static bool same_framing(const http_parser *parser, const struct head *head)
{
    bool has_length = head_has(head, HEAD_CONTENT_LENGTH);

    if (((parser->flags & F_CHUNKED) != 0) != head_has(head, HEAD_TRANSFER_ENCODING))
        return false;
    return !has_length || head->framing != FRAMING_LENGTH ||
           parser->content_length == head->content_length;
}

static int compare_end(http_parser *parser)
{
    struct comparison *comparison = parser->data;
    const struct head *head = comparison->head;

    comparison->complete = parser->http_major == 1 &&
                           (parser->http_minor > 0) == (head->minor > 0) &&
                           (head->kind == HEAD_REQUEST || parser->status_code == head->status) &&
                           comparison->field == head->count && same_framing(parser, head);
    return 1; /* the body is read elsewhere */
}

static const http_parser_settings settings = {
    .on_url = compare_target,
    .on_status = compare_reason,
    .on_header_field = keep_name,
    .on_header_value = compare_field,
    .on_headers_complete = compare_end,
};

static bool execute(http_parser *parser, struct text bytes)
{
    size_t read = http_parser_execute(parser, &settings, bytes.at, bytes.length);

    return read == bytes.length && HTTP_PARSER_ERRNO(parser) == HPE_OK;
}

static void start(http_parser *parser, struct comparison *comparison)
{
    http_parser_init(parser, comparison->head->kind == HEAD_REQUEST ? HTTP_REQUEST : HTTP_RESPONSE);
    parser->data = comparison;
}

/* The parser has a closed list of methods, HTTP an open one: what it does not know it is shown as
 * GET. */
static bool execute_as_get(http_parser *parser, struct comparison *comparison, struct text bytes)
{
    start(parser, comparison);
    return execute(parser, (struct text)TEXT("GET")) &&
           execute(parser, text_from_offset(bytes, comparison->head->method.length));
}

bool h1_agrees(struct text bytes, const struct head *head)
{
    struct comparison comparison = { .head = head };
    http_parser parser;
    bool good;

    start(&parser, &comparison);
    good = execute(&parser, bytes);
    if (!good && HTTP_PARSER_ERRNO(&parser) == HPE_INVALID_METHOD)
        good = execute_as_get(&parser, &comparison, bytes);
    return good && comparison.complete;
}
