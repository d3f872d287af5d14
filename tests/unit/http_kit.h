/* http_kit: messages read and written in tests: cut anywhere, beside a guard page, results as text.
 */
#ifndef PANNE_TESTS_HTTP_KIT_H
#define PANNE_TESTS_HTTP_KIT_H

#include "base/arena.h"
#include "guard.h"
#include "http/codec.h"

/* Rows leave out what is zero. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

/* A string literal with all its bytes, NUL too. */
#define BYTES(literal) ((struct text)TEXT(literal))

/* Memory for the length of a test. */
struct kit {
    struct arena arena;
    struct pool pool;
    struct budget budget;
    struct queue out;
    struct head_limits limits;
    struct guard guard; /* what is read lies right before it */
};

void kit_open(struct kit *kit);
void kit_close(struct kit *kit);
/* The same as cmocka's set-up and tear-down. */
int kit_set_up(void **state);
int kit_tear_down(void **state);
/* What came of reading a head. */
struct head_read {
    enum read_result result;
    unsigned status;
    const char *complaint;
    size_t used;
    struct head head;
};

struct head_read kit_read_head(struct kit *kit, enum head_kind kind, struct text method,
                               struct text bytes);
/* The same for bytes that come in pieces of `step`, each offered with all that came before. */
struct head_read kit_read_head_in_steps(struct kit *kit, enum head_kind kind, struct text method,
                                        struct text bytes, size_t step);
/* A whole request or answer (to GET) that must be right. */
struct head kit_head(struct kit *kit, enum head_kind kind, const char *bytes);

/* Puts `bytes` through a reader that stands before a body, in pieces of `step`; stops at the end or
 * at what is wrong. `used` may be NULL. */
enum read_result kit_take(struct kit *kit, struct reader *reader, struct text bytes, size_t step,
                          size_t *used);

/* The queue's content as text, in the arena; the queue is empty after that. Bytes as they are, a
 * trailer section in `<>`, a pipe as `(length)`, boundary `^`, end `$`, cut `#`, reset `@`. */
const char *kit_told(struct kit *kit, struct queue *queue);
/* From the same notation (`^`, `$`, `#`, `@` and `<>`; all else is body) into a queue. */
void kit_put(struct kit *kit, struct queue *queue, const char *told);

#endif
