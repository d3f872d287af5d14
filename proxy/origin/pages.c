/* pages: what the embedded origin answers where: one row a page. */
#include <stdio.h>

#include "base/buffer.h"
#include "http/status.h"
#include "origin/reply.h"

#define BYTES_MOST ((uint64_t)64 << 30)
#define DELAY_MOST_MS 600000u
#define EVENTS_MOST 100000u

static void plain(struct reply *reply, unsigned status, struct text body)
{
    reply->status = status;
    reply->type = text_from("text/plain; charset=utf-8");
    reply->body = body;
}

static bool number(struct text rest, uint64_t most, uint64_t *value, struct reply *reply)
{
    if (text_to_u64(rest, value) && *value <= most)
        return true;
    plain(reply, 400, text_from("a number out of range\n"));
    return false;
}

static void answer_status(const struct ask *ask, struct text rest, struct reply *reply)
{
    uint64_t status;
    struct text reason;

    if (!number(rest, 599, &status, reply))
        return;
    if (status < 200) {
        plain(reply, 400, text_from("only final statuses\n"));
        return;
    }
    reason = status_reason((unsigned)status);
    plain(reply, (unsigned)status,
          arena_format(ask->arena, "%u %.*s\n", (unsigned)status, (int)reason.length, reason.at));
}

static void answer_delay(const struct ask *ask, struct text rest, struct reply *reply)
{
    uint64_t milliseconds;

    if (!number(rest, DELAY_MOST_MS, &milliseconds, reply))
        return;
    plain(reply, 200, arena_format(ask->arena, "%u ms later\n", (unsigned)milliseconds));
    reply->delay = (usec)milliseconds * MSEC;
}

/* The same bytes each time: their offset's low byte, as a letter. */
static bool more_bytes(struct reply *reply, struct queue *out, usec now, usec *wake)
{
    char letters[4096];

    *wake = NEVER;
    while (reply->left > 0 && budget_has_room(out->budget)) {
        size_t length = reply->left < sizeof letters ? (size_t)reply->left : sizeof letters;

        for (size_t i = 0; i < length; i++)
            letters[i] = (char)('a' + (reply->made + i) % 26);
        queue_put_copy(out, letters, length, PART_BODY, now);
        reply->left -= length;
        reply->made += length;
    }
    return reply->left > 0;
}

static void answer_bytes(const struct ask *ask, struct text rest, struct reply *reply)
{
    (void)ask;
    if (!number(rest, BYTES_MOST, &reply->left, reply))
        return;
    reply->status = 200;
    reply->type = text_from("application/octet-stream");
    reply->length = reply->left;
    reply->length_known = true;
    reply->more = more_bytes;
}

static bool more_lines(struct reply *reply, struct queue *out, usec now, usec *wake)
{
    char line[96];

    *wake = NEVER;
    while (reply->left > 0 && budget_has_room(out->budget)) {
        int length =
            snprintf(line, sizeof line, "{\"line\": %llu}\n", (unsigned long long)reply->made++);

        queue_put_copy(out, line, (size_t)length, PART_BODY, now);
        queue_put_mark(out, CHUNK_BOUNDARY, now);
        reply->left--;
    }
    return reply->left > 0;
}

static void answer_stream(const struct ask *ask, struct text rest, struct reply *reply)
{
    (void)ask;
    if (!number(rest, EVENTS_MOST, &reply->left, reply))
        return;
    reply->status = 200;
    reply->type = text_from("application/x-ndjson");
    reply->more = more_lines;
}

static bool more_events(struct reply *reply, struct queue *out, usec now, usec *wake)
{
    char event[96];

    while (reply->left > 0 && now >= reply->next && budget_has_room(out->budget)) {
        int length = snprintf(event, sizeof event, "id: %llu\ndata: {\"tick\": %llu}\n\n",
                              (unsigned long long)reply->made, (unsigned long long)reply->made);

        queue_put_copy(out, event, (size_t)length, PART_BODY, now);
        reply->made++;
        reply->left--;
        reply->next = now + 100 * MSEC;
    }
    if (reply->left > 0)
        *wake = reply->next;
    return reply->left > 0;
}

static void answer_sse(const struct ask *ask, struct text rest, struct reply *reply)
{
    (void)ask;
    reply->left = 10;
    if (!text_is_empty(rest) && !number(rest, EVENTS_MOST, &reply->left, reply))
        return;
    reply->status = 200;
    reply->type = text_from("text/event-stream");
    reply->more = more_events;
}

static void answer_echo(const struct ask *ask, struct text rest, struct reply *reply)
{
    struct text type = head_get(ask->head, HEAD_CONTENT_TYPE);

    (void)rest;
    reply->status = 200;
    reply->type = type.at ? type : text_from("application/octet-stream");
    reply->echoes = true;
}

static void answer_headers(const struct ask *ask, struct text rest, struct reply *reply)
{
    struct buffer out = { 0 };
    const struct head *head = ask->head;

    (void)rest;
    buffer_add_string(&out, "{\"method\": ");
    buffer_add_json(&out, head->method);
    buffer_add_string(&out, ", \"target\": ");
    buffer_add_json(&out, head->target);
    buffer_add_string(&out, ", \"headers\": [");
    for (size_t i = 0; i < head->count; i++) {
        buffer_add_string(&out, i > 0 ? ", [" : "[");
        buffer_add_json(&out, head->fields[i].name);
        buffer_add_string(&out, ", ");
        buffer_add_json(&out, head->fields[i].value);
        buffer_add_byte(&out, ']');
    }
    buffer_add_string(&out, "]}\n");
    reply->status = 200;
    reply->type = text_from("application/json");
    reply->body = arena_copy(ask->arena, buffer_text(&out));
    buffer_free(&out);
}

static void answer_gzip(const struct ask *ask, struct text rest, struct reply *reply)
{
    vehicle_list(ask, rest, reply);
    reply->gzip = true;
}

static void answer_root(const struct ask *ask, struct text rest, struct reply *reply)
{
    struct buffer out = { 0 };

    (void)rest;
    buffer_add_string(&out, "panne's embedded origin\n\n");
    for (size_t i = 0; pages_at(i); i++)
        buffer_format(&out, "%-24s %s\n", pages_at(i)->path, pages_at(i)->help);
    plain(reply, 200, arena_copy(ask->arena, buffer_text(&out)));
    buffer_free(&out);
}

static const struct page pages[] = {
    { "/", "GET HEAD", "this list", answer_root },
    { "/api/1/vehicles", "GET HEAD", "the cars, as JSON", vehicle_list },
    { "/api/1/vehicles/", NULL, "ID, ID/vehicle_data, POST ID/command/NAME", vehicle_one },
    { "/oauth2/v3/token", "POST", "a token", vehicle_token },
    { "/static/key", "GET HEAD", "the local key", vehicle_key },
    { "/status/", NULL, "N: an answer with that status", answer_status },
    { "/delay/", NULL, "MS: an answer so many milliseconds later", answer_delay },
    { "/bytes/", "GET HEAD", "N: so many bytes, with their length said before", answer_bytes },
    { "/stream/", "GET HEAD", "N: so many lines of JSON, a chunk each", answer_stream },
    { "/sse", "GET", "ten server-sent events, 100 ms apart", answer_sse },
    { "/sse/", "GET", "N: so many of them", answer_sse },
    { "/echo", NULL, "the request's body, while it comes", answer_echo },
    { "/headers", NULL, "the request's head, as JSON", answer_headers },
    { "/gzip", "GET HEAD", "the cars, as gzip", answer_gzip },
};

const struct page *pages_at(size_t index)
{
    return index < COUNT_OF(pages) ? &pages[index] : NULL;
}

static const struct page *find_page(struct text path, struct text *rest)
{
    for (size_t i = 0; i < COUNT_OF(pages); i++) {
        struct text prefix = text_from(pages[i].path);
        bool takes_more = prefix.length > 1 && prefix.at[prefix.length - 1] == '/';

        if (!text_starts(path, prefix) || (!takes_more && path.length != prefix.length))
            continue;
        *rest = text_from_offset(path, prefix.length);
        if (!takes_more || !text_is_empty(*rest))
            return &pages[i];
    }
    return NULL;
}

static bool allows(const struct page *page, struct text method)
{
    struct text list = text_from(page->methods);
    struct text item;

    if (!page->methods)
        return true;
    while (text_next_item(&list, ' ', &item))
        if (text_equal(item, method))
            return true;
    return false;
}

void pages_answer(const struct ask *ask, struct reply *reply)
{
    struct text rest = text_of(NULL, 0);
    const struct page *page = find_page(ask->path, &rest);

    if (!page) {
        plain(reply, 404, text_from("not found\n"));
    } else if (!allows(page, ask->head->method)) {
        plain(reply, 405, text_from("method not allowed\n"));
        reply->allow = text_from(page->methods);
    } else {
        page->answer(ask, rest, reply);
    }
}
