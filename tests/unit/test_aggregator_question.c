/* Questions and answers: the order of rows and measures, Chinese names, squads without reports, joint activities, what
 * changed, and questions that are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "services/aggregator/answer.h"
#include "services/aggregator/fold.h"

#define DAY 20579 /* 2026-05-06 */

struct desk {
    struct tally *tally;
    struct arena *arena;
    struct rows rows;
    uint64_t seq;
};

/* ---- events ---- */

static struct id id_of(int number) {
    struct id id = {{0x01}};
    id.bytes[15] = (uint8_t)number;
    return id;
}

static void fold(struct desk *desk, enum event_type type, const char *unit, int id, union event_body *body) {
    struct event event = {.type = type, .unit = text_of(unit), .id = id_of(id), .body = body, .seq = ++desk->seq};
    struct error error = {0};
    tally_changes_clear(desk->tally);
    assert_int_equal(fold_event(desk->tally, &event, &error), 0);
    desk->tally->position = (struct position){5, 1, desk->seq, 1};
}

static void set_unit(struct desk *desk, const char *path, const char *name, const char *kind, int64_t order,
                     bool closed) {
    union event_body body = {.unit = {.name = text_of(name), .kind = text_of(kind), .order = order, .closed = closed}};
    wire_set(&body.unit.present, FIELD_unit_order);
    fold(desk, EVENT_UNIT_SET, path, 0, &body);
}

struct given {
    const char *unit;
    const char *programme; /* clean-home when NULL */
    const char *second;    /* programme */
    int day;               /* after DAY */
    bool undated;
    int attendances;
    int activity; /* 0: its own */
    struct list measures;
};

static void report(struct desk *desk, int id, struct given given) {
    struct text programmes[2] = {text_of(given.programme ? given.programme : "clean-home"), text_of(given.second)};
    union event_body body = {.report = {.programmes = {programmes, given.second ? 2 : 1},
                                        .date = DAY + given.day,
                                        .attendances = given.attendances,
                                        .measures = given.measures,
                                        .activity = id_of(given.activity)}};
    wire_set(&body.report.present, FIELD_report_attendances);
    body.report.present |= (uint64_t)!given.undated << FIELD_report_date;
    body.report.present |= (uint64_t)(given.activity != 0) << FIELD_report_activity;
    fold(desk, EVENT_REPORT_SUBMITTED, given.unit, id, &body);
}

/* ---- questions ---- */

struct by {
    struct text words[4];
    uint32_t count;
};

static struct by by(const char *a, const char *b) {
    struct by made = {{text_of(a), text_of(b)}, 0};
    made.count = (a != NULL) + (uint32_t)(b != NULL);
    return made;
}

static int ask(struct desk *desk, const struct wire_totals_query *query, struct wire_totals_answer *answer,
               struct error *error) {
    struct question question;
    arena_reset(desk->arena);
    int result = question_read(desk->tally, query, &question, error);
    if (result == 0) {
        result = rows_collect(&desk->rows, desk->tally, &question, error);
    }
    return result < 0 ? result : answer_make(desk->tally, &question, &desk->rows, NULL, desk->arena, answer);
}

static struct wire_totals_row *rows_of(struct desk *desk, struct by words, uint32_t expected) {
    struct wire_totals_query query = {.by = {words.words, words.count}};
    struct wire_totals_answer answer;
    struct error error = {0};
    assert_int_equal(ask(desk, &query, &answer, &error), 0);
    assert_int_equal(answer.rows.count, expected);
    return answer.rows.items;
}

static void assert_text(struct text text, const char *expected) {
    char copy[200];
    snprintf(copy, sizeof copy, "%.*s", (int)text.length, text.data ? text.data : "");
    assert_string_equal(copy, expected);
}

static const struct wire_sum *sum_of(const struct list *list) {
    assert_int_equal(list->count, 1);
    return list->items;
}

/* ---- tests ---- */

static void rows_stand_by_place_then_path_with_their_names(void **state) {
    struct desk *desk = *state;
    set_unit(desk, "haining/aaa", "丁桥志愿中队", "squad", 3, false);
    set_unit(desk, "haining/zzz", "盐官（度假区）志愿中队", "squad", 1, false);
    struct wire_totals_row *rows = rows_of(desk, by("squad", NULL), 4);
    assert_text(rows[0].unit, "haining/zzz");
    assert_text(rows[0].name, "盐官（度假区）志愿中队");
    assert_text(rows[1].unit, "haining/xiashi");
    assert_text(rows[1].name, "硖石志愿中队");
    assert_text(rows[2].unit, "haining/xucun"); /* the same place as 硖石 */
    assert_text(rows[3].name, "丁桥志愿中队");
    assert_int_equal(rows[3].reports, 0); /* an open squad stands there without a report */
    set_unit(desk, "haining/aaa", "丁桥志愿中队", "squad", 3, true);
    rows_of(desk, by("squad", NULL), 3); /* a closed one does not */
    report(desk, 1, (struct given){.unit = "haining/aaa", .attendances = 5});
    rows = rows_of(desk, by("squad", NULL), 4); /* but its figures stay */
    assert_int_equal(sum_of(&rows[3].attendances)->value, 5);
}

static void periods_rise_and_no_date_is_last(void **state) {
    struct desk *desk = *state;
    report(desk, 1, (struct given){.unit = "haining/xiashi", .day = 300});
    report(desk, 2, (struct given){.unit = "haining/xiashi", .undated = true});
    report(desk, 3, (struct given){.unit = "haining/xiashi", .day = -400});
    report(desk, 4, (struct given){.unit = "haining/xucun", .day = 0});
    struct wire_totals_row *rows = rows_of(desk, by("month", "year"), 4);
    assert_text(rows[0].period, "2025-04");
    assert_text(rows[1].period, "2026-05");
    assert_text(rows[2].period, "2027-03");
    assert_text(rows[3].period, "");
    assert_int_equal(rows[3].undated, 1);
    assert_true(wire_has(rows[3].present, FIELD_totals_row_period));
    rows = rows_of(desk, by("day", NULL), 4);
    assert_text(rows[1].period, "2026-05-06");
    rows = rows_of(desk, by("year", NULL), 4);
    assert_text(rows[0].period, "2025");
    rows = rows_of(desk, by(NULL, NULL), 1);
    assert_int_equal(rows[0].undated, 1);
    assert_int_equal(rows[0].reports, 4);
}

static void measures_stand_by_frequency(void **state) {
    struct desk *desk = *state;
    struct wire_measure first[] = {{.name = text_of("劝导"), .unit = text_of("人次"), .quantity = 9000},
                                   {.name = text_of("清理垃圾"), .unit = text_of("车"), .quantity = 10000}};
    struct wire_measure second[] = {
        {.name = text_of("清理垃圾"), .unit = text_of("吨"), .quantity = 1200, .approx = APPROX_BELOW},
        {.name = text_of("清理垃圾"), .unit = text_of("车"), .quantity = 500}};
    report(desk, 1, (struct given){.unit = "haining/xiashi", .measures = {first, 2}});
    report(desk, 2, (struct given){.unit = "haining/xucun", .measures = {second, 2}});
    struct wire_totals_row *rows = rows_of(desk, by(NULL, NULL), 1);
    const struct wire_measure_sum *measures = rows[0].measures.items;
    assert_int_equal(rows[0].measures.count, 3);
    assert_text(measures[0].name, "清理垃圾");
    assert_text(measures[0].unit, "车"); /* ten and a half carts are never added to the tons */
    assert_int_equal(sum_of(&measures[0].sum)->value, 10500);
    assert_text(measures[1].name, "劝导");
    assert_text(measures[2].unit, "吨");
    assert_text(sum_of(&measures[2].sum)->mark, "近");
}

static void joint_activities_count_once_above_the_squads(void **state) {
    struct desk *desk = *state;
    fold(desk, EVENT_ACTIVITY_PLANNED, "haining", 9, &(union event_body){.activity = {.present = 0}});
    report(desk, 1, (struct given){.unit = "haining/xiashi", .activity = 9, .attendances = 10});
    report(desk, 2, (struct given){.unit = "haining/xucun", .activity = 9, .attendances = 20, .day = 40});
    report(desk, 3, (struct given){.unit = "haining/xucun", .attendances = 3, .second = "dog"});
    struct wire_totals_row *rows = rows_of(desk, by(NULL, NULL), 1);
    assert_int_equal(rows[0].activities, 2);
    assert_int_equal(rows[0].reports, 3);
    assert_int_equal(sum_of(&rows[0].attendances)->value, 33);
    rows = rows_of(desk, by("squad", NULL), 2);
    assert_int_equal(rows[0].activities, 1);
    assert_int_equal(rows[1].activities, 2);
    rows = rows_of(desk, by("programme", NULL), 2);
    assert_text(rows[0].programme, "clean-home");
    assert_int_equal(rows[0].activities, 2);
    assert_text(rows[1].programme, "dog"); /* the report of two programmes stands in both rows */
    assert_int_equal(sum_of(&rows[1].attendances)->value, 3);
    fold(desk, EVENT_ACTIVITY_MERGED, "haining", 50,
         &(union event_body){.activity_merge = {.into = id_of(9), .from = id_of(3)}});
    rows = rows_of(desk, by(NULL, NULL), 1);
    assert_int_equal(rows[0].activities, 1);
    fold(desk, EVENT_REPORT_WITHDRAWN, "haining/xiashi", 51,
         &(union event_body){.report_withdrawal = {.report = id_of(1)}});
    rows = rows_of(desk, by("squad", NULL), 2);
    assert_int_equal(rows[0].activities, 0);
    assert_int_equal(rows[1].activities, 1);
    assert_int_equal(rows[1].reports, 2);
}

static void teams_stand_in_their_squad_row(void **state) {
    struct desk *desk = *state;
    report(desk, 1, (struct given){.unit = "haining/xucun/team", .attendances = 4});
    report(desk, 2, (struct given){.unit = "haining/xucun", .attendances = 6});
    report(desk, 3, (struct given){.unit = "haining", .attendances = 1});
    struct wire_totals_row *rows = rows_of(desk, by("squad", NULL), 3);
    assert_text(rows[1].unit, "haining/xucun");
    assert_int_equal(sum_of(&rows[1].attendances)->value, 10);
    assert_text(rows[2].unit, "haining");
}

static uint32_t changed_since(struct desk *desk, uint64_t seq, struct wire_totals_row **rows) {
    struct by words = by("squad", NULL);
    char position[POSITION_TEXT_SIZE];
    position_format(&(struct position){5, 1, seq, 1}, position);
    struct wire_totals_query query = {.by = {words.words, 1}, .changed_since = text_of(position)};
    wire_set(&query.present, FIELD_totals_query_changed_since);
    struct wire_totals_answer answer;
    assert_int_equal(ask(desk, &query, &answer, NULL), 0);
    *rows = answer.rows.items;
    return answer.rows.count;
}

static void only_what_changed_is_told(void **state) {
    struct desk *desk = *state;
    struct wire_totals_row *rows = NULL;
    report(desk, 1, (struct given){.unit = "haining/xiashi", .attendances = 4});
    uint64_t before = desk->seq;
    assert_int_equal(changed_since(desk, before, &rows), 0);
    report(desk, 2, (struct given){.unit = "haining/xucun/team", .attendances = 6});
    assert_int_equal(changed_since(desk, before, &rows), 1);
    assert_text(rows[0].unit, "haining/xucun");
    before = desk->seq;
    fold(desk, EVENT_REPORT_WITHDRAWN, "haining/xucun/team", 51,
         &(union event_body){.report_withdrawal = {.report = id_of(2)}});
    assert_int_equal(changed_since(desk, before, &rows), 1);
    assert_int_equal(rows[0].reports, 0); /* it went to zero, and the screen must hear so */
}

static void bad_questions_are_refused_by_name(void **state) {
    struct desk *desk = *state;
    struct wire_totals_answer answer;
    struct error error = {0};
    struct wire_totals_query query = {.unit = text_of("haining/nosuch")};
    wire_set(&query.present, FIELD_totals_query_unit);
    assert_int_equal(ask(desk, &query, &answer, &error), -ERR_UNKNOWN_UNIT);
    assert_non_null(strstr(error.text, "haining/nosuch"));
    query = (struct wire_totals_query){.programme = text_of("fishing")};
    wire_set(&query.present, FIELD_totals_query_programme);
    assert_int_equal(ask(desk, &query, &answer, &error), -ERR_UNKNOWN_PROGRAMME);
    query = (struct wire_totals_query){.from = DAY, .to = DAY - 1};
    query.present = UINT64_C(1) << FIELD_totals_query_from | UINT64_C(1) << FIELD_totals_query_to;
    assert_int_equal(ask(desk, &query, &answer, &error), -ERR_BAD_QUERY);
    assert_non_null(strstr(error.text, "2026-05-06"));
    struct by words = by("colour", NULL);
    query = (struct wire_totals_query){.by = {words.words, 1}};
    assert_int_equal(ask(desk, &query, &answer, &error), -ERR_BAD_QUERY);
    assert_non_null(strstr(error.text, "colour"));
}

static void too_many_rows_are_refused(void **state) {
    struct desk *desk = *state;
    char path[40];
    for (int unit = 0; unit < 30; unit++) {
        snprintf(path, sizeof path, "haining/u%d", unit);
        for (int day = 0; day < 3400; day++) {
            struct text programme = text_of("dog");
            union event_body body = {.report = {.programmes = {&programme, 1}, .date = DAY + day}};
            wire_set(&body.report.present, FIELD_report_date);
            struct event event = {.type = EVENT_REPORT_SUBMITTED,
                                  .unit = text_of(path),
                                  .body = &body,
                                  .id = id_new(0),
                                  .seq = ++desk->seq};
            assert_int_equal(fold_event(desk->tally, &event, NULL), 0);
        }
    }
    struct by words = by("squad", "day");
    struct wire_totals_query query = {.by = {words.words, 2}};
    struct wire_totals_answer answer;
    struct error error = {0};
    assert_int_equal(ask(desk, &query, &answer, &error), -ERR_TOO_MANY);
    words = by("day", NULL);
    query.by = (struct list){words.words, 1};
    assert_int_equal(ask(desk, &query, &answer, &error), 0);
    assert_int_equal(answer.rows.count, 3400);
}

static int set_up(void **state) {
    struct desk *desk = calloc(1, sizeof *desk);
    assert_non_null(desk);
    desk->tally = tally_create();
    desk->arena = arena_create(SIZE_MAX);
    set_unit(desk, "haining", "海宁市城市管理志愿服务大队", "brigade", 100, false);
    set_unit(desk, "haining/xucun", "许村志愿中队", "squad", 2, false);
    set_unit(desk, "haining/xiashi", "硖石志愿中队", "squad", 2, false);
    set_unit(desk, "haining/xucun/team", "许村一队", "team", 1, false);
    *state = desk;
    return 0;
}

static int tear_down(void **state) {
    struct desk *desk = *state;
    tally_destroy(&desk->tally);
    arena_destroy(&desk->arena);
    rows_free(&desk->rows);
    free(desk);
    return 0;
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(rows_stand_by_place_then_path_with_their_names),
        CASE(periods_rise_and_no_date_is_last),
        CASE(measures_stand_by_frequency),
        CASE(joint_activities_count_once_above_the_squads),
        CASE(teams_stand_in_their_squad_row),
        CASE(only_what_changed_is_told),
        CASE(bad_questions_are_refused_by_name),
        CASE(too_many_rows_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
