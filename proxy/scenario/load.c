/* load: the scenario as a whole: its top keys, its version, and what happens when all is read. */
#include "scenario/load.h"

#include <stdlib.h>

#include "http/target.h"
#include "scenario/include.h"
#include "scenario/source.h"
#include "scenario/vars.h"
#include "scenario/yaml.h"
#include "verdict/check.h"

#define LANGUAGE_VERSION 1
#define NUMBER_TEXT(number) QUOTED(number)
#define QUOTED(number) #number

static void load_seed(struct loader *loader, const struct node *node, void *target)
{
    static const struct field field =
        FIELD(struct scenario, seed, uint64_t, FIELD_COUNT, .name = "seed");
    struct scenario *scenario = target;

    scenario->has_seed = load_value(loader, &field, node, scenario);
}

/* Rules name services, and expectations phases, which may stand below them: they are read when all
 * else is known. What is included, and vars, have been put in before. */
static void leave_for_later(struct loader *loader, const struct node *node, void *target)
{
    (void)loader;
    (void)node;
    (void)target;
}

static const struct shape expect_shape = { .kind = SHAPE_CHECKS };

static const struct field included_field = { .type = FIELD_TEXT };
static const struct shape included_shape = {
    .kind = SHAPE_FIELD, .help = "the path of a file", .pattern = "^[^/]", .fields = &included_field
};
static const struct shape includes_shape = { .kind = SHAPE_LIST,
                                             .help = "paths of files",
                                             .each = &included_shape };
static const struct shape *const include_shapes[] = { &included_shape, &includes_shape, NULL };
static const struct shape include_shape = { .kind = SHAPE_ANY_OF, .choices = include_shapes };
static const struct shape var_shape = { .kind = SHAPE_SCALAR };
static const struct shape vars_shape = { .kind = SHAPE_TEXTS, .each = &var_shape };

static const struct load_key top_keys[] = {
    { .field = { .name = "panne",
                 .type = FIELD_COUNT,
                 .least = LANGUAGE_VERSION,
                 .most = LANGUAGE_VERSION,
                 .help = "the version of the language, 1" },
      .load = leave_for_later,
      .shape = &shape_field,
      .required = true,
      .missing =
          "\"panne: " NUMBER_TEXT(LANGUAGE_VERSION) "\" is missing, the version of the language" },
    { .field = FIELD(struct scenario, title, struct text, FIELD_TEXT, .name = "title",
                     .help = "what it is called") },
    { .field = FIELD(struct scenario, about, struct text, FIELD_TEXT, .name = "about",
                     .help = "what it is about") },
    { .field = FIELD(struct scenario, sources, struct field_texts, FIELD_TEXTS, .name = "sources",
                     .help = "where it is written that this happened") },
    { .field = { .name = "include",
                 .help = "files to put before this one: paths relative to it, within its folder" },
      .load = leave_for_later,
      .shape = &include_shape },
    { .field = { .name = "vars", .help = "texts that ${name} stands for in values, by name" },
      .load = leave_for_later,
      .shape = &vars_shape },
    { .field = { .name = "seed",
                 .type = FIELD_COUNT,
                 .help = "what all draws depend on; without it, each run takes a fresh one" },
      .load = load_seed,
      .shape = &shape_field },
    { .field = FIELD(struct scenario, speed, double, FIELD_NUMBER, .name = "speed", .least = 0.001,
                     .most = 100000,
                     .help = "how many times as fast as written the timeline is replayed; "
                             "without it, 1") },
    { .field = FIELD(struct scenario, profile, int, FIELD_CHOICE, .name = "profile",
                     .choices = profile_names,
                     .help = "which kind of client this is: it sets the limits that expect does "
                             "not; without it, default") },
    { .field = { .name = "services",
                 .help = "the parts of the API; an exchange belongs to the first that matches" },
      .load = load_services,
      .shape = &load_services_shape,
      .required = true },
    { .field = { .name = "phases", .help = "the timeline, one phase after another" },
      .load = leave_for_later,
      .shape = &load_phases_shape,
      .required = true,
      .missing = "a scenario needs \"phases\"; a file without them can only be included" },
    { .field = { .name = "expect",
                 .help = "what is expected of the client: checks by name, with their limits" },
      .load = leave_for_later,
      .shape = &expect_shape },
    { .field.name = NULL },
};

const struct load_table load_top_table = {
    .what = "a scenario", .noun = "key", .keys = top_keys, .elsewhere = "include"
};

/* In another version of the language other things are right: nothing else would be worth saying. */
static bool check_version(struct loader *loader, const struct node *root)
{
    static const struct field field = { .name = "panne", .type = FIELD_COUNT };
    const struct node *node = node_find(root, "panne");
    uint64_t version = 0;

    if (!load_wants(loader, root, NODE_MAPPING, "a scenario"))
        return false;
    if (!node || !load_value(loader, &field, node, &version))
        return true;
    if (version == LANGUAGE_VERSION)
        return true;
    problem_at(loader->problems, node->place,
               "version %llu of the language is not known here, only version %d",
               (unsigned long long)version, LANGUAGE_VERSION);
    return false;
}

static void load_root(struct loader *loader, const struct node *root)
{
    const struct node *phases, *expect;

    if (!check_version(loader, root))
        return;
    load_mapping(loader, &load_top_table, root, loader->scenario);
    phases = node_find(root, "phases");
    if (phases)
        load_phases(loader, phases, loader->scenario);
    expect = node_find(root, "expect");
    if (expect)
        load_expect(loader, expect);
}

/* What the log shall hold: the text as it is with all that was included and put in, so that it
 * stands alone. */
static void keep_effective(struct loader *loader, const struct node *root)
{
    struct scenario *scenario = loader->scenario;
    struct buffer text = { 0 };

    node_write_quoted(root, &text);
    buffer_add_byte(&text, '\n');
    if (text.length > SOURCE_LIMIT)
        problem_at(loader->problems, (struct place){ .file = scenario->file.at },
                   "is larger than 1 MiB with what it includes");
    scenario->source = arena_copy(loader->arena, buffer_text(&text));
    scenario->hash = text_hash(0, scenario->source);
    buffer_free(&text);
}

static const struct node *complete(struct loader *loader, const struct node *root,
                                   const struct scenario_origin *origin)
{
    struct place place = { .file = "--set" };
    const struct node *whole = include_files(root, origin->path, loader->arena, loader->problems);
    size_t before = problems_count(loader->problems);

    if (whole)
        whole = vars_replace(whole, origin->sets, place, loader->arena, loader->problems);
    if (whole && whole != root)
        keep_effective(loader, whole);
    /* What a wrong var would have been, nobody knows. */
    return problems_count(loader->problems) == before ? whole : NULL;
}

struct scenario *scenario_load(struct text source, const char *name, struct problems *problems)
{
    static const struct scenario_origin nowhere = { 0 };

    return scenario_load_from(source, name, &nowhere, problems);
}

struct scenario *scenario_load_from(struct text source, const char *name,
                                    const struct scenario_origin *origin, struct problems *problems)
{
    struct scenario *scenario = memory_take(sizeof(*scenario));
    struct loader loader = { .scenario = scenario,
                             .arena = &scenario->arena,
                             .problems = problems };
    size_t before = problems_count(problems);
    const struct node *root;

    scenario->speed = 1;
    scenario->source = arena_copy(loader.arena, source);
    scenario->file = arena_copy(loader.arena, text_from(name));
    scenario->hash = text_hash(0, source);
    root = yaml_read(scenario->source, scenario->file.at, loader.arena, problems);
    if (root)
        root = complete(&loader, root, origin);
    if (root)
        load_root(&loader, root);
    if (problems_count(problems) == before)
        return scenario;
    scenario_free(scenario);
    return NULL;
}

struct scenario *scenario_load_file(const char *path, const struct field_pairs *sets,
                                    struct problems *problems)
{
    struct scenario_origin origin = { .path = path, .sets = sets };
    struct arena arena = { 0 };
    struct scenario *scenario = NULL;
    struct text source;

    if (source_read(path, &arena, &source, problems))
        scenario = scenario_load_from(source, path, &origin, problems);
    arena_clear(&arena);
    return scenario;
}

void scenario_free(struct scenario *scenario)
{
    if (!scenario)
        return;
    arena_clear(&scenario->arena);
    free(scenario);
}

/* An authority in which the host may hold the signs of a glob; they are no letters of a name, so
 * something else stands in for them while the rest is checked. */
static bool read_host(struct arena *arena, struct text host, struct patterns *patterns,
                      uint16_t *port)
{
    char *letters = arena_string(arena, host);
    struct text *pattern = ARENA_NEW(arena, struct text);
    struct authority authority;

    for (size_t i = 0; i < host.length; i++)
        if (letters[i] == '*' || letters[i] == '?')
            letters[i] = 'x';
    if (!authority_parse(text_of(letters, host.length), &authority))
        return false;
    *pattern =
        arena_copy(arena, text_of(host.at + (authority.host.at - letters), authority.host.length));
    *patterns = (struct patterns){ pattern, 1 };
    *port = authority.port;
    return true;
}

bool scenario_bind(struct scenario *scenario, struct text service, struct text host)
{
    for (size_t i = 0; i < scenario->service_count; i++) {
        struct match *match = &scenario->services[i].match;

        if (text_equal(scenario->services[i].name, service))
            return read_host(&scenario->arena, host, &match->host, &match->port);
    }
    return false;
}

void scenario_ignore_hosts(struct scenario *scenario)
{
    for (size_t i = 0; i < scenario->service_count; i++)
        scenario->services[i].match.host = (struct patterns){ 0 };
}
