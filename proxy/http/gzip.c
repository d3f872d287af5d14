/* gzip: zlib's two streams as filters. */
#include "http/gzip.h"

#include <limits.h>
#include <zlib.h>

#include "base/arena.h"

enum { GZIP_WINDOW = 15 + 16, MEMORY_LEVEL = 8, PIECE = 16384 };
/* Unpacked in one turn of the loop, so that a bomb does not keep others waiting. */
enum { TURN_MOST = 1024 * 1024 };
enum { GZIP_MAGIC = 0x1f };

enum phase {
    FRESH,   /* no byte has come */
    MEMBER,  /* within a member */
    BETWEEN, /* behind one; another may follow */
    BEHIND,  /* what comes is no part of it */
};

struct gunzip {
    z_stream zlib;
    enum phase phase;
    bool opened;
    bool later;   /* a member has been unpacked whole */
    bool pending; /* zlib holds output that had no room */
    usec turn;    /* when `made` began to be counted */
    size_t made;
};

/* zlib only fails to begin where memory ends. */
static void must_begin(int result)
{
    if (result != Z_OK)
        memory_exhausted();
}

static bool is_body(const struct chunk *chunk)
{
    return !chunk_is_final(chunk) && chunk->part == PART_BODY;
}

static void begin_member(struct gunzip *gunzip, unsigned char first)
{
    if (gunzip->phase == FRESH) {
        must_begin(inflateInit2(&gunzip->zlib, GZIP_WINDOW));
        gunzip->opened = true;
        gunzip->phase = MEMBER;
    } else if (gunzip->phase == BETWEEN) {
        gunzip->phase = first == GZIP_MAGIC ? MEMBER : BEHIND;
        inflateReset(&gunzip->zlib);
    }
}

/* Packed input may fill the budget by itself, so a block's worth of output needs no room there:
 * without that, neither would ever move. */
static size_t room(struct gunzip *gunzip, struct flow *flow)
{
    size_t room = flow_room(flow);

    if (gunzip->turn != flow->now) {
        gunzip->turn = flow->now;
        gunzip->made = 0;
    }
    if (gunzip->made >= TURN_MOST) {
        flow->wake = flow->now;
        return 0;
    }
    if (room == 0 && flow->out->bytes < PIECE)
        room = PIECE - flow->out->bytes;
    return room < PIECE ? room : PIECE;
}

static void judge(struct gunzip *gunzip, struct flow *flow, int result)
{
    if (result == Z_OK || result == Z_BUF_ERROR)
        return;
    gunzip->pending = false;
    if (result == Z_STREAM_END) {
        gunzip->phase = BETWEEN;
        gunzip->later = true;
    } else if (gunzip->later && gunzip->zlib.total_out == 0) {
        gunzip->phase = BEHIND;
    } else {
        flow_end(flow, CHUNK_CUT);
    }
}

/* Unpacks one piece of `length` bytes at the front, or of what zlib still holds. False: no room. */
static bool unpack(struct gunzip *gunzip, struct flow *flow, unsigned char *start, size_t length)
{
    unsigned char out[PIECE];
    size_t most = room(gunzip, flow), made;
    int result;

    if (most == 0)
        return false;
    gunzip->zlib.next_in = start;
    gunzip->zlib.avail_in = length < UINT_MAX ? (uInt)length : UINT_MAX;
    length = gunzip->zlib.avail_in;
    gunzip->zlib.next_out = out;
    gunzip->zlib.avail_out = (uInt)most;
    result = inflate(&gunzip->zlib, Z_NO_FLUSH);

    made = most - gunzip->zlib.avail_out;
    flow_emit(flow, out, made, PART_BODY);
    queue_drop(flow->in, length - gunzip->zlib.avail_in);
    gunzip->made += made;
    gunzip->pending = gunzip->zlib.avail_out == 0;
    judge(gunzip, flow, result);
    return true;
}

static bool take(struct gunzip *gunzip, struct flow *flow)
{
    struct chunk *front = flow_front(flow);

    if (!is_body(front)) {
        if (gunzip->phase == MEMBER && (front->kind == CHUNK_END || !chunk_is_final(front)) &&
            !(gunzip->later && gunzip->zlib.total_out == 0))
            flow_end(flow, CHUNK_CUT);
        else
            flow_pass(flow);
        return true;
    }
    begin_member(gunzip, front->start[0]);
    if (gunzip->phase != BEHIND)
        return unpack(gunzip, flow, front->start, front->length);
    flow_discard(flow);
    return true;
}

static void pump_gunzip(void *state, const void *params, struct flow *flow)
{
    struct gunzip *gunzip = state;

    (void)params;
    for (;;) {
        if (gunzip->pending) {
            if (!unpack(gunzip, flow, NULL, 0))
                return;
        } else if (!flow_can_move(flow) || !take(gunzip, flow)) {
            return;
        }
    }
}

static void close_gunzip(void *state)
{
    struct gunzip *gunzip = state;

    if (gunzip->opened)
        inflateEnd(&gunzip->zlib);
}

struct gzip {
    z_stream zlib;
    bool opened, finished;
    bool dense; /* packs as well as it can, whatever it takes */
    bool dirty; /* something came that the other side cannot unpack yet */
};

/* Output is not held to the room: it is hardly larger than the input that goes away for it. */
static void pack(struct gzip *gzip, struct flow *flow, const unsigned char *start, size_t length,
                 int flush)
{
    unsigned char out[PIECE];

    gzip->zlib.next_in = (z_const unsigned char *)start;
    gzip->zlib.avail_in = (uInt)length;
    do {
        gzip->zlib.next_out = out;
        gzip->zlib.avail_out = sizeof(out);
        deflate(&gzip->zlib, flush);
        flow_emit(flow, out, sizeof(out) - gzip->zlib.avail_out, PART_BODY);
    } while (gzip->zlib.avail_out == 0);
}

static void take_plain(struct gzip *gzip, struct flow *flow)
{
    const struct chunk *front = flow_front(flow);

    if (!gzip->opened)
        must_begin(deflateInit2(&gzip->zlib, gzip->dense ? Z_BEST_COMPRESSION : Z_BEST_SPEED,
                                Z_DEFLATED, GZIP_WINDOW, MEMORY_LEVEL, Z_DEFAULT_STRATEGY));
    gzip->opened = gzip->dirty = true;
    pack(gzip, flow, front->start, front->length, Z_NO_FLUSH);
    flow_discard(flow);
}

static void take_end(struct gzip *gzip, struct flow *flow)
{
    const struct chunk *front = flow_front(flow);
    bool whole = front->kind == CHUNK_END || !chunk_is_final(front);

    if (gzip->opened && !gzip->finished)
        pack(gzip, flow, NULL, 0, whole ? Z_FINISH : Z_SYNC_FLUSH);
    gzip->finished = true;
    flow_pass(flow);
}

static void pump_gzip(void *state, const void *params, struct flow *flow)
{
    struct gzip *gzip = state;

    (void)params;
    while (flow_can_move(flow)) {
        if (is_body(flow_front(flow)))
            take_plain(gzip, flow);
        else
            take_end(gzip, flow);
    }
    if (gzip->dirty && !gzip->finished)
        pack(gzip, flow, NULL, 0, Z_SYNC_FLUSH);
    gzip->dirty = false;
}

static void pump_dense(void *state, const void *params, struct flow *flow)
{
    ((struct gzip *)state)->dense = true;
    pump_gzip(state, params, flow);
}

static void close_gzip(void *state)
{
    struct gzip *gzip = state;

    if (gzip->opened)
        deflateEnd(&gzip->zlib);
}

const struct filter_ops gunzip_filter = {
    .name = "gunzip",
    .state_size = sizeof(struct gunzip),
    .pump = pump_gunzip,
    .close = close_gunzip,
};

const struct filter_ops gzip_filter = {
    .name = "gzip",
    .state_size = sizeof(struct gzip),
    .pump = pump_gzip,
    .close = close_gzip,
};

const struct filter_ops gzip_dense_filter = {
    .name = "gzip-dense",
    .state_size = sizeof(struct gzip),
    .pump = pump_dense,
    .close = close_gzip,
};
