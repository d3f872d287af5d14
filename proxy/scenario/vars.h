/* vars: `${name}` in a scenario's texts. */
#ifndef PANNE_SCENARIO_VARS_H
#define PANNE_SCENARIO_VARS_H

#include "base/arena.h"
#include "base/field.h"
#include "base/problems.h"
#include "scenario/node.h"

/* The tree with each `${name}` in its values replaced by the var of that name, and `$${` by `${`,
 * without its top key `vars`; `root` itself where it holds neither. `sets` (NULL: none) take the
 * place of the values written there. Problems for a name that is no var, for a set that is none,
 * and for what grows beyond 64 KiB a text or 1 MiB in all; `set_place` is where the sets' problems
 * are said to be. Keys are left alone, and so is what comes out of a var. */
const struct node *vars_replace(const struct node *root, const struct field_pairs *sets,
                                struct place set_place, struct arena *arena,
                                struct problems *problems);

#endif
