/* error_form: the parameters that all made-up error answers have in common. */
#ifndef PANNE_FAULTS_ERROR_FORM_H
#define PANNE_FAULTS_ERROR_FORM_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/field.h"
#include "faults/error_template.h"
#include "faults/plan.h"

struct error_form {
    int template; /* enum error_template */
    struct text code, message, body, content_type;
    struct field_pairs headers;
};

/* Their rows, for an `owner` that has them as its `form`. */
#define ERROR_FORM_FIELDS(owner)                                                                 \
    FIELD(owner, form.template, int, FIELD_CHOICE, .name = "template",                           \
          .choices = error_template_names, .fallback = "none",                                   \
          .help = "whose error it shall look like: body, content type and request ids"),         \
        FIELD(owner, form.code, struct text, FIELD_TEXT, .name = "code",                         \
              .help = "the error code in a template; without it, what is usual for the status"), \
        FIELD(owner, form.message, struct text, FIELD_TEXT, .name = "message",                   \
              .help = "the words in a template; without it, what is usual for the status"),      \
        FIELD(owner, form.body, struct text, FIELD_TEXT, .name = "body",                         \
              .help = "what the answer says; without it and a template, nothing"),               \
        FIELD(owner, form.content_type, struct text, FIELD_TEXT, .name = "content-type",         \
              .help = "the body's media type; without it, the template's, or plain text"),       \
        FIELD(owner, form.headers, struct field_pairs, FIELD_MAP, .name = "headers",             \
              .help = "more header fields, in this order; they stand in for the template's own")

/* `also_ours` is a field that must not be among the headers, NULL-terminated names; NULL: none. */
bool error_form_check(const struct error_form *form, unsigned status, const char *const *also_ours,
                      struct buffer *complaint);
/* Whether a text can be a field's value, or a reason phrase. */
bool error_form_is_value(struct text text);
/* Makes the plan's answer by the form, for plan->way.hit. False, and the hit is shadowed, where
 * there is one already. `reason` may be empty. */
bool error_form_answer(const struct error_form *form, unsigned status, struct text reason,
                       struct request_plan *plan);
/* A field more for the answer, unless it has one of that name. Both texts are lent. */
void error_form_add(struct request_plan *plan, const char *name, struct text value);

#endif
