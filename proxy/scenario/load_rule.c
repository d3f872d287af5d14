/* load_rule: one item under `faults:`: what it concerns, and what it does. */
#include <string.h>

#include "scenario/load.h"

/* What may happen together: a rule without mix, or one item of a mix. */
struct outcome {
    struct share share;
    bool has_share;
    struct rule_fault *faults; /* room for as many as the mapping has keys */
    size_t count;
};

struct rule_draft {
    struct outcome outcome; /* first, so that faults are taken alike in rules and mixes */
    struct rule rule;
    const struct node *mix;
    int per;
    int figure; /* -1: unsaid */
};

static void load_outcome_share(struct loader *loader, const struct node *node, void *target)
{
    struct outcome *outcome = target;

    outcome->has_share = true;
    load_share(loader, node, &outcome->share);
}

static const struct fault_kind *other_answer(const struct outcome *outcome,
                                             const struct fault_kind *kind)
{
    for (size_t i = 0; kind->answers && i < outcome->count; i++)
        if (outcome->faults[i].kind->answers)
            return outcome->faults[i].kind;
    return NULL;
}

static void read_params(struct loader *loader, const struct node_item *item,
                        const struct fault_kind *kind, void *params)
{
    struct buffer complaint = { 0 };

    field_defaults(kind->fields, params);
    if (load_fields(loader, kind->fields, item->value, kind->name, params) && kind->check &&
        !kind->check(params, &complaint))
        problem_at(loader->problems, item->place, "%s: %s", kind->name,
                   complaint.at ? complaint.at : "these parameters do not fit together");
    buffer_free(&complaint);
}

static bool take_fault(struct loader *loader, const struct node_item *item, void *target)
{
    struct outcome *outcome = target;
    const struct fault_kind *kind = fault_find(item->key);
    const struct fault_kind *other;
    void *params;

    if (!kind)
        return false;
    other = other_answer(outcome, kind);
    if (other)
        problem_at(loader->problems, item->place,
                   "%s and %s would both give the answer; a mix chooses between them", other->name,
                   kind->name);
    params = arena_take(loader->arena, kind->params_size + 1);
    read_params(loader, item, kind, params);
    outcome->faults[outcome->count++] =
        (struct rule_fault){ kind, params, fault_stands(kind, params) };
    return true;
}

static bool begin_outcome(struct loader *loader, const struct node *node, const char *what,
                          struct outcome *outcome)
{
    outcome->share = (struct share){ .kind = SHARE_CONSTANT, .from = 1, .to = 1 };
    if (!load_wants(loader, node, NODE_MAPPING, what))
        return false;
    outcome->faults = ARENA_ARRAY(loader->arena, struct rule_fault, node->count + 1);
    return true;
}

/* What is called otherwise elsewhere. */
static const char *key_meant(struct text key)
{
    static const struct {
        const char *word, *key;
    } words[] = {
        { "chance", "share" },      { "percent", "share" },  { "percentage", "share" },
        { "probability", "share" }, { "toxicity", "share" }, { "count", "nth" },
        { "times", "nth" },         { "if", "when" },        { "match", "when" },
        { "method", "when" },       { "path", "when" },
    };

    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (text_is_nocase(key, words[i].word))
            return words[i].key;
    return fault_meant(key);
}

static const struct load_key outcome_keys[] = {
    { .field = { .name = "share", .help = "how much of the exchanges it takes" },
      .load = load_outcome_share,
      .shape = &load_share_shape,
      .required = true },
    { .field.name = NULL },
};
static const struct load_table outcome_table = { .what = "an item of a mix",
                                                 .noun = "fault or key",
                                                 .keys = outcome_keys,
                                                 .other = take_fault,
                                                 .other_name_at = fault_name_at,
                                                 .meant = fault_meant };
static const struct shape outcome_shape = { .kind = SHAPE_TABLE,
                                            .definition = "outcome",
                                            .help = "one or more faults that happen together",
                                            .table = &outcome_table };
static const struct shape mix_shape = { .kind = SHAPE_LIST, .each = &outcome_shape, .least = 1 };

static void load_outcome(struct loader *loader, const struct node *node,
                         struct alternative *alternative)
{
    struct outcome outcome = { 0 };

    if (!begin_outcome(loader, node, outcome_table.what, &outcome))
        return;
    if (load_mapping(loader, &outcome_table, node, &outcome) && outcome.count == 0)
        problem_at(loader->problems, node->place, "an item of a mix needs a fault");
    *alternative = (struct alternative){ outcome.share, outcome.faults, outcome.count };
}

static void keep_mix(struct loader *loader, const struct node *node, void *target)
{
    if (!load_wants(loader, node, NODE_LIST, "mix"))
        return;
    if (node->count == 0)
        problem_at(loader->problems, node->place, "mix has no items");
    ((struct rule_draft *)target)->mix = node;
}

static const char *service_name_at(const void *list, size_t index)
{
    const struct scenario *scenario = list;

    return index < scenario->service_count ? scenario->services[index].name.at : NULL;
}

static void report_service(struct loader *loader, const struct node *node)
{
    const char *meant = node->text.length > 64
                            ? NULL
                            : problem_suggestion(node->text, service_name_at, loader->scenario);

    if (loader->scenario->service_count == 0)
        return; /* what is wrong with the services has been said */
    if (meant)
        problem_at(loader->problems, node->place, "there is no service %s; did you mean \"%s\"?",
                   node_quote(loader->arena, node->text), meant);
    else
        problem_at(loader->problems, node->place, "there is no service %s",
                   node_quote(loader->arena, node->text));
}

static void load_rule_service(struct loader *loader, const struct node *node, void *target)
{
    const struct scenario *scenario = loader->scenario;
    struct rule *rule = &((struct rule_draft *)target)->rule;

    if (!load_wants(loader, node, NODE_TEXT, "service"))
        return;
    for (size_t i = 0; i < scenario->service_count; i++) {
        if (!text_equal(scenario->services[i].name, node->text))
            continue;
        rule->service = (uint16_t)i;
        if (scenario->services[i].stays_up)
            problem_at(loader->problems, node->place,
                       "the service %s stays up, so no rule can be about it",
                       node_quote(loader->arena, node->text));
        return;
    }
    report_service(loader, node);
}

static void load_when(struct loader *loader, const struct node *node, void *target)
{
    load_match(loader, node, &((struct rule_draft *)target)->rule.when);
}

static const char *const per_names[] = { "exchange", "operation", "client", "connection", NULL };
static const char *const figure_names[] = { "published", "derived", "designed", NULL };

static const struct load_key rule_keys[] = {
    { .field = { .name = "service",
                 .type = FIELD_TEXT,
                 .help = "what it is about; without it, all services that do not stay up" },
      .load = load_rule_service,
      .shape = &shape_field },
    { .field = { .name = "mix", .help = "outcomes, of which at most one happens" },
      .load = keep_mix,
      .shape = &mix_shape },
    { .field = { .name = "share", .help = "which part of the exchanges is hit; without it, all" },
      .load = load_outcome_share,
      .shape = &load_share_shape,
      .not_with = "mix" },
    { .field = { .name = "when", .help = "narrows the rule to exchanges that match" },
      .load = load_when,
      .shape = &load_match_shape },
    { .field =
          FIELD(struct rule_draft, rule.nth, struct range, FIELD_RANGE, .name = "nth", .least = 1,
                .help = "which of its exchanges are hit, counted for each client and "
                        "operation since the phase began") },
    { .field = FIELD(struct rule_draft, per, int, FIELD_CHOICE, .name = "per", .choices = per_names,
                     .help = "what is drawn for; without it, each exchange") },
    { .field = FIELD(struct rule_draft, figure, int, FIELD_CHOICE, .name = "figure",
                     .choices = figure_names, .help = "where the numbers come from") },
    { .field.name = NULL },
};
static const struct load_table rule_table = { .what = "a rule",
                                              .noun = "fault or key",
                                              .keys = rule_keys,
                                              .other = take_fault,
                                              .other_name_at = fault_name_at,
                                              .meant = key_meant,
                                              .instead = "mix" };
static const struct shape rule_shape = { .kind = SHAPE_TABLE,
                                         .definition = "rule",
                                         .help = "what goes wrong, for whom, and how often",
                                         .table = &rule_table };
const struct shape load_rules_shape = { .kind = SHAPE_LIST, .each = &rule_shape };

static void use_mix(struct loader *loader, const struct node *node, struct rule_draft *draft)
{
    struct alternative *alternatives =
        ARENA_ARRAY(loader->arena, struct alternative, draft->mix->count + 1);
    size_t before = problems_count(loader->problems);

    if (draft->outcome.count > 0)
        problem_at(loader->problems, node->place, "a rule has faults or a mix, not both");
    if (draft->outcome.has_share)
        problem_at(loader->problems, node->place, "the shares of a mix stand at its items");
    for (size_t i = 0; i < draft->mix->count; i++)
        load_outcome(loader, draft->mix->items[i].value, &alternatives[i]);
    draft->rule.alternatives = alternatives;
    draft->rule.count = draft->mix->count;
    draft->rule.is_mix = true;
    if (problems_count(loader->problems) == before)
        load_check_mix(loader, &draft->rule);
}

static void use_faults(struct loader *loader, struct rule_draft *draft)
{
    struct alternative *alternative = ARENA_NEW(loader->arena, struct alternative);

    *alternative =
        (struct alternative){ draft->outcome.share, draft->outcome.faults, draft->outcome.count };
    draft->rule.alternatives = alternative;
    draft->rule.count = 1;
}

static void add_rule(struct loader *loader, const struct rule *rule)
{
    if (loader->rule_count == MOST_RULES) {
        problem_at(loader->problems, rule->place, "more than %d rules", MOST_RULES);
        return;
    }
    if (loader->rule_count == loader->rule_room) {
        struct rule *rules;

        loader->rule_room = loader->rule_room ? 2 * loader->rule_room : 8;
        rules = ARENA_ARRAY(loader->arena, struct rule, loader->rule_room);
        if (loader->rule_count > 0)
            memcpy(rules, loader->rules, loader->rule_count * sizeof(*rules));
        loader->rules = rules;
    }
    loader->rules[loader->rule_count++] = *rule;
}

void load_rule(struct loader *loader, const struct node *node)
{
    struct rule_draft draft = {
        .rule = { .phase = loader->phase, .service = SERVICE_ANY, .place = node->place },
        .figure = -1,
    };
    bool good;

    if (!begin_outcome(loader, node, rule_table.what, &draft.outcome))
        return;
    good = load_mapping(loader, &rule_table, node, &draft);
    if (draft.mix)
        use_mix(loader, node, &draft);
    else
        use_faults(loader, &draft);
    if (good && !draft.mix && draft.outcome.count == 0)
        problem_at(loader->problems, node->place, "a rule needs a fault such as error, or a mix");
    draft.rule.id =
        arena_format(loader->arena, "%.*s#%u", (int)loader->phase_name.length,
                     loader->phase_name.length ? loader->phase_name.at : "", loader->position);
    draft.rule.key = text_hash(0, draft.rule.id);
    draft.rule.per = (enum share_per)draft.per;
    draft.rule.figure = (enum figure)(draft.figure + 1);
    load_check_stand(loader, &draft.rule);
    add_rule(loader, &draft.rule);
}
