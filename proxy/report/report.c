/* report: the table of formats. */
#include "report/report.h"

#include "base/attributes.h"
#include "base/mdoc.h"

#define REPORT(name) extern const struct report_format report_##name;
#include "report/table.h"
#undef REPORT

static const struct report_format *const formats[] = {
#define REPORT(name) &report_##name,
#include "report/table.h"
#undef REPORT
};

const struct report_format *report_at(size_t index)
{
    return index < COUNT_OF(formats) ? formats[index] : NULL;
}

const struct report_format *report_find(struct text name)
{
    for (size_t i = 0; i < COUNT_OF(formats); i++)
        if (text_is(name, formats[i]->name))
            return formats[i];
    return NULL;
}

const char *report_name_at(const void *list, size_t index)
{
    (void)list;
    return index < COUNT_OF(formats) ? formats[index]->name : NULL;
}

/* The help as a sentence, and what else there is. */
static void add_item(const struct report_format *format, struct buffer *out)
{
    struct buffer words = { 0 };

    buffer_format(&words, "%s. %s", format->help, format->about ? format->about : "");
    if (words.at[0] >= 'a' && words.at[0] <= 'z')
        words.at[0] = (char)(words.at[0] - 'a' + 'A');
    buffer_format(out, ".It Cm %s\n", format->name);
    mdoc_add_running(out, buffer_text(&words), MDOC_SENTENCES);
    buffer_free(&words);
}

void report_manual(struct buffer *out)
{
    buffer_add_string(out, ".Bl -tag -width markdown\n");
    for (size_t i = 0; i < COUNT_OF(formats); i++)
        add_item(formats[i], out);
    buffer_add_string(out, ".El\n");
}
