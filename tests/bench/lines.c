/* lines: a log of made-up events, and what it costs to read one. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/random.h"
#include "observe/log_read.h"

static int64_t cpu_time(void)
{
    struct timespec time;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return time.tv_sec * SECOND + time.tv_nsec / 1000;
}

static double draw(uint64_t number, uint64_t what)
{
    return random_unit(random_join(number, what));
}

/* Every field has something. */
static void fill(const struct event_description *description, uint64_t number, char *event)
{
    static const char *const words[] = { "10.0.0.17", "checkout-api", "/v1/items/8071?page=3",
                                         "a \"quoted\" word, and the rest of it" };

    for (size_t i = 0; i < description->count; i++) {
        const struct event_field *field = &description->fields[i];
        char *at = event + field->offset;
        double drawn = draw(number, i);

        switch (field->type) {
        case EVENT_TEXT:
            *(struct text *)(void *)at = text_from(words[i % COUNT_OF(words)]);
            break;
        case EVENT_COUNT:
            *(uint64_t *)(void *)at = (uint64_t)(drawn * 100000);
            break;
        case EVENT_HASH:
            *(uint64_t *)(void *)at = random_join(number, i);
            break;
        case EVENT_DURATION:
        case EVENT_MOMENT:
            *(usec *)(void *)at = (usec)(drawn * 100.0 * (double)SECOND);
            break;
        case EVENT_FLAG:
            *(bool *)at = drawn < 0.5;
            break;
        case EVENT_REAL:
            *(double *)(void *)at = drawn;
            break;
        }
    }
}

/* Of eight lines five are requests, two faults, one a connection. */
static int write_lines(const char *path, uint64_t count)
{
    static const enum event_kind kinds[] = { EVENT_request,    EVENT_fault,   EVENT_request,
                                             EVENT_request,    EVENT_request, EVENT_fault,
                                             EVENT_connection, EVENT_request };
    struct buffer line = { 0 };
    FILE *file = fopen(path, "w");
    bool written = file != NULL;

    for (uint64_t i = 0; i < count && written; i++) {
        enum event_kind kind = kinds[i % COUNT_OF(kinds)];
        struct log_line event = { 0 };

        fill(event_describe(kind), i, (char *)&event.event);
        buffer_clear(&line);
        event_write(kind, &event.event, i, (usec)i * MSEC, &line);
        buffer_add_byte(&line, '\n');
        written = fwrite(line.at, 1, line.length, file) == line.length;
    }
    buffer_free(&line);
    if (file && fclose(file) == 0 && written)
        return 0;
    perror(path);
    return 1;
}

/* Prints: lines, and the µs of CPU time that they took. */
static int read_lines(const char *path)
{
    struct buffer complaint = { 0 };
    struct log_reader *reader = log_reader_open(path, &complaint);
    enum log_found found = LOG_BROKEN;
    int64_t start = cpu_time();
    uint64_t count = 0;
    struct log_line line;

    while (reader && (found = log_read(reader, &line, &complaint)) == LOG_LINE)
        count++;
    log_reader_close(reader);
    if (found == LOG_END)
        printf("%" PRIu64 " %" PRId64 "\n", count, cpu_time() - start);
    else
        fprintf(stderr, "lines: %s\n", complaint.at ? complaint.at : "not a whole log");
    buffer_free(&complaint);
    return found != LOG_END;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "write") == 0)
        return write_lines(argv[2], strtoull(argv[3], NULL, 10));
    if (argc == 3 && strcmp(argv[1], "read") == 0)
        return read_lines(argv[2]);
    fputs("usage: lines write FILE COUNT | lines read FILE\n", stderr);
    return 2;
}
