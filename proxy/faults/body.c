/* body: bodies replaced and edited, of requests and answers. */
#include "faults/body.h"

#include "base/json_tree.h"
#include "base/pattern.h"
#include "faults/direction.h"
#include "faults/fault.h"
#include "faults/field_names.h"
#include "faults/flood.h"
#include "http/coding.h"
#include "http/gzip.h"

/* A session holds 256 KiB for each direction, and what comes off the wire needs room, too. */
#define LIMIT_MOST (192.0 * 1024)

static const struct field fields[] = {
    FIELD(struct body, on, int, FIELD_CHOICE, .name = "on", .choices = direction_choices,
          .fallback = "response", .help = "whose body is changed"),
    FIELD(struct body, replace, struct text, FIELD_TEXT, .name = "replace", .main = true,
          .help = "the text that takes the whole body's place"),
    FIELD(struct body, merge, struct text, FIELD_JSON, .name = "merge",
          .help = "what a JSON body is patched with (RFC 7396): members to set, null removes one"),
    FIELD(struct body, find, struct text, FIELD_TEXT, .name = "find",
          .help = "a regular expression (PCRE2) for what is to be replaced, all over the body"),
    FIELD(struct body, with, struct text, FIELD_TEXT, .name = "with",
          .help =
              "the text for each place found; $1 is a group, and so is $${name}, $$ a dollar sign"),
    FIELD(struct body, content_type, struct text, FIELD_TEXT, .name = "content-type",
          .help = "the media type that is told from then on"),
    FIELD(struct body, limit, uint64_t, FIELD_SIZE, .name = "limit", .least = 1, .most = LIMIT_MOST,
          .fallback = "128KiB",
          .help = "how long a body may be, before and behind, to be edited; longer ones pass"),
    END_OF_FIELDS,
};

static bool check_find(const struct body *body, struct buffer *complaint)
{
    struct pattern *pattern;
    struct buffer why = { 0 };
    const char *name = "find";
    bool good = false;

    if (!body->with.at || text_is_empty(body->find)) {
        buffer_add_string(complaint, body->with.at
                                         ? "find wants a regular expression, not nothing"
                                         : "find wants with, too: the text for each place found");
        return false;
    }
    pattern = pattern_new(body->find, &why);
    if (pattern) {
        name = "with";
        good = pattern_check_with(pattern, body->with, &why);
    }
    if (!good)
        buffer_format(complaint, "%s %s", name, why.at);
    buffer_free(&why);
    pattern_free(pattern);
    return good;
}

static bool check_merge(const struct body *body, struct buffer *complaint)
{
    struct buffer why = { 0 };
    bool good = json_check(body->merge, &why);

    if (!good)
        buffer_format(complaint, "merge %s", why.at);
    buffer_free(&why);
    return good;
}

static bool check(void *params, struct buffer *complaint)
{
    const struct body *body = params;
    int ways = (body->replace.at != NULL) + (body->merge.at != NULL) + (body->find.at != NULL);
    const char *why = NULL;

    if (ways != 1)
        why = "wants exactly one of replace, merge and find";
    else if (body->with.at && !body->find.at)
        why = "with wants find, too";
    else if (body->content_type.at &&
             (text_is_empty(body->content_type) || !field_value_is_good(body->content_type)))
        why = "content-type is no value that a header can have";
    else if (body->replace.length > body->limit)
        why = "replace is longer than the limit";
    else if (body->find.at)
        return check_find(body, complaint);
    else if (body->merge.at)
        return check_merge(body, complaint);
    if (why)
        buffer_add_string(complaint, why);
    return !why;
}

/* What is packed anew is no deed of the fault's: these stages are nobody's. */
static void add_codec(struct way_plan *plan, const struct filter_ops *filter)
{
    plan_filter(plan, filter, PART_BODY | PART_TRAILER)->tag = -1;
}

static bool is_stream(const struct head *head)
{
    struct text type = head_get(head, HEAD_CONTENT_TYPE);

    return text_is_nocase(text_trim(text_of(type.at, text_find(type, ';'))), "text/event-stream");
}

static bool can_edit(const struct body *body, const struct way_plan *plan, enum coding coding)
{
    if (body->replace.at)
        return true;
    return coding != CODING_OTHER && !is_stream(plan->head) &&
           !(plan->length_known && (plan->length == 0 || plan->length > body->limit));
}

static void set_type(const struct body *body, struct way_plan *plan)
{
    if (!body->content_type.at ||
        text_equal(head_get(plan->head, HEAD_CONTENT_TYPE), body->content_type))
        return;
    head_set(plan->head, plan->arena, text_from("Content-Type"), body->content_type);
    plan->hit->touched += body->content_type.length;
}

/* `answer` is NULL for a request. */
static void add_filters(const struct body *body, struct way_plan *plan,
                        struct response_plan *answer, enum coding coding)
{
    bool unpacks = coding == CODING_GZIP && !body->replace.at;

    plan->length_known = body->replace.at != NULL;
    plan->length = body->replace.length;
    if (body->replace.at)
        head_remove(plan->head, HEAD_CONTENT_ENCODING);
    if (unpacks)
        add_codec(plan, &gunzip_filter);
    plan_filter(plan, body->replace.at ? &body_replace : &body_edit, PART_BODY | PART_TRAILER);
    if (unpacks)
        add_codec(plan, &gzip_filter);
    flood_mend_head(plan, answer, true);
    set_type(body, plan);
}

/* True if the body will be edited, if it can be. */
static bool change(const struct body *body, struct way_plan *plan, struct response_plan *answer)
{
    enum coding coding;

    if (!plan->head || !plan->has_body || plan->head->status == 206 ||
        head_has(plan->head, HEAD_CONTENT_RANGE))
        return false;
    coding = coding_of(plan->head);
    if (!can_edit(body, plan, coding))
        return false;
    add_filters(body, plan, answer, coding);
    return true;
}

static void at_request(const void *params, struct request_plan *plan)
{
    const struct body *body = params;

    if (direction_has_request(body->on))
        (void)change(body, &plan->way, NULL);
}

static void at_response(const void *params, struct response_plan *plan)
{
    const struct body *body = params;

    if (!direction_has_response(body->on) || !change(body, &plan->way, plan) ||
        plan->way.length_known)
        return;
    /* The head then says how long the edited body is. */
    if (plan->hold < body->limit) {
        plan->hold = body->limit;
        plan->held_by = plan->way.hit;
    }
}

const struct fault_kind fault_body = {
    .name = "body",
    .family = "protocol",
    .summary = "bodies replaced, patched and edited",
    .about =
        "The body of the answer, of the request as the origin gets it, or of both is replaced by a "
        "text (replace), patched if it is JSON (merge), or edited wherever a regular expression "
        "matches (find, with). The message stays well-formed: Content-Length is right where there "
        "is one, a request whose new length cannot be known goes to the origin in chunks, digests "
        "of an answer's body are computed anew if all of it comes to no more than 128 KiB, and are "
        "else, and in requests, taken out of the header; Accept-Ranges is taken out, and a strong "
        "ETag becomes a weak one. gzip is unpacked and packed again; replace takes out "
        "Content-Encoding. merge "
        "and find hold the body back until it is whole. They leave alone what is longer than the "
        "limit, or would be; event streams; other codings; what is no JSON (merge); and what is "
        "the same afterwards. Parts of bodies (status 206) and messages without a body (GET "
        "requests, answers to HEAD, statuses 204 and 304) are left alone, too. Then the fault is "
        "logged as not exercised. A merge writes JSON without white space; members keep their "
        "order, whole numbers their value, and others as much of it as a double holds; of members "
        "of one name the last one stays. Regular expressions match characters in UTF-8, and "
        "repeat nothing more than 1000 times by a number; one that takes more work on a body than "
        "panne allows changes nothing.",
    .example = "body: {merge: {status: degraded, items: []}}",
    .fields = fields,
    .params_size = sizeof(struct body),
    .stands_on = FAULT_ON_HTTP,
    .check = check,
    .at_request = at_request,
    .at_response = at_response,
};
