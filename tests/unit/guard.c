/* guard: two maps side by side, the second one forbidden. */
#include "guard.h"

#include <assert.h>
#include <sys/mman.h>
#include <unistd.h>

struct guard guard_new(size_t most)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    struct guard guard = { NULL, (most + page - 1) / page * page };
    void *pages =
        mmap(NULL, guard.size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int refused;

    assert(pages != MAP_FAILED);
    guard.pages = pages;
    refused = mprotect(guard.pages + guard.size, page, PROT_NONE);
    assert(refused == 0);
    (void)refused;
    return guard;
}

void guard_free(struct guard *guard)
{
    munmap(guard->pages, guard->size + (size_t)sysconf(_SC_PAGESIZE));
}

struct text guard_put(struct guard *guard, struct text text)
{
    char *at = guard->pages + guard->size - text.length;

    assert(text.length <= guard->size);
    if (text.length > 0)
        memcpy(at, text.at, text.length);
    return text_of(at, text.length);
}
