/* People: volunteers and their squads, attendance with its token, hours against the days and the length of the activity. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/intake_house.h"

#define DAY 20000 /* 2024-10-04 */
#define MINUTE INT64_C(60000)
#define MORNING (DAY * INT64_C(86400000) + 60 * MINUTE) /* nine o'clock in China */

#define SET(built, member, name, v) \
    ((built)->body.member.name = (v), wire_set(&(built)->body.member.present, FIELD_##member##_##name))

static struct id enrol(struct house *house) {
    return house_remember(house, EVENT_VOLUNTEER_ENROLLED, "haining/xiashi", false);
}

/* From nine to eleven. */
static struct id plan(struct house *house, struct built_event *activity) {
    built_event(activity, EVENT_ACTIVITY_PLANNED, "haining/xiashi", 1);
    SET(activity, activity, starts_at, MORNING);
    SET(activity, activity, ends_at, MORNING + 120 * MINUTE);
    return house_begin(house, activity);
}

static void credit(struct built_event *built, struct id activity, struct wire_credit *credits, uint32_t count) {
    built_event(built, EVENT_HOURS_CREDITED, "haining/xiashi", 7);
    SET(built, hours, activity, activity);
    SET(built, hours, date, DAY);
    SET(built, hours, credits, ((struct list){credits, count}));
}

/* ---- hours ---- */

static void nobody_is_credited_with_more_than_the_activity_lasted(void **state) {
    struct house *house = *state;
    struct built_event activity;
    struct built_event built;
    struct id planned = plan(house, &activity);
    struct wire_credit credits[] = {{.volunteer = enrol(house), .minutes = 120, .grade = GRADE_ENTERED},
                                    {.volunteer = enrol(house), .minutes = 120, .grade = GRADE_SIGNED}};
    credit(&built, planned, credits, 2);
    house_admits(house, &built);
    credits[1].minutes = 121;
    house_refuses(house, &built, ERR_TOO_BIG, "body.credits[1].minutes", "121");
    assert_non_null(strstr(house->faults.items[0].limit, "120"));
    credits[1].grade = GRADE_HONOUR; /* another platform's */
    house_admits(house, &built);
    credits[1].minutes = 60;
    credits[1].volunteer = planned;
    house_refuses(house, &built, ERR_UNKNOWN_REFERENCE, "body.credits[1].volunteer", house_id_text(house, &planned));
}

static void a_changed_activity_is_measured_as_it_stands(void **state) {
    struct house *house = *state;
    struct built_event activity;
    struct built_event change;
    struct built_event built;
    struct id planned = plan(house, &activity);
    struct wire_credit credits[] = {{.volunteer = enrol(house), .minutes = 180, .grade = GRADE_LEADER}};
    int32_t later = DAY + 2;
    credit(&built, planned, credits, 1);
    house_refuses(house, &built, ERR_TOO_BIG, "body.credits[0].minutes", "180");
    built_event(&change, EVENT_ACTIVITY_CHANGED, "haining/xiashi", 2);
    SET(&change, activity_change, activity, planned);
    SET(&change, activity_change, duration, 180);
    house_step(house, &change);
    house_admits(house, &built);
    built_event(&change, EVENT_ACTIVITY_CHANGED, "haining/xiashi", 3);
    SET(&change, activity_change, activity, planned);
    SET(&change, activity_change, dates, ((struct list){&later, 1}));
    house_step(house, &change);
    house_refuses(house, &built, ERR_CONTRADICTION, "body.date", "2024-10-04");
    SET(&built, hours, date, later);
    house_admits(house, &built);
    built_event(&change, EVENT_ACTIVITY_CANCELLED, "haining/xiashi", 4);
    SET(&change, activity_cancel, activity, planned);
    house_step(house, &change);
    house_refuses(house, &built, ERR_ALREADY, "body.activity", house_id_text(house, &planned));
}

static void hours_of_a_report_follow_its_last_version(void **state) {
    struct house *house = *state;
    struct built_event report;
    struct built_event amended;
    struct built_event built;
    built_event(&report, EVENT_REPORT_SUBMITTED, "haining/xiashi", 1);
    SET(&report, report, date, DAY);
    SET(&report, report, duration, 90);
    struct id id = house_begin(house, &report);
    struct wire_credit credits[] = {{.volunteer = enrol(house), .minutes = 90, .grade = GRADE_ENTERED}};
    credit(&built, id, credits, 1);
    house_admits(house, &built);
    built_event(&amended, EVENT_REPORT_AMENDED, "haining/xiashi", 2);
    SET(&amended, report, amends, id);
    SET(&amended, report, date, DAY - 1);
    SET(&amended, report, date_end, DAY);
    SET(&amended, report, duration, 60);
    house_step(house, &amended);
    house_refuses(house, &built, ERR_TOO_BIG, "body.credits[0].minutes", "90");
    credits[0].minutes = 60;
    SET(&built, hours, date, DAY + 1);
    house_refuses(house, &built, ERR_CONTRADICTION, "body.date", "2024-10-05");
    SET(&built, hours, date, DAY - 1);
    house_admits(house, &built);
}

static void corrections_objections_and_answers_name_what_was_credited(void **state) {
    struct house *house = *state;
    struct built_event activity;
    struct built_event hours;
    struct built_event built;
    struct id planned = plan(house, &activity);
    struct id volunteer = enrol(house);
    struct id other = enrol(house);
    struct wire_credit credits[] = {{.volunteer = volunteer, .minutes = 60, .grade = GRADE_ENTERED}};
    credit(&hours, planned, credits, 1);
    struct id credited = house_begin(house, &hours);
    built_event(&built, EVENT_HOURS_CORRECTED, "haining/xiashi", 8);
    SET(&built, hours_change, hours, credited);
    SET(&built, hours_change, volunteer, volunteer);
    SET(&built, hours_change, minutes, 120);
    house_admits(house, &built);
    SET(&built, hours_change, minutes, 121);
    house_refuses(house, &built, ERR_TOO_BIG, "body.minutes", "121");
    SET(&built, hours_change, volunteer, other);
    house_refuses(house, &built, ERR_UNKNOWN_REFERENCE, "body.volunteer", house_id_text(house, &other));
    struct built_event objection;
    built_event(&objection, EVENT_HOURS_OBJECTED, "haining/xiashi", 9);
    SET(&objection, hours_objection, volunteer, other);
    SET(&objection, hours_objection, hours, credited);
    house_refuses(house, &objection, ERR_UNKNOWN_REFERENCE, "body.volunteer", house_id_text(house, &other));
    SET(&objection, hours_objection, volunteer, volunteer);
    house_admits(house, &objection);
    struct id objected = house_begin(house, &objection);
    built_event(&built, EVENT_HOURS_ANSWERED, "haining/xiashi", 10);
    SET(&built, hours_answer, objection, objected);
    SET(&built, hours_answer, volunteer, other);
    house_refuses(house, &built, ERR_CONTRADICTION, "body.volunteer", house_id_text(house, &other));
    SET(&built, hours_answer, volunteer, volunteer);
    house_admits(house, &built);
    house_step(house, &built);
    house_refuses(house, &built, ERR_ALREADY, "body.objection", house_id_text(house, &objected));
}

/* ---- attendance ---- */

static void signing_in_takes_the_token_of_the_moment(void **state) {
    struct house *house = *state;
    struct built_event activity;
    struct built_event built;
    char token[TOKEN_TEXT_SIZE];
    struct id planned = plan(house, &activity);
    built_event(&built, EVENT_ATTENDANCE_IN, "haining/xiashi", 7);
    SET(&built, attendance, activity, planned);
    SET(&built, attendance, volunteer, enrol(house));
    SET(&built, attendance, grade, GRADE_SIGNED);
    house_refuses(house, &built, ERR_BAD_TOKEN, "side.token", "");
    int64_t until = token_make(house->token_key, &planned, BUILT_AT, token);
    house->context.token = text_of(token);
    house_admits(house, &built);
    built.event.at = until - 1;
    house_admits(house, &built);
    built.event.at = until;
    house_refuses(house, &built, ERR_BAD_TOKEN, "side.token", "");
    built.event.at = BUILT_AT - TOKEN_WINDOW_MS; /* before it was shown */
    house_refuses(house, &built, ERR_BAD_TOKEN, "side.token", "");
    built.event.at = BUILT_AT;
    token[3] = token[3] == 'A' ? 'B' : 'A';
    house_refuses(house, &built, ERR_BAD_TOKEN, "side.token", "");
    SET(&built, attendance, grade, GRADE_LEADER);
    house_admits(house, &built);
}

static void a_token_is_of_one_activity_and_one_key(void **state) {
    struct house *house = *state;
    char token[TOKEN_TEXT_SIZE];
    uint8_t other_key[TOKEN_KEY_BYTES] = {1};
    struct id activity = built_id(1, 1);
    struct id other = built_id(1, 2);
    token_make(house->token_key, &activity, BUILT_AT, token);
    assert_true(token_fits(house->token_key, &activity, BUILT_AT, text_of(token)));
    assert_false(token_fits(house->token_key, &other, BUILT_AT, text_of(token)));
    assert_false(token_fits(other_key, &activity, BUILT_AT, text_of(token)));
    assert_false(token_fits(house->token_key, &activity, BUILT_AT, (struct text){token, TOKEN_TEXT_SIZE - 2}));
    assert_false(token_fits(house->token_key, &activity, BUILT_AT, (struct text){0}));
    for (int i = 0; token[i]; i++) {
        token[i] = token[i] >= 'A' ? (char)(token[i] - 'A' + 'a') : token[i];
    }
    assert_true(token_fits(house->token_key, &activity, BUILT_AT, text_of(token)));
}

static void tokens_are_taken_out(void **state) {
    (void)state;
    struct built_event built;
    built_event(&built, EVENT_ATTENDANCE_OUT, "haining/xiashi", 7);
    SET(&built, attendance, token, text_of("K7QZ3M2A9XBW"));
    built.event.has_side = true;
    assert_true(text_equal(token_take(&built.event), text_of("K7QZ3M2A9XBW")));
    assert_false(built.event.has_side);
    assert_false(wire_has(built.body.attendance.present, FIELD_attendance_token));
    assert_int_equal(token_take(&built.event).length, 0);
    built_event(&built, EVENT_CONTACT_SET, "haining/xiashi", 8);
    assert_int_equal(token_take(&built.event).length, 0);
    assert_true(built.event.has_side);
}

static void attendance_is_of_what_stands_and_of_whom_it_names(void **state) {
    struct house *house = *state;
    struct built_event activity;
    struct built_event attendance;
    struct built_event built;
    struct id planned = plan(house, &activity);
    struct id volunteer = enrol(house);
    struct id report = house_remember(house, EVENT_REPORT_SUBMITTED, "haining/xiashi", false);
    built_event(&attendance, EVENT_ATTENDANCE_IN, "haining/xiashi", 7);
    SET(&attendance, attendance, activity, report);
    SET(&attendance, attendance, volunteer, volunteer);
    SET(&attendance, attendance, grade, GRADE_LEADER);
    house_refuses(house, &attendance, ERR_UNKNOWN_REFERENCE, "body.activity", house_id_text(house, &report));
    SET(&attendance, attendance, activity, planned);
    house_admits(house, &attendance);
    struct id in = house_begin(house, &attendance);
    built_event(&built, EVENT_ATTENDANCE_CORRECTED, "haining/xiashi", 8);
    SET(&built, attendance_change, attendance, in);
    SET(&built, attendance_change, volunteer, volunteer);
    house_admits(house, &built);
    SET(&built, attendance_change, volunteer, report);
    house_refuses(house, &built, ERR_CONTRADICTION, "body.volunteer", house_id_text(house, &report));
    SET(&built, attendance_change, attendance, planned);
    house_refuses(house, &built, ERR_UNKNOWN_REFERENCE, "body.attendance", house_id_text(house, &planned));
    built_event(&built, EVENT_ACTIVITY_CANCELLED, "haining/xiashi", 9);
    SET(&built, activity_cancel, activity, planned);
    house_step(house, &built);
    house_refuses(house, &attendance, ERR_ALREADY, "body.activity", house_id_text(house, &planned));
}

/* ---- volunteers ---- */

static void each_squad_of_a_volunteer_may_update(void **state) {
    struct house *house = *state;
    struct built_event enrolled;
    struct built_event built;
    struct text squads[] = {text_of("haining/xucun"), text_of("haining/xiashi")};
    struct text other = text_of("haining/xucun");
    built_event(&enrolled, EVENT_VOLUNTEER_ENROLLED, "haining/xucun", 1);
    SET(&enrolled, volunteer, units, ((struct list){squads, 2}));
    struct id volunteer = house_begin(house, &enrolled);
    built_event(&built, EVENT_VOLUNTEER_UPDATED, "haining/xiashi", 7);
    SET(&built, volunteer, volunteer, volunteer);
    house_admits(house, &built);
    house_step(house, &built); /* names no squads: it serves with the same ones */
    house_admits(house, &built);
    SET(&built, volunteer, units, ((struct list){&other, 1}));
    house_admits(house, &built);
    house_step(house, &built);
    house_refuses(house, &built, ERR_OTHER_UNIT, "body.volunteer", "haining/xucun");
    other = text_of("haining/nowhere");
    house_speak_as(house, ROLE_OFFICE, "haining");
    house_refuses(house, &built, ERR_UNKNOWN_UNIT, "body.units[0]", "haining/nowhere");
}

static void who_was_erased_is_not_written_of_again(void **state) {
    struct house *house = *state;
    struct built_event activity;
    struct built_event erased;
    struct built_event built;
    struct id planned = plan(house, &activity);
    struct id volunteer = enrol(house);
    built_event(&erased, EVENT_PERSON_ERASED, "haining", 1);
    erased.body = (union event_body){.person_erasure = {.volunteer = volunteer}};
    wire_set(&erased.body.person_erasure.present, FIELD_person_erasure_volunteer);
    house_speak_as(house, ROLE_ADMIN, "haining");
    house_admits(house, &erased);
    house_step(house, &erased);
    house_admits(house, &erased); /* again, after a restore */
    built_event(&built, EVENT_VOLUNTEER_UPDATED, "haining/xiashi", 7);
    SET(&built, volunteer, volunteer, volunteer);
    house_refuses(house, &built, ERR_ALREADY, "body.volunteer", house_id_text(house, &volunteer));
    built_event(&built, EVENT_AWARD_GRANTED, "haining", 8);
    SET(&built, award, volunteer, volunteer);
    house_refuses(house, &built, ERR_ALREADY, "body.volunteer", house_id_text(house, &volunteer));
    struct wire_credit credits[] = {{.volunteer = volunteer, .minutes = 60, .grade = GRADE_ENTERED}};
    credit(&built, planned, credits, 1);
    house_refuses(house, &built, ERR_ALREADY, "body.credits[0].volunteer", house_id_text(house, &volunteer));
    SET(&erased, person_erasure, volunteer, planned);
    house_refuses(house, &erased, ERR_UNKNOWN_REFERENCE, "body.volunteer", house_id_text(house, &planned));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, house_setup, house_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(nobody_is_credited_with_more_than_the_activity_lasted),
        TEST(a_changed_activity_is_measured_as_it_stands),
        TEST(hours_of_a_report_follow_its_last_version),
        TEST(corrections_objections_and_answers_name_what_was_credited),
        TEST(signing_in_takes_the_token_of_the_moment),
        TEST(a_token_is_of_one_activity_and_one_key),
        TEST(tokens_are_taken_out),
        TEST(attendance_is_of_what_stands_and_of_whom_it_names),
        TEST(each_squad_of_a_volunteer_may_update),
        TEST(who_was_erased_is_not_written_of_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
