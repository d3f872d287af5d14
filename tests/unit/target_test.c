/* Targets, hosts and ports, strictly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "http/target.h"
#include "http_kit.h"

struct authority_claim {
    const char *text;
    const char *host; /* NULL: refused */
    uint16_t port;
    bool literal6;
};

static const struct authority_claim authorities[] = {
    { "example.com", "example.com" },
    { "EXAMPLE.com.", "EXAMPLE.com." },
    { "a_b-c.d~", "a_b-c.d~" },
    { "h:1", "h", 1 },
    { "h:65535", "h", 65535 },
    { "h:00080", "h", 80 },
    { "127.0.0.1:8080", "127.0.0.1", 8080 },
    { "[::1]", "::1", 0, true },
    { "[2001:DB8::1]:443", "2001:DB8::1", 443, true },
    { "[::ffff:255.255.255.255]", "::ffff:255.255.255.255", 0, true },
    { "%c3%A9.example", "%c3%A9.example" },
    { "" },
    { ":80" },
    { "h:" },
    { "h:0" },
    { "h:65536" },
    { "h:99999999999999999999" },
    { "h:-1" },
    { "h:+1" },
    { "h:8a" },
    { "h:80:80" },
    { "h 80" },
    { "h\t" },
    { "a,b" },
    { "u@h" },
    { "u:p@h" },
    { "a/b" },
    { "a?b" },
    { "a#b" },
    { "a\\b" },
    { "caf\xc3\xa9" },
    { "%" },
    { "%4" },
    { "a%zz" },
    { "::1" },
    { "[::1" },
    { "[]" },
    { "[]:80" },
    { "[::1]x" },
    { "[::1]80" },
    { "[::1]:" },
    { "[1.2.3.4]" },
    { "[fe80::1%25eth0]" },
    { "[v1.a]" },
    { "[:::::]" },
    { "[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]" },
};

static void authorities_are_taken_apart_strictly(void **state)
{
    struct kit *kit = *state;

    for (size_t i = 0; i < COUNT_OF(authorities); i++) {
        const struct authority_claim *claim = &authorities[i];
        struct authority authority;
        bool good = authority_parse(guard_put(&kit->guard, text_from(claim->text)), &authority);

        if (good != (claim->host != NULL))
            fail_msg("%s: %d", claim->text, good);
        if (!good)
            continue;
        assert_true(text_is(authority.host, claim->host));
        assert_int_equal(authority.port, claim->port);
        assert_int_equal(authority.literal6, claim->literal6);
    }
}

static void a_nul_is_no_part_of_a_host(void **state)
{
    struct authority authority;

    (void)state;
    assert_false(authority_parse(BYTES("a\0b"), &authority));
    assert_false(authority_parse(BYTES("[::1\0]"), &authority));
}

static void hosts_have_255_bytes_at_most(void **state)
{
    char host[257];
    struct authority authority;

    (void)state;
    memset(host, 'a', sizeof(host));
    assert_true(authority_parse(text_of(host, 255), &authority));
    assert_false(authority_parse(text_of(host, 256), &authority));
}

enum {
    ORIGIN = TARGET_ORIGIN,
    URL = TARGET_ABSOLUTE,
    HOST = TARGET_AUTHORITY,
    STAR = TARGET_ASTERISK
};

struct target_claim {
    const char *method, *text;
    int form; /* -1: refused */
    const char *host, *path;
    uint16_t port;
    bool tls;
};

static const struct target_claim targets[] = {
    { "GET", "/", ORIGIN, "", "/" },
    { "GET", "/a/b?c=d?e", ORIGIN, "", "/a/b?c=d?e" },
    { "GET", "//h/a", ORIGIN, "", "//h/a" },
    { "GET", "/{|}\"<>^`\\", ORIGIN, "", "/{|}\"<>^`\\" },
    { "GET", "http://h", URL, "h", "/" },
    { "GET", "HTTP://h/", URL, "h", "/" },
    { "GET", "http://h:8080/a?b", URL, "h", "/a?b", 8080 },
    { "GET", "https://[::1]:1/a", URL, "::1", "/a", 1, true },
    { "GET", "http://h?a/b", URL, "h", "?a/b" },
    { "OPTIONS", "*", STAR, "", "*" },
    { "OPTIONS", "/", ORIGIN, "", "/" },
    { "CONNECT", "h:443", HOST, "h", "", 443 },
    { "CONNECT", "[::1]:443", HOST, "::1", "", 443 },
    { "GET", "", -1 },
    { "GET", "*", -1 },
    { "options", "*", -1 },
    { "OPTIONS", "**", -1 },
    { "GET", "h:80", -1 },
    { "GET", "a", -1 },
    { "GET", "http:", -1 },
    { "GET", "http:/h", -1 },
    { "GET", "http://", -1 },
    { "GET", "http:///a", -1 },
    { "GET", "http://?a", -1 },
    { "GET", "http://u@h/", -1 },
    { "GET", "http://h:0/", -1 },
    { "GET", "ws://h/", -1 },
    { "GET", "/a#b", -1 },
    { "GET", "/a b", -1 },
    { "GET", "/\xc3\xa9", -1 },
    { "GET", "/\x7f", -1 },
    { "CONNECT", "h", -1 },
    { "CONNECT", "h:", -1 },
    { "CONNECT", "h:0", -1 },
    { "CONNECT", "/", -1 },
    { "CONNECT", "*", -1 },
    { "CONNECT", "http://h:1", -1 },
    { "CONNECT", "h:1/", -1 },
};

static void targets_are_taken_apart_strictly(void **state)
{
    struct kit *kit = *state;

    for (size_t i = 0; i < COUNT_OF(targets); i++) {
        const struct target_claim *claim = &targets[i];
        struct target target;
        bool good = target_parse(guard_put(&kit->guard, text_from(claim->text)),
                                 text_from(claim->method), &target);

        if (good != (claim->form >= 0))
            fail_msg("%s %s: %d", claim->method, claim->text, good);
        if (!good)
            continue;
        assert_int_equal(target.form, claim->form);
        assert_true(text_is(target.authority.host, claim->host));
        assert_int_equal(target.authority.port, claim->port);
        assert_true(text_is(target.path, claim->path));
        assert_int_equal(target.tls, claim->tls);
    }
}

static void paths_are_split_at_the_first_question_mark(void **state)
{
    static const char *const claims[][3] = {
        { "/a?b?c", "/a", "b?c" }, { "/a", "/a", "" }, { "/a?", "/a", "" },
        { "?b", "/", "b" },        { "*", "*", "" },   { "", "/", "" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(claims); i++) {
        struct text plain, query;

        target_split(text_from(claims[i][0]), &plain, &query);
        assert_true(text_is(plain, claims[i][1]));
        assert_true(text_is(query, claims[i][2]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(authorities_are_taken_apart_strictly),
        cmocka_unit_test(a_nul_is_no_part_of_a_host),
        cmocka_unit_test(hosts_have_255_bytes_at_most),
        cmocka_unit_test(targets_are_taken_apart_strictly),
        cmocka_unit_test(paths_are_split_at_the_first_question_mark),
    };

    return cmocka_run_group_tests(tests, kit_set_up, kit_tear_down);
}
