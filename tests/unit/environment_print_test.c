/* environment_print_test: the variables as text, read back by those for whom it is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "certs_fixture.h"
#include "environment.h"
#include "folder.h"

/* In a value that the user has set, and that is added to: all that a format could trip over. */
#define HARD "-Da='x y' -Db=\"$HOME\" -Dc=`id` -Dd=\\ -De=é\n-Df"

struct scene {
    struct certs_fixture *fixture;
    struct certs *certs;
    struct environment *environment;
    struct folder *folder;
    struct buffer out;
};

static int set_up(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);
    struct environment_options options = { .proxy_url = "http://127.0.0.1:4567" };

    if (!scene || certs_fixture_set_up((void **)&scene->fixture) < 0)
        return -1;
    clearenv();
    setenv("PATH", "/usr/bin:/bin", 1);
    setenv("JAVA_TOOL_OPTIONS", HARD, 1);
    scene->certs = certs_must_open(scene->fixture);
    options.certs = scene->certs;
    scene->environment = environment_new(&options, &scene->fixture->complaint);
    scene->folder = folder_new(NULL, &scene->fixture->complaint);
    *state = scene;
    return scene->environment && scene->folder ? 0 : -1;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;
    int status = 0;

    folder_free(scene->folder);
    environment_free(scene->environment);
    certs_free(scene->certs);
    buffer_free(&scene->out);
    status = certs_fixture_tear_down((void **)&scene->fixture);
    free(scene);
    return status;
}

/* Prints it to a file, runs `line` with the file as $1, and wants three values of its output. */
static void assert_read_back(struct scene *scene, enum environment_format format, const char *line)
{
    struct buffer command = { 0 }, wanted = { 0 };
    char said[8192] = "";
    const char *path = NULL;
    FILE *lines = NULL;
    size_t length = 0;

    environment_print(scene->environment, format, &scene->out);
    path = folder_write(scene->folder, "printed", buffer_text(&scene->out),
                        &scene->fixture->complaint);
    buffer_format(&command, "set -- %s; %s", path, line);
    lines = popen(command.at, "re"); // NOLINT(cert-env33-c): a test's own command
    assert_non_null(lines);
    length = fread(said, 1, sizeof said - 1, lines);
    said[length] = '\0';
    assert_int_equal(pclose(lines), 0);
    buffer_format(&wanted, "%s|%s|%s\n", environment_value(scene->environment, "HTTPS_PROXY"),
                  environment_value(scene->environment, "NO_PROXY"),
                  environment_value(scene->environment, "JAVA_TOOL_OPTIONS"));
    assert_string_equal(said, wanted.at);
    buffer_free(&wanted);
    buffer_free(&command);
}

static void shell_reads_it_back(void **state)
{
    assert_read_back(*state, ENVIRONMENT_SH,
                     "unset JAVA_TOOL_OPTIONS; . \"$1\";"
                     " sh -c 'printf \"%s|%s|%s\\n\" \"$HTTPS_PROXY\" \"$NO_PROXY\""
                     " \"$JAVA_TOOL_OPTIONS\"'");
}

#define SAY "print(v['HTTPS_PROXY'], v['NO_PROXY'], v['JAVA_TOOL_OPTIONS'], sep='|')"

static void json_reads_it_back(void **state)
{
    assert_read_back(*state, ENVIRONMENT_JSON,
                     "PYTHONUTF8=1 /usr/bin/python3 -c \"import json, sys\n"
                     "v = json.load(open(sys.argv[1]))\n" SAY "\" $1");
}

/* As the runner does: NAME<<DELIMITER, lines, DELIMITER. */
static void github_reads_it_back(void **state)
{
    assert_read_back(
        *state, ENVIRONMENT_GITHUB,
        "PYTHONUTF8=1 /usr/bin/python3 -c \"import re, sys\n"
        "v = {m[1]: m[3] for m in re.finditer("
        "r'^(\\w+)<<(\\w+)\\n(.*?)\\n\\2$', open(sys.argv[1]).read(), re.M | re.S)}\n" SAY "\" $1");
}

/* The rules that all readers of such files share: bare, single quotes as is, double with escapes.
 */
static void dotenv_quotes_only_what_it_must(void **state)
{
    struct scene *scene = *state;

    environment_print(scene->environment, ENVIRONMENT_DOTENV, &scene->out);
    assert_non_null(strstr(scene->out.at, "HTTPS_PROXY=http://127.0.0.1:4567\n"));
    assert_non_null(strstr(scene->out.at, "NO_PROXY=\n"));
    assert_non_null(strstr(scene->out.at, "JAVA_TOOL_OPTIONS=\"-Da='x y' -Db=\\\"\\$HOME\\\" "
                                          "-Dc=\\`id\\` -Dd=\\\\ -De=é\\n-Df -Dhttp.proxyHost="));
}

static void formats_have_names(void **state)
{
    static const char *const names[] = { "sh", "dotenv", "json", "github" };
    enum environment_format format;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        assert_true(environment_format(text_from(names[i]), &format));
        assert_int_equal(format, i);
    }
    assert_false(environment_format(text_from("yaml"), &format));
}

/* One entry a variable, and nothing that mandoc would have to guess at. */
static void manual_tells_of_each(void **state)
{
    struct scene *scene = *state;
    size_t entries = 0;

    environment_manual(&scene->out);
    for (const char *at = scene->out.at; (at = strstr(at, "\n.It Ev ")); at++)
        entries++;
    assert_int_equal(entries, 38);
    assert_non_null(strstr(scene->out.at, "\n.It Ev HTTPS_PROXY\n"));
    assert_non_null(strstr(scene->out.at, "\nRead by git.\n"));
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(shell_reads_it_back),  CLAIM(json_reads_it_back),
        CLAIM(github_reads_it_back), CLAIM(dotenv_quotes_only_what_it_must),
        CLAIM(formats_have_names),   CLAIM(manual_tells_of_each),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
