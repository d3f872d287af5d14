/* junit: test cases in the XML that Jenkins and GitLab read: what can make the run fail. */
#include <inttypes.h>

#include "report/cases.h"

/* `name="value"` with a blank before it. */
static void add_attribute(struct buffer *out, const char *name, struct text value)
{
    buffer_format(out, " %s=\"", name);
    report_escape(value, out);
    buffer_add_byte(out, '"');
}

static void add_seconds(struct buffer *out, usec length)
{
    buffer_format(out, " time=\"%" PRId64 ".%03d\"", (int64_t)(length / SECOND),
                  (int)(length % SECOND / MSEC));
}

static void add_property(struct buffer *out, const char *name, struct text value)
{
    buffer_add_string(out, "      <property");
    add_attribute(out, "name", text_from(name));
    add_attribute(out, "value", value);
    buffer_add_string(out, "/>\n");
}

/* How long that was judged: the phase, or the whole run. */
static usec time_of(const struct judgment *judgment, const struct finding *finding)
{
    const struct history_phase *phase = NULL;

    if (finding->expectation && !text_is_empty(finding->expectation->phase)) {
        uint16_t index = history_find_phase(judgment->history, finding->expectation->phase);

        if (index == HISTORY_NONE)
            return 0;
        phase = history_phase(judgment->history, index);
    }
    if (!phase)
        return history_length(judgment->history);
    if (phase->span.ends == NEVER)
        return history_length(judgment->history) - phase->span.begins;
    return phase->span.ends - phase->span.begins;
}

/* GitLab shows the text and may leave the message out, Jenkins shows both. */
static void add_failure(const struct finding *finding, struct buffer *out)
{
    struct buffer words = { 0 };

    buffer_add_string(out, "      <failure");
    report_measured(finding, &words);
    if (finding->has_limit) {
        buffer_add_string(&words, ", ");
        report_limit(finding, &words);
    }
    if (finding->regressed) {
        buffer_add_string(&words, ", ");
        report_change(finding, &words);
    }
    add_attribute(out, "message", buffer_text(&words));
    add_attribute(out, "type", text_from(finding->check->name));
    buffer_add_byte(out, '>');
    buffer_clear(&words);
    case_story(finding, &words);
    report_escape(buffer_text(&words), out);
    buffer_add_string(out, "</failure>\n");
    buffer_free(&words);
}

static void add_skipped(const struct finding *finding, struct buffer *out)
{
    struct buffer words = { 0 };

    buffer_add_string(out, "      <skipped");
    report_missing(finding, &words);
    add_attribute(out, "message", buffer_text(&words));
    buffer_add_string(out, "/>\n");
    buffer_free(&words);
}

static void add_story(const struct finding *finding, struct buffer *out)
{
    struct buffer words = { 0 };

    case_story(finding, &words);
    if (words.length > 0) {
        buffer_add_string(out, "      <system-out>");
        report_escape(buffer_text(&words), out);
        buffer_add_string(out, "</system-out>\n");
    }
    buffer_free(&words);
}

static void add_case(const struct judgment *judgment, const struct finding *finding,
                     struct buffer *out)
{
    struct buffer words = { 0 };

    buffer_add_string(out, "    <testcase");
    case_class(judgment, &words);
    add_attribute(out, "classname", buffer_text(&words));
    buffer_clear(&words);
    case_name(judgment, finding, &words);
    add_attribute(out, "name", buffer_text(&words));
    if (finding->expectation && !text_is_empty(finding->expectation->file))
        add_attribute(out, "file", finding->expectation->file);
    add_seconds(out, time_of(judgment, finding));
    buffer_add_string(out, ">\n");
    if (case_outcome(finding) == CASE_FAILED)
        add_failure(finding, out);
    else if (case_outcome(finding) == CASE_SKIPPED)
        add_skipped(finding, out);
    else
        add_story(finding, out);
    buffer_add_string(out, "    </testcase>\n");
    buffer_free(&words);
}

static void add_counts(const struct judgment *judgment, struct buffer *out)
{
    size_t cases = 0, counts[3] = { 0 };

    for (size_t i = 0; i < judgment->count; i++)
        if (case_is(&judgment->findings[i])) {
            cases++;
            counts[case_outcome(&judgment->findings[i])]++;
        }
    buffer_format(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\"", cases,
                  counts[CASE_FAILED], counts[CASE_SKIPPED]);
    add_seconds(out, history_length(judgment->history));
}

/* `2026-11-21T18:00:00`: the schema has neither parts of seconds nor zone; it is UTC. */
static struct text timestamp_of(const struct judgment *judgment)
{
    enum { LENGTH = 19 };
    struct text wall = judgment->wall;

    return wall.length < LENGTH ? text_from("1970-01-01T00:00:00") : text_of(wall.at, LENGTH);
}

static void add_suite(const struct judgment *judgment, struct buffer *out)
{
    struct buffer words = { 0 };

    buffer_add_string(out, "  <testsuite");
    case_class(judgment, &words);
    add_attribute(out, "name", buffer_text(&words));
    add_counts(judgment, out);
    add_attribute(out, "timestamp", timestamp_of(judgment));
    buffer_add_string(out, ">\n    <properties>\n");
    add_property(out, "seed", judgment->seed);
    add_property(out, "profile", text_from(profile_names[judgment->profile]));
    add_property(out, "version", judgment->version);
    add_property(out, "scenario", judgment->scenario);
    buffer_clear(&words);
    report_sum(judgment, &words);
    add_property(out, "verdict", buffer_text(&words));
    buffer_add_string(out, "    </properties>\n");
    for (size_t i = 0; i < judgment->count; i++)
        if (case_is(&judgment->findings[i]))
            add_case(judgment, &judgment->findings[i], out);
    buffer_add_string(out, "  </testsuite>\n");
    buffer_free(&words);
}

static void write_junit(const struct judgment *judgment, const struct report_options *options,
                        struct buffer *out)
{
    (void)options;
    buffer_add_string(out,
                      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"panne\"");
    add_counts(judgment, out);
    buffer_add_string(out, ">\n");
    add_suite(judgment, out);
    buffer_add_string(out, "</testsuites>\n");
}

const struct report_format report_junit = {
    .name = "junit",
    .help = "JUnit XML: a test case for each expectation and each gate",
    .about = "What could not be judged is skipped. Names of test cases stay the same from "
             "run to run. The time of a test case is how long that lasted which was judged: "
             "its phase, or the run.",
    .write = write_junit,
};
