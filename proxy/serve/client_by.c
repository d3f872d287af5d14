/* client_by: where in a request, or in its connection, each way of telling clients apart looks. */
#include "serve/client_by.h"

#include <inttypes.h>

#include "net/tls.h"
#include "serve/clients.h"

static bool starts_nocase(struct text text, const char *prefix)
{
    struct text wanted = text_from(prefix);

    return text.length >= wanted.length &&
           text_equal_nocase(text_of(text.at, wanted.length), wanted);
}

/* What stands behind `name`, wherever that begins a parameter, up to `end`; empty: nothing. */
static struct text parameter(struct text list, const char *name, char end)
{
    size_t length = strlen(name);

    for (size_t i = 0; i + length < list.length; i++) {
        struct text rest = text_from_offset(list, i);

        if ((i == 0 || list.at[i - 1] == ' ' || list.at[i - 1] == ',') &&
            starts_nocase(rest, name)) {
            rest = text_from_offset(rest, length);
            return text_of(rest.at, text_find(rest, end));
        }
    }
    return text_of(NULL, 0);
}

/* Schemes of which all but `name` … `end` may be new in each request: Signature Version 4 and 4A
 * and 2 of AWS, Shared Key of Azure, Digest (RFC 7616), HTTP Message Signatures' forerunner. */
static const struct {
    const char *scheme, *name;
    char end;
} signing[] = {
    { "AWS4-", "Credential=", '/' },     { "AWS ", "AWS ", ':' },
    { "SharedKey ", "SharedKey ", ':' }, { "SharedKeyLite ", "SharedKeyLite ", ':' },
    { "Digest ", "username=\"", '"' },   { "Signature ", "keyId=\"", '"' },
};

struct text client_by_credential(struct text authorization)
{
    for (size_t i = 0; i < COUNT_OF(signing); i++)
        if (starts_nocase(authorization, signing[i].scheme)) {
            struct text id = parameter(authorization, signing[i].name, signing[i].end);

            return id.length > 0 ? id : authorization;
        }
    return authorization;
}

static struct text credential(const struct head *request)
{
    static const struct text keys[] = { TEXT("x-api-key"), TEXT("api-key") };
    struct text found = head_get(request, HEAD_AUTHORIZATION);

    if (found.length > 0)
        return client_by_credential(found);
    for (size_t i = 0; i < COUNT_OF(keys) && found.length == 0; i++)
        found = head_find(request, keys[i]);
    return found;
}

/* Of the connection's TLS with us. */
static struct text hello(struct exchange *exchange)
{
    const struct connection *client = &exchange->session->client;
    uint64_t print = connection_is_open(client) ? tls_fingerprint(client->transport) : 0;

    return print ? arena_format(&exchange->arena, "%016" PRIx64, print) : text_of(NULL, 0);
}

/* What tells clients apart; empty: nothing does. */
static struct text value_of(struct exchange *exchange)
{
    const struct settings *settings = exchange->session->worker->run->settings;
    const struct head *request = &exchange->request;
    struct text agent;

    switch (settings->client_by) {
    case CLIENT_BY_ADDRESS:
        break;
    case CLIENT_BY_HEADER:
        return head_find(request, settings->client_header);
    case CLIENT_BY_AGENT:
        agent = head_get(request, HEAD_USER_AGENT);
        return arena_format(&exchange->arena, "%.*s %.*s",
                            (int)exchange->session->client_host.length,
                            exchange->session->client_host.at, (int)agent.length, agent.at);
    case CLIENT_BY_AUTHORIZATION:
        return credential(request);
    case CLIENT_BY_TLS:
        return hello(exchange);
    }
    return text_of(NULL, 0);
}

struct text client_by(struct exchange *exchange)
{
    struct session *session = exchange->session;
    struct run *run = session->worker->run;
    struct text value;

    if (run->settings->client_by == CLIENT_BY_ADDRESS)
        return session->client_host;
    value = value_of(exchange);
    if (!value.at)
        return session->client_host;
    return arena_format(&exchange->arena, "client-%u", clients_number(run->clients, value));
}
