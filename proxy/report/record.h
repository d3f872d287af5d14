/* record: structs described by tables, from which come both their JSON and its schema. */
#ifndef PANNE_REPORT_RECORD_H
#define PANNE_REPORT_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/json.h"

enum member_type {
    MEMBER_TEXT,    /* struct text */
    MEMBER_SAID,    /* the same; null where it is empty */
    MEMBER_WORD,    /* const char *, one of `choices`; null: NULL */
    MEMBER_FLAG,    /* bool */
    MEMBER_COUNT,   /* uint64_t */
    MEMBER_ORDINAL, /* uint64_t; null: 0 */
    MEMBER_NUMBER,  /* double; null where it is not finite */
    MEMBER_TIME,    /* usec, in seconds; null: NEVER */
    MEMBER_TIMES,   /* struct record_list of usec */
    MEMBER_WORDS,   /* struct record_list of const char *, each of `choices` */
    MEMBER_OBJECT,  /* const void *, of `record`; null: NULL */
    MEMBER_LIST,    /* struct record_list, of `record` */
};

struct record_list {
    const void *items;
    size_t count;
};

struct record;

struct member {
    const char *name; /* NULL ends the table */
    enum member_type type;
    size_t offset;
    const char *help;           /* a noun, no period */
    const char *const *choices; /* NULL-terminated */
    const struct record *record;
};

struct record {
    const char *name; /* among the schema's definitions */
    const char *help;
    const struct member *members;
    size_t size;
};

/* As JSON; `key` NULL: not a member. What holds no other record stands on one line. */
void record_write(const struct record *record, const char *key, const void *at, struct json *json);
/* The JSON Schema (draft-07) of what record_write makes. */
void record_schema(const struct record *record, const char *title, struct buffer *out);

#endif
