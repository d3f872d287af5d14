/* event_manual: the events and their fields as the manual page prints them. */
#include "observe/event.h"

static const char *describe_type(enum event_type type)
{
    switch (type) {
    case EVENT_TEXT:
        return "text";
    case EVENT_COUNT:
        return "count";
    case EVENT_DURATION:
        return "milliseconds";
    case EVENT_MOMENT:
        return "seconds";
    case EVENT_FLAG:
        return "true or false";
    case EVENT_REAL:
        break;
    }
    return "number";
}

enum { LINE = 78 };

/* What roff would take for an escape is protected, and what is not ASCII is spelled. */
static void add_word(struct buffer *out, struct text word)
{
    const struct text dots = TEXT("…");

    while (!text_is_empty(word)) {
        size_t taken = text_starts(word, dots) ? dots.length : 1;

        if (taken > 1)
            buffer_add_string(out, "...");
        else if (*word.at == '\\')
            buffer_add_string(out, "\\e");
        else
            buffer_add_byte(out, *word.at);
        word = text_from_offset(word, taken);
    }
}

/* Running text in lines that are not too long; none starts like a request. */
static void add_running(struct buffer *out, const char *words)
{
    struct text list = text_from(words), word;
    size_t start = out->length;

    while (text_next_item(&list, ' ', &word)) {
        bool first = out->length == start;

        if (!first && out->length - start + 1 + word.length > LINE) {
            buffer_add_byte(out, '\n');
            start = out->length;
            first = true;
        }
        if (first && (*word.at == '.' || *word.at == '\''))
            buffer_add_string(out, "\\&");
        if (!first)
            buffer_add_byte(out, ' ');
        add_word(out, word);
    }
    buffer_add_byte(out, '\n');
}

void event_manual(struct buffer *out)
{
    buffer_add_string(out, ".Bl -tag -width Ds\n");
    for (int kind = 0; kind < EVENT_KINDS; kind++) {
        const struct event_description *event = event_describe((enum event_kind)kind);

        buffer_format(out, ".It Cm %s\n", event->name);
        add_running(out, event->help);
        buffer_add_string(out, ".Bl -tag -width scenario_lasts_ms -compact\n");
        for (size_t i = 0; i < event->count; i++) {
            const struct event_field *field = &event->fields[i];

            buffer_format(out, ".It Va %s\n.Pq %s\n", field->name, describe_type(field->type));
            add_running(out, field->help);
        }
        buffer_add_string(out, ".El\n");
    }
    buffer_add_string(out, ".El\n");
}
