/* digest: fields by which a message vouches for its body, and how each writes its checksums. */
#include "http/digest.h"

#include <inttypes.h>

#include "base/base64.h"
#include "base/buffer.h"
#include "base/hash.h"

enum form {
    FORM_LIST,       /* name=base64, … */
    FORM_DICTIONARY, /* name=:base64:, … */
    FORM_BASE64,     /* one checksum */
    FORM_DECIMAL,
    FORM_REMARK, /* no checksum, but about them */
    FORM_UNKNOWN,
};

struct row {
    struct text name; /* a trailing `*` stands for any ending */
    enum form form;
    enum hash_kind kind; /* FORM_BASE64, FORM_DECIMAL */
};

/* The first that fits counts. */
static const struct row rows[] = {
    { TEXT("content-md5"), FORM_BASE64, HASH_MD5 },
    { TEXT("digest"), FORM_LIST, 0 },
    { TEXT("content-digest"), FORM_DICTIONARY, 0 },
    { TEXT("repr-digest"), FORM_DICTIONARY, 0 },
    { TEXT("x-amz-checksum-crc32"), FORM_BASE64, HASH_CRC32 },
    { TEXT("x-amz-checksum-crc32c"), FORM_BASE64, HASH_CRC32C },
    { TEXT("x-amz-checksum-sha1"), FORM_BASE64, HASH_SHA1 },
    { TEXT("x-amz-checksum-sha256"), FORM_BASE64, HASH_SHA256 },
    { TEXT("x-amz-checksum-type"), FORM_REMARK, 0 },
    { TEXT("x-amz-checksum-*"), FORM_UNKNOWN, 0 },
    { TEXT("x-amz-crc32"), FORM_DECIMAL, HASH_CRC32 },
    { TEXT("x-goog-hash"), FORM_LIST, 0 },
};

struct algorithm {
    struct text name;
    enum hash_kind kind;
};

static const struct algorithm algorithms[] = {
    { TEXT("sha-256"), HASH_SHA256 }, { TEXT("sha-512"), HASH_SHA512 }, { TEXT("md5"), HASH_MD5 },
    { TEXT("sha"), HASH_SHA1 },       { TEXT("crc32c"), HASH_CRC32C },
};

static const struct row *find_row(struct text name)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (text_glob(rows[i].name, name, true))
            return &rows[i];
    return NULL;
}

static const struct algorithm *find_algorithm(struct text name)
{
    for (size_t i = 0; i < COUNT_OF(algorithms); i++)
        if (text_equal_nocase(algorithms[i].name, name))
            return &algorithms[i];
    return NULL;
}

bool digest_is_name(struct text name)
{
    return find_row(name) != NULL;
}

bool digest_stands(const struct head *head)
{
    for (size_t i = 0; i < head->count; i++)
        if (!head->fields[i].removed && digest_is_name(head->fields[i].name))
            return true;
    return false;
}

static size_t sum_of(enum hash_kind kind, const struct queue *body,
                     unsigned char sum[HASH_SIZE_MOST])
{
    struct hash *hash = hash_begin(kind);

    for (const struct chunk *chunk = queue_front(body); chunk; chunk = chunk->next)
        if (chunk->kind == CHUNK_BYTES && chunk->part == PART_BODY)
            hash_add(hash, chunk->start, chunk->length);
    return hash_end(hash, sum);
}

/* False: there is no such sum. */
static bool add_sum(struct buffer *out, enum hash_kind kind, const struct queue *body,
                    const char *around)
{
    unsigned char sum[HASH_SIZE_MOST];
    size_t length = sum_of(kind, body, sum);

    buffer_add_string(out, around);
    base64_add(out, text_of((const char *)sum, length));
    buffer_add_string(out, around);
    return length > 0;
}

static bool add_decimal(struct buffer *out, const struct queue *body)
{
    unsigned char sum[HASH_SIZE_MOST];
    uint32_t number = 0;

    for (size_t i = 0, length = sum_of(HASH_CRC32, body, sum); i < length; i++)
        number = number << 8 | sum[i];
    buffer_format(out, "%" PRIu32, number);
    return true;
}

/* False if an item had to be left out. */
static bool add_items(struct buffer *out, struct text list, const struct queue *body,
                      const char *around)
{
    struct text item;
    bool all = true;

    while (text_next_item(&list, ',', &item)) {
        struct text name = text_trim(text_of(item.at, text_find(item, '=')));
        const struct algorithm *algorithm = find_algorithm(name);
        size_t before = out->length;

        if (algorithm) {
            if (before > 0)
                buffer_add_string(out, ", ");
            buffer_format(out, "%.*s=", (int)name.length, name.at);
        }
        if (!algorithm || !add_sum(out, algorithm->kind, body, around)) {
            out->length = before;
            all = false;
        }
    }
    return all;
}

/* Writes what the field is to say; nothing: it goes. False if it says less than before. */
static bool add_value(struct buffer *out, const struct row *row, struct text value,
                      const struct queue *body)
{
    switch (row->form) {
    case FORM_LIST:
        return add_items(out, value, body, "");
    case FORM_DICTIONARY:
        return add_items(out, value, body, ":");
    case FORM_BASE64:
        /* `…-3` is made of the sums of three parts. */
        return text_find(value, '-') == value.length && add_sum(out, row->kind, body, "");
    case FORM_DECIMAL:
        return add_decimal(out, body);
    case FORM_REMARK:
        if (!text_is_nocase(value, "composite"))
            buffer_add_text(out, value);
        return true;
    case FORM_UNKNOWN:
        break;
    }
    return false;
}

static bool mend_field(struct head_field *field, const struct row *row, struct arena *arena,
                       const struct queue *body)
{
    struct buffer value = { 0 };
    bool whole = body && add_value(&value, row, field->value, body);

    if (value.length > 0) {
        field->value = arena_copy(arena, buffer_text(&value));
        field->line = false;
    } else {
        field->removed = true;
    }
    buffer_free(&value);
    return whole;
}

bool digest_mend(struct head *head, struct arena *arena, const struct queue *body)
{
    bool whole = true;

    for (size_t i = 0; i < head->count; i++) {
        struct head_field *field = &head->fields[i];
        const struct row *row = field->removed ? NULL : find_row(field->name);

        if (row && !mend_field(field, row, arena, body))
            whole = false;
    }
    return whole;
}
