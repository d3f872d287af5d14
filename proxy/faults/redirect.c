/* redirect: the client is sent elsewhere, or in circles. */
#include "faults/redirect.h"

#include "faults/error_form.h"
#include "faults/fault.h"
#include "http/chars.h"
#include "http/target.h"

struct redirect {
    int status; /* index */
    uint64_t chain;
    struct text to;
    bool relative;
};

static const char *const statuses[] = { "301", "302", "303", "307", "308", NULL };
static const unsigned numbers[] = { 301, 302, 303, 307, 308 };

static const struct field fields[] = {
    FIELD(struct redirect, status, int, FIELD_CHOICE, .name = "status", .choices = statuses,
          .fallback = "302", .main = true, .help = "the status code"),
    FIELD(struct redirect, to, struct text, FIELD_TEXT, .name = "to",
          .help = "where to: a URL, or a path on the same host; without it, to itself for ever"),
    FIELD(struct redirect, chain, uint64_t, FIELD_COUNT, .name = "chain", .least = 1, .most = 1000,
          .help = "so many redirects, then the true answer"),
    FIELD(struct redirect, relative, bool, FIELD_FLAG, .name = "relative", .fallback = "no",
          .help = "Location has no scheme and host"),
    END_OF_FIELDS,
};

static bool is_path(struct text to)
{
    return to.length > 0 && to.at[0] == '/';
}

static bool is_good_place(struct text to)
{
    struct text rest = text_from_offset(to, text_find(to, ':') + 3);

    for (size_t i = 0; i < to.length; i++)
        if (!char_is(to.at[i], CHAR_TARGET) && to.at[i] != '#')
            return false;
    if (is_path(to))
        return true;
    return (text_starts(to, text_from("http://")) || text_starts(to, text_from("https://"))) &&
           rest.length > 0;
}

static bool check(void *params, struct buffer *complaint)
{
    const struct redirect *redirect = params;
    const char *wrong = NULL;

    if (redirect->to.at && redirect->chain > 0)
        wrong = "a chain leads back to where it began: take one of chain and to";
    else if (redirect->to.at && !is_good_place(redirect->to))
        wrong = "to wants a URL such as https://example.com/login or a path such as /login";
    else if (redirect->to.at && !is_path(redirect->to) && redirect->relative)
        wrong = "a URL is not relative: take a path";
    if (wrong)
        buffer_add_string(complaint, wrong);
    return wrong == NULL;
}

static bool is_hop(struct text parameter)
{
    return text_starts(parameter, text_from(REDIRECT_HOP "="));
}

static bool has_hop(struct text query)
{
    struct text parameter;

    while (text_next_item(&query, '&', &parameter))
        if (is_hop(parameter))
            return true;
    return false;
}

/* The query's bytes but for the parameter, empty parameters and all. */
static void copy_others(struct text query, struct buffer *out, uint64_t *hops)
{
    const char *mark = "?";

    for (size_t start = 0; start <= query.length;) {
        struct text rest = text_from_offset(query, start);
        struct text parameter = text_of(rest.at, text_find(rest, '&'));

        start += parameter.length + 1;
        if (is_hop(parameter)) {
            parameter = text_from_offset(parameter, sizeof(REDIRECT_HOP));
            if (!text_to_u64(parameter, hops))
                *hops = 0;
            continue;
        }
        buffer_add_string(out, mark);
        buffer_add_text(out, parameter);
        mark = "&";
    }
}

struct text redirect_strip(struct text target, struct arena *arena, uint64_t *hops)
{
    size_t split = text_find(target, '?');
    struct text query = text_from_offset(target, split + 1);
    struct buffer out = { 0 };
    struct text made;

    *hops = 0;
    if (!has_hop(query))
        return target;
    buffer_add_text(&out, text_of(target.at, split));
    copy_others(query, &out, hops);
    made = arena_copy(arena, buffer_text(&out));
    buffer_free(&out);
    return made;
}

/* Of an absolute target, scheme and authority. */
static struct text begin_of(struct text target, size_t scheme)
{
    size_t length = scheme;

    while (length < target.length && target.at[length] != '/' && target.at[length] != '?')
        length++;
    return text_of(target.at, length);
}

/* The scheme and host that the client used: `http://host`. Empty where it named none. */
static struct text place_of(const struct request_plan *plan, const struct target *target)
{
    const struct head *head = plan->way.head;
    struct text host = head_get(head, HEAD_HOST);

    if (target->form == TARGET_ABSOLUTE)
        return begin_of(head->target, target->tls ? sizeof("https://") - 1 : sizeof("http://") - 1);
    if (text_is_empty(host))
        return host;
    return arena_format(plan->way.arena, "%s://%.*s", plan->secure ? "https" : "http",
                        (int)host.length, host.at);
}

static struct text with_hop(struct arena *arena, struct text path, uint64_t hop)
{
    const char *mark = text_find(path, '?') < path.length ? "&" : "?";

    return arena_format(arena, "%.*s%s" REDIRECT_HOP "=%llu", (int)path.length, path.at, mark,
                        (unsigned long long)hop);
}

static struct text join(struct arena *arena, struct text place, struct text path)
{
    return arena_format(arena, "%.*s%.*s", (int)place.length, place.at, (int)path.length, path.at);
}

/* Empty: there is nowhere to send this client to (any more). */
static struct text location(const struct redirect *redirect, struct request_plan *plan)
{
    struct arena *arena = plan->way.arena;
    const struct head *head = plan->way.head;
    struct target target;
    struct text path;
    uint64_t hops;

    if (redirect->to.at && !is_path(redirect->to))
        return redirect->to;
    if (!target_parse(head->target, head->method, &target) ||
        (target.form != TARGET_ORIGIN && target.form != TARGET_ABSOLUTE))
        return text_of("", 0);
    path = redirect_strip(target.path, arena, &hops);
    if (redirect->chain > 0 && hops >= redirect->chain)
        return text_of("", 0);
    if (redirect->chain > 0)
        path = with_hop(arena, path, hops + 1);
    if (redirect->to.at)
        path = redirect->to;
    return redirect->relative ? path : join(arena, place_of(plan, &target), path);
}

static void at_request(const void *params, struct request_plan *plan)
{
    const struct redirect *redirect = params;
    struct text where = location(redirect, plan);
    const struct error_form bare = { .template = ERROR_NO_TEMPLATE };

    if (text_is_empty(where))
        plan->way.hit->note = "no-more-hops";
    else if (error_form_answer(&bare, numbers[redirect->status], text_of("", 0), plan))
        error_form_add(plan, "Location", where);
}

const struct fault_kind fault_redirect = {
    .name = "redirect",
    .family = "answers",
    .summary = "the client is sent elsewhere, or in circles",
    .about =
        "The client gets a redirect without a body, and the origin is not asked. Without more, "
        "Location is what the client has asked for, so that it goes in circles until it gives up. "
        "With `chain`, so many redirects come before the true answer: the client carries their "
        "number in the query as " REDIRECT_HOP ", which the origin never sees; what comes after "
        "the last one is not exercised, and another fault may answer it. Every hop draws anew: "
        "with a share below 100%, a chain may end early. `to` is sent as it is written, a path "
        "with the scheme and host that the client used before it unless `relative` says "
        "otherwise. Clients turn POST into GET after 303, many also after 301 and 302, and never "
        "after 307 and 308.",
    .example = "redirect: {status: 307, chain: 5}",
    .fields = fields,
    .params_size = sizeof(struct redirect),
    .stands_on = FAULT_ON_HTTP,
    .needs = FAULT_NEEDS_HOPS_STRIPPED,
    .check = check,
    .at_request = at_request,
};
