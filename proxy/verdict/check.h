/* check: one question about the client's behavior, and how it is answered from what the wire
 * showed. A file each, and a row in table.h. */
#ifndef PANNE_VERDICT_CHECK_H
#define PANNE_VERDICT_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/field.h"
#include "base/text.h"
#include "history/history.h"
#include "verdict/finding.h"

/* Findings of a group may come together: one and the same misbehavior shows in several of them. */
enum check_group {
    GROUP_LOAD,        /* how much a client asks while it fails */
    GROUP_PACE,        /* how it spaces its attempts */
    GROUP_PATIENCE,    /* how long it waits */
    GROUP_SAFETY,      /* what it must never do */
    GROUP_RECOVERY,    /* how it stops asking and comes back */
    GROUP_CONNECTIONS, /* how it uses them */
    GROUP_COUNT,
};

/* What else of the scope an expectation may narrow. */
enum { SCOPE_PHASE = 1, SCOPE_SERVICE = 2, SCOPE_CLIENT = 4 };

enum profile {
    PROFILE_DEFAULT,
    PROFILE_STRICT,
    PROFILE_LENIENT,
    PROFILE_AWS_SDK,
    PROFILE_BROWSER,
    PROFILE_IOT,
    PROFILE_COUNT,
};

/* Which part of the history is judged. */
struct scope {
    uint16_t phase, service; /* HISTORY_NONE: all */
    struct text client;      /* a glob of names or agents; empty: all */
};

/* What judging is given. */
struct judging {
    const struct history *history;
    const void *limits; /* of check->limits_size */
    struct scope scope;
    double alpha; /* the error that this decision may make, one-sided */
};

struct check {
    const char *name;    /* as in `expect:` and reports, words joined by `-` */
    const char *title;   /* as reports head it: a noun, a capital first */
    const char *asks;    /* one sentence of what is asked of the client, no period */
    const char *about;   /* for the manual: how it is measured, when it is inconclusive */
    const char *pattern; /* name of the cure: `full jitter` */
    const char *remedy;  /* one line: what to do */
    const char *source;  /* where that is described: a name, and a URL or RFC */
    enum check_group group;
    bool gate; /* a failure is one of the run, expected or not */

    /* Limits; the first with .main may stand alone. Fallbacks are those of the default profile. By
     * convention `warn` is where a warning begins and `at-most` (`at-least`) where the failure
     * does. An expectation that gives the latter without `warn` moves `warn` there, too. The texts
     * `to` and `from` name services. */
    const struct field *limits;
    size_t limits_size;
    /* What other profiles change: `at-most=1.1 warn=1.05`, NULL: nothing. */
    const char *profiles[PROFILE_COUNT];
    unsigned scopes; /* SCOPE_ bits that it can be narrowed to */

    size_t state_size; /* zero-filled at first; one for each finding */
    /* As in history_watcher, within the scope: of operations, that of their first attempt; of
     * connections, the client's name and the phase in which it was opened, for no service has
     * them. `calm`: they are wanted from before the first fault, too; else plain successes from
     * then are left out. Any may be NULL. */
    bool calm;
    void (*attempt)(void *state, const void *limits, const struct attempt *attempt,
                    const struct operation *operation);
    void (*operation)(void *state, const void *limits, const struct operation *operation);
    void (*connection)(void *state, const void *limits, const struct link *link);
    /* Once, after history_end. The finding has its check, scope and expectation already. */
    void (*judge)(void *state, const struct judging *judging, struct finding *finding);
    void (*clear)(void *state); /* what the state holds; NULL: nothing */
};

/* NULL where there is none of that name; NULL past the end, in the order of the table. */
const struct check *check_find(struct text name);
const struct check *check_at(size_t index);
/* problem_suggestion's name_at; `list` is not used. */
const char *check_name_at(const void *list, size_t index);
const char *check_group_name(enum check_group group);
/* Where a failure begins: `at-most`, else `at-least`, else the main limit. NULL: there is none. */
const struct field *check_limit(const struct check *check);
/* Names of the profiles, in the order of the enum, NULL-terminated. */
extern const char *const profile_names[];
/* Writes the profile's limits into zeroed `limits`. */
void check_limits(const struct check *check, enum profile profile, void *limits);
/* The same for tests of the table: false, with a complaint, where what a row says of the profile
 * cannot be read. */
bool check_limits_valid(const struct check *check, enum profile profile, void *limits,
                        struct buffer *complaint);

#endif
