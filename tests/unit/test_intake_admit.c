/* Admission: the clock, units and rights, each rule with the fault that it gives, and what passes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/intake_house.h"

/* ---- everyone ---- */

static void a_squad_reports_for_itself_and_below(void **state) {
    struct house *house = *state;
    struct built_event built;
    built_event(&built, EVENT_REPORT_SUBMITTED, "haining/xiashi", 7);
    house_admits(house, &built);
    house_add_unit(house, "haining/xiashi/east", "硖石东组", false);
    built_event(&built, EVENT_REPORT_SUBMITTED, "haining/xiashi/east", 7);
    house_admits(house, &built);
}

static void a_squad_does_not_report_for_another(void **state) {
    struct house *house = *state;
    struct built_event built;
    built_event(&built, EVENT_REPORT_SUBMITTED, "haining/xucun", 7);
    house_refuses(house, &built, ERR_OTHER_UNIT, "unit", "haining/xucun");
    assert_string_equal(house->faults.items[0].limit, "haining/xiashi");
    built_event(&built, EVENT_REPORT_SUBMITTED, "haining", 7);
    house_refuses(house, &built, ERR_OTHER_UNIT, "unit", "haining");
    house_speak_as(house, ROLE_OFFICE, "haining");
    house_admits(house, &built);
}

static void an_unknown_unit_is_named(void **state) {
    struct house *house = *state;
    struct built_event built;
    built_event(&built, EVENT_REPORT_SUBMITTED, "haining/nosuch", 7);
    house_refuses(house, &built, ERR_UNKNOWN_UNIT, "unit", "haining/nosuch");
    built_event(&built, EVENT_REPORT_SUBMITTED, "haining/xiash", 7);
    house_refuses(house, &built, ERR_UNKNOWN_UNIT, "unit", "haining/xiash");
}

static void a_closed_unit_takes_nothing_new(void **state) {
    struct house *house = *state;
    struct built_event built;
    house_speak_as(house, ROLE_ADMIN, "");
    built_event(&built, EVENT_REPORT_SUBMITTED, "haining/yuanhua", 7);
    house_refuses(house, &built, ERR_UNIT_CLOSED, "unit", "haining/yuanhua");
    built_event(&built, EVENT_REPORT_SUBMITTED, "haining/yuanhua/first", 7);
    house_refuses(house, &built, ERR_UNIT_CLOSED, "unit", "haining/yuanhua");
    built_event(&built, EVENT_ACTIVITY_PLANNED, "haining/yuanhua", 7);
    house_refuses(house, &built, ERR_UNIT_CLOSED, "unit", "haining/yuanhua");
    built_event(&built, EVENT_CONTACT_SET, "haining/yuanhua", 7);
    house_refuses(house, &built, ERR_UNIT_CLOSED, "unit", "haining/yuanhua");
    built_account(&built, "haining/yuanhua", "yuanhua", ROLE_SQUAD);
    house_refuses(house, &built, ERR_UNIT_CLOSED, "unit", "haining/yuanhua");
    built_unit(&built, "haining/yuanhua/second", "袁花二组", false);
    house_refuses(house, &built, ERR_UNIT_CLOSED, "unit", "haining/yuanhua");
}

static void a_closed_unit_can_be_corrected_and_reopened(void **state) {
    struct house *house = *state;
    struct built_event built;
    house_speak_as(house, ROLE_ADMIN, "haining");
    struct id report = house_remember(house, EVENT_REPORT_SUBMITTED, "haining/yuanhua", false);
    built_event(&built, EVENT_REPORT_WITHDRAWN, "haining/yuanhua", 7);
    built.body.report_withdrawal.report = report;
    house_admits(house, &built);
    built_account(&built, "haining/yuanhua", "yuanhua", ROLE_NONE);
    house_admits(house, &built);
    built_event(&built, EVENT_CONTACT_SET, "haining/yuanhua", 7);
    built.body.contact.off = true;
    house_admits(house, &built);
    built_unit(&built, "haining/yuanhua", "袁花志愿中队", false);
    house_admits(house, &built);
    assert_int_equal(directory_apply(house->directory, &built.event), 0);
    built_event(&built, EVENT_REPORT_SUBMITTED, "haining/yuanhua", 7);
    house_admits(house, &built);
}

static void time_may_run_ahead_a_little(void **state) {
    struct house *house = *state;
    struct built_event built;
    built_event(&built, EVENT_REPORT_SUBMITTED, "haining/xiashi", 7);
    built.event.at = HOUSE_NOW + 60000;
    house_admits(house, &built);
    built.event.at = HOUSE_NOW + 60001;
    house_refuses(house, &built, ERR_TIME_AHEAD, "at", "1600003660001");
    assert_string_equal(house->faults.items[0].limit, "60000 ms");
    built.event.at = INT64_MAX;
    house_refuses(house, &built, ERR_TIME_AHEAD, "at", NULL);
    built.event.at = 0;
    house_admits(house, &built);
}

static void every_type_has_its_least_role(void **state) {
    struct house *house = *state;
    const enum role roles[] = {ROLE_NONE,  ROLE_SQUAD,    ROLE_GUIDE, ROLE_OFFICE,
                               ROLE_ADMIN, ROLE_DELEGATE, ROLE_HEAD,  ROLE_SIDE};
    int tried = 0;
    int served = 0;
    for (int type = 0; type < EVENT_TYPE_COUNT; type++) {
        const struct event_row *row = event_row((enum event_type)type);
        served += row->served;
        for (size_t i = 0; row->served && i < sizeof roles / sizeof *roles; i++) {
            struct built_event built;
            built_event(&built, (enum event_type)type, "haining", 7);
            house_speak_as(house, roles[i], "haining");
            faults_clear(&house->faults);
            assert_int_equal(admit(&house->context, &built.event, &house->faults), 0);
            bool refused = house->faults.count > 0 && house->faults.items[0].code == ERR_NO_RIGHT;
            bool may = role_rank(roles[i]) >= role_rank(row->who) && type != EVENT_CLOCK_DAY &&
                       !event_is_of_notifier((enum event_type)type);
            assert_int_equal(refused, !may);
            tried++;
        }
    }
    assert_int_equal(tried, 8 * served);
    assert_true(served > 50);
}

static void a_type_that_is_not_served_is_not_yet(void **state) {
    struct house *house = *state;
    struct built_event built;
    built_event(&built, EVENT_BULLETIN_FROZEN, "haining/xiashi", 7);
    house_refuses(house, &built, ERR_NOT_YET, "type", "bulletin.frozen");
}

/* The notifier says so for whoever followed its link, and says nothing else of a notice. */
static void a_link_confirms_through_the_notifier(void **state) {
    struct house *house = *state;
    struct built_event built;
    static struct text units[1];
    units[0] = text_of("haining/xucun");
    struct built_event issued;
    built_event(&issued, EVENT_NOTICE_ISSUED, "haining", 1);
    issued.body.notice.units = (struct list){units, 1};
    struct id notice = house_begin(house, &issued);
    house->identity = (struct identity){.role = ROLE_SIDE, .source = "service:notifier"};
    built_event(&built, EVENT_NOTICE_CONFIRMED, "haining/xucun", 7);
    built.body.notice_step.notice = notice;
    wire_set(&built.body.notice_step.present, FIELD_notice_step_notice);
    house_admits(house, &built);
    built.event.type = EVENT_NOTICE_RECALLED;
    house_refuses(house, &built, ERR_NO_RIGHT, "", "side");
}

static void days_are_opened_by_intake_alone(void **state) {
    struct house *house = *state;
    struct built_event built;
    house_speak_as(house, ROLE_ADMIN, "");
    built_event(&built, EVENT_CLOCK_DAY, "haining", 7);
    house_refuses(house, &built, ERR_NO_RIGHT, "", "admin");
}

/* ---- units and people of the house ---- */

static void a_unit_needs_its_parent(void **state) {
    struct house *house = *state;
    struct built_event built;
    house_speak_as(house, ROLE_ADMIN, "");
    built_unit(&built, "haining/changan", "长安志愿中队", false);
    house_admits(house, &built);
    built_unit(&built, "haining/nosuch/east", "东组", false);
    house_refuses(house, &built, ERR_UNKNOWN_UNIT, "unit", "haining/nosuch");
    built_unit(&built, "tongxiang", "桐乡大队", false);
    house_admits(house, &built);
}

static void an_admin_of_a_unit_makes_units_below_it(void **state) {
    struct house *house = *state;
    struct built_event built;
    house_speak_as(house, ROLE_ADMIN, "haining");
    built_unit(&built, "haining/changan", "长安志愿中队", false);
    house_admits(house, &built);
    built_unit(&built, "tongxiang", "桐乡大队", false);
    house_refuses(house, &built, ERR_OTHER_UNIT, "unit", "tongxiang");
}

static void an_account_has_a_role_for_accounts(void **state) {
    struct house *house = *state;
    struct built_event built;
    house_speak_as(house, ROLE_ADMIN, "haining");
    const enum role allowed[] = {ROLE_NONE, ROLE_SQUAD, ROLE_GUIDE, ROLE_OFFICE, ROLE_ADMIN};
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) {
        built_account(&built, "haining/xiashi", "xiashi", allowed[i]);
        house_admits(house, &built);
    }
    const enum role refused[] = {ROLE_DELEGATE, ROLE_HEAD, ROLE_SIDE};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        built_account(&built, "haining/xiashi", "xiashi", refused[i]);
        house_refuses(house, &built, ERR_BAD_WORD, "body.role", word_wire(KIND_ROLE, (int)refused[i]));
    }
}

static void nobody_takes_over_what_lies_outside(void **state) {
    struct house *house = *state;
    struct built_event built;
    built_account(&built, "haining", "office", ROLE_OFFICE);
    assert_int_equal(directory_apply(house->directory, &built.event), 0);
    built_client(&built, "haining/xucun", "xucun-pc", BUILT_KEY_A, ROLE_SQUAD);
    assert_int_equal(directory_apply(house->directory, &built.event), 0);
    house_speak_as(house, ROLE_ADMIN, "haining/xiashi");
    built_account(&built, "haining/xiashi", "office", ROLE_SQUAD);
    house_refuses(house, &built, ERR_OTHER_UNIT, "unit", "haining");
    built_client(&built, "haining/xiashi", "xucun-pc", BUILT_KEY_B, ROLE_SQUAD);
    house_refuses(house, &built, ERR_OTHER_UNIT, "unit", "haining/xucun");
    built_client(&built, "haining/xiashi", "mine", BUILT_KEY_A, ROLE_SQUAD);
    house_refuses(house, &built, ERR_ALREADY, "body.key", NULL);
    built_client(&built, "haining/xiashi", "mine", BUILT_KEY_B, ROLE_SIDE);
    house_refuses(house, &built, ERR_NO_RIGHT, "", "admin");
    built_client(&built, "haining/xiashi", "mine", BUILT_KEY_B, ROLE_SQUAD);
    house_admits(house, &built);
    house_speak_as(house, ROLE_ADMIN, "haining");
    built_client(&built, "haining/xiashi", "mine", BUILT_KEY_B, ROLE_SIDE);
    house_admits(house, &built);
    built_client(&built, "haining/xiashi", "mine", BUILT_KEY_B, ROLE_GUIDE);
    house_refuses(house, &built, ERR_BAD_WORD, "body.role", "guide");
}

static void a_person_is_erased_from_the_root(void **state) {
    struct house *house = *state;
    struct built_event built;
    built_event(&built, EVENT_PERSON_ERASED, "haining/xiashi", 7);
    house_speak_as(house, ROLE_ADMIN, "haining/xiashi");
    house_refuses(house, &built, ERR_NO_RIGHT, "", "admin");
    house_speak_as(house, ROLE_ADMIN, "haining");
    house_admits(house, &built);
    house_speak_as(house, ROLE_ADMIN, "");
    house_admits(house, &built);
    house_speak_as(house, ROLE_OFFICE, "haining");
    house_refuses(house, &built, ERR_NO_RIGHT, "", "office");
}

static void the_squads_of_an_activity_exist(void **state) {
    struct house *house = *state;
    struct built_event built;
    built_event(&built, EVENT_ACTIVITY_PLANNED, "haining/xiashi", 7);
    built.units[0] = text_of("haining/xucun");
    built.units[1] = text_of("haining/xucum");
    built.body.activity.units = (struct list){built.units, 1};
    house_admits(house, &built);
    built.body.activity.units.count = 2;
    house_refuses(house, &built, ERR_UNKNOWN_UNIT, "body.units[1]", "haining/xucum");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, house_setup, house_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_squad_reports_for_itself_and_below),
        TEST(a_squad_does_not_report_for_another),
        TEST(an_unknown_unit_is_named),
        TEST(a_closed_unit_takes_nothing_new),
        TEST(a_closed_unit_can_be_corrected_and_reopened),
        TEST(time_may_run_ahead_a_little),
        TEST(every_type_has_its_least_role),
        TEST(a_type_that_is_not_served_is_not_yet),
        TEST(a_link_confirms_through_the_notifier),
        TEST(days_are_opened_by_intake_alone),
        TEST(a_unit_needs_its_parent),
        TEST(an_admin_of_a_unit_makes_units_below_it),
        TEST(an_account_has_a_role_for_accounts),
        TEST(nobody_takes_over_what_lies_outside),
        TEST(a_person_is_erased_from_the_root),
        TEST(the_squads_of_an_activity_exist),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
