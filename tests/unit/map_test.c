/* map: claims about finding, replacing and taking, against an array. */
#include "base/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"

enum { KEYS = 300 };

static void an_empty_map_has_nothing(void **state)
{
    struct map map = { 0 };

    (void)state;
    assert_null(map_find(&map, 0));
    assert_null(map_take(&map, 7));
    assert_null(map_at(&map, 0));
    map_free(&map);
}

static void it_agrees_with_an_array(void **state)
{
    static char values[KEYS];
    void *wanted[KEYS] = { 0 };
    struct map map = { 0 };
    size_t count = 0;

    (void)state;
    for (uint64_t turn = 0; turn < 40000; turn++) {
        uint64_t bits = random_mix(turn);
        size_t key = bits % KEYS;

        if (bits >> 32 & 1) {
            assert_ptr_equal(map_take(&map, key), wanted[key]);
            count -= wanted[key] != NULL;
            wanted[key] = NULL;
        } else {
            count += wanted[key] == NULL;
            wanted[key] = &values[(bits >> 40) % KEYS];
            map_put(&map, key, wanted[key]);
        }
        assert_int_equal(map.count, count);
        assert_ptr_equal(map_find(&map, (key + 1) % KEYS), wanted[(key + 1) % KEYS]);
    }
    for (size_t key = 0; key < KEYS; key++)
        assert_ptr_equal(map_find(&map, key), wanted[key]);
    for (size_t slot = 0; slot <= map.mask; slot++)
        count -= map_at(&map, slot) != NULL;
    assert_int_equal(count, 0);
    map_free(&map);
    assert_int_equal(map.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_map_has_nothing),
        cmocka_unit_test(it_agrees_with_an_array),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
