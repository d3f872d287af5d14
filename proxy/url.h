/* url: the places that a command line names: where to listen, and where to go. */
#ifndef PANNE_URL_H
#define PANNE_URL_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/attributes.h"
#include "base/buffer.h"
#include "base/text.h"
#include "net/address.h"
#include "net/upstream.h"

/* Each returns false with a complaint, one line that names what was given. */

/* `http://127.0.0.1:8080`, `https://[::1]:8443`, `http://localhost:0`, `unix:PATH` (plain HTTP).
 * Hosts are addresses or localhost, which is 127.0.0.1; without a port it is the scheme's. */
MUST_USE bool url_listen(struct text url, struct address *address, bool *tls,
                         struct buffer *complaint);
/* `HOST:PORT`, `[v6]:PORT`, `PORT` (at 127.0.0.1), `unix:PATH`; the same with http:// before it. */
MUST_USE bool url_forward(struct text url, struct address *address, struct buffer *complaint);
/* `http://HOST[:PORT]`, `https://HOST[:PORT]`, `unix:PATH`. Texts are lent from `url`, but
 * `authority`, the value of Host there, is `arena`'s. */
MUST_USE bool url_upstream(struct text url, struct arena *arena, struct endpoint *endpoint,
                           struct text *authority, struct buffer *complaint);
/* `http://[USER:PASSWORD@]HOST[:PORT]`, also without http://, or with https://. The complaint does
 * not tell the password. */
MUST_USE bool url_parent(struct text url, struct arena *arena, struct parent *parent,
                         struct buffer *complaint);

/* The URL of an address that is listened at: `http://127.0.0.1:41234`, `unix:/run/x`. */
void url_write(const struct address *address, bool tls, struct buffer *out);

#endif
