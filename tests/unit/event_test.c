/* event_test: events survive packing, and every line is JSON whatever stands in it. */
#include "observe/event.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

union any {
#define X(name, help, fields) struct event_##name name;
    EVENTS(X)
#undef X
};

/* Every field gets a value of its own. */
static void fill(enum event_kind kind, union any *event)
{
    const struct event_description *description = event_describe(kind);

    memset(event, 0, sizeof *event);
    for (size_t i = 0; i < description->count; i++) {
        char *at = (char *)event + description->fields[i].offset;

        switch (description->fields[i].type) {
        case EVENT_TEXT:
            *(struct text *)at = text_from(description->fields[i].name);
            break;
        case EVENT_COUNT:
        case EVENT_HASH:
            *(uint64_t *)at = 1000 + i;
            break;
        case EVENT_DURATION:
        case EVENT_MOMENT:
            *(usec *)at = (usec)(2000007 + i);
            break;
        case EVENT_FLAG:
            *(bool *)at = true;
            break;
        case EVENT_REAL:
            *(double *)at = 0.1 + (double)i;
            break;
        }
    }
}

static struct buffer line_of(enum event_kind kind, const void *event)
{
    struct buffer line = { 0 };

    event_write(kind, event, 7, 3000123, &line);
    return line;
}

static json_t *parse(const struct buffer *line)
{
    json_error_t error;
    json_t *json = json_loadb(line->at, line->length, JSON_REJECT_DUPLICATES, &error);

    if (!json)
        fail_msg("%s at %d in %s", error.text, error.position, line->at);
    return json;
}

static void all_kinds_are_described(void **state)
{
    (void)state;
    for (int kind = 0; kind < EVENT_KINDS; kind++) {
        const struct event_description *description = event_describe((enum event_kind)kind);

        assert_non_null(description);
        assert_true(description->count > 0);
        assert_true(strlen(description->help) > 0);
    }
    assert_null(event_describe(EVENT_KINDS));
    assert_string_equal(event_describe(EVENT_run)->name, "run");
    assert_string_equal(event_describe(EVENT_end)->fields[0].name, "exit");
}

static void packing_and_back_gives_the_same_line(void **state)
{
    (void)state;
    for (int i = 0; i < EVENT_KINDS; i++) {
        enum event_kind kind = (enum event_kind)i;
        struct buffer before, after;
        char packed[2048];
        union any event, back;
        size_t length;

        fill(kind, &event);
        length = event_pack(kind, &event, packed, sizeof packed);
        assert_in_range(length, 1, sizeof packed);
        assert_int_equal(event_pack(kind, &event, NULL, 0), length);
        assert_true(event_unpack(kind, text_of(packed, length), &back));
        before = line_of(kind, &event);
        after = line_of(kind, &back);
        assert_string_equal(before.at, after.at);
        json_decref(parse(&after));
        buffer_free(&before);
        buffer_free(&after);
    }
}

static void too_little_room_is_never_passed(void **state)
{
    char packed[2048];
    union any event;
    size_t length;

    (void)state;
    fill(EVENT_request, &event);
    length = event_pack(EVENT_request, &event, NULL, 0);
    for (size_t room = 0; room < length; room++) {
        memset(packed, '!', sizeof packed);
        assert_int_equal(event_pack(EVENT_request, &event, packed, room), length);
        for (size_t i = room; i < length; i++)
            assert_int_equal(packed[i], '!');
    }
}

static void a_damaged_record_is_refused(void **state)
{
    long page = sysconf(_SC_PAGESIZE);
    char *pages =
        mmap(NULL, (size_t)page * 2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char packed[2048];
    union any event, back;
    size_t length;

    (void)state;
    assert_ptr_not_equal(pages, MAP_FAILED);
    assert_int_equal(mprotect(pages + page, (size_t)page, PROT_NONE), 0);
    fill(EVENT_request, &event);
    length = event_pack(EVENT_request, &event, packed, sizeof packed);
    for (size_t kept = 0; kept < length; kept++) {
        char *at = pages + page - kept;

        memcpy(at, packed, kept);
        assert_false(event_unpack(EVENT_request, text_of(at, kept), &back));
    }
    assert_false(event_unpack(EVENT_request, text_of(packed, length + 1), &back));
    memset(packed, 0xff, sizeof packed);
    assert_false(event_unpack(EVENT_run, text_of(packed, length), &back));
    assert_false(event_unpack(EVENT_KINDS, text_of(packed, length), &back));
    munmap(pages, (size_t)page * 2);
}

static void a_line_reads_as_the_manual_says(void **state)
{
    struct event_fault fault = {
        .exchange = 17,
        .connection = 4,
        .rule = TEXT("down/1"),
        .kind = TEXT("latency"),
        .draw = 0.25,
        .share = 0.1,
        .asked = 12345,
        .measured = NEVER,
        .touched = UINT64_MAX,
    };
    struct event_request request = { .decided = 3000123, .measured = -1500, .lasted = NEVER };
    struct buffer line = line_of(EVENT_fault, &fault);

    (void)state;
    assert_string_equal(
        line.at,
        "{\"event\":\"fault\",\"seq\":7,\"time\":3.000123,\"exchange\":17,\"connection\":4,"
        "\"rule\":\"down/1\",\"kind\":\"latency\",\"draw\":0.25,\"share\":0.1,"
        "\"asked_ms\":12.345,\"touched\":18446744073709551615,"
        "\"exercised\":false,\"shadowed\":false}");
    buffer_free(&line);
    line = line_of(EVENT_request, &request);
    assert_non_null(strstr(line.at, ",\"decided_s\":3.000123,"));
    assert_non_null(strstr(line.at, ",\"measured_ms\":-1.500,"));
    assert_null(strstr(line.at, ",\"lasted_ms\":"));
    assert_null(strstr(line.at, "\"service\""));
    buffer_free(&line);
}

static void hostile_bytes_stay_inside_their_string(void **state)
{
    static const struct {
        const char *claim;
        struct text text;
        const char *wanted; /* NULL: the same */
    } cases[] = {
        { "quotes and backslashes", TEXT("\"\\\"},{\"event\":\"end\""), NULL },
        { "line breaks", TEXT("a\nb\r\nc\x0b\x0c\t\x08"), NULL },
        { "escape sequences", TEXT("\x1b[2J\x7f"), NULL },
        { "good UTF-8",
          TEXT("Stra\xc3\x9f"
               "e \xf0\x9f\x98\x80"),
          NULL },
        { "bad UTF-8", TEXT("\xff\xc0\xaf\xed\xa0\x80!"),
          "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
          "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd!" },
        { "a cut character", TEXT("\xe2\x82"), "\xef\xbf\xbd\xef\xbf\xbd" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct event_trouble trouble = { .what = cases[i].text };
        struct buffer line = line_of(EVENT_trouble, &trouble);
        json_t *json = parse(&line);

        print_message("%s\n", cases[i].claim);
        assert_null(strchr(line.at, '\n'));
        assert_string_equal(json_string_value(json_object_get(json, "what")),
                            cases[i].wanted ? cases[i].wanted : cases[i].text.at);
        json_decref(json);
        buffer_free(&line);
    }
}

static void every_byte_makes_valid_json(void **state)
{
    char bytes[256];
    struct event_trouble trouble = { .detail = text_of(bytes, sizeof bytes) };
    struct buffer line;
    json_t *json;

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)i;
    line = line_of(EVENT_trouble, &trouble);
    json = json_loadb(line.at, line.length, JSON_ALLOW_NUL, NULL);
    assert_non_null(json);
    json_decref(json);
    assert_non_null(strstr(line.at, "\\u0000"));
    assert_null(strchr(line.at, '\n'));
    buffer_free(&line);
}

static void real_numbers_read_back_the_same(void **state)
{
    static const double numbers[] = { 0, 1, 0.1, 1.0 / 3, 1e-9, 1e300, 0.9999999999999999, -2.5 };

    (void)state;
    /* Only where the system has such a locale does this prove more. */
    setlocale(LC_NUMERIC, "de_DE.UTF-8");
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        struct event_fault fault = { .draw = numbers[i] };
        struct buffer line = line_of(EVENT_fault, &fault);
        json_t *json = parse(&line);
        double back = json_number_value(json_object_get(json, "draw"));

        assert_memory_equal(&back, &numbers[i], sizeof back);
        json_decref(json);
        buffer_free(&line);
    }
    setlocale(LC_NUMERIC, "C");
}

static void what_is_no_number_is_null(void **state)
{
    struct event_fault fault = { .draw = NAN, .share = INFINITY };
    struct buffer line = line_of(EVENT_fault, &fault);
    json_t *json = parse(&line);

    (void)state;
    assert_true(json_is_null(json_object_get(json, "draw")));
    assert_true(json_is_null(json_object_get(json, "share")));
    json_decref(json);
    buffer_free(&line);
}

static size_t kept_of(enum event_kind kind, size_t offset, struct text text)
{
    union any event, back;
    size_t length, kept;
    char *packed;

    memset(&event, 0, sizeof event);
    memcpy((char *)&event + offset, &text, sizeof text);
    length = event_pack(kind, &event, NULL, 0);
    packed = malloc(length);
    event_pack(kind, &event, packed, length);
    assert_true(event_unpack(kind, text_of(packed, length), &back));
    kept = ((struct text *)(void *)((char *)&back + offset))->length;
    free(packed);
    return kept;
}

static void long_texts_are_cut_between_characters(void **state)
{
    size_t length = 3 << 20;
    char *text = malloc(length);

    (void)state;
    memset(text, 'x', length);
    assert_int_equal(
        kept_of(EVENT_request, offsetof(struct event_request, path), text_of(text, 32768)), 32768);
    assert_int_equal(
        kept_of(EVENT_request, offsetof(struct event_request, path), text_of(text, 32769)), 32768);
    assert_int_equal(kept_of(EVENT_run, offsetof(struct event_run, text), text_of(text, length)),
                     1 << 20);
    assert_int_equal(kept_of(EVENT_run, offsetof(struct event_run, wall), text_of(text, length)),
                     32768);
    for (size_t i = 0; i < 4; i++)
        text[32766 + i] = "\xf0\x9f\x98\x80"[i];
    assert_int_equal(
        kept_of(EVENT_request, offsetof(struct event_request, path), text_of(text, length)), 32766);
    free(text);
}

static void the_manual_names_every_field(void **state)
{
    struct buffer manual = { 0 };

    (void)state;
    event_manual(&manual);
    assert_non_null(strstr(manual.at, ".It Cm request\n"));
    assert_non_null(strstr(manual.at, ".It Va decided_s\n.Pq seconds\n"));
    assert_non_null(strstr(manual.at, ".It Va lasted_ms\n.Pq milliseconds\n"));
    for (size_t i = 0, column = 0; i < manual.length; i++) {
        column = manual.at[i] == '\n' ? 0 : column + 1;
        assert_in_range(column, 0, 80);
        assert_in_range((unsigned char)manual.at[i], 10, 126);
    }
    buffer_free(&manual);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_kinds_are_described),
        cmocka_unit_test(packing_and_back_gives_the_same_line),
        cmocka_unit_test(too_little_room_is_never_passed),
        cmocka_unit_test(a_damaged_record_is_refused),
        cmocka_unit_test(a_line_reads_as_the_manual_says),
        cmocka_unit_test(hostile_bytes_stay_inside_their_string),
        cmocka_unit_test(every_byte_makes_valid_json),
        cmocka_unit_test(real_numbers_read_back_the_same),
        cmocka_unit_test(what_is_no_number_is_null),
        cmocka_unit_test(long_texts_are_cut_between_characters),
        cmocka_unit_test(the_manual_names_every_field),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
