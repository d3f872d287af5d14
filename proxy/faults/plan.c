/* plan: how a fault's wishes are booked to the hit that they come from. */
#include "faults/plan.h"

#include "base/counters.h"
#include "base/random.h"

struct stage *plan_filter(struct way_plan *plan, const struct filter_ops *ops, unsigned parts)
{
    struct stage *stage = pipeline_add(plan->pipeline, ops, plan->hit, parts, plan->arena);

    stage->tag = plan->hit_index;
    return stage;
}

struct stage *plan_filter_past(struct way_plan *plan, const struct filter_ops *ops, uint64_t after)
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
    plan->way.hit->asked = usec_after(plan->way.hit->asked, delay);
    plan->way.hit->delays_request = true;
}

void plan_delay_response(struct response_plan *plan, usec delay)
{
    plan->delay = usec_after(plan->delay, delay);
    plan->way.hit->asked = usec_after(plan->way.hit->asked, delay);
    plan->way.hit->delays_response = true;
}

void plan_delay_connection(struct connection_plan *plan, usec delay)
{
    plan->delay = usec_after(plan->delay, delay);
    plan->hit->asked = usec_after(plan->hit->asked, delay);
    plan->hit->delays_connection = true;
}

_Atomic uint64_t *plan_slot(const struct way_plan *plan, uint64_t key)
{
    return counters_slot(plan->counters, random_join(plan->hit->rule_bits, key));
}
