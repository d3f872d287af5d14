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

/* Takes turns among so many. */
enum { CLIENTS = 1000, SERVICES = 5 };

static const char scenario[] = "panne: 1\n"
                               "title: Half of the answers fail, now and then\n"
                               "services:\n"
                               "  any:\n"
                               "    match: {}\n"
                               "phases:\n"
                               "  - name: calm\n"
                               "    lasts: 10m\n"
                               "  - name: down\n"
                               "    lasts: 10m\n"
                               "    faults:\n"
                               "      - {service: any, error: 503, share: 50%}\n";

static bool put(FILE *file, struct buffer *line, enum event_kind kind, const void *event,
                uint64_t number)
{
    buffer_clear(line);
    event_write(kind, event, number, (usec)number * MSEC, line);
    buffer_add_byte(line, '\n');
    return fwrite(line->at, 1, line->length, file) == line->length;
}

/* Every twenty requests. */
static bool put_connection(FILE *file, struct buffer *line, uint64_t number, uint64_t *written)
{
    char client[24];
    struct event_connection connection = { .connection = number / 20,
                                           .client = text_of(client, 0),
                                           .listener = text_from("127.0.0.1:8080"),
                                           .requests = 20,
                                           .lasted = 20 * SECOND,
                                           .end = text_from("client") };

    if (number % 20 != 19)
        return true;
    snprintf(client, sizeof client, "client-%d", (int)(number % CLIENTS));
    connection.client = text_from(client);
    return put(file, line, EVENT_connection, &connection, (*written)++);
}

/* The request of that number, with a fault before it where one hits it. While the service is down
 * half of them are those of a second ago once more. */
static bool put_some(FILE *file, struct buffer *line, uint64_t number, bool down, uint64_t *written)
{
    uint64_t thing = down && number % 2 ? number - 1000 : number;
    bool hit = down && draw(number, 1) < 0.5;
    char client[24], service[24], path[48];
    struct event_fault fault = { .exchange = number,
                                 .kind = text_from("error"),
                                 .asked = NEVER,
                                 .measured = NEVER,
                                 .touched = 1,
                                 .exercised = true };
    struct event_request request = { .exchange = number,
                                     .connection = number / 20,
                                     .phase = text_from(down ? "down" : "calm"),
                                     .decided = (usec)number * MSEC,
                                     .timeline = (usec)number * MSEC,
                                     .method = text_from(number % 5 ? "GET" : "POST"),
                                     .host = text_from("shop.test"),
                                     .status = hit ? 503 : 200,
                                     .outcome = text_from(hit ? "made" : "answered"),
                                     .injected = NEVER,
                                     .measured = NEVER,
                                     .first_byte = 3 * MSEC,
                                     .lasted = 4 * MSEC + (usec)(number % 300) * MSEC,
                                     .client_ended = NEVER,
                                     .bytes_up = number % 5 ? 0 : 300,
                                     .bytes_down = 1500,
                                     .agent = text_from("python-requests/2.31"),
                                     .print = random_mix(thing),
                                     .retry_after = NEVER };
    snprintf(client, sizeof client, "client-%d", (int)(thing % CLIENTS));
    snprintf(service, sizeof service, "service-%d", (int)(thing % SERVICES));
    snprintf(path, sizeof path, "/v1/items/%d", (int)(thing % 9973));
    request.client = text_from(client);
    request.service = text_from(service);
    request.path = text_from(path);
    return (!hit || put(file, line, EVENT_fault, &fault, (*written)++)) &&
           put(file, line, EVENT_request, &request, (*written)++);
}

/* A run that can be judged: calm, down for a third of it, and calm again. */
static int write_run(const char *path, uint64_t count)
{
    struct event_run run = { .version = text_from("0"),
                             .wall = text_from("2026-01-01T00:00:00Z"),
                             .text = text_from(scenario),
                             .seed = text_from("1"),
                             .speed = 1,
                             .from = NEVER,
                             .until = NEVER,
                             .profile = text_from("default") };
    struct event_end end = { .why = text_from("done") };
    struct buffer line = { 0 };
    FILE *file = fopen(path, "w");
    uint64_t written = 1;
    bool good = file && put(file, &line, EVENT_run, &run, 0), was_down = true;

    for (uint64_t number = 1; written < count && good; number++) {
        bool down = written >= count / 3 && written < count / 3 * 2;
        struct event_phase phase = { .name = text_from(down ? "down" : "calm"),
                                     .lasts = HOUR,
                                     .scenario_lasts = HOUR,
                                     .why = text_from("time") };

        if (down != was_down)
            good = put(file, &line, EVENT_phase, &phase, written++);
        was_down = down;
        good = good && put_connection(file, &line, number, &written) &&
               put_some(file, &line, number, down, &written);
    }
    good = good && put(file, &line, EVENT_end, &end, written);
    buffer_free(&line);
    if (file && fclose(file) == 0 && good)
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
    if (argc == 4 && strcmp(argv[1], "run") == 0)
        return write_run(argv[2], strtoull(argv[3], NULL, 10));
    if (argc == 3 && strcmp(argv[1], "read") == 0)
        return read_lines(argv[2]);
    fputs("usage: lines write|run FILE COUNT | lines read FILE\n", stderr);
    return 2;
}
