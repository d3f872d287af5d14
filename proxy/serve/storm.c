/* storm: more interim answers than anybody asked for. */
#include "http/status.h"
#include "serve/parts.h"

/* So many go out in one turn before the socket is asked to take them. */
#define STORM_TURN 64

bool exchange_storm_is_over(const struct exchange *exchange)
{
    const struct response_plan *plan = exchange->answer_plan;

    return !plan || exchange->stormed >= plan->storm.count || exchange->request.minor == 0 ||
           exchange->tunnel || exchange->session->client.write_broken;
}

static struct head *make_head(struct exchange *exchange, const struct interim_storm *storm)
{
    struct head *head = ARENA_NEW(&exchange->arena, struct head);

    head->kind = HEAD_RESPONSE;
    head->status = storm->status;
    head->bodiless = true;
    head->reason = status_reason(storm->status);
    for (size_t i = 0; i < storm->fields.count; i++)
        head_add(head, &exchange->arena, storm->fields.items[i].name, storm->fields.items[i].value);
    return head;
}

static void put_interim(struct exchange *exchange, const struct interim_storm *storm, usec now)
{
    struct connection *client = &exchange->session->client;
    size_t before = client->out.bytes;
    struct writer writer = { 0 };

    if (!exchange->storm_head)
        exchange->storm_head = make_head(exchange, storm);
    writer_head(&writer, exchange->storm_head, text_of("", 0), FRAMING_NONE, 0, text_of("", 0),
                &client->out, now);
    storm->by->touched += client->out.bytes - before;
}

bool exchange_storm(struct exchange *exchange, usec now)
{
    const struct interim_storm *storm;

    if (exchange_storm_is_over(exchange))
        return false;
    storm = &exchange->answer_plan->storm;
    for (int i = 0; i < STORM_TURN && !exchange_storm_is_over(exchange); i++) {
        if (!budget_has_room(&exchange->session->down))
            return i > 0;
        put_interim(exchange, storm, now);
        exchange->stormed++;
    }
    return true;
}
