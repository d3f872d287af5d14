/* serve_world: see serve_world.h. */
#include "serve_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/dial.h"
#include "net_party.h"
#include "scenario_text.h"
#include "serve/clients.h"
#include "serve/kept.h"
#include "serve/session.h"

#define PATIENCE (2 * SECOND)

struct peer {
    struct list node;
    struct world_spare *spare;
    struct watch watch;
    int fd;
    struct buffer heard;
};

static void peer_free(struct peer *peer)
{
    watch_stop(&peer->watch);
    close(peer->fd);
    buffer_free(&peer->heard);
    list_remove(&peer->node);
    free(peer);
}

static void peer_hears(void *user, unsigned events)
{
    struct peer *peer = user;
    struct world_spare *spare = peer->spare;
    char bytes[4096];
    ssize_t got = recv(peer->fd, bytes, sizeof bytes, 0);

    (void)events;
    if (got <= 0) {
        peer_free(peer);
        return;
    }
    buffer_add(&spare->heard, bytes, (size_t)got);
    buffer_add(&peer->heard, bytes, (size_t)got);
    if (spare->echoes) {
        (void)send(peer->fd, bytes, (size_t)got, MSG_NOSIGNAL);
        return;
    }
    if (!spare->answer || !strstr(peer->heard.at, "\r\n\r\n"))
        return;
    (void)send(peer->fd, spare->answer, strlen(spare->answer), MSG_NOSIGNAL);
    peer_free(peer);
}

static void spare_accepts(void *user, unsigned events)
{
    struct world_spare *spare = user;
    struct peer *peer = calloc(1, sizeof *peer);

    (void)events;
    peer->spare = spare;
    peer->fd = party_accept(spare->listener);
    list_insert(&spare->peers, &peer->node);
    spare->accepted++;
    watch_start(&peer->watch, spare->loop, peer->fd, WATCH_READ, peer_hears, peer);
}

static void spare_open(struct world_spare *spare, struct loop *loop)
{
    spare->loop = loop;
    list_init(&spare->peers);
    spare->listener = party_listen("127.0.0.1", &spare->port, 64);
    spare->answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nspare";
    buffer_add_string(&spare->heard, "");
    watch_start(&spare->accepting, loop, spare->listener, WATCH_READ, spare_accepts, spare);
}

static void spare_close(struct world_spare *spare)
{
    LIST_EACH (&spare->peers)
        peer_free(CONTAINER_OF(node, struct peer, node));
    watch_stop(&spare->accepting);
    close(spare->listener);
    buffer_free(&spare->heard);
}

static void set_settings(struct serve_world *world)
{
    struct front *reverse = &world->fronts[WORLD_REVERSE];

    world->settings = (struct settings){
        .fronts = world->fronts,
        .front_count = WORLD_FRONTS,
        .max_connections = 1000,
        .header_timeout = 10 * SECOND,
        .idle_timeout = 10 * SECOND,
        .connect_timeout = 10 * SECOND,
        .origin_timeout = 10 * SECOND,
        .drain_timeout = 10 * SECOND,
        .head_limits = { .head_size = 32768, .field_count = 100 },
        .workers = 1,
    };
    reverse->upstream =
        (struct endpoint){ .host = text_from("127.0.0.1"), .port = world->spare.port };
    (void)snprintf(world->host, sizeof world->host, "127.0.0.1:%u", world->spare.port);
    reverse->upstream_authority = text_from(world->host);
    world->fronts[WORLD_FORWARD].kind = FRONT_FORWARD;
}

void world_renew(struct serve_world *world, const char *phases)
{
    static const struct timeline_options whole = { .speed = 1, .until = NEVER };
    struct scenario *scenario = scenario_with_phases(phases ? phases : "  - name: calm\n");
    struct buffer complaint = { 0 };
    struct timeline timeline;

    assert_true(timeline_lay(&timeline, scenario, &whole, &complaint));
    run_renew(&world->run, generation_new(scenario, &timeline, 1));
}

static void open_world(struct serve_world *world, const char *phases)
{
    struct recorder_options options = { .log = world->log[0] ? world->log : NULL,
                                        .start = loop_now() };
    struct buffer complaint = { 0 };
    int descriptors[WORLD_FRONTS];

    world->loop = loop_new();
    spare_open(&world->spare, world->loop);
    set_settings(world);
    for (size_t i = 0; i < WORLD_FRONTS; i++) {
        assert_true(address_parse(text_from("127.0.0.1"), 0, &world->fronts[i].address));
        descriptors[i] = listener_bind(&world->fronts[i].address, false);
        assert_true(descriptors[i] >= 0);
    }
    world->run.settings = &world->settings;
    world->run.recorder = recorder_new(&options, &complaint);
    assert_non_null(world->run.recorder);
    world->run.clients = clients_new();
    world->run.kept = kept_new(KEPT_ENTRIES, KEPT_BYTES);
    world->run.stretch_held = -1;
    world_renew(world, phases);
    world->worker = worker_new(&world->run, world->loop, 0, descriptors);
}

void world_open(struct serve_world *world, const char *phases)
{
    *world = (struct serve_world){ 0 };
    open_world(world, phases);
}

void world_open_logged(struct serve_world *world, const char *phases)
{
    *world = (struct serve_world){ .log = "/tmp/panne-log-XXXXXX" };
    close(mkstemp(world->log));
    open_world(world, phases);
}

static void stop_worker(struct serve_world *world)
{
    if (!world->worker)
        return;
    worker_free(world->worker);
    world->worker = NULL;
    assert_int_equal(world->run.connections, 0);
    assert_int_equal(world_totals(world).open, 0);
    world_forget(world);
}

char *world_read_log(struct serve_world *world)
{
    struct buffer text = { 0 };
    char bytes[4096];
    size_t got;
    FILE *file;

    stop_worker(world);
    assert_int_equal(recorder_finish(world->run.recorder, NULL, loop_now()).lost, 0);
    file = fopen(world->log, "r");
    assert_non_null(file);
    while ((got = fread(bytes, 1, sizeof bytes, file)) > 0)
        buffer_add(&text, bytes, got);
    fclose(file);
    unlink(world->log);
    world->log[0] = '\0';
    recorder_free(world->run.recorder);
    world->run.recorder = NULL;
    buffer_add_string(&text, "");
    return text.at;
}

void world_close(struct serve_world *world)
{
    if (world->log[0])
        free(world_read_log(world));
    stop_worker(world);
    if (world->run.recorder) {
        (void)recorder_finish(world->run.recorder, NULL, loop_now());
        recorder_free(world->run.recorder);
    }
    run_free_generations(&world->run);
    clients_free(world->run.clients);
    kept_free(world->run.kept);
    spare_close(&world->spare);
    loop_free(world->loop);
}

static struct fake_transport *new_fake(struct serve_world *world, const char *bytes, size_t length)
{
    assert_true(world->fake_count < COUNT_OF(world->fakes));
    world->fakes[world->fake_count] = fake_transport_new(bytes, length);
    return world->fakes[world->fake_count++];
}

void world_begin(struct serve_world *world, int front, struct transport *transport,
                 const char *address)
{
    struct address peer;

    assert_true(address_parse(text_from(address), 40000, &peer));
    atomic_fetch_add(&world->run.connections, 1);
    world->worker->session_count++;
    session_begin(world->worker, &world->fronts[front], transport, &peer);
}

struct fake_transport *world_client_from(struct serve_world *world, int front, const char *bytes,
                                         const char *address)
{
    struct fake_transport *fake = new_fake(world, bytes, strlen(bytes));

    world_begin(world, front, &fake->transport, address);
    return fake;
}

struct fake_transport *world_client(struct serve_world *world, int front, const char *bytes)
{
    return world_client_from(world, front, bytes, "127.0.0.1");
}

void world_pool(struct serve_world *world, struct transport *transport)
{
    struct upstreams *upstreams = world->worker->upstreams;
    struct origin *origin = origin_new(upstreams, &world->fronts[WORLD_REVERSE].upstream, NULL);

    connection_open(&origin->connection, transport, world->loop, &world->worker->pool, NULL, NULL);
    upstreams_put(upstreams, origin);
}

struct fake_transport *world_origin(struct serve_world *world, const char *bytes)
{
    struct fake_transport *fake = new_fake(world, bytes, 0);

    world_pool(world, &fake->transport);
    return fake;
}

void world_give(struct fake_transport *fake, size_t length)
{
    fake->length = length;
    if (!fake->freed)
        fake_transport_update(fake);
}

void world_stop(struct fake_transport *fake, enum io how)
{
    if (fake->freed)
        return;
    fake->reading.stops = true;
    fake->reading.at = fake->reading.moved;
    fake->reading.how = how;
    fake_transport_update(fake);
}

void world_forget(struct serve_world *world)
{
    while (world->fake_count > 0)
        fake_transport_delete(world->fakes[--world->fake_count]);
}

/* Changes whenever anything moves. */
static size_t motion(const struct serve_world *world)
{
    size_t sum = world->worker->session_count + world->spare.heard.length + world->spare.accepted;

    for (size_t i = 0; i < world->fake_count; i++) {
        const struct fake_transport *fake = world->fakes[i];

        sum += fake->reading.moved + fake->writing.moved + fake->reading.calls + fake->ends +
               fake->writing.calls + fake->freed;
    }
    return sum;
}

void world_turns(struct serve_world *world)
{
    size_t before = motion(world);

    for (int quiet = 0, turns = 0; quiet < 4; turns++) {
        size_t after;

        (void)party_wait(world->loop, 0);
        after = motion(world);
        quiet = after == before ? quiet + 1 : 0;
        before = after;
        assert_true(turns < 100000);
    }
}

bool world_waits_for(struct serve_world *world, const struct fake_transport *fake, const char *text)
{
    usec end = loop_now() + PATIENCE;

    while (!fake->written.at ||
           !memmem(fake->written.at, fake->written.length, text, strlen(text))) {
        if (loop_now() > end)
            return false;
        (void)party_wait(world->loop, MSEC);
    }
    return true;
}

bool world_waits_for_sessions(struct serve_world *world, size_t sessions)
{
    usec end = loop_now() + PATIENCE;

    while (world->worker->session_count != sessions) {
        if (loop_now() > end)
            return false;
        (void)party_wait(world->loop, MSEC);
    }
    return true;
}

const char *world_written(struct fake_transport *fake)
{
    buffer_add_string(&fake->written, "");
    return fake->written.at;
}

bool world_has_written(struct fake_transport *fake, const char *text)
{
    return strstr(world_written(fake), text) != NULL;
}

struct tally_totals world_totals(const struct serve_world *world)
{
    return tally_totals(run_generation(&world->run)->tally);
}

usec world_cpu_time(void)
{
    struct timespec time;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (usec)time.tv_sec * SECOND + time.tv_nsec / 1000;
}

unsigned world_count(const char *text, const char *part)
{
    unsigned count = 0;

    for (; (text = strstr(text, part)) != NULL; text += strlen(part))
        count++;
    return count;
}

struct fake_transport *world_ask(struct serve_world *world, const char *request, const char *answer)
{
    struct fake_transport *origin = world_origin(world, answer);
    struct fake_transport *client = world_client(world, WORLD_REVERSE, request);

    world_turns(world);
    world_give(origin, strlen(answer));
    world_turns(world);
    return client;
}
