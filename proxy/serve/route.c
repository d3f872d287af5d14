/* route: where a request goes, and what it looks like there. */
#include "serve/opening.h"
#include "serve/parts.h"
#include "serve/steps.h"

static const struct settings *settings_of(const struct exchange *exchange)
{
    return exchange->session->worker->run->settings;
}

/* The authority that the client names: the target's if that is absolute (RFC 9112, 3.2.2), else
 * Host. */
static struct text named_authority(struct exchange *exchange)
{
    const struct target *target = &exchange->target;

    if (target->form == TARGET_ABSOLUTE) {
        struct text text = exchange->request.target;
        size_t scheme = target->tls ? 8 : 7; /* https:// or http:// */

        text = text_from_offset(text, scheme);
        for (size_t i = 0; i < text.length; i++)
            if (text.at[i] == '/' || text.at[i] == '?')
                return text_of(text.at, i);
        return text;
    }
    return head_get(&exchange->request, HEAD_HOST);
}

static void set_subject(struct exchange *exchange, struct text host, uint16_t port)
{
    exchange->host = host;
    exchange->port = port;
    target_split(exchange->target.path, &exchange->path, &exchange->query);
}

static bool route_reverse(struct exchange *exchange, usec now)
{
    const struct front *front = exchange->session->front;
    struct text named = named_authority(exchange);
    struct authority authority = { 0 };

    if (exchange->target.form == TARGET_AUTHORITY) {
        exchange_fail(exchange, 405, "refused", "CONNECT to a reverse listener", now);
        return false;
    }
    exchange->endpoint = front->upstream;
    exchange->authority =
        settings_of(exchange)->preserve_host && named.at ? named : front->upstream_authority;
    if (settings_of(exchange)->preserve_host && authority_parse(named, &authority))
        set_subject(exchange, authority.host, authority.port);
    else
        set_subject(exchange, front->upstream.host, front->upstream.port);
    return true;
}

/* A forward front that was given an upstream asks that, for whatever host. */
static void redirect(struct exchange *exchange)
{
    const struct front *front = exchange->session->front;

    if (front->redirects)
        exchange->endpoint = front->upstream;
}

/* Inside a CONNECT requests go where that went, whatever Host says. */
static bool route_inside(struct exchange *exchange, usec now)
{
    struct session *session = exchange->session;
    struct text named = named_authority(exchange);

    if (exchange->target.form == TARGET_AUTHORITY) {
        exchange_fail(exchange, 405, "refused", "CONNECT inside a CONNECT", now);
        return false;
    }
    exchange->endpoint = session->inside;
    exchange->authority = named.at ? named : session->inside_authority;
    set_subject(exchange, session->inside.host, session->inside.port);
    redirect(exchange);
    return true;
}

static bool route_absolute(struct exchange *exchange, usec now)
{
    const struct authority *authority = &exchange->target.authority;
    bool tls = exchange->target.tls;
    uint16_t port = authority->port ? authority->port : tls ? 443 : 80;
    const char *refusal = access_refusal(exchange->session, authority->host, port, false);

    if (refusal) {
        exchange_fail(exchange, 403, "refused", refusal, now);
        return false;
    }
    exchange->endpoint = (struct endpoint){ .host = authority->host, .port = port, .tls = tls };
    exchange->authority = named_authority(exchange);
    set_subject(exchange, authority->host, port);
    redirect(exchange);
    return true;
}

static bool route_connect(struct exchange *exchange, usec now)
{
    struct session *session = exchange->session;
    const struct authority *authority = &exchange->target.authority;
    const char *refusal = access_refusal(session, authority->host, authority->port, true);

    if (refusal) {
        exchange_fail(exchange, 403, "refused", refusal, now);
        return false;
    }
    session->inside = (struct endpoint){
        .host = arena_copy(&session->arena, authority->host),
        .port = authority->port,
    };
    session->inside_authority = arena_copy(&session->arena, exchange->request.target);
    opening_decide(session, session->inside.host, session->inside.port, now);
    if (opening_refuses(session)) {
        set_subject(exchange, session->inside.host, session->inside.port);
        exchange->reset_client = true;
        exchange_end(exchange, "reset", "the connection is refused by a fault");
        return false;
    }
    exchange->opens = true;
    exchange->state = EXCHANGE_DELAY;
    exchange->due = opening_waits(session, now) ? session->opening->due : 0;
    return false;
}

void exchange_open_connect(struct exchange *exchange, usec now)
{
    struct session *session = exchange->session;

    exchange->opens = false;
    (void)opening_waits(session, now);
    if (session_passes_through(session, session->inside.host)) {
        exchange_begin_tunnel(exchange, now);
        return;
    }
    session->tunneled = true;
    exchange->intercepts = true;
    exchange_begin_tunneling(exchange, now);
}

bool exchange_route(struct exchange *exchange, usec now)
{
    const struct session *session = exchange->session;

    if (!target_parse(exchange->request.target, exchange->request.method, &exchange->target)) {
        exchange_refuse(exchange, 400, "the request target is not valid", now);
        return false;
    }
    if (session->front->kind == FRONT_REVERSE)
        return route_reverse(exchange, now);
    if (session->tunneled)
        return route_inside(exchange, now);
    if (exchange->target.form == TARGET_AUTHORITY)
        return route_connect(exchange, now);
    if (exchange->target.form == TARGET_ABSOLUTE)
        return route_absolute(exchange, now);
    exchange_fail(exchange, 400, "refused",
                  "this is a forward proxy: it wants an absolute-form target or CONNECT", now);
    return false;
}

void exchange_prepare_request(struct exchange *exchange)
{
    struct head *head = &exchange->request;

    head_remove_hop_by_hop(head, head->upgrade);
    head_set(head, &exchange->arena, text_from("Host"), exchange->authority);
    if (settings_of(exchange)->via)
        head_add(head, &exchange->arena, text_from("Via"), text_from("1.1 panne"));
    if (exchange->parent && !exchange->endpoint.tls && exchange->parent->authorization.length)
        head_add(head, &exchange->arena, text_from("Proxy-Authorization"),
                 exchange->parent->authorization);
}

/* Not what Host says, which may be the client's: a parent goes where the target tells it. */
static struct text origin_authority(struct exchange *exchange)
{
    const struct endpoint *origin = &exchange->endpoint;
    bool brackets = text_find(origin->host, ':') < origin->host.length;
    struct text host = arena_format(&exchange->arena, "%s%.*s%s", brackets ? "[" : "",
                                    (int)origin->host.length, origin->host.at, brackets ? "]" : "");

    if (origin->port == 80)
        return host;
    return arena_format(&exchange->arena, "%.*s:%u", (int)host.length, host.at,
                        (unsigned)origin->port);
}

struct text exchange_request_target(struct exchange *exchange)
{
    struct text authority, path = exchange->target.path;

    if (!exchange->parent || exchange->endpoint.tls)
        return path;
    if (text_is(path, "*")) /* RFC 9112, 3.2.4: OPTIONS through a proxy */
        path = text_from("");
    authority = origin_authority(exchange);
    return arena_format(&exchange->arena, "http://%.*s%.*s", (int)authority.length, authority.at,
                        (int)path.length, path.at);
}
