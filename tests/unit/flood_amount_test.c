/* flood_amount_test: bytes by number, bodies without an end, slow ones, bombs, opaque bodies, and
 * requests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flood_bench.h"
#include "flow_table.h"
#include "http/coding.h"

#define LOTS (20 * 1024 * 1024ull)

/* How much of each body is held at most, and how much comes out, of a flood of 20 MiB. */
static void check_lots(const char *type, const char *body, const char *more, bool known)
{
    struct fault_bench *bench = fault_bench_new();
    struct queue *out = &bench->pipeline.out;
    struct text settings = arena_format(&bench->arena, "add=20MiB; limit=20MiB; %s", more);
    uint64_t came = 0;
    size_t most = 0;
    bool ended = false;

    fault_bench_field(bench, "Content-Type", type);
    if (known)
        fault_bench_length(bench, strlen(body));
    fault_bench_hit(bench, "flood", settings.at);
    flow_feed(pipeline_in(&bench->pipeline), body, 3, PART_BODY, 0);
    flow_feed(pipeline_in(&bench->pipeline), "!", 0, PART_BODY, 0);
    for (usec now = 1; !ended && now < 1000000; now++) {
        (void)pipeline_run(&bench->pipeline, now);
        most = bench->budget.held > most ? bench->budget.held : most;
        came += out->bytes;
        ended = out->last && chunk_is_final(out->last);
        queue_clear(out);
    }
    assert_true(ended);
    assert_int_equal(came, LOTS + strlen(body));
    assert_true(!known || bench->answered.way.length == came);
    assert_in_range(most, 1, 300 * 1024);
    fault_bench_free(bench);
}

static void many_megabytes_take_no_more_room_than_one(void **state)
{
    (void)state;
    for (int known = 0; known < 2; known++) {
        check_lots("application/json", "{\"a\":[1,2,3]}\n", "json=space", known);
        check_lots("application/json", "{\"a\":[1,2,3]}\n", "json=members", known);
        check_lots("application/x-ndjson", "{\"a\":1}\n{\"b\":2}\n", "json=members", known);
        check_lots("text/plain", "one\ntwo\n", "json=space", known);
        check_lots("text/event-stream", "data: 1\n\n", "events=events", known);
        check_lots("text/html", "<p>much ado", "json=space", known);
        check_lots("image/png", "PNG", "opaque=yes", known);
    }
}

static size_t bytes_at(struct fault_bench *bench, usec now, usec *wake)
{
    struct queue *out = &bench->pipeline.out;
    size_t bytes;

    *wake = pipeline_run(&bench->pipeline, now);
    bytes = out->bytes;
    assert_true(!out->last || !chunk_is_final(out->last));
    queue_clear(out);
    return bytes;
}

static void what_is_endless_falls_silent_at_the_limit(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    const struct hit *hit;
    size_t came = 0;
    usec wake = 0;

    (void)state;
    fault_bench_field(bench, "Content-Type", "application/json");
    fault_bench_length(bench, 2);
    hit = fault_bench_hit(bench, "flood", "endless=yes; limit=1MiB");
    assert_false(bench->answered.way.length_known);
    flow_feed(pipeline_in(&bench->pipeline), "{}!", 0, PART_BODY, 0);
    for (usec now = 1; now < 100; now++)
        came += bytes_at(bench, now, &wake);
    assert_int_equal(came, 2 + 1024 * 1024);
    assert_true(wake == NEVER);
    assert_int_equal(fault_bench_touched(bench, hit), 1024 * 1024 + 1);
    fault_bench_free(bench);
}

/* A cut body is not prolonged. */
static void a_body_that_breaks_off_is_not_endless(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    char *out;

    (void)state;
    fault_bench_field(bench, "Content-Type", "text/plain");
    fault_bench_hit(bench, "flood", "endless=yes");
    out = fault_bench_run(bench, "abc~", 0, PART_BODY, 0);
    assert_string_equal(out, "abc~");
    free(out);
    fault_bench_free(bench);
}

static void a_pace_is_kept(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    size_t came = 0;
    usec wake, now = 5 * SECOND;

    (void)state;
    fault_bench_field(bench, "Content-Type", "text/plain");
    fault_bench_hit(bench, "flood", "endless=yes; pace=10000B; limit=50000B");
    flow_feed(pipeline_in(&bench->pipeline), "abc!", 0, PART_BODY, now);
    while (now < 15 * SECOND) {
        double due = (double)(now - 5 * SECOND) * 10000 / SECOND + 3;

        came += bytes_at(bench, now, &wake);
        due = due < 50003 ? due : 50003;
        assert_true((double)came <= due + 1000 && (double)came >= due - 1000);
        assert_true(wake > now);
        if (wake == NEVER)
            break;
        now = wake;
    }
    assert_int_equal(came, 50003);
    assert_true(now > 9 * SECOND && now <= 10 * SECOND);
    fault_bench_free(bench);
}

struct pack_case {
    const char *accepts, *coding, *type, *settings;
    bool packed;
    const char *note;
};

static const struct pack_case packs[] = {
    { "gzip", NULL, "application/json", "body=x2; pack=gzip", true, NULL },
    { "br, *", NULL, "application/json", "body=x2; pack=gzip", true, NULL },
    { "gzip;q=0", NULL, "application/json", "body=x2; pack=gzip", false, "gzip is not accepted" },
    { NULL, NULL, "application/json", "body=x2; pack=gzip", false, "gzip is not accepted" },
    { NULL, NULL, "application/json", "body=x2; pack=gzip; force=yes", true, NULL },
    { "gzip", "br", "application/json", "body=x2; pack=gzip", false, NULL },
    { "gzip", NULL, "image/png", "body=x2; pack=gzip", false, NULL },
    { "gzip", NULL, "image/png", "body=x2; pack=gzip; opaque=yes", true, NULL },
};

static void check_pack(const struct pack_case *row)
{
    struct fault_bench *bench = fault_bench_new();
    const struct hit *hit;

    if (row->accepts)
        head_add(&bench->request, &bench->arena, text_from("Accept-Encoding"),
                 text_from(row->accepts));
    if (row->coding)
        fault_bench_field(bench, "Content-Encoding", row->coding);
    fault_bench_field(bench, "Content-Type", row->type);
    fault_bench_field(bench, "ETag", "\"1\"");
    fault_bench_length(bench, 100);
    hit = fault_bench_hit(bench, "flood", row->settings);
    if ((coding_of(&bench->response) == CODING_GZIP) != row->packed ||
        bench->answered.way.length_known == row->packed ||
        (head_find(&bench->response, text_from("Vary")).at != NULL) != row->packed ||
        text_is(head_get(&bench->response, HEAD_ETAG), "W/\"1\"") != row->packed ||
        (bench->pipeline.first != NULL) != row->packed)
        fail_msg("%s, for %s: packed, or not", row->settings, row->accepts);
    assert_true(row->note ? hit->note && strcmp(hit->note, row->note) == 0 : hit->note == NULL);
    fault_bench_free(bench);
}

static void bombs_are_for_those_who_take_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(packs); i++)
        check_pack(&packs[i]);
}

static void a_bomb_is_small(const char *type, const char *body, size_t times)
{
    struct fault_bench *bench = fault_bench_new();
    struct queue *out = &bench->pipeline.out;
    size_t came = 0;
    bool ended = false;

    fault_bench_field(bench, "Content-Type", type);
    fault_bench_hit(bench, "flood", "add=20MiB; limit=20MiB; pack=gzip; force=yes");
    flow_feed(pipeline_in(&bench->pipeline), body, 0, PART_BODY, 0);
    for (usec now = 1; !ended && now < 10000; now++) {
        (void)pipeline_run(&bench->pipeline, now);
        came += out->bytes;
        ended = out->last && chunk_is_final(out->last);
        queue_clear(out);
    }
    assert_true(ended);
    if (came > LOTS / times)
        fail_msg("%s: %zu bytes", type, came);
    fault_bench_free(bench);
}

static void bombs_are_small(void **state)
{
    (void)state;
    a_bomb_is_small("application/json", "[1]!", 900);
    a_bomb_is_small("text/plain", "one\n!", 90);
    a_bomb_is_small("text/html", "<p>!", 90);
}

static void zeros_follow_what_is_opaque(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    char *out;

    (void)state;
    fault_bench_field(bench, "Content-Type", "text/plain");
    fault_bench_field(bench, "Content-Encoding", "br");
    fault_bench_length(bench, 3);
    fault_bench_hit(bench, "flood", "body=x2; opaque=yes");
    assert_int_equal(bench->answered.way.length, 6);
    out = fault_bench_run(bench, "abc!", 1, PART_BODY, 0);
    assert_string_equal(out, "abc\\0\\0\\0!");
    free(out);
    fault_bench_free(bench);
}

/* Which plans a flood with `on` touches. */
static void check_on(const char *on, bool may, bool up, bool down)
{
    struct fault_bench *bench = fault_bench_new();
    const struct hit *hit;

    head_add(&bench->request, &bench->arena, text_from("Content-Type"), text_from("text/plain"));
    fault_bench_field(bench, "Content-Type", "text/plain");
    bench->asked.may_flood_origin = may;
    hit = fault_bench_hit(bench, "flood",
                          arena_format(&bench->arena, "body=x2; headers=1; on=%s", on).at);
    assert_int_equal(bench->up.first != NULL, up);
    assert_int_equal(bench->pipeline.first != NULL, down);
    assert_int_equal(bench->request.count, 1 + up);
    assert_int_equal(bench->response.count, 1 + down);
    assert_int_equal(hit->note != NULL, !may && strcmp(on, "response") != 0);
    assert_int_equal(fault_needs(hit->kind, hit->params) == FAULT_NEEDS_ORIGIN_FLOOD,
                     strcmp(on, "response") != 0);
    fault_bench_free(bench);
}

static void requests_are_flooded_where_that_is_allowed(void **state)
{
    (void)state;
    check_on("request", true, true, false);
    check_on("request", false, false, false);
    check_on("both", true, true, true);
    check_on("both", false, false, true);
    check_on("response", true, false, true);
}

static void a_request_swells(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    char *out;

    (void)state;
    head_add(&bench->request, &bench->arena, text_from("Content-Type"),
             text_from("application/json"));
    head_add(&bench->request, &bench->arena, text_from("Content-MD5"), text_from("x"));
    bench->asked.way.length_known = true;
    bench->asked.way.length = 3;
    fault_bench_hit(bench, "flood", "body=x3; on=request");
    assert_int_equal(bench->asked.way.length, 9);
    assert_false(head_has(&bench->request, HEAD_CONTENT_MD5));
    out = fault_bench_run_up(bench, "[1]!", 1, PART_BODY, 0);
    assert_string_equal(out, "[\n 1]\n   !");
    free(out);
    fault_bench_free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_megabytes_take_no_more_room_than_one),
        cmocka_unit_test(what_is_endless_falls_silent_at_the_limit),
        cmocka_unit_test(a_body_that_breaks_off_is_not_endless),
        cmocka_unit_test(a_pace_is_kept),
        cmocka_unit_test(bombs_are_for_those_who_take_them),
        cmocka_unit_test(bombs_are_small),
        cmocka_unit_test(zeros_follow_what_is_opaque),
        cmocka_unit_test(requests_are_flooded_where_that_is_allowed),
        cmocka_unit_test(a_request_swells),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
