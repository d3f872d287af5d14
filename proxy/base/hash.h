/* hash: checksums of bytes that come in pieces. */
#ifndef PANNE_BASE_HASH_H
#define PANNE_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

enum hash_kind {
    HASH_MD5,
    HASH_SHA1,
    HASH_SHA256,
    HASH_SHA512,
    HASH_CRC32,  /* of zip and Ethernet; big-endian */
    HASH_CRC32C, /* Castagnoli's; big-endian */
};

enum { HASH_SIZE_MOST = 64 };

struct hash;

/* Never NULL, and hash_end must follow. The library that does it might be told by its
 * configuration to refuse MD5 and SHA-1: hash_end says so. */
struct hash *hash_begin(enum hash_kind kind);
void hash_add(struct hash *hash, const void *bytes, size_t length);
/* Writes the sum, and frees. Returns its length, or 0 where there is none to be had. */
size_t hash_end(struct hash *hash, unsigned char sum[HASH_SIZE_MOST]);

#endif
