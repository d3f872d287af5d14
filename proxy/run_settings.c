/* run_settings: what the user asked for about traffic. */
#include "run_settings.h"

#include "http/target.h"
#include "run_listen.h"
#include "run_parents.h"

static bool complain(struct buffer *complaint, const char *option, struct text value,
                     const char *wish)
{
    buffer_format(complaint, "--%s ", option);
    buffer_add_json(complaint, value);
    buffer_format(complaint, ": wants %s", wish);
    return false;
}

static void set_plain(struct settings *settings, const struct options *options)
{
    settings->max_connections = (size_t)options->max_connections;
    settings->header_timeout = options->header_timeout;
    settings->idle_timeout = options->idle_timeout;
    settings->connect_timeout = options->connect_timeout;
    settings->origin_timeout = options->origin_timeout;
    settings->drain_timeout = options->drain_timeout;
    settings->head_limits = (struct head_limits){ .head_size = (size_t)options->max_head,
                                                  .field_count = (size_t)options->max_fields };
    settings->preserve_host = options->preserve_host;
    settings->keep_alt_svc = options->keep_alt_svc;
    settings->via = options->via;
    settings->flood_origin = options->flood_origin;
    settings->log_queries = options->log_queries;
    settings->upstream_insecure = options->upstream_insecure;
    settings->workers = (unsigned)options->workers;
    settings->passthrough =
        (struct patterns){ options->passthrough.items, options->passthrough.count };
    settings->targets = (struct patterns){ options->targets.items, options->targets.count };
}

/* A certificate may have its key in the same file. */
static bool set_pair(const char **cert, const char **key, struct text cert_file,
                     struct text key_file)
{
    *cert = cert_file.at;
    *key = key_file.at ? key_file.at : cert_file.at;
    return cert_file.at || !key_file.at;
}

static bool set_certificates(struct settings *settings, const struct options *options,
                             struct buffer *complaint)
{
    settings->upstream_ca = options->upstream_ca.at;
    if (!set_pair(&settings->cert_file, &settings->key_file, options->cert, options->key)) {
        buffer_add_string(complaint, "--key belongs to a --cert");
        return false;
    }
    if (!set_pair(&settings->client_cert, &settings->client_key, options->client_cert,
                  options->client_key)) {
        buffer_add_string(complaint, "--client-key belongs to a --client-cert");
        return false;
    }
    return true;
}

static bool set_allowed(struct settings *settings, const struct options *options,
                        struct arena *arena, struct buffer *complaint)
{
    struct network *networks = ARENA_ARRAY(arena, struct network, options->allowed.count + 1);

    for (size_t i = 0; i < options->allowed.count; i++)
        if (!network_parse(options->allowed.items[i], &networks[i]))
            return complain(complaint, "allow", options->allowed.items[i],
                            "an address or a network such as 10.0.0.0/8");
    settings->allowed = networks;
    settings->allowed_count = options->allowed.count;
    return true;
}

/* The port of `NAME=HOST:PORT`; 0: none. */
static uint16_t service_port(struct text service)
{
    struct authority authority;
    struct text host = text_from_offset(service, text_find(service, '=') + 1);

    return authority_parse(host, &authority) ? authority.port : 0;
}

static bool read_ports(struct settings *settings, uint16_t *ports, struct text list,
                       struct buffer *complaint)
{
    struct text item;
    uint64_t port;

    while (text_next_item(&list, ',', &item)) {
        if (!text_to_u64(item, &port) || port == 0 || port > 65535)
            return complain(complaint, "connect-ports", item, "ports from 1 to 65535");
        ports[settings->connect_port_count++] = (uint16_t)port;
    }
    return true;
}

static bool set_ports(struct settings *settings, const struct options *options, struct arena *arena,
                      struct buffer *complaint)
{
    size_t most = options->services.count;
    uint16_t *ports;

    for (size_t i = 0; i < options->connect_ports.count; i++)
        most += options->connect_ports.items[i].length;
    ports = ARENA_ARRAY(arena, uint16_t, most + 1);
    settings->connect_ports = ports;
    for (size_t i = 0; i < options->services.count; i++) {
        uint16_t port = service_port(options->services.items[i]);

        if (port != 0)
            ports[settings->connect_port_count++] = port;
    }
    for (size_t i = 0; i < options->connect_ports.count; i++)
        if (!read_ports(settings, ports, options->connect_ports.items[i], complaint))
            return false;
    return true;
}

static bool set_client(struct settings *settings, const struct options *options,
                       struct buffer *complaint)
{
    static const char *const ways[] = {
        [CLIENT_BY_ADDRESS] = "address",
        [CLIENT_BY_AGENT] = "address+agent",
        [CLIENT_BY_AUTHORIZATION] = "authorization",
        [CLIENT_BY_TLS] = "tls",
    };
    const struct text prefix = TEXT("header:"), given = options->client_by;

    for (size_t i = 0; i < COUNT_OF(ways); i++)
        if (ways[i] && text_is(given, ways[i])) {
            settings->client_by = (enum client_by)i;
            return true;
        }
    settings->client_by = CLIENT_BY_HEADER;
    settings->client_header = text_from_offset(given, prefix.length);
    if (text_starts(given, prefix) && settings->client_header.length > 0)
        return true;
    return complain(complaint, "client-by", given,
                    "address, address+agent, authorization, tls or header:NAME");
}

bool run_settings(struct settings *settings, const struct options *options, struct arena *arena,
                  struct buffer *complaint)
{
    *settings = (struct settings){ 0 };
    set_plain(settings, options);
    if (options->repeat && !options->child) {
        buffer_add_string(complaint, "--repeat wants a COMMAND to run again");
        return false;
    }
    return set_certificates(settings, options, complaint) &&
           set_allowed(settings, options, arena, complaint) &&
           set_ports(settings, options, arena, complaint) &&
           set_client(settings, options, complaint) &&
           run_parents(&settings->parents, options, arena, complaint) &&
           run_listen(settings, options, arena, complaint);
}
