/* load_share: shares that only a tree can hold, and what shares may come to. */
#include "scenario/load.h"

/* Sums of decimal shares are not exact: 85 % + 10 % + 5 % may be a hair above 1. */
#define HAIR 1e-9

static bool load_step(struct loader *loader, const struct node *node, struct share_step *step)
{
    static const struct field at = { .name = "a step's time", .type = FIELD_DURATION };
    static const struct field share = { .name = "a step's share", .type = FIELD_SHARE };
    struct buffer complaint = { 0 };
    size_t blank;
    bool good;

    if (!load_wants(loader, node, NODE_TEXT, "a step"))
        return false;
    blank = text_find(node->text, ' ');
    good = blank < node->text.length &&
           field_read(&at, &step->at, text_of(node->text.at, blank), &complaint) &&
           field_read(&share, &step->share, text_trim(text_from_offset(node->text, blank)),
                      &complaint);
    if (!good)
        problem_at(loader->problems, node->place,
                   "a step is a time and a share such as 20h 30%%, not %s",
                   node_quote(loader->arena, node->text));
    buffer_free(&complaint);
    return good;
}

static bool load_steps(struct loader *loader, const struct node *node, struct share *share)
{
    struct share_step *steps = ARENA_ARRAY(loader->arena, struct share_step, node->count + 1);
    bool good = true;

    if (node->count == 0) {
        problem_at(loader->problems, node->place, "share has no steps");
        return false;
    }
    for (size_t i = 0; i < node->count; i++) {
        const struct node *item = node->items[i].value;

        if (!load_step(loader, item, &steps[i])) {
            good = false;
        } else if (good && i > 0 && steps[i].at <= steps[i - 1].at) {
            problem_at(loader->problems, item->place,
                       "this step does not come after the one before");
            good = false;
        } else if (loader->phase_lasts > 0 && steps[i].at >= loader->phase_lasts) {
            problem_at(loader->problems, item->place,
                       "this step is never reached: the phase ends before");
            good = false;
        }
    }
    *share = (struct share){ .kind = SHARE_STEPS, .steps = steps, .count = node->count };
    return good;
}

static const struct field square_fields[] = {
    FIELD(struct share, high, usec, FIELD_DURATION, .name = "high", .least = 1,
          .clock = CLOCK_SCENARIO, .required = true, .help = "how long the share holds"),
    FIELD(struct share, low, usec, FIELD_DURATION, .name = "low", .least = 1,
          .clock = CLOCK_SCENARIO, .required = true, .help = "how long nothing is hit after that"),
    FIELD(struct share, to, double, FIELD_SHARE, .name = "share", .required = true,
          .help = "the share of the high times"),
    END_OF_FIELDS,
};

static const struct field sine_fields[] = {
    FIELD(struct share, high, usec, FIELD_DURATION, .name = "period", .least = 1,
          .clock = CLOCK_SCENARIO, .required = true, .help = "how long one swing takes"),
    FIELD(struct share, from, double, FIELD_SHARE, .name = "from",
          .help = "where it begins, its lowest; without it, 0%"),
    FIELD(struct share, to, double, FIELD_SHARE, .name = "to", .required = true,
          .help = "its highest"),
    END_OF_FIELDS,
};

static void load_square(struct loader *loader, const struct node *node, void *target)
{
    *(struct share *)target = (struct share){ .kind = SHARE_SQUARE };
    load_fields(loader, square_fields, node, "square", target);
}

static void load_sine(struct loader *loader, const struct node *node, void *target)
{
    *(struct share *)target = (struct share){ .kind = SHARE_SINE };
    load_fields(loader, sine_fields, node, "sine", target);
}

static const struct shape square_shape = { .kind = SHAPE_FIELDS, .fields = square_fields };
static const struct shape sine_shape = { .kind = SHAPE_FIELDS, .fields = sine_fields };

static const struct load_key wave_keys[] = {
    { .field = { .name = "square", .help = "jumps: a share for a time, then nothing for a time" },
      .load = load_square,
      .shape = &square_shape },
    { .field = { .name = "sine", .help = "swings up and down" },
      .load = load_sine,
      .shape = &sine_shape },
    { .field.name = NULL },
};
static const struct load_table wave_table = { .what = "a wave", .noun = "key", .keys = wave_keys };

static const struct shape line_shape = { .kind = SHAPE_LINE,
                                         .help = "a share such as 30%, or a ramp over the length "
                                                 "of the phase such as 0% -> 100%" };
static const struct shape step_shape = {
    .kind = SHAPE_STEP, .help = "a time since the phase began and a share, such as 20h 30%"
};
static const struct shape steps_shape = {
    .kind = SHAPE_LIST, .help = "steps, 0% before the first", .each = &step_shape, .least = 1
};
static const struct shape wave_shape = {
    .kind = SHAPE_TABLE, .help = "a wave", .table = &wave_table, .least = 1, .most = 1
};
static const struct shape *const share_shapes[] = { &line_shape, &steps_shape, &wave_shape, NULL };

const struct shape load_share_shape = { .kind = SHAPE_ANY_OF,
                                        .definition = "share",
                                        .choices = share_shapes };

static bool load_wave(struct loader *loader, const struct node *node, struct share *share)
{
    size_t before = problems_count(loader->problems);

    for (const struct load_key *key = wave_keys; node->count == 1 && key->field.name; key++) {
        if (!text_is(node->items[0].key, key->field.name))
            continue;
        key->load(loader, node->items[0].value, share);
        return problems_count(loader->problems) == before;
    }
    problem_at(loader->problems, node->place,
               "a wave is {square: {high, low, share}} or {sine: {period, from, to}}");
    return false;
}

static bool load_line(struct loader *loader, const struct node *node, struct share *share)
{
    struct buffer complaint = { 0 };
    bool good = share_read(share, node->text, &complaint);

    if (!good)
        problem_at(loader->problems, node->place, "share %s", complaint.at);
    buffer_free(&complaint);
    if (good && share->kind == SHARE_RAMP && loader->phase_lasts == NEVER) {
        problem_at(loader->problems, node->place, "a ramp needs a phase that lasts for a time");
        return false;
    }
    return good;
}

static bool load_any(struct loader *loader, const struct node *node, struct share *share)
{
    switch (node->kind) {
    case NODE_LIST:
        return load_steps(loader, node, share);
    case NODE_MAPPING:
        return load_wave(loader, node, share);
    case NODE_TEXT:
        break;
    }
    return load_wants(loader, node, NODE_TEXT, "share") && load_line(loader, node, share);
}

bool load_share(struct loader *loader, const struct node *node, struct share *share)
{
    if (!load_any(loader, node, share))
        return false;
    if (share_most(share) <= 0)
        warning_at(loader->problems, node->place, "a share that is always 0 %% does nothing");
    return true;
}

static bool is_wave(const struct share *share)
{
    return share->kind == SHARE_SQUARE || share->kind == SHARE_SINE;
}

/* Waves count with their most: sooner or later they meet. */
static double mix_at(const struct rule *rule, usec into, usec lasts)
{
    double sum = 0;

    for (size_t i = 0; i < rule->count; i++) {
        const struct share *share = &rule->alternatives[i].share;

        sum += is_wave(share) ? share_most(share) : share_at(share, into, lasts);
    }
    return sum;
}

static bool has_wave(const struct rule *rule)
{
    for (size_t i = 0; i < rule->count; i++)
        if (is_wave(&rule->alternatives[i].share))
            return true;
    return false;
}

static void report_mix(struct loader *loader, const struct rule *rule, double sum, usec into,
                       usec corner)
{
    struct buffer time = { 0 };

    if (has_wave(rule)) {
        problem_at(loader->problems, rule->place,
                   "the shares of this mix can come to %.4g %%; 100 %% is the most", sum * 100);
        return;
    }
    buffer_add_duration(&time, corner);
    problem_at(loader->problems, rule->place,
               "the shares of this mix come to %.4g %% %s %s; 100 %% is the most", sum * 100,
               into < corner ? "right before" : "at", time.at);
    buffer_free(&time);
}

/* Between the corners everything is a straight line. A step has two: `into` may be just before
 * `corner`. */
static bool check_corner(struct loader *loader, const struct rule *rule, usec into, usec corner)
{
    double sum = mix_at(rule, into, loader->phase_lasts);

    if (sum <= 1 + HAIR)
        return true;
    report_mix(loader, rule, sum, into, corner);
    return false;
}

static bool check_steps(struct loader *loader, const struct rule *rule, const struct share *share)
{
    if (share->kind != SHARE_STEPS)
        return true;
    for (size_t i = 0; i < share->count; i++) {
        usec at = share->steps[i].at;

        if ((at > 0 && !check_corner(loader, rule, at - 1, at)) ||
            !check_corner(loader, rule, at, at))
            return false;
    }
    return true;
}

static double most_of_all(const struct rule *rule)
{
    double most = 0;

    for (size_t i = 0; i < rule->count; i++)
        most += share_most(&rule->alternatives[i].share);
    return most;
}

void load_check_mix(struct loader *loader, const struct rule *rule)
{
    usec end = loader->phase_lasts;

    if (most_of_all(rule) <= 1 + HAIR || !check_corner(loader, rule, 0, 0))
        return;
    for (size_t i = 0; i < rule->count; i++)
        if (!check_steps(loader, rule, &rule->alternatives[i].share))
            return;
    if (end > 0 && end != NEVER)
        check_corner(loader, rule, end, end);
}
