/* tls_complaint: what a failed TLS call means, in words for a person. */
#include "net/tls_private.h"

#include <stdarg.h>
#include <stdio.h>

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include "base/arena.h"

struct alert_name {
    int number;
    const char *name;
};

static const struct alert_name alert_names[] = {
#define ALERT(number, name) { number, #name },
#include "base/tls_alerts.h"
#undef ALERT
};

const char *tls_alert_name(int number, char room[12])
{
    for (size_t i = 0; i < COUNT_OF(alert_names); i++)
        if (alert_names[i].number == number)
            return alert_names[i].name;
    snprintf(room, 12, "%d", number);
    return room;
}

/* Only the first complaint tells the cause. */
void tls_complain(struct tls *tls, const char *format, ...)
{
    char text[512];
    va_list arguments;

    if (tls->complaint)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    tls->complaint = memory_string(text_from(text));
    tls->transport.complaint = tls->complaint;
}

static const char *peer(const struct tls *tls)
{
    if (tls->to_parent)
        return "the parent proxy";
    return tls->client ? "the origin" : "the client";
}

static bool is_about_certificates(int alert)
{
    return (alert >= SSL_AD_BAD_CERTIFICATE && alert <= SSL_AD_CERTIFICATE_UNKNOWN) ||
           alert == SSL_AD_UNKNOWN_CA || alert == SSL_AD_CERTIFICATE_REQUIRED;
}

static void complain_alert(struct tls *tls)
{
    char room[12];
    const char *name = tls_alert_name(tls->alert, room);
    bool wants_certificate =
        is_about_certificates(tls->alert) || tls->alert == SSL_AD_HANDSHAKE_FAILURE;

    if (tls->certificate_missed && wants_certificate)
        tls_complain(tls, "%s wants a client certificate (alert %s)", peer(tls), name);
    else if (is_about_certificates(tls->alert))
        tls_complain(tls, "%s rejected our certificate (alert %s)", peer(tls), name);
    else
        tls_complain(tls, "%s ended the %s (alert %s)", peer(tls),
                     tls->shaken ? "TLS connection" : "TLS handshake", name);
}

static void complain_failure(struct tls *tls)
{
    unsigned long error = ERR_peek_error();
    int reason = ERR_GET_REASON(error);
    const char *words = ERR_reason_error_string(error);

    if (ERR_GET_LIB(error) == ERR_LIB_SSL && reason >= SSL_AD_REASON_OFFSET && tls->alert >= 0)
        complain_alert(tls);
    else if (ERR_GET_LIB(error) == ERR_LIB_SSL && reason == SSL_R_CERTIFICATE_VERIFY_FAILED)
        tls_complain(tls, "%s", X509_verify_cert_error_string(SSL_get_verify_result(tls->ssl)));
    else if (ERR_GET_LIB(error) == ERR_LIB_SSL &&
             (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST) && !tls->shaken)
        tls_complain(tls, "%s does not speak TLS here", peer(tls));
    else
        tls_complain(tls, "TLS with %s failed: %s", peer(tls), words ? words : "no reason given");
}

enum io tls_broken(struct tls *tls)
{
    const char *when = tls->shaken ? "" : " during the TLS handshake";

    if (tls->wire == WIRE_RESET) {
        tls_complain(tls, "%s reset the connection%s", peer(tls), when);
        return IO_RESET;
    }
    tls_complain(tls, "%s closed the connection%s", peer(tls),
                 tls->shaken ? " without TLS's close_notify" : when);
    return IO_CUT;
}

enum io tls_outcome(struct tls *tls, int result)
{
    switch (SSL_get_error(tls->ssl, result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_CLIENT_HELLO_CB: /* trouble waits there */
        return IO_WANT_READ;
    case SSL_ERROR_WANT_WRITE:
        return IO_WANT_WRITE;
    case SSL_ERROR_ZERO_RETURN:
        return IO_END;
    case SSL_ERROR_SYSCALL:
        return tls_broken(tls);
    default:
        tls->dead = true;
        complain_failure(tls);
        return IO_FAILED;
    }
}
