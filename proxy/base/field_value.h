/* field_value: a value as written, before anybody asked whether it is within bounds. For
 * field_read.c alone. */
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

/* False if the text is not a value of the field's type. Texts are lent from `text`. */
MUST_USE bool field_value_read(const struct field *field, struct text text,
                               union field_value *value);

#endif
