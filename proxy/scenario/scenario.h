/* scenario: what shall go wrong, and when; loaded, checked and never changed. */
#ifndef PANNE_SCENARIO_SCENARIO_H
#define PANNE_SCENARIO_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attributes.h"
#include "base/problems.h"
#include "base/text.h"
#include "base/time.h"
#include "faults/fault.h"
#include "scenario/match.h"
#include "scenario/share.h"

struct check; /* verdict/check.h */

/* Indices and counts fit 16 bits: the loader sees to it. */
struct service {
    struct text name;
    struct match match;
    bool stays_up;
    bool repeatable; /* its POST and PATCH may be repeated */
    bool polled;     /* equal requests are asked again and again on purpose */
    struct place place;
};

enum figure { FIGURE_UNSAID, FIGURE_PUBLISHED, FIGURE_DERIVED, FIGURE_DESIGNED };

/* One kind with its parameters, within a rule. */
struct rule_fault {
    const struct fault_kind *kind;
    const void *params;
    unsigned stands; /* FAULT_ON_… bits: where these parameters can bite */
};

/* One item under `faults:`. With `mix`, several outcomes of which at most one happens: each outcome
 * is an alternative with a share of its own. */
struct alternative {
    struct share share;
    const struct rule_fault *faults;
    size_t count;
};

enum share_per { PER_EXCHANGE, PER_OPERATION, PER_CLIENT, PER_CONNECTION };

struct rule {
    struct text id; /* `down#1`: its phase's name and its place there, from 1 */
    uint64_t key;   /* hash of the id: what draws depend on */
    uint16_t phase;
    uint16_t service;  /* index; SERVICE_ANY: all that do not stay up */
    unsigned stands;   /* FAULT_ON_… bits of all its faults together */
    unsigned needs;    /* … and FAULT_NEEDS_… bits */
    struct match when; /* narrows; empty: everything */
    struct range nth;  /* 1-based, of this rule's matches for each client and operation since the
                          phase began; {0,0}: not asked */
    enum share_per per;
    const struct alternative *alternatives; /* one without `mix` */
    size_t count;
    bool is_mix;
    enum figure figure;
    struct place place;
};
#define SERVICE_ANY UINT16_MAX

struct phase {
    struct text name, about;
    usec lasts;                      /* scenario time */
    uint16_t first_rule, rule_count; /* consecutive in scenario->rules */
    struct place place;
};

/* A limit that an expectation sets. */
struct limit_setting {
    const struct field *field; /* of check->limits */
    struct text value;         /* that field_read takes */
};

/* What is expected of the client. Limits that are not set are those of the profile, which a run may
 * choose (scenario/terms.h). */
struct expectation {
    struct text name, as_written; /* the check; the item's value in the writer's words */
    struct place place;
    const struct check *check;
    const struct limit_setting *settings;
    size_t setting_count;
    struct text phase, service, client; /* empty: all */
    bool warn_only, ignored;
};

struct scenario {
    struct arena arena;
    struct text file;   /* as named by the user */
    struct text source; /* the YAML's bytes; where it includes files or has vars, the whole that
                           came of it, in the words of node_write_quoted */
    uint64_t hash;      /* of them (text_hash, seed 0) */
    struct text title, about;
    struct field_texts sources;
    uint64_t seed;
    bool has_seed;
    double speed; /* 1 unless said */
    int profile;  /* enum profile, of limits that no expectation sets */
    struct service *
        services; /* not const: bindings (--service) rewrite a match's host before the run starts */
    size_t service_count;
    const struct phase *phases;
    size_t phase_count;
    const struct rule *rules;
    size_t rule_count;
    const struct expectation *expectations;
    size_t expectation_count;
    unsigned needs;      /* FAULT_NEEDS_… bits of all rules together */
    bool needs_timeline; /* more than one phase, or a phase that lasts */
};

/* What a text may need besides itself. */
struct scenario_origin {
    const char *path;               /* of its file, for what it includes; NULL: none */
    const struct field_pairs *sets; /* values of its vars (--set); NULL: none */
};

/* NULL when there were errors; warnings do not hinder. `name` is what problems call the file. */
struct scenario *scenario_load(struct text source, const char *name, struct problems *problems);
struct scenario *scenario_load_from(struct text source, const char *name,
                                    const struct scenario_origin *origin,
                                    struct problems *problems);
/* Reads the file (at most 1 MiB) first. `sets` may be NULL. */
struct scenario *scenario_load_file(const char *path, const struct field_pairs *sets,
                                    struct problems *problems);
void scenario_free(struct scenario *scenario);

/* --service NAME=HOST[:PORT]: this service is recognized by that host (a glob) instead of its own
 * `host`, and by the port if one is given. False if there is no such service, or if `host` is not
 * written as an authority. */
bool scenario_bind(struct scenario *scenario, struct text service, struct text host);
/* Single upstream without bindings: the hosts of all matches are left out of account (DESIGN: main
 * service). */
void scenario_ignore_hosts(struct scenario *scenario);

#endif
