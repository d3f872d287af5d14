/* date: HTTP's dates in all three forms that a recipient has to understand (RFC 9110, 5.6.7). */
#ifndef PANNE_HTTP_DATE_H
#define PANNE_HTTP_DATE_H

#include <stdbool.h>
#include <time.h>

#include "base/attributes.h"
#include "base/text.h"

/* IMF-fixdate, RFC 850 and asctime; names in any case, the day of the week is not checked. `now`
 * tells the century of a year of two digits. False for anything else. */
MUST_USE bool http_date_read(struct text text, time_t now, time_t *when);

#endif
