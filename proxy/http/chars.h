/* chars: which bytes may stand where (RFC 9110 5.5 and 5.6.2, RFC 3986 2 and 3). */
#ifndef PANNE_HTTP_CHARS_H
#define PANNE_HTTP_CHARS_H

#include <stdbool.h>

enum char_class {
    CHAR_TOKEN = 1, /* tchar */
    CHAR_VALUE = 2, /* field values and reason phrases: HTAB, SP, VCHAR, obs-text */
    CHAR_TARGET =
        4, /* VCHAR without `#`: wider than a URI, because clients send `|` and `{` as they are */
    CHAR_HOST = 8, /* unreserved; DNS has no use for sub-delims */
    CHAR_HEX = 16,
    CHAR_DIGIT = 32,
};

extern const unsigned char char_classes[256];

static inline bool char_is(char byte, enum char_class class)
{
    return (char_classes[(unsigned char)byte] & class) != 0;
}

static inline bool char_is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

#endif
