/* net_party: see net_party.h; the name server knows as much of RFC 1035 as c-ares asks of it. */
#include "net_party.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Ends the program, in any build: a test without its party means nothing. */
static void must(bool fine, const char *what)
{
    if (fine)
        return;
    perror(what);
    abort();
}

struct patience {
    struct loop *loop;
    bool over;
};

static void on_patience(void *user)
{
    struct patience *patience = user;

    patience->over = true;
    loop_stop(patience->loop);
}

bool party_wait(struct loop *loop, usec most)
{
    struct patience patience = { .loop = loop };
    struct alarm alarm = { 0 };

    alarm_set(&alarm, loop, loop_now() + most, on_patience, &patience);
    loop_run(loop);
    alarm_clear(&alarm);
    return !patience.over;
}

size_t party_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    size_t count = 0;

    must(folder != NULL, "/proc/self/fd");
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

int party_listen(const char *host, uint16_t *port, int backlog)
{
    struct address address;
    int on = 1, fd;

    must(address_parse(text_from(host), *port, &address), host);
    fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    must(bind(fd, &address.any, address.length) == 0, "bind");
    must(backlog < 0 || listen(fd, backlog) == 0, "listen");
    must(getsockname(fd, &address.any, &address.length) == 0, "getsockname");
    *port = address_port(&address);
    return fd;
}

void party_hole_open(struct party_hole *hole, const char *host, uint16_t *port)
{
    struct address address;

    hole->listener = party_listen(host, port, 0);
    must(address_parse(text_from(host), *port, &address), host);
    for (size_t i = 0; i < COUNT_OF(hole->fillers); i++) {
        hole->fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        must(connect(hole->fillers[i], &address.any, address.length) == 0 || errno == EINPROGRESS,
             "connect");
    }
}

void party_hole_close(struct party_hole *hole)
{
    for (size_t i = 0; i < COUNT_OF(hole->fillers); i++)
        close(hole->fillers[i]);
    close(hole->listener);
}

int party_accept(int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

    must(fd >= 0, "accept");
    return fd;
}

bool party_is_closed(int fd)
{
    struct pollfd poller = { .fd = fd, .events = POLLIN };
    char byte;

    return poll(&poller, 1, 200) == 1 && recv(fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) <= 0;
}

/* Names in a query: labels, no compression. Gives the place behind the name. */
static size_t read_name(const unsigned char *query, size_t length, char *name, size_t room)
{
    size_t at = 12, put = 0;

    while (at < length && query[at] != 0) {
        for (size_t left = query[at++]; left > 0 && put + 2 < room; left--)
            name[put++] = (char)query[at++];
        name[put++] = '.';
    }
    name[put > 0 ? put - 1 : 0] = 0;
    return at + 1;
}

static const struct party_record *find_record(const struct party_names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcasecmp(names->records[i].name, name) == 0)
            return &names->records[i];
    }
    return NULL;
}

static size_t write_answer(unsigned char *at, const char *literal, unsigned ttl)
{
    struct in6_addr address;
    bool v6 = strchr(literal, ':') != NULL;
    unsigned char head[] = { 0xc0,
                             12,
                             0,
                             v6 ? 28 : 1,
                             0,
                             1,
                             (unsigned char)(ttl >> 24),
                             (unsigned char)(ttl >> 16),
                             (unsigned char)(ttl >> 8),
                             (unsigned char)ttl,
                             0,
                             v6 ? 16 : 4 };

    must(inet_pton(v6 ? AF_INET6 : AF_INET, literal, &address) == 1, literal);
    memcpy(at, head, sizeof head);
    memcpy(at + sizeof head, &address, v6 ? 16 : 4);
    return sizeof head + (v6 ? 16 : 4);
}

static void on_query(void *user, unsigned events)
{
    struct party_names *names = user;
    unsigned char packet[1024];
    char name[256];
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    ssize_t got = recvfrom(names->fd, packet, 512, 0, (struct sockaddr *)&from, &size);
    size_t length = read_name(packet, (size_t)got, name, sizeof name);
    const struct party_record *record = find_record(names, name);
    bool v6 = packet[length + 1] == 28;

    (void)events;
    names->queries++;
    if (record && record->silent)
        return;
    length += 4;
    packet[2] = 0x81;
    packet[3] = record ? 0x80 : 0x83;
    packet[7] = packet[9] = packet[11] = 0;
    for (size_t i = 0; record && i < 4; i++) {
        const char *literal = v6 ? record->v6[i] : record->v4[i];

        if (literal) {
            length += write_answer(packet + length, literal, record->ttl);
            packet[7]++;
        }
    }
    (void)sendto(names->fd, packet, length, 0, (struct sockaddr *)&from, size);
}

void party_names_open(struct party_names *names, struct loop *loop,
                      const struct party_record *records, size_t count)
{
    struct sockaddr_in place = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof place;

    *names = (struct party_names){ .records = records, .count = count };
    names->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    must(bind(names->fd, (struct sockaddr *)&place, size) == 0, "bind");
    must(getsockname(names->fd, (struct sockaddr *)&place, &size) == 0, "getsockname");
    (void)snprintf(names->servers, sizeof names->servers, "127.0.0.1:%u", ntohs(place.sin_port));
    watch_start(&names->watch, loop, names->fd, WATCH_READ, on_query, names);
}

void party_names_close(struct party_names *names)
{
    watch_stop(&names->watch);
    close(names->fd);
}

void party_server_hang_up(struct party_server *server)
{
    watch_stop(&server->reading);
    if (server->fd >= 0)
        close(server->fd);
    server->fd = -1;
}

static void on_later(void *user)
{
    struct party_server *server = user;

    (void)send(server->fd, server->answer + server->cut, server->length - server->cut,
               MSG_NOSIGNAL);
    if (server->closes)
        party_server_hang_up(server);
}

static void on_heard(void *user, unsigned events)
{
    struct party_server *server = user;
    size_t length = strlen(server->heard);
    ssize_t got = recv(server->fd, server->heard + length, sizeof server->heard - length - 1, 0);

    (void)events;
    if (got <= 0 || server->answer) {
        watch_change(&server->reading, 0);
        if (got <= 0)
            return;
    }
    if (!server->answer)
        return;
    if (server->cut == 0) {
        on_later(server);
        return;
    }
    (void)send(server->fd, server->answer, server->cut, MSG_NOSIGNAL);
    alarm_set(&server->later, server->loop, loop_now() + MSEC, on_later, server);
}

static void on_accept(void *user, unsigned events)
{
    struct party_server *server = user;
    int on = 1;

    (void)events;
    party_server_hang_up(server);
    server->fd = party_accept(server->listener);
    setsockopt(server->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch_start(&server->reading, server->loop, server->fd, WATCH_READ, on_heard, server);
}

void party_server_open(struct party_server *server, struct loop *loop)
{
    *server = (struct party_server){ .loop = loop, .fd = -1 };
    server->listener = party_listen("127.0.0.1", &server->port, 16);
    watch_start(&server->accepting, loop, server->listener, WATCH_READ, on_accept, server);
}

void party_server_close(struct party_server *server)
{
    alarm_clear(&server->later);
    party_server_hang_up(server);
    watch_stop(&server->accepting);
    close(server->listener);
}
