/* access_test: who may reach what, and by which proxy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "serve/parts.h"
#include "serve_world.h"

struct direct_case {
    const char *item, *host;
    bool direct;
};

static const struct direct_case directs[] = {
    { "*", "example.com", true },
    { "example.com", "example.com", true },
    { "example.com", "EXAMPLE.com", true },
    { "example.com", "www.example.com", true },
    { "example.com", "badexample.com", false },
    { "example.com", "example.com.", true },
    { "example.com", "example.org", false },
    { ".example.com", "www.example.com", true },
    { ".example.com", "example.com", true },
    { "*.example.com", "www.example.com", true },
    { "www.example.com", "example.com", false },
    { "com", "example.com", true },
    { "", "example.com", false },
    { "", "example.com.", false },
    { ".", "example.com.", false },
    { "127.0.0.1", "127.0.0.1", true },
    { "127.0.0.1", "127.0.0.2", false },
    { "0.0.1", "127.0.0.1", false },
    { "1", "10.0.0.1", false },
    { "10.0.0.0/8", "10.1.2.3", true },
    { "10.0.0.0/8", "11.1.2.3", false },
    { "10.0.0.0/8", "ten.example.com", false },
    { "::1", "::1", true },
    { "fd00::/8", "fd12::1", true },
    { "fd00::/8", "fe12::1", false },
    { "localhost", "localhost", true },
};

static void no_proxy_is_read_as_others_read_it(void **state)
{
    struct parent parent = { .at = { .host = text_from("proxy"), .port = 3128 } };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(directs); i++) {
        struct text items[] = { text_from("elsewhere.test"), text_from(directs[i].item) };
        struct settings settings = { .parents = { &parent, &parent, items, 2 } };
        const struct parent *found = access_parent(&settings, i % 2, text_from(directs[i].host));

        if ((found == NULL) != directs[i].direct)
            fail_msg("NO_PROXY=%s, %s: %s", directs[i].item, directs[i].host,
                     found ? "by the proxy" : "direct");
    }
}

static void http_and_https_have_proxies_of_their_own(void **state)
{
    struct parent plain = { .at = { .port = 1 } }, tls = { .at = { .port = 2 } };
    struct settings both = { .parents = { .plain = &plain, .tls = &tls } };
    struct settings one = { .parents = { .tls = &tls } };

    (void)state;
    assert_ptr_equal(access_parent(&both, false, text_from("a")), &plain);
    assert_ptr_equal(access_parent(&both, true, text_from("a")), &tls);
    assert_null(access_parent(&one, false, text_from("a")));
}

/* A session that stands in no loop. */
struct visitor {
    struct settings settings;
    struct front fronts[2];
    struct run run;
    struct worker worker;
    struct session session;
    struct exchange exchange;
};

static void visit(struct visitor *visitor, const char *front, bool stranger)
{
    *visitor = (struct visitor){ 0 };
    visitor->settings.fronts = visitor->fronts;
    visitor->settings.front_count = 2;
    visitor->fronts[0].kind = FRONT_FORWARD;
    assert_true(address_parse(text_from(front), 8080, &visitor->fronts[0].address));
    assert_true(address_parse(text_from("127.0.0.1"), 9090, &visitor->fronts[1].address));
    visitor->run.settings = &visitor->settings;
    visitor->worker.run = &visitor->run;
    visitor->session.worker = &visitor->worker;
    visitor->session.front = &visitor->fronts[0];
    visitor->session.stranger = stranger;
    visitor->exchange.session = &visitor->session;
}

struct place_case {
    const char *host;
    uint16_t port;
    bool connect, fine;
};

static void strangers_are_kept_from_what_is_inside(void **state)
{
    static const struct place_case places[] = {
        { "example.com", 443, true, true },  { "example.com", 22, true, false },
        { "example.com", 8443, true, true }, { "example.com", 22, false, true },
        { "10.0.0.1", 443, true, false },    { "10.0.0.1", 80, false, false },
        { "127.0.0.1", 80, false, false },   { "169.254.169.254", 80, false, false },
        { "::1", 80, false, false },         { "::ffff:10.0.0.1", 80, false, false },
        { "192.168.7.7", 80, false, true },  { "93.184.216.34", 80, false, true },
        { "192.168.7.7", 25, true, false },
    };
    static const struct text target = TEXT("192.168.7.*");
    static const uint16_t ports[] = { 8443 };
    struct visitor visitor;

    (void)state;
    visit(&visitor, "0.0.0.0", true);
    visitor.settings.targets = (struct patterns){ &target, 1 };
    visitor.settings.connect_ports = ports;
    visitor.settings.connect_port_count = 1;
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        const char *refusal = access_refusal(&visitor.session, text_from(places[i].host),
                                             places[i].port, places[i].connect);

        if ((refusal == NULL) != places[i].fine)
            fail_msg("%s:%u: %s", places[i].host, places[i].port, refusal ? refusal : "taken");
        visitor.session.stranger = false;
        assert_null(access_refusal(&visitor.session, text_from(places[i].host), places[i].port,
                                   places[i].connect));
        visitor.session.stranger = true;
    }
}

static bool allows(struct visitor *visitor, const char *host, uint16_t port)
{
    struct address address;

    visitor->exchange.looped = visitor->exchange.forbidden = false;
    assert_true(address_parse(text_from(host), port, &address));
    return access_allows_address(&visitor->exchange, &address);
}

static void an_address_that_leads_back_is_not_dialed(void **state)
{
    static const char *const fronts[] = { "0.0.0.0", "127.0.0.1" };
    struct visitor visitor;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(fronts); i++) {
        visit(&visitor, fronts[i], false);
        assert_false(allows(&visitor, "127.0.0.1", 8080));
        assert_true(visitor.exchange.looped);
        assert_true(allows(&visitor, "127.0.0.1", 8081));
        assert_true(allows(&visitor, "198.51.100.1", 8080));
        assert_false(allows(&visitor, "0.0.0.0", 8080));
        /* A reverse front of ours is a place like others. */
        assert_true(allows(&visitor, "127.0.0.1", 9090));
    }
    visit(&visitor, "::", false);
    assert_false(allows(&visitor, "::1", 8080));
    visitor.session.front = &visitor.fronts[1];
    assert_false(allows(&visitor, "127.0.0.1", 9090));
}

static void a_name_that_leads_inside_is_not_dialed_for_strangers(void **state)
{
    static const struct text target = TEXT("*.internal");
    struct visitor visitor;

    (void)state;
    visit(&visitor, "0.0.0.0", true);
    visitor.settings.targets = (struct patterns){ &target, 1 };
    visitor.exchange.endpoint.host = text_from("rebound.test");
    assert_false(allows(&visitor, "10.0.0.1", 80));
    assert_true(visitor.exchange.forbidden);
    assert_true(allows(&visitor, "93.184.216.34", 80));
    visitor.exchange.endpoint.host = text_from("api.internal");
    assert_true(allows(&visitor, "10.0.0.1", 80));
    /* Whoever set up a reverse front has chosen its upstream. */
    visitor.exchange.endpoint.host = text_from("rebound.test");
    visitor.session.front = &visitor.fronts[1];
    assert_true(allows(&visitor, "10.0.0.1", 80));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_proxy_is_read_as_others_read_it),
        cmocka_unit_test(http_and_https_have_proxies_of_their_own),
        cmocka_unit_test(strangers_are_kept_from_what_is_inside),
        cmocka_unit_test(an_address_that_leads_back_is_not_dialed),
        cmocka_unit_test(a_name_that_leads_inside_is_not_dialed_for_strangers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
