/* body_print_test: the same body has the same print however it is cut, and others have others. */
#include "http/body_print.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"

enum { BODY = 6000 };

static void fill(char *bytes)
{
    for (size_t i = 0; i < BODY; i++)
        bytes[i] = (char)random_mix(i);
}

/* In pieces of chance lengths up to `most`. */
static uint64_t print_of(const char *bytes, size_t length, size_t most, uint64_t chance)
{
    struct body_print print = { .hash = 7 };

    for (size_t at = 0; at < length;) {
        size_t piece = 1 + random_join(chance, at) % most;

        piece = piece < length - at ? piece : length - at;
        body_print_add(&print, bytes + at, piece);
        at += piece;
    }
    return body_print_sum(&print);
}

static void pieces_do_not_matter(void **state)
{
    static const size_t lengths[] = { 0, 1, 7, 8, 9, 100, 4095, 4096, 4097, BODY };
    char bytes[BODY];

    (void)state;
    fill(bytes);
    for (size_t i = 0; i < COUNT_OF(lengths); i++)
        for (size_t most = 1; most < 10000; most = 3 * most + 1)
            for (uint64_t chance = 0; chance < 5; chance++)
                assert_int_equal(print_of(bytes, lengths[i], most, chance),
                                 print_of(bytes, lengths[i], BODY, 0));
}

static void each_byte_of_the_beginning_matters(void **state)
{
    char bytes[BODY];
    uint64_t whole;

    (void)state;
    fill(bytes);
    whole = print_of(bytes, BODY, BODY, 0);
    for (size_t i = 0; i < BODY; i += 13) {
        bytes[i] ^= 0x20;
        if (i < BODY_PRINT_MOST)
            assert_int_not_equal(print_of(bytes, BODY, BODY, 0), whole);
        else
            assert_int_equal(print_of(bytes, BODY, BODY, 0), whole);
        bytes[i] ^= 0x20;
    }
    assert_int_not_equal(print_of(bytes, 4095, BODY, 0), print_of(bytes, 4096, BODY, 0));
}

static void texts_differ_by_each_byte_and_their_length(void **state)
{
    char bytes[40] = { 0 };
    uint64_t seen[1024];
    size_t count = 0;

    (void)state;
    for (size_t length = 0; length < sizeof bytes; length++) {
        seen[count++] = body_print_join(1, text_of(bytes, length));
        for (size_t i = 0; i < length; i++) {
            bytes[i] = 'x';
            seen[count++] = body_print_join(1, text_of(bytes, length));
            bytes[i] = 0;
        }
    }
    for (size_t i = 0; i < count; i++)
        for (size_t other = 0; other < i; other++)
            assert_int_not_equal(seen[i], seen[other]);
    assert_int_not_equal(body_print_join(1, text_of("a", 1)), body_print_join(2, text_of("a", 1)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_do_not_matter),
        cmocka_unit_test(each_byte_of_the_beginning_matters),
        cmocka_unit_test(texts_differ_by_each_byte_and_their_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
