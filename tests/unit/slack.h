/* slack: how much more time a slow run is given. */
#ifndef PANNE_TESTS_SLACK_H
#define PANNE_TESTS_SLACK_H

/* What a test multiplies its limits of time by: 1, or what PANNE_TEST_SLACK says in the
   environment. tests/run sets it where every instruction costs many times more, as under valgrind.
 */
unsigned slack(void);

#endif
