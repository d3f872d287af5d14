/* header_test: which header fields a scenario may write, and what a head becomes by them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fault_bench.h"

static const struct fault_setting rules[] = {
    { "header: {X-A: b}", "unknown parameter \"X-A\" in header (panne faults header lists them)" },
    { "header: {set: {X-A: b}}" },
    { "header: {set: {X-A: ''}, add: {Set-Cookie: a=b}, remove: [ETag, Date], on: both}" },
    { "header: {set: {Host: h}}" },
    { "header: {}", "header: wants set, add or remove" },
    { "header: {on: both}", "header: wants set, add or remove" },
    { "header: {remove: a b}", "header: \"a b\" is no name for a header" },
    { "header: {set: {'': b}}", "header: \"\" is no name for a header" },
    { "header: {set: {a: \"b\\r\\nc: d\"}}", "header: \"a\" has a value that no header can have" },
    { "header: {add: {a: ' b'}}", "header: \"a\" has a value that no header can have" },
    { "header: {set: {Content-Length: '3'}}",
      "header: \"Content-Length\" is written by panne itself" },
    { "header: {add: {transfer-encoding: chunked}}",
      "header: \"transfer-encoding\" is written by panne itself" },
    { "header: {remove: Connection}", "header: \"Connection\" is written by panne itself" },
    { "header: {remove: [X, Keep-Alive]}", "header: \"Keep-Alive\" is written by panne itself" },
    { "header: {remove: Upgrade, on: request}", "header: \"Upgrade\" is written by panne itself" },
    { "header: {set: {host: h}, on: both}",
      "header: \"host\" of a request says where it goes, and is written by panne itself" },
    { "header: {set: {Proxy-Authorization: x}, on: request}",
      "header: \"Proxy-Authorization\" of a request is meant for this hop, and is written by panne "
      "itself" },
};

static void parameters_are_checked(void **state)
{
    (void)state;
    fault_check_rules(rules, COUNT_OF(rules));
}

struct claim {
    const char *rule;
    const char *request, *response; /* `name: value;` for each field */
    uint64_t touched;
};

/* Both heads have `A: 1`, `b: 2`, `B: 3`, `ETag: "x"`. */
#define BEFORE "A: 1;b: 2;B: 3;ETag: \"x\";"

static const struct claim claims[] = {
    { "header: {set: {a: 9}}", BEFORE, "A: 9;b: 2;B: 3;ETag: \"x\";", 6 },
    { "header: {set: {a: 1}}", BEFORE, BEFORE, 0 },
    { "header: {set: {B: 2}}", BEFORE, "A: 1;b: 2;ETag: \"x\";", 6 },
    { "header: {set: {C: ''}}", BEFORE, BEFORE "C: ;", 5 },
    { "header: {add: {a: 1, A: 2}}", BEFORE, BEFORE "a: 1;A: 2;", 12 },
    { "header: {remove: [b, etag, nothing]}", BEFORE, "A: 1;", 23 },
    { "header: {remove: nothing}", BEFORE, BEFORE, 0 },
    { "header: {remove: a, set: {A: 7}, add: {A: 8}}", BEFORE, "b: 2;B: 3;ETag: \"x\";A: 7;A: 8;",
      18 },
    { "header: {remove: B, on: request}", "A: 1;ETag: \"x\";", BEFORE, 12 },
    { "header: {remove: B, on: both}", "A: 1;ETag: \"x\";", "A: 1;ETag: \"x\";", 24 },
};

static void fill(struct head *head, struct arena *arena)
{
    head_add(head, arena, text_from("A"), text_from("1"));
    head_add(head, arena, text_from("b"), text_from("2"));
    head_add(head, arena, text_from("B"), text_from("3"));
    head_add(head, arena, text_from("ETag"), text_from("\"x\""));
}

static void check_head(const char *claim, const struct head *head, const char *wanted)
{
    struct buffer told = { 0 };

    for (size_t i = 0; i < head->count; i++) {
        if (head->fields[i].removed)
            continue;
        buffer_add_text(&told, head->fields[i].name);
        buffer_add_string(&told, ": ");
        buffer_add_text(&told, head->fields[i].value);
        buffer_add_string(&told, ";");
    }
    if (!text_is(buffer_text(&told), wanted))
        fail_msg("%s: %.*s", claim, (int)told.length, told.at);
    buffer_free(&told);
}

static void heads_are_edited(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(claims); i++) {
        struct fault_bench *bench = fault_bench_new();
        const struct hit *hit;

        fill(&bench->request, &bench->arena);
        fill(&bench->response, &bench->arena);
        hit = fault_bench_rule(bench, claims[i].rule);
        check_head(claims[i].rule, &bench->request, claims[i].request);
        check_head(claims[i].rule, &bench->response, claims[i].response);
        if (hit->touched != claims[i].touched)
            fail_msg("%s: touched %d", claims[i].rule, (int)hit->touched);
        fault_bench_free(bench);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_checked),
        cmocka_unit_test(heads_are_edited),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
