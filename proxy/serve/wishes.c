/* wishes: how an answer says when to come again, what was wrong, and which version it is. */
#include "http/date.h"
#include "serve/marks.h"

/* A longer wait is as good as this one. */
#define WAIT_MOST ((uint64_t)(10 * 365 * 24 * HOUR))

static void wish_for(struct wishes *wishes, usec wait, bool date)
{
    if (wait >= wishes->retry_after)
        return;
    wishes->retry_after = wait;
    wishes->retry_date = date;
}

static void read_number(struct wishes *wishes, struct text value, uint64_t unit)
{
    uint64_t number;

    if (text_to_u64(value, &number))
        wish_for(wishes, (usec)(number < WAIT_MOST / unit ? number * unit : WAIT_MOST), false);
}

static void see_retry_after(struct wishes *wishes, struct text value)
{
    uint64_t number;

    if (text_to_u64(value, &number))
        read_number(wishes, value, (uint64_t)SECOND);
    else
        wishes->date = value;
}

static void see_milliseconds(struct wishes *wishes, struct text value)
{
    read_number(wishes, value, (uint64_t)MSEC);
}

/* aws.namespace#ThrottlingException:http://… */
static void see_amzn_type(struct wishes *wishes, struct text value)
{
    struct text type = text_of(value.at, text_find(value, ':'));
    size_t hash = text_find(type, '#');

    wishes->error = hash < type.length ? text_from_offset(type, hash + 1) : type;
}

static void see_code(struct wishes *wishes, struct text value)
{
    wishes->error = value;
}

static void see_grpc_status(struct wishes *wishes, struct text value)
{
    if (!text_is(value, "0"))
        wishes->error = value;
}

static const struct wish_row {
    struct text name;
    void (*see)(struct wishes *wishes, struct text value);
} rows[] = {
    { TEXT("retry-after"), see_retry_after },
    { TEXT("x-amz-retry-after"), see_milliseconds },
    { TEXT("retry-after-ms"), see_milliseconds },
    { TEXT("grpc-retry-pushback-ms"), see_milliseconds },
    { TEXT("x-amzn-errortype"), see_amzn_type },
    { TEXT("x-ms-error-code"), see_code },
    { TEXT("grpc-status"), see_grpc_status },
};

/* The lengths of those names, a bit each. */
#define LENGTHS (1u << 11 | 1u << 14 | 1u << 15 | 1u << 16 | 1u << 17 | 1u << 22)

static void see(struct wishes *wishes, const struct head_field *field)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (text_equal_nocase(rows[i].name, field->name))
            rows[i].see(wishes, field->value);
}

void wishes_read(const struct head *head, uint64_t salt, struct wishes *wishes)
{
    *wishes = (struct wishes){ .retry_after = NEVER };
    if (head->first[HEAD_ETAG] != 0)
        wishes->tag = marks_tag(head_get(head, HEAD_ETAG), salt);
    for (size_t i = 0; i < head->count; i++) {
        const struct head_field *field = &head->fields[i];

        if (field->id == FIELD_OTHER && !field->removed && field->name.length <= 22 &&
            (LENGTHS >> field->name.length & 1) && field->value.length > 0)
            see(wishes, field);
    }
}

void wishes_add_date(struct wishes *wishes, usec came)
{
    time_t when;

    if (http_date_read(wishes->date, (time_t)(came / SECOND), &when))
        wish_for(wishes, usec_max((usec)when * SECOND - came, 0), true);
}
