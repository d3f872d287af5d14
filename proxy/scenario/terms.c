/* terms: expectations upon the limits of a profile. */
#include "scenario/terms.h"

#include <assert.h>

static bool shows_bad_certificates(const struct scenario *scenario)
{
    for (size_t i = 0; i < scenario->rule_count; i++)
        for (size_t j = 0; j < scenario->rules[i].count; j++)
            for (size_t k = 0; k < scenario->rules[i].alternatives[j].count; k++) {
                const struct fault_kind *kind = scenario->rules[i].alternatives[j].faults[k].kind;

                if (text_is(text_from(kind->name), "certificate"))
                    return true;
            }
    return false;
}

static struct history_terms history_terms(const struct scenario *scenario, struct arena *arena)
{
    struct service_terms *services =
        ARENA_ARRAY(arena, struct service_terms, scenario->service_count + 1);

    for (size_t i = 0; i < scenario->service_count; i++)
        services[i] = (struct service_terms){ .name = scenario->services[i].name,
                                              .stays_up = scenario->services[i].stays_up,
                                              .repeatable = scenario->services[i].repeatable,
                                              .polled = scenario->services[i].polled };
    return (struct history_terms){ .services = services,
                                   .service_count = scenario->service_count,
                                   .bad_certificates = shows_bad_certificates(scenario) };
}

static void set(const struct field *field, void *limits, struct text value)
{
    struct buffer complaint = { 0 };
    bool valid = field_read(field, limits, value, &complaint);

    assert(valid); /* the loader has read it */
    (void)valid;
    buffer_free(&complaint);
}

/* Who says how much is allowed and not where a warning begins, wants none before that. */
static void move_warn(const struct expectation *expectation, void *limits)
{
    const struct field *limit = check_limit(expectation->check);
    const struct field *warn = field_find(expectation->check->limits, text_from("warn"));
    const struct limit_setting *said = NULL;

    if (!limit || !warn || limit->type != warn->type)
        return;
    for (size_t i = 0; i < expectation->setting_count; i++) {
        if (expectation->settings[i].field == warn)
            return;
        if (expectation->settings[i].field == limit)
            said = &expectation->settings[i];
    }
    if (said) {
        struct field moved = *limit; /* with its bounds: the value is within them */

        moved.offset = warn->offset;
        set(&moved, limits, said->value);
    }
}

static const void *limits_of(const struct expectation *expectation, enum profile profile,
                             struct arena *arena)
{
    void *limits = arena_take(arena, expectation->check->limits_size + 1);

    check_limits(expectation->check, profile, limits);
    for (size_t i = 0; i < expectation->setting_count; i++)
        set(expectation->settings[i].field, limits, expectation->settings[i].value);
    move_warn(expectation, limits);
    return limits;
}

struct verdict_terms scenario_terms(const struct scenario *scenario, enum profile profile,
                                    struct arena *arena)
{
    struct expectation_terms *expectations =
        ARENA_ARRAY(arena, struct expectation_terms, scenario->expectation_count + 1);

    for (size_t i = 0; i < scenario->expectation_count; i++) {
        const struct expectation *expectation = &scenario->expectations[i];

        expectations[i] = (struct expectation_terms){
            .check = expectation->check,
            .limits = limits_of(expectation, profile, arena),
            .phase = expectation->phase,
            .service = expectation->service,
            .client = expectation->client,
            .warn_only = expectation->warn_only,
            .ignored = expectation->ignored,
            .as_written =
                arena_format(arena, "%s: %.*s", expectation->check->name,
                             (int)expectation->as_written.length, expectation->as_written.at),
            .file = text_from(expectation->place.file),
            .line = expectation->place.line,
            .column = expectation->place.column,
        };
    }
    return (struct verdict_terms){ .history = history_terms(scenario, arena),
                                   .expectations = expectations,
                                   .expectation_count = scenario->expectation_count,
                                   .profile = profile,
                                   .title = scenario->title };
}
