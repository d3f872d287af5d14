/* base64: bytes as letters (RFC 4648, 4). */
#ifndef PANNE_BASE_BASE64_H
#define PANNE_BASE_BASE64_H

#include "base/buffer.h"
#include "base/text.h"

/* With padding. */
void base64_add(struct buffer *out, struct text bytes);

#endif
