/* load: what the parts of the loader share: from the tree to the scenario, complaining of
 * everything on the way. */
#ifndef PANNE_SCENARIO_LOAD_H
#define PANNE_SCENARIO_LOAD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/field.h"
#include "base/problems.h"
#include "scenario/node.h"
#include "scenario/scenario.h"
#include "scenario/shape.h"

#define MOST_SERVICES 1000
#define MOST_PHASES 1000
#define MOST_RULES 10000
#define MOST_PROBLEMS \
    1000 /* then mappings are not read on: nobody would, and each takes its time */
#define LONGEST_PHASE ((double)365 * 24 * HOUR)

struct loader {
    struct scenario *scenario;
    struct arena *arena; /* the scenario's */
    struct problems *problems;
    struct rule *rules; /* of all phases so far */
    size_t rule_count, rule_room;
    uint16_t phase;    /* the one being read */
    unsigned position; /* of the rule in its phase, from 1 */
    struct text phase_name;
    usec phase_lasts; /* 0: not known, so nothing can be said of its times */
};

static inline bool load_goes_on(const struct loader *loader)
{
    return problems_count(loader->problems) < MOST_PROBLEMS;
}

/* A key that a mapping may have. Without `load` its value is read as the field says; with it,
 * `shape` says what it may look like, for the schema. The field's `help` describes it there. */
struct load_key {
    struct field field;
    void (*load)(struct loader *loader, const struct node *value, void *target);
    const struct shape *shape;
    bool required;
    const char *missing;  /* what is said where a required key is not there; NULL: the usual */
    const char *not_with; /* a key of the same mapping that it cannot stand beside */
};

struct load_table {
    const char *what;            /* the mapping's name in messages: `a phase` */
    const char *noun;            /* what its keys are: `key` */
    const struct load_key *keys; /* ends with a field without name */
    /* What else may stand there; NULL: nothing. False if the key is not known there either. */
    bool (*other)(struct loader *loader, const struct node_item *item, void *target);
    const char *(*other_name_at)(const void *list, size_t index);
    /* What a key that is not known may be another word for; NULL, or returning NULL: nothing. */
    const char *(*meant)(struct text key);
    /* Where faults are what else may stand there: the key that takes their place. NULL: none. */
    const char *instead;
    /* The key that tells where else what is required may stand. NULL: nowhere. */
    const char *elsewhere;
};

/* What the schema begins with, and what others refer to. */
extern const struct load_table load_top_table;
extern const struct shape load_services_shape, load_match_shape, load_body_shape,
    load_patterns_shape, load_phases_shape, load_rules_shape, load_share_shape;

/* Reads each pair into `target`. False if anything in it was wrong, all of which has been reported.
 */
bool load_mapping(struct loader *loader, const struct load_table *table, const struct node *node,
                  void *target);
/* One value, also of the types that only a tree can hold. `field->name` names it in messages. */
bool load_value(struct loader *loader, const struct field *field, const struct node *value,
                void *target);
/* A mapping by a table of fields; a value that stands alone is the main field's. `what` names the
 * owner. */
bool load_fields(struct loader *loader, const struct field *fields, const struct node *node,
                 const char *what, void *target);

/* Letters, digits, `.`, `_` and `-`, beginning with a letter or digit, 64 at most; else a problem.
 */
bool load_check_name(struct loader *loader, struct text name, struct place place);
/* The right kind of node, not empty; else a problem that names `what`. */
bool load_wants(struct loader *loader, const struct node *node, enum node_kind kind,
                const char *what);

/* Target is the struct scenario, also of load_phases. */
void load_services(struct loader *loader, const struct node *node, void *target);
/* A pattern or a list of them; and such by name, as for headers. */
void load_patterns(struct loader *loader, const struct node *node, const char *name,
                   struct patterns *patterns);
const struct named_patterns *load_named(struct loader *loader, const struct node *node,
                                        const char *what, size_t *count);
/* `body:` of a match; target is the struct match. */
void load_body(struct loader *loader, const struct node *node, void *target);
/* `match:` or `when:`; target is a struct match. */
void load_match(struct loader *loader, const struct node *node, void *match);
void load_phases(struct loader *loader, const struct node *node, void *target);
/* `expect:`, once services and phases are known. */
void load_expect(struct loader *loader, const struct node *node);
/* One item under `faults:`, into loader->rules. */
void load_rule(struct loader *loader, const struct node *node);
/* Any notation of a share. False with a problem. */
bool load_share(struct loader *loader, const struct node *node, struct share *share);
/* A problem if the outcomes together pass 100 % at some time of the phase. */
void load_check_mix(struct loader *loader, const struct rule *rule);

/* Where the rule stands, and problems if its kinds cannot stand together, or not there. */
void load_check_stand(struct loader *loader, struct rule *rule);

#endif
