/* marks_test: which field ties attempts together, what of it is told, and what answers ask for. */
#include "serve/marks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"

enum { SALT = 42, FIELDS_MOST = 4 };

struct pair {
    const char *name, *value;
};

/* A head has room for so many fields; ends with a pair without a name. */
typedef struct pair pairs[FIELDS_MOST];

static struct head head_of(const struct pair *fields, struct arena *arena)
{
    struct head head = { 0 };

    for (size_t i = 0; i < FIELDS_MOST && fields[i].name; i++)
        head_add(&head, arena, text_from(fields[i].name), text_from(fields[i].value));
    return head;
}

static struct marks marks_of(const struct pair *fields)
{
    static char agent[128];
    struct arena arena = { 0 };
    struct head head = head_of(fields, &arena);
    struct marks marks;

    marks_read(&head, SALT, &marks);
    if (marks.agent.length > 0)
        memcpy(agent, marks.agent.at, marks.agent.length);
    marks.agent.at = agent;
    arena_clear(&arena);
    return marks;
}

static struct wishes wishes_of(const struct pair *fields)
{
    static char error[128];
    struct arena arena = { 0 };
    struct head head = head_of(fields, &arena);
    struct wishes wishes;

    wishes_read(&head, SALT, &wishes);
    wishes_add_date(&wishes, (usec)784111777 * SECOND);
    if (wishes.error.length > 0)
        memcpy(error, wishes.error.at, wishes.error.length);
    wishes.error.at = error;
    arena_clear(&arena);
    return wishes;
}

#define UUID "0c8f9b3e-2f3b-4a53-9d1c-5f6a2b7c8d9e"
#define TRACE "4bf92f3577b34da6a3ce929d0e0e4736"

/* `again` is the next attempt's; both have `mark` alike. */
static const struct {
    pairs fields, again;
    const char *marker;
    bool marked;
    uint64_t attempt, attempt_again;
} ties[] = {
    { { { "amz-sdk-invocation-id", UUID }, { "amz-sdk-request", "attempt=1" } },
      { { "Amz-Sdk-Invocation-Id", UUID }, { "amz-sdk-request", "ttl=2026Z; attempt=2; max=3" } },
      "amz-sdk-invocation-id",
      true,
      1,
      2 },
    { { { "Idempotency-Key", "k" } },
      { { "idempotency-key", "k" } },
      "idempotency-key",
      true,
      0,
      0 },
    { { { "X-Idempotency-Key", "k" } },
      { { "x-idempotency-key", "k" } },
      "x-idempotency-key",
      true,
      0,
      0 },
    { { { "x-goog-gcs-idempotency-token", UUID } },
      { { "X-Goog-Gcs-Idempotency-Token", UUID } },
      "x-goog-gcs-idempotency-token",
      true,
      0,
      0 },
    { { { "x-goog-api-client", "gl-go/1 gccl-invocation-id/" UUID " gccl-attempt-count/1" } },
      { { "x-goog-api-client", "gccl-attempt-count/2 gccl-invocation-id/" UUID " gl-go/1" } },
      "x-goog-api-client",
      true,
      1,
      2 },
    { { { "x-stainless-retry-count", "0" } },
      { { "X-Stainless-Retry-Count", "1" } },
      "x-stainless-retry-count",
      false,
      1,
      2 },
    { { { "grpc-previous-rpc-attempts", "1" } },
      { { "grpc-previous-rpc-attempts", "2" } },
      "grpc-previous-rpc-attempts",
      false,
      2,
      3 },
    { { { "traceparent", "00-" TRACE "-00f067aa0ba902b7-01" } },
      { { "Traceparent", "00-" TRACE "-b7ad6b7169203331-01" } },
      "traceparent",
      true,
      0,
      0 },
    { { { "X-Request-Id", "7" } }, { { "X-Request-ID", "7" } }, "x-request-id", true, 0, 0 },
    { { { "X-Correlation-Id", "7" } },
      { { "x-correlation-id", "7" } },
      "x-correlation-id",
      true,
      0,
      0 },
    { { { "X-Amzn-Trace-Id", "Root=1-67891233-abcdef012345678912345678;Parent=a" } },
      { { "X-Amzn-Trace-Id", "Parent=b; Root=1-67891233-abcdef012345678912345678" } },
      "x-amzn-trace-id",
      true,
      0,
      0 },
};

static void attempts_have_the_same_mark(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(ties); i++) {
        struct marks first = marks_of(ties[i].fields), second = marks_of(ties[i].again);

        assert_true(text_is(first.marker, ties[i].marker));
        assert_true(text_is(second.marker, ties[i].marker));
        assert_int_equal(first.mark, second.mark);
        assert_int_equal(first.mark != 0, ties[i].marked);
        assert_int_equal(first.attempt, ties[i].attempt);
        assert_int_equal(second.attempt, ties[i].attempt_again);
    }
}

static void the_marker_that_means_it_wins_wherever_it_stands(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(ties); i++)
        for (size_t other = 0; other < COUNT_OF(ties); other++) {
            pairs fields = { ties[i].fields[0], ties[other].fields[0] };
            struct marks marks = marks_of(fields);
            size_t best = i < other ? i : other;

            assert_true(text_is(marks.marker, ties[best].marker));
            assert_int_equal(marks.mark, marks_of(ties[best].fields).mark);
        }
}

static void what_says_nothing_is_no_marker(void **state)
{
    static const pairs none[] = {
        { { NULL, NULL } },
        { { "x-goog-api-client", "gl-python/3.11 gax/2.1" } },
        { { "traceparent", "00-" } },
        { { "traceparent", "" } },
        { { "idempotency-keys", "k" } },
        { { "x-request-ie", "k" } },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(none); i++) {
        struct marks marks = marks_of(none[i]);

        assert_int_equal(marks.marker.length, 0);
        assert_int_equal(marks.mark, 0);
        assert_int_equal(marks.attempt + marks.key + marks.known_tag, 0);
    }
}

static void numbers_that_are_none_number_nothing(void **state)
{
    static const pairs wrong[] = {
        { { "amz-sdk-request", "max=3" } },
        { { "amz-sdk-request", "attempt=-1" } },
        { { "x-stainless-retry-count", "two" } },
        { { "x-stainless-retry-count", "18446744073709551615" } },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_int_equal(marks_of(wrong[i]).attempt, 0);
}

static void a_key_is_told_beside_a_better_marker(void **state)
{
    const pairs both = { { "Idempotency-Key", "k" }, { "amz-sdk-invocation-id", UUID } };
    const pairs other = { { "Idempotency-Key", "l" } };
    struct marks marks = marks_of(both);

    (void)state;
    assert_true(text_is(marks.marker, "amz-sdk-invocation-id"));
    assert_int_equal(marks.key, marks_of((pairs){ both[0] }).key);
    assert_int_not_equal(marks.key, 0);
    assert_int_not_equal(marks.key, marks_of(other).key);
}

static void an_agent_is_its_first_product(void **state)
{
    static const struct {
        const char *value, *agent;
    } rows[] = {
        { "curl/8.5.0", "curl/8.5.0" },
        { "Mozilla/5.0 (X11; Linux) Gecko", "Mozilla/5.0" },
        { "Go-http-client/1.1", "Go-http-client/1.1" },
        { "caf\xc3\xa9/1", "caf" },
        { "(nothing)", "" },
        { "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdefXYZ",
          "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const pairs fields = { { "User-Agent", rows[i].value } };

        assert_true(text_is(marks_of(fields).agent, rows[i].agent));
    }
}

static void tags_are_compared_weakly_and_the_first_counts(void **state)
{
    static const struct {
        const char *name, *value;
        bool known;
    } rows[] = {
        { "If-None-Match", "\"v1\"", true },    { "If-None-Match", "W/\"v1\"", true },
        { "if-match", "\"v1\", \"v2\"", true }, { "If-Range", "\"v1\"", true },
        { "If-None-Match", "v1", true },        { "If-None-Match", "\"v2\", \"v1\"", false },
        { "If-None-Match", "*", false },        { "If-Range", "v1", false },
    };
    const pairs etag = { { "ETag", "W/\"v1\"" } };
    uint64_t tag = wishes_of(etag).tag;

    (void)state;
    assert_int_not_equal(tag, 0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const pairs fields = { { rows[i].name, rows[i].value } };

        assert_int_equal(marks_of(fields).known_tag == tag, rows[i].known);
    }
}

static void an_answer_asks_for_the_least_wait_that_it_names(void **state)
{
    static const struct {
        pairs fields;
        usec wait;
        bool date;
    } rows[] = {
        { { { "Retry-After", "120" } }, 120 * SECOND, false },
        { { { "retry-after", "0" } }, 0, false },
        { { { "Retry-After", "99999999999999999999" } }, NEVER, false },
        { { { "Retry-After", "9999999999999" } }, (usec)10 * 365 * 24 * HOUR, false },
        { { { "Retry-After", "1.5" } }, NEVER, false },
        { { { "Retry-After", "soon" } }, NEVER, false },
        { { { "Retry-After", "-1" } }, NEVER, false },
        { { { "Retry-After", "Sun, 06 Nov 1994 08:50:37 GMT" } }, MINUTE, true },
        { { { "Retry-After", "Sunday, 06-Nov-94 08:50:37 GMT" } }, MINUTE, true },
        { { { "Retry-After", "Sun Nov  6 08:50:37 1994" } }, MINUTE, true },
        { { { "Retry-After", "Sun, 06 Nov 1994 08:00:00 GMT" } }, 0, true },
        { { { "x-amz-retry-after", "1500" } }, 1500 * MSEC, false },
        { { { "retry-after-ms", "250" } }, 250 * MSEC, false },
        { { { "grpc-retry-pushback-ms", "20" } }, 20 * MSEC, false },
        { { { "grpc-retry-pushback-ms", "-1" } }, NEVER, false },
        { { { "Retry-After", "2" }, { "retry-after-ms", "1500" } }, 1500 * MSEC, false },
        { { { "Retry-Afters", "2" } }, NEVER, false },
        { { { NULL, NULL } }, NEVER, false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct wishes wishes = wishes_of(rows[i].fields);

        assert_int_equal(wishes.retry_after, rows[i].wait);
        assert_int_equal(wishes.retry_date, rows[i].date);
    }
}

static void an_answer_names_its_error(void **state)
{
    static const struct {
        const char *name, *value, *error;
    } rows[] = {
        { "x-amzn-errortype", "ThrottlingException", "ThrottlingException" },
        { "X-Amzn-ErrorType", "FooError:http://internal.amazon.com/", "FooError" },
        { "x-amzn-errortype", "aws.protocol#FooError:http://internal/#x", "FooError" },
        { "x-ms-error-code", "ServerBusy", "ServerBusy" },
        { "grpc-status", "14", "14" },
        { "grpc-status", "0", "" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const pairs fields = { { rows[i].name, rows[i].value } };

        assert_true(text_is(wishes_of(fields).error, rows[i].error));
    }
}

static void what_was_taken_out_of_an_answer_is_not_asked_for(void **state)
{
    const pairs fields = { { "Retry-After", "5" } };
    struct arena arena = { 0 };
    struct head head = head_of(fields, &arena);
    struct wishes wishes;

    (void)state;
    head_remove_named(&head, text_from("retry-after"));
    wishes_read(&head, SALT, &wishes);
    assert_int_equal(wishes.retry_after, NEVER);
    arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attempts_have_the_same_mark),
        cmocka_unit_test(the_marker_that_means_it_wins_wherever_it_stands),
        cmocka_unit_test(what_says_nothing_is_no_marker),
        cmocka_unit_test(numbers_that_are_none_number_nothing),
        cmocka_unit_test(a_key_is_told_beside_a_better_marker),
        cmocka_unit_test(an_agent_is_its_first_product),
        cmocka_unit_test(tags_are_compared_weakly_and_the_first_counts),
        cmocka_unit_test(an_answer_asks_for_the_least_wait_that_it_names),
        cmocka_unit_test(an_answer_names_its_error),
        cmocka_unit_test(what_was_taken_out_of_an_answer_is_not_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
