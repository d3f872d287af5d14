/* hash_test: known sums, however the bytes come. */
#include "base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/base64.h"

struct sum_case {
    enum hash_kind kind;
    const char *input, *sum;
};

/* RFC 1321, FIPS 180-4, RFC 3720 and the check values of the CRC catalogue. */
static const struct sum_case sums[] = {
    { HASH_MD5, "", "d41d8cd98f00b204e9800998ecf8427e" },
    { HASH_MD5, "message digest", "f96b697d7cb7938d525a2f31aaf161d0" },
    { HASH_SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d" },
    { HASH_SHA256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    { HASH_SHA512, "abc",
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
      "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
    { HASH_CRC32, "123456789", "cbf43926" },
    { HASH_CRC32, "", "00000000" },
    { HASH_CRC32C, "123456789", "e3069283" },
};

static void check_sum(const struct sum_case *row, size_t piece)
{
    struct hash *hash = hash_begin(row->kind);
    unsigned char sum[HASH_SIZE_MOST];
    char hex[2 * HASH_SIZE_MOST + 1] = "";
    size_t length = strlen(row->input), got;

    for (size_t at = 0; at < length; at += piece)
        hash_add(hash, row->input + at, length - at < piece ? length - at : piece);
    got = hash_end(hash, sum);
    for (size_t i = 0; i < got; i++)
        snprintf(hex + 2 * i, 3, "%02x", sum[i]);
    assert_string_equal(hex, row->sum);
}

static void sums_are_known(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(sums); i++) {
        check_sum(&sums[i], 1);
        check_sum(&sums[i], 2);
        check_sum(&sums[i], 1000);
    }
}

/* RFC 4648, 10. */
static void bytes_become_letters(void **state)
{
    static const char *const rows[][2] = {
        { "", "" },
        { "f", "Zg==" },
        { "fo", "Zm8=" },
        { "foo", "Zm9v" },
        { "foob", "Zm9vYg==" },
        { "fooba", "Zm9vYmE=" },
        { "foobar", "Zm9vYmFy" },
        { "\xff\xfe\xfb", "//77" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer out = { 0 };

        base64_add(&out, text_from(rows[i][0]));
        assert_string_equal(out.at ? out.at : "", rows[i][1]);
        buffer_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_known),
        cmocka_unit_test(bytes_become_letters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
