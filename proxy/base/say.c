/* say: how the program's own lines reach stderr whole. */
#include "base/say.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"

static void say_line(const char *format, va_list values, const char *reason)
{
    struct buffer line = { 0 };
    ssize_t written;

    buffer_add_string(&line, "panne: ");
    buffer_format_list(&line, format, values);
    if (reason) {
        buffer_add_string(&line, ": ");
        buffer_add_string(&line, reason);
    }
    buffer_mask_controls(&line);
    buffer_add_byte(&line, '\n');
    do
        written = write(STDERR_FILENO, line.at, line.length);
    while (written < 0 && errno == EINTR);
    buffer_free(&line);
}

void say(const char *format, ...)
{
    int error = errno;
    va_list values;

    va_start(values, format);
    say_line(format, values, NULL);
    va_end(values);
    errno = error;
}

void say_errno(const char *format, ...)
{
    int error = errno;
    va_list values;

    va_start(values, format);
    say_line(format, values, strerror(error));
    va_end(values);
    errno = error;
}
