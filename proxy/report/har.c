/* har: all exchanges in the HTTP Archive format 1.2 (Jan Odvarko, HAR 1.2 Spec), for tools that
 * draw waterfalls. Made while a log is read, in memory that does not grow with it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "report/report.h"

enum { CONNECTIONS = 8192, FAULTS = 16 };

/* A fault, told before the exchange that it hit. */
struct hit {
    uint64_t exchange;
    char rule[64], kind[24];
    bool exercised;
};

struct har {
    bool begun;
    bool filled;               /* an entry is there */
    usec wall;                 /* since 1970 */
    uint64_t tls[CONNECTIONS]; /* connections that speak TLS, at their number modulo this */
    struct hit hits[FAULTS];   /* the last ones */
    size_t hit_count;
};

/* The number that stands there in so many digits; 0: none does. */
static int number_at(struct text text, size_t at, size_t length)
{
    uint64_t number = 0;

    if (at + length > text.length || !text_to_u64(text_of(text.at + at, length), &number))
        return 0;
    return (int)number;
}

/* RFC 3339 in UTC, with milliseconds: `2026-11-21T18:00:00.250Z`. */
static usec read_wall(struct text wall)
{
    struct tm parts = { .tm_year = number_at(wall, 0, 4) - 1900,
                        .tm_mon = number_at(wall, 5, 2) - 1,
                        .tm_mday = number_at(wall, 8, 2),
                        .tm_hour = number_at(wall, 11, 2),
                        .tm_min = number_at(wall, 14, 2),
                        .tm_sec = number_at(wall, 17, 2) };

    return (usec)timegm(&parts) * SECOND + number_at(wall, 20, 3) * MSEC;
}

static void begin(struct har *har, const struct event_run *event, struct buffer *out)
{
    if (har->begun)
        return;
    har->begun = true;
    har->wall = read_wall(event->wall);
    buffer_add_string(out, "{\"log\": {\"version\": \"1.2\", \"creator\": {\"name\": \"panne\", "
                           "\"version\": ");
    buffer_add_json(out, event->version);
    buffer_add_string(out, "},\n\"entries\": [");
}

static void note_tls(struct har *har, const struct event_tls *event)
{
    if (text_is(event->side, "client") && !text_is_empty(event->version))
        har->tls[event->connection % CONNECTIONS] = event->connection;
}

static bool speaks_tls(const struct har *har, uint64_t connection)
{
    return connection > 0 && har->tls[connection % CONNECTIONS] == connection;
}

static void copy(char *out, size_t room, struct text text)
{
    snprintf(out, room, "%.*s", (int)text.length, text.at);
}

static void note_fault(struct har *har, const struct event_fault *event)
{
    struct hit *hit = &har->hits[har->hit_count++ % FAULTS];

    hit->exchange = event->exchange;
    hit->exercised = event->exercised;
    copy(hit->rule, sizeof hit->rule, event->rule);
    copy(hit->kind, sizeof hit->kind, event->kind);
}

static void add_started(const struct har *har, usec began, struct json *json)
{
    usec moment = har->wall + began;
    time_t seconds = (time_t)(moment / SECOND);
    struct buffer words = { 0 };
    struct tm parts;
    char text[64];

    gmtime_r(&seconds, &parts);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    buffer_format(&words, "%s.%03dZ", text, (int)(moment % SECOND / MSEC));
    json_add_text(json, "startedDateTime", buffer_text(&words));
    buffer_free(&words);
}

static double milliseconds(usec length)
{
    return (double)length / (double)MSEC;
}

static void add_url(const struct har *har, const struct event_request *event, struct json *json)
{
    struct buffer url = { 0 };

    buffer_add_string(&url, speaks_tls(har, event->connection) ? "https://" : "http://");
    if (text_is_empty(event->host))
        buffer_add_string(&url, "unknown");
    buffer_add_text(&url, event->host);
    if (!text_starts(event->path, text_from("/")))
        buffer_add_byte(&url, '/');
    if (!text_is(event->method, "CONNECT"))
        buffer_add_text(&url, event->path);
    if (!text_is_empty(event->query)) {
        buffer_add_byte(&url, '?');
        buffer_add_text(&url, event->query);
    }
    json_add_text(json, "url", buffer_text(&url));
    buffer_free(&url);
}

/* As it was written: nothing is decoded. */
static void add_query(const struct event_request *event, struct json *json)
{
    struct text rest = event->query, pair;

    json_open(json, "queryString", '[');
    while (text_next_item(&rest, '&', &pair)) {
        size_t equals = text_find(pair, '=');

        json_open_row(json, NULL, '{');
        json_add_text(json, "name", text_of(pair.at, equals));
        json_add_text(json, "value", text_from_offset(pair, equals + 1));
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void add_nothing(struct json *json, const char *key)
{
    json_open(json, key, '[');
    json_close(json, ']');
}

static void add_sizes(uint64_t body, struct json *json)
{
    add_nothing(json, "cookies");
    add_nothing(json, "headers");
    json_add_number(json, "headersSize", -1);
    json_add_number(json, "bodySize", (double)body);
}

static void add_request(const struct har *har, const struct event_request *event, struct json *json)
{
    json_open(json, "request", '{');
    json_add_text(json, "method", event->method);
    add_url(har, event, json);
    json_add_string(json, "httpVersion", "HTTP/1.1");
    add_query(event, json);
    add_sizes(event->bytes_up, json);
    json_close(json, '}');
}

static void add_response(const struct event_request *event, struct json *json)
{
    json_open(json, "response", '{');
    json_add_number(json, "status", (double)event->status);
    json_add_string(json, "statusText", "");
    json_add_string(json, "httpVersion", "HTTP/1.1");
    json_open_row(json, "content", '{');
    json_add_number(json, "size", (double)event->bytes_down);
    json_add_string(json, "mimeType", "");
    json_close(json, '}');
    json_add_string(json, "redirectURL", "");
    add_sizes(event->bytes_down, json);
    json_close(json, '}');
}

static void add_timings(const struct event_request *event, struct json *json)
{
    bool answered = event->first_byte != NEVER && event->first_byte <= event->lasted;
    usec wait = answered ? event->first_byte : event->lasted;

    json_open_row(json, "timings", '{');
    json_add_number(json, "send", 0);
    json_add_number(json, "wait", milliseconds(wait));
    json_add_number(json, "receive", milliseconds(event->lasted - wait));
    json_close(json, '}');
}

static void add_faults(const struct har *har, const struct event_request *event, struct json *json)
{
    size_t from = har->hit_count > FAULTS ? har->hit_count - FAULTS : 0;

    json_open(json, "faults", '[');
    for (size_t i = from; i < har->hit_count; i++) {
        const struct hit *hit = &har->hits[i % FAULTS];

        if (hit->exchange != event->exchange)
            continue;
        json_open_row(json, NULL, '{');
        json_add_string(json, "rule", hit->rule);
        json_add_string(json, "kind", hit->kind);
        json_add_bool(json, "exercised", hit->exercised);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void add_hash(struct json *json, const char *key, uint64_t hash)
{
    char digits[17];

    snprintf(digits, sizeof digits, "%016" PRIx64, hash);
    if (hash > 0)
        json_add_string(json, key, digits);
}

static void add_said(struct json *json, const char *key, struct text text)
{
    if (!text_is_empty(text))
        json_add_text(json, key, text);
}

/* What the format has no place for; names that begin with an underscore are ours. */
static void add_own(const struct har *har, const struct event_request *event, struct json *json)
{
    json_open(json, "_panne", '{');
    json_add_number(json, "exchange", (double)event->exchange);
    add_said(json, "client", event->client);
    add_said(json, "service", event->service);
    add_said(json, "phase", event->phase);
    json_add_text(json, "outcome", event->outcome);
    add_said(json, "detail", event->detail);
    json_add_number(json, "ordinal", (double)event->ordinal);
    if (event->attempt > 0)
        json_add_number(json, "attempt", (double)event->attempt);
    add_hash(json, "print", event->print);
    add_hash(json, "mark", event->mark);
    if (event->retry_after != NEVER)
        json_add_number(json, "retry_after_ms", milliseconds(event->retry_after));
    add_faults(har, event, json);
    json_close(json, '}');
}

static void add_entry(struct har *har, const struct event_request *event, usec time,
                      struct buffer *out)
{
    struct json json = { .out = out };
    struct buffer connection = { 0 };

    buffer_add_string(out, har->filled ? ",\n" : "\n");
    har->filled = true;
    buffer_format(&connection, "%" PRIu64, event->connection);
    json_open(&json, NULL, '{');
    add_started(har, time - event->lasted, &json);
    json_add_number(&json, "time", milliseconds(event->lasted));
    add_request(har, event, &json);
    add_response(event, &json);
    json_open_row(&json, "cache", '{');
    json_close(&json, '}');
    add_timings(event, &json);
    json_add_text(&json, "connection", buffer_text(&connection));
    add_own(har, event, &json);
    json_close(&json, '}');
    buffer_free(&connection);
}

static void stream_har(void *state, enum event_kind kind, const void *event, usec time,
                       struct buffer *out)
{
    struct har *har = state;

    if (kind == EVENT_run)
        begin(har, event, out);
    else if (kind == EVENT_tls)
        note_tls(har, event);
    else if (kind == EVENT_fault)
        note_fault(har, event);
    else if (kind == EVENT_request)
        add_entry(har, event, time, out);
}

static void end_har(void *state, struct buffer *out)
{
    (void)state;
    buffer_add_string(out, "\n]}}\n");
}

const struct report_format report_har = {
    .name = "har",
    .help = "HTTP Archive 1.2 of all exchanges; only from a log",
    .about = "There are no headers and no bodies in it. Under _panne it has the phase, the "
             "service, the faults, and the hashes that tie attempts together, as the log "
             "does.",
    .stream_size = sizeof(struct har),
    .stream = stream_har,
    .stream_end = end_har,
};
