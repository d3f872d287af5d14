/* flood_test: which answers swell, by how much, and that what they say stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flood_bench.h"
#include "flow_table.h"
#include "http/digest.h"

static const struct fault_setting settings[] = {
    { "body=x8" },
    { "headers=60" },
    { "body=x1.01; headers=1; header-size=64KiB; limit=1MiB" },
    { "headers=9999; header-size=80B" },
    { "add=100MiB; limit=100MiB" },
    { "endless=yes; pace=10KiB; on=both" },
    { "body=x2; pack=gzip; force=yes; json=members; events=events; opaque=yes; style=trace" },
    { "", "wants body, add, endless or headers" },
    { "limit=1MiB", "wants body, add, endless or headers" },
    { "body=x2; add=1KiB", "wants body or add, not both" },
    { "add=9MiB", "add comes to more than the limit, which is 8MiB unless said" },
    { "add=1B; endless=yes", "what is endless goes on until the limit: leave add out" },
    { "body=x2; force=yes", "force belongs to pack: gzip" },
    { "headers=1; pack=gzip", "pack and pace belong to body, add or endless" },
    { "headers=1; pace=1KiB", "pack and pace belong to body, add or endless" },
    { "add=2GiB", "wants at most 1GiB, got \"2GiB\"" },
    { "body=x2; on=neither", "wants request, response or both, got \"neither\"" },
    { "body=x1", "body wants more than x1" },
    { "body=x0.5", "wants at least x1, got \"x0.5\"" },
    { "body=x1001", "wants at most x1000, got \"x1001\"" },
    { "body=8", "wants a factor such as x1.5, got \"8\"; did you mean \"x8\"?" },
    { "headers=10000", "wants at most 9999, got \"10000\"" },
    { "headers=9999; header-size=100B", "headers come to more than 1MiB" },
    { "headers=10; limit=100B", "headers come to more than the limit" },
    { "headers=1; header-size=0", "wants at least 1B, got \"0\"" },
};

static void parameters_are_checked_together(void **state)
{
    (void)state;
    fault_check_settings("flood", settings, COUNT_OF(settings));
}

struct size_case {
    const char *claim, *type, *encoding, *settings;
    const char *body;
    bool known;
    size_t least, most; /* of bytes added */
    const char *mark;
};

static const struct size_case sizes[] = {
    { "JSON, exactly", "application/json", NULL, "body=x8", "{\"a\":[1,2,3]}", true, 91, 91 },
    { "JSON, as it passes", "application/json", NULL, "body=x8", "{\"a\":[1,2,3]}", false, 91, 91 },
    { "rounded down", "application/json", NULL, "body=x1.1", "[1,2,3,4,5,6]", true, 1, 1 },
    { "rounded up", "application/json", NULL, "body=x1.2", "[1,2,3,4,5,6]", true, 3, 3 },
    { "rounded to nothing", "application/json", NULL, "body=x1.1", "[1]", true, 0, 0 },
    { "within the limit", "application/json", NULL, "body=x8; limit=10B", "[1,2,3]", true, 10, 10 },
    { "… as it passes, too", "text/plain", NULL, "body=x99; limit=50B", "a\nb\n", false, 50, 50 },
    { "a scalar", "application/json", NULL, "body=x2", "12345", true, 5, 5 },
    { "a suffix", "application/problem+JSON", NULL, "body=x2", "[1]", true, 3, 3 },
    { "an AWS one", "application/x-amz-json-1.1", NULL, "body=x2", "[1]", true, 3, 3 },
    { "a charset", "application/json; charset=\"UTF-8\"", NULL, "body=x2", "[1]", true, 3, 3 },
    { "JSON lines", "application/x-ndjson", NULL, "body=x2", "[1]\n[2]\n", true, 8, 8 },
    { "text", "text/plain", NULL, "body=x3", "one\ntwo\n", true, 16, 16 },
    { "text without a line end", "text/plain;charset=iso-8859-1", NULL, "body=x3", "OK", true, 4,
      4 },
    { "a Windows charset", "text/plain; charset=windows-1252", NULL, "body=x2", "OK", true, 2, 2 },
    { "HTML", "text/html", NULL, "body=x3", "<p>much ado", true, 22, 22 },
    { "XML", "image/svg+xml", NULL, "body=x3", "<svg/>", false, 12, 12 },
    { "an event stream", "text/event-stream", NULL, "body=x9", "data: 1\n\ndata: 2\n\n", false, 144,
      144 },
    { "an identity", "application/json", "identity", "body=x2", "[1]", true, 3, 3 },
    { "nothing behind a cut", "text/html", NULL, "body=x9", "<p>", true, 0, 0, "~" },
    { "nothing behind a reset", "text/plain", NULL, "body=x9", "abc", false, 0, 0, "#" },
    { "not without a type", NULL, NULL, "body=x8", "[1]", true, 0, 0 },
    { "not of an unknown type", "image/png", NULL, "body=x8", "[1]", true, 0, 0 },
    { "not a sequence", "application/json-seq", NULL, "body=x8", "[1]", true, 0, 0 },
    { "not of a strange charset", "text/plain; charset=utf-16", NULL, "body=x8", "a\n", true, 0,
      0 },
    { "not of a strange coding", "text/plain", "br", "body=x8", "a\n", true, 0, 0 },
    { "not of two codings", "text/plain", "gzip, br", "body=x8", "a\n", true, 0, 0 },
    { "not what is empty", "application/json", NULL, "body=x8", "", true, 0, 0 },
    { "not what turns out empty", "application/json", NULL, "body=x8", "", false, 0, 0 },
};

static void check_size(const struct size_case *wanted)
{
    struct flood_run run = { wanted->claim, wanted->type, wanted->encoding, wanted->settings,
                             text_from(wanted->body) };
    struct flooded flooded;
    size_t added;

    run.known = wanted->known;
    run.mark = wanted->mark;
    flood_run(&run, &flooded);
    added = flooded.out.length - run.body.length;
    if (added < wanted->least || added > wanted->most || flooded.touched != added)
        fail_msg("%s: %zu bytes added, %llu touched: %.*s", wanted->claim, added,
                 (unsigned long long)flooded.touched, (int)flooded.out.length,
                 flooded.out.at ? flooded.out.at : "");
    if (flooded.length_known != wanted->known)
        fail_msg("%s: a length is promised, or is not", wanted->claim);
    if (wanted->known && !wanted->mark && flooded.length != flooded.out.length)
        fail_msg("%s: %llu promised, %zu came", wanted->claim, (unsigned long long)flooded.length,
                 flooded.out.length);
    buffer_free(&flooded.out);
}

static void bodies_swell_as_asked(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(sizes); i++)
        check_size(&sizes[i]);
}

struct text_case {
    const char *claim, *type, *body, *out;
    bool known;
    const char *settings; /* NULL: body=x3 */
};

static const struct text_case texts[] = {
    { "JSON is laid out", "application/json", "[1,\"a,[\\\",\",2]",
      "[\n 1,\n   \"a,[\\\",\",\n                 2]\n   ", true },
    { "a stream of JSON has no new lines", "application/json", "{\"a\":[1,22]}",
      "{  \"a\":[          1,    22]}        ", false },
    { "nothing behind the last line end", "application/json", "{\"a\":1}\n",
      "{  \"a\":1}            \n", false },
    { "… exactly", "application/json", "{\"a\":1}\n", "{\n \"a\":1}              \n", true },
    { "a guard stays whole", "application/json", ")]}',\n[1]", ")]}',\n[\n             1]\n   ",
      true },
    { "JSON lines stay lines", "application/x-ndjson", "[1]\n[2]\n", "[  1]    \n[    2]      \n",
      true },
    { "an unfinished event stays unfinished", "text/event-stream", "data: 1", "data: 1\n: \n", true,
      "body=x1.5" },
    { "a last line alone", "text/event-stream", "data: 1\n", "data: 1\n:", true, "body=x1.1" },
};

static void white_space_stands_where_it_may(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct flood_run run = { texts[i].claim, texts[i].type, NULL,
                                 texts[i].settings ? texts[i].settings : "body=x3",
                                 text_from(texts[i].body) };
        struct flooded flooded;

        run.known = texts[i].known;
        flood_run(&run, &flooded);
        if (strcmp(flooded.out.at, texts[i].out) != 0)
            fail_msg("%s: wanted \"%s\", got \"%s\"", texts[i].claim, texts[i].out, flooded.out.at);
        buffer_free(&flooded.out);
    }
}

struct field_case {
    const char *name, *before, *after; /* after: NULL, gone */
};

static const struct field_case fields[] = {
    { "ETag", "\"abc\"", "W/\"abc\"" },
    { "ETag", "W/\"abc\"", "W/\"abc\"" },
    { "Content-MD5", "Q2hlY2sgSW50ZWdyaXR5IQ==", NULL },
    { "Digest", "sha-256=x", NULL },
    { "Content-Digest", "sha-256=:x:", NULL },
    { "Repr-Digest", "sha-256=:x:", NULL },
    { "x-amz-checksum-crc32c", "x", NULL },
    { "X-Amz-Crc32", "1", NULL },
    { "x-goog-hash", "md5=x", NULL },
    { "Accept-Ranges", "bytes", NULL },
    { "Last-Modified", "now", "now" },
};

/* The field's value after a flood of a body of that type, too long to be held back. */
static void check_field(const struct field_case *row, const char *type, const char *wanted)
{
    struct fault_bench *bench = fault_bench_new();
    struct text got;

    fault_bench_field(bench, "Content-Type", type);
    fault_bench_field(bench, row->name, row->before);
    fault_bench_length(bench, 100000);
    fault_bench_hit(bench, "flood", "body=x2");
    assert_int_equal(bench->answered.hold, 0);
    got = head_find(&bench->response, text_from(row->name));
    if ((got.at != NULL) != (wanted != NULL) || (wanted && !text_is(got, wanted)))
        fail_msg("%s of %s is now %.*s", row->name, type, (int)got.length, got.at ? got.at : "");
    fault_bench_free(bench);
}

static void the_head_says_nothing_untrue(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        check_field(&fields[i], "text/plain", fields[i].after);
        check_field(&fields[i], "image/png", fields[i].before);
    }
}

/* What the head says of a body once it is here, or has turned out too long. */
static void check_held(bool fits)
{
    struct fault_bench *bench = fault_bench_new();
    struct queue *out = &bench->pipeline.out;
    struct head wanted = { .kind = HEAD_RESPONSE };
    const struct hit *hit;

    head_add(&wanted, &bench->arena, text_from("Digest"), text_from("md5=x"));
    fault_bench_field(bench, "Content-Type", "text/plain");
    fault_bench_field(bench, "Digest", "md5=x");
    hit = fault_bench_hit(bench, "flood", "body=x2");
    assert_true(bench->answered.hold > 0 && bench->answered.held_by == hit);
    flow_feed(pipeline_in(&bench->pipeline), "abc!", 0, PART_BODY, 0);
    (void)pipeline_run(&bench->pipeline, 0);
    assert_int_equal(digest_mend(&wanted, &bench->arena, fits ? out : NULL), fits);

    bench->answered.held(&bench->answered, fits ? out : NULL);
    assert_true(
        text_equal(head_get(&bench->response, HEAD_DIGEST), head_get(&wanted, HEAD_DIGEST)));
    assert_true(fits ? hit->note == NULL : strcmp(hit->note, "digest removed") == 0);
    fault_bench_free(bench);
}

static void digests_are_made_anew_or_removed(void **state)
{
    (void)state;
    check_held(true);
    check_held(false);
}

static void parts_and_absent_bodies_are_left_alone(void **state)
{
    struct fault_bench *bench = fault_bench_new();

    (void)state;
    fault_bench_field(bench, "Content-Type", "text/plain");
    bench->response.status = 206;
    fault_bench_hit(bench, "flood", "body=x2");
    bench->response.status = 200;
    bench->answered.way.has_body = false;
    fault_bench_hit(bench, "flood", "body=x2");
    bench->answered.way.has_body = true;
    fault_bench_field(bench, "Content-Range", "bytes */7");
    fault_bench_hit(bench, "flood", "body=x2");
    assert_null(bench->pipeline.first);
    fault_bench_tunnel(bench);
    fault_bench_hit(bench, "flood", "body=x2; headers=2");
    assert_null(bench->pipeline.first);
    fault_bench_free(bench);
}

static void two_codings_in_two_lines_are_left_alone(void **state)
{
    struct fault_bench *bench = fault_bench_new();

    (void)state;
    fault_bench_field(bench, "Content-Type", "text/plain");
    fault_bench_field(bench, "Content-Encoding", "gzip");
    fault_bench_field(bench, "Content-Encoding", "br");
    fault_bench_hit(bench, "flood", "body=x2");
    assert_null(bench->pipeline.first);
    fault_bench_free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_checked_together),
        cmocka_unit_test(bodies_swell_as_asked),
        cmocka_unit_test(white_space_stands_where_it_may),
        cmocka_unit_test(the_head_says_nothing_untrue),
        cmocka_unit_test(digests_are_made_anew_or_removed),
        cmocka_unit_test(parts_and_absent_bodies_are_left_alone),
        cmocka_unit_test(two_codings_in_two_lines_are_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
