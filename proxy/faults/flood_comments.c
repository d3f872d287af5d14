/* flood_comments: HTML and XML with comments behind the end of the document, where both allow them
 * (HTML, 13.1; XML 1.0, 2.8). */
#include <string.h>

#include "faults/flood.h"

static const struct text opening = TEXT("<!-- "), closing = TEXT(" -->\n");

enum { COMMENT_LEAST = 24, COMMENT_MOST = 512 };

/* What is too little for a comment is white space, which may stand there, too. */
static void add_rest(struct flood_pace *pace, struct flow *flow, size_t length)
{
    char comment[COMMENT_MOST];
    size_t words;

    if (length < COMMENT_LEAST) {
        flood_add(pace, flow, "\n", 1);
        return;
    }
    length = length < COMMENT_MOST ? length : COMMENT_MOST;
    words = length - opening.length - closing.length;
    memcpy(comment, opening.at, opening.length);
    flood_words(pace, comment + opening.length, words);
    memcpy(comment + opening.length + words, closing.at, closing.length);
    flood_add(pace, flow, comment, length);
}

static void pump(void *state, const void *params, struct flow *flow)
{
    (void)params;
    flood_pump_behind(state, flow, add_rest);
}

const struct filter_ops flood_comments = {
    .name = "flood-comments",
    .state_size = sizeof(struct flood_pace),
    .open = flood_open,
    .pump = pump,
};
