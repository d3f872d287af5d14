/* address: socket addresses as people write them, and what kind of place they are. */
#include "net/address.h"

#include <arpa/inet.h>
#include <assert.h>
#include <ifaddrs.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* The bytes of an IP address, with an IPv4 address that is written as IPv6 (::ffff:0:0/96) folded
 * into itself. */
struct ip {
    const unsigned char *bytes;
    unsigned bits;
};

static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

static struct ip ip_of(const struct address *address)
{
    const unsigned char *bytes;

    if (address->any.sa_family == AF_INET)
        return (struct ip){ (const unsigned char *)&address->v4.sin_addr, 32 };
    if (address->any.sa_family != AF_INET6)
        return (struct ip){ NULL, 0 };
    bytes = address->v6.sin6_addr.s6_addr;
    if (memcmp(bytes, mapped, sizeof(mapped)) == 0)
        return (struct ip){ bytes + sizeof(mapped), 32 };
    return (struct ip){ bytes, 128 };
}

static bool begins_with(const unsigned char *bytes, const unsigned char *prefix, unsigned bits)
{
    unsigned whole = bits / 8;

    if (memcmp(bytes, prefix, whole) != 0)
        return false;
    return bits % 8 == 0 || (bytes[whole] ^ prefix[whole]) >> (8 - bits % 8) == 0;
}

bool address_parse(struct text host, uint16_t port, struct address *address)
{
    char name[INET6_ADDRSTRLEN];

    if (host.length == 0 || host.length >= sizeof(name) || memchr(host.at, '\0', host.length))
        return false;
    memcpy(name, host.at, host.length);
    name[host.length] = '\0';

    *address = (struct address){ 0 };
    if (inet_pton(AF_INET, name, &address->v4.sin_addr) == 1) {
        address->v4.sin_family = AF_INET;
        address->length = sizeof(address->v4);
    } else if (inet_pton(AF_INET6, name, &address->v6.sin6_addr) == 1) {
        address->v6.sin6_family = AF_INET6;
        address->length = sizeof(address->v6);
    } else {
        return false;
    }
    address_set_port(address, port);
    return true;
}

bool address_local(struct text path, struct address *address)
{
    if (path.length == 0 || path.length >= sizeof(address->local.sun_path) ||
        memchr(path.at, '\0', path.length))
        return false;
    *address = (struct address){ 0 };
    address->local.sun_family = AF_UNIX;
    memcpy(address->local.sun_path, path.at, path.length);
    address->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path.length + 1);
    return true;
}

/* Of a Unix socket; a client's has none as a rule. */
static struct text path_of(const struct address *address)
{
    size_t start = offsetof(struct sockaddr_un, sun_path);
    size_t most = address->length > start ? address->length - start : 0;

    return text_of(address->local.sun_path, strnlen(address->local.sun_path, most));
}

const char *address_write_host(const struct address *address, char out[ADDRESS_TEXT])
{
    struct text path;

    switch (address->any.sa_family) {
    case AF_INET:
        return inet_ntop(AF_INET, &address->v4.sin_addr, out, ADDRESS_TEXT);
    case AF_INET6:
        return inet_ntop(AF_INET6, &address->v6.sin6_addr, out, ADDRESS_TEXT);
    case AF_UNIX:
        path = path_of(address);
        snprintf(out, ADDRESS_TEXT, "unix:%.*s", (int)path.length, path.at);
        return out;
    default:
        snprintf(out, ADDRESS_TEXT, "unknown");
        return out;
    }
}

const char *address_write(const struct address *address, char out[ADDRESS_TEXT])
{
    char host[ADDRESS_TEXT];

    if (address->any.sa_family != AF_INET && address->any.sa_family != AF_INET6)
        return address_write_host(address, out);
    address_write_host(address, host);
    snprintf(out, ADDRESS_TEXT, address->any.sa_family == AF_INET6 ? "[%.*s]:%u" : "%.*s:%u",
             INET6_ADDRSTRLEN, host, (unsigned)address_port(address));
    return out;
}

uint16_t address_port(const struct address *address)
{
    switch (address->any.sa_family) {
    case AF_INET:
        return ntohs(address->v4.sin_port);
    case AF_INET6:
        return ntohs(address->v6.sin6_port);
    default:
        return 0;
    }
}

void address_set_port(struct address *address, uint16_t port)
{
    if (address->any.sa_family == AF_INET)
        address->v4.sin_port = htons(port);
    else if (address->any.sa_family == AF_INET6)
        address->v6.sin6_port = htons(port);
}

bool address_is_loopback(const struct address *address)
{
    struct ip ip = ip_of(address);

    if (address->any.sa_family == AF_UNIX)
        return true;
    if (ip.bits == 32)
        return ip.bytes[0] == 127;
    return ip.bits == 128 && memcmp(ip.bytes, &in6addr_loopback, sizeof(in6addr_loopback)) == 0;
}

bool address_is_any(const struct address *address)
{
    struct ip ip = ip_of(address);

    return ip.bits > 0 && memcmp(ip.bytes, &in6addr_any, ip.bits / 8) == 0;
}

static bool same_place(struct ip a, struct ip b)
{
    return a.bits == b.bits && a.bits > 0 && memcmp(a.bytes, b.bytes, a.bits / 8) == 0;
}

bool address_is_own(const struct address *address)
{
    struct ifaddrs *all, *one;

    if (address_is_loopback(address) || address_is_any(address))
        return true;
    if (getifaddrs(&all) < 0)
        return false;
    for (one = all; one; one = one->ifa_next) {
        int family = one->ifa_addr ? one->ifa_addr->sa_family : AF_UNSPEC;
        struct address own = { 0 };

        if (family == AF_INET || family == AF_INET6)
            memcpy(&own.any, one->ifa_addr, family == AF_INET ? sizeof(own.v4) : sizeof(own.v6));
        if (same_place(ip_of(&own), ip_of(address)))
            break;
    }
    freeifaddrs(all);
    return one != NULL;
}

struct block_of_addresses {
    unsigned char prefix[16];
    unsigned bits;
    unsigned inner; /* where an IPv4 address stands inside, which then decides; 0: internal whole */
};

static const struct block_of_addresses internal_v4[] = {
    { { 0 }, 8, 0 },         /* "this network" (RFC 791); 0.0.0.0 reaches the host itself */
    { { 10 }, 8, 0 },        /* private (RFC 1918) */
    { { 100, 64 }, 10, 0 },  /* shared (RFC 6598) */
    { { 127 }, 8, 0 },       /* loopback */
    { { 169, 254 }, 16, 0 }, /* link-local (RFC 3927), clouds' metadata with it */
    { { 172, 16 }, 12, 0 },  /* private (RFC 1918) */
    { { 192, 168 }, 16, 0 }, /* private (RFC 1918) */
    { { 224 }, 3, 0 },       /* multicast (RFC 5771), reserved, broadcast */
};

static const struct block_of_addresses internal_v6[] = {
    { { 0xfc }, 7, 0 },                          /* unique local (RFC 4193) */
    { { 0xfe, 0x80 }, 9, 0 },                    /* link-local (RFC 4291), site-local (RFC 3879) */
    { { 0xff }, 8, 0 },                          /* multicast */
    { { 0 }, 96, 12 },                           /* unspecified, loopback, IPv4-compatible */
    { { 0x00, 0x64, 0xff, 0x9b }, 96, 12 },      /* NAT64 (RFC 6052) */
    { { 0x00, 0x64, 0xff, 0x9b, 0, 1 }, 48, 0 }, /* local NAT64 (RFC 8215) */
    { { 0x20, 0x02 }, 16, 2 },                   /* 6to4 (RFC 3056) */
};

static bool v4_is_internal(const unsigned char *bytes)
{
    for (size_t i = 0; i < COUNT_OF(internal_v4); i++) {
        if (begins_with(bytes, internal_v4[i].prefix, internal_v4[i].bits))
            return true;
    }
    return false;
}

static bool v6_is_internal(const unsigned char *bytes)
{
    for (size_t i = 0; i < COUNT_OF(internal_v6); i++) {
        const struct block_of_addresses *block = &internal_v6[i];

        if (begins_with(bytes, block->prefix, block->bits))
            return block->inner == 0 || v4_is_internal(bytes + block->inner);
    }
    return false;
}

bool address_is_internal(const struct address *address)
{
    struct ip ip = ip_of(address);

    if (address->any.sa_family == AF_UNIX)
        return true;
    if (ip.bits == 32)
        return v4_is_internal(ip.bytes);
    return ip.bits == 128 && v6_is_internal(ip.bytes);
}

bool address_equal(const struct address *a, const struct address *b)
{
    if (a->any.sa_family != b->any.sa_family)
        return false;
    switch (a->any.sa_family) {
    case AF_INET:
        return a->v4.sin_port == b->v4.sin_port && a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
    case AF_INET6:
        return a->v6.sin6_port == b->v6.sin6_port && a->v6.sin6_scope_id == b->v6.sin6_scope_id &&
               memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr, sizeof(a->v6.sin6_addr)) == 0;
    case AF_UNIX:
        return text_equal(path_of(a), path_of(b));
    default:
        return false;
    }
}

bool network_parse(struct text text, struct network *network)
{
    size_t slash = text_find(text, '/');
    struct network parsed = { 0 };
    unsigned most;
    uint64_t bits;

    if (!address_parse(text_of(text.at, slash), 0, &parsed.base))
        return false;
    most = parsed.base.any.sa_family == AF_INET ? 32 : 128;
    bits = most;
    if (slash < text.length && !text_to_u64(text_from_offset(text, slash + 1), &bits))
        return false;
    if (bits > most)
        return false;
    parsed.bits = (unsigned)bits;
    *network = parsed;
    return true;
}

bool network_holds(const struct network *network, const struct address *address)
{
    const struct address *base = &network->base;
    struct ip ip = ip_of(address);

    if (base->any.sa_family == AF_INET)
        return ip.bits == 32 &&
               begins_with(ip.bytes, (const unsigned char *)&base->v4.sin_addr, network->bits);
    return address->any.sa_family == AF_INET6 &&
           begins_with(address->v6.sin6_addr.s6_addr, base->v6.sin6_addr.s6_addr, network->bits);
}
