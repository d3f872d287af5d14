/* steps: screen, handshake, serve and linger; see recognize.c for the one between. */
#include "serve/steps.h"

#include "serve/exchange.h"
#include "serve/opening.h"
#include "serve/refusal.h"
#include "serve/report.h"

enum next session_finish(struct session *session, const char *end, const char *detail)
{
    if (!session->end) {
        session->end = end;
        session->end_detail = detail;
    }
    return DONE;
}

bool session_may_enter(const struct session *session, const struct address *peer)
{
    const struct settings *settings = session->worker->run->settings;

    if (session->front->kind == FRONT_REVERSE || !session->stranger)
        return true;
    for (size_t i = 0; i < settings->allowed_count; i++)
        if (network_holds(&settings->allowed[i], peer))
            return true;
    return false;
}

usec session_due(const struct session *session)
{
    const struct settings *settings = session->worker->run->settings;

    if (session->step == &session_step_linger)
        return usec_after(session->step_since, LINGER_TIME);
    if (session->step == &session_step_screen)
        return usec_after(loop_now(), SILENCE_LOOK);
    if (session->step == &session_step_recognize)
        return usec_after(session->step_since,
                          session->client.input ? settings->header_timeout : SILENT_CLIENT);
    if (session->step == &session_step_handshake && opening_stalls(session))
        return usec_after(loop_now(), SILENCE_LOOK);
    if (session->step == &session_step_handshake)
        return usec_after(session->step_since, settings->header_timeout);
    if (session->head_started)
        return usec_after(session->head_started, settings->header_timeout);
    return usec_min(usec_after(session->idle_since ? session->idle_since : session->client.opened,
                               settings->idle_timeout),
                    opening_ages(session));
}

/* screen: may this client in at all? */
static enum next screen(struct session *session, usec now)
{
    if (!session->admitted) {
        struct event_trouble trouble = {
            .what = text_from("refused"),
            .detail = text_from("not from loopback, and no --allow holds it"),
            .connection = session->client.id,
        };

        recorder_put(session->worker->port, EVENT_trouble, &trouble, now);
        tally_refused(run_generation(session->worker->run)->tally);
        session->resets = true;
        return session_finish(session, "refused", "not allowed");
    }
    if (opening_refuses(session)) {
        refusal_begin(session);
        session->resets = true;
        return session_finish(session, "refused", "by a fault");
    }
    if (opening_waits(session, now)) {
        if (transport_peer_has_left(session->client.transport))
            return session_finish(session, "client", "left before it was looked at");
        return session->draining ? session_finish(session, "drain", NULL) : WAIT;
    }
    return session_go(session, session->front->tls ? &session_step_handshake : &session_step_serve);
}

/* handshake: TLS with the client. */
static enum next handshake(struct session *session, usec now)
{
    struct connection *client = &session->client;

    if (opening_stalls(session)) {
        session->timed_out = false;
        if (transport_peer_has_left(client->transport))
            return session_finish(session, "client", "left during a stalled TLS handshake");
    }
    if (session->timed_out)
        return session_finish(session, "timeout", "no TLS handshake in time");
    if (session->cut || (session->draining && !session->requests))
        return session_finish(session, "drain", NULL);
    switch (connection_handshake(client)) {
    case IO_DONE:
        report_client_tls(session, now);
        return session_go(session, &session_step_serve);
    case IO_WANT_READ:
    case IO_WANT_WRITE:
        return WAIT;
    case IO_END:
    case IO_CUT:
    case IO_RESET:
        report_client_tls_failed(session, "the client left during the handshake", now);
        return session_finish(session, "client", "left during the TLS handshake");
    case IO_FAILED:
        break;
    }
    report_client_tls_failed(session, client->transport->complaint, now);
    return session_finish(session, "tls", client->transport->complaint);
}

static enum next no_more_requests(struct session *session)
{
    struct connection *client = &session->client;

    if (client->broken)
        return session_finish(session, "client",
                              client->transport->complaint ? client->transport->complaint
                                                           : "connection reset");
    return session_finish(session, "client", NULL);
}

/* A head that is not one gets an answer that says so, by the usual way. */
static enum next refuse_head(struct session *session, unsigned status, const char *why, usec now)
{
    exchange_refuse(session->exchange, status, why, now);
    return NEXT;
}

static enum next take_head(struct session *session, usec now)
{
    struct connection *client = &session->client;
    struct exchange *exchange = session->exchange;
    size_t used = 0;

    if (session->head_started == 0)
        session->head_started = now;
    switch (reader_head(&session->reader, connection_input(client), text_of("", 0),
                        &exchange->arena, &exchange->request, &used)) {
    case READ_DONE:
        connection_use(client, used);
        session->head_started = 0;
        session->requests++;
        exchange_begin(exchange, now);
        return NEXT;
    case READ_WRONG:
        session->requests++;
        return refuse_head(session, session->reader.status, session->reader.complaint, now);
    case READ_MORE:
        break;
    }
    if (client->read_ended || client->broken)
        return session_finish(session, "client", "left within a request's head");
    if (!connection_takes_more(client, session->reader.limits.head_size + 1024))
        return refuse_head(session, 431, "the head is too large", now);
    return connection_fill(client) ? NEXT : WAIT;
}

/* Between exchanges: reads the next head. */
static enum next read_head(struct session *session, usec now)
{
    struct connection *client = &session->client;

    if (session->cut || (session->draining && !session->head_started))
        return session_go(session, &session_step_linger);
    if (now >= opening_ages(session) && session->head_started == 0) {
        opening_grew_old(session);
        (void)session_finish(session, "aged", "by a fault");
        return session_go(session, &session_step_linger);
    }
    if (session->timed_out && session->head_started == 0) {
        /* A request that crosses our end must see that, not an RST (RFC 9112, 9.6). */
        (void)session_finish(session, "idle", NULL);
        return session_go(session, &session_step_linger);
    }
    if (session->timed_out && session->exchange)
        return refuse_head(session, 408, "the head did not come in time", now);
    session->timed_out = false;
    if (text_is_empty(connection_input(client))) {
        if (client->read_ended || client->broken)
            return no_more_requests(session);
        return connection_fill(client) ? NEXT : WAIT;
    }
    if (!session->exchange) {
        session->exchange = exchange_new(session);
        reader_start(&session->reader, HEAD_REQUEST, &session->worker->run->settings->head_limits);
    }
    return take_head(session, now);
}

/* serve: exchanges run, one after the other. */
static enum next serve(struct session *session, usec now)
{
    struct exchange *exchange = session->exchange;
    bool closes, resets, recognizes;

    if (!exchange || exchange->state == EXCHANGE_HEAD)
        return read_head(session, now);
    if (session->timed_out) {
        session->timed_out = false;
        exchange_timed_out(exchange, now);
    }
    if (exchange_run(exchange, now) == WAIT)
        return WAIT;

    closes = exchange->close_client || session->draining || session->client.write_ended;
    resets = exchange->reset_client || session->client.reset;
    recognizes = exchange->intercepts;
    session->exchange = NULL;
    exchange_free(exchange);
    session->idle_since = now;
    if (resets) {
        session->resets = true;
        return session_finish(session, "reset", "by us");
    }
    if (session->client.broken)
        return no_more_requests(session);
    if (closes)
        return session_go(session, &session_step_linger);
    return recognizes ? session_go(session, &session_step_recognize) : NEXT;
}

/* linger: the last answer is flushed, sending ends, and what the client still sends is read and
 * forgotten for a moment, so that no RST of ours destroys the answer before it is read. */
static enum next linger(struct session *session, usec now)
{
    struct connection *client = &session->client;

    if (session->cut || session->timed_out || client->write_broken)
        return session_finish(session, session->draining ? "drain" : "done", NULL);
    if (!session->may_linger) {
        session->may_linger = true;
        if (!client->write_ended && !client->write_broken)
            queue_put_mark(&client->out, CHUNK_END, now);
    }
    connection_flush(client);
    connection_use(client, connection_input(client).length);
    while (connection_fill(client)) {
        session->lingered += connection_input(client).length;
        connection_use(client, connection_input(client).length);
        if (session->lingered > LINGER_BYTES)
            return session_finish(session, "done", "the client went on sending");
        if (client->read_ended || client->broken)
            break;
    }
    if (client->broken || (client->read_ended && connection_is_flushed(client)))
        return session_finish(session, session->draining ? "drain" : "done", NULL);
    return WAIT;
}

const struct session_step session_step_screen = { "screen", screen };
const struct session_step session_step_handshake = { "handshake", handshake };
const struct session_step session_step_serve = { "serve", serve };
const struct session_step session_step_linger = { "linger", linger };
