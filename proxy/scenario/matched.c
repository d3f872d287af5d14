/* matched: which names are written, and how a match finds its own again. */
#include "scenario/matched.h"

struct match matched_part(const struct match *match)
{
    struct match part = *match;

    part.host = part.method = part.path = part.client = (struct patterns){ 0 };
    return part;
}

static bool is_private(const struct match *match)
{
    struct match part = matched_part(match);

    return !match_is_empty(&part);
}

bool matched_is_needed(const struct scenario *scenario)
{
    for (size_t i = 0; i < scenario->service_count; i++)
        if (is_private(&scenario->services[i].match))
            return true;
    for (size_t i = 0; i < scenario->rule_count; i++)
        if (is_private(&scenario->rules[i].when))
            return true;
    return false;
}

static void write_name(const struct match *match, const struct subject *subject, struct text name,
                       struct buffer *out)
{
    struct match part = matched_part(match);

    if (match_is_empty(&part) || !match_holds(&part, subject))
        return;
    if (out->length > 0)
        buffer_add_byte(out, ' ');
    buffer_add_text(out, name);
}

struct text matched_write(const struct scenario *scenario, const struct subject *subject,
                          uint16_t phase, struct arena *arena)
{
    const struct phase *present = &scenario->phases[phase];
    struct buffer out = { 0 };
    struct text names;

    for (size_t i = 0; i < scenario->service_count; i++)
        write_name(&scenario->services[i].match, subject, scenario->services[i].name, &out);
    for (size_t i = 0; i < present->rule_count; i++) {
        const struct rule *rule = &scenario->rules[present->first_rule + i];

        write_name(&rule->when, subject, rule->id, &out);
    }
    names = arena_copy(arena, buffer_text(&out));
    buffer_free(&out);
    return names;
}

/* Whose match it is: it lies in the scenario's own tables. */
static struct text name_of(const struct scenario *scenario, const struct match *match)
{
    for (size_t i = 0; i < scenario->service_count; i++)
        if (match == &scenario->services[i].match)
            return scenario->services[i].name;
    for (size_t i = 0; i < scenario->rule_count; i++)
        if (match == &scenario->rules[i].when)
            return scenario->rules[i].id;
    return text_from("");
}

static bool recall(const struct match_recall *asked, const struct match *match)
{
    const struct matched *matched = (const struct matched *)(const void *)asked;
    struct text names = matched->names, item, name;

    if (!is_private(match))
        return true;
    name = name_of(matched->scenario, match);
    while (text_next_item(&names, ' ', &item))
        if (text_equal(item, name))
            return true;
    return false;
}

struct matched matched_recall(const struct scenario *scenario, struct text names)
{
    return (struct matched){ .recall = { recall }, .scenario = scenario, .names = names };
}
