/* exceed: the order statistics of small whole numbers. */
#include "verdict/exceed.h"

#include "verdict/statistics.h"

/* Of operations, where the client ties their attempts by markers; where likeness does, one in
 * twenty may be two (reasks.h). */
#define SHARE 0.99
#define SHARE_ALIKE 0.9
#define MOSTLY 0.95

void exceed_take(struct exceed *exceed, uint64_t number, bool marked)
{
    exceed->marked += marked;
    exceed->counts[number < EXCEED_CELLS ? number : EXCEED_CELLS - 1]++;
    exceed->operations++;
    exceed->most = number > exceed->most ? number : exceed->most;
}

/* The number of the operation of that rank, from 1; 0 for rank 0. */
static uint64_t number_of(const struct exceed *exceed, uint64_t rank)
{
    uint64_t number = 0;

    if (rank == 0)
        return 0;
    for (; number + 1 < EXCEED_CELLS && exceed->counts[number] < rank; number++)
        rank -= exceed->counts[number];
    return number + 1 < EXCEED_CELLS ? number : exceed->most;
}

static void say(const struct exceed *exceed, const char *what, struct finding *finding)
{
    uint64_t usual = 0;

    for (uint64_t i = 1; i < EXCEED_CELLS; i++)
        if (exceed->counts[i] >= exceed->counts[usual])
            usual = i;
    if (usual == EXCEED_CELLS - 1 || exceed->most == usual)
        finding_say(finding, "%llu of %llu operations made %s%llu attempt%s%s",
                    (unsigned long long)exceed->counts[usual],
                    (unsigned long long)exceed->operations, exceed->most == usual ? "" : "up to ",
                    (unsigned long long)exceed->most, exceed->most == 1 ? "" : "s", what);
    else
        finding_say(finding, "%llu of %llu operations made %llu attempt%s%s, the most was %llu",
                    (unsigned long long)exceed->counts[usual],
                    (unsigned long long)exceed->operations, (unsigned long long)usual,
                    usual == 1 ? "" : "s", what, (unsigned long long)exceed->most);
}

void exceed_judge(const struct exceed *exceed, uint64_t warn, uint64_t limit, uint64_t loop,
                  double alpha, const char *what, struct finding *finding)
{
    bool marked = (double)exceed->marked >= MOSTLY * (double)exceed->operations;
    struct ranks ranks = statistics_ranks(exceed->operations, marked ? SHARE : SHARE_ALIKE, alpha);
    uint64_t low = number_of(exceed, ranks.low), value = number_of(exceed, ranks.value);

    say(exceed, what, finding);
    if (exceed->most > loop) {
        low = value = exceed->most;
    } else if (exceed->operations < EXCEED_LEAST) {
        finding_unclear(finding, EXCEED_LEAST - exceed->operations,
                        "%llu operations tell, and it takes %d",
                        (unsigned long long)exceed->operations, EXCEED_LEAST);
        return;
    }
    finding_measure(finding, UNIT_COUNT, (double)value, exceed->operations, "operations");
    finding_bounds(finding, (double)low, (double)value);
    finding_at_most(finding, (double)warn, (double)limit, 0);
}
