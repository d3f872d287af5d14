/* log_file: writing it all or counting what is missing; cut lines; rotation; the sync at the end.
 */
#include "observe/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/say.h"

struct log_file {
    char *path;
    int fd; /* -1: closed */
    bool stdout_lent, said;
    struct buffer rest; /* of a line that was cut */
    atomic_uint_least64_t written, failed;
};

static int open_log(const char *path, int mode)
{
    int fd;

    do
        fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | mode, 0600);
    while (fd < 0 && errno == EINTR);
    return fd;
}

struct log_file *log_file_open(const char *path, struct buffer *complaint)
{
    bool is_stdout = strcmp(path, "-") == 0;
    int fd = is_stdout ? STDOUT_FILENO : open_log(path, O_TRUNC);
    struct log_file *file;

    if (fd < 0 || fcntl(fd, F_GETFD) < 0) {
        buffer_format(complaint, "the log %s cannot be opened: %s", is_stdout ? "on stdout" : path,
                      strerror(errno));
        return NULL;
    }
    file = memory_take(sizeof *file);
    file->path = memory_string(text_from(path));
    file->fd = fd;
    file->stdout_lent = is_stdout;
    atomic_init(&file->written, 0);
    atomic_init(&file->failed, 0);
    return file;
}

void log_file_free(struct log_file *file)
{
    if (!file)
        return;
    if (file->fd >= 0 && !file->stdout_lent)
        close(file->fd);
    buffer_free(&file->rest);
    free(file->path);
    free(file);
}

static void add(atomic_uint_least64_t *counter, size_t count)
{
    atomic_fetch_add_explicit(counter, count, memory_order_relaxed);
}

static void complain_once(struct log_file *file, const char *what)
{
    if (!file->said)
        say_errno("the log %s %s", file->stdout_lent ? "on stdout" : file->path, what);
    file->said = true;
}

/* True if it is worth trying again at once. */
static bool may_go_on(int fd)
{
    struct pollfd ready = { .fd = fd, .events = POLLOUT };

    if (errno == EINTR)
        return true;
    /* Somebody who shares the descriptor has made it non-blocking. */
    return errno == EAGAIN && (poll(&ready, 1, -1) > 0 || errno == EINTR);
}

/* How many bytes of `bytes` were written. */
static size_t write_out(struct log_file *file, struct text bytes)
{
    size_t done = 0;

    while (done < bytes.length) {
        ssize_t written = write(file->fd, bytes.at + done, bytes.length - done);

        if (written > 0) {
            done += (size_t)written;
            continue;
        }
        if (written == 0)
            errno = EIO;
        if (may_go_on(file->fd))
            continue;
        complain_once(file, "cannot be written; lines are missing");
        break;
    }
    return done;
}

/* False: the line is still cut. */
static bool complete_cut_line(struct log_file *file)
{
    struct text rest = buffer_text(&file->rest);
    size_t done;

    if (text_is_empty(rest))
        return true;
    done = write_out(file, rest);
    if (done < rest.length) {
        file->rest.length -= done;
        memmove(file->rest.at, file->rest.at + done, file->rest.length);
        return false;
    }
    buffer_clear(&file->rest);
    add(&file->written, 1);
    return true;
}

static size_t count_lines(struct text text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.length; i++)
        count += text.at[i] == '\n';
    return count;
}

void log_file_put(struct log_file *file, struct text lines, size_t count)
{
    size_t done, whole;
    struct text left;
    bool cut;

    if (!complete_cut_line(file)) {
        add(&file->failed, count);
        return;
    }
    done = write_out(file, lines);
    if (done == lines.length) {
        add(&file->written, count);
        return;
    }
    whole = count_lines(text_of(lines.at, done));
    cut = done > 0 && lines.at[done - 1] != '\n';
    left = text_from_offset(lines, done);
    if (cut)
        buffer_add(&file->rest, left.at, text_find(left, '\n') + 1);
    add(&file->written, whole);
    add(&file->failed, count - whole - cut);
}

/* A file's own buffers may hide a full disk until they are synced. */
static void sync_out(struct log_file *file)
{
    struct stat status;

    if (fstat(file->fd, &status) != 0 || !S_ISREG(status.st_mode))
        return;
    if (fsync(file->fd) != 0 && errno != EINVAL && errno != EROFS) {
        complain_once(file, "cannot be synced; lines may be missing");
        add(&file->failed, 1);
    }
}

void log_file_close(struct log_file *file)
{
    if (file->fd < 0)
        return;
    if (!complete_cut_line(file)) {
        add(&file->failed, 1);
        buffer_clear(&file->rest);
    }
    sync_out(file);
    if (!file->stdout_lent && close(file->fd) != 0 && errno != EINTR) {
        complain_once(file, "cannot be closed; lines may be missing");
        add(&file->failed, 1);
    }
    file->fd = -1;
}

void log_file_reopen(struct log_file *file)
{
    int fd;

    if (file->stdout_lent || file->fd < 0)
        return;
    fd = open_log(file->path, 0);
    if (fd < 0) {
        say_errno("the log %s cannot be opened anew and goes on where it was", file->path);
        return;
    }
    log_file_close(file);
    file->fd = fd;
}

uint64_t log_file_written(const struct log_file *file)
{
    return atomic_load_explicit(&file->written, memory_order_relaxed);
}

uint64_t log_file_failed(const struct log_file *file)
{
    return atomic_load_explicit(&file->failed, memory_order_relaxed);
}
