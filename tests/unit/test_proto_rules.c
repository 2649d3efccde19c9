/* The rules within one event of people, plans, problems and assessments, each with what just holds and what just does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/figure.h"
#include "proto/fold_settings.h"
#include "proto/period.h"
#include "tests/unit/rule_check.h"

#define AS_OF "00000000000000a1.1.42.00000000000000b2"

static void a_returned_report_has_a_reason(void **state) {
    (void)state;
    union event_body body = {.report_review = {0}};
    ASSERT_GOOD(EVENT_REPORT_ACCEPTED);
    ASSERT_ONLY(EVENT_REPORT_RETURNED, "side.reason", ERR_MISSING);
    SET(report_review, reason, text_of("请补充照片"));
    ASSERT_GOOD(EVENT_REPORT_RETURNED);
}

static void a_change_changes_something(void **state) {
    (void)state;
    union event_body body = {.activity_change = {0}};
    SET(activity_change, activity, ((struct id){{1}}));
    SET(activity_change, reason, text_of("下雨"));
    ASSERT_ONLY(EVENT_ACTIVITY_CHANGED, "body", ERR_MISSING);
    SET(activity_change, starts_at, 1000);
    SET(activity_change, ends_at, 1000);
    ASSERT_GOOD(EVENT_ACTIVITY_CHANGED);
    SET(activity_change, ends_at, 999);
    ASSERT_ONLY(EVENT_ACTIVITY_CHANGED, "body.ends_at", ERR_CONTRADICTION);
}

static void signing_in_takes_the_token(void **state) {
    (void)state;
    union event_body body = {.attendance = {0}};
    SET(attendance, grade, GRADE_SIGNED);
    ASSERT_ONLY(EVENT_ATTENDANCE_IN, "side.token", ERR_MISSING);
    SET(attendance, token, text_of("K7QZ3M2A"));
    ASSERT_GOOD(EVENT_ATTENDANCE_IN);
    SET(attendance, grade, GRADE_LEADER);
    ASSERT_ONLY(EVENT_ATTENDANCE_OUT, "side.token", ERR_WRONG_PLACE);
    DROP(attendance, token);
    ASSERT_GOOD(EVENT_ATTENDANCE_OUT);
    SET(attendance, grade, GRADE_HONOUR);
    ASSERT_ONLY(EVENT_ATTENDANCE_IN, "body.grade", ERR_BAD_WORD);
}

static void attendance_is_moved_or_voided(void **state) {
    (void)state;
    union event_body body = {.attendance_change = {0}};
    ASSERT_ONLY(EVENT_ATTENDANCE_CORRECTED, "body.at", ERR_MISSING);
    SET(attendance_change, at, 1000);
    ASSERT_GOOD(EVENT_ATTENDANCE_CORRECTED);
    SET(attendance_change, voided, true);
    ASSERT_ONLY(EVENT_ATTENDANCE_CORRECTED, "body.voided", ERR_CONTRADICTION);
    DROP(attendance_change, at);
    ASSERT_GOOD(EVENT_ATTENDANCE_CORRECTED);
}

static void volunteers_have_a_number_that_is_no_identity_card(void **state) {
    (void)state;
    union event_body body = {.volunteer = {0}};
    ASSERT_ONLY(EVENT_VOLUNTEER_ENROLLED, "side.number", ERR_MISSING);
    ASSERT_ONLY(EVENT_VOLUNTEER_UPDATED, "body.volunteer", ERR_MISSING);
    SET(volunteer, number, text_of("33048119900101001")); /* 17 digits are no card */
    ASSERT_GOOD(EVENT_VOLUNTEER_ENROLLED);
    static const char *const cards[] = {"330481199001010012", "33048119900101001X", "33048119900101001x"};
    for (size_t i = 0; i < sizeof cards / sizeof *cards; i++) {
        SET(volunteer, number, text_of(cards[i]));
        struct faults found = rule_judge(EVENT_VOLUNTEER_ENROLLED, &body);
        assert_true(only_fault(&found, "side.number", ERR_CARD_NUMBER));
        assert_string_equal(found.items[0].value, "");
    }
    SET(volunteer, number, text_of("V-0042"));
    SET(volunteer, minor, true);
    ASSERT_ONLY(EVENT_VOLUNTEER_ENROLLED, "body.guardian", ERR_CONTRADICTION);
    SET(volunteer, guardian, true);
    ASSERT_GOOD(EVENT_VOLUNTEER_ENROLLED);
    SET(volunteer, volunteer, ((struct id){{1}}));
    ASSERT_ONLY(EVENT_VOLUNTEER_ENROLLED, "body.volunteer", ERR_WRONG_PLACE);
    ASSERT_GOOD(EVENT_VOLUNTEER_UPDATED);
}

static void hours_credit_each_volunteer_once(void **state) {
    (void)state;
    struct wire_credit credits[500] = {0};
    for (int i = 0; i < 500; i++) { /* the last bytes are the same: all in one slot */
        credits[i].volunteer.bytes[0] = (uint8_t)i;
        credits[i].volunteer.bytes[1] = (uint8_t)(i >> 8);
    }
    union event_body body = {.hours = {.credits = {credits, 500}}};
    ASSERT_GOOD(EVENT_HOURS_CREDITED);
    credits[499].volunteer = credits[0].volunteer;
    ASSERT_ONLY(EVENT_HOURS_CREDITED, "body.credits[499].volunteer", ERR_REPEATED);
}

static void objections_and_erasures_name_something(void **state) {
    (void)state;
    union event_body body = {.hours_objection = {0}};
    ASSERT_ONLY(EVENT_HOURS_OBJECTED, "body.hours", ERR_MISSING);
    SET(hours_objection, activity, ((struct id){{1}}));
    ASSERT_GOOD(EVENT_HOURS_OBJECTED);
    body = (union event_body){.person_erasure = {0}};
    ASSERT_ONLY(EVENT_PERSON_ERASED, "body.person", ERR_MISSING);
    SET(person_erasure, volunteer, ((struct id){{1}}));
    ASSERT_GOOD(EVENT_PERSON_ERASED);
    SET(person_erasure, person, text_of("P-1"));
    ASSERT_ONLY(EVENT_PERSON_ERASED, "body.person", ERR_CONTRADICTION);
    body = (union event_body){.award = {0}};
    SET(award, as_of, text_of("yesterday"));
    ASSERT_ONLY(EVENT_AWARD_GRANTED, "body.as_of", ERR_BAD_FORMAT);
    SET(award, as_of, text_of(AS_OF));
    ASSERT_GOOD(EVENT_AWARD_GRANTED);
}

static void a_plan_is_of_its_year(void **state) {
    (void)state;
    int32_t january = (2026 - 1970) * 12;
    struct wire_plan_line lines[] = {{.month = january, .programme = text_of("dog")},
                                     {.month = january + 11, .programme = text_of("dog")},
                                     {.month = january, .programme = text_of("parking")},
                                     {.month = january, .programme = text_of("dog"), .menu_item = 7}};
    union event_body body = {.plan = {.year = 2026, .lines = {lines, 4}}};
    ASSERT_GOOD(EVENT_PLAN_DRAFTED);
    lines[3].month = january + 12;
    ASSERT_ONLY(EVENT_PLAN_DRAFTED, "body.lines[3].month", ERR_CONTRADICTION);
    lines[3].month = january - 1;
    ASSERT_ONLY(EVENT_PLAN_DRAFTED, "body.lines[3].month", ERR_CONTRADICTION);
    lines[3].month = january;
    lines[3].menu_item = 0;
    ASSERT_ONLY(EVENT_PLAN_DRAFTED, "body.lines[3].programme", ERR_REPEATED);
    lines[3].programme = text_of("gardening");
    ASSERT_ONLY(EVENT_PLAN_DRAFTED, "body.lines[3].programme", ERR_UNKNOWN_PROGRAMME);
}

static void problems_are_handed_to_somebody_and_are_not_their_own_duplicates(void **state) {
    (void)state;
    union event_body body = {.problem_assignment = {0}};
    ASSERT_ONLY(EVENT_PROBLEM_ASSIGNED, "body.to", ERR_MISSING);
    SET(problem_assignment, office, text_of("市容管理科"));
    ASSERT_GOOD(EVENT_PROBLEM_ASSIGNED);
    body = (union event_body){.problem_duplicate = {0}};
    SET(problem_duplicate, problem, ((struct id){{1}}));
    SET(problem_duplicate, of, ((struct id){{2}}));
    ASSERT_GOOD(EVENT_PROBLEM_DUPLICATED);
    SET(problem_duplicate, of, ((struct id){{1}}));
    ASSERT_ONLY(EVENT_PROBLEM_DUPLICATED, "body.of", ERR_CONTRADICTION);
    body = (union event_body){.problem = {0}};
    SET(problem, programme, text_of("gardening"));
    ASSERT_ONLY(EVENT_PROBLEM_RAISED, "body.programme", ERR_UNKNOWN_PROGRAMME);
}

static void stories_are_of_a_kind_and_appear_in_a_medium(void **state) {
    (void)state;
    union event_body body = {.story = {.kind = text_of("individual")}};
    ASSERT_GOOD(EVENT_STORY_SUBMITTED);
    body.story.kind = text_of("hero");
    ASSERT_ONLY(EVENT_STORY_SUBMITTED, "body.kind", ERR_BAD_WORD);
    body = (union event_body){.story_publication = {.medium = text_of("wechat")}};
    ASSERT_GOOD(EVENT_STORY_PUBLISHED);
    body.story_publication.medium = text_of("billboard");
    ASSERT_ONLY(EVENT_STORY_PUBLISHED, "body.medium", ERR_BAD_WORD);
}

/* ---- schemes ---- */

#define FIGURE_SET (UINT64_C(1) << FIELD_scheme_item_figure)

static void scheme_items_follow_known_figures(void **state) {
    (void)state;
    struct wire_scheme_item items[] = {
        {.present = FIGURE_SET, .item = text_of("timely"), .figure = text_of("late-reports")},
        {.item = text_of("order")}};
    union event_body body = {.scheme = {.period = text_of("month"), .items = {items, 2}}};
    ASSERT_GOOD(EVENT_SCHEME_SET);
    items[0].figure = text_of("late-report");
    ASSERT_ONLY(EVENT_SCHEME_SET, "body.items[0].figure", ERR_BAD_WORD);
    items[0].figure = text_of("warnings");
    items[1].item = text_of("timely");
    ASSERT_ONLY(EVENT_SCHEME_SET, "body.items[1].item", ERR_REPEATED);
    items[1].item = text_of("order");
    items[1].present = UINT64_C(1) << FIELD_scheme_item_each;
    ASSERT_ONLY(EVENT_SCHEME_SET, "body.items[1].figure", ERR_MISSING);
    items[1].present = 0;
    body.scheme.period = text_of("week");
    ASSERT_ONLY(EVENT_SCHEME_SET, "body.period", ERR_BAD_WORD);
}

static void scheme_bands_neither_overlap_nor_leave_gaps(void **state) {
    (void)state;
    struct wire_scheme_band bands[] = {{.name = text_of("优秀"), .from = 9000, .to = 12000},
                                       {.name = text_of("合格"), .from = 6000, .to = 8999},
                                       {.name = text_of("不合格"), .from = 0, .to = 5999}};
    union event_body body = {.scheme = {.period = text_of("year"), .bands = {bands, 3}}};
    ASSERT_GOOD(EVENT_SCHEME_SET);
    bands[0].from = 8999;
    ASSERT_ONLY(EVENT_SCHEME_SET, "body.bands[0].from", ERR_CONTRADICTION);
    bands[0].from = 9001;
    ASSERT_ONLY(EVENT_SCHEME_SET, "body.bands[0].from", ERR_CONTRADICTION);
    bands[0].from = 9000;
    bands[2].name = text_of("合格");
    ASSERT_ONLY(EVENT_SCHEME_SET, "body.bands[2].name", ERR_REPEATED);
    bands[2].name = text_of("不合格");
    bands[0].to = 8000;
    ASSERT_ONLY(EVENT_SCHEME_SET, "body.bands[0].to", ERR_CONTRADICTION);
}

static void results_are_of_a_period_at_a_position(void **state) {
    (void)state;
    union event_body body = {.assessment = {.period = text_of("2026-Q4"), .as_of = text_of(AS_OF)}};
    ASSERT_GOOD(EVENT_ASSESSMENT_PUBLISHED);
    body.assessment.period = text_of("2026-Q5");
    ASSERT_ONLY(EVENT_ASSESSMENT_FROZEN, "body.period", ERR_BAD_FORMAT);
    body.assessment.period = text_of("2026");
    body.assessment.as_of = text_of("2026");
    ASSERT_ONLY(EVENT_ASSESSMENT_FROZEN, "body.as_of", ERR_BAD_FORMAT);
    body = (union event_body){.score = {.period = text_of("2026-13"), .stage = text_of("self")}};
    ASSERT_ONLY(EVENT_SCORE_SET, "body.period", ERR_BAD_FORMAT);
    body.score.period = text_of("2026-12");
    ASSERT_GOOD(EVENT_SCORE_SET);
    body.score.stage = text_of("last");
    ASSERT_ONLY(EVENT_SCORE_SET, "body.stage", ERR_BAD_WORD);
    body = (union event_body){.appeal_answer = {0}};
    SET(appeal_answer, points, 100);
    ASSERT_ONLY(EVENT_ASSESSMENT_ANSWERED, "body.points", ERR_CONTRADICTION);
    SET(appeal_answer, upheld, true);
    ASSERT_GOOD(EVENT_ASSESSMENT_ANSWERED);
}

static void periods_are_months_quarters_and_years(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int32_t first; /* month of 2026, from 0; -1: none */
        int32_t months;
    } rows[] = {{"2026", 0, 12},    {"2026-01", 0, 1},  {"2026-12", 11, 1}, {"2026-Q1", 0, 3},  {"2026-Q4", 9, 3},
                {"2026-Q0", -1, 0}, {"2026-Q5", -1, 0}, {"2026-00", -1, 0}, {"2026-1", -1, 0},  {"26-Q1", -1, 0},
                {"2026Q1", -1, 0},  {"", -1, 0},        {"1999", -1, 0},    {"2101-Q1", -1, 0}, {"2026-Q1 ", -1, 0},
                {"2026-q1", -1, 0}, {"二〇二六", -1, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct period period;
        bool good = period_parse(text_of(rows[i].text), &period);
        assert_int_equal(good, rows[i].first >= 0);
        if (good) {
            assert_int_equal(period.first, (2026 - 1970) * 12 + rows[i].first);
            assert_int_equal(period.months, rows[i].months);
        }
    }
    for (int figure = 0; figure < FIGURE_COUNT; figure++) {
        assert_int_equal(figure_find(text_of(figure_wire((enum figure)figure))), figure);
    }
}

/* ---- settings of the folds ---- */

static void settings_have_their_names_and_limits(void **state) {
    (void)state;
    static const struct {
        const char *name;
        const char *value;
        const char *field; /* "": good */
        enum error_code code;
    } rows[] = {{"report-due-days", "0", "", ERR_OK},
                {"report-due-days", "365", "", ERR_OK},
                {"report-due-days", "366", "body.value", ERR_BAD_FORMAT},
                {"report-due-days", "-1", "body.value", ERR_BAD_FORMAT},
                {"report-due-days", "", "body.value", ERR_BAD_FORMAT},
                {"report-due-days", "3 days", "body.value", ERR_BAD_FORMAT},
                {"report-due-days", "99999999999999999999", "body.value", ERR_BAD_FORMAT},
                {"month-due-day", "28", "", ERR_OK},
                {"month-due-day", "29", "body.value", ERR_BAD_FORMAT},
                {"star-minutes", "1800,3600,6000,12000,18000", "", ERR_OK},
                {"star-minutes", "1800,3600,6000,12000", "body.value", ERR_BAD_FORMAT},
                {"star-minutes", "1800,3600,6000,12000,18000,", "body.value", ERR_BAD_FORMAT},
                {"star-minutes", "1800,3600,3600,12000,18000", "body.value", ERR_BAD_FORMAT},
                {"report-due-day", "3", "body.name", ERR_BAD_WORD}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        union event_body body = {.setting = {.name = text_of(rows[i].name), .value = text_of(rows[i].value)}};
        struct faults found = rule_judge(EVENT_SETTING_SET, &body);
        assert_true(rows[i].code == ERR_OK ? found.count == 0 : only_fault(&found, rows[i].field, rows[i].code));
    }
}

static void settings_hold_from_their_event_on(void **state) {
    (void)state;
    struct fold_settings settings;
    fold_settings_begin(&settings);
    assert_int_equal(fold_number(&settings, FOLD_REPORT_DUE_DAYS), 3);
    assert_int_equal(fold_number(&settings, FOLD_MONTH_DUE_DAY), 5);
    assert_int_equal(settings.numbers[FOLD_STAR_MINUTES][4], 90000);
    struct wire_setting setting = {.name = text_of("report-due-days"), .value = text_of("7")};
    assert_true(fold_settings_apply(&settings, &setting));
    assert_int_equal(fold_number(&settings, FOLD_REPORT_DUE_DAYS), 7);
    setting.value = text_of("soon");
    assert_false(fold_settings_apply(&settings, &setting));
    setting.value = (struct text){0};
    assert_false(fold_settings_apply(&settings, &setting));
    setting = (struct wire_setting){.name = text_of("of-a-later-build"), .value = text_of("1")};
    assert_false(fold_settings_apply(&settings, &setting));
    assert_int_equal(fold_number(&settings, FOLD_REPORT_DUE_DAYS), 7);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_returned_report_has_a_reason),
        cmocka_unit_test(a_change_changes_something),
        cmocka_unit_test(signing_in_takes_the_token),
        cmocka_unit_test(attendance_is_moved_or_voided),
        cmocka_unit_test(volunteers_have_a_number_that_is_no_identity_card),
        cmocka_unit_test(hours_credit_each_volunteer_once),
        cmocka_unit_test(objections_and_erasures_name_something),
        cmocka_unit_test(a_plan_is_of_its_year),
        cmocka_unit_test(problems_are_handed_to_somebody_and_are_not_their_own_duplicates),
        cmocka_unit_test(stories_are_of_a_kind_and_appear_in_a_medium),
        cmocka_unit_test(scheme_items_follow_known_figures),
        cmocka_unit_test(scheme_bands_neither_overlap_nor_leave_gaps),
        cmocka_unit_test(results_are_of_a_period_at_a_position),
        cmocka_unit_test(periods_are_months_quarters_and_years),
        cmocka_unit_test(settings_have_their_names_and_limits),
        cmocka_unit_test(settings_hold_from_their_event_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
