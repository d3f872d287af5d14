/* upstream: which idle connections are kept, and how they are found again. */
#include "net/upstream.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/random.h"
#include "net/dial.h"

/* A Unix socket is next to us: there is no way to it that a parent could help with. */
static const struct parent *useful(const struct endpoint *endpoint, const struct parent *parent)
{
    return endpoint->local ? NULL : parent;
}

static uint64_t endpoint_hash(uint64_t seed, const struct endpoint *endpoint)
{
    uint64_t rest = (uint64_t)endpoint->port << 2 | (uint64_t)endpoint->tls << 1 | endpoint->local;

    return random_join(text_hash_nocase(seed, endpoint->host), rest);
}

static uint64_t key_of(const struct upstreams *upstreams, const struct endpoint *endpoint,
                       const struct parent *parent)
{
    uint64_t key = endpoint_hash(upstreams->seed, endpoint);

    return parent ? random_join(key, endpoint_hash(key, &parent->at)) : key;
}

static bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
    return a->port == b->port && a->tls == b->tls && a->local == b->local &&
           (a->local ? text_equal(a->host, b->host) : text_equal_nocase(a->host, b->host)) &&
           text_equal_nocase(a->server_name, b->server_name);
}

static bool leads_to(const struct origin *origin, const struct endpoint *endpoint,
                     const struct parent *parent)
{
    if (origin->has_parent != (parent != NULL) || !endpoint_equal(&origin->endpoint, endpoint))
        return false;
    return !parent || (endpoint_equal(&origin->parent.at, &parent->at) &&
                       text_equal(origin->parent.authorization, parent->authorization));
}

static struct text copy_text(char **room, struct text text)
{
    struct text copy = text_of(*room, text.length);

    if (text.length > 0)
        memcpy(*room, text.at, text.length);
    *room += text.length;
    return copy;
}

static void copy_endpoint(char **room, struct endpoint *to, const struct endpoint *from)
{
    *to = *from;
    to->host = copy_text(room, from->host);
    to->server_name = copy_text(room, from->server_name);
}

struct origin *origin_new(struct upstreams *upstreams, const struct endpoint *endpoint,
                          const struct parent *parent)
{
    size_t length = endpoint->host.length + endpoint->server_name.length;
    struct origin *origin;
    char *room;

    parent = useful(endpoint, parent);
    if (parent)
        length +=
            parent->at.host.length + parent->at.server_name.length + parent->authorization.length;
    origin = memory_take(sizeof *origin + length);
    room = origin->texts;
    origin->upstreams = upstreams;
    list_init(&origin->node);
    list_init(&origin->age);
    copy_endpoint(&room, &origin->endpoint, endpoint);
    if (parent) {
        origin->has_parent = true;
        copy_endpoint(&room, &origin->parent.at, &parent->at);
        origin->parent.authorization = copy_text(&room, parent->authorization);
    }
    origin->key = key_of(upstreams, endpoint, parent);
    return origin;
}

static void leave_pool(struct origin *origin)
{
    if (list_is_empty(&origin->node))
        return;
    list_remove(&origin->node);
    list_remove(&origin->age);
    origin->upstreams->idle--;
}

void origin_free(struct origin *origin, bool reset)
{
    if (!origin)
        return;
    leave_pool(origin);
    deadline_clear(&origin->deadline);
    if (connection_is_open(&origin->connection))
        connection_close(&origin->connection, reset);
    free(origin);
}

struct upstreams *upstreams_new(struct loop *loop, struct pool *pool, struct resolver *resolver,
                                struct tls_client *tls, const struct upstream_options *options)
{
    struct upstreams *upstreams = memory_take(sizeof *upstreams);

    upstreams->loop = loop;
    upstreams->pool = pool;
    upstreams->resolver = resolver;
    upstreams->tls = tls;
    upstreams->options = *options;
    upstreams->seed = random_fresh();
    list_init(&upstreams->age);
    for (size_t i = 0; i < UPSTREAMS_BUCKETS; i++)
        list_init(&upstreams->buckets[i]);
    return upstreams;
}

void upstreams_free(struct upstreams *upstreams)
{
    if (!upstreams)
        return;
    LIST_EACH (&upstreams->age)
        origin_free(CONTAINER_OF(node, struct origin, age), false);
    free(upstreams);
}

struct upstream_counts upstreams_counts(const struct upstreams *upstreams)
{
    return upstreams->counts;
}

static void on_idle_timeout(void *user)
{
    origin_free(user, false);
}

struct origin *upstreams_take(struct upstreams *upstreams, const struct endpoint *endpoint,
                              const struct parent *parent)
{
    const struct parent *via = useful(endpoint, parent);
    uint64_t key = key_of(upstreams, endpoint, via);

    LIST_EACH (&upstreams->buckets[key % UPSTREAMS_BUCKETS]) {
        struct origin *origin = CONTAINER_OF(node, struct origin, node);

        if (origin->key != key || !leads_to(origin, endpoint, via))
            continue;
        leave_pool(origin);
        /* Not cleared: it keeps its place in the loop's heap, so that the next put is a store. */
        deadline_set(&origin->deadline, upstreams->loop, NEVER, on_idle_timeout, origin);
        upstreams->counts.reused++;
        return origin;
    }
    return NULL;
}

/* Something has come to a connection that nobody has asked anything. Under TLS that may be a
 * ticket, which is no reason to part; anything else is the peer's end or bytes that no request can
 * claim. */
static void on_idle_event(void *user, unsigned events)
{
    struct origin *origin = user;
    struct connection *connection = &origin->connection;

    (void)events;
    if (!connection_fill(connection)) {
        connection_watch(connection, true);
        return;
    }
    origin->upstreams->counts.died_idle++;
    origin_free(origin, false);
}

static bool is_clean(const struct connection *connection)
{
    return connection_is_open(connection) && !connection->broken && !connection->read_ended &&
           !connection->cut && !connection->write_ended &&
           connection_input(connection).length == 0 && connection_is_flushed(connection) &&
           !connection->transport->ops->holds_bytes(connection->transport);
}

/* The poller may have told of something that nobody has read: it answers no request. */
static bool is_quiet(struct connection *connection)
{
    return !connection->readable || !connection_fill(connection);
}

void upstreams_put(struct upstreams *upstreams, struct origin *origin)
{
    struct list *bucket = &upstreams->buckets[origin->key % UPSTREAMS_BUCKETS];

    if (origin->apart || upstreams->options.idle_most == 0 || !is_clean(&origin->connection) ||
        !is_quiet(&origin->connection)) {
        origin_free(origin, false);
        return;
    }
    if (upstreams->idle >= upstreams->options.idle_most)
        origin_free(CONTAINER_OF(upstreams->age.next, struct origin, age), false);
    list_insert(bucket->next, &origin->node);
    list_insert(&upstreams->age, &origin->age);
    upstreams->idle++;
    connection_hand_over(&origin->connection, on_idle_event, origin);
    connection_watch(&origin->connection, true);
    if (upstreams->options.idle_timeout > 0)
        deadline_set(&origin->deadline, upstreams->loop,
                     usec_after(loop_now(), upstreams->options.idle_timeout), on_idle_timeout,
                     origin);
}
