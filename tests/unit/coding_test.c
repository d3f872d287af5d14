/* coding_test: what a head says of content codings. */
#include "http/coding.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct list_case {
    const char *list;
    bool taken;
};

static const struct list_case lists[] = {
    { "gzip", true },
    { "gzip, deflate, br", true },
    { "br;q=1.0, GZIP;q=0.2", true },
    { "x-gzip", true },
    { "*", true },
    { "*;q=0.1, br", true },
    { "gzip;q=0", false },
    { "gzip; q=0.000", false },
    { "gzip;q=0, *", false },
    { "*;q=0, gzip", true },
    { "*;q=0", false },
    { "identity", false },
    { "br", false },
    { "", false },
    { "gzipped", false },
};

static void clients_say_what_they_take(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        struct head head = { .kind = HEAD_REQUEST };
        struct arena arena = { 0 };

        assert_false(coding_takes_gzip(&head));
        head_add(&head, &arena, text_from("accept-encoding"), text_from(lists[i].list));
        if (coding_takes_gzip(&head) != lists[i].taken)
            fail_msg("\"%s\": wrong", lists[i].list);
        arena_clear(&arena);
    }
}

static void check_vary(const char *before, size_t lines)
{
    struct head head = { .kind = HEAD_RESPONSE };
    struct arena arena = { 0 };
    size_t found = 0;

    if (before)
        head_add(&head, &arena, text_from("Vary"), text_from(before));
    coding_say_gzip(&head, &arena);
    assert_int_equal(coding_of(&head), CODING_GZIP);
    for (size_t i = 0; i < head.count; i++)
        found += text_is_nocase(head.fields[i].name, "vary");
    assert_int_equal(found, lines);
    arena_clear(&arena);
}

static void what_is_packed_says_so(void **state)
{
    (void)state;
    check_vary(NULL, 1);
    check_vary("Origin", 2);
    check_vary("Origin, accept-encoding", 1);
    check_vary("*", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clients_say_what_they_take),
        cmocka_unit_test(what_is_packed_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
