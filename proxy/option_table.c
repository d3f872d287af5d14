/* option_table: every option there is, a row each. */
#include "option.h"

#include "verdict/check.h"

#define ROW(member, ctype, kind, ...) \
    .field = FIELD(struct options, member, ctype, kind, __VA_ARGS__)
#define FLAG(member, ...) ROW(member, bool, FIELD_FLAG, __VA_ARGS__)
#define STRING(member, ...) ROW(member, struct text, FIELD_TEXT, __VA_ARGS__)
#define LIST(member, ...) ROW(member, struct field_texts, FIELD_TEXTS, __VA_ARGS__)
#define SPAN(member, ...) ROW(member, usec, FIELD_DURATION, __VA_ARGS__)
#define COUNT(member, ...) ROW(member, uint64_t, FIELD_COUNT, __VA_ARGS__)
#define CHOICE(member, ...) ROW(member, int, FIELD_CHOICE, __VA_ARGS__)

static const char *const starts[] = { "match", "now", NULL };
static const char *const whens[] = { "auto", "always", "never", NULL };
static const char *const captures[] = { "proxy", NULL };
static const char *const no_proxies[] = { "empty", "keep", NULL };
static const char *const formats[] = { "sh", "dotenv", "json", "github", NULL };
static const char *const reports[] = { "text", "json", "github", "sarif", NULL };

static const char report_help[] = "write the verdict as "
#define REPORT(name) #name ", "
#include "report/table.h"
#undef REPORT
                                  "to this file; without one, or to -, to stdout";

static const struct option_row rows[] = {
    { SPAN(floor, .name = "floor", .fallback = "10s", .most = (double)HOUR,
           .help = "compress no phase below this; one written shorter keeps its own length"),
      .argument = "DURATION", .commands = FOR_RUN | FOR_SHOW | FOR_LIST, .group = GROUP_REPLAY },
    { ROW(speed, double, FIELD_NUMBER, .name = "speed", .least = 0.001, .most = 1e6,
          .help = "divide the scenario's times by this; the client's own timers stay as they are"),
      .letter = 's', .argument = "FACTOR", .commands = FOR_RUN | FOR_SHOW, .group = GROUP_REPLAY,
      .otherwise = "the scenario's" },
    { STRING(phase, .name = "phase", .help = "replay only this phase"), .letter = 'p',
      .argument = "NAME", .commands = FOR_RUN | FOR_SHOW, .group = GROUP_REPLAY },
    { SPAN(from, .name = "from", .clock = CLOCK_SCENARIO,
           .help = "begin here, in the scenario's time"),
      .argument = "DURATION", .commands = FOR_RUN | FOR_SHOW, .group = GROUP_REPLAY },
    { SPAN(until, .name = "until", .clock = CLOCK_SCENARIO,
           .help = "end here, in the scenario's time"),
      .argument = "DURATION", .commands = FOR_RUN | FOR_SHOW, .group = GROUP_REPLAY },
    { STRING(seed, .name = "seed",
             .help = "a number that all draws depend on: same seed and same requests, same faults"),
      .argument = "NUMBER", .commands = FOR_RUN, .group = GROUP_REPLAY,
      .otherwise = "the scenario's, or a fresh one" },
    { LIST(services, .name = "service",
           .help = "recognize a service of the scenario by this host (a pattern) and port instead "
                   "of its own"),
      .argument = "NAME=HOST[:PORT]", .commands = FOR_RUN, .group = GROUP_REPLAY },
    { LIST(sets, .name = "set", .help = "give a var of the scenario this value"),
      .argument = "NAME=VALUE", .commands = FOR_RUN | FOR_SHOW | FOR_CHECK, .group = GROUP_REPLAY },
    { CHOICE(start, .name = "start", .fallback = "match", .choices = starts,
             .help = "when the timeline starts: with the first exchange that matches a service "
                     "(match), or at once (now)"),
      .argument = "WHEN", .commands = FOR_RUN, .group = GROUP_REPLAY },
    { FLAG(step, .name = "step",
           .help = "stay in each phase until SIGUSR1, or Enter on a terminal, leads to the next"),
      .commands = FOR_RUN, .group = GROUP_REPLAY },
    { FLAG(repeat, .name = "repeat", .help = "run COMMAND again and again until the timeline ends"),
      .commands = FOR_RUN, .group = GROUP_REPLAY },
    { STRING(client_by, .name = "client-by", .fallback = "address",
             .help =
                 "tell clients apart by their source address, by address+agent (and User-Agent), "
                 "by authorization (credentials and API keys, of which nothing is kept), by tls "
                 "(what their ClientHello offers), or by a header field, header:NAME"),
      .argument = "WAY", .commands = FOR_RUN, .group = GROUP_REPLAY },

    { LIST(listens, .name = "listen",
           .help = "accept requests for an origin here: http://127.0.0.1:8080, https://[::1]:8443, "
                   "unix:PATH; port 0 takes a free one; COMMAND finds the first in PANNE_URL"),
      .letter = 'l', .argument = "URL", .commands = FOR_RUN | FOR_ORIGIN, .group = GROUP_WAYS_IN,
      .otherwise = "http://127.0.0.1:0" },
    { LIST(upstreams, .name = "upstream",
           .help = "the origin of the --listen in the same place: http://HOST[:PORT], "
                   "https://HOST[:PORT], unix:PATH, or embedded for a small one inside panne"),
      .letter = 'u', .argument = "URL", .commands = FOR_RUN, .group = GROUP_WAYS_IN },
    { LIST(routes, .name = "route", .help = "a --listen and its --upstream in one"), .letter = 'r',
      .argument = "LISTEN=UPSTREAM", .commands = FOR_RUN, .group = GROUP_WAYS_IN },
    { LIST(forwards, .name = "forward",
           .help = "be a proxy for clients that ask for one: PORT, HOST:PORT or unix:PATH; TLS is "
                   "intercepted with the local authority"),
      .letter = 'f', .argument = "ADDR", .commands = FOR_RUN, .group = GROUP_WAYS_IN },
    { LIST(passthrough, .name = "passthrough",
           .help = "tunnel TLS to these hosts (a pattern) untouched"),
      .argument = "PATTERN", .commands = FOR_RUN, .group = GROUP_WAYS_IN },
    { CHOICE(capture, .name = "capture", .fallback = "proxy", .choices = captures,
             .help =
                 "how COMMAND's traffic gets here: proxy sets the variables that programs read"),
      .argument = "HOW", .commands = FOR_RUN, .group = GROUP_WAYS_IN },
    { CHOICE(no_proxy, .name = "no-proxy", .fallback = "empty", .choices = no_proxies,
             .help = "what COMMAND finds in NO_PROXY: nothing, so that all its traffic gets here "
                     "(empty), or what it holds (keep)"),
      .argument = "HOW", .commands = FOR_RUN | FOR_CA, .group = GROUP_WAYS_IN },
    { STRING(cert, .name = "cert", .help = "show this certificate chain (PEM) on https listeners"),
      .argument = "FILE", .commands = FOR_RUN, .group = GROUP_WAYS_IN,
      .otherwise = "minted for the name asked for" },
    { STRING(key, .name = "key", .help = "the private key of --cert"), .argument = "FILE",
      .commands = FOR_RUN, .group = GROUP_WAYS_IN, .otherwise = "in the file of --cert" },

    { STRING(upstream_ca, .name = "upstream-ca",
             .help = "verify origins and parent proxies by these authorities (PEM)"),
      .argument = "FILE", .commands = FOR_RUN, .group = GROUP_ORIGINS,
      .otherwise = "the system's" },
    { FLAG(upstream_insecure, .name = "upstream-insecure",
           .help = "do not verify the certificates of origins and parent proxies"),
      .commands = FOR_RUN, .group = GROUP_ORIGINS },
    { STRING(client_cert, .name = "client-cert",
             .help = "show this certificate (PEM) to origins that ask for one"),
      .argument = "FILE", .commands = FOR_RUN, .group = GROUP_ORIGINS },
    { STRING(client_key, .name = "client-key", .help = "the private key of --client-cert"),
      .argument = "FILE", .commands = FOR_RUN, .group = GROUP_ORIGINS,
      .otherwise = "in the file of --client-cert" },
    { STRING(parent, .name = "parent",
             .help = "reach origins through this proxy: http[s]://[USER:PASSWORD@]HOST[:PORT]"),
      .argument = "URL", .commands = FOR_RUN, .group = GROUP_ORIGINS,
      .otherwise = "what https_proxy, http_proxy and no_proxy say" },
    { FLAG(no_parent, .name = "no-parent",
           .help = "reach origins directly, whatever the environment says"),
      .commands = FOR_RUN, .group = GROUP_ORIGINS },
    { FLAG(preserve_host, .name = "preserve-host",
           .help = "pass on the Host that the client sent to a --listen"),
      .commands = FOR_RUN, .group = GROUP_ORIGINS, .otherwise = "the upstream's own" },
    { FLAG(keep_alt_svc, .name = "keep-alt-svc",
           .help = "leave Alt-Svc in answers, by which clients may go past panne"),
      .commands = FOR_RUN, .group = GROUP_ORIGINS },
    { FLAG(via, .name = "via", .help = "add Via to requests"), .commands = FOR_RUN,
      .group = GROUP_ORIGINS },
    { FLAG(flood_origin, .name = "flood-origin",
           .help = "let floods reach origins, too: without it, a flood of requests leaves them as "
                   "they are"),
      .commands = FOR_RUN, .group = GROUP_ORIGINS },

    { LIST(allowed, .name = "allow",
           .help = "who may use listeners beyond loopback: an address or a network"),
      .argument = "CIDR", .commands = FOR_RUN, .group = GROUP_ACCESS },
    { LIST(targets, .name = "target",
           .help = "let clients from elsewhere reach these internal hosts (a pattern)"),
      .argument = "PATTERN", .commands = FOR_RUN, .group = GROUP_ACCESS },
    { LIST(connect_ports, .name = "connect-ports",
           .help = "ports, separated by commas, that clients from elsewhere may CONNECT to, "
                   "besides 443 and those of --service"),
      .argument = "LIST", .commands = FOR_RUN, .group = GROUP_ACCESS },

    { COUNT(workers, .name = "workers", .fallback = "1", .least = 1, .most = 64,
            .help = "threads that serve"),
      .letter = 'w', .argument = "N", .commands = FOR_RUN, .group = GROUP_BOUNDS },
    { COUNT(max_connections, .name = "max-connections", .fallback = "10000", .least = 1,
            .most = 1e6, .help = "client connections at once; more of them wait"),
      .argument = "N", .commands = FOR_RUN, .group = GROUP_BOUNDS },
    { SPAN(header_timeout, .name = "header-timeout", .fallback = "10s", .least = (double)MSEC,
           .most = 24.0 * HOUR, .help = "how long a request's head may take to come in whole"),
      .argument = "DURATION", .commands = FOR_RUN, .group = GROUP_BOUNDS },
    { SPAN(idle_timeout, .name = "idle-timeout", .fallback = "60s", .least = (double)MSEC,
           .most = 24.0 * HOUR, .help = "how long a connection on which nothing moves stays open"),
      .argument = "DURATION", .commands = FOR_RUN, .group = GROUP_BOUNDS },
    { SPAN(connect_timeout, .name = "connect-timeout", .fallback = "10s", .least = (double)MSEC,
           .most = 24.0 * HOUR,
           .help = "how long it may take to reach an origin: name, connection, TLS"),
      .argument = "DURATION", .commands = FOR_RUN, .group = GROUP_BOUNDS },
    { SPAN(origin_timeout, .name = "origin-timeout", .fallback = "60s", .least = (double)MSEC,
           .most = 24.0 * HOUR,
           .help = "how long an origin may take to the first byte of its answer"),
      .argument = "DURATION", .commands = FOR_RUN, .group = GROUP_BOUNDS },
    { SPAN(drain_timeout, .name = "drain-timeout", .fallback = "10s", .most = 24.0 * HOUR,
           .help = "how long exchanges may take to finish when the run ends"),
      .argument = "DURATION", .commands = FOR_RUN, .group = GROUP_BOUNDS },
    { ROW(max_head, uint64_t, FIELD_SIZE, .name = "max-head", .fallback = "32KiB", .least = 256,
          .most = 32768, .help = "the longest head of a request or an answer"),
      .argument = "SIZE", .commands = FOR_RUN, .group = GROUP_BOUNDS },
    { COUNT(max_fields, .name = "max-fields", .fallback = "100", .least = 1, .most = 1000,
            .help = "the most header fields of a request or an answer"),
      .argument = "N", .commands = FOR_RUN, .group = GROUP_BOUNDS },

    { STRING(log, .name = "log",
             .help = "write down every request and fault, a JSON object a line; - is stdout"),
      .letter = 'o', .argument = "FILE", .commands = FOR_RUN, .group = GROUP_OUTPUT },
    { FLAG(log_queries, .name = "log-queries", .help = "keep the queries of URLs in the log"),
      .commands = FOR_RUN, .group = GROUP_OUTPUT },
    { STRING(
          ready_file, .name = "ready-file",
          .help =
              "write this file when all listeners accept; it names them with their ports, as JSON"),
      .argument = "FILE", .commands = FOR_RUN | FOR_ORIGIN, .group = GROUP_OUTPUT },
    { COUNT(request, .name = "request", .least = 1, .most = 0x1p53,
            .help = "tell why this exchange got what it got"),
      .letter = 'n', .argument = "NUMBER", .commands = FOR_EXPLAIN, .group = GROUP_OUTPUT },
    { CHOICE(profile, .name = "profile", .choices = profile_names,
             .help = "which kind of client this is: it sets the limits of checks that the "
                     "scenario's expectations do not"),
      .argument = "NAME", .commands = FOR_RUN | FOR_REPORT, .group = GROUP_OUTPUT,
      .otherwise = "the scenario's" },
    { LIST(reports, .name = "report", .help = report_help), .argument = "FORMAT[:FILE]",
      .commands = FOR_RUN | FOR_REPORT, .group = GROUP_OUTPUT },
    { STRING(baseline, .name = "baseline",
             .help = "compare with the run of this log: better, same or worse for each check"),
      .argument = "LOG", .commands = FOR_RUN | FOR_REPORT, .group = GROUP_OUTPUT },
    { FLAG(gate_regressions, .name = "gate-regressions",
           .help = "fail where a check that does not pass got worse than in the log of --baseline"),
      .commands = FOR_RUN | FOR_REPORT, .group = GROUP_OUTPUT },
    { FLAG(quiet, .name = "quiet", .help = "say only what is wrong"), .letter = 'q',
      .commands = FOR_RUN | FOR_CHECK | FOR_ORIGIN, .group = GROUP_OUTPUT },
    { CHOICE(report, .name = "format", .fallback = "text", .choices = reports,
             .help = "how problems are told: text on stderr; json, an array of them on stdout; "
                     "github, workflow commands on stdout that put them beside the lines; sarif, "
                     "for code scanning, on stdout"),
      .argument = "FORMAT", .commands = FOR_CHECK, .group = GROUP_OUTPUT },
    { CHOICE(color, .name = "color", .fallback = "auto", .choices = whens,
             .help = "use colors; auto: on a terminal, unless NO_COLOR is set"),
      .argument = "WHEN", .commands = FOR_RUN | FOR_SHOW | FOR_REPORT, .group = GROUP_OUTPUT },
    { FLAG(plain, .name = "plain",
           .help = "draw in ASCII, and without colors unless --color asks "
                   "for them"),
      .commands = FOR_SHOW, .group = GROUP_OUTPUT },
    { CHOICE(live, .name = "live", .fallback = "auto", .choices = whens,
             .help = "draw the run's progress on stderr; auto: on a terminal, unless COMMAND "
                     "writes there"),
      .argument = "WHEN", .commands = FOR_RUN, .group = GROUP_OUTPUT },

    { STRING(ca_dir, .name = "ca-dir", .help = "where the local certificate authority lies"),
      .argument = "DIR", .commands = FOR_RUN | FOR_CA, .group = GROUP_AUTHORITY,
      .otherwise = "panne below $XDG_DATA_HOME or ~/.local/share" },
    { FLAG(replace, .name = "replace",
           .help = "with init: in place of the authority that is there"),
      .commands = FOR_CA, .group = GROUP_AUTHORITY },
    { CHOICE(format, .name = "format", .fallback = "sh", .choices = formats,
             .help = "with env: how to write it: sh, dotenv, json, github"),
      .argument = "FORMAT", .commands = FOR_CA, .group = GROUP_AUTHORITY },
    { STRING(out, .name = "out", .help = "with export and env: write it to this file"),
      .argument = "FILE", .commands = FOR_CA, .group = GROUP_AUTHORITY, .otherwise = "to stdout" },
    { STRING(proxy, .name = "proxy", .help = "with env: the proxy to name, http://127.0.0.1:PORT"),
      .argument = "URL", .commands = FOR_CA, .group = GROUP_AUTHORITY,
      .otherwise = "only what is about certificates" },
};

_Static_assert(COUNT_OF(rows) <= OPTIONS_MOST, "a flag for each row");

const struct option_row *option_at(size_t index)
{
    return index < COUNT_OF(rows) ? &rows[index] : NULL;
}

const char *option_group_title(enum option_group group)
{
    static const char *const titles[] = {
        [GROUP_REPLAY] = "What is replayed",
        [GROUP_WAYS_IN] = "Ways in",
        [GROUP_ORIGINS] = "Towards origins",
        [GROUP_ACCESS] = "Clients from elsewhere",
        [GROUP_BOUNDS] = "Bounds",
        [GROUP_OUTPUT] = "What it says",
        [GROUP_AUTHORITY] = "Local authority",
    };

    return titles[group];
}
