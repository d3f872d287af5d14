/* environment: what a program finds in its environment so that its traffic comes through the proxy
 * and our CA is trusted. */
#include "environment.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "bundle.h"
#include "environment_kinds.h"
#include "folder.h"

struct environment {
    struct folder *folder;
    char **values; /* `NAME=value`, a slot a row of the table; NULL: left as it is */
    char **vector; /* what is not in `values` is lent from `kept` */
    char **kept;   /* our own, as it was */
};

static size_t count_rows(void)
{
    size_t count = 0;

    while (environment_row(count))
        count++;
    return count;
}

static size_t count_strings(char *const *strings)
{
    size_t count = 0;

    while (strings[count])
        count++;
    return count;
}

static bool make_value(const struct making *making, const struct environment_row *row, char **value)
{
    struct buffer line = { 0 };
    enum made made;

    buffer_format(&line, "%s=", row->name);
    made = row->make(making, row->name, getenv(row->name), &line);
    if (made == MADE_VALUE)
        *value = memory_string(buffer_text(&line));
    buffer_free(&line);
    return made != MADE_COMPLAINT;
}

static bool make_values(struct environment *environment, const struct making *making)
{
    const struct environment_row *row = NULL;

    for (size_t i = 0; (row = environment_row(i)); i++)
        if (!make_value(making, row, &environment->values[i]))
            return false;
    return true;
}

/* Whether `line` (`NAME=value`) is of a variable that gets a value of ours. */
static bool is_ours(const struct environment *environment, const char *line)
{
    size_t length = strcspn(line, "=") + 1;

    for (size_t i = 0; environment_row(i); i++)
        if (environment->values[i] && strncmp(environment->values[i], line, length) == 0)
            return true;
    return false;
}

static void make_vector(struct environment *environment)
{
    size_t own = count_strings(environ), rows = count_rows(), count = 0, kept = 0;

    environment->kept = memory_take((own + 1) * sizeof(char *));
    environment->vector = memory_take((own + rows + 1) * sizeof(char *));
    for (size_t i = 0; i < own; i++) {
        if (is_ours(environment, environ[i]))
            continue;
        environment->kept[kept] = memory_string(text_from(environ[i]));
        environment->vector[count++] = environment->kept[kept++];
    }
    for (size_t i = 0; i < rows; i++)
        if (environment->values[i])
            environment->vector[count++] = environment->values[i];
}

struct environment *environment_new(const struct environment_options *options,
                                    struct buffer *complaint)
{
    struct environment *environment = memory_take(sizeof *environment);
    struct making making = { .options = options, .complaint = complaint };
    bool done = false;

    environment->values = memory_take(count_rows() * sizeof(char *));
    environment->folder = folder_new(options->folder, complaint);
    if (environment->folder) {
        making.folder = environment->folder;
        making.bundles = bundles_new(environment->folder, certs_pem(options->certs));
        done = make_values(environment, &making);
        bundles_free(making.bundles);
    }
    if (done) {
        make_vector(environment);
        return environment;
    }
    environment_free(environment);
    return NULL;
}

void environment_free(struct environment *environment)
{
    if (!environment)
        return;
    folder_free(environment->folder);
    for (size_t i = 0; environment_row(i); i++)
        free(environment->values[i]);
    for (size_t i = 0; environment->kept && environment->kept[i]; i++)
        free(environment->kept[i]);
    free(environment->values);
    free(environment->kept);
    free(environment->vector);
    free(environment);
}

char **environment_vector(const struct environment *environment)
{
    return environment->vector;
}

const char *environment_value(const struct environment *environment, const char *name)
{
    const struct environment_row *row = NULL;

    for (size_t i = 0; (row = environment_row(i)); i++)
        if (strcmp(row->name, name) == 0)
            return environment->values[i] ? environment->values[i] + strlen(name) + 1 : NULL;
    return NULL;
}
