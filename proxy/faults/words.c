/* words: which kind of fault is meant by a word that names none. */
#include "base/problems.h"
#include "faults/fault.h"

/* What other tools, and people, call it. */
static const struct {
    const char *word, *kind;
} words[] = {
    { "abort", "reset" },
    { "bitflip", "corrupt" },
    { "blackhole", "hang" },
    { "bloat", "flood" },
    { "cache", "stale" },
    { "cert", "certificate" },
    { "cut", "truncate" },
    { "delay", "latency" },
    { "disconnect", "close" },
    { "dns", "unresolved" },
    { "drip", "slow" },
    { "drop", "drop-after" },
    { "expired", "certificate" },
    { "fail", "error" },
    { "failure", "error" },
    { "freeze", "hang" },
    { "http", "error" },
    { "jitter", "latency" },
    { "json", "body" },
    { "lag", "latency" },
    { "limit", "ratelimit" },
    { "nxdomain", "unresolved" },
    { "partition", "unreachable" },
    { "quota", "ratelimit" },
    { "replace", "body" },
    { "rst", "reset" },
    { "sleep", "latency" },
    { "ssl", "certificate" },
    { "stall", "hang" },
    { "status", "error" },
    { "throttle", "ratelimit" },
    { "throttling", "ratelimit" },
    { "timeout", "hang" },
    { "tls", "certificate" },
};

const char *fault_word_at(size_t index, const char **kind)
{
    if (index >= COUNT_OF(words))
        return NULL;
    *kind = words[index].kind;
    return words[index].word;
}

const char *fault_meant(struct text name)
{
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (text_is_nocase(name, words[i].word))
            return words[i].kind;
    return problem_suggestion(name, fault_name_at, NULL);
}
