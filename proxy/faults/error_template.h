/* error_template: error answers as the clients of well-known providers take them apart. */
#ifndef PANNE_FAULTS_ERROR_TEMPLATE_H
#define PANNE_FAULTS_ERROR_TEMPLATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/field.h"
#include "base/text.h"

/* In the order of error_template_names. */
enum error_template {
    ERROR_NO_TEMPLATE,
    ERROR_AWS_JSON_1_0,
    ERROR_AWS_JSON_1_1,
    ERROR_AWS_QUERY,
    ERROR_AWS_EC2,
    ERROR_S3,
    ERROR_GOOGLE,
    ERROR_AZURE,
    ERROR_PROBLEM, /* RFC 9457 */
    ERROR_OPENAI,
    ERROR_PLAIN,
    ERROR_HTML,
};

extern const char *const error_template_names[];

/* What goes into a template. */
struct error_words {
    unsigned status;
    struct text reason;        /* never empty */
    struct text code, message; /* empty: what is usual there for the status */
    uint64_t bits;             /* request ids are made of them */
};

struct error_page {
    struct text content_type, body;
    struct text code;          /* that it says; empty: none */
    struct field_pairs fields; /* request ids and the like */
};

/* Whether the template says an error code of its own. */
bool error_template_has_code(enum error_template template);
/* Not for ERROR_NO_TEMPLATE. All that is made lies in the arena. */
struct error_page error_template_fill(enum error_template template, const struct error_words *words,
                                      struct arena *arena);

#endif
