/* tls_session: the sessions that origins gave us, so that the next handshake is short. */
#include "net/tls_private.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/random.h"

#define KEPT_MOST 256

struct place {
    SSL_SESSION *session; /* NULL: free */
    char *name;
    uint64_t used; /* by the clock below */
    uint16_t port;
};

/* The hashes stand apart so that looking through all of them touches 2 KiB. */
struct tls_sessions {
    pthread_mutex_t lock;
    uint64_t clock;
    uint64_t hashes[KEPT_MOST];
    struct place places[KEPT_MOST];
};

struct tls_sessions *tls_sessions_new(void)
{
    struct tls_sessions *sessions = memory_take(sizeof *sessions);

    pthread_mutex_init(&sessions->lock, NULL);
    return sessions;
}

static void clear(struct tls_sessions *sessions, size_t at)
{
    struct place *place = &sessions->places[at];

    SSL_SESSION_free(place->session);
    free(place->name);
    *place = (struct place){ 0 };
    sessions->hashes[at] = 0;
}

void tls_sessions_free(struct tls_sessions *sessions)
{
    if (!sessions)
        return;
    for (size_t i = 0; i < KEPT_MOST; i++)
        clear(sessions, i);
    pthread_mutex_destroy(&sessions->lock);
    free(sessions);
}

/* Never 0, which stands for a free place. */
static uint64_t hash_of(struct text name, uint16_t port)
{
    return random_join(text_hash_nocase(0, name), port) | 1;
}

/* KEPT_MOST if there is none. */
static size_t find(const struct tls_sessions *sessions, uint64_t hash, struct text name,
                   uint16_t port)
{
    size_t at = 0;

    for (; at < KEPT_MOST; at++) {
        const struct place *place = &sessions->places[at];
        if (sessions->hashes[at] == hash && place->port == port &&
            text_is_nocase(name, place->name))
            break;
    }
    return at;
}

static size_t find_oldest(const struct tls_sessions *sessions)
{
    size_t oldest = 0;

    for (size_t at = 1; at < KEPT_MOST; at++)
        if (sessions->places[at].used < sessions->places[oldest].used)
            oldest = at;
    return oldest;
}

SSL_SESSION *tls_sessions_find(struct tls_sessions *sessions, struct text name, uint16_t port)
{
    uint64_t hash = hash_of(name, port);
    SSL_SESSION *session = NULL;

    pthread_mutex_lock(&sessions->lock);
    size_t at = find(sessions, hash, name, port);
    if (at < KEPT_MOST && !SSL_SESSION_is_resumable(sessions->places[at].session)) {
        clear(sessions, at);
    } else if (at < KEPT_MOST) {
        /* A copy: OpenSSL marks what a TLS 1.3 handshake has offered as used up. We offer it again
         * while there is no newer one, since origins take it (or ask for a full handshake), and
         * many connections opened at once would find none left. */
        session = SSL_SESSION_dup(sessions->places[at].session);
        sessions->places[at].used = ++sessions->clock;
    }
    pthread_mutex_unlock(&sessions->lock);
    return session;
}

void tls_sessions_put(struct tls_sessions *sessions, struct text name, uint16_t port,
                      SSL_SESSION *session)
{
    uint64_t hash = hash_of(name, port);

    pthread_mutex_lock(&sessions->lock);
    size_t at = find(sessions, hash, name, port);
    if (at == KEPT_MOST)
        at = find_oldest(sessions);
    clear(sessions, at);
    sessions->hashes[at] = hash;
    sessions->places[at] = (struct place){ session, memory_string(name), ++sessions->clock, port };
    pthread_mutex_unlock(&sessions->lock);
}

void tls_sessions_forget(struct tls_sessions *sessions, struct text name, uint16_t port)
{
    uint64_t hash = hash_of(name, port);

    pthread_mutex_lock(&sessions->lock);
    size_t at = find(sessions, hash, name, port);
    if (at < KEPT_MOST)
        clear(sessions, at);
    pthread_mutex_unlock(&sessions->lock);
}
