/* error_template: the table of templates, of error codes by status, and how a template is filled.
 *
 * Sources: the AWS API references of DynamoDB, Kinesis, SQS, EC2 and S3 (error responses, common
 * errors), google.rpc.Code with its mapping to HTTP, the Azure REST guidelines and the Blob
 * service's common error codes, RFC 9457, the OpenAI API reference. */
#include "faults/error_template.h"

#include <inttypes.h>

#include "base/buffer.h"
#include "base/random.h"

/* How words are written between others. */
enum escape { ESCAPE_NONE, ESCAPE_JSON, ESCAPE_XML };

/* In `body` and values, @ and a letter stand for: c code, m message, s status, r reason, f whose
 * fault it is (AWS), t type (OpenAI), e code as one more JSON member if one was given, i a UUID,
 * x 16 hex digits, q 32 hex digits, h the id of a host. With ESCAPE_JSON c, m, r and t come in
 * quotes. */
struct template
{
    const char *type;
    enum escape escape;
    const char *body;
    struct {
        const char *name, *value;
    } fields[2];
};

const char *const error_template_names[] = {
    "none",  "aws-json-1.0", "aws-json-1.1", "aws-query", "aws-ec2", "s3", "google",
    "azure", "problem",      "openai",       "plain",     "html",    NULL,
};

#define XML "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define AWS_JSON "{\"__type\":@c,\"message\":@m}"

static const struct template templates[] = {
    [ERROR_AWS_JSON_1_0] = { "application/x-amz-json-1.0",
                             ESCAPE_JSON,
                             AWS_JSON,
                             { { "x-amzn-RequestId", "@i" } } },
    [ERROR_AWS_JSON_1_1] = { "application/x-amz-json-1.1",
                             ESCAPE_JSON,
                             AWS_JSON,
                             { { "x-amzn-RequestId", "@i" } } },
    [ERROR_AWS_QUERY] = { "text/xml",
                          ESCAPE_XML,
                          XML "<ErrorResponse><Error><Type>@f</Type><Code>@c</Code>"
                              "<Message>@m</Message></Error><RequestId>@i</RequestId>"
                              "</ErrorResponse>\n",
                          { { "x-amzn-RequestId", "@i" } } },
    [ERROR_AWS_EC2] = { "text/xml;charset=UTF-8",
                        ESCAPE_XML,
                        XML "<Response><Errors><Error><Code>@c</Code><Message>@m</Message>"
                            "</Error></Errors><RequestID>@i</RequestID></Response>\n",
                        { { "x-amzn-requestid", "@i" } } },
    [ERROR_S3] = { "application/xml",
                   ESCAPE_XML,
                   XML "<Error><Code>@c</Code><Message>@m</Message><RequestId>@x</RequestId>"
                       "<HostId>@h</HostId></Error>\n",
                   { { "x-amz-request-id", "@x" }, { "x-amz-id-2", "@h" } } },
    [ERROR_GOOGLE] = { "application/json; charset=UTF-8",
                       ESCAPE_JSON,
                       "{\"error\":{\"code\":@s,\"message\":@m,\"status\":@c}}\n",
                       { { NULL, NULL } } },
    [ERROR_AZURE] = { "application/json",
                      ESCAPE_JSON,
                      "{\"error\":{\"code\":@c,\"message\":@m}}",
                      { { "x-ms-request-id", "@i" }, { "x-ms-error-code", "@c" } } },
    [ERROR_PROBLEM] = { "application/problem+json",
                        ESCAPE_JSON,
                        "{\"type\":\"about:blank\",\"title\":@r,\"status\":@s,\"detail\":@m,"
                        "\"instance\":\"urn:uuid:@i\"@e}\n",
                        { { NULL, NULL } } },
    [ERROR_OPENAI] = { "application/json",
                       ESCAPE_JSON,
                       "{\"error\":{\"message\":@m,\"type\":@t,\"param\":null,\"code\":@c}}\n",
                       { { "x-request-id", "req_@q" } } },
    [ERROR_PLAIN] = { "text/plain; charset=utf-8", ESCAPE_NONE, "@m\n", { { NULL, NULL } } },
    [ERROR_HTML] = { "text/html; charset=utf-8",
                     ESCAPE_XML,
                     "<!DOCTYPE html>\n<html lang=\"en\">\n<head><title>@s @r</title></head>\n"
                     "<body>\n<h1>@r</h1>\n<p>@m</p>\n</body>\n</html>\n",
                     { { NULL, NULL } } },
};

/* What is usual for a status. The code for the first of these templates stands for itself, …; NULL:
 * none is usual. */
struct usual {
    unsigned status;
    const char *message;
    const char *codes[ERROR_OPENAI + 1];
};

#define CODES(json_1_0, json_1_1, query, ec2, s3, google, azure, openai)               \
    {                                                                                  \
        [ERROR_AWS_JSON_1_0] = (json_1_0), [ERROR_AWS_JSON_1_1] = (json_1_1),          \
        [ERROR_AWS_QUERY] = (query), [ERROR_AWS_EC2] = (ec2), [ERROR_S3] = (s3),       \
        [ERROR_GOOGLE] = (google), [ERROR_AZURE] = (azure), [ERROR_OPENAI] = (openai), \
    }

/* The first of a class is for all of that class that are not here. */
static const struct usual usuals[] = {
    { 400, "The request is not valid.",
      CODES("ValidationException", "ValidationException", "ValidationError",
            "InvalidParameterValue", "InvalidRequest", "INVALID_ARGUMENT", "InvalidInput", NULL) },
    { 401, "The credentials are not valid.",
      CODES("UnrecognizedClientException", "UnrecognizedClientException", "InvalidClientTokenId",
            "AuthFailure", "InvalidAccessKeyId", "UNAUTHENTICATED", "AuthenticationFailed",
            "invalid_api_key") },
    { 403, "You are not allowed to do this.",
      CODES("AccessDeniedException", "AccessDeniedException", "AccessDenied",
            "UnauthorizedOperation", "AccessDenied", "PERMISSION_DENIED", "AuthorizationFailed",
            NULL) },
    { 404, "The resource does not exist.",
      CODES("ResourceNotFoundException", "ResourceNotFoundException", "ResourceNotFound",
            "InvalidParameterValue", "NoSuchKey", "NOT_FOUND", "ResourceNotFound", NULL) },
    { 408, "The request took too long.",
      CODES("RequestTimeoutException", "RequestTimeoutException", "RequestTimeout",
            "RequestTimeout", "RequestTimeout", "DEADLINE_EXCEEDED", "OperationTimedOut", NULL) },
    { 409, "The request conflicts with another one.",
      CODES("ConflictException", "ConflictException", "Conflict", "IncorrectState",
            "OperationAborted", "ABORTED", "Conflict", NULL) },
    { 429, "Rate exceeded. Please reduce your request rate.",
      CODES("ThrottlingException", "ThrottlingException", "Throttling", "RequestLimitExceeded",
            "SlowDown", "RESOURCE_EXHAUSTED", "TooManyRequests", "rate_limit_exceeded") },
    { 500, "An internal error occurred. Please try again.",
      CODES("InternalServerError", "InternalFailure", "InternalFailure", "InternalError",
            "InternalError", "INTERNAL", "InternalServerError", NULL) },
    { 501, "This is not implemented.",
      CODES("NotImplementedException", "NotImplementedException", "NotImplemented",
            "UnsupportedOperation", "NotImplemented", "UNIMPLEMENTED", "NotImplemented", NULL) },
    { 503, "The service is overloaded at the moment. Please reduce your request rate.",
      CODES("ServiceUnavailable", "ServiceUnavailable", "ServiceUnavailable", "Unavailable",
            "SlowDown", "UNAVAILABLE", "ServerBusy", NULL) },
    { 504, "The service did not answer in time.",
      CODES("ServiceUnavailable", "ServiceUnavailable", "ServiceUnavailable", "Unavailable",
            "ServiceUnavailable", "DEADLINE_EXCEEDED", "OperationTimedOut", NULL) },
};

static const struct usual *usual_for(unsigned status)
{
    const struct usual *found = NULL;
    bool of_server = status >= 500;

    for (size_t i = 0; i < COUNT_OF(usuals); i++) {
        if (usuals[i].status == status)
            return &usuals[i];
        if (!found && (usuals[i].status >= 500) == of_server)
            found = &usuals[i];
    }
    return found;
}

bool error_template_has_code(enum error_template template)
{
    return template != ERROR_NO_TEMPLATE && template != ERROR_PLAIN && template != ERROR_HTML;
}

/* XML 1.0 has no other control bytes, not even as references. */
static void add_xml(struct buffer *out, struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.at[i];

        if (byte == '&' || byte == '<' || byte == '>' || byte == '"' || byte == '\r')
            buffer_format(out, "&#%d;", byte);
        else if (byte < ' ' && byte != '\t' && byte != '\n')
            buffer_add_string(out, "\xef\xbf\xbd");
        else
            buffer_add_byte(out, (char)byte);
    }
}

static void add_word(struct buffer *out, struct text word, enum escape escape)
{
    if (escape == ESCAPE_XML)
        add_xml(out, word);
    else if (escape == ESCAPE_JSON && !word.at)
        buffer_add_string(out, "null");
    else if (escape == ESCAPE_JSON)
        buffer_add_json(out, word);
    else
        buffer_add_text(out, word);
}

/* Version 4 of RFC 9562, so far as bits that are not random may say so. */
static void add_uuid(struct buffer *out, uint64_t bits)
{
    uint64_t more = random_mix(bits);

    buffer_format(out, "%08" PRIx64 "-%04" PRIx64 "-4%03" PRIx64 "-%04" PRIx64 "-%012" PRIx64,
                  bits >> 32, bits >> 16 & 0xffff, bits & 0xfff, (more >> 48 & 0x3fff) | 0x8000,
                  more & UINT64_C(0xffffffffffff));
}

/* As long as S3's: 56 bytes in Base64. */
static void add_host(struct buffer *out, uint64_t bits)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (int i = 0; i < 75; i++) {
        if (i % 10 == 0)
            bits = random_mix(bits);
        /* Of the last one, only four bits are within the bytes. */
        buffer_add_byte(out, letters[bits >> (i % 10 * 6) & (i == 74 ? 0x3c : 0x3f)]);
    }
    buffer_add_byte(out, '=');
}

static void add_id(struct buffer *out, char kind, uint64_t bits)
{
    uint64_t mixed = random_join(bits, (unsigned char)kind);

    if (kind == 'i')
        add_uuid(out, mixed);
    else if (kind == 'x')
        buffer_format(out, "%016" PRIX64, mixed);
    else if (kind == 'q')
        buffer_format(out, "%016" PRIx64 "%016" PRIx64, mixed, random_mix(mixed));
    else
        add_host(out, mixed);
}

static const char *openai_type(unsigned status)
{
    if (status >= 500)
        return "server_error";
    return status == 429 ? "requests" : "invalid_request_error";
}

/* `given` is whether the user has said the code. */
static void add_place(struct buffer *out, char place, const struct error_words *words,
                      enum escape escape, bool given)
{
    switch (place) {
    case 'c':
        add_word(out, words->code, escape);
        break;
    case 'm':
        add_word(out, words->message, escape);
        break;
    case 'r':
        add_word(out, words->reason, escape);
        break;
    case 's':
        buffer_format(out, "%u", words->status);
        break;
    case 'f':
        buffer_add_string(out, words->status >= 500 ? "Receiver" : "Sender");
        break;
    case 't':
        add_word(out, text_from(openai_type(words->status)), escape);
        break;
    case 'e':
        if (given) {
            buffer_add_string(out, ",\"code\":");
            add_word(out, words->code, escape);
        }
        break;
    default:
        add_id(out, place, words->bits);
    }
}

static struct text expand(const char *pattern, const struct error_words *words, enum escape escape,
                          bool given, struct arena *arena)
{
    struct buffer out = { 0 };
    struct text made;

    for (const char *at = pattern; *at; at++) {
        if (*at != '@')
            buffer_add_byte(&out, *at);
        else
            add_place(&out, *++at, words, escape, given);
    }
    made = arena_copy(arena, buffer_text(&out));
    buffer_free(&out);
    return made;
}

struct error_page error_template_fill(enum error_template template, const struct error_words *words,
                                      struct arena *arena)
{
    const struct template *row = &templates[template];
    const struct usual *usual = usual_for(words->status);
    struct error_words full = *words;
    bool given = words->code.length > 0;
    struct field_pair *items = ARENA_ARRAY(arena, struct field_pair, COUNT_OF(row->fields));
    size_t count = 0;

    if (!given)
        full.code = text_from(template <= ERROR_OPENAI ? usual->codes[template] : NULL);
    if (text_is_empty(words->message))
        full.message = text_from(usual->message);
    for (size_t i = 0; i < COUNT_OF(row->fields) && row->fields[i].name; i++)
        items[count++] =
            (struct field_pair){ text_from(row->fields[i].name),
                                 expand(row->fields[i].value, &full, ESCAPE_NONE, given, arena) };
    return (struct error_page){
        .content_type = text_from(row->type),
        .code = full.code,
        .body = expand(row->body, &full, row->escape, given, arena),
        .fields = { items, count },
    };
}
