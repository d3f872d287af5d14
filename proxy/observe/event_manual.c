/* event_manual: the events and their fields as the manual page prints them. */
#include "observe/event.h"

#include "base/mdoc.h"

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
    case EVENT_HASH:
        return "16 hex digits";
    case EVENT_REAL:
        break;
    }
    return "number";
}

void event_manual(struct buffer *out)
{
    buffer_add_string(out, ".Bl -tag -width Ds\n");
    for (int kind = 0; kind < EVENT_KINDS; kind++) {
        const struct event_description *event = event_describe((enum event_kind)kind);

        buffer_format(out, ".It Cm %s\n", event->name);
        mdoc_add_running(out, text_from(event->help), 0);
        buffer_add_string(out, ".Bl -tag -width scenario_lasts_ms -compact\n");
        for (size_t i = 0; i < event->count; i++) {
            const struct event_field *field = &event->fields[i];

            buffer_format(out, ".It Va %s\n.Pq %s\n", field->name, describe_type(field->type));
            mdoc_add_running(out, text_from(field->help), 0);
        }
        buffer_add_string(out, ".El\n");
    }
    buffer_add_string(out, ".El\n");
}
