/* run_scenario: opening, binding and laying out. */
#include "run_scenario.h"

#include <stdio.h>

#include "base/say.h"
#include "bundled.h"

static bool is_service(const struct scenario *scenario, struct text name)
{
    for (size_t i = 0; i < scenario->service_count; i++)
        if (text_equal(scenario->services[i].name, name))
            return true;
    return false;
}

static const char *service_name_at(const void *list, size_t index)
{
    const struct scenario *scenario = list;

    return index < scenario->service_count ? scenario->services[index].name.at : NULL;
}

/* `name=value` each; the first = divides. False with a complaint. */
static bool read_sets(const struct options *options, struct arena *arena, struct field_pairs *sets,
                      struct buffer *complaint)
{
    const struct field_texts *given = &options->sets;
    struct field_pair *items = ARENA_ARRAY(arena, struct field_pair, given->count + 1);

    for (size_t i = 0; i < given->count; i++) {
        size_t split = text_find(given->items[i], '=');

        if (split == 0 || split == given->items[i].length) {
            buffer_format(complaint, "\"%.*s\": --set wants NAME=VALUE",
                          (int)given->items[i].length, given->items[i].at);
            return false;
        }
        items[i].name = text_of(given->items[i].at, split);
        items[i].value = text_from_offset(given->items[i], split + 1);
    }
    *sets = (struct field_pairs){ items, given->count };
    return true;
}

struct scenario *run_scenario_read(struct text name, const struct options *options,
                                   struct problems *problems, struct buffer *found,
                                   struct buffer *complaint)
{
    struct scenario *scenario = NULL;
    struct arena arena = { 0 };
    struct field_pairs sets;
    const char *path = bundled_find(name, &arena, complaint);

    if (path && read_sets(options, &arena, &sets, complaint))
        scenario = scenario_load_file(path, &sets, problems);
    if (scenario && found)
        buffer_add_string(found, path);
    arena_clear(&arena);
    return scenario;
}

struct scenario *run_scenario_open(struct text name, const struct options *options,
                                   struct buffer *found)
{
    struct problems *problems = problems_new();
    struct buffer complaint = { 0 };
    struct scenario *scenario = run_scenario_read(name, options, problems, found, &complaint);

    if (complaint.length > 0)
        say("%s", complaint.at);
    problems_print(problems, stderr);
    problems_free(problems);
    buffer_free(&complaint);
    return scenario;
}

enum profile run_scenario_profile(const struct scenario *scenario, const struct options *options)
{
    return (enum profile)(option_is_given(options, &options->profile) ? options->profile
                                                                      : scenario->profile);
}

double run_scenario_speed(const struct scenario *scenario, const struct options *options)
{
    return option_is_given(options, &options->speed) ? options->speed : scenario->speed;
}

bool run_scenario_lay(struct scenario *scenario, const struct options *options,
                      struct timeline *timeline, struct buffer *complaint)
{
    struct timeline_options how = {
        .speed = run_scenario_speed(scenario, options),
        .floor = options->floor,
        .phase = options->phase,
        .from = options->from,
        .until = option_is_given(options, &options->until) ? options->until : NEVER,
    };

    return timeline_lay(timeline, scenario, &how, complaint);
}

/* `NAME=HOST[:PORT]`. */
static bool bind_service(struct scenario *scenario, struct text binding, struct buffer *complaint)
{
    size_t at = text_find(binding, '=');
    struct text name = text_of(binding.at, at), host = text_from_offset(binding, at + 1);
    const char *meant;

    if (at == binding.length) {
        buffer_add_json(complaint, binding);
        buffer_add_string(complaint, ": --service wants NAME=HOST[:PORT]");
        return false;
    }
    if (scenario_bind(scenario, name, host))
        return true;
    buffer_add_string(complaint, "--service ");
    buffer_add_json(complaint, binding);
    if (is_service(scenario, name)) {
        buffer_add_string(complaint, ": this is no host");
        return false;
    }
    buffer_add_string(complaint, ": the scenario has no such service");
    meant = problem_suggestion(name, service_name_at, scenario);
    if (meant)
        buffer_format(complaint, "; did you mean %s?", meant);
    return false;
}

static bool bind_services(struct scenario *scenario, const struct options *options,
                          bool ignore_hosts, struct buffer *complaint)
{
    for (size_t i = 0; i < options->services.count; i++)
        if (!bind_service(scenario, options->services.items[i], complaint))
            return false;
    if (ignore_hosts && options->services.count == 0)
        scenario_ignore_hosts(scenario);
    return true;
}

static bool choose_seed(const struct scenario *scenario, const struct options *options,
                        uint64_t *seed, struct buffer *complaint)
{
    if (!option_is_given(options, &options->seed)) {
        if (scenario->has_seed)
            *seed = scenario->seed;
        return true;
    }
    if (text_to_u64(options->seed, seed))
        return true;
    buffer_add_json(complaint, options->seed);
    buffer_add_string(complaint, ": --seed wants a number");
    return false;
}

/* Once: for the first rule that would. */
static void warn_of_floods(const struct scenario *scenario)
{
    for (size_t i = 0; i < scenario->rule_count; i++) {
        const struct rule *rule = &scenario->rules[i];

        if (!(rule->needs & FAULT_NEEDS_ORIGIN_FLOOD))
            continue;
        say("%.*s:%zu: requests are flooded only with --flood-origin, and left as they are now",
            (int)scenario->file.length, scenario->file.at, (size_t)rule->place.line);
        return;
    }
}

struct generation *run_scenario_load(const struct options *options, bool ignore_hosts,
                                     uint64_t *seed)
{
    struct scenario *scenario = run_scenario_open(options->words.items[0], options, NULL);
    struct generation *generation = NULL;
    struct buffer complaint = { 0 };
    struct timeline timeline;

    if (!scenario)
        return NULL;
    if (choose_seed(scenario, options, seed, &complaint) &&
        bind_services(scenario, options, ignore_hosts, &complaint) &&
        run_scenario_lay(scenario, options, &timeline, &complaint)) {
        generation = generation_new(scenario, &timeline, *seed);
        if (!options->flood_origin)
            warn_of_floods(scenario);
    } else {
        say("%s", complaint.at);
        scenario_free(scenario);
    }
    buffer_free(&complaint);
    return generation;
}
