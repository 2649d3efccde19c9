/* Rules at intake's door: versions that follow each other, units that are there, and who may say that a rule fired. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/intake_house.h"

static struct wire_recipient one_recipient;
static struct wire_rule_step one_step;

static struct built_event *build_rule(struct built_event *built, const char *unit, int64_t version) {
    one_recipient = (struct wire_recipient){.of = text_of("own")};
    one_step = (struct wire_rule_step){.after = 30, .of = text_of("above")};
    built_event(built, EVENT_RULE_SET, unit, (uint32_t)(100 + version));
    built->body.rule.rule = text_of("overdue");
    built->body.rule.version = version;
    built->body.rule.recipients = (struct list){&one_recipient, 1};
    built->body.rule.steps = (struct list){&one_step, 1};
    return built;
}

static int open_office(void **state) {
    int result = house_setup(state);
    house_speak_as(*state, ROLE_OFFICE, "haining");
    return result;
}

static void versions_of_a_rule_follow_each_other(void **state) {
    struct house *house = *state;
    struct built_event kept[5];
    struct built_event built;
    house_refuses(house, build_rule(&built, "haining", 2), ERR_CONTRADICTION, "body.version", "2");
    for (int64_t version = 1; version <= 5; version++) {
        house_admits(house, build_rule(&kept[version - 1], "haining", version));
        house_step(house, &kept[version - 1]);
        house_refuses(house, build_rule(&built, "haining", version), ERR_CONTRADICTION, "body.version", NULL);
        house_refuses(house, build_rule(&built, "haining", version + 2), ERR_CONTRADICTION, "body.version", NULL);
    }
    build_rule(&built, "haining", 2);
    built.body.rule.rule = text_of("another");
    house_refuses(house, &built, ERR_CONTRADICTION, "body.version", "2");
    built.body.rule.version = 1;
    house_admits(house, &built);
}

static void a_rule_is_changed_by_who_speaks_for_it(void **state) {
    struct house *house = *state;
    struct built_event first;
    struct built_event built;
    build_rule(&first, "haining", 1);
    house_step(house, &first);
    house_speak_as(house, ROLE_OFFICE, "haining/xiashi");
    house_refuses(house, build_rule(&built, "haining/xiashi", 2), ERR_OTHER_UNIT, "body.rule", "haining");
    house_speak_as(house, ROLE_SQUAD, "haining");
    house_refuses(house, build_rule(&built, "haining", 2), ERR_NO_RIGHT, "", "squad");
}

static void units_of_a_rule_are_known(void **state) {
    struct house *house = *state;
    struct built_event built;
    build_rule(&built, "haining", 1);
    built.units[0] = text_of("haining/xiashi");
    built.units[1] = text_of("haining/nosuch");
    built.body.rule.units = (struct list){built.units, 2};
    house_refuses(house, &built, ERR_UNKNOWN_UNIT, "body.units[1]", "haining/nosuch");
    built.body.rule.units.count = 1;
    one_recipient.unit = text_of("haining/nowhere");
    house_refuses(house, &built, ERR_UNKNOWN_UNIT, "body.recipients[0].unit", "haining/nowhere");
    one_recipient.unit = text_of("haining/xucun");
    one_step.unit = text_of("haining/nobody");
    house_refuses(house, &built, ERR_UNKNOWN_UNIT, "body.steps[0].unit", "haining/nobody");
    one_step.unit = text_of("haining/xucun");
    house_admits(house, &built);
    house_speak_as(house, ROLE_OFFICE, "haining/xiashi");
    build_rule(&built, "haining/xiashi", 1);
    one_recipient.unit = text_of("haining/xucun");
    house_refuses(house, &built, ERR_OTHER_UNIT, "body.recipients[0].unit", "haining/xucun");
}

static struct text held[3];

/* A rule of this name that these two hold back; NULL: none. */
static struct built_event *build_held(struct built_event *built, uint32_t number, const char *name, int64_t version,
                                      const char *by, const char *also) {
    build_rule(built, "haining", version);
    built->event.id = built_id(7, number);
    held[0] = text_of(by ? by : "");
    held[1] = text_of(also ? also : "");
    built->body.rule.rule = text_of(name);
    built->body.rule.held_by = (struct list){held, (uint32_t)(by != NULL) + (uint32_t)(also != NULL)};
    return built;
}

static void rules_do_not_wait_for_each_other_in_a_circle(void **state) {
    struct house *house = *state;
    struct built_event kept[4];
    struct built_event built;
    static const char *const names[] = {"a", "b", "c", "d"};
    for (uint32_t i = 0; i < 4; i++) {
        house_step(house, build_held(&kept[i], i, names[i], 1, NULL, NULL));
    }
    static struct text by_c[1];
    static struct text by_b[1];
    by_c[0] = text_of("c");
    by_b[0] = text_of("b");
    house_refuses(house, build_held(&built, 10, "a", 2, "nosuch", NULL), ERR_UNKNOWN_REFERENCE, "body.held_by",
                  "nosuch");
    house_admits(house, build_held(&built, 11, "a", 2, "b", "c"));
    build_held(&kept[1], 20, "b", 2, "c", NULL);
    kept[1].body.rule.held_by = (struct list){by_c, 1};
    house_step(house, &kept[1]); /* b waits for c */
    house_refuses(house, build_held(&built, 21, "c", 2, "b", NULL), ERR_CONTRADICTION, "body.held_by", "b");
    build_held(&kept[0], 22, "a", 2, "b", NULL);
    kept[0].body.rule.held_by = (struct list){by_b, 1};
    house_step(house, &kept[0]); /* a for b */
    house_refuses(house, build_held(&built, 23, "c", 2, "a", NULL), ERR_CONTRADICTION, "body.held_by", "b");
    house_refuses(house, build_held(&built, 24, "c", 2, "d", "a"), ERR_CONTRADICTION, "body.held_by", "b");
    house_admits(house, build_held(&built, 25, "c", 2, "d", NULL));
}

static void the_notifier_alone_says_that_a_rule_fired(void **state) {
    struct house *house = *state;
    struct built_event rule;
    struct built_event built;
    build_rule(&rule, "haining", 1);
    house_step(house, &rule);
    built_event(&built, EVENT_ALERT_RAISED, "haining/xiashi", 20);
    built.body.alert.rule = text_of("overdue");
    built.body.alert.version = 1;
    house_refuses(house, &built, ERR_NO_RIGHT, "", "office");
    snprintf(house->identity.source, sizeof house->identity.source, "service:notifier");
    house_admits(house, &built);
    built.body.alert.version = 2;
    house_refuses(house, &built, ERR_UNKNOWN_REFERENCE, "body.rule", "overdue");
}

static void an_alert_is_cleared_once(void **state) {
    struct house *house = *state;
    struct built_event built;
    snprintf(house->identity.source, sizeof house->identity.source, "service:notifier");
    struct id alert = house_remember(house, EVENT_ALERT_RAISED, "haining/xiashi", false);
    built_event(&built, EVENT_ALERT_CLEARED, "haining/xiashi", 30);
    built.body.alert_clearing.alert = alert;
    wire_set(&built.body.alert_clearing.present, FIELD_alert_clearing_alert);
    house_admits(house, &built);
    house_step(house, &built);
    house_refuses(house, &built, ERR_ALREADY, "body.alert", house_id_text(house, &alert));
    built.body.alert_clearing.alert = built_id(3, 3);
    house_refuses(house, &built, ERR_UNKNOWN_REFERENCE, "body.alert", NULL);
}

static void a_delivery_may_be_of_an_alert(void **state) {
    struct house *house = *state;
    struct built_event built;
    snprintf(house->identity.source, sizeof house->identity.source, "service:notifier");
    built_event(&built, EVENT_DELIVERY_UPDATED, "haining/xiashi", 40);
    built.body.delivery.notice = house_remember(house, EVENT_ALERT_RAISED, "haining/xiashi", false);
    house_admits(house, &built);
    built.body.delivery.notice = house_remember(house, EVENT_CONTACT_SET, "haining/xiashi", false);
    house_refuses(house, &built, ERR_UNKNOWN_REFERENCE, "body.notice", NULL);
}

#define HOUSE_TEST(test) cmocka_unit_test_setup_teardown(test, open_office, house_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        HOUSE_TEST(versions_of_a_rule_follow_each_other),
        HOUSE_TEST(a_rule_is_changed_by_who_speaks_for_it),
        HOUSE_TEST(units_of_a_rule_are_known),
        HOUSE_TEST(rules_do_not_wait_for_each_other_in_a_circle),
        HOUSE_TEST(the_notifier_alone_says_that_a_rule_fired),
        HOUSE_TEST(an_alert_is_cleared_once),
        HOUSE_TEST(a_delivery_may_be_of_an_alert),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
