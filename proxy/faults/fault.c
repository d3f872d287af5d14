/* fault: the catalogue, from its table. */
#include "faults/fault.h"

#define FAULT(name) extern const struct fault_kind fault_##name;
#include "faults/table.h"
#undef FAULT

static const struct fault_kind *const kinds[] = {
#define FAULT(name) &fault_##name,
#include "faults/table.h"
#undef FAULT
};

unsigned fault_stands(const struct fault_kind *kind, const void *params)
{
    return kind->stands ? kind->stands(params) : kind->stands_on;
}

unsigned fault_needs(const struct fault_kind *kind, const void *params)
{
    return kind->needs_of ? kind->needs_of(params) : kind->needs;
}

const struct fault_kind *fault_find(struct text name)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (text_is(name, kinds[i]->name))
            return kinds[i];
    return NULL;
}

const struct fault_kind *fault_at(size_t index)
{
    return index < COUNT_OF(kinds) ? kinds[index] : NULL;
}

const char *fault_name_at(const void *list, size_t index)
{
    (void)list;
    return index < COUNT_OF(kinds) ? kinds[index]->name : NULL;
}
