/* report_case: findings of each sort over a small history. */
#include "report_case.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "story.h"

#define CHECK_OF(word, cure, ...)                                                 \
    {                                                                             \
        .name = word, .title = "Title of " word, .asks = "it is asked for " word, \
        .about = "About.", .pattern = cure,                                       \
        .remedy = "do what helps against " word ", and no more than that",        \
        .source = "A Book, Its Chapter, https://example.com/" word, __VA_ARGS__   \
    }

static const struct check amplification =
    CHECK_OF("amplification", "retry budget", .group = GROUP_LOAD);
static const struct check logout =
    CHECK_OF("logout", "sessions that last", .gate = true, .group = GROUP_SAFETY);
static const struct check jitter = CHECK_OF("jitter", "full jitter", .group = GROUP_PACE);
static const struct check timeout = CHECK_OF("timeout", "time-out", .group = GROUP_PATIENCE);
static const struct check deadline = CHECK_OF("deadline", "deadline", .group = GROUP_PATIENCE);
static const struct check certificates =
    CHECK_OF("bad-certificate", "verification", .gate = true, .group = GROUP_SAFETY);
static const struct check reuse = CHECK_OF("reuse", "keep-alive", .group = GROUP_CONNECTIONS);

static const struct expectation_terms down = { .check = &amplification,
                                               .phase = TEXT("down"),
                                               .as_written = TEXT(
                                                   "amplification: {at-most: 1.2, during: down}"),
                                               .file = TEXT("scenarios/a,b:c%.yaml"),
                                               .line = 14,
                                               .column = 3 };
static const struct expectation_terms down_again = { .check = &amplification,
                                                     .phase = TEXT("down"),
                                                     .as_written =
                                                         TEXT("amplification: {at-most: 20}"),
                                                     .file = TEXT("scenarios/a,b:c%.yaml"),
                                                     .line = 15,
                                                     .column = 3 };
static const struct expectation_terms patient = { .check = &timeout,
                                                  .service = TEXT("pay|<api>"),
                                                  .client = TEXT("app-*"),
                                                  .as_written = TEXT("timeout: 30s"),
                                                  .file = TEXT("scenarios/a,b:c%.yaml"),
                                                  .line = 16,
                                                  .column = 5 };
static const struct expectation_terms lenient = { .check = &jitter,
                                                  .as_written = TEXT("jitter: {warn-only: yes}"),
                                                  .warn_only = true,
                                                  .file = TEXT("scenarios/a,b:c%.yaml"),
                                                  .line = 17,
                                                  .column = 5 };

static struct proof proof_of(uint64_t exchange, usec at, const char *words)
{
    struct proof proof = { .exchange = exchange, .connection = 2, .at = at };

    snprintf(proof.words, sizeof proof.words, "%s", words);
    return proof;
}

static struct finding too_many(void)
{
    struct finding finding = { .check = &amplification,
                               .expectation = &down,
                               .outcome = OUTCOME_FAIL,
                               .enforced = true,
                               .unit = UNIT_FACTOR,
                               .has_value = true,
                               .has_bounds = true,
                               .has_limit = true,
                               .value = 9.87,
                               .low = 9.81,
                               .high = 9.94,
                               .limit = 1.2,
                               .warn = 1.1,
                               .samples = 300,
                               .sample = "operations",
                               .grouped = 0.625,
                               .evidence = TEXT("2961 attempts for 300 operations; 96 of the 2661 "
                                                "retries do not count, as a client may have a "
                                                "burst before it is judged by what it does"),
                               .change = CHANGE_WORSE,
                               .before = 1.02 };

    finding.proofs.items[0] = proof_of(17, 12345 * MSEC, "POST /a|b<c>`d`, 10 attempts in 1s");
    finding.proofs.items[1] = proof_of(23, 13 * SECOND, "GET /_x_&*y*%25, 9 attempts in 900ms");
    finding.proofs.items[2] = proof_of(31, 14 * SECOND, "GET /@team#1, 9 attempts in 2s");
    finding.proofs.count = 3;
    finding.proofs.total = 293;
    return finding;
}

static struct finding lost_session(void)
{
    struct finding finding = { .check = &logout,
                               .outcome = OUTCOME_FAIL,
                               .enforced = true,
                               .unit = UNIT_COUNT,
                               .has_value = true,
                               .has_limit = true,
                               .value = 2,
                               .samples = 1234567,
                               .sample = "failures",
                               .grouped = -1,
                               .evidence = TEXT("2 log-outs soon after one of 1234567 failures") };

    finding.proofs.items[0] = proof_of(40, 20 * SECOND, "POST /logout 200");
    finding.proofs.count = finding.proofs.total = 1;
    return finding;
}

static struct finding in_step(void)
{
    return (struct finding){ .check = &jitter,
                             .expectation = &lenient,
                             .outcome = OUTCOME_WARN,
                             .unit = UNIT_SHARE,
                             .has_value = true,
                             .has_bounds = true,
                             .has_limit = true,
                             .value = 0.05,
                             .low = 0.01,
                             .high = INFINITY,
                             .limit = 0.2,
                             .warn = 0.3,
                             .at_least = true,
                             .samples = 48,
                             .sample = "gaps",
                             .grouped = 1,
                             .evidence = TEXT("gaps of 48 first retries differ by 5 %") };
}

static struct finding left_open(void)
{
    return (struct finding){ .check = &timeout,
                             .expectation = &patient,
                             .outcome = OUTCOME_INCONCLUSIVE,
                             .enforced = true,
                             .unit = UNIT_TIME,
                             .has_value = true,
                             .has_bounds = true,
                             .has_limit = true,
                             .value = 12.5,
                             .low = 1.5,
                             .high = NAN,
                             .limit = 30,
                             .warn = 10,
                             .samples = 3,
                             .sample = "hung requests",
                             .missing = 23,
                             .grouped = -1,
                             .evidence = TEXT("of 3 hung requests one took 12.5 s"),
                             .because = TEXT("23 more hung requests are needed to tell it from the "
                                             "limit") };
}

static struct finding passed(const struct check *check, enum change change)
{
    return (struct finding){ .check = check,
                             .outcome = OUTCOME_PASS,
                             .unit = UNIT_COUNT,
                             .has_value = change != CHANGE_UNASKED,
                             .value = 3,
                             .samples = 9,
                             .sample = "connections",
                             .grouped = -1,
                             .evidence = TEXT("3 connections"),
                             .change = change,
                             .before = 5 };
}

static void take(void *history, enum event_kind kind, const void *event, usec time)
{
    history_take(history, kind, event, time);
}

static void on_attempt(void *made, const struct attempt *attempt, const struct operation *operation)
{
    (void)operation;
    samples_attempt(&((struct report_case *)made)->samples, attempt);
}

static void on_operation(void *made, const struct operation *operation)
{
    samples_operation(&((struct report_case *)made)->samples, operation);
}

static void live_through(struct report_case *made)
{
    static const struct service_terms api = { .name = TEXT("api") };
    const struct history_terms terms = { .services = &api, .service_count = 1 };
    const struct history_watcher watcher = { .user = made,
                                             .attempt = on_attempt,
                                             .operation = on_operation };
    struct story story = { 0 };
    struct event_request event;

    made->history = history_new(&terms, &watcher);
    story.user = made->history;
    story.take = take;
    story_phase(&story, "calm", 0);
    event = story_request(&story, "calm");
    story_take(&story, &event, SECOND);
    story_phase(&story, "down", 10 * SECOND);
    story_operation(&story, "127.0.0.2", "down", 3, SECOND, 11 * SECOND);
    story_phase(&story, "", 20 * SECOND);
    event = story_request(&story, "");
    story_take(&story, &event, 21 * SECOND + 500 * MSEC);
    history_end(made->history);
    samples_end(&made->samples);
}

static void add(struct report_case *made, struct finding finding)
{
    made->findings[made->judgment.count++] = finding;
    made->judgment.by_outcome[finding.outcome]++;
}

static void begin(struct report_case *made)
{
    memset(made, 0, sizeof *made);
    live_through(made);
    made->judgment = (struct judgment){ .history = made->history,
                                        .findings = made->findings,
                                        .scenario = TEXT("scenarios/a,b:c%.yaml"),
                                        .title = TEXT("The shop | is <down>"),
                                        .wall = TEXT("2026-11-21T18:00:00.250Z"),
                                        .version = TEXT("0.1.0"),
                                        .seed = TEXT("7"),
                                        .speed = 60,
                                        .whole = true,
                                        .had_faults = true,
                                        .samples = &made->samples };
}

void report_case_make(struct report_case *made)
{
    struct finding again = passed(&amplification, CHANGE_SAME);

    begin(made);
    made->judgment.sum = VERDICT_FAILED;
    add(made, too_many());
    add(made, lost_session());
    add(made, in_step());
    add(made, left_open());
    add(made,
        (struct finding){ .check = &deadline,
                          .outcome = OUTCOME_INCONCLUSIVE,
                          .grouped = -1,
                          .because = TEXT("no operation that faults had hit came to its end") });
    again.expectation = &down_again;
    again.enforced = true;
    add(made, again);
    add(made, passed(&reuse, CHANGE_BETTER));
    add(made, passed(&certificates, CHANGE_UNASKED));
}

void report_case_make_good(struct report_case *made)
{
    begin(made);
    made->judgment.sum = VERDICT_PASSED;
    add(made, passed(&amplification, CHANGE_UNASKED));
    add(made, passed(&reuse, CHANGE_UNASKED));
}

void report_case_clear(struct report_case *made)
{
    history_free(made->history);
    samples_clear(&made->samples);
}
