/* command_run: `panne run`: everything is put together, runs, and is taken apart again. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/random.h"
#include "base/say.h"
#include "command.h"
#include "conductor.h"
#include "origin/embedded.h"
#include "outcome.h"
#include "run_announce.h"
#include "run_listen.h"
#include "run_log.h"
#include "run_scenario.h"
#include "run_settings.h"
#include "run_tls.h"
#include "serve/clients.h"
#include "serve/kept.h"
#include "wrapped.h"

/* A run's belongings. Zero-filled, then filled in from top to bottom. */
struct running {
    const struct options *options;
    struct arena arena;
    struct settings settings;
    uint64_t seed;
    struct run run;
    struct certs *certs;
    struct loop *loop;
    struct embedded *embedded;
    struct address embedded_address;
    struct fleet *fleet;
    struct recorder_port *port;
    struct wrapped *wrapped;
    struct display *display;
    struct conductor *conductor;
};

/* Says why it cannot go on. */
static int give_up(int status, struct buffer *complaint)
{
    if (complaint->length > 0)
        say("%s", complaint->at);
    buffer_free(complaint);
    return status;
}

/* As many descriptors as the system lets us have. */
static void raise_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static struct generation *load(void *user)
{
    struct running *running = user;

    return run_scenario_load(running->options,
                             run_listen_is_single(&running->settings, running->options),
                             &running->seed);
}

/* Settings and scenario: what can be wrong there is the user's to mend. */
static int prepare(struct running *running)
{
    struct buffer complaint = { 0 };
    struct generation *generation;

    if (!run_settings(&running->settings, running->options, &running->arena, &complaint))
        return give_up(EXIT_USAGE, &complaint);
    running->run.settings = &running->settings;
    running->run.stretch_held = running->options->step ? 0 : -1;
    running->run.starts_at_once = running->options->start == START_NOW;
    running->seed = random_fresh();
    generation = load(running);
    if (!generation)
        return EXIT_USAGE;
    run_renew(&running->run, generation);
    return EXIT_PASSED;
}

/* The origin inside us, if any front leads there. */
static bool open_embedded(struct running *running, struct buffer *complaint)
{
    struct settings *settings = &running->settings;

    for (size_t i = 0; i < settings->front_count; i++) {
        struct front *front = &settings->fronts[i];
        char address[ADDRESS_TEXT];

        if (!front->embedded)
            continue;
        if (!running->embedded) {
            if (!address_parse(text_from("127.0.0.1"), 0, &running->embedded_address))
                return false;
            running->embedded = embedded_new(running->loop, &running->embedded_address, complaint);
            if (!running->embedded)
                return false;
        }
        address_write(&running->embedded_address, address);
        front->upstream_authority = arena_copy(&running->arena, text_from(address));
        front->upstream = (struct endpoint){ .host = text_from("127.0.0.1"),
                                             .port = address_port(&running->embedded_address) };
    }
    return true;
}

/* Sockets, files and threads: what can be wrong there is the machine's. */
static int acquire(struct running *running)
{
    const struct options *options = running->options;
    struct settings *settings = &running->settings;
    struct recorder_options recorder = { .log = options->log.at };
    struct buffer complaint = { 0 };

    raise_limit();
    if (!run_tls(&running->run, options, &running->certs, &complaint))
        return give_up(EXIT_BROKEN, &complaint);
    running->loop = loop_new_main();
    if (!open_embedded(running, &complaint))
        return give_up(EXIT_BROKEN, &complaint);
    running->fleet =
        fleet_bind(settings->fronts, settings->front_count, settings->workers, &complaint);
    if (!running->fleet)
        return give_up(EXIT_BROKEN, &complaint);
    if (!run_listen_check_loops(settings, &complaint))
        return give_up(EXIT_USAGE, &complaint);
    recorder.start = loop_now();
    running->run.recorder = recorder_new(&recorder, &complaint);
    if (!running->run.recorder)
        return give_up(EXIT_BROKEN, &complaint);
    running->port = recorder_port(running->run.recorder);
    if (!text_is_empty(settings->client_header))
        running->run.clients = clients_new();
    running->run.kept = kept_new(KEPT_ENTRIES, KEPT_BYTES);
    return EXIT_PASSED;
}

/* What COMMAND needs beyond that. */
static int acquire_wrapped(struct running *running)
{
    struct wrapped_parts parts = {
        .loop = running->loop,
        .port = running->port,
        .options = running->options,
        .settings = &running->settings,
        .certs = running->certs,
    };
    struct buffer complaint = { 0 };

    if (!running->options->child)
        return EXIT_PASSED;
    running->wrapped = wrapped_new(&parts, &complaint);
    return running->wrapped ? EXIT_PASSED : give_up(EXIT_BROKEN, &complaint);
}

static void log_begin(void *user)
{
    struct running *running = user;

    run_log_begin(running->port, &running->run, running->options, running->seed);
}

static bool announce(struct running *running)
{
    const struct scenario *scenario = run_generation(&running->run)->scenario;
    bool is_fresh = !scenario->has_seed && scenario->rule_count > 0 &&
                    !option_is_given(running->options, &running->options->seed);
    struct announcement announcement = {
        .options = running->options,
        .settings = &running->settings,
        .embedded = running->embedded ? &running->embedded_address : NULL,
        .port = running->port,
        .fresh_seed = is_fresh ? &running->seed : NULL,
    };

    return run_announce(&announcement);
}

/* From the first connection to the last. False: it could not begin. */
static bool conduct(struct running *running)
{
    struct conductor_parts parts = {
        .loop = running->loop,
        .run = &running->run,
        .fleet = running->fleet,
        .port = running->port,
        .options = running->options,
        .reload = load,
        .renewed = log_begin,
        .user = running,
    };

    if (running->wrapped) {
        parts.signaled = wrapped_signaled;
        parts.timeline_over = wrapped_timeline_over;
        parts.wrapped = running->wrapped;
    }
    log_begin(running);
    running->display = parts.display = display_new(running->options);
    running->conductor = conductor_new(&parts);
    if (!running->conductor) {
        say_errno("the run cannot be led");
        return false;
    }
    fleet_start(running->fleet, &running->run, running->loop);
    display_erase(running->display); /* lines are to come; the next look draws below them */
    if (!announce(running) ||
        (running->wrapped && !wrapped_start(running->wrapped, running->conductor)))
        return false;
    loop_run(running->loop);
    return true;
}

/* The log's last line; the exit status may get worse by its failing. */
static int close_log(struct running *running, struct outcome *outcome)
{
    struct run *run = &running->run;
    const char *why, *end = running->conductor ? conductor_why(running->conductor) : NULL;
    struct event_end event;
    struct buffer words = { 0 };
    int status;

    outcome->log = recorder_state(run->recorder);
    status = outcome_status(outcome, run, &why);
    buffer_format(&words, "%s; %s", end ? end : "not begun", why);
    event = (struct event_end){
        .exit = (uint64_t)status,
        .why = buffer_text(&words),
        .requests = outcome_requests(run),
        .faults = outcome_exercised(run),
        .crowded = outcome_crowded(run),
    };
    outcome->log = recorder_finish(run->recorder, &event, loop_now());
    buffer_free(&words);
    return outcome_status(outcome, run, &why);
}

static void sum_up(const struct running *running, const struct outcome *outcome, bool begun)
{
    struct buffer out = { 0 };
    const char *why;
    int status = outcome_status(outcome, &running->run, &why);

    if (begun && !running->options->quiet) {
        outcome_summary(&running->run, command_has_color(running->options, 2), &out);
        fwrite(out.at, 1, out.length, stderr);
    }
    if (outcome->log.lost + outcome->log.failed > 0)
        say("the log lacks %" PRIu64 " lines", outcome->log.lost + outcome->log.failed);
    if (status != EXIT_PASSED && begun && running->wrapped &&
        outcome_connections(&running->run) == 0)
        say("COMMAND sent nothing through here: not every program reads the proxy variables "
            "(Node.js does from 22.21 on); add --listen, and give it PANNE_URL as its base URL");
    if (status != EXIT_PASSED)
        say("%s (exit status %d)", why, status);
    buffer_free(&out);
}

/* Ends the run, and says what it came to. */
static int conclude(struct running *running, bool begun)
{
    struct outcome outcome = { .broken = !begun };
    int status;

    if (running->wrapped) {
        outcome.broken |= wrapped_broken(running->wrapped);
        outcome.command_failed = wrapped_failed(running->wrapped);
    }
    fleet_free(running->fleet);
    running->fleet = NULL;
    status = close_log(running, &outcome);
    conductor_free(running->conductor);
    running->conductor = NULL;
    sum_up(running, &outcome, begun);
    return status;
}

static void release(struct running *running)
{
    conductor_free(running->conductor);
    wrapped_free(running->wrapped);
    fleet_free(running->fleet);
    embedded_free(running->embedded);
    display_free(running->display);
    recorder_free(running->run.recorder);
    if (running->loop)
        loop_free(running->loop);
    run_tls_free(&running->run);
    certs_free(running->certs);
    clients_free(running->run.clients);
    kept_free(running->run.kept);
    run_free_generations(&running->run);
    arena_clear(&running->arena);
}

int command_run(const struct options *options)
{
    struct running *running = memory_take(sizeof *running);
    int status;

    running->options = options;
    status = prepare(running);
    if (status == EXIT_PASSED)
        status = acquire(running);
    if (status == EXIT_PASSED)
        status = acquire_wrapped(running);
    if (status == EXIT_PASSED)
        status = conclude(running, conduct(running));
    release(running);
    free(running);
    return status;
}
