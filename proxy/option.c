/* option: reading arguments by the table. */
#include "option.h"

#include <assert.h>
#include <getopt.h>
#include <string.h>

#include "base/problems.h"

enum {
    WORD_VALUE = 1,   /* getopt's value of what is no option, in the order of the arguments */
    ROW_VALUES = 256, /* its values of rows: above all letters */
    HELP_VALUE = ROW_VALUES + OPTIONS_MOST,
    VERSION_VALUE,
};

struct parse {
    struct options *options;
    unsigned command;
    struct buffer *complaint;
    const char **names; /* of the options that the command knows; NULL behind the last */
    struct option *longs;
    char letters[2 * OPTIONS_MOST + 8];
};

static const char *name_at(const void *list, size_t index)
{
    return ((const char *const *)list)[index];
}

static bool knows(const struct parse *parse, const struct option_row *row)
{
    return row->commands & parse->command;
}

/* Both of getopt's tables and our own list of names. */
static void prepare(struct parse *parse)
{
    struct arena *arena = &parse->options->arena;
    struct option *next;
    const char **name;
    char *letter = parse->letters;

    parse->names = name = ARENA_ARRAY(arena, const char *, OPTIONS_MOST + 3);
    parse->longs = next = ARENA_ARRAY(arena, struct option, OPTIONS_MOST + 3);
    letter = stpcpy(letter, "-:hV");
    for (size_t i = 0; option_at(i); i++) {
        const struct option_row *row = option_at(i);
        int argument = row->argument ? required_argument : no_argument;

        if (!knows(parse, row))
            continue;
        *name++ = row->field.name;
        *next++ = (struct option){ row->field.name, argument, NULL, ROW_VALUES + (int)i };
        if (row->letter) {
            *letter++ = row->letter;
            if (row->argument)
                *letter++ = ':';
        }
    }
    *name++ = "help";
    *next++ = (struct option){ "help", no_argument, NULL, HELP_VALUE };
    *name++ = "version";
    *next++ = (struct option){ "version", no_argument, NULL, VERSION_VALUE };
}

static const struct option_row *row_of(const struct parse *parse, int value)
{
    if (value >= ROW_VALUES)
        return option_at((size_t)(value - ROW_VALUES));
    for (size_t i = 0; option_at(i); i++)
        if (option_at(i)->letter == value && knows(parse, option_at(i)))
            return option_at(i);
    return NULL;
}

static size_t index_of(const struct option_row *row)
{
    return (size_t)(row - option_at(0));
}

static void append(struct options *options, struct field_texts *list, struct text text)
{
    struct text *items = ARENA_ARRAY(&options->arena, struct text, list->count + 1);

    if (list->count > 0)
        memcpy(items, list->items, list->count * sizeof *items);
    items[list->count] = text;
    *list = (struct field_texts){ items, list->count + 1 };
}

static bool take(struct parse *parse, const struct option_row *row, const char *argument)
{
    struct options *options = parse->options;
    void *member = (char *)options + row->field.offset;
    struct buffer wish = { 0 };
    bool fine = true;

    options->given[index_of(row)] = true;
    if (!row->argument)
        *(bool *)member = true;
    else if (row->field.type == FIELD_TEXTS)
        append(options, member, text_from(argument));
    else
        fine = field_read(&row->field, options, text_from(argument), &wish);
    if (!fine)
        buffer_format(parse->complaint, "--%s %s", row->field.name, wish.at);
    buffer_free(&wish);
    return fine;
}

static bool complain_argument(struct parse *parse, const char *what, int value)
{
    const struct option_row *row = row_of(parse, value);

    if (value == HELP_VALUE || value == VERSION_VALUE)
        buffer_format(parse->complaint, "--%s %s", value == HELP_VALUE ? "help" : "version", what);
    else
        buffer_format(parse->complaint, "--%s %s", row->field.name, what);
    if (row && row->argument)
        buffer_format(parse->complaint, " (%s)", row->argument);
    return false;
}

/* Several options begin like that. */
static bool complain_ambiguous(struct parse *parse, struct text name)
{
    const char *before = " may be --";

    buffer_format(parse->complaint, "--%.*s", (int)name.length, name.at);
    for (size_t i = 0; parse->names[i]; i++) {
        if (!text_starts(text_from(parse->names[i]), name))
            continue;
        buffer_format(parse->complaint, "%s%s", before, parse->names[i]);
        before = ", --";
    }
    return false;
}

static const struct option_row *find_elsewhere(struct text name)
{
    for (size_t i = 0; option_at(i); i++)
        if (text_is(name, option_at(i)->field.name))
            return option_at(i);
    return NULL;
}

static bool complain_unknown(struct parse *parse, const char *argument)
{
    struct text name = text_from(argument + 2);
    const char *meant;

    name.length = text_find(name, '=');
    for (size_t i = 0; parse->names[i]; i++)
        if (name.length > 0 && text_starts(text_from(parse->names[i]), name))
            return complain_ambiguous(parse, name);
    buffer_format(parse->complaint, "unknown option --%.*s", (int)name.length, name.at);
    meant = problem_suggestion(name, name_at, parse->names);
    if (meant)
        buffer_format(parse->complaint, "; did you mean --%s?", meant);
    else if (find_elsewhere(name))
        buffer_add_string(parse->complaint, ": it belongs to another command");
    return false;
}

static bool complain_wrong(struct parse *parse, char **arguments)
{
    if (optopt >= ROW_VALUES)
        return complain_argument(parse, "takes no value", optopt);
    if (optopt == 0)
        return complain_unknown(parse, arguments[optind - 1]);
    buffer_format(parse->complaint, "unknown option -%c", optopt);
    return false;
}

/* One of getopt's answers. */
static bool take_value(struct parse *parse, int value, char **arguments)
{
    switch (value) {
    case WORD_VALUE:
        append(parse->options, &parse->options->words, text_from(optarg));
        return true;
    case 'h':
    case HELP_VALUE:
        parse->options->help = true;
        return true;
    case 'V':
    case VERSION_VALUE:
        parse->options->version = true;
        return true;
    case ':':
        return complain_argument(parse, "wants a value", optopt);
    case '?':
        return complain_wrong(parse, arguments);
    default:
        return take(parse, row_of(parse, value), optarg);
    }
}

static void set_defaults(struct options *options)
{
    for (size_t i = 0; option_at(i); i++) {
        const struct field *field = &option_at(i)->field;
        struct buffer complaint = { 0 };
        bool fine =
            !field->fallback || field_read(field, options, text_from(field->fallback), &complaint);

        assert(fine);
        (void)fine;
        buffer_free(&complaint);
    }
}

bool option_parse(struct options *options, unsigned command, char **arguments,
                  struct buffer *complaint)
{
    struct parse parse = { .options = options, .command = command, .complaint = complaint };
    int count = 0, value;

    *options = (struct options){ 0 };
    while (arguments[count])
        count++;
    set_defaults(options);
    prepare(&parse);
    optind = 0; /* glibc: from the start, whatever was parsed before */
    opterr = 0;
    while (!options->help && !options->version) {
        value = getopt_long(count, arguments, parse.letters, parse.longs, NULL);
        if (value < 0)
            break;
        if (!take_value(&parse, value, arguments))
            return false;
    }
    if (options->help || options->version || strcmp(arguments[optind - 1], "--") != 0)
        return true;
    if (optind == count) {
        buffer_add_string(complaint, "COMMAND is missing behind --");
        return false;
    }
    options->child = arguments + optind;
    return true;
}

void option_clear(struct options *options)
{
    arena_clear(&options->arena);
}

bool option_is_given(const struct options *options, const void *member)
{
    size_t offset = (size_t)((const char *)member - (const char *)options);

    for (size_t i = 0; option_at(i); i++)
        if (option_at(i)->field.offset == offset)
            return options->given[i];
    return false;
}
