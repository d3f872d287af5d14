/* answer_head: reads the head of the origin's answer, and those of the interim ones before it. */
#include "serve/parts.h"

/* Interim answers in a row. */
#define INTERIM_MOST 64

/* The origin's connection is of no more use, and no final head has come. */
static bool lose_origin(struct exchange *exchange, const char *detail, usec now)
{
    if (exchange_may_repeat(exchange)) {
        exchange_repeat(exchange, now);
        return true;
    }
    exchange_drop_origin(exchange, false);
    exchange_fail(exchange, 502, "upstream-failed", detail, now);
    return true;
}

static bool take_interim(struct exchange *exchange, usec now)
{
    if (exchange->response.status == 101) {
        if (!exchange->request.upgrade || !exchange->up.writer.ended)
            return lose_origin(exchange, "the origin switches protocols unasked", now);
        exchange->head_ready = true;
        exchange_plan_answer(exchange, now);
        return true;
    }
    if (++exchange->interims > INTERIM_MOST)
        return lose_origin(exchange, "too many interim answers from the origin", now);
    exchange_pass_interim(exchange, &exchange->response, now);
    reader_start(&exchange->answer_reader, HEAD_RESPONSE,
                 &exchange->session->worker->run->settings->head_limits);
    connection_flush(&exchange->session->client);
    return true;
}

static bool loses_answer(const struct exchange *exchange)
{
    return exchange->plan && exchange->plan->answer.status != 0 && exchange->plan->answer.late;
}

static bool take_answer_head(struct exchange *exchange, usec now)
{
    struct connection *from = &exchange->origin->connection;
    size_t used = 0;

    exchange->reading_begun = true;
    switch (reader_head(&exchange->answer_reader, connection_input(from), exchange->request.method,
                        &exchange->arena, &exchange->response, &used)) {
    case READ_DONE:
        connection_use(from, used);
        if (exchange->response.status < 200)
            return take_interim(exchange, now);
        exchange->head_ready = true;
        exchange->answer_read = reader_is_done(&exchange->answer_reader);
        if (loses_answer(exchange))
            exchange_lose_answer(exchange, now);
        else
            exchange_plan_answer(exchange, now);
        return true;
    case READ_WRONG:
        return lose_origin(exchange, exchange->answer_reader.complaint, now);
    case READ_MORE:
        break;
    }
    if (from->read_ended || from->broken)
        return lose_origin(exchange, "the origin ended within the answer's head", now);
    if (!connection_takes_more(from, exchange->answer_reader.limits.head_size + 1024))
        return lose_origin(exchange, "the answer's head is too large", now);
    return connection_fill(from);
}

bool relay_read_head(struct exchange *exchange, usec now)
{
    struct connection *from = &exchange->origin->connection;

    if (!from->input)
        connection_fill(from);
    if (from->input)
        return take_answer_head(exchange, now);
    if (from->broken)
        return lose_origin(exchange, "the origin reset the connection before it answered", now);
    if (from->read_ended)
        return lose_origin(exchange, "the origin closed the connection before it answered", now);
    return false;
}
