/* exchange: the life of one request and its answer. */
#include "serve/exchange.h"

#include "faults/fault.h"
#include "scenario/body.h"
#include "serve/opening.h"
#include "serve/parts.h"
#include "serve/report.h"
#include "serve/traits.h"

/* Of moving bytes, before others get theirs. */
#define TURNS 8

struct exchange *exchange_new(struct session *session)
{
    struct worker *worker = session->worker;
    struct arena arena;
    struct exchange *exchange;

    arena_init(&arena, &worker->arenas);
    exchange = ARENA_NEW(&arena, struct exchange);
    exchange->arena = arena;
    exchange->session = session;
    exchange->generation = run_generation(worker->run);
    exchange->decision.service = SERVICE_NONE;
    exchange->decision.phase = UINT16_MAX;
    exchange->client = session->client_host;
    exchange->due = exchange->up.wake = exchange->down.wake = NEVER;
    exchange->outcome = "answered";
    pipeline_init(&exchange->up.pipeline, &worker->pool, &session->up);
    pipeline_init(&exchange->down.pipeline, &worker->pool, &session->down);
    return exchange;
}

/* The first request in absolute form tells what its connection is for. */
static void open_first(struct exchange *exchange, usec now)
{
    struct session *session = exchange->session;

    opening_decide(session, exchange->host, exchange->port, now);
    if (opening_refuses(session)) {
        exchange->reset_client = true;
        exchange_end(exchange, "reset", "the connection is refused by a fault");
    } else if (opening_waits(session, now)) {
        exchange->opens_first = true;
        exchange->due = session->opening->due;
    }
}

void exchange_begin_delay(struct exchange *exchange, usec now)
{
    exchange->opens_first = false;
    exchange->delay_began = now;
    exchange->due =
        exchange->plan && exchange->plan->delay > 0 ? usec_after(now, exchange->plan->delay) : 0;
}

/* After the head: what is decided, and how long the request waits before anything else happens. */
static void decide(struct exchange *exchange, usec now)
{
    if (!exchange->leads_back)
        exchange_decide(exchange, now);
    exchange->state = EXCHANGE_DELAY;
    exchange_begin_delay(exchange, now);
    if (exchange->session->front->kind == FRONT_FORWARD && !exchange->leads_back)
        open_first(exchange, now);
}

/* A client that asks first is told to go on: its body is wanted here. */
static void call_for_body(struct exchange *exchange, usec now)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";

    exchange->state = EXCHANGE_BODY;
    if (!exchange->request.expects_continue)
        return;
    queue_put_copy(&exchange->session->client.out, go_on, sizeof(go_on) - 1, PART_WIRE, now);
    connection_flush(&exchange->session->client);
    head_remove(&exchange->request, HEAD_EXPECT);
    exchange->request.expects_continue = false;
}

static void start(struct exchange *exchange, usec now)
{
    const struct settings *settings = exchange->session->worker->run->settings;

    traits_note(exchange);
    exchange->leads_back = exchange->session->front->kind == FRONT_FORWARD &&
                           access_leads_back(settings, &exchange->endpoint);
    if (!exchange->leads_back && exchange_wants_body(exchange))
        call_for_body(exchange, now);
    else
        decide(exchange, now);
}

/* Until enough of the body is here. */
static enum next gather(struct exchange *exchange, usec now)
{
    connection_flush(&exchange->session->client); /* a 100 that found no room */
    if (!relay_gather_request(exchange, BODY_LOOK, now))
        return WAIT;
    if (exchange->state == EXCHANGE_BODY) {
        exchange->gathered = true;
        decide(exchange, now);
    }
    return NEXT;
}

/* What is next to us, a parent could not reach: a Unix socket, and our own origin. */
static const struct parent *find_parent(const struct exchange *exchange)
{
    const struct session *session = exchange->session;
    const struct endpoint *origin = &exchange->endpoint;

    if (origin->local || session->front->embedded)
        return NULL;
    return access_parent(session->worker->run->settings, origin->tls, origin->host);
}

void exchange_begin(struct exchange *exchange, usec now)
{
    struct session *session = exchange->session;

    exchange->started = exchange->moved = now;
    exchange->number = worker_next_exchange(session->worker);
    exchange->request_read = reader_is_done(&session->reader);
    exchange->takes_trailers = head_lists(&exchange->request, HEAD_TE, text_from("trailers"));
    if (!exchange_route(exchange, now))
        return;
    exchange->parent = find_parent(exchange);
    start(exchange, now);
}

void exchange_begin_tunnel(struct exchange *exchange, usec now)
{
    struct session *session = exchange->session;

    /* A CONNECT that waits for its 200, or bytes found inside one that has had it. */
    exchange->answers_connect = exchange->request.method.length > 0;
    if (exchange->number == 0)
        exchange->number = worker_next_exchange(session->worker);
    exchange->started = exchange->moved = now;
    exchange->tunnel = true;
    exchange->request_read = true; /* until both ways are opened */
    exchange->endpoint = session->inside;
    exchange->endpoint.tls = false;
    exchange->host = session->inside.host;
    exchange->port = session->inside.port;
    exchange->parent = access_parent(session->worker->run->settings, true, exchange->endpoint.host);
    start(exchange, now);
}

void exchange_refuse(struct exchange *exchange, unsigned status, const char *detail, usec now)
{
    if (exchange->started == 0) {
        exchange->started = exchange->moved = now;
        exchange->number = worker_next_exchange(exchange->session->worker);
        exchange->request.keep_alive = false;
        exchange->request.minor = 1;
    }
    exchange->close_client = true;
    exchange_fail(exchange, status, "refused", detail, now);
    exchange->drains = false;
}

/* A body that the connection's end delimits is cut by a break only: an orderly end would be its
 * right one. */
static bool would_look_whole(const struct exchange *exchange)
{
    const struct writer *writer = &exchange->down.writer;

    return exchange->down.begun && writer->framing == FRAMING_CLOSE &&
           !(writer->ended && connection_is_flushed(&exchange->session->client));
}

void exchange_end(struct exchange *exchange, const char *outcome, const char *detail)
{
    exchange->state = EXCHANGE_ENDED;
    exchange->close_client = true;
    if (would_look_whole(exchange))
        exchange->reset_client = true;
    exchange->outcome = outcome;
    if (detail)
        exchange->detail = detail;
}

/* Reads on while nothing is pulled, so that a client that leaves is noticed. */
static void look_at_client(struct exchange *exchange, usec now)
{
    struct connection *client = &exchange->session->client;

    if (!relay_pulls_request(exchange) && (!exchange->request_read || !client->input))
        connection_fill(client);
    if ((client->read_ended || client->broken) && exchange->client_ended == 0)
        exchange->client_ended = now;
}

bool exchange_waits_for_good(const struct exchange *exchange)
{
    if (exchange->state == EXCHANGE_DELAY)
        return exchange->due == NEVER;
    return exchange->holds && usec_min(exchange->up.wake, exchange->down.wake) == NEVER;
}

/* Only an end in sight keeps a client that sends no more: it may have half-closed, or have left. */
static bool hangs_for_nobody(const struct exchange *exchange)
{
    const struct connection *client = &exchange->session->client;

    if (!exchange_waits_for_good(exchange))
        return false;
    /* What a tunnel's client has sent before its end may still be on its way. */
    if (exchange->tunnel)
        return client->read_ended && exchange->up.writer.ended;
    if (client->read_ended || connection_is_heard(client))
        return client->read_ended;
    return transport_peer_has_left(client->transport); /* its end stands behind unread bytes */
}

static bool client_has_left(const struct exchange *exchange)
{
    const struct connection *client = &exchange->session->client;

    return (client->broken && !client->reset) || client->write_broken || hangs_for_nobody(exchange);
}

static bool stages_hold(const struct pipeline *pipeline)
{
    for (const struct stage *stage = pipeline->first; stage; stage = stage->next)
        if (!queue_is_empty(&stage->in))
            return true;
    return false;
}

/* Filters hold bytes back, and nobody waits for anything else. */
static bool filters_hold(const struct exchange *exchange)
{
    const struct session *session = exchange->session;
    bool comes = exchange->down.begun || (exchange_is_holding(exchange) && exchange->answer_read);
    bool down = comes && stages_hold(&exchange->down.pipeline);
    bool up = exchange->origin && stages_hold(&exchange->up.pipeline) &&
              queue_is_empty(&exchange->origin->connection.out);

    return queue_is_empty(&session->client.out) && (down || up);
}

bool exchange_resets_at_head(const struct exchange *exchange)
{
    return exchange->plan && exchange->plan->reset == RESET_HEAD && exchange->head_ready &&
           !exchange->down.begun;
}

static enum next finish_relay(struct exchange *exchange, usec now)
{
    if (!exchange->request_read || exchange->down.writer.broken)
        exchange->close_client = true;
    if (exchange->down.writer.broken && !exchange->made) {
        exchange->outcome = "cut";
        exchange->detail = exchange->answer_reader.complaint;
    }
    return exchange_close_late(exchange, now);
}

/* The client's connection was reset by a fault, or because the origin broke off its answer. */
static enum next finish_reset(struct exchange *exchange)
{
    bool cut = exchange->answer_read && !reader_is_done(&exchange->answer_reader);
    const char *complaint = exchange->answer_reader.complaint;

    exchange->reset_client = true;
    if (!cut)
        exchange_end(exchange, "reset", NULL);
    else
        exchange_end(exchange, "cut", complaint ? complaint : "the origin broke off its answer");
    return NEXT;
}

/* An origin that drips its head does not move the time-out for the answer. */
static bool reads_head_in_pieces(const struct exchange *exchange)
{
    return !exchange->head_ready && exchange->origin && exchange->origin->connection.input;
}

/* The request has gone, and nothing is here of an answer: another turn would find nothing to move.
 */
static bool awaits_answer(const struct exchange *exchange)
{
    const struct connection *origin = exchange->origin ? &exchange->origin->connection : NULL;

    return origin && !exchange->head_ready && exchange->up.writer.ended &&
           connection_is_flushed(origin) && !origin->input && !connection_is_ready(origin, true) &&
           !origin->read_ended && !origin->broken && !origin->write_broken &&
           connection_is_flushed(&exchange->session->client);
}

static enum next relay(struct exchange *exchange, usec now)
{
    struct session *session = exchange->session;

    if (exchange_resets_at_head(exchange))
        return exchange_break_off(exchange, exchange->plan->reset_by);
    for (int turns = 0; relay_turn(exchange, now);) {
        if (exchange->state != EXCHANGE_RELAY)
            return NEXT;
        if (!reads_head_in_pieces(exchange))
            exchange->moved = now;
        if (exchange_resets_at_head(exchange))
            return exchange_break_off(exchange, exchange->plan->reset_by);
        if (relay_is_done(exchange) || awaits_answer(exchange))
            break;
        if (++turns == TURNS) {
            /* Neither what has been read already nor a filter that makes bytes would wake us up. */
            session_run_later(session);
            break;
        }
    }
    if (session->client.reset)
        return finish_reset(exchange);
    if (relay_is_done(exchange))
        return finish_relay(exchange, now);
    exchange->holds = filters_hold(exchange);
    /* Writing may just have found out that the client is gone. */
    return client_has_left(exchange) ? NEXT : WAIT;
}

enum next exchange_run(struct exchange *exchange, usec now)
{
    enum next next = NEXT;

    look_at_client(exchange, now);
    while (exchange->state != EXCHANGE_ENDED && next == NEXT) {
        if (exchange->state == EXCHANGE_CLOSING) {
            next = exchange_close_late(exchange, now);
        } else if (exchange->session->cut) {
            exchange_end(exchange, "cut", "the run was ended");
        } else if (client_has_left(exchange)) {
            exchange_end(exchange, "client-left", exchange->hung ? "during a hang" : NULL);
        } else if (exchange->state == EXCHANGE_BODY) {
            next = gather(exchange, now);
        } else if (exchange->state == EXCHANGE_DELAY) {
            next = now >= exchange->due ? exchange_act(exchange, now) : WAIT;
        } else if (exchange->state == EXCHANGE_CONNECT) {
            next = WAIT;
        } else {
            next = relay(exchange, now);
        }
    }
    return exchange->state == EXCHANGE_ENDED ? DONE : WAIT;
}

void exchange_free(struct exchange *exchange)
{
    struct session *session = exchange->session;
    struct arena arena;

    if (exchange->hung)
        exchange_settle_hang(exchange, loop_now());
    if (exchange->started && !exchange->intercepts && !exchange->leads_back)
        report_exchange(exchange, loop_now());
    exchange_release_origin(exchange);
    pipeline_close(&exchange->up.pipeline);
    pipeline_close(&exchange->down.pipeline);
    if (exchange->up.pipe)
        pipe_drop(&session->worker->pool, exchange->up.pipe);
    if (exchange->down.pipe)
        pipe_drop(&session->worker->pool, exchange->down.pipe);
    reader_clear(&exchange->answer_reader);
    session->reader.print = NULL;
    arena = exchange->arena;
    arena_clear(&arena);
    session->exchange = NULL;
}
