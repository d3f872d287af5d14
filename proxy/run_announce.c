/* run_announce: listeners as the user, the log and other programs are told of them. */
#include "run_announce.h"

#include <inttypes.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/say.h"
#include "command.h"
#include "ready.h"
#include "url.h"

struct listeners {
    struct arena arena;
    struct ready_listener *items;
    size_t count;
};

static void add(struct listeners *listeners, const char *kind, const struct address *address,
                bool tls, struct text upstream)
{
    struct buffer url = { 0 };

    url_write(address, tls, &url);
    listeners->items[listeners->count++] = (struct ready_listener){
        .kind = kind,
        .url = arena_copy(&listeners->arena, buffer_text(&url)),
        .upstream = upstream,
    };
    buffer_free(&url);
}

static void collect(struct listeners *listeners, const struct announcement *announcement)
{
    const struct settings *settings = announcement->settings;

    listeners->items =
        ARENA_ARRAY(&listeners->arena, struct ready_listener, settings->front_count + 1);
    for (size_t i = 0; i < settings->front_count; i++) {
        const struct front *front = &settings->fronts[i];

        add(listeners, front->kind == FRONT_REVERSE ? "reverse" : "forward", &front->address,
            front->tls, front->upstream_url);
    }
    if (announcement->embedded)
        add(listeners, "origin", announcement->embedded, false, (struct text){ 0 });
}

static void log_listeners(const struct listeners *listeners, struct recorder_port *port)
{
    for (size_t i = 0; i < listeners->count; i++) {
        struct event_listen event = {
            .kind = text_from(listeners->items[i].kind),
            .url = listeners->items[i].url,
            .upstream = listeners->items[i].upstream,
        };

        recorder_put(port, EVENT_listen, &event, loop_now());
    }
}

static void tell(const struct listeners *listeners, const struct announcement *announcement)
{
    const struct options *options = announcement->options;
    bool taken = options->child || text_is(options->log, "-");
    struct buffer lines = { 0 };
    ssize_t written;

    if (announcement->fresh_seed)
        buffer_format(&lines, "seed %" PRIu64 "\n", *announcement->fresh_seed);
    ready_tell(listeners->items, listeners->count, &lines);
    written = write(taken ? STDERR_FILENO : STDOUT_FILENO, lines.at, lines.length);
    (void)written; /* who closed it does not want to know */
    buffer_free(&lines);
}

bool run_announce(const struct announcement *announcement)
{
    const struct options *options = announcement->options;
    struct listeners listeners = { 0 };
    bool saved;

    collect(&listeners, announcement);
    log_listeners(&listeners, announcement->port);
    saved = !options->ready_file.at ||
            ready_save(options->ready_file.at, listeners.items, listeners.count);
    if (!saved)
        say_errno("%s", options->ready_file.at);
    else if (!options->quiet)
        tell(&listeners, announcement);
    arena_clear(&listeners.arena);
    return saved;
}
