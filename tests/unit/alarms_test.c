/* alarms_test: a heap gives the earliest first, whatever is put, moved and removed in between. */
#include "net/alarms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"

enum { THINGS = 300 };

struct thing {
    usec due;
    size_t slot;
};

static void check(const struct heap *heap, const struct thing things[THINGS])
{
    usec first = NEVER;
    size_t count = 0;

    for (int i = 0; i < THINGS; i++) {
        if (things[i].slot == 0)
            continue;
        count++;
        first = usec_min(first, things[i].due);
        assert_ptr_equal(heap->entries[things[i].slot - 1].slot, &things[i].slot);
        assert_true(heap->entries[things[i].slot - 1].due == things[i].due);
    }
    assert_int_equal(heap->count, count);
    assert_true(heap_first(heap) == first);
}

static void step(struct heap *heap, struct thing *thing, uint64_t bits)
{
    if (bits % 3 == 0) {
        heap_remove(heap, &thing->slot);
        return;
    }
    thing->due = (usec)(bits >> 8) % 1000;
    heap_put(heap, thing->due, &thing->slot);
}

static void the_earliest_is_first_after_any_change(void **state)
{
    struct heap heap = { 0 };
    struct thing things[THINGS] = { 0 };

    (void)state;
    assert_true(heap_first(&heap) == NEVER);
    for (uint64_t i = 0; i < 5000; i++) {
        uint64_t bits = random_mix(i);

        step(&heap, &things[random_mix(bits) % THINGS], bits);
        check(&heap, things);
    }
    heap_free(&heap);
    for (int i = 0; i < THINGS; i++)
        assert_int_equal(things[i].slot, 0);
}

static void they_come_out_in_order(void **state)
{
    struct heap heap = { 0 };
    struct thing things[THINGS] = { 0 };
    usec last = 0;

    (void)state;
    for (uint64_t i = 0; i < THINGS; i++) {
        things[i].due = (usec)(random_mix(i) % 1000);
        heap_put(&heap, things[i].due, &things[i].slot);
    }
    while (heap.count > 0) {
        assert_true(heap_first(&heap) >= last);
        last = heap_first(&heap);
        heap_remove(&heap, heap.entries[0].slot);
    }
    heap_free(&heap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_earliest_is_first_after_any_change),
        cmocka_unit_test(they_come_out_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
