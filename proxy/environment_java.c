/* environment_java: how every Java machine is told of a proxy and a trust store. */
#include "environment_kinds.h"

#include <stdlib.h>
#include <string.h>

#include "net/certs_store.h"

/* `http://HOST[:PORT][/]`; the brackets of an IPv6 address are left out. */
static bool split_url(struct text url, struct text *host, struct text *port)
{
    static const struct text scheme = TEXT("http://"), usual = TEXT("80");
    size_t end = 0;
    uint64_t number = 0;

    if (!text_starts(url, scheme))
        return false;
    url = text_from_offset(url, scheme.length);
    if (url.length > 0 && url.at[url.length - 1] == '/')
        url.length--;
    if (url.length > 0 && url.at[0] == '[') {
        url = text_from_offset(url, 1);
        end = text_find(url, ']');
        if (end == url.length)
            return false;
        *host = text_of(url.at, end);
        url = text_from_offset(url, end + 1);
    } else {
        end = text_find(url, ':');
        *host = text_of(url.at, end);
        url = text_from_offset(url, end);
    }
    *port = url.length > 0 ? text_from_offset(url, 1) : usual;
    return host->length > 0 && strcspn(host->at, " \"'@/") >= host->length &&
           (url.length == 0 || url.at[0] == ':') && text_to_u64(*port, &number) && number > 0 &&
           number <= UINT16_MAX;
}

bool environment_takes_proxy(const char *url)
{
    struct text host, port;

    return split_url(text_from(url), &host, &port);
}

static struct text without_port(struct text host)
{
    size_t colon = text_find(host, ':');

    if (host.length > 0 && host.at[0] == '[')
        host.length =
            text_find(host, ']') + 1 < host.length ? text_find(host, ']') + 1 : host.length;
    else if (colon < host.length && !memchr(host.at + colon + 1, ':', host.length - colon - 1))
        host.length = colon;
    return host;
}

/* `b` covers a.b in NO_PROXY; Java has patterns with a `*` at an end, and no networks. */
static void add_direct_host(struct text host, struct buffer *value)
{
    static const struct text star = TEXT("*");
    bool first = value->at[value->length - 1] == '=';

    host = without_port(host);
    if (text_find(host, '/') < host.length || text_is_empty(host))
        return;
    if (!first)
        buffer_add_byte(value, '|');
    if (host.at[0] == '.')
        buffer_add_text(value, star);
    buffer_add_text(value, host);
    if (host.at[0] != '.' && host.at[0] != '[' && !text_starts(host, star))
        buffer_format(value, "|*.%.*s", (int)host.length, host.at);
}

/* Without a value Java spares loopback; with an empty one it spares nothing. */
static void add_direct(const struct making *making, struct buffer *value)
{
    const char *list = getenv("no_proxy");
    struct text rest, item, host;

    buffer_add_string(value, " -Dhttp.nonProxyHosts=");
    if (!making->options->keep_no_proxy)
        return;
    rest = text_from(list ? list : getenv("NO_PROXY"));
    while (text_next_item(&rest, ',', &item))
        while (text_next_item(&item, ' ', &host))
            add_direct_host(host, value);
}

static bool add_proxy(const struct making *making, struct buffer *value)
{
    struct text host, port, url = text_from(making->options->proxy_url);

    if (!split_url(url, &host, &port)) {
        buffer_format(making->complaint, "%s is no proxy: http://HOST:PORT is wanted",
                      making->options->proxy_url);
        return false;
    }
    for (const char *scheme = "http"; scheme; scheme = scheme[4] ? NULL : "https")
        buffer_format(value, " -D%s.proxyHost=%.*s -D%s.proxyPort=%.*s", scheme, (int)host.length,
                      host.at, scheme, (int)port.length, port.at);
    add_direct(making, value);
    return true;
}

/* A Java machine parts its options at blanks, and knows both kinds of quotes. */
static void add_store(const char *path, struct buffer *value)
{
    const char *quote = strchr(path, '"') ? "'" : "\"";

    if (!strpbrk(path, " \t\n'\""))
        quote = "";
    buffer_format(value,
                  " -Djavax.net.ssl.trustStore=%s%s%s -Djavax.net.ssl.trustStoreType=PKCS12"
                  " -Djavax.net.ssl.trustStorePassword=" CERTS_STORE_PASSWORD,
                  quote, path, quote);
}

static const char *write_store(const struct making *making)
{
    struct buffer pem = { 0 }, store = { 0 };
    const char *path = NULL;

    bundles_system(&pem);
    if (certs_store_java(making->options->certs, buffer_text(&pem), &store, making->complaint))
        path =
            folder_write(making->folder, "truststore.p12", buffer_text(&store), making->complaint);
    buffer_free(&store);
    buffer_free(&pem);
    return path;
}

enum made environment_make_java(const struct making *making, const char *name, const char *present,
                                struct buffer *value)
{
    struct buffer ours = { 0 };
    const char *store = NULL;
    bool done = true;

    (void)name;
    if (making->options->proxy_url)
        done = add_proxy(making, &ours);
    if (done)
        store = write_store(making);
    if (store) {
        add_store(store, &ours);
        buffer_add_string(value, present ? present : "");
        if (!present || !strstr(present, ours.at + 1))
            buffer_add_string(value, present && *present ? ours.at : ours.at + 1);
    }
    buffer_free(&ours);
    return store ? MADE_VALUE : MADE_COMPLAINT;
}
