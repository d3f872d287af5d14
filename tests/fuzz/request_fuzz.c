/* Requests: read strictly, written with our framing, read again: the same. */
#include "fuzz.h"
#include "message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size <= 16384)
        message_try(HEAD_REQUEST, text_from("GET"), text_of((const char *)data, size));
    return 0;
}
