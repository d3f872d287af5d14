/* history: which connections a client lost, and which it left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attributes.h"
#include "story.h"

static void hear(void *user, const struct link *link)
{
    *(struct link *)user = *link;
}

static void take(void *user, enum event_kind kind, const void *event, usec time)
{
    history_take(user, kind, event, time);
}

/* Of a connection with a CONNECT and a request on it. */
static struct link link_of(const char *outcome, const char *ended)
{
    const struct history_terms terms = { 0 };
    struct link link = { 0 };
    const struct history_watcher watcher = { .user = &link, .connection = hear };
    struct history *history = history_new(&terms, &watcher);
    struct story story = { .take = take, .user = history };
    struct event_request connect = story_request(&story, "calm"),
                         request = story_request(&story, "calm");
    struct event_connection end = {
        .connection = 1, .requests = 2, .lasted = SECOND, .end = text_from(ended)
    };

    connect.method = text_from("CONNECT");
    story_take(&story, &connect, SECOND);
    request.outcome = text_from(outcome);
    story_take(&story, &request, 2 * SECOND);
    history_take(history, EVENT_connection, &end, 3 * SECOND);
    history_free(history);
    return link;
}

/* What had to be replaced is told from what the client gave up of its own will. */
static void a_connection_is_lost_or_left(void **state)
{
    static const struct {
        const char *outcome, *end;
        bool lost, left;
    } rows[] = {
        { "answered", "client", false, true }, { "answered", "done", false, false },
        { "answered", "drain", false, false }, { "answered", "idle", true, false },
        { "reset", "reset", true, false },     { "client-left", "client", true, false },
        { "cut", "done", true, false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct link link = link_of(rows[i].outcome, rows[i].end);

        assert_int_equal(link.lost, rows[i].lost);
        assert_int_equal(link.left, rows[i].left);
    }
}

static void a_connect_is_no_request_over_a_connection(void **state)
{
    (void)state;
    assert_int_equal(link_of("answered", "client").requests, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_is_lost_or_left),
        cmocka_unit_test(a_connect_is_no_request_over_a_connection),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
