/* status: the usual reason phrases, and dates as HTTP writes them. */
#ifndef PANNE_HTTP_STATUS_H
#define PANNE_HTTP_STATUS_H

#include <time.h>

#include "base/text.h"

/* The registered phrase (RFC 9110, 15 and the IANA registry), or that of the class. Never empty. */
struct text status_reason(unsigned status);

#define HTTP_DATE_SIZE 30
/* IMF-fixdate (RFC 9110, 5.6.7), terminated; returns its 29 characters. */
struct text http_date(time_t when, char out[HTTP_DATE_SIZE]);

#endif
