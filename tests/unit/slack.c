/* slack: reads PANNE_TEST_SLACK. */
#include "slack.h"

#include <stdlib.h>

unsigned slack(void)
{
    const char *factor = getenv("PANNE_TEST_SLACK");
    unsigned long value = factor ? strtoul(factor, NULL, 10) : 1;

    return value >= 1 && value <= 1000 ? (unsigned)value : 1;
}
