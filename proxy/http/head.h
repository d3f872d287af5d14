/* head: a start line and its fields, checked, in the order and letters in which they came. */
#ifndef PANNE_HTTP_HEAD_H
#define PANNE_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attributes.h"
#include "base/text.h"

/* Fields that the code asks for; found once while reading, so that a look-up is an index.
 * HEADER(enum, "name"). */
#define KNOWN_FIELDS(X)                           \
    X(HOST, "host")                               \
    X(CONTENT_LENGTH, "content-length")           \
    X(TRANSFER_ENCODING, "transfer-encoding")     \
    X(CONNECTION, "connection")                   \
    X(UPGRADE, "upgrade")                         \
    X(EXPECT, "expect")                           \
    X(TE, "te")                                   \
    X(TRAILER, "trailer")                         \
    X(KEEP_ALIVE, "keep-alive")                   \
    X(PROXY_CONNECTION, "proxy-connection")       \
    X(PROXY_AUTHORIZATION, "proxy-authorization") \
    X(PROXY_AUTHENTICATE, "proxy-authenticate")   \
    X(CONTENT_TYPE, "content-type")               \
    X(CONTENT_ENCODING, "content-encoding")       \
    X(DATE, "date")                               \
    X(ALT_SVC, "alt-svc")                         \
    X(VIA, "via")                                 \
    X(MAX_FORWARDS, "max-forwards")               \
    X(USER_AGENT, "user-agent")                   \
    X(AUTHORIZATION, "authorization")             \
    X(CONTENT_MD5, "content-md5")                 \
    X(DIGEST, "digest")                           \
    X(CONTENT_DIGEST, "content-digest")           \
    X(REPR_DIGEST, "repr-digest")                 \
    X(ETAG, "etag")                               \
    X(ACCEPT_RANGES, "accept-ranges")             \
    X(CONTENT_RANGE, "content-range")

enum field_id {
    FIELD_OTHER = 0,
#define X(id, name) HEAD_##id,
    KNOWN_FIELDS(X)
#undef X
        KNOWN_FIELD_COUNT,
};

struct head_field {
    struct text name, value; /* value trimmed; obs-fold never gets here */
    uint8_t id;              /* enum field_id */
    bool removed;            /* hop-by-hop, or taken out by a fault: not written */
    bool line;               /* the reader's: in memory a whole line, `name: value` CRLF */
};

enum head_kind { HEAD_REQUEST, HEAD_RESPONSE };

/* How the message says that its body ends (RFC 9112, 6.3). */
enum framing {
    FRAMING_NONE,   /* no body */
    FRAMING_LENGTH, /* content_length bytes */
    FRAMING_CHUNKED,
    FRAMING_CLOSE,  /* a response until the connection closes */
    FRAMING_TUNNEL, /* CONNECT's 2xx, 101: opaque from here */
};

struct head {
    enum head_kind kind;
    unsigned major, minor; /* 1.0 or 1.1 */

    struct text method, target; /* requests; the target as sent */
    unsigned status;            /* responses */
    struct text reason;

    struct head_field *fields; /* in the arena, room for `room` */
    size_t count, room;
    uint16_t first[KNOWN_FIELD_COUNT]; /* index + 1 of the first field of that id, 0: none */

    enum framing framing;
    bool bodiless; /* a response that has no body whatever its fields say: to HEAD, 1xx, 204, 304 */
    uint64_t content_length; /* FRAMING_LENGTH; for FRAMING_NONE what the field says of a HEAD
                                answer, or 0 */
    bool keep_alive;         /* the sender would keep the connection (version and Connection) */
    bool expects_continue;
    bool upgrade; /* Connection: upgrade with Upgrade */
};

/* Value of the first such field that is not removed; the empty text with at NULL where there is
 * none. */
struct text head_get(const struct head *head, enum field_id id);
/* By any name. */
struct text head_find(const struct head *head, struct text name);
bool head_has(const struct head *head, enum field_id id);
enum field_id field_identify(struct text name);

/* Adds behind the others; grows `fields` in `arena`. Texts are lent and must live as long as the
 * head. */
void head_add(struct head *head, struct arena *arena, struct text name, struct text value);
/* Replaces the first, removes the rest, or adds. */
void head_set(struct head *head, struct arena *arena, struct text name, struct text value);
/* Returns how many it removed. */
size_t head_remove(struct head *head, enum field_id id);
size_t head_remove_named(struct head *head, struct text name);
/* Whether a comma-separated field (Connection, Transfer-Encoding, …) lists the token, in any of its
 * lines. */
bool head_lists(const struct head *head, enum field_id id, struct text token);

/* Marks as removed what RFC 9110, 7.6.1 wants removed: Connection, the fields it names, Keep-Alive,
 * Proxy-Connection, TE (but `trailers` passed on when `keep_te`), Transfer-Encoding, Upgrade unless
 * `keep_upgrade`. End-to-end framing fields (Content-Length, Host, …) named by Connection are not
 * removed: naming them is an attack. Proxy-Authorization is removed from requests. */
void head_remove_hop_by_hop(struct head *head, bool keep_upgrade);

/* The method is defined as safe to repeat by RFC 9110, 9.2.2 (GET HEAD OPTIONS TRACE PUT DELETE).
 */
bool head_is_idempotent(const struct head *head);

struct pen;

/* Writes start line and fields, without the empty line, always as HTTP/1.1: the version is a hop's
 * own (RFC 9110 2.5). Message framing is the writer's business (codec.h): Transfer-Encoding and
 * Connection of the head are not written here, and Content-Length only with `keep_length`, once,
 * where it stood. `target` replaces the request's own where it is not empty. */
void head_write(const struct head *head, struct text target, bool keep_length, struct pen *pen);

#endif
