/* field: claims about bounds, complaints, defaults and looking up. */
#include "base/field.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

union read {
    usec duration;
    uint64_t whole;
    double number;
    bool flag;
    int choice;
    struct text text;
    struct range range;
};

static const char *const choices[] = { "head", "first-byte", "body", NULL };
static const struct {
    struct field field;
    const char *text, *wanted;
} complaints[] = {
    { { .type = FIELD_SIZE }, "4 kilos", "wants a size such as 4KiB, got \"4 kilos\"" },
    { { .type = FIELD_DURATION },
      "200",
      "wants a duration such as 200ms, with its unit, got \"200\"" },
    { { .type = FIELD_DURATION }, "soon", "wants a duration such as 200ms, got \"soon\"" },
    { { .type = FIELD_SHARE }, "101%", "wants at most 100%, got \"101%\"" },
    { { .type = FIELD_SHARE }, "", "wants a share such as 30%, got \"\"" },
    { { .type = FIELD_FACTOR },
      "8",
      "wants a factor such as x1.5, got \"8\"; did you mean \"x8\"?" },
    { { .type = FIELD_RATE }, "8", "wants a rate such as 300/s, got \"8\"; did you mean \"8/s\"?" },
    { { .type = FIELD_BANDWIDTH },
      "64KiB",
      "wants a bandwidth such as 64KiB/s, got \"64KiB\"; did you mean \"64KiB/s\"?" },
    { { .type = FIELD_COUNT }, "x", "wants a whole number such as 3, got \"x\"" },
    { { .type = FIELD_NUMBER }, "x", "wants a number such as 1.5, got \"x\"" },
    { { .type = FIELD_FLAG }, "on", "wants yes or no, got \"on\"; did you mean \"yes\"?" },
    { { .type = FIELD_RANGE }, "3..1", "wants a range such as 1..3, got \"3..1\"" },
    { { .type = FIELD_MAP }, "a", "wants a mapping such as {name: value}, got \"a\"" },
    { { .type = FIELD_TEXTS }, "a", "wants a text or a list such as [one, two], got \"a\"" },
    { { .type = FIELD_CHOICE, .choices = choices },
      "haed",
      "wants head, first-byte or body, got \"haed\"; did you mean \"head\"?" },
    { { .type = FIELD_CHOICE, .choices = choices },
      "x",
      "wants head, first-byte or body, got \"x\"" },
    { { .type = FIELD_SIZE, .least = 1536, .most = 1 << 20 },
      "5",
      "wants at least 1536B, got \"5\"" },
    { { .type = FIELD_SIZE, .least = 1, .most = 1 << 20 },
      "1GB",
      "wants at most 1MiB, got \"1GB\"" },
    { { .type = FIELD_DURATION, .least = 1e6 }, "1ms", "wants at least 1s, got \"1ms\"" },
    { { .type = FIELD_SHARE, .most = 0.5 }, "60%", "wants at most 50%, got \"60%\"" },
    { { .type = FIELD_FACTOR, .least = 1, .most = 1000 },
      "x0.5",
      "wants at least x1, got \"x0.5\"" },
    { { .type = FIELD_RATE, .most = 0.5 }, "1/s", "wants at most 0.5/s, got \"1/s\"" },
    { { .type = FIELD_BANDWIDTH, .least = 1, .most = 10 << 20 },
      "1GiB/s",
      "wants at most 10MiB/s, got \"1GiB/s\"" },
    { { .type = FIELD_COUNT, .least = 100, .most = 599 }, "600", "wants at most 599, got \"600\"" },
    { { .type = FIELD_RANGE, .least = 1 }, "0..3", "wants at least 1, got \"0..3\"" },
    { { .type = FIELD_RANGE, .least = 1, .most = 9 }, "1..10", "wants at most 9, got \"1..10\"" },
    { { .type = FIELD_COUNT }, "a\nb\"", "wants a whole number such as 3, got \"a\\nb\\\"\"" },
};

static void complaints_say_what_was_wanted(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(complaints); i++) {
        struct buffer complaint = { 0 };
        union read read;

        assert_false(
            field_read(&complaints[i].field, &read, text_from(complaints[i].text), &complaint));
        assert_string_equal(complaint.at, complaints[i].wanted);
        buffer_free(&complaint);
    }
}

/* What people write, and what they mean; NULL: nobody can tell. */
static const struct {
    struct field field;
    const char *text, *meant;
} meant[] = {
    { { .type = FIELD_DURATION }, "5min", "5m" },
    { { .type = FIELD_DURATION }, "200 ms", "200ms" },
    { { .type = FIELD_DURATION }, "1.5 Seconds", "1.5s" },
    { { .type = FIELD_DURATION }, "1hr 30mins", "1h30m" },
    { { .type = FIELD_DURATION }, "5M", "5m" },
    { { .type = FIELD_DURATION }, "200", NULL },
    { { .type = FIELD_DURATION }, "5 fortnights", NULL },
    { { .type = FIELD_DURATION, .most = 1e6 }, "5min", NULL },
    { { .type = FIELD_SIZE }, "64kb", "64KB" },
    { { .type = FIELD_SIZE }, "4 k", "4KiB" },
    { { .type = FIELD_SIZE }, "12 bytes", "12B" },
    { { .type = FIELD_SIZE }, "50%", NULL },
    { { .type = FIELD_BANDWIDTH }, "64kb", "64KB/s" },
    { { .type = FIELD_BANDWIDTH }, "64 kib/s", "64KiB/s" },
    { { .type = FIELD_BANDWIDTH }, "10mbps", "10Mbit/s" },
    { { .type = FIELD_BANDWIDTH }, "1mbit", "1Mbit/s" },
    { { .type = FIELD_BANDWIDTH }, "64", NULL },
    { { .type = FIELD_SHARE }, "30", "30%" },
    { { .type = FIELD_SHARE }, "0.3", "30%" },
    { { .type = FIELD_SHARE }, "30 percent", "30%" },
    { { .type = FIELD_SHARE }, "1", NULL },
    { { .type = FIELD_SHARE }, "300", NULL },
    { { .type = FIELD_SHARE }, "1e1", NULL },
    { { .type = FIELD_FACTOR }, "8x", "x8" },
    { { .type = FIELD_FACTOR }, "8 times", "x8" },
    { { .type = FIELD_FACTOR }, "800%", NULL },
    { { .type = FIELD_NUMBER }, "x60", "60" },
    { { .type = FIELD_RATE }, "5 per second", "5/s" },
    { { .type = FIELD_RATE }, "100/min", "100/m" },
    { { .type = FIELD_RANGE }, "1-2", "1..2" },
    { { .type = FIELD_RANGE }, "3+", "3.." },
    { { .type = FIELD_RANGE }, "-", NULL },
    { { .type = FIELD_FLAG }, "OFF", "no" },
    { { .type = FIELD_FLAG }, "perhaps", NULL },
    { { .type = FIELD_CHOICE, .choices = choices }, "1", NULL },
};

static void what_is_nearly_right_is_suggested(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(meant); i++) {
        struct buffer complaint = { 0 }, wanted = { 0 };
        const char *said;
        union read read;

        if (meant[i].meant)
            buffer_format(&wanted, "; did you mean \"%s\"?", meant[i].meant);
        assert_false(field_read(&meant[i].field, &read, text_from(meant[i].text), &complaint));
        said = strstr(complaint.at, "; did you mean");
        if (strcmp(said ? said : "", wanted.at ? wanted.at : "") != 0)
            fail_msg("%s: %s", meant[i].text, complaint.at);
        buffer_free(&complaint);
        buffer_free(&wanted);
    }
}

static void bounds_include_their_ends(void **state)
{
    struct field field = { .name = "x", .type = FIELD_COUNT, .least = 1, .most = 3 };
    struct field open = { .name = "x", .type = FIELD_RANGE, .least = 1, .most = 3 };
    struct buffer complaint = { 0 };
    union read read;

    (void)state;
    assert_true(field_read(&field, &read, text_from("1"), &complaint));
    assert_true(field_read(&field, &read, text_from("3"), &complaint));
    assert_false(field_read(&field, &read, text_from("4"), &complaint));
    assert_true(field_read(&open, &read, text_from("2.."), &complaint));
    assert_false(field_read(&open, &read, text_from("4.."), &complaint));
    buffer_free(&complaint);
}

static void a_long_value_is_cut_in_the_complaint(void **state)
{
    struct field field = { .name = "x", .type = FIELD_COUNT };
    struct buffer complaint = { 0 }, value = { 0 };
    uint64_t count;

    (void)state;
    buffer_add_byte(&value, 'x');
    for (int i = 0; i < 100; i++)
        buffer_add_string(&value, "\xc3\xa9");
    assert_false(field_read(&field, &count, buffer_text(&value), &complaint));
    assert_int_equal(complaint.length,
                     strlen("wants a whole number such as 3, got \"\" and more") + 59);
    assert_null(strstr(complaint.at, "\xef\xbf\xbd"));
    buffer_free(&complaint);
    buffer_free(&value);
}

struct sample {
    usec delay;
    uint64_t limit;
    double share;
    bool loud;
    struct text note;
    int part;
    struct range nth;
};

static const char *const parts[] = { "head", "body", NULL };
static const struct field sample_fields[] = {
    FIELD(struct sample, delay, usec, FIELD_DURATION, .name = "delay", .fallback = "100ms",
          .main = true),
    FIELD(struct sample, limit, uint64_t, FIELD_SIZE, .name = "limit", .fallback = "4KiB"),
    FIELD(struct sample, share, double, FIELD_SHARE, .name = "share", .fallback = "30%"),
    FIELD(struct sample, loud, bool, FIELD_FLAG, .name = "loud", .fallback = "yes"),
    FIELD(struct sample, note, struct text, FIELD_TEXT, .name = "note", .fallback = "none"),
    FIELD(struct sample, part, int, FIELD_CHOICE, .name = "part", .choices = parts,
          .fallback = "body"),
    FIELD(struct sample, nth, struct range, FIELD_RANGE, .name = "nth"),
    END_OF_FIELDS,
};

static void defaults_fill_every_field_that_has_one(void **state)
{
    struct sample sample = { 0 };

    (void)state;
    field_defaults(sample_fields, &sample);
    assert_int_equal(sample.delay, 100 * MSEC);
    assert_int_equal(sample.limit, 4096);
    assert_true(sample.share == 0.3);
    assert_true(sample.loud);
    assert_true(text_is(sample.note, "none"));
    assert_int_equal(sample.part, 1);
    assert_int_equal(sample.nth.last, 0);
}

static void fields_are_found_by_name(void **state)
{
    static const struct field none[] = { END_OF_FIELDS };

    (void)state;
    assert_ptr_equal(field_find(sample_fields, text_from("share")), &sample_fields[2]);
    assert_null(field_find(sample_fields, text_from("Share")));
    assert_null(field_find(sample_fields, text_from("")));
    assert_ptr_equal(field_main(sample_fields), &sample_fields[0]);
    assert_null(field_main(none));
    assert_string_equal(field_name_at(sample_fields, 6), "nth");
    assert_null(field_name_at(sample_fields, 7));
    assert_string_equal(field_type_wish(FIELD_NONE), "nothing");
    assert_string_equal(field_type_wish(FIELD_TEXT), "a text");
    assert_string_equal(field_type_wish(FIELD_JSON), "a value as in JSON, such as {name: value}");
    assert_string_equal(field_type_wish(FIELD_CHOICE), "one of a few words");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(complaints_say_what_was_wanted),
        cmocka_unit_test(what_is_nearly_right_is_suggested),
        cmocka_unit_test(bounds_include_their_ends),
        cmocka_unit_test(a_long_value_is_cut_in_the_complaint),
        cmocka_unit_test(defaults_fill_every_field_that_has_one),
        cmocka_unit_test(fields_are_found_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
