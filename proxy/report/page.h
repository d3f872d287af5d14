/* page: lines for a terminal: colors, and paragraphs that fit. */
#ifndef PANNE_REPORT_PAGE_H
#define PANNE_REPORT_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/text.h"

/* SGR codes (ECMA-48, 8.3.117). */
enum color { PLAIN = 0, BOLD = 1, DIM = 2, RED = 31, GREEN = 32, YELLOW = 33, GRAY = 90 };

struct page {
    struct buffer *out; /* borrowed */
    size_t columns;
    bool color, unicode;
};

void page_begin(const struct page *page, enum color color);
void page_end(const struct page *page, enum color color);
/* At most `most` columns of it. */
void page_add(const struct page *page, enum color color, struct text text, size_t most);
void page_blanks(const struct page *page, size_t count);
/* Takes blanks away from the line's end, and ends it. */
void page_end_line(const struct page *page);
/* As many lines as it takes, each behind so many blanks; a word longer than a line stays whole. */
void page_paragraph(const struct page *page, enum color color, struct text text, size_t indent);

#endif
