/* field_value: a value as written, before anybody asked whether it is within bounds. For
 * field_read.c, field_meant.c and field_pattern.c alone. */
#ifndef PANNE_BASE_FIELD_VALUE_H
#define PANNE_BASE_FIELD_VALUE_H

#include "base/field.h"

union field_value {
    usec duration;
    uint64_t whole; /* sizes, bandwidths and counts */
    double number;  /* shares, factors, rates and numbers */
    bool flag;
    struct text text;
    int choice;
    struct range range;
};

/* How a unit is written, how much it is of the stored one, and how many decimal places it can have
 * so that something whole comes out. */
struct field_unit {
    const char *name;
    uint64_t size;
    unsigned places;
};

/* A unit without name ends each. A duration's units must come in this order, each once at most. */
extern const struct field_unit field_duration_units[], field_size_units[], field_bandwidth_units[],
    field_rate_units[];

/* Appends to the empty `out` how a value that cannot be read was probably meant (`5 min`: `5m`),
 * and reads that, whatever the bounds. False: there is no telling, and `out` may hold anything. */
MUST_USE bool field_meant(const struct field *field, struct text value, union field_value *read,
                          struct buffer *out);

/* False if the text is not a value of the field's type. Texts are lent from `text`. */
MUST_USE bool field_value_read(const struct field *field, struct text text,
                               union field_value *value);

#endif
