/* Notices at intake's door: whom they may be for, and who may say what became of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/intake_house.h"

static void set_contact(struct house *house, const char *unit, const char *person, bool off) {
    struct built_event built;
    built_event(&built, EVENT_CONTACT_SET, unit, 11);
    built.body.contact.person = text_of(person);
    built.body.contact.off = off;
    assert_int_equal(directory_apply(house->directory, &built.event), 0);
}

static void erase(struct house *house, const char *person) {
    struct built_event built;
    built_event(&built, EVENT_PERSON_ERASED, "haining", 12);
    built.body.person_erasure.person = text_of(person);
    assert_int_equal(directory_apply(house->directory, &built.event), 0);
}

static struct built_event *notice_to(struct built_event *built, const char *unit, const char *other) {
    built_event(built, EVENT_NOTICE_ISSUED, "haining", 13);
    built->units[0] = text_of(unit);
    built->units[1] = text_of(other);
    built->body.notice.units = (struct list){built->units, other ? 2 : 1};
    return built;
}

static int open_office(void **state) {
    int result = house_setup(state);
    house_speak_as(*state, ROLE_OFFICE, "haining");
    return result;
}

/* ---- whom it is for ---- */

static void a_unit_needs_somebody_who_can_be_told(void **state) {
    struct house *house = *state;
    struct built_event built;
    house_refuses(house, notice_to(&built, "haining/xiashi", NULL), ERR_NO_CONTACT, "body.units[0]", "haining/xiashi");
    set_contact(house, "haining/xiashi", "P1", false);
    house_admits(house, notice_to(&built, "haining/xiashi", NULL));
    house_refuses(house, notice_to(&built, "haining/xiashi", "haining/xucun"), ERR_NO_CONTACT, "body.units[1]",
                  "haining/xucun");
}

static void a_contact_below_is_one_of_the_unit(void **state) {
    struct house *house = *state;
    struct built_event built;
    set_contact(house, "haining/xiashi", "P1", false);
    house_admits(house, notice_to(&built, "haining", NULL));
}

static void who_is_switched_off_or_erased_cannot_be_told(void **state) {
    struct house *house = *state;
    struct built_event built;
    set_contact(house, "haining/xiashi", "P1", false);
    set_contact(house, "haining/xiashi", "P1", false);
    set_contact(house, "haining/xiashi", "P1", true);
    house_refuses(house, notice_to(&built, "haining/xiashi", NULL), ERR_NO_CONTACT, "body.units[0]", NULL);
    set_contact(house, "haining/xiashi", "P1", false);
    set_contact(house, "haining/xucun", "P1", false);
    set_contact(house, "haining/xucun", "P2", false);
    erase(house, "P1");
    house_refuses(house, notice_to(&built, "haining/xiashi", NULL), ERR_NO_CONTACT, "body.units[0]", NULL);
    house_admits(house, notice_to(&built, "haining/xucun", NULL));
}

static void a_unit_must_be_there_and_open_and_within(void **state) {
    struct house *house = *state;
    struct built_event built;
    house_refuses(house, notice_to(&built, "haining/nosuch", NULL), ERR_UNKNOWN_UNIT, "body.units[0]",
                  "haining/nosuch");
    house_refuses(house, notice_to(&built, "haining/yuanhua", NULL), ERR_UNIT_CLOSED, "body.units[0]",
                  "haining/yuanhua");
    set_contact(house, "haining/xucun", "P2", false);
    house_speak_as(house, ROLE_OFFICE, "haining/xiashi");
    notice_to(&built, "haining/xucun", NULL)->event.unit = text_of("haining/xiashi");
    house_refuses(house, &built, ERR_OTHER_UNIT, "body.units[0]", "haining/xucun");
}

static void a_squad_issues_no_notices(void **state) {
    struct house *house = *state;
    struct built_event built;
    set_contact(house, "haining/xiashi", "P1", false);
    house_speak_as(house, ROLE_SQUAD, "haining/xiashi");
    notice_to(&built, "haining/xiashi", NULL)->event.unit = text_of("haining/xiashi");
    house_refuses(house, &built, ERR_NO_RIGHT, "", "squad");
}

/* ---- what became of it ---- */

static void build_delivery(struct house *house, struct built_event *built) {
    built_event(built, EVENT_DELIVERY_UPDATED, "haining", 14);
    built->body.delivery.notice = house_remember(house, EVENT_NOTICE_ISSUED, "haining", false);
}

static void the_notifier_alone_tells_of_deliveries(void **state) {
    struct house *house = *state;
    struct built_event built;
    build_delivery(house, &built);
    house_speak_as(house, ROLE_ADMIN, "");
    house_refuses(house, &built, ERR_NO_RIGHT, "", "admin");
    house_speak_as(house, ROLE_SIDE, "");
    house_refuses(house, &built, ERR_NO_RIGHT, "", "side");
    snprintf(house->identity.source, sizeof house->identity.source, "service:notifier");
    house_admits(house, &built);
}

static void a_delivery_is_of_a_notice(void **state) {
    struct house *house = *state;
    struct built_event built;
    build_delivery(house, &built);
    house_speak_as(house, ROLE_SIDE, "");
    snprintf(house->identity.source, sizeof house->identity.source, "service:notifier");
    built.body.delivery.notice = house_remember(house, EVENT_REPORT_SUBMITTED, "haining", false);
    house_refuses(house, &built, ERR_UNKNOWN_REFERENCE, "body.notice",
                  house_id_text(house, &built.body.delivery.notice));
}

static void sent_again_is_a_notice_of_ones_own_unit(void **state) {
    struct house *house = *state;
    struct built_event built;
    struct id notice = house_remember(house, EVENT_NOTICE_ISSUED, "haining", false);
    built_event(&built, EVENT_NOTICE_RESENT, "haining", 15);
    built.body.notice_resending.notice = notice;
    wire_set(&built.body.notice_resending.present, FIELD_notice_resending_notice);
    house_admits(house, &built);
    built.body.notice_resending.notice = house_remember(house, EVENT_REPORT_SUBMITTED, "haining", false);
    house_refuses(house, &built, ERR_UNKNOWN_REFERENCE, "body.notice",
                  house_id_text(house, &built.body.notice_resending.notice));
    built.body.notice_resending.notice = notice;
    built.event.unit = text_of("haining/xucun");
    house_speak_as(house, ROLE_OFFICE, "haining/xucun");
    house_refuses(house, &built, ERR_OTHER_UNIT, "body.notice", "haining");
    house_speak_as(house, ROLE_SQUAD, "haining/xucun");
    house_refuses(house, &built, ERR_NO_RIGHT, "", "squad");
}

/* A report by SMS: for the contact who sent it, with the contact.set as its cause. */
static void the_notifier_hands_in_a_report_of_a_contact_alone(void **state) {
    struct house *house = *state;
    struct built_event built;
    struct text programme = text_of("dog");
    house_speak_as(house, ROLE_SIDE, "");
    snprintf(house->identity.source, sizeof house->identity.source, "service:notifier");
    built_event(&built, EVENT_REPORT_SUBMITTED, "haining/xiashi", 15);
    built.body.report.programmes = (struct list){&programme, 1};
    house_refuses(house, &built, ERR_NO_RIGHT, "", "side");
    built.event.by = text_of("P001");
    house_refuses(house, &built, ERR_NO_RIGHT, "", "side");
    built.event.cause = id_new(1);
    built.event.has_cause = true;
    house_admits(house, &built);
    snprintf(house->identity.source, sizeof house->identity.source, "service:archiver");
    house_refuses(house, &built, ERR_NO_RIGHT, "", "side");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_unit_needs_somebody_who_can_be_told, open_office, house_teardown),
        cmocka_unit_test_setup_teardown(a_contact_below_is_one_of_the_unit, open_office, house_teardown),
        cmocka_unit_test_setup_teardown(who_is_switched_off_or_erased_cannot_be_told, open_office, house_teardown),
        cmocka_unit_test_setup_teardown(a_unit_must_be_there_and_open_and_within, open_office, house_teardown),
        cmocka_unit_test_setup_teardown(a_squad_issues_no_notices, open_office, house_teardown),
        cmocka_unit_test_setup_teardown(the_notifier_alone_tells_of_deliveries, open_office, house_teardown),
        cmocka_unit_test_setup_teardown(the_notifier_hands_in_a_report_of_a_contact_alone, open_office, house_teardown),
        cmocka_unit_test_setup_teardown(a_delivery_is_of_a_notice, open_office, house_teardown),
        cmocka_unit_test_setup_teardown(sent_again_is_a_notice_of_ones_own_unit, open_office, house_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
