/* address_test: addresses read and write as people write them, and no internal place passes for a
 * public one. */
#include "net/address.h"

#include <ifaddrs.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct address parsed(const char *host)
{
    struct address address;

    if (strncmp(host, "unix:", 5) == 0)
        assert_true(address_local(text_from(host + 5), &address));
    else if (!address_parse(text_from(host), 80, &address))
        fail_msg("%s is an address", host);
    return address;
}

static void literals_are_written_back_with_their_port(void **state)
{
    static const struct {
        const char *host, *with_port, *without;
    } rows[] = {
        { "127.0.0.1", "127.0.0.1:80", "127.0.0.1" },
        { "::1", "[::1]:80", "::1" },
        { "2001:db8:0:0::00ff", "[2001:db8::ff]:80", "2001:db8::ff" },
        { "::ffff:10.0.0.1", "[::ffff:10.0.0.1]:80", "::ffff:10.0.0.1" },
        { "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255",
          "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:80",
          "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
        { "unix:/run/x.sock", "unix:/run/x.sock", "unix:/run/x.sock" },
    };
    char out[ADDRESS_TEXT];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct address address = parsed(rows[i].host);

        assert_string_equal(address_write(&address, out), rows[i].with_port);
        assert_string_equal(address_write_host(&address, out), rows[i].without);
    }
}

static void what_is_no_literal_is_refused(void **state)
{
    static const struct text rows[] = {
        TEXT(""),
        TEXT("localhost"),
        TEXT("1.2.3"),
        TEXT("1.2.3.4.5"),
        TEXT("256.1.1.1"),
        TEXT("1.2.3.4 "),
        TEXT("[::1]"),
        TEXT("::1%lo"),
        TEXT(":::"),
        TEXT("127.0.0.1\0x"),
        TEXT("0x7f.0.0.1"),
        TEXT("1:2:3:4:5:6:7:8:9"),
        TEXT("1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa"),
    };
    struct address address;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (address_parse(rows[i], 1, &address))
            fail_msg("%.*s is no address", (int)rows[i].length, rows[i].at);
    }
}

static void a_path_fits_or_is_refused(void **state)
{
    char path[sizeof(((struct sockaddr_un *)0)->sun_path) + 1];
    struct address address;
    char out[ADDRESS_TEXT];

    (void)state;
    memset(path, 'p', sizeof(path));
    assert_true(address_local(text_of(path, sizeof(path) - 2), &address));
    assert_int_equal(strlen(address_write(&address, out)), 5 + sizeof(path) - 2);
    assert_false(address_local(text_of(path, sizeof(path) - 1), &address));
    assert_false(address_local(text_of(path, 0), &address));
    assert_false(address_local(text_of("a\0b", 3), &address));
}

static void an_unnamed_peer_can_be_written(void **state)
{
    struct address address = { .length = sizeof(sa_family_t) };
    char out[ADDRESS_TEXT];

    (void)state;
    address.any.sa_family = AF_UNIX;
    assert_string_equal(address_write(&address, out), "unix:");
    address.any.sa_family = AF_UNSPEC;
    assert_string_equal(address_write(&address, out), "unknown");
    assert_false(address_is_internal(&address));
    assert_false(address_is_loopback(&address));
    assert_false(address_equal(&address, &address));
}

static void a_port_is_read_and_set(void **state)
{
    static const char *const hosts[] = { "1.2.3.4", "::2" };
    struct address local = parsed("unix:x");

    (void)state;
    for (size_t i = 0; i < COUNT_OF(hosts); i++) {
        struct address address = parsed(hosts[i]);

        assert_int_equal(address_port(&address), 80);
        address_set_port(&address, 65535);
        assert_int_equal(address_port(&address), 65535);
    }
    address_set_port(&local, 5);
    assert_int_equal(address_port(&local), 0);
}

static const struct {
    const char *host;
    bool loopback, internal;
} places[] = {
    { "127.0.0.1", true, true },
    { "127.255.255.254", true, true },
    { "::1", true, true },
    { "::ffff:127.0.0.1", true, true },
    { "unix:x", true, true },
    { "126.255.255.255", false, false },
    { "128.0.0.1", false, false },
    { "0.0.0.0", false, true },
    { "0.1.2.3", false, true },
    { "1.0.0.0", false, false },
    { "10.255.0.1", false, true },
    { "9.255.255.255", false, false },
    { "11.0.0.0", false, false },
    { "100.64.0.0", false, true },
    { "100.127.255.255", false, true },
    { "100.63.255.255", false, false },
    { "100.128.0.0", false, false },
    { "169.254.169.254", false, true },
    { "169.253.0.1", false, false },
    { "172.16.0.0", false, true },
    { "172.31.255.255", false, true },
    { "172.15.255.255", false, false },
    { "172.32.0.0", false, false },
    { "192.168.0.1", false, true },
    { "192.169.0.1", false, false },
    { "224.0.0.1", false, true },
    { "239.1.1.1", false, true },
    { "223.255.255.255", false, false },
    { "255.255.255.255", false, true },
    { "8.8.8.8", false, false },
    { "::", false, true },
    { "::2", false, true },
    { "fc00::1", false, true },
    { "fdff::1", false, true },
    { "fbff::1", false, false },
    { "fe80::1", false, true },
    { "febf::1", false, true },
    { "fec0::1", false, true },
    { "fe7f::1", false, false },
    { "ff02::1", false, true },
    { "2001:4860::1", false, false },
    { "::ffff:8.8.8.8", false, false },
    { "::ffff:10.1.1.1", false, true },
    { "::10.1.1.1", false, true },
    { "64:ff9b::10.0.0.1", false, true },
    { "64:ff9b::8.8.8.8", false, false },
    { "64:ff9b:1::1", false, true },
    { "2002:0a00:1::1", false, true },
    { "2002:808:808::1", false, false },
};

static void loopback_and_internal_places_are_known(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        struct address address = parsed(places[i].host);

        if (address_is_loopback(&address) != places[i].loopback)
            fail_msg("%s: loopback or not?", places[i].host);
        if (address_is_internal(&address) != places[i].internal)
            fail_msg("%s: internal or not?", places[i].host);
    }
}

static void equal_means_the_same_place(void **state)
{
    static const char *const hosts[] = { "1.2.3.4", "1.2.3.5", "::1", "::2", "unix:a", "unix:ab" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(hosts); i++) {
        for (size_t j = 0; j < COUNT_OF(hosts); j++) {
            struct address a = parsed(hosts[i]), b = parsed(hosts[j]);

            assert_int_equal(address_equal(&a, &b), i == j);
            address_set_port(&b, 81);
            assert_int_equal(address_equal(&a, &b), i == j && i >= 4);
        }
    }
}

static void networks_hold_what_begins_alike(void **state)
{
    static const struct {
        const char *network, *inside, *outside;
    } rows[] = {
        { "10.0.0.0/8", "10.255.1.1", "11.0.0.0" },
        { "10.1.2.3/8", "10.9.9.9", "::1" },
        { "192.168.1.7", "192.168.1.7", "192.168.1.6" },
        { "192.168.1.0/25", "192.168.1.127", "192.168.1.128" },
        { "10.0.0.0/8", "::ffff:10.1.1.1", "::10.1.1.1" },
        { "0.0.0.0/0", "255.1.1.1", "1::" },
        { "::1", "::1", "::2" },
        { "2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::1" },
        { "::/0", "ff::1", "1.1.1.1" },
        { "::ffff:0:0/96", "::ffff:1.2.3.4", "unix:x" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct address inside = parsed(rows[i].inside), outside = parsed(rows[i].outside);
        struct network network;

        assert_true(network_parse(text_from(rows[i].network), &network));
        if (!network_holds(&network, &inside) || network_holds(&network, &outside))
            fail_msg("%s holds %s, not %s", rows[i].network, rows[i].inside, rows[i].outside);
    }
}

static void what_is_no_network_is_refused(void **state)
{
    static const char *const rows[] = { "",       "/8",        "10.0.0.0/",  "10.0.0.0/33",
                                        "::/129", "10/8",      "1.1.1.1/-1", "1.1.1.1/8/8",
                                        "host/8", "1.1.1.1/x", "::1/ 8" };
    struct network network = { .bits = 99 };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (network_parse(text_from(rows[i]), &network))
            fail_msg("%s is no network", rows[i]);
    }
    assert_int_equal(network.bits, 99);
}

static void own_places_are_those_that_lead_here(void **state)
{
    static const struct {
        const char *host;
        bool own, any;
    } rows[] = {
        { "127.0.0.1", true, false },
        { "127.9.9.9", true, false },
        { "::1", true, false },
        { "::ffff:127.0.0.1", true, false },
        { "0.0.0.0", true, true },
        { "::", true, true },
        { "::ffff:0.0.0.0", true, true },
        { "198.51.100.1", false, false },
        { "2001:db8::ffff", false, false },
        { "::ffff:198.51.100.1", false, false },
        { "unix:/run/socket", true, false },
    };
    struct ifaddrs *all, *one;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct address address = parsed(rows[i].host);

        if (address_is_own(&address) != rows[i].own || address_is_any(&address) != rows[i].any)
            fail_msg("%s", rows[i].host);
    }
    assert_int_equal(getifaddrs(&all), 0);
    for (one = all; one; one = one->ifa_next) {
        struct address address = { 0 };

        if (!one->ifa_addr || one->ifa_addr->sa_family != AF_INET)
            continue;
        memcpy(&address.v4, one->ifa_addr, sizeof(address.v4));
        assert_true(address_is_own(&address));
    }
    freeifaddrs(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(literals_are_written_back_with_their_port),
        cmocka_unit_test(what_is_no_literal_is_refused),
        cmocka_unit_test(a_path_fits_or_is_refused),
        cmocka_unit_test(an_unnamed_peer_can_be_written),
        cmocka_unit_test(a_port_is_read_and_set),
        cmocka_unit_test(loopback_and_internal_places_are_known),
        cmocka_unit_test(own_places_are_those_that_lead_here),
        cmocka_unit_test(equal_means_the_same_place),
        cmocka_unit_test(networks_hold_what_begins_alike),
        cmocka_unit_test(what_is_no_network_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
