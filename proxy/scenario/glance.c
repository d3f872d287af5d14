/* glance: what is literal at the beginning of a pattern. */
#include "scenario/glance.h"

struct glance glance_of(const struct patterns *paths)
{
    static const char ones[] = "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF";
    struct text begin;

    if (paths->count != 1)
        return (struct glance){ 0 };
    begin = paths->items[0];
    begin.length = text_find(begin, '*');
    begin.length = text_find(begin, '?');
    return (struct glance){
        .mask = glance_bytes(text_of(ones, begin.length < 8 ? begin.length : 8)),
        .bytes = glance_bytes(begin),
    };
}
