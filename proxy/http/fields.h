/* fields: the array of a head's fields and its index by id. */
#ifndef PANNE_HTTP_FIELDS_H
#define PANNE_HTTP_FIELDS_H

#include "http/head.h"

/* To the end of the array, which must have room. */
static inline void fields_put(struct head *head, struct head_field field)
{
    head->fields[head->count++] = field;
    if (head->first[field.id] == 0)
        head->first[field.id] = (uint16_t)head->count;
}

#endif
