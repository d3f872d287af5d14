/* bad: each file in tests/bad/ is refused with exactly the words beside it, and soon. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include <cmocka.h>

#include "scenario_text.h"
#include "slack.h"

#define FOLDER "tests/bad/"
#define MOST_FILES 1000

/* A sanitizer makes everything several times slower. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IS_SLOW
#endif
#endif
#if defined(IS_SLOW) || defined(__SANITIZE_ADDRESS__)
#define LONGEST_MS 1000.0
#else
#define LONGEST_MS 100.0
#endif

static double cpu_ms(void)
{
    return (double)clock() * 1000 / CLOCKS_PER_SEC;
}

/* The most that the process has ever held, in KiB; 0 where a sanitizer's own memory counts. */
static unsigned long peak_kib(void)
{
    struct rusage usage;

#if defined(IS_SLOW) || defined(__SANITIZE_ADDRESS__)
    return 0;
#endif
    getrusage(RUSAGE_SELF, &usage);
    return (unsigned long)usage.ru_maxrss;
}

/* To be freed; NULL where there is no such file. */
static char *read_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    char *bytes;

    if (!file)
        return NULL;
    bytes = calloc(1, (1 << 20) + 1);
    assert_non_null(bytes);
    *length = fread(bytes, 1, 1 << 20, file);
    fclose(file);
    return bytes;
}

static bool is_right(const char *name)
{
    char path[512];
    size_t length = 0, wanted_length = 0;
    char *source, *wanted, *complaints;
    double began;
    bool right;

    snprintf(path, sizeof(path), FOLDER "%s", name);
    source = read_file(path, &length);
    snprintf(path, sizeof(path), FOLDER "%.*stxt", (int)strlen(name) - 4, name);
    wanted = read_file(path, &wanted_length);
    assert_non_null(source);
    if (!wanted)
        print_error("%s: there is no %s\n", name, path);
    began = cpu_ms();
    complaints = scenario_complaints(text_of(source, length), name);
    right = wanted && cpu_ms() - began < LONGEST_MS * slack() && wanted_length > 0 &&
            strcmp(complaints, wanted) == 0;
    if (!right)
        print_error("%s, %.0f ms: wanted\n%sgot\n%s", name, cpu_ms() - began, wanted ? wanted : "",
                    complaints);
    free(source);
    free(wanted);
    free(complaints);
    return right;
}

static void each_bad_file_is_refused_in_the_words_beside_it(void **state)
{
    DIR *folder = opendir(FOLDER);
    const struct dirent *entry;
    int count = 0, wrong = 0;

    (void)state;
    assert_non_null(folder);
    while ((entry = readdir(folder))) {
        size_t length = strlen(entry->d_name);

        if (length < 6 || strcmp(entry->d_name + length - 5, ".yaml") != 0)
            continue;
        count++;
        wrong += !is_right(entry->d_name);
    }
    closedir(folder);
    assert_int_equal(wrong, 0);
    assert_in_range(count, 45, MOST_FILES);
}

/* What is too large to keep in a file. */
static const struct hostile {
    const char *name, *head, *unit, *tail;
    size_t times;
} hostiles[] = {
    { "a million brackets", "", "[", "", 1000000 },
    { "a million braces", "", "{", "", 1000000 },
    { "brackets on lines of their own", "", "[\n", "", 500000 },
    { "dashes in a line", "", "- ", "", 500000 },
    { "question marks", "", "? ", "", 500000 },
    { "a quote without end", "panne: \"", "x", "", 1000000 },
    { "line ends in a quote", "panne: \"", "\n", "", 1000000 },
    { "a word of a million letters", "", "x", "", 1000000 },
    { "the same key over and over", "", "a: 1\n", "", 200000 },
    { "anchors", "[", "&a a,", "]", 200000 },
    { "aliases", "[&a a", ",*a", "]", 300000 },
    { "comments", "", "#\n", "", 500000 },
    { "documents", "", "---\n", "", 250000 },
    { "tags", "[", "!a a,", "]", 200000 },
    { "numbers in a list", "phases: [", "1,", "]", 500000 },
    { "rules that say nothing",
      "panne: 1\nservices: {a: {match: {}}}\nphases: [{name: a, faults: [", "{},", "]}]", 40000 },
    { "phases that say nothing", "panne: 1\nservices: {a: {match: {}}}\nphases: [", "{},", "]",
      40000 },
    { "patterns", "panne: 1\nservices: {a: {match: {path: [", "/**,", "]}}}", 90000 },
    { "line breaks of other scripts", "", "\xe2\x80\xa8", "", 340000 },
    { "a file beyond the limit", "", "#######\n", "", 140000 },
};

static void hostile_files_are_refused_within_100_ms(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(hostiles); i++) {
        const struct hostile *hostile = &hostiles[i];
        struct buffer source = { 0 };
        char *complaints;
        double began;

        buffer_add_string(&source, hostile->head);
        for (size_t k = 0; k < hostile->times; k++)
            buffer_add_string(&source, hostile->unit);
        buffer_add_string(&source, hostile->tail);
        began = cpu_ms();
        complaints = scenario_complaints(buffer_text(&source), "hostile.yaml");
        began = cpu_ms() - began;
        if (strlen(complaints) == 0 || began >= LONGEST_MS * slack())
            print_error("%s: %.0f ms: %s", hostile->name, began, complaints);
        assert_true(strlen(complaints) > 0);
        assert_true(began < LONGEST_MS * slack());
        free(complaints);
        buffer_free(&source);
    }
}

/* All that was loaded before, with its own text of at most 1 MiB and the program itself. */
static void none_took_more_than_32_mib(void **state)
{
    (void)state;
    if (slack() == 1) /* else a tool's own memory counts, too */
        assert_in_range(peak_kib(), 0, 32 * 1024);
}

/* As many keys as the limits allow, each of them unknown: 100 are told, the rest is counted. */
static void fifty_thousand_unknown_keys_are_counted(void **state)
{
    struct buffer source = { 0 };
    char *complaints;
    double began;

    (void)state;
    for (unsigned i = 0; i < 49000; i++)
        buffer_format(&source, "key%u: 1\n", i);
    began = cpu_ms();
    complaints = scenario_complaints(buffer_text(&source), "keys.yaml");
    began = cpu_ms() - began;
    assert_non_null(strstr(complaints, "keys.yaml:1:1: "));
    assert_non_null(strstr(complaints, " more\n"));
    assert_true(began < LONGEST_MS * slack());
    free(complaints);
    buffer_free(&source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_bad_file_is_refused_in_the_words_beside_it),
        cmocka_unit_test(hostile_files_are_refused_within_100_ms),
        cmocka_unit_test(fifty_thousand_unknown_keys_are_counted),
        cmocka_unit_test(none_took_more_than_32_mib),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
