/* parts: what the files that make up an exchange call of one another. */
#ifndef PANNE_SERVE_PARTS_H
#define PANNE_SERVE_PARTS_H

#include "serve/exchange.h"
#include "serve/session.h"

/* A request body that a made-up answer leaves unread is read and forgotten up to this size, so that
 * the connection can be used again; for more it is closed instead. */
#define DRAIN_MOST (256 * 1024u)

/* route.c: where the request goes. True: endpoint, authority, path and what the engine is asked are
 * set. False: it has been answered (refused), or it is a CONNECT and has been dealt with. */
MUST_USE bool exchange_route(struct exchange *exchange, usec now);
/* The 200 to a CONNECT, or its tunnel: when the connection's plan lets it. */
void exchange_open_connect(struct exchange *exchange, usec now);
/* What a forwarded head must look like: hop-by-hop fields gone, Host set. Once, before it is sent.
 */
void exchange_prepare_request(struct exchange *exchange);
/* The request target as the next hop wants it: a path, or absolute towards a parent proxy. */
struct text exchange_request_target(struct exchange *exchange);

/* access.c: may a stranger go there? NULL if so, else why not. */
const char *access_refusal(const struct session *session, struct text host, uint16_t port,
                           bool connect);
/* The endpoint is a reverse front of this very run (a wrapped COMMAND that has both): that one will
 * decide and log, once. */
bool access_leads_back(const struct settings *settings, const struct endpoint *endpoint);
/* upstreams_dial's `allowed`; `user` is the exchange. */
bool access_allows_address(void *user, const struct address *address);
/* The proxy on the way to a host, or NULL. */
const struct parent *access_parent(const struct settings *settings, bool tls, struct text host);

/* decide.c: whether the decision wants to see the beginning of the request's body. */
bool exchange_wants_body(struct exchange *exchange);
/* Asks the engine and fills the plan of the request. */
void exchange_decide(struct exchange *exchange, usec now);
/* The delays that are over, as measured, for the log; of the answer, at the first call. */
void exchange_settle_request_delay(struct exchange *exchange, usec now);
void exchange_settle_answer_delay(struct exchange *exchange, usec now);
/* The answer's head is there: hooks edit it and add filters; sets answer_due. */
void exchange_plan_answer(struct exchange *exchange, usec now);

/* act.c */
/* The delay is over: reset, hang, answer, or ask the origin. */
enum next exchange_act(struct exchange *exchange, usec now);
void exchange_settle_hang(struct exchange *exchange, usec now);
/* Ends it with the client's connection: by RST, or by an orderly close where the plan says so. */
enum next exchange_break_off(struct exchange *exchange, struct hit *by);
/* The connection to the origin that the plan does not let be had. */
enum next exchange_fail_dial(struct exchange *exchange, usec now);
/* The answer is out: ends the exchange now, or when the plan says. */
enum next exchange_close_late(struct exchange *exchange, usec now);

/* storm.c: interim answers that the plan wants before the final head. False: no room, or none are
 * due any more. */
bool exchange_storm(struct exchange *exchange, usec now);
bool exchange_storm_is_over(const struct exchange *exchange);

/* hold.c: the head waits for the body, of which all that is here has entered the filters. */
bool exchange_holds_head(struct exchange *exchange, usec now);
/* … and has begun to. */
bool exchange_is_holding(const struct exchange *exchange);

/* answer.c: an answer of ours in place of the origin's. Texts must live as long as the exchange. */
void exchange_answer(struct exchange *exchange, unsigned status, struct text type, struct text body,
                     usec now);
/* The answer that an `error` fault asks for. */
void exchange_answer_planned(struct exchange *exchange, usec now);
/* `502` and its kin: an answer that says what failed, in words. */
void exchange_fail(struct exchange *exchange, unsigned status, const char *outcome,
                   const char *detail, usec now);
/* The origin's answer is there, and is lost: the planned one takes its place. */
void exchange_lose_answer(struct exchange *exchange, usec now);
/* What of the body is there at once enters the filters: ours, or the end of an empty one. Once. */
void exchange_open_body(struct exchange *exchange, usec now);
/* Nothing but the connection's end ends the answer's body, or will once its head is out. */
bool exchange_ends_by_close(const struct exchange *exchange);
/* The head of the answer goes out. */
void exchange_begin_answer(struct exchange *exchange, usec now);
/* An interim answer (1xx but 101) is passed on. */
void exchange_pass_interim(struct exchange *exchange, const struct head *head, usec now);
/* Nothing of the body has come, and perhaps nothing will (RFC 9110, 10.1.1). */
bool exchange_waits_for_continue(const struct exchange *exchange);
/* `200` to a CONNECT, or the origin's `101`: from here bytes are opaque. */
void exchange_begin_tunneling(struct exchange *exchange, usec now);

/* connect.c: takes a pooled connection or dials; goes to EXCHANGE_RELAY once there is one. */
void exchange_connect(struct exchange *exchange, bool fresh, usec now);
/* The reused connection died before any byte of an answer: once more on a fresh one, if that is
 * safe. */
MUST_USE bool exchange_may_repeat(const struct exchange *exchange);
void exchange_repeat(struct exchange *exchange, usec now);
/* Back to the pool if it is clean, else closed. */
void exchange_release_origin(struct exchange *exchange);
void exchange_drop_origin(struct exchange *exchange, bool reset);

/* stale.c: an answer of the origin's is kept on its way, if some rule may want it later. Before any
 * filter of a fault is added. */
void exchange_keep_answer(struct exchange *exchange, usec now);
/* The plan's wish for a stale answer: false where none was kept. */
MUST_USE bool exchange_answer_stale(struct exchange *exchange, usec now);

/* relay.c: one turn of moving bytes both ways; true if anything moved. */
bool relay_turn(struct exchange *exchange, usec now);
/* Reads the request's body before the origin is there. True when `most` bytes or all of it have
 * come, or when nothing more will, and the exchange has ended or been answered. */
bool relay_gather_request(struct exchange *exchange, size_t most, usec now);
/* answer_head.c: reads on in the head of the origin's answer. True if anything came of it: the head
 * is there and planned, an interim one has been passed on, or there will be none. */
bool relay_read_head(struct exchange *exchange, usec now);
/* The request's body is being read, to be passed on or forgotten. */
bool relay_pulls_request(const struct exchange *exchange);
/* Both ways are done and everything is written. */
bool relay_is_done(const struct exchange *exchange);

/* exchange.c */
/* The wait before the request goes on, from now. */
void exchange_begin_delay(struct exchange *exchange, usec now);
/* A hang without an end is all that is left to wait for. */
bool exchange_waits_for_good(const struct exchange *exchange);
/* A reset fault strikes now that the answer's head is there. */
bool exchange_resets_at_head(const struct exchange *exchange);
void exchange_end(struct exchange *exchange, const char *outcome, const char *detail);
/* recognize.c: --passthrough holds this host. */
bool session_passes_through(const struct session *session, struct text host);

#endif
