/* storm: an answer in far more pieces than it needs: interim answers, chunks, chunk extensions. */
#include <string.h>

#include "base/random.h"
#include "faults/fault.h"
#include "faults/filler.h"

struct storm {
    uint64_t interim, chunks, extension, limit;
    int status;
};

#define LIMIT_MOST (1024.0 * 1024 * 1024)

static const char *const statuses[] = { "100", "102", "103", NULL };
static const unsigned status_numbers[] = { 100, 102, 103 };

static const struct field fields[] = {
    FIELD(struct storm, interim, uint64_t, FIELD_COUNT, .name = "interim", .least = 0,
          .most = 10000, .main = true, .help = "how many interim answers come before the answer"),
    FIELD(struct storm, status, int, FIELD_CHOICE, .name = "interim-status", .choices = statuses,
          .fallback = "103",
          .help = "which: Continue, Processing, or Early Hints with a Link field"),
    FIELD(struct storm, chunks, uint64_t, FIELD_SIZE, .name = "chunks", .least = 1, .most = 65536,
          .help = "the body comes in chunks of this size"),
    FIELD(struct storm, extension, uint64_t, FIELD_SIZE, .name = "chunk-extension", .least = 4,
          .most = 65536, .help = "each chunk has an extension so long behind its size"),
    FIELD(struct storm, limit, uint64_t, FIELD_SIZE, .name = "limit", .least = 1,
          .most = LIMIT_MOST, .fallback = "8MiB",
          .help = "the most bytes that interim answers, and that chunks, add to one answer"),
    END_OF_FIELDS,
};

/* What each costs about: a head with its field, and a chunk's size and line ends. */
enum { INTERIM_COST = 80, CHUNK_COST = 6 };

static bool check(void *params, struct buffer *complaint)
{
    const struct storm *storm = params;

    if (storm->interim == 0 && storm->chunks == 0 && storm->extension == 0)
        buffer_add_string(complaint, "wants interim, chunks or chunk-extension");
    else if (storm->interim * INTERIM_COST > storm->limit)
        buffer_add_string(complaint, "the interim answers come to more than the limit");
    else
        return true;
    return false;
}

/* The writer makes the chunks, and counts them. This is here so that it gets bytes, no pipes. */
static void pump(void *state, const void *params, struct flow *flow)
{
    (void)state, (void)params;
    while (flow_can_move(flow))
        flow_pass(flow);
}

static const struct filter_ops filter = {
    .name = "storm",
    .pump = pump,
};

static const struct field_pair hint = { TEXT("Link"), TEXT("</debug.css>; rel=preload; as=style") };

static void add_interim(const struct storm *storm, struct response_plan *plan)
{
    plan->storm = (struct interim_storm){
        .status = status_numbers[storm->status],
        .count = storm->interim,
        .by = plan->way.hit,
    };
    if (plan->storm.status == 103)
        plan->storm.fields = (struct field_pairs){ &hint, 1 };
}

/* `;debug=` and words whose blanks and signs no extension can have (RFC 9112, 7.1.1). */
static struct text make_extension(struct way_plan *plan, size_t size)
{
    static const char opening[] = ";debug=";
    size_t start = size < sizeof(opening) ? 3 : sizeof(opening) - 1;
    char *extension = arena_take(plan->arena, size + 1);

    memcpy(extension, start == 3 ? ";d=" : opening, start);
    filler_write(extension + start, size - start, plan->hit->bits);
    for (size_t i = start; i < size; i++)
        if (extension[i] == ' ' || extension[i] == '=')
            extension[i] = '.';
    return text_of(extension, size);
}

static void at_response(const void *params, struct response_plan *plan)
{
    const struct storm *storm = params;

    if (!plan->way.head)
        return;
    if (storm->interim > 0 && storm->interim >= plan->storm.count)
        add_interim(storm, plan);
    if ((storm->chunks == 0 && storm->extension == 0) || !plan->way.has_body)
        return;
    plan->chunked = true;
    plan->chunking = (struct chunking){
        .count = storm->limit / (CHUNK_COST + storm->extension),
        .size = storm->chunks,
        .made = &plan->way.hit->touched,
    };
    if (storm->extension > 0)
        plan->chunking.extension = make_extension(&plan->way, (size_t)storm->extension);
    plan_filter(&plan->way, &filter, PART_BODY);
}

const struct fault_kind fault_storm = {
    .name = "storm",
    .family = "volume",
    .summary = "an answer in far more pieces than it needs",
    .about =
        "Interim answers (100, 102, or 103 with a Link field) come before the answer in any "
        "number, the body comes in chunks of a size of one's choice, down to a byte each, or each "
        "chunk's size is followed by an extension that nobody asked for. All of it is valid "
        "HTTP/1.1, and the answer and its body are what they were, but for a Content-Length that "
        "gives way to chunks; clients differ in how much of it they bear. HTTP/1.0 knows neither: "
        "such clients get the plain answer. A chunk counts six bytes and its extension against "
        "the limit; behind that the body goes on in chunks as they come.",
    .example = "storm: {interim: 100, chunks: 1B, chunk-extension: 100B}",
    .fields = fields,
    .params_size = sizeof(struct storm),
    .stands_on = FAULT_ON_HTTP,
    .check = check,
    .at_response = at_response,
};
