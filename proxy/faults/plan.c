/* plan: how a fault's wishes are booked to the hit that they come from. */
#include "faults/plan.h"

struct stage *plan_filter(struct response_plan *plan, const struct filter_ops *ops, unsigned parts)
{
    struct stage *stage = pipeline_add(plan->pipeline, ops, plan->hit, parts, plan->arena);

    stage->tag = plan->hit_index;
    return stage;
}

struct stage *plan_filter_past(struct response_plan *plan, const struct filter_ops *ops,
                               uint64_t after)
{
    if (!plan->head)
        return plan_filter(plan, ops, PART_TUNNEL);
    if (!plan->has_body || (plan->length_known && plan->length <= after))
        return NULL;
    return plan_filter(plan, ops, PART_BODY);
}

void plan_delay_request(struct request_plan *plan, usec delay)
{
    plan->delay = usec_after(plan->delay, delay);
    plan->hit->asked = usec_after(plan->hit->asked, delay);
    plan->hit->delays_request = true;
}

void plan_delay_response(struct response_plan *plan, usec delay)
{
    plan->delay = usec_after(plan->delay, delay);
    plan->hit->asked = usec_after(plan->hit->asked, delay);
    plan->hit->delays_response = true;
}
