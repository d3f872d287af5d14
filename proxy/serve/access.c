/* access: who may reach what through us, and by which proxy. */
#include "serve/parts.h"

static bool port_is_allowed(const struct settings *settings, uint16_t port)
{
    if (port == 443)
        return true;
    for (size_t i = 0; i < settings->connect_port_count; i++)
        if (settings->connect_ports[i] == port)
            return true;
    return false;
}

static bool is_named(const struct settings *settings, struct text host)
{
    for (size_t i = 0; i < settings->targets.count; i++)
        if (text_glob(settings->targets.items[i], host, true))
            return true;
    return false;
}

const char *access_refusal(const struct session *session, struct text host, uint16_t port,
                           bool connect)
{
    const struct settings *settings = session->worker->run->settings;
    struct address address;

    if (!session->stranger)
        return NULL;
    if (connect && !port_is_allowed(settings, port))
        return "CONNECT to this port is not allowed (--connect-ports)";
    if (address_parse(host, port, &address) && address_is_internal(&address) &&
        !is_named(settings, host))
        return "an internal address that no --target names";
    return NULL;
}

/* Whether something sent to `address` would arrive at this front. */
static bool is_front(const struct front *front, const struct address *address)
{
    if (address_equal(&front->address, address))
        return true;
    if (front->address.any.sa_family == AF_UNIX || address_port(address) == 0 ||
        address_port(&front->address) != address_port(address))
        return false;
    if (address_is_any(&front->address))
        return address_is_own(address);
    return address_is_any(address) && address_is_loopback(&front->address);
}

bool access_leads_back(const struct settings *settings, const struct endpoint *endpoint)
{
    struct text host =
        text_is_nocase(endpoint->host, "localhost") ? text_from("127.0.0.1") : endpoint->host;
    struct address address;

    if (endpoint->local || !address_parse(host, endpoint->port, &address))
        return false;
    for (size_t i = 0; i < settings->front_count; i++)
        if (settings->fronts[i].kind == FRONT_REVERSE && is_front(&settings->fronts[i], &address))
            return true;
    return false;
}

bool access_allows_address(void *user, const struct address *address)
{
    struct exchange *exchange = user;
    const struct session *session = exchange->session;
    const struct settings *settings = session->worker->run->settings;

    for (size_t i = 0; i < settings->front_count; i++) {
        const struct front *front = &settings->fronts[i];

        if ((front->kind == FRONT_FORWARD || front == session->front) && is_front(front, address)) {
            exchange->looped = true;
            return false;
        }
    }
    if (session->stranger && session->front->kind == FRONT_FORWARD && !exchange->parent &&
        address_is_internal(address) && !is_named(settings, exchange->endpoint.host)) {
        exchange->forbidden = true;
        return false;
    }
    return true;
}

/* NO_PROXY as curl and Go read it: `*`, a host and what lies below it, an address, a network. */
static bool goes_direct(struct text item, struct text host)
{
    struct network network;
    struct address address;

    if (text_is(item, "*"))
        return true;
    if (address_parse(host, 0, &address))
        return network_parse(item, &network) && network_holds(&network, &address);
    if (item.length > 0 && item.at[0] == '*')
        item = text_from_offset(item, 1);
    if (item.length > 0 && item.at[0] == '.')
        item = text_from_offset(item, 1);
    if (host.length > 0 && host.at[host.length - 1] == '.')
        host.length--;
    if (text_is_empty(item))
        return false;
    if (text_equal_nocase(item, host))
        return true;
    return host.length > item.length && host.at[host.length - item.length - 1] == '.' &&
           text_ends_nocase(host, item);
}

const struct parent *access_parent(const struct settings *settings, bool tls, struct text host)
{
    const struct parents *parents = &settings->parents;
    const struct parent *parent = tls ? parents->tls : parents->plain;

    if (!parent)
        return NULL;
    for (size_t i = 0; i < parents->direct_count; i++)
        if (goes_direct(parents->direct[i], host))
            return NULL;
    return parent;
}
