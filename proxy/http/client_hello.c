/* client_hello: the first message of TLS, read only for where it wants to go (RFC 8446 4.1.2
 * and 5.1, RFC 6066 3, RFC 7301 3.1). */
#include "http/client_hello.h"

#include <stdint.h>
#include <string.h>

#include "http/target.h"

enum {
    RECORD_HEADER = 5,
    MESSAGE_HEADER = 4,
    MESSAGE_CLIENT_HELLO = 1,
    RANDOM_SIZE = 32,
    EXTENSION_SERVER_NAME = 0,
    EXTENSION_PROTOCOLS = 16,
    NAME_TYPE_HOST = 0,
};

/* A stretch of bytes read from its front. Where it is too short, the reading functions give zero or
 * nothing and `broken` stays set. */
struct bytes {
    const unsigned char *at;
    size_t left;
    bool broken;
};

static uint32_t read_number(struct bytes *bytes, size_t size)
{
    uint32_t number = 0;

    if (bytes->left < size) {
        bytes->broken = true;
        bytes->left = 0;
        return 0;
    }
    for (size_t i = 0; i < size; i++)
        number = number << 8 | bytes->at[i];
    bytes->at += size;
    bytes->left -= size;
    return number;
}

static struct bytes read_bytes(struct bytes *bytes, size_t length)
{
    struct bytes part = { bytes->at, length, false };

    if (bytes->left < length) {
        bytes->broken = true;
        bytes->left = 0;
        part.left = 0;
        return part;
    }
    bytes->at += length;
    bytes->left -= length;
    return part;
}

/* A vector: `size` bytes of length, then as many bytes. */
static struct bytes read_vector(struct bytes *bytes, size_t size)
{
    return read_bytes(bytes, read_number(bytes, size));
}

static struct text text_in(struct bytes bytes)
{
    return text_of((const char *)bytes.at, bytes.left);
}

/* One name of type host_name. What is no host name is left out rather than believed. */
static bool read_server_name(struct bytes extension, struct client_hello *hello)
{
    struct bytes list = read_vector(&extension, 2), name;
    struct authority authority;
    uint32_t type = read_number(&list, 1);

    name = read_vector(&list, 2);
    if (extension.broken || list.broken || extension.left > 0 || type != NAME_TYPE_HOST)
        return false;
    if (authority_parse(text_in(name), &authority) && authority.port == 0 && !authority.literal6)
        hello->server_name = authority.host;
    return true;
}

static bool read_protocols(struct bytes extension, struct client_hello *hello)
{
    struct bytes list = read_vector(&extension, 2);

    if (extension.broken || extension.left > 0)
        return false;
    while (list.left > 0) {
        struct bytes name = read_vector(&list, 1);

        if (list.broken || name.left == 0)
            return false;
        hello->offers_h2 |= text_is(text_in(name), "h2");
        hello->offers_http1 |= text_is(text_in(name), "http/1.1");
    }
    return true;
}

static bool read_extensions(struct bytes list, struct client_hello *hello)
{
    bool named = false, good = true;

    while (good && list.left > 0) {
        uint32_t type = read_number(&list, 2);
        struct bytes extension = read_vector(&list, 2);

        if (list.broken)
            return false;
        if (type == EXTENSION_SERVER_NAME) {
            good = !named && read_server_name(extension, hello);
            named = true;
        } else if (type == EXTENSION_PROTOCOLS) {
            good = read_protocols(extension, hello);
        }
    }
    return good;
}

/* The message without its header. */
static enum sniffed read_message(struct bytes message, struct client_hello *hello)
{
    struct bytes extensions = { NULL, 0, false };
    bool good;

    read_number(&message, 2); /* legacy_version */
    read_bytes(&message, RANDOM_SIZE);
    read_vector(&message, 1); /* legacy_session_id */
    read_vector(&message, 2); /* cipher_suites */
    read_vector(&message, 1); /* legacy_compression_methods */
    if (message.left > 0)
        extensions = read_vector(&message, 2);
    good = !message.broken && message.left == 0 && read_extensions(extensions, hello);
    if (!good)
        *hello = (struct client_hello){ .offers_h2 = false };
    return good ? SNIFF_TLS : SNIFF_OTHER;
}

/* The next record of the handshake; `fragment` gets what is there of it. */
static enum sniffed read_record(struct bytes *wire, struct bytes *fragment)
{
    const unsigned char *at = wire->at;
    size_t length;

    *fragment = (struct bytes){ NULL, 0, false };
    if ((wire->left > 0 && at[0] != CLIENT_HELLO_FIRST_BYTE) || (wire->left > 1 && at[1] != 3))
        return SNIFF_OTHER;
    if (wire->left < RECORD_HEADER)
        return SNIFF_MORE;
    length = (size_t)at[3] << 8 | at[4];
    if (length == 0 || length > CLIENT_HELLO_MOST - RECORD_HEADER)
        return SNIFF_OTHER;
    read_bytes(wire, RECORD_HEADER);
    *fragment = read_bytes(wire, length < wire->left ? length : wire->left);
    return fragment->left < length ? SNIFF_MORE : SNIFF_TLS;
}

/* The message's whole length with its header, as far as can be told; OTHER if that is none we want.
 */
static enum sniffed message_length(struct bytes message, size_t *length)
{
    if (message.left > 0 && message.at[0] != MESSAGE_CLIENT_HELLO)
        return SNIFF_OTHER;
    if (message.left < MESSAGE_HEADER)
        return SNIFF_MORE;
    read_number(&message, 1);
    *length = MESSAGE_HEADER + read_number(&message, 3);
    return *length > CLIENT_HELLO_MOST - RECORD_HEADER ? SNIFF_OTHER : SNIFF_TLS;
}

/* Puts a further fragment behind what there is, in `scratch`. */
static void join(struct bytes *message, struct bytes fragment, char *scratch)
{
    if (message->left == 0) {
        *message = fragment;
        return;
    }
    if ((const char *)message->at != scratch)
        memcpy(scratch, message->at, message->left);
    memcpy(scratch + message->left, fragment.at, fragment.left);
    message->at = (const unsigned char *)scratch;
    message->left += fragment.left;
}

enum sniffed client_hello_read(struct text bytes, struct client_hello *hello, char *scratch)
{
    bool full = bytes.length >= CLIENT_HELLO_MOST;
    struct bytes wire = { (const unsigned char *)bytes.at, full ? CLIENT_HELLO_MOST : bytes.length,
                          false };
    struct bytes message = { NULL, 0, false }, fragment;
    enum sniffed record, found;
    size_t length = 0;

    do {
        record = read_record(&wire, &fragment);
        if (record == SNIFF_OTHER)
            return SNIFF_OTHER;
        if (fragment.left > 0)
            join(&message, fragment, scratch);
        found = message_length(message, &length);
        if (found == SNIFF_OTHER)
            return SNIFF_OTHER;
    } while (record == SNIFF_TLS && (found == SNIFF_MORE || message.left < length));
    if (found == SNIFF_MORE || message.left < length)
        return full ? SNIFF_OTHER : SNIFF_MORE;
    read_bytes(&message, MESSAGE_HEADER);
    message.left = length - MESSAGE_HEADER;
    return read_message(message, hello);
}
