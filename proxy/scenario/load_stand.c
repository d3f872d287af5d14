/* load_stand: may a rule's kinds stand together, and where they stand? */
#include "scenario/load.h"

static bool asks_request(const struct match *match)
{
    return match->method.count + match->path.count + match->header_count + match->query_count > 0 ||
           match->body;
}

static bool is_about_openings(const struct rule_fault *fault)
{
    return fault->stands == FAULT_ON_CONNECTION;
}

static const struct rule_fault *find(const struct rule *rule, bool opening)
{
    for (size_t i = 0; i < rule->count; i++)
        for (size_t k = 0; k < rule->alternatives[i].count; k++)
            if (is_about_openings(&rule->alternatives[i].faults[k]) == opening)
                return &rule->alternatives[i].faults[k];
    return NULL;
}

/* What is known of a connection when it opens is where it goes and who it is from. */
static void check_match(struct loader *loader, const struct rule *rule, const char *kind)
{
    const struct scenario *scenario = loader->scenario;

    if (asks_request(&rule->when))
        problem_at(loader->problems, rule->place,
                   "%s happens when a connection opens: its `when` cannot ask for method, path, "
                   "header, query or body",
                   kind);
    if (rule->service < scenario->service_count &&
        asks_request(&scenario->services[rule->service].match))
        problem_at(loader->problems, rule->place,
                   "%s happens when a connection opens: its service must be known by host or "
                   "client alone",
                   kind);
}

static void join(struct rule *rule, const struct alternative *alternative)
{
    for (size_t i = 0; i < alternative->count; i++) {
        const struct rule_fault *fault = &alternative->faults[i];

        rule->stands |= fault->stands;
        rule->needs |= fault_needs(fault->kind, fault->params);
    }
}

void load_check_stand(struct loader *loader, struct rule *rule)
{
    const struct rule_fault *opening = find(rule, true);
    const struct rule_fault *moving = find(rule, false);

    for (size_t i = 0; i < rule->count; i++)
        join(rule, &rule->alternatives[i]);
    loader->scenario->needs |= rule->needs;
    if (!opening)
        return;
    if (moving)
        problem_at(loader->problems, rule->place,
                   "%s happens when a connection opens, %s to an exchange: they cannot share a "
                   "draw, so make two rules of them",
                   opening->kind->name, moving->kind->name);
    check_match(loader, rule, opening->kind->name);
}
