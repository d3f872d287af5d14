/* marks: which fields of a request tie attempts together, and where in them the id stands. */
#include "serve/marks.h"

#include "base/random.h"
#include "http/body_print.h"
#include "http/chars.h"

enum { AGENT_MOST = 64 };

struct sight {
    struct marks *marks;
    uint64_t salt;
    unsigned rank; /* of the marker so far; the least is the best */
    unsigned tag_rank;
};

/* Never 0. */
static uint64_t hash_text(uint64_t salt, struct text value)
{
    uint64_t hash = random_mix(body_print_join(salt, value));

    return hash ? hash : 1;
}

static uint64_t hash_of(const struct sight *sight, struct text value)
{
    return hash_text(sight->salt, value);
}

/* `name value` pairs: what stands behind `name` in one of the items. */
static struct text item_value(struct text list, char separator, const char *name)
{
    struct text item, wanted = text_from(name);

    while (text_next_item(&list, separator, &item))
        if (item.length > wanted.length &&
            text_equal_nocase(text_of(item.at, wanted.length), wanted))
            return text_from_offset(item, wanted.length);
    return text_of(NULL, 0);
}

static void see_number(struct sight *sight, struct text value, uint64_t first)
{
    uint64_t number;

    if (text_to_u64(text_trim(value), &number) && number < UINT32_MAX)
        sight->marks->attempt = number + 1 - first;
}

struct mark_row;
typedef struct text part_of(struct text value);

static struct text whole(struct text value)
{
    return value;
}

static struct text nothing(struct text value)
{
    (void)value;
    return text_of(NULL, 0);
}

/* 00-TRACE-SPAN-FLAGS: the span is new for each attempt. */
static struct text trace_of(struct text value)
{
    struct text trace = text_from_offset(value, 3);

    return text_of(trace.at, text_find(trace, '-'));
}

/* Root=…;Parent=…;Sampled=…, in any order. */
static struct text root_of(struct text value)
{
    struct text root = item_value(value, ';', "root=");

    return root.length > 0 ? root : value;
}

static struct text invocation_of(struct text value)
{
    return item_value(value, ' ', "gccl-invocation-id/");
}

static void see_amz_request(struct sight *sight, struct text value)
{
    see_number(sight, item_value(value, ';', "attempt="), 1);
}

static void see_from_zero(struct sight *sight, struct text value)
{
    see_number(sight, value, 0);
}

static void see_google(struct sight *sight, struct text value)
{
    see_number(sight, item_value(value, ' ', "gccl-attempt-count/"), 1);
}

static void see_key(struct sight *sight, struct text value)
{
    sight->marks->key = hash_of(sight, value);
}

static void see_tag(struct sight *sight, struct text value, unsigned rank)
{
    uint64_t tag = rank < sight->tag_rank ? marks_tag(value, sight->salt) : 0;

    if (tag == 0)
        return;
    sight->marks->known_tag = tag;
    sight->tag_rank = rank;
}

static void see_none_match(struct sight *sight, struct text value)
{
    see_tag(sight, value, 0);
}

static void see_match(struct sight *sight, struct text value)
{
    see_tag(sight, value, 1);
}

/* It may as well be a date. */
static void see_range(struct sight *sight, struct text value)
{
    if (text_find(value, '"') < value.length)
        see_tag(sight, value, 2);
}

enum { NO_MARKER = 99 };

/* The fields that are looked at: as a marker, by `part` and `rank`, for something else, by `see`,
 * or both. */
static const struct mark_row {
    struct text name;
    unsigned rank;
    part_of *part;
    void (*see)(struct sight *sight, struct text value);
} rows[] = {
    { TEXT("amz-sdk-invocation-id"), 0, whole, NULL },
    { TEXT("idempotency-key"), 1, whole, see_key },
    { TEXT("x-idempotency-key"), 2, whole, see_key },
    { TEXT("x-goog-gcs-idempotency-token"), 3, whole, NULL },
    { TEXT("x-goog-api-client"), 4, invocation_of, see_google },
    { TEXT("x-stainless-retry-count"), 5, nothing, see_from_zero },
    { TEXT("grpc-previous-rpc-attempts"), 6, nothing, see_from_zero },
    { TEXT("traceparent"), 7, trace_of, NULL },
    { TEXT("x-request-id"), 8, whole, NULL },
    { TEXT("x-correlation-id"), 9, whole, NULL },
    { TEXT("x-amzn-trace-id"), 10, root_of, NULL },
    { TEXT("amz-sdk-request"), NO_MARKER, NULL, see_amz_request },
    { TEXT("if-none-match"), NO_MARKER, NULL, see_none_match },
    { TEXT("if-match"), NO_MARKER, NULL, see_match },
    { TEXT("if-range"), NO_MARKER, NULL, see_range },
};

/* The lengths of those names, a bit each. */
#define LENGTHS                                                                             \
    (1u << 8 | 1u << 11 | 1u << 12 | 1u << 13 | 1u << 15 | 1u << 16 | 1u << 17 | 1u << 21 | \
     1u << 23 | 1u << 26 | 1u << 28)

static const struct mark_row *find_row(struct text name)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (rows[i].name.length == name.length && (rows[i].name.at[0] | 32) == (name.at[0] | 32) &&
            text_equal_nocase(rows[i].name, name))
            return &rows[i];
    return NULL;
}

static void see(struct sight *sight, const struct head_field *field)
{
    const struct mark_row *row = find_row(field->name);
    struct text part;

    if (!row)
        return;
    if (row->see && field->value.length > 0)
        row->see(sight, field->value);
    if (!row->part || row->rank >= sight->rank || field->value.length == 0)
        return;
    part = row->part(field->value);
    if (part.length == 0 && row->part != nothing)
        return;
    sight->rank = row->rank;
    sight->marks->marker = row->name;
    sight->marks->mark = part.length > 0 ? hash_of(sight, part) : 0;
}

/* A product: a token, and perhaps a slash and another. */
static struct text first_product(struct text agent)
{
    size_t length = 0;

    while (length < agent.length && length < AGENT_MOST &&
           (char_is(agent.at[length], CHAR_TOKEN) || agent.at[length] == '/'))
        length++;
    return text_of(agent.at, length);
}

void marks_read(const struct head *head, uint64_t salt, struct marks *marks)
{
    struct sight sight = { marks, salt, NO_MARKER, NO_MARKER };

    *marks = (struct marks){ .attempt = 0 };
    if (head->first[HEAD_USER_AGENT] != 0)
        marks->agent = first_product(head_get(head, HEAD_USER_AGENT));
    for (size_t i = 0; i < head->count; i++) {
        const struct head_field *field = &head->fields[i];

        if (field->id == FIELD_OTHER && field->name.length <= 28 &&
            (LENGTHS >> field->name.length & 1))
            see(&sight, field);
    }
}

uint64_t marks_tag(struct text tags, uint64_t salt)
{
    struct text tag = tags;

    if (tag.length > 2 && tag.at[0] == 'W' && tag.at[1] == '/')
        tag = text_from_offset(tag, 2);
    if (tag.length > 1 && tag.at[0] == '"') {
        tag = text_of(tag.at + 1, tag.length - 1);
        tag.length = text_find(tag, '"');
    } else { /* some servers leave the quotes out, and then so do their clients */
        tag.length = text_find(tag, ',');
        tag = text_trim(tag);
        if (tag.length == 0 || text_is(tag, "*"))
            return 0;
    }
    return hash_text(salt, tag);
}
