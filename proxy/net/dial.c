/* dial: the way from an endpoint to a connection that can carry a request: name, race, parent, TLS.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "net/dial.h"
#include "net/race.h"

enum { DETAIL_MOST = 320 };

enum stage { AT_NAME, AT_RACE, AT_PARENT_TLS, AT_PARENT, AT_TLS };

struct dial {
    struct upstreams *upstreams;
    struct origin *origin; /* in the making; holds the copies of all texts */
    bool tunnel;           /* by CONNECT */
    enum stage stage;
    bool (*allowed)(void *user, const struct address *address);
    dial_done *done;
    void *user;
    bool *over; /* while upstreams_dial is on the stack: it has to know */
    struct deadline deadline;
    struct lookup *lookup;
    struct race race;
    struct parent_ask ask;
    struct transport *transport;
    struct watch watch;
};

const char *dial_fault_name(enum dial_fault fault)
{
    static const char *const names[] = {
        [DIAL_OK] = "ok",           [DIAL_UNRESOLVED] = "unresolved",
        [DIAL_REFUSED] = "refused", [DIAL_UNREACHABLE] = "unreachable",
        [DIAL_TIMEOUT] = "timeout", [DIAL_FORBIDDEN] = "forbidden",
        [DIAL_PARENT] = "parent",   [DIAL_UNVERIFIED] = "unverified",
        [DIAL_TLS] = "tls",         [DIAL_STARVED] = "starved",
    };

    return names[fault];
}

static void dial_free(struct dial *dial)
{
    deadline_clear(&dial->deadline);
    resolver_cancel(dial->lookup);
    race_stop(&dial->race);
    parent_ask_stop(&dial->ask);
    watch_stop(&dial->watch);
    if (dial->transport)
        transport_free(dial->transport, false);
    if (dial->origin)
        origin_free(dial->origin, false);
    if (dial->over)
        *dial->over = true;
    free(dial);
}

void dial_cancel(struct dial *dial)
{
    if (dial)
        dial_free(dial);
}

/* The receiver may free whatever it likes, the upstreams too: nothing of the dial is left when it
 * is told. */
static void fail(struct dial *dial, enum dial_fault fault, const char *format, ...)
    PRINTF_LIKE(3, 4);

static void fail(struct dial *dial, enum dial_fault fault, const char *format, ...)
{
    dial_done *done = dial->done;
    void *user = dial->user;
    char detail[DETAIL_MOST];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(detail, sizeof detail, format, arguments);
    va_end(arguments);
    dial->upstreams->counts.failed++;
    dial_free(dial);
    done(user, NULL, fault, detail);
}

/* Between the end of the dial and the receiver's connection_hand_over no event is handled. */
static void on_nothing(void *user, unsigned events)
{
    (void)user;
    (void)events;
}

static void succeed(struct dial *dial)
{
    struct upstreams *upstreams = dial->upstreams;
    struct origin *origin = dial->origin;
    dial_done *done = dial->done;
    void *user = dial->user;

    watch_stop(&dial->watch);
    connection_open(&origin->connection, dial->transport, upstreams->loop, upstreams->pool,
                    on_nothing, origin);
    dial->transport = NULL;
    dial->origin = NULL;
    upstreams->counts.dialed++;
    dial_free(dial);
    done(user, origin, DIAL_OK, "");
}

/* Who is at the other end of the TCP connection. */
static const struct endpoint *first_hop(const struct dial *dial)
{
    const struct origin *origin = dial->origin;

    return origin->has_parent ? &origin->parent.at : &origin->endpoint;
}

/* What a certificate has to be for. */
static struct text name_of(const struct endpoint *endpoint)
{
    return text_is_empty(endpoint->server_name) ? endpoint->host : endpoint->server_name;
}

static const char *handshake_failure(const struct dial *dial, enum io io)
{
    const char *complaint = dial->transport->complaint;

    if (io == IO_END || io == IO_CUT)
        return "the connection was closed during the TLS handshake";
    if (io == IO_RESET)
        return "the connection was reset during the TLS handshake";
    return complaint ? complaint : "the TLS handshake failed";
}

static void fail_tls(struct dial *dial, enum io io)
{
    struct text parent = dial->origin->parent.at.host;
    bool bare = text_find(parent, ':') == parent.length;
    const char *failure = handshake_failure(dial, io);
    struct tls_facts facts;

    tls_facts(dial->transport, &facts);
    if (dial->stage == AT_PARENT_TLS)
        fail(dial, DIAL_PARENT, "%s%s (%s%.*s%s:%u)",
             facts.verify_error ? "its certificate does not verify: " : "",
             facts.verify_error ? facts.verify_error : failure, bare ? "" : "[", (int)parent.length,
             parent.at, bare ? "" : "]", dial->origin->parent.at.port);
    else if (facts.verify_error)
        fail(dial, DIAL_UNVERIFIED, "%s", facts.verify_error);
    else
        fail(dial, DIAL_TLS, "%s", failure);
}

static void arrive(struct dial *dial);

static void on_handshake(void *user, unsigned events)
{
    struct dial *dial = user;
    enum io io = transport_handshake(dial->transport);

    (void)events;
    if (io == IO_WANT_READ)
        watch_change(&dial->watch, WATCH_READ);
    else if (io == IO_WANT_WRITE)
        watch_change(&dial->watch, WATCH_WRITE);
    else if (io != IO_DONE)
        fail_tls(dial, io);
    else if (dial->stage == AT_PARENT_TLS)
        arrive(dial);
    else
        succeed(dial);
}

static void shake_hands(struct dial *dial, enum stage stage, struct transport *transport)
{
    dial->stage = stage;
    dial->transport = transport;
    watch_start(&dial->watch, dial->upstreams->loop, transport->fd, WATCH_WRITE, on_handshake,
                dial);
    on_handshake(dial, 0);
}

static void on_parent(void *user, struct transport *transport, const char *complaint)
{
    struct dial *dial = user;
    const struct endpoint *end = &dial->origin->endpoint;

    if (!transport) {
        fail(dial, DIAL_PARENT, "%s", complaint);
    } else if (end->tls) {
        transport = tls_connect_through(dial->upstreams->tls, transport, name_of(end), end->port);
        shake_hands(dial, AT_TLS, transport);
    } else {
        dial->transport = transport;
        succeed(dial);
    }
}

/* The first hop is ready to be spoken with. */
static void arrive(struct dial *dial)
{
    struct transport *transport = dial->transport;

    if (!dial->tunnel) {
        succeed(dial);
        return;
    }
    watch_stop(&dial->watch);
    dial->transport = NULL;
    dial->stage = AT_PARENT;
    dial->ask.loop = dial->upstreams->loop;
    dial->ask.done = on_parent;
    dial->ask.user = dial;
    parent_ask_start(&dial->ask, transport, &dial->origin->endpoint,
                     dial->origin->parent.authorization);
}

static void fail_race(struct dial *dial)
{
    const struct race *race = &dial->race;
    char where[ADDRESS_TEXT];

    address_write(&race->failed, where);
    if (race->fault == DIAL_FORBIDDEN)
        fail(dial, DIAL_FORBIDDEN, "connections to this address are not allowed (%s)", where);
    else
        fail(dial, race->fault, "%s (%s)", strerror(race->error), where);
}

static void on_raced(void *user, int fd, const struct address *address)
{
    struct dial *dial = user;
    const struct endpoint *hop = first_hop(dial);
    struct tls_client *tls = dial->upstreams->tls;

    if (fd < 0) {
        fail_race(dial);
        return;
    }
    dial->origin->address = *address;
    if (!hop->tls) {
        dial->transport = tcp_transport_new(fd);
        arrive(dial);
    } else if (dial->origin->has_parent) {
        shake_hands(dial, AT_PARENT_TLS, tls_connect_parent(tls, fd, name_of(hop), hop->port));
    } else {
        shake_hands(dial, AT_TLS, tls_connect(tls, fd, name_of(hop), hop->port));
    }
}

static void race(struct dial *dial, const struct address *addresses, size_t count)
{
    dial->stage = AT_RACE;
    dial->race.loop = dial->upstreams->loop;
    if (!dial->origin->has_parent) {
        dial->race.allowed = dial->allowed;
        dial->race.allowed_user = dial->user;
    }
    dial->race.done = on_raced;
    dial->race.user = dial;
    race_start(&dial->race, addresses, count);
}

static void on_resolved(void *user, const struct address *addresses, size_t count,
                        const char *complaint)
{
    struct dial *dial = user;
    struct text host = first_hop(dial)->host;

    dial->lookup = NULL;
    if (count == 0)
        fail(dial, DIAL_UNRESOLVED, "%s (%.*s)", complaint, (int)host.length, host.at);
    else
        race(dial, addresses, count);
}

static void on_timeout(void *user)
{
    static const char *const where[] = {
        [AT_NAME] = "no answer from the name servers",
        [AT_RACE] = "the connection was not accepted",
        [AT_PARENT_TLS] = "the TLS handshake with the parent proxy did not end",
        [AT_PARENT] = "the parent proxy did not answer",
        [AT_TLS] = "the TLS handshake did not end",
    };
    struct dial *dial = user;
    struct text host = first_hop(dial)->host;

    fail(dial, DIAL_TIMEOUT, "%s in %g s (%.*s)", where[dial->stage],
         (double)dial->upstreams->options.connect_timeout / (double)SECOND, (int)host.length,
         host.at);
}

/* What can be said without a look at the network. True if the dial has failed. */
static bool fails_at_once(struct dial *dial)
{
    const struct origin *origin = dial->origin;
    struct address address;
    char where[ADDRESS_TEXT];

    if (!origin->has_parent)
        return false;
    if (!dial->allowed || !address_parse(origin->endpoint.host, origin->endpoint.port, &address) ||
        dial->allowed(dial->user, &address))
        return false;
    address_write(&address, where);
    fail(dial, DIAL_FORBIDDEN, "connections to this address are not allowed (%s)", where);
    return true;
}

static void begin(struct dial *dial)
{
    const struct endpoint *hop = first_hop(dial);
    struct upstreams *upstreams = dial->upstreams;
    struct lookup *lookup;
    struct address address;

    if (fails_at_once(dial))
        return;
    if (upstreams->options.connect_timeout > 0)
        deadline_set(&dial->deadline, upstreams->loop,
                     usec_after(loop_now(), upstreams->options.connect_timeout), on_timeout, dial);
    if (hop->local && address_local(hop->host, &address)) {
        race(dial, &address, 1);
    } else if (hop->local) {
        fail(dial, DIAL_UNREACHABLE, "the socket's path is too long or empty");
    } else {
        lookup = resolver_find(upstreams->resolver, hop->host, hop->port, on_resolved, dial);
        if (lookup) /* else the dial may be gone */
            dial->lookup = lookup;
    }
}

struct dial *upstreams_dial(struct upstreams *upstreams, const struct endpoint *endpoint,
                            const struct parent *parent, bool tunnel,
                            bool (*allowed)(void *user, const struct address *address),
                            dial_done *done, void *user)
{
    struct dial *dial = memory_take(sizeof *dial);
    bool over = false;

    dial->upstreams = upstreams;
    dial->origin = origin_new(upstreams, endpoint, parent);
    dial->tunnel = dial->origin->has_parent && (tunnel || endpoint->tls);
    dial->origin->apart = dial->tunnel && !endpoint->tls;
    dial->allowed = allowed;
    dial->done = done;
    dial->user = user;
    dial->over = &over;
    begin(dial);
    if (over)
        return NULL;
    dial->over = NULL;
    return dial;
}
