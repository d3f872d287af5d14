/* traits: what the print of a request is made of, and when each part of it is to be had. */
#include "serve/traits.h"

#include <time.h>

#include "base/random.h"
#include "http/body_print.h"
#include "serve/marks.h"

struct traits {
    struct marks marks;
    uint64_t print; /* without the body's */
    bool has_body;
    struct body_print body;
};

static uint64_t salt_of(const struct exchange *exchange)
{
    return exchange->session->worker->run->salt;
}

/* Hashes are quick; what leaves the run is sealed, so that no known request lets anybody guess
 * others. 0 stays 0, and nothing else becomes it. */
static uint64_t sealed(const struct exchange *exchange, uint64_t hash)
{
    uint64_t seal = hash ? siphash_word(&exchange->session->worker->run->seal, hash) : 0;

    return hash && !seal ? 1 : seal;
}

static struct text method_of(const struct exchange *exchange)
{
    return exchange->tunnel ? text_of("CONNECT", 7) : exchange->request.method;
}

void traits_note(struct exchange *exchange)
{
    struct traits *traits;
    uint64_t print;

    if (!recorder_port_is_on(exchange->session->worker->port))
        return;
    traits = exchange->traits = ARENA_NEW(&exchange->arena, struct traits);
    marks_read(&exchange->request, salt_of(exchange), &traits->marks);
    print = body_print_join(salt_of(exchange), method_of(exchange));
    print = body_print_join(print, exchange->host);
    print = body_print_join(print, exchange->path);
    if (exchange->query.length > 0)
        print = body_print_join(print, exchange->query);
    traits->print = random_mix(print);
    traits->has_body = !exchange->tunnel && exchange->request.framing != FRAMING_NONE;
    if (!traits->has_body)
        return;
    traits->body.hash = print;
    exchange->session->reader.print = &traits->body;
}

/* Of a request that waited in vain, what lies there unread: its next attempt will be read. Has all
 * that counts come by now? */
static bool hash_unread(struct exchange *exchange, struct body_print *print)
{
    const struct session *session = exchange->session;
    struct text unread = connection_input(&session->client);
    uint64_t left = exchange->request.content_length - session->reader.body_bytes;

    if (exchange->request.framing == FRAMING_LENGTH && session->reader.state == READER_LENGTH) {
        body_print_add(print, unread.at, unread.length < left ? unread.length : (size_t)left);
        return unread.length >= left || !body_print_is_open(print);
    }
    return session->reader.state == READER_DONE;
}

static uint64_t print_of(struct exchange *exchange, struct traits *traits)
{
    const struct head *request = &exchange->request;
    uint64_t print = traits->print, length;

    if (traits->has_body) {
        /* Without its body it would look like any other. */
        if (!hash_unread(exchange, &traits->body))
            return 0;
        length = request->framing == FRAMING_LENGTH ? request->content_length
                                                    : exchange->session->reader.body_bytes;
        print = random_join(body_print_sum(&traits->body), length);
    }
    return print ? print : 1;
}

/* When the answer's head went out, since 1970. */
static usec wall_of_answer(const struct exchange *exchange, usec now)
{
    struct timespec wall;

    clock_gettime(CLOCK_REALTIME, &wall);
    return (usec)wall.tv_sec * SECOND + wall.tv_nsec / 1000 - (now - exchange->first_byte);
}

static void fill_wishes(const struct exchange *exchange, usec now, struct event_request *event)
{
    struct wishes wishes;

    wishes_read(&exchange->response, salt_of(exchange), &wishes);
    if (wishes.date.length > 0)
        wishes_add_date(&wishes, wall_of_answer(exchange, now));
    event->retry_after = wishes.retry_after;
    event->retry_date = wishes.retry_date;
    event->error = wishes.error.length > 0 ? wishes.error : exchange->error;
    event->tag = sealed(exchange, wishes.tag);
}

void traits_fill(struct exchange *exchange, usec now, struct event_request *event)
{
    struct traits *traits;

    event->retry_after = NEVER;
    if (!exchange->traits && exchange->request.method.length > 0)
        traits_note(exchange); /* it was refused before anything else */
    traits = exchange->traits;
    if (traits) {
        event->agent = traits->marks.agent;
        event->marker = traits->marks.marker;
        event->mark = sealed(exchange, traits->marks.mark);
        event->attempt = traits->marks.attempt;
        event->key = sealed(exchange, traits->marks.key);
        event->known_tag = sealed(exchange, traits->marks.known_tag);
        event->print = sealed(exchange, print_of(exchange, traits));
    }
    if (exchange->status != 0 && exchange->first_byte != 0)
        fill_wishes(exchange, now, event);
}
