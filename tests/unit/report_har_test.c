/* har: exchanges as entries of an archive, while a log is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/arena.h"
#include "report/report.h"
#include "story.h"

struct archive {
    const struct report_format *format;
    void *state;
    struct buffer out;
};

static void take(void *user, enum event_kind kind, const void *event, usec time)
{
    struct archive *archive = user;

    archive->format->stream(archive->state, kind, event, time, &archive->out);
}

static struct archive begin(void)
{
    struct archive archive = { .format = report_find(text_from("har")) };
    const struct event_run run = { .version = TEXT("0.1.0"),
                                   .wall = TEXT("2026-02-28T23:59:59.750Z") };

    assert_non_null(archive.format);
    archive.state = memory_take(archive.format->stream_size);
    take(&archive, EVENT_run, &run, 0);
    return archive;
}

static void end(struct archive *archive)
{
    archive->format->stream_end(archive->state, &archive->out);
    free(archive->state);
}

static bool has(const struct archive *archive, const char *words)
{
    return strstr(archive->out.at, words) != NULL;
}

static void it_is_told_when_and_how_long(void **state)
{
    struct archive archive = begin();
    struct story story = { take, &archive, 0 };
    struct event_request event = story_request(&story, "down");

    (void)state;
    event.host = text_from("a.example:8080");
    event.path = text_from("/x\"y");
    event.query = text_from("a=1&b");
    event.lasted = 600 * MSEC;
    event.first_byte = 100 * MSEC + 500;
    story_take(&story, &event, 900 * MSEC);
    end(&archive);
    assert_true(has(&archive, "\"startedDateTime\": \"2026-03-01T00:00:00.050Z\""));
    assert_true(has(&archive, "\"time\": 600,"));
    assert_true(has(&archive, "{\"send\": 0, \"wait\": 100.5, \"receive\": 499.5}"));
    assert_true(has(&archive, "\"url\": \"http://a.example:8080/x\\\"y?a=1&b\""));
    assert_true(has(&archive,
                    "{\"name\": \"a\", \"value\": \"1\"},\n      {\"name\": \"b\", \"value\": "
                    "\"\"}"));
    assert_true(has(&archive, "\"phase\": \"down\""));
    assert_false(has(&archive, "retry_after_ms"));
    buffer_free(&archive.out);
}

static void what_was_never_answered_was_waited_for(void **state)
{
    struct archive archive = begin();
    struct story story = { take, &archive, 0 };
    struct event_request event = story_request(&story, "down");

    (void)state;
    event.status = 0;
    event.first_byte = NEVER;
    event.retry_after = 2 * SECOND;
    story_take(&story, &event, SECOND);
    end(&archive);
    assert_true(has(&archive, "{\"send\": 0, \"wait\": 10, \"receive\": 0}"));
    assert_true(has(&archive, "\"retry_after_ms\": 2000"));
    buffer_free(&archive.out);
}

static void connections_with_tls_are_https(void **state)
{
    struct archive archive = begin();
    struct story story = { take, &archive, 0 };
    struct event_request event = story_request(&story, "down");
    const struct event_tls client = { .connection = 9,
                                      .side = TEXT("client"),
                                      .version = TEXT("TLSv1.3") };
    const struct event_tls origin = { .connection = 10,
                                      .side = TEXT("origin"),
                                      .version = TEXT("TLSv1.3") };

    (void)state;
    event.host = text_from("a.example");
    take(&archive, EVENT_tls, &client, 0);
    take(&archive, EVENT_tls, &origin, 0);
    event.connection = 9;
    story_take(&story, &event, SECOND);
    assert_true(has(&archive, "\"https://a.example/\""));
    buffer_clear(&archive.out);
    event.connection = 10;
    story_take(&story, &event, SECOND);
    event.connection = 9 + 8192;
    story_take(&story, &event, SECOND);
    end(&archive);
    assert_false(has(&archive, "https://"));
    buffer_free(&archive.out);
}

static void faults_stand_with_the_exchange_that_they_hit(void **state)
{
    struct archive archive = begin();
    struct story story = { take, &archive, 0 };
    struct event_request one = story_request(&story, "down"), two = story_request(&story, "down");

    (void)state;
    for (int i = 0; i < 40; i++)
        story_hit(&story, &one, "error", SECOND);
    buffer_clear(&archive.out);
    story_hit(&story, &two, "latency", SECOND);
    story_take(&story, &two, SECOND);
    end(&archive);
    assert_true(has(&archive, "{\"rule\": \"\", \"kind\": \"latency\", \"exercised\": true}"));
    assert_false(has(&archive, "\"kind\": \"error\""));
    buffer_free(&archive.out);
}

static void an_archive_of_nothing_is_one(void **state)
{
    struct archive archive = begin();

    (void)state;
    end(&archive);
    assert_string_equal(archive.out.at,
                        "{\"log\": {\"version\": \"1.2\", \"creator\": {\"name\": \"panne\", "
                        "\"version\": \"0.1.0\"},\n\"entries\": [\n]}}\n");
    buffer_free(&archive.out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_told_when_and_how_long),
        cmocka_unit_test(what_was_never_answered_was_waited_for),
        cmocka_unit_test(connections_with_tls_are_https),
        cmocka_unit_test(faults_stand_with_the_exchange_that_they_hit),
        cmocka_unit_test(an_archive_of_nothing_is_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
