/* tls: OpenSSL behind transports. */
#ifndef PANNE_NET_TLS_H
#define PANNE_NET_TLS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/attributes.h"
#include "base/buffer.h"
#include "base/text.h"
#include "net/certs.h"
#include "net/tls_trouble.h"
#include "net/transport.h"

/* One for the process; shared by workers (OpenSSL's contexts are thread-safe). */
struct tls_server;
struct tls_client;

struct tls_server_options {
    /* Mints leaves for the name asked. Next to a fixed certificate it makes those with something
     * wrong, and may be NULL: then there are none. */
    struct certs *certs;
    const char *cert_file, *key_file; /* PEM, chain included; NULL: minted */
};

/* TLS 1.2 and 1.3, ALPN http/1.1, tickets (one a handshake), read-ahead, buffers released while
 * idle. NULL with `complaint`. */
struct tls_server *tls_server_new(const struct tls_server_options *options,
                                  struct buffer *complaint);
void tls_server_free(struct tls_server *server);

/* Takes the descriptor; the server must outlive the transport. `fallback_name`: minted for when no
 * SNI comes (CONNECT host, listener's address; IP literals become IP SANs). `seen`: bytes already
 * read off the socket, copied. The client is never asked for a certificate, so it cannot show one.
 * `trouble`: what shall go wrong, NULL: nothing; it stays the caller's, must outlive the transport,
 * and is told what came of it. With something wrong about the certificate no session is resumed or
 * handed out, so that it is seen each time. */
struct transport *tls_accept(struct tls_server *server, int fd, struct text fallback_name,
                             struct text seen, struct tls_trouble *trouble);

struct tls_client_options {
    const char *ca_file;              /* instead of the system's store; NULL: system */
    bool insecure;                    /* do not verify */
    const char *cert_file, *key_file; /* shown when asked for */
};

struct tls_client *tls_client_new(const struct tls_client_options *options,
                                  struct buffer *complaint);
void tls_client_free(struct tls_client *client);

/* Takes the descriptor; SNI (not for IP literals) and verification by `name`. Sessions are kept by
 * `name` and port for resumption (bounded, 256), thread-safe. */
struct transport *tls_connect(struct tls_client *client, int fd, struct text name, uint16_t port);
/* The same with a parent proxy, which is never shown a certificate: that is meant for origins. */
struct transport *tls_connect_parent(struct tls_client *client, int fd, struct text name,
                                     uint16_t port);
/* The same with an origin at the end of a tunnel through `below`, a transport that it takes, plain
 * or TLS. */
struct transport *tls_connect_through(struct tls_client *client, struct transport *below,
                                      struct text name, uint16_t port);

/* What a handshake came to; of transports made here only (is_tls). Texts lent, valid while the
 * transport lives. */
struct tls_facts {
    const char *version, *cipher; /* NULL: nothing was agreed on */
    struct text alpn, server_name;
    bool resumed;
    bool certificate_asked; /* client side: the origin asked for one and we had none that fits */
    bool certificate_shown; /* client side: we showed one; never on the server side (tls_accept) */
    const char *verify_error; /* client side: why verification failed, else NULL */
    int alert;                /* the peer's last alert, close_notify aside, or -1 */
};
bool transport_is_tls(const struct transport *transport);
/* The TLS transport that this one goes through, with a parent proxy; or NULL. */
const struct transport *tls_below(const struct transport *transport);
void tls_facts(const struct transport *transport, struct tls_facts *facts);
/* Of the first ClientHello of a client that tls_accept has taken: equal for what is the same
 * software with the same configuration, whatever name it asks for. 0: none has come, or no such
 * transport. */
uint64_t tls_fingerprint(const struct transport *transport);

/* SSLKEYLOGFILE (NSS key log format) for both sides: each context appends to it (made 0600);
 * write errors are said once. */

#endif
