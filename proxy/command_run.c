/* command_run: `panne run`: everything is put together, runs, and is taken apart again. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/random.h"
#include "base/say.h"
#include "command.h"
#include "conductor.h"
#include "judge.h"
#include "origin/embedded.h"
#include "outcome.h"
#include "report/report.h"
#include "reports.h"
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
    struct judge *judge;
    bool judged; /* else nothing is taken in */
    struct reports *reports;
    struct result outcome;
    struct buffer end_words; /* of the log's last line */
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
    running->reports = reports_new(running->options, true, &complaint);
    if (!running->reports)
        return give_up(EXIT_USAGE, &complaint);
    running->run.settings = &running->settings;
    running->run.stretch_held = running->options->step ? 0 : -1;
    running->run.starts_at_once = running->options->start == START_NOW;
    running->seed = random_fresh();
    generation = load(running);
    if (!generation)
        return EXIT_USAGE;
    run_renew(&running->run, generation);
    running->judged = judge_is_wanted(generation->scenario, running->options);
    running->judge = judge_new(generation->scenario,
                               run_scenario_profile(generation->scenario, running->options));
    return EXIT_PASSED;
}

/* What a verdict needs besides: its files, and the log to compare with. */
static int acquire_verdict(struct running *running)
{
    const struct options *options = running->options;
    struct buffer complaint = { 0 };

    if (!reports_open(running->reports, &complaint))
        return give_up(EXIT_BROKEN, &complaint);
    if (!text_is_empty(options->baseline) &&
        !judge_set_baseline(running->judge, options->baseline.at, &complaint))
        return give_up(EXIT_BROKEN, &complaint);
    return EXIT_PASSED;
}

/* All that happened has been told: the verdict, and with it the exit status, before the log's last
 * line is written. */
static void conclude_log(void *user, struct event_end *end)
{
    struct running *running = user;
    struct result *outcome = &running->outcome;
    const char *begun = running->conductor ? conductor_why(running->conductor) : NULL, *why;

    outcome->log = recorder_state(running->run.recorder);
    outcome->judgment = judge_conclude(running->judge, running->options->gate_regressions);
    end->exit = (uint64_t)outcome_status(outcome, &running->run, &why);
    buffer_format(&running->end_words, "%s; %s", begun ? begun : "not begun", why);
    end->why = buffer_text(&running->end_words);
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
    const struct witness witness = { judge_take, running->judge };
    struct recorder_options recorder = { .log = options->log.at,
                                         .witness = running->judged ? &witness : NULL,
                                         .conclusion = { conclude_log, running } };
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
    if (settings->client_by != CLIENT_BY_ADDRESS)
        running->run.clients = clients_new();
    running->run.salt = random_fresh();
    running->run.seal = (struct siphash_key){ { random_fresh(), random_fresh() } };
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
    if (!running->judged &&
        judge_is_wanted(run_generation(&running->run)->scenario, running->options))
        say("the client is not judged: there was nothing to judge it by when the run began");
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
static void close_log(struct running *running)
{
    struct run *run = &running->run;
    struct event_end event = {
        .requests = outcome_requests(run),
        .faults = outcome_exercised(run),
        .crowded = outcome_crowded(run),
    };

    running->outcome.log = recorder_finish(run->recorder, &event, loop_now());
}

/* Who the client was, for people; reports that were asked for go where they shall. False: one could
 * not be written. */
static bool tell_verdict(const struct running *running)
{
    const struct judgment *judgment = running->outcome.judgment;
    const struct report_options how = {
        .color = command_has_color(running->options, 2),
        .unicode = command_has_unicode(),
        .columns = command_columns(2),
        .log = running->options->log,
    };
    struct buffer out = { 0 };

    if (!running->options->quiet && judgment->had_faults) {
        report_find(text_from("text"))->write(judgment, &how, &out);
        fwrite(out.at, 1, out.length, stderr);
    }
    buffer_free(&out);
    return reports_write(running->reports, judgment);
}

static int sum_up(struct running *running, bool begun)
{
    struct result *outcome = &running->outcome;
    struct buffer out = { 0 };
    const char *why;
    int status = outcome_status(outcome, &running->run, &why);

    if (begun && !running->options->quiet) {
        outcome_summary(&running->run, command_has_color(running->options, 2), &out);
        fwrite(out.at, 1, out.length, stderr);
    }
    if (begun && outcome->judgment && !tell_verdict(running)) {
        outcome->broken = true;
        status = outcome_status(outcome, &running->run, &why);
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
    return status;
}

/* Ends the run, and says what it came to. */
static int conclude(struct running *running, bool begun)
{
    struct result *outcome = &running->outcome;

    outcome->broken = !begun;
    if (running->wrapped) {
        outcome->broken |= wrapped_broken(running->wrapped);
        outcome->command_failed = wrapped_failed(running->wrapped);
    }
    fleet_free(running->fleet);
    running->fleet = NULL;
    close_log(running);
    conductor_free(running->conductor);
    running->conductor = NULL;
    return sum_up(running, begun);
}

static void release(struct running *running)
{
    conductor_free(running->conductor);
    wrapped_free(running->wrapped);
    fleet_free(running->fleet);
    embedded_free(running->embedded);
    display_free(running->display);
    recorder_free(running->run.recorder);
    judge_free(running->judge);
    reports_free(running->reports);
    buffer_free(&running->end_words);
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
        status = acquire_verdict(running);
    if (status == EXIT_PASSED)
        status = acquire_wrapped(running);
    if (status == EXIT_PASSED)
        status = conclude(running, conduct(running));
    release(running);
    free(running);
    return status;
}
