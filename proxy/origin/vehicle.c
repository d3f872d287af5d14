/* vehicle: the car API of the demonstration: a list of cars, their data, commands, a token, a key.
 */
#include "base/buffer.h"
#include "origin/reply.h"

struct car {
    const char *id, *name, *state;
    int battery;
};

static const struct car cars[] = {
    { "1001", "Panne", "online", 81 },
    { "1002", "Breakdown", "asleep", 44 },
};

static const struct car *find_car(struct text id)
{
    for (size_t i = 0; i < COUNT_OF(cars); i++)
        if (text_is(id, cars[i].id))
            return &cars[i];
    return NULL;
}

static void json(struct reply *reply, unsigned status, struct text body)
{
    reply->status = status;
    reply->type = text_from("application/json");
    reply->body = body;
}

void vehicle_list(const struct ask *ask, struct text rest, struct reply *reply)
{
    struct buffer out = { 0 };

    (void)rest;
    buffer_add_string(&out, "{\"response\": [");
    for (size_t i = 0; i < COUNT_OF(cars); i++)
        buffer_format(&out, "%s{\"id\": \"%s\", \"display_name\": \"%s\", \"state\": \"%s\"}",
                      i > 0 ? ", " : "", cars[i].id, cars[i].name, cars[i].state);
    buffer_format(&out, "], \"count\": %zu}\n", COUNT_OF(cars));
    json(reply, 200, arena_copy(ask->arena, buffer_text(&out)));
    buffer_free(&out);
}

static void data_of(const struct ask *ask, const struct car *car, struct reply *reply)
{
    json(
        reply, 200,
        arena_format(ask->arena,
                     "{\"response\": {\"id\": \"%s\", \"display_name\": \"%s\", \"state\": \"%s\", "
                     "\"charge_state\": {\"battery_level\": %d, \"charging_state\": \"Stopped\"}, "
                     "\"vehicle_state\": {\"locked\": true, \"odometer\": 20211.19}}}\n",
                     car->id, car->name, car->state, car->battery));
}

/* /api/1/vehicles/ID, …/vehicle_data, …/command/NAME */
void vehicle_one(const struct ask *ask, struct text rest, struct reply *reply)
{
    size_t slash = text_find(rest, '/');
    const struct car *car = find_car(text_of(rest.at, slash));
    struct text what = text_from_offset(rest, slash + 1);

    if (!car)
        json(reply, 404, text_from("{\"error\": \"vehicle not found\"}\n"));
    else if (text_is_empty(what) || text_is(what, "vehicle_data"))
        data_of(ask, car, reply);
    else if (text_starts(what, text_from("command/")) && text_is(ask->head->method, "POST"))
        json(reply, 200, text_from("{\"response\": {\"result\": true, \"reason\": \"\"}}\n"));
    else
        json(reply, 404, text_from("{\"error\": \"not found\"}\n"));
}

void vehicle_token(const struct ask *ask, struct text rest, struct reply *reply)
{
    (void)ask, (void)rest;
    json(reply, 200,
         text_from("{\"access_token\": \"demo\", \"token_type\": \"Bearer\", "
                   "\"expires_in\": 28800}\n"));
}

void vehicle_key(const struct ask *ask, struct text rest, struct reply *reply)
{
    (void)ask, (void)rest;
    json(reply, 200, text_from("{\"key\": \"local\", \"works_without_the_cloud\": true}\n"));
}
