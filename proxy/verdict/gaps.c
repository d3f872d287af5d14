/* gaps: which pauses are the client's own, and which of them are kept. */
#include "verdict/gaps.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "history/reservoir.h"

/* A client that comes back in less than half of the time that it was asked to wait does not listen:
 * then all its pauses are its own. */
static bool is_deaf(const struct operation *operation)
{
    for (uint32_t i = 1; i < operation->step_count; i++) {
        usec asked = operation->steps[i - 1].retry_after;

        if (asked != NEVER && operation_gap(operation, i) < asked / 2)
            return true;
    }
    return false;
}

bool gap_own(const struct operation *operation, uint32_t index)
{
    const struct step *before = &operation->steps[index - 1];

    return !before->ok && before->end != ATTEMPT_UNFINISHED &&
           (before->retry_after == NEVER || is_deaf(operation)) &&
           operation_gap(operation, index) >= 0;
}

static unsigned fill(struct gap_row *row, const struct operation *operation)
{
    unsigned count = 0;

    for (uint32_t i = 1; i < operation->step_count && i <= GAP_INDICES; i++) {
        if (!gap_own(operation, i))
            continue;
        row->has[i - 1] = true;
        row->gaps[i - 1] = (float)operation_gap(operation, i) / (float)SECOND;
        count++;
    }
    return count;
}

static void count(struct gaps *gaps, const struct operation *operation)
{
    bool failed = false, asked = false;

    for (uint32_t i = 0; i < operation->step_count; i++) {
        failed = failed || operation->steps[i].failed;
        asked = asked || (i > 0 && operation->steps[i - 1].retry_after != NEVER);
    }
    gaps->asked += asked;
    gaps->failed += failed;
    gaps->gave_up += operation->close == CLOSE_GAVE_UP;
    gaps->retried += operation->attempts > 1;
    gaps->tied += operation->attempts > 1 && operation->tie == TIE_MARK;
}

void gaps_take(struct gaps *gaps, const struct operation *operation, unsigned least)
{
    struct gap_row row = { .client = operation->client, .service = operation->service };
    size_t place;

    count(gaps, operation);
    if (operation->attempts < 2 || fill(&row, operation) < least)
        return;
    place = reservoir_place(gaps->seen++, GAP_ROWS);
    if (place < GAP_ROWS)
        gaps->rows[place] = row;
}

size_t gaps_rows(const struct gaps *gaps)
{
    return gaps->seen < GAP_ROWS ? (size_t)gaps->seen : GAP_ROWS;
}

double gaps_grouped(const struct gaps *gaps)
{
    return gaps->retried ? (double)gaps->tied / (double)gaps->retried : 1;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

void gaps_sort(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare);
}

size_t gaps_column(const struct gaps *gaps, unsigned column, double least, double *out)
{
    size_t count = 0;

    for (size_t i = 0; i < gaps_rows(gaps); i++)
        if (gaps->rows[i].has[column])
            out[count++] = fmax((double)gaps->rows[i].gaps[column], least);
    gaps_sort(out, count);
    return count;
}

double gaps_median(const double *sorted, size_t count)
{
    return count ? (sorted[(count - 1) / 2] + sorted[count / 2]) / 2 : 0;
}

struct gap_words gap_words(double seconds)
{
    struct gap_words words;

    if (seconds < 0.9995)
        (void)snprintf(words.text, sizeof words.text, "%.3g ms", seconds * 1000);
    else
        (void)snprintf(words.text, sizeof words.text, "%.3g s", fmin(seconds, 1e9));
    return words;
}

void gaps_prove(struct proofs *proofs, const struct operation *operation)
{
    enum { SHOWN = 3 };
    struct buffer words = { 0 };

    if (proofs->count < PROOFS) {
        for (uint32_t i = 1; i < operation->step_count && i <= SHOWN; i++)
            buffer_format(&words, "%s%s", i > 1 ? ", " : "",
                          gap_words((double)operation_gap(operation, i) / (double)SECOND).text);
        if (operation->attempts > SHOWN + 1)
            buffer_add_string(&words, ", ...");
    }
    proofs_add_operation(proofs, operation, "gaps %.*s", (int)words.length, buffer_text(&words).at);
    buffer_free(&words);
}

bool gaps_idle(const struct gaps *gaps, struct finding *finding)
{
    if (gaps->failed == 0)
        finding_unclear(finding, 0, "no operation failed, so there was nothing to try again");
    else if (gaps->retried == 0)
        finding_idle(finding, "%llu operations failed, none was tried again",
                     (unsigned long long)gaps->failed);
    else
        return false;
    return true;
}
