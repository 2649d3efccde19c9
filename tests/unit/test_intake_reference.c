/* References: what an event may name of the earlier ones, each rule with its fault. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/intake_house.h"

static void withdraw(struct house *house, struct id report) {
    struct built_event built;
    built_event(&built, EVENT_REPORT_WITHDRAWN, "haining/xiashi", 9);
    built.body.report_withdrawal.report = report;
    house_step(house, &built);
}

static void an_amendment_names_a_standing_report_of_the_unit(void **state) {
    struct house *house = *state;
    struct built_event built;
    struct id report = house_remember(house, EVENT_REPORT_SUBMITTED, "haining/xiashi", false);
    struct id other = house_remember(house, EVENT_REPORT_SUBMITTED, "haining/xucun", false);
    struct id activity = house_remember(house, EVENT_ACTIVITY_PLANNED, "haining/xiashi", false);
    struct id amendment = house_remember(house, EVENT_REPORT_AMENDED, "haining/xiashi", false);
    struct id nothing = built_id(1, 1);
    built_event(&built, EVENT_REPORT_AMENDED, "haining/xiashi", 7);
    built.body.report.amends = report;
    house_admits(house, &built);
    const struct id wrong[] = {other, activity, amendment, nothing};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        built.body.report.amends = wrong[i];
        house_refuses(house, &built, ERR_UNKNOWN_REFERENCE, "body.amends", house_id_text(house, &wrong[i]));
    }
    withdraw(house, report);
    built.body.report.amends = report;
    house_refuses(house, &built, ERR_ALREADY, "body.amends", house_id_text(house, &report));
}

static void a_report_is_withdrawn_once(void **state) {
    struct house *house = *state;
    struct built_event built;
    struct id report = house_remember(house, EVENT_REPORT_SUBMITTED, "haining/xiashi", false);
    built_event(&built, EVENT_REPORT_WITHDRAWN, "haining/xiashi", 7);
    built.body.report_withdrawal.report = report;
    house_admits(house, &built);
    withdraw(house, report);
    house_refuses(house, &built, ERR_ALREADY, "body.report", house_id_text(house, &report));
    built.body.report_withdrawal.report = built_id(2, 2);
    house_refuses(house, &built, ERR_UNKNOWN_REFERENCE, "body.report", NULL);
}

static void a_share_names_an_activity(void **state) {
    struct house *house = *state;
    struct built_event built;
    struct id planned = house_remember(house, EVENT_ACTIVITY_PLANNED, "haining", false);
    struct id own = house_remember(house, EVENT_REPORT_SUBMITTED, "haining/xucun", false);
    struct id share = house_remember(house, EVENT_REPORT_SUBMITTED, "haining/xucun", true);
    struct id contact = house_remember(house, EVENT_CONTACT_SET, "haining/xucun", false);
    built_event(&built, EVENT_REPORT_SUBMITTED, "haining/xiashi", 7);
    wire_set(&built.body.report.present, FIELD_report_activity);
    built.body.report.activity = planned;
    house_admits(house, &built);
    built.body.report.activity = own;
    house_admits(house, &built);
    built.body.report.activity = share;
    house_refuses(house, &built, ERR_UNKNOWN_REFERENCE, "body.activity", house_id_text(house, &share));
    built.body.report.activity = contact;
    house_refuses(house, &built, ERR_UNKNOWN_REFERENCE, "body.activity", house_id_text(house, &contact));
    built.body.report.activity = built_id(3, 3);
    house_refuses(house, &built, ERR_UNKNOWN_REFERENCE, "body.activity", NULL);
}

static void build_merge(struct built_event *built, struct id from, struct id into) {
    built_event(built, EVENT_ACTIVITY_MERGED, "haining", 7);
    built->body.activity_merge.from = from;
    built->body.activity_merge.into = into;
}

static void activities_merge_without_a_circle(void **state) {
    struct house *house = *state;
    struct built_event built;
    house_speak_as(house, ROLE_OFFICE, "haining");
    struct id a = house_remember(house, EVENT_ACTIVITY_PLANNED, "haining/xiashi", false);
    struct id b = house_remember(house, EVENT_REPORT_SUBMITTED, "haining/xucun", false);
    struct id c = house_remember(house, EVENT_ACTIVITY_PLANNED, "haining/xucun", false);
    struct id share = house_remember(house, EVENT_REPORT_SUBMITTED, "haining/xucun", true);
    build_merge(&built, a, b);
    house_admits(house, &built);
    house_merge(house, a, b);
    house_refuses(house, &built, ERR_ALREADY, "body.from", house_id_text(house, &a));
    build_merge(&built, a, c);
    house_refuses(house, &built, ERR_ALREADY, "body.from", house_id_text(house, &a));
    build_merge(&built, b, a);
    house_refuses(house, &built, ERR_ALREADY, "body.into", house_id_text(house, &a));
    build_merge(&built, b, c);
    house_admits(house, &built);
    house_merge(house, b, c);
    build_merge(&built, c, a);
    house_refuses(house, &built, ERR_ALREADY, "body.into", house_id_text(house, &a));
    build_merge(&built, share, c);
    house_refuses(house, &built, ERR_UNKNOWN_REFERENCE, "body.from", house_id_text(house, &share));
    build_merge(&built, c, share);
    house_refuses(house, &built, ERR_UNKNOWN_REFERENCE, "body.into", house_id_text(house, &share));
}

static void an_office_merges_only_what_is_its_own(void **state) {
    struct house *house = *state;
    struct built_event built;
    house_add_unit(house, "tongxiang", "桐乡大队", false);
    house_speak_as(house, ROLE_OFFICE, "haining");
    struct id own = house_remember(house, EVENT_ACTIVITY_PLANNED, "haining/xiashi", false);
    struct id foreign = house_remember(house, EVENT_ACTIVITY_PLANNED, "tongxiang", false);
    build_merge(&built, own, foreign);
    house_refuses(house, &built, ERR_OTHER_UNIT, "body.into", "tongxiang");
    build_merge(&built, foreign, own);
    house_refuses(house, &built, ERR_OTHER_UNIT, "body.from", "tongxiang");
}

static void a_chain_of_merges_has_an_end(void **state) {
    struct house *house = *state;
    struct built_event built;
    house_speak_as(house, ROLE_OFFICE, "haining");
    struct id last = house_remember(house, EVENT_ACTIVITY_PLANNED, "haining", false);
    struct id start = last;
    for (int i = 0; i < MERGE_CHAIN_MAX; i++) {
        struct id next = house_remember(house, EVENT_ACTIVITY_PLANNED, "haining", false);
        house_merge(house, last, next);
        last = next;
    }
    struct id fresh = house_remember(house, EVENT_ACTIVITY_PLANNED, "haining", false);
    build_merge(&built, fresh, start);
    house_refuses(house, &built, ERR_TOO_DEEP, "body.into", house_id_text(house, &start));
    build_merge(&built, fresh, last);
    house_admits(house, &built);
}

static void a_redaction_names_an_event_of_the_unit(void **state) {
    struct house *house = *state;
    struct built_event built;
    struct id report = house_remember(house, EVENT_REPORT_SUBMITTED, "haining/xucun", false);
    built_event(&built, EVENT_TEXT_REDACTED, "haining/xiashi", 7);
    built.body.text_redaction.event = report;
    house_speak_as(house, ROLE_ADMIN, "haining/xiashi");
    house_refuses(house, &built, ERR_OTHER_UNIT, "body.event", "haining/xucun");
    house_speak_as(house, ROLE_ADMIN, "haining");
    house_admits(house, &built);
    built.body.text_redaction.event = built_id(4, 4);
    house_refuses(house, &built, ERR_UNKNOWN_REFERENCE, "body.event", NULL);
}

static void a_journal_that_cannot_be_read_decides_nothing(void **state) {
    struct house *house = *state;
    struct built_event built;
    house->earlier.broken = true;
    const enum event_type types[] = {EVENT_REPORT_AMENDED, EVENT_REPORT_WITHDRAWN, EVENT_ACTIVITY_MERGED,
                                     EVENT_TEXT_REDACTED};
    house_speak_as(house, ROLE_ADMIN, "");
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        built_event(&built, types[i], "haining", 7);
        faults_clear(&house->faults);
        assert_int_equal(admit(&house->context, &built.event, &house->faults), -ERR_IO);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, house_setup, house_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(an_amendment_names_a_standing_report_of_the_unit),
        TEST(a_report_is_withdrawn_once),
        TEST(a_share_names_an_activity),
        TEST(activities_merge_without_a_circle),
        TEST(an_office_merges_only_what_is_its_own),
        TEST(a_chain_of_merges_has_an_end),
        TEST(a_redaction_names_an_event_of_the_unit),
        TEST(a_journal_that_cannot_be_read_decides_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
