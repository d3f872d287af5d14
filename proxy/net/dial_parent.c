/* dial_parent: how a tunnel is asked of a parent proxy (CONNECT, RFC 9110 9.3.6), and what it may
 * answer. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "net/dial.h"

enum {
    HEAD_MOST = 8192,
    REASON_MOST = 64, /* of the parent's own words in a complaint */
};

struct status_line {
    unsigned code;
    struct text reason;
};

void parent_ask_stop(struct parent_ask *ask)
{
    if (!ask->head)
        return;
    watch_stop(&ask->watch);
    transport_free(ask->transport, false);
    ask->transport = NULL;
    buffer_free(&ask->request);
    free(ask->head);
    ask->head = NULL;
}

/* `complaint` NULL: the tunnel stands. */
static void finish(struct parent_ask *ask, const char *complaint)
{
    struct transport *transport = ask->transport;

    if (complaint == NULL)
        ask->transport = NULL;
    parent_ask_stop(ask);
    ask->done(ask->user, complaint ? NULL : transport, complaint);
}

static bool is_token(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || (byte != 0 && strchr("!#$%&'*+-.^_`|~", byte));
}

/* HTAB, SP, VCHAR and obs-text (RFC 9110 5.5). */
static bool is_value(struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.at[i];

        if ((byte < ' ' && byte != '\t') || byte == 0x7f)
            return false;
    }
    return true;
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* `HTTP/1.1 200 Connection established`; the second space is asked for only in front of a reason.
 */
static bool read_status(struct text line, struct status_line *status)
{
    static const struct text version = TEXT("HTTP/1.");
    const char *at = line.at;

    if (line.length < 12 || !text_starts(line, version) || (at[7] != '0' && at[7] != '1') ||
        at[8] != ' ' || !is_digit(at[9]) || !is_digit(at[10]) || !is_digit(at[11]))
        return false;
    if (at[9] < '1' || at[9] > '5' || (line.length > 12 && at[12] != ' '))
        return false;
    status->code = (unsigned)((at[9] - '0') * 100 + (at[10] - '0') * 10 + (at[11] - '0'));
    status->reason = text_from_offset(line, 13);
    return is_value(status->reason);
}

static bool is_field(struct text line)
{
    size_t colon = text_find(line, ':');

    if (colon == 0 || colon == line.length)
        return false;
    for (size_t i = 0; i < colon; i++) {
        if (!is_token(line.at[i]))
            return false;
    }
    return is_value(text_from_offset(line, colon + 1));
}

/* The next line, without its CRLF. */
static bool next_line(struct text *rest, struct text *line)
{
    const char *end = memmem(rest->at, rest->length, "\r\n", 2);

    if (!end)
        return false;
    *line = text_of(rest->at, (size_t)(end - rest->at));
    *rest = text_from_offset(*rest, line->length + 2);
    return true;
}

/* A whole head with its empty line. What its fields say about a body is void in a 2xx to CONNECT,
 * and of no interest in anything else. */
static bool read_head(struct text head, struct status_line *status)
{
    struct text line;

    if (!next_line(&head, &line) || !read_status(line, status))
        return false;
    while (next_line(&head, &line)) {
        if (line.length == 0)
            return head.length == 0;
        if (!is_field(line))
            return false;
    }
    return false;
}

static void refuse(struct parent_ask *ask, const struct status_line *status)
{
    char complaint[REASON_MOST + 64], reason[REASON_MOST + 1];
    size_t length = status->reason.length < REASON_MOST ? status->reason.length : REASON_MOST;

    for (size_t i = 0; i < length; i++) {
        char byte = status->reason.at[i];

        reason[i] = '?';
        if (byte >= ' ' && byte <= '~')
            reason[i] = byte;
    }
    reason[length] = 0;
    (void)snprintf(complaint, sizeof complaint, "the parent proxy answered %u%s%s", status->code,
                   length ? " " : "", reason);
    finish(ask, complaint);
}

/* True if a further head has to be read. */
static bool judge(struct parent_ask *ask)
{
    struct status_line status;

    if (!read_head(text_of(ask->head, ask->length), &status)) {
        finish(ask, "the parent proxy's answer is not HTTP/1");
    } else if (status.code < 200 && status.code != 101) {
        ask->skipped += ask->length;
        ask->length = 0;
        return true;
    } else if (status.code >= 200 && status.code < 300) {
        finish(ask, NULL);
    } else {
        refuse(ask, &status);
    }
    return false;
}

static const char head_end[] = "\r\n\r\n";
enum { HEAD_END = sizeof head_end - 1 };

/* How much of the end of the head, with its empty line, is there. */
static size_t end_so_far(const struct parent_ask *ask)
{
    size_t length = ask->length < HEAD_END ? ask->length : HEAD_END;

    while (length > 0 && memcmp(ask->head + ask->length - length, head_end, length) != 0)
        length--;
    return length;
}

/* A look at what is there tells how much of it is the head's. */
static enum io take_plain(struct parent_ask *ask, size_t room, size_t *got)
{
    size_t from = ask->length < HEAD_END ? 0 : ask->length - HEAD_END;
    char *end, *fresh = ask->head + ask->length;
    ssize_t seen = recv(ask->transport->fd, fresh, room, MSG_PEEK);

    if (seen < 0 && (errno == EAGAIN || errno == EINTR))
        return IO_WANT_READ;
    if (seen <= 0)
        return seen == 0 ? IO_END : IO_RESET;
    end = memmem(ask->head + from, (size_t)(fresh + seen - ask->head) - from, head_end, HEAD_END);
    *got = end ? (size_t)(end + HEAD_END - fresh) : (size_t)seen;
    return recv(ask->transport->fd, fresh, *got, 0) == (ssize_t)*got ? IO_DONE : IO_RESET;
}

/* No more than what is still missing at least: the rest waits inside TLS, and costs no system
 * call. */
static enum io take_secure(struct parent_ask *ask, size_t room, size_t *got)
{
    size_t missing = HEAD_END - end_so_far(ask);

    return transport_read(ask->transport, ask->head + ask->length, missing < room ? missing : room,
                          got);
}

/* The socket must become ready first. */
static bool has_to_wait(struct parent_ask *ask, enum io io)
{
    if (io != IO_WANT_READ && io != IO_WANT_WRITE)
        return false;
    watch_change(&ask->watch, io == IO_WANT_READ ? WATCH_READ : WATCH_WRITE);
    return true;
}

/* Takes what came of the head, and not a byte behind it: that is the tunnel's. False: nothing is
 * there, or the ask is over. `*whole`: up to the empty line. */
static bool take(struct parent_ask *ask, bool *whole)
{
    size_t room = HEAD_MOST - ask->skipped - ask->length, got = 0;
    bool secure = transport_is_tls(ask->transport);
    enum io io = secure ? take_secure(ask, room, &got) : take_plain(ask, room, &got);

    if (has_to_wait(ask, io))
        return false;
    if (io != IO_DONE) {
        finish(ask, io == IO_END || io == IO_CUT ? "the parent proxy closed the connection"
                                                 : "the connection to the parent proxy broke");
        return false;
    }
    ask->length += got;
    *whole = end_so_far(ask) == HEAD_END;
    return true;
}

/* Nothing that begins like this can become an answer: why wait for its end? */
static bool is_hopeless(const struct parent_ask *ask)
{
    static const char start[] = "HTTP/1.";
    size_t length = ask->length < sizeof start - 1 ? ask->length : sizeof start - 1;

    return memcmp(ask->head, start, length) != 0;
}

static void on_readable(struct parent_ask *ask)
{
    bool whole;

    while (take(ask, &whole)) {
        if (whole && !judge(ask))
            return;
        if (!whole && is_hopeless(ask)) {
            finish(ask, "the parent proxy's answer is not HTTP/1");
            return;
        }
        if (ask->skipped + ask->length >= HEAD_MOST) {
            finish(ask, "the parent proxy's answer has a head over 8 KiB");
            return;
        }
    }
}

static void on_writable(struct parent_ask *ask)
{
    struct iovec rest = { .iov_base = ask->request.at + ask->sent,
                          .iov_len = ask->request.length - ask->sent };
    size_t put = 0;
    enum io io = ask->transport->ops->write(ask->transport, &rest, 1, &put);

    if (has_to_wait(ask, io))
        return;
    if (io != IO_DONE) {
        finish(ask, "the connection to the parent proxy broke");
        return;
    }
    ask->sent += put;
    if (ask->sent < ask->request.length)
        return;
    watch_change(&ask->watch, WATCH_READ);
    if (ask->transport->ops->holds_bytes(ask->transport)) /* the poller will not tell of them */
        on_readable(ask);
}

static void on_ready(void *user, unsigned events)
{
    struct parent_ask *ask = user;

    (void)events;
    if (ask->sent == ask->request.length)
        on_readable(ask);
    else
        on_writable(ask);
}

/* A host that could end the request line, or mean something else than itself, is not written. */
static bool is_host(struct text host)
{
    for (size_t i = 0; i < host.length; i++) {
        unsigned char byte = (unsigned char)host.at[i];

        if (byte <= ' ' || byte >= 0x7f || strchr("/?#@[]\\\"<>", byte))
            return false;
    }
    return host.length > 0;
}

static void write_request(struct buffer *request, const struct endpoint *endpoint,
                          struct text authorization)
{
    bool bare = text_find(endpoint->host, ':') == endpoint->host.length;
    struct buffer place = { 0 };

    buffer_add_string(&place, bare ? "" : "[");
    buffer_add_text(&place, endpoint->host);
    buffer_format(&place, "%s:%u", bare ? "" : "]", endpoint->port);
    buffer_format(request, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n", place.at, place.at);
    if (!text_is_empty(authorization)) {
        buffer_add_string(request, "Proxy-Authorization: ");
        buffer_add_text(request, authorization);
        buffer_add_string(request, "\r\n");
    }
    buffer_add_string(request, "\r\n");
    buffer_free(&place);
}

void parent_ask_start(struct parent_ask *ask, struct transport *transport,
                      const struct endpoint *endpoint, struct text authorization)
{
    ask->transport = transport;
    ask->head = memory_take(HEAD_MOST);
    if (!is_host(endpoint->host) || !is_value(authorization)) {
        finish(ask, "the host or the authorization cannot be written into a CONNECT");
        return;
    }
    write_request(&ask->request, endpoint, authorization);
    watch_start(&ask->watch, ask->loop, transport->fd, WATCH_WRITE, on_ready, ask);
    on_writable(ask);
}
