/* tls_context: what holds for TLS on both sides: versions, modes, callbacks, certificate files. */
#include "net/tls_private.h"

#include <openssl/err.h>
#include <string.h>

void tls_context_complain(struct buffer *complaint, const char *what)
{
    unsigned long error = ERR_peek_error();
    const char *reason = ERR_GET_LIB(error) == ERR_LIB_SYS ? strerror(ERR_GET_REASON(error))
                                                           : ERR_reason_error_string(error);

    buffer_format(complaint, "%s: %s", what, reason ? reason : "OpenSSL does not say why");
    ERR_clear_error();
}

static void log_keys(const SSL *ssl, const char *line)
{
    const struct tls *tls = SSL_get_app_data(ssl);

    tls_keylog_write(tls->context->keylog, line);
}

/* The alert that ends a connection in good order is not worth remembering. */
static void note_alert(const SSL *ssl, int where, int value)
{
    struct tls *tls = SSL_get_app_data(ssl);

    if (where == SSL_CB_READ_ALERT && (value & 0xff) != SSL_AD_CLOSE_NOTIFY)
        tls->alert = value & 0xff;
}

/* Without it OpenSSL would ask on the terminal. */
/* NOLINTNEXTLINE(readability-non-const-parameter): OpenSSL's type */
static int no_passphrase(char *out, int size, int writing, void *user)
{
    (void)out, (void)size, (void)writing, (void)user;
    return -1;
}

static bool fill(struct tls_context *context, const SSL_METHOD *method, struct buffer *complaint)
{
    SSL_CTX *made = SSL_CTX_new(method);

    context->context = made;
    if (!made || !context->wire || SSL_CTX_set_min_proto_version(made, TLS1_2_VERSION) != 1) {
        tls_context_complain(complaint, "cannot set TLS up");
        return false;
    }
    SSL_CTX_set_options(made, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_clear_options(made, SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(made, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                               SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_NO_AUTO_CHAIN);
    SSL_CTX_set_read_ahead(made, 1);
    SSL_CTX_set_info_callback(made, note_alert);
    SSL_CTX_set_default_passwd_cb(made, no_passphrase);
    if (context->keylog)
        SSL_CTX_set_keylog_callback(made, log_keys);
    return true;
}

bool tls_context_open(struct tls_context *context, const SSL_METHOD *method,
                      struct buffer *complaint)
{
    context->wire = tls_wire_new();
    context->keylog = tls_keylog_open();
    return fill(context, method, complaint);
}

static bool share_certificate(SSL_CTX *from, SSL_CTX *to)
{
    STACK_OF(X509) *chain = NULL;
    X509 *certificate = SSL_CTX_get0_certificate(from);

    return !certificate || (SSL_CTX_get0_chain_certs(from, &chain) == 1 &&
                            SSL_CTX_use_cert_and_key(to, certificate, SSL_CTX_get0_privatekey(from),
                                                     chain, 1) == 1);
}

bool tls_context_open_twin(struct tls_context *twin, const struct tls_context *context,
                           struct buffer *complaint)
{
    twin->wire = context->wire;
    twin->keylog = context->keylog;
    if (!fill(twin, SSL_CTX_get_ssl_method(context->context), complaint))
        return false;
    if (share_certificate(context->context, twin->context))
        return true;
    tls_context_complain(complaint, "cannot set TLS up");
    return false;
}

void tls_context_close_twin(struct tls_context *twin)
{
    SSL_CTX_free(twin->context);
    *twin = (struct tls_context){ NULL, NULL, NULL };
}

void tls_context_close(struct tls_context *context)
{
    SSL_CTX_free(context->context);
    BIO_meth_free(context->wire);
    tls_keylog_close(context->keylog);
    *context = (struct tls_context){ NULL, NULL, NULL };
}

bool tls_context_use_files(struct tls_context *context, const char *cert_file, const char *key_file,
                           struct buffer *complaint)
{
    const char *wrong = NULL;

    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(context->context, cert_file) != 1)
        wrong = cert_file;
    else if (SSL_CTX_use_PrivateKey_file(context->context, key_file, SSL_FILETYPE_PEM) != 1 ||
             SSL_CTX_check_private_key(context->context) != 1)
        wrong = key_file;
    if (wrong)
        tls_context_complain(complaint, wrong);
    return !wrong;
}
