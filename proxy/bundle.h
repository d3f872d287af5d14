/* bundle: files of trusted CAs: those that a client trusts already, and ours. */
#ifndef PANNE_BUNDLE_H
#define PANNE_BUNDLE_H

#include "base/attributes.h"
#include "base/buffer.h"
#include "base/text.h"
#include "folder.h"

struct bundles;

/* Writes into `folder`, which must outlive it. `authority`: our CA as PEM, lent. */
struct bundles *bundles_new(struct folder *folder, struct text authority);
void bundles_free(struct bundles *bundles);

/* The path (lent, as long as the folder) of a PEM file with our CA and what `named` holds: the file
 * or folder of certificates that `variable` names now. NULL or empty, or one that cannot be read
 * (said on stderr), stands for the system's CAs. A bundle that an earlier run left in the same
 * folder stands for what that was made from, so nothing grows. NULL with a complaint. */
MUST_USE const char *bundles_merged(struct bundles *bundles, const char *variable,
                                    const char *named, struct buffer *complaint);
/* The same for clients that add the file to the CAs they know anyway: without the system's. */
MUST_USE const char *bundles_extra(struct bundles *bundles, const char *variable, const char *named,
                                   struct buffer *complaint);
/* Our CA alone. */
MUST_USE const char *bundles_authority(struct bundles *bundles, struct buffer *complaint);

/* All of the system's CAs as PEM; empty where there are none. */
void bundles_system(struct buffer *pem);

#endif
