/* live: what the display says; how it is put on the terminal is in live_frame. */
#include "observe/live.h"

#include <stdlib.h>

#include "base/arena.h"
#include "observe/columns.h"
#include "observe/live_frame.h"

enum {
    LEAST_COLUMNS = 20,
    MOST_COLUMNS = 200,
    SAMPLES = 16,
    GAP = 2,
    LEAST_TITLE = 8,
};

/* Rates are those of the last two seconds or so. */
#define RATE_WINDOW (2 * SECOND)
#define SAMPLE_EVERY (RATE_WINDOW / (SAMPLES - 2))

struct sample {
    usec time;
    uint64_t requests;
};

struct live {
    struct frame frame;
    struct sample samples[SAMPLES]; /* the oldest first */
    size_t sample_count;
};

/* The last column stays free: terminals differ in what they do there. */
static size_t usable_width(unsigned columns)
{
    unsigned width = columns < LEAST_COLUMNS ? LEAST_COLUMNS : columns;

    return (width > MOST_COLUMNS ? MOST_COLUMNS : width) - 1;
}

struct live *live_new(unsigned columns, bool color, bool unicode)
{
    struct live *live = memory_take(sizeof *live);

    live->frame.width = usable_width(columns);
    live->frame.color = color;
    live->frame.unicode = unicode;
    return live;
}

void live_free(struct live *live)
{
    free(live);
}

static double measure_rate(struct live *live, uint64_t requests, usec now)
{
    struct sample *samples = live->samples, *oldest = samples;
    size_t last = live->sample_count - 1;

    if (live->sample_count == 0 || now - samples[last].time >= SAMPLE_EVERY) {
        if (live->sample_count == SAMPLES) {
            memmove(samples, samples + 1, (SAMPLES - 1) * sizeof *samples);
            live->sample_count--;
        }
        samples[live->sample_count++] = (struct sample){ now, requests };
    }
    while (oldest < samples + live->sample_count - 1 && now - oldest->time > RATE_WINDOW)
        oldest++;
    if (now <= oldest->time || requests < oldest->requests)
        return 0;
    return (double)(requests - oldest->requests) * (double)SECOND / (double)(now - oldest->time);
}

/* `3:07`, `1:02:03`; rounded up, so that 0:00 means over. */
static void add_clock(struct buffer *out, usec length)
{
    long long seconds = (long long)(usec_max(length, 0) + SECOND - 1) / SECOND;

    if (seconds >= 3600)
        buffer_format(out, "%lld:%02lld:%02lld", seconds / 3600, seconds / 60 % 60, seconds % 60);
    else
        buffer_format(out, "%lld:%02lld", seconds / 60, seconds % 60);
}

static const char *name_condition(const struct live_state *state)
{
    if (state->draining)
        return "draining";
    if (state->over)
        return "timeline over";
    if (state->waiting)
        return "waiting for the first match";
    return NULL;
}

/* How much of the timeline is left, or how long it has gone on where it has no end. */
static void add_time(struct buffer *out, const struct live_state *state)
{
    bool endless = state->lasts == NEVER;
    const char *condition = name_condition(state);

    if (condition) {
        buffer_add_string(out, condition);
        return;
    }
    add_clock(out, endless ? state->elapsed : state->lasts - state->elapsed);
    buffer_add_string(out, endless ? ", until stopped" : " left");
}

/* `verbosity 2/4 0:12`, the last being what is left of it. */
static void add_phase(struct buffer *out, const struct live_state *state)
{
    if (text_is_empty(state->phase))
        return;
    buffer_add_text(out, state->phase);
    if (state->phase_count > 1)
        buffer_format(out, " %zu/%zu", state->phase_index + 1, state->phase_count);
    if (name_condition(state) || state->phase_lasts == NEVER || state->phase_count < 2)
        return;
    buffer_add_byte(out, ' ');
    add_clock(out, state->phase_lasts - state->phase_elapsed);
}

static void draw_title(struct live *live, const struct live_state *state)
{
    struct frame *frame = &live->frame;
    struct buffer right = { 0 }, phase = { 0 };
    size_t room, wanted;

    add_time(&right, state);
    add_phase(&phase, state);
    frame_begin_line(frame);
    room = frame->width > right.length + GAP ? frame->width - right.length - GAP : 0;
    wanted = columns_of(buffer_text(&phase)) + GAP;
    /* The phase says more than the title; a title of a few letters says nothing. */
    if (room >= wanted + LEAST_TITLE)
        room -= frame_add(frame, PAINT_STRONG, state->title, room - wanted);
    if (frame->column > 0)
        room -= frame_add(frame, PAINT_PLAIN, text_from("  "), GAP);
    frame_add(frame, PAINT_PHASE, buffer_text(&phase), room);
    frame_align_right(frame, right.length);
    frame_add(frame, PAINT_STRONG, buffer_text(&right), right.length);
    frame_end_line(frame);
    buffer_free(&phase);
    buffer_free(&right);
}

struct number {
    const char *name;
    uint64_t count;
    enum paint paint; /* if it is not 0 */
    bool only_if_any;
};

/* `name 1,234`, or false if there is no room for it. */
static bool draw_number(struct frame *frame, const struct number *number)
{
    struct buffer text = { 0 };
    bool fits;

    buffer_format(&text, "%s ", number->name);
    columns_add_count(&text, number->count);
    fits =
        frame_add_whole(frame, number->count > 0 ? number->paint : PAINT_DIM, buffer_text(&text));
    buffer_free(&text);
    return fits;
}

/* What matters most comes first; what does not fit is left out. */
static void draw_counts(struct live *live, const struct tally_totals *totals, double rate)
{
    const struct number numbers[] = {
        { "faults", totals->exercised, PAINT_FAULT, false },
        { "trouble", totals->troubles + totals->refused, PAINT_BAD, true },
        { "ok", totals->by_class[1] + totals->by_class[2] + totals->by_class[3], PAINT_GOOD,
          false },
        { "5xx", totals->by_class[5], PAINT_BAD, false },
        { "4xx", totals->by_class[4], PAINT_WARN, true },
        { "none", totals->by_class[0], PAINT_FAULT, true },
        { "open", totals->open, PAINT_PLAIN, false },
    };
    struct frame *frame = &live->frame;
    struct buffer text = { 0 };

    frame_begin_line(frame);
    columns_add_count(&text, totals->requests);
    buffer_format(&text, " req %.*f/s", rate < 10 ? 1 : 0, rate);
    frame_add_whole(frame, PAINT_PLAIN, buffer_text(&text));
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        if (numbers[i].count == 0 && numbers[i].only_if_any)
            continue;
        if (!draw_number(frame, &numbers[i]))
            break;
    }
    frame_end_line(frame);
    buffer_free(&text);
}

static void draw_bar(struct live *live, const struct live_state *state)
{
    struct frame_bar bar = {
        .elapsed = usec_min(state->elapsed, state->lasts),
        .lasts = state->lasts,
        .starts = state->phase_starts,
        .count = state->phase_count,
    };
    usec here[2];

    if (state->lasts == NEVER || state->lasts <= 0)
        return;
    if (!bar.starts) {
        /* The phase that is on is known at least. */
        here[0] = state->elapsed - state->phase_elapsed;
        here[1] = usec_after(here[0], state->phase_lasts);
        bar.starts = here;
        bar.count = COUNT_OF(here);
    }
    frame_begin_line(&live->frame);
    frame_add_bar(&live->frame, &bar);
    frame_end_line(&live->frame);
}

void live_draw(struct live *live, const struct live_state *state, const struct tally_totals *totals,
               usec now, struct buffer *out)
{
    double rate = measure_rate(live, totals->requests, now);

    frame_begin(&live->frame, out);
    draw_title(live, state);
    draw_bar(live, state);
    draw_counts(live, totals, rate);
    if (!text_is_empty(state->command)) {
        frame_begin_line(&live->frame);
        frame_add(&live->frame, PAINT_DIM, state->command, live->frame.width);
        frame_end_line(&live->frame);
    }
    frame_end(&live->frame);
}

void live_resize(struct live *live, unsigned columns)
{
    size_t width = usable_width(columns);

    if (width != live->frame.width)
        frame_resize(&live->frame, width);
}

void live_slip(struct live *live)
{
    frame_slip(&live->frame);
}

void live_erase(struct live *live, struct buffer *out)
{
    frame_erase(&live->frame, out);
}

void live_phase_line(const struct live_state *state, const struct tally_totals *totals,
                     struct buffer *out)
{
    const char *condition = name_condition(state);

    if (condition) {
        buffer_add_string(out, condition);
    } else {
        buffer_format(out, "phase %zu/%zu ", state->phase_index + 1, state->phase_count);
        columns_add(out, state->phase, 60, true);
        if (state->phase_lasts != NEVER) {
            buffer_add_string(out, " for ");
            buffer_add_duration(out, state->phase_lasts);
        }
    }
    buffer_add_string(out, ": ");
    columns_add_count(out, totals->requests);
    buffer_add_string(out, totals->requests == 1 ? " request, " : " requests, ");
    columns_add_count(out, totals->exercised);
    buffer_add_string(out, totals->exercised == 1 ? " fault so far\n" : " faults so far\n");
}
