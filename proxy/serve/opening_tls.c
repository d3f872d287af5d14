/* opening_tls: what a connection's plan wishes of its handshake, in the words of net/, and what
 * came of it. */
#include "serve/opening.h"
#include "serve/steps.h"

struct tls_trouble *opening_trouble(struct session *session)
{
    struct opening *opening = session->opening;
    const struct connection_plan *plan;

    if (!opening)
        return NULL;
    plan = &opening->plan;
    if (!plan->certificate_by && !plan->alert_by && !plan->stall_by && !plan->version_by &&
        !plan->resumption_by)
        return NULL;
    opening->trouble = (struct tls_trouble){
        .certificate = plan->certificate,
        .alert = plan->alert,
        .stall = plan->stall,
        .stall_for = plan->stall_for,
        .most = plan->version,
        .no_resumption = plan->no_resumption,
    };
    opening->troubled = true;
    return &opening->trouble;
}

bool opening_stalls(const struct session *session)
{
    const struct opening *opening = session->opening;

    return opening && opening->troubled && opening->trouble.stall != STALL_NONE;
}

static void credit(struct hit *hit, bool felt)
{
    if (hit && felt)
        hit->touched = 1;
}

void opening_credit_trouble(struct opening *opening, usec now)
{
    const struct connection_plan *plan = &opening->plan;
    const struct tls_trouble *trouble = &opening->trouble;

    if (!opening->troubled)
        return;
    credit(plan->certificate_by, trouble->certificate_shown);
    credit(plan->alert_by, trouble->alert_sent);
    credit(plan->stall_by, trouble->stalled);
    credit(plan->version_by, trouble->version_limited);
    credit(plan->resumption_by, trouble->resumption_denied);
    if (plan->stall_by && trouble->stalled) {
        usec lasted = now - usec_max(opening->due == NEVER ? 0 : opening->due, opening->began);

        plan->stall_by->measured = usec_min(lasted, trouble->stall_for);
    }
}
