/* url: taking the places of a command line apart. */
#include "url.h"

#include "base/base64.h"
#include "http/target.h"

static bool take_prefix(struct text *text, const char *prefix)
{
    struct text wanted = text_from(prefix);

    if (!text_equal_nocase(
            text_of(text->at, wanted.length < text->length ? wanted.length : text->length), wanted))
        return false;
    *text = text_from_offset(*text, wanted.length);
    return true;
}

static bool complain(struct buffer *complaint, struct text url, const char *wish)
{
    buffer_add_json(complaint, url);
    buffer_format(complaint, ": %s", wish);
    return false;
}

/* What stands between the scheme and a closing slash; false where a path follows. */
static bool take_authority(struct text *rest)
{
    size_t slash = text_find(*rest, '/');

    if (slash + 1 < rest->length)
        return false;
    rest->length = slash;
    return true;
}

/* As authority_parse, but port 0 is one; -1: none was given. */
static bool split_port(struct text text, struct text *host, long *port)
{
    uint64_t number;
    size_t end;

    *port = -1;
    if (text.length > 0 && text.at[0] == '[') {
        end = text_find(text, ']');
        *host = text_of(text.at + 1, end - 1);
        end++;
    } else {
        end = text_find(text, ':');
        *host = text_of(text.at, end);
    }
    if (end > text.length || host->length == 0)
        return false;
    text = text_from_offset(text, end);
    if (text.length == 0)
        return true;
    if (text.at[0] != ':' || !text_to_u64(text_from_offset(text, 1), &number) || number > 65535)
        return false;
    *port = (long)number;
    return true;
}

static bool listen_address(struct text text, long fallback, struct address *address)
{
    struct text host;
    long port;

    if (!split_port(text, &host, &port) || (port < 0 && fallback < 0))
        return false;
    if (text_is_nocase(host, "localhost"))
        host = text_from("127.0.0.1");
    return address_parse(host, (uint16_t)(port < 0 ? fallback : port), address);
}

bool url_listen(struct text url, struct address *address, bool *tls, struct buffer *complaint)
{
    struct text rest = url;

    *tls = false;
    if (take_prefix(&rest, "unix:"))
        return address_local(rest, address) || complain(complaint, url, "the path is too long");
    *tls = take_prefix(&rest, "https://");
    if (!*tls && !take_prefix(&rest, "http://"))
        return complain(complaint, url,
                        "wants http://ADDRESS:PORT, https://ADDRESS:PORT or "
                        "unix:PATH");
    if (!take_authority(&rest))
        return complain(complaint, url, "a place to listen at has no path");
    if (!listen_address(rest, *tls ? 443 : 80, address))
        return complain(complaint, url, "wants an address of this machine, or localhost");
    return true;
}

bool url_forward(struct text url, struct address *address, struct buffer *complaint)
{
    struct text rest = url;
    uint64_t port;

    if (take_prefix(&rest, "unix:"))
        return address_local(rest, address) || complain(complaint, url, "the path is too long");
    take_prefix(&rest, "http://");
    if (text_to_u64(rest, &port) && port <= 65535)
        return address_parse(text_from("127.0.0.1"), (uint16_t)port, address);
    if (!take_authority(&rest) || !listen_address(rest, -1, address))
        return complain(complaint, url, "wants PORT, ADDRESS:PORT or unix:PATH");
    return true;
}

static bool set_local(struct text path, struct endpoint *endpoint, struct text *authority)
{
    struct address address;

    *endpoint = (struct endpoint){ .host = path, .local = true };
    *authority = text_from("localhost");
    return address_local(path, &address);
}

bool url_upstream(struct text url, struct arena *arena, struct endpoint *endpoint,
                  struct text *authority, struct buffer *complaint)
{
    struct authority parts;
    struct text rest = url;
    bool tls;

    if (take_prefix(&rest, "unix:"))
        return set_local(rest, endpoint, authority) ||
               complain(complaint, url, "the path is missing or too long");
    tls = take_prefix(&rest, "https://");
    if (!tls && !take_prefix(&rest, "http://"))
        return complain(complaint, url,
                        "wants http://HOST[:PORT], https://HOST[:PORT], unix:PATH "
                        "or embedded");
    if (!take_authority(&rest))
        return complain(complaint, url, "an upstream has no path: requests bring their own");
    if (!authority_parse(rest, &parts))
        return complain(complaint, url, "this is no host");
    *endpoint = (struct endpoint){ .host = parts.host, .port = parts.port, .tls = tls };
    if (parts.port == (tls ? 443 : 80))
        parts.port = 0;
    if (endpoint->port == 0)
        endpoint->port = tls ? 443 : 80;
    *authority = arena_format(arena, parts.literal6 ? "[%.*s]" : "%.*s", (int)parts.host.length,
                              parts.host.at);
    if (parts.port != 0)
        *authority =
            arena_format(arena, "%.*s:%u", (int)authority->length, authority->at, parts.port);
    return true;
}

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if ((digit | 0x20) >= 'a' && (digit | 0x20) <= 'f')
        return (digit | 0x20) - 'a' + 10;
    return -1;
}

/* `%41` stands for `A`. */
static void add_unescaped(struct buffer *out, struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        int high = -1, low = -1;

        if (text.at[i] == '%' && i + 2 < text.length) {
            high = hex_value(text.at[i + 1]);
            low = hex_value(text.at[i + 2]);
        }
        if (high < 0 || low < 0) {
            buffer_add_byte(out, text.at[i]);
            continue;
        }
        buffer_add_byte(out, (char)(high * 16 + low));
        i += 2;
    }
}

/* Basic credentials (RFC 7617). */
static struct text authorize(struct arena *arena, struct text user)
{
    struct buffer plain = { 0 }, value = { 0 };
    struct text text;

    add_unescaped(&plain, user);
    if (text_find(user, ':') == user.length)
        buffer_add_byte(&plain, ':');
    buffer_add_string(&value, "Basic ");
    base64_add(&value, buffer_text(&plain));
    text = arena_copy(arena, buffer_text(&value));
    buffer_free(&plain);
    buffer_free(&value);
    return text;
}

/* Splits `USER:PASSWORD@` off. */
static struct text take_user(struct text *rest)
{
    struct text user = { 0 };

    for (size_t i = 0; i < rest->length; i++)
        if (rest->at[i] == '@')
            user = text_of(rest->at, i);
    if (user.at)
        *rest = text_from_offset(*rest, user.length + 1);
    return user;
}

bool url_parent(struct text url, struct arena *arena, struct parent *parent,
                struct buffer *complaint)
{
    struct authority parts;
    struct text rest = url, user;

    *parent = (struct parent){ 0 };
    parent->at.tls = take_prefix(&rest, "https://");
    if (!parent->at.tls)
        take_prefix(&rest, "http://");
    user = take_user(&rest);
    if (!take_authority(&rest) || !authority_parse(rest, &parts))
        return complain(complaint, rest, "wants a proxy, http[s]://[USER:PASSWORD@]HOST[:PORT]");
    parent->at.host = parts.host;
    parent->at.port = parts.port ? parts.port : parent->at.tls ? 443 : 80;
    if (user.at)
        parent->authorization = authorize(arena, user);
    return true;
}

void url_write(const struct address *address, bool tls, struct buffer *out)
{
    char text[ADDRESS_TEXT];

    if (address->any.sa_family != AF_UNIX)
        buffer_add_string(out, tls ? "https://" : "http://");
    buffer_add_string(out, address_write(address, text));
}
