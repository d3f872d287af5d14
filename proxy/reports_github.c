/* reports_github: the variables by which a runner says what it takes. */
#include "reports_github.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/say.h"
#include "report/report.h"

/* More in all, and a runner shows none of it. */
#define SUMMARY_MOST ((off_t)1 << 20)

static bool is_on(void)
{
    const char *value = getenv("GITHUB_ACTIONS");

    return value && strcmp(value, "true") == 0;
}

static const char *summary_path(void)
{
    const char *path = is_on() ? getenv("GITHUB_STEP_SUMMARY") : NULL;

    return path && *path ? path : NULL;
}

bool reports_github_is_summary(const char *path)
{
    const char *summary = summary_path();

    return summary && strcmp(path, summary) == 0;
}

static void write_as(const char *format, const struct judgment *judgment, struct buffer *out)
{
    const struct report_options options = { 0 };

    report_find(text_from(format))->write(judgment, &options, out);
}

void reports_github_annotate(const struct judgment *judgment)
{
    struct buffer out = { 0 };

    if (!is_on())
        return;
    write_as("github", judgment, &out);
    fwrite(out.at, 1, out.length, stderr);
    buffer_free(&out);
}

/* In one write: steps of other programs add to the same file. */
static bool add_to(int fd, struct text text)
{
    struct stat stat;

    if (fstat(fd, &stat) == 0 && stat.st_size + (off_t)text.length > SUMMARY_MOST) {
        errno = EFBIG;
        return false;
    }
    return write(fd, text.at, text.length) == (ssize_t)text.length;
}

void reports_github_sum_up(const struct judgment *judgment)
{
    const char *path = summary_path();
    struct buffer out = { 0 };
    int fd;

    if (!path)
        return;
    write_as("markdown", judgment, &out);
    fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd < 0 || !add_to(fd, buffer_text(&out)))
        say("the summary of the step is not written: %s: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    buffer_free(&out);
}
