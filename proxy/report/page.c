/* page: how lines are colored, filled and ended. */
#include "report/page.h"

#include "observe/columns.h"

void page_begin(const struct page *page, enum color color)
{
    if (page->color && color != PLAIN)
        buffer_format(page->out, "\033[%dm", (int)color);
}

void page_end(const struct page *page, enum color color)
{
    if (page->color && color != PLAIN)
        buffer_add_string(page->out, "\033[0m");
}

void page_add(const struct page *page, enum color color, struct text text, size_t most)
{
    page_begin(page, color);
    columns_add(page->out, text, most, page->unicode);
    page_end(page, color);
}

void page_end_line(const struct page *page)
{
    struct buffer *out = page->out;

    while (out->length > 0 && out->at[out->length - 1] == ' ')
        out->length--;
    buffer_add_byte(out, '\n');
}

void page_blanks(const struct page *page, size_t count)
{
    while (count-- > 0)
        buffer_add_byte(page->out, ' ');
}

void page_paragraph(const struct page *page, enum color color, struct text text, size_t indent)
{
    size_t column = indent;
    struct text word;

    page_blanks(page, indent);
    page_begin(page, color);
    while (text_next_item(&text, ' ', &word)) {
        size_t width = columns_of(word);

        if (column > indent && column + 1 + width > page->columns) {
            page_end(page, color);
            buffer_add_byte(page->out, '\n');
            page_blanks(page, indent);
            page_begin(page, color);
            column = indent;
        } else if (column > indent) {
            buffer_add_byte(page->out, ' ');
            column++;
        }
        columns_add(page->out, word, width, page->unicode);
        column += width;
    }
    page_end(page, color);
    buffer_add_byte(page->out, '\n');
}
