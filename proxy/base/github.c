/* github: which signs a runner splits its commands at. */
#include "base/github.h"

#include <string.h>

static void add_escaped(struct buffer *out, struct text text, const char *signs)
{
    for (size_t i = 0; i < text.length; i++) {
        char byte = text.at[i];

        if (byte && strchr(signs, byte))
            buffer_format(out, "%%%02X", (unsigned)(unsigned char)byte);
        else
            buffer_add_byte(out, byte);
    }
}

void github_add_data(struct buffer *out, struct text text)
{
    add_escaped(out, text, "%\r\n");
}

void github_add_property(struct buffer *out, struct text text)
{
    add_escaped(out, text, "%\r\n:,");
}
