/* folder: files that other programs are pointed to, in a place of their own. */
#include "folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"

#define FILE_MOST ((size_t)64 << 20)
#define READ_AT_ONCE 65536

/* What was made, in the order of making; a folder comes before what is in it. */
struct made {
    struct made *earlier;
    char *path;
};

struct folder {
    char *path;
    struct made *made;
    bool temporary;
};

static void complain(struct buffer *complaint, const char *what, const char *path)
{
    buffer_format(complaint, "cannot %s %s: %s", what, path, strerror(errno));
}

static const char *remember(struct folder *folder, const char *path)
{
    struct made *made = NULL;

    for (made = folder->made; made; made = made->earlier)
        if (strcmp(made->path, path) == 0)
            return made->path;
    made = memory_take(sizeof *made);
    made->path = memory_string(text_from(path));
    made->earlier = folder->made;
    folder->made = made;
    return made->path;
}

static bool make_named(const char *path)
{
    char partial[PATH_MAX];
    int length = snprintf(partial, sizeof partial, "%s", path);

    errno = ENAMETOOLONG;
    if (length <= 0 || (size_t)length >= sizeof partial)
        return false;
    for (char *slash = strchr(partial + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        bool there = mkdir(partial, 0700) == 0 || errno == EEXIST;
        *slash = '/';
        if (!there)
            return false;
    }
    return mkdir(path, 0700) == 0 || errno == EEXIST;
}

static bool make_temporary(char path[PATH_MAX])
{
    const char *top = getenv("TMPDIR");
    int length = snprintf(path, PATH_MAX, "%s/panne-XXXXXX", top && *top ? top : "/tmp");

    errno = ENAMETOOLONG;
    return length > 0 && length < PATH_MAX && mkdtemp(path);
}

struct folder *folder_new(const char *path, struct buffer *complaint)
{
    char made[PATH_MAX] = "";
    struct folder *folder = NULL;
    char *real = NULL;

    if (path ? !make_named(path) : !make_temporary(made)) {
        complain(complaint, "make", path ? path : "a private folder for the CA's files");
        return NULL;
    }
    /* COMMAND may go elsewhere before it reads what we name. */
    real = realpath(path ? path : made, NULL);
    if (!real) {
        complain(complaint, "find", path ? path : made);
        return NULL;
    }
    folder = memory_take(sizeof *folder);
    folder->path = real;
    folder->temporary = !path;
    return folder;
}

void folder_free(struct folder *folder)
{
    if (!folder)
        return;
    for (struct made *made = folder->made, *earlier = NULL; made; made = earlier) {
        earlier = made->earlier;
        if (folder->temporary)
            (void)remove(made->path);
        free(made->path);
        free(made);
    }
    if (folder->temporary)
        (void)rmdir(folder->path);
    free(folder->path);
    free(folder);
}

const char *folder_path(const struct folder *folder)
{
    return folder->path;
}

bool folder_holds(const struct folder *folder, const char *path)
{
    size_t length = strlen(folder->path);

    return strncmp(path, folder->path, length) == 0 && path[length] == '/';
}

static bool write_all(int fd, struct text bytes)
{
    while (bytes.length > 0) {
        ssize_t written = write(fd, bytes.at, bytes.length);

        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0)
            bytes = text_from_offset(bytes, (size_t)written);
    }
    return true;
}

/* Renamed into place: another program may be reading the one before. */
static bool replace(const char *path, struct text bytes)
{
    char temporary[PATH_MAX];
    int length = snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);
    int fd = -1;
    bool done = false;

    errno = ENAMETOOLONG;
    if (length > 0 && (size_t)length < sizeof temporary)
        fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return false;
    done = write_all(fd, bytes);
    done = close(fd) == 0 && done;
    done = done && rename(temporary, path) == 0;
    if (!done) {
        int error = errno;
        (void)unlink(temporary);
        errno = error;
    }
    return done;
}

const char *folder_write(struct folder *folder, const char *name, struct text bytes,
                         struct buffer *complaint)
{
    struct buffer path = { 0 };
    const char *slash = strchr(name, '/');
    const char *written = NULL;
    bool done = true;

    if (slash) {
        buffer_format(&path, "%s/%.*s", folder->path, (int)(slash - name), name);
        done = mkdir(path.at, 0700) == 0 || errno == EEXIST;
        if (done)
            (void)remember(folder, path.at);
        buffer_clear(&path);
    }
    buffer_format(&path, "%s/%s", folder->path, name);
    if (done && replace(path.at, bytes))
        written = remember(folder, path.at);
    else
        complain(complaint, "write", path.at);
    buffer_free(&path);
    return written;
}

static bool read_all(int fd, struct buffer *bytes)
{
    char some[READ_AT_ONCE];
    size_t total = 0;
    ssize_t got = 0;

    do {
        got = read(fd, some, sizeof some);
        if (got > 0) {
            buffer_add(bytes, some, (size_t)got);
            total += (size_t)got;
        }
    } while (total <= FILE_MOST && (got > 0 || (got < 0 && errno == EINTR)));
    if (total > FILE_MOST)
        errno = EFBIG;
    return got == 0;
}

bool file_read(const char *path, struct buffer *bytes)
{
    struct stat found;
    /* Not blocking: a FIFO must not hold us up. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool done = false;
    int error = 0;

    if (fd < 0)
        return false;
    if (fstat(fd, &found) == 0) {
        errno = S_ISDIR(found.st_mode) ? EISDIR : EINVAL;
        done = S_ISREG(found.st_mode) && read_all(fd, bytes);
    }
    error = errno;
    close(fd);
    errno = error;
    return done;
}
