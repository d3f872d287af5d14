/* tls_trouble: how a handshake with a client shall go wrong. */
#ifndef PANNE_NET_TLS_TROUBLE_H
#define PANNE_NET_TLS_TROUBLE_H

#include <stdbool.h>

#include "base/time.h"

struct transport;

/* What is wrong with the certificate that a client is shown. */
enum tls_certificate {
    CERTIFICATE_GOOD,
    CERTIFICATE_EXPIRED,        /* since yesterday */
    CERTIFICATE_NOT_YET,        /* valid from tomorrow on */
    CERTIFICATE_WRONG_NAME,     /* for wrong-name.invalid only */
    CERTIFICATE_SELF_SIGNED,    /* by its own key, and sent alone */
    CERTIFICATE_UNKNOWN_ISSUER, /* signed by an authority that nobody trusts, and sent with it */
    CERTIFICATE_MISSING_INTERMEDIATE, /* signed by an authority below ours that is not sent */
    CERTIFICATE_WEAK_KEY,             /* RSA of 1,024 bits */
    CERTIFICATE_SHA1,                 /* signed with SHA-1 */
};

/* Where the handshake stands still; what the client sends meanwhile waits. */
enum tls_stall {
    STALL_NONE,
    STALL_HELLO,        /* the ClientHello is not answered */
    STALL_SERVER_HELLO, /* the ServerHello is sent, and nothing behind it */
    STALL_FINISHED,     /* our first flight is sent; the client's answer to it is not looked at, so
                           TLS 1.2 gets no Finished, TLS 1.3 no tickets and no data */
};

/* The latest version that is spoken. Under VERSION_1_1 that may be 1.0 as well; the others stand
 * for themselves. */
enum tls_version { VERSION_ANY, VERSION_1_0, VERSION_1_1, VERSION_1_2 };

struct tls_trouble {
    enum tls_certificate certificate;
    int alert; /* the description (RFC 8446 6.2) of the alert that answers the ClientHello, after
                  a STALL_HELLO; -1: none */
    enum tls_stall stall;
    usec stall_for; /* NEVER: for good */
    enum tls_version most;
    bool no_resumption; /* no session is handed out and none taken */

    /* What the client has felt of it, so far. */
    bool certificate_shown, alert_sent, stalled;
    bool version_limited;   /* it would have liked a later version */
    bool resumption_denied; /* it offered a session in vain, or ended its handshake without one to
                               offer next time */
};

/* These two are for transports that tls_accept made. */

/* When (loop_now's clock) the handshake must be called again without any readiness, since it stands
 * still or waits for a client to read an alert; NEVER if it need not. */
usec tls_trouble_due(const struct transport *transport);
/* False while a handshake that stands still has as much from the client as it will keep: watching
 * the descriptor would then report the same bytes again and again. */
bool tls_trouble_listens(const struct transport *transport);

#endif
