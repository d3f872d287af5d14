/* session: the steps of one client connection. */
#include "serve/session.h"

#include <stdlib.h>

#include "serve/exchange.h"
#include "serve/opening.h"
#include "serve/report.h"
#include "serve/steps.h"

static void session_free(struct session *session)
{
    struct worker *worker = session->worker;

    if (session->exchange)
        exchange_free(session->exchange);
    opening_end(session, loop_now());
    report_opening(session, loop_now());
    report_connection(session, loop_now());
    tally_connection(session->tally, -1);
    alarm_clear(&session->alarm);
    deadline_clear(&session->deadline);
    loop_forget(&session->errand);
    connection_close(&session->client, session->resets);
    reader_clear(&session->reader);
    arena_clear(&session->arena);
    list_remove(&session->node);
    free(session);
    worker_session_gone(worker);
}

static void wake_up(void *user)
{
    session_run(user);
}

/* A handshake that stands still keeps only so much of what the client sends. */
static bool listens(const struct session *session)
{
    return session->step != &session_step_handshake || !opening_stalls(session) ||
           tls_trouble_listens(session->client.transport);
}

/* What a plan for the connection waits for besides. */
static void watch_opening(struct session *session)
{
    usec exact = opening_due(session);
    bool reads = session->step != &session_step_screen && listens(session);

    if (exact != NEVER)
        alarm_set(&session->alarm, session->worker->loop, exact, wake_up, session);
    else
        alarm_clear(&session->alarm);
    connection_watch(&session->client, reads);
    if (reads && !session->client.blocked && connection_is_ready(&session->client, true))
        session_run_later(session);
}

/* Without an exchange it is the session itself that waits: for a head, or for what its step wants.
 */
static void watch(struct session *session, usec now)
{
    if (session->exchange && session->exchange->state != EXCHANGE_HEAD) {
        exchange_watch(session->exchange, now);
        return;
    }
    deadline_set(&session->deadline, session->worker->loop, session_due(session), session_deadline,
                 session);
    if (session->opening) {
        watch_opening(session);
        return;
    }
    connection_watch(&session->client, true);
    /* A handshake that wants to write would read nothing, again and again. */
    if (!session->client.blocked && connection_is_ready(&session->client, true))
        session_run_later(session);
}

void session_run(struct session *session)
{
    usec now = loop_now();
    enum next next;

    if (session->running) {
        session_run_later(session);
        return;
    }
    session->running = true;
    do
        next = session->step->run(session, now);
    while (next == NEXT);
    session->running = false;

    if (next == WAIT)
        watch(session, now); /* computed from the queues, never toggled */
    else
        session_free(session); /* the only place */
}

static void run_again(void *user)
{
    session_run(user);
}

void session_run_later(struct session *session)
{
    loop_later(session->worker->loop, &session->errand, run_again, session);
}

void session_deadline(void *user)
{
    struct session *session = user;

    session->timed_out = true;
    session_run(session);
}

static void is_ready(void *user, unsigned events)
{
    (void)events; /* connection has noted them */
    session_run(user);
}

static struct transport *transport_for(struct session *session, int fd)
{
    const struct front *front = session->front;
    const struct run *run = session->worker->run;
    char host[ADDRESS_TEXT];

    if (!front->tls)
        return tcp_transport_new(fd);
    address_write_host(&front->address, host);
    return tls_accept(run->tls_fixed ? run->tls_fixed : run->tls_server, fd, text_from(host),
                      text_of(NULL, 0), opening_trouble(session));
}

static void know_peer(struct session *session, const struct address *peer)
{
    bool is_local = peer->any.sa_family == AF_UNIX;

    address_write_host(peer, session->client_name);
    session->client_host = text_from(is_local ? "local" : session->client_name);
    session->stranger = !address_is_loopback(peer);
    session->admitted = session_may_enter(session, peer);
}

static struct session *new_session(struct worker *worker, const struct front *front,
                                   const struct address *peer)
{
    struct session *session = memory_take(sizeof *session);

    session->worker = worker;
    session->front = front;
    session->step = &session_step_screen;
    session->up.limit = session->down.limit = SESSION_HOLDS;
    arena_init(&session->arena, &worker->arenas);
    know_peer(session, peer);
    list_insert(&worker->sessions, &session->node);
    session->ordinal =
        engine_next_connection(run_generation(worker->run)->engine, session->client_host);
    if (front->kind == FRONT_REVERSE)
        opening_decide(session, front->upstream.host, front->upstream.port, loop_now());
    return session;
}

static void begin(struct session *session, struct transport *transport)
{
    struct worker *worker = session->worker;

    connection_open(&session->client, transport, worker->loop, &worker->pool, is_ready, session);
    session_own_client(session);
    session->client.id = worker_next_connection(worker);
    session->client.opened = loop_now();
    session->tally = run_generation(worker->run)->tally;
    tally_connection(session->tally, 1);
    /* Data often comes with the connection: one try saves a turn of the loop. */
    session->client.readable = true;
    session_run(session);
}

void session_open(struct worker *worker, const struct front *front, int fd,
                  const struct address *peer)
{
    struct session *session = new_session(worker, front, peer);

    begin(session, transport_for(session, fd));
}

void session_begin(struct worker *worker, const struct front *front, struct transport *transport,
                   const struct address *peer)
{
    begin(new_session(worker, front, peer), transport);
}

void session_own_client(struct session *session)
{
    session->client.out.budget = &session->down;
}

void session_drain(struct session *session, bool cut)
{
    session->draining = true;
    session->cut = session->cut || cut;
    session_run(session);
}
