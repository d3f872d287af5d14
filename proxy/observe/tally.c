/* tally: where the numbers stand, so that threads raise them without getting in each other's way.
 */
#include "observe/tally_cells.h"

#include <stdlib.h>

#include "base/arena.h"

static void *take_cells(size_t count, size_t size)
{
    void *cells = NULL;

    if (count < SIZE_MAX / size)
        cells = aligned_alloc(CACHE_LINE, count * size);
    if (!cells)
        memory_exhausted();
    return memset(cells, 0, count * size);
}

struct tally *tally_new(const struct tally_names *names)
{
    struct tally *tally = take_cells(1, sizeof *tally);

    tally->names = *names;
    /* One more each for what belongs to none. */
    tally->phases = take_cells(names->phase_count + 1, sizeof *tally->phases);
    tally->services = take_cells(names->service_count + 1, sizeof *tally->services);
    tally->rules = take_cells(names->rule_count + 1, sizeof *tally->rules);
    return tally;
}

void tally_free(struct tally *tally)
{
    if (!tally)
        return;
    free(tally->phases);
    free(tally->services);
    free(tally->rules);
    free(tally);
}

void tally_leave_out_phase(struct tally *tally, size_t phase)
{
    tally->phases[phase].left_out = true;
}

void tally_leave_out_rule(struct tally *tally, size_t rule)
{
    tally->rules[rule].left_out = true;
}

static void add(tally_count *count, uint64_t more)
{
    atomic_fetch_add_explicit(count, more, memory_order_relaxed);
}

uint64_t tally_read(const tally_count *count)
{
    return atomic_load_explicit(count, memory_order_relaxed);
}

static void raise_to(tally_count *count, uint64_t least)
{
    uint64_t seen = tally_read(count);

    while (seen < least && !atomic_compare_exchange_weak_explicit(
                               count, &seen, least, memory_order_relaxed, memory_order_relaxed)) {
    }
}

static size_t limited(size_t index, size_t count)
{
    return index < count ? index : count;
}

void tally_request(struct tally *tally, size_t phase, size_t service, unsigned status, bool failed,
                   usec lasted)
{
    struct phase_cell *cell = &tally->phases[limited(phase, tally->names.phase_count)];
    unsigned class = status / 100;
    uint64_t length = lasted > 0 && lasted < NEVER ? (uint64_t)lasted : 0;

    add(&cell->requests, 1);
    add(&cell->by_class[class < STATUS_CLASSES ? class : 0], 1);
    if (failed)
        add(&cell->failed, 1);
    add(&cell->lasted, length);
    raise_to(&cell->slowest, length);
    add(&tally->services[limited(service, tally->names.service_count)].requests, 1);
}

void tally_fault(struct tally *tally, size_t rule, bool exercised, bool shadowed)
{
    struct rule_cell *cell = &tally->rules[limited(rule, tally->names.rule_count)];

    add(&cell->decided, 1);
    if (exercised)
        add(&cell->exercised, 1);
    if (shadowed)
        add(&cell->shadowed, 1);
}

void tally_opening(struct tally *tally, size_t phase, size_t service)
{
    add(&tally->phases[limited(phase, tally->names.phase_count)].openings, 1);
    add(&tally->services[limited(service, tally->names.service_count)].openings, 1);
}

void tally_connection(struct tally *tally, int change)
{
    add(change > 0 ? &tally->opened : &tally->closed, 1);
}

void tally_refused(struct tally *tally)
{
    add(&tally->refused, 1);
}

void tally_trouble(struct tally *tally)
{
    add(&tally->troubles, 1);
}

struct tally_totals tally_totals(const struct tally *tally)
{
    struct tally_totals totals = { 0 };
    const struct tally_names *names = &tally->names;
    uint64_t closed = tally_read(&tally->closed);

    for (size_t i = 0; i <= names->phase_count; i++) {
        const struct phase_cell *phase = &tally->phases[i];

        totals.requests += tally_read(&phase->requests);
        totals.failed += tally_read(&phase->failed);
        for (size_t class = 0; class < STATUS_CLASSES; class ++)
            totals.by_class[class] += tally_read(&phase->by_class[class]);
    }
    for (size_t i = 0; i < names->service_count; i++)
        totals.matched += tally_read(&tally->services[i].requests);
    for (size_t i = 0; i <= names->rule_count; i++) {
        totals.faults += tally_read(&tally->rules[i].decided);
        totals.exercised += tally_read(&tally->rules[i].exercised);
        totals.shadowed += tally_read(&tally->rules[i].shadowed);
    }
    totals.connections = tally_read(&tally->opened);
    /* Read before `opened`; but another thread's order is its own. */
    totals.open = totals.connections > closed ? totals.connections - closed : 0;
    totals.refused = tally_read(&tally->refused);
    totals.troubles = tally_read(&tally->troubles);
    return totals;
}

uint64_t tally_rule_exercised(const struct tally *tally, size_t rule)
{
    return rule < tally->names.rule_count ? tally_read(&tally->rules[rule].exercised) : 0;
}

uint64_t tally_phase_requests(const struct tally *tally, size_t phase)
{
    return phase < tally->names.phase_count ? tally_read(&tally->phases[phase].requests) : 0;
}
