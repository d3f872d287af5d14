/* target: request targets, hosts and URLs taken apart strictly (RFC 9112 3.2, RFC 3986). */
#include "http/target.h"

#include <arpa/inet.h>

#include "http/chars.h"

enum { HOST_SIZE_MOST = 255, LITERAL_SIZE_MOST = 45 };

/* Digits after the colon, 1 to 65535. */
static bool parse_port(struct text text, uint16_t *port)
{
    uint64_t number;

    if (text.length > 5 || !text_to_u64(text, &number) || number == 0 || number > UINT16_MAX)
        return false;
    *port = (uint16_t)number;
    return true;
}

/* What stands behind the host: nothing, or a colon and a port. */
static bool parse_rest(struct text rest, uint16_t *port)
{
    if (text_is_empty(rest))
        return true;
    return rest.at[0] == ':' && parse_port(text_from_offset(rest, 1), port);
}

/* The length of the registered name or address that the text starts with; 0: there is none. */
static size_t host_length(struct text text)
{
    size_t i = 0;

    while (i < text.length) {
        if (char_is(text.at[i], CHAR_HOST))
            i++;
        else if (text.at[i] == '%' && text.length - i > 2 && char_is(text.at[i + 1], CHAR_HEX) &&
                 char_is(text.at[i + 2], CHAR_HEX))
            i += 3;
        else
            break;
    }
    return i <= HOST_SIZE_MOST ? i : 0;
}

/* `[address]`, without a zone: that means something on one machine only. */
static bool parse_literal(struct text text, struct authority *authority)
{
    size_t end = text_find(text, ']');
    char string[LITERAL_SIZE_MOST + 1];
    struct in6_addr address;

    if (end == text.length || end - 1 > LITERAL_SIZE_MOST)
        return false;
    authority->host = text_of(text.at + 1, end - 1);
    authority->literal6 = true;
    if (end > 1)
        memcpy(string, text.at + 1, end - 1);
    string[end - 1] = '\0';
    return strlen(string) == end - 1 && inet_pton(AF_INET6, string, &address) == 1 &&
           parse_rest(text_from_offset(text, end + 1), &authority->port);
}

bool authority_parse(struct text text, struct authority *authority)
{
    size_t length;

    *authority = (struct authority){ .port = 0 };
    if (text_is_empty(text))
        return false;
    if (text.at[0] == '[')
        return parse_literal(text, authority);
    length = host_length(text);
    authority->host = text_of(text.at, length);
    return length > 0 && parse_rest(text_from_offset(text, length), &authority->port);
}

/* Behind the scheme: authority up to a slash or a question mark, and what an origin is asked for.
 */
static bool parse_absolute(struct text text, struct target *target)
{
    static const struct text root = TEXT("/");
    size_t slash = text_find(text, '/'), question = text_find(text, '?');
    size_t end = slash < question ? slash : question;

    target->form = TARGET_ABSOLUTE;
    target->path = end < text.length ? text_from_offset(text, end) : root;
    return authority_parse(text_of(text.at, end), &target->authority);
}

static bool skip_scheme(struct text *text, struct text scheme)
{
    if (text->length < scheme.length ||
        !text_equal_nocase(text_of(text->at, scheme.length), scheme))
        return false;
    *text = text_from_offset(*text, scheme.length);
    return true;
}

static bool has_wrong_character(struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (!char_is(text.at[i], CHAR_TARGET))
            return true;
    }
    return false;
}

bool target_parse(struct text text, struct text method, struct target *target)
{
    *target = (struct target){ .path = text };
    if (text_is_empty(text) || has_wrong_character(text))
        return false;
    if (text_is(method, "CONNECT")) {
        target->form = TARGET_AUTHORITY;
        target->path = (struct text){ NULL, 0 };
        return authority_parse(text, &target->authority) && target->authority.port != 0;
    }
    if (text.at[0] == '/') {
        target->form = TARGET_ORIGIN;
        return true;
    }
    if (text.at[0] == '*') {
        target->form = TARGET_ASTERISK;
        return text.length == 1 && text_is(method, "OPTIONS");
    }
    if (skip_scheme(&text, (struct text)TEXT("http://")))
        return parse_absolute(text, target);
    target->tls = skip_scheme(&text, (struct text)TEXT("https://"));
    return target->tls && parse_absolute(text, target);
}

void target_split(struct text path, struct text *plain, struct text *query)
{
    size_t question = text_find(path, '?');

    *query = text_from_offset(path, question + 1);
    *plain = question > 0 ? text_of(path.at, question) : (struct text)TEXT("/");
}
