/* tls_trouble: where a handshake with a client leaves its path, and how it comes back. */
#include "net/tls_trouble.h"

#include <assert.h>
#include <errno.h>
#include <sys/socket.h>

#include <openssl/err.h>

#include "net/loop.h"
#include "net/tls_private.h"

/* What is kept of a client that goes on talking to a handshake that stands still. */
#define KEPT_MOST ((size_t)256 * 1024)
/* How long a client has to read an alert. */
#define ALERT_TIME (2 * SECOND)

#define RECORD_HEADER 5u
#define HANDSHAKE_HEADER 4u

/* RFC 8446 6: of these it is the level that says that they are no error. */
static bool is_warning(int alert)
{
    return alert == SSL_AD_CLOSE_NOTIFY || alert == SSL_AD_USER_CANCELLED ||
           alert == SSL_AD_NO_RENEGOTIATION;
}

static int latest_version(enum tls_version most)
{
    switch (most) {
    case VERSION_1_0:
        return TLS1_VERSION;
    case VERSION_1_1:
        return TLS1_1_VERSION;
    case VERSION_1_2:
        return TLS1_2_VERSION;
    case VERSION_ANY:
        break;
    }
    return TLS1_3_VERSION;
}

/* What the client would like best. RFC 8446 4.2.1: the extension, where there is one, and values
 * that mean nothing (RFC 8701) are passed over. */
static int version_wanted(SSL *ssl)
{
    const unsigned char *list = NULL;
    size_t length = 0;
    int wanted = 0;

    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_supported_versions, &list, &length) != 1)
        return (int)SSL_client_hello_get0_legacy_version(ssl);
    for (size_t i = 1; i + 1 < length; i += 2) {
        int version = list[i] << 8 | list[i + 1];
        if (version <= TLS1_3_VERSION && version > wanted)
            wanted = version;
    }
    return wanted;
}

/* TLS 1.3 clients fill the session id with noise (RFC 8446 D.4). */
static bool offers_session(SSL *ssl)
{
    const unsigned char *bytes = NULL;
    size_t length = 0;

    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_psk, &bytes, &length) == 1)
        return true;
    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_session_ticket, &bytes, &length) == 1 &&
        length > 0)
        return true;
    return SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_supported_versions, &bytes, &length) != 1 &&
           SSL_client_hello_get0_session_id(ssl, &bytes) > 0;
}

static void note_hello(struct tls *tls, SSL *ssl)
{
    struct tls_trouble *trouble = tls->trouble;
    unsigned legacy = SSL_client_hello_get0_legacy_version(ssl);

    tls->course.hello_came = true;
    tls->course.version = (unsigned char)(legacy < TLS1_2_VERSION ? legacy & 0xff : 3);
    trouble->version_limited = version_wanted(ssl) > latest_version(trouble->most);
    trouble->resumption_denied = trouble->no_resumption && offers_session(ssl);
}

static bool stalls_at(const struct tls *tls, enum tls_stall stall)
{
    return tls->trouble->stall == stall && !tls->course.stall_over;
}

/* The whole ClientHello is there, and nothing has been made of it. */
/* NOLINTNEXTLINE(readability-non-const-parameter): OpenSSL's type */
static int look_at_hello(SSL *ssl, int *alert, void *user)
{
    struct tls *tls = SSL_get_app_data(ssl);

    (void)alert, (void)user;
    if (tls->fingerprint == 0)
        tls->fingerprint = tls_fingerprint_make(ssl);
    if (!tls->trouble)
        return SSL_CLIENT_HELLO_SUCCESS;
    if (!tls->course.hello_came)
        note_hello(tls, ssl);
    return stalls_at(tls, STALL_HELLO) || tls->trouble->alert >= 0 ? SSL_CLIENT_HELLO_RETRY
                                                                   : SSL_CLIENT_HELLO_SUCCESS;
}

/* RFC 8446 4.1.3: a ServerHello with this random (its beginning) only asks for another ClientHello.
 */
static bool is_retry_request(const unsigned char *message, size_t length)
{
    static const unsigned char random[] = { 0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11 };
    const size_t at = HANDSHAKE_HEADER + 2;

    return length >= at + sizeof random && memcmp(message + at, random, sizeof random) == 0;
}

/* Each message that OpenSSL has made, whether or not it is sent yet. */
static void look_at_message(int written, int version, int type, const void *bytes, size_t length,
                            SSL *ssl, void *user)
{
    struct tls *tls = SSL_get_app_data(ssl);
    struct tls_course *course = &tls->course;
    const unsigned char *message = bytes;

    (void)version, (void)user;
    if (!written || type != SSL3_RT_HANDSHAKE || length == 0)
        return;
    if (message[0] == SSL3_MT_SERVER_HELLO && !is_retry_request(message, length))
        course->hello_written = true;
    else if (message[0] == SSL3_MT_CERTIFICATE)
        course->certificate_written = true;
    else if (message[0] == SSL3_MT_SERVER_DONE || message[0] == SSL3_MT_FINISHED)
        course->flight_written = true;
}

/* Debian's OpenSSL takes none of this at its usual level; the context keeps that. */
static bool set_security(SSL *ssl, const struct tls_trouble *trouble)
{
    bool weak = trouble->certificate == CERTIFICATE_WEAK_KEY ||
                trouble->certificate == CERTIFICATE_SHA1 || trouble->most == VERSION_1_0 ||
                trouble->most == VERSION_1_1;

    if (weak)
        SSL_set_security_level(ssl, 0);
    if (trouble->most == VERSION_ANY)
        return true;
    return SSL_set_min_proto_version(ssl, trouble->most == VERSION_1_2 ? TLS1_2_VERSION
                                                                       : TLS1_VERSION) == 1 &&
           SSL_set_max_proto_version(ssl, latest_version(trouble->most)) == 1;
}

void tls_trouble_prepare(SSL_CTX *context)
{
    SSL_CTX_set_client_hello_cb(context, look_at_hello, NULL);
}

/* With the cache off, TLS 1.2 has no session id; without tickets, TLS 1.3 looks into the cache. */
void tls_trouble_forbid_sessions(SSL_CTX *context)
{
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(context, 0);
}

bool tls_trouble_forbids_sessions(const struct tls_trouble *trouble)
{
    return trouble->no_resumption || trouble->certificate != CERTIFICATE_GOOD;
}

void tls_trouble_arm(struct tls *tls)
{
    ERR_clear_error();
    tls->course.due = NEVER;
    SSL_set_msg_callback(tls->ssl, look_at_message);
    if (!set_security(tls->ssl, tls->trouble)) {
        tls->dead = true;
        tls_complain(tls, "TLS cannot be set up as the scenario wants it");
    }
}

static void hold(struct tls *tls, enum tls_hold how, usec length)
{
    tls->course.hold = how;
    tls->course.due = usec_after(loop_now(), length);
}

/* A stall that has just begun or goes on. */
static enum io stall(struct tls *tls)
{
    tls_wire_keep(tls, KEPT_MOST);
    return tls->wire == WIRE_OPEN ? IO_WANT_READ : tls_broken(tls);
}

static enum io begin_stall(struct tls *tls)
{
    tls->trouble->stalled = true;
    hold(tls, HOLD_STALL, tls->trouble->stall_for);
    return stall(tls);
}

static enum io end_by_alert(struct tls *tls)
{
    char room[12];

    tls->course.hold = HOLD_NONE;
    tls->course.due = NEVER;
    tls->dead = true;
    tls_complain(tls, "answered by alert %s, as the scenario wants it",
                 tls_alert_name(tls->trouble->alert, room));
    return IO_FAILED;
}

/* Bytes that are left unread at the close would cost the client the alert: TCP resets then. Who
 * sends more than any handshake has does not look for one. */
static enum io await_reader(struct tls *tls)
{
    struct tls_course *course = &tls->course;
    char forgotten[4096];
    ssize_t got = 0;

    while (course->forgotten < KEPT_MOST &&
           (got = tls_wire_take(tls, forgotten, sizeof forgotten)) > 0)
        course->forgotten += (size_t)got;
    return tls->wire == WIRE_OPEN && course->forgotten < KEPT_MOST ? IO_WANT_READ
                                                                   : end_by_alert(tls);
}

static enum io send_alert(struct tls *tls)
{
    struct tls_course *course = &tls->course;
    unsigned char record[] = {
        SSL3_RT_ALERT, 3, course->version, 0, 2, SSL3_AL_FATAL, (unsigned char)tls->trouble->alert
    };
    ssize_t put = 0;

    if (is_warning(tls->trouble->alert))
        record[5] = SSL3_AL_WARNING;
    do
        put = send(tls->transport.fd, record + course->alert_sent,
                   sizeof record - course->alert_sent, MSG_NOSIGNAL);
    while (put < 0 && errno == EINTR);
    if (put < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return IO_WANT_WRITE;
    if (put < 0) {
        tls->wire = WIRE_RESET;
        return tls_broken(tls);
    }
    course->alert_sent += (size_t)put;
    if (course->alert_sent < sizeof record)
        return IO_WANT_WRITE;
    tls->trouble->alert_sent = true;
    shutdown(tls->transport.fd, SHUT_WR);
    hold(tls, HOLD_ALERT, ALERT_TIME);
    return await_reader(tls);
}

bool tls_trouble_holds(struct tls *tls, enum io *outcome)
{
    struct tls_course *course = &tls->course;
    bool is_due = loop_now() >= course->due;

    switch (course->hold) {
    case HOLD_NONE:
        return false;
    case HOLD_ALERT:
        *outcome = is_due ? end_by_alert(tls) : await_reader(tls);
        return true;
    case HOLD_STALL:
        break;
    }
    if (!is_due) {
        *outcome = stall(tls);
        return true;
    }
    course->hold = HOLD_NONE;
    course->due = NEVER;
    course->stall_over = true;
    return false;
}

/* The record of the ServerHello has left, and nothing else will. */
static bool is_at_server_hello(const struct tls *tls)
{
    return stalls_at(tls, STALL_SERVER_HELLO) && tls->course.part_known &&
           tls->course.part_left == 0;
}

static bool is_at_finished(const struct tls *tls, enum io outcome)
{
    return stalls_at(tls, STALL_FINISHED) && tls->course.flight_written && outcome == IO_WANT_READ;
}

/* Once nothing holds back what was made. */
static void note_certificate(struct tls *tls)
{
    const struct tls_course *course = &tls->course;

    tls->trouble->certificate_shown = course->certificate_chosen && course->certificate_written;
}

enum io tls_trouble_step(struct tls *tls, enum io outcome)
{
    bool is_at_hello = SSL_want_client_hello_cb(tls->ssl);

    if (outcome != IO_WANT_READ && outcome != IO_WANT_WRITE) {
        note_certificate(tls); /* a quick client has refused it within the same call */
        return outcome;
    }
    if (is_at_hello && !stalls_at(tls, STALL_HELLO))
        return send_alert(tls);
    if (is_at_hello || is_at_server_hello(tls))
        return begin_stall(tls);
    note_certificate(tls);
    return is_at_finished(tls, outcome) ? begin_stall(tls) : outcome;
}

void tls_trouble_done(struct tls *tls)
{
    tls->trouble->resumption_denied = tls->trouble->no_resumption;
    note_certificate(tls);
}

size_t tls_trouble_lets_out(struct tls *tls, const char *bytes, size_t length)
{
    struct tls_course *course = &tls->course;

    if (!stalls_at(tls, STALL_SERVER_HELLO) || !course->hello_written ||
        (!course->part_known && length < RECORD_HEADER))
        return length;
    if (!course->part_known) {
        const unsigned char *header = (const unsigned char *)bytes;
        course->part_known = true;
        course->part_left = RECORD_HEADER + ((size_t)header[3] << 8 | header[4]);
    }
    return length < course->part_left ? length : course->part_left;
}

void tls_trouble_sent(struct tls *tls, size_t length)
{
    if (stalls_at(tls, STALL_SERVER_HELLO) && tls->course.part_known)
        tls->course.part_left -= length;
}

bool tls_trouble_keeps_out(const struct tls *tls)
{
    return stalls_at(tls, STALL_FINISHED) && tls->course.flight_written;
}

usec tls_trouble_due(const struct transport *transport)
{
    const struct tls *tls = (const struct tls *)transport;

    assert(transport_is_tls(transport));
    return tls->trouble ? tls->course.due : NEVER;
}

bool tls_trouble_listens(const struct transport *transport)
{
    const struct tls *tls = (const struct tls *)transport;

    assert(transport_is_tls(transport));
    return tls->course.hold != HOLD_STALL || tls->seen_length < KEPT_MOST;
}
