/* witness: what an event looks like once it has been through the log, and how tellers take turns.
 */
#include "observe/witness.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buffer.h"

enum { PLAIN_MOST = 32 << 10 }; /* no text of this length is ever cut */

struct stand {
    pthread_mutex_t lock;
    struct witness witness;
    usec start;
};

union event_any {
#define X(name, help, fields) struct event_##name name;
    EVENTS(X)
#undef X
};

struct stand *stand_new(const struct witness *witness, usec start)
{
    struct stand *stand = memory_take(sizeof *stand);

    pthread_mutex_init(&stand->lock, NULL);
    stand->witness = *witness;
    stand->start = start;
    return stand;
}

void stand_free(struct stand *stand)
{
    if (!stand)
        return;
    pthread_mutex_destroy(&stand->lock);
    free(stand);
}

/* The log has it as it is: it is short, and ASCII, eight bytes at a time. */
static inline bool is_plain(struct text text)
{
    uint64_t seen = 0, word;

    if (text.length < sizeof word) {
        for (size_t i = 0; i < text.length; i++)
            seen |= (unsigned char)text.at[i];
        return seen < 0x80;
    }
    if (text.length > PLAIN_MOST)
        return false;
    for (size_t i = 0; i + sizeof word < text.length; i += sizeof word) {
        memcpy(&word, text.at + i, sizeof word);
        seen |= word;
    }
    memcpy(&word, text.at + text.length - sizeof word, sizeof word);
    return ((seen | word) & UINT64_C(0x8080808080808080)) == 0;
}

#define T(name, help) &&is_plain(event->name)
#define OTHER(name, help)
#define X(name, help, fields)                                            \
    static bool name##_is_plain(const struct event_##name *event)        \
    {                                                                    \
        (void)event;                                                     \
        return true fields(T, OTHER, OTHER, OTHER, OTHER, OTHER, OTHER); \
    }
EVENTS(X)
#undef X
#undef OTHER
#undef T

static bool event_is_plain(enum event_kind kind, const void *event)
{
    switch (kind) {
#define X(name, help, fields) \
    case EVENT_##name:        \
        return name##_is_plain(event);
        EVENTS(X)
#undef X
    case EVENT_KINDS:
        break;
    }
    return true;
}

/* Appended to `out`, where they are found once nothing moves it any more. */
static void replace_texts(const struct event_description *description, char *event,
                          struct buffer *out)
{
    size_t at = 0;

    for (size_t i = 0; i < description->count; i++)
        if (description->fields[i].type == EVENT_TEXT) {
            struct text *text = (struct text *)(event + description->fields[i].offset);
            size_t before = out->length;

            buffer_add_unicode(out, *text);
            text->length = out->length - before;
        }
    for (size_t i = 0; i < description->count; i++)
        if (description->fields[i].type == EVENT_TEXT) {
            struct text *text = (struct text *)(event + description->fields[i].offset);

            text->at = buffer_text(out).at + at;
            at += text->length;
        }
}

/* By way of the packed form, which cuts. */
static void tell_as_logged(const struct stand *stand, enum event_kind kind, const void *event,
                           usec time)
{
    size_t length = event_pack(kind, event, NULL, 0);
    char *packed = memory_take(length + 1);
    struct buffer texts = { 0 };
    union event_any copy;

    event_pack(kind, event, packed, length);
    if (event_unpack(kind, text_of(packed, length), &copy)) {
        replace_texts(event_describe(kind), (char *)&copy, &texts);
        stand->witness.take(stand->witness.user, kind, &copy, time);
    }
    buffer_free(&texts);
    free(packed);
}

void stand_tell(struct stand *stand, enum event_kind kind, const void *event, usec now)
{
    pthread_mutex_lock(&stand->lock);
    stand->witness.take(stand->witness.user, kind, event, now - stand->start);
    pthread_mutex_unlock(&stand->lock);
}

void stand_tell_logged(struct stand *stand, enum event_kind kind, const void *event, usec now)
{
    pthread_mutex_lock(&stand->lock);
    if (event_is_plain(kind, event))
        stand->witness.take(stand->witness.user, kind, event, now - stand->start);
    else
        tell_as_logged(stand, kind, event, now - stand->start);
    pthread_mutex_unlock(&stand->lock);
}
