/* timeline: how phases become stretches of the wall clock. */
#include "scenario/timeline.h"

#include <math.h>

#include "base/problems.h"

/* What two clocks make of absurd speeds stays far from overflow: 30 years. */
#define LONGEST ((usec)10950 * 24 * HOUR)

static const char *phase_name_at(const void *list, size_t index)
{
    const struct scenario *scenario = list;

    return index < scenario->phase_count ? scenario->phases[index].name.at : NULL;
}

static bool complain_phase(const struct scenario *scenario, struct text name,
                           struct buffer *complaint)
{
    const char *meant = problem_suggestion(name, phase_name_at, scenario);

    buffer_add_string(complaint, "there is no phase ");
    buffer_add_json(complaint, name);
    if (meant)
        buffer_format(complaint, "; did you mean \"%s\"?", meant);
    return false;
}

/* The part of the phase that begins at `begins` and is wanted: [*from, *until) within it. */
static bool clip(const struct phase *phase, usec begins, const struct timeline_options *options,
                 usec *from, usec *until)
{
    *from = usec_max(0, options->from - begins);
    *until =
        options->until == NEVER ? phase->lasts : usec_min(phase->lasts, options->until - begins);
    if (!text_is_empty(options->phase) && !text_equal(options->phase, phase->name))
        return false;
    return *from < *until;
}

static usec at_speed(usec length, double speed)
{
    double wall = (double)length / speed;

    return wall >= (double)LONGEST ? LONGEST : usec_max(1, (usec)llround(wall));
}

static struct stretch lay_stretch(usec begins, usec length, const struct timeline_options *options)
{
    struct stretch stretch = { .begins = begins, .ends = NEVER, .speed = options->speed };
    usec wall, least = usec_min(length, options->floor);

    if (length == NEVER)
        return stretch;
    wall = at_speed(length, options->speed);
    if (wall < least) {
        wall = least;
        stretch.stretched = true;
        stretch.speed = (double)length / (double)wall;
    }
    stretch.ends = usec_after(begins, wall);
    return stretch;
}

static usec scenario_length(const struct scenario *scenario)
{
    usec length = 0;

    for (size_t i = 0; i < scenario->phase_count; i++)
        length = usec_after(length, scenario->phases[i].lasts);
    return length;
}

static bool has_phase(const struct scenario *scenario, struct text name)
{
    for (size_t i = 0; i < scenario->phase_count; i++)
        if (text_equal(scenario->phases[i].name, name))
            return true;
    return false;
}

static bool check_options(const struct scenario *scenario, const struct timeline_options *options,
                          struct buffer *complaint)
{
    usec length = scenario_length(scenario);

    if (!text_is_empty(options->phase) && !has_phase(scenario, options->phase))
        return complain_phase(scenario, options->phase, complaint);
    if (options->from >= length) {
        buffer_add_string(complaint, "the start at ");
        buffer_add_duration(complaint, options->from);
        buffer_add_string(complaint, " is behind the end: the scenario lasts ");
        buffer_add_duration(complaint, length);
        return false;
    }
    if (options->from >= options->until) {
        buffer_add_string(complaint, "the end at ");
        buffer_add_duration(complaint, options->until);
        buffer_add_string(complaint, " is not behind the start at ");
        buffer_add_duration(complaint, options->from);
        return false;
    }
    return true;
}

bool timeline_lay(struct timeline *timeline, struct scenario *scenario,
                  const struct timeline_options *options, struct buffer *complaint)
{
    struct stretch *stretches;
    usec begins = 0;

    *timeline = (struct timeline){ 0 };
    if (!check_options(scenario, options, complaint))
        return false;
    stretches = ARENA_ARRAY(&scenario->arena, struct stretch, scenario->phase_count);
    for (size_t i = 0; i < scenario->phase_count; i++) {
        const struct phase *phase = &scenario->phases[i];
        usec from, until;

        if (clip(phase, begins, options, &from, &until)) {
            struct stretch *stretch = &stretches[timeline->count++];

            *stretch = lay_stretch(timeline->lasts, until == NEVER ? NEVER : until - from, options);
            stretch->phase = (uint16_t)i;
            stretch->skips = from;
            timeline->lasts = stretch->ends;
        }
        begins = usec_after(begins, phase->lasts);
    }
    timeline->stretches = stretches;
    if (timeline->count == 0)
        buffer_add_string(complaint, "the phase lies outside of the time asked for");
    return timeline->count > 0;
}

/* The stretch that `elapsed` falls into; past the end the last one. */
static size_t find_stretch(const struct timeline *timeline, usec elapsed)
{
    size_t low = 0, high = timeline->count - 1;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (elapsed < timeline->stretches[middle].ends)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

struct moment timeline_at(const struct timeline *timeline, usec elapsed)
{
    size_t index = find_stretch(timeline, usec_max(elapsed, 0));
    const struct stretch *stretch = &timeline->stretches[index];
    usec within = usec_max(elapsed, 0) - stretch->begins;
    struct moment moment = { .phase = stretch->phase,
                             .phase_ends = stretch->ends,
                             .stretch = index,
                             .elapsed = usec_max(elapsed, 0),
                             .over = elapsed >= timeline->lasts };

    if (moment.over)
        within = stretch->ends - stretch->begins;
    moment.into = stretch->skips + (usec)llround((double)within * stretch->speed);
    return moment;
}
