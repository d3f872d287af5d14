/* play: one scripted exchange, or two, over connections of which one side misbehaves at a byte. */
#ifndef PANNE_TESTS_PLAY_H
#define PANNE_TESTS_PLAY_H

#include <stdbool.h>
#include <stddef.h>

#include "serve_world.h"

/* Scripts leave out what is zero. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

enum { PLAY_STAGES = 2, PLAY_ROOM = 2048 };

struct play_stage {
    const char *asks, *answers, *body; /* body: what the client must make of it */
    unsigned status;
    const char
        *heard; /* the end of the request at the origin, where its length may vary; or NULL */
};

struct play_script {
    const char *name;
    struct play_stage stages[PLAY_STAGES];
    size_t count;
    bool pipelined;
    bool to_head;
    bool tunnels;  /* the second stage is bytes in a tunnel that the first one opens */
    bool connects; /* ... by CONNECT: the origin is the world's spare one */
    bool ends;     /* the origin ends after its answer */
    bool unsafe;   /* may never be sent twice */
};

enum play_side { CLIENT_READ, CLIENT_WRITE, ORIGIN_READ, ORIGIN_WRITE, PLAY_SIDES };

struct play {
    struct serve_world *world;
    const struct play_script *script;
    size_t *learned; /* how much the origin must have heard before it says each answer */
    bool learns;
    struct fake_transport *client, *origin; /* the origin: NULL with CONNECT */
    char asks[PLAY_ROOM], answers[PLAY_ROOM];
    size_t asked, answered;
    enum play_side side;
    enum io how; /* IO_DONE: moves `at` bytes at a time, but all goes well */
    size_t at;
    bool abandons;   /* the client leaves when a side stands still, which does not go on */
    char words[512]; /* what it was, for complaints */
};

/* Plays it, lets the client go, and checks what client and origin have got, and that nothing is
 * left. With `learns` all goes well, and `learned` is filled in. */
void play_run(struct play *play);

#endif
