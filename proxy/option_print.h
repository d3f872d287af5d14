/* option_print: the walk through the table that help and manual share. */
#ifndef PANNE_OPTION_PRINT_H
#define PANNE_OPTION_PRINT_H

#include "option.h"

/* What stands around a chapter's title and behind its rows, and how a row looks. */
struct option_print {
    const char *before, *after, *end;
    void (*add_row)(const struct option_row *row, struct buffer *out);
};

/* The options of a command, chapter by chapter; a chapter without any is left out. */
void option_print(const struct option_print *style, unsigned command, struct buffer *out);

#endif
