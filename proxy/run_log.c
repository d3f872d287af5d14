/* run_log: a run's first line. */
#include "run_log.h"

#include <inttypes.h>
#include <time.h>

#include "expected.h"
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

/* What is put into words for the line. Zero-fill to start. */
struct words {
    struct buffer wall, hash, number, bindings, services, expected;
};

static void gather(struct words *words, const struct scenario *scenario,
                   const struct options *options, uint64_t seed)
{
    add_wall(&words->wall);
    buffer_format(&words->hash, "%016" PRIx64, scenario->hash);
    buffer_format(&words->number, "%" PRIu64, seed);
    add_items(&words->bindings, "--listen=", &options->listens);
    add_items(&words->bindings, "--upstream=", &options->upstreams);
    add_items(&words->bindings, "--route=", &options->routes);
    add_items(&words->bindings, "--forward=", &options->forwards);
    add_items(&words->services, "", &options->services);
    expected_write(scenario, &words->expected);
}

static void clear(struct words *words)
{
    buffer_free(&words->wall);
    buffer_free(&words->hash);
    buffer_free(&words->number);
    buffer_free(&words->bindings);
    buffer_free(&words->services);
    buffer_free(&words->expected);
}

void run_log_begin(struct recorder_port *port, const struct run *run, const struct options *options,
                   uint64_t seed)
{
    const struct scenario *scenario = run_generation(run)->scenario;
    struct words words = { 0 };
    struct event_run event;

    gather(&words, scenario, options, seed);
    event = (struct event_run){
        .version = text_from(PANNE_VERSION),
        .wall = buffer_text(&words.wall),
        .scenario = options->words.items[0],
        .hash = buffer_text(&words.hash),
        .text = scenario->source,
        .seed = buffer_text(&words.number),
        .speed = run_scenario_speed(scenario, options),
        .floor = options->floor,
        .phase = options->phase,
        .from = options->from,
        .until = option_is_given(options, &options->until) ? options->until : NEVER,
        .step = options->step,
        .bindings = buffer_text(&words.bindings),
        .services = buffer_text(&words.services),
        .any_host = options->services.count == 0 && run_listen_is_single(run->settings, options),
        .generation = run_generation(run)->number,
        .workers = run->settings->workers,
        .client_by = options->client_by,
        .file = scenario->file,
        .profile = text_from(profile_names[run_scenario_profile(scenario, options)]),
        .expected = buffer_text(&words.expected),
    };
    recorder_put(port, EVENT_run, &event, loop_now());
    clear(&words);
}
