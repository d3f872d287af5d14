/* Logs of runs that cannot have been: each field is what some byte of the input says, from a few
 * usual values to the most that a log can hold. They are judged, and all reports are made. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/attributes.h"
#include "fuzz.h"
#include "judge.h"
#include "message.h"
#include "report/report.h"

enum { EVENTS_MOST = 3000 };

static const char scenario[] = "panne: 1\n"
                               "title: Judged\n"
                               "services:\n"
                               "  a:\n"
                               "    match: {host: a.test}\n"
                               "  b:\n"
                               "    match: {path: /b}\n"
                               "    stays-up: true\n"
                               "phases:\n"
                               "  - name: well\n"
                               "    lasts: 10s\n"
                               "  - name: down\n"
                               "    lasts: 10s\n"
                               "    faults:\n"
                               "      - {service: a, error: 503}\n"
                               "      - {service: a, certificate: expired}\n"
                               "expect:\n"
                               "  amplification: {at-most: 1.2, service: a}\n"
                               "  attempts: {at-most: 3, client: 'c*'}\n"
                               "  recovery: {within: 5s, service: b}\n";

/* What is left of the input; nothing but zeros behind it. */
struct input {
    const uint8_t *at, *end;
    usec now;
};

static uint8_t take_byte(struct input *input)
{
    return input->at < input->end ? *input->at++ : 0;
}

static uint64_t take_word(struct input *input)
{
    uint64_t word = 0;

    for (int i = 0; i < 8; i++)
        word = word << 8 | take_byte(input);
    return word;
}

/* Mostly small. */
static uint64_t take_count(struct input *input)
{
    uint8_t way = take_byte(input);

    if (way < 0xf0)
        return way;
    return way == 0xf0 ? INT64_MAX : take_word(input) >> (1 + (way & 7) * 8); /* JSON has no more */
}

/* Up to what a log can say: 2^53 microseconds, either way. */
static usec take_time(struct input *input)
{
    static const usec usual[] = { 0, 1, 5 * MSEC, 300 * MSEC, SECOND, 7 * SECOND, MINUTE, HOUR };
    const usec most = (usec)1 << 53;
    uint8_t way = take_byte(input);

    if (way < 0x80)
        return usual[way % COUNT_OF(usual)] + way;
    switch (way) {
    case 0xff:
        return most;
    case 0xfe:
        return -most;
    case 0xfd:
        return NEVER; /* left out */
    case 0xfc:
        return (usec)(take_word(input) % (uint64_t)most) - most / 2;
    default:
        return (usec)(way - 0x80) * SECOND;
    }
}

static const char *const words[] = {
    "",
    "a",
    "b",
    "well",
    "down",
    "c1",
    "c2",
    "GET",
    "POST",
    "/a",
    "/a/logout",
    "/oauth/token",
    "answered",
    "made",
    "cut",
    "reset",
    "closed",
    "client-left",
    "tunnel",
    "refused",
    "error",
    "latency",
    "hang",
    "certificate",
    "tls",
    "TLSv1.3",
    "client",
    "curl/8.5",
    "Throttling",
    "idempotency-key",
    "drain",
    "the run was ended",
    "traceparent",
};

static struct text take_text(struct input *input)
{
    uint8_t way = take_byte(input);

    if (way < 0xc0 || input->at == input->end)
        return text_from(words[way % COUNT_OF(words)]);
    way &= 0x3f;
    if (way > input->end - input->at)
        way = (uint8_t)(input->end - input->at);
    input->at += way;
    return text_of((const char *)input->at - way, way);
}

static void take_event(struct input *input, const struct event_description *description,
                       char *event)
{
    for (size_t i = 0; i < description->count; i++) {
        const struct event_field *field = &description->fields[i];
        char *at = event + field->offset;

        switch (field->type) {
        case EVENT_TEXT:
            *(struct text *)(void *)at = take_text(input);
            break;
        case EVENT_COUNT:
        case EVENT_HASH:
            *(uint64_t *)(void *)at = take_count(input);
            break;
        case EVENT_DURATION:
            *(usec *)(void *)at = take_time(input);
            break;
        case EVENT_MOMENT:
            *(usec *)(void *)at = usec_min(take_time(input), (usec)1 << 53);
            break;
        case EVENT_FLAG:
            *(bool *)at = (take_byte(input) & 1) != 0;
            break;
        case EVENT_REAL:
            *(double *)(void *)at = (double)take_time(input) / 1000.0;
            break;
        }
    }
}

/* The fields that say most of a request, in a few bytes: so that inputs of some length hold many,
 * and the input decides what they have in common. */
static void take_short(struct input *input, struct event_request *event)
{
    static const char *const outcomes[] = { "answered", "made", "cut", "client-left" };
    static const uint64_t statuses[] = { 200, 200, 200, 503, 503, 429, 404, 401 };
    uint8_t bits = take_byte(input), more = take_byte(input);

    memset(event, 0, sizeof *event);
    event->client = text_from(bits & 1 ? "c1" : "c2");
    event->service = text_from(bits & 2 ? "a" : "b");
    event->phase = text_from(bits & 4 ? "well" : "down");
    event->method = text_from(bits & 8 ? "GET" : "POST");
    event->path = text_from(bits & 16 ? "/a" : "/oauth/token");
    event->outcome = text_from(outcomes[bits >> 6]);
    event->status = statuses[more & 7];
    event->print = 1 + (more >> 3 & 3);
    event->mark = more >> 5 & 1;
    event->exchange = event->connection = more;
    event->injected = event->measured = event->client_ended = NEVER;
    event->first_byte = event->lasted = (usec)take_byte(input) * 10 * MSEC;
    event->retry_after = more >> 6 == 3 ? SECOND : NEVER;
}

static void write_line(enum event_kind kind, const void *event, uint64_t number, usec time,
                       struct buffer *log)
{
    event_write(kind, event, number, time, log);
    buffer_add_byte(log, '\n');
}

static void write_log(struct input *input, struct buffer *log)
{
    struct event_run run = { .scenario = text_from("fuzz"),
                             .text = text_from(scenario),
                             .wall = text_from("2026-01-01T00:00:00Z"),
                             .speed = 1,
                             .profile = text_from("strict") };
    union {
#define X(name, help, fields) struct event_##name name;
        EVENTS(X)
#undef X
    } event;

    write_line(EVENT_run, &run, 0, 0, log);
    for (uint64_t i = 1; i < EVENTS_MOST && input->at < input->end; i++) {
        uint8_t what = take_byte(input);
        enum event_kind kind = what < 0x80 ? EVENT_request : (enum event_kind)(what % EVENT_KINDS);
        usec step = take_time(input);

        memset(&event, 0, sizeof event);
        if (what < 0x60)
            take_short(input, &event.request);
        else
            take_event(input, event_describe(kind), (char *)&event);
        if (step != NEVER && step > -((usec)1 << 53) && step < (usec)1 << 40)
            input->now = usec_min(input->now + step, (usec)1 << 53);
        else if (step != NEVER)
            input->now = step;
        if (kind != EVENT_run) /* there is a scenario to be read in it */
            write_line(kind, &event, i, input->now, log);
    }
}

static void report_all(const struct judgment *judgment)
{
    const struct report_options options = { .unicode = true, .columns = 80 };
    struct buffer out = { 0 };

    for (size_t i = 0; report_at(i); i++)
        if (report_at(i)->write)
            report_at(i)->write(judgment, &options, &out);
    buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = { data, data + size, 0 };
    int fd = memfd_create("log", MFD_CLOEXEC);
    struct buffer log = { 0 }, complaint = { 0 };
    struct judge *judge;
    char path[64];

    write_log(&input, &log);
    if (fd < 0 || write(fd, log.at, log.length) != (ssize_t)log.length)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    judge = judge_read(path, PROFILE_COUNT, NULL, &complaint);
    if (!judge)
        fprintf(stderr, "%s\n", complaint.at);
    must(judge && judge_set_baseline(judge, path, &complaint));
    report_all(judge_conclude(judge, true));
    judge_free(judge);
    buffer_free(&log);
    buffer_free(&complaint);
    close(fd);
    return 0;
}
