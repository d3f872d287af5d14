/* environment_print: the variables as text, each format with its own way to quote. */
#include "environment.h"

#include <inttypes.h>
#include <string.h>

#include "base/mdoc.h"
#include "base/random.h"
#include "environment_kinds.h"

/* Bytes that no shell and no reader of .env files takes for more than themselves. */
#define PLAIN                                                        \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" \
    "_-+=./:,@%"

typedef void printer(const char *name, const char *value, struct buffer *out);

static void print_sh(const char *name, const char *value, struct buffer *out)
{
    buffer_format(out, "export %s='", name);
    for (; *value; value++) {
        if (*value == '\'')
            buffer_add_string(out, "'\\''");
        else
            buffer_add_byte(out, *value);
    }
    buffer_add_string(out, "'\n");
}

/* Readers of .env files differ: bare is right for all of them, single quotes for nearly all. */
static void print_dotenv(const char *name, const char *value, struct buffer *out)
{
    bool plain = value[strspn(value, PLAIN)] == '\0';

    buffer_format(out, "%s=", name);
    if (plain) {
        buffer_add_string(out, value);
    } else if (!strpbrk(value, "'\n\r\\")) {
        buffer_format(out, "'%s'", value);
    } else {
        buffer_add_byte(out, '"');
        for (; *value; value++) {
            if (*value == '\n')
                buffer_add_string(out, "\\n");
            else if (*value == '\r')
                buffer_add_string(out, "\\r");
            else if (strchr("\"\\$`", *value))
                buffer_format(out, "\\%c", *value);
            else
                buffer_add_byte(out, *value);
        }
        buffer_add_byte(out, '"');
    }
    buffer_add_byte(out, '\n');
}

static void print_json(const char *name, const char *value, struct buffer *out)
{
    buffer_add_string(out, out->length > 0 && out->at[out->length - 1] != '{' ? ",\n  " : "\n  ");
    buffer_add_json(out, text_from(name));
    buffer_add_string(out, ": ");
    buffer_add_json(out, text_from(value));
}

/* The delimiter must not be a line of the value; nobody can guess it. */
static void print_github(const char *name, const char *value, struct buffer *out)
{
    uint64_t delimiter = random_fresh();

    buffer_format(out, "%s<<panne_%016" PRIx64 "\n%s\npanne_%016" PRIx64 "\n", name, delimiter,
                  value, delimiter);
}

static const struct format {
    const char *name;
    printer *print;
    const char *before, *after;
} formats[] = {
    [ENVIRONMENT_SH] = { "sh", print_sh, "", "" },
    [ENVIRONMENT_DOTENV] = { "dotenv", print_dotenv, "", "" },
    [ENVIRONMENT_JSON] = { "json", print_json, "{", "\n}\n" },
    [ENVIRONMENT_GITHUB] = { "github", print_github, "", "" },
};

bool environment_format(struct text name, enum environment_format *format)
{
    for (size_t i = 0; i < COUNT_OF(formats); i++)
        if (text_is(name, formats[i].name)) {
            *format = (enum environment_format)i;
            return true;
        }
    return false;
}

void environment_print(const struct environment *environment, enum environment_format format,
                       struct buffer *out)
{
    const struct environment_row *row = NULL;

    buffer_add_string(out, formats[format].before);
    for (size_t i = 0; (row = environment_row(i)); i++) {
        const char *value = environment_value(environment, row->name);

        if (value)
            formats[format].print(row->name, value, out);
    }
    buffer_add_string(out, formats[format].after);
}

void environment_manual(struct buffer *out)
{
    const struct environment_row *row = NULL;
    struct buffer words = { 0 };

    buffer_add_string(out, ".Bl -tag -width Ds\n");
    for (size_t i = 0; (row = environment_row(i)); i++) {
        buffer_format(out, ".It Ev %s\n", row->name);
        buffer_clear(&words);
        buffer_format(&words, "%s.", row->holds);
        mdoc_add_running(out, buffer_text(&words), MDOC_OPTIONS);
        buffer_clear(&words);
        buffer_format(&words, "Read by %s.", row->readers);
        mdoc_add_running(out, buffer_text(&words), MDOC_OPTIONS);
    }
    buffer_free(&words);
    buffer_add_string(out, ".El\n");
}
