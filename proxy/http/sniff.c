/* sniff: what speaks, from the first bytes of a connection. */
#include "http/sniff.h"

#include <string.h>

#include "http/chars.h"
#include "http/check.h"
#include "http/client_hello.h"

enum { EMPTY_LINES_MOST = 4 };

static bool starts_like(struct text bytes, struct text pattern)
{
    size_t length = bytes.length < pattern.length ? bytes.length : pattern.length;

    return length > 0 && memcmp(bytes.at, pattern.at, length) == 0;
}

/* A method token and a space, behind as many empty lines as the reader takes. */
static enum sniffed sniff_http1(struct text bytes)
{
    size_t at = 0, start;

    while (at < 2 * (size_t)EMPTY_LINES_MOST && at < bytes.length &&
           bytes.at[at] == (at % 2 == 0 ? '\r' : '\n'))
        at++;
    if (at == bytes.length)
        return SNIFF_MORE;
    if (at % 2 != 0)
        return SNIFF_OTHER;
    start = at;
    while (at < bytes.length && at - start <= METHOD_SIZE_MOST && char_is(bytes.at[at], CHAR_TOKEN))
        at++;
    if (at - start > METHOD_SIZE_MOST)
        return SNIFF_OTHER;
    if (at == bytes.length)
        return SNIFF_MORE;
    return at > start && bytes.at[at] == ' ' ? SNIFF_HTTP1 : SNIFF_OTHER;
}

enum sniffed sniff(struct text bytes, struct client_hello *hello, char *scratch)
{
    static const struct text preface = TEXT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

    *hello = (struct client_hello){ .offers_h2 = false };
    if (text_is_empty(bytes))
        return SNIFF_MORE;
    if (bytes.at[0] == CLIENT_HELLO_FIRST_BYTE)
        return client_hello_read(bytes, hello, scratch);
    if (starts_like(bytes, preface))
        return bytes.length < preface.length ? SNIFF_MORE : SNIFF_HTTP2;
    return sniff_http1(bytes);
}
