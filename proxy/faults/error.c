/* error: an answer of our own in place of the origin's. */
#include "faults/error_form.h"
#include "faults/fault.h"

enum error_at { AT_BEFORE, AT_AFTER };
enum retry_form { RETRY_SECONDS, RETRY_DATE };

struct error {
    uint64_t status;
    struct text reason;
    struct error_form form;
    int at;
    usec retry_after;
    int retry_form;
};

static const char *const places[] = { "before", "after", NULL };
static const char *const retry_forms[] = { "seconds", "date", NULL };

static const struct field fields[] = {
    FIELD(struct error, status, uint64_t, FIELD_COUNT, .name = "status", .fallback = "500",
          .least = 300, .most = 599, .main = true, .help = "the status code"),
    FIELD(struct error, reason, struct text, FIELD_TEXT, .name = "reason",
          .help = "the words behind the status code; without it, the usual ones"),
    FIELD(struct error, at, int, FIELD_CHOICE, .name = "at", .choices = places,
          .fallback = "before",
          .help = "before the origin is asked, or after it has answered: its answer is lost"),
    ERROR_FORM_FIELDS(struct error),
    FIELD(struct error, retry_after, usec, FIELD_DURATION, .name = "retry-after", .least = 0,
          .most = (double)(365 * 24 * HOUR), .clock = CLOCK_WALL,
          .help = "when the client may come back, sent in whole seconds, rounded up; 0: not sent"),
    FIELD(struct error, retry_form, int, FIELD_CHOICE, .name = "retry-after-form",
          .choices = retry_forms, .fallback = "seconds",
          .help = "how retry-after is written: as seconds, or as the date and time then"),
    END_OF_FIELDS,
};

static bool check(void *params, struct buffer *complaint)
{
    static const char *const retry[] = { "retry-after", NULL };
    const struct error *error = params;

    if (!error_form_check(&error->form, (unsigned)error->status,
                          error->retry_after > 0 ? retry : NULL, complaint))
        return false;
    if (!error_form_is_value(error->reason))
        buffer_add_string(complaint, "reason has a byte that no status line can have");
    else if (error->retry_form == RETRY_DATE && error->retry_after == 0)
        buffer_add_string(complaint, "retry-after-form goes with retry-after");
    else
        return true;
    return false;
}

static void at_request(const void *params, struct request_plan *plan)
{
    const struct error *error = params;

    if (!error_form_answer(&error->form, (unsigned)error->status, error->reason, plan))
        return;
    plan->answer.retry_after = error->retry_after;
    plan->answer.retry_date = error->retry_form == RETRY_DATE;
    plan->answer.late = error->at == AT_AFTER;
}

const struct fault_kind fault_error = {
    .name = "error",
    .family = "answers",
    .summary = "an error in place of the answer",
    .about =
        "The client gets a complete, well-formed answer that panne makes up, and the connection "
        "stays usable. With at: before the origin is never asked, so nothing has been done there; "
        "with at: after it is asked, does its work and answers, and that answer is lost: a client "
        "that tries again has it done twice, if nothing prevents that. Redirects and errors can be "
        "given, statuses 300 to 599; for a success that says the wrong thing see body. A template "
        "makes the body as a provider's clients expect it, "
        "with its content type and request ids (the same ids for the same seed): AWS JSON 1.0 and "
        "1.1, AWS query and EC2 in XML, S3, Google, Azure, problem details (RFC 9457), OpenAI, "
        "plain text, HTML. Several providers throttle with status 400: say both status and code. "
        "Length, date and what concerns the connection are panne's own and cannot be set. Where "
        "several errors hit the same exchange the first one answers and the others are logged as "
        "shadowed; latency, floods, hangs and resets work upon that answer as upon any other. "
        "retry-after is real time: a scenario's speed does not shorten it.",
    .example = "error: {status: 503, template: aws-json-1.1, retry-after: 5s}",
    .fields = fields,
    .params_size = sizeof(struct error),
    .stands_on = FAULT_ON_HTTP,
    .answers = true,
    .check = check,
    .at_request = at_request,
};
