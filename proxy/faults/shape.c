/* shape: which distribution the given parameters describe. */
#include "faults/shape.h"

#include <stddef.h>

enum {
    DELAY = 1,
    P50 = 2,
    P90 = 4,
    P99 = 8,
    LEAST = 16,
    MOST = 32,
    MEAN = 64,
    DEVIATION = 128,
    MEDIAN = 256,
    SIGMA = 512,
    ALPHA = 1024,
};

static struct distribution make_constant(const struct shape_params *given)
{
    return distribution_constant(given->delay);
}

static struct distribution make_fitted(const struct shape_params *given)
{
    if (given->p90 == 0)
        return distribution_fit_two(given->p50, given->p99);
    return distribution_fit_three(given->p50, given->p90, given->p99);
}

static struct distribution make_uniform(const struct shape_params *given)
{
    return distribution_uniform(given->least, given->most);
}

static struct distribution make_normal(const struct shape_params *given)
{
    return distribution_normal(given->mean, given->deviation);
}

static struct distribution make_lognormal(const struct shape_params *given)
{
    return distribution_lognormal(given->median, given->sigma);
}

static struct distribution make_exponential(const struct shape_params *given)
{
    return distribution_exponential(given->mean);
}

static struct distribution make_pareto(const struct shape_params *given)
{
    return distribution_pareto(given->least, given->alpha);
}

struct recipe {
    unsigned needs, may; /* the parameters that make it */
    const char *words;   /* … for complaints */
    struct distribution (*make)(const struct shape_params *given);
};

static const struct recipe recipes[] = {
    { DELAY, 0, "delay", make_constant },
    { P50 | P99, P90, "p50 with p99", make_fitted },
    { MOST, LEAST, "min with max", make_uniform },
    { MEAN | DEVIATION, 0, "mean with deviation", make_normal },
    { MEDIAN | SIGMA, 0, "median with sigma", make_lognormal },
    { MEAN, 0, "mean", make_exponential },
    { LEAST | ALPHA, 0, "min with alpha", make_pareto },
};

static unsigned list_given(const struct shape_params *given)
{
    return (given->delay ? DELAY : 0u) | (given->p50 ? P50 : 0u) | (given->p90 ? P90 : 0u) |
           (given->p99 ? P99 : 0u) | (given->least ? LEAST : 0u) | (given->most ? MOST : 0u) |
           (given->mean ? MEAN : 0u) | (given->deviation ? DEVIATION : 0u) |
           (given->median ? MEDIAN : 0u) | (given->sigma > 0 ? SIGMA : 0u) |
           (given->alpha > 0 ? ALPHA : 0u);
}

static bool is_within(unsigned some, unsigned all)
{
    return (some & ~all) == 0;
}

static const struct recipe *find_recipe(unsigned given)
{
    for (size_t i = 0; i < COUNT_OF(recipes); i++)
        if (is_within(recipes[i].needs, given) &&
            is_within(given, recipes[i].needs | recipes[i].may))
            return &recipes[i];
    return NULL;
}

/* What could be completed, if anything was begun; else all there is. */
static void complain(unsigned given, struct buffer *complaint)
{
    bool whole = true, first = true;

    for (size_t i = 0; i < COUNT_OF(recipes); i++)
        whole = whole && !is_within(given, recipes[i].needs | recipes[i].may);
    whole = whole || given == 0;
    buffer_add_string(complaint, whole ? "wants the parameters of exactly one shape: " : "wants ");
    for (size_t i = 0; i < COUNT_OF(recipes); i++) {
        if (!whole && !is_within(given, recipes[i].needs | recipes[i].may))
            continue;
        if (!first)
            buffer_add_string(complaint, !whole || i + 1 == COUNT_OF(recipes) ? ", or " : ", ");
        buffer_add_string(complaint, recipes[i].words);
        first = false;
    }
}

static const char *find_disorder(const struct shape_params *given)
{
    usec p90 = given->p90 ? given->p90 : given->p50;

    if (p90 < given->p50 || given->p99 < p90)
        return "a higher percentile is less than a lower one";
    if (given->most > 0 && given->most < given->least)
        return "max is less than min";
    return NULL;
}

bool shape_fit(const struct shape_params *given, struct distribution *distribution,
               struct buffer *complaint)
{
    unsigned list = list_given(given);
    const struct recipe *recipe = find_recipe(list);
    const char *disorder = find_disorder(given);

    if (!recipe) {
        complain(list, complaint);
        return false;
    }
    if (disorder) {
        buffer_add_string(complaint, disorder);
        return false;
    }
    *distribution = recipe->make(given);
    return true;
}
