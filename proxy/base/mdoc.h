/* mdoc: words in the language of manual pages. */
#ifndef PANNE_BASE_MDOC_H
#define PANNE_BASE_MDOC_H

#include "base/buffer.h"
#include "base/text.h"

/* How running text is set; zero: none of these. */
enum {
    MDOC_OPTIONS = 1,   /* a word that starts with a dash is an option: the dash is no hyphen */
    MDOC_SENTENCES = 2, /* each sentence starts a line */
};

/* Protects what roff would take for an escape, and spells what is not ASCII. */
void mdoc_add_escaped(struct buffer *out, struct text words);
/* The same in lines that are not too long, none of which starts like a request. Ends the line. */
void mdoc_add_running(struct buffer *out, struct text words, unsigned how);

#endif
