/* load_body: what a match asks about the body. */
#include "base/json_tree.h"
#include "scenario/body.h"
#include "scenario/load.h"

static void load_form(struct loader *loader, const struct node *node, void *target)
{
    struct body_match *body = target;

    body->form = load_named(loader, node, "form", &body->form_count);
}

static void load_json(struct loader *loader, const struct node *node, void *target)
{
    struct body_match *body = target;

    body->json = load_named(loader, node, "json", &body->json_count);
    for (size_t i = 0; i < body->json_count; i++)
        if (!json_pointer_is_valid(body->json[i].name))
            problem_at(loader->problems, node->items[i].place,
                       "a JSON pointer begins with \"/\", such as /user/id, not as %s",
                       node_quote(loader->arena, body->json[i].name));
}

static void load_text(struct loader *loader, const struct node *node, void *target)
{
    load_patterns(loader, node, "text", &((struct body_match *)target)->text);
}

static const struct shape form_shape = { .kind = SHAPE_TEXTS, .each = &load_patterns_shape };
static const struct shape json_shape = { .kind = SHAPE_TEXTS,
                                         .pattern = "^(?:/(?:[^~]|~[01])*)?$",
                                         .each = &load_patterns_shape };

static const struct load_key body_keys[] = {
    { .field = { .name = "form", .help = "values of form fields, by name, decoded" },
      .load = load_form,
      .shape = &form_shape },
    { .field = { .name = "json", .help = "values in JSON, by pointers such as /user/id" },
      .load = load_json,
      .shape = &json_shape },
    { .field = { .name = "text", .type = FIELD_TEXTS, .help = "the body as it was sent" },
      .load = load_text,
      .shape = &shape_field },
    { .field.name = NULL },
};
static const struct load_table body_table = { .what = "a body's match",
                                              .noun = "key",
                                              .keys = body_keys };

const struct shape load_body_shape = { .kind = SHAPE_TABLE, .table = &body_table, .least = 1 };

void load_body(struct loader *loader, const struct node *node, void *target)
{
    struct body_match *body = ARENA_NEW(loader->arena, struct body_match);

    if (load_mapping(loader, &body_table, node, body) && node->count == 0)
        problem_at(loader->problems, node->place, "body wants form, json or text");
    ((struct match *)target)->body = body;
}
