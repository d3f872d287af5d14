/* Fields: which are known, finding and changing them, and which end at this hop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <ctype.h>
#include <string.h>

#include "base/buffer.h"
#include "http/chars.h"
#include "http_kit.h"

static const char *const known[KNOWN_FIELD_COUNT] = {
#define X(id, name) [HEAD_##id] = (name),
    KNOWN_FIELDS(X)
#undef X
};

static void known_names_are_known_in_any_case(void **state)
{
    struct kit *kit = *state;

    for (size_t id = 1; id < COUNT_OF(known); id++) {
        char *name = arena_string(&kit->arena, text_from(known[id]));

        for (size_t i = 0; i <= strlen(name); i++) {
            assert_int_equal(field_identify(guard_put(&kit->guard, text_from(name))), id);
            name[i] = (char)toupper(name[i]);
        }
    }
}

static void names_that_differ_in_a_byte_are_others(void **state)
{
    struct kit *kit = *state;

    for (size_t id = 1; id < COUNT_OF(known); id++) {
        char *name = arena_string(&kit->arena, text_from(known[id]));

        for (size_t i = 0; i < strlen(known[id]); i++) {
            for (int byte = 1; byte < 256; byte++) {
                name[i] = (char)byte;
                if (strcasecmp(name, known[id]) != 0)
                    assert_int_not_equal(field_identify(text_from(name)), id);
            }
            name[i] = known[id][i];
        }
        assert_int_not_equal(field_identify(text_of(name, strlen(name) - 1)), id);
    }
    assert_int_equal(field_identify(BYTES("")), FIELD_OTHER);
    assert_int_equal(field_identify(BYTES("proxy-authorization-and-more")), FIELD_OTHER);
}

static void characters_are_in_their_classes(void **state)
{
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        bool letter = byte < 128 && isalnum(byte), visible = byte > ' ' && byte < 127;

        assert_int_equal(char_is((char)byte, CHAR_TOKEN),
                         letter || (byte && strchr("!#$%&'*+-.^_`|~", byte)));
        assert_int_equal(char_is((char)byte, CHAR_VALUE),
                         visible || byte == ' ' || byte == '\t' || byte > 127);
        assert_int_equal(char_is((char)byte, CHAR_TARGET), visible && byte != '#');
        assert_int_equal(char_is((char)byte, CHAR_HOST), letter || (byte && strchr("-._~", byte)));
        assert_int_equal(char_is((char)byte, CHAR_HEX), byte < 128 && isxdigit(byte) != 0);
        assert_int_equal(char_is((char)byte, CHAR_DIGIT), byte >= '0' && byte <= '9');
    }
}

/* Names and values of what is not removed: `A=b;C=d;`. */
static const char *fields_of(struct kit *kit, const struct head *head)
{
    struct buffer buffer = { 0 };
    const char *string;

    for (size_t i = 0; i < head->count; i++) {
        const struct head_field *field = &head->fields[i];

        if (!field->removed)
            buffer_format(&buffer, "%.*s=%.*s;", (int)field->name.length, field->name.at,
                          (int)field->value.length, field->value.at);
    }
    string = arena_string(&kit->arena, buffer_text(&buffer));
    buffer_free(&buffer);
    return string;
}

static void fields_are_found_by_id_and_by_name(void **state)
{
    struct head head = kit_head(*state, HEAD_RESPONSE,
                                "HTTP/1.1 200 OK\r\nX-A: 1\r\nVia: 2\r\nx-a: 3\r\nvia: 4\r\n\r\n");

    assert_true(text_is(head_get(&head, HEAD_VIA), "2"));
    assert_true(text_is(head_find(&head, BYTES("VIA")), "2"));
    assert_true(text_is(head_find(&head, BYTES("x-A")), "1"));
    assert_null(head_find(&head, BYTES("x-b")).at);
    assert_null(head_get(&head, HEAD_DATE).at);
    assert_true(head_has(&head, HEAD_VIA));
    assert_false(head_has(&head, HEAD_DATE));
    head.fields[1].removed = true;
    assert_true(text_is(head_get(&head, HEAD_VIA), "4"));
    head.fields[0].removed = true;
    assert_true(text_is(head_find(&head, BYTES("X-A")), "3"));
}

static void fields_are_added_set_and_removed(void **state)
{
    struct kit *kit = *state;
    struct head head = { .kind = HEAD_RESPONSE };

    for (size_t i = 0; i < 3; i++) {
        head_add(&head, &kit->arena, BYTES("Via"), BYTES("v"));
        head_add(&head, &kit->arena, BYTES("X"), BYTES("x"));
    }
    assert_string_equal(fields_of(kit, &head), "Via=v;X=x;Via=v;X=x;Via=v;X=x;");
    head_set(&head, &kit->arena, BYTES("via"), BYTES("w"));
    head_set(&head, &kit->arena, BYTES("x"), BYTES("y"));
    head_set(&head, &kit->arena, BYTES("Z"), BYTES("z"));
    assert_string_equal(fields_of(kit, &head), "Via=w;X=y;Z=z;");
    assert_int_equal(head_remove(&head, HEAD_VIA), 1);
    assert_int_equal(head_remove(&head, HEAD_VIA), 0);
    assert_int_equal(head_remove(&head, HEAD_DATE), 0);
    assert_int_equal(head_remove_named(&head, BYTES("x")), 1);
    assert_int_equal(head_remove_named(&head, BYTES("x")), 0);
    assert_string_equal(fields_of(kit, &head), "Z=z;");
    head_set(&head, &kit->arena, BYTES("Via"), BYTES("again"));
    assert_true(text_is(head_get(&head, HEAD_VIA), "again"));
}

static void many_fields_can_be_added(void **state)
{
    struct kit *kit = *state;
    struct head head = kit_head(kit, HEAD_RESPONSE, "HTTP/1.1 200 OK\r\nA: b\r\n\r\n");

    for (size_t i = 0; i < 1000; i++)
        head_add(&head, &kit->arena, BYTES("Date"), BYTES("d"));
    assert_int_equal(head.count, 1001);
    assert_true(text_is(head.fields[0].value, "b"));
    assert_int_equal(head_remove(&head, HEAD_DATE), 1000);
}

static void lists_are_looked_through_in_all_lines(void **state)
{
    struct head head = kit_head(*state, HEAD_RESPONSE,
                                "HTTP/1.1 200 OK\r\nConnection: a ,, B\r\nConnection:\tc\r\n\r\n");

    assert_true(head_lists(&head, HEAD_CONNECTION, BYTES("A")));
    assert_true(head_lists(&head, HEAD_CONNECTION, BYTES("b")));
    assert_true(head_lists(&head, HEAD_CONNECTION, BYTES("c")));
    assert_false(head_lists(&head, HEAD_CONNECTION, BYTES("")));
    assert_false(head_lists(&head, HEAD_CONNECTION, BYTES("a ,, B")));
    assert_false(head_lists(&head, HEAD_TE, BYTES("a")));
    head.fields[1].removed = true;
    assert_false(head_lists(&head, HEAD_CONNECTION, BYTES("c")));
}

struct hop_claim {
    const char *name, *bytes, *left;
    bool keep_upgrade;
};

#define REQUEST "GET / HTTP/1.1\r\nHost: h\r\n"
#define ANSWER "HTTP/1.1 200 OK\r\n"

static const struct hop_claim hops[] = {
    { "nothing to remove", REQUEST "A: b\r\n\r\n", "Host=h;A=b;" },
    { "the usual ones",
      REQUEST "Connection: close\r\nKeep-Alive: 1\r\nProxy-Connection: x\r\nTE: gzip\r\n"
              "Transfer-Encoding: chunked\r\nUpgrade: y\r\nProxy-Authorization: z\r\n\r\n",
      "Host=h;" },
    { "what Connection names", REQUEST "A: 1\r\nConnection: x, a\r\nX: 2\r\nB: 3\r\nx: 4\r\n\r\n",
      "Host=h;B=3;" },
    { "what framing and routing need stays",
      REQUEST "Connection: host, content-length, Content-Type, authorization\r\nContent-Type: t\r\n"
              "Content-Length: 0\r\nAuthorization: a\r\n\r\n",
      "Host=h;Content-Type=t;Content-Length=0;Authorization=a;" },
    { "the upgrade stays", REQUEST "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
      "Host=h;Upgrade=websocket;", true },
    { "the offer of trailers stays",
      REQUEST "Connection: TE\r\nTE: gzip, trailers\r\nTE: trailers\r\n\r\n",
      "Host=h;TE=trailers;" },
    { "an answer offers nothing", ANSWER "TE: trailers\r\n\r\n", "" },
    { "an answer's Proxy-Authenticate stays",
      "HTTP/1.1 407 X\r\nProxy-Authenticate: Basic\r\nProxy-Authorization: x\r\n\r\n",
      "Proxy-Authenticate=Basic;Proxy-Authorization=x;" },
};

static void hop_by_hop_fields_end_here(void **state)
{
    struct kit *kit = *state;

    for (size_t i = 0; i < COUNT_OF(hops); i++) {
        enum head_kind kind = *hops[i].bytes == 'H' ? HEAD_RESPONSE : HEAD_REQUEST;
        struct head head = kit_head(kit, kind, hops[i].bytes);

        head_remove_hop_by_hop(&head, hops[i].keep_upgrade);
        if (strcmp(fields_of(kit, &head), hops[i].left) != 0)
            fail_msg("%s: %s", hops[i].name, fields_of(kit, &head));
    }
}

static void methods_that_may_be_repeated(void **state)
{
    static const char *const safe[] = { "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE" };
    static const char *const unsafe[] = { "POST", "PATCH", "CONNECT", "get", "GETS", "" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(safe); i++) {
        assert_true(head_is_idempotent(&(struct head){ .method = text_from(safe[i]) }));
        assert_false(head_is_idempotent(&(struct head){ .method = text_from(unsafe[i]) }));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_names_are_known_in_any_case),
        cmocka_unit_test(names_that_differ_in_a_byte_are_others),
        cmocka_unit_test(characters_are_in_their_classes),
        cmocka_unit_test(fields_are_found_by_id_and_by_name),
        cmocka_unit_test(fields_are_added_set_and_removed),
        cmocka_unit_test(many_fields_can_be_added),
        cmocka_unit_test(lists_are_looked_through_in_all_lines),
        cmocka_unit_test(hop_by_hop_fields_end_here),
        cmocka_unit_test(methods_that_may_be_repeated),
    };

    return cmocka_run_group_tests(tests, kit_set_up, kit_tear_down);
}
