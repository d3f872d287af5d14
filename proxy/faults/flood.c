/* flood: answers that say far too much, and stay valid. */
#include "faults/flood.h"

#include "faults/direction.h"
#include "faults/fault.h"

/* Heads are kept whole in memory, here and at the client's. */
#define HEADERS_MOST (1024 * 1024u)
#define LIMIT_MOST (1024.0 * 1024 * 1024)

static const char *const json_choices[] = { "space", "members", NULL };
static const char *const event_choices[] = { "comments", "events", NULL };
static const char *const pack_choices[] = { "as-sent", "gzip", NULL };
static const char *const styles[] = { "debug", "trace", NULL };

static const struct field fields[] = {
    FIELD(struct flood, body, double, FIELD_FACTOR, .name = "body", .least = 1, .most = 1000,
          .main = true, .help = "how many times its length the body grows to"),
    FIELD(struct flood, add, uint64_t, FIELD_SIZE, .name = "add", .least = 1, .most = LIMIT_MOST,
          .help = "how many bytes the body grows by, in place of `body`"),
    FIELD(struct flood, endless, bool, FIELD_FLAG, .name = "endless",
          .help = "the body goes on until the limit, and then never ends"),
    FIELD(struct flood, pace, uint64_t, FIELD_SIZE, .name = "pace", .least = 1, .most = LIMIT_MOST,
          .help = "how many bytes are added to the body each second; without it, as many as the "
                  "client takes"),
    FIELD(struct flood, pack, int, FIELD_CHOICE, .name = "pack", .choices = pack_choices,
          .fallback = "as-sent",
          .help = "whether a plain body is sent as gzip, and so becomes a bomb"),
    FIELD(struct flood, force, bool, FIELD_FLAG, .name = "force",
          .help = "with pack: gzip, also to those who did not say that they take it"),
    FIELD(struct flood, json, int, FIELD_CHOICE, .name = "json", .choices = json_choices,
          .fallback = "space",
          .help = "what JSON gains: white space, or a member of debug output; JSON lines gain more "
                  "lines then"),
    FIELD(struct flood, events, int, FIELD_CHOICE, .name = "events", .choices = event_choices,
          .fallback = "comments", .help = "what an event stream gains: comments, or events"),
    FIELD(struct flood, opaque, bool, FIELD_FLAG, .name = "opaque",
          .help = "bodies of all other types gain zero bytes behind their end, valid or not"),
    FIELD(struct flood, headers, uint64_t, FIELD_COUNT, .name = "headers", .least = 0, .most = 9999,
          .help = "how many header fields are added"),
    FIELD(struct flood, header_size, uint64_t, FIELD_SIZE, .name = "header-size", .least = 1,
          .most = 65536, .fallback = "64B", .help = "how long the value of each of them is"),
    FIELD(struct flood, style, int, FIELD_CHOICE, .name = "style", .choices = styles,
          .fallback = "debug", .help = "whether they are called x-debug-0001 or x-trace-0001"),
    FIELD(struct flood, on, int, FIELD_CHOICE, .name = "on", .choices = direction_choices,
          .fallback = "response",
          .help = "which way: requests are flooded only with --flood-origin"),
    FIELD(struct flood, limit, uint64_t, FIELD_SIZE, .name = "limit", .least = 1,
          .most = LIMIT_MOST, .fallback = "8MiB",
          .help = "the most bytes that are added to one message"),
    END_OF_FIELDS,
};

/* What a field costs in a head besides its value: `x-debug-0001`, `: ` and CRLF. */
enum { FIELD_COST = 16 };

static bool has_body(const struct flood *flood)
{
    return flood->body > 0 || flood->add > 0 || flood->endless;
}

static const char *check_body(const struct flood *flood)
{
    if (flood->body == 1)
        return "body wants more than x1";
    if (flood->body > 0 && flood->add > 0)
        return "wants body or add, not both";
    if (flood->endless && flood->add > 0)
        return "what is endless goes on until the limit: leave add out";
    if (flood->add > flood->limit)
        return "add comes to more than the limit, which is 8MiB unless said";
    if (flood->force && flood->pack != FLOOD_PACK_GZIP)
        return "force belongs to pack: gzip";
    if (!has_body(flood) && (flood->pack == FLOOD_PACK_GZIP || flood->pace > 0))
        return "pack and pace belong to body, add or endless";
    return NULL;
}

static const char *check_headers(const struct flood *flood)
{
    uint64_t bytes = flood->headers * (flood->header_size + FIELD_COST);

    if (flood->headers == 0 && !has_body(flood))
        return "wants body, add, endless or headers";
    if (bytes > HEADERS_MOST)
        return "headers come to more than 1MiB";
    if (bytes > flood->limit)
        return "headers come to more than the limit";
    return NULL;
}

static bool check(void *params, struct buffer *complaint)
{
    const char *wrong = check_body(params);

    if (!wrong)
        wrong = check_headers(params);
    if (wrong)
        buffer_add_string(complaint, wrong);
    return !wrong;
}

/* Either way. */
static void flood_way(const struct flood *flood, struct way_plan *plan,
                      struct response_plan *answer)
{
    uint64_t bytes;

    if (!plan->head)
        return;
    bytes = flood_headers(flood, plan);
    plan->hit->touched += bytes;
    if (has_body(flood))
        flood_body(flood, plan, answer, bytes < flood->limit ? flood->limit - bytes : 0);
}

static void at_request(const void *params, struct request_plan *plan)
{
    const struct flood *flood = params;

    if (!direction_has_request(flood->on))
        return;
    if (plan->may_flood_origin)
        flood_way(flood, &plan->way, NULL);
    else
        plan->way.hit->note = "the request was spared: no --flood-origin";
}

static void at_response(const void *params, struct response_plan *plan)
{
    const struct flood *flood = params;

    if (direction_has_response(flood->on))
        flood_way(flood, &plan->way, plan);
}

static unsigned needs_of(const void *params)
{
    const struct flood *flood = params;

    return direction_has_request(flood->on) ? FAULT_NEEDS_ORIGIN_FLOOD : 0;
}

const struct fault_kind fault_flood = {
    .name = "flood",
    .family = "volume",
    .summary = "messages that say far too much, and stay valid",
    .about =
        "The body grows to a multiple of its length (body), by a number of bytes (add) or without "
        "an end (endless), the header gains fields such as x-debug-0001 that read like a log, or "
        "both. The body stays valid and means what it meant: JSON gains white space between its "
        "values, JSON lines gain it within their lines, HTML and XML gain comments behind the "
        "document, an event stream gains comments between its events. Only plain text says more: "
        "it gains lines of debug output between its own. With json: members, a JSON object gains "
        "a last member, panne_debug_ and eight digits, that holds a list of texts, other JSON "
        "white space still, and JSON lines gain objects in lines of their own. With events: "
        "events, an event stream gains events of type debug. gzip is unpacked and packed again, "
        "so all counts are of what the client unpacks. With pack: gzip, a plain body leaves as "
        "gzip if the client takes it: white space packs about 1000 to 1, text and comments, which "
        "repeat themselves then, about 100 to 1. What is endless stays silent once the limit is "
        "reached, until the client "
        "leaves or the run ends. A Content-Length stays one and is right wherever the length can "
        "be known. Digests of an answer's body are computed anew if all of it comes to no "
        "more than 128 KiB, and are else, and in requests, taken out of the header, which the log "
        "tells; Accept-Ranges is "
        "taken out, and a strong ETag becomes a weak one. Bodies of other media types and "
        "codings, and texts in character sets that are not built upon ASCII, are left alone "
        "unless opaque is asked for; parts of bodies (status 206) and empty bodies always are; "
        "such a flood is logged as not exercised. No message gains more bytes than the limit. "
        "Answers that panne makes up swell, too.",
    .example = "flood: {body: x8, headers: 60}",
    .fields = fields,
    .params_size = sizeof(struct flood),
    .stands_on = FAULT_ON_HTTP,
    .check = check,
    .needs_of = needs_of,
    .at_request = at_request,
    .at_response = at_response,
};
