/* view: the tables of what the JSON report tells; its schema is made of them. */
#include "report/view.h"

#include "base/attributes.h"

/* What stands last is the help, and what else there is. */
#define MEMBER(view, field, kind, ...)                                          \
    {                                                                           \
        .name = #field, .type = (kind), .offset = offsetof(struct view, field), \
        .help = __VA_ARGS__                                                     \
    }

static const char *const outcomes[] = { "pass", "warn", "fail", "inconclusive", NULL };
static const char *const groups[] = { "load",     "pace",        "patience", "safety",
                                      "recovery", "connections", NULL };
static const char *const units[] = { "count", "factor", "share", "time", "rate", NULL };
static const char *const changes[] = { "better", "same", "worse", "unclear", NULL };
static const char *const sums[] = { "passed", "failed", "inconclusive", NULL };
static const char *const ends[] = { "answered", "broken", "left", "unfinished", "tunnel", NULL };
static const char *const ties[] = { "single", "likeness", "marker", NULL };
static const char *const closes[] = { "succeeded", "final", "gave up", "open", NULL };
static const char *const touches[] = { "answer",      "redirect", "delay",   "hang", "volume",
                                       "cut",         "reset",    "content", "dial", "tls",
                                       "certificate", "other",    NULL };

static const struct member run_members[] = {
    MEMBER(view_run, scenario, MEMBER_TEXT, "name of the scenario as given"),
    MEMBER(view_run, title, MEMBER_SAID, "the scenario's own"),
    MEMBER(view_run, seed, MEMBER_TEXT, "that draws depended on, in decimal"),
    MEMBER(view_run, profile, MEMBER_WORD, "of limits that no expectation sets",
           .choices = profile_names),
    MEMBER(view_run, speed, MEMBER_NUMBER, "of the timeline"),
    MEMBER(view_run, began, MEMBER_TEXT, "when the run began, UTC, RFC 3339"),
    MEMBER(view_run, length_s, MEMBER_TIME, "from the start of the run to its last event"),
    MEMBER(view_run, version, MEMBER_TEXT, "of panne"),
    MEMBER(view_run, whole, MEMBER_FLAG, "whether the log has its last line and lacks none"),
    MEMBER(view_run, lost_lines, MEMBER_COUNT, "that found no room in the log"),
    MEMBER(view_run, reloaded, MEMBER_FLAG,
           "whether the scenario was loaded again; the first one's terms hold"),
    MEMBER(view_run, had_faults, MEMBER_FLAG, "whether any fault touched something"),
    { .name = NULL },
};
static const struct record record_run = { "run", "what was run", run_members,
                                          sizeof(struct view_run) };

static const struct member counts_members[] = {
    MEMBER(view_counts, fail, MEMBER_COUNT, "findings"),
    MEMBER(view_counts, warn, MEMBER_COUNT, "findings"),
    MEMBER(view_counts, inconclusive, MEMBER_COUNT, "findings"),
    MEMBER(view_counts, pass, MEMBER_COUNT, "findings"),
    { .name = NULL },
};
static const struct record record_counts = { "counts", "findings by outcome", counts_members,
                                             sizeof(struct view_counts) };

static const struct member scope_members[] = {
    MEMBER(view_scope, phase, MEMBER_SAID, "its name"),
    MEMBER(view_scope, service, MEMBER_SAID, "its name"),
    MEMBER(view_scope, client, MEMBER_SAID, "a pattern of names or agents"),
    { .name = NULL },
};
static const struct record record_scope = { "scope",
                                            "the part of the run that was judged; null: all",
                                            scope_members, sizeof(struct view_scope) };

static const struct member expectation_members[] = {
    MEMBER(view_expectation, as_written, MEMBER_TEXT, "in the scenario's words"),
    MEMBER(view_expectation, file, MEMBER_SAID, "of the scenario"),
    MEMBER(view_expectation, line, MEMBER_ORDINAL, "in it, from 1"),
    MEMBER(view_expectation, column, MEMBER_ORDINAL, "in it, from 1"),
    MEMBER(view_expectation, warn_only, MEMBER_FLAG, "its failure does not make the run fail"),
    { .name = NULL },
};
static const struct record record_expectation = { "expectation",
                                                  "an item of expect:", expectation_members,
                                                  sizeof(struct view_expectation) };

static const struct member proof_members[] = {
    MEMBER(view_proof, exchange, MEMBER_ORDINAL, "its number in the log"),
    MEMBER(view_proof, connection, MEMBER_ORDINAL, "its number in the log"),
    MEMBER(view_proof, at_s, MEMBER_TIME, "since the start of the run"),
    MEMBER(view_proof, words, MEMBER_TEXT, "what is seen there"),
    { .name = NULL },
};
static const struct record record_proof = { "proof", "an exchange or a connection that shows it",
                                            proof_members, sizeof(struct view_proof) };

static const struct member proofs_members[] = {
    MEMBER(view_proofs, total, MEMBER_COUNT, "how many there were"),
    MEMBER(view_proofs, items, MEMBER_LIST, "the first of them", .record = &record_proof),
    { .name = NULL },
};
static const struct record record_proofs = { "proofs", "what proves it", proofs_members,
                                             sizeof(struct view_proofs) };

static const struct member finding_members[] = {
    MEMBER(view_finding, check, MEMBER_TEXT, "its name"),
    MEMBER(view_finding, title, MEMBER_TEXT, "its title"),
    MEMBER(view_finding, group, MEMBER_WORD, "of checks that show one and the same misbehavior",
           .choices = groups),
    MEMBER(view_finding, outcome, MEMBER_WORD, "what it came to", .choices = outcomes),
    MEMBER(view_finding, gate, MEMBER_FLAG,
           "whether its failure is one of the run, expected or not"),
    MEMBER(view_finding, enforced, MEMBER_FLAG, "whether its failure is one of the run"),
    MEMBER(view_finding, scope, MEMBER_OBJECT, "the part of the run that was judged",
           .record = &record_scope),
    MEMBER(view_finding, expectation, MEMBER_OBJECT, "by which it was judged; null: the profile",
           .record = &record_expectation),
    MEMBER(view_finding, unit, MEMBER_WORD,
           "of value, low, high, limit, warn and before: time is in seconds, a share from 0 to 1, "
           "a rate per second",
           .choices = units),
    MEMBER(view_finding, value, MEMBER_NUMBER, "measured; null: nothing was"),
    MEMBER(view_finding, low, MEMBER_NUMBER, "lower bound; null: none"),
    MEMBER(view_finding, high, MEMBER_NUMBER, "upper bound; null: none"),
    MEMBER(view_finding, limit, MEMBER_NUMBER, "beyond which it fails; null: none was asked"),
    MEMBER(view_finding, warn, MEMBER_NUMBER, "beyond which it warns; null: none was asked"),
    MEMBER(view_finding, at_least, MEMBER_FLAG, "whether limits are from below"),
    MEMBER(view_finding, samples, MEMBER_COUNT, "that were counted"),
    MEMBER(view_finding, missing, MEMBER_ORDINAL, "samples without which it is inconclusive"),
    MEMBER(view_finding, sample, MEMBER_SAID, "what was counted, in the plural"),
    MEMBER(view_finding, tied_by_markers, MEMBER_NUMBER,
           "share of its repeated operations that the client's markers tie; null: it is not based "
           "on any"),
    MEMBER(view_finding, evidence, MEMBER_SAID, "what was seen, in a line"),
    MEMBER(view_finding, because, MEMBER_SAID, "why it is inconclusive"),
    MEMBER(view_finding, pattern, MEMBER_TEXT, "name of the cure"),
    MEMBER(view_finding, remedy, MEMBER_TEXT, "what to do"),
    MEMBER(view_finding, source, MEMBER_TEXT, "where that is described"),
    MEMBER(view_finding, proofs, MEMBER_OBJECT, "what proves it", .record = &record_proofs),
    MEMBER(view_finding, change, MEMBER_WORD, "beside the baseline; null: there is none",
           .choices = changes),
    MEMBER(view_finding, before, MEMBER_NUMBER, "value in the baseline"),
    MEMBER(view_finding, regressed, MEMBER_FLAG,
           "whether it got worse, and that makes the run fail"),
    { .name = NULL },
};
static const struct record record_finding = { "finding", "what a check found", finding_members,
                                              sizeof(struct view_finding) };

static const struct member span_members[] = {
    MEMBER(view_span, begins_s, MEMBER_TIME, "null: it never came"),
    MEMBER(view_span, ends_s, MEMBER_TIME, "null: it has no end"),
    { .name = NULL },
};
static const struct record record_span = { "span", "a length of time since the start of the run",
                                           span_members, sizeof(struct view_span) };

static const struct member cell_members[] = {
    MEMBER(view_cell, attempts, MEMBER_COUNT, "exchanges, without tunnels"),
    MEMBER(view_cell, ok, MEMBER_COUNT, "whole answers, 2xx and 3xx"),
    MEMBER(view_cell, failed, MEMBER_COUNT, "worth another try"),
    MEMBER(view_cell, final, MEMBER_COUNT, "answers that another try does not change"),
    MEMBER(view_cell, throttled, MEMBER_COUNT, "429, 503 with a time to wait, and the like"),
    MEMBER(view_cell, broken, MEMBER_COUNT, "cut off by the server's side"),
    MEMBER(view_cell, left, MEMBER_COUNT, "given up by the client"),
    MEMBER(view_cell, unfinished, MEMBER_COUNT, "cut off by the end of the run"),
    MEMBER(view_cell, touched, MEMBER_COUNT, "that faults were exercised on"),
    MEMBER(view_cell, operations, MEMBER_COUNT, "what clients wanted, each with all its attempts"),
    MEMBER(view_cell, retries, MEMBER_COUNT, "attempts that were not the first of theirs"),
    MEMBER(view_cell, succeeded, MEMBER_COUNT, "operations whose last attempt was ok"),
    MEMBER(view_cell, gave_up, MEMBER_COUNT, "operations whose last attempt failed"),
    MEMBER(view_cell, marked, MEMBER_COUNT, "operations that carry a client's marker"),
    MEMBER(view_cell, bytes_up, MEMBER_COUNT, "of bodies from clients"),
    MEMBER(view_cell, bytes_down, MEMBER_COUNT, "of bodies to clients"),
    MEMBER(view_cell, median_s, MEMBER_TIME, "of the time to whole answers; null: there were none"),
    MEMBER(view_cell, p90_s, MEMBER_TIME, "nine of ten took no longer"),
    MEMBER(view_cell, p99_s, MEMBER_TIME, "99 of 100 took no longer"),
    { .name = NULL },
};
static const struct record record_cell = { "cell", "numbers of a part of the run", cell_members,
                                           sizeof(struct view_cell) };

static const struct member client_members[] = {
    MEMBER(view_client, name, MEMBER_TEXT, "its address, or its number with --client-by"),
    MEMBER(view_client, agent, MEMBER_SAID, "first product of its first User-Agent"),
    MEMBER(view_client, first_s, MEMBER_TIME, "when its first attempt began"),
    MEMBER(view_client, last_s, MEMBER_TIME, "when its last attempt ended"),
    MEMBER(view_client, last_ok_s, MEMBER_TIME, "end of its last good answer; null: it got none"),
    MEMBER(view_client, most_attempts, MEMBER_COUNT, "of one operation"),
    MEMBER(view_client, cell, MEMBER_OBJECT, "its numbers", .record = &record_cell),
    { .name = NULL },
};
static const struct record record_client = { "client", "a client", client_members,
                                             sizeof(struct view_client) };

static const struct member clients_members[] = {
    MEMBER(view_clients, total, MEMBER_COUNT, "clients"),
    MEMBER(view_clients, items, MEMBER_LIST, "those with most attempts, the most first",
           .record = &record_client),
    { .name = NULL },
};
static const struct record record_clients = { "clients", "who sent requests", clients_members,
                                              sizeof(struct view_clients) };

static const struct member service_members[] = {
    MEMBER(view_service, name, MEMBER_TEXT, "its name"),
    MEMBER(view_service, stays_up, MEMBER_FLAG, "no fault is meant for it"),
    MEMBER(view_service, repeatable, MEMBER_FLAG, "its POST and PATCH may be repeated"),
    MEMBER(view_service, polled, MEMBER_FLAG,
           "equal requests are asked again and again on purpose"),
    MEMBER(view_service, faults, MEMBER_OBJECT,
           "from the first attempt that was hit to the end of the last", .record = &record_span),
    MEMBER(view_service, cell, MEMBER_OBJECT, "its numbers", .record = &record_cell),
    { .name = NULL },
};
static const struct record record_service = { "service", "a service", service_members,
                                              sizeof(struct view_service) };

static const struct member part_members[] = {
    MEMBER(view_part, service, MEMBER_SAID, "its name; null: requests of none"),
    MEMBER(view_part, cell, MEMBER_OBJECT, "its numbers", .record = &record_cell),
    { .name = NULL },
};
static const struct record record_part = { "part", "a service within a phase", part_members,
                                           sizeof(struct view_part) };

static const struct member phase_members[] = {
    MEMBER(view_phase, name, MEMBER_TEXT, "its name; empty: after the timeline's end"),
    MEMBER(view_phase, begins_s, MEMBER_TIME, "since the start of the run"),
    MEMBER(view_phase, ends_s, MEMBER_TIME, "null: it was on at the end"),
    MEMBER(view_phase, again, MEMBER_FLAG, "it came more than once"),
    MEMBER(view_phase, connections, MEMBER_COUNT, "opened in it"),
    MEMBER(view_phase, handshakes, MEMBER_COUNT, "of TLS, in it"),
    MEMBER(view_phase, cell, MEMBER_OBJECT, "its numbers", .record = &record_cell),
    MEMBER(view_phase, services, MEMBER_LIST, "the same by service", .record = &record_part),
    { .name = NULL },
};
static const struct record record_phase = { "phase", "a phase of the scenario", phase_members,
                                            sizeof(struct view_phase) };

static const struct member bin_members[] = {
    MEMBER(view_bin, begins_s, MEMBER_TIME, "since the start of the run"),
    MEMBER(view_bin, attempts, MEMBER_COUNT, "that began"),
    MEMBER(view_bin, ok, MEMBER_COUNT, "of them"),
    MEMBER(view_bin, failed, MEMBER_COUNT, "of them"),
    MEMBER(view_bin, retries, MEMBER_COUNT, "of them"),
    MEMBER(view_bin, touched, MEMBER_COUNT, "of them, by faults"),
    MEMBER(view_bin, unsafe, MEMBER_COUNT, "of them, with unsafe methods"),
    MEMBER(view_bin, connections, MEMBER_COUNT, "opened"),
    MEMBER(view_bin, handshakes, MEMBER_COUNT, "of TLS"),
    MEMBER(view_bin, resumed, MEMBER_COUNT, "of them"),
    MEMBER(view_bin, mean_s, MEMBER_TIME, "time to a whole answer; null: there were none"),
    MEMBER(view_bin, slowest_s, MEMBER_TIME, "the same; to the millisecond"),
    MEMBER(view_bin, bytes_up, MEMBER_COUNT, "of bodies from clients"),
    MEMBER(view_bin, bytes_down, MEMBER_COUNT, "of bodies to clients"),
    { .name = NULL },
};
static const struct record record_bin = { "bin", "what happened in a short time", bin_members,
                                          sizeof(struct view_bin) };

static const struct member series_members[] = {
    MEMBER(view_series, width_s, MEMBER_TIME, "of a bin"),
    MEMBER(view_series, bins, MEMBER_LIST,
           "one behind the other from the start of the run; the rest is empty",
           .record = &record_bin),
    { .name = NULL },
};
static const struct record record_series = { "series", "what happened when", series_members,
                                             sizeof(struct view_series) };

static const struct member gaps_members[] = {
    MEMBER(view_gaps, retry, MEMBER_COUNT, "the first, the second and so on"),
    MEMBER(view_gaps, total, MEMBER_COUNT, "of such gaps"),
    MEMBER(view_gaps, gaps_s, MEMBER_TIMES,
           "some of them, drawn evenly; negative: the attempts overlap"),
    { .name = NULL },
};
static const struct record record_gaps = { "gaps", "how long clients waited before a retry",
                                           gaps_members, sizeof(struct view_gaps) };

static const struct member step_members[] = {
    MEMBER(view_step, exchange, MEMBER_ORDINAL, "its number in the log"),
    MEMBER(view_step, began_s, MEMBER_TIME, "since the start of the run"),
    MEMBER(view_step, ended_s, MEMBER_TIME, "since the start of the run"),
    MEMBER(view_step, status, MEMBER_ORDINAL, "that the client got"),
    MEMBER(view_step, end, MEMBER_WORD, "how it ended", .choices = ends),
    MEMBER(view_step, ok, MEMBER_FLAG, "whole, 2xx or 3xx"),
    MEMBER(view_step, failed, MEMBER_FLAG, "worth another try"),
    MEMBER(view_step, retry_after_s, MEMBER_TIME, "what the answer asked the client to wait"),
    MEMBER(view_step, told, MEMBER_ORDINAL, "the attempt's number as the client tells it"),
    MEMBER(view_step, touched, MEMBER_WORDS, "what faults did to it", .choices = touches),
    { .name = NULL },
};
static const struct record record_step = { "step", "an attempt of an operation", step_members,
                                           sizeof(struct view_step) };

static const struct member operation_members[] = {
    MEMBER(view_operation, client, MEMBER_SAID, "who; null: past the bound"),
    MEMBER(view_operation, service, MEMBER_SAID, "its name"),
    MEMBER(view_operation, phase, MEMBER_SAID, "in which it began"),
    MEMBER(view_operation, method, MEMBER_TEXT, "of the first attempt"),
    MEMBER(view_operation, host, MEMBER_SAID, "of the first attempt"),
    MEMBER(view_operation, path, MEMBER_TEXT, "of the first attempt"),
    MEMBER(view_operation, tie, MEMBER_WORD, "how its attempts were tied together",
           .choices = ties),
    MEMBER(view_operation, close, MEMBER_WORD, "how it ended", .choices = closes),
    MEMBER(view_operation, attempts, MEMBER_COUNT, "in all"),
    MEMBER(view_operation, overlaps, MEMBER_COUNT, "that began before the one before had ended"),
    MEMBER(view_operation, began_s, MEMBER_TIME, "since the start of the run"),
    MEMBER(view_operation, ended_s, MEMBER_TIME, "since the start of the run"),
    MEMBER(view_operation, steps, MEMBER_LIST, "its first attempts", .record = &record_step),
    { .name = NULL },
};
static const struct record record_operation = { "operation", "what a client wanted once",
                                                operation_members, sizeof(struct view_operation) };

static const struct member operations_members[] = {
    MEMBER(view_operations, total, MEMBER_COUNT, "of them"),
    MEMBER(view_operations, worst, MEMBER_LIST, "those with most attempts",
           .record = &record_operation),
    MEMBER(view_operations, drawn, MEMBER_LIST, "some, drawn evenly", .record = &record_operation),
    { .name = NULL },
};
static const struct record record_operations = { "operations",
                                                 "operations of more than one attempt",
                                                 operations_members,
                                                 sizeof(struct view_operations) };

static const struct member evicted_members[] = {
    MEMBER(view_evicted, clients, MEMBER_COUNT, "requests whose clients are not told apart"),
    MEMBER(view_evicted, operations, MEMBER_COUNT, "closed before their time"),
    MEMBER(view_evicted, services, MEMBER_COUNT, "requests whose services are not told apart"),
    MEMBER(view_evicted, phases, MEMBER_COUNT, "requests whose phases are not told apart"),
    MEMBER(view_evicted, polled_requests, MEMBER_COUNT, "forgotten"),
    MEMBER(view_evicted, faults, MEMBER_COUNT, "on requests that were told of too late, or never"),
    { .name = NULL },
};
static const struct record record_evicted = { "evicted", "what had no room", evicted_members,
                                              sizeof(struct view_evicted) };

static const struct member report_members[] = {
    MEMBER(view_report, report, MEMBER_COUNT, "version of this format"),
    MEMBER(view_report, verdict, MEMBER_WORD, "what it came to", .choices = sums),
    MEMBER(view_report, counts, MEMBER_OBJECT, "findings by outcome", .record = &record_counts),
    MEMBER(view_report, run, MEMBER_OBJECT, "what was run", .record = &record_run),
    MEMBER(view_report, findings, MEMBER_LIST, "the worst first", .record = &record_finding),
    MEMBER(view_report, tied_by_markers, MEMBER_NUMBER,
           "share of repeated operations that the client's markers tie; the rest by likeness"),
    MEMBER(view_report, calm, MEMBER_OBJECT, "before the first fault", .record = &record_span),
    MEMBER(view_report, trouble, MEMBER_OBJECT, "while faults were on", .record = &record_span),
    MEMBER(view_report, after, MEMBER_OBJECT, "from then to the end", .record = &record_span),
    MEMBER(view_report, total, MEMBER_OBJECT, "numbers of the whole run", .record = &record_cell),
    MEMBER(view_report, services, MEMBER_LIST, "in order of appearance", .record = &record_service),
    MEMBER(view_report, phases, MEMBER_LIST, "in order of appearance", .record = &record_phase),
    MEMBER(view_report, clients, MEMBER_OBJECT, "who sent requests", .record = &record_clients),
    MEMBER(view_report, series, MEMBER_OBJECT, "what happened when", .record = &record_series),
    MEMBER(view_report, gaps, MEMBER_LIST, "for each retry", .record = &record_gaps),
    MEMBER(view_report, operations, MEMBER_OBJECT, "of more than one attempt",
           .record = &record_operations),
    MEMBER(view_report, evicted, MEMBER_OBJECT, "what had no room", .record = &record_evicted),
    { .name = NULL },
};
const struct record record_report = { "report", "how well the client behaved", report_members,
                                      sizeof(struct view_report) };
