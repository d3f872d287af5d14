/* chunk_line: the line before a chunk (RFC 9112 7.1). */
#include "http/chunk_line.h"

#include "http/chars.h"

enum { DIGITS_MOST = 16 };

/* reader->step */
enum { SIZE, BLANKS, EXTENSION, LINE_FEED };

static enum read_result refuse(struct reader *reader, const char *complaint)
{
    reader->complaint = complaint;
    return READ_WRONG;
}

static unsigned digit_value(char digit)
{
    return (unsigned)(digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
}

static enum read_result take_size(struct reader *reader, char byte)
{
    if (char_is(byte, CHAR_HEX)) {
        if (reader->line > DIGITS_MOST)
            return refuse(reader, "a chunk size of more than 16 digits");
        reader->left = reader->left << 4 | digit_value(byte);
        return READ_MORE;
    }
    if (reader->line == 1)
        return refuse(reader, "a chunk without a size");
    if (byte == '\r')
        reader->step = LINE_FEED;
    else if (byte == ';')
        reader->step = EXTENSION;
    else if (char_is_blank(byte))
        reader->step = BLANKS;
    else
        return refuse(reader, "a chunk size that is no number");
    return READ_MORE;
}

/* White space may stand before an extension and nowhere else. */
static enum read_result take_blank(struct reader *reader, char byte)
{
    if (byte == ';')
        reader->step = EXTENSION;
    else if (!char_is_blank(byte))
        return refuse(reader, "white space behind a chunk size");
    return READ_MORE;
}

static enum read_result take_extension(struct reader *reader, char byte)
{
    if (byte == '\r')
        reader->step = LINE_FEED;
    else if (!char_is(byte, CHAR_VALUE))
        return refuse(reader, "a control character in a chunk extension");
    return READ_MORE;
}

static enum read_result take_byte(struct reader *reader, char byte)
{
    if (++reader->line > CHUNK_LINE_MOST)
        return refuse(reader, "a chunk line of more than 4 KiB");
    switch (reader->step) {
    case SIZE:
        return take_size(reader, byte);
    case BLANKS:
        return take_blank(reader, byte);
    case EXTENSION:
        return take_extension(reader, byte);
    default:
        return byte == '\n' ? READ_DONE : refuse(reader, "bare CR in a chunk line");
    }
}

enum read_result chunk_line_take(struct reader *reader, struct text bytes, size_t *used)
{
    enum read_result result = READ_MORE;

    for (*used = 0; result == READ_MORE && *used < bytes.length; (*used)++)
        result = take_byte(reader, bytes.at[*used]);
    return result;
}
