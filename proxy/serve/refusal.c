/* refusal: when a listener closes, and when it opens again. */
#include "serve/refusal.h"

#include "serve/opening.h"

/* A step or a reload may end the phase at any time. */
#define LOOK_EVERY (20 * MSEC)

static void look(void *user);

static bool still_refuses(const struct gate *gate, usec now)
{
    const struct run *run = gate->worker->run;
    const struct generation *generation = run_generation(run);
    struct moment moment = run_moment(run, generation, now);

    return generation == gate->generation && !moment.over && moment.phase == gate->phase;
}

static void look_again(struct gate *gate)
{
    deadline_set(&gate->reopening, gate->worker->loop, loop_now() + LOOK_EVERY, look, gate);
}

static void look(void *user)
{
    struct gate *gate = user;

    if (still_refuses(gate, loop_now()) || !listener_refuse(gate->listener, false))
        look_again(gate);
}

static bool refuses_all(const struct session *session)
{
    const struct opening *opening = session->opening;
    const struct scenario *scenario = opening->generation->scenario;
    const struct hit *hit = opening->plan.refuse_by;
    const struct rule *rule = &scenario->rules[hit->rule];
    const struct share *share = &rule->alternatives[0].share;

    return !rule->is_mix && share->kind == SHARE_CONSTANT && share->from >= 1 &&
           match_is_empty(&rule->when) && rule->nth.first == 0 && rule->nth.last == 0 &&
           scenario->services[opening->decision.service].match.client.count == 0;
}

void refusal_begin(struct session *session)
{
    struct worker *worker = session->worker;

    if (!refuses_all(session))
        return;
    for (size_t i = 0; i < worker->gate_count; i++) {
        struct gate *gate = &worker->gates[i];

        if (gate->front != session->front || !gate->listener ||
            !listener_refuse(gate->listener, true))
            continue;
        gate->generation = session->opening->generation;
        gate->phase = session->opening->decision.phase;
        look_again(gate);
    }
}

void refusal_end(struct gate *gate)
{
    deadline_clear(&gate->reopening);
}
