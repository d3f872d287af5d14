/* fleet_test: several workers bind, serve, drain and end together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "net_party.h"
#include "scenario_text.h"
#include "serve/fleet.h"

enum { WORKERS = 3, CLIENTS = 24 };

struct party {
    struct loop *loop;
    struct front front;
    struct settings settings;
    struct run run;
    struct fleet *fleet;
    struct buffer complaint;
    unsigned drained;
};

static void open_run(struct party *party, const char *phases)
{
    static const struct timeline_options whole = { .speed = 1, .until = NEVER };
    static const struct recorder_options silent = { .log = NULL };
    struct scenario *scenario = scenario_with_phases(phases);
    struct timeline timeline;

    assert_true(timeline_lay(&timeline, scenario, &whole, &party->complaint));
    party->run.settings = &party->settings;
    party->run.stretch_held = -1;
    party->run.recorder = recorder_new(&silent, &party->complaint);
    run_renew(&party->run, generation_new(scenario, &timeline, 1));
}

static void open_party(struct party *party, unsigned workers, const char *phases)
{
    *party = (struct party){ .loop = loop_new() };
    assert_true(address_parse(text_from("127.0.0.1"), 0, &party->front.address));
    party->settings = (struct settings){
        .fronts = &party->front,
        .front_count = 1,
        .max_connections = 1000,
        .header_timeout = 10 * SECOND,
        .idle_timeout = 10 * SECOND,
        .connect_timeout = 10 * SECOND,
        .origin_timeout = 10 * SECOND,
        .drain_timeout = 10 * SECOND,
        .head_limits = { .head_size = 32768, .field_count = 100 },
        .workers = workers,
    };
    open_run(party, phases);
    party->fleet = fleet_bind(&party->front, 1, workers, &party->complaint);
    assert_non_null(party->fleet);
}

static void close_party(struct party *party)
{
    fleet_free(party->fleet);
    assert_int_equal(party->run.connections, 0);
    assert_int_equal(tally_totals(run_generation(&party->run)->tally).open, 0);
    (void)recorder_finish(party->run.recorder, NULL, loop_now());
    recorder_free(party->run.recorder);
    run_free_generations(&party->run);
    loop_free(party->loop);
    buffer_free(&party->complaint);
}

static void note_drained(void *user)
{
    struct party *party = user;

    party->drained++;
    loop_stop(party->loop);
}

static int dial(const struct party *party)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(connect(fd, &party->front.address.any, party->front.address.length), 0);
    return fd;
}

static void ask(int fd)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: any\r\n\r\n";

    assert_int_equal(send(fd, request, sizeof request - 1, 0), sizeof request - 1);
}

/* Runs the main loop until so many connections are open. */
static void wait_for_connections(struct party *party, size_t count)
{
    usec until = loop_now() + 2 * SECOND;

    while (party->run.connections != count && loop_now() < until)
        (void)party_wait(party->loop, MSEC);
    assert_int_equal(party->run.connections, count);
}

static const char errors[] = "  - name: outage\n"
                             "    lasts: 1h\n"
                             "    faults:\n"
                             "      - {service: api, error: 503}\n";
static const char hangs[] = "  - name: outage\n"
                            "    lasts: 1h\n"
                            "    faults:\n"
                            "      - {service: api, hang: {}}\n";

static void expect_answer(struct party *party, int fd)
{
    char answer[512];
    ssize_t got;
    usec until = loop_now() + 2 * SECOND;

    while ((got = recv(fd, answer, sizeof answer - 1, MSG_DONTWAIT)) < 0 && loop_now() < until)
        (void)party_wait(party->loop, MSEC);
    assert_true(got > 12);
    assert_memory_equal(answer, "HTTP/1.1 503", 12);
}

static void all_workers_serve_and_drain_together(void **state)
{
    struct party party;
    int fds[CLIENTS];

    (void)state;
    open_party(&party, WORKERS, errors);
    assert_true(address_port(&party.front.address) != 0);
    fleet_start(party.fleet, &party.run, party.loop);
    for (size_t i = 0; i < CLIENTS; i++)
        fds[i] = dial(&party);
    wait_for_connections(&party, CLIENTS);
    for (size_t i = 0; i < CLIENTS; i++) {
        ask(fds[i]);
        expect_answer(&party, fds[i]);
    }
    assert_int_equal(tally_totals(run_generation(&party.run)->tally).requests, CLIENTS);
    fleet_drain(party.fleet, false, note_drained, &party);
    for (size_t i = 0; i < CLIENTS; i++)
        close(fds[i]);
    assert_true(party_wait(party.loop, 3 * SECOND));
    assert_int_equal(party.drained, 1);
    close_party(&party);
}

static void a_second_drain_cuts(void **state)
{
    struct party party;
    int fds[WORKERS];

    (void)state;
    open_party(&party, WORKERS, hangs);
    fleet_start(party.fleet, &party.run, party.loop);
    for (size_t i = 0; i < WORKERS; i++) {
        fds[i] = dial(&party);
        ask(fds[i]);
    }
    wait_for_connections(&party, WORKERS);
    (void)party_wait(party.loop, 20 * MSEC);
    fleet_drain(party.fleet, false, note_drained, &party);
    assert_false(party_wait(party.loop, 50 * MSEC));
    fleet_drain(party.fleet, false, note_drained, &party);
    assert_true(party_wait(party.loop, 3 * SECOND));
    assert_int_equal(party.drained, 1);
    for (size_t i = 0; i < WORKERS; i++)
        close(fds[i]);
    close_party(&party);
}

static void a_fleet_may_be_freed_at_any_time(void **state)
{
    struct party party;
    int fd;

    (void)state;
    open_party(&party, WORKERS, hangs);
    close_party(&party);
    open_party(&party, WORKERS, hangs);
    fleet_start(party.fleet, &party.run, party.loop);
    fd = dial(&party);
    ask(fd);
    wait_for_connections(&party, 1);
    close_party(&party);
    close(fd);
    fleet_free(NULL);
}

static void an_address_in_use_is_complained_of(void **state)
{
    struct party party;
    struct front fronts[2] = { 0 };
    struct buffer complaint = { 0 };
    size_t descriptors;

    (void)state;
    open_party(&party, 1, errors);
    descriptors = party_descriptors();
    assert_true(address_parse(text_from("127.0.0.1"), 0, &fronts[0].address));
    fronts[1].address = party.front.address;
    assert_null(fleet_bind(fronts, 2, 1, &complaint));
    assert_non_null(strstr(complaint.at, "127.0.0.1:"));
    assert_non_null(strstr(complaint.at, ": Address already in use"));
    assert_int_equal(party_descriptors(), descriptors);
    buffer_free(&complaint);
    close_party(&party);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_workers_serve_and_drain_together),
        cmocka_unit_test(a_second_drain_cuts),
        cmocka_unit_test(a_fleet_may_be_freed_at_any_time),
        cmocka_unit_test(an_address_in_use_is_complained_of),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
