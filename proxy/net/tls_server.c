/* tls_server: TLS towards clients, with a certificate for whatever name they ask for. */
#include "net/tls_private.h"

#include <stdlib.h>

#include <openssl/err.h>

#include "base/arena.h"

#define SESSIONS_MOST 1024 /* of clients without tickets */

struct tls_server {
    struct tls_context context;
    struct tls_context forgetful; /* its twin for those who must not resume */
    struct certs *certs;
    bool fixed; /* certificates come from files, as long as they are to be good */
};

static bool offers(const unsigned char *list, size_t length, struct text protocol)
{
    while (length > 0 && list[0] < length) {
        if (text_equal(text_of((const char *)list + 1, list[0]), protocol))
            return true;
        length -= (size_t)list[0] + 1;
        list += (size_t)list[0] + 1;
    }
    return false;
}

/* A client that can only speak HTTP/2 must learn it now: it would send us what we cannot read. */
static int choose_protocol(SSL *ssl, const unsigned char **chosen, unsigned char *chosen_length,
                           const unsigned char *list, unsigned length, void *user)
{
    static const struct text http1 = TEXT("http/1.1"), http2 = TEXT("h2");

    (void)ssl, (void)user;
    if (offers(list, length, http1)) {
        *chosen = (const unsigned char *)http1.at;
        *chosen_length = (unsigned char)http1.length;
        return SSL_TLSEXT_ERR_OK;
    }
    return offers(list, length, http2) ? SSL_TLSEXT_ERR_ALERT_FATAL : SSL_TLSEXT_ERR_NOACK;
}

/* Called in full handshakes only, after the client's hello was read. */
static int choose_certificate(SSL *ssl, void *user)
{
    struct tls_server *server = user;
    struct tls *tls = SSL_get_app_data(ssl);
    struct text name = text_from(SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name));
    enum tls_certificate kind = tls->trouble ? tls->trouble->certificate : CERTIFICATE_GOOD;
    struct leaf leaf;
    STACK_OF(X509) *chain = NULL;
    int done = 0;

    if (server->fixed && kind == CERTIFICATE_GOOD)
        return 1;
    if (text_is_empty(name))
        name = tls->name;
    if (!certs_leaf_bad(server->certs, kind, name, &leaf)) {
        tls_complain(tls, "no certificate can be made for \"%.*s\"", (int)name.length, name.at);
        return 0;
    }
    chain = sk_X509_new_null();
    SSL_certs_clear(ssl); /* a fixed one of another type would stand next to it */
    if (chain && (!leaf.issuer || sk_X509_push(chain, leaf.issuer) > 0))
        done = SSL_use_cert_and_key(ssl, leaf.certificate, leaf.key, chain, 1);
    tls->course.certificate_chosen = done == 1 && kind != CERTIFICATE_GOOD;
    sk_X509_free(chain);
    certs_leaf_drop(&leaf);
    return done;
}

static void set_callbacks(struct tls_server *server, SSL_CTX *context)
{
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
    tls_trouble_prepare(context);
    if (server->certs)
        SSL_CTX_set_cert_cb(context, choose_certificate, server);
}

static bool set_up(struct tls_server *server, const struct tls_server_options *options,
                   struct buffer *complaint)
{
    static const unsigned char name[] = "panne";
    const char *key_file = options->key_file ? options->key_file : options->cert_file;
    SSL_CTX *context = NULL;

    server->certs = options->certs;
    server->fixed = options->cert_file != NULL;
    if (!tls_context_open(&server->context, TLS_server_method(), complaint))
        return false;
    context = server->context.context;
    SSL_CTX_set_num_tickets(context, 1);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_SERVER);
    SSL_CTX_sess_set_cache_size(context, SESSIONS_MOST);
    SSL_CTX_set_session_id_context(context, name, sizeof name - 1);
    set_callbacks(server, context);
    if (server->fixed &&
        !tls_context_use_files(&server->context, options->cert_file, key_file, complaint))
        return false;
    if (!tls_context_open_twin(&server->forgetful, &server->context, complaint))
        return false;
    tls_trouble_forbid_sessions(server->forgetful.context);
    set_callbacks(server, server->forgetful.context);
    return true;
}

struct tls_server *tls_server_new(const struct tls_server_options *options,
                                  struct buffer *complaint)
{
    struct tls_server *server = memory_take(sizeof *server);

    if (set_up(server, options, complaint))
        return server;
    tls_server_free(server);
    return NULL;
}

void tls_server_free(struct tls_server *server)
{
    if (!server)
        return;
    tls_context_close_twin(&server->forgetful);
    tls_context_close(&server->context);
    free(server);
}

static struct text copy(struct text text)
{
    return text_of(memory_string(text), text.length);
}

struct transport *tls_accept(struct tls_server *server, int fd, struct text fallback_name,
                             struct text seen, struct tls_trouble *trouble)
{
    bool forgets = trouble && tls_trouble_forbids_sessions(trouble);
    struct tls *tls = tls_new(forgets ? &server->forgetful : &server->context, fd);

    tls->server = server;
    tls->name = copy(fallback_name);
    if (!text_is_empty(seen)) {
        tls->seen = memory_string(seen);
        tls->seen_length = seen.length;
    }
    SSL_set_accept_state(tls->ssl);
    tls->trouble = trouble;
    if (trouble)
        tls_trouble_arm(tls);
    return &tls->transport;
}
