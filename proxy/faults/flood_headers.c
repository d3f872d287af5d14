/* flood_headers: header fields that nobody asked for. */
#include "base/random.h"
#include "faults/filler.h"
#include "faults/flood.h"

static const struct text prefix = TEXT("x-debug-");

enum { DIGITS_MOST = 9 };

/* The number of such a field, or 0. */
static uint64_t number_of(struct text name)
{
    struct text digits = text_from_offset(name, prefix.length);
    uint64_t number = 0;

    if (name.length <= prefix.length || digits.length > DIGITS_MOST ||
        !text_equal_nocase(text_of(name.at, prefix.length), prefix) ||
        !text_to_u64(digits, &number))
        return 0;
    return number;
}

/* The largest number that is taken, be it by the origin or by another flood. */
static uint64_t last_number(const struct head *head)
{
    uint64_t last = 0;

    for (size_t i = 0; i < head->count; i++) {
        uint64_t number = head->fields[i].removed ? 0 : number_of(head->fields[i].name);

        if (number > last)
            last = number;
    }
    return last;
}

uint64_t flood_headers(const struct flood *flood, struct way_plan *plan)
{
    unsigned long long number = last_number(plan->head);
    uint64_t bytes = 0;

    for (uint64_t i = 0; i < flood->headers; i++) {
        struct text name = arena_format(plan->arena, "%s%04llu", prefix.at, ++number);
        size_t size = (size_t)flood->header_size;
        char *value = arena_take(plan->arena, size + 1);

        filler_write(value, size, random_join(plan->hit->bits, i));
        head_add(plan->head, plan->arena, name, text_of(value, size));
        bytes += name.length + size + sizeof(": \r\n") - 1;
    }
    return bytes;
}
