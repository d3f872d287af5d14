/* shape: what a value may look like that a function reads, as data: the JSON Schema comes from it.
 */
#ifndef PANNE_SCENARIO_SHAPE_H
#define PANNE_SCENARIO_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/field.h"

enum shape_kind {
    SHAPE_FIELD,  /* as the key's own field says; a text is further like `pattern` */
    SHAPE_NAME,   /* a name */
    SHAPE_SCALAR, /* a text, also without value */
    SHAPE_STEP,   /* a time and a share */
    SHAPE_LINE,   /* a share, or a ramp of two */
    SHAPE_TABLE,  /* a mapping, by `table` */
    SHAPE_FIELDS, /* a mapping, by `fields` */
    SHAPE_LIST,   /* a list of `each` */
    SHAPE_NAMES,  /* a mapping from names to `each` */
    SHAPE_TEXTS,  /* a mapping from any text to `each` */
    SHAPE_ANY_OF, /* like one of `choices` */
    SHAPE_CHECKS, /* a mapping from checks to what is expected of each */
};

struct load_table;

struct shape {
    enum shape_kind kind;
    const char *definition; /* its name in the schema, where it is used more than once, or is large;
                               NULL: written in place */
    const char *help;       /* one line, no period; for what has no key that says it */
    const char *pattern;    /* SHAPE_FIELD: of texts; SHAPE_TEXTS: of keys */
    bool no_number;         /* what YAML takes for a number or a flag cannot be like the pattern */
    const struct load_table *table;
    const struct field *fields; /* SHAPE_FIELD: where no key has it, a single one */
    const struct shape *each;
    const struct shape *const *choices; /* NULL-terminated */
    size_t least, most;                 /* items or keys; 0: no bound */
    const char *where_several;          /* a key that each item needs where there are several */
};

/* For keys whose field says it all. */
extern const struct shape shape_field;

#endif
