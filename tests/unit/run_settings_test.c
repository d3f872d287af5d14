/* run_settings_test: claims about which command lines make a run, and what of. */
#include "run_settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "run_listen.h"
#include "run_parents.h"

#define MOST_WORDS 14

struct fixture {
    struct arena arena;
    struct options options;
    struct settings settings;
    struct buffer complaint;
};

static bool make(struct fixture *fixture, char *const words[MOST_WORDS])
{
    *fixture = (struct fixture){ 0 };
    assert_true(
        option_parse(&fixture->options, FOR_RUN, (char **)(uintptr_t)words, &fixture->complaint));
    return run_settings(&fixture->settings, &fixture->options, &fixture->arena,
                        &fixture->complaint);
}

static void clear(struct fixture *fixture)
{
    arena_clear(&fixture->arena);
    buffer_free(&fixture->complaint);
    option_clear(&fixture->options);
}

static const struct {
    char *words[MOST_WORDS];
    const char *wanted; /* part of the complaint */
} refused[] = {
    { { "run", "calm" }, "traffic needs a way in" },
    { { "run", "-l", "http://127.0.0.1:0" }, "1 --listen and 0 --upstream do not make pairs" },
    { { "run", "-u", "http://a", "-u", "http://b" }, "0 --listen and 2 --upstream" },
    { { "run", "-l", "http://nowhere:1", "-u", "http://a" }, "\"http://nowhere:1\": wants" },
    { { "run", "-u", "a" }, "\"a\": wants http://HOST[:PORT]" },
    { { "run", "--route", "http://127.0.0.1:1" }, "wants LISTEN=UPSTREAM" },
    { { "run", "--route", "http://127.0.0.1:1=x" }, "wants LISTEN=UPSTREAM" },
    { { "run", "-f", "0.0.0.0:1" }, "say who may use it by --allow" },
    { { "run", "-f", "1", "--allow", "10.0.0.0/33" }, "--allow \"10.0.0.0/33\": wants" },
    { { "run", "-f", "1", "--connect-ports", "443,0" }, "--connect-ports \"0\": wants" },
    { { "run", "-f", "1", "--client-by", "cookie" },
      "--client-by \"cookie\": wants address, address+agent, authorization, tls or header:NAME" },
    { { "run", "-f", "1", "--client-by", "header:" }, "tls or header:NAME" },
    { { "run", "-f", "1", "--key", "k" }, "--key belongs to a --cert" },
    { { "run", "-f", "1", "--client-key", "k" }, "--client-key belongs to a --client-cert" },
    { { "run", "-f", "1", "--repeat" }, "--repeat wants a COMMAND" },
    { { "run", "-f", "1", "--parent", "a:1", "--no-parent" }, "contradict" },
    { { "run", "-f", "1", "--parent", "socks5://a" }, "in --parent" },
    { { "run", "-f", "9", "--parent", "localhost:9" }, "is our own listener" },
    { { "run", "-f", "[::]:9", "--allow", "::/0", "--parent", "[::1]:9" }, "is our own listener" },
    { { "run", "--route", "http://127.0.0.1:9=http://localhost:9" }, "come back to our own" },
    { { "run", "--route", "http://127.0.0.1:8=http://127.0.0.1:9", "--route",
        "http://127.0.0.1:9=http://127.0.0.1:8" },
      "come back to our own" },
    { { "run", "--route", "unix:/tmp/a=unix:/tmp/a" }, "come back to our own" },
};

static void what_cannot_be_run_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        struct fixture fixture;

        print_message("  %s\n", refused[i].wanted);
        assert_false(make(&fixture, refused[i].words));
        assert_non_null(strstr(fixture.complaint.at, refused[i].wanted));
        clear(&fixture);
    }
}

static void pairs_routes_and_forwards_stand_in_order(void **state)
{
    char *const words[MOST_WORDS] = { "run",
                                      "-f",
                                      "3128",
                                      "--route",
                                      "unix:/tmp/a=b=https://c.example",
                                      "-l",
                                      "http://127.0.0.1:1",
                                      "-u",
                                      "http://a.example",
                                      "-l",
                                      "https://[::1]:2",
                                      "-u",
                                      "embedded" };
    struct fixture fixture;
    const struct front *fronts;

    (void)state;
    assert_true(make(&fixture, words));
    fronts = fixture.settings.fronts;
    assert_int_equal(fixture.settings.front_count, 4);
    assert_true(text_is(fronts[0].upstream.host, "a.example"));
    assert_true(fronts[1].tls && fronts[1].embedded);
    assert_string_equal(fronts[2].address.local.sun_path, "/tmp/a=b");
    assert_true(fronts[2].upstream.tls);
    assert_int_equal(fronts[3].kind, FRONT_FORWARD);
    assert_false(run_listen_is_single(&fixture.settings, &fixture.options));
    clear(&fixture);
}

static void an_upstream_alone_gets_a_listener(void **state)
{
    char *const words[MOST_WORDS] = { "run", "-u", "http://a.example" };
    struct fixture fixture;

    (void)state;
    assert_true(make(&fixture, words));
    assert_int_equal(fixture.settings.front_count, 1);
    assert_int_equal(address_port(&fixture.settings.fronts[0].address), 0);
    assert_true(run_listen_is_single(&fixture.settings, &fixture.options));
    clear(&fixture);
}

static void command_gets_a_front_of_its_own(void **state)
{
    char *const words[MOST_WORDS] = { "run", "-f", "3128", "--", "true" };
    struct fixture fixture;
    const struct front *front;

    (void)state;
    assert_true(make(&fixture, words));
    assert_int_equal(fixture.settings.front_count, 2);
    front = run_listen_for_command(&fixture.settings);
    assert_int_equal(front->kind, FRONT_FORWARD);
    assert_int_equal(address_port(&front->address), 0);
    assert_true(address_is_loopback(&front->address));
    clear(&fixture);
}

static void chains_that_end_are_no_loops(void **state)
{
    char *const words[MOST_WORDS] = { "run", "--route", "http://127.0.0.1:8=http://127.0.0.1:9",
                                      "--route", "http://127.0.0.1:9=http://127.0.0.1:10" };
    struct fixture fixture;

    (void)state;
    assert_true(make(&fixture, words));
    clear(&fixture);
}

static void plain_values_arrive(void **state)
{
    char *const words[MOST_WORDS] = { "run",
                                      "-f",
                                      "1",
                                      "--connect-ports",
                                      "8443, 9443",
                                      "--service",
                                      "a=h.example:444",
                                      "--client-by",
                                      "header:X-Client",
                                      "--cert",
                                      "c.pem",
                                      "--allow",
                                      "::1" };
    struct fixture fixture;
    const struct settings *settings = &fixture.settings;

    (void)state;
    assert_true(make(&fixture, words));
    assert_int_equal(settings->connect_port_count, 3);
    assert_int_equal(settings->connect_ports[0], 444);
    assert_int_equal(settings->connect_ports[2], 9443);
    assert_int_equal(settings->client_by, CLIENT_BY_HEADER);
    assert_true(text_is(settings->client_header, "X-Client"));
    assert_string_equal(settings->key_file, "c.pem");
    assert_int_equal(settings->allowed_count, 1);
    assert_int_equal(settings->max_connections, 10000);
    assert_int_equal(settings->head_limits.field_count, 100);
    clear(&fixture);
}

static void each_way_of_telling_clients_apart_has_a_name(void **state)
{
    static char names[][16] = { "address", "address+agent", "authorization", "tls" };
    static const enum client_by ways[] = { CLIENT_BY_ADDRESS, CLIENT_BY_AGENT,
                                           CLIENT_BY_AUTHORIZATION, CLIENT_BY_TLS };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        char *const words[MOST_WORDS] = { "run", "-f", "1", "--client-by", names[i] };
        char *const none[MOST_WORDS] = { "run", "-f", "1" };
        struct fixture fixture;

        assert_true(make(&fixture, words));
        assert_int_equal(fixture.settings.client_by, ways[i]);
        clear(&fixture);
        assert_true(make(&fixture, none));
        assert_int_equal(fixture.settings.client_by, CLIENT_BY_ADDRESS);
        clear(&fixture);
    }
}

static const char *const variables[] = { "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY",
                                         "all_proxy",  "ALL_PROXY",  "no_proxy",    "NO_PROXY" };

static const struct {
    const char *name;
    const char *set[2][2];
    const char *plain, *tls; /* host of the parent; NULL: direct */
} environments[] = {
    { "nothing", { { 0 } }, NULL, NULL },
    { "lower case", { { "http_proxy", "http://a:1" } }, "a", NULL },
    { "HTTP_PROXY could be a client's header", { { "HTTP_PROXY", "http://a:1" } }, NULL, NULL },
    { "HTTPS_PROXY", { { "HTTPS_PROXY", "b:1" } }, NULL, "b" },
    { "lower case first",
      { { "HTTPS_PROXY", "http://a:1" }, { "https_proxy", "http://b:1" } },
      NULL,
      "b" },
    { "ALL_PROXY for both", { { "ALL_PROXY", "http://a:1" } }, "a", "a" },
    { "the closer one leads",
      { { "all_proxy", "http://a:1" }, { "http_proxy", "http://b:1" } },
      "b",
      "a" },
    { "set to nothing", { { "https_proxy", "" }, { "ALL_PROXY", "http://a:1" } }, "a", NULL },
};

static void forget_variables(void)
{
    for (size_t i = 0; i < COUNT_OF(variables); i++)
        unsetenv(variables[i]);
}

static void check_host(const struct parent *parent, const char *host)
{
    if (host)
        assert_true(parent && text_is(parent->at.host, host));
    else
        assert_null(parent);
}

static void the_environment_names_proxies(void **state)
{
    char *const words[MOST_WORDS] = { "run", "-f", "1" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(environments); i++) {
        struct fixture fixture;

        print_message("  %s\n", environments[i].name);
        for (size_t j = 0; j < 2; j++)
            if (environments[i].set[j][0])
                setenv(environments[i].set[j][0], environments[i].set[j][1], 1);
        assert_true(make(&fixture, words));
        check_host(fixture.settings.parents.plain, environments[i].plain);
        check_host(fixture.settings.parents.tls, environments[i].tls);
        clear(&fixture);
        forget_variables();
    }
}

static void exceptions_are_listed(void **state)
{
    char *const words[MOST_WORDS] = { "run", "-f", "1" };
    char *const given[MOST_WORDS] = { "run", "-f", "1", "--parent", "http://p:1" };
    char *const none[MOST_WORDS] = { "run", "-f", "1", "--no-parent" };
    struct fixture fixture;

    (void)state;
    setenv("no_proxy", ".a.example, b.example 10.0.0.0/8", 1);
    setenv("https_proxy", "http://q:1", 1);
    assert_true(make(&fixture, words));
    /* Three for loopback come first. */
    assert_int_equal(fixture.settings.parents.direct_count, 6);
    assert_true(text_is(fixture.settings.parents.direct[3], ".a.example"));
    assert_true(text_is(fixture.settings.parents.direct[5], "10.0.0.0/8"));
    clear(&fixture);
    assert_true(make(&fixture, given));
    assert_int_equal(fixture.settings.parents.direct_count, 3);
    check_host(fixture.settings.parents.tls, "p");
    check_host(fixture.settings.parents.plain, "p");
    clear(&fixture);
    assert_true(make(&fixture, none));
    check_host(fixture.settings.parents.tls, NULL);
    clear(&fixture);
    forget_variables();
}

static int begin(void **state)
{
    (void)state;
    forget_variables();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_run_is_refused),
        cmocka_unit_test(pairs_routes_and_forwards_stand_in_order),
        cmocka_unit_test(an_upstream_alone_gets_a_listener),
        cmocka_unit_test(command_gets_a_front_of_its_own),
        cmocka_unit_test(chains_that_end_are_no_loops),
        cmocka_unit_test(plain_values_arrive),
        cmocka_unit_test(each_way_of_telling_clients_apart_has_a_name),
        cmocka_unit_test(the_environment_names_proxies),
        cmocka_unit_test(exceptions_are_listed),
    };

    return cmocka_run_group_tests(tests, begin, NULL);
}
