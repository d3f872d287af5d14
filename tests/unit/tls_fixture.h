/* tls_fixture: both ends of a TLS connection in one thread, over sockets that the test holds. */
#ifndef PANNE_TESTS_TLS_FIXTURE_H
#define PANNE_TESTS_TLS_FIXTURE_H

#include <openssl/ssl.h>

#include "certs_fixture.h"
#include "net/tls.h"

struct tls_fixture {
    struct certs_fixture *disk;
    struct certs *certs;
    struct tls_server *server;
    struct tls_client *client; /* trusts the fixture's CA only */
    char ca_file[256];
    struct transport *near; /* ours towards the origin */
    struct transport *far;  /* ours towards the client */
    SSL *raw;               /* OpenSSL by itself in place of one of them */
    int raw_fd;
    struct tls_trouble *trouble; /* of the next far; NULL: none */
};

int tls_fixture_set_up(void **state);
int tls_fixture_tear_down(void **state);
/* Closes what is connected. */
void tls_hang_up(struct tls_fixture *fixture);

/* Two connected, non-blocking sockets: local ones, or TCP where resets shall be real. */
void tls_socket_pair(int fds[2]);
void tls_tcp_pair(int fds[2]);

struct tls_client *tls_must_client(const struct tls_client_options *options);

/* near and far, not yet shaken. */
void tls_join(struct tls_fixture *fixture, struct tls_client *client, const char *name);
/* far against OpenSSL as a client, or near against OpenSSL as a server. The context stays the
 * caller's. */
void tls_join_raw_client(struct tls_fixture *fixture, SSL_CTX *context, const char *fallback);
void tls_join_raw_server(struct tls_fixture *fixture, SSL_CTX *context, const char *name);
/* One for a client that speaks this version only, trusts the fixture's CA, and says so or breaks
 * off. */
SSL_CTX *tls_raw_client(struct tls_fixture *fixture, int version);
/* A context with a leaf for `name` from the fixture's CA. */
SSL_CTX *tls_raw_server(struct tls_fixture *fixture, const char *name);

struct tls_outcomes {
    enum io near, far;
    bool raw; /* OpenSSL's end is done */
};
/* Steps all ends in turn until each is done or has failed, or nothing changes any more. */
struct tls_outcomes tls_shake(struct tls_fixture *fixture);
void tls_must_shake(struct tls_fixture *fixture);

/* Everything to one end, in as many calls as it takes from the other. */
void tls_must_pass(struct transport *from, struct transport *to, const char *bytes, size_t length);
void tls_must_write(struct transport *transport, const char *string);
struct tls_facts tls_facts_of(const struct transport *transport);
/* The complaint holds these words. */
void tls_assert_complaint(const struct transport *transport, const char *words);

#endif
