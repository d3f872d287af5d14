/* tls_transport: one TLS connection behind the table of functions of a transport. */
#include "net/tls_private.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>

#include "base/arena.h"

/* The largest that one record carries (RFC 8446 5.1). */
#define RECORD 16384u

static struct tls *tls_of(struct transport *transport)
{
    return (struct tls *)transport;
}

/* Before each call into OpenSSL: it looks at this thread's errors, whoever left them. */
static void begin(struct tls *tls)
{
    ERR_clear_error();
    tls->full = false;
}

/* After each call that may have read. Once it is told that the socket is dry, the poller comes
 * first, so the next call may ask the socket again. */
static void settle(struct tls *tls, bool more)
{
    tls->holds = more;
    tls->transport.drained = tls->dry && !more;
    if (tls->transport.drained)
        tls->dry = false;
}

static bool has_more(const struct tls *tls)
{
    return SSL_has_pending(tls->ssl) || tls_wire_has_seen(tls);
}

enum io tls_handshake(struct transport *transport)
{
    struct tls *tls = tls_of(transport);
    enum io outcome = IO_DONE;
    int result = 0;

    if (tls->shaken)
        return IO_DONE;
    if (tls->dead)
        return IO_FAILED;
    if (tls->trouble && tls_trouble_holds(tls, &outcome))
        return outcome;
    begin(tls);
    result = SSL_do_handshake(tls->ssl);
    if (result == 1) {
        tls->shaken = true;
        if (tls->trouble)
            tls_trouble_done(tls);
        settle(tls, has_more(tls));
        /* While nothing moves it holds no 16 KiB; OpenSSL keeps them if bytes are inside. */
        if (!tls->holds)
            SSL_free_buffers(tls->ssl);
        return IO_DONE;
    }
    outcome = tls_outcome(tls, result);
    settle(tls, false);
    if (tls->trouble)
        outcome = tls_trouble_step(tls, outcome);
    if (outcome == IO_END) { /* close_notify instead of a handshake */
        tls_complain(tls, "the peer closed the connection during the TLS handshake");
        outcome = IO_CUT;
    }
    if (outcome > IO_WANT_WRITE && tls->client)
        tls_client_failed(tls);
    return outcome;
}

enum io tls_read(struct transport *transport, void *bytes, size_t room, size_t *got)
{
    struct tls *tls = tls_of(transport);
    enum io outcome = tls->owed;
    size_t length = 0;

    *got = 0;
    tls->owed = IO_DONE;
    if (outcome == IO_DONE && tls->dead)
        return IO_FAILED;
    if (outcome == IO_DONE && room == 0)
        return IO_DONE;
    begin(tls);
    while (outcome == IO_DONE && *got < room) {
        int result = SSL_read_ex(tls->ssl, (char *)bytes + *got, room - *got, &length);
        if (result != 1)
            outcome = tls_outcome(tls, result);
        else
            *got += length;
        if (result == 1 && !has_more(tls))
            break;
    }
    if (*got == 0) {
        settle(tls, false);
        return outcome;
    }
    if (outcome == IO_DONE) {
        settle(tls, has_more(tls));
    } else if (outcome <= IO_WANT_WRITE) {
        settle(tls, false); /* a piece of a record may be inside, but is of no use yet */
    } else {
        tls->owed = outcome;
        settle(tls, true);
    }
    return IO_DONE;
}

static size_t total_of(const struct iovec *parts, int count)
{
    size_t total = 0;

    for (int i = 0; i < count; i++)
        total += parts[i].iov_len;
    return total;
}

static void gather(unsigned char *to, size_t length, const struct iovec *parts)
{
    for (; length > 0; parts++) {
        size_t piece = parts->iov_len < length ? parts->iov_len : length;
        memcpy(to, parts->iov_base, piece);
        to += piece;
        length -= piece;
    }
}

/* One record, and so one send, for all parts together. */
enum io tls_write(struct transport *transport, const struct iovec *parts, int count, size_t *put)
{
    unsigned char gathered[RECORD];
    struct tls *tls = tls_of(transport);
    const void *from = gathered;
    enum io outcome = IO_DONE;
    size_t length = total_of(parts, count);

    *put = 0;
    if (tls->dead)
        return IO_FAILED;
    if (length == 0)
        return IO_DONE;
    if (length > RECORD)
        length = RECORD;
    /* A record that is half sent must be asked for again as it was; more may stand behind it now.
     */
    assert(tls->unwritten <= length);
    if (tls->unwritten > 0)
        length = tls->unwritten;
    if (parts[0].iov_len >= length)
        from = parts[0].iov_base;
    else
        gather(gathered, length, parts);
    begin(tls);
    if (SSL_write_ex(tls->ssl, from, length, put) == 1) {
        tls->unwritten = 0;
        return IO_DONE;
    }
    outcome = tls_outcome(tls, 0);
    if (outcome == IO_WANT_READ || outcome == IO_WANT_WRITE)
        tls->unwritten = length;
    return outcome;
}

enum io tls_say_end(struct tls *tls)
{
    int result;

    if (!tls->shaken || tls->dead || tls->wire == WIRE_RESET)
        return IO_DONE;
    begin(tls);
    result = SSL_shutdown(tls->ssl);
    return result < 0 && SSL_get_error(tls->ssl, result) == SSL_ERROR_WANT_WRITE ? IO_WANT_WRITE
                                                                                 : IO_DONE;
}

/* close_notify, then FIN: whoever looks at one of them only sees the end, too. */
static enum io end(struct transport *transport)
{
    if (tls_say_end(tls_of(transport)) == IO_WANT_WRITE)
        return IO_WANT_WRITE;
    if (shutdown(transport->fd, SHUT_WR) < 0)
        return IO_RESET;
    return IO_DONE;
}

static bool holds_bytes(const struct transport *transport)
{
    return ((const struct tls *)transport)->holds;
}

void tls_clear(struct tls *tls)
{
    /* Otherwise OpenSSL would hold that the session must not be resumed. */
    SSL_set_shutdown(tls->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(tls->ssl);
    free((void *)(uintptr_t)tls->name.at);
    free(tls->seen);
    free(tls->complaint);
}

static void free_transport(struct transport *transport, bool reset)
{
    struct linger now = { .l_onoff = 1, .l_linger = 0 };

    tls_clear(tls_of(transport));
    if (reset)
        setsockopt(transport->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(transport->fd);
    free(tls_of(transport));
}

static const struct transport_ops tls_ops = {
    .name = "tls",
    .handshake = tls_handshake,
    .read = tls_read,
    .write = tls_write,
    .end = end,
    .holds_bytes = holds_bytes,
    .free = free_transport,
};

void tls_start(struct tls *tls, const struct transport_ops *ops, const struct tls_context *context,
               BIO_METHOD *wire, int fd)
{
    BIO *bio = BIO_new(wire);

    tls->transport.ops = ops;
    tls->transport.fd = fd;
    tls->context = context;
    tls->alert = -1;
    tls->ssl = SSL_new(context->context);
    if (!tls->ssl || !bio || SSL_set_app_data(tls->ssl, tls) != 1)
        memory_exhausted();
    BIO_set_data(bio, tls);
    SSL_set_bio(tls->ssl, bio, bio);
}

struct tls *tls_new(const struct tls_context *context, int fd)
{
    struct tls *tls = memory_take(sizeof *tls);

    tls_start(tls, &tls_ops, context, context->wire, fd);
    return tls;
}

bool transport_is_tls(const struct transport *transport)
{
    return transport->ops->handshake == tls_handshake;
}

static void find_names(const struct tls *tls, struct tls_facts *facts)
{
    const unsigned char *alpn = NULL;
    unsigned alpn_length = 0;

    SSL_get0_alpn_selected(tls->ssl, &alpn, &alpn_length);
    facts->alpn = text_of((const char *)alpn, alpn_length);
    facts->server_name = text_from(SSL_get_servername(tls->ssl, TLSEXT_NAMETYPE_host_name));
}

void tls_facts(const struct transport *transport, struct tls_facts *facts)
{
    const struct tls *tls = (const struct tls *)transport;
    bool has_certificate = tls->client && SSL_get_certificate(tls->ssl);
    long verified = SSL_get_verify_result(tls->ssl);

    assert(transport_is_tls(transport));
    *facts = (struct tls_facts){ .alert = tls->alert };
    find_names(tls, facts);
    if (tls->shaken) { /* before, OpenSSL names what it hopes for */
        facts->version = SSL_get_version(tls->ssl);
        facts->cipher = SSL_get_cipher_name(tls->ssl);
    }
    facts->resumed = tls->shaken && SSL_session_reused(tls->ssl);
    facts->certificate_asked = tls->certificate_missed;
    facts->certificate_shown =
        tls->certificate_asked && !tls->certificate_missed && has_certificate;
    if (tls->client && verified != X509_V_OK)
        facts->verify_error = X509_verify_cert_error_string(verified);
}
