/* Chunked bodies: the first byte says how they are cut; that makes no difference. */
#include "fuzz.h"
#include "message.h"

static void read_in_steps(struct message *message, struct text bytes, size_t step)
{
    message_open(message, HEAD_REQUEST, text_from("GET"), 100);
    reader_body(&message->reader, FRAMING_CHUNKED, 0);
    message_read_body(message, bytes, step);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct message whole, cut;
    struct text bytes;

    if (size == 0)
        return 0;
    bytes = text_of((const char *)data + 1, size - 1);
    read_in_steps(&whole, bytes, SIZE_MAX);
    read_in_steps(&cut, bytes, 1 + (size_t)data[0] % 16);
    must(whole.result == cut.result);
    must(whole.reader.body_bytes == cut.reader.body_bytes);
    must(text_equal(bytes_of(&whole, &whole.chunks, PART_BODY),
                    bytes_of(&cut, &cut.chunks, PART_BODY)));
    must(text_equal(bytes_of(&whole, &whole.chunks, PART_TRAILER),
                    bytes_of(&cut, &cut.chunks, PART_TRAILER)));
    message_close(&whole);
    message_close(&cut);
    return 0;
}
