/* tls_client: TLS towards origins, verified, with their sessions kept. */
#include "net/tls_private.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/arena.h"

#define NAME_MOST 253 /* RFC 1035 2.3.4, as text */

struct tls_client {
    struct tls_context context;
    struct tls_sessions *sessions;
    BIO_METHOD *tunnel_wire;
};

/* Called when the origin asks for a certificate, whether we have one or not. */
static int note_asked(SSL *ssl, void *user)
{
    struct tls *tls = SSL_get_app_data(ssl);

    (void)user;
    tls->certificate_asked = true;
    return 1;
}

/* Called when the origin asks for a certificate and none is set that fits. */
static int note_missed(SSL *ssl, X509 **certificate, EVP_PKEY **key)
{
    struct tls *tls = SSL_get_app_data(ssl);

    (void)certificate, (void)key;
    tls->certificate_missed = true;
    return 0;
}

static int keep_session(SSL *ssl, SSL_SESSION *session)
{
    struct tls *tls = SSL_get_app_data(ssl);

    tls_sessions_put(tls->client->sessions, tls->name, tls->port, session);
    return 1; /* the reference is ours now */
}

static bool trust(SSL_CTX *context, const struct tls_client_options *options,
                  struct buffer *complaint)
{
    ERR_clear_error();
    if (options->insecure)
        return true;
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    if (!options->ca_file && SSL_CTX_set_default_verify_paths(context) == 1)
        return true;
    if (options->ca_file && SSL_CTX_load_verify_file(context, options->ca_file) == 1) {
        /* Whatever stands in the file is trusted, a root or not. */
        X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
        return true;
    }
    tls_context_complain(complaint, options->ca_file ? options->ca_file : "the system's CAs");
    return false;
}

static bool set_up(struct tls_client *client, const struct tls_client_options *options,
                   struct buffer *complaint)
{
    static const unsigned char protocols[] = "\x08http/1.1";
    SSL_CTX *context = NULL;

    if (!tls_context_open(&client->context, TLS_client_method(), complaint))
        return false;
    context = client->context.context;
    client->sessions = tls_sessions_new();
    client->tunnel_wire = tls_tunnel_wire_new();
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, keep_session);
    SSL_CTX_set_cert_cb(context, note_asked, NULL);
    SSL_CTX_set_client_cert_cb(context, note_missed);
    if (!client->tunnel_wire ||
        SSL_CTX_set_alpn_protos(context, protocols, sizeof protocols - 1) != 0) {
        tls_context_complain(complaint, "cannot set TLS up");
        return false;
    }
    if (options->cert_file &&
        !tls_context_use_files(&client->context, options->cert_file,
                               options->key_file ? options->key_file : options->cert_file,
                               complaint))
        return false;
    return trust(context, options, complaint);
}

struct tls_client *tls_client_new(const struct tls_client_options *options,
                                  struct buffer *complaint)
{
    struct tls_client *client = memory_take(sizeof *client);

    if (set_up(client, options, complaint))
        return client;
    tls_client_free(client);
    return NULL;
}

void tls_client_free(struct tls_client *client)
{
    if (!client)
        return;
    tls_context_close(&client->context);
    BIO_meth_free(client->tunnel_wire);
    tls_sessions_free(client->sessions);
    free(client);
}

/* Without brackets and final dot; the certificate has neither. */
static struct text plain_name(struct text name)
{
    if (name.length >= 2 && name.at[0] == '[' && name.at[name.length - 1] == ']')
        return text_of(name.at + 1, name.length - 2);
    if (name.length > 1 && name.at[name.length - 1] == '.')
        return text_of(name.at, name.length - 1);
    return name;
}

/* An empty name, or one cut short by a NUL, would be verified as something else. */
static bool set_name(SSL *ssl, struct text name)
{
    unsigned char address[sizeof(struct in6_addr)];

    if (text_is_empty(name) || name.length > NAME_MOST || text_find(name, '\0') < name.length)
        return false;
    if (inet_pton(AF_INET, name.at, address) == 1 || inet_pton(AF_INET6, name.at, address) == 1)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name.at) == 1;
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(ssl, name.at) == 1 && SSL_set_tlsext_host_name(ssl, name.at) == 1;
}

static struct transport *begin(struct tls_client *client, struct tls *tls, struct text name,
                               uint16_t port)
{
    SSL_SESSION *session = NULL;

    tls->client = client;
    tls->port = port;
    name = plain_name(name);
    tls->name = text_of(memory_string(name), name.length);
    ERR_clear_error();
    if (!set_name(tls->ssl, tls->name)) {
        tls->dead = true;
        tls_complain(tls, "\"%.*s\" is not a name to verify by", (int)name.length, name.at);
    }
    session = tls_sessions_find(client->sessions, tls->name, port);
    if (session)
        SSL_set_session(tls->ssl, session);
    SSL_SESSION_free(session);
    SSL_set_connect_state(tls->ssl);
    return &tls->transport;
}

struct transport *tls_connect(struct tls_client *client, int fd, struct text name, uint16_t port)
{
    return begin(client, tls_new(&client->context, fd), name, port);
}

struct transport *tls_connect_parent(struct tls_client *client, int fd, struct text name,
                                     uint16_t port)
{
    struct tls *tls = tls_new(&client->context, fd);

    tls->to_parent = true;
    SSL_certs_clear(tls->ssl);
    return begin(client, tls, name, port);
}

struct transport *tls_connect_through(struct tls_client *client, struct transport *below,
                                      struct text name, uint16_t port)
{
    if (!transport_is_tls(below))
        return tls_connect(client, tcp_transport_take(below), name, port);
    return begin(client, tls_tunnel_new(&client->context, client->tunnel_wire, below), name, port);
}

void tls_client_failed(struct tls *tls)
{
    tls_sessions_forget(tls->client->sessions, tls->name, tls->port);
}
