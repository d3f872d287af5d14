/* yaml: any bytes as a scenario; what loads is laid out, drawn and asked, too. */
#include "fuzz.h"

#include "scenario/engine.h"
#include "scenario/show.h"

static void ask(const struct scenario *scenario, const struct timeline *timeline)
{
    struct engine *engine = engine_new(scenario, scenario->seed);
    struct arena arena = { 0 };

    for (usec elapsed = 0; elapsed < HOUR; elapsed += 7 * MINUTE) {
        struct question question = { .subject = { .host = TEXT("api.example.com"),
                                                  .method = TEXT("GET"),
                                                  .path = TEXT("/api/1"),
                                                  .client = TEXT("127.0.0.1") },
                                     .moment = timeline_at(timeline, elapsed) };
        struct decision decision;

        engine_decide(engine, &question, &arena, &decision);
    }
    arena_clear(&arena);
    engine_free(engine);
}

static void use(struct scenario *scenario)
{
    struct timeline_options options = { .speed = scenario->speed, .until = NEVER };
    struct timeline timeline;
    struct buffer out = { 0 };

    if (timeline_lay(&timeline, scenario, &options, &out)) {
        if (scenario->phase_count < 20 && scenario->rule_count < 20)
            show_scenario(scenario, &timeline, 80, true, true, &out);
        ask(scenario, &timeline);
    }
    buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct problems *problems = problems_new();
    struct scenario *scenario =
        scenario_load(text_of((const char *)data, size), "fuzz.yaml", problems);

    if (scenario)
        use(scenario);
    scenario_free(scenario);
    problems_free(problems);
    return 0;
}
