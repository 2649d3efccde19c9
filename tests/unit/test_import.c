/* The importer: the 150 real activities without loss, faults by row and column, ids that stay the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "common/import/import.h"

#define FILE_MAX (1024 * 1024)

/* 许村志愿中队 and the like become haining/<n>, so that every squad of the file is known. */
static bool any_squad(void *data, struct text name, char *path) {
    (void)data;
    if (memmem(name.data, name.length, "中队", strlen("中队")) == NULL) {
        return false;
    }
    unsigned sum = 0;
    for (uint32_t i = 0; i < name.length; i++) {
        sum = sum * 31 + (unsigned char)name.data[i];
    }
    snprintf(path, EVENT_UNIT_MAX + 1, "haining/s%u", sum % 100000);
    return true;
}

static const struct import_options options = {.unit = any_squad};

static struct text demonstration(char *space) {
    char path[4096];
    const char *source = getenv("CHAOXUN_SOURCE");
    snprintf(path, sizeof path, "%s/scripts/data/demo-activities.csv", source ? source : ".");
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t length = fread(space, 1, FILE_MAX, file);
    fclose(file);
    return (struct text){space, (uint32_t)length};
}

struct sum {
    int64_t value;
    int kinds[APPROX_COUNT];
};

static void add(struct sum *sum, int64_t value, int32_t kind) {
    sum->value += value;
    sum->kinds[kind]++;
}

static void expect_sum(const struct sum *sum, int64_t value, int exact, int at_least, int below, int about) {
    assert_int_equal(sum->value, value);
    assert_int_equal(sum->kinds[APPROX_EXACT], exact);
    assert_int_equal(sum->kinds[APPROX_AT_LEAST], at_least);
    assert_int_equal(sum->kinds[APPROX_BELOW], below);
    assert_int_equal(sum->kinds[APPROX_ABOUT], about);
}

static void the_real_activities_enter_without_loss(void **state) {
    (void)state;
    char *space = malloc(FILE_MAX);
    struct error error;
    struct import *import = NULL;
    struct import_row row;
    struct sum attendances = {0};
    struct sum minutes = {0};
    struct sum leaflets = {0};
    int rows = 0;
    int dated = 0;
    struct arena *arena = arena_create(64 * FILE_MAX);
    assert_int_equal(import_open(&import, demonstration(space), &options, &error), 0);
    assert_int_equal(import_row_count(import), 150);
    while (import_next(import, arena, &row) == 1) {
        const struct wire_report *report = &row.event.body->report;
        if (row.faults.count > 0) {
            fail_msg("row %u: %s %s %s", row.row, row.faults.items[0].field, error_wire(row.faults.items[0].code),
                     row.faults.items[0].value);
        }
        rows++;
        dated += wire_has(report->present, FIELD_report_date);
        assert_true(report->demo);
        if (wire_has(report->present, FIELD_report_attendances)) {
            add(&attendances, report->attendances, report->attendances_approx);
        }
        if (wire_has(report->present, FIELD_report_minutes)) {
            add(&minutes, report->minutes, report->minutes_approx);
        }
        const struct wire_measure *measures = report->measures.items;
        for (uint32_t i = 0; i < report->measures.count; i++) {
            if (text_equal(measures[i].name, text_of("发放宣传资料"))) {
                add(&leaflets, measures[i].quantity, measures[i].approx);
            }
        }
    }
    /* Added up by hand from real-activities.csv. */
    assert_int_equal(rows, 150);
    assert_int_equal(dated, 89);
    expect_sum(&attendances, 8459, 40, 17, 3, 0);
    expect_sum(&minutes, 41520, 7, 0, 0, 19); /* with 两个多小时 of R189, which its column duration_h lacks */
    expect_sum(&leaflets, 4090000, 1, 3, 0, 0);
    import_close(&import);
    arena_destroy(&arena);
    free(space);
}

/* Reads all rows of `csv`; hands each to `check`. Returns how many. */
static int each_row(const char *csv, void (*check)(struct import_row *row, int index, void *data), void *data) {
    struct error error;
    struct import *import = NULL;
    struct import_row row;
    struct arena *arena = arena_create(FILE_MAX);
    int index = 0;
    if (import_open(&import, text_of(csv), &options, &error) != 0) {
        fail_msg("%s", error.text);
    }
    while (import_next(import, arena, &row) == 1) {
        check(&row, index++, data);
    }
    import_close(&import);
    arena_destroy(&arena);
    return index;
}

static void keep_id(struct import_row *row, int index, void *data) {
    ((struct id *)data)[index] = row->event.id;
}

static void ids_stay_the_same(void **state) {
    (void)state;
    struct id first[4];
    struct id again[4];
    const char *numbered =
        "编号,中队,项目,参与人次\n1,许村中队,文明养犬,20\n2,许村中队,文明养犬,20\n1,丁桥中队,文明养犬,20\n";
    assert_int_equal(each_row(numbered, keep_id, first), 3);
    assert_int_equal(each_row(numbered, keep_id, again), 3);
    assert_memory_equal(first, again, 3 * sizeof *first);
    assert_false(id_equal(&first[0], &first[1]));
    assert_false(id_equal(&first[0], &first[2]));
    each_row("编号,中队,项目,参与人次\n1,许村中队,文明养犬,25\n", keep_id, again); /* changed: the same report */
    assert_true(id_equal(&first[0], &again[0]));
    const char *equal = "中队,项目,参与人次\n许村中队,文明养犬,20\n许村中队,文明养犬,20\n许村中队,文明养犬,21\n";
    assert_int_equal(each_row(equal, keep_id, first), 3);
    assert_false(id_equal(&first[0], &first[1]));
    each_row(equal, keep_id, again);
    assert_memory_equal(first, again, 3 * sizeof *first);
}

static void expect_fault(const struct import_row *row, const char *field, enum error_code code) {
    for (uint32_t i = 0; i < row->faults.count; i++) {
        if (strcmp(row->faults.items[i].field, field) == 0 && row->faults.items[i].code == code) {
            return;
        }
    }
    fail_msg("row %u has no fault %s of %s (%u faults, first %s of %s)", row->row, error_wire(code), field,
             row->faults.count, row->faults.count ? error_wire(row->faults.items[0].code) : "",
             row->faults.items[0].field);
}

static void check_broken(struct import_row *row, int index, void *data) {
    (void)data;
    switch (index) {
    case 0:
        expect_fault(row, "中队", ERR_UNKNOWN_UNIT);
        break;
    case 1:
        expect_fault(row, "项目", ERR_UNKNOWN_PROGRAMME);
        break;
    case 2:
        expect_fault(row, "活动日期", ERR_BAD_FORMAT);
        expect_fault(row, "参与人次", ERR_BAD_FORMAT);
        break;
    case 3:
        expect_fault(row, "活动时长", ERR_BAD_FORMAT);
        break;
    case 4:
        expect_fault(row, "6", ERR_CSV_COLUMNS);
        break;
    case 5:
        expect_fault(row, "结束日期", ERR_CONTRADICTION);
        break;
    case 6:
        expect_fault(row, "项目", ERR_MISSING);
        break;
    case 7:
        expect_fault(row, "成效", ERR_BAD_FORMAT);
        break;
    default:
        assert_int_equal(row->faults.count, 0);
    }
}

static void faults_name_row_and_column(void **state) {
    (void)state;
    assert_int_equal(
        each_row("中队,项目,活动日期,结束日期,参与人次,活动时长,成效\n"
                 "马路边,文明养犬,2026-01-09,,20,,\n"
                 "许村中队,养猫,2026-01-09,,20,,\n"
                 "许村中队,文明养犬,2026-02-30,,好多人,,\n"
                 "许村中队,文明养犬,2026-01-09,,20,2,\n"
                 "许村中队,文明养犬\n"
                 "许村中队,文明养犬,2026-01-09,2026-01-08,20,,\n"
                 "许村中队,,2026-01-09,,20,,\n"
                 "许村中队,文明养犬,2026-01-09,,20,,清理卫生死角\n"
                 "许村中队,垃圾分类、文明养犬,2026年1月9日,,近30人,2小时,清理牛皮癣 200多处；清运垃圾 近1.2吨\n",
                 check_broken, NULL),
        9);
}

static void check_details(struct import_row *row, int index, void *data) {
    (void)index;
    (void)data;
    const struct wire_report *report = &row->event.body->report;
    assert_int_equal(row->faults.count, 0);
    assert_int_equal(report->programmes.count, 2);
    assert_int_equal(report->attendances, 30);
    assert_int_equal(report->attendances_approx, APPROX_BELOW);
    assert_int_equal(report->minutes, 3600);
    assert_int_equal(report->minutes_basis, BASIS_COMPUTED);
    assert_int_equal(report->minutes_approx, APPROX_ABOUT);
    const struct wire_measure *measures = report->measures.items;
    assert_int_equal(report->measures.count, 2);
    assert_true(text_equal(measures[1].name, text_of("清运垃圾")));
    assert_int_equal(measures[1].quantity, 1200);
    assert_int_equal(measures[1].approx, APPROX_BELOW);
    const struct wire_found *found = report->found.items;
    assert_int_equal(report->found.count, 2);
    assert_true(text_equal(found[0].kind, text_of("bike-parking")));
    assert_int_equal(found[0].count, 12);
    assert_true(text_equal(found[1].kind, text_of("posters")));
    assert_false(wire_has(found[1].present, FIELD_found_count));
    assert_true(text_equal(report->date_text, text_of("7月上旬")));
    assert_int_equal(row->event.at, 0);
}

static void cells_become_fields(void **state) {
    (void)state;
    each_row("所属中队,项目,活动日期,人次,时长,成效,问题\n"
             "许村中队,垃圾分类、文明养犬,7月上旬,近30人,2小时,清理牛皮癣200多处，清运垃圾 "
             "近1.2吨,共享单车乱停12起、牛皮癣、小广告\n",
             check_details, NULL);
}

static void expect_refused(const char *csv, enum error_code code, const char *word) {
    struct error error = {0};
    struct import *import = NULL;
    assert_int_equal(import_open(&import, text_of(csv), &options, &error), -(int)code);
    if (!strstr(error.text_zh, word)) {
        fail_msg("%s", error.text_zh);
    }
    assert_null(import);
}

static void a_header_that_is_not_known_is_said(void **state) {
    (void)state;
    expect_refused("编号,中队,心情\n", ERR_CSV_HEADER, "心情");
    expect_refused("编号,中队,参与人数\n", ERR_CSV_HEADER, "参与人次");
    expect_refused("编号,中队,编号\n", ERR_REPEATED, "编号");
    expect_refused("编号,项目\n", ERR_MISSING, "中队");
    expect_refused("", ERR_MISSING, "header");
}

static void an_amendment_names_its_report(void **state) {
    (void)state;
    struct error error;
    struct import *import = NULL;
    struct import_row row;
    struct event amendment;
    struct arena *arena = arena_create(FILE_MAX);
    const char *csv = "编号,中队,项目,参与人次\n1,许村中队,文明养犬,25\n";
    assert_int_equal(import_open(&import, text_of(csv), &options, &error), 0);
    assert_int_equal(import_next(import, arena, &row), 1);
    import_amend(&row, arena, &amendment);
    assert_int_equal(amendment.type, EVENT_REPORT_AMENDED);
    assert_true(id_equal(&amendment.body->report.amends, &row.event.id));
    assert_false(id_equal(&amendment.id, &row.event.id));
    import_close(&import);
    arena_destroy(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_real_activities_enter_without_loss),
        cmocka_unit_test(ids_stay_the_same),
        cmocka_unit_test(faults_name_row_and_column),
        cmocka_unit_test(cells_become_fields),
        cmocka_unit_test(a_header_that_is_not_known_is_said),
        cmocka_unit_test(an_amendment_names_its_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
