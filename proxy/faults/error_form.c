/* error_form: how the common parameters are checked and become an answer. */
#include "faults/error_form.h"

#include <string.h>

#include "faults/field_names.h"
#include "http/head.h"
#include "http/status.h"

#define PLAIN_TYPE "text/plain; charset=utf-8"

bool error_form_is_value(struct text text)
{
    return field_value_is_good(text);
}

static const char *name_among(struct text name, const char *const *names)
{
    for (; names && *names; names++)
        if (text_is_nocase(name, *names))
            return *names;
    return NULL;
}

static bool check_header(const struct field_pair *header, const char *const *also_ours,
                         struct buffer *complaint)
{
    const char *other = name_among(header->name, also_ours);
    const char *why = field_name_complaint(header->name);

    if (!why && !error_form_is_value(header->value))
        why = "has a value that no header can have";
    else if (!why && field_identify(header->name) == HEAD_DATE)
        why = "is written by panne itself";
    if (!why && !other)
        return true;
    buffer_add_json(complaint, header->name);
    if (why)
        buffer_format(complaint, " %s", why);
    else
        buffer_format(complaint, " is given by %s already", other);
    return false;
}

/* What is wrong with template, code, message and body together. */
static const char *mismatch(const struct error_form *form)
{
    bool has_template = form->template != ERROR_NO_TEMPLATE;

    if (has_template && form->body.at)
        return "a template makes the body itself: take one of template and body";
    if (!has_template && form->message.at)
        return "message goes with a template; without one, take body";
    if (form->code.at && !error_template_has_code((enum error_template)form->template))
        return "code goes with a template that has one; the number is status";
    if (form->code.at && !error_form_is_value(form->code))
        return "code has a byte that no header can have";
    if (form->content_type.at && !error_form_is_value(form->content_type))
        return "content-type has a byte that no header can have";
    return NULL;
}

bool error_form_check(const struct error_form *form, unsigned status, const char *const *also_ours,
                      struct buffer *complaint)
{
    const char *wrong = mismatch(form);

    for (size_t i = 0; i < form->headers.count; i++)
        if (!check_header(&form->headers.items[i], also_ours, complaint))
            return false;
    if (!wrong && status == 304 && (form->body.length > 0 || form->template != ERROR_NO_TEMPLATE))
        wrong = "an answer with status 304 has no body";
    if (wrong)
        buffer_add_string(complaint, wrong);
    return wrong == NULL;
}

void error_form_add(struct request_plan *plan, const char *name, struct text value)
{
    struct field_pairs *fields = &plan->answer.fields;
    struct field_pair *items;

    for (size_t i = 0; i < fields->count; i++)
        if (text_is_nocase(fields->items[i].name, name))
            return;
    items = ARENA_ARRAY(plan->way.arena, struct field_pair, fields->count + 1);
    if (fields->count > 0)
        memcpy(items, fields->items, fields->count * sizeof(*items));
    items[fields->count] = (struct field_pair){ text_from(name), value };
    *fields = (struct field_pairs){ items, fields->count + 1 };
}

static void fill_template(const struct error_form *form, struct request_plan *plan)
{
    struct made_answer *answer = &plan->answer;
    struct error_words words = {
        .status = answer->status,
        .reason = text_is_empty(answer->reason) ? status_reason(answer->status) : answer->reason,
        .code = form->code,
        .message = form->message,
        .bits = plan->way.hit->bits,
    };
    struct error_page page =
        error_template_fill((enum error_template)form->template, &words, plan->way.arena);

    answer->body = page.body;
    answer->code = page.code;
    if (!form->content_type.at)
        answer->content_type = page.content_type;
    for (size_t i = 0; i < page.fields.count; i++)
        error_form_add(plan, page.fields.items[i].name.at, page.fields.items[i].value);
}

bool error_form_answer(const struct error_form *form, unsigned status, struct text reason,
                       struct request_plan *plan)
{
    if (plan->answer.status != 0) {
        plan->way.hit->shadowed = true;
        return false;
    }
    plan->answer = (struct made_answer){
        .status = status,
        .reason = reason,
        .content_type = form->content_type,
        .body = form->body,
        .fields = form->headers,
        .by = plan->way.hit,
    };
    if (form->template != ERROR_NO_TEMPLATE)
        fill_template(form, plan);
    else if (!form->content_type.at && form->body.length > 0)
        plan->answer.content_type = text_from(PLAIN_TYPE);
    return true;
}
