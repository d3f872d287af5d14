/* certs_test: the CA, in itself and on disk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/arena.h"
#include "certs_fixture.h"
#include "net/certs.h"

static void assert_refused(struct certs_fixture *fixture, const char *why)
{
    assert_null(certs_open(fixture->folder, &fixture->complaint));
    if (!strstr(fixture->complaint.at, why))
        fail_msg("wanted `%s` in `%s`", why, fixture->complaint.at);
    buffer_clear(&fixture->complaint);
}

static unsigned mode_of(const struct certs_fixture *fixture, const char *name)
{
    struct stat found;
    char path[256];

    certs_path(fixture, name, path);
    assert_int_equal(stat(path, &found), 0);
    return found.st_mode & 07777u;
}

static void ca_is_what_it_should_be(void **state)
{
    struct certs *certs = certs_must_open(*state);
    X509 *authority = certs_authority(certs);
    time_t from = certs_moment(X509_get0_notBefore(authority));
    time_t until = certs_moment(X509_get0_notAfter(authority));
    int critical = 0;
    BASIC_CONSTRAINTS *constraints =
        X509_get_ext_d2i(authority, NID_basic_constraints, &critical, NULL);

    assert_non_null(constraints);
    assert_int_equal(critical, 1);
    assert_true(constraints->ca);
    assert_int_equal(ASN1_INTEGER_get(constraints->pathlen), 0);
    BASIC_CONSTRAINTS_free(constraints);
    assert_int_equal(X509_get_key_usage(authority), KU_KEY_CERT_SIGN | KU_CRL_SIGN);
    assert_non_null(X509_get0_subject_key_id(authority));
    assert_true(until - from < 365 * DAY);
    assert_true(from <= time(NULL) - 3600 && from > time(NULL) - 3700);
    assert_null(certs_verify(authority, authority, NULL, NULL, time(NULL)));
    X509_free(authority);
    certs_free(certs);
}

static void ca_lies_safely_on_disk(void **state)
{
    struct certs_fixture *fixture = *state;

    umask(0);
    certs_free(certs_must_open(fixture));
    umask(022);
    assert_int_equal(mode_of(fixture, "ca-key.pem"), 0600);
    assert_int_equal(mode_of(fixture, "ca.pem"), 0644);
    assert_int_equal(mode_of(fixture, ""), 0700);
    assert_int_equal(mode_of(fixture, ".."), 0700);
}

static void ca_is_the_same_when_opened_again(void **state)
{
    struct certs *first = certs_must_open(*state);
    struct certs *second = certs_must_open(*state);

    assert_true(text_equal(certs_pem(first), certs_pem(second)));
    certs_free(first);
    certs_free(second);
}

static void ca_is_replaced_only_if_asked_to(void **state)
{
    struct certs_fixture *fixture = *state;
    struct certs *first = NULL, *second = NULL;

    assert_true(certs_init(fixture->folder, false, &fixture->complaint));
    first = certs_must_open(fixture);
    assert_false(certs_init(fixture->folder, false, &fixture->complaint));
    assert_non_null(strstr(fixture->complaint.at, "already"));
    buffer_clear(&fixture->complaint);
    assert_true(certs_init(fixture->folder, true, &fixture->complaint));
    second = certs_must_open(fixture);
    assert_false(text_equal(certs_pem(first), certs_pem(second)));
    certs_free(first);
    certs_free(second);
}

static void write_file(const struct certs_fixture *fixture, const char *name, const char *content)
{
    char path[256];
    int fd = -1;

    certs_path(fixture, name, path);
    fd = open(path, O_WRONLY | O_TRUNC | O_CREAT, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, strlen(content)), (ssize_t)strlen(content));
    close(fd);
}

static void bad_cas_are_refused(void **state)
{
    struct certs_fixture *fixture = *state;
    struct certs *first = certs_must_open(fixture);
    char path[256];

    certs_path(fixture, "ca-key.pem", path);
    for (unsigned open_to = 1; open_to < 0100; open_to <<= 1) {
        assert_int_equal(chmod(path, 0600 | open_to), 0);
        assert_refused(fixture, "chmod 600");
    }
    assert_int_equal(chmod(path, 0600), 0);
    if (geteuid() == 0) {
        assert_int_equal(chown(path, 12345, 0), 0);
        assert_refused(fixture, "somebody else");
        assert_int_equal(chown(path, 0, 0), 0);
    }
    assert_true(certs_init(fixture->folder, true, &fixture->complaint));
    write_file(fixture, "ca.pem", certs_pem(first).at);
    assert_refused(fixture, "does not fit");
    write_file(fixture, "ca.pem", "nothing");
    assert_refused(fixture, "ca.pem holds no certificate");
    write_file(fixture, "ca-key.pem", "nothing");
    assert_refused(fixture, "ca-key.pem holds no key");
    assert_int_equal(unlink(path), 0);
    assert_refused(fixture, "No such file");
    assert_int_equal(mkdir(path, 0700), 0);
    assert_refused(fixture, "not a file");
    assert_int_equal(rmdir(path), 0);
    certs_free(first);
}

static void ca_is_refused_outside_its_time(void **state)
{
    struct certs_fixture *fixture = *state;

    certs_free(certs_must_open(fixture));
    certs_move_clock(366 * DAY);
    assert_refused(fixture, "expired; `panne ca init");
    certs_move_clock(-2 * DAY);
    assert_refused(fixture, "clock");
}

static void folder_that_cannot_be_made_is_told(void **state)
{
    struct certs_fixture *fixture = *state;
    char kept[sizeof fixture->folder];

    assert_true(certs_init(fixture->folder, false, &fixture->complaint));
    memcpy(kept, fixture->folder, sizeof kept);
    snprintf(fixture->folder, sizeof fixture->folder, "%.100s/ca.pem/below", kept);
    assert_refused(fixture, "Not a directory");
    assert_false(certs_init("", false, &fixture->complaint));
    memcpy(fixture->folder, kept, sizeof kept);
}

static void description_names_all_that_matters(void **state)
{
    struct certs_fixture *fixture = *state;
    struct certs *certs = certs_must_open(fixture);
    struct buffer out = { 0 };
    static const char *const wanted[] = { "CN=panne local CA ", "UTC to 2", "SHA-256 ",
                                          "/panne/ca.pem\n", "/panne/ca-key.pem\n" };

    certs_describe(certs, &out);
    for (size_t i = 0; i < COUNT_OF(wanted); i++)
        if (!strstr(out.at, wanted[i]))
            fail_msg("wanted `%s` in `%s`", wanted[i], out.at);
    buffer_free(&out);
    certs_free(certs);
}

static void default_folder_follows_the_environment(void **state)
{
    static const struct {
        const char *data, *home, *folder;
    } rows[] = {
        { "/data", "/home-of-mine", "/data/panne" },
        { NULL, "/home-of-mine", "/home-of-mine/.local/share/panne" },
        { "relative", "/home-of-mine", "/home-of-mine/.local/share/panne" },
        { "", "/home-of-mine", "/home-of-mine/.local/share/panne" },
        { NULL, NULL, NULL },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer path = { 0 };
        unsetenv("XDG_DATA_HOME");
        unsetenv("HOME");
        if (rows[i].data)
            setenv("XDG_DATA_HOME", rows[i].data, 1);
        if (rows[i].home)
            setenv("HOME", rows[i].home, 1);
        assert_int_equal(certs_default_folder(&path), rows[i].folder != NULL);
        if (rows[i].folder)
            assert_string_equal(path.at, rows[i].folder);
        buffer_free(&path);
    }
}

#define CLAIM(test) \
    cmocka_unit_test_setup_teardown(test, certs_fixture_set_up, certs_fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(ca_is_what_it_should_be),
        CLAIM(ca_lies_safely_on_disk),
        CLAIM(ca_is_the_same_when_opened_again),
        CLAIM(ca_is_replaced_only_if_asked_to),
        CLAIM(bad_cas_are_refused),
        CLAIM(ca_is_refused_outside_its_time),
        CLAIM(folder_that_cannot_be_made_is_told),
        CLAIM(description_names_all_that_matters),
        cmocka_unit_test(default_folder_follows_the_environment),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
