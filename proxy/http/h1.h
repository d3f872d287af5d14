/* h1: a second opinion on a head, from http-parser. */
#ifndef PANNE_HTTP_H1_H
#define PANNE_HTTP_H1_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/text.h"
#include "http/head.h"

/* Whether http-parser reads in `bytes`, one whole head, what `head` says, whose texts lie in them:
 * the same start line, the same fields, the same framing. There are two things that RFC 9112 allows
 * and the parser does not: a Content-Length said twice, and a tab behind the value of a framing
 * field. */
MUST_USE bool h1_agrees(struct text bytes, const struct head *head);

#endif
