/* run_log: a run's first line. */
#include "run_log.h"

#include <inttypes.h>
#include <time.h>

#include "run_listen.h"
#include "run_scenario.h"

static void add_wall(struct buffer *out)
{
    struct timespec now;
    struct tm parts;
    char text[64];

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    buffer_format(out, "%s.%03ldZ", text, now.tv_nsec / 1000000);
}

static void add_items(struct buffer *out, const char *before, const struct field_texts *items)
{
    for (size_t i = 0; i < items->count; i++) {
        if (out->length > 0)
            buffer_add_byte(out, ' ');
        buffer_add_string(out, before);
        buffer_add_text(out, items->items[i]);
    }
}

void run_log_begin(struct recorder_port *port, const struct run *run, const struct options *options,
                   uint64_t seed)
{
    const struct scenario *scenario = run_generation(run)->scenario;
    struct buffer wall = { 0 }, hash = { 0 }, number = { 0 }, bindings = { 0 }, services = { 0 };
    struct event_run event;

    add_wall(&wall);
    buffer_format(&hash, "%016" PRIx64, scenario->hash);
    buffer_format(&number, "%" PRIu64, seed);
    add_items(&bindings, "--listen=", &options->listens);
    add_items(&bindings, "--upstream=", &options->upstreams);
    add_items(&bindings, "--route=", &options->routes);
    add_items(&bindings, "--forward=", &options->forwards);
    add_items(&services, "", &options->services);
    event = (struct event_run){
        .version = text_from(PANNE_VERSION),
        .wall = buffer_text(&wall),
        .scenario = options->words.items[0],
        .hash = buffer_text(&hash),
        .text = scenario->source,
        .seed = buffer_text(&number),
        .speed = run_scenario_speed(scenario, options),
        .floor = options->floor,
        .phase = options->phase,
        .from = options->from,
        .until = option_is_given(options, &options->until) ? options->until : NEVER,
        .step = options->step,
        .bindings = buffer_text(&bindings),
        .services = buffer_text(&services),
        .any_host = options->services.count == 0 && run_listen_is_single(run->settings, options),
        .generation = run_generation(run)->number,
        .workers = run->settings->workers,
        .file = scenario->file,
        .profile = text_from(profile_names[run_scenario_profile(scenario, options)]),
    };
    recorder_put(port, EVENT_run, &event, loop_now());
    buffer_free(&wall);
    buffer_free(&hash);
    buffer_free(&number);
    buffer_free(&bindings);
    buffer_free(&services);
}
