/* tls_keylog: secrets written to SSLKEYLOGFILE, so that a capture can be read (NSS key log format).
 */
#include "net/tls_private.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/say.h"

struct tls_keylog {
    int fd;
    atomic_bool failed; /* and said so */
};

struct tls_keylog *tls_keylog_open(void)
{
    const char *path = secure_getenv("SSLKEYLOGFILE");
    struct tls_keylog *keylog = NULL;
    int fd = -1;

    if (!path || !*path)
        return NULL;
    fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) {
        say_errno("no TLS secrets are logged: SSLKEYLOGFILE %s", path);
        return NULL;
    }
    keylog = memory_take(sizeof *keylog);
    keylog->fd = fd;
    return keylog;
}

void tls_keylog_close(struct tls_keylog *keylog)
{
    if (!keylog)
        return;
    close(keylog->fd);
    free(keylog);
}

/* One write a line, at the end of the file: lines of several threads and processes do not mix. */
void tls_keylog_write(struct tls_keylog *keylog, const char *line)
{
    size_t length = strlen(line);
    struct iovec parts[2] = { { (void *)(uintptr_t)line, length },
                              { (void *)(uintptr_t) "\n", 1 } };

    if (writev(keylog->fd, parts, 2) == (ssize_t)(length + 1))
        return;
    if (!atomic_exchange(&keylog->failed, true))
        say_errno("SSLKEYLOGFILE lacks TLS secrets");
}
