/* command: what can be typed behind `panne`, and what its end means. */
#ifndef PANNE_COMMAND_H
#define PANNE_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/text.h"
#include "option.h"

/* Exit statuses. Where several hold: EXIT_BROKEN, then EXIT_FAILED, then EXIT_INCONCLUSIVE. */
enum {
    EXIT_PASSED = 0,
    EXIT_FAILED = 1, /* an expectation, or COMMAND */
    EXIT_USAGE = 2,  /* also an invalid scenario */
    EXIT_BROKEN = 3, /* the run could not be carried out, or its log is not whole */
    EXIT_INCONCLUSIVE = 4,
};

struct command {
    const char *name;
    unsigned bit;          /* FOR_… */
    const char *arguments; /* for people; "" for none */
    const char *summary;
    size_t least, most; /* words */
    bool takes_child;   /* -- COMMAND */
    bool hidden;
    int (*run)(const struct options *options);
};

/* NULL past the end. */
const struct command *command_at(size_t index);
/* NULL where there is none of that name. */
const struct command *command_find(struct text name);
/* problem_suggestion's name_at. */
const char *command_name_at(const void *list, size_t index);

/* What `panne --help` and `panne COMMAND --help` print. */
void command_help_all(struct buffer *out);
void command_help(const struct command *command, struct buffer *out);

/* Writes it to stdout and empties it; EXIT_BROKEN where that fails, else EXIT_PASSED. */
int command_print(struct buffer *out);
/* Whether to use colors on this descriptor, as --color says. */
bool command_has_color(const struct options *options, int fd);
/* Whether the terminal's character set is UTF-8 and can draw, as the environment says. */
bool command_has_unicode(void);
/* Columns of the terminal at this descriptor, else what COLUMNS says; 80 where nobody knows. */
unsigned command_columns(int fd);

int command_run(const struct options *options);
int command_check(const struct options *options);
int command_show(const struct options *options);
int command_explain(const struct options *options);
int command_report(const struct options *options);
int command_list(const struct options *options);
int command_schema(const struct options *options);
int command_faults(const struct options *options);
int command_checks(const struct options *options);
int command_ca(const struct options *options);
int command_origin(const struct options *options);
int command_manual(const struct options *options);

#endif
