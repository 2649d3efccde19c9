/* The versions of rules that the notifier keeps for people to look at: the last ones, as they were set, until their words are
 * redacted; a row that was changed behind its back is not shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/notifier_office.h"

#define RETURNED "\"kind\": \"event\", \"event\": \"report.returned\", \"recipients\": [{\"of\": \"own\"}]"
#define FIRST 20 /* number of the event of the first version */

static void set_versions(struct office *office, int count) {
    for (int i = 0; i < count; i++) {
        char texts[100];
        snprintf(texts, sizeof texts, "{\"title\": \"退回\", \"text\": \"第%d版\"}", i + 1);
        office_rule(office, FIRST + i, "returned", i + 1, RETURNED, texts);
    }
}

static struct list read_versions(struct office *office, const char *rule) {
    struct list versions = {0};
    struct error error = {0};
    arena_reset(office->arena);
    office_must(history_read(&office->store.history, text_of(rule), office->arena, &versions, &error), &error);
    return versions;
}

static void assert_text(const struct wire_rule_version *version, const char *text) {
    const struct wire_rule *rule = version->definition.items;
    const struct wire_rule_template *templates = rule->templates.items;
    assert_int_equal(rule->templates.count, 1);
    assert_true(text_equal(templates[0].text, text_of(text)));
}

static void versions_stand_newest_first(void **state) {
    struct office *office = *state;
    set_versions(office, 3);
    office_rule(office, 60, "other", 1, RETURNED, NULL);
    struct list versions = read_versions(office, "returned");
    const struct wire_rule_version *items = versions.items;
    assert_int_equal(versions.count, 3);
    assert_int_equal(items[0].version, 3);
    assert_int_equal(items[2].version, 1);
    assert_text(&items[0], "第3版");
    assert_text(&items[2], "第1版");
    assert_true(items[0].since > items[2].since && items[2].since > OFFICE_AT);
    assert_int_equal(read_versions(office, "nothing").count, 0);
}

static void only_the_last_ones_are_kept(void **state) {
    struct office *office = *state;
    set_versions(office, RULE_VERSIONS_MAX + 5);
    struct list versions = read_versions(office, "returned");
    const struct wire_rule_version *items = versions.items;
    assert_int_equal(versions.count, RULE_VERSIONS_MAX);
    assert_int_equal(items[RULE_VERSIONS_MAX - 1].version, 6);
    assert_int_equal(office_count(office, "SELECT count(*) FROM rule_versions"), RULE_VERSIONS_MAX);
}

static void a_redacted_version_leaves_the_file(void **state) {
    struct office *office = *state;
    set_versions(office, 3);
    office_redact(office, 70, FIRST + 1);
    struct list versions = read_versions(office, "returned");
    const struct wire_rule_version *items = versions.items;
    assert_int_equal(versions.count, 2);
    assert_int_equal(items[1].version, 1);
    office_close(office);
    assert_false(office_holds(office, "第2版"));
    assert_true(office_holds(office, "第1版"));
    office_open(office);
}

static void they_are_folded_again(void **state) {
    struct office *office = *state;
    set_versions(office, 2);
    office_rebuild(office);
    assert_int_equal(read_versions(office, "returned").count, 2);
}

static void a_damaged_version_is_not_shown(void **state) {
    struct office *office = *state;
    struct list versions;
    struct error error = {0};
    int64_t checked = 0;
    set_versions(office, 2);
    office_damage(office, "UPDATE rule_versions SET version = 9 WHERE version = 1");
    assert_int_equal(history_read(&office->store.history, text_of("returned"), office->arena, &versions, &error),
                     -ERR_CORRUPT);
    assert_int_equal(store_check_kept(&office->store, &checked, &error), -ERR_CORRUPT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(versions_stand_newest_first),        TEST(only_the_last_ones_are_kept),
        TEST(a_redacted_version_leaves_the_file), TEST(they_are_folded_again),
        TEST(a_damaged_version_is_not_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
