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

void load_body(struct loader *loader, const struct node *node, void *target)
{
    static const struct load_key keys[] = {
        { .field.name = "form", .load = load_form },
        { .field.name = "json", .load = load_json },
        { .field.name = "text", .load = load_text },
        { .field.name = NULL },
    };
    static const struct load_table table = { "a body's match", "key", keys, NULL, NULL };
    struct body_match *body = ARENA_NEW(loader->arena, struct body_match);

    if (load_mapping(loader, &table, node, body) && node->count == 0)
        problem_at(loader->problems, node->place, "body wants form, json or text");
    ((struct match *)target)->body = body;
}
