/* share: which part is hit, over scenario time: a constant, a ramp, steps, or a wave. */
#ifndef PANNE_SCENARIO_SHARE_H
#define PANNE_SCENARIO_SHARE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/text.h"
#include "base/time.h"

enum share_kind { SHARE_CONSTANT, SHARE_RAMP, SHARE_STEPS, SHARE_SQUARE, SHARE_SINE };

struct share_step {
    usec at; /* since the phase began, scenario time */
    double share;
};

struct share {
    enum share_kind kind;
    double from, to;                /* constant: from; ramp: over the phase; waves: low and high */
    const struct share_step *steps; /* rising `at`; before the first: 0 */
    size_t count;
    usec high, low; /* square: how long each lasts, high first; sine: period in `high` */
};

/* At `into` of a phase that lasts `lasts` (scenario time; NEVER: a ramp stays at its start). 0..1.
 */
double share_at(const struct share *share, usec into, usec lasts);
/* The most it ever is. */
double share_most(const struct share *share);
/* `30%`, `0% -> 100%`; false with a complaint. Steps and waves come from the loader. */
bool share_read(struct share *share, struct text text, struct buffer *complaint);
/* As the user would write it. */
void share_write(const struct share *share, struct buffer *out);

#endif
