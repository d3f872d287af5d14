/* html_parts: what the parts of the page share. */
#ifndef PANNE_REPORT_HTML_PARTS_H
#define PANNE_REPORT_HTML_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/time.h"
#include "verdict/verdict.h"

/* A section with its heading. */
void html_section(const char *id, const char *heading, struct buffer *out);
void html_section_end(struct buffer *out);
/* Escaped. */
void html_text(struct text text, struct buffer *out);
/* What `words` writes, escaped. */
void html_finding_words(void (*words)(const struct finding *finding, struct buffer *out),
                        const struct finding *finding, struct buffer *out);
/* `1,234,567`. */
void html_count(uint64_t count, struct buffer *out);
/* `1.25 s`; a dash for NEVER. */
void html_time(usec time, struct buffer *out);
/* `38 %`; a dash where there is no whole. */
void html_share(uint64_t part, uint64_t whole, struct buffer *out);

/* A line of facts: `<p class="facts">`, each with its name, a dot between. html_fact adds one,
 * unless its value is empty. */
void html_facts(struct buffer *out);
void html_fact(const char *name, struct text value, struct buffer *out);
void html_facts_end(struct buffer *out);

/* A heading of the third level that stands in a <summary>, in line with the rest of it. */
#define HTML_HEADING "<b role=\"heading\" aria-level=\"3\">"
#define HTML_HEADING_END "</b>"

/* A table in a box of its own that scrolls where it is too wide. Columns whose name begins with `#`
 * are of numbers. */
void html_table(const char *id, const char *caption, const char *const *columns,
                struct buffer *out);
void html_table_end(struct buffer *out);
/* <td> of a number, and of a number of events. */
void html_cell_begin(struct buffer *out);
void html_cell_end(struct buffer *out);
void html_cell_count(uint64_t count, struct buffer *out);

/* How an exchange ended, as the page groups them. */
enum html_way { WAY_FAILED, WAY_FINAL, WAY_OTHER, WAY_OK, WAY_COUNT };
enum html_way html_way_of(bool ok, bool failed, enum attempt_end end);
/* `failed`: also the class; a sign for it; a heading; and how it is drawn. */
const char *html_way_name(enum html_way way);
const char *html_way_sign(enum html_way way);
const char *html_way_look(enum html_way way);
/* `503`, `broken off`, `given up`. */
void html_answer(enum attempt_end end, unsigned status, struct buffer *out);
/* `answer, delay`; nothing where nothing was done. */
void html_touches(unsigned touched, struct buffer *out);
/* The name of the client; `…` for one past the bound. Of the service, of the phase: empty if there
 * is none. */
struct text html_client_name(const struct judgment *judgment, uint32_t client);
struct text html_service_name(const struct judgment *judgment, uint16_t service);
struct text html_phase_name(const struct judgment *judgment, uint16_t phase);

/* A step of 1, 2 or 5 times a power of ten that cuts `length` into `most` parts or fewer. */
double html_step(double length, int most);

#endif
