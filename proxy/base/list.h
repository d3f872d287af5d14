/* list: intrusive, doubly linked, circular; the head is a node of its own. */
#ifndef PANNE_BASE_LIST_H
#define PANNE_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"

struct list {
    struct list *next, *previous;
};

static inline void list_init(struct list *list)
{
    list->next = list->previous = list;
}

static inline bool list_is_empty(const struct list *list)
{
    return list->next == list;
}

/* Before `place`: at the end of the list if that is its head. */
static inline void list_insert(struct list *place, struct list *node)
{
    node->next = place;
    node->previous = place->previous;
    place->previous->next = node;
    place->previous = node;
}

/* The node is then a list of its own, so that removing twice does no harm. */
static inline void list_remove(struct list *node)
{
    node->next->previous = node->previous;
    node->previous->next = node->next;
    list_init(node);
}

/* Walks the list with `node`; `following` is read first, so that the body may remove `node`. */
#define LIST_EACH(head)                                                             \
    for (struct list *node = (head)->next, *following = node->next; node != (head); \
         node = following, following = node->next)

#endif
