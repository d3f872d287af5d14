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

/* Running text: what roff would take for a request or an escape is protected, and what is not ASCII
 * is named. */
static void add_running(struct buffer *out, const char *words)
{
    if (*words == '.' || *words == '\'')
        buffer_add_string(out, "\\&");
    for (const char *at = words; *at; at++) {
        if (*at == '\\') {
            buffer_add_string(out, "\\e");
        } else if (strncmp(at, "…", strlen("…")) == 0) {
            buffer_add_string(out, "...");
            at += strlen("…") - 1;
        } else {
            buffer_add_byte(out, *at);
        }
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
