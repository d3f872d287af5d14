/* problems: keeping complaints about the user's input in order, once each, and finding what was
 * meant. */
#include "base/problems.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"

enum { KEPT = 100 };

struct problems {
    struct arena arena;
    struct problem kept[KEPT]; /* sorted by place */
    size_t count;
    size_t errors, warnings; /* all of them, kept or not */
};

struct problems *problems_new(void)
{
    return memory_take(sizeof(struct problems));
}

void problems_free(struct problems *problems)
{
    if (!problems)
        return;
    arena_clear(&problems->arena);
    free(problems);
}

static const char *file_of(struct place place)
{
    return place.file ? place.file : "";
}

static int place_compare(struct place a, struct place b)
{
    int files = strcmp(file_of(a), file_of(b));

    if (files != 0)
        return files;
    if (a.line != b.line)
        return a.line < b.line ? -1 : 1;
    return (a.column > b.column) - (a.column < b.column);
}

static bool is_known(const struct problems *problems, struct place place, const char *message)
{
    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->kept[i];

        if (place_compare(problem->place, place) == 0 && strcmp(problem->message, message) == 0)
            return true;
    }
    return false;
}

/* Behind those of the same place, so that they stay in the order in which they were found. */
static void keep(struct problems *problems, const struct problem *problem)
{
    size_t at = problems->count;

    while (at > 0 && place_compare(problems->kept[at - 1].place, problem->place) > 0) {
        problems->kept[at] = problems->kept[at - 1];
        at--;
    }
    problems->kept[at] = *problem;
    problems->count++;
}

static void add(struct problems *problems, struct place place, bool warning,
                const struct buffer *message)
{
    struct problem problem = { place, NULL, warning };

    if (is_known(problems, place, message->at))
        return;
    if (warning)
        problems->warnings++;
    else
        problems->errors++;
    if (problems->count == KEPT)
        return;
    if (place.file)
        problem.place.file = arena_string(&problems->arena, text_from(place.file));
    problem.message = arena_string(&problems->arena, buffer_text(message));
    keep(problems, &problem);
}

static void add_formatted(struct problems *problems, struct place place, bool warning,
                          const char *format, va_list values) PRINTF_LIKE(4, 0);

static void add_formatted(struct problems *problems, struct place place, bool warning,
                          const char *format, va_list values)
{
    struct buffer message = { 0 };

    buffer_format_list(&message, format, values);
    buffer_mask_controls(&message);
    add(problems, place, warning, &message);
    buffer_free(&message);
}

void problem_at(struct problems *problems, struct place place, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    add_formatted(problems, place, false, format, values);
    va_end(values);
}

void warning_at(struct problems *problems, struct place place, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    add_formatted(problems, place, true, format, values);
    va_end(values);
}

size_t problems_count(const struct problems *problems)
{
    return problems->errors;
}

size_t warnings_count(const struct problems *problems)
{
    return problems->warnings;
}

const struct problem *problems_get(const struct problems *problems, size_t index)
{
    return index < problems->count ? &problems->kept[index] : NULL;
}

size_t problems_left(const struct problems *problems)
{
    return problems->errors + problems->warnings - problems->count;
}

void problems_print(const struct problems *problems, FILE *out)
{
    size_t more = problems_left(problems);

    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->kept[i];

        if (problem->place.file)
            fprintf(out, "%s:", problem->place.file);
        if (problem->place.line > 0)
            fprintf(out, "%u:%u:", problem->place.line, problem->place.column);
        if (problem->place.file || problem->place.line > 0)
            fputc(' ', out);
        fprintf(out, "%s%s\n", problem->warning ? "warning: " : "", problem->message);
    }
    if (more > 0)
        fprintf(out, "and %zu more\n", more);
}

/* How far the name is from the text; one more than `limit` if that is out of reach. */
static size_t distance_within(struct text text, struct text name, size_t limit)
{
    size_t gap = text.length > name.length ? text.length - name.length : name.length - text.length;

    if (text_equal_nocase(text, name))
        return 0;
    return gap > limit ? limit + 1 : text_distance(text, name);
}

const char *problem_suggestion(struct text text, const char *(*name_at)(const void *, size_t),
                               const void *list)
{
    size_t limit = text.length < 3 ? text.length / 2 : text.length / 3;
    const char *nearest = NULL, *name;

    for (size_t i = 0; (name = name_at(list, i)) != NULL; i++) {
        size_t distance = distance_within(text, text_from(name), limit);

        if (distance > limit || (nearest && distance == limit))
            continue;
        nearest = name;
        limit = distance;
    }
    return nearest;
}
