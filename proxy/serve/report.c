/* report: what happened, told to log and tallies. */
#include "serve/report.h"

#include <string.h>

#include "faults/fault.h"
#include "serve/opening.h"
#include "serve/traits.h"

static const struct tls_facts *facts_of(const struct connection *connection,
                                        struct tls_facts *facts)
{
    if (!connection_is_open(connection) || !transport_is_tls(connection->transport))
        return NULL;
    tls_facts(connection->transport, facts);
    return facts;
}

void report_connection(const struct session *session, usec now)
{
    const struct connection *client = &session->client;
    struct tls_facts facts;
    char listener[ADDRESS_TEXT];
    struct event_connection event = {
        .connection = client->id,
        .client = session->client_host,
        .requests = session->requests,
        .bytes_in = client->bytes_in,
        .bytes_out = client->bytes_out,
        .lasted = now - client->opened,
        .end = text_from(session->end),
        .detail = text_from(session->end_detail),
    };

    if (!recorder_port_is_on(session->worker->port))
        return;
    event.listener = text_from(address_write(&session->front->address, listener));
    if (facts_of(client, &facts)) {
        event.tls = text_from(facts.version);
        event.server_name = facts.server_name;
        event.resumed = facts.resumed;
    }
    recorder_put(session->worker->port, EVENT_connection, &event, now);
}

static void put_tls(const struct session *session, const char *side, const struct tls_facts *facts,
                    const char *detail, usec now)
{
    struct event_tls event = {
        .connection = session->client.id,
        .side = text_from(side),
        .version = text_from(facts->version),
        .server_name = facts->server_name,
        .resumed = facts->resumed,
        .detail = text_from(detail),
    };

    recorder_put(session->worker->port, EVENT_tls, &event, now);
}

void report_client_tls(const struct session *session, usec now)
{
    struct tls_facts facts;

    if (!recorder_port_is_on(session->worker->port) || !facts_of(&session->client, &facts))
        return;
    put_tls(session, "client", &facts, NULL, now);
}

void report_client_tls_failed(const struct session *session, const char *why, usec now)
{
    struct tls_facts facts = { 0 };

    tally_trouble(run_generation(session->worker->run)->tally);
    if (!recorder_port_is_on(session->worker->port))
        return;
    facts_of(&session->client, &facts);
    put_tls(session, "client", &facts, why, now);
}

static void report_outward(const struct exchange *exchange, const struct transport *transport,
                           bool parent, usec now)
{
    const char *detail = NULL;
    struct tls_facts facts;

    tls_facts(transport, &facts);
    if (!parent && facts.certificate_asked && !facts.certificate_shown)
        detail = "the origin asked for a client certificate and got none (--client-cert, or "
                 "--passthrough for this host)";
    else if (facts.verify_error)
        detail = facts.verify_error;
    if (facts.server_name.length == 0)
        facts.server_name = parent ? exchange->parent->at.host : exchange->endpoint.host;
    put_tls(exchange->session, parent ? "parent" : "origin", &facts, detail, now);
}

void report_origin_tls(const struct exchange *exchange, usec now)
{
    const struct transport *transport = exchange->origin->connection.transport;
    const struct transport *below;

    if (!recorder_port_is_on(exchange->session->worker->port) || !transport ||
        !transport_is_tls(transport))
        return;
    below = tls_below(transport);
    if (below)
        report_outward(exchange, below, true, now);
    report_outward(exchange, transport, !exchange->endpoint.tls, now);
}

void report_trouble(const struct exchange *exchange, const char *what, const char *detail, usec now)
{
    const struct session *session = exchange->session;
    struct event_trouble event = {
        .what = text_from(what),
        .detail = text_from(detail),
        .connection = session->client.id,
        .exchange = exchange->number,
    };

    tally_trouble(exchange->generation->tally);
    recorder_put(session->worker->port, EVENT_trouble, &event, now);
}

/* What a filter has touched is credited to the fault that it was added for. */
static void credit_stages(struct exchange *exchange, const struct pipeline *pipeline)
{
    for (const struct stage *stage = pipeline->first; stage; stage = stage->next)
        if (stage->tag >= 0 && (size_t)stage->tag < exchange->decision.count)
            exchange->decision.hits[stage->tag].touched += stage->touched;
}

static void credit_filters(struct exchange *exchange)
{
    const struct response_plan *answered = exchange->answer_plan;

    credit_stages(exchange, &exchange->up.pipeline);
    credit_stages(exchange, &exchange->down.pipeline);
    if (answered && answered->malformed_by)
        answered->malformed_by->touched += answered->malformation.touched;
}

/* `exchange` 0: at the opening of the connection. */
static void put_fault(const struct session *session, const struct generation *generation,
                      uint64_t exchange, const struct hit *hit, usec now)
{
    struct recorder_port *port = session->worker->port;
    struct event_fault event = {
        .exchange = exchange,
        .connection = session->client.id,
        .rule = generation->scenario->rules[hit->rule].id,
        .kind = text_from(hit->kind->name),
        .draw = hit->draw,
        .share = hit->share,
        .asked = hit->asked ? hit->asked : NEVER,
        .measured = hit->measured ? hit->measured : NEVER,
        .touched = hit->touched,
        .exercised = hit->touched > 0,
        .shadowed = hit->shadowed,
        .note = text_from(hit->note),
    };

    recorder_put(port, EVENT_fault, &event, now);
}

static void tally_faults(const struct exchange *exchange)
{
    for (size_t i = 0; i < exchange->decision.count; i++) {
        const struct hit *hit = &exchange->decision.hits[i];

        tally_fault(exchange->generation->tally, hit->rule, hit->touched > 0, hit->shadowed);
    }
}

static void put_faults(const struct exchange *exchange, usec now, struct event_request *event)
{
    for (size_t i = 0; i < exchange->decision.count; i++) {
        const struct hit *hit = &exchange->decision.hits[i];

        event->injected += hit->asked == NEVER ? 0 : hit->asked;
        event->measured += hit->measured;
        put_fault(exchange->session, exchange->generation, exchange->number, hit, now);
    }
    event->faults = exchange->decision.count;
}

void report_opening(const struct session *session, usec now)
{
    const struct opening *opening = session->opening;

    if (opening)
        tally_opening(opening->generation->tally, opening->decision.phase,
                      opening->decision.service);
    for (size_t i = 0; opening && i < opening->decision.count; i++) {
        const struct hit *hit = &opening->decision.hits[i];

        tally_fault(opening->generation->tally, hit->rule, hit->touched > 0, hit->shadowed);
        if (recorder_port_is_on(session->worker->port))
            put_fault(session, opening->generation, 0, hit, now);
    }
    if (session->opening_asked) {
        session->opening_asked->connection = session->client.id;
        recorder_put(session->worker->port, EVENT_opening, session->opening_asked, now);
    }
}

/* What the client has of it: nothing that it can use, if the answer broke off. */
static unsigned counted_status(const struct exchange *exchange)
{
    static const char *const broken[] = { "cut", "reset", "client-left" };

    if (strcmp(exchange->outcome, "answered") == 0) /* nearly always */
        return exchange->status;
    for (size_t i = 0; i < COUNT_OF(broken); i++)
        if (strcmp(exchange->outcome, broken[i]) == 0)
            return 0;
    return exchange->status;
}

static void fill_request(const struct exchange *exchange, usec now, struct event_request *event)
{
    const struct session *session = exchange->session;
    const struct scenario *scenario = exchange->generation->scenario;
    const struct decision *decision = &exchange->decision;

    event->exchange = exchange->number;
    event->connection = session->client.id;
    event->client_connection = session->ordinal;
    event->client = exchange->client;
    if (decision->service != SERVICE_NONE)
        event->service = scenario->services[decision->service].name;
    if (decision->phase < scenario->phase_count)
        event->phase = scenario->phases[decision->phase].name;
    event->decided = exchange->decided;
    event->timeline = exchange->timeline;
    event->generation = exchange->generation->number;
    event->ordinal = decision->ordinal;
    event->turn = decision->turn;
    event->method =
        exchange->tunnel && !exchange->upgraded ? text_from("CONNECT") : exchange->request.method;
    event->host = exchange->host;
    event->path = exchange->path;
    if (session->worker->run->settings->log_queries)
        event->query = exchange->query;
    event->matched = exchange->matched;
    event->status = exchange->status;
    event->outcome = text_from(exchange->outcome ? exchange->outcome : "answered");
    event->detail = text_from(exchange->detail);
    event->reused = exchange->origin_reused;
    event->repeated = exchange->repeated;
    event->first_byte = exchange->first_byte ? exchange->first_byte - exchange->started : NEVER;
    event->client_ended =
        exchange->client_ended ? exchange->client_ended - exchange->started : NEVER;
    event->lasted = now - exchange->started;
    event->bytes_up = exchange->up.writer.body_bytes;
    event->bytes_down = exchange->down.writer.body_bytes;
}

static void put_request(struct exchange *exchange, usec now)
{
    struct event_request event = { 0 };
    char origin[ADDRESS_TEXT];

    put_faults(exchange, now, &event);
    if (exchange->origin_address && recorder_port_has_log(exchange->session->worker->port))
        event.origin = text_from(address_write(exchange->origin_address, origin));
    if (event.faults == 0)
        event.injected = event.measured = NEVER;
    fill_request(exchange, now, &event);
    traits_fill(exchange, now, &event);
    recorder_put(exchange->session->worker->port, EVENT_request, &event, now);
}

void report_exchange(struct exchange *exchange, usec now)
{
    unsigned status = counted_status(exchange);

    if (exchange->decision.count > 0) {
        credit_filters(exchange);
        tally_faults(exchange);
    }
    tally_request(exchange->generation->tally, exchange->decision.phase, exchange->decision.service,
                  status, status >= 500 || status == 0, now - exchange->started);
    if (recorder_port_is_on(exchange->session->worker->port))
        put_request(exchange, now);
}
