/* load_phase: the timeline as written: phases, their names and lengths. */
#include "scenario/load.h"

struct phase_draft {
    struct phase phase;
    const struct node *faults;
};

/* Rules can be judged only when the phase's length is known, which may stand below them. */
static void keep_faults(struct loader *loader, const struct node *node, void *target)
{
    if (load_wants(loader, node, NODE_LIST, "faults"))
        ((struct phase_draft *)target)->faults = node;
}

static void load_name(struct loader *loader, const struct node *node, void *target)
{
    struct phase *phase = &((struct phase_draft *)target)->phase;

    if (load_wants(loader, node, NODE_TEXT, "name") &&
        load_check_name(loader, node->text, node->place))
        phase->name = node->text;
}

static void load_rules(struct loader *loader, const struct node *faults)
{
    for (size_t i = 0; i < faults->count && load_goes_on(loader); i++) {
        loader->position = (unsigned)i + 1;
        load_rule(loader, faults->items[i].value);
    }
}

static void check_double(struct loader *loader, const struct phase *phases, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (text_is_empty(phases[i].name) || !text_equal(phases[i].name, phases[index].name))
            continue;
        problem_at(loader->problems, phases[index].place,
                   "there is another phase %s; it begins on line %u",
                   node_quote(loader->arena, phases[i].name), phases[i].place.line);
        return;
    }
}

static const struct shape name_shape = { .kind = SHAPE_NAME };

static const struct load_key phase_keys[] = {
    { .field = { .name = "name", .help = "what it is called, as no other phase is" },
      .load = load_name,
      .shape = &name_shape,
      .required = true },
    { .field = FIELD(struct phase_draft, phase.about, struct text, FIELD_TEXT, .name = "about",
                     .help = "what happened then") },
    { .field = FIELD(struct phase_draft, phase.lasts, usec, FIELD_DURATION, .name = "lasts",
                     .least = 1, .most = LONGEST_PHASE, .clock = CLOCK_SCENARIO,
                     .help = "how long it lasts; a scenario's only phase may do without") },
    { .field = { .name = "faults", .help = "the rules, asked in this order" },
      .load = keep_faults,
      .shape = &load_rules_shape },
    { .field.name = NULL },
};
static const char *phase_meant(struct text key)
{
    bool length = text_is(key, "duration") || text_is(key, "length") || text_is(key, "for");

    return length ? "lasts" : text_is(key, "rules") ? "faults" : NULL;
}

static const struct load_table phase_table = {
    .what = "a phase", .noun = "key", .keys = phase_keys, .meant = phase_meant
};

static const struct shape phase_shape = { .kind = SHAPE_TABLE,
                                          .definition = "phase",
                                          .help = "a stretch of the timeline",
                                          .table = &phase_table };
const struct shape load_phases_shape = { .kind = SHAPE_LIST,
                                         .each = &phase_shape,
                                         .least = 1,
                                         .most = MOST_PHASES,
                                         .where_several = "lasts" };

static void load_phase(struct loader *loader, const struct node *node, bool alone,
                       struct phase *phase)
{
    struct phase_draft draft = { .phase.place = node->place };
    bool mapping = load_mapping(loader, &phase_table, node, &draft) || node->kind == NODE_MAPPING;
    bool endless = mapping && !node_find(node, "lasts");

    if (endless && !alone)
        problem_at(loader->problems, node->place,
                   "a phase needs \"lasts\" where there are several");
    if (endless && alone)
        draft.phase.lasts = NEVER;
    loader->phase_lasts = draft.phase.lasts;
    loader->phase_name = draft.phase.name;
    draft.phase.first_rule = (uint16_t)loader->rule_count;
    if (draft.faults)
        load_rules(loader, draft.faults);
    draft.phase.rule_count = (uint16_t)(loader->rule_count - draft.phase.first_rule);
    *phase = draft.phase;
}

void load_phases(struct loader *loader, const struct node *node, void *target)
{
    struct scenario *scenario = target;
    struct phase *phases;

    if (!load_wants(loader, node, NODE_LIST, "phases"))
        return;
    if (node->count == 0 || node->count > MOST_PHASES) {
        problem_at(loader->problems, node->place, "phases wants 1 to %d of them, not %zu",
                   MOST_PHASES, node->count);
        return;
    }
    phases = ARENA_ARRAY(loader->arena, struct phase, node->count);
    for (size_t i = 0; i < node->count && load_goes_on(loader); i++) {
        loader->phase = (uint16_t)i;
        load_phase(loader, node->items[i].value, node->count == 1, &phases[i]);
        check_double(loader, phases, i);
    }
    scenario->phases = phases;
    scenario->phase_count = node->count;
    scenario->needs_timeline = node->count > 1 || phases[0].lasts != NEVER;
    scenario->rules = loader->rules;
    scenario->rule_count = loader->rule_count;
}
