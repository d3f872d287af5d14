/* run: what all workers of a run share: settings, the scenario's present generation, the clock of
 * the timeline, tallies, TLS. */
#ifndef PANNE_SERVE_RUN_H
#define PANNE_SERVE_RUN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/siphash.h"
#include "net/tls.h"
#include "observe/recorder.h"
#include "observe/tally.h"
#include "scenario/engine.h"
#include "scenario/timeline.h"
#include "serve/settings.h"

/* One scenario in force, from a start or reload until the last exchange that it decided on has
 * ended. */
struct generation {
    struct generation *older; /* kept for the summary: freed with the run */
    uint64_t number;          /* 0, and one more with each reload */
    bool notes_matches;       /* the scenario has conditions on what the log does not keep */
    struct scenario *scenario;
    struct engine *engine;
    struct timeline timeline;
    struct tally_names names;
    struct tally *tally;
    bool *keeps; /* for each service: some rule wants stale answers of it; NULL: none does */
};

/* Owned by the command; outlives all workers. */
struct run {
    const struct settings *settings;
    struct recorder *recorder;
    struct tls_server *tls_server; /* minting; NULL where no listener needs it */
    struct tls_server *tls_fixed;  /* --cert; NULL: use tls_server */
    struct tls_client *tls_client;
    uint64_t salt;           /* of hashes: fresh in each run */
    struct siphash_key seal; /* of those that leave it: likewise */
    struct clients *clients; /* numbers by --client-by; see clients.h */
    struct kept *kept;       /* answers for stale ones; NULL: none are */

    _Atomic(struct generation *) generation;
    atomic_int_least64_t
        start; /* of the timeline on loop_now's clock; 0: waiting for the first match */
    atomic_int_least64_t skipped; /* wall time that steps have skipped */
    atomic_int
        stretch_held; /* --step: the stretch that goes on until the next step; -1: time decides */
    atomic_size_t connections;   /* of clients, over all workers */
    atomic_bool draining;        /* no new exchanges */
    bool starts_at_once;         /* the timeline does not wait for a match */
    void (*started)(void *user); /* called once by whoever starts the timeline, on its thread; may
                                    be NULL */
    void *started_user;
};

/* A generation from a loaded scenario (taken) laid out by `timeline` (its arena's). Never NULL. */
struct generation *generation_new(struct scenario *scenario, const struct timeline *timeline,
                                  uint64_t seed);
/* Puts it in force; the run owns it. Any thread, one at a time. */
void run_renew(struct run *run, struct generation *generation);
/* The one in force. It stays whole until the run is freed, so whoever decided on it may keep it. */
static inline struct generation *run_generation(const struct run *run)
{
    return atomic_load_explicit(&run->generation, memory_order_acquire);
}
/* Frees all generations; nobody may hold one. */
void run_free_generations(struct run *run);

/* Starts the timeline now unless it runs. True if this call did it. */
bool run_start(struct run *run, usec now);
bool run_has_started(const struct run *run);
/* Where the timeline of `generation` stands. Before the start: the beginning, not over. */
struct moment run_moment(const struct run *run, const struct generation *generation, usec now);
/* When `moment`'s phase ends on loop_now's clock; NEVER if no one knows. */
usec run_phase_ends(const struct run *run, const struct moment *moment);
/* To the next phase (SIGUSR1, Enter). */
void run_step(struct run *run, usec now);

#endif
