/* tls_trouble: how a handshake with a client shall go wrong. */
#ifndef PANNE_NET_TLS_TROUBLE_H
#define PANNE_NET_TLS_TROUBLE_H

#include <stdbool.h>

#include "base/time.h"
#include "base/tls_choices.h"

struct transport;

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
