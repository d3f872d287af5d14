/* field_names: which header fields a scenario may write. */
#ifndef PANNE_FAULTS_FIELD_NAMES_H
#define PANNE_FAULTS_FIELD_NAMES_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/text.h"

/* What is wrong with a field of that name, as words that follow it: `is no name for a header`.
 * NULL: nothing. Those that say how the message is framed, and those that end at the next hop, are
 * panne's own. */
const char *field_name_complaint(struct text name);
/* Whether the text can be a field's value, or a reason phrase. */
MUST_USE bool field_value_is_good(struct text value);

#endif
