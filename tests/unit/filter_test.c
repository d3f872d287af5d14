/* filter_test: what a filter may do to a stream. */
#include "stream/filter.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "flow_table.h"
#include "plain_filters.h"

static const struct plan hundred = { .delay = 100 };
static const struct plan forever = { .delay = NEVER };
static const struct plan reset_at_3 = { .length = 3, .end = CHUNK_RESET };
static const struct plan close_at_0 = { .length = 0, .end = CHUNK_CUT };
static const struct plan twos = { .length = 2 };
static const struct plan six = { .length = 6 };

static const struct flow_case cases[] = {
    { "what passes at once counts for nothing", &plain_pass, NULL, .untouched = true,
      .rows = FLOW_ROWS({ 0, "ab", "ab", NEVER }, { 5, "|c!", "|c!" }) },
    { "each chunk waits for its own delay", &plain_late, &hundred, .touched = 7,
      .rows = FLOW_ROWS({ 0, "one", "", 100 }, { 40, "two", "", 100 }, { 99, NULL, "", 100 },
                        { 100, NULL, "one", 140 }, { 139, "!", "", 140 }, { 140, NULL, "two", 239 },
                        { 240, NULL, "!", NEVER }) },
    { "chunks held back count once, however often one looks", &plain_late, &hundred, .touched = 3,
      .rows = FLOW_ROWS({ 0, "abc", "" }, { 1, NULL, "" }, { 2, NULL, "" }, { 500, NULL, "abc" }) },
    { "waiting for good needs no wake-up and counts at once", &plain_late, &forever, .touched = 4,
      .rows = FLOW_ROWS({ 0, "abc!", "", NEVER }, { 9 * HOUR, NULL, "", NEVER }) },
    { "a boundary passes a filter with what it follows", &plain_late, &hundred,
      .rows = FLOW_ROWS({ 0, "a|b", "" }, { 100, NULL, "a|b" }) },
    { "other parts go by", &plain_late, &hundred, .untouched = true,
      .rows =
          FLOW_ROWS({ 0, "head", "head", NEVER, PART_HEAD }, { 0, "+", "+", NEVER, PART_TUNNEL }) },
    { "but not past what waits", &plain_late, &hundred,
      .rows = FLOW_ROWS({ 0, "body", "" }, { 1, "trailer", "", 100, PART_TRAILER },
                        { 100, NULL, "bodytrailer", NEVER }) },
    { "several parts can be treated", &plain_late, &hundred, .parts = PART_HEAD | PART_BODY,
      .rows = FLOW_ROWS({ 0, "h", "", 100, PART_HEAD }, { 0, "b", "" }, { 100, NULL, "hb" }) },
    { "the end is treated in any part", &plain_late, &hundred, .parts = PART_HEAD, .touched = 1,
      .rows = FLOW_ROWS({ 0, "body!", "body", 100 }, { 100, NULL, "!" }) },
    { "a cut falls at its byte and not at the next one", &plain_cut, &reset_at_3, .touched = 1,
      .rows = FLOW_ROWS({ 0, "ab", "ab" }, { 1, "c", "c#", NEVER }, { 2, "d!", "", NEVER }) },
    { "a cut falls there in chunks of one byte, too", &plain_cut, &reset_at_3, .piece = 1,
      .rows = FLOW_ROWS({ 0, "abcdef!", "abc#" }) },
    { "a cut inside a chunk throws the rest away", &plain_cut, &reset_at_3, .touched = 1,
      .rows = FLOW_ROWS({ 0, "abcdef", "abc#" }, { 0, "ghi!", "" }) },
    { "a stream that ends before the cut is left alone", &plain_cut, &reset_at_3, .untouched = true,
      .rows = FLOW_ROWS({ 0, "ab!", "ab!" }, { 1, "late", "" }) },
    { "a cut may fall before the first byte", &plain_cut, &close_at_0, .touched = 1,
      .rows = FLOW_ROWS({ 0, "ab!", "~" }) },
    { "an end is passed on as it came: cut", &plain_pass, NULL,
      .rows = FLOW_ROWS({ 0, "a~", "a~" }) },
    { "an end is passed on as it came: reset", &plain_pass, NULL,
      .rows = FLOW_ROWS({ 0, "a#", "a#" }) },
    { "slices are of their length", &plain_slice, &twos, .touched = 3,
      .rows = FLOW_ROWS({ 0, "abcde!", "ab|cd|e|!" }) },
    { "slices end with the chunk", &plain_slice, &twos,
      .rows = FLOW_ROWS({ 0, "ab", "ab|" }, { 1, "c!", "c|!" }) },
    { "two boundaries in a row are one", &plain_slice, &twos,
      .rows = FLOW_ROWS({ 0, "ab|c||", "ab|c|" }) },
    { "slices of one chunk without a boundary are one again", &plain_cut, &six, .splits = true,
      .rows = FLOW_ROWS({ 0, "abcde!", "abcde!" }) },
    { "chunks are told apart where asked", &plain_pass, NULL, .splits = true, .piece = 2,
      .rows = FLOW_ROWS({ 0, "abcde!", "ab|cd|e!" }) },
    { "bytes thrown away and bytes made both count", &plain_replace, NULL, .touched = 8,
      .rows =
          FLOW_ROWS({ 0, "abc", "<>" }, { 0, NULL, "" }, { 1, "\\!!", "<>!" }, { 2, "x", "" }) },
    { "bytes held back and then thrown away count once", &plain_lose, &hundred, .touched = 3,
      .rows = FLOW_ROWS({ 0, "ab", "", 100 }, { 50, "c", "", 100 }, { 100, NULL, "", 150 },
                        { 150, NULL, "", NEVER }) },
    { "bytes edited in place count as the filter says", &plain_upper, NULL, .touched = 3,
      .rows = FLOW_ROWS({ 0, "abc!", "ABC!" }) },
    { "bytes are made as room allows", &plain_pad, &six, .limit = 4, .touched = 6,
      .rows = FLOW_ROWS({ 0, "ab!", "ab++" }, { 1, NULL, "++++!", NEVER }) },
};

static void filters_do_as_their_tables_say(void **state)
{
    (void)state;
    flow_check_all(cases, COUNT_OF(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filters_do_as_their_tables_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
