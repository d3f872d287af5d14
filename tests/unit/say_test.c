/* say: claims about what reaches stderr. */
#include "base/say.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct ear {
    int ends[2], stderr_before;
    char heard[8192];
};

static void listen_in(struct ear *ear)
{
    assert_int_equal(pipe2(ear->ends, O_NONBLOCK), 0);
    ear->stderr_before = dup(STDERR_FILENO);
    assert_true(dup2(ear->ends[1], STDERR_FILENO) >= 0);
}

static void hear(struct ear *ear)
{
    ssize_t length;

    assert_true(dup2(ear->stderr_before, STDERR_FILENO) >= 0);
    length = read(ear->ends[0], ear->heard, sizeof(ear->heard) - 1);
    ear->heard[length > 0 ? length : 0] = '\0';
    close(ear->stderr_before);
    close(ear->ends[0]);
    close(ear->ends[1]);
}

static void a_line_has_the_name_before_and_no_controls_within(void **state)
{
    struct ear ear;

    (void)state;
    listen_in(&ear);
    say("port %d is\ntaken\x1b[2J", 80);
    hear(&ear);
    assert_string_equal(ear.heard, "panne: port 80 is?taken?[2J\n");
}

static void a_long_line_is_whole(void **state)
{
    struct ear ear;

    (void)state;
    listen_in(&ear);
    say("%*d", 3000, 7);
    hear(&ear);
    assert_int_equal(strlen(ear.heard), strlen("panne: \n") + 3000);
}

static void errno_is_told_and_kept(void **state)
{
    struct ear ear;

    (void)state;
    listen_in(&ear);
    errno = ENOENT;
    say_errno("%s", "x.yaml");
    assert_int_equal(errno, ENOENT);
    say("and on");
    assert_int_equal(errno, ENOENT);
    hear(&ear);
    assert_string_equal(ear.heard, "panne: x.yaml: No such file or directory\npanne: and on\n");
}

static void a_stderr_that_fails_changes_nothing(void **state)
{
    struct ear ear;

    (void)state;
    listen_in(&ear);
    close(STDERR_FILENO);
    errno = EAGAIN;
    say("nobody hears");
    assert_int_equal(errno, EAGAIN);
    hear(&ear);
    assert_string_equal(ear.heard, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_the_name_before_and_no_controls_within),
        cmocka_unit_test(a_long_line_is_whole),
        cmocka_unit_test(errno_is_told_and_kept),
        cmocka_unit_test(a_stderr_that_fails_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
