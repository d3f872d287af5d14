/* flood_headers: header fields that nobody asked for. */
#include <string.h>

#include "base/random.h"
#include "faults/filler.h"
#include "faults/flood.h"

struct style {
    struct text prefix;
    const char *level;
};

static const struct style styles[] = {
    [FLOOD_DEBUG] = { TEXT("x-debug-"), "DEBUG" },
    [FLOOD_TRACE] = { TEXT("x-trace-"), "TRACE" },
};

enum { DIGITS_MOST = 9 };

/* The number of such a field, or 0. */
static uint64_t number_of(struct text prefix, struct text name)
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
static uint64_t last_number(struct text prefix, const struct head *head)
{
    uint64_t last = 0;

    for (size_t i = 0; i < head->count; i++) {
        uint64_t number = head->fields[i].removed ? 0 : number_of(prefix, head->fields[i].name);

        if (number > last)
            last = number;
    }
    return last;
}

/* A line such as a service writes that was left on verbose: `13:05:59.042 DEBUG node=12ab34cd …`,
 * as far as there is room for it. */
static struct text make_value(struct arena *arena, const char *level, size_t size, uint64_t bits)
{
    unsigned of_day = (unsigned)(bits % (24 * 60 * 60));
    struct text start =
        arena_format(arena, "%02u:%02u:%02u.%03u %s ", of_day / 3600, of_day / 60 % 60, of_day % 60,
                     (unsigned)(bits >> 32) % 1000, level);
    char *value = arena_take(arena, size + 1);

    if (size <= start.length) {
        filler_write(value, size, bits);
    } else {
        memcpy(value, start.at, start.length);
        filler_write(value + start.length, size - start.length, bits);
    }
    return text_of(value, size);
}

uint64_t flood_headers(const struct flood *flood, struct way_plan *plan)
{
    const struct style *style = &styles[flood->style];
    unsigned long long number = last_number(style->prefix, plan->head);
    uint64_t bytes = 0;

    for (uint64_t i = 0; i < flood->headers; i++) {
        struct text name = arena_format(plan->arena, "%s%04llu", style->prefix.at, ++number);
        struct text value = make_value(plan->arena, style->level, (size_t)flood->header_size,
                                       random_join(plan->hit->bits, i));

        head_add(plan->head, plan->arena, name, value);
        bytes += name.length + value.length + sizeof(": \r\n") - 1;
    }
    return bytes;
}
