/* ready: listeners as a file and as lines. */
#include "ready.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void ready_write(const struct ready_listener *listeners, size_t count, struct buffer *out)
{
    buffer_format(out, "{\"pid\":%ld,\"listeners\":[", (long)getpid());
    for (size_t i = 0; i < count; i++) {
        buffer_format(out, "%s{\"kind\":\"%s\",\"url\":", i > 0 ? "," : "", listeners[i].kind);
        buffer_add_json(out, listeners[i].url);
        if (!text_is_empty(listeners[i].upstream)) {
            buffer_add_string(out, ",\"upstream\":");
            buffer_add_json(out, listeners[i].upstream);
        }
        buffer_add_byte(out, '}');
    }
    buffer_add_string(out, "]}\n");
}

void ready_tell(const struct ready_listener *listeners, size_t count, struct buffer *out)
{
    for (size_t i = 0; i < count; i++) {
        const struct ready_listener *listener = &listeners[i];

        buffer_format(out, "listening on %.*s (%s", (int)listener->url.length, listener->url.at,
                      listener->kind);
        if (!text_is_empty(listener->upstream))
            buffer_format(out, ", to %.*s", (int)listener->upstream.length, listener->upstream.at);
        buffer_add_string(out, ")\n");
    }
    buffer_add_string(out, "ready\n");
}

static bool write_file(const char *path, struct text text)
{
    FILE *file = fopen(path, "we");
    bool whole;

    if (!file)
        return false;
    whole = fwrite(text.at, 1, text.length, file) == text.length;
    return (fclose(file) == 0) && whole;
}

bool ready_save(const char *path, const struct ready_listener *listeners, size_t count)
{
    struct buffer text = { 0 }, temporary = { 0 };
    bool saved;
    int error;

    ready_write(listeners, count, &text);
    buffer_format(&temporary, "%s.%ld", path, (long)getpid());
    saved = write_file(temporary.at, buffer_text(&text)) && rename(temporary.at, path) == 0;
    error = errno;
    if (!saved)
        unlink(temporary.at);
    buffer_free(&text);
    buffer_free(&temporary);
    errno = error;
    return saved;
}
