/* flood: answers that say far too much, and stay valid. */
#include "faults/flood.h"

#include "faults/fault.h"
#include "http/gzip.h"

/* Heads are kept whole in memory, here and at the client's. */
#define HEADERS_MOST (1024 * 1024u)
#define LIMIT_MOST (1024.0 * 1024 * 1024)

static const struct field fields[] = {
    FIELD(struct flood, body, double, FIELD_FACTOR, .name = "body", .least = 1, .most = 1000,
          .main = true, .help = "how many times its length the answer's body grows to"),
    FIELD(struct flood, headers, uint64_t, FIELD_COUNT, .name = "headers", .least = 0, .most = 9999,
          .help = "how many header fields are added to the answer"),
    FIELD(struct flood, header_size, uint64_t, FIELD_SIZE, .name = "header-size", .least = 1,
          .most = 65536, .fallback = "64B", .help = "how long the value of each of them is"),
    FIELD(struct flood, limit, uint64_t, FIELD_SIZE, .name = "limit", .least = 1,
          .most = LIMIT_MOST, .fallback = "8MiB",
          .help = "the most bytes that are added to one answer"),
    END_OF_FIELDS,
};

/* What a field costs in a head besides its value: `x-debug-0001`, `: ` and CRLF. */
enum { FIELD_COST = 16 };

static bool check(void *params, struct buffer *complaint)
{
    const struct flood *flood = params;
    uint64_t bytes = flood->headers * (flood->header_size + FIELD_COST);

    if (flood->body == 0 && flood->headers == 0)
        buffer_add_string(complaint, "wants body, headers, or both");
    else if (flood->body == 1)
        buffer_add_string(complaint, "body wants more than x1");
    else if (bytes > HEADERS_MOST)
        buffer_add_string(complaint, "headers come to more than 1MiB");
    else if (bytes > flood->limit)
        buffer_add_string(complaint, "headers come to more than the limit");
    else
        return true;
    return false;
}

enum coding { CODING_NONE, CODING_GZIP, CODING_OTHER };

static enum coding coding_of(const struct head *head)
{
    struct text coding = head_get(head, HEAD_CONTENT_ENCODING);
    size_t lines = 0;

    for (size_t i = 0; i < head->count; i++)
        lines += head->fields[i].id == HEAD_CONTENT_ENCODING && !head->fields[i].removed;
    if (lines > 1)
        return CODING_OTHER;
    if (text_is_empty(coding) || text_is_nocase(coding, "identity"))
        return CODING_NONE;
    return text_is_nocase(coding, "gzip") || text_is_nocase(coding, "x-gzip") ? CODING_GZIP
                                                                              : CODING_OTHER;
}

/* Bytes to add to a body of this length: what the factor asks for, rounded, within `most`. */
static uint64_t exact_amount(const struct flood *flood, uint64_t length, uint64_t most)
{
    double more = (flood->body - 1) * (double)length;
    uint64_t amount = more < (double)most ? (uint64_t)(more + 0.5) : most;

    return amount < UINT64_MAX - length ? amount : 0;
}

static void flood_plain(const struct flood *flood, struct way_plan *plan,
                        const struct filter_ops *filter, uint64_t most)
{
    uint64_t amount = plan->length_known ? exact_amount(flood, plan->length, most) : most;
    struct flood_pace *pace;

    if (amount == 0)
        return;
    pace = plan_filter(plan, filter, PART_BODY | PART_TRAILER)->state;
    pace->most = amount;
    pace->exact = plan->length_known;
    pace->length = plan->length;
    plan->length += plan->length_known ? amount : 0;
    flood_mend_head(plan);
}

/* What is packed anew is no deed of the flood's: these stages are nobody's. */
static void add_codec(struct way_plan *plan, const struct filter_ops *filter)
{
    plan_filter(plan, filter, PART_BODY | PART_TRAILER)->tag = -1;
}

static void flood_body(const struct flood *flood, struct way_plan *plan, uint64_t most)
{
    const struct filter_ops *filter = flood_filter(head_get(plan->head, HEAD_CONTENT_TYPE));
    enum coding coding = coding_of(plan->head);

    if (!filter || coding == CODING_OTHER || most == 0 || !plan->has_body ||
        (plan->length_known && plan->length == 0) || plan->head->status == 206 ||
        head_has(plan->head, HEAD_CONTENT_RANGE))
        return;
    if (coding == CODING_NONE) {
        flood_plain(flood, plan, filter, most);
        return;
    }
    plan->length_known = false;
    plan->length = 0;
    add_codec(plan, &gunzip_filter);
    flood_plain(flood, plan, filter, most);
    add_codec(plan, &gzip_filter);
}

static void at_response(const void *params, struct response_plan *answer)
{
    const struct flood *flood = params;
    struct way_plan *plan = &answer->way;
    uint64_t bytes;

    if (!plan->head)
        return;
    bytes = flood_headers(flood, plan);
    plan->hit->touched += bytes;
    if (flood->body > 1)
        flood_body(flood, plan, bytes < flood->limit ? flood->limit - bytes : 0);
}

const struct fault_kind fault_flood = {
    .name = "flood",
    .family = "volume",
    .summary = "answers that say far too much, and stay valid",
    .about =
        "The answer's body grows to a multiple of its length, its header gains fields such as "
        "x-debug-0001, or both. The body stays valid and means what it meant: JSON gains white "
        "space between its values, JSON lines gain it within their lines, HTML and XML gain "
        "comments behind the document, an event stream gains comments between its events. Only "
        "plain text says more: it gains lines of debug output between its own. gzip is unpacked "
        "and packed again, so the factor counts what the client unpacks. A Content-Length stays "
        "one and is right. Digests of the body and Accept-Ranges are taken out of the header and "
        "a strong ETag becomes a weak one, as they would not be true any more. Bodies of other "
        "media types and codings, parts of bodies (status 206), empty bodies, and texts in "
        "character sets that are not built upon ASCII are left alone; such a flood is logged as "
        "not exercised. No answer gains more bytes than the limit. Answers that panne makes up "
        "swell, too.",
    .example = "flood: {body: x8, headers: 60}",
    .fields = fields,
    .params_size = sizeof(struct flood),
    .stands_on = FAULT_ON_HTTP,
    .check = check,
    .at_response = at_response,
};
