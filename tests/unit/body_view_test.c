/* body_view_test: what matches find in the beginning of a body. */
#include "scenario/body.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Rows leave out what is zero. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

#define FORM "application/x-www-form-urlencoded; charset=utf-8"

static const struct claim {
    const char *claim, *type, *body;
    bool cut;                              /* there is more of it */
    const char *form, *json, *name, *text; /* `name` of the form's field or the pointer */
    bool holds;
} claims[] = {
    { "a form's field", FORM, "Version=1&Action=Run", .name = "Action", .form = "Run",
      .holds = true },
    { "a pattern", FORM, "Action=RunInstances", .name = "Action", .form = "Run*", .holds = true },
    { "another value", FORM, "Action=Stop", .name = "Action", .form = "Run*" },
    { "a name that only ends like it", FORM, "MyAction=Run", .name = "Action", .form = "Run" },
    { "letters of a value count", FORM, "Action=run", .name = "Action", .form = "Run" },
    { "escapes", FORM, "A%63tion=R%75n+it%21", .name = "Action", .form = "Run it!", .holds = true },
    { "what is no escape", FORM, "a=50%&b=%zz%4", .name = "b", .form = "%zz%4", .holds = true },
    { "an escape at the end", FORM, "a=%41", .name = "a", .form = "A", .holds = true },
    { "the second field of a name", FORM, "a=1&a=2", .name = "a", .form = "2", .holds = true },
    { "a field without value", FORM, "a&b=1", .name = "a", .form = "", .holds = true },
    { "no field of an empty body", FORM, "", .name = "a", .form = "*" },
    { "only forms have fields", "text/plain", "a=1", .name = "a", .form = "1" },
    { "the last field of a cut body is not known", FORM, "a=1&b=2", true, .name = "b",
      .form = "2" },
    { "but the others are", FORM, "a=1&b=2", true, .name = "a", .form = "1", .holds = true },

    { "a JSON text", "", "{\"a\": {\"b\": \"text\"}}", .name = "/a/b", .json = "te*",
      .holds = true },
    { "a number", "", "{\"a\": [1, 2.5]}", .name = "/a/1", .json = "2.5", .holds = true },
    { "true", "", "{\"a\": true}", .name = "/a", .json = "true", .holds = true },
    { "null", "", "[null]", .name = "/0", .json = "null", .holds = true },
    { "the whole", "", "\"x\"", .name = "", .json = "x", .holds = true },
    { "an escaped name", "", "{\"a/b~c\": 1}", .name = "/a~1b~0c", .json = "1", .holds = true },
    { "an empty name", "", "{\"\": 1}", .name = "/", .json = "1", .holds = true },
    { "an object is no value", "", "{\"a\": {}}", .name = "/a", .json = "*" },
    { "nothing there", "", "{\"a\": 1}", .name = "/b", .json = "*" },
    { "behind the end of a list", "", "[1]", .name = "/1", .json = "*" },
    { "no JSON", "", "{\"a\": 1", .name = "/a", .json = "1" },
    { "JSON that goes on", "", "{\"a\": 1}", true, .name = "/a", .json = "1" },
    { "deep nesting is no trap", "", "[[[[[[[[[[1]]]]]]]]]]", .name = "/0/0", .json = "*" },

    { "text", "", "has a needle in it", .text = "*needle*", .holds = true },
    { "text of a cut body", "", "has a needle in it", true, .text = "*needle*", .holds = true },
    { "no such text", "", "hay", .text = "*needle*" },
    { "nothing asked of an empty body", "", "", .holds = true },
};

static bool ask(const struct claim *claim)
{
    const struct text form = text_from(claim->form), json = text_from(claim->json);
    const struct text words = text_from(claim->text);
    const struct named_patterns named = {
        .name = text_from(claim->name),
        .patterns = { claim->form ? &form : &json, 1 },
    };
    const struct body_match match = {
        .form = &named,
        .form_count = claim->form != NULL,
        .json = &named,
        .json_count = claim->json != NULL,
        .text = { &words, claim->text != NULL },
    };
    struct body_view *view =
        body_view_new(text_from(claim->body), text_from(claim->type), !claim->cut);
    bool holds = body_match_holds(&match, view);

    assert_int_equal(body_match_holds(&match, view), holds);
    body_view_free(view);
    return holds;
}

static void bodies_are_matched_as_claimed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(claims); i++)
        if (ask(&claims[i]) != claims[i].holds)
            fail_msg("%s: it is not so", claims[i].claim);
}

static void all_that_is_asked_must_hold(void **state)
{
    const struct text yes = TEXT("*1*"), no = TEXT("*x*");
    const struct named_patterns named = { .name = TEXT("/a"), .patterns = { &yes, 1 } };
    struct body_match match = { .json = &named, .json_count = 1, .text = { &yes, 1 } };
    struct body_view *view = body_view_new(text_from("{\"a\": 1}"), text_from(""), true);

    (void)state;
    assert_true(body_match_holds(&match, view));
    match.text.items = &no;
    assert_false(body_match_holds(&match, view));
    body_view_free(view);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_are_matched_as_claimed),
        cmocka_unit_test(all_that_is_asked_must_hold),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
