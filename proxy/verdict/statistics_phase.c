/* statistics_phase: do moments crowd together on the circle of a period? */
#include <math.h>

#include "verdict/statistics_parts.h"

void phases_add(struct phases *phases, double turns)
{
    const double angle = 2 * M_PI * (turns - floor(turns));

    if (!isfinite(turns))
        return;
    phases->n++;
    phases->cosines += cos(angle);
    phases->sines += sin(angle);
}

struct chance statistics_rayleigh(const struct phases *phases)
{
    enum { LEAST = 10 };
    const double n = (double)phases->n, twice = 1 + 2 * n;
    const double length = fmin(hypot(phases->cosines, phases->sines), n);
    struct chance chance = { quotient(length, n, 0), 1, LEAST };

    /* exp(sqrt(1 + 4n + 4(n^2 - length^2)) - (1 + 2n)), without the difference of large numbers. */
    if (phases->n >= LEAST)
        chance.p = exp(-4 * length * length / (sqrt(twice * twice - 4 * length * length) + twice));
    return chance;
}
