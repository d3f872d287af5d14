/* certs_files: how a CA lies on disk: whole or not at all, the key readable by its owner only. */
#include "net/certs_private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static void complain_errno(struct buffer *complaint, const char *what, const char *folder,
                           const char *name)
{
    const char *slash = *name ? "/" : "";

    buffer_format(complaint, "%s %s%s%s: %s", what, folder, slash, name, strerror(errno));
}

static bool make_parents(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        bool made = mkdir(path, 0700) == 0 || errno == EEXIST;
        *slash = '/';
        if (!made)
            return false;
    }
    return true;
}

bool certs_folder_make(const char *folder, struct buffer *complaint)
{
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s", folder);

    if (length <= 0 || (size_t)length >= sizeof path) {
        buffer_add_string(complaint, "the CA's folder has no usable name");
        return false;
    }
    if (make_parents(path) && (mkdir(path, 0700) == 0 || errno == EEXIST))
        return true;
    complain_errno(complaint, "cannot make", folder, "");
    return false;
}

int certs_folder_lock(const char *folder, struct buffer *complaint)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    while (fd >= 0 && flock(fd, LOCK_EX) < 0) {
        if (errno == EINTR)
            continue;
        int error = errno;
        close(fd);
        errno = error;
        fd = -1;
    }
    if (fd < 0)
        complain_errno(complaint, "cannot open", folder, "");
    return fd;
}

static bool join(char path[PATH_MAX], const char *folder, const char *name, const char *tail)
{
    int length = snprintf(path, PATH_MAX, "%s/%s%s", folder, name, tail);

    errno = ENAMETOOLONG;
    return length > 0 && length < PATH_MAX;
}

bool certs_file_exists(const char *folder, const char *name)
{
    char path[PATH_MAX];
    struct stat found;

    return join(path, folder, name, "") && (lstat(path, &found) == 0 || errno != ENOENT);
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

static bool sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool done = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    return done;
}

bool certs_file_write(const char *folder, const char *name, unsigned mode, struct text bytes,
                      struct buffer *complaint)
{
    char temporary[PATH_MAX], path[PATH_MAX];
    int fd = -1;
    bool done = false;

    if (join(temporary, folder, name, ".XXXXXX") && join(path, folder, name, ""))
        fd = mkostemp(temporary, O_CLOEXEC);
    if (fd >= 0) {
        done = fchmod(fd, (mode_t)mode) == 0 && write_all(fd, bytes) && fsync(fd) == 0;
        done = close(fd) == 0 && done;
        done = done && rename(temporary, path) == 0;
        if (!done) {
            int error = errno;
            unlink(temporary);
            errno = error;
        }
    }
    done = done && sync_folder(folder);
    if (!done)
        complain_errno(complaint, "cannot write", folder, name);
    return done;
}

static bool is_ours_alone(int fd, const char *folder, const char *name, struct buffer *complaint)
{
    struct stat found;

    if (fstat(fd, &found) < 0) {
        complain_errno(complaint, "cannot read", folder, name);
        return false;
    }
    if (!S_ISREG(found.st_mode)) {
        buffer_format(complaint, "%s/%s is not a file", folder, name);
        return false;
    }
    if (found.st_uid != geteuid()) {
        buffer_format(complaint, "%s/%s belongs to somebody else (user %lu): not used as a CA key",
                      folder, name, (unsigned long)found.st_uid);
        return false;
    }
    if (found.st_mode & (S_IRWXG | S_IRWXO)) {
        buffer_format(complaint,
                      "%s/%s is open to others (mode %04o): `chmod 600 %s/%s` mends it; if anybody "
                      "may have read it, make a new CA",
                      folder, name, found.st_mode & 07777u, folder, name);
        return false;
    }
    return true;
}

FILE *certs_file_read(const char *folder, const char *name, bool secret, struct buffer *complaint)
{
    char path[PATH_MAX];
    int fd = -1;
    FILE *file = NULL;

    /* Not blocking: a FIFO of that name must not hold us up. */
    if (join(path, folder, name, ""))
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        complain_errno(complaint, "cannot read", folder, name);
        return NULL;
    }
    if (secret && !is_ours_alone(fd, folder, name, complaint)) {
        close(fd);
        return NULL;
    }
    file = fdopen(fd, "r");
    if (!file) {
        complain_errno(complaint, "cannot read", folder, name);
        close(fd);
    }
    return file;
}
