/* environment_test: what COMMAND finds in its environment. */
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

#define PROXY "http://127.0.0.1:4567"

struct scene {
    struct certs_fixture *fixture;
    struct certs *certs;
    struct environment *environment;
};

static int set_up(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);

    if (!scene || certs_fixture_set_up((void **)&scene->fixture) < 0)
        return -1;
    clearenv();
    setenv("PATH", "/usr/bin:/bin", 1);
    scene->certs = certs_must_open(scene->fixture);
    *state = scene;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;
    int status = 0;

    environment_free(scene->environment);
    certs_free(scene->certs);
    status = certs_fixture_tear_down((void **)&scene->fixture);
    free(scene);
    return status;
}

static void make(struct scene *scene, const char *proxy, bool keep_no_proxy)
{
    const struct environment_options options = { .proxy_url = proxy,
                                                 .certs = scene->certs,
                                                 .keep_no_proxy = keep_no_proxy };

    scene->environment = environment_new(&options, &scene->fixture->complaint);
    if (!scene->environment)
        fail_msg("%s", scene->fixture->complaint.at);
}

static const char *value(const struct scene *scene, const char *name)
{
    return environment_value(scene->environment, name);
}

static void assert_value(const struct scene *scene, const char *name, const char *wanted)
{
    const char *found = value(scene, name);

    if (!found || strcmp(found, wanted) != 0)
        fail_msg("%s: wanted `%s`, found `%s`", name, wanted, found ? found : "(nothing)");
}

static struct text content_of(const char *path, struct buffer *content)
{
    buffer_clear(content);
    assert_non_null(path);
    assert_true(file_read(path, content));
    return buffer_text(content);
}

static void assert_in_file(const char *path, const char *wanted)
{
    struct buffer content = { 0 };

    content_of(path, &content);
    if (!strstr(content.at, wanted))
        fail_msg("%s: wanted `%s` in `%s`", path, wanted, content.at);
    buffer_free(&content);
}

static void both_cases_name_the_proxy(void **state)
{
    static const char *const names[] = { "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy",
                                         "ALL_PROXY",  "all_proxy",  "grpc_proxy" };
    struct scene *scene = *state;

    setenv("https_proxy", "http://another:1", 1);
    make(scene, PROXY, false);
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_value(scene, names[i], PROXY);
    assert_value(scene, "NODE_USE_ENV_PROXY", "1");
    assert_value(scene, "PERL_LWP_ENV_PROXY", "1");
}

static void nothing_is_spared_unless_asked_for(void **state)
{
    struct scene *scene = *state;

    setenv("NO_PROXY", "localhost", 1);
    make(scene, PROXY, false);
    assert_value(scene, "NO_PROXY", "");
    assert_value(scene, "no_proxy", "");
    environment_free(scene->environment);
    make(scene, PROXY, true);
    assert_null(value(scene, "NO_PROXY"));
    assert_null(value(scene, "no_proxy"));
}

static void every_bundle_holds_our_ca(void **state)
{
    static const char *const names[] = {
        "SSL_CERT_FILE",       "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",      "AWS_CA_BUNDLE",
        "GIT_SSL_CAINFO",      "PIP_CERT",
        "CARGO_HTTP_CAINFO",   "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
        "HTTPLIB2_CA_CERTS",   "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE",
        "NIX_SSL_CERT_FILE",   "PERL_LWP_SSL_CA_FILE",
        "HTTPS_CA_FILE",       "npm_config_cafile",
        "NODE_EXTRA_CA_CERTS", "DENO_CERT",
        "PANNE_CA_FILE",
    };
    struct scene *scene = *state;

    make(scene, PROXY, false);
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_in_file(value(scene, names[i]), certs_pem(scene->certs).at);
}

/* Two variables, two files, both with what the user trusts. */
static void own_bundles_are_kept(void **state)
{
    struct scene *scene = *state;
    struct folder *own = folder_new(NULL, &scene->fixture->complaint);
    static const struct text one = TEXT("the one\n"), other = TEXT("the other\n");

    assert_non_null(own);
    setenv("SSL_CERT_FILE", folder_write(own, "1", one, &scene->fixture->complaint), 1);
    setenv("PIP_CERT", folder_write(own, "2", other, &scene->fixture->complaint), 1);
    make(scene, PROXY, false);
    assert_in_file(value(scene, "SSL_CERT_FILE"), "the one\n");
    assert_in_file(value(scene, "SSL_CERT_FILE"), certs_pem(scene->certs).at);
    assert_in_file(value(scene, "PIP_CERT"), "the other\n");
    folder_free(own);
}

static void folder_of_certificates_is_added_to_a_present_one(void **state)
{
    struct scene *scene = *state;

    make(scene, PROXY, false);
    assert_null(value(scene, "SSL_CERT_DIR"));
    environment_free(scene->environment);
    setenv("SSL_CERT_DIR", "/etc/ssl/certs", 1);
    make(scene, PROXY, false);
    assert_int_equal(strncmp(value(scene, "SSL_CERT_DIR"), "/etc/ssl/certs:/", 16), 0);
    assert_int_equal(access(value(scene, "SSL_CERT_DIR") + 15, R_OK | X_OK), 0);
}

static void own_settings_are_copied(void **state)
{
    struct scene *scene = *state;
    struct folder *home = folder_new(NULL, &scene->fixture->complaint);
    static const struct text dot = TEXT("timeout = 7"), named = TEXT("timeout = 8");
    const char *path = NULL;

    assert_non_null(home);
    setenv("HOME", folder_path(home), 1);
    assert_non_null(folder_write(home, ".wgetrc", dot, &scene->fixture->complaint));
    make(scene, PROXY, false);
    assert_in_file(value(scene, "WGETRC"), "timeout = 7\n");
    assert_in_file(value(scene, "WGETRC"), "\nca_certificate = /");
    assert_in_file(value(scene, "SYSTEM_WGET2RC"), "ca-certificate = /");
    environment_free(scene->environment);
    path = folder_write(home, "named", named, &scene->fixture->complaint);
    setenv("WGETRC", path, 1);
    make(scene, PROXY, false);
    assert_in_file(value(scene, "WGETRC"), "timeout = 8\n");
    folder_free(home);
}

static void php_keeps_its_own_folders(void **state)
{
    static const struct {
        const char *present, *start;
    } rows[] = { { NULL, ":/" }, { "", ":/" }, { "/a:/b", "/a:/b:/" } };
    struct scene *scene = *state;
    struct buffer path = { 0 };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t length = strlen(rows[i].start);

        if (rows[i].present)
            setenv("PHP_INI_SCAN_DIR", rows[i].present, 1);
        environment_free(scene->environment);
        make(scene, PROXY, false);
        assert_int_equal(strncmp(value(scene, "PHP_INI_SCAN_DIR"), rows[i].start, length), 0);
        buffer_clear(&path);
        buffer_format(&path, "%s/panne.ini", value(scene, "PHP_INI_SCAN_DIR") + length - 1);
        assert_in_file(path.at, "curl.cainfo=\"/");
        assert_in_file(path.at, "openssl.cafile=\"/");
    }
    buffer_free(&path);
}

static const char *java_with(struct scene *scene, const char *proxy, bool keep)
{
    environment_free(scene->environment);
    scene->environment = NULL;
    make(scene, proxy, keep);
    return value(scene, "JAVA_TOOL_OPTIONS");
}

static void assert_says(const char *whole, const char *part)
{
    if (!whole || !strstr(whole, part))
        fail_msg("wanted `%s` in `%s`", part, whole ? whole : "(nothing)");
}

static void java_is_told_behind_its_own_options(void **state)
{
    struct scene *scene = *state;
    const char *java = NULL;

    setenv("JAVA_TOOL_OPTIONS", "-Xmx99m", 1);
    java = java_with(scene, PROXY, false);
    assert_int_equal(strncmp(java, "-Xmx99m -D", 10), 0);
    assert_says(java, " -Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort=4567");
    assert_says(java, " -Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=4567");
    assert_says(java, " -Dhttp.nonProxyHosts= ");
    assert_says(java, " -Djavax.net.ssl.trustStore=/");
    assert_says(java_with(scene, "http://[::1]:80/", false), "proxyHost=::1 -Dhttp.proxyPort=80 ");
    assert_says(java_with(scene, "http://a.example", false), "Host=a.example -Dhttp.proxyPort=80 ");
}

static void java_spares_whom_the_user_spares(void **state)
{
    static const struct {
        const char *list, *wanted;
    } rows[] = {
        { "", "Hosts= " },
        { "*", "Hosts=* " },
        { "a.example, .b.example", "Hosts=a.example|*.a.example|*.b.example " },
        { "a.example:8080", "Hosts=a.example|*.a.example " },
        { "10.0.0.0/8,[::1]:80", "Hosts=[::1] " },
    };
    struct scene *scene = *state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        setenv("NO_PROXY", rows[i].list, 1);
        assert_says(java_with(scene, PROXY, true), rows[i].wanted);
    }
}

static void proxy_that_is_none_is_refused(void **state)
{
    static const char *const urls[] = {
        "",           "127.0.0.1:80",   "https://a:80",  "http://",    "http://:80", "http://a:",
        "http://a:0", "http://a:65536", "http://[::1]x", "http://a/b", "http://u@a", "http://[::1",
    };
    struct scene *scene = *state;

    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        const struct environment_options options = { .proxy_url = urls[i], .certs = scene->certs };

        buffer_clear(&scene->fixture->complaint);
        if (environment_new(&options, &scene->fixture->complaint))
            fail_msg("`%s` was taken", urls[i]);
        assert_says(scene->fixture->complaint.at, "http://HOST:PORT is wanted");
    }
}

static void without_a_proxy_only_the_ca_is_told(void **state)
{
    struct scene *scene = *state;

    make(scene, NULL, false);
    assert_null(value(scene, "HTTPS_PROXY"));
    assert_null(value(scene, "NO_PROXY"));
    assert_null(value(scene, "NODE_USE_ENV_PROXY"));
    assert_non_null(value(scene, "SSL_CERT_FILE"));
    assert_null(strstr(value(scene, "JAVA_TOOL_OPTIONS"), "proxyHost"));
}

static size_t count_of(char *const *vector, const char *start)
{
    size_t count = 0;

    for (; *vector; vector++)
        count += strncmp(*vector, start, strlen(start)) == 0;
    return count;
}

static void vector_is_ours_with_the_changes(void **state)
{
    struct scene *scene = *state;
    char **vector = NULL;

    setenv("UNTOUCHED", "yes", 1);
    setenv("NO_PROXY", "a", 1);
    setenv("NO_PROXY_PLEASE", "a", 1);
    make(scene, PROXY, false);
    setenv("UNTOUCHED", "later", 1);
    vector = environment_vector(scene->environment);
    assert_int_equal(count_of(vector, "UNTOUCHED=yes"), 1);
    assert_int_equal(count_of(vector, "NO_PROXY_PLEASE=a"), 1);
    assert_int_equal(count_of(vector, "NO_PROXY="), 1);
    assert_int_equal(count_of(vector, "HTTPS_PROXY=" PROXY), 1);
}

static void files_go_with_it(void **state)
{
    struct scene *scene = *state;
    char path[256];

    make(scene, PROXY, false);
    snprintf(path, sizeof path, "%s", value(scene, "SSL_CERT_FILE"));
    assert_int_equal(access(path, R_OK), 0);
    environment_free(scene->environment);
    scene->environment = NULL;
    assert_int_equal(access(path, R_OK), -1);
    *strrchr(path, '/') = '\0';
    assert_int_equal(access(path, R_OK), -1);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(both_cases_name_the_proxy),
        CLAIM(nothing_is_spared_unless_asked_for),
        CLAIM(every_bundle_holds_our_ca),
        CLAIM(own_bundles_are_kept),
        CLAIM(folder_of_certificates_is_added_to_a_present_one),
        CLAIM(own_settings_are_copied),
        CLAIM(php_keeps_its_own_folders),
        CLAIM(java_is_told_behind_its_own_options),
        CLAIM(java_spares_whom_the_user_spares),
        CLAIM(proxy_that_is_none_is_refused),
        CLAIM(without_a_proxy_only_the_ca_is_told),
        CLAIM(vector_is_ours_with_the_changes),
        CLAIM(files_go_with_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
