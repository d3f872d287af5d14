/* finding: how a measured value and its bounds become an outcome, and how evidence is put into
 * words. */
#include "verdict/finding.h"

#include <string.h>

#include "base/buffer.h"
#include "history/operation.h"

/* A client that does exactly what is allowed can never be told from one that does a little more:
 * its upper bound stays above the limit for ever. That much more is let pass. */
#define MARGIN 0.05

const char *outcome_name(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_PASS:
        return "pass";
    case OUTCOME_WARN:
        return "warn";
    case OUTCOME_FAIL:
        return "fail";
    case OUTCOME_INCONCLUSIVE:
        break;
    }
    return "inconclusive";
}

void proofs_add_raw(struct proofs *proofs, const struct proof *proof)
{
    if (proofs->count < PROOFS)
        proofs->items[proofs->count++] = *proof;
    proofs->total++;
}

static const char *end_in_words(enum attempt_end end)
{
    switch (end) {
    case ATTEMPT_BROKEN:
        return "broken off";
    case ATTEMPT_LEFT:
        return "given up";
    case ATTEMPT_UNFINISHED:
        return "not finished";
    case ATTEMPT_TUNNEL:
        return "a tunnel";
    case ATTEMPT_ANSWERED:
        break;
    }
    return "answered";
}

/* The path gives way where there is little room; what comes behind it matters more. */
static void add_target(struct buffer *out, struct text method, struct text path)
{
    enum { LONGEST_METHOD = 10, LONGEST_PATH = 36 };
    size_t cut = LONGEST_PATH - 3;

    method.length = method.length > LONGEST_METHOD ? LONGEST_METHOD : method.length;
    buffer_add_text(out, method);
    buffer_add_byte(out, ' ');
    if (path.length <= LONGEST_PATH) {
        buffer_add_text(out, path);
        return;
    }
    while (cut > 0 && ((unsigned char)path.at[cut] & 0xc0) == 0x80)
        cut--;
    buffer_add(out, path.at, cut);
    buffer_add_string(out, "...");
}

static void add_end(struct buffer *out, const struct attempt *attempt)
{
    if (attempt->end == ATTEMPT_ANSWERED && attempt->status > 0)
        buffer_format(out, " %u", attempt->status);
    else
        buffer_format(out, " %s", end_in_words(attempt->end));
}

static void keep(struct proofs *proofs, struct proof *proof, struct buffer *words)
{
    size_t length = words->length;

    buffer_mask_controls(words);
    if (length >= sizeof(proof->words)) {
        length = sizeof(proof->words) - 1;
        while (length > 0 && ((unsigned char)words->at[length] & 0xc0) == 0x80)
            length--;
    }
    memcpy(proof->words, words->at, length);
    proof->words[length] = '\0';
    proofs_add_raw(proofs, proof);
}

static void add_words(struct buffer *words, const char *format, va_list values) PRINTF_LIKE(2, 0);

static void add_words(struct buffer *words, const char *format, va_list values)
{
    if (!format)
        return;
    buffer_add_string(words, ", ");
    buffer_format_list(words, format, values);
}

void proofs_add(struct proofs *proofs, const struct attempt *attempt, const char *format, ...)
{
    struct proof proof = { .exchange = attempt->exchange,
                           .connection = attempt->connection,
                           .at = attempt->began };
    struct buffer words = { 0 };
    va_list values;

    if (proofs->count == PROOFS) {
        proofs->total++;
        return;
    }
    add_target(&words, attempt->method, attempt->path);
    add_end(&words, attempt);
    va_start(values, format);
    add_words(&words, format, values);
    va_end(values);
    keep(proofs, &proof, &words);
    buffer_free(&words);
}

void proofs_add_operation(struct proofs *proofs, const struct operation *operation,
                          const char *format, ...)
{
    struct proof proof = { .at = operation->began };
    struct buffer words = { 0 };
    va_list values;

    if (proofs->count == PROOFS) {
        proofs->total++;
        return;
    }
    if (operation->step_count > 0)
        proof.exchange = operation->steps[0].exchange;
    add_target(&words, operation->method, operation->path);
    buffer_format(&words, ", %u attempt%s in ", operation->attempts,
                  operation->attempts == 1 ? "" : "s");
    buffer_add_duration(&words, (operation->ended - operation->began) / MSEC * MSEC);
    va_start(values, format);
    add_words(&words, format, values);
    va_end(values);
    keep(proofs, &proof, &words);
    buffer_free(&words);
}

static struct text format_list(struct arena *arena, const char *format, va_list values)
    PRINTF_LIKE(2, 0);

static struct text format_list(struct arena *arena, const char *format, va_list values)
{
    struct buffer words = { 0 };
    struct text text;

    buffer_format_list(&words, format, values);
    buffer_mask_controls(&words);
    text = arena_copy(arena, buffer_text(&words));
    buffer_free(&words);
    return text;
}

void finding_measure(struct finding *finding, enum unit unit, double value, uint64_t samples,
                     const char *sample)
{
    finding->unit = unit;
    finding->has_value = true;
    finding->value = value;
    finding->samples = samples;
    finding->sample = sample;
}

void finding_bounds(struct finding *finding, double low, double high)
{
    finding->has_bounds = true;
    finding->low = low;
    finding->high = high;
}

void finding_say(struct finding *finding, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    finding->evidence = format_list(finding->arena, format, values);
    va_end(values);
}

void finding_unclear(struct finding *finding, uint64_t missing, const char *format, ...)
{
    va_list values;

    finding->outcome = OUTCOME_INCONCLUSIVE;
    finding->missing = missing;
    va_start(values, format);
    finding->because = format_list(finding->arena, format, values);
    va_end(values);
}

void finding_idle(struct finding *finding, const char *format, ...)
{
    va_list values;

    finding->outcome = OUTCOME_PASS;
    va_start(values, format);
    finding->evidence = format_list(finding->arena, format, values);
    va_end(values);
}

static void set_limits(struct finding *finding, double warn, double limit, bool at_least)
{
    finding->has_limit = true;
    finding->limit = limit;
    finding->warn = warn;
    finding->at_least = at_least;
}

static void leave_open(struct finding *finding, uint64_t missing)
{
    const char *sample = finding->sample ? finding->sample : "samples";

    if (missing > 0 && missing < UINT64_MAX)
        finding_unclear(finding, missing, "%llu more %s are needed to tell it from the limit",
                        (unsigned long long)missing, sample);
    else
        finding_unclear(finding, 0, "%llu %s do not tell it from the limit",
                        (unsigned long long)finding->samples, sample);
}

void finding_at_most(struct finding *finding, double warn, double limit, uint64_t missing)
{
    double low = finding->has_bounds ? finding->low : finding->value;
    double high = finding->has_bounds ? finding->high : finding->value;

    set_limits(finding, warn, limit, false);
    if (low > limit)
        finding->outcome = OUTCOME_FAIL;
    else if (low > warn)
        finding->outcome = OUTCOME_WARN;
    else if (high <= limit || (finding->has_bounds && high <= limit * (1 + MARGIN)))
        finding->outcome = OUTCOME_PASS;
    else
        leave_open(finding, missing);
}

void finding_at_least(struct finding *finding, double warn, double limit, uint64_t missing)
{
    double low = finding->has_bounds ? finding->low : finding->value;
    double high = finding->has_bounds ? finding->high : finding->value;

    set_limits(finding, warn, limit, true);
    if (high < limit)
        finding->outcome = OUTCOME_FAIL;
    else if (high < warn)
        finding->outcome = OUTCOME_WARN;
    else if (low >= limit || (finding->has_bounds && low >= limit * (1 - MARGIN)))
        finding->outcome = OUTCOME_PASS;
    else
        leave_open(finding, missing);
}
