/* display: choosing between picture, lines and silence. */
#include "display.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "command.h"

struct display {
    struct live *live; /* NULL: no picture */
    bool quiet;
    struct buffer out;
};

static bool wants_picture(const struct options *options)
{
    if (options->quiet || options->live == WHEN_NEVER)
        return false;
    /* COMMAND's lines and ours would write over each other. */
    return options->live == WHEN_ALWAYS || (isatty(STDERR_FILENO) && !options->child);
}

struct display *display_new(const struct options *options)
{
    struct display *display = memory_take(sizeof *display);

    display->quiet = options->quiet;
    if (wants_picture(options))
        display->live = live_new(command_columns(STDERR_FILENO),
                                 command_has_color(options, STDERR_FILENO), command_has_unicode());
    return display;
}

void display_free(struct display *display)
{
    if (!display)
        return;
    live_free(display->live);
    buffer_free(&display->out);
    free(display);
}

bool display_is_live(const struct display *display)
{
    return display->live != NULL;
}

/* Nobody is there to hear that stderr is gone. */
static void flush(struct display *display)
{
    ssize_t written = write(STDERR_FILENO, display->out.at, display->out.length);

    (void)written;
    buffer_clear(&display->out);
}

void display_draw(struct display *display, const struct live_state *state,
                  const struct tally_totals *totals, usec now)
{
    if (!display->live)
        return;
    live_resize(display->live, command_columns(STDERR_FILENO));
    live_draw(display->live, state, totals, now, &display->out);
    flush(display);
}

void display_tell(struct display *display, const struct live_state *state,
                  const struct tally_totals *totals)
{
    if (display->quiet || display->live)
        return;
    live_phase_line(state, totals, &display->out);
    flush(display);
}

void display_slip(struct display *display)
{
    if (display->live)
        live_slip(display->live);
}

void display_erase(struct display *display)
{
    if (!display->live)
        return;
    live_erase(display->live, &display->out);
    flush(display);
}
