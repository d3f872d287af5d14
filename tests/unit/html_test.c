/* html: what stands in the page, that nothing of the run gets out of its place in it, and how large
 * it can become. */
#include "report/html.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "report/html_parts.h"
#include "report/report.h"
#include "report/svg.h"
#include "report_case.h"

static const struct report_options options = { .columns = 80 };

static struct buffer page_of(const struct judgment *judgment)
{
    struct buffer out = { 0 };

    report_find(text_from("html"))->write(judgment, &options, &out);
    return out;
}

/* Without the samples that it comes with. */
static void begin(struct report_case *made)
{
    report_case_make(made);
    samples_clear(&made->samples);
}

static size_t count_of(const struct buffer *out, const char *words)
{
    size_t count = 0;

    for (const char *at = out->at; (at = strstr(at, words)); at += strlen(words))
        count++;
    return count;
}

static void assert_has(const struct buffer *out, const char *words)
{
    if (count_of(out, words) == 0)
        fail_msg("not in the page: %s", words);
}

/* An operation of that many attempts, which fail but for the last; each waits twice as long. */
static void add_operation(struct sample_set *samples, uint32_t attempts, const char *path)
{
    struct step steps[OPERATION_STEPS];
    struct attempt attempt = { .exchange = 100,
                               .status = 503,
                               .failed = true,
                               .first_byte = NEVER,
                               .service = HISTORY_NONE,
                               .retry_after = NEVER,
                               .gap = NEVER,
                               .touched = TOUCH_ANSWER,
                               .method = TEXT("POST"),
                               .path = text_from(path) };
    struct operation operation = { .attempts = attempts,
                                   .began = SECOND,
                                   .steps = steps,
                                   .step_count = attempts,
                                   .close = CLOSE_GAVE_UP,
                                   .service = HISTORY_NONE,
                                   .method = TEXT("POST"),
                                   .path = text_from(path) };

    attempt.began = SECOND;
    for (uint32_t i = 0; i < attempts; i++) {
        attempt.index = i;
        attempt.exchange++;
        attempt.ended = attempt.began + 10 * MSEC;
        if (i < OPERATION_STEPS)
            steps[i] = (struct step){ .exchange = attempt.exchange,
                                      .began = attempt.began,
                                      .ended = attempt.ended,
                                      .retry_after = i == 0 ? 2 * SECOND : NEVER,
                                      .status = 503,
                                      .failed = true };
        samples_attempt(samples, &attempt);
        attempt.gap = (100 * MSEC) << i;
        attempt.began = attempt.ended + attempt.gap;
    }
    operation.step_count = attempts < OPERATION_STEPS ? attempts : OPERATION_STEPS;
    operation.ended = attempt.ended;
    samples_operation(samples, &operation);
}

static void every_finding_is_there_and_what_is_bad_is_open(void **state)
{
    struct report_case made;
    struct buffer out;

    (void)state;
    begin(&made);
    out = page_of(&made.judgment);
    for (size_t i = 0; i < made.judgment.count; i++) {
        const struct finding *finding = &made.findings[i];
        struct buffer words = { 0 };

        buffer_format(&words, "<details class=\"finding %s\" id=\"f%zu\"%s>",
                      outcome_name(finding->outcome), i + 1,
                      report_is_bad(finding) || finding->missing > 0 ? " open" : "");
        assert_has(&out, words.at);
        buffer_clear(&words);
        html_text(finding->evidence, &words);
        if (words.length > 0)
            assert_has(&out, words.at);
        buffer_free(&words);
        assert_has(&out, finding->check->title);
    }
    assert_has(&out, "<small>Limit</small> <b>at most x1.2</b>");
    assert_has(&out, "<small>Bounds</small> <b>x9.81 to x9.94</b>");
    assert_has(&out, "<small>Judged by</small> <b>1,234,567 failures</b>");
    assert_has(&out, "<small>Missing</small> <b>needs 23 more hung requests</b>");
    assert_has(&out, "<small>Baseline</small> <b>worse than x1.02</b>");
    assert_has(&out, "href=\"https://example.com/amplification\"");
    buffer_free(&out);
    report_case_clear(&made);
}

static void proofs_lead_to_their_exchanges_and_back(void **state)
{
    struct report_case made;
    struct buffer out;

    (void)state;
    begin(&made);
    made.findings[1].proofs.items[0].exchange = 17; /* shown by two findings: one row */
    made.findings[1].proofs.items[1] = (struct proof){ .connection = 9, .words = "refused" };
    made.findings[1].proofs.count = 2;
    out = page_of(&made.judgment);
    assert_int_equal(count_of(&out, "<tr id=\"x17\">"), 1);
    assert_int_equal(count_of(&out, "href=\"#x17\""), 2);
    assert_int_equal(count_of(&out, "<tr id=\"c9\">"), 1);
    assert_has(&out, "<a href=\"#c9\">connection 9</a>");
    assert_has(&out, "<a href=\"#f1\">amplification</a>, <a href=\"#f2\">logout</a>");
    assert_has(&out, "Shown by the first 3 of 293:");
    buffer_free(&out);
    report_case_clear(&made);
}

static void nothing_of_the_run_becomes_markup(void **state)
{
    struct report_case made;
    struct buffer out;

    (void)state;
    begin(&made);
    made.judgment.title = text_from("</title><script>alert(1)</script>");
    made.judgment.seed = text_from("\"'><img src=x>");
    made.findings[0].evidence = text_from("<b onclick=x>\xff\x01");
    strcpy(made.findings[0].proofs.items[0].words, "<a href=javascript:x>");
    add_operation(&made.samples, 3, "/<svg onload=x>");
    samples_end(&made.samples);
    out = page_of(&made.judgment);
    assert_int_equal(count_of(&out, "<script"), 0);
    assert_int_equal(count_of(&out, "<img"), 0);
    assert_int_equal(count_of(&out, "<b onclick"), 0);
    assert_int_equal(count_of(&out, "<a href=javascript"), 0);
    assert_int_equal(count_of(&out, "<svg onload"), 0);
    assert_int_equal(count_of(&out, "\xff"), 0);
    assert_has(&out, "&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;");
    assert_has(&out, "&lt;b onclick=x&gt;\xef\xbf\xbd\xef\xbf\xbd");
    buffer_free(&out);
    report_case_clear(&made);
}

static void the_same_judgment_gives_the_same_page(void **state)
{
    struct report_case one, other;
    struct buffer first, second;

    (void)state;
    begin(&one);
    begin(&other);
    add_operation(&one.samples, 5, "/a");
    add_operation(&other.samples, 5, "/a");
    samples_end(&one.samples);
    samples_end(&other.samples);
    first = page_of(&one.judgment);
    second = page_of(&other.judgment);
    assert_string_equal(first.at, second.at);
    buffer_free(&first);
    buffer_free(&second);
    report_case_clear(&one);
    report_case_clear(&other);
}

static void attempts_gaps_and_phases_are_drawn(void **state)
{
    struct report_case made;
    struct buffer out;

    (void)state;
    begin(&made);
    add_operation(&made.samples, 4, "/pay");
    samples_end(&made.samples);
    out = page_of(&made.judgment);
    assert_has(&out, "POST /pay</b> <span>4 attempts in 740 ms, gave up");
    assert_has(&out, ">100 ms, not 2 s</text>");
    assert_has(&out, "<title>asked to wait</title>");
    assert_int_equal(count_of(&out, "<title id=\"operation-0-title\">"), 1);
    assert_int_equal(count_of(&out, "<title id=\"gap-"), 3);
    assert_has(&out, ">1 gap, median 400 ms</text>");
    assert_has(&out, "font-weight=\"600\">calm</text>");
    assert_has(&out, "font-weight=\"600\">down</text>");
    assert_has(&out, ">18:00:10</text>");
    assert_has(&out, "5 requests in 21.5 s: 2 ok, 3 failed, 3 hit by faults");
    assert_int_equal(count_of(&out, "<svg "), count_of(&out, "</svg>"));
    assert_int_equal(count_of(&out, "<details"), count_of(&out, "</details>"));
    buffer_free(&out);
    report_case_clear(&made);
}

static void gaps_are_told_without_overlaps(void **state)
{
    static const usec gaps[] = { 900 * MSEC, 10 * MSEC, -5 * MSEC, 20 * MSEC };
    struct report_case made;
    struct buffer out;

    (void)state;
    begin(&made);
    memcpy(made.samples.gaps[0], gaps, sizeof(gaps));
    made.samples.gap_count[0] = COUNT_OF(gaps);
    made.samples.gap_total[0] = 1234;
    out = page_of(&made.judgment);
    assert_has(&out, ">4 of 1,234 gaps, median 20 ms</text>");
    assert_has(&out,
               "<td class=\"n\">1,234</td><td class=\"n\">4</td><td class=\"n\">1</td>"
               "<td class=\"n\">10 ms</td><td class=\"n\">20 ms</td><td class=\"n\">900 ms</td>"
               "<td class=\"n\">20 ms</td></tr>");
    buffer_free(&out);
    report_case_clear(&made);
}

/* All that is bounded at its bound, and of characters that take five when they are escaped. */
static void the_largest_page_stays_below_two_mebibytes(void **state)
{
    static char path[129];
    struct report_case made;
    struct buffer out;

    (void)state;
    memset(path, '&', sizeof(path) - 1);
    begin(&made);
    for (int i = 0; i < 3000; i++)
        add_operation(&made.samples, 30, path);
    samples_end(&made.samples);
    out = page_of(&made.judgment);
    assert_in_range(out.length, 1 << 19, (2 << 20) - 1);
    assert_has(&out, "A sample: 2,000 of 90,000 exchanges");
    assert_has(&out, "3,000 operations had more than one attempt");
    assert_has(&out, "512 of 3,000 gaps, median 100 ms");
    buffer_free(&out);
    report_case_clear(&made);
}

static void a_run_without_requests_has_its_page_too(void **state)
{
    static const struct history_watcher nobody;
    static const struct history_terms terms;
    struct sample_set samples = { 0 };
    struct judgment judgment = { .history = history_new(&terms, &nobody), .samples = &samples };
    struct buffer out;

    (void)state;
    out = page_of(&judgment);
    assert_has(&out, "No request came.");
    assert_has(&out, "No operation had more than one attempt.");
    assert_has(&out, "No attempt was repeated.");
    assert_has(&out, "</html>");
    buffer_free(&out);
    history_free((struct history *)(uintptr_t)judgment.history);
}

static void steps_cut_a_length_into_round_parts(void **state)
{
    (void)state;
    assert_float_equal(html_step(10, 5), 2, 1e-9);
    assert_float_equal(html_step(11, 5), 5, 1e-9);
    assert_float_equal(html_step(0.7, 5), 0.2, 1e-9);
    assert_float_equal(html_step(51, 5), 20, 1e-9);
    assert_float_equal(html_step(0, 5), 1, 1e-9);
    assert_float_equal(html_step((double)NAN, 5), 1, 1e-9);
}

static void words_are_cut_between_characters(void **state)
{
    struct buffer out = { 0 };

    (void)state;
    svg_words(1, 2.25, 4 * SVG_LETTER, "a=\"b\"", text_from("\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f"),
              &out);
    svg_words(1, 2, 4 * SVG_LETTER, "a=\"b\"", text_from("\xc3\xa4\xc3\xb6\xc3\xbc<>"), &out);
    svg_words(1, 2, 2 * SVG_LETTER, "a=\"b\"", text_from("gone"), &out);
    assert_string_equal(out.at, "<text x=\"1\" y=\"2.3\" a=\"b\">\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f"
                                "</text>\n<text x=\"1\" y=\"2\" a=\"b\">\xc3\xa4\xc3\xb6\xc3\xbc"
                                "\xe2\x80\xa6</text>\n");
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_finding_is_there_and_what_is_bad_is_open),
        cmocka_unit_test(proofs_lead_to_their_exchanges_and_back),
        cmocka_unit_test(nothing_of_the_run_becomes_markup),
        cmocka_unit_test(the_same_judgment_gives_the_same_page),
        cmocka_unit_test(attempts_gaps_and_phases_are_drawn),
        cmocka_unit_test(gaps_are_told_without_overlaps),
        cmocka_unit_test(the_largest_page_stays_below_two_mebibytes),
        cmocka_unit_test(a_run_without_requests_has_its_page_too),
        cmocka_unit_test(steps_cut_a_length_into_round_parts),
        cmocka_unit_test(words_are_cut_between_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
