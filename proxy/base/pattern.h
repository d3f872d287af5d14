/* pattern: regular expressions (PCRE2) upon bytes that nobody vouches for: neither the pattern nor
 * the bytes can make it work for long. */
#ifndef PANNE_BASE_PATTERN_H
#define PANNE_BASE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/buffer.h"
#include "base/text.h"

struct pattern;

/* NULL for what is no pattern, with a complaint that follows the parameter's name: `is no regular
 * expression: missing closing parenthesis, at character 3`. In a text that is UTF-8 it matches
 * characters, in others bytes. */
struct pattern *pattern_new(struct text source, struct buffer *complaint);
/* NULL is fine. */
void pattern_free(struct pattern *pattern);
/* Whether each `$1`, `${1}` and `${name}` in `with` names a group of the pattern; `$$` is a dollar
 * sign. False with a complaint that follows the parameter's name. */
MUST_USE bool pattern_check_with(const struct pattern *pattern, struct text with,
                                 struct buffer *complaint);

enum pattern_result {
    PATTERN_REPLACED,
    PATTERN_NOT_FOUND,
    PATTERN_TOO_MUCH, /* too long a result, or too much work */
};

/* `text` with all that matches replaced by `with`, into `out` (NUL-terminated and cleared first)
 * where the result is PATTERN_REPLACED. It has at most `most` bytes. */
MUST_USE enum pattern_result pattern_replace(const struct pattern *pattern, struct text text,
                                             struct text with, size_t most, struct buffer *out);

#endif
