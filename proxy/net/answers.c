/* answers: where an answer is kept, and which one has to go for it. */
#include "net/answers.h"

#include <stdlib.h>

#include "base/arena.h"

struct answer *answer_new(struct text name)
{
    struct answer *answer = memory_take(sizeof *answer);

    answer->name = memory_string(name);
    return answer;
}

void answer_free(struct answer *answer)
{
    if (answer)
        free(answer->name);
    free(answer);
}

static struct answer **set_of(struct answers *answers, struct text name)
{
    return answers->sets[text_hash_nocase(answers->seed, name) % ANSWERS_SETS];
}

static const struct answer *find(struct answers *answers, struct text name, usec now)
{
    struct answer **set = set_of(answers, name);

    for (size_t way = 0; way < ANSWERS_WAYS; way++) {
        if (set[way] && text_equal_nocase(text_from(set[way]->name), name))
            return now < set[way]->expires ? set[way] : NULL;
    }
    return NULL;
}

void answers_put(struct answers *answers, struct answer *answer)
{
    struct text name = text_from(answer->name);
    struct answer **set = set_of(answers, name), **place = set;

    for (size_t way = 0; way < ANSWERS_WAYS; way++) {
        if (set[way] && text_equal_nocase(text_from(set[way]->name), name)) {
            place = &set[way];
            break;
        }
        if (*place && (!set[way] || set[way]->expires < (*place)->expires))
            place = &set[way];
    }
    answer_free(*place);
    *place = answer;
}

void answers_clear(struct answers *answers)
{
    for (size_t i = 0; i < (size_t)ANSWERS_SETS * ANSWERS_WAYS; i++) {
        struct answer **place = &answers->sets[i / ANSWERS_WAYS][i % ANSWERS_WAYS];

        answer_free(*place);
        *place = NULL;
    }
}

static bool is_localhost(struct text name)
{
    static const struct text under = TEXT(".localhost");

    if (name.length > 0 && name.at[name.length - 1] == '.')
        name.length--;
    return text_is_nocase(name, "localhost") || text_ends_nocase(name, under);
}

/* Whatever a name server would say (RFC 6761 6.3). */
static bool is_fixed(struct text host, struct answer *answer)
{
    static const struct text loopback[] = { TEXT("::1"), TEXT("127.0.0.1") };

    if (address_parse(host, 0, &answer->addresses[0])) {
        answer->count = 1;
        return true;
    }
    if (!is_localhost(host))
        return false;
    answer->count = 0;
    for (size_t i = 0; i < COUNT_OF(loopback); i++)
        answer->count += address_parse(loopback[i], 0, &answer->addresses[i]);
    return true;
}

bool answers_know(struct answers *answers, struct text name, usec now, struct answer *answer)
{
    const struct answer *kept;

    if (is_fixed(name, answer))
        return true;
    kept = find(answers, name, now);
    if (kept)
        *answer = *kept;
    return kept != NULL;
}
