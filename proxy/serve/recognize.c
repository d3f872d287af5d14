/* recognize: what speaks inside a CONNECT, and is it to be intercepted? */
#include <stdlib.h>

#include "base/arena.h"
#include "http/sniff.h"
#include "serve/exchange.h"
#include "serve/opening.h"
#include "serve/parts.h"
#include "serve/report.h"
#include "serve/steps.h"

#define SNIFF_SCRATCH 16384u

bool session_passes_through(const struct session *session, struct text host)
{
    const struct patterns *patterns = &session->worker->run->settings->passthrough;

    for (size_t i = 0; i < patterns->count; i++)
        if (text_glob(patterns->items[i], host, true))
            return true;
    return false;
}

static enum next tunnel(struct session *session, usec now)
{
    session->exchange = exchange_new(session);
    session->requests++;
    exchange_begin_tunnel(session->exchange, now);
    return session_go(session, &session_step_serve);
}

/* The bytes read so far move into the TLS transport, which takes over the descriptor. */
static enum next intercept(struct session *session)
{
    struct run *run = session->worker->run;
    struct text seen = connection_input(&session->client);
    int fd = tcp_transport_take(session->client.transport);
    struct transport *tls =
        tls_accept(run->tls_server, fd, session->inside.host, seen, opening_trouble(session));

    connection_change_transport(&session->client, tls);
    connection_use(&session->client, seen.length);
    session->inside.tls = true;
    return session_go(session, &session_step_handshake);
}

static enum next found_tls(struct session *session, const struct client_hello *hello, usec now)
{
    if (!text_is_empty(hello->server_name)) {
        if (session_passes_through(session, hello->server_name))
            return tunnel(session, now);
        session->inside.server_name = arena_copy(&session->arena, hello->server_name);
    }
    /* A client that speaks nothing but HTTP/2 cannot be read here: better whole than broken. */
    if (hello->offers_h2 && !hello->offers_http1)
        return tunnel(session, now);
    return intercept(session);
}

static enum next recognize(struct session *session, usec now)
{
    struct connection *client = &session->client;
    struct client_hello hello = { 0 };
    char *scratch;
    enum sniffed found;

    if (session->cut || (session->draining && !client->input))
        return session_finish(session, "drain", NULL);
    connection_flush(client);
    connection_fill(client);
    if (client->write_broken)
        return session_finish(session, "client", "left after CONNECT");
    if (!connection_is_flushed(client) && !session->timed_out)
        return WAIT; /* the 200 goes out before anything else, and in the clear */
    if (session->timed_out)
        return tunnel(session, now);
    if (text_is_empty(connection_input(client))) {
        if (client->read_ended || client->broken)
            return session_finish(session, "client", "left after CONNECT");
        return WAIT;
    }
    scratch = memory_take(SNIFF_SCRATCH);
    found = sniff(connection_input(client), &hello, scratch);
    if (found == SNIFF_TLS) {
        enum next next = found_tls(session, &hello, now);

        free(scratch);
        return next;
    }
    free(scratch);
    if (found == SNIFF_HTTP1) {
        session->inside.tls = false;
        return session_go(session, &session_step_serve);
    }
    if (found == SNIFF_MORE && !client->read_ended && !client->broken)
        return connection_takes_more(client, SNIFF_SCRATCH + 1024) ? WAIT : tunnel(session, now);
    return tunnel(session, now);
}

const struct session_step session_step_recognize = { "recognize", recognize };
