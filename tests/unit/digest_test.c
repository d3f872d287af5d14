/* digest_test: which fields vouch for a body, and what they say of another. */
#include "http/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define BODY "hello, world"
#define MD5 "5NfxtO0uQtFYmPSyewGdpA=="
#define SHA1 "t+I+wpryKwtOQdox6GjVciYSHIQ="
#define SHA256 "Ccp+TqpuiunH0mEWcSkYSINkTQffuny/vEyKLgg2DVs="
#define SHA512                                           \
    "hxAznctoFNDZ0ikO9CIoXJMitxY5Ufmgyo+IPTMFKG9EE5qjdI" \
    "SOQXT1qtpmMCfkVIY3ttGYlK7E+2xGoTn7+Q=="
#define CRC32 "/6tyOg=="
#define CRC32C "aZmkHw=="

struct digest_case {
    const char *name, *before, *after; /* after: NULL, gone */
    bool whole;
};

static const struct digest_case cases[] = {
    { "Content-MD5", "x", MD5, true },
    { "digest", "sha-256=x", "sha-256=" SHA256, true },
    { "Digest", "MD5=x,SHA-512=y , sha=z", "MD5=" MD5 ", SHA-512=" SHA512 ", sha=" SHA1, true },
    { "Digest", "unixsum=1, md5=x", "md5=" MD5, false },
    { "Digest", "unixsum=1", NULL, false },
    { "Content-Digest", "sha-256=:x:", "sha-256=:" SHA256 ":", true },
    { "Repr-Digest", "sha-512=:x:, id=:y:", "sha-512=:" SHA512 ":", false },
    { "x-amz-checksum-crc32", "x", CRC32, true },
    { "X-Amz-Checksum-CRC32C", "x", CRC32C, true },
    { "x-amz-checksum-sha1", "x", SHA1, true },
    { "x-amz-checksum-sha256", "x", SHA256, true },
    { "x-amz-checksum-sha256", "x-3", NULL, false },
    { "x-amz-checksum-crc64nvme", "x", NULL, false },
    { "x-amz-checksum-type", "FULL_OBJECT", "FULL_OBJECT", true },
    { "x-amz-checksum-type", "COMPOSITE", NULL, true },
    { "x-amz-crc32", "1", "4289425978", true },
    { "x-goog-hash", "crc32c=x,md5=y", "crc32c=" CRC32C ", md5=" MD5, true },
    { "Last-Modified", "now", "now", true },
    { "X-Digest", "sha-256=x", "sha-256=x", true },
};

/* In pieces, with what is no body among them. */
static void put_body(struct queue *queue)
{
    for (size_t i = 0; i < strlen(BODY); i += 5) {
        size_t left = strlen(BODY) - i;

        queue_put_copy(queue, BODY + i, left < 5 ? left : 5, PART_BODY, 0);
        queue_put_mark(queue, CHUNK_BOUNDARY, 0);
    }
    queue_put_copy(queue, "trailer", 7, PART_TRAILER, 0);
    queue_put_mark(queue, CHUNK_END, 0);
}

static void check(const struct digest_case *row, const struct queue *body)
{
    bool stands = digest_is_name(text_from(row->name));
    const char *wanted = body || !stands ? row->after : NULL;
    struct head head = { .kind = HEAD_RESPONSE };
    struct arena arena = { 0 };
    struct text got;

    head_add(&head, &arena, text_from(row->name), text_from(row->before));
    assert_int_equal(digest_stands(&head), stands);
    if (digest_mend(&head, &arena, body) != (body || !stands ? row->whole : false))
        fail_msg("%s: %s: all of it stands, or does not", row->name, row->before);
    got = head_find(&head, text_from(row->name));
    if (wanted ? !text_is(got, wanted) : got.at != NULL)
        fail_msg("%s: wanted %s, got %.*s", row->name, wanted ? wanted : "nothing", (int)got.length,
                 got.at ? got.at : "");
    arena_clear(&arena);
}

static void fields_vouch_for_the_new_body(void **state)
{
    struct pool pool = { 0 };
    struct budget budget = { .limit = 1000 };
    struct queue body;

    (void)state;
    queue_init(&body, &pool, &budget);
    put_body(&body);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        check(&cases[i], &body);
        check(&cases[i], NULL);
    }
    queue_clear(&body);
    pool_clear(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_vouch_for_the_new_body),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
