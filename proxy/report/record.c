/* record: tables of members as JSON. */
#include "report/record.h"

#include <math.h>

#include "base/time.h"

static bool holds_records(const struct record *record)
{
    for (const struct member *member = record->members; member->name; member++)
        if (member->type == MEMBER_OBJECT || member->type == MEMBER_LIST ||
            member->type == MEMBER_TIMES || member->type == MEMBER_WORDS)
            return true;
    return false;
}

static void add_null(struct json *json, const char *key)
{
    json_add_raw(json, key, text_from("null"));
}

static void add_time(struct json *json, const char *key, usec time)
{
    if (time == NEVER)
        add_null(json, key);
    else
        json_add_number(json, key, (double)time / (double)SECOND);
}

static void add_word(struct json *json, const char *key, const char *word)
{
    if (word)
        json_add_string(json, key, word);
    else
        add_null(json, key);
}

static void add_times(struct json *json, const char *key, const struct record_list *list)
{
    const usec *times = list->items;

    json_open_row(json, key, '[');
    for (size_t i = 0; i < list->count; i++)
        add_time(json, NULL, times[i]);
    json_close(json, ']');
}

static void add_words(struct json *json, const char *key, const struct record_list *list)
{
    const char *const *words = list->items;

    json_open_row(json, key, '[');
    for (size_t i = 0; i < list->count; i++)
        json_add_string(json, NULL, words[i]);
    json_close(json, ']');
}

static void add_list(struct json *json, const struct member *member, const struct record_list *list)
{
    const char *item = list->items;

    json_open(json, member->name, '[');
    for (size_t i = 0; i < list->count; i++, item += member->record->size)
        record_write(member->record, NULL, item, json);
    json_close(json, ']');
}

static void add_object(struct json *json, const struct member *member, const void *object)
{
    if (object)
        record_write(member->record, member->name, object, json);
    else
        add_null(json, member->name);
}

static void add_count(struct json *json, const char *key, uint64_t count)
{
    json_add_number(json, key, (double)count);
}

static void add_text(struct json *json, const char *key, struct text text, bool may_be_null)
{
    if (may_be_null && text_is_empty(text))
        add_null(json, key);
    else
        json_add_text(json, key, text);
}

static void add_number(struct json *json, const char *key, double number)
{
    if (isfinite(number))
        json_add_number(json, key, number);
    else
        add_null(json, key);
}

static void add_ordinal(struct json *json, const char *key, uint64_t ordinal)
{
    if (ordinal > 0)
        add_count(json, key, ordinal);
    else
        add_null(json, key);
}

static void add_member(struct json *json, const struct member *member, const void *at)
{
    const void *place = (const char *)at + member->offset;

    switch (member->type) {
    case MEMBER_TEXT:
    case MEMBER_SAID:
        add_text(json, member->name, *(const struct text *)place, member->type == MEMBER_SAID);
        break;
    case MEMBER_WORD:
        add_word(json, member->name, *(const char *const *)place);
        break;
    case MEMBER_FLAG:
        json_add_bool(json, member->name, *(const bool *)place);
        break;
    case MEMBER_COUNT:
        add_count(json, member->name, *(const uint64_t *)place);
        break;
    case MEMBER_ORDINAL:
        add_ordinal(json, member->name, *(const uint64_t *)place);
        break;
    case MEMBER_NUMBER:
        add_number(json, member->name, *(const double *)place);
        break;
    case MEMBER_TIME:
        add_time(json, member->name, *(const usec *)place);
        break;
    case MEMBER_TIMES:
        add_times(json, member->name, place);
        break;
    case MEMBER_WORDS:
        add_words(json, member->name, place);
        break;
    case MEMBER_OBJECT:
        add_object(json, member, *(const void *const *)place);
        break;
    case MEMBER_LIST:
        add_list(json, member, place);
        break;
    }
}

void record_write(const struct record *record, const char *key, const void *at, struct json *json)
{
    if (holds_records(record))
        json_open(json, key, '{');
    else
        json_open_row(json, key, '{');
    for (const struct member *member = record->members; member->name; member++)
        add_member(json, member, at);
    json_close(json, '}');
}
