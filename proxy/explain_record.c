/* explain_record: copies of events, each in one piece of memory with its texts. */
#include "explain_record.h"

#include <stdlib.h>

#include "base/arena.h"

static size_t texts_length(const struct event_description *description, const void *event)
{
    size_t length = 0;

    for (size_t i = 0; i < description->count; i++)
        if (description->fields[i].type == EVENT_TEXT)
            length += ((const struct text *)(const void *)((const char *)event +
                                                           description->fields[i].offset))
                          ->length;
    return length;
}

static void move_texts(const struct event_description *description, void *event, char *to)
{
    for (size_t i = 0; i < description->count; i++) {
        const struct event_field *field = &description->fields[i];
        struct text *text = (struct text *)(void *)((char *)event + field->offset);

        if (field->type != EVENT_TEXT)
            continue;
        if (text->length > 0)
            memcpy(to, text->at, text->length);
        text->at = to;
        to += text->length;
    }
}

/* Room for `size` and for the texts of the event, which are to follow. */
static void *take(size_t size, enum event_kind kind, const void *event)
{
    return memory_take(size + texts_length(event_describe(kind), event));
}

struct logged_fault *logged_fault_new(const struct event_fault *event)
{
    struct logged_fault *fault = take(sizeof *fault, EVENT_fault, event);

    fault->event = *event;
    move_texts(event_describe(EVENT_fault), &fault->event, (char *)(fault + 1));
    return fault;
}

static struct event_request from_opening(const struct event_opening *opening)
{
    return (struct event_request){
        .connection = opening->connection,
        .client_connection = opening->client_connection,
        .client = opening->client,
        .service = opening->service,
        .phase = opening->phase,
        .decided = opening->decided,
        .timeline = opening->timeline,
        .generation = opening->generation,
        .ordinal = opening->ordinal,
        .turn = opening->turn,
        .host = opening->host,
        .matched = opening->matched,
        .faults = opening->faults,
    };
}

struct logged *logged_new(const struct log_line *line)
{
    bool opening = line->kind == EVENT_opening;
    struct event_request event = opening ? from_opening(&line->event.opening) : line->event.request;
    struct logged *logged = take(sizeof *logged, EVENT_request, &event);

    logged->line = line->number;
    logged->opening = opening;
    logged->event = event;
    move_texts(event_describe(EVENT_request), &logged->event, (char *)(logged + 1));
    return logged;
}

/* No exchange has a number that high. */
#define OPENING (UINT64_C(1) << 63)

uint64_t logged_fault_key(const struct event_fault *event)
{
    return event->exchange != 0 ? event->exchange : OPENING | event->connection;
}

uint64_t logged_key(const struct logged *logged)
{
    return logged->opening ? OPENING | logged->event.connection : logged->event.exchange;
}

void logged_faults_free(struct logged_fault *faults)
{
    while (faults) {
        struct logged_fault *next = faults->next;

        free(faults);
        faults = next;
    }
}

void logged_free(struct logged *logged)
{
    if (logged)
        logged_faults_free(logged->faults);
    free(logged);
}

bool logged_is_decided(const struct logged *logged)
{
    return !text_is_empty(logged->event.phase);
}

bool logged_is_tunnel(const struct logged *logged)
{
    return text_is(logged->event.method, "CONNECT");
}
