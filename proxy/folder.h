/* folder: files that other programs are pointed to, in a place of their own. */
#ifndef PANNE_FOLDER_H
#define PANNE_FOLDER_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/buffer.h"
#include "base/text.h"

struct folder;

/* Without a path: a private one (0700) under $TMPDIR, else /tmp, that folder_free removes with all
 * that was written into it. With one: that, made if missing (0700), and it stays. NULL with a
 * complaint. */
struct folder *folder_new(const char *path, struct buffer *complaint);
void folder_free(struct folder *folder);

/* Absolute, without links; lent. */
const char *folder_path(const struct folder *folder);
/* Whether a path lies in it, as written. */
bool folder_holds(const struct folder *folder, const char *path);

/* A whole file, 0600, in place of one of that name; the name may have one folder in it
 * (`php/panne.ini`). Its absolute path, lent until folder_free, or NULL with a complaint. */
MUST_USE const char *folder_write(struct folder *folder, const char *name, struct text bytes,
                                  struct buffer *complaint);

/* Appends a regular file of at most 64 MiB; false with errno. */
MUST_USE bool file_read(const char *path, struct buffer *bytes);

#endif
