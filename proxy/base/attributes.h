/* What a prototype promises, for the compiler to check. */
#ifndef PANNE_BASE_ATTRIBUTES_H
#define PANNE_BASE_ATTRIBUTES_H

#define MUST_USE __attribute__((warn_unused_result))
#define NO_RETURN __attribute__((noreturn))
#define PRINTF_LIKE(format_at, first) __attribute__((__format__(__printf__, format_at, first)))
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* The object of `type` whose `member` stands at `pointer`. */
#define CONTAINER_OF(pointer, type, member) \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

#endif
