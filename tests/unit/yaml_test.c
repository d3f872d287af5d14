/* yaml: claims about trees, their places, and texts that end too early. */
#include "scenario/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "guard.h"

/* The tree on one line, or what is wrong. */
static void expect_tree(const char *yaml, const char *wanted)
{
    struct arena arena = { 0 };
    struct problems *problems = problems_new();
    struct buffer out = { 0 };
    const struct node *root = yaml_read(text_from(yaml), "t.yaml", &arena, problems);

    if (problems_count(problems) > 0)
        buffer_add_string(&out, problems_get(problems, 0)->message);
    else
        node_write(root, &out);
    assert_string_equal(out.at, wanted);
    buffer_free(&out);
    problems_free(problems);
    arena_clear(&arena);
}

static void lists_and_mappings_nest(void **state)
{
    (void)state;
    expect_tree("a: 1\nb: [x, {c: d}]\n", "{a: 1, b: [x, {c: d}]}");
    expect_tree("- a\n- - b\n  - c\n", "[a, [b, c]]");
    expect_tree("{}", "{}");
    expect_tree("plain words", "plain words");
}

static void texts_keep_their_letters(void **state)
{
    (void)state;
    expect_tree("[no, 1e3, 012, ~, 'no', \"a\\n\"]", "[no, 1e3, 012, ~, \"no\", \"a\\n\"]");
    expect_tree("a: |\n  one\n  two\n", "{a: \"one\\ntwo\\n\"}");
    expect_tree("\xef\xbb\xbf"
                "a: Zürich 🚗\n",
                "{a: Zürich 🚗}");
    expect_tree("a: 1\r\nb: 2\r\n", "{a: 1, b: 2}");
}

static void core_tags_say_nothing_new(void **state)
{
    (void)state;
    expect_tree("!!map {a: !!str 1, b: !!seq [!!int 2, !!null ~, !!bool no, !!float 1]}",
                "{a: 1, b: [2, ~, no, 1]}");
    expect_tree("!!seq {a: b}",
                "the tag \"tag:yaml.org,2002:seq\" cannot stand on a mapping; tags are not needed");
    expect_tree("[! a]", "the tag \"!\" cannot stand on a text; tags are not needed");
}

static void an_alias_is_the_node_once_more(void **state)
{
    (void)state;
    expect_tree("[&a {x: 1}, *a, &a y, *a]", "[{x: 1}, {x: 1}, y, y]");
    expect_tree("{&k key: 1, other: *k}", "{key: 1, other: key}");
}

static void sixteen_levels_are_not_too_deep(void **state)
{
    (void)state;
    expect_tree("[[[[[[[[[[[[[[[[a]]]]]]]]]]]]]]]]", "[[[[[[[[[[[[[[[[a]]]]]]]]]]]]]]]]");
    expect_tree("[[[[[[[[[[[[[[[[[a]]]]]]]]]]]]]]]]]", "nested more than 16 levels deep");
    expect_tree("[&a [[[[[[[[a]]]]]]]], [[[[[[*a]]]]]]]",
                "[[[[[[[[[a]]]]]]]], [[[[[[[[[[[[[[a]]]]]]]]]]]]]]]");
}

/* The list itself is a node, too: 250 times 4. */
static void a_thousand_nodes_from_aliases_are_not_too_many(void **state)
{
    struct buffer yaml = { 0 };
    struct arena arena = { 0 };
    struct problems *problems = problems_new();

    (void)state;
    buffer_add_string(&yaml, "[&a [x, y, z]");
    for (unsigned i = 0; i < 250; i++)
        buffer_add_string(&yaml, ", *a");
    assert_null(yaml_read(buffer_text(&yaml), "-", &arena, problems)); /* not closed */
    problems_free(problems);
    problems = problems_new();
    buffer_add_string(&yaml, "]");
    assert_non_null(yaml_read(buffer_text(&yaml), "-", &arena, problems));
    assert_int_equal(problems_count(problems), 0);
    yaml.length--;
    buffer_add_string(&yaml, ", *a]");
    assert_null(yaml_read(buffer_text(&yaml), "-", &arena, problems));
    assert_string_equal(problems_get(problems, 0)->message, "aliases bring more than 1000 nodes");
    buffer_free(&yaml);
    problems_free(problems);
    arena_clear(&arena);
}

static void a_text_of_64_kib_is_not_too_long(void **state)
{
    struct buffer yaml = { 0 };
    struct arena arena = { 0 };
    struct problems *problems = problems_new();

    (void)state;
    for (unsigned i = 0; i < 64 * 1024; i++)
        buffer_add_byte(&yaml, 'x');
    assert_non_null(yaml_read(buffer_text(&yaml), "-", &arena, problems));
    buffer_add_byte(&yaml, 'x');
    assert_null(yaml_read(buffer_text(&yaml), "-", &arena, problems));
    assert_string_equal(problems_get(problems, 0)->message, "this text is longer than 64 KiB");
    buffer_free(&yaml);
    problems_free(problems);
    arena_clear(&arena);
}

static void each_node_knows_its_place(void **state)
{
    struct arena arena = { 0 };
    struct problems *problems = problems_new();
    const struct node *root =
        yaml_read(text_from("a: 1\nbü:\n  - x\n  - {cé: d}\n"), "t.yaml", &arena, problems);
    const struct node *list = node_find(root, "bü");
    const struct node *inner = list->items[1].value;

    (void)state;
    assert_int_equal(root->items[1].place.line, 2);
    assert_int_equal(root->items[1].place.column, 1);
    assert_int_equal(list->items[0].place.line, 3);
    assert_int_equal(list->items[0].place.column, 5);
    assert_int_equal(inner->place.column, 5);
    assert_int_equal(inner->items[0].place.column, 6);
    assert_int_equal(inner->items[0].value->place.column, 10);
    assert_string_equal(inner->items[0].value->place.file, "t.yaml");
    assert_null(node_find(root, "c"));
    assert_null(node_find(list, "x"));
    problems_free(problems);
    arena_clear(&arena);
}

static void quotes_in_messages_are_short_and_harmless(void **state)
{
    struct arena arena = { 0 };
    struct text cars = text_from("🚗🚗🚗🚗🚗🚗🚗🚗🚗🚗🚗🚗🚗🚗🚗🚗🚗🚗🚗🚗");

    (void)state;
    assert_string_equal(node_quote(&arena, text_from("a\033[0m\x7f")), "\"a?[0m?\"");
    assert_string_equal(node_quote(&arena, text_of(NULL, 0)), "\"\"");
    assert_string_equal(node_quote(&arena, cars), "\"🚗🚗🚗🚗🚗🚗🚗🚗🚗🚗🚗🚗🚗🚗🚗…\"");
    assert_string_equal(node_quote(&arena, text_of(cars.at, 60)), "\"🚗🚗🚗🚗🚗🚗🚗🚗🚗🚗🚗🚗🚗🚗🚗\"");
    arena_clear(&arena);
}

/* What has been cut is either a tree or has a problem; no byte behind the end is read. */
static void a_text_may_be_cut_anywhere(void **state)
{
    static const char whole[] = "\xef\xbb\xbf"
                                "panne: 1 # ü\nx: &a [\"\\u00fc\\x41\", 'b', !!str c, *a]\n"
                                "y: |-\n  é\n z\n? - k\n: {v: w}\n--- 2\n...\n%YAML 1.2\n";
    struct guard guard = guard_new(sizeof(whole));

    (void)state;
    for (size_t length = 0; length < sizeof(whole); length++) {
        struct arena arena = { 0 };
        struct problems *problems = problems_new();
        struct text text = guard_put(&guard, text_of(whole, length));
        const struct node *root = yaml_read(text, "cut.yaml", &arena, problems);

        assert_true(root || problems_count(problems) > 0);
        problems_free(problems);
        arena_clear(&arena);
    }
    guard_free(&guard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_and_mappings_nest),
        cmocka_unit_test(texts_keep_their_letters),
        cmocka_unit_test(core_tags_say_nothing_new),
        cmocka_unit_test(an_alias_is_the_node_once_more),
        cmocka_unit_test(sixteen_levels_are_not_too_deep),
        cmocka_unit_test(a_thousand_nodes_from_aliases_are_not_too_many),
        cmocka_unit_test(a_text_of_64_kib_is_not_too_long),
        cmocka_unit_test(each_node_knows_its_place),
        cmocka_unit_test(quotes_in_messages_are_short_and_harmless),
        cmocka_unit_test(a_text_may_be_cut_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
