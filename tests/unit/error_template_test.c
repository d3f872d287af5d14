/* error_template_test: what each template makes of status, code and message. */
#include "faults/error_template.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/attributes.h"
#include "http/status.h"

struct page_case {
    enum error_template template;
    unsigned status;
    const char *code, *message;
    const char *type;
    const char *body;   /* * stands for what hangs on chance */
    const char *fields; /* `name: value` each with a line feed; likewise */
};

#define XML "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

static const struct page_case pages[] = {
    { ERROR_AWS_JSON_1_0, 400, "com.amazonaws.dynamodb.v20120810#ThrottlingException", "slow",
      "application/x-amz-json-1.0",
      "{\"__type\":\"com.amazonaws.dynamodb.v20120810#ThrottlingException\",\"message\":\"slow\"}",
      "x-amzn-RequestId: *\n" },
    { ERROR_AWS_JSON_1_0, 500, NULL, NULL, "application/x-amz-json-1.0",
      "{\"__type\":\"InternalServerError\",\"message\":\"*\"}", "x-amzn-RequestId: *\n" },
    { ERROR_AWS_JSON_1_1, 429, NULL, NULL, "application/x-amz-json-1.1",
      "{\"__type\":\"ThrottlingException\",\"message\":\"Rate exceeded. *\"}",
      "x-amzn-RequestId: *\n" },
    { ERROR_AWS_JSON_1_1, 599, NULL, "a \"b\"\\\n\x01", "application/x-amz-json-1.1",
      "{\"__type\":\"InternalFailure\",\"message\":\"a \\\"b\\\"\\\\\\n\\u0001\"}",
      "x-amzn-RequestId: *\n" },
    { ERROR_AWS_QUERY, 400, "Throttling", "Rate <exceeded> & \"more\"", "text/xml",
      XML "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate "
          "&#60;exceeded&#62; &#38; &#34;more&#34;</Message></Error><RequestId>*</RequestId>"
          "</ErrorResponse>\n",
      "x-amzn-RequestId: *\n" },
    { ERROR_AWS_QUERY, 503, NULL, "a\x01\r\n\tb", "text/xml",
      XML "<ErrorResponse><Error><Type>Receiver</Type><Code>ServiceUnavailable</Code><Message>a"
          "\xef\xbf\xbd&#13;\n\tb</Message></Error><RequestId>*</RequestId></ErrorResponse>\n",
      "x-amzn-RequestId: *\n" },
    { ERROR_AWS_EC2, 503, "RequestLimitExceeded", "x", "text/xml;charset=UTF-8",
      XML "<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>x</Message></Error>"
          "</Errors><RequestID>*</RequestID></Response>\n",
      "x-amzn-requestid: *\n" },
    { ERROR_S3, 503, NULL, "x", "application/xml",
      XML "<Error><Code>SlowDown</Code><Message>x</Message><RequestId>*</RequestId><HostId>*="
          "</HostId></Error>\n",
      "x-amz-request-id: *\nx-amz-id-2: *=\n" },
    { ERROR_GOOGLE, 503, NULL, "x", "application/json; charset=UTF-8",
      "{\"error\":{\"code\":503,\"message\":\"x\",\"status\":\"UNAVAILABLE\"}}\n", "" },
    { ERROR_GOOGLE, 404, NULL, "x", "application/json; charset=UTF-8",
      "{\"error\":{\"code\":404,\"message\":\"x\",\"status\":\"NOT_FOUND\"}}\n", "" },
    { ERROR_GOOGLE, 418, NULL, "x", "application/json; charset=UTF-8",
      "{\"error\":{\"code\":418,\"message\":\"x\",\"status\":\"INVALID_ARGUMENT\"}}\n", "" },
    { ERROR_AZURE, 503, NULL, "x", "application/json",
      "{\"error\":{\"code\":\"ServerBusy\",\"message\":\"x\"}}",
      "x-ms-request-id: *\nx-ms-error-code: ServerBusy\n" },
    { ERROR_PROBLEM, 503, NULL, "x", "application/problem+json",
      "{\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,\"detail\":\"x\","
      "\"instance\":\"urn:uuid:*\"}\n",
      "" },
    { ERROR_PROBLEM, 503, "busy", "x", "application/problem+json",
      "{\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,\"detail\":\"x\","
      "\"instance\":\"urn:uuid:*\",\"code\":\"busy\"}\n",
      "" },
    { ERROR_OPENAI, 500, NULL, "x", "application/json",
      "{\"error\":{\"message\":\"x\",\"type\":\"server_error\",\"param\":null,\"code\":null}}\n",
      "x-request-id: req_*\n" },
    { ERROR_OPENAI, 429, NULL, "x", "application/json",
      "{\"error\":{\"message\":\"x\",\"type\":\"requests\",\"param\":null,"
      "\"code\":\"rate_limit_exceeded\"}}\n",
      "x-request-id: req_*\n" },
    { ERROR_OPENAI, 401, NULL, "x", "application/json",
      "{\"error\":{\"message\":\"x\",\"type\":\"invalid_request_error\",\"param\":null,"
      "\"code\":\"invalid_api_key\"}}\n",
      "x-request-id: req_*\n" },
    { ERROR_PLAIN, 503, NULL, "<x>", "text/plain; charset=utf-8", "<x>\n", "" },
    { ERROR_HTML, 503, NULL, "<x>", "text/html; charset=utf-8",
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head><title>503 Service Unavailable</title></head>\n"
      "<body>\n<h1>Service Unavailable</h1>\n<p>&#60;x&#62;</p>\n</body>\n</html>\n",
      "" },
};

static void check_matches(const char *what, const char *wanted, struct text got)
{
    char pattern[2048];
    size_t length = 0;

    /* A single star of a glob does not go over a slash, which Base64 has. */
    for (; *wanted && length < sizeof(pattern) - 2; wanted++) {
        pattern[length++] = *wanted;
        if (*wanted == '*')
            pattern[length++] = '*';
    }
    if (!text_glob(text_of(pattern, length), got, false))
        fail_msg("%s: wanted %.*s, got %.*s", what, (int)length, pattern, (int)got.length, got.at);
}

static void check_page(const struct page_case *row, struct arena *arena)
{
    struct error_words words = {
        .status = row->status,
        .reason = status_reason(row->status),
        .code = text_from(row->code),
        .message = text_from(row->message),
        .bits = 42,
    };
    struct error_page page = error_template_fill(row->template, &words, arena);
    struct buffer fields = { 0 };

    for (size_t i = 0; i < page.fields.count; i++) {
        buffer_add_text(&fields, page.fields.items[i].name);
        buffer_add_string(&fields, ": ");
        buffer_add_text(&fields, page.fields.items[i].value);
        buffer_add_byte(&fields, '\n');
    }
    check_matches("type", row->type, page.content_type);
    check_matches("body", row->body, page.body);
    check_matches("fields", row->fields, buffer_text(&fields));
    buffer_free(&fields);
}

static void templates_say_what_clients_expect(void **state)
{
    struct arena arena = { 0 };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(pages); i++)
        check_page(&pages[i], &arena);
    arena_clear(&arena);
}

/* Of any status, with any words. */
static void json_is_json(void **state)
{
    static const enum error_template all[] = {
        ERROR_AWS_JSON_1_0, ERROR_AWS_JSON_1_1, ERROR_GOOGLE,
        ERROR_AZURE,        ERROR_PROBLEM,      ERROR_OPENAI
    };
    struct arena arena = { 0 };

    (void)state;
    for (unsigned status = 300; status < 600; status++) {
        enum error_template template = all[status % COUNT_OF(all)];
        struct error_words words = { .status = status,
                                     .reason = TEXT("\"\\"),
                                     .message = TEXT("\xff\"\\\x7f\x01"),
                                     .bits = status };
        struct error_page page = error_template_fill(template, &words, &arena);
        json_t *json = json_loadb(page.body.at, page.body.length, 0, NULL);

        if (!json)
            fail_msg("%u: %.*s", status, (int)page.body.length, page.body.at);
        json_decref(json);
    }
    arena_clear(&arena);
}

static struct text id_of(enum error_template template, uint64_t bits, size_t field,
                         struct arena *arena)
{
    struct error_words words = { .status = 500, .reason = TEXT("x"), .bits = bits };

    return error_template_fill(template, &words, arena).fields.items[field].value;
}

static void ids_hang_on_the_bits_alone(void **state)
{
    static const struct {
        enum error_template template;
        size_t field, length;
    } ids[] = {
        { ERROR_AWS_JSON_1_1, 0, 36 }, { ERROR_S3, 0, 16 },     { ERROR_S3, 1, 76 },
        { ERROR_AZURE, 0, 36 },        { ERROR_OPENAI, 0, 36 },
    };
    struct arena arena = { 0 };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        struct text id = id_of(ids[i].template, 1, ids[i].field, &arena);

        assert_int_equal(id.length, ids[i].length);
        assert_true(text_equal(id, id_of(ids[i].template, 1, ids[i].field, &arena)));
        assert_false(text_equal(id, id_of(ids[i].template, 2, ids[i].field, &arena)));
    }
    arena_clear(&arena);
}

static void the_body_says_the_same_id_as_the_head(void **state)
{
    struct arena arena = { 0 };
    struct error_words words = { .status = 500, .reason = TEXT("x"), .bits = 7 };
    struct error_page page = error_template_fill(ERROR_S3, &words, &arena);

    (void)state;
    assert_non_null(strstr(page.body.at, page.fields.items[0].value.at));
    assert_non_null(strstr(page.body.at, page.fields.items[1].value.at));
    arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(templates_say_what_clients_expect),
        cmocka_unit_test(json_is_json),
        cmocka_unit_test(ids_hang_on_the_bits_alone),
        cmocka_unit_test(the_body_says_the_same_id_as_the_head),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
