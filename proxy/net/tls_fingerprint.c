/* tls_fingerprint: what of a ClientHello stays the same from one connection of a client to its
 * next.
 *
 * The choice of parts is that of JA4 (FoxIO, "JA4: TLS Client Fingerprinting"): the version, the
 * protocols, the ciphers and extensions in any order, since browsers shuffle them, without GREASE
 * (RFC 8701), and the signature algorithms. Also left out is what depends on the host asked for or
 * on a session to resume. Extensions that OpenSSL does not know do not count. */
#include "base/random.h"
#include "net/tls_private.h"

/* Two equal bytes that end in A. */
static bool is_grease(unsigned value)
{
    return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}

/* Sums do not know of order. */
static uint64_t add(uint64_t sum, uint64_t part, unsigned value)
{
    return is_grease(value) ? sum : sum + random_join(part, value);
}

enum { PART_CIPHER = 1, PART_EXTENSION, PART_PROTOCOL, PART_SIGNATURE, PART_VERSION };

static uint64_t sum_ciphers(SSL *ssl)
{
    const unsigned char *list = NULL;
    size_t length = SSL_client_hello_get0_ciphers(ssl, &list);
    uint64_t sum = 0;

    for (size_t i = 0; i + 1 < length; i += 2)
        sum = add(sum, PART_CIPHER, (unsigned)list[i] << 8 | list[i + 1]);
    return sum;
}

/* The name asked for, or none with an address; sessions; what follows from their length; and what
 * the second hello of a handshake adds. */
static bool comes_and_goes(int type)
{
    return type == TLSEXT_TYPE_server_name || type == TLSEXT_TYPE_psk ||
           type == TLSEXT_TYPE_early_data || type == TLSEXT_TYPE_padding ||
           type == TLSEXT_TYPE_cookie || type == TLSEXT_TYPE_session_ticket;
}

static uint64_t sum_extensions(SSL *ssl)
{
    uint64_t sum = 0;
    size_t count = 0;
    int *types = NULL;

    if (SSL_client_hello_get1_extensions_present(ssl, &types, &count) != 1)
        return 0;
    for (size_t i = 0; i < count; i++)
        if (!comes_and_goes(types[i]))
            sum = add(sum, PART_EXTENSION, (unsigned)types[i]);
    OPENSSL_free(types);
    return sum;
}

/* An extension's bytes, in their order. */
static uint64_t hash_extension(SSL *ssl, unsigned type, uint64_t part)
{
    const unsigned char *bytes = NULL;
    size_t length = 0;

    if (SSL_client_hello_get0_ext(ssl, type, &bytes, &length) != 1)
        return 0;
    return text_hash(part, text_of((const char *)bytes, length));
}

static unsigned highest_version(SSL *ssl)
{
    const unsigned char *list = NULL;
    size_t length = 0;
    unsigned highest = 0;

    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_supported_versions, &list, &length) != 1)
        return SSL_client_hello_get0_legacy_version(ssl);
    for (size_t i = 1; i + 1 < length; i += 2) {
        unsigned version = (unsigned)list[i] << 8 | list[i + 1];

        if (version > highest && !is_grease(version))
            highest = version;
    }
    return highest;
}

uint64_t tls_fingerprint_make(SSL *ssl)
{
    uint64_t print = random_join(PART_VERSION, highest_version(ssl));

    print = random_join(print, sum_ciphers(ssl));
    print = random_join(print, sum_extensions(ssl));
    print =
        random_join(print, hash_extension(ssl, TLSEXT_TYPE_application_layer_protocol_negotiation,
                                          PART_PROTOCOL));
    print =
        random_join(print, hash_extension(ssl, TLSEXT_TYPE_signature_algorithms, PART_SIGNATURE));
    return print ? print : 1;
}

uint64_t tls_fingerprint(const struct transport *transport)
{
    return transport_is_tls(transport) ? ((const struct tls *)transport)->fingerprint : 0;
}
