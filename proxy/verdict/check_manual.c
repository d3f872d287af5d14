/* check_manual: what is said of each check, and how it is set. */
#include "verdict/check_manual.h"

#include "base/mdoc.h"
#include "base/prose.h"

/* `Limits of other profiles: strict: at-most 1.1, warn 1.05; iot: …` */
static void add_profiles(const struct check *check, struct buffer *out)
{
    bool any = false;

    for (enum profile profile = 0; profile < PROFILE_COUNT; profile++) {
        struct text changes = text_from(check->profiles[profile]), item;
        bool first = true;

        if (text_is_empty(changes))
            continue;
        buffer_format(out,
                      "%s%s: ", any ? "; " : "Limits of other profiles: ", profile_names[profile]);
        any = true;
        while (text_next_item(&changes, ' ', &item)) {
            size_t equals = text_find(item, '=');
            struct text value = text_from_offset(item, equals + 1);

            buffer_format(out, "%s%.*s %.*s", first ? "" : ", ", (int)equals, item.at,
                          (int)value.length, value.at);
            first = false;
        }
    }
    if (any)
        buffer_add_byte(out, '.');
}

static void add_scopes(const struct check *check, struct buffer *out)
{
    static const struct {
        unsigned bit;
        const char *key;
    } scopes[] = { { SCOPE_PHASE, "during" },
                   { SCOPE_SERVICE, "service" },
                   { SCOPE_CLIENT, "client" } };
    bool any = false;

    for (size_t i = 0; i < COUNT_OF(scopes); i++) {
        if (!(check->scopes & scopes[i].bit))
            continue;
        buffer_format(out, "%s%s", any ? ", " : "Can be narrowed by ", scopes[i].key);
        any = true;
    }
    buffer_add_string(out, any ? "." : "Cannot be narrowed.");
}

static void add_cure(const struct check *check, struct buffer *out)
{
    /* No period behind an address: it would be taken for a part of it. */
    buffer_format(out, "Remedy (%s): %s. See %s", check->pattern, check->remedy, check->source);
}

static void add_asked(const struct check *check, struct buffer *out)
{
    prose_add_sentence(out, check->asks);
    if (check->gate)
        buffer_add_string(out, " A gate: a failure makes the run fail, expected or not.");
    buffer_format(out, " %s", check->about);
}

/* A paragraph. */
static void add_part(const struct check *check, struct buffer *out, const char *before,
                     void (*add)(const struct check *check, struct buffer *out))
{
    struct buffer words = { 0 };

    add(check, &words);
    if (words.length > 0) {
        buffer_add_string(out, before);
        mdoc_add_running(out, buffer_text(&words), MDOC_SENTENCES);
    }
    buffer_free(&words);
}

static void add_limits(const struct check *check, struct buffer *out)
{
    struct buffer words = { 0 };

    buffer_add_string(out, ".Bl -tag -width allowance\n");
    for (const struct field *field = check->limits; field->type != FIELD_NONE; field++) {
        buffer_format(out, ".It Cm %s\n", field->name);
        buffer_clear(&words);
        prose_describe_field(field, &words);
        mdoc_add_running(out, buffer_text(&words), MDOC_SENTENCES);
    }
    buffer_add_string(out, ".El\n");
    buffer_free(&words);
}

void check_manual(struct buffer *out)
{
    const struct check *check;

    buffer_add_string(out, ".Bl -tag -width Ds\n");
    for (size_t i = 0; (check = check_at(i)) != NULL; i++) {
        buffer_format(out, ".It Cm %s Pq %s\n", check->name, check_group_name(check->group));
        add_part(check, out, "", add_asked);
        if (check->limits->type != FIELD_NONE)
            add_limits(check, out);
        add_part(check, out, "", add_profiles);
        add_part(check, out, "", add_scopes);
        add_part(check, out, ".Pp\n", add_cure);
    }
    buffer_add_string(out, ".El\n");
}

static void describe_part(const struct check *check, struct buffer *out, const char *before,
                          void (*add)(const struct check *check, struct buffer *out))
{
    struct buffer words = { 0 };

    add(check, &words);
    if (words.length > 0) {
        buffer_add_string(out, before);
        prose_add_running(out, buffer_text(&words), 0);
    }
    buffer_free(&words);
}

void check_describe(const struct check *check, struct buffer *out)
{
    struct buffer words = { 0 };

    buffer_format(out, "%s: %s\n\n", check->name, check->title);
    describe_part(check, out, "", add_asked);
    buffer_add_string(out, "\nlimits:\n");
    for (const struct field *field = check->limits; field->type != FIELD_NONE; field++) {
        buffer_format(out, "  %s\n", field->name);
        buffer_clear(&words);
        prose_describe_field(field, &words);
        prose_add_running(out, buffer_text(&words), 6);
    }
    describe_part(check, out, "\n", add_profiles);
    describe_part(check, out, "\n", add_scopes);
    describe_part(check, out, "\n", add_cure);
    buffer_free(&words);
}
