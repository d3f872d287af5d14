/* codec: wire bytes to labelled chunks, and back. No sockets here. HTTP/1.1; HTTP/2 would
 * stand beside it.
 *
 * A reader turns what one side sends into a head, then into PART_BODY, PART_TRAILER chunks and an
 * end; a writer turns a head and such chunks into wire bytes with framing of its own. Framing as
 * sent is never passed on. */
#ifndef PANNE_HTTP_CODEC_H
#define PANNE_HTTP_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attributes.h"
#include "base/text.h"
#include "base/time.h"
#include "http/body_print.h"
#include "http/head.h"
#include "http/malformation.h"
#include "stream/queue.h"

/* Limits beyond these count as these. */
#define HEAD_SIZE_MOST 32768u
#define FIELD_COUNT_MOST 256u

struct head_limits {
    size_t head_size;   /* bytes, start line to empty line, and of a trailer section: 32 KiB */
    size_t field_count; /* 100 */
};

enum read_result {
    READ_MORE,  /* nothing wrong so far: needs more bytes */
    READ_DONE,  /* the head, or the message, is complete */
    READ_WRONG, /* see reader.status and reader.complaint */
};

enum reader_state {
    READER_HEAD,
    READER_LENGTH,     /* body by Content-Length */
    READER_CHUNK_SIZE, /* the line before a chunk */
    READER_CHUNK,      /* its bytes */
    READER_CHUNK_END,  /* the CRLF behind it */
    READER_TRAILER,
    READER_CLOSE, /* body until the end of the connection */
    READER_TUNNEL,
    READER_DONE,
    READER_WRONG,
};

/* One message's reading, from one side. Zero-fill, then reader_start for each message. */
struct reader {
    enum reader_state state;
    enum head_kind kind;
    struct head_limits limits;
    uint64_t left;       /* of the body or chunk */
    uint64_t body_bytes; /* read so far */
    size_t scanned; /* head: how far the search for its end has come; trailer: its bytes so far */
    uint32_t line;  /* chunk line: bytes of it so far */
    uint8_t step;   /* chunk line, trailer: where in its grammar */
    /* READ_WRONG: what to answer the client (400, 413, 414, 431, 501, 505; for responses always
     * 502) and why. */
    unsigned status;
    const char *complaint;  /* a constant, such as "bare CR in a field value" */
    bool ended;             /* CHUNK_END or CHUNK_CUT has been put */
    uint16_t trailer_count; /* trailer fields so far, those that were dropped too */
    struct buffer *trailer; /* the section so far; NULL: none */
    struct body_print
        *print; /* the caller's, after reader_head: the body is added; NULL: to none */
};

void reader_start(struct reader *reader, enum head_kind kind, const struct head_limits *limits);
/* Frees what a half-read message may hold. Safe twice and on a zero-filled reader. */
void reader_clear(struct reader *reader);

/* Reads a head from the front of `bytes` (a head that came in pieces is offered whole again, with
 * more behind). READ_DONE: `*used` bytes belonged to it (leading CRLFs too), `head` is filled, its
 * texts copied into `arena`, and the reader stands before the body. Strict: what RFC 9112 says to
 * refuse is refused (research: http-framing), whatever http-parser thinks of it. For a response say
 * what it answers: `request_method` and whether the status may open a tunnel; 1xx heads have
 * FRAMING_NONE (101 FRAMING_TUNNEL) and the caller starts again for the final one. */
MUST_USE enum read_result reader_head(struct reader *reader, struct text bytes,
                                      struct text request_method, struct arena *arena,
                                      struct head *head, size_t *used);

/* After a head: sets the reader up for `framing`. reader_head has done so for head->framing; a
 * tunnel may be refused by the caller, who then passes FRAMING_NONE. A message without a body is at
 * once reader_is_done; its CHUNK_END is put by the first reader_take, which needs no bytes for it.
 */
void reader_body(struct reader *reader, enum framing framing, uint64_t content_length);

/* Takes body bytes from a view of `block` and puts labelled views into `out`; `*used` says how many
 * bytes of the view belonged to this message. READ_DONE: the end is reached and CHUNK_END has been
 * put. READ_WRONG: the message is broken here and CHUNK_CUT has been put. In a tunnel everything is
 * PART_TUNNEL. */
MUST_USE enum read_result reader_take(struct reader *reader, struct block *block,
                                      unsigned char *start, size_t length, struct queue *out,
                                      usec now, size_t *used);

/* The connection has ended (no more bytes will come). READ_DONE: that was the message's right end,
 * CHUNK_END put (close-delimited body, tunnel); READ_WRONG: the body is cut, CHUNK_CUT has been
 * put, or the head is incomplete. */
MUST_USE enum read_result reader_end(struct reader *reader, struct queue *out, usec now);

/* How many bytes may pass as a pipe (splice) now, without anybody looking at them: what is left by
 * Content-Length, SIZE_MAX in tunnels and close-delimited bodies, else 0. */
size_t reader_splice_room(const struct reader *reader);
/* That many bytes have passed as a pipe and been put by the caller. READ_DONE at the end: CHUNK_END
 * has been put. */
MUST_USE enum read_result reader_spliced(struct reader *reader, size_t length, struct queue *out,
                                         usec now);

/* Whether the message just read leaves the connection clean for another. */
static inline bool reader_is_done(const struct reader *reader)
{
    return reader->state == READER_DONE;
}

/* Chunks that are not as they come. */
struct chunking {
    uint64_t count;        /* so many of them; 0: none */
    uint64_t size;         /* bytes in each at most; 0: all that there are */
    struct text extension; /* behind the size, with its `;` */
    uint64_t *made;        /* the caller's: raised by one for each; where `count` is not 0 */
};

/* One message's writing. */
struct writer {
    enum framing framing;
    uint64_t left;       /* FRAMING_LENGTH: still to come */
    uint64_t body_bytes; /* written so far */
    bool ended;          /* the end, of whatever kind, has been written */
    bool broken;   /* ended, but not as its framing promised: the connection cannot be used again */
    bool trailers; /* the caller's: the other side takes trailers */
    bool in_trailer;          /* the last chunk's line has been written, trailer fields follow */
    struct chunking chunking; /* the caller's, after writer_head: counted down */
    struct malformation *malformation; /* the caller's: to be carried out; NULL: none */
};

/* Writes the head with framing fields of our own: FRAMING_LENGTH gets Content-Length,
 * FRAMING_CHUNKED gets Transfer-Encoding (never towards HTTP/1.0: the caller passes FRAMING_CLOSE
 * there); FRAMING_NONE writes the Content-Length that a bodiless head itself had (HEAD answers,
 * 304), and where it had none: `Content-Length: 0` with a method that has meaning for content
 * (POST, PUT, PATCH), and `content_length` (0, or for a made-up answer to HEAD what GET would get)
 * in a response that may have a body and is not `bodiless`. A Content-Length that says the same
 * stays where it stood. `connection` is written as the Connection field unless empty. Clears all of
 * `writer` but `trailers` and `malformation`. A malformation that allows no answer at all ends the
 * message here, with a CHUNK_CUT. */
void writer_head(struct writer *writer, const struct head *head, struct text target,
                 enum framing framing, uint64_t content_length, struct text connection,
                 struct queue *out, usec now);

/* Moves labelled chunks to the wire queue with the framing around them: chunk bytes are moved, not
 * copied. Consecutive body chunks share one chunk of the chunked coding where no boundary stands
 * between. Marks: CHUNK_END ends the message
 * (`ended`), or the stream of FRAMING_CLOSE/TUNNEL with a CHUNK_END put out; CHUNK_CUT is put out
 * as CHUNK_CUT without the message's end; CHUNK_RESET likewise. More bytes than promised, or fewer,
 * are `broken`: the surplus is dropped, the lack ends in CHUNK_CUT. With
 * FRAMING_NONE nothing was promised: bytes are dropped without a word. With `chunking`, what would
 * make `out` long stays in `in`: to be called again when some of that has gone. A malformation may
 * end the connection behind the message, too: CHUNK_END, or CHUNK_CUT and `broken`. */
void writer_body(struct writer *writer, struct queue *in, struct queue *out, usec now);

#endif
