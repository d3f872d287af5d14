/* cookies: ever more cookies, which the client must send back. */
#include <string.h>

#include "base/random.h"
#include "faults/fault.h"
#include "faults/filler.h"

struct cookies {
    uint64_t count, size, most;
};

/* Of one answer's cookies, and of all that a client is given. */
#define BYTES_MOST (1024 * 1024u)

static const struct field fields[] = {
    FIELD(struct cookies, count, uint64_t, FIELD_COUNT, .name = "count", .least = 1, .most = 1000,
          .fallback = "5", .main = true,
          .help = "how many cookies each answer sets beside those that the request brought"),
    FIELD(struct cookies, size, uint64_t, FIELD_SIZE, .name = "size", .least = 1, .most = 8192,
          .fallback = "64B",
          .help = "how long the value of each is; many clients keep none beyond 4 KiB"),
    FIELD(struct cookies, most, uint64_t, FIELD_COUNT, .name = "most", .least = 1, .most = 10000,
          .fallback = "200", .help = "how many cookies a client is given in all"),
    END_OF_FIELDS,
};

static const struct text prefix = TEXT("panne_");
/* `Set-Cookie: panne_0001=; Path=/` and CRLF. */
enum { COOKIE_COST = 36 };

static bool check(void *params, struct buffer *complaint)
{
    const struct cookies *cookies = params;

    if (cookies->count > cookies->most)
        buffer_add_string(complaint, "count is more than most, which is 200 unless said");
    else if (cookies->count * (cookies->size + COOKIE_COST) > BYTES_MOST)
        buffer_add_string(complaint, "the cookies of one answer come to more than 1MiB");
    else
        return true;
    return false;
}

/* The number of a cookie of ours, or 0. */
static uint64_t number_of(struct text name)
{
    uint64_t number;

    if (!text_starts(name, prefix) || !text_to_u64(text_from_offset(name, prefix.length), &number))
        return 0;
    return number;
}

static uint64_t largest_in(struct text list, uint64_t most)
{
    uint64_t largest = 0;
    struct text item;

    while (text_next_item(&list, ';', &item)) {
        uint64_t number = number_of(text_trim(text_of(item.at, text_find(item, '='))));

        if (number > largest && number <= most)
            largest = number;
    }
    return largest;
}

/* Of the cookies of ours that the request brought back; a client may have dropped others. */
static uint64_t largest_number(const struct head *request, uint64_t most)
{
    uint64_t largest = 0;

    for (size_t i = 0; request && i < request->count; i++) {
        const struct head_field *field = &request->fields[i];
        uint64_t number =
            text_is_nocase(field->name, "cookie") ? largest_in(field->value, most) : 0;

        largest = number > largest ? number : largest;
    }
    return largest;
}

/* Only what RFC 6265, 4.1.1 lets stand in a value, and no `=`. */
static void write_value(char *at, size_t size, uint64_t bits)
{
    filler_write(at, size, bits);
    for (size_t i = 0; i < size; i++)
        if (at[i] == ' ' || at[i] == '=')
            at[i] = '.';
}

static void set_cookie(struct way_plan *plan, uint64_t number, size_t size)
{
    struct text name =
        arena_format(plan->arena, "%s%04llu=", prefix.at, (unsigned long long)number);
    const struct text path = TEXT("; Path=/");
    size_t length = name.length + size + path.length;
    char *value = arena_take(plan->arena, length + 1);

    memcpy(value, name.at, name.length);
    write_value(value + name.length, size, random_join(plan->hit->bits, number));
    memcpy(value + name.length + size, path.at, path.length);
    head_add(plan->head, plan->arena, text_from("Set-Cookie"), text_of(value, length));
    plan->hit->touched += sizeof("Set-Cookie: \r\n") - 1 + length;
}

static void at_response(const void *params, struct response_plan *plan)
{
    const struct cookies *cookies = params;
    uint64_t number = largest_number(plan->request, cookies->most);

    if (!plan->way.head)
        return;
    for (uint64_t i = 0; i < cookies->count && number < cookies->most; i++)
        set_cookie(&plan->way, ++number, (size_t)cookies->size);
}

const struct fault_kind fault_cookies = {
    .name = "cookies",
    .family = "volume",
    .summary = "ever more cookies, which the client must send back",
    .about =
        "Each answer sets cookies, panne_0001 and so on, for the whole host and the client's "
        "session. Those that the next request brings back are counted, and its answer sets as many "
        "more, up to `most`: the client's own requests grow, until a server finds them too large. "
        "panne itself refuses requests beyond --max-head with 431, as servers do. Answers stay "
        "valid, and cookies that the origin sets stay as they are. Once a client brings them all, "
        "no more are set, and the fault is logged as not exercised. A client without a memory for "
        "cookies gets the first ones again and again.",
    .example = "cookies: {count: 10, size: 256B, most: 100}",
    .fields = fields,
    .params_size = sizeof(struct cookies),
    .stands_on = FAULT_ON_HTTP,
    .check = check,
    .at_response = at_response,
};
