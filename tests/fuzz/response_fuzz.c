/* Answers: the first byte says to what; the rest is read strictly, written with our framing and
 * read again: the same. */
#include "fuzz.h"
#include "message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const methods[] = { "GET", "HEAD", "CONNECT" };

    if (size > 0 && size <= 16384)
        message_try(HEAD_RESPONSE, text_from(methods[data[0] % COUNT_OF(methods)]),
                    text_of((const char *)data + 1, size - 1));
    return 0;
}
