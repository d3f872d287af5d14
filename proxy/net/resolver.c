/* resolver: how names are asked for through c-ares. */
#include "net/resolver.h"

#include <ares.h>
#include <netdb.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/list.h"
#include "base/random.h"
#include "net/answers.h"

enum {
    NAME_MOST = 254, /* RFC 1035 2.3.4, with a dot at the end */
    KEEP_SECONDS = 60,
};

/* One query; all who ask for the name while it runs wait for it together. */
struct question {
    struct list node; /* among the asked, then among the finished */
    struct lookup *lookups, **end;
    struct resolver *resolver;
    char *name;
    struct answer *answer; /* NULL: see complaint */
    const char *complaint;
    bool finished;
};

struct lookup {
    struct lookup *next;
    uint16_t port;
    resolver_done *done; /* NULL: cancelled or told; all are freed with the question */
    void *user;
};

/* A descriptor of c-ares. These are used again, not freed: one may be on the stack when c-ares is
 * done with it. */
struct wire {
    struct list node;
    struct watch watch;
    struct resolver *resolver;
    int fd; /* -1: spare */
};

struct resolver {
    struct loop *loop;
    ares_channel channel; /* NULL: could not be set up, see `broken` */
    const char *broken;
    struct alarm alarm;
    struct list wires, asked, finished;
    unsigned telling; /* while answers are handed out, */
    bool gone;        /* resolver_free leaves it to whoever does so */
    struct answers answers;
};

/* From a copy: whoever is told may make the cache forget the answer, or free the resolver. */
static void tell(resolver_done *done, void *user, const struct answer *answer, uint16_t port)
{
    struct answer copy = *answer;

    for (size_t i = 0; i < copy.count; i++)
        address_set_port(&copy.addresses[i], port);
    done(user, copy.addresses, copy.count, NULL);
}

static void question_free(struct question *question)
{
    while (question->lookups) {
        struct lookup *lookup = question->lookups;

        question->lookups = lookup->next;
        free(lookup);
    }
    list_remove(&question->node);
    answer_free(question->answer);
    free(question->name);
    free(question);
}

static const char *complaint_of(int status)
{
    switch (status) {
    case ARES_ENOTFOUND:
        return "no such host";
    case ARES_ENODATA:
        return "the name has no address";
    case ARES_ETIMEOUT:
        return "no answer from the name servers";
    case ARES_ECONNREFUSED:
        return "no name server could be reached";
    case ARES_EBADNAME:
        return "not a name";
    default:
        return ares_strerror(status);
    }
}

/* The first of the family from `node` on. */
static const struct ares_addrinfo_node *next_of(const struct ares_addrinfo_node *node, int family)
{
    while (node && (node->ai_family != family || node->ai_addrlen > sizeof(struct sockaddr_in6)))
        node = node->ai_next;
    return node;
}

/* The families in turn (RFC 8305 4), each in the order that c-ares found best (RFC 6724). */
static void interleave(struct answer *answer, const struct ares_addrinfo_node *nodes)
{
    int family = nodes ? nodes->ai_family : AF_INET6;
    const struct ares_addrinfo_node *first = next_of(nodes, family);
    int other = family == AF_INET6 ? AF_INET : AF_INET6;
    const struct ares_addrinfo_node *second = next_of(nodes, other);

    while ((first || second) && answer->count < ANSWER_MOST) {
        if (first) {
            struct address *address = &answer->addresses[answer->count++];

            address->length = first->ai_addrlen;
            memcpy(&address->any, first->ai_addr, first->ai_addrlen);
            first = next_of(first->ai_next, first->ai_family);
        }
        const struct ares_addrinfo_node *swap = first;

        first = second;
        second = swap;
    }
}

/* NULL if there is no address in it. The answer expires with the shortest TTL of all that led to
 * it. */
static struct answer *answer_read(const struct ares_addrinfo *found, const char *name)
{
    struct answer *answer = answer_new(text_from(name));
    int ttl = KEEP_SECONDS;

    for (const struct ares_addrinfo_node *node = found->nodes; node; node = node->ai_next)
        ttl = node->ai_ttl < ttl ? node->ai_ttl : ttl;
    for (const struct ares_addrinfo_cname *alias = found->cnames; alias; alias = alias->next)
        ttl = alias->ttl < ttl ? alias->ttl : ttl;
    answer->expires = loop_now() + (ttl > 0 ? ttl : 0) * SECOND;
    interleave(answer, found->nodes);
    if (answer->count > 0)
        return answer;
    answer_free(answer);
    return NULL;
}

/* c-ares is on the stack here: nobody is told before it has returned. */
static void on_answer(void *user, int status, int timeouts, struct ares_addrinfo *found)
{
    struct question *question = user;

    (void)timeouts;
    if (status == ARES_SUCCESS && found)
        question->answer = answer_read(found, question->name);
    if (found)
        ares_freeaddrinfo(found);
    question->complaint = complaint_of(status == ARES_SUCCESS ? ARES_ENODATA : status);
    question->finished = true;
    list_remove(&question->node);
    list_insert(&question->resolver->finished, &question->node);
}

/* Tells all who wait. False if the resolver was freed by one of them. */
static bool hand_out(struct resolver *resolver, struct question *question)
{
    resolver->telling++;
    for (struct lookup *lookup = question->lookups; lookup && !resolver->gone;
         lookup = lookup->next) {
        resolver_done *done = lookup->done;

        lookup->done = NULL;
        if (done && question->answer)
            tell(done, lookup->user, question->answer, lookup->port);
        else if (done)
            done(lookup->user, NULL, 0, question->complaint);
    }
    resolver->telling--;
    if (!resolver->gone)
        return true;
    resolver_free(resolver);
    return false;
}

static void question_end(struct question *question)
{
    if (question->answer && question->answer->expires > loop_now()) {
        answers_put(&question->resolver->answers, question->answer);
        question->answer = NULL;
    }
    question_free(question);
}

static void on_alarm(void *user);

/* When c-ares wants to look at its time-outs, or at once if answers came while somebody asked for
 * another name. */
static void schedule(struct resolver *resolver)
{
    struct timeval room, *left = ares_timeout(resolver->channel, NULL, &room);

    if (!list_is_empty(&resolver->finished))
        alarm_set(&resolver->alarm, resolver->loop, loop_now(), on_alarm, resolver);
    else if (left)
        alarm_set(&resolver->alarm, resolver->loop,
                  loop_now() + left->tv_sec * SECOND + left->tv_usec + MSEC, on_alarm, resolver);
    else
        alarm_clear(&resolver->alarm);
}

static void process(struct resolver *resolver, int readable, int writable)
{
    ares_process_fd(resolver->channel, readable, writable);
    while (!list_is_empty(&resolver->finished)) {
        struct question *question = CONTAINER_OF(resolver->finished.next, struct question, node);

        if (!hand_out(resolver, question))
            return;
        question_end(question);
    }
    schedule(resolver);
}

static void on_alarm(void *user)
{
    process(user, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

static void on_ready(void *user, unsigned events)
{
    struct wire *wire = user;

    if (wire->fd >= 0)
        process(wire->resolver, events & WATCH_READ ? wire->fd : ARES_SOCKET_BAD,
                events & WATCH_WRITE ? wire->fd : ARES_SOCKET_BAD);
}

static struct wire *wire_of(struct resolver *resolver, int fd)
{
    struct wire *spare = NULL;

    LIST_EACH (&resolver->wires) {
        struct wire *wire = CONTAINER_OF(node, struct wire, node);

        if (wire->fd == fd)
            return wire;
        if (wire->fd < 0)
            spare = wire;
    }
    if (!spare) {
        spare = memory_take(sizeof *spare);
        spare->resolver = resolver;
        spare->fd = -1;
        list_insert(&resolver->wires, &spare->node);
    }
    return spare;
}

static void on_socket(void *user, ares_socket_t fd, int readable, int writable)
{
    struct resolver *resolver = user;
    struct wire *wire = wire_of(resolver, fd);
    unsigned events = (readable ? WATCH_READ : 0u) | (writable ? WATCH_WRITE : 0u);

    if (events == 0) {
        watch_stop(&wire->watch);
        wire->fd = -1;
    } else if (wire->fd == fd) {
        watch_change(&wire->watch, events);
    } else {
        wire->fd = fd;
        watch_start(&wire->watch, resolver->loop, fd, events, on_ready, wire);
    }
}

struct resolver *resolver_new_with(struct loop *loop, const char *servers, int timeout_ms)
{
    struct resolver *resolver = memory_take(sizeof *resolver);
    struct ares_options options = { .sock_state_cb = on_socket, .sock_state_cb_data = resolver };
    int mask = ARES_OPT_SOCK_STATE_CB, status;

    resolver->loop = loop;
    resolver->answers.seed = random_fresh();
    list_init(&resolver->wires);
    list_init(&resolver->asked);
    list_init(&resolver->finished);
    if (timeout_ms > 0) {
        options.timeout = timeout_ms;
        options.tries = 2;
        mask |= ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES;
    }
    status = ares_init_options(&resolver->channel, &options, mask);
    if (status == ARES_SUCCESS && servers)
        status = ares_set_servers_ports_csv(resolver->channel, servers);
    if (status != ARES_SUCCESS)
        resolver->broken = ares_strerror(status);
    return resolver;
}

struct resolver *resolver_new(struct loop *loop)
{
    return resolver_new_with(loop, NULL, 0);
}

static void questions_free(struct list *questions)
{
    LIST_EACH (questions)
        question_free(CONTAINER_OF(node, struct question, node));
}

void resolver_free(struct resolver *resolver)
{
    if (!resolver)
        return;
    resolver->gone = true;
    if (resolver->telling > 0)
        return;
    if (resolver->channel)
        ares_destroy(resolver->channel); /* ends each question by on_answer */
    alarm_clear(&resolver->alarm);
    questions_free(&resolver->finished);
    LIST_EACH (&resolver->wires) {
        watch_stop(&CONTAINER_OF(node, struct wire, node)->watch);
        free(CONTAINER_OF(node, struct wire, node));
    }
    answers_clear(&resolver->answers);
    free(resolver);
}

static struct question *question_of(struct resolver *resolver, struct text host)
{
    static const struct ares_addrinfo_hints hints = { .ai_flags = ARES_AI_ENVHOSTS,
                                                      .ai_family = AF_UNSPEC,
                                                      .ai_socktype = SOCK_STREAM };
    struct question *question;

    LIST_EACH (&resolver->asked) {
        question = CONTAINER_OF(node, struct question, node);
        if (text_equal_nocase(text_from(question->name), host))
            return question;
    }
    question = memory_take(sizeof *question);
    question->resolver = resolver;
    question->name = memory_string(host);
    question->end = &question->lookups;
    list_insert(&resolver->asked, &question->node);
    ares_getaddrinfo(resolver->channel, question->name, NULL, &hints, on_answer, question);
    return question;
}

struct lookup *resolver_find(struct resolver *resolver, struct text host, uint16_t port,
                             resolver_done *done, void *user)
{
    struct answer answer = { .count = 0 };
    struct question *question;
    struct lookup *lookup;

    if (answers_know(&resolver->answers, host, loop_now(), &answer)) {
        tell(done, user, &answer, port);
        return NULL;
    }
    if (host.length == 0 || host.length > NAME_MOST || memchr(host.at, 0, host.length)) {
        done(user, NULL, 0, "not a name");
        return NULL;
    }
    if (resolver->broken) {
        done(user, NULL, 0, resolver->broken);
        return NULL;
    }
    question = question_of(resolver, host);
    lookup = memory_take(sizeof *lookup);
    *lookup = (struct lookup){ .port = port, .done = done, .user = user };
    *question->end = lookup;
    question->end = &lookup->next;
    if (!question->finished) {
        schedule(resolver);
        return lookup;
    }
    /* Known without a query: from /etc/hosts, or because it can be no name. */
    if (hand_out(resolver, question)) {
        question_end(question);
        schedule(resolver);
    }
    return NULL;
}

void resolver_cancel(struct lookup *lookup)
{
    if (lookup)
        lookup->done = NULL;
}
