/* tunnel_way: see tunnel_way.h. */
#include "tunnel_way.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int tunnel_enter(void **state)
{
    struct way *way = calloc(1, sizeof *way);
    void *tls = NULL;

    if (!way || tls_fixture_set_up(&tls) != 0) {
        free(way);
        return -1;
    }
    way->tls = tls;
    way->wire = -1;
    way->most = 65536;
    *state = way;
    return 0;
}

void tunnel_hang_up(struct way *way)
{
    tls_hang_up(way->tls);
    transport_free(way->parent, false);
    way->parent = NULL;
    if (way->wire >= 0)
        close(way->wire);
    way->wire = -1;
}

int tunnel_leave(void **state)
{
    struct way *way = *state;
    void *tls = way->tls;

    tunnel_hang_up(way);
    free(way);
    return tls_fixture_tear_down(&tls);
}

struct transport *tunnel_reach_parent(struct way *way)
{
    struct transport *below;
    int fds[2], behind[2];

    tunnel_hang_up(way);
    tls_socket_pair(fds);
    tls_socket_pair(behind);
    below = tls_connect_parent(way->tls->client, fds[0], text_from("proxy.example"), 3128);
    way->parent = tls_accept(way->tls->server, fds[1], text_from("x"), text_from(""), NULL);
    way->wire = behind[0];
    way->tls->near = below;
    way->tls->far = way->parent;
    tls_must_shake(way->tls);
    way->tls->near = NULL;
    way->tls->far = tls_accept(way->tls->server, behind[1], text_from("y"), text_from(""), NULL);
    return below;
}

static void send_all(struct way *way, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(way->wire, bytes, length, MSG_NOSIGNAL);

        assert_true(sent > 0);
        bytes += sent;
        length -= (size_t)sent;
    }
}

void tunnel_carry(struct way *way)
{
    static char bytes[65536];
    size_t got = 0, put = 0;
    ssize_t came = recv(way->wire, bytes, way->most, MSG_PEEK);
    struct iovec part = { bytes, came > 0 ? (size_t)came : 0 };

    if (came > 0 && way->parent->ops->write(way->parent, &part, 1, &put) == IO_DONE)
        assert_int_equal(recv(way->wire, bytes, put, 0), put);
    if (transport_read(way->parent, bytes, way->most, &got) == IO_DONE)
        send_all(way, bytes, got);
}

struct tls_outcomes tunnel_shake(struct way *way)
{
    struct tls_outcomes now = { IO_WANT_READ, IO_WANT_READ, false };

    for (int turn = 0; turn < 20000 && (now.near != IO_DONE || now.far != IO_DONE); turn++) {
        if (now.near <= IO_WANT_WRITE)
            now.near = transport_handshake(way->tls->near);
        if (now.far <= IO_WANT_WRITE)
            now.far = transport_handshake(way->tls->far);
        tunnel_carry(way);
    }
    return now;
}

void tunnel_join(struct way *way, struct tls_client *client)
{
    struct transport *below = tunnel_reach_parent(way);

    way->tls->near = tls_connect_through(client, below, text_from("a.example"), 443);
}

void tunnel_must_join(struct way *way)
{
    struct tls_outcomes now;

    tunnel_join(way, way->tls->client);
    now = tunnel_shake(way);
    if (now.near != IO_DONE || now.far != IO_DONE)
        fail_msg("%d: %s", (int)now.near, way->tls->near->complaint);
}
