/* source: what bytes a scenario's file may hold. */
#include "scenario/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BYTE_ORDER_MARK 0xFEFF

/* Reads to the end, or to one byte more than is allowed. -1 with errno. */
static ssize_t read_all(int fd, char *bytes, size_t room)
{
    size_t length = 0;

    while (length < room) {
        ssize_t count = read(fd, bytes + length, room - length);

        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return -1;
        if (count == 0)
            break;
        length += (size_t)count;
    }
    return (ssize_t)length;
}

bool source_read(const char *path, struct arena *arena, struct text *source,
                 struct problems *problems)
{
    struct place place = { .file = path };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *bytes;
    ssize_t length;

    if (fd < 0) {
        problem_at(problems, place, "cannot be opened: %s", strerror(errno));
        return false;
    }
    bytes = memory_take(SOURCE_LIMIT + 1);
    length = read_all(fd, bytes, SOURCE_LIMIT + 1);
    if (length < 0)
        problem_at(problems, place, "cannot be read: %s", strerror(errno));
    else if ((size_t)length > SOURCE_LIMIT)
        problem_at(problems, place, "is larger than 1 MiB");
    else
        *source = arena_copy(arena, text_of(bytes, (size_t)length));
    close(fd);
    free(bytes);
    return length >= 0 && (size_t)length <= SOURCE_LIMIT;
}

/* How many bytes the character that begins with `first` has; 0: none begins so. */
static size_t character_length(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first < 0xC2)
        return 0;
    if (first < 0xE0)
        return 2;
    if (first < 0xF0)
        return 3;
    return first < 0xF5 ? 4 : 0;
}

/* Decodes one character; 0 where the bytes are not UTF-8. */
static size_t decode(struct text text, uint32_t *character)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    unsigned char first = (unsigned char)text.at[0];
    size_t length = character_length(first);

    if (length < 2) {
        *character = first;
        return length;
    }
    if (length > text.length)
        return 0;
    *character = first & (0xFFu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        unsigned char byte = (unsigned char)text.at[i];

        if ((byte & 0xC0) != 0x80)
            return 0;
        *character = *character << 6 | (byte & 0x3F);
    }
    if (*character < least[length] || *character > 0x10FFFF || (*character & 0x1FF800) == 0xD800)
        return 0;
    return length;
}

static bool is_allowed(uint32_t character, bool first)
{
    if (character < 0x20)
        return character == '\t' || character == '\n' || character == '\r';
    if (character >= 0x7F && character < 0xA0)
        return character == 0x85;
    if (character == BYTE_ORDER_MARK)
        return first;
    return character != 0xFFFE && character != 0xFFFF;
}

bool source_check(struct text source, const char *name, struct problems *problems)
{
    struct place place = { name, 1, 1 };
    uint32_t character = 0;
    size_t length;

    for (size_t i = 0; i < source.length; i += length) {
        length = decode(text_from_offset(source, i), &character);
        if (length == 0) {
            problem_at(problems, place, "this is not UTF-8 (byte 0x%02x)",
                       (unsigned)(unsigned char)source.at[i]);
            return false;
        }
        if (!is_allowed(character, i == 0)) {
            problem_at(problems, place, "the control character U+%04X cannot stand here",
                       (unsigned)character);
            return false;
        }
        place.column++;
        if (character == '\n') {
            place.line++;
            place.column = 1;
        }
    }
    return true;
}
