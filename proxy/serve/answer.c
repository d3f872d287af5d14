/* answer: heads towards the client: the origin's, and those that we make up. */
#include <time.h>

#include "http/status.h"
#include "serve/opening.h"
#include "serve/parts.h"

static bool is_old_client(const struct exchange *exchange)
{
    return exchange->request.minor == 0;
}

/* Whether what is left of the request can be read and forgotten in good time. */
static bool can_drain_request(const struct exchange *exchange)
{
    const struct head *request = &exchange->request;

    /* What stands behind a CONNECT was meant for a tunnel, and is no request. */
    if (exchange->tunnel || text_is(request->method, "CONNECT"))
        return false;
    if (exchange->request_read)
        return true;
    if (request->expects_continue)
        return false;
    return request->framing == FRAMING_CHUNKED ||
           (request->framing == FRAMING_LENGTH && request->content_length <= DRAIN_MOST);
}

static void make_head(struct exchange *exchange, unsigned status, struct text reason)
{
    struct head *head = &exchange->response;
    char date[HTTP_DATE_SIZE];

    *head = (struct head){
        .kind = HEAD_RESPONSE,
        .major = 1,
        .minor = 1,
        .status = status,
        .reason = text_is_empty(reason) ? status_reason(status) : reason,
        .keep_alive = true,
    };
    head_add(head, &exchange->arena, text_from("Date"),
             arena_copy(&exchange->arena, http_date(time(NULL), date)));
    exchange->made = true;
    exchange->head_ready = true;
    exchange->state = EXCHANGE_RELAY;
}

static bool answers_head(const struct exchange *exchange)
{
    return text_is(exchange->request.method, "HEAD");
}

static void finish_head(struct exchange *exchange, struct text type, struct text body, usec now)
{
    struct head *head = &exchange->response;
    unsigned status = head->status;
    bool bodiless = status == 204 || status == 304 || answers_head(exchange);

    if (!text_is_empty(type) && !head_has(head, HEAD_CONTENT_TYPE) && status != 204)
        head_add(head, &exchange->arena, text_from("Content-Type"), type);
    head->framing = bodiless ? FRAMING_NONE : FRAMING_LENGTH;
    head->content_length = status == 204 || status == 304 ? 0 : body.length;
    exchange->made_body = bodiless ? text_of("", 0) : body;
    exchange->drains = can_drain_request(exchange);
    if (!exchange->drains)
        exchange->close_client = true;
    exchange_plan_answer(exchange, now);
}

void exchange_answer(struct exchange *exchange, unsigned status, struct text type, struct text body,
                     usec now)
{
    make_head(exchange, status, text_of("", 0));
    finish_head(exchange, type, body, now);
}

/* Whole seconds, rounded up, or the date of then (RFC 9110, 10.2.3). */
static struct text retry_after(const struct made_answer *answer, struct arena *arena)
{
    long long seconds = (long long)((answer->retry_after + SECOND - 1) / SECOND);
    char date[HTTP_DATE_SIZE];

    if (!answer->retry_date)
        return arena_format(arena, "%lld", seconds);
    return arena_copy(arena, http_date(time(NULL) + (time_t)seconds, date));
}

/* A stale answer has a Date of its own. */
static void add_field(struct head *head, struct arena *arena, const struct field_pair *field)
{
    if (field_identify(field->name) == HEAD_DATE)
        head_set(head, arena, field->name, field->value);
    else
        head_add(head, arena, field->name, field->value);
}

void exchange_lose_answer(struct exchange *exchange, usec now)
{
    exchange_drop_origin(exchange, false);
    exchange_answer_planned(exchange, now);
}

void exchange_answer_planned(struct exchange *exchange, usec now)
{
    const struct made_answer *answer = &exchange->plan->answer;
    struct arena *arena = &exchange->arena;

    exchange->outcome = "made";
    exchange->error = answer->code;
    if (answer->by)
        answer->by->touched++;
    make_head(exchange, answer->status, answer->reason);
    for (size_t i = 0; i < answer->fields.count; i++)
        add_field(&exchange->response, arena, &answer->fields.items[i]);
    if (answer->retry_after > 0)
        head_set(&exchange->response, arena, text_from("Retry-After"), retry_after(answer, arena));
    finish_head(exchange, answer->content_type, answer->body, now);
}

void exchange_fail(struct exchange *exchange, unsigned status, const char *outcome,
                   const char *detail, usec now)
{
    struct text body = arena_format(&exchange->arena, "panne: %s\n", detail);

    exchange->outcome = outcome;
    exchange->detail = detail;
    exchange_answer(exchange, status, text_from("text/plain; charset=utf-8"), body, now);
}

/* How the body leaves: as it came where nothing changes it, else by what the filters promise. */
static enum framing choose_framing(const struct exchange *exchange, uint64_t *length)
{
    const struct head *head = &exchange->response;
    const struct response_plan *plan = exchange->answer_plan;

    *length = head->content_length;
    if (head->framing == FRAMING_NONE)
        return FRAMING_NONE;
    if (plan && plan->way.length_known)
        *length = plan->way.length;
    if (plan && plan->delimited_by_close)
        return FRAMING_CLOSE;
    if (plan && (plan->chunked || (plan->close_after && !plan->way.length_known)) &&
        !is_old_client(exchange))
        return FRAMING_CHUNKED;
    if (plan ? plan->way.length_known : head->framing == FRAMING_LENGTH)
        return FRAMING_LENGTH;
    if (head->framing == FRAMING_CLOSE || is_old_client(exchange))
        return FRAMING_CLOSE;
    return FRAMING_CHUNKED;
}

bool exchange_ends_by_close(const struct exchange *exchange)
{
    uint64_t length;

    if (exchange->down.begun)
        return exchange->down.writer.framing == FRAMING_CLOSE;
    return choose_framing(exchange, &length) == FRAMING_CLOSE;
}

static struct text connection_field(struct exchange *exchange, enum framing framing, usec now)
{
    if (now >= opening_ages(exchange->session)) {
        opening_grew_old(exchange->session);
        exchange->close_client = true;
    }
    if (framing == FRAMING_CLOSE || !exchange->request.keep_alive || exchange->session->draining)
        exchange->close_client = true;
    if (exchange->close_client)
        return text_from("close");
    return is_old_client(exchange) ? text_from("keep-alive") : text_of("", 0);
}

static void tidy_head(struct exchange *exchange, bool keep_upgrade)
{
    const struct settings *settings = exchange->session->worker->run->settings;
    struct head *head = &exchange->response;

    head->major = 1;
    head->minor = 1;
    head_remove_hop_by_hop(head, keep_upgrade);
    if (!settings->keep_alt_svc)
        head_remove(head, HEAD_ALT_SVC);
    if (settings->via && !exchange->made)
        head_add(head, &exchange->arena, text_from("Via"), text_from("1.1 panne"));
}

static void put_made_body(struct exchange *exchange, struct queue *in, usec now)
{
    if (exchange->made_body.length > 0)
        queue_put_copy(in, exchange->made_body.at, exchange->made_body.length, PART_BODY, now);
    queue_put_mark(in, CHUNK_END, now);
}

void exchange_open_body(struct exchange *exchange, usec now)
{
    struct queue *in = pipeline_in(&exchange->down.pipeline);

    if (exchange->body_opened)
        return;
    exchange->body_opened = true;
    if (exchange->made)
        put_made_body(exchange, in, now);
    else if (reader_is_done(&exchange->answer_reader))
        queue_put_mark(in, CHUNK_END, now);
}

bool exchange_waits_for_continue(const struct exchange *exchange)
{
    return exchange->request.expects_continue && !exchange->request_read &&
           exchange->interims == 0 && exchange->session->reader.body_bytes == 0;
}

/* An upload that will not be read to its end leaves the connection unusable. */
static bool leaves_body_unread(const struct exchange *exchange)
{
    if (exchange->made || exchange->request_read)
        return false;
    return !exchange->response.keep_alive || !relay_pulls_request(exchange) ||
           exchange_waits_for_continue(exchange);
}

static struct malformation *malformation(struct response_plan *plan)
{
    return plan && plan->malformation.kind != MALFORMED_NONE ? &plan->malformation : NULL;
}

void exchange_begin_answer(struct exchange *exchange, usec now)
{
    struct session *session = exchange->session;
    struct direction *down = &exchange->down;
    uint64_t length;
    enum framing framing;

    if (!exchange->made && (exchange->tunnel || exchange->response.status == 101)) {
        exchange_begin_tunneling(exchange, now);
        return;
    }
    tidy_head(exchange, false);
    framing = choose_framing(exchange, &length);
    if (exchange->answer_plan && framing == FRAMING_CLOSE)
        exchange->answer_plan->close_after = 0; /* the close is the answer's end */
    if (leaves_body_unread(exchange) ||
        (exchange->answer_plan && exchange->answer_plan->close_after))
        exchange->close_client = true;
    down->writer.malformation = malformation(exchange->answer_plan);
    writer_head(&down->writer, &exchange->response, text_of("", 0), framing, length,
                connection_field(exchange, framing, now), &session->client.out, now);
    down->writer.trailers = exchange->takes_trailers;
    if (exchange->answer_plan)
        down->writer.chunking = exchange->answer_plan->chunking;
    down->begun = true;
    if (!down->writer.ended)
        exchange->status = exchange->response.status;
    exchange->first_byte = now;
    exchange_open_body(exchange, now);
}

void exchange_pass_interim(struct exchange *exchange, const struct head *head, usec now)
{
    struct head copy = *head;
    struct writer writer = { 0 };

    if (is_old_client(exchange))
        return;
    copy.major = 1;
    copy.minor = 1;
    head_remove_hop_by_hop(&copy, false);
    writer_head(&writer, &copy, text_of("", 0), FRAMING_NONE, 0, text_of("", 0),
                &exchange->session->client.out, now);
}

static void open_both_ways(struct exchange *exchange)
{
    reader_body(&exchange->session->reader, FRAMING_TUNNEL, 0);
    reader_body(&exchange->answer_reader, FRAMING_TUNNEL, 0);
    exchange->up.writer.framing = exchange->down.writer.framing = FRAMING_TUNNEL;
    exchange->up.writer.ended = exchange->down.writer.ended = false;
    exchange->up.begun = exchange->down.begun = true;
    exchange->head_ready = true;
    exchange->request_read = false;
    exchange->close_client = true;
    if (!exchange->upgraded)
        return;
    pipeline_close(&exchange->up.pipeline); /* the request's */
    pipeline_init(&exchange->up.pipeline, exchange->session->client.pool, &exchange->session->up);
}

void exchange_begin_tunneling(struct exchange *exchange, usec now)
{
    static const char established[] = "HTTP/1.1 200 Connection established\r\n\r\n";
    struct session *session = exchange->session;
    struct writer writer = { 0 };

    exchange->first_byte = now;
    if (exchange->intercepts || exchange->answers_connect) {
        queue_put_copy(&session->client.out, established, sizeof(established) - 1, PART_WIRE, now);
        exchange->status = 200;
    }
    if (exchange->intercepts) {
        exchange->state = EXCHANGE_ENDED;
        return;
    }
    if (!exchange->tunnel) { /* the origin's 101 */
        tidy_head(exchange, true);
        writer_head(&writer, &exchange->response, text_of("", 0), FRAMING_NONE, 0,
                    text_from("upgrade"), &session->client.out, now);
        exchange->status = exchange->response.status;
        exchange->tunnel = exchange->upgraded = true;
        exchange->outcome = "upgraded";
    } else {
        exchange->status = 200; /* what its CONNECT has got, now or before */
        exchange->outcome = "tunnel";
    }
    open_both_ways(exchange);
}
