/* text: claims about comparing, cutting, matching and hashing. */
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/random.h"
#include "guard.h"

static void equality_is_of_bytes_and_length(void **state)
{
    (void)state;
    assert_true(text_equal(text_from("abc"), text_from("abc")));
    assert_false(text_equal(text_from("abc"), text_from("abd")));
    assert_false(text_equal(text_from("abc"), text_from("ab")));
    assert_true(text_equal(text_from(NULL), text_from("")));
    assert_true(text_is(text_of("abcd", 3), "abc"));
    assert_false(text_is(text_of("a\0b", 3), "a"));
    assert_true(text_is_nocase(text_from("HoSt"), "hOsT"));
    assert_false(text_is_nocase(text_from("host"), "hosts"));
    /* `[` and `{` differ by the bit that letters differ by. */
    assert_false(text_equal_nocase(text_from("["), text_from("{")));
    assert_false(text_equal_nocase(text_from("@"), text_from("`")));
    assert_false(text_equal_nocase(text_from("\xc4"), text_from("\xe4")));
}

static void beginnings_and_ends(void **state)
{
    (void)state;
    assert_true(text_starts(text_from("http://x"), text_from("http:")));
    assert_true(text_starts(text_from("a"), text_from("")));
    assert_true(text_starts(text_from(NULL), text_from(NULL)));
    assert_false(text_starts(text_from("htt"), text_from("http")));
    assert_true(text_ends_nocase(text_from("a.EXAMPLE.com"), text_from(".example.COM")));
    assert_false(text_ends_nocase(text_from("com"), text_from("x.com")));
    assert_true(text_ends_nocase(text_from(NULL), text_from("")));
}

static void finding_trimming_and_cutting(void **state)
{
    (void)state;
    assert_int_equal(text_find(text_from("a:b:c"), ':'), 1);
    assert_int_equal(text_find(text_from("abc"), ':'), 3);
    assert_int_equal(text_find(text_from(NULL), ':'), 0);
    assert_true(text_is(text_trim(text_from(" \t a b\t ")), "a b"));
    assert_true(text_is(text_trim(text_from(" \t ")), ""));
    assert_true(text_is(text_trim(text_from("\na\n")), "\na\n"));
    assert_true(text_is(text_from_offset(text_from("abc"), 1), "bc"));
    assert_true(text_is(text_from_offset(text_from("abc"), 4), ""));
    assert_true(text_is(text_from_offset(text_from(NULL), 4), ""));
}

static void lists_give_their_items_and_no_empty_ones(void **state)
{
    static const struct {
        const char *list, *items;
    } rows[] = {
        { "a, b ,c", "a|b|c|" }, { "", "" },      { ",, ,\t,", "" },
        { "one", "one|" },       { ",x,", "x|" }, { "a b", "a b|" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct text list = text_from(rows[i].list), item;
        char got[32] = "";
        size_t length = 0;

        while (text_next_item(&list, ',', &item))
            length += (size_t)snprintf(got + length, sizeof(got) - length, "%.*s|",
                                       (int)item.length, item.at);
        assert_string_equal(got, rows[i].items);
    }
}

static void numbers_are_digits_that_fit(void **state)
{
    static const struct {
        const char *text;
        bool valid;
        uint64_t number;
    } rows[] = {
        { "0", true, 0 },
        { "007", true, 7 },
        { "18446744073709551615", true, UINT64_MAX },
        { "18446744073709551616", false, 0 },
        { "99999999999999999999", false, 0 },
        { "", false, 0 },
        { "-1", false, 0 },
        { "+1", false, 0 },
        { " 1", false, 0 },
        { "1 ", false, 0 },
        { "0x1", false, 0 },
        { "1e3", false, 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        uint64_t number = 42;

        assert_int_equal(text_to_u64(text_from(rows[i].text), &number), rows[i].valid);
        assert_int_equal(number, rows[i].valid ? rows[i].number : 42);
    }
}

static void characters_are_those_of_utf_8(void **state)
{
    static const struct {
        struct text text;
        size_t length;
    } rows[] = {
        { TEXT(""), 0 },
        { TEXT("a\xc3"), 1 },
        { TEXT("\0"), 1 },
        { TEXT("\x7f"), 1 },
        { TEXT("\xc3\xa9z"), 2 },
        { TEXT("\xe2\x80\xa6"), 3 },
        { TEXT("\xf4\x8f\xbf\xbf"), 4 },
        { TEXT("\x80"), 0 },             /* no beginning */
        { TEXT("\xc3"), 0 },             /* no end */
        { TEXT("\xe2\x80"), 0 },         /* no end */
        { TEXT("\xc3z"), 0 },            /* another begins */
        { TEXT("\xf0\x9f\x92z"), 0 },    /* another begins */
        { TEXT("\xc1\xbf"), 0 },         /* overlong */
        { TEXT("\xe0\x9f\xbf"), 0 },     /* overlong */
        { TEXT("\xf0\x8f\xbf\xbf"), 0 }, /* overlong */
        { TEXT("\xed\xa0\x80"), 0 },     /* half of a pair */
        { TEXT("\xf4\x90\x80\x80"), 0 }, /* beyond the last */
        { TEXT("\xff\xbf\xbf\xbf"), 0 }, /* nothing begins so */
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (text_character(rows[i].text) != rows[i].length)
            fail_msg("row %zu: %zu", i, text_character(rows[i].text));
}

static const struct {
    const char *pattern, *text;
    bool wanted;
} globs[] = {
    { "", "", true },
    { "", "a", false },
    { "a", "", false },
    { "abc", "abc", true },
    { "*", "", true },
    { "*", "abc", true },
    { "*", "a/b", false },
    { "**", "", true },
    { "**", "a/b/c", true },
    { "***", "a/b", true },
    { "?", "a", true },
    { "?", "/", false },
    { "?", "", false },
    { "/api/*", "/api/cars", true },
    { "/api/*", "/api/cars/1", false },
    { "/api/**", "/api/cars/1", true },
    { "/api/**", "/api", false },
    { "/api/*/wake", "/api/17/wake", true },
    { "/api/*/wake", "/api/1/7/wake", false },
    { "/**/wake", "/a/b/wake", true },
    { "**/b/*/d", "x/b/b/c/d", true },
    { "**/b/*/d", "x/b/c/d/d", false },
    { "**a*c/d", "a/ac/ab/axc/d", true },
    { "*.example.*", "api.example.com", true },
    { "owner-api.*", "owner-api", false },
    { "*ab*ab*", "abxab", true },
    { "*ab*ab*", "abab", true },
    { "*aab", "aaaab", true },
    { "a*b*c", "a-b-b-c", true },
    { "a**", "b", false },
    { "[a]", "[a]", true },
    { "\\*", "\\x", true },
};

static void globs_match_as_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(globs); i++) {
        bool got = text_glob(text_from(globs[i].pattern), text_from(globs[i].text), false);

        if (got != globs[i].wanted)
            fail_msg("`%s` on `%s` gave %d", globs[i].pattern, globs[i].text, got);
    }
}

static void globs_mind_the_case_unless_told(void **state)
{
    (void)state;
    assert_true(text_glob(text_from("*.Example.com"), text_from("a.eXAMPLE.COM"), true));
    assert_false(text_glob(text_from("*.Example.com"), text_from("a.eXAMPLE.COM"), false));
    assert_false(text_glob(text_from("["), text_from("{"), true));
}

/* The meaning, straight from the words of the header; exponential. */
static bool plain_glob(const char *pattern, const char *text)
{
    if (*pattern == '\0')
        return *text == '\0';
    if (pattern[0] == '*' && pattern[1] == '*')
        return plain_glob(pattern + 2, text) || (*text && plain_glob(pattern, text + 1));
    if (*pattern == '*')
        return plain_glob(pattern + 1, text) ||
               (*text && *text != '/' && plain_glob(pattern, text + 1));
    if (*text == '\0' || (*pattern == '?' && *text == '/'))
        return false;
    return (*pattern == '?' || *pattern == *text) && plain_glob(pattern + 1, text + 1);
}

static void spell(char *out, const char *letters, size_t count, size_t length, uint64_t bits)
{
    for (size_t i = 0; i < length; i++)
        out[i] = letters[random_join(bits, i) % count];
    out[length] = '\0';
}

static void globs_agree_with_the_plain_definition(void **state)
{
    size_t matches = 0;

    (void)state;
    for (uint64_t i = 0; i < 60000; i++) {
        char pattern[10], text[12];
        bool wanted, got;

        spell(pattern, "ab/**?*", 7, random_mix(i) % sizeof(pattern), 2 * i);
        spell(text, "aab/", 4, random_mix(i + 1) % sizeof(text), 2 * i + 1);
        wanted = plain_glob(pattern, text);
        got = text_glob(text_from(pattern), text_from(text), false);
        matches += wanted;
        if (got != wanted)
            fail_msg("`%s` on `%s` gave %d", pattern, text, got);
    }
    assert_true(matches > 3000);
}

/* Each would take years if every star were tried at every place. */
static void globs_of_many_stars_end_soon(void **state)
{
    static char text[20000];

    (void)state;
    memset(text, 'a', sizeof(text));
    assert_false(text_glob(text_from("*a*a*a*a*a*a*a*a*a*a*a*a*b"), text_of(text, 20000), false));
    assert_false(text_glob(text_from("**a**a**a**a**a**a**a**a**b"), text_of(text, 20000), false));
    for (size_t i = 0; i < sizeof(text); i += 2)
        text[i] = '/';
    assert_false(text_glob(text_from("**/*a*/*a*/**a*/*a*/**b"), text_of(text, 20000), false));
    text[19999] = '/';
    memset(text, 'a', 19999);
    assert_false(text_glob(text_from("**a*a*a*a*a*a*b"), text_of(text, 20000), false));
}

static void nothing_is_read_past_the_end(void **state)
{
    struct guard guard = guard_new(64);
    struct text whole = text_from("/api/*/x**, 123?"), item;
    uint64_t number;

    (void)state;
    for (size_t i = 0; i <= whole.length; i++) {
        struct text cut = guard_put(&guard, text_of(whole.at, i)), list = cut;

        assert_true(text_glob(text_from("**"), cut, false));
        assert_false(text_glob(cut, text_from("/api/1/x23/y"), true) && i < 9);
        assert_false(text_glob(text_from("*q"), cut, false));
        while (text_next_item(&list, ',', &item))
            assert_true(item.length > 0);
        assert_false(text_to_u64(cut, &number));
        assert_int_equal(text_distance(cut, whole), whole.length - i);
        assert_int_equal(text_hash(1, cut), text_hash(1, text_of(whole.at, i)));
        assert_true(text_trim(cut).length <= i);
        assert_false(text_ends_nocase(cut, text_from("q")));
    }
    guard_free(&guard);
}

static void distance_counts_edits(void **state)
{
    static const struct {
        const char *a, *b;
        size_t wanted;
    } rows[] = {
        { "", "", 0 },       { "", "abc", 3 },      { "abc", "", 3 },    { "dealy", "delay", 1 },
        { "abc", "abd", 1 }, { "abc", "abxc", 1 },  { "abc", "bc", 1 },  { "kitten", "sitting", 3 },
        { "ab", "ba", 1 },   { "abcd", "badc", 2 }, { "Abc", "abc", 1 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(text_distance(text_from(rows[i].a), text_from(rows[i].b)), rows[i].wanted);
        assert_int_equal(text_distance(text_from(rows[i].b), text_from(rows[i].a)), rows[i].wanted);
    }
}

static void hashes_tell_texts_and_seeds_apart(void **state)
{
    (void)state;
    assert_int_equal(text_hash(7, text_from("a")), text_hash(7, text_from("a")));
    assert_int_not_equal(text_hash(7, text_from("a")), text_hash(8, text_from("a")));
    assert_int_not_equal(text_hash(7, text_from("ab")), text_hash(7, text_from("ba")));
    assert_int_not_equal(text_hash(7, text_from("a")), text_hash(7, text_from("A")));
    assert_int_equal(text_hash_nocase(7, text_from("aZ-")), text_hash_nocase(7, text_from("Az-")));
    for (int byte = 1; byte < 256; byte++) {
        char words[2][13] = { "sixteen12345", "SIXTEEN12345" };
        bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');

        words[0][9] = (char)byte;
        words[1][9] = (char)(byte ^ 0x20);
        if ((text_hash_nocase(7, text_from(words[0])) ==
             text_hash_nocase(7, text_from(words[1]))) != letter)
            fail_msg("byte %d hashes as it should not", byte);
    }
    assert_int_equal(text_hash(7, text_from("")), text_hash(7, text_from(NULL)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equality_is_of_bytes_and_length),
        cmocka_unit_test(beginnings_and_ends),
        cmocka_unit_test(finding_trimming_and_cutting),
        cmocka_unit_test(lists_give_their_items_and_no_empty_ones),
        cmocka_unit_test(numbers_are_digits_that_fit),
        cmocka_unit_test(characters_are_those_of_utf_8),
        cmocka_unit_test(globs_match_as_written),
        cmocka_unit_test(globs_mind_the_case_unless_told),
        cmocka_unit_test(globs_agree_with_the_plain_definition),
        cmocka_unit_test(globs_of_many_stars_end_soon),
        cmocka_unit_test(nothing_is_read_past_the_end),
        cmocka_unit_test(distance_counts_edits),
        cmocka_unit_test(hashes_tell_texts_and_seeds_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
