/* trouble: any bytes from a client whose TLS handshake is to go wrong; the first bytes say how, and
 * how the others are cut. It always comes to an end, and says no more than what was asked for. */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/certs.h"
#include "net/tls.h"

#define must(claim)                                         \
    do {                                                    \
        if (!(claim)) {                                     \
            fprintf(stderr, "does not hold: %s\n", #claim); \
            abort();                                        \
        }                                                   \
    } while (0)

enum { HEADER = 3, INPUT_MOST = 8192, STEPS_MOST = 100 };

/* Made once, since keys take time; the folder with the CA goes at once. */
static struct tls_server *open_server(void)
{
    static struct tls_server *server;
    char folder[] = "/tmp/panne-fuzz-XXXXXX", file[sizeof(folder) + sizeof("/ca-key.pem")];
    struct buffer complaint = { 0 };
    struct certs *certs;

    if (server)
        return server;
    must(mkdtemp(folder));
    certs = certs_open(folder, &complaint);
    must(certs);
    server = tls_server_new(&(struct tls_server_options){ .certs = certs }, &complaint);
    must(server);
    snprintf(file, sizeof(file), "%s/ca.pem", folder);
    unlink(file);
    snprintf(file, sizeof(file), "%s/ca-key.pem", folder);
    unlink(file);
    rmdir(folder);
    return server;
}

static struct tls_trouble read_trouble(const uint8_t *data)
{
    static const int alerts[] = { -1, 0, 40, 90 };

    return (struct tls_trouble){
        .certificate = (enum tls_certificate)(data[0] % (CERTIFICATE_SHA1 + 1)),
        .alert = alerts[data[0] >> 6],
        .stall = (enum tls_stall)(data[1] & 3),
        .stall_for = data[1] & 4 ? NEVER : 1,
        .most = (enum tls_version)(data[1] >> 3 & 3),
        .no_resumption = data[1] & 32,
    };
}

static void forget_answers(int fd)
{
    char bytes[4096];

    while (recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
        ;
}

static bool is_open(enum io io)
{
    return io == IO_WANT_READ || io == IO_WANT_WRITE;
}

/* The client says all of it, and then that there is no more. */
static enum io meet(struct transport *transport, int fd, struct text bytes, size_t step)
{
    enum io io = transport_handshake(transport);

    while (is_open(io) && bytes.length > 0) {
        size_t piece = bytes.length < step ? bytes.length : step;

        must(send(fd, bytes.at, piece, MSG_NOSIGNAL) == (ssize_t)piece);
        bytes = text_from_offset(bytes, piece);
        io = transport_handshake(transport);
        forget_answers(fd);
    }
    shutdown(fd, SHUT_WR);
    for (int steps = 0; is_open(io) && steps < STEPS_MOST; steps++) {
        io = transport_handshake(transport);
        forget_answers(fd);
    }
    return io;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tls_server *server = open_server();
    struct tls_trouble trouble;
    struct transport *transport;
    int fds[2];
    enum io io;

    if (size < HEADER || size > INPUT_MOST)
        return 0;
    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
    trouble = read_trouble(data);
    transport = tls_accept(server, fds[0], text_from("fallback.example"), text_from(""), &trouble);
    io = meet(transport, fds[1], text_of((const char *)data + HEADER, size - HEADER),
              1 + (size_t)data[2] * 8);
    must(!is_open(io));
    must(!trouble.alert_sent || trouble.alert >= 0);
    must(!trouble.stalled || trouble.stall != STALL_NONE);
    must(!trouble.certificate_shown || trouble.certificate != CERTIFICATE_GOOD);
    must(!trouble.certificate_shown || trouble.alert < 0);
    must(io != IO_DONE || trouble.alert < 0);
    transport_free(transport, false);
    close(fds[1]);
    return 0;
}
