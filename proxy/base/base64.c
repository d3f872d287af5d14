/* base64: bytes as letters. */
#include "base/base64.h"

void base64_add(struct buffer *out, struct text bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < bytes.length; i += 3) {
        unsigned group = 0;

        for (size_t j = i; j < i + 3; j++)
            group = group << 8 | (j < bytes.length ? (unsigned char)bytes.at[j] : 0);
        for (size_t j = 0; j < 4; j++)
            buffer_add_byte(out, i + j > bytes.length ? '=' : digits[group >> (18 - 6 * j) & 63]);
    }
}
