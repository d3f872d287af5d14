/* hash: OpenSSL's digests, and two checksums that it lacks. */
#include "base/hash.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/arena.h"

/* The polynomials, their lowest power in the highest bit. */
#define CRC32_ZIP 0xedb88320u
#define CRC32_CASTAGNOLI 0x82f63b78u

struct hash {
    EVP_MD_CTX *digest; /* NULL: a CRC, or one that is refused */
    bool is_crc;
    uint32_t crc;
    uint32_t table[256];
};

static void begin_crc(struct hash *hash, uint32_t polynomial)
{
    hash->is_crc = true;
    hash->crc = UINT32_MAX;
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t rest = byte;

        for (int bit = 0; bit < 8; bit++)
            rest = rest >> 1 ^ (rest & 1 ? polynomial : 0);
        hash->table[byte] = rest;
    }
}

static void begin_digest(struct hash *hash, const EVP_MD *kind)
{
    hash->digest = EVP_MD_CTX_new();
    if (!hash->digest)
        memory_exhausted();
    if (EVP_DigestInit_ex(hash->digest, kind, NULL) == 1)
        return;
    EVP_MD_CTX_free(hash->digest);
    hash->digest = NULL;
}

struct hash *hash_begin(enum hash_kind kind)
{
    struct hash *hash = memory_take(sizeof(*hash));

    switch (kind) {
    case HASH_MD5:
        begin_digest(hash, EVP_md5());
        break;
    case HASH_SHA1:
        begin_digest(hash, EVP_sha1());
        break;
    case HASH_SHA256:
        begin_digest(hash, EVP_sha256());
        break;
    case HASH_SHA512:
        begin_digest(hash, EVP_sha512());
        break;
    case HASH_CRC32:
        begin_crc(hash, CRC32_ZIP);
        break;
    case HASH_CRC32C:
        begin_crc(hash, CRC32_CASTAGNOLI);
        break;
    }
    return hash;
}

void hash_add(struct hash *hash, const void *bytes, size_t length)
{
    const unsigned char *at = bytes;

    if (hash->digest)
        EVP_DigestUpdate(hash->digest, bytes, length);
    if (!hash->is_crc)
        return;
    for (size_t i = 0; i < length; i++)
        hash->crc = hash->crc >> 8 ^ hash->table[(hash->crc ^ at[i]) & 0xff];
}

static size_t end_crc(uint32_t crc, unsigned char sum[HASH_SIZE_MOST])
{
    for (int i = 0; i < 4; i++)
        sum[i] = (unsigned char)(~crc >> (24 - 8 * i));
    return 4;
}

size_t hash_end(struct hash *hash, unsigned char sum[HASH_SIZE_MOST])
{
    unsigned length = 0;

    if (hash->is_crc)
        length = (unsigned)end_crc(hash->crc, sum);
    else if (hash->digest && EVP_DigestFinal_ex(hash->digest, sum, &length) != 1)
        length = 0;
    EVP_MD_CTX_free(hash->digest);
    free(hash);
    return length;
}
