/* story: a run's events for tests of the verdict, made up in the order of a log. */
#include "story.h"

struct event_request story_request(struct story *story, const char *phase)
{
    uint64_t exchange = ++story->exchange;

    return (struct event_request){
        .exchange = exchange,
        .connection = 1,
        .client = text_from("127.0.0.1"),
        .service = text_from("api"),
        .phase = text_from(phase),
        .method = text_from("GET"),
        .path = text_from("/"),
        .status = 200,
        .outcome = text_from("answered"),
        .lasted = 10 * MSEC,
        .first_byte = 5 * MSEC,
        .client_ended = NEVER,
        .measured = NEVER,
        .injected = NEVER,
        .retry_after = NEVER,
        .print = exchange,
    };
}

void story_take(struct story *story, const struct event_request *event, usec time)
{
    story->take(story->user, EVENT_request, event, time);
}

void story_hit(struct story *story, const struct event_request *event, const char *kind, usec time)
{
    struct event_fault fault = { .exchange = event->exchange,
                                 .connection = event->connection,
                                 .kind = text_from(kind),
                                 .asked = NEVER,
                                 .measured = NEVER,
                                 .exercised = true };

    story->take(story->user, EVENT_fault, &fault, time);
    story_take(story, event, time);
}

void story_phase(struct story *story, const char *name, usec time)
{
    struct event_phase event = { .name = text_from(name), .lasts = NEVER };

    story->take(story->user, EVENT_phase, &event, time);
}

usec story_operation(struct story *story, const char *client, const char *phase, unsigned attempts,
                     usec gap, usec time)
{
    struct event_request event = story_request(story, phase);
    usec ends = time;

    event.client = text_from(client);
    event.status = 503;
    for (unsigned i = 0; i < attempts; i++) {
        if (i > 0)
            event.exchange = ++story->exchange;
        ends = time + event.lasted;
        story_hit(story, &event, "error", ends);
        time = ends + gap;
    }
    return ends;
}
