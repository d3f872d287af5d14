/* expected: how the places of expectations are spelled. */
#include "expected.h"

void expected_write(const struct scenario *scenario, struct buffer *out)
{
    for (size_t i = 0; i < scenario->expectation_count; i++) {
        const struct expectation *each = &scenario->expectations[i];

        buffer_format(out, "%u %u %s\t%s: ", each->place.line, each->place.column,
                      each->place.file ? each->place.file : "", each->check->name);
        buffer_add_text(out, each->as_written);
        buffer_add_byte(out, '\n');
    }
}

/* Up to the sign, which is taken off, too. False: it is not there. */
static bool take_until(struct text *rest, char sign, struct text *part)
{
    size_t at = text_find(*rest, sign);

    if (at == rest->length)
        return false;
    *part = text_of(rest->at, at);
    *rest = text_from_offset(*rest, at + 1);
    return true;
}

static bool read_line(struct text *rest, struct expectation_terms *terms)
{
    struct text line, column, file, words;
    uint64_t numbers[2];

    if (!take_until(rest, ' ', &line) || !take_until(rest, ' ', &column) ||
        !take_until(rest, '\t', &file) || !take_until(rest, '\n', &words) ||
        !text_to_u64(line, &numbers[0]) || !text_to_u64(column, &numbers[1]) ||
        numbers[0] > UINT32_MAX || numbers[1] > UINT32_MAX)
        return false;
    terms->line = (unsigned)numbers[0];
    terms->column = (unsigned)numbers[1];
    terms->file = file;
    terms->as_written = words;
    return true;
}

const struct expectation_terms *expected_read(struct text lines,
                                              const struct expectation_terms *terms, size_t count,
                                              struct arena *arena)
{
    struct expectation_terms *told = ARENA_ARRAY(arena, struct expectation_terms, count + 1);
    struct text rest = arena_copy(arena, lines);

    for (size_t i = 0; i < count; i++) {
        told[i] = terms[i];
        if (!read_line(&rest, &told[i]))
            return terms;
    }
    return text_is_empty(rest) ? told : terms;
}
