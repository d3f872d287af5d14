/* history: what a run's events come to, claim by claim. */
#include "history/history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/arena.h"

struct heard {
    struct attempt attempt;
    struct link link;
    size_t attempts, operations, connections;
};

static void hear_attempt(void *user, const struct attempt *attempt,
                         const struct operation *operation)
{
    struct heard *heard = user;

    assert_non_null(operation);
    heard->attempt = *attempt;
    heard->attempts++;
}

static void hear_operation(void *user, const struct operation *operation)
{
    assert_true(operation->attempts > 0);
    ((struct heard *)user)->operations++;
}

static void hear_connection(void *user, const struct link *link)
{
    struct heard *heard = user;

    heard->link = *link;
    heard->connections++;
}

static struct history *new_history(struct heard *heard)
{
    static const struct service_terms services[] = { { .name = TEXT("api") },
                                                     { .name = TEXT("key"), .stays_up = true } };
    const struct history_terms terms = { services, 2, true };
    const struct history_watcher watcher = { heard, hear_attempt, hear_operation, hear_connection };

    *heard = (struct heard){ 0 };
    return history_new(&terms, &watcher);
}

static struct event_request request(uint64_t exchange, const char *service, const char *phase)
{
    return (struct event_request){
        .exchange = exchange,
        .connection = 1,
        .client = text_from("127.0.0.1"),
        .service = text_from(service),
        .phase = text_from(phase),
        .method = text_from("GET"),
        .path = text_from("/"),
        .status = 200,
        .outcome = text_from("answered"),
        .lasted = 20 * MSEC,
        .first_byte = 10 * MSEC,
        .client_ended = NEVER,
        .measured = NEVER,
        .injected = NEVER,
        .retry_after = NEVER,
        .print = exchange,
    };
}

static void begin_phase(struct history *history, const char *name, usec time)
{
    struct event_phase event = { .name = text_from(name), .lasts = NEVER };

    history_take(history, EVENT_phase, &event, time);
}

static void hit(struct history *history, uint64_t exchange, const char *kind)
{
    struct event_fault event = {
        .exchange = exchange, .connection = 1, .kind = text_from(kind), .exercised = true
    };

    history_take(history, EVENT_fault, &event, 0);
}

static void take(struct history *history, const struct event_request *event, usec time)
{
    history_take(history, EVENT_request, event, time);
}

/* calm 0-10 s, bad 10-20 s with a fault from 12 s on, back 20-30 s. */
static void play(struct history *history)
{
    struct event_request event;

    begin_phase(history, "calm", 0);
    event = request(1, "api", "calm");
    take(history, &event, 2 * SECOND);
    begin_phase(history, "bad", 10 * SECOND);
    event = request(2, "api", "bad");
    event.status = 503;
    hit(history, 2, "error");
    take(history, &event, 12 * SECOND + 20 * MSEC);
    event = request(3, "key", "bad");
    take(history, &event, 13 * SECOND);
    begin_phase(history, "back", 20 * SECOND);
    event = request(4, "api", "back");
    take(history, &event, 25 * SECOND);
    begin_phase(history, "", 30 * SECOND);
    history_end(history);
}

static void trouble_is_from_the_first_hit_to_the_end_of_its_phase(void **state)
{
    struct heard heard;
    struct history *history = new_history(&heard);
    struct span span;

    (void)state;
    play(history);
    span = history_trouble(history, HISTORY_NONE);
    assert_int_equal(span.begins, 12 * SECOND);
    assert_int_equal(span.ends, 20 * SECOND);
    span = history_calm(history, HISTORY_NONE);
    assert_int_equal(span.begins, 1980 * MSEC);
    assert_int_equal(span.ends, 12 * SECOND);
    span = history_after(history, 0);
    assert_int_equal(span.begins, 20 * SECOND);
    assert_int_equal(span.ends, 30 * SECOND);
    assert_true(history_trouble(history, 1).begins == NEVER);
    assert_int_equal(history_calm(history, 1).ends, 30 * SECOND);
    assert_int_equal(history_length(history), 30 * SECOND);
    history_free(history);
}

static void everything_is_counted_where_it_belongs(void **state)
{
    struct heard heard;
    struct history *history = new_history(&heard);
    uint16_t bad, key;

    (void)state;
    play(history);
    bad = history_find_phase(history, text_from("bad"));
    key = history_find_service(history, text_from("key"));
    assert_int_equal(history_total(history)->attempts, 4);
    assert_int_equal(history_total(history)->failed, 1);
    assert_int_equal(history_total(history)->operations, 4);
    assert_int_equal(history_total(history)->gave_up, 0); /* its window is not over */
    assert_int_equal(history_service(history, 0)->cell.attempts, 3);
    assert_true(history_service(history, key)->terms.stays_up);
    assert_int_equal(history_phase(history, bad)->cell.attempts, 2);
    assert_int_equal(history_phase(history, bad)->span.begins, 10 * SECOND);
    assert_int_equal(history_phase(history, bad)->span.ends, 20 * SECOND);
    assert_int_equal(history_cell(history, bad, key)->attempts, 1);
    assert_int_equal(history_cell(history, bad, 0)->touched, 1);
    assert_null(history_cell(history, 0, key));
    assert_null(history_phase(history, 3));
    assert_null(history_service(history, 2));
    assert_int_equal(history_client(history, 0)->cell.attempts, 4);
    assert_int_equal(history_client(history, 0)->last_ok, 25 * SECOND);
    assert_null(history_client(history, 1));
    assert_int_equal(heard.attempts, 4);
    assert_int_equal(heard.operations, 4);
    assert_true(series_sum(history_series(history), 0, HOUR).attempts == 4);
    assert_true(series_sum(history_series(history), 0, HOUR).answered == 4);
    assert_true(series_sum(history_series(history), 11 * SECOND, 20 * SECOND).touched == 1);
    history_free(history);
}

static struct attempt observed(const struct event_request *event, usec time)
{
    struct heard heard;
    struct history *history = new_history(&heard);

    take(history, event, time);
    history_free(history);
    return heard.attempt;
}

/* The client stopped sending after so long, and an answer began after 50 ms. */
static struct attempt left_after(usec moment)
{
    struct event_request event = request(1, "api", "bad");

    event.client_ended = moment;
    event.first_byte = 50 * MSEC;
    event.lasted = 60 * MSEC;
    return observed(&event, SECOND);
}

static void who_has_gone_gets_no_answer(void **state)
{
    struct attempt attempt = left_after(40 * MSEC);

    (void)state;
    assert_int_equal(attempt.end, ATTEMPT_LEFT);
    assert_true(attempt.failed && !attempt.ok);
    assert_int_equal(attempt.ended - attempt.began, 40 * MSEC);
    assert_true(left_after(NEVER).ok);
    assert_true(left_after(MSEC).ok);      /* it closed half, with the request */
    assert_true(left_after(55 * MSEC).ok); /* it had the answer */
}

static void an_end_means_what_it_means_to_the_client(void **state)
{
    static const struct {
        unsigned status;
        const char *outcome, *detail, *error;
        bool ok, failed, final, ambiguous, throttled;
    } rows[] = {
        { 200, "answered", "", "", true, false, false, false, false },
        { 304, "answered", "", "", true, false, false, false, false },
        { 404, "answered", "", "", false, false, true, false, false },
        { 501, "answered", "", "", false, false, true, false, false },
        { 429, "made", "", "", false, true, false, false, true },
        { 500, "made", "", "", false, true, false, true, false },
        { 503, "made", "", "", false, true, false, false, false },
        { 502, "upstream-failed", "", "", false, true, false, true, false },
        { 400, "made", "", "ThrottlingException", false, true, false, false, true },
        { 400, "answered", "", "ValidationException", false, false, true, false, false },
        { 200, "answered", "", "14", false, true, false, false, false },
        { 200, "cut", "", "", false, true, false, true, false },
        { 0, "reset", "", "", false, true, false, true, false },
        { 0, "client-left", "during a hang", "", false, true, false, true, false },
        { 0, "cut", "the run was ended", "", false, false, false, false, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct event_request event = request(1, "api", "calm");
        struct attempt attempt;

        event.status = rows[i].status;
        event.outcome = text_from(rows[i].outcome);
        event.detail = text_from(rows[i].detail);
        event.error = text_from(rows[i].error);
        attempt = observed(&event, SECOND);
        assert_int_equal(attempt.ok, rows[i].ok);
        assert_int_equal(attempt.failed, rows[i].failed);
        assert_int_equal(attempt.final, rows[i].final);
        assert_int_equal(attempt.ambiguous, rows[i].ambiguous);
        assert_int_equal(attempt.throttled, rows[i].throttled);
        assert_int_equal(attempt.began, 980 * MSEC);
    }
}

static void tunnels_are_no_attempts(void **state)
{
    struct heard heard;
    struct history *history = new_history(&heard);
    struct event_request tunnel = request(1, "api", "calm"), upgraded = request(2, "api", "calm");

    (void)state;
    tunnel.method = text_from("CONNECT");
    tunnel.outcome = text_from("tunnel");
    upgraded.outcome = text_from("upgraded");
    take(history, &tunnel, SECOND);
    take(history, &upgraded, SECOND);
    assert_int_equal(heard.attempts, 0);
    assert_int_equal(history_total(history)->attempts, 0);
    history_free(history);
}

/* With several workers, others' lines stand between a fault and its request. */
static void faults_are_those_of_their_exchange(void **state)
{
    struct heard heard;
    struct history *history = new_history(&heard);
    struct event_request first = request(1, "api", "bad"), second = request(2, "api", "bad");

    (void)state;
    hit(history, 1, "latency");
    hit(history, 1, "hang");
    hit(history, 2, "error");
    take(history, &second, SECOND);
    assert_int_equal(heard.attempt.touched, TOUCH_ANSWER);
    take(history, &first, SECOND);
    assert_int_equal(heard.attempt.touched, TOUCH_DELAY | TOUCH_HANG);
    history_free(history);
}

static void what_is_sent_over_a_bad_certificate_is_known(void **state)
{
    struct heard heard;
    struct history *history = new_history(&heard);
    struct event_request event = request(7, "api", "bad");
    struct event_fault fault = { .connection = 1,
                                 .kind = text_from("certificate"),
                                 .exercised = true };
    struct event_connection end = { .connection = 1,
                                    .client = text_from("127.0.0.1"),
                                    .tls = text_from("TLSv1.3"),
                                    .requests = 1,
                                    .lasted = 2 * SECOND };

    (void)state;
    take(history, &event, SECOND);
    history_take(history, EVENT_fault, &fault, 3 * SECOND);
    history_take(history, EVENT_connection, &end, 3 * SECOND);
    assert_true(heard.link.deceived);
    assert_int_equal(heard.link.sent_exchange, 7);
    assert_int_equal(heard.link.opened, SECOND);
    end.connection = 2;
    history_take(history, EVENT_connection, &end, 3 * SECOND);
    assert_false(heard.link.deceived);
    assert_int_equal(heard.connections, 2);
    history_free(history);
}

static void bins_double_when_time_goes_on(void **state)
{
    struct series series = { 0 };

    (void)state;
    for (usec at = 0; at < 3 * HOUR; at += SECOND)
        series_at(&series, at)->attempts++;
    assert_true(series.count <= SERIES_BINS_MOST);
    assert_int_equal(series.width, 4 * SERIES_BIN_FIRST);
    assert_true(series_sum(&series, 0, 4 * HOUR).attempts == 3 * 3600);
    assert_true(series_sum(&series, HOUR, 2 * HOUR).attempts == 3600);
    series_clear(&series);
}

static void a_latency_lies_in_its_bucket(void **state)
{
    (void)state;
    for (usec latency = 0; latency < HOUR; latency += 1 + latency / 7) {
        size_t bucket = latency_bucket(latency);

        assert_true(latency < latency_of(bucket));
        assert_true(bucket == 0 || latency >= latency_of(bucket - 1) ||
                    latency_of(bucket - 1) == MSEC);
        assert_true(latency < MSEC || (double)latency_of(bucket) <= 1.13 * (double)latency + 125);
    }
}

static void quantiles_of_latency(void **state)
{
    uint32_t buckets[LATENCY_BUCKETS] = { 0 };

    (void)state;
    assert_true(latency_quantile(buckets, 0.5) == NEVER);
    for (int i = 0; i < 99; i++)
        buckets[latency_bucket(10 * MSEC)]++;
    buckets[latency_bucket(2 * SECOND)]++;
    assert_true(latency_quantile(buckets, 0.5) <= 12 * MSEC);
    assert_true(latency_quantile(buckets, 0.99) <= 12 * MSEC);
    assert_true(latency_quantile(buckets, 1) >= 2 * SECOND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trouble_is_from_the_first_hit_to_the_end_of_its_phase),
        cmocka_unit_test(everything_is_counted_where_it_belongs),
        cmocka_unit_test(an_end_means_what_it_means_to_the_client),
        cmocka_unit_test(who_has_gone_gets_no_answer),
        cmocka_unit_test(tunnels_are_no_attempts),
        cmocka_unit_test(faults_are_those_of_their_exchange),
        cmocka_unit_test(what_is_sent_over_a_bad_certificate_is_known),
        cmocka_unit_test(bins_double_when_time_goes_on),
        cmocka_unit_test(a_latency_lies_in_its_bucket),
        cmocka_unit_test(quantiles_of_latency),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
