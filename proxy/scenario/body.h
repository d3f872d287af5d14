/* body: the beginning of a request's body, as matches ask about it. */
#ifndef PANNE_SCENARIO_BODY_H
#define PANNE_SCENARIO_BODY_H

#include <stdbool.h>

#include "base/text.h"
#include "scenario/match.h"

/* So much of a body is looked at, and waited for. */
#define BODY_LOOK ((size_t)64 * 1024)

struct body_view;

/* `bytes` and `type` (the value of Content-Type) are lent. `whole`: that is all of the body. */
struct body_view *body_view_new(struct text bytes, struct text type, bool whole);
void body_view_free(struct body_view *view);

/* What a body is asked: each of them must hold. Form fields count only in bodies of type
 * application/x-www-form-urlencoded, decoded, and JSON only where the whole body has been seen. */
struct body_match {
    const struct named_patterns *form; /* by name of the field */
    size_t form_count;
    const struct named_patterns *json; /* by JSON pointer (RFC 6901) */
    size_t json_count;
    struct patterns text; /* of the bytes as they were sent */
};
bool body_match_holds(const struct body_match *match, struct body_view *view);

#endif
