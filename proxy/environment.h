/* environment: what a program finds in its environment so that its traffic comes through the proxy
 * and our CA is trusted. */
#ifndef PANNE_ENVIRONMENT_H
#define PANNE_ENVIRONMENT_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/buffer.h"
#include "base/text.h"
#include "net/certs.h"

struct environment;

struct environment_options {
    const char *proxy_url; /* http://HOST[:PORT]; NULL: only what is about the CA */
    const struct certs *certs;
    bool keep_no_proxy; /* leave NO_PROXY as the user has it, instead of emptying it */
    /* Where the files go that the variables name, to stay there; NULL: to a private folder that
     * environment_free removes. */
    const char *folder;
};

/* Whether a proxy_url is one that all programs can be told of. */
bool environment_takes_proxy(const char *url);

/* Copies all that it needs, from our own environment too. NULL with a complaint. */
struct environment *environment_new(const struct environment_options *options,
                                    struct buffer *complaint);
void environment_free(struct environment *environment);

/* For execve(2): our own environment with the changes. Lent. */
char **environment_vector(const struct environment *environment);
/* The value that a variable gets; NULL if it is left as it is. Lent. */
const char *environment_value(const struct environment *environment, const char *name);

/* Lines for a shell (`export A='b'`), for a .env file, for a program, for $GITHUB_ENV. */
enum environment_format {
    ENVIRONMENT_SH,
    ENVIRONMENT_DOTENV,
    ENVIRONMENT_JSON,
    ENVIRONMENT_GITHUB,
};
MUST_USE bool environment_format(struct text name, enum environment_format *format);

/* The changes alone. A value that the format cannot hold does not occur. */
void environment_print(const struct environment *environment, enum environment_format format,
                       struct buffer *out);

/* The whole table as an mdoc list: what each variable is set to, and who reads it. */
void environment_manual(struct buffer *out);

#endif
