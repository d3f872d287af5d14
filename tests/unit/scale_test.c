/* Many of everything: what a run of hours, or somebody who means ill, may bring, and that the
 * verdict stays small. PANNE_LONG=1 takes ten million requests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "report/report.h"
#include "verdict/verdict.h"

enum { CLIENTS = 200000, SERVICES = 100, PHASES = 300, USUAL = 600000, LONG = 10000000 };

#define RESIDENT_MOST ((size_t)256 << 10) /* KiB */

static uint64_t draw(uint64_t number, uint64_t what)
{
    return random_join(number, what);
}

/* KiB: the most that this process ever had. */
static size_t resident(void)
{
    FILE *file = fopen("/proc/self/status", "r");
    char line[256];
    size_t most = 0;

    assert_non_null(file);
    while (fgets(line, sizeof line, file))
        if (strncmp(line, "VmHWM:", 6) == 0)
            most = strtoul(line + 6, NULL, 10);
    fclose(file);
    assert_true(most > 0);
    return most;
}

struct names {
    char client[600], service[600], phase[32], path[64], agent[200];
};

/* Names are long, too. */
static void name(struct names *names, uint64_t number, uint64_t count)
{
    snprintf(names->client, sizeof names->client, "%-300u", (unsigned)(draw(number, 1) % CLIENTS));
    snprintf(names->service, sizeof names->service, "%-400u",
             (unsigned)(draw(number, 2) % SERVICES));
    snprintf(names->phase, sizeof names->phase, "p%u", (unsigned)(number * PHASES / count));
    snprintf(names->path, sizeof names->path, "/%x/token", (unsigned)draw(number, 3));
    snprintf(names->agent, sizeof names->agent, "%-150u", (unsigned)number);
}

static void tell_request(struct verdict *verdict, uint64_t number, uint64_t count, usec time)
{
    static const unsigned statuses[] = { 200, 503, 429, 404, 500, 200, 503, 401 };
    static const char *const markers[] = { "idempotency-key", "amz-sdk-invocation-id",
                                           "x-request-id", "traceparent" };
    struct names names;
    struct event_fault fault = { .exchange = number + 1,
                                 .kind = text_from("error"),
                                 .exercised = number % 3 != 0 };
    /* Some come again, most never do. */
    struct event_request event = {
        .exchange = number % 5 == 0 ? number : number + 1,
        .connection = draw(number, 4),
        .method = text_from(number % 2 ? "POST" : "GET"),
        .status = statuses[draw(number, 5) % 8],
        .outcome = text_from(draw(number, 6) % 16 ? "answered" : "client-left"),
        .print = draw(number, 7) % 3 ? draw(number, 8) : 1 + draw(number, 8) % 1000,
        .mark = draw(number, 9),
        .marker = text_from(markers[number % 4]),
        .key = draw(number, 10),
        .tag = draw(number, 11),
        .known_tag = draw(number, 12),
        .lasted = (usec)(draw(number, 13) % (uint64_t)(20 * SECOND)),
        .first_byte = 5,
        .retry_after = number % 7 ? NEVER : (usec)(draw(number, 14) % (uint64_t)HOUR),
        .injected = NEVER,
        .measured = NEVER,
        .client_ended = NEVER,
        .bytes_up = draw(number, 15) % 100000,
    };

    name(&names, number, count);
    event.client = text_from(names.client);
    event.service = text_from(names.service);
    event.phase = text_from(names.phase);
    event.path = text_from(names.path);
    event.agent = text_from(names.agent);
    verdict_take(verdict, EVENT_fault, &fault, time);
    verdict_take(verdict, EVENT_request, &event, time);
}

/* Half of them are never told of again. */
static void tell_connection(struct verdict *verdict, uint64_t number, usec time)
{
    struct event_fault fault = { .connection = draw(number, 20),
                                 .kind = text_from("certificate"),
                                 .exercised = true };
    struct event_connection event = { .connection = fault.connection,
                                      .client = text_from("10.0.0.1"),
                                      .tls = text_from("TLSv1.3"),
                                      .server_name = text_from("a"),
                                      .end = text_from("client"),
                                      .lasted = SECOND };

    verdict_take(verdict, EVENT_fault, &fault, time);
    if (number % 2)
        verdict_take(verdict, EVENT_connection, &event, time);
}

static void tell_phase(struct verdict *verdict, uint64_t number, uint64_t count, usec time)
{
    struct event_phase event = { .lasts = HOUR, .scenario_lasts = HOUR };
    char phase[32];

    if (number > 0 && number * PHASES / count == (number - 1) * PHASES / count)
        return;
    snprintf(phase, sizeof phase, "p%u", (unsigned)(number * PHASES / count));
    event.name = text_from(phase);
    verdict_take(verdict, EVENT_phase, &event, time);
}

static void expect_all_told(const struct judgment *judgment)
{
    struct history_evicted evicted = history_evicted(judgment->history);
    struct report_options options = { .columns = 80 };
    struct buffer out = { 0 };

    assert_true(evicted.clients > 0 && evicted.services > 0 && evicted.phases > 0);
    assert_true(evicted.operations > 0 && evicted.faults > 0);
    assert_non_null(history_client(judgment->history, 65535));
    assert_null(history_client(judgment->history, 65536));
    for (size_t i = 0; report_at(i); i++)
        if (report_at(i)->write) {
            buffer_clear(&out);
            report_at(i)->write(judgment, &options, &out);
            assert_true(out.length < (size_t)32 << 20);
        }
    buffer_clear(&out);
    report_find(text_from("text"))->write(judgment, &options, &out);
    assert_non_null(strstr(out.at, "there was no room for all"));
    buffer_free(&out);
}

static void however_many_it_stays_small(void **state)
{
    static const struct service_terms services[] = { { .name = TEXT("one"), .stays_up = true } };
    struct verdict_terms terms = {
        .history = { .services = services, .service_count = 1, .bad_certificates = true },
    };
    struct verdict *verdict = verdict_new(&terms);
    uint64_t count = getenv("PANNE_LONG") ? LONG : USUAL;
    usec step = 7 * MSEC; /* 10 million of them last 19 hours */

    (void)state;
    for (uint64_t i = 0; i < count; i++) {
        usec time = (usec)i * step;

        tell_phase(verdict, i, count, time);
        tell_request(verdict, i, count, time);
        if (i % 4 == 0)
            tell_connection(verdict, i, time);
    }
    expect_all_told(verdict_judge(verdict));
    verdict_free(verdict);
#ifndef __SANITIZE_ADDRESS__
    assert_true(resident() <= RESIDENT_MOST);
#endif
    if (getenv("PANNE_LONG"))
        print_message("%zu KiB\n", resident());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(however_many_it_stays_small),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
