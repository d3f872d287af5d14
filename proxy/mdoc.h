/* mdoc: running text in the language of manual pages. */
#ifndef PANNE_MDOC_H
#define PANNE_MDOC_H

#include "base/buffer.h"
#include "base/text.h"

/* Lines that are not too long, none of which starts like a request; what roff would take for an
 * escape is protected. Ends the line. */
void mdoc_add_running(struct buffer *out, struct text words);

#endif
