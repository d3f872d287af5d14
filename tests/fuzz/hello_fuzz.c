/* The first bytes of a connection: what they are told to be stays so when more come. */
#include "fuzz.h"
#include "http/sniff.h"
#include "message.h"

static bool lies_in(struct text part, struct text whole)
{
    return part.length == 0 ||
           (part.at >= whole.at && part.at + part.length <= whole.at + whole.length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text bytes = text_of((const char *)data, size);
    struct client_hello hello;
    char *scratch = memory_take(16384);
    enum sniffed whole, half = sniff(text_of(bytes.at, size / 2), &hello, scratch);

    memset(scratch, 0, 16384);
    whole = sniff(bytes, &hello, scratch);
    must(half == SNIFF_MORE || half == whole);
    must(whole != SNIFF_MORE || size < 16384);
    must(whole == SNIFF_TLS || hello.server_name.length == 0);
    must(lies_in(hello.server_name, bytes) || lies_in(hello.server_name, text_of(scratch, 16384)));
    free(scratch);
    return 0;
}
