/* run_tls: the certificates and contexts that a run needs. */
#ifndef PANNE_RUN_TLS_H
#define PANNE_RUN_TLS_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/buffer.h"
#include "net/certs.h"
#include "option.h"
#include "serve/run.h"

/* The local authority of --ca-dir or of the user; made where none is. NULL with a complaint. */
MUST_USE struct certs *run_tls_authority(const struct options *options, struct buffer *complaint);

/* Sets the contexts of `run` as its settings want them. The authority is opened only where
 * certificates are minted, and is the caller's (`*certs`, NULL if not needed). False with a
 * complaint; what was made so far is the caller's all the same. */
MUST_USE bool run_tls(struct run *run, const struct options *options, struct certs **certs,
                      struct buffer *complaint);
void run_tls_free(struct run *run);

#endif
