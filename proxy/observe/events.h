/* The events of a run's log, a line each: EVENT(name, help, FIELDS) where FIELDS(T, C, D, M, F, R,
 * H) lists its fields in order: T(name, help) text · C count · D duration (usec, written as
 * milliseconds with three decimals) · M moment (usec since the start of the run, written as seconds
 * with six) · F flag · R real number · H hash (16 hex digits, as a text). Members, JSON keys and
 * the manual's table come from here. An empty text, a NEVER duration and a hash of 0 are left out.
 * Each line also has "event", "seq" (from 0, without gaps unless lines were lost) and "time"
 * (seconds since the start of the run). */
#ifndef PANNE_OBSERVE_EVENTS_H
#define PANNE_OBSERVE_EVENTS_H

#define RUN_FIELDS(T, C, D, M, F, R, H)                                                        \
    T(version, "of panne")                                                                     \
    T(wall, "when the run began, UTC, RFC 3339")                                               \
    T(scenario, "name of the scenario as given")                                               \
    T(hash, "of the scenario's text, 16 hex digits")                                           \
    T(text, "the scenario's text, whole")                                                      \
    T(seed, "that draws depend on, in decimal")                                                \
    R(speed, "of the timeline")                                                                \
    D(floor, "no phase is compressed below this")                                              \
    T(phase, "the only one that is replayed (--phase)")                                        \
    D(from, "where the replay begins, in scenario time")                                       \
    D(until, "where it ends")                                                                  \
    F(step, "phases wait for a step")                                                          \
    T(bindings, "ways in and origins, as given, separated by spaces")                          \
    T(services, "hosts bound by --service, as given, separated by spaces")                     \
    F(any_host, "hosts are left out of account: there is one upstream")                        \
    C(generation, "0, and one more with each reload")                                          \
    C(workers, "threads that serve")                                                           \
    T(file, "of the scenario, with its path")                                                  \
    T(profile, "of the limits that the client is judged by")                                   \
    T(expected, "of the client: a line each, its line, column and file, a tab, and the words") \
    T(client_by, "how clients are told apart")
#define LISTEN_FIELDS(T, C, D, M, F, R, H) \
    T(kind, "reverse, forward, origin")    \
    T(url, "with the real port")           \
    T(upstream, "where all requests go, if one was named")
#define PHASE_FIELDS(T, C, D, M, F, R, H)                            \
    T(name, "of the phase that begins; empty at the timeline's end") \
    D(lasts, "wall time")                                            \
    D(scenario_lasts, "scenario time")                               \
    T(why, "start, time, step, reload, end")
#define CONNECTION_FIELDS(T, C, D, M, F, R, H)                                            \
    C(connection, "its number")                                                           \
    T(client, "address without port; local: on a Unix socket")                            \
    T(listener, "that took it")                                                           \
    T(tls, "version, if TLS")                                                             \
    T(server_name, "SNI")                                                                 \
    F(resumed, "TLS session")                                                             \
    C(requests, "exchanges")                                                              \
    C(bytes_in, "application bytes from the client")                                      \
    C(bytes_out, "to the client")                                                         \
    D(lasted, "from accept to close")                                                     \
    T(end, "how it ended: client, done, idle, aged, timeout, tls, drain, reset, refused") \
    T(detail, "in words")
#define REQUEST_FIELDS(T, C, D, M, F, R, H)                                                     \
    C(exchange, "its number")                                                                   \
    C(connection, "of the client")                                                              \
    C(client_connection, "its place among the connections of the client, from 0, where a rule " \
                         "asks for it")                                                         \
    T(client, "that sent it; with --client-by client-1, client-2 and so on")                    \
    T(service, "that it was taken for; left out for none")                                      \
    T(phase, "that was on when it was decided")                                                 \
    M(decided, "when the decision was taken, since the timeline's start")                       \
    M(timeline, "where the timeline stood then, at its speed: what steps skip counts, too")     \
    C(generation, "of the scenario that decided")                                               \
    C(ordinal, "place among the exchanges of this client and operation, from 0")                \
    C(turn, "place among all decisions, from 1, where the scenario has a ratelimit; else 0")    \
    T(method, "of the request; CONNECT for a tunnel")                                           \
    T(host, "asked for; in reverse mode the upstream's, unless --preserve-host is given")       \
    T(path, "without the query")                                                                \
    T(query, "only with --log-queries")                                                         \
    T(matched,                                                                                  \
      "services and rules whose conditions on what is not logged (headers, queries, bodies, "   \
      "ports) were met, separated by spaces")                                                   \
    C(status, "that the client got; 0: none")                                                   \
    T(outcome, "answered, made, cut, closed, reset, client-left, upstream-failed, refused, "    \
               "tunnel, upgraded")                                                              \
    T(detail, "in words, where something failed")                                               \
    T(origin, "address that answered")                                                          \
    F(reused, "origin connection")                                                              \
    F(repeated, "sent once more on a fresh connection because a reused one had died")           \
    C(faults, "that were decided on")                                                           \
    D(injected, "delay asked for, in all")                                                      \
    D(measured, "what it came to")                                                              \
    D(first_byte, "from the request's head to the first byte of the answer sent")               \
    D(lasted, "from the request's head to the end of the answer")                               \
    D(client_ended, "from the request's head to when the client stopped sending, if that was "  \
                    "before the answer's end")                                                  \
    C(bytes_up, "of body from the client")                                                      \
    C(bytes_down, "of body to the client")                                                      \
    T(agent, "the first product of User-Agent")                                                 \
    H(print, "of method, host, target and body (first 4 KiB and length): equal for attempts "   \
             "at one thing")                                                                    \
    T(marker, "the header that ties attempts together")                                         \
    H(mark, "of its value, salted afresh in each run")                                          \
    C(attempt, "its number as the client tells it, from 1; 0: it tells none")                   \
    H(key, "of the Idempotency-Key, salted")                                                    \
    D(retry_after, "what the answer asks the client to wait before it comes again")             \
    F(retry_date, "as a date, which has no parts of seconds")                                   \
    T(error, "type of error that the answer's head names")                                      \
    H(tag, "of the answer's ETag, salted")                                                      \
    H(known_tag, "of the ETag in If-None-Match, If-Match or If-Range, salted")
#define FAULT_FIELDS(T, C, D, M, F, R, H)                        \
    C(exchange, "that it hit; 0: the opening of the connection") \
    C(connection, "of the client")                               \
    T(rule, "its id: phase and place")                           \
    T(kind, "of fault")                                          \
    R(draw, "in [0, 1)")                                         \
    R(share, "at that moment: hit because draw < share")         \
    D(asked, "delay drawn")                                      \
    D(measured, "what it came to")                               \
    C(touched, "bytes, or 1 for what has none")                  \
    F(exercised, "false: decided on, but touched nothing")       \
    F(shadowed, "an answer that came second")                    \
    T(note, "what else is worth knowing")
#define OPENING_FIELDS(T, C, D, M, F, R, H)                                                   \
    C(connection, "its number")                                                               \
    C(client_connection, "its place among the connections of the client, from 0")             \
    T(client, "address without port; local: on a Unix socket")                                \
    T(service, "that it was taken for; left out for none")                                    \
    T(phase, "that was on when it was decided")                                               \
    M(decided, "when the decision was taken, since the timeline's start")                     \
    M(timeline, "where the timeline stood then, at its speed")                                \
    C(generation, "of the scenario that decided")                                             \
    C(ordinal, "place among the decisions on connections of this client and service, from 0") \
    C(turn, "as in a request")                                                                \
    T(host, "that it leads to")                                                               \
    T(matched, "as in a request")                                                             \
    C(faults, "that were decided on")
#define TROUBLE_FIELDS(T, C, D, M, F, R, H)                                             \
    T(what, "short name: starved, full, refused, reload-failed, repeated, unresolved, " \
            "unreachable, timeout, forbidden, parent, unverified, tls")                 \
    T(detail, "in words")                                                               \
    C(connection, "concerned, if any")                                                  \
    C(exchange, "concerned, if any")
#define TLS_FIELDS(T, C, D, M, F, R, H)         \
    C(connection, "concerned")                  \
    T(side, "client, parent (proxy) or origin") \
    T(version, "negotiated")                    \
    T(server_name, "SNI")                       \
    F(resumed, "session")                       \
    T(detail,                                   \
      "what is worth knowing: a certificate asked for in vain, an alert, why verification failed")
#define COMMAND_FIELDS(T, C, D, M, F, R, H) \
    T(what, "started, ended, signaled")     \
    C(pid, "of COMMAND")                    \
    C(status, "exit status, or signal number")
#define END_FIELDS(T, C, D, M, F, R, H)                           \
    C(exit, "exit status")                                        \
    T(why, "in words")                                            \
    C(requests, "in all")                                         \
    C(faults, "exercised")                                        \
    C(crowded, "decisions that shared a count, for lack of room") \
    C(lost, "events that found no room: the log is incomplete if not 0")

#define EVENTS(X)                                                                            \
    X(run, "the first line: what is run", RUN_FIELDS)                                        \
    X(listen, "a listener accepts", LISTEN_FIELDS)                                           \
    X(phase, "a phase begins", PHASE_FIELDS)                                                 \
    X(connection, "a client's connection has ended", CONNECTION_FIELDS)                      \
    X(request, "an exchange has ended", REQUEST_FIELDS)                                      \
    X(fault, "what a rule did to an exchange; stands before its request line", FAULT_FIELDS) \
    X(opening,                                                                               \
      "what was decided on a connection itself, where a rule could hit it; stands before "   \
      "its connection line",                                                                 \
      OPENING_FIELDS)                                                                        \
    X(tls, "a TLS handshake, done or failed", TLS_FIELDS)                                    \
    X(trouble, "something went wrong", TROUBLE_FIELDS)                                       \
    X(command, "the wrapped command", COMMAND_FIELDS)                                        \
    X(end, "the last line", END_FIELDS)

#endif
