/* load_service: services, and the keys by which exchanges are told apart. */
#include <string.h>

#include "scenario/load.h"

void load_patterns(struct loader *loader, const struct node *node, const char *name,
                   struct patterns *patterns)
{
    const struct field field = { .name = name, .type = FIELD_TEXTS };
    struct field_texts texts = { 0 };

    if (load_value(loader, &field, node, &texts))
        *patterns = (struct patterns){ texts.items, texts.count };
}

/* The node of the pattern at `index`, for its place. */
static const struct node *pattern_node(const struct node *node, size_t index)
{
    return node->kind == NODE_LIST ? node->items[index].value : node;
}

/* One colon, with a number behind it; more of them are an IPv6 address. */
static bool has_port(struct text host)
{
    size_t colon = text_find(host, ':');
    uint64_t port;

    return colon < host.length && text_to_u64(text_from_offset(host, colon + 1), &port);
}

static void load_host(struct loader *loader, const struct node *node, void *target)
{
    struct match *match = target;

    load_patterns(loader, node, "host", &match->host);
    for (size_t i = 0; i < match->host.count; i++) {
        struct text host = match->host.items[i];

        if (text_find(host, '/') < host.length || has_port(host))
            problem_at(loader->problems, pattern_node(node, i)->place,
                       "host is a name without scheme, port and path, not %s",
                       node_quote(loader->arena, host));
    }
}

static void load_path(struct loader *loader, const struct node *node, void *target)
{
    struct match *match = target;

    load_patterns(loader, node, "path", &match->path);
    for (size_t i = 0; i < match->path.count; i++) {
        struct text path = match->path.items[i];

        if (path.length == 0 || !strchr("/*?", path.at[0]))
            problem_at(loader->problems, pattern_node(node, i)->place,
                       "path begins with \"/\" or \"*\", not as %s",
                       node_quote(loader->arena, path));
    }
}

static void load_method(struct loader *loader, const struct node *node, void *target)
{
    load_patterns(loader, node, "method", &((struct match *)target)->method);
}

static void load_client(struct loader *loader, const struct node *node, void *target)
{
    load_patterns(loader, node, "client", &((struct match *)target)->client);
}

const struct named_patterns *load_named(struct loader *loader, const struct node *node,
                                        const char *what, size_t *count)
{
    struct named_patterns *named;

    *count = 0;
    if (!load_wants(loader, node, NODE_MAPPING, what))
        return NULL;
    named = ARENA_ARRAY(loader->arena, struct named_patterns, node->count + 1);
    for (size_t i = 0; i < node->count; i++) {
        named[i].name = node->items[i].key;
        load_patterns(loader, node->items[i].value, what, &named[i].patterns);
    }
    *count = node->count;
    return named;
}

static void load_header(struct loader *loader, const struct node *node, void *target)
{
    struct match *match = target;

    match->headers = load_named(loader, node, "header", &match->header_count);
}

static void load_query(struct loader *loader, const struct node *node, void *target)
{
    struct match *match = target;

    match->queries = load_named(loader, node, "query", &match->query_count);
}

static const struct shape host_shape = { .kind = SHAPE_FIELD,
                                         .pattern = "^(?![^:]*:[0-9]+$)[^/]*$" };
static const struct shape path_shape = { .kind = SHAPE_FIELD,
                                         .pattern = "^[/*?]",
                                         .no_number = true };
static const struct field patterns_field = { .type = FIELD_TEXTS };
const struct shape load_patterns_shape = { .kind = SHAPE_FIELD, .fields = &patterns_field };
static const struct shape named_shape = { .kind = SHAPE_TEXTS, .each = &load_patterns_shape };

static const struct load_key match_keys[] = {
    { .field = { .name = "host", .type = FIELD_TEXTS, .help = "the host asked for, without port" },
      .load = load_host,
      .shape = &host_shape },
    { .field = { .name = "method", .type = FIELD_TEXTS, .help = "the request's method" },
      .load = load_method,
      .shape = &shape_field },
    { .field = { .name = "path",
                 .type = FIELD_TEXTS,
                 .help = "the path without query: * is anything but a slash, ** is anything" },
      .load = load_path,
      .shape = &path_shape },
    { .field = { .name = "header", .help = "values of header fields, by name" },
      .load = load_header,
      .shape = &named_shape },
    { .field = { .name = "query", .help = "values of the query's parameters, by name, as sent" },
      .load = load_query,
      .shape = &named_shape },
    { .field = { .name = "client",
                 .type = FIELD_TEXTS,
                 .help = "the client's address, without port" },
      .load = load_client,
      .shape = &shape_field },
    { .field = { .name = "body", .help = "what the request's body says" },
      .load = load_body,
      .shape = &load_body_shape },
    { .field.name = NULL },
};
static const struct load_table match_table = { .what = "a match",
                                               .noun = "key",
                                               .keys = match_keys };

const struct shape load_match_shape = {
    .kind = SHAPE_TABLE,
    .definition = "match",
    .help = "what is meant: all keys that are given have to match; {} is everything",
    .table = &match_table
};

void load_match(struct loader *loader, const struct node *node, void *match)
{
    load_mapping(loader, &match_table, node, match);
}

static void load_service_match(struct loader *loader, const struct node *node, void *target)
{
    load_match(loader, node, &((struct service *)target)->match);
}

static const struct load_key service_keys[] = {
    { .field = { .name = "match", .help = "how its exchanges are recognized" },
      .load = load_service_match,
      .shape = &load_match_shape,
      .required = true },
    { .field =
          FIELD(struct service, stays_up, bool, FIELD_FLAG, .name = "stays-up",
                .help = "no rule can be about it, and rules without a service leave it alone") },
    { .field = FIELD(struct service, repeatable, bool, FIELD_FLAG, .name = "repeatable",
                     .help = "its POST and PATCH may be repeated, as of APIs that tell repetitions "
                             "apart themselves") },
    { .field = FIELD(struct service, polled, bool, FIELD_FLAG, .name = "polling",
                     .help = "clients ask it the same again and again on purpose: that is no "
                             "repetition") },
    { .field.name = NULL },
};
static const struct load_table service_table = { .what = "a service",
                                                 .noun = "key",
                                                 .keys = service_keys };

static const struct shape service_shape = { .kind = SHAPE_TABLE,
                                            .definition = "service",
                                            .help = "a part of the API",
                                            .table = &service_table };
const struct shape load_services_shape = {
    .kind = SHAPE_NAMES, .each = &service_shape, .least = 1, .most = MOST_SERVICES
};

static void load_service(struct loader *loader, const struct node_item *item,
                         struct service *service)
{
    service->name = item->key;
    service->place = item->place;
    load_check_name(loader, item->key, item->place);
    load_mapping(loader, &service_table, item->value, service);
}

/* The first service that matches has the exchange, so whatever stands behind one that takes all
 * gets nothing. */
static void warn_unreached(struct loader *loader, const struct service *services, size_t count)
{
    for (size_t i = 0; i + 1 < count; i++) {
        if (!match_is_empty(&services[i].match))
            continue;
        warning_at(loader->problems, services[i + 1].place,
                   "nothing gets here: the service %s before it matches everything",
                   node_quote(loader->arena, services[i].name));
        return;
    }
}

void load_services(struct loader *loader, const struct node *node, void *target)
{
    struct scenario *scenario = target;
    size_t before = problems_count(loader->problems);

    if (!load_wants(loader, node, NODE_MAPPING, "services"))
        return;
    if (node->count == 0 || node->count > MOST_SERVICES) {
        problem_at(loader->problems, node->place, "services wants 1 to %d of them, not %zu",
                   MOST_SERVICES, node->count);
        return;
    }
    scenario->services = ARENA_ARRAY(loader->arena, struct service, node->count);
    for (size_t i = 0; i < node->count; i++)
        load_service(loader, &node->items[i], &scenario->services[i]);
    scenario->service_count = node->count;
    if (problems_count(loader->problems) == before)
        warn_unreached(loader, scenario->services, scenario->service_count);
}
