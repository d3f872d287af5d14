/* fault_bench: one exchange's plans, for a fault to work upon. */
#include "fault_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flow_table.h"
#include "scenario_text.h"

bool fault_read(const struct fault_kind *kind, const char *settings, void *params,
                struct buffer *complaint)
{
    struct text rest = text_from(settings), item;

    field_defaults(kind->fields, params);
    while (text_next_item(&rest, ';', &item)) {
        size_t split = text_find(item, '=');
        const struct field *field = field_find(kind->fields, text_of(item.at, split));

        if (!field)
            fail_msg("%s has no parameter %.*s", kind->name, (int)split, item.at);
        else if (!field_read(field, params, text_from_offset(item, split + 1), complaint))
            return false;
    }
    return !kind->check || kind->check(params, complaint);
}

struct fault_bench *fault_bench_new(void)
{
    struct fault_bench *bench = calloc(1, sizeof(*bench));

    assert_non_null(bench);
    bench->budget.limit = 256 * 1024;
    pipeline_init(&bench->pipeline, &bench->pool, &bench->budget);
    bench->request = (struct head){ .kind = HEAD_REQUEST, .method = TEXT("GET") };
    bench->response = (struct head){ .kind = HEAD_RESPONSE, .status = 200 };
    pipeline_init(&bench->up, &bench->pool, &bench->budget);
    bench->counters = counters_new(64);
    bench->asked = (struct request_plan){
        .way = {
            .arena = &bench->arena,
            .head = &bench->request,
            .has_body = true,
            .pipeline = &bench->up,
            .counters = bench->counters,
            .hit_index = -1,
        },
        .phase_ends = NEVER,
        .may_flood_origin = true,
    };
    bench->answered = (struct response_plan){
        .way = bench->asked.way,
        .request = &bench->request,
    };
    bench->answered.way.head = &bench->response;
    bench->answered.way.pipeline = &bench->pipeline;
    bench->connected = (struct connection_plan){ .phase_ends = NEVER, .alert = -1 };
    return bench;
}

void fault_bench_free(struct fault_bench *bench)
{
    size_t held;

    pipeline_close(&bench->pipeline);
    pipeline_close(&bench->up);
    counters_free(bench->counters);
    scenario_free(bench->scenario);
    held = bench->budget.held;
    arena_clear(&bench->arena);
    pool_clear(&bench->pool);
    free(bench);
    assert_int_equal(held, 0);
}

void fault_bench_field(struct fault_bench *bench, const char *name, const char *value)
{
    head_add(&bench->response, &bench->arena, text_from(name), text_from(value));
}

void fault_bench_tunnel(struct fault_bench *bench)
{
    bench->answered.request = NULL;
    bench->asked.way.head = bench->answered.way.head = NULL;
    bench->asked.way.has_body = bench->answered.way.has_body = false;
}

void fault_bench_length(struct fault_bench *bench, uint64_t length)
{
    bench->answered.way.length_known = true;
    bench->answered.way.length = length;
}

static struct hit *add(struct fault_bench *bench, const struct fault_kind *kind, const void *params)
{
    struct hit *hit = ARENA_NEW(&bench->arena, struct hit);

    hit->kind = kind;
    hit->params = params;
    hit->bits = 42;

    bench->asked.way.hit = bench->answered.way.hit = bench->connected.hit = hit;
    bench->asked.way.hit_index = ++bench->answered.way.hit_index;
    if (hit->kind->at_connection)
        hit->kind->at_connection(params, &bench->connected);
    if (hit->kind->at_request)
        hit->kind->at_request(params, &bench->asked);
    if (hit->kind->at_response)
        hit->kind->at_response(params, &bench->answered);
    return hit;
}

struct hit *fault_bench_hit(struct fault_bench *bench, const char *kind, const char *settings)
{
    const struct fault_kind *found = fault_find(text_from(kind));
    struct buffer complaint = { 0 };
    void *params;

    assert_non_null(found);
    params = arena_take(&bench->arena, found->params_size);
    if (!fault_read(found, settings, params, &complaint))
        fail_msg("%s: %s: %s", kind, settings, complaint.at);
    buffer_free(&complaint);
    return add(bench, found, params);
}

static void write_scenario(const char *fault, struct buffer *yaml)
{
    buffer_format(yaml,
                  "panne: 1\nservices: {api: {match: {}}}\nphases:\n- name: bad\n"
                  "  faults:\n  - service: api\n    %s\n",
                  fault);
}

struct hit *fault_bench_first(struct fault_bench *bench)
{
    const struct rule_fault *first = &bench->scenario->rules[0].alternatives[0].faults[0];

    return add(bench, first->kind, first->params);
}

struct hit *fault_bench_rule(struct fault_bench *bench, const char *fault)
{
    struct buffer yaml = { 0 };

    assert_null(bench->scenario);
    write_scenario(fault, &yaml);
    bench->scenario = scenario_from(yaml.at);
    buffer_free(&yaml);
    return fault_bench_first(bench);
}

void fault_check_rules(const struct fault_setting *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct buffer yaml = { 0 };
        char *got, *words;

        write_scenario(rows[i].settings, &yaml);
        got = scenario_complaints(buffer_text(&yaml), "f");
        words = strstr(got, ": "); /* f:7:5: … */
        words = words ? words + 2 : got;
        words[strcspn(words, "\n")] = '\0';
        if (strcmp(words, rows[i].complaint ? rows[i].complaint : "") != 0)
            fail_msg("%s: wanted \"%s\", got \"%s\"", rows[i].settings,
                     rows[i].complaint ? rows[i].complaint : "", words);
        free(got);
        buffer_free(&yaml);
    }
}

static char *run(struct pipeline *pipeline, const char *in, size_t piece, enum part part, usec now)
{
    flow_feed(pipeline_in(pipeline), in, piece, part, now);
    (void)pipeline_run(pipeline, now);
    return flow_drain(&pipeline->out, false);
}

char *fault_bench_run(struct fault_bench *bench, const char *in, size_t piece, enum part part,
                      usec now)
{
    return run(&bench->pipeline, in, piece, part, now);
}

char *fault_bench_run_up(struct fault_bench *bench, const char *in, size_t piece, enum part part,
                         usec now)
{
    return run(&bench->up, in, piece, part, now);
}

uint64_t fault_bench_touched(const struct fault_bench *bench, const struct hit *hit)
{
    uint64_t touched = hit->touched;

    for (const struct stage *stage = bench->pipeline.first; stage; stage = stage->next)
        if (stage->params == hit && stage->tag >= 0)
            touched += stage->touched;
    for (const struct stage *stage = bench->up.first; stage; stage = stage->next)
        if (stage->params == hit && stage->tag >= 0)
            touched += stage->touched;
    return touched;
}

void fault_check_settings(const char *kind_name, const struct fault_setting *rows, size_t count)
{
    const struct fault_kind *kind = fault_find(text_from(kind_name));

    assert_non_null(kind);
    for (size_t i = 0; i < count; i++) {
        struct buffer complaint = { 0 };
        void *params = calloc(1, kind->params_size);
        bool good = fault_read(kind, rows[i].settings, params, &complaint);
        const char *got = complaint.at ? complaint.at : "";

        if (good != !rows[i].complaint || strcmp(got, good ? "" : rows[i].complaint) != 0)
            fail_msg("%s: %s: wanted \"%s\", got \"%s\"", kind_name, rows[i].settings,
                     rows[i].complaint ? rows[i].complaint : "", good ? "no complaint" : got);
        buffer_free(&complaint);
        free(params);
    }
}
