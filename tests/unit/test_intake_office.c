/* The office: plans and the ones they replace, problems and their units, schemes, scores and results of a period. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/intake_house.h"

#define AS_OF "00000000000000a1.1.42.00000000000000b2"
#define JANUARY ((2026 - 1970) * 12)

#define SET(built, member, name, v) \
    ((built)->body.member.name = (v), wire_set(&(built)->body.member.present, FIELD_##member##_##name))

static void step(struct house *house, enum event_type type, struct id subject) {
    struct built_event built;
    built_event(&built, type, "haining", 90);
    const struct life_step *row = life_step_of(type);
    memcpy((char *)&built.body + life_subject_field(row)->offset, &subject, sizeof subject);
    wire_set((uint64_t *)(void *)&built.body, row->field);
    house_step(house, &built);
}

static void a_plan_replaces_a_fixed_one_of_its_unit_and_year(void **state) {
    struct house *house = *state;
    struct built_event first;
    struct built_event built;
    built_event(&first, EVENT_PLAN_DRAFTED, "haining/xiashi", 1);
    SET(&first, plan, year, 2026);
    house_admits(house, &first);
    struct id plan = house_begin(house, &first);
    built_event(&built, EVENT_PLAN_DRAFTED, "haining/xiashi", 2);
    SET(&built, plan, year, 2026);
    SET(&built, plan, replaces, plan);
    house_refuses(house, &built, ERR_ALREADY, "body.replaces", house_id_text(house, &plan));
    step(house, EVENT_PLAN_SUBMITTED, plan);
    step(house, EVENT_PLAN_FIXED, plan);
    house_admits(house, &built);
    SET(&built, plan, year, 2027);
    house_refuses(house, &built, ERR_CONTRADICTION, "body.year", "2027");
    house_speak_as(house, ROLE_OFFICE, "haining");
    built.event.unit = text_of("haining/xucun");
    house_refuses(house, &built, ERR_UNKNOWN_REFERENCE, "body.replaces", house_id_text(house, &plan));
}

static void a_problem_is_dealt_with_by_whom_it_was_handed_to(void **state) {
    struct house *house = *state;
    struct built_event raised;
    struct built_event assigned;
    struct built_event built;
    built_event(&raised, EVENT_PROBLEM_RAISED, "haining/xucun", 1);
    struct id problem = house_begin(house, &raised);
    built_event(&built, EVENT_PROBLEM_STARTED, "haining/xiashi", 7);
    SET(&built, problem_step, problem, problem);
    house_refuses(house, &built, ERR_OTHER_UNIT, "body.problem", "haining/xucun");
    built_event(&assigned, EVENT_PROBLEM_ASSIGNED, "haining", 8);
    SET(&assigned, problem_assignment, problem, problem);
    SET(&assigned, problem_assignment, to, text_of("haining/nowhere"));
    house_speak_as(house, ROLE_OFFICE, "haining");
    house_refuses(house, &assigned, ERR_UNKNOWN_UNIT, "body.to", "haining/nowhere");
    SET(&assigned, problem_assignment, to, text_of("haining/xiashi"));
    house_admits(house, &assigned);
    house_step(house, &assigned);
    house_speak_as(house, ROLE_SQUAD, "haining/xiashi");
    house_admits(house, &built);
    house_step(house, &built);
    built.event.type = EVENT_PROBLEM_RESOLVED;
    house_admits(house, &built);
    built.body.problem_step.problem = built_id(5, 5);
    house_refuses(house, &built, ERR_UNKNOWN_REFERENCE, "body.problem", NULL);
}

static void a_duplicate_names_a_problem_that_counts(void **state) {
    struct house *house = *state;
    struct built_event built;
    house_speak_as(house, ROLE_OFFICE, "haining");
    struct id first = house_remember(house, EVENT_PROBLEM_RAISED, "haining/xucun", false);
    struct id second = house_remember(house, EVENT_PROBLEM_RAISED, "haining/xiashi", false);
    struct id third = house_remember(house, EVENT_PROBLEM_RAISED, "haining/xiashi", false);
    built_event(&built, EVENT_PROBLEM_DUPLICATED, "haining", 7);
    SET(&built, problem_duplicate, problem, second);
    SET(&built, problem_duplicate, of, first);
    house_admits(house, &built);
    house_step(house, &built);
    SET(&built, problem_duplicate, problem, third);
    SET(&built, problem_duplicate, of, second);
    house_refuses(house, &built, ERR_ALREADY, "body.of", house_id_text(house, &second));
}

static void the_office_reviews_reports_of_all_squads(void **state) {
    struct house *house = *state;
    struct built_event built;
    struct id report = house_remember(house, EVENT_REPORT_SUBMITTED, "haining/xucun", false);
    built_event(&built, EVENT_REPORT_ACCEPTED, "haining", 7);
    SET(&built, report_review, report, report);
    house_speak_as(house, ROLE_OFFICE, "haining");
    house_admits(house, &built);
    step(house, EVENT_REPORT_WITHDRAWN, report);
    house_refuses(house, &built, ERR_ALREADY, "body.report", house_id_text(house, &report));
    house_speak_as(house, ROLE_OFFICE, "haining/xiashi");
    built.event.unit = text_of("haining/xiashi");
    house_refuses(house, &built, ERR_OTHER_UNIT, "body.report", "haining/xucun");
}

/* ---- notices ---- */

static struct text for_xucun[1];

static struct id issue(struct house *house, struct built_event *issued) {
    for_xucun[0] = text_of("haining/xucun");
    built_event(issued, EVENT_NOTICE_ISSUED, "haining", 1);
    SET(issued, notice, units, ((struct list){for_xucun, 1}));
    return house_begin(house, issued);
}

static void a_notice_is_read_for_a_unit_that_it_is_for(void **state) {
    static const enum event_type types[] = {EVENT_NOTICE_READ, EVENT_NOTICE_CONFIRMED, EVENT_NOTICE_ANSWERED};
    struct house *house = *state;
    struct built_event issued;
    struct built_event built;
    struct id notice = issue(house, &issued);
    for (int i = 0; i < 3; i++) {
        built_event(&built, types[i], "haining/xiashi", 7);
        built.body.notice_answer.notice = notice; /* a step and an answer begin alike */
        wire_set(&built.body.notice_answer.present, FIELD_notice_answer_notice);
        house_speak_as(house, ROLE_SQUAD, "haining/xiashi");
        house_refuses(house, &built, ERR_NOT_FOR_UNIT, "unit", "haining/xiashi");
        built.event.unit = text_of("haining/xucun");
        house_refuses(house, &built, ERR_OTHER_UNIT, "unit", "haining/xucun");
        house_speak_as(house, ROLE_SQUAD, "haining/xucun");
        house_admits(house, &built);
        house_admits(house, &built); /* again */
        built.body.notice_answer.notice = built_id(5, 5);
        house_refuses(house, &built, ERR_UNKNOWN_REFERENCE, "body.notice", NULL);
        built.body.notice_answer.notice = house_remember(house, EVENT_REPORT_SUBMITTED, "haining/xucun", false);
        house_refuses(house, &built, ERR_UNKNOWN_REFERENCE, "body.notice", NULL);
    }
}

static void an_alert_is_read_where_it_is_about_and_by_whom_it_tells(void **state) {
    struct house *house = *state;
    struct built_event raised;
    struct built_event built;
    struct wire_recipient duty = {.of = text_of("unit"), .unit = text_of("haining/yuanhua/first")};
    built_event(&raised, EVENT_ALERT_RAISED, "haining/xucun", 1);
    SET(&raised, alert, recipients, ((struct list){&duty, 1}));
    struct id alert = house_begin(house, &raised);
    house_speak_as(house, ROLE_OFFICE, "haining");
    built_event(&built, EVENT_NOTICE_CONFIRMED, "haining", 7);
    SET(&built, notice_step, notice, alert);
    house_admits(house, &built);
    built.event.unit = text_of("haining/xucun");
    house_admits(house, &built);
    built.event.unit = text_of("haining/yuanhua/first");
    house_admits(house, &built);
    built.event.unit = text_of("haining/xiashi");
    house_refuses(house, &built, ERR_NOT_FOR_UNIT, "unit", "haining/xiashi");
}

static void a_notice_is_recalled_once_by_the_office_and_then_not_read(void **state) {
    struct house *house = *state;
    struct built_event issued;
    struct built_event built;
    struct id notice = issue(house, &issued);
    built_event(&built, EVENT_NOTICE_RECALLED, "haining", 7);
    SET(&built, notice_step, notice, notice);
    house_speak_as(house, ROLE_SQUAD, "haining");
    house_refuses(house, &built, ERR_NO_RIGHT, "", "squad");
    house_speak_as(house, ROLE_OFFICE, "haining/xucun");
    built.event.unit = text_of("haining/xucun");
    house_refuses(house, &built, ERR_OTHER_UNIT, "body.notice", "haining");
    house_speak_as(house, ROLE_OFFICE, "haining");
    house_admits(house, &built);
    house_step(house, &built);
    house_refuses(house, &built, ERR_ALREADY, "body.notice", house_id_text(house, &notice));
    built.event.type = EVENT_NOTICE_READ;
    house_refuses(house, &built, ERR_ALREADY, "body.notice", house_id_text(house, &notice));
}

/* ---- assessments ---- */

static struct wire_scheme_item items[] = {
    {.present = UINT64_C(1) << FIELD_scheme_item_figure, .figure = {"late-reports", 12}, .points = -50},
    {.points = 500},
    {.points = -300}};

/* Version `version` of the scheme, which holds from January 2026 unless it is a draft. */
static void build_scheme(struct built_event *built, int64_t version, bool draft) {
    items[0].item = text_of("timely");
    items[1].item = text_of("order");
    items[2].item = text_of("complaints");
    built_event(built, EVENT_SCHEME_SET, "haining", 1);
    SET(built, scheme, scheme, text_of("yearly"));
    SET(built, scheme, version, version);
    SET(built, scheme, period, text_of("month"));
    SET(built, scheme, items, ((struct list){items, 3}));
    if (!draft) {
        SET(built, scheme, holds_from, JANUARY);
    }
}

static void add_schemes(struct house *house, int64_t versions, bool last_is_draft) {
    house_speak_as(house, ROLE_OFFICE, "haining");
    for (int64_t version = 1; version <= versions; version++) {
        struct built_event built;
        build_scheme(&built, version, last_is_draft && version == versions);
        house_admits(house, &built);
        house_step(house, &built);
    }
}

static void versions_of_a_scheme_follow_each_other(void **state) {
    struct house *house = *state;
    struct built_event built;
    for (int64_t last = 0; last <= 20; last++) {
        if (last > 0) {
            build_scheme(&built, last, false);
            house_step(house, &built);
        }
        house_speak_as(house, ROLE_OFFICE, "haining");
        build_scheme(&built, last + 1, false);
        house_admits(house, &built);
        build_scheme(&built, last + 2, false);
        house_refuses(house, &built, ERR_CONTRADICTION, "body.version", NULL);
        if (last > 0) {
            build_scheme(&built, last, false);
            house_refuses(house, &built, ERR_CONTRADICTION, "body.version", NULL);
        }
    }
}

static void scores_are_of_items_by_hand_and_within_them(void **state) {
    struct house *house = *state;
    struct built_event built;
    built_event(&built, EVENT_SCORE_SET, "haining/xiashi", 7);
    SET(&built, score, scheme, text_of("yearly"));
    SET(&built, score, item, text_of("order"));
    SET(&built, score, period, text_of("2026-05"));
    SET(&built, score, stage, text_of("self"));
    SET(&built, score, points, 500);
    house_refuses(house, &built, ERR_UNKNOWN_REFERENCE, "body.scheme", "yearly");
    add_schemes(house, 3, false);
    house_speak_as(house, ROLE_SQUAD, "haining/xiashi");
    house_admits(house, &built);
    SET(&built, score, points, 501);
    house_refuses(house, &built, ERR_TOO_BIG, "body.points", "501");
    SET(&built, score, points, -1);
    house_refuses(house, &built, ERR_TOO_SMALL, "body.points", "-1");
    SET(&built, score, item, text_of("complaints"));
    house_admits(house, &built);
    SET(&built, score, points, -301);
    house_refuses(house, &built, ERR_TOO_SMALL, "body.points", "-301");
    SET(&built, score, points, 0);
    SET(&built, score, item, text_of("timely"));
    house_refuses(house, &built, ERR_UNKNOWN_REFERENCE, "body.item", "timely");
    SET(&built, score, item, text_of("nothing"));
    house_refuses(house, &built, ERR_UNKNOWN_REFERENCE, "body.item", "nothing");
    SET(&built, score, item, text_of("order"));
    SET(&built, score, period, text_of("2026"));
    house_refuses(house, &built, ERR_BAD_FORMAT, "body.period", "2026");
    SET(&built, score, period, text_of("2026-05"));
    SET(&built, score, stage, text_of("final"));
    house_refuses(house, &built, ERR_NO_RIGHT, "body.stage", "squad");
    house_speak_as(house, ROLE_OFFICE, "haining");
    house_admits(house, &built);
}

static void build_results(struct built_event *built, enum event_type type, int64_t version, const char *period) {
    built_event(built, type, "haining", 7);
    SET(built, assessment, scheme, text_of("yearly"));
    SET(built, assessment, version, version);
    SET(built, assessment, period, text_of(period));
    SET(built, assessment, as_of, text_of(AS_OF));
}

static void results_are_published_then_frozen(void **state) {
    struct house *house = *state;
    struct built_event published;
    struct built_event frozen;
    struct built_event appeal;
    add_schemes(house, 3, true);
    build_results(&published, EVENT_ASSESSMENT_PUBLISHED, 4, "2026-05");
    house_refuses(house, &published, ERR_UNKNOWN_REFERENCE, "body.version", "4");
    build_results(&published, EVENT_ASSESSMENT_PUBLISHED, 3, "2026-05");
    house_refuses(house, &published, ERR_CONTRADICTION, "body.version", "3"); /* a draft */
    build_results(&published, EVENT_ASSESSMENT_PUBLISHED, 2, "2025-12");
    house_refuses(house, &published, ERR_CONTRADICTION, "body.version", "2"); /* holds from January on */
    build_results(&published, EVENT_ASSESSMENT_PUBLISHED, 2, "2026-05");
    house_admits(house, &published);
    build_results(&frozen, EVENT_ASSESSMENT_FROZEN, 2, "2026-05");
    house_refuses(house, &frozen, ERR_UNKNOWN_REFERENCE, "body.period", "2026-05");
    struct id id = house_begin(house, &published);
    house_step(house, &published);
    house_admits(house, &published); /* again, after an appeal */
    build_results(&frozen, EVENT_ASSESSMENT_FROZEN, 1, "2026-05");
    house_refuses(house, &frozen, ERR_CONTRADICTION, "body.version", "1");
    built_event(&appeal, EVENT_ASSESSMENT_APPEALED, "haining/xiashi", 8);
    SET(&appeal, appeal, assessment, id);
    house_admits(house, &appeal);
    build_results(&frozen, EVENT_ASSESSMENT_FROZEN, 2, "2026-05");
    house_admits(house, &frozen);
    house_step(house, &frozen);
    house_refuses(house, &frozen, ERR_ALREADY, "body.period", "2026-05");
    house_refuses(house, &published, ERR_ALREADY, "body.period", "2026-05");
    house_refuses(house, &appeal, ERR_ALREADY, "body.assessment", "2026-05");
    build_results(&published, EVENT_ASSESSMENT_PUBLISHED, 2, "2026-06");
    house_admits(house, &published);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, house_setup, house_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_plan_replaces_a_fixed_one_of_its_unit_and_year),
        TEST(a_problem_is_dealt_with_by_whom_it_was_handed_to),
        TEST(a_duplicate_names_a_problem_that_counts),
        TEST(the_office_reviews_reports_of_all_squads),
        TEST(a_notice_is_read_for_a_unit_that_it_is_for),
        TEST(an_alert_is_read_where_it_is_about_and_by_whom_it_tells),
        TEST(a_notice_is_recalled_once_by_the_office_and_then_not_read),
        TEST(versions_of_a_scheme_follow_each_other),
        TEST(scores_are_of_items_by_hand_and_within_them),
        TEST(results_are_published_then_frozen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
