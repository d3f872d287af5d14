/* field_value: claims about which texts are values of which type. */
#include "base/field.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "guard.h"

union read {
    usec duration;
    uint64_t whole;
    double number;
    bool flag;
    int choice;
    struct text text;
    struct range range;
};

struct claim {
    enum field_type type;
    const char *text;
    double wanted; /* less than 0: refused */
};

enum { REFUSED = -1 };

static double as_number(enum field_type type, const union read *read)
{
    switch (type) {
    case FIELD_DURATION:
        return (double)read->duration;
    case FIELD_SIZE:
    case FIELD_BANDWIDTH:
    case FIELD_COUNT:
        return (double)read->whole;
    case FIELD_FLAG:
        return read->flag;
    default:
        return read->number;
    }
}

static const struct claim claims[] = {
    { FIELD_DURATION, "0", 0 },
    { FIELD_DURATION, "0s", 0 },
    { FIELD_DURATION, "20us", 20 },
    { FIELD_DURATION, "200ms", 200e3 },
    { FIELD_DURATION, "2s", 2e6 },
    { FIELD_DURATION, "0.5s", 5e5 },
    { FIELD_DURATION, "1.000001s", 1000001 },
    { FIELD_DURATION, "90m", 5400e6 },
    { FIELD_DURATION, "1h30m", 5400e6 },
    { FIELD_DURATION, "1h05m", 3900e6 },
    { FIELD_DURATION, "1d2h3m4s5ms6us", 93784005006. },
    { FIELD_DURATION, "106751991d", 106751991 * 86400e6 },
    { FIELD_DURATION, "", REFUSED },
    { FIELD_DURATION, "200", REFUSED },
    { FIELD_DURATION, "s", REFUSED },
    { FIELD_DURATION, "-1s", REFUSED },
    { FIELD_DURATION, "+1s", REFUSED },
    { FIELD_DURATION, "1s ", REFUSED },
    { FIELD_DURATION, " 1s", REFUSED },
    { FIELD_DURATION, "1 s", REFUSED },
    { FIELD_DURATION, "30m1h", REFUSED },
    { FIELD_DURATION, "1m1m", REFUSED },
    { FIELD_DURATION, "1h30", REFUSED },
    { FIELD_DURATION, "1S", REFUSED },
    { FIELD_DURATION, "1w", REFUSED },
    { FIELD_DURATION, "08s", REFUSED },
    { FIELD_DURATION, "1e3s", REFUSED },
    { FIELD_DURATION, "0x10s", REFUSED },
    { FIELD_DURATION, ".5s", REFUSED },
    { FIELD_DURATION, "1.s", REFUSED },
    { FIELD_DURATION, "1,5s", REFUSED },
    { FIELD_DURATION, "0.5us", REFUSED },
    { FIELD_DURATION, "106751992d", REFUSED },
    { FIELD_DURATION, "9223372036854775807us", REFUSED },
    { FIELD_DURATION, "99999999999999999999s", REFUSED },
    { FIELD_DURATION, "18446744073709551615d", REFUSED },
    { FIELD_DURATION, "nan", REFUSED },
    { FIELD_DURATION, "inf", REFUSED },
    { FIELD_SIZE, "0", 0 },
    { FIELD_SIZE, "512", 512 },
    { FIELD_SIZE, "512B", 512 },
    { FIELD_SIZE, "1KB", 1e3 },
    { FIELD_SIZE, "10MB", 1e7 },
    { FIELD_SIZE, "2GB", 2e9 },
    { FIELD_SIZE, "4KiB", 4096 },
    { FIELD_SIZE, "1.5MiB", 1572864 },
    { FIELD_SIZE, "1GiB", 1073741824 },
    { FIELD_SIZE, "0.125KB", 125 },
    { FIELD_SIZE, "0.3B", REFUSED },
    { FIELD_SIZE, "0.3KiB", REFUSED },
    { FIELD_SIZE, "4kb", REFUSED },
    { FIELD_SIZE, "4K", REFUSED },
    { FIELD_SIZE, "4 KiB", REFUSED },
    { FIELD_SIZE, "4 kilos", REFUSED },
    { FIELD_SIZE, "KiB", REFUSED },
    { FIELD_SIZE, "-1", REFUSED },
    { FIELD_SIZE, "010", REFUSED },
    { FIELD_SIZE, "0x10", REFUSED },
    { FIELD_SIZE, "1e3", REFUSED },
    { FIELD_SIZE, "17179869184GiB", REFUSED },
    { FIELD_SIZE, "18446744073709551616", REFUSED },
    { FIELD_SHARE, "0%", 0 },
    { FIELD_SHARE, "0.5%", 0.005 },
    { FIELD_SHARE, "30%", 0.3 },
    { FIELD_SHARE, "33.3%", 0.333 },
    { FIELD_SHARE, "100%", 1 },
    { FIELD_SHARE, "100.0%", 1 },
    { FIELD_SHARE, "100.1%", REFUSED },
    { FIELD_SHARE, "101%", REFUSED },
    { FIELD_SHARE, "30", REFUSED },
    { FIELD_SHARE, "0.3", REFUSED },
    { FIELD_SHARE, "-1%", REFUSED },
    { FIELD_SHARE, "%", REFUSED },
    { FIELD_SHARE, "030%", REFUSED },
    { FIELD_SHARE, "1e1%", REFUSED },
    { FIELD_SHARE, "0.0000000000000000001%", REFUSED },
    { FIELD_FACTOR, "x8", 8 },
    { FIELD_FACTOR, "x1.5", 1.5 },
    { FIELD_FACTOR, "x0", 0 },
    { FIELD_FACTOR, "8", REFUSED },
    { FIELD_FACTOR, "x", REFUSED },
    { FIELD_FACTOR, "x08", REFUSED },
    { FIELD_FACTOR, "x-1", REFUSED },
    { FIELD_FACTOR, "x8x", REFUSED },
    { FIELD_FACTOR, "", REFUSED },
    { FIELD_RATE, "300/s", 300 },
    { FIELD_RATE, "20/m", 20. / 60 },
    { FIELD_RATE, "5/h", 5. / 3600 },
    { FIELD_RATE, "0.5/s", 0.5 },
    { FIELD_RATE, "300", REFUSED },
    { FIELD_RATE, "300/", REFUSED },
    { FIELD_RATE, "/s", REFUSED },
    { FIELD_RATE, "300/d", REFUSED },
    { FIELD_RATE, "300/s/s", REFUSED },
    { FIELD_RATE, "07/s", REFUSED },
    { FIELD_BANDWIDTH, "0B/s", 0 },
    { FIELD_BANDWIDTH, "1B/s", 1 },
    { FIELD_BANDWIDTH, "64KiB/s", 65536 },
    { FIELD_BANDWIDTH, "1.5MB/s", 1.5e6 },
    { FIELD_BANDWIDTH, "2GiB/s", 2147483648. },
    { FIELD_BANDWIDTH, "1GB/s", 1e9 },
    { FIELD_BANDWIDTH, "3MiB/s", 3145728 },
    { FIELD_BANDWIDTH, "5KB/s", 5000 },
    { FIELD_BANDWIDTH, "56kbit/s", 7000 },
    { FIELD_BANDWIDTH, "0.008kbit/s", 1 },
    { FIELD_BANDWIDTH, "10Mbit/s", 1.25e6 },
    { FIELD_BANDWIDTH, "2.5Gbit/s", 312.5e6 },
    { FIELD_BANDWIDTH, "64KiB", REFUSED },
    { FIELD_BANDWIDTH, "64/s", REFUSED },
    { FIELD_BANDWIDTH, "64", REFUSED },
    { FIELD_BANDWIDTH, "64KiB/m", REFUSED },
    { FIELD_BANDWIDTH, "64KiB/", REFUSED },
    { FIELD_BANDWIDTH, "KiB/s", REFUSED },
    { FIELD_BANDWIDTH, "10Mb/s", REFUSED },
    { FIELD_BANDWIDTH, "10mbit/s", REFUSED },
    { FIELD_BANDWIDTH, "0.5B/s", REFUSED },
    { FIELD_BANDWIDTH, "0.001kbit/s", REFUSED },
    { FIELD_BANDWIDTH, "064KiB/s", REFUSED },
    { FIELD_BANDWIDTH, "-1KiB/s", REFUSED },
    { FIELD_BANDWIDTH, "17179869184GiB/s", REFUSED },
    { FIELD_COUNT, "0", 0 },
    { FIELD_COUNT, "42", 42 },
    { FIELD_COUNT, "042", REFUSED },
    { FIELD_COUNT, "4.2", REFUSED },
    { FIELD_COUNT, "-4", REFUSED },
    { FIELD_COUNT, "", REFUSED },
    { FIELD_COUNT, "1e3", REFUSED },
    { FIELD_COUNT, "18446744073709551616", REFUSED },
    { FIELD_NUMBER, "0", 0 },
    { FIELD_NUMBER, "1.5", 1.5 },
    { FIELD_NUMBER, "0.1", 0.1 },
    { FIELD_NUMBER, "123456.789", 123456.789 },
    { FIELD_NUMBER, "1e3", REFUSED },
    { FIELD_NUMBER, "nan", REFUSED },
    { FIELD_NUMBER, "inf", REFUSED },
    { FIELD_NUMBER, "-1", REFUSED },
    { FIELD_NUMBER, "0x1p3", REFUSED },
    { FIELD_NUMBER, "1.5.2", REFUSED },
    { FIELD_NUMBER, "00.5", REFUSED },
    { FIELD_NUMBER, "1 ", REFUSED },
    { FIELD_FLAG, "yes", 1 },
    { FIELD_FLAG, "true", 1 },
    { FIELD_FLAG, "no", 0 },
    { FIELD_FLAG, "false", 0 },
    { FIELD_FLAG, "on", REFUSED },
    { FIELD_FLAG, "Yes", REFUSED },
    { FIELD_FLAG, "1", REFUSED },
    { FIELD_FLAG, "", REFUSED },
    { FIELD_MAP, "a", REFUSED },
    { FIELD_TEXTS, "a", REFUSED },
};

static void values_read_as_written_or_not_at_all(void **state)
{
    struct guard guard = guard_new(64);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(claims); i++) {
        const struct claim *claim = &claims[i];
        struct field field = { .name = "x", .type = claim->type };
        struct buffer complaint = { 0 };
        union read read, before;
        bool valid;

        memset(&read, 0x5a, sizeof(read));
        before = read;
        valid = field_read(&field, &read, guard_put(&guard, text_from(claim->text)), &complaint);
        if (valid != (claim->wanted >= 0) ||
            (valid && as_number(claim->type, &read) != claim->wanted))
            fail_msg("`%s` gave %d, %.17g", claim->text, valid, as_number(claim->type, &read));
        assert_int_equal(complaint.length > 0, !valid);
        if (!valid)
            assert_memory_equal(&read, &before, sizeof(read));
        buffer_free(&complaint);
    }
    guard_free(&guard);
}

/* Every type, on the beginning of every text above, with forbidden memory behind it. */
static void no_cut_of_any_value_is_read_past_its_end(void **state)
{
    static const char *const choices[] = { "head", "body", NULL };
    struct guard guard = guard_new(64);
    struct buffer complaint = { 0 };
    size_t valid = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(claims); i++) {
        struct text whole = text_from(claims[i].text);

        for (size_t j = 0; j < (whole.length + 1) * FIELD_NONE; j++) {
            struct field field = { .name = "x",
                                   .type = (enum field_type)(j % FIELD_NONE),
                                   .choices = choices };
            struct text cut = guard_put(&guard, text_of(whole.at, j / FIELD_NONE));
            union read read;

            valid += field_read(&field, &read, cut, &complaint);
        }
    }
    assert_true(valid > 500);
    buffer_free(&complaint);
    guard_free(&guard);
}

static void ranges_have_one_or_two_ends(void **state)
{
    static const struct {
        const char *text;
        bool valid;
        struct range range;
    } rows[] = {
        { "2", true, { 2, 2 } },
        { "1..3", true, { 1, 3 } },
        { "4..", true, { 4, UINT64_MAX } },
        { "0..0", true, { 0, 0 } },
        { "3..1", false, { 0, 0 } },
        { "..3", false, { 0, 0 } },
        { "1.3", false, { 0, 0 } },
        { "1...3", false, { 0, 0 } },
        { "", false, { 0, 0 } },
        { "..", false, { 0, 0 } },
        { "1..3..", false, { 0, 0 } },
        { "01..3", false, { 0, 0 } },
        { "1..03", false, { 0, 0 } },
        { "1-3", false, { 0, 0 } },
        { "1.. 3", false, { 0, 0 } },
    };
    struct field field = { .name = "nth", .type = FIELD_RANGE };
    struct buffer complaint = { 0 };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct range got = { 0, 0 };

        if (field_read(&field, &got, text_from(rows[i].text), &complaint) != rows[i].valid)
            fail_msg("`%s`", rows[i].text);
        assert_int_equal(got.first, rows[i].range.first);
        assert_int_equal(got.last, rows[i].range.last);
    }
    buffer_free(&complaint);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_read_as_written_or_not_at_all),
        cmocka_unit_test(no_cut_of_any_value_is_read_past_its_end),
        cmocka_unit_test(ranges_have_one_or_two_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
