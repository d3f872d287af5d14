/* What speaks: told as soon as it can be, from bytes cut anywhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "base/buffer.h"
#include "http/sniff.h"
#include "http_kit.h"

enum { SCRATCH_SIZE = 16384 };

static enum sniffed sniff_guarded(struct kit *kit, struct text bytes, struct client_hello *hello)
{
    char *scratch = arena_take(&kit->arena, SCRATCH_SIZE);

    return sniff(guard_put(&kit->guard, bytes), hello, scratch);
}

struct claim {
    const char *name;
    struct text bytes;
    enum sniffed sniffed;
    size_t length; /* after how many bytes that is told; before, it is SNIFF_MORE */
};

static const struct claim claims[] = {
    { "a request", TEXT("GET / HTTP/1.1\r\n"), SNIFF_HTTP1, 4 },
    { "an unknown method", TEXT("x-Y_z! /"), SNIFF_HTTP1, 7 },
    { "empty lines before a request", TEXT("\r\n\r\nGET /"), SNIFF_HTTP1, 8 },
    { "an empty line that breaks off", TEXT("\rG"), SNIFF_OTHER, 2 },
    { "a fifth empty line", TEXT("\r\n\r\n\r\n\r\n\r\nGET /"), SNIFF_OTHER, 9 },
    { "the preface", TEXT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), SNIFF_HTTP2, 24 },
    { "nearly the preface", TEXT("PRI * HTTP/1.1\r\n"), SNIFF_HTTP1, 12 },
    { "a method that starts like the preface", TEXT("PRINT /"), SNIFF_HTTP1, 6 },
    { "a method of 32 bytes", TEXT("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF /"), SNIFF_HTTP1, 33 },
    { "a method of 33 bytes", TEXT("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG /"), SNIFF_OTHER, 33 },
    { "a line that starts with a space", TEXT(" GET"), SNIFF_OTHER, 1 },
    { "a word and no space", TEXT("EHLO\r\n"), SNIFF_OTHER, 5 },
    { "SSH is no method", TEXT("SSH-2.0-x\r\n"), SNIFF_OTHER, 10 },
    { "zeros", TEXT("\0\0\0\0"), SNIFF_OTHER, 1 },
    { "TLS of no version", TEXT("\x16\x02\x01"), SNIFF_OTHER, 2 },
    { "an alert", TEXT("\x15\x03\x01"), SNIFF_OTHER, 1 },
    { "an empty record", TEXT("\x16\x03\x01\0\0"), SNIFF_OTHER, 5 },
    { "a record that is too long", TEXT("\x16\x03\x01\x40\x01"), SNIFF_OTHER, 5 },
    { "another message", TEXT("\x16\x03\x01\0\x10\x02"), SNIFF_OTHER, 6 },
    { "a hello that is too long", TEXT("\x16\x03\x01\0\x10\x01\0\x40\0"), SNIFF_OTHER, 9 },
};

static void what_speaks_is_told_as_soon_as_it_can_be(void **state)
{
    struct client_hello hello;

    for (size_t i = 0; i < COUNT_OF(claims); i++) {
        for (size_t length = 0; length <= claims[i].bytes.length; length++) {
            enum sniffed sniffed =
                sniff_guarded(*state, text_of(claims[i].bytes.at, length), &hello);

            if (sniffed != (length < claims[i].length ? SNIFF_MORE : claims[i].sniffed))
                fail_msg("%s, %zu bytes: %d", claims[i].name, length, (int)sniffed);
        }
    }
}

static void add_number(struct buffer *buffer, size_t number, size_t size)
{
    while (size-- > 0)
        buffer_add_byte(buffer, (char)(number >> 8 * size));
}

static void add_vector(struct buffer *buffer, size_t size, struct text content)
{
    add_number(buffer, content.length, size);
    buffer_add_text(buffer, content);
}

/* Server name and protocols of an extension list; empty texts: without. The protocols are a list as
 * on the wire. */
static void add_extensions(struct buffer *list, struct text name, struct text protocols)
{
    struct buffer inner = { 0 }, outer = { 0 };

    add_number(list, 23, 2); /* extended_master_secret, of no interest */
    add_number(list, 0, 2);
    if (name.length > 0) {
        add_number(&inner, 0, 1);
        add_vector(&inner, 2, name);
        add_vector(&outer, 2, buffer_text(&inner));
        add_number(list, 0, 2);
        add_vector(list, 2, buffer_text(&outer));
    }
    if (protocols.length > 0) {
        buffer_clear(&outer);
        add_vector(&outer, 2, protocols);
        add_number(list, 16, 2);
        add_vector(list, 2, buffer_text(&outer));
    }
    buffer_free(&inner);
    buffer_free(&outer);
}

/* A hello's body with that list, empty: none at all. */
static void add_body(struct buffer *body, struct text extensions)
{
    static const char random[32] = "01234567890123456789012345678901";

    add_number(body, 0x0303, 2);
    buffer_add(body, random, sizeof(random));
    add_vector(body, 1, BYTES("session"));
    add_vector(body, 2, BYTES("\x13\x01"));
    add_vector(body, 1, BYTES("\0"));
    if (extensions.length > 0)
        add_vector(body, 2, extensions);
}

/* The message around the body, in records of `piece` bytes. */
static struct text hello_of(struct kit *kit, struct text body, size_t piece)
{
    struct buffer message = { 0 }, wire = { 0 };
    struct text rest, hello;

    add_number(&message, 1, 1);
    add_vector(&message, 3, body);
    for (rest = buffer_text(&message); rest.length > 0; rest = text_from_offset(rest, piece)) {
        buffer_add(&wire, "\x16\x03\x01", 3);
        add_vector(&wire, 2, text_of(rest.at, rest.length < piece ? rest.length : piece));
    }
    hello = arena_copy(&kit->arena, buffer_text(&wire));
    buffer_free(&message);
    buffer_free(&wire);
    return hello;
}

static struct text hello_with(struct kit *kit, struct text name, struct text protocols,
                              size_t piece)
{
    struct buffer list = { 0 }, body = { 0 };
    struct text hello;

    add_extensions(&list, name, protocols);
    add_body(&body, buffer_text(&list));
    hello = hello_of(kit, buffer_text(&body), piece);
    buffer_free(&list);
    buffer_free(&body);
    return hello;
}

static const char both[] = "\2h2\10http/1.1";

static void a_hello_is_read_however_it_is_cut(void **state)
{
    struct kit *kit = *state;

    for (size_t piece = 1; piece < 140; piece++) {
        struct text wire = hello_with(kit, BYTES("api.example.com"), text_from(both), piece);
        struct client_hello hello;

        for (size_t length = 0; length < wire.length; length++)
            assert_int_equal(sniff_guarded(kit, text_of(wire.at, length), &hello), SNIFF_MORE);
        assert_int_equal(sniff_guarded(kit, wire, &hello), SNIFF_TLS);
        assert_true(text_is(hello.server_name, "api.example.com"));
        assert_true(hello.offers_h2 && hello.offers_http1);
        arena_clear(&kit->arena);
    }
}

static struct client_hello read_hello(struct kit *kit, struct text name, struct text protocols)
{
    struct client_hello hello;

    assert_int_equal(sniff_guarded(kit, hello_with(kit, name, protocols, 16000), &hello),
                     SNIFF_TLS);
    return hello;
}

static void a_hello_may_lack_name_and_protocols(void **state)
{
    struct kit *kit = *state;
    struct client_hello hello = read_hello(kit, BYTES(""), BYTES(""));
    struct buffer body = { 0 };

    assert_true(text_is_empty(hello.server_name));
    assert_false(hello.offers_h2 || hello.offers_http1);
    hello = read_hello(kit, BYTES("h"), BYTES("\3foo\2h2"));
    assert_true(hello.offers_h2);
    assert_false(hello.offers_http1);
    add_body(&body, BYTES(""));
    assert_int_equal(sniff_guarded(kit, hello_of(kit, buffer_text(&body), 16000), &hello),
                     SNIFF_TLS);
    buffer_free(&body);
}

static void a_name_that_is_no_host_name_is_left_out(void **state)
{
    assert_true(text_is_empty(read_hello(*state, BYTES("a\0b"), BYTES("")).server_name));
    assert_true(text_is_empty(read_hello(*state, BYTES("a b"), BYTES("")).server_name));
    assert_true(text_is_empty(read_hello(*state, BYTES("a:80"), BYTES("")).server_name));
    assert_true(text_is_empty(read_hello(*state, BYTES("[::1]"), BYTES("")).server_name));
}

/* Every byte changed, every way: never a crash, nor a step past the end; a name found lies in the
 * bytes. */
static void a_broken_hello_does_no_harm(void **state)
{
    struct kit *kit = *state;
    struct text wire = hello_with(kit, BYTES("api.example.com"), text_from(both), 60);
    char *bytes = arena_string(&kit->arena, wire), *scratch = arena_take(&kit->arena, SCRATCH_SIZE);
    struct client_hello hello;

    for (size_t i = 0; i < wire.length; i++) {
        for (unsigned byte = 0; byte < 256; byte += i < 60 ? 1 : 5) {
            bytes[i] = (char)byte;
            if (sniff(guard_put(&kit->guard, text_of(bytes, wire.length)), &hello, scratch) !=
                SNIFF_TLS)
                assert_true(text_is_empty(hello.server_name));
            assert_true(hello.server_name.length <= wire.length);
        }
        bytes[i] = wire.at[i];
    }
}

struct list_claim {
    const char *name;
    struct text extensions;
};

static const struct list_claim broken[] = {
    { "half an extension", TEXT("\0\x17\0") },
    { "an extension beyond the list", TEXT("\0\x17\0\1") },
    { "an empty server name extension", TEXT("\0\0\0\0") },
    { "an empty name list", TEXT("\0\0\0\2\0\0") },
    { "a name beyond its list", TEXT("\0\0\0\6\0\4\0\0\2a") },
    { "another type of name", TEXT("\0\0\0\6\0\4\1\0\1a") },
    { "bytes behind the name list", TEXT("\0\0\0\7\0\4\0\0\1ax") },
    { "two server name extensions", TEXT("\0\0\0\6\0\4\0\0\1a\0\0\0\6\0\4\0\0\1b") },
    { "an empty protocol", TEXT("\0\x10\0\3\0\1\0") },
    { "a protocol beyond its list", TEXT("\0\x10\0\4\0\2\2h") },
    { "bytes behind the protocols", TEXT("\0\x10\0\5\0\2\1hx") },
};

static void broken_extensions_are_no_hello(void **state)
{
    struct kit *kit = *state;

    for (size_t i = 0; i < COUNT_OF(broken); i++) {
        struct buffer body = { 0 };
        struct client_hello hello;

        add_body(&body, broken[i].extensions);
        if (sniff_guarded(kit, hello_of(kit, buffer_text(&body), 16000), &hello) != SNIFF_OTHER)
            fail_msg("%s", broken[i].name);
        buffer_free(&body);
    }
}

static void bytes_behind_the_extensions_are_no_hello(void **state)
{
    struct buffer body = { 0 };
    struct client_hello hello;

    add_body(&body, BYTES("\0\x17\0\0"));
    buffer_add_byte(&body, 'x');
    assert_int_equal(sniff_guarded(*state, hello_of(*state, buffer_text(&body), 16000), &hello),
                     SNIFF_OTHER);
    buffer_free(&body);
}

/* A hello of that size on the wire, in one record, by an extension of no interest. */
static enum sniffed sniff_sized(struct kit *kit, size_t size, size_t shown)
{
    struct buffer list = { 0 }, body = { 0 };
    struct client_hello hello;
    struct text wire;
    enum sniffed sniffed;

    add_body(&body, BYTES(""));
    add_number(&list, 21, 2); /* padding */
    add_number(&list, size - 9 - body.length - 6, 2);
    while (list.length + 2 + body.length + 9 < size)
        buffer_add_byte(&list, '\0');
    add_vector(&body, 2, buffer_text(&list));
    wire = hello_of(kit, buffer_text(&body), SIZE_MAX / 2);
    sniffed = sniff_guarded(kit, text_of(wire.at, shown < size ? shown : size), &hello);
    buffer_free(&list);
    buffer_free(&body);
    return sniffed;
}

static void a_hello_may_have_16_KiB_and_no_more(void **state)
{
    assert_int_equal(sniff_sized(*state, 16384, SIZE_MAX), SNIFF_TLS);
    assert_int_equal(sniff_sized(*state, 16384, 16383), SNIFF_MORE);
    assert_int_equal(sniff_sized(*state, 16385, SIZE_MAX), SNIFF_OTHER);
}

static void a_hello_in_too_many_records_is_not_waited_for(void **state)
{
    struct kit *kit = *state;
    struct buffer body = { 0 };
    struct client_hello hello;
    struct text wire;

    while (body.length < 3000)
        buffer_add_byte(&body, 'x');
    wire = hello_of(kit, buffer_text(&body), 1);
    assert_true(wire.length > 16384);
    assert_int_equal(sniff_guarded(kit, text_of(wire.at, 16383), &hello), SNIFF_MORE);
    assert_int_equal(sniff_guarded(kit, text_of(wire.at, 16384), &hello), SNIFF_OTHER);
    assert_int_equal(sniff_guarded(kit, wire, &hello), SNIFF_OTHER);
    buffer_free(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_speaks_is_told_as_soon_as_it_can_be),
        cmocka_unit_test(a_hello_is_read_however_it_is_cut),
        cmocka_unit_test(a_hello_may_lack_name_and_protocols),
        cmocka_unit_test(a_name_that_is_no_host_name_is_left_out),
        cmocka_unit_test(a_broken_hello_does_no_harm),
        cmocka_unit_test(broken_extensions_are_no_hello),
        cmocka_unit_test(bytes_behind_the_extensions_are_no_hello),
        cmocka_unit_test(a_hello_may_have_16_KiB_and_no_more),
        cmocka_unit_test(a_hello_in_too_many_records_is_not_waited_for),
    };

    return cmocka_run_group_tests(tests, kit_set_up, kit_tear_down);
}
