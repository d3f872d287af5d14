/* pattern: PCRE2, kept within bounds. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "base/pattern.h"

#include <pcre2.h>
#include <stdlib.h>

#include "base/arena.h"

/* A callout before each item of the pattern counts what has been tried and read so far, so that
 * the work for a whole text is bounded, whatever the pattern: PCRE2's own limits count for one
 * match, and do not count the characters that one item runs over. */
enum { ITEM_COST = 16, WORK_MOST = 32 * 1024 * 1024 };
enum { SOURCE_MOST = 4096, HEAP_KIB_MOST = 1024 };
/* An item that runs over characters and then fails is not counted, so it must not run far. */
enum { REPEAT_MOST = 1000 };

struct pattern {
    pcre2_code *code;
    pcre2_code *for_bytes; /* for a text that is no UTF-8; NULL: the pattern needs UTF-8 */
};

static void must_have(const void *memory)
{
    if (!memory)
        memory_exhausted();
}

static pcre2_code *compile(struct text source, uint32_t utf, int *error, size_t *place)
{
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    pcre2_code *code;

    must_have(context);
    pcre2_set_max_pattern_length(context, SOURCE_MOST);
    code = pcre2_compile((PCRE2_SPTR)source.at, source.length,
                         utf | PCRE2_AUTO_CALLOUT | PCRE2_NEVER_BACKSLASH_C, error, place, context);
    pcre2_compile_context_free(context);
    return code;
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* How much of what follows a backslash is no repetition: `x{2014}`, `p{L}`, or one character. */
static size_t escape_length(struct text rest)
{
    bool braces = rest.length > 1 && strchr("xogkpPN", rest.at[0]) && rest.at[1] == '{';

    return braces ? text_find(rest, '}') : 1;
}

/* The number there, or one that is too large. */
static uint64_t count_at(struct text rest)
{
    uint64_t count = 0;

    for (size_t i = 0; i < rest.length && is_digit(rest.at[i]) && count <= REPEAT_MOST; i++)
        count = count * 10 + (uint64_t)(rest.at[i] - '0');
    return count;
}

/* Of `5` or `5,9` or `5,`; other things in braces are no counts. */
static uint64_t largest_count(struct text counts)
{
    uint64_t least = count_at(counts);
    uint64_t most = count_at(text_from_offset(counts, text_find(counts, ',') + 1));

    if (counts.length == 0 || !is_digit(counts.at[0]))
        return 0;
    return least > most ? least : most;
}

/* Some `{1001` or `{1,1001`. In brackets or quoted by \Q it would be none, but then it can be
 * written otherwise. */
static bool repeats_too_often(struct text source)
{
    for (size_t i = 0; i < source.length; i++) {
        struct text rest = text_from_offset(source, i + 1);

        if (source.at[i] == '\\')
            i += escape_length(rest);
        else if (source.at[i] == '{' &&
                 largest_count(text_of(rest.at, text_find(rest, '}'))) > REPEAT_MOST)
            return true;
    }
    return false;
}

struct pattern *pattern_new(struct text source, struct buffer *complaint)
{
    struct pattern *pattern;
    PCRE2_UCHAR words[128];
    int error;
    size_t place;
    pcre2_code *code = compile(source, PCRE2_UTF, &error, &place);

    if (!code) {
        pcre2_get_error_message(error, words, COUNT_OF(words));
        buffer_format(complaint, "is no regular expression: %s, at character %zu",
                      (const char *)words, place + 1);
        return NULL;
    }
    if (repeats_too_often(source)) {
        buffer_format(complaint, "repeats something more than %d times", REPEAT_MOST);
        pcre2_code_free(code);
        return NULL;
    }
    pattern = memory_take(sizeof(*pattern));
    pattern->code = code;
    pattern->for_bytes = compile(source, PCRE2_NEVER_UTF, &error, &place);
    return pattern;
}

void pattern_free(struct pattern *pattern)
{
    if (!pattern)
        return;
    pcre2_code_free(pattern->code);
    pcre2_code_free(pattern->for_bytes);
    free(pattern);
}

static bool is_word(char byte)
{
    return is_digit(byte) || byte == '_' || (byte >= 'a' && byte <= 'z') ||
           (byte >= 'A' && byte <= 'Z');
}

/* The group's name or number at the front of what follows a `$`; empty if none is there. `used`
 * is what it takes with its braces. */
static struct text take_group(struct text rest, size_t *used)
{
    bool braces = rest.length > 0 && rest.at[0] == '{';
    struct text name = text_from_offset(rest, braces ? 1 : 0);
    bool digits = name.length > 0 && is_digit(name.at[0]);
    size_t length = 0;

    while (length < name.length && (digits ? is_digit(name.at[length]) : is_word(name.at[length])))
        length++;
    *used = length;
    if (!braces)
        return text_of(name.at, length);
    *used += 2;
    if (length == name.length || name.at[length] != '}')
        length = 0;
    return text_of(name.at, length);
}

static bool has_group(const struct pattern *pattern, struct text name)
{
    char copy[33]; /* PCRE2's longest name is 32 */
    uint64_t number;
    uint32_t groups = 0;

    pcre2_pattern_info(pattern->code, PCRE2_INFO_CAPTURECOUNT, &groups);
    if (is_digit(name.at[0]))
        return text_to_u64(name, &number) && number <= groups;
    if (name.length >= sizeof(copy))
        return false;
    memcpy(copy, name.at, name.length);
    copy[name.length] = '\0';
    return pcre2_substring_number_from_name(pattern->code, (PCRE2_SPTR)copy) > 0;
}

static bool check_group(const struct pattern *pattern, struct text name, struct buffer *complaint)
{
    if (text_is_empty(name)) {
        buffer_add_string(complaint, "has a $ that stands for nothing: write $$ for the sign "
                                     "itself, $1 for a group");
        return false;
    }
    if (has_group(pattern, name))
        return true;
    buffer_add_string(complaint, "names a group that the regular expression does not have: ");
    buffer_add_json(complaint, name);
    return false;
}

bool pattern_check_with(const struct pattern *pattern, struct text with, struct buffer *complaint)
{
    size_t used;

    for (size_t at; (at = text_find(with, '$')) < with.length;) {
        with = text_from_offset(with, at + 1);
        if (with.length > 0 && with.at[0] == '$')
            used = 1;
        else if (!check_group(pattern, take_group(with, &used), complaint))
            return false;
        with = text_from_offset(with, used);
    }
    return true;
}

/* What one pattern_replace has cost so far. */
struct work {
    uint64_t done;
    size_t position;
};

static int count_work(pcre2_callout_block *block, void *user)
{
    struct work *work = user;
    size_t now = block->current_position, before = work->position;

    work->done += ITEM_COST + (now > before ? now - before : before - now);
    work->position = now;
    return work->done > WORK_MOST ? PCRE2_ERROR_CALLOUT : 0;
}

static pcre2_match_context *begin_work(struct work *work)
{
    pcre2_match_context *context = pcre2_match_context_create(NULL);

    must_have(context);
    pcre2_set_callout(context, count_work, work);
    pcre2_set_heap_limit(context, HEAP_KIB_MOST);
    return context;
}

/* How many places were found, or PCRE2's error. `*length` is the room in `out`, then what is used.
 */
static int substitute(const pcre2_code *code, struct text text, struct text with, char *out,
                      size_t *length)
{
    struct work work = { 0 };
    pcre2_match_context *context = begin_work(&work);
    int found =
        pcre2_substitute(code, (PCRE2_SPTR)text.at, text.length, 0,
                         PCRE2_SUBSTITUTE_GLOBAL | PCRE2_SUBSTITUTE_UNSET_EMPTY, NULL, context,
                         (PCRE2_SPTR)with.at, with.length, (PCRE2_UCHAR *)out, length);

    pcre2_match_context_free(context);
    return found;
}

static bool is_utf_error(int error)
{
    return error <= PCRE2_ERROR_UTF8_ERR1 && error >= PCRE2_ERROR_UTF8_ERR21;
}

enum pattern_result pattern_replace(const struct pattern *pattern, struct text text,
                                    struct text with, size_t most, struct buffer *out)
{
    char *room = memory_take(most + 1);
    size_t length = most + 1;
    int found = substitute(pattern->code, text, with, room, &length);

    if (is_utf_error(found)) {
        length = most + 1;
        found = pattern->for_bytes ? substitute(pattern->for_bytes, text, with, room, &length) : 0;
    }
    buffer_clear(out);
    if (found > 0)
        buffer_add(out, room, length);
    free(room);
    if (found == 0)
        return PATTERN_NOT_FOUND;
    return found > 0 ? PATTERN_REPLACED : PATTERN_TOO_MUCH;
}
