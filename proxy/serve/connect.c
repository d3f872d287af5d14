/* connect: gets an exchange its connection to the origin, and gives it back. */
#include "serve/parts.h"
#include "serve/report.h"

static void origin_is_ready(void *user, unsigned events)
{
    (void)events; /* connection has noted them */
    session_run(user);
}

/* As it came, or as the filters of the plan leave it. */
static enum framing request_framing(const struct exchange *exchange, uint64_t *length)
{
    const struct head *head = &exchange->request;
    const struct way_plan *way = exchange->plan ? &exchange->plan->way : NULL;

    *length = head->content_length;
    if (!way || head->framing == FRAMING_NONE)
        return head->framing;
    *length = way->length_known ? way->length : 0;
    return way->length_known ? FRAMING_LENGTH : FRAMING_CHUNKED;
}

static void send_request_head(struct exchange *exchange, usec now)
{
    const struct head *head = &exchange->request;
    uint64_t length;
    enum framing framing = request_framing(exchange, &length);
    struct text connection = head->upgrade ? text_from("upgrade") : text_of("", 0);

    if (exchange->takes_trailers && !head->upgrade)
        connection = text_from("TE");
    writer_head(&exchange->up.writer, head, exchange_request_target(exchange), framing, length,
                connection, &exchange->origin->connection.out, now);
    exchange->up.writer.trailers = true;
    exchange->up.begun = true;
    if (exchange->request_read && !exchange->gathered)
        queue_put_mark(pipeline_in(&exchange->up.pipeline), CHUNK_END, now);
}

static void attach(struct exchange *exchange, struct origin *origin, usec now)
{
    struct session *session = exchange->session;

    exchange->origin = origin;
    exchange->origin_address = &origin->address;
    exchange->state = EXCHANGE_RELAY;
    exchange->moved = now;
    connection_hand_over(&origin->connection, origin_is_ready, session);
    origin->connection.out.budget = &session->up;
    reader_start(&exchange->answer_reader, HEAD_RESPONSE,
                 &session->worker->run->settings->head_limits);
    if (exchange->tunnel) {
        exchange->head_ready = true; /* there is none to wait for */
        exchange_plan_answer(exchange, now);
    } else {
        send_request_head(exchange, now);
    }
    origin->connection.uses++;
}

struct failure {
    enum dial_fault fault;
    unsigned status;
    const char *words;
};

static const struct failure failures[] = {
    { DIAL_UNRESOLVED, 502, "the origin's name cannot be resolved" },
    { DIAL_REFUSED, 502, "the origin refuses connections" },
    { DIAL_UNREACHABLE, 502, "the origin cannot be reached" },
    { DIAL_TIMEOUT, 504, "no connection to the origin in time" },
    { DIAL_FORBIDDEN, 403, "an internal address that no --target names" },
    { DIAL_PARENT, 502, "the proxy on the way failed" },
    { DIAL_UNVERIFIED, 502, "the origin's certificate does not verify" },
    { DIAL_TLS, 502, "the TLS handshake with the origin failed" },
    { DIAL_STARVED, 503, "out of file descriptors" },
};

/* With a parent, it alone is resolved and connected to. */
static bool is_about_parent(const struct exchange *exchange, enum dial_fault fault)
{
    return exchange->parent && (fault == DIAL_UNRESOLVED || fault == DIAL_REFUSED ||
                                fault == DIAL_UNREACHABLE || fault == DIAL_TIMEOUT);
}

static void dial_failed(struct exchange *exchange, enum dial_fault fault, const char *detail,
                        usec now)
{
    const struct failure *failure = &failures[0];
    struct text words;

    for (size_t i = 0; i < COUNT_OF(failures); i++)
        if (failures[i].fault == fault)
            failure = &failures[i];
    words = arena_format(&exchange->arena, "%s: %s",
                         is_about_parent(exchange, fault) ? "the proxy on the way cannot be reached"
                                                          : failure->words,
                         detail ? detail : "");
    report_trouble(exchange, dial_fault_name(fault), words.at, now);
    if (exchange->looped)
        exchange_fail(exchange, 508, "refused", "this request would come back to the proxy", now);
    else if (exchange->tunnel && !exchange->answers_connect)
        exchange_end(exchange, "upstream-failed", words.at);
    else
        exchange_fail(exchange, failure->status, "upstream-failed", words.at, now);
}

static void dialed(void *user, struct origin *origin, enum dial_fault fault, const char *detail)
{
    struct exchange *exchange = user;
    struct session *session = exchange->session;
    usec now = loop_now();

    exchange->dial = NULL;
    if (origin) {
        attach(exchange, origin, now);
        report_origin_tls(exchange, now);
    } else {
        dial_failed(exchange, fault, detail, now);
    }
    if (!exchange->in_dial)
        session_run(session);
}

/* Whoever had it opened may have been allowed to where this client is not. */
static struct origin *take_kept(struct exchange *exchange)
{
    struct upstreams *upstreams = exchange->session->worker->upstreams;
    struct origin *origin = upstreams_take(upstreams, &exchange->endpoint, exchange->parent);

    if (!origin || exchange->parent || access_allows_address(exchange, &origin->address))
        return origin;
    upstreams_put(upstreams, origin);
    return NULL;
}

void exchange_connect(struct exchange *exchange, bool fresh, usec now)
{
    struct upstreams *upstreams = exchange->session->worker->upstreams;
    struct origin *origin = NULL;

    if (!fresh && !exchange->tunnel)
        origin = take_kept(exchange);
    if (origin) {
        exchange->origin_reused = true;
        attach(exchange, origin, now);
        return;
    }
    exchange->origin_reused = false;
    if (exchange->plan && exchange->plan->dial != DIAL_TROUBLE_NONE) {
        exchange->state = EXCHANGE_DELAY;
        exchange->dial_fails = true;
        exchange->dial_began = now;
        exchange->due = usec_after(now, exchange->plan->dial_after);
        return;
    }
    exchange->state = EXCHANGE_CONNECT;
    exchange->in_dial = true;
    exchange->dial = upstreams_dial(upstreams, &exchange->endpoint, exchange->parent,
                                    exchange->tunnel, access_allows_address, dialed, exchange);
    exchange->in_dial = false;
}

bool exchange_may_repeat(const struct exchange *exchange)
{
    return exchange->origin_reused && !exchange->repeated && !exchange->reading_begun &&
           !exchange->tunnel && exchange->request_read &&
           exchange->request.framing == FRAMING_NONE && !exchange->request.upgrade &&
           head_is_idempotent(&exchange->request);
}

void exchange_repeat(struct exchange *exchange, usec now)
{
    report_trouble(exchange, "repeated",
                   "a kept connection had died: the request is sent once more on a fresh one", now);
    exchange_drop_origin(exchange, false);
    exchange->repeated = true;
    exchange->up.writer = (struct writer){ 0 };
    pipeline_close(&exchange->up.pipeline);
    pipeline_init(&exchange->up.pipeline, exchange->session->client.pool, &exchange->session->up);
    exchange_connect(exchange, true, now);
}

/* The log names the origin that was there last, though it may be gone by then. */
static void keep_address(struct exchange *exchange)
{
    struct address *address = ARENA_NEW(&exchange->arena, struct address);

    *address = exchange->origin->address;
    exchange->origin_address = address;
}

void exchange_drop_origin(struct exchange *exchange, bool reset)
{
    struct origin *origin = exchange->origin;

    if (exchange->dial)
        dial_cancel(exchange->dial);
    exchange->dial = NULL;
    if (!origin)
        return;
    keep_address(exchange);
    exchange->origin = NULL;
    /* Nobody runs the request's filters any more: what they hold, and wait for, is of no use. */
    pipeline_close(&exchange->up.pipeline);
    exchange->up.wake = NEVER;
    reader_clear(&exchange->answer_reader);
    queue_clear(&origin->connection.out);
    origin->connection.out.budget = &origin->connection.out_budget;
    origin_free(origin, reset);
}

static bool is_clean(const struct exchange *exchange)
{
    const struct connection *connection = &exchange->origin->connection;

    return !exchange->tunnel && reader_is_done(&exchange->answer_reader) &&
           exchange->request_read && exchange->up.writer.ended && !exchange->up.writer.broken &&
           exchange->response.keep_alive && connection_is_flushed(connection) &&
           text_is_empty(connection_input(connection)) && !connection->read_ended &&
           !connection->broken && !connection->write_broken;
}

void exchange_release_origin(struct exchange *exchange)
{
    struct origin *origin = exchange->origin;

    if (!origin || !is_clean(exchange)) {
        exchange_drop_origin(exchange, false);
        return;
    }
    exchange->origin = NULL;
    reader_clear(&exchange->answer_reader);
    origin->connection.out.budget = &origin->connection.out_budget;
    upstreams_put(exchange->session->worker->upstreams, origin);
}
