/* tally_test: nothing that is counted gets lost, and the summary says it in 80 columns. */
#include "observe/tally.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "observe/columns.h"

static const struct text rules[] = { TEXT("down/1"), TEXT("down/2"), TEXT("back/1") };
static const struct text phases[] = { TEXT("calm"), TEXT("down"), TEXT("back") };
static const struct text services[] = { TEXT("owner-api"), TEXT("auth") };
static const struct tally_names names = {
    rules, phases, services, COUNT_OF(rules), COUNT_OF(phases), COUNT_OF(services),
};

enum { NONE = 1000 };

static void a_new_tally_is_all_zero(void **state)
{
    static const struct tally_totals zero;
    struct tally *tally = tally_new(&names);
    struct tally_totals totals = tally_totals(tally);

    (void)state;
    assert_memory_equal(&totals, &zero, sizeof zero);
    tally_free(tally);
    tally_free(NULL);
}

static void requests_are_counted_by_phase_and_class(void **state)
{
    static const struct {
        const char *claim;
        unsigned status;
        size_t class;
    } cases[] = {
        { "switching protocols", 101, 1 }, { "ok", 200, 2 },          { "moved", 301, 3 },
        { "not found", 404, 4 },           { "unavailable", 503, 5 }, { "no answer", 0, 0 },
        { "no status of HTTP's", 999, 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct tally *tally = tally_new(&names);
        struct tally_totals totals;

        print_message("%s\n", cases[i].claim);
        tally_request(tally, 1, 0, cases[i].status, i % 2 == 0, 5);
        totals = tally_totals(tally);
        assert_int_equal(totals.requests, 1);
        assert_int_equal(totals.matched, 1);
        assert_int_equal(totals.failed, i % 2 == 0);
        assert_int_equal(totals.by_class[cases[i].class], 1);
        assert_int_equal(tally_phase_requests(tally, 1), 1);
        assert_int_equal(tally_phase_requests(tally, 0), 0);
        tally_free(tally);
    }
}

static void what_belongs_to_none_is_counted_in_all(void **state)
{
    struct tally *tally = tally_new(&names);
    struct tally_totals totals;

    (void)state;
    tally_request(tally, SIZE_MAX, COUNT_OF(services), 200, false, NEVER);
    tally_fault(tally, NONE, true, false);
    totals = tally_totals(tally);
    assert_int_equal(totals.requests, 1);
    assert_int_equal(totals.matched, 0);
    assert_int_equal(totals.exercised, 1);
    assert_int_equal(tally_rule_exercised(tally, NONE), 0);
    assert_int_equal(tally_phase_requests(tally, NONE), 0);
    tally_free(tally);
}

static void a_scenario_without_anything_can_be_tallied(void **state)
{
    static const struct tally_names nothing;
    struct tally *tally = tally_new(&nothing);
    struct buffer out = { 0 };

    (void)state;
    tally_request(tally, 0, 0, 200, false, 1);
    tally_summary(tally, false, &out);
    assert_non_null(strstr(out.at, "1 request (0 matched), 0 faults, 0 connections\n"));
    buffer_free(&out);
    tally_free(tally);
}

static void faults_and_connections_add_up(void **state)
{
    struct tally *tally = tally_new(&names);
    struct tally_totals totals;

    (void)state;
    tally_fault(tally, 0, true, false);
    tally_fault(tally, 0, false, true);
    tally_fault(tally, 2, false, false);
    tally_connection(tally, 1);
    tally_connection(tally, 1);
    tally_connection(tally, -1);
    tally_refused(tally);
    tally_trouble(tally);
    totals = tally_totals(tally);
    assert_int_equal(totals.faults, 3);
    assert_int_equal(totals.exercised, 1);
    assert_int_equal(totals.shadowed, 1);
    assert_int_equal(totals.connections, 2);
    assert_int_equal(totals.open, 1);
    assert_int_equal(totals.refused, 1);
    assert_int_equal(totals.troubles, 1);
    assert_int_equal(tally_rule_exercised(tally, 0), 1);
    assert_int_equal(tally_rule_exercised(tally, 2), 0);
    tally_free(tally);
}

enum { TIMES = 100000 };

static void *raise_all(void *argument)
{
    struct tally *tally = argument;

    for (int i = 0; i < TIMES; i++) {
        tally_request(tally, 1, 1, 503, true, i);
        tally_fault(tally, 1, true, false);
        tally_connection(tally, 1);
    }
    return NULL;
}

static void threads_do_not_lose_counts(void **state)
{
    struct tally *tally = tally_new(&names);
    struct tally_totals totals;
    pthread_t threads[2];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        pthread_create(&threads[i], NULL, raise_all, tally);
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        pthread_join(threads[i], NULL);
    totals = tally_totals(tally);
    assert_int_equal(totals.requests, 2 * TIMES);
    assert_int_equal(totals.by_class[5], 2 * TIMES);
    assert_int_equal(totals.exercised, 2 * TIMES);
    assert_int_equal(totals.connections, 2 * TIMES);
    tally_free(tally);
}

static void no_line_is_wider_than_80(const struct buffer *out)
{
    struct text rest = buffer_text(out);

    while (!text_is_empty(rest)) {
        size_t length = text_find(rest, '\n');

        assert_int_not_equal(length, rest.length);
        if (columns_of(text_of(rest.at, length)) > 80)
            fail_msg("too wide: %.*s", (int)length, rest.at);
        rest = text_from_offset(rest, length + 1);
    }
}

static void the_summary_tells_what_happened(void **state)
{
    struct tally *tally = tally_new(&names);
    struct buffer out = { 0 };

    (void)state;
    for (int i = 0; i < 1234; i++)
        tally_request(tally, 1, 0, i % 2 ? 200 : 503, i % 2, 250 * MSEC);
    tally_request(tally, 0, 0, 0, true, 12 * SECOND);
    tally_request(tally, NONE, NONE, 404, true, 1);
    tally_fault(tally, 0, true, false);
    tally_fault(tally, 1, true, true);
    tally_fault(tally, 1, true, false);
    tally_summary(tally, false, &out);
    print_message("%s", out.at);
    assert_non_null(strstr(out.at, "1,236 requests (1,235 matched), 3 faults, 0 connections\n"));
    assert_non_null(strstr(
        out.at,
        "  calm                       1         0         0         0         1      12 s\n"));
    assert_non_null(strstr(
        out.at,
        "  down                   1,234       617         0       617         0    250 ms\n"));
    assert_non_null(strstr(out.at, "  (before or after)          1"));
    /* The rule that did most comes first. */
    assert_true(strstr(out.at, "  down/2") < strstr(out.at, "  down/1"));
    assert_non_null(strstr(out.at, "services never asked: auth\n"));
    assert_non_null(strstr(out.at, "phases without a request: back\n"));
    assert_non_null(strstr(out.at, "rules that hit nothing: back/1\n"));
    assert_null(strstr(out.at, "refused"));
    assert_null(strchr(out.at, '\x1b'));
    no_line_is_wider_than_80(&out);
    buffer_free(&out);
    tally_free(tally);
}

static void a_fault_of_a_connection_is_no_idleness(void **state)
{
    struct tally *tally = tally_new(&names);
    struct buffer before = { 0 }, after = { 0 };

    (void)state;
    tally_summary(tally, false, &before);
    assert_non_null(strstr(before.at, "services never asked: owner-api, auth\n"));
    tally_opening(tally, 1, 1);
    tally_opening(tally, NONE, NONE);
    tally_summary(tally, false, &after);
    assert_non_null(strstr(after.at, "services never asked: owner-api\n"));
    assert_non_null(strstr(after.at, "phases without a request: calm, back\n"));
    buffer_free(&before);
    buffer_free(&after);
    tally_free(tally);
}

static void trouble_is_never_passed_over(void **state)
{
    struct tally *tally = tally_new(&names);
    struct buffer out = { 0 };

    (void)state;
    tally_refused(tally);
    tally_summary(tally, true, &out);
    assert_non_null(strstr(out.at, "1 connection refused (the log says more)"));
    assert_non_null(strstr(out.at, "\x1b[31m"));
    tally_trouble(tally);
    tally_summary(tally, false, &out);
    assert_non_null(strstr(out.at, "1 connection refused, 1 trouble (the log says more)"));
    buffer_free(&out);
    tally_free(tally);
}

static void what_is_not_replayed_is_not_missed(void **state)
{
    struct tally *tally = tally_new(&names);
    struct buffer out = { 0 };

    (void)state;
    tally_leave_out_phase(tally, 2);
    tally_leave_out_rule(tally, 2);
    tally_summary(tally, false, &out);
    assert_non_null(strstr(out.at, "phases without a request: calm, down\n"));
    assert_non_null(strstr(out.at, "rules that hit nothing: down/1, down/2\n"));
    buffer_free(&out);
    tally_free(tally);
}

static void long_and_hostile_names_stay_in_their_columns(void **state)
{
    static const struct text odd[] = {
        TEXT("a phase with a name that is far too long for any table, and then some more of it"),
        TEXT("\x1b[2Jcleared\n"),
        TEXT("\xe6\x97\xa5\xe6\x9c\xac\xe6\x97\xa5\xe6\x9c\xac\xe6\x97\xa5\xe6\x9c\xac\xe6\x97\xa5"
             "\xe6\x9c\xac\xe6\x97\xa5\xe6\x9c\xac"),
        TEXT("bad \xff\xc3"),
    };
    const struct tally_names odd_names = { odd, odd, odd, 4, 4, 4 };
    struct tally *tally = tally_new(&odd_names);
    struct buffer out = { 0 };

    (void)state;
    for (int used = 0; used < 2; used++) {
        tally_summary(tally, false, &out);
        no_line_is_wider_than_80(&out);
        assert_null(strchr(out.at, '\x1b'));
        buffer_clear(&out);
        for (size_t i = 0; i < COUNT_OF(odd); i++) {
            tally_request(tally, i, i, 200, false, 1);
            tally_fault(tally, i, true, false);
        }
    }
    buffer_free(&out);
    tally_free(tally);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_tally_is_all_zero),
        cmocka_unit_test(requests_are_counted_by_phase_and_class),
        cmocka_unit_test(what_belongs_to_none_is_counted_in_all),
        cmocka_unit_test(a_scenario_without_anything_can_be_tallied),
        cmocka_unit_test(faults_and_connections_add_up),
        cmocka_unit_test(threads_do_not_lose_counts),
        cmocka_unit_test(the_summary_tells_what_happened),
        cmocka_unit_test(a_fault_of_a_connection_is_no_idleness),
        cmocka_unit_test(trouble_is_never_passed_over),
        cmocka_unit_test(what_is_not_replayed_is_not_missed),
        cmocka_unit_test(long_and_hostile_names_stay_in_their_columns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
