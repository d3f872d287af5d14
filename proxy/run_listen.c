/* run_listen: the ways in, as the options pair them. */
#include "run_listen.h"

#include "base/say.h"
#include "url.h"

struct fronts {
    struct settings *settings;
    struct arena *arena;
    struct buffer *complaint;
};

static const char default_listen[] = "http://127.0.0.1:0";

static bool set_upstream(struct fronts *fronts, struct front *front, struct text upstream)
{
    front->upstream_url = upstream;
    front->embedded = text_is(upstream, "embedded");
    return front->embedded || url_upstream(upstream, fronts->arena, &front->upstream,
                                           &front->upstream_authority, fronts->complaint);
}

static bool add_reverse(struct fronts *fronts, struct text listen, struct text upstream)
{
    struct front *front = &fronts->settings->fronts[fronts->settings->front_count++];

    front->kind = FRONT_REVERSE;
    return url_listen(listen, &front->address, &front->tls, fronts->complaint) &&
           set_upstream(fronts, front, upstream);
}

/* An upstream without a listener of its own, beside forward fronts: they all ask it. */
static bool redirects(const struct options *options)
{
    return options->listens.count == 0 && options->upstreams.count == 1 &&
           (options->child || options->forwards.count > 0);
}

static bool add_forward(struct fronts *fronts, struct text address, const struct options *options)
{
    struct front *front = &fronts->settings->fronts[fronts->settings->front_count++];

    front->kind = FRONT_FORWARD;
    front->redirects = redirects(options);
    if (front->redirects && !set_upstream(fronts, front, options->upstreams.items[0]))
        return false;
    return url_forward(address, &front->address, fronts->complaint);
}

static bool add_pairs(struct fronts *fronts, const struct options *options)
{
    size_t listens = options->listens.count, upstreams = options->upstreams.count;

    if (redirects(options))
        return true;
    if (listens == 0 && upstreams == 1)
        return add_reverse(fronts, text_from(default_listen), options->upstreams.items[0]);
    if (listens != upstreams) {
        buffer_format(fronts->complaint,
                      "%zu --listen and %zu --upstream do not make pairs; an origin for each "
                      "listener is needed (or --forward)",
                      listens, upstreams);
        return false;
    }
    for (size_t i = 0; i < listens; i++)
        if (!add_reverse(fronts, options->listens.items[i], options->upstreams.items[i]))
            return false;
    return true;
}

/* The `=` that an upstream follows: a path may have others. */
static size_t find_upstream(struct text route)
{
    static const char *const beginnings[] = { "http://", "https://", "unix:", "embedded" };

    for (size_t i = 0; i < route.length; i++) {
        struct text rest = text_from_offset(route, i + 1);

        for (size_t j = 0; route.at[i] == '=' && j < COUNT_OF(beginnings); j++)
            if (text_starts(rest, text_from(beginnings[j])))
                return i;
    }
    return route.length;
}

static bool add_route(struct fronts *fronts, struct text route)
{
    size_t at = find_upstream(route);

    if (at == route.length) {
        buffer_add_json(fronts->complaint, route);
        buffer_add_string(fronts->complaint, ": wants LISTEN=UPSTREAM, such as "
                                             "http://127.0.0.1:8080=https://api.example.com");
        return false;
    }
    return add_reverse(fronts, text_of(route.at, at), text_from_offset(route, at + 1));
}

static bool add_all(struct fronts *fronts, const struct options *options)
{
    if (!add_pairs(fronts, options))
        return false;
    for (size_t i = 0; i < options->routes.count; i++)
        if (!add_route(fronts, options->routes.items[i]))
            return false;
    for (size_t i = 0; i < options->forwards.count; i++)
        if (!add_forward(fronts, options->forwards.items[i], options))
            return false;
    if (options->child && !add_forward(fronts, text_from("127.0.0.1:0"), options))
        return false;
    if (fronts->settings->front_count > 0)
        return true;
    buffer_add_string(fronts->complaint, "traffic needs a way in: --upstream URL, --forward ADDR, "
                                         "or -- COMMAND");
    return false;
}

/* No open proxy by mistake. */
static bool check_reach(struct fronts *fronts)
{
    const struct settings *settings = fronts->settings;
    char address[ADDRESS_TEXT];

    for (size_t i = 0; i < settings->front_count; i++) {
        const struct front *front = &settings->fronts[i];

        if (address_is_loopback(&front->address))
            continue;
        address_write(&front->address, address);
        if (front->kind == FRONT_REVERSE) {
            say("warning: %s is open to others: whoever reaches it reaches %.*s", address,
                (int)front->upstream_url.length, front->upstream_url.at);
        } else if (settings->allowed_count == 0) {
            buffer_format(fronts->complaint,
                          "--forward %s is open to others: say who may use it by --allow CIDR",
                          address);
            return false;
        }
    }
    return true;
}

bool run_listen(struct settings *settings, const struct options *options, struct arena *arena,
                struct buffer *complaint)
{
    struct fronts fronts = { settings, arena, complaint };
    size_t most = options->listens.count + options->upstreams.count + options->routes.count +
                  options->forwards.count + 1;

    settings->fronts = ARENA_ARRAY(arena, struct front, most);
    return add_all(&fronts, options) && check_reach(&fronts) &&
           run_listen_check_loops(settings, complaint);
}

struct front *run_listen_for_command(const struct settings *settings)
{
    return &settings->fronts[settings->front_count - 1];
}

bool run_listen_is_single(const struct settings *settings, const struct options *options)
{
    return settings->front_count == (options->child ? 2 : 1) &&
           settings->fronts[0].kind == FRONT_REVERSE;
}

/* Whether a connection to `endpoint` arrives at `front`, as far as can be told without asking for
 * names. */
static bool arrives(const struct endpoint *endpoint, const struct front *front)
{
    struct text host =
        text_is_nocase(endpoint->host, "localhost") ? text_from("127.0.0.1") : endpoint->host;
    struct address address, ours = front->address;
    bool wildcard;

    if (endpoint->local)
        return address_local(host, &address) && address_equal(&address, &ours);
    if (endpoint->port == 0 || !address_parse(host, endpoint->port, &address))
        return false;
    wildcard = (ours.any.sa_family == AF_INET && ours.v4.sin_addr.s_addr == INADDR_ANY) ||
               (ours.any.sa_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&ours.v6.sin6_addr));
    if (wildcard)
        return address_is_loopback(&address) && address_port(&ours) == endpoint->port;
    return address_equal(&address, &ours);
}

static const struct front *find_front(const struct settings *settings,
                                      const struct endpoint *endpoint)
{
    for (size_t i = 0; i < settings->front_count; i++)
        if (arrives(endpoint, &settings->fronts[i]))
            return &settings->fronts[i];
    return NULL;
}

static bool goes_in_circles(const struct settings *settings, const struct front *front)
{
    size_t steps = 0;

    while (front && front->kind == FRONT_REVERSE && steps++ <= settings->front_count)
        front = find_front(settings, &front->upstream);
    return front != NULL;
}

bool run_listen_check_loops(const struct settings *settings, struct buffer *complaint)
{
    const struct parent *parents[] = { settings->parents.plain, settings->parents.tls };

    for (size_t i = 0; i < settings->front_count; i++) {
        const struct front *front = &settings->fronts[i];

        if (front->kind == FRONT_FORWARD || !goes_in_circles(settings, front))
            continue;
        buffer_format(complaint, "requests to %.*s would come back to our own listeners",
                      (int)front->upstream_url.length, front->upstream_url.at);
        return false;
    }
    for (size_t i = 0; i < COUNT_OF(parents); i++) {
        if (!parents[i] || !find_front(settings, &parents[i]->at))
            continue;
        buffer_format(complaint, "the proxy on the way out, %.*s:%u, is our own listener",
                      (int)parents[i]->at.host.length, parents[i]->at.host.at, parents[i]->at.port);
        return false;
    }
    return true;
}
