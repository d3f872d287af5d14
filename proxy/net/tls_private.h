/* tls_private: what the files of tls know together and nobody else does. */
#ifndef PANNE_NET_TLS_PRIVATE_H
#define PANNE_NET_TLS_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/types.h>

#include <openssl/ssl.h>

#include "base/attributes.h"
#include "base/buffer.h"
#include "net/tls.h"

struct tls_keylog;
struct tls_sessions;

/* What both sides' contexts are made of. */
struct tls_context {
    SSL_CTX *context;
    BIO_METHOD *wire;
    struct tls_keylog *keylog; /* NULL: not asked for */
};

/* How the socket stands. */
enum wire_state { WIRE_OPEN, WIRE_ENDED, WIRE_RESET };

/* Why a handshake is not gone on with. */
enum tls_hold {
    HOLD_NONE,
    HOLD_STALL, /* as asked for; the client's bytes are kept */
    HOLD_ALERT, /* the alert has been sent and shall be read; the client's bytes are forgotten */
};

/* How far a handshake with trouble has come. */
struct tls_course {
    enum tls_hold hold;
    usec due;                 /* of the hold's end */
    bool hello_came;          /* the whole ClientHello */
    bool hello_written;       /* our ServerHello: OpenSSL has made it */
    bool certificate_chosen;  /* a bad one */
    bool certificate_written; /* OpenSSL has made the message */
    bool flight_written;      /* … all of our first flight */
    bool part_known;
    size_t part_left;  /* of the ServerHello's record, to be sent before a stall */
    size_t alert_sent; /* bytes */
    size_t forgotten;  /* bytes of the client's behind it */
    bool stall_over;
    unsigned char version; /* of the record that carries the alert: its second byte */
};

/* A transport. */
struct tls {
    struct transport transport;
    SSL *ssl;
    const struct tls_context *context;
    struct tls_server *server; /* the one whose transport it is; the other is NULL */
    struct tls_client *client;

    struct text name; /* verified, or minted for without SNI; owned */
    uint16_t port;

    char *seen; /* read off the socket by somebody else, to be read before it; owned */
    size_t seen_at, seen_length;

    struct tls_trouble *trouble; /* NULL: none */
    struct tls_course course;

    uint64_t fingerprint; /* of the client's hello; 0: none has come */

    enum wire_state wire;
    bool dry;  /* a recv gave less than it could take: another one now would be for nothing */
    bool full; /* a send took less than it was given: likewise */

    bool shaken;    /* the handshake is done */
    bool holds;     /* SSL_read may give more without the socket */
    bool dead;      /* OpenSSL has given up: SSL_shutdown must not be called */
    bool to_parent; /* the peer is a parent proxy, for complaints */
    bool certificate_asked;
    bool certificate_missed; /* asked for, and we had none that fits */
    enum io owed;            /* what ended a read that had got bytes already; IO_DONE: nothing */
    size_t unwritten;        /* length of the record that a blocked SSL_write holds; 0: none */
    int alert;
    char *complaint;
};

/* tls_context.c */
MUST_USE bool tls_context_open(struct tls_context *context, const SSL_METHOD *method,
                               struct buffer *complaint);
void tls_context_close(struct tls_context *context);
/* Another one of the same kind, with the same certificate, that has sessions of its own. To be
 * closed before the first. */
MUST_USE bool tls_context_open_twin(struct tls_context *twin, const struct tls_context *context,
                                    struct buffer *complaint);
void tls_context_close_twin(struct tls_context *twin);
/* A chain and its key from PEM files. */
MUST_USE bool tls_context_use_files(struct tls_context *context, const char *cert_file,
                                    const char *key_file, struct buffer *complaint);
/* `what: reason`, by OpenSSL's oldest error, which names the cause; empties its queue. */
void tls_context_complain(struct buffer *complaint, const char *what);

/* tls_transport.c: takes the descriptor. */
struct tls *tls_new(const struct tls_context *context, int fd);
/* What a table of functions for TLS over something else than a socket is made of. `tls` is
 * zero-filled. */
void tls_start(struct tls *tls, const struct transport_ops *ops, const struct tls_context *context,
               BIO_METHOD *wire, int fd);
enum io tls_handshake(struct transport *transport);
enum io tls_read(struct transport *transport, void *bytes, size_t room, size_t *got);
enum io tls_write(struct transport *transport, const struct iovec *parts, int count, size_t *put);
/* Sends close_notify, if there is anybody to tell: IO_DONE or IO_WANT_WRITE. */
enum io tls_say_end(struct tls *tls);
/* Frees all but the struct itself and the descriptor. */
void tls_clear(struct tls *tls);

/* tls_fingerprint.c: of the ClientHello, in its callback. Never 0. */
uint64_t tls_fingerprint_make(SSL *ssl);

/* tls_wire.c: the socket as OpenSSL sees it. */
MUST_USE BIO_METHOD *tls_wire_new(void);
/* Another one; its data is the struct tls. */
MUST_USE BIO_METHOD *tls_wire_make(const char *name, int (*read)(BIO *bio, char *out, int room),
                                   int (*write)(BIO *bio, const char *bytes, int length));
static inline bool tls_wire_has_seen(const struct tls *tls)
{
    return tls->seen_at < tls->seen_length;
}
/* recv, with the state noted. */
ssize_t tls_wire_take(struct tls *tls, void *out, size_t room);
/* Takes what the client has sent and adds it to `seen`, as long as that holds less than `most`. */
void tls_wire_keep(struct tls *tls, size_t most);

/* tls_complaint.c: what to make of a failed call's result; sets the transport's complaint. */
enum io tls_outcome(struct tls *tls, int result);
/* The same for a connection that has ended or broken, by `wire`. */
enum io tls_broken(struct tls *tls);
const char *tls_alert_name(int number, char room[12]);
void tls_complain(struct tls *tls, const char *format, ...) PRINTF_LIKE(2, 3);

/* tls_keylog.c: NULL where SSLKEYLOGFILE is not set or cannot be opened. */
struct tls_keylog *tls_keylog_open(void);
void tls_keylog_close(struct tls_keylog *keylog);
void tls_keylog_write(struct tls_keylog *keylog, const char *line);

/* tls_session.c: sessions of origins, least recently used out. Thread-safe. */
struct tls_sessions *tls_sessions_new(void);
void tls_sessions_free(struct tls_sessions *sessions);
/* A copy for the caller, or NULL. */
MUST_USE SSL_SESSION *tls_sessions_find(struct tls_sessions *sessions, struct text name,
                                        uint16_t port);
/* Takes the reference. */
void tls_sessions_put(struct tls_sessions *sessions, struct text name, uint16_t port,
                      SSL_SESSION *session);
void tls_sessions_forget(struct tls_sessions *sessions, struct text name, uint16_t port);

/* tls_tunnel.c: TLS inside a TLS transport, which it takes; `wire` is of the same file. */
MUST_USE BIO_METHOD *tls_tunnel_wire_new(void);
struct tls *tls_tunnel_new(const struct tls_context *context, BIO_METHOD *wire,
                           struct transport *below);

/* tls_trouble.c. The later ones are for transports with trouble. */

/* For each of a server's contexts, and for the one where no session is kept or taken. */
void tls_trouble_prepare(SSL_CTX *context);
void tls_trouble_forbid_sessions(SSL_CTX *context);
MUST_USE bool tls_trouble_forbids_sessions(const struct tls_trouble *trouble);
/* Sets one connection up for its trouble. */
void tls_trouble_arm(struct tls *tls);
/* Whether the handshake is held now; then `outcome` is what to return. */
MUST_USE bool tls_trouble_holds(struct tls *tls, enum io *outcome);
/* What to return after a step of the handshake that OpenSSL cannot go on from by itself. */
enum io tls_trouble_step(struct tls *tls, enum io outcome);
void tls_trouble_done(struct tls *tls);
/* For the wire: how many of these bytes may be sent now, what became of it, and whether the
 * client's bytes are to be left where they are. */
size_t tls_trouble_lets_out(struct tls *tls, const char *bytes, size_t length);
void tls_trouble_sent(struct tls *tls, size_t length);
MUST_USE bool tls_trouble_keeps_out(const struct tls *tls);

/* tls_client.c: a handshake that failed takes the session that it offered with it. */
void tls_client_failed(struct tls *tls);

#endif
