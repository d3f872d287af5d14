/* tls_choices: what can be wrong with a TLS handshake, by name: faults choose, net carries it out.
 */
#ifndef PANNE_BASE_TLS_CHOICES_H
#define PANNE_BASE_TLS_CHOICES_H

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

#endif
