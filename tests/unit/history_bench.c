/* history_bench: events made of rates, in the order in which they end. */
#include "history_bench.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/attributes.h"
#include "base/random.h"
#include "verdict/instances.h"

/* An exchange, or (with `lasted`) the end of a connection. */
struct item {
    usec at, lasted;
    const struct bench_flow *flow;
    const char *service;
    uint64_t number, connection;
    unsigned client, requests;
    bool is_link, failed, resumed, lost;
};

struct wire {
    uint64_t number;
    usec opened, last;
    unsigned requests;
};

struct maker {
    const struct bench_world *world;
    uint64_t drawn, exchanges, connections;
    usec ends[BENCH_SPANS];
    struct item *items;
    size_t count, room;
};

static double draw(struct maker *maker)
{
    return random_unit(random_join(random_mix(maker->world->seed), maker->drawn++));
}

static int span_of(const struct maker *maker, usec moment)
{
    return moment < maker->ends[BENCH_CALM]      ? BENCH_CALM
           : moment < maker->ends[BENCH_TROUBLE] ? BENCH_TROUBLE
                                                 : BENCH_AFTER;
}

static struct item *add(struct maker *maker, const struct item *item)
{
    if (maker->count == maker->room) {
        maker->room = maker->room ? 2 * maker->room : 256;
        maker->items = memory_grow(maker->items, maker->room * sizeof *maker->items);
    }
    maker->items[maker->count] = *item;
    return &maker->items[maker->count++];
}

static const char *service_of(const struct bench_flow *flow)
{
    return flow->service ? flow->service : "api";
}

static void end_wire(struct maker *maker, const struct bench_flow *flow, unsigned client,
                     struct wire *wire, usec at, bool lost)
{
    if (wire->number == 0)
        return;
    add(maker, &(struct item){ .at = at,
                               .lasted = at - wire->opened,
                               .flow = flow,
                               .service = service_of(flow),
                               .connection = wire->number,
                               .client = client,
                               .requests = wire->requests,
                               .is_link = true,
                               .resumed = draw(maker) < flow->resumes,
                               .lost = lost });
    wire->number = 0;
}

static void ask(struct maker *maker, const struct bench_flow *flow, unsigned client,
                struct wire *wire, usec at)
{
    int span = span_of(maker, at);
    usec took = 2 * MSEC + (usec)(-log(1 - draw(maker)) * (double)MSEC);
    struct item item = { .at = at + took,
                         .lasted = took,
                         .flow = flow,
                         .service = service_of(flow),
                         .number = ++maker->exchanges,
                         .client = client,
                         .failed = draw(maker) < flow->failing[span] };

    if (wire->number == 0)
        *wire = (struct wire){ .number = ++maker->connections, .opened = at };
    item.connection = wire->number;
    wire->requests++;
    wire->last = item.at;
    add(maker, &item);
    if (item.failed && flow->breaks)
        end_wire(maker, flow, client, wire, item.at, true);
    else if (flow->links == BENCH_FRESH || (item.failed && flow->links == BENCH_AFTER_ERROR))
        end_wire(maker, flow, client, wire, item.at, false);
    if (item.failed && flow->fallback && draw(maker) < flow->falls_back) {
        item.at += flow->waits + took;
        item.failed = false;
        item.service = flow->fallback;
        item.number = ++maker->exchanges;
        add(maker, &item);
    }
}

/* A client each time, and a connection of its pool. */
static void ask_any(struct maker *maker, const struct bench_flow *flow, struct wire *wires, usec at)
{
    unsigned clients = flow->clients ? flow->clients : 1, pool = flow->pool ? flow->pool : 1;
    unsigned client = (unsigned)(draw(maker) * clients), slot = (unsigned)(draw(maker) * pool);

    ask(maker, flow, client, &wires[client * pool + slot], at);
}

static bool is_away(const struct maker *maker, const struct bench_flow *flow, usec at)
{
    return at >= maker->ends[BENCH_TROUBLE] && at < maker->ends[BENCH_TROUBLE] + flow->back;
}

static void make_span(struct maker *maker, const struct bench_flow *flow, struct wire *wires,
                      int span)
{
    usec begins = maker->ends[span] - maker->world->lasts[span], at = begins;
    unsigned batch = flow->batch ? flow->batch : 1;
    double pause = (double)SECOND * batch / flow->rate[span];

    if (span == BENCH_AFTER)
        for (unsigned i = 0; i < flow->surge; i++)
            ask_any(maker, flow, wires, begins + flow->back + (usec)(draw(maker) * 300 * MSEC));
    if (!(flow->rate[span] > 0))
        return;
    for (;;) {
        at += (usec)(flow->even ? pause : -log(1 - draw(maker)) * pause);
        if (at >= maker->ends[span])
            return;
        for (unsigned i = 0; i < batch && !is_away(maker, flow, at); i++)
            ask_any(maker, flow, wires, at + (usec)i);
    }
}

static void make_flow(struct maker *maker, const struct bench_flow *flow)
{
    unsigned clients = flow->clients ? flow->clients : 1, pool = flow->pool ? flow->pool : 1;
    struct wire *wires = memory_take(clients * pool * sizeof *wires);

    for (int span = 0; span < BENCH_SPANS; span++)
        make_span(maker, flow, wires, span);
    for (unsigned i = 0; i < clients * pool; i++)
        end_wire(maker, flow, i / pool, &wires[i],
                 usec_max(maker->ends[BENCH_AFTER], wires[i].last), false);
    free(wires);
}

static int by_time(const void *left, const void *right)
{
    const struct item *a = left, *b = right;

    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    if (a->is_link != b->is_link)
        return a->is_link - b->is_link;
    return a->number < b->number ? -1 : a->number > b->number;
}

static void tell_link(struct history *history, const struct maker *maker, const struct item *item,
                      struct text client)
{
    bool ended = item->at >= maker->ends[BENCH_AFTER];
    struct event_connection event = {
        .connection = item->connection,
        .client = client,
        .tls = text_from(item->flow->tls ? "TLSv1.3" : ""),
        .server_name = text_from(item->service),
        .resumed = item->resumed,
        .requests = item->requests,
        .lasted = item->lasted,
        .end = text_from(item->lost ? "reset"
                         : ended    ? "drain"
                                    : "client"),
    };

    history_take(history, EVENT_connection, &event, item->at);
}

static const char *const phases[] = { "calm", "outage", "after" };

static void tell_request(struct history *history, const struct maker *maker,
                         const struct item *item, struct text client)
{
    int span = span_of(maker, item->at - item->lasted);
    bool breaks = item->failed && item->flow->breaks;
    struct event_fault fault = { .exchange = item->number,
                                 .connection = item->connection,
                                 .kind = text_from(breaks ? "reset" : "error"),
                                 .touched = 1,
                                 .exercised = true };
    struct event_request request = { .exchange = item->number,
                                     .connection = item->connection,
                                     .client = client,
                                     .service = text_from(item->service),
                                     .phase = text_from(phases[span]),
                                     .method = text_from("GET"),
                                     .path = text_from("/"),
                                     .status = breaks         ? 0
                                               : item->failed ? 503
                                                              : 200,
                                     .outcome = text_from(breaks ? "reset" : "answered"),
                                     .first_byte = item->lasted,
                                     .lasted = item->lasted,
                                     .client_ended = NEVER,
                                     .measured = NEVER,
                                     .retry_after = NEVER,
                                     .print = random_mix(item->number) };

    if (item->failed && span == BENCH_TROUBLE)
        history_take(history, EVENT_fault, &fault, item->at);
    history_take(history, EVENT_request, &request, item->at);
}

static void tell_phase(struct history *history, const char *name, usec at)
{
    struct event_phase event = { .name = text_from(name), .lasts = NEVER };

    history_take(history, EVENT_phase, &event, at);
}

static void tell(struct history *history, const struct maker *maker)
{
    size_t at = 0;
    int span = 0;

    tell_phase(history, phases[0], 0);
    for (; at < maker->count; at++) {
        const struct item *item = &maker->items[at];
        char name[24];

        for (; span < BENCH_AFTER && item->at >= maker->ends[span]; span++)
            tell_phase(history, phases[span + 1], maker->ends[span]);
        (void)snprintf(name, sizeof name, "client-%u", item->client + 1);
        if (item->is_link)
            tell_link(history, maker, item, text_from(name));
        else
            tell_request(history, maker, item, text_from(name));
    }
    for (; span < BENCH_AFTER; span++)
        tell_phase(history, phases[span + 1], maker->ends[span]);
    tell_phase(history, "", maker->ends[BENCH_AFTER]);
    history_end(history);
}

static void play(const struct bench_world *world, struct history *history)
{
    struct maker maker = { .world = world };
    usec end = 0;

    for (int span = 0; span < BENCH_SPANS; span++)
        maker.ends[span] = end += world->lasts[span];
    for (size_t i = 0; i < (world->flow_count ? world->flow_count : 1); i++)
        make_flow(&maker, &world->flows[i]);
    if (maker.count > 0)
        qsort(maker.items, maker.count, sizeof *maker.items, by_time);
    tell(history, &maker);
    free(maker.items);
}

/* -- Questions ----------------------------------------------------------------------------------
 */

static void on_attempt(void *user, const struct attempt *attempt, const struct operation *operation)
{
    instances_attempt(user, attempt, operation);
}

static void on_operation(void *user, const struct operation *operation)
{
    instances_operation(user, operation);
}

static void on_connection(void *user, const struct link *link)
{
    instances_connection(user, link);
}

static const void *limits_of(const struct check *check, const struct bench_question *question,
                             struct arena *arena)
{
    void *limits = arena_take(arena, check->limits_size + 1);
    struct text changes = text_from(question->limits), item;
    struct buffer complaint = { 0 };

    check_limits(check, question->profile, limits);
    while (text_next_item(&changes, ' ', &item)) {
        size_t equals = text_find(item, '=');
        const struct field *field = field_find(check->limits, text_of(item.at, equals));

        assert_non_null(field);
        assert_true(field_read(field, limits, text_from_offset(item, equals + 1), &complaint));
    }
    buffer_free(&complaint);
    return limits;
}

struct finding bench_ask(const struct bench_world *world, const struct bench_question *question,
                         struct arena *arena)
{
    const struct service_terms services[] = { { .name = text_from("api") },
                                              { .name = text_from("other"), .stays_up = true },
                                              { .name = text_from("spare") } };
    const struct check *check = check_find(text_from(question->check));
    struct expectation_terms expectation = { .check = check,
                                             .service = text_from(question->service),
                                             .phase = text_from(question->phase),
                                             .client = text_from(question->client) };
    struct verdict_terms terms = { .history = { services, COUNT_OF(services), false },
                                   .profile = question->profile };
    struct instances instances = { 0 };
    const struct history_watcher watcher = { &instances, on_attempt, on_operation, on_connection };
    struct history *history = history_new(&terms.history, &watcher);
    struct finding finding = { .check = check, .arena = arena, .grouped = -1 };

    assert_non_null(check);
    if (question->limits) {
        expectation.limits = limits_of(check, question, arena);
        terms.expectations = &expectation;
        terms.expectation_count = 1;
        finding.expectation = &expectation;
    }
    instances_add(&instances, &terms, check, arena);
    instances_gather(&instances, arena);
    instances.history = history;
    play(world, history);
    instance_judge(&instances.items[0], history, BENCH_ALPHA, &finding);
    finding.expectation = NULL; /* it is ours */
    instances_clear(&instances);
    history_free(history);
    return finding;
}

static bool says(struct text text, const char *words)
{
    return text.length > 0 && memmem(text.at, text.length, words, strlen(words));
}

void bench_answers(const struct bench_world *world, const struct bench_question *question,
                   enum outcome outcome, const char *words)
{
    struct arena arena;
    struct finding finding;

    arena_init(&arena, NULL);
    finding = bench_ask(world, question, &arena);
    if (finding.outcome != outcome ||
        !(says(finding.evidence, words) || says(finding.because, words)))
        fail_msg("%s: %s instead of %s (%s); %g [%g, %g] of %llu, %llu missing; %.*s; %.*s",
                 question->check, outcome_name(finding.outcome), outcome_name(outcome), words,
                 finding.value, finding.low, finding.high, (unsigned long long)finding.samples,
                 (unsigned long long)finding.missing, (int)finding.evidence.length,
                 finding.evidence.at ? finding.evidence.at : "", (int)finding.because.length,
                 finding.because.at ? finding.because.at : "");
    if (finding.has_bounds && (finding.low > finding.value || finding.high < finding.value))
        fail_msg("%s: %g is not in [%g, %g]", question->check, finding.value, finding.low,
                 finding.high);
    arena_clear(&arena);
}

void bench_tell(const struct bench_world *world, const struct bench_question *question,
                struct bench_tally *tally)
{
    struct arena arena;

    arena_init(&arena, NULL);
    tally->outcomes[bench_ask(world, question, &arena).outcome]++;
    tally->runs++;
    arena_clear(&arena);
}
