/* bundle_test: whose CAs are in the files that clients are pointed to, and where those lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle.h"
#include "folder.h"

#define OURS "-----BEGIN CERTIFICATE-----\nours\n-----END CERTIFICATE-----\n"

struct place {
    struct folder *own;  /* the user's files */
    struct folder *kept; /* bundles */
    struct bundles *bundles;
    struct buffer complaint;
};

static int set_up(void **state)
{
    static const struct text ours = TEXT(OURS);
    struct place *place = calloc(1, sizeof *place);

    if (!place)
        return -1;
    place->own = folder_new(NULL, &place->complaint);
    place->kept = folder_new(NULL, &place->complaint);
    place->bundles = bundles_new(place->kept, ours);
    *state = place;
    return place->own && place->kept ? 0 : -1;
}

static int tear_down(void **state)
{
    struct place *place = *state;

    bundles_free(place->bundles);
    folder_free(place->kept);
    folder_free(place->own);
    buffer_free(&place->complaint);
    free(place);
    return 0;
}

static const char *user_file(struct place *place, const char *name, const char *content)
{
    const char *path = folder_write(place->own, name, text_from(content), &place->complaint);

    assert_non_null(path);
    return path;
}

static void assert_content(const char *path, const char *wanted)
{
    struct buffer content = { 0 };

    assert_non_null(path);
    assert_true(file_read(path, &content));
    assert_string_equal(content.at ? content.at : "", wanted);
    buffer_free(&content);
}

static void assert_made_from(const char *path, const char *base, const char *pem)
{
    struct buffer wanted = { 0 };

    buffer_format(&wanted, "# panne: %s\n%s", base, pem);
    assert_content(path, wanted.at);
    buffer_free(&wanted);
}

static void assert_from_system(const char *path)
{
    struct buffer wanted = { 0 }, content = { 0 };

    bundles_system(&wanted);
    buffer_add_string(&wanted, OURS);
    assert_non_null(path);
    assert_true(file_read(path, &content));
    assert_true(content.length >= wanted.length);
    assert_string_equal(content.at + content.length - wanted.length, wanted.at);
    buffer_free(&content);
    buffer_free(&wanted);
}

static void own_file_stays_trusted(void **state)
{
    struct place *place = *state;
    const char *own = user_file(place, "own.pem", "theirs\n");
    const char *merged = bundles_merged(place->bundles, "A", own, &place->complaint);

    assert_made_from(merged, own, "theirs\n" OURS);
    assert_string_equal(bundles_extra(place->bundles, "B", own, &place->complaint), merged);
}

static void own_folder_stays_trusted(void **state)
{
    struct place *place = *state;
    struct buffer path = { 0 };

    user_file(place, "certs/0123abcd.0", "theirs");
    user_file(place, "certs/README", "no certificate");
    user_file(place, "certs/0123abcd.r0", "a revocation list");
    user_file(place, "certs/0123abc.0", "no hash");
    buffer_format(&path, "%s/certs", folder_path(place->own));
    assert_made_from(bundles_merged(place->bundles, "A", path.at, &place->complaint), path.at,
                     "theirs\n" OURS);
    buffer_free(&path);
}

static void line_without_an_end_gets_one(void **state)
{
    struct place *place = *state;
    const char *own = user_file(place, "own.pem", "theirs");

    assert_made_from(bundles_merged(place->bundles, "A", own, &place->complaint), own,
                     "theirs\n" OURS);
}

static void ours_stands_there_once(void **state)
{
    struct place *place = *state;
    const char *own = user_file(place, "own.pem", "theirs\n" OURS);

    assert_made_from(bundles_merged(place->bundles, "A", own, &place->complaint), own,
                     "theirs\n" OURS);
}

static void variable_that_is_unset_stands_for_the_system(void **state)
{
    struct place *place = *state;

    assert_from_system(bundles_merged(place->bundles, "A", NULL, &place->complaint));
    assert_from_system(bundles_merged(place->bundles, "A", "", &place->complaint));
}

static void file_that_cannot_be_read_stands_for_the_system(void **state)
{
    struct place *place = *state;

    assert_from_system(
        bundles_merged(place->bundles, "A", "/nonexistent/ca.pem", &place->complaint));
    assert_content(bundles_extra(place->bundles, "A", "/dev/null", &place->complaint), OURS);
    assert_int_equal(place->complaint.length, 0);
}

static void clients_that_add_need_ours_alone(void **state)
{
    struct place *place = *state;

    assert_content(bundles_extra(place->bundles, "A", NULL, &place->complaint), OURS);
    assert_content(bundles_authority(place->bundles, &place->complaint), OURS);
}

/* What `panne ca env` does when its variables are set already. */
static void bundle_of_a_bundle_is_the_same(void **state)
{
    struct place *place = *state;
    const char *own = user_file(place, "own.pem", "theirs\n");
    const char *once = bundles_merged(place->bundles, "A", own, &place->complaint);
    const char *alone = bundles_extra(place->bundles, "A", NULL, &place->complaint);
    static const struct text ours = TEXT(OURS);
    struct bundles *later = bundles_new(place->kept, ours);

    assert_string_equal(bundles_merged(later, "A", once, &place->complaint), once);
    assert_made_from(once, own, "theirs\n" OURS);
    assert_string_equal(bundles_extra(later, "A", alone, &place->complaint), alone);
    assert_content(alone, OURS);
    bundles_free(later);
}

static void folder_that_cannot_be_written_is_complained_of(void **state)
{
    struct place *place = *state;
    struct buffer path = { 0 };

    buffer_add_string(&path, folder_path(place->kept));
    assert_int_equal(rmdir(path.at), 0);
    assert_null(bundles_authority(place->bundles, &place->complaint));
    assert_non_null(strstr(place->complaint.at, path.at));
    assert_non_null(strstr(place->complaint.at, "No such file"));
    buffer_free(&path);
}

static void private_folder_goes_with_what_is_in_it(void **state)
{
    struct place *place = *state;
    struct folder *folder = folder_new(NULL, &place->complaint);
    static const struct text some = TEXT("some");
    struct buffer path = { 0 };
    struct stat found;

    assert_non_null(folder);
    buffer_add_string(&path, folder_path(folder));
    assert_int_equal(stat(path.at, &found), 0);
    assert_int_equal(found.st_mode & 07777u, 0700);
    for (int i = 0; i < 2; i++) {
        assert_non_null(folder_write(folder, "a", some, &place->complaint));
        assert_non_null(folder_write(folder, "b/c", some, &place->complaint));
    }
    folder_free(folder);
    assert_int_equal(stat(path.at, &found), -1);
    buffer_free(&path);
}

static void named_folder_stays(void **state)
{
    struct place *place = *state;
    static const struct text some = TEXT("some");
    struct buffer path = { 0 };
    struct folder *folder = NULL;
    const char *written = NULL;

    buffer_format(&path, "%s/x/y", folder_path(place->own));
    folder = folder_new(path.at, &place->complaint);
    assert_non_null(folder);
    written = folder_write(folder, "a", some, &place->complaint);
    assert_true(folder_holds(folder, written));
    assert_false(folder_holds(folder, path.at));
    folder_free(folder);
    buffer_add_string(&path, "/a");
    assert_content(path.at, "some");
    assert_int_equal(unlink(path.at), 0);
    path.at[path.length - 2] = '\0';
    assert_int_equal(rmdir(path.at), 0);
    path.at[path.length - 4] = '\0';
    assert_int_equal(rmdir(path.at), 0);
    buffer_free(&path);
}

static void folder_where_none_can_be_is_refused(void **state)
{
    struct place *place = *state;

    assert_null(folder_new("/dev/null/x", &place->complaint));
    assert_non_null(strstr(place->complaint.at, "/dev/null/x"));
}

static void only_plain_files_are_read(void **state)
{
    struct buffer content = { 0 };

    (void)state;
    assert_false(file_read("/dev/zero", &content));
    assert_int_equal(errno, EINVAL);
    assert_false(file_read("/", &content));
    assert_int_equal(errno, EISDIR);
    assert_false(file_read("/nonexistent", &content));
    assert_int_equal(errno, ENOENT);
    buffer_free(&content);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(own_file_stays_trusted),
        CLAIM(own_folder_stays_trusted),
        CLAIM(line_without_an_end_gets_one),
        CLAIM(ours_stands_there_once),
        CLAIM(variable_that_is_unset_stands_for_the_system),
        CLAIM(file_that_cannot_be_read_stands_for_the_system),
        CLAIM(clients_that_add_need_ours_alone),
        CLAIM(bundle_of_a_bundle_is_the_same),
        CLAIM(folder_that_cannot_be_written_is_complained_of),
        CLAIM(private_folder_goes_with_what_is_in_it),
        CLAIM(named_folder_stays),
        CLAIM(folder_where_none_can_be_is_refused),
        CLAIM(only_plain_files_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
