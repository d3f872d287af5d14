/* flood_headers_test: how many fields are added, how large, and that they are fields of their own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fault_bench.h"
#include "http/chars.h"

static const struct head_field *field_at(const struct fault_bench *bench, size_t index)
{
    assert_in_range(index, 0, bench->response.count - 1);
    return &bench->response.fields[index];
}

static void check_value(struct text value, size_t size)
{
    assert_int_equal(value.length, size);
    assert_true(text_equal(value, text_trim(value)));
    for (size_t i = 0; i < value.length; i++)
        if (!char_is(value.at[i], CHAR_VALUE) || (unsigned char)value.at[i] >= 0x7f ||
            value.at[i] == '\t')
            fail_msg("byte %zu of a value is %d", i, value.at[i]);
}

static void fields_are_as_many_and_as_large_as_asked(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    const struct hit *hit = fault_bench_hit(bench, "flood", "headers=60; header-size=100B");

    (void)state;
    assert_int_equal(bench->response.count, 60);
    assert_true(text_is(field_at(bench, 0)->name, "x-debug-0001"));
    assert_true(text_is(field_at(bench, 59)->name, "x-debug-0060"));
    for (size_t i = 0; i < 60; i++)
        check_value(field_at(bench, i)->value, 100);
    assert_int_equal(hit->touched, 60 * (12 + 2 + 100 + 2));
    fault_bench_free(bench);
}

/* Each length ends elsewhere in the text; none in a blank. */
static void values_of_any_size_are_values(void **state)
{
    (void)state;
    for (size_t size = 1; size < 80; size++) {
        struct fault_bench *bench = fault_bench_new();
        struct text settings = arena_format(&bench->arena, "headers=3; header-size=%zu", size);

        fault_bench_hit(bench, "flood", settings.at);
        check_value(field_at(bench, 2)->value, size);
        fault_bench_free(bench);
    }
}

static void values_differ_from_each_other_and_not_from_run_to_run(void **state)
{
    struct fault_bench *one = fault_bench_new(), *other = fault_bench_new();

    (void)state;
    fault_bench_hit(one, "flood", "headers=2");
    fault_bench_hit(other, "flood", "headers=2");
    assert_true(text_equal(field_at(one, 1)->value, field_at(other, 1)->value));
    assert_false(text_equal(field_at(one, 0)->value, field_at(one, 1)->value));
    fault_bench_free(one);
    fault_bench_free(other);
}

static void names_do_not_collide(void **state)
{
    struct fault_bench *bench = fault_bench_new();

    (void)state;
    fault_bench_field(bench, "X-Debug-0007", "the origin's");
    fault_bench_field(bench, "x-debug-id", "another");
    fault_bench_field(bench, "x-debug-", "a third");
    fault_bench_field(bench, "x-debug-1234567890", "beyond all counts");
    fault_bench_hit(bench, "flood", "headers=2");
    fault_bench_hit(bench, "flood", "headers=1");
    assert_true(text_is(field_at(bench, 4)->name, "x-debug-0008"));
    assert_true(text_is(field_at(bench, 5)->name, "x-debug-0009"));
    assert_true(text_is(field_at(bench, 6)->name, "x-debug-0010"));
    fault_bench_free(bench);
}

/* The limit is for both together. */
static void headers_leave_the_body_the_rest(void **state)
{
    struct fault_bench *bench = fault_bench_new();

    (void)state;
    fault_bench_field(bench, "Content-Type", "text/plain");
    fault_bench_length(bench, 1000);
    fault_bench_hit(bench, "flood", "body=x8; headers=1; header-size=84B; limit=150B");
    assert_int_equal(bench->answered.way.length, 1050);
    fault_bench_hit(bench, "flood", "body=x8; headers=1; header-size=84B; limit=100B");
    assert_int_equal(bench->answered.way.length, 1050);
    fault_bench_free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_as_many_and_as_large_as_asked),
        cmocka_unit_test(values_of_any_size_are_values),
        cmocka_unit_test(values_differ_from_each_other_and_not_from_run_to_run),
        cmocka_unit_test(names_do_not_collide),
        cmocka_unit_test(headers_leave_the_body_the_rest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
