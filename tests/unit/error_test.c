/* error_test: which answers can be asked for, and what the plan then says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fault_bench.h"

static const struct fault_setting settings[] = {
    { "" },
    { "status=300" },
    { "status=599; reason=Gone Fishing; body=no; content-type=text/html" },
    { "retry-after=0" },
    { "retry-after=1500ms" },
    { "status=304" },
    { "status=299", "wants at least 300, got \"299\"" },
    { "status=600", "wants at most 599, got \"600\"" },
    { "status=teapot", "wants a whole number such as 3, got \"teapot\"" },
    { "status=304; body=none", "an answer with status 304 has no body" },
    { "reason=a\r\nb", "reason has a byte that no status line can have" },
    { "content-type=a\nb", "content-type has a byte that no header can have" },
    { "template=s3; code=SlowDown; message=Please reduce your request rate." },
    { "template=plain; message=later" },
    { "at=after" },
    { "retry-after=2s; retry-after-form=date" },
    { "template=soap", "wants none, aws-json-1.0, aws-json-1.1, aws-query, aws-ec2, s3, google, "
                       "azure, problem, openai, plain or html, got \"soap\"" },
    { "template=google; body=x",
      "a template makes the body itself: take one of template and body" },
    { "message=x", "message goes with a template; without one, take body" },
    { "code=x", "code goes with a template that has one; the number is status" },
    { "template=html; code=x", "code goes with a template that has one; the number is status" },
    { "template=azure; code=a\nb", "code has a byte that no header can have" },
    { "status=304; template=html", "an answer with status 304 has no body" },
    { "retry-after-form=date", "retry-after-form goes with retry-after" },
};

static void parameters_are_checked_together(void **state)
{
    (void)state;
    fault_check_settings("error", settings, COUNT_OF(settings));
}

struct header_case {
    const char *name, *value, *settings;
    const char *complaint; /* NULL: none */
};

static const struct header_case headers[] = {
    { "X-Reason", "overload", "" },
    { "Set-Cookie", "", "" },
    { "Content-Type", "application/json", "" },
    { "Retry-After", "Sat, 20 Nov 2021 00:00:00 GMT", "" },
    { "Retry-After", "7", "retry-after=5s", "\"Retry-After\" is given by retry-after already" },
    { "", "x", "", "\"\" is no name for a header" },
    { "a b", "x", "", "\"a b\" is no name for a header" },
    { "a:", "x", "", "\"a:\" is no name for a header" },
    { "a", "x\r\nb: y", "", "\"a\" has a value that no header can have" },
    { "a", " x", "", "\"a\" has a value that no header can have" },
    { "content-length", "5", "", "\"content-length\" is written by panne itself" },
    { "Transfer-Encoding", "chunked", "", "\"Transfer-Encoding\" is written by panne itself" },
    { "Connection", "close", "", "\"Connection\" is written by panne itself" },
    { "Date", "now", "", "\"Date\" is written by panne itself" },
};

/* Maps are not written as scalars, so the rows' own reader cannot give one. */
static void put_header(void *params, const struct field_pair *pair)
{
    const struct field *field =
        field_find(fault_find(text_from("error"))->fields, text_from("headers"));
    struct field_pairs pairs = { pair, 1 };

    memcpy((char *)params + field->offset, &pairs, sizeof(pairs));
}

static void check_header(const struct header_case *row)
{
    const struct fault_kind *kind = fault_find(text_from("error"));
    struct field_pair pair = { text_from(row->name), text_from(row->value) };
    struct buffer complaint = { 0 };
    void *params = calloc(1, kind->params_size);
    bool good;

    assert_true(fault_read(kind, row->settings, params, &complaint));
    put_header(params, &pair);
    good = kind->check(params, &complaint);
    assert_int_equal(good, row->complaint == NULL);
    assert_string_equal(complaint.at ? complaint.at : "", row->complaint ? row->complaint : "");
    buffer_free(&complaint);
    free(params);
}

static void headers_are_checked(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(headers); i++)
        check_header(&headers[i]);
}

static void the_plan_answers(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    struct hit *hit = fault_bench_hit(
        bench, "error",
        "status=503; reason=Busy; body=later; content-type=text/html; retry-after=1500ms");
    const struct made_answer *answer = &bench->asked.answer;

    (void)state;
    assert_int_equal(answer->status, 503);
    assert_true(text_is(answer->reason, "Busy"));
    assert_true(text_is(answer->body, "later"));
    assert_true(text_is(answer->content_type, "text/html"));
    assert_int_equal(answer->retry_after, 1500 * MSEC);
    assert_ptr_equal(answer->by, hit);
    fault_bench_free(bench);
}

static void an_empty_body_has_a_type_only_if_asked(void **state)
{
    struct fault_bench *bench = fault_bench_new();

    (void)state;
    fault_bench_hit(bench, "error", "status=500");
    assert_true(text_is_empty(bench->asked.answer.content_type));
    bench->asked.answer = (struct made_answer){ 0 };
    fault_bench_hit(bench, "error", "content-type=application/json");
    assert_true(text_is(bench->asked.answer.content_type, "application/json"));
    bench->asked.answer = (struct made_answer){ 0 };
    fault_bench_hit(bench, "error", "body=x");
    assert_true(text_is(bench->asked.answer.content_type, "text/plain; charset=utf-8"));
    fault_bench_free(bench);
}

static void it_comes_before_or_after_the_origin(void **state)
{
    struct fault_bench *bench = fault_bench_new();

    (void)state;
    fault_bench_hit(bench, "error", "");
    assert_false(bench->asked.answer.late);
    bench->asked.answer = (struct made_answer){ 0 };
    fault_bench_hit(bench, "error", "at=after; retry-after=2s; retry-after-form=date");
    assert_true(bench->asked.answer.late);
    assert_true(bench->asked.answer.retry_date);
    fault_bench_free(bench);
}

static const struct field_pair own[] = { { TEXT("X-REQUEST-ID"), TEXT("mine") },
                                         { TEXT("a"), TEXT("b") } };

static void own_headers_and_types_come_first(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    const struct fault_kind *kind = fault_find(text_from("error"));
    const struct field *field = field_find(kind->fields, text_from("headers"));
    const struct field_pairs pairs = { own, COUNT_OF(own) };
    const struct made_answer *answer = &bench->asked.answer;
    struct buffer complaint = { 0 };
    void *params = arena_take(&bench->arena, kind->params_size);

    (void)state;
    assert_true(fault_read(kind, "template=openai; content-type=text/x", params, &complaint));
    memcpy((char *)params + field->offset, &pairs, sizeof(pairs));
    bench->asked.way.hit = ARENA_NEW(&bench->arena, struct hit);
    kind->at_request(params, &bench->asked);
    assert_int_equal(answer->fields.count, 2);
    assert_true(text_is(answer->fields.items[0].value, "mine"));
    assert_true(text_is(answer->content_type, "text/x"));
    assert_true(text_starts(answer->body, text_from("{\"error\":")));
    buffer_free(&complaint);
    fault_bench_free(bench);
}

static void the_first_error_answers(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    struct hit *first = fault_bench_hit(bench, "error", "status=503");
    struct hit *second = fault_bench_hit(bench, "error", "status=429");

    (void)state;
    assert_true(second->shadowed);
    assert_false(first->shadowed);
    assert_int_equal(bench->asked.answer.status, 503);
    assert_ptr_equal(bench->asked.answer.by, first);
    fault_bench_free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_checked_together),
        cmocka_unit_test(headers_are_checked),
        cmocka_unit_test(the_plan_answers),
        cmocka_unit_test(an_empty_body_has_a_type_only_if_asked),
        cmocka_unit_test(it_comes_before_or_after_the_origin),
        cmocka_unit_test(own_headers_and_types_come_first),
        cmocka_unit_test(the_first_error_answers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
