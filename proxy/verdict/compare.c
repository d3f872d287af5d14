/* compare: this run's findings beside those of an earlier one. */
#include "verdict/compare.h"

#include "base/attributes.h"

/* Both by the profile, or by expectations of the same scope. */
static bool same_subject(const struct finding *a, const struct finding *b)
{
    const struct expectation_terms *one = a->expectation, *other = b->expectation;
    static const struct expectation_terms everything;

    one = one ? one : &everything;
    other = other ? other : &everything;
    return a->check == b->check && text_equal(one->phase, other->phase) &&
           text_equal(one->service, other->service) && text_equal(one->client, other->client);
}

static const struct finding *find_before(const struct judgment *before, const struct finding *now)
{
    for (size_t i = 0; i < before->count; i++)
        if (same_subject(&before->findings[i], now))
            return &before->findings[i];
    return NULL;
}

static double low_of(const struct finding *finding)
{
    return finding->has_bounds ? finding->low : finding->value;
}

static double high_of(const struct finding *finding)
{
    return finding->has_bounds ? finding->high : finding->value;
}

static enum change change_of(const struct finding *now, const struct finding *before)
{
    bool more, less;

    if (!now->has_value || !before->has_value)
        return CHANGE_UNCLEAR;
    more = low_of(now) > high_of(before);
    less = high_of(now) < low_of(before);
    if (!more && !less)
        return CHANGE_SAME;
    return more == now->at_least ? CHANGE_BETTER : CHANGE_WORSE;
}

bool compare_finding(struct finding *now, const struct judgment *before)
{
    const struct finding *then = find_before(before, now);

    if (!then)
        return false;
    now->change = change_of(now, then);
    if (now->change != CHANGE_UNCLEAR)
        now->before = then->value;
    return now->change == CHANGE_WORSE;
}

const char *change_name(enum change change)
{
    static const char *const names[] = {
        [CHANGE_SAME] = "same",
        [CHANGE_BETTER] = "better",
        [CHANGE_WORSE] = "worse",
        [CHANGE_UNCLEAR] = "unclear",
    };

    return (size_t)change < COUNT_OF(names) ? names[change] : NULL;
}
