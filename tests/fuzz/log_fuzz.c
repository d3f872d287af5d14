/* Logs, and single lines: our way of reading them and the JSON library's come to the same. */
#include "fuzz.h"
#include "log_ways.h"
#include "message.h"
#include "observe/log_scan.h"

/* In memory of its own size, which nothing may be read behind. What is read is written again. */
static void try_line(struct log_scanner *scanner, struct text text, struct buffer *out)
{
    char *copy = memory_take(text.length);
    struct log_line line = { 0 };

    if (text.length > 0)
        memcpy(copy, text.at, text.length);
    if (log_scan(scanner, text_of(copy, text.length), &line)) {
        event_write(line.kind, &line.event, line.sequence, line.time, out);
        buffer_add_byte(out, '\n');
    }
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text log = text_of((const char *)data, size);
    struct log_scanner *scanner;
    struct buffer again = { 0 };

    if (size >= LOG_LINE_MOST) /* that a line is too long does not end the log */
        return 0;
    must(!log_ways_differ(log, NULL));
    scanner = log_scanner_new();
    while (log.length > 0) {
        size_t length = text_find(log, '\n');

        try_line(scanner, text_of(log.at, length), &again);
        log = text_from_offset(log, length + 1);
    }
    log_scanner_free(scanner);
    if (again.length > 0)
        must(!log_ways_differ(buffer_text(&again), NULL));
    buffer_free(&again);
    return 0;
}
