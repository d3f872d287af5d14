/* command_origin: the embedded origin on its own, until a signal ends it. */
#include "command.h"

#include <signal.h>

#include "base/say.h"
#include "net/loop.h"
#include "origin/embedded.h"
#include "ready.h"
#include "url.h"

static void on_signal(void *user, int signo)
{
    (void)signo;
    loop_stop(user);
}

/* The line with the address, the file, `ready`: in that order, so that whoever reads either can
 * connect. */
static int tell(const struct options *options, const struct address *address)
{
    struct buffer url = { 0 }, out = { 0 };
    struct ready_listener listener = { .kind = "origin" };
    int status = EXIT_PASSED;

    url_write(address, false, &url);
    listener.url = buffer_text(&url);
    if (!options->quiet) {
        ready_tell(&listener, 1, &out);
        status = command_print(&out);
    }
    if (options->ready_file.at && !ready_save(options->ready_file.at, &listener, 1)) {
        say_errno("%s cannot be written", options->ready_file.at);
        status = EXIT_BROKEN;
    }
    buffer_free(&out);
    buffer_free(&url);
    return status;
}

static int serve(const struct options *options, struct address *address)
{
    struct loop *loop = loop_new_main();
    struct buffer complaint = { 0 };
    struct embedded *embedded = NULL;
    int status = EXIT_BROKEN;

    if (!loop) {
        say_errno("there can be no event loop");
        return EXIT_BROKEN;
    }
    loop_on_signal(loop, SIGINT, on_signal, loop);
    loop_on_signal(loop, SIGTERM, on_signal, loop);
    embedded = embedded_new(loop, address, &complaint);
    if (embedded)
        status = tell(options, address);
    else
        say("%s", complaint.at);
    if (status == EXIT_PASSED)
        loop_run(loop);
    embedded_free(embedded);
    loop_free(loop);
    buffer_free(&complaint);
    return status;
}

int command_origin(const struct options *options)
{
    static const struct text usual = TEXT("http://127.0.0.1:0");
    struct text url = options->listens.count > 0 ? options->listens.items[0] : usual;
    struct buffer complaint = { 0 };
    struct address address;
    bool tls = false;

    if (options->listens.count > 1)
        buffer_add_string(&complaint, "origin listens in one place only");
    else if (url_listen(url, &address, &tls, &complaint) && tls)
        buffer_add_string(&complaint, "origin speaks no TLS; `panne run calm --listen "
                                      "https://127.0.0.1:8443 --upstream embedded` does");
    if (complaint.length > 0) {
        say("%s", complaint.at);
        buffer_free(&complaint);
        return EXIT_USAGE;
    }
    return serve(options, &address);
}
