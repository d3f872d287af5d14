/* client_view: what a strict client makes of the bytes that it got. */
#ifndef PANNE_TESTS_CLIENT_VIEW_H
#define PANNE_TESTS_CLIENT_VIEW_H

#include <stdbool.h>

#include "base/text.h"

enum view_end { VIEW_OPEN, VIEW_ENDED, VIEW_RESET };

struct view {
    bool whole;      /* false: cut, or not there yet */
    unsigned status; /* of the final answer; 0: its head is not whole */
    bool until_end;  /* the end of the connection is that of the body */
    size_t length;
    char body[4096];
};

/* The next final answer at the front of `bytes`, which loses it (and interim ones before). `end` is
 * how the connection has ended behind them. What follows a 101, or 200 to a CONNECT, stays. */
struct view view_next(struct text *bytes, bool to_head, bool to_connect, enum view_end end);

#endif
