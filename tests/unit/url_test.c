/* url_test: claims about the places that a command line names. */
#include "url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct {
    const char *url, *wanted; /* NULL: refused */
    bool tls;
} listens[] = {
    { "http://127.0.0.1:8080", "127.0.0.1:8080", false },
    { "HTTP://127.0.0.1:8080/", "127.0.0.1:8080", false },
    { "https://[::1]:8443", "[::1]:8443", true },
    { "http://localhost:0", "127.0.0.1:0", false },
    { "http://0.0.0.0", "0.0.0.0:80", false },
    { "https://127.0.0.1", "127.0.0.1:443", true },
    { "unix:/tmp/x", "unix:/tmp/x", false },
    { "unix:", NULL, false },
    { "http://", NULL, false },
    { "http://[::1", NULL, false },
    { "http://[::1]8080", NULL, false },
    { "http://127.0.0.1:", NULL, false },
    { "http://127.0.0.1:65536", NULL, false },
    { "http://127.0.0.1:80/path", NULL, false },
    { "http://example.com:80", NULL, false },
    { "127.0.0.1:80", NULL, false },
    { "ftp://127.0.0.1:80", NULL, false },
    { "", NULL, false },
};

static void places_to_listen_at(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(listens); i++) {
        struct buffer complaint = { 0 };
        struct address address;
        char text[ADDRESS_TEXT];
        bool tls;

        print_message("  %s\n", listens[i].url);
        assert_int_equal(url_listen(text_from(listens[i].url), &address, &tls, &complaint),
                         listens[i].wanted != NULL);
        assert_int_equal(complaint.length > 0, listens[i].wanted == NULL);
        if (listens[i].wanted) {
            assert_string_equal(address_write(&address, text), listens[i].wanted);
            assert_int_equal(tls, listens[i].tls);
        }
        buffer_free(&complaint);
    }
}

static const struct {
    const char *url, *wanted;
} forwards[] = {
    { "8080", "127.0.0.1:8080" },
    { "0", "127.0.0.1:0" },
    { "127.0.0.1:3128", "127.0.0.1:3128" },
    { "[::1]:3128", "[::1]:3128" },
    { "localhost:1", "127.0.0.1:1" },
    { "http://127.0.0.1:1/", "127.0.0.1:1" },
    { "unix:/tmp/x", "unix:/tmp/x" },
    { "127.0.0.1", NULL },
    { "65536", NULL },
    { "example.com:80", NULL },
    { "", NULL },
    { "unix:", NULL },
};

static void places_to_be_a_proxy_at(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(forwards); i++) {
        struct buffer complaint = { 0 };
        struct address address;
        char text[ADDRESS_TEXT];

        print_message("  %s\n", forwards[i].url);
        assert_int_equal(url_forward(text_from(forwards[i].url), &address, &complaint),
                         forwards[i].wanted != NULL);
        if (forwards[i].wanted)
            assert_string_equal(address_write(&address, text), forwards[i].wanted);
        buffer_free(&complaint);
    }
}

static const struct {
    const char *url, *host; /* NULL: refused */
    uint16_t port;
    bool tls, local;
    const char *authority;
} upstreams[] = {
    { "http://api.example.com", "api.example.com", 80, false, false, "api.example.com" },
    { "https://api.example.com/", "api.example.com", 443, true, false, "api.example.com" },
    { "https://api.example.com:443", "api.example.com", 443, true, false, "api.example.com" },
    { "http://api.example.com:443", "api.example.com", 443, false, false, "api.example.com:443" },
    { "http://[::1]:9", "::1", 9, false, false, "[::1]:9" },
    { "http://[::1]", "::1", 80, false, false, "[::1]" },
    { "unix:/run/x", "/run/x", 0, false, true, "localhost" },
    { "unix:", NULL, 0, false, false, NULL },
    { "http://user@host", NULL, 0, false, false, NULL },
    { "http://host/path", NULL, 0, false, false, NULL },
    { "http://host:0", NULL, 0, false, false, NULL },
    { "http://", NULL, 0, false, false, NULL },
    { "host:80", NULL, 0, false, false, NULL },
};

static void places_to_go_to(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(upstreams); i++) {
        struct buffer complaint = { 0 };
        struct arena arena = { 0 };
        struct endpoint endpoint;
        struct text authority;

        print_message("  %s\n", upstreams[i].url);
        assert_int_equal(
            url_upstream(text_from(upstreams[i].url), &arena, &endpoint, &authority, &complaint),
            upstreams[i].host != NULL);
        if (upstreams[i].host) {
            assert_true(text_is(endpoint.host, upstreams[i].host));
            assert_int_equal(endpoint.port, upstreams[i].port);
            assert_int_equal(endpoint.tls, upstreams[i].tls);
            assert_int_equal(endpoint.local, upstreams[i].local);
            assert_true(text_is(authority, upstreams[i].authority));
        }
        buffer_free(&complaint);
        arena_clear(&arena);
    }
}

static const struct {
    const char *url, *host;
    uint16_t port;
    const char *authorization;
} parents[] = {
    { "http://proxy:3128", "proxy", 3128, "" },
    { "proxy:3128", "proxy", 3128, "" },
    { "http://proxy/", "proxy", 80, "" },
    { "http://a:b@proxy:1", "proxy", 1, "Basic YTpi" },
    { "http://ab:c@proxy:1", "proxy", 1, "Basic YWI6Yw==" },
    { "http://ab:cd@proxy:1", "proxy", 1, "Basic YWI6Y2Q=" },
    { "http://user@proxy:1", "proxy", 1, "Basic dXNlcjo=" },
    { "http://a:p%40ss%zz@proxy:1", "proxy", 1, "Basic YTpwQHNzJXp6" },
    { "http://a:b@c@proxy:1", "proxy", 1, "Basic YTpiQGM=" },
    { "socks5://proxy:1", NULL, 0, NULL },
    { "https://proxy:3128", "proxy", 3128, "" },
    { "HTTPS://a:b@proxy", "proxy", 443, "Basic YTpi" },
    { "https://[::1]/", "::1", 443, "" },
    { "http://https://proxy:1", NULL, 0, NULL },
    { "https://http://proxy:1", NULL, 0, NULL },
    { "https://", NULL, 0, NULL },
    { "http://proxy:1/path", NULL, 0, NULL },
    { "", NULL, 0, NULL },
};

static void proxies_on_the_way(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(parents); i++) {
        struct buffer complaint = { 0 };
        struct arena arena = { 0 };
        struct parent parent;

        print_message("  %s\n", parents[i].url);
        assert_int_equal(url_parent(text_from(parents[i].url), &arena, &parent, &complaint),
                         parents[i].host != NULL);
        if (parents[i].host) {
            assert_true(text_is(parent.at.host, parents[i].host));
            assert_int_equal(parent.at.port, parents[i].port);
            assert_int_equal(parent.at.tls, strncasecmp(parents[i].url, "https", 5) == 0);
            assert_true(text_is(parent.authorization, parents[i].authorization));
        }
        buffer_free(&complaint);
        arena_clear(&arena);
    }
}

static void passwords_are_not_told(void **state)
{
    static const char *const urls[] = { "http://me:hidden@:1", "https://me:hidden@:1",
                                        "https://me:hidden@proxy/path" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        struct buffer complaint = { 0 };
        struct arena arena = { 0 };
        struct parent parent;

        assert_false(url_parent(text_from(urls[i]), &arena, &parent, &complaint));
        assert_null(strstr(complaint.at, "hidden"));
        buffer_free(&complaint);
        arena_clear(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_to_listen_at),    cmocka_unit_test(places_to_be_a_proxy_at),
        cmocka_unit_test(places_to_go_to),        cmocka_unit_test(proxies_on_the_way),
        cmocka_unit_test(passwords_are_not_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
