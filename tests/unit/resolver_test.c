/* resolver_test: names and what becomes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "net/answers.h"
#include "net/resolver.h"
#include "net_party.h"

static const struct party_record records[] = {
    { .name = "both.test",
      .ttl = 30,
      .v4 = { "192.0.2.1", "192.0.2.2", "192.0.2.3" },
      .v6 = { "2001:db8::1" } },
    { .name = "four.test", .ttl = 30, .v4 = { "192.0.2.4" } },
    { .name = "six.test", .ttl = 30, .v6 = { "2001:db8::6" } },
    { .name = "fleeting.test", .ttl = 0, .v4 = { "192.0.2.5" } },
    { .name = "silent.test", .silent = true },
    { .name = "empty.test", .ttl = 30 },
};

struct asked {
    struct loop *loop;
    struct resolver *resolver; /* freed by on_told_free */
    struct lookup *other;      /* cancelled by on_told_cancel */
    unsigned calls;
    char told[512]; /* addresses, or `!` and the complaint */
};

struct room {
    struct loop *loop;
    struct party_names names;
    struct resolver *resolver;
};

static int enter(void **state)
{
    struct room *room = calloc(1, sizeof *room);

    room->loop = loop_new();
    party_names_open(&room->names, room->loop, records, COUNT_OF(records));
    room->resolver = resolver_new_with(room->loop, room->names.servers, 50);
    *state = room;
    return 0;
}

static int leave(void **state)
{
    struct room *room = *state;

    resolver_free(room->resolver);
    party_names_close(&room->names);
    loop_free(room->loop);
    free(room);
    return 0;
}

static void on_told(void *user, const struct address *addresses, size_t count,
                    const char *complaint)
{
    struct asked *asked = user;
    struct buffer told = { 0 };
    char text[ADDRESS_TEXT];

    for (size_t i = 0; i < count; i++)
        buffer_format(&told, "%s%s", i ? " " : "", address_write(&addresses[i], text));
    if (count == 0)
        buffer_format(&told, "!%s", complaint);
    (void)snprintf(asked->told, sizeof asked->told, "%s", told.at);
    buffer_free(&told);
    asked->calls++;
    loop_stop(asked->loop);
}

/* Tells what came, at once or later. */
static void ask(struct room *room, const char *name, struct asked *asked)
{
    *asked = (struct asked){ .loop = room->loop };
    if (resolver_find(room->resolver, text_from(name), 80, on_told, asked))
        assert_int_equal(asked->calls, 0);
    assert_true(party_wait(room->loop, 5 * SECOND));
    assert_int_equal(asked->calls, 1);
}

static void test_answers_at_once(void **state)
{
    static const struct {
        const char *host, *told;
    } claims[] = {
        { "127.0.0.1", "127.0.0.1:80" },
        { "2001:db8::7", "[2001:db8::7]:80" },
        { "localhost", "[::1]:80 127.0.0.1:80" },
        { "LocalHost.", "[::1]:80 127.0.0.1:80" },
        { "api.localhost", "[::1]:80 127.0.0.1:80" },
        { "a.b.localhost.", "[::1]:80 127.0.0.1:80" },
        { "", "!not a name" },
    };
    struct room *room = *state;

    for (size_t i = 0; i < COUNT_OF(claims); i++) {
        struct asked asked = { .loop = NULL };

        asked.loop = room->loop;
        assert_null(resolver_find(room->resolver, text_from(claims[i].host), 80, on_told, &asked));
        assert_string_equal(asked.told, claims[i].told);
        (void)party_wait(room->loop, 0); /* uses up on_told's loop_stop */
    }
    assert_int_equal(room->names.queries, 0);
}

static void test_refuses_what_is_no_name(void **state)
{
    struct room *room = *state;
    struct asked asked = { .loop = room->loop };
    char longest[256];

    memset(longest, 'a', sizeof longest);
    assert_null(resolver_find(room->resolver, text_of(longest, 255), 80, on_told, &asked));
    assert_string_equal(asked.told, "!not a name");
    assert_null(resolver_find(room->resolver, text_of("a\0b.test", 8), 80, on_told, &asked));
    assert_string_equal(asked.told, "!not a name");
    (void)party_wait(room->loop, 0);
    ask(room, "a..test", &asked);
    assert_int_equal(asked.told[0], '!');
    assert_int_equal(room->names.queries, 0);
}

static void test_asks_for_both_families(void **state)
{
    struct asked asked;

    ask(*state, "both.test", &asked);
    assert_non_null(strstr(asked.told, "[2001:db8::1]:80"));
    for (int i = 1; i <= 3; i++) {
        char address[32];

        (void)snprintf(address, sizeof address, "192.0.2.%d:80", i);
        assert_non_null(strstr(asked.told, address));
    }
    /* In turn: the only IPv6 address is the first or the second. */
    assert_true(strstr(asked.told, "2001") < strstr(asked.told, "192.0.2.2"));
    ask(*state, "four.test", &asked);
    assert_string_equal(asked.told, "192.0.2.4:80");
    ask(*state, "six.test", &asked);
    assert_string_equal(asked.told, "[2001:db8::6]:80");
}

static void test_says_why_there_is_no_answer(void **state)
{
    struct room *room = *state;
    struct asked asked;
    unsigned queries;

    ask(room, "nowhere.test", &asked);
    assert_string_equal(asked.told, "!no such host");
    queries = room->names.queries;
    ask(room, "nowhere.test", &asked);
    assert_true(room->names.queries > queries); /* not kept */
    ask(room, "silent.test", &asked);
    assert_string_equal(asked.told, "!no answer from the name servers");
    ask(room, "empty.test", &asked);
    assert_int_equal(asked.told[0], '!');
}

static void test_keeps_answers(void **state)
{
    struct room *room = *state;
    struct asked asked;
    unsigned queries;

    ask(room, "four.test", &asked);
    queries = room->names.queries;
    assert_null(resolver_find(room->resolver, text_from("FOUR.test"), 81, on_told, &asked));
    assert_string_equal(asked.told, "192.0.2.4:81");
    (void)party_wait(room->loop, 0);
    assert_int_equal(room->names.queries, queries);
    ask(room, "fleeting.test", &asked);
    queries = room->names.queries;
    ask(room, "fleeting.test", &asked);
    assert_int_equal(room->names.queries, queries + 2);
}

static void test_asks_once_for_all_who_wait(void **state)
{
    struct room *room = *state;
    struct asked first = { .loop = room->loop }, second = first;

    assert_non_null(resolver_find(room->resolver, text_from("four.test"), 1, on_told, &first));
    assert_non_null(resolver_find(room->resolver, text_from("four.test"), 2, on_told, &second));
    assert_true(party_wait(room->loop, SECOND));
    assert_string_equal(first.told, "192.0.2.4:1");
    assert_string_equal(second.told, "192.0.2.4:2");
    assert_int_equal(room->names.queries, 2); /* A and AAAA */
}

static void test_cancelled_is_not_told(void **state)
{
    struct room *room = *state;
    struct asked cancelled = { .loop = room->loop }, asked;

    resolver_cancel(resolver_find(room->resolver, text_from("six.test"), 1, on_told, &cancelled));
    ask(room, "four.test", &asked);
    (void)party_wait(room->loop, 20 * MSEC);
    assert_int_equal(cancelled.calls, 0);
    resolver_cancel(NULL);
}

static void on_told_cancel(void *user, const struct address *addresses, size_t count,
                           const char *complaint)
{
    resolver_cancel(((struct asked *)user)->other);
    on_told(user, addresses, count, complaint);
}

static void on_told_free(void *user, const struct address *addresses, size_t count,
                         const char *complaint)
{
    resolver_free(((struct asked *)user)->resolver);
    on_told(user, addresses, count, complaint);
}

static void test_may_be_cancelled_by_another(void **state)
{
    struct room *room = *state;
    struct asked first = { .loop = room->loop }, second = first;

    (void)resolver_find(room->resolver, text_from("four.test"), 1, on_told_cancel, &first);
    first.other = resolver_find(room->resolver, text_from("four.test"), 2, on_told, &second);
    assert_true(party_wait(room->loop, SECOND));
    assert_int_equal(first.calls, 1);
    assert_int_equal(second.calls, 0);
}

static void test_may_be_freed_by_who_is_told(void **state)
{
    struct room *room = *state;
    struct asked first = { .loop = room->loop, .resolver = room->resolver };
    struct asked second = { .loop = room->loop };

    (void)resolver_find(room->resolver, text_from("four.test"), 1, on_told_free, &first);
    (void)resolver_find(room->resolver, text_from("four.test"), 2, on_told, &second);
    (void)resolver_find(room->resolver, text_from("silent.test"), 2, on_told, &second);
    room->resolver = NULL;
    assert_true(party_wait(room->loop, SECOND));
    (void)party_wait(room->loop, 20 * MSEC);
    assert_int_equal(first.calls, 1);
    assert_int_equal(second.calls, 0);
}

static void test_is_freed_while_asking(void **state)
{
    struct room *room = *state;
    struct asked asked = { .loop = room->loop };
    size_t before = party_descriptors();

    (void)resolver_find(room->resolver, text_from("silent.test"), 1, on_told, &asked);
    assert_false(party_wait(room->loop, 20 * MSEC));
    assert_true(party_descriptors() > before);
    resolver_free(room->resolver);
    room->resolver = NULL;
    assert_int_equal(party_descriptors(), before);
    assert_int_equal(asked.calls, 0);
}

static void test_reads_hosts(void **state)
{
    struct room *room = *state;
    char path[] = "/tmp/panne-hosts-XXXXXX";
    static const char hosts[] = "192.0.2.77 Cloud.test other\n2001:db8::77 cloud.test\n";
    struct asked asked = { .loop = room->loop };
    int fd = mkstemp(path);

    assert_true(fd >= 0 && write(fd, hosts, sizeof hosts - 1) == (ssize_t)sizeof hosts - 1);
    close(fd);
    setenv("CARES_HOSTS", path, 1);
    assert_null(resolver_find(room->resolver, text_from("cloud.test"), 80, on_told, &asked));
    unsetenv("CARES_HOSTS");
    unlink(path);
    assert_non_null(strstr(asked.told, "192.0.2.77:80"));
    assert_int_equal(room->names.queries, 0);
}

static void test_says_that_servers_are_unusable(void **state)
{
    struct room *room = *state;
    struct asked asked = { .loop = room->loop };
    struct resolver *broken = resolver_new_with(room->loop, "not a server", 0);

    assert_null(resolver_find(broken, text_from("four.test"), 80, on_told, &asked));
    assert_int_equal(asked.told[0], '!');
    assert_null(resolver_find(broken, text_from("192.0.2.1"), 80, on_told, &asked));
    assert_string_equal(asked.told, "192.0.2.1:80");
    resolver_free(broken);
    resolver_free(NULL);
}

static struct answer *answer_until(const char *name, usec expires)
{
    struct answer *answer = answer_new(text_from(name));

    answer->expires = expires;
    answer->count = 1;
    assert_true(address_parse(text_from("192.0.2.9"), 0, &answer->addresses[0]));
    return answer;
}

static void test_answers_expire(void **state)
{
    struct answers answers = { .seed = 7 };
    struct answer answer;

    (void)state;
    answers_put(&answers, answer_until("a.test", 100));
    assert_true(answers_know(&answers, text_from("a.test"), 99, &answer));
    assert_false(answers_know(&answers, text_from("a.test"), 100, &answer));
    answers_put(&answers, answer_until("A.test", 200));
    assert_true(answers_know(&answers, text_from("a.test"), 199, &answer));
    assert_int_equal(answer.count, 1);
    answers_clear(&answers);
    assert_false(answers_know(&answers, text_from("a.test"), 1, &answer));
}

static void test_answers_are_bounded(void **state)
{
    struct answers answers = { .seed = 7 };
    struct answer answer;
    size_t known = 0;
    char name[32];

    (void)state;
    for (int i = 1; i <= 2000; i++) {
        (void)snprintf(name, sizeof name, "n%d.test", i);
        answers_put(&answers, answer_until(name, i));
    }
    for (int i = 1; i <= 2000; i++) {
        (void)snprintf(name, sizeof name, "n%d.test", i);
        known += answers_know(&answers, text_from(name), 0, &answer);
    }
    assert_int_equal(known, ANSWERS_SETS * ANSWERS_WAYS);
    assert_true(answers_know(&answers, text_from("n2000.test"), 0, &answer));
    answers_clear(&answers);
}

#define IN_ROOM(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ROOM(test_answers_at_once),
        IN_ROOM(test_refuses_what_is_no_name),
        IN_ROOM(test_asks_for_both_families),
        IN_ROOM(test_says_why_there_is_no_answer),
        IN_ROOM(test_keeps_answers),
        IN_ROOM(test_asks_once_for_all_who_wait),
        IN_ROOM(test_cancelled_is_not_told),
        IN_ROOM(test_may_be_cancelled_by_another),
        IN_ROOM(test_may_be_freed_by_who_is_told),
        IN_ROOM(test_is_freed_while_asking),
        IN_ROOM(test_reads_hosts),
        IN_ROOM(test_says_that_servers_are_unusable),
        cmocka_unit_test(test_answers_expire),
        cmocka_unit_test(test_answers_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
