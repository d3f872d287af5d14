/* flood_body: whether a message's body can grow, through which filters, and to which length. */
#include "faults/flood.h"
#include "http/coding.h"
#include "http/gzip.h"

/* Bytes to add at most where the length is not known, within `most`. */
static uint64_t open_amount(const struct flood *flood, uint64_t most)
{
    return flood->add > 0 && flood->add < most ? flood->add : most;
}

/* Bytes to add to a body of this length: what was asked for, rounded, within `most`. */
static uint64_t exact_amount(const struct flood *flood, uint64_t length, uint64_t most)
{
    double more = flood->add > 0 ? (double)flood->add : (flood->body - 1) * (double)length;
    uint64_t amount = more < (double)most ? (uint64_t)(more + 0.5) : most;

    return amount < UINT64_MAX - length ? amount : 0;
}

static void promise_nothing(struct way_plan *plan)
{
    plan->length_known = false;
    plan->length = 0;
}

/* A member of its own is too much to ask of few bytes. */
static const struct filter_ops *fitting(const struct way_plan *plan,
                                        const struct filter_ops *filter, uint64_t amount)
{
    bool tight = plan->length_known && amount < FLOOD_RECORD_LEAST;

    return tight && filter == &flood_records ? &flood_json_lines : filter;
}

/* False: there is nothing to add. */
static bool add_flood(const struct flood *flood, struct way_plan *plan,
                      const struct filter_ops *filter, uint64_t most)
{
    uint64_t amount =
        plan->length_known ? exact_amount(flood, plan->length, most) : open_amount(flood, most);
    struct flood_pace *pace;

    if (amount == 0)
        return false;
    pace = plan_filter(plan, fitting(plan, filter, amount), PART_BODY | PART_TRAILER)->state;
    pace->most = amount;
    pace->exact = plan->length_known;
    pace->length = plan->length;
    if (pace->exact && flood->add > 0)
        pace->more = (double)amount / (double)plan->length;
    plan->length += plan->length_known ? amount : 0;
    return true;
}

/* What is packed anew is no deed of the flood's: these stages are nobody's. */
static void add_codec(struct way_plan *plan, const struct filter_ops *filter)
{
    plan_filter(plan, filter, PART_BODY | PART_TRAILER)->tag = -1;
}

/* A plain body leaves packed. */
static void pack_body(const struct flood *flood, struct way_plan *plan,
                      const struct filter_ops *filter, uint64_t most)
{
    promise_nothing(plan);
    (void)add_flood(flood, plan, filter, most);
    add_codec(plan, &gzip_dense_filter);
    coding_say_gzip(plan->head, plan->arena);
}

static void repack_body(const struct flood *flood, struct way_plan *plan,
                        const struct filter_ops *filter, uint64_t most)
{
    promise_nothing(plan);
    add_codec(plan, &gunzip_filter);
    (void)add_flood(flood, plan, filter, most);
    add_codec(plan, &gzip_filter);
}

static bool has_whole_body(const struct way_plan *plan)
{
    return plan->has_body && (!plan->length_known || plan->length > 0) &&
           plan->head->status != 206 && !head_has(plan->head, HEAD_CONTENT_RANGE);
}

/* Whether `pack` may be done to a plain body. A request has nobody to say so but the user. */
static bool may_pack(const struct flood *flood, const struct response_plan *answer)
{
    return flood->force || (answer && answer->request && coding_takes_gzip(answer->request));
}

/* What is coded as nobody here can read it is opaque, whatever its type. */
static const struct filter_ops *filter_of(const struct flood *flood, const struct head *head,
                                          enum coding coding)
{
    if (coding == CODING_OTHER)
        return flood->opaque ? &flood_padding : NULL;
    return flood_filter(flood, head_get(head, HEAD_CONTENT_TYPE));
}

void flood_body(const struct flood *flood, struct way_plan *plan, struct response_plan *answer,
                uint64_t most)
{
    enum coding coding = coding_of(plan->head);
    const struct filter_ops *filter = filter_of(flood, plan->head, coding);
    const struct stage *before = plan->pipeline->last;
    bool packs = flood->pack == FLOOD_PACK_GZIP && coding == CODING_NONE;

    if (!filter || most == 0 || !has_whole_body(plan))
        return;
    if (packs && !may_pack(flood, answer)) {
        plan->hit->note = "gzip is not accepted";
        return;
    }
    if (flood->endless)
        promise_nothing(plan);
    if (coding == CODING_GZIP)
        repack_body(flood, plan, filter, most);
    else if (packs)
        pack_body(flood, plan, filter, most);
    else
        (void)add_flood(flood, plan, filter, most);
    if (plan->pipeline->last != before)
        flood_mend_head(plan, answer, flood->pace == 0 && !flood->endless);
}
