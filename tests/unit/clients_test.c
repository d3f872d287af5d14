/* clients_test: numbers for clients. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "serve/clients.h"

enum { MOST = 65536, THREADS = 4, NAMES = 500 };

static struct text name_of(unsigned index, char room[16])
{
    (void)snprintf(room, 16, "client %u", index);
    return text_from(room);
}

static void numbers_go_by_first_appearance(void **state)
{
    struct clients *clients = clients_new();

    (void)state;
    assert_int_equal(clients_number(clients, text_from("a")), 1);
    assert_int_equal(clients_number(clients, text_from("b")), 2);
    assert_int_equal(clients_number(clients, text_from("a")), 1);
    assert_int_equal(clients_number(clients, text_from("")), 3);
    assert_int_equal(clients_number(clients, text_from("A")), 4);
    assert_int_equal(clients_number(clients, text_from("")), 3);
    clients_free(clients);
    clients_free(NULL);
}

static void those_past_the_last_share_number_0(void **state)
{
    struct clients *clients = clients_new();
    char room[16];

    (void)state;
    for (unsigned i = 0; i < MOST; i++)
        assert_int_equal(clients_number(clients, name_of(i, room)), i + 1);
    for (unsigned i = MOST; i < MOST + 100; i++)
        assert_int_equal(clients_number(clients, name_of(i, room)), 0);
    for (unsigned i = 0; i < MOST; i += 100)
        assert_int_equal(clients_number(clients, name_of(i, room)), i + 1);
    clients_free(clients);
}

struct asker {
    struct clients *clients;
    uint32_t numbers[NAMES];
};

static void *ask(void *user)
{
    struct asker *asker = user;
    char room[16];

    for (unsigned i = 0; i < NAMES; i++)
        asker->numbers[i] = clients_number(asker->clients, name_of(i, room));
    return NULL;
}

static void all_threads_are_told_the_same(void **state)
{
    struct asker askers[THREADS];
    pthread_t threads[THREADS];
    struct clients *clients = clients_new();

    (void)state;
    for (unsigned i = 0; i < THREADS; i++) {
        askers[i].clients = clients;
        assert_int_equal(pthread_create(&threads[i], NULL, ask, &askers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (unsigned i = 1; i < THREADS; i++)
        assert_memory_equal(askers[i].numbers, askers[0].numbers, sizeof askers[0].numbers);
    assert_int_equal(clients_number(clients, text_from("another")), NAMES + 1);
    clients_free(clients);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_go_by_first_appearance),
        cmocka_unit_test(those_past_the_last_share_number_0),
        cmocka_unit_test(all_threads_are_told_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
