/* option_test: claims about reading a command line, its complaints, and what is printed of the
 * table. */
#include "option.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define MOST_WORDS 14

struct line {
    char *words[MOST_WORDS]; /* the command's name first */
};

/* getopt may reorder what it reads. */
static bool parse(const struct line *line, struct options *options, unsigned command,
                  struct buffer *complaint)
{
    return option_parse(options, command, (char **)(uintptr_t)line->words, complaint);
}

static const struct {
    const char *name;
    struct line line;
    unsigned command;
    const char *wanted;
} complaints[] = {
    { "nothing like it", { { "run", "--xyzzy" } }, FOR_RUN, "unknown option --xyzzy" },
    { "a slip",
      { { "run", "--upstraem=x" } },
      FOR_RUN,
      "unknown option --upstraem; did you mean --upstream?" },
    { "a slip, value apart",
      { { "run", "--lsiten", "x" } },
      FOR_RUN,
      "unknown option --lsiten; did you mean --listen?" },
    { "another command's",
      { { "check", "--listen", "x" } },
      FOR_CHECK,
      "unknown option --listen: it belongs to another command" },
    { "an ambiguous beginning",
      { { "run", "--from", "1s", "--max", "3" } },
      FOR_RUN,
      "--max may be --max-connections, --max-head, --max-fields" },
    { "a letter that is none", { { "run", "-Z" } }, FOR_RUN, "unknown option -Z" },
    { "no value", { { "run", "--log" } }, FOR_RUN, "--log wants a value (FILE)" },
    { "no value behind a letter", { { "run", "-o" } }, FOR_RUN, "--log wants a value (FILE)" },
    { "a value too many", { { "run", "--quiet=yes" } }, FOR_RUN, "--quiet takes no value" },
    { "a value for help", { { "run", "--help=yes" } }, FOR_RUN, "--help takes no value" },
    { "a value of the wrong type",
      { { "run", "--idle-timeout", "60" } },
      FOR_RUN,
      "--idle-timeout wants a duration such as 200ms, with its unit, got \"60\"" },
    { "a value out of bounds",
      { { "run", "--workers", "0" } },
      FOR_RUN,
      "--workers wants at least 1, got \"0\"" },
    { "a choice that is none",
      { { "run", "--color", "alway" } },
      FOR_RUN,
      "--color wants auto, always or never, got \"alway\"; did you mean \"always\"?" },
};

static void complains_of_what_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(complaints); i++) {
        struct buffer complaint = { 0 };
        struct options options;

        print_message("  %s\n", complaints[i].name);
        assert_false(parse(&complaints[i].line, &options, complaints[i].command, &complaint));
        assert_string_equal(complaint.at, complaints[i].wanted);
        buffer_free(&complaint);
        option_clear(&options);
    }
}

static void read_well(const struct line *line, struct options *options)
{
    struct buffer complaint = { 0 };

    assert_true(parse(line, options, FOR_RUN, &complaint));
    assert_int_equal(complaint.length, 0);
}

static void defaults_come_from_the_table(void **state)
{
    struct options options;
    const struct line line = { { "run", "calm" } };

    (void)state;
    read_well(&line, &options);
    assert_int_equal(options.floor, 10 * SECOND);
    assert_int_equal(options.max_connections, 10000);
    assert_int_equal(options.max_head, 32768);
    assert_int_equal(options.workers, 1);
    assert_int_equal(options.start, START_MATCH);
    assert_int_equal(options.color, WHEN_AUTO);
    assert_false(option_is_given(&options, &options.speed));
    assert_null(options.child);
    assert_null(options.log.at);
    assert_int_equal(options.words.count, 1);
    option_clear(&options);
}

static void values_and_lists_are_read_in_order(void **state)
{
    struct options options;
    const struct line line = { { "run", "-l", "a", "tesla", "--upstream=b", "-lc", "--speed", "60",
                                 "-q", "--upstream", "d", "--serv=e" } };

    (void)state;
    read_well(&line, &options);
    assert_int_equal(options.listens.count, 2);
    assert_string_equal(options.listens.items[0].at, "a");
    assert_string_equal(options.listens.items[1].at, "c");
    assert_int_equal(options.upstreams.count, 2);
    assert_string_equal(options.upstreams.items[1].at, "d");
    assert_string_equal(options.services.items[0].at, "e");
    assert_true(option_is_given(&options, &options.speed));
    assert_true(options.speed == 60);
    assert_true(options.quiet);
    assert_string_equal(options.words.items[0].at, "tesla");
    option_clear(&options);
}

/* What stands behind `--` is COMMAND's, whatever it looks like. */
static void command_is_left_alone(void **state)
{
    struct options options;
    const struct line line = { { "run", "calm", "--", "sh", "-c", "--log", "--" } };

    (void)state;
    read_well(&line, &options);
    assert_int_equal(options.words.count, 1);
    assert_non_null(options.child);
    assert_string_equal(options.child[0], "sh");
    assert_string_equal(options.child[2], "--log");
    assert_string_equal(options.child[3], "--");
    assert_null(options.child[4]);
    option_clear(&options);
}

/* A value may be `--`, too. */
static void dashes_may_be_a_value(void **state)
{
    struct options options;
    const struct line line = { { "run", "--log", "--", "calm" } };

    (void)state;
    read_well(&line, &options);
    assert_string_equal(options.log.at, "--");
    assert_null(options.child);
    assert_string_equal(options.words.items[0].at, "calm");
    option_clear(&options);
}

static void help_stops_reading(void **state)
{
    struct options options;
    const struct line line = { { "run", "-h", "--nonsense" } };
    const struct line version = { { "run", "--version", "--nonsense" } };

    (void)state;
    read_well(&line, &options);
    assert_true(options.help);
    option_clear(&options);
    read_well(&version, &options);
    assert_true(options.version);
    option_clear(&options);
}

/* Each row is well-formed, is read by its own default, and no letter, and for one command no name,
 * is there twice. */
static void rows_are_sound(void **state)
{
    (void)state;
    for (size_t i = 0; option_at(i); i++) {
        const struct option_row *row = option_at(i);

        assert_true(row->commands != 0);
        assert_true(strlen(row->field.help) > 0);
        assert_true(row->field.help[strlen(row->field.help) - 1] != '.');
        assert_true((row->argument == NULL) == (row->field.type == FIELD_FLAG));
        for (size_t j = 0; j < i; j++) {
            if (row->commands & option_at(j)->commands)
                assert_string_not_equal(row->field.name, option_at(j)->field.name);
            assert_true(row->field.offset != option_at(j)->field.offset);
            assert_true(row->letter == 0 || row->letter != option_at(j)->letter);
        }
    }
}

static const unsigned commands[] = { FOR_RUN, FOR_CHECK, FOR_SHOW, FOR_LIST, FOR_CA, FOR_ORIGIN };

static void help_names_each_option_in_80_columns(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        struct buffer out = { 0 };
        struct text lines, line;

        option_help(commands[i], &out);
        for (size_t j = 0; option_at(j); j++) {
            struct buffer name = { 0 };

            buffer_format(&name, "--%s", option_at(j)->field.name);
            if (option_at(j)->commands & commands[i])
                assert_non_null(strstr(out.at, name.at));
            buffer_free(&name);
        }
        lines = buffer_text(&out);
        while (text_next_item(&lines, '\n', &line))
            assert_true(line.length <= 80);
        buffer_free(&out);
    }
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;

    for (const char *at = strstr(text, part); at; at = strstr(at + 1, part))
        count++;
    return count;
}

static void manual_lists_are_closed(void **state)
{
    struct buffer out = { 0 };
    size_t rows = 0;

    (void)state;
    option_manual(FOR_RUN, &out);
    for (size_t i = 0; option_at(i); i++)
        rows += (option_at(i)->commands & FOR_RUN) != 0;
    assert_int_equal(count_of(out.at, "\n.It Fl "), rows);
    assert_int_equal(count_of(out.at, ".Bl "), count_of(out.at, ".El\n"));
    assert_non_null(strstr(out.at, ".It Fl o , Fl -log Ar FILE\n"));
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(complains_of_what_is_wrong),
        cmocka_unit_test(defaults_come_from_the_table),
        cmocka_unit_test(values_and_lists_are_read_in_order),
        cmocka_unit_test(command_is_left_alone),
        cmocka_unit_test(dashes_may_be_a_value),
        cmocka_unit_test(help_stops_reading),
        cmocka_unit_test(rows_are_sound),
        cmocka_unit_test(help_names_each_option_in_80_columns),
        cmocka_unit_test(manual_lists_are_closed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
