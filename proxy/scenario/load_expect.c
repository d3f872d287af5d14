/* load_expect: what is expected of the client: checks by name, with limits, for a part of the run.
 */
#include "scenario/load_expect.h"

#include "scenario/load.h"

/* One item: a mapping, or what may stand alone for it. */
struct draft {
    struct expectation expectation;
    struct limit_setting *settings;
    const struct node *node;
};

struct narrowing {
    const char *key;
    unsigned scope;
    const char *to; /* in messages: narrowed to … */
};

static const struct narrowing narrowings[] = {
    { "during", SCOPE_PHASE, "a phase" },
    { "service", SCOPE_SERVICE, "a service" },
    { "client", SCOPE_CLIENT, "clients" },
};

static const struct field item_fields[] = {
    FIELD(struct expectation, phase, struct text, FIELD_TEXT, .name = "during",
          .help = "judge only what happens in this phase"),
    FIELD(struct expectation, service, struct text, FIELD_TEXT, .name = "service",
          .help = "judge only what is asked of this service"),
    FIELD(struct expectation, client, struct text, FIELD_TEXT, .name = "client",
          .help = "judge only clients whose name or agent is like this pattern"),
    FIELD(struct expectation, warn_only, bool, FIELD_FLAG, .name = "warn-only",
          .help = "a failure is told, and does not make the run fail"),
    END_OF_FIELDS,
};

const struct field *load_expect_field(size_t index, const struct check *check)
{
    const struct field *field = item_fields;

    for (; field->type != FIELD_NONE; field++) {
        bool has = true;

        for (size_t i = 0; i < COUNT_OF(narrowings); i++)
            has = has && (!text_is(text_from(field->name), narrowings[i].key) ||
                          (check->scopes & narrowings[i].scope) != 0);
        if (has && index-- == 0)
            return field;
    }
    return NULL;
}

bool load_expect_takes_none(const struct field *field)
{
    return field->main && (field->type == FIELD_COUNT || field->type == FIELD_SHARE) &&
           field_bounds(field).least <= 0;
}

static struct text zero_of(const struct field *field)
{
    return text_from(field->type == FIELD_SHARE ? "0%" : "0");
}

static const char *phase_name_at(const void *list, size_t index)
{
    const struct scenario *scenario = list;

    return index < scenario->phase_count ? scenario->phases[index].name.at : NULL;
}

static const char *service_name_at(const void *list, size_t index)
{
    const struct scenario *scenario = list;

    return index < scenario->service_count ? scenario->services[index].name.at : NULL;
}

/* Where there are none at all, what is wrong with them has been said. */
static void check_known(struct loader *loader, const char *what, const struct node *node,
                        const char *(*name_at)(const void *list, size_t index))
{
    const char *meant;

    if (!name_at(loader->scenario, 0))
        return;
    for (size_t i = 0; name_at(loader->scenario, i); i++)
        if (text_is(node->text, name_at(loader->scenario, i)))
            return;
    meant =
        node->text.length > 64 ? NULL : problem_suggestion(node->text, name_at, loader->scenario);
    if (meant)
        problem_at(loader->problems, node->place, "there is no %s %s; did you mean \"%s\"?", what,
                   node_quote(loader->arena, node->text), meant);
    else
        problem_at(loader->problems, node->place, "there is no %s %s", what,
                   node_quote(loader->arena, node->text));
}

static bool names_a_service(const struct field *field)
{
    return field->type == FIELD_TEXT &&
           (text_is(text_from(field->name), "to") || text_is(text_from(field->name), "from"));
}

/* What the value has to be, is asked with limits that nobody keeps: the profile's are not known
 * yet. */
static void load_limit(struct loader *loader, const struct field *field, const char *name,
                       const struct node *node, struct draft *draft)
{
    void *scrap = arena_take(loader->arena, draft->expectation.check->limits_size + 1);
    struct limit_setting *setting = &draft->settings[draft->expectation.setting_count];
    struct field named = *field;

    named.name = name;
    setting->field = field;
    setting->value = node->text;
    if (node->kind == NODE_TEXT && text_is(node->text, "none") && load_expect_takes_none(field))
        setting->value = zero_of(field);
    else if (!load_value(loader, &named, node, scrap))
        return;
    else if (names_a_service(field))
        check_known(loader, "service", node, service_name_at);
    draft->expectation.setting_count++;
}

static const struct narrowing *narrowing_of(struct text key)
{
    for (size_t i = 0; i < COUNT_OF(narrowings); i++)
        if (text_is(key, narrowings[i].key))
            return &narrowings[i];
    return NULL;
}

static void report_narrowing(struct loader *loader, const struct node_item *item,
                             const struct narrowing *narrowing, const struct check *check)
{
    struct buffer others = { 0 };

    for (size_t i = 0; i < COUNT_OF(narrowings); i++)
        if (check->scopes & narrowings[i].scope)
            buffer_format(&others, "%s%s (%s)", others.length > 0 ? " or " : "", narrowings[i].to,
                          narrowings[i].key);
    if (others.length > 0)
        problem_at(loader->problems, item->place, "%s cannot be narrowed to %s, only to %s",
                   check->name, narrowing->to, others.at);
    else
        problem_at(loader->problems, item->place,
                   "%s cannot be narrowed to %s: it is about the whole run", check->name,
                   narrowing->to);
    buffer_free(&others);
}

static void load_setting(struct loader *loader, const struct field *field,
                         const struct node_item *item, struct draft *draft)
{
    const struct check *check = draft->expectation.check;
    const struct narrowing *narrowing = narrowing_of(item->key);

    if (narrowing && !(check->scopes & narrowing->scope)) {
        report_narrowing(loader, item, narrowing, check);
        return;
    }
    if (!load_value(loader, field, item->value, &draft->expectation))
        return;
    if (narrowing && narrowing->scope == SCOPE_PHASE)
        check_known(loader, "phase", item->value, phase_name_at);
    else if (narrowing && narrowing->scope == SCOPE_SERVICE)
        check_known(loader, "service", item->value, service_name_at);
}

struct names {
    const struct check *check;
};

/* The check's limits, then what any expectation may say. */
static const char *key_name_at(const void *list, size_t index)
{
    const struct check *check = ((const struct names *)list)->check;
    size_t limits = 0;

    while (check->limits[limits].type != FIELD_NONE)
        limits++;
    if (index < limits)
        return check->limits[index].name;
    return load_expect_field(index - limits, check) ? load_expect_field(index - limits, check)->name
                                                    : NULL;
}

static void report_key(struct loader *loader, const struct node_item *item,
                       const struct check *check)
{
    const struct names names = { check };
    const char *meant =
        item->key.length > 64 ? NULL : problem_suggestion(item->key, key_name_at, &names);

    if (meant)
        problem_at(loader->problems, item->place, "unknown limit %s; did you mean \"%s\"?",
                   node_quote(loader->arena, item->key), meant);
    else
        problem_at(loader->problems, item->place,
                   "unknown limit %s in %s (panne checks %s lists them)",
                   node_quote(loader->arena, item->key), check->name, check->name);
}

static void load_item_key(struct loader *loader, const struct node_item *item, struct draft *draft)
{
    const struct check *check = draft->expectation.check;
    const struct field *limit = field_find(check->limits, item->key);
    const struct field *other = field_find(item_fields, item->key);

    if (limit)
        load_limit(loader, limit, limit->name, item->value, draft);
    else if (other)
        load_setting(loader, other, item, draft);
    else
        report_key(loader, item, check);
}

static void load_alone(struct loader *loader, const struct node *node, struct draft *draft)
{
    const struct check *check = draft->expectation.check;
    const struct field *main = field_main(check->limits);

    if (text_is_empty(node->text) && !node->quoted)
        problem_at(loader->problems, node->place, "%s has no value; {} stands for the profile's",
                   check->name);
    else if (text_is(node->text, "ignore"))
        draft->expectation.ignored = true;
    else if (main)
        load_limit(loader, main, check->name, node, draft);
    else
        load_wants(loader, node, NODE_MAPPING, check->name);
}

static void load_item(struct loader *loader, const struct check *check, const struct node *node,
                      struct expectation *expectation)
{
    size_t most = (node->kind == NODE_MAPPING ? node->count : 0) + 1;
    struct draft draft = { .expectation = *expectation,
                           .settings = ARENA_ARRAY(loader->arena, struct limit_setting, most) };
    struct buffer written = { 0 };

    draft.expectation.check = check;
    if (node->kind == NODE_TEXT)
        load_alone(loader, node, &draft);
    for (size_t i = 0; node->kind == NODE_MAPPING && i < node->count; i++)
        load_item_key(loader, &node->items[i], &draft);
    node_write(node, &written);
    draft.expectation.as_written = arena_copy(loader->arena, buffer_text(&written));
    draft.expectation.settings = draft.settings;
    *expectation = draft.expectation;
    buffer_free(&written);
}

struct expectations {
    struct expectation *items;
    size_t count;
};

static struct expectation *next(struct loader *loader, struct expectations *expectations,
                                const struct node_item *item, struct place place)
{
    struct expectation *expectation;

    if (expectations->count == MOST_EXPECTATIONS) {
        problem_at(loader->problems, place, "more than %d expectations", MOST_EXPECTATIONS);
        return NULL;
    }
    expectation = &expectations->items[expectations->count++];
    expectation->name = item->key;
    expectation->place = place;
    return expectation;
}

static void load_list(struct loader *loader, const struct check *check,
                      const struct node_item *item, struct expectations *expectations)
{
    if (item->value->count == 0)
        problem_at(loader->problems, item->value->place, "%s has no items", check->name);
    for (size_t i = 0; i < item->value->count && load_goes_on(loader); i++) {
        const struct node *node = item->value->items[i].value;
        struct expectation *expectation;

        if (!load_wants(loader, node, NODE_MAPPING, check->name))
            continue;
        expectation = next(loader, expectations, item, node->place);
        if (!expectation)
            return;
        load_item(loader, check, node, expectation);
    }
}

static void report_check(struct loader *loader, const struct node_item *item)
{
    const char *meant =
        item->key.length > 64 ? NULL : problem_suggestion(item->key, check_name_at, NULL);

    if (meant)
        problem_at(loader->problems, item->place, "unknown check %s; did you mean \"%s\"?",
                   node_quote(loader->arena, item->key), meant);
    else
        problem_at(loader->problems, item->place, "unknown check %s (panne checks lists them)",
                   node_quote(loader->arena, item->key));
}

static void load_expectation(struct loader *loader, const struct node_item *item,
                             struct expectations *expectations)
{
    const struct check *check = check_find(item->key);
    struct expectation *expectation;

    if (!check) {
        report_check(loader, item);
        return;
    }
    if (item->value->kind == NODE_LIST) {
        load_list(loader, check, item, expectations);
        return;
    }
    expectation = next(loader, expectations, item, item->place);
    if (expectation)
        load_item(loader, check, item->value, expectation);
}

void load_expect(struct loader *loader, const struct node *node)
{
    struct expectations expectations = { 0 };

    if (!load_wants(loader, node, NODE_MAPPING, "expect"))
        return;
    expectations.items = ARENA_ARRAY(loader->arena, struct expectation, MOST_EXPECTATIONS);
    for (size_t i = 0; i < node->count && load_goes_on(loader); i++)
        load_expectation(loader, &node->items[i], &expectations);
    loader->scenario->expectations = expectations.items;
    loader->scenario->expectation_count = expectations.count;
}
