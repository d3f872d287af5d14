/* report: the table of formats. */
#include "report/report.h"

#include "base/attributes.h"

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
