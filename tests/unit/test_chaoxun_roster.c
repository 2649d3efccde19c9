/* Rosters: what their rows say, and what that changes of the record. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "common/export/sheet.h"
#include "services/chaoxun/people/roster_match.h"
#include "services/chaoxun/people/roster_seen.h"

#define TODAY "2026-11-23"
#define HEADER "编号,姓名,手机,中队,类别,加入日期,离开日期\n"

#define SHEETS_MAX 100

static struct arena *arena;
static struct volunteer_sheet *sheets[SHEETS_MAX]; /* own the texts of their rows */
static int sheet_count;

static int open_arena(void **state) {
    (void)state;
    arena = arena_create(1 << 22);
    return arena ? 0 : -1;
}

static int close_arena(void **state) {
    (void)state;
    while (sheet_count > 0) {
        volunteer_sheet_close(&sheets[--sheet_count]);
    }
    arena_destroy(&arena);
    return 0;
}

static int32_t day(const char *text) {
    int32_t found = 0;
    assert_true(day_parse(text_of(text), &found));
    return found;
}

/* 许村 and 斜桥 are squads. */
static bool find_unit(void *data, struct text name, char *path) {
    static const struct {
        const char *name;
        const char *path;
    } units[] = {{"许村志愿中队", "haining/xucun"},
                 {"许村", "haining/xucun"},
                 {"haining/xucun", "haining/xucun"},
                 {"斜桥志愿中队", "haining/xieqiao"}};
    (void)data;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (text_equal(name, text_of(units[i].name))) {
            snprintf(path, EVENT_UNIT_MAX + 1, "%s", units[i].path);
            return true;
        }
    }
    return false;
}

static int open_sheet(struct volunteer_sheet **sheet, struct text bytes, const char *unit, struct error *error) {
    const struct volunteer_sheet_options options = {.default_unit = unit, .unit = find_unit, .today = day(TODAY)};
    return volunteer_sheet_open(sheet, bytes, &options, error);
}

static void read_rows(struct text bytes, struct volunteer_row *rows, uint32_t count) {
    struct volunteer_sheet *sheet = NULL;
    struct error error;
    if (open_sheet(&sheet, bytes, NULL, &error) < 0) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(volunteer_sheet_rows(sheet), count);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(volunteer_sheet_next(sheet, arena, &rows[i]), 1);
    }
    assert_true(sheet_count < SHEETS_MAX);
    sheets[sheet_count++] = sheet;
}

static struct volunteer_row read_row(const char *csv) {
    struct volunteer_row row;
    read_rows(text_of(csv), &row, 1);
    return row;
}

static void expect_text(struct text found, const char *expected) {
    if (!text_equal(found, text_of(expected))) {
        fail_msg("%.*s instead of %s", (int)found.length, found.data, expected);
    }
}

static void expect_unit(const struct volunteer_row *row, uint32_t place, const char *expected) {
    assert_true(place < row->volunteer.units.count);
    expect_text(((const struct text *)row->volunteer.units.items)[place], expected);
}

/* ---- the sheet ---- */

static void check_whole_row(const struct volunteer_row *row) {
    assert_int_equal(row->faults.count, 0);
    assert_int_equal(row->row, 2);
    expect_text(row->volunteer.number, "V-0471");
    expect_text(row->volunteer.name, "沈𠮷安");
    expect_text(row->volunteer.phone, "13957312345");
    expect_text(row->volunteer.kind, "机关");
    expect_unit(row, 0, "haining/xucun");
    assert_int_equal(row->volunteer.joined, day("2021-03-05"));
    assert_true(row->leaves);
    assert_int_equal(row->left, day("2026-09-01"));
}

static const char whole[] = HEADER "V-0471,沈𠮷安,139 5731 2345,许村志愿中队,机关,2021年3月5日,2026/9/1\n";

static void reads_utf8_with_and_without_mark(void **state) {
    (void)state;
    char marked[sizeof whole + 3];
    snprintf(marked, sizeof marked, "%s%s", SHEET_BYTE_ORDER_MARK, whole);
    struct volunteer_row row = read_row(whole);
    check_whole_row(&row);
    row = read_row(marked);
    check_whole_row(&row);
}

/* 𠮷 (U+20BB7) takes four bytes there: 0x95 0x34 0xC8 0x35 or the like, never two. */
static void reads_gb18030_with_a_character_of_four_bytes(void **state) {
    (void)state;
    struct buffer bytes = {0};
    struct error error;
    struct volunteer_row row;
    struct buffer one = {0};
    assert_int_equal(sheet_to_gb18030(text_of("𠮷"), &one, &error), 0);
    assert_int_equal(one.length, 4);
    assert_int_equal(sheet_to_gb18030(text_of(whole), &bytes, &error), 0);
    assert_non_null(memmem(bytes.data, bytes.length, one.data, one.length));
    read_rows((struct text){(const char *)bytes.data, (uint32_t)bytes.length}, &row, 1);
    check_whole_row(&row);
    buffer_free(&bytes);
    buffer_free(&one);
}

static void headers_have_synonyms_and_blanks(void **state) {
    (void)state;
    struct volunteer_row row =
        read_row("*志愿者编号,姓　 名,联系电话,所属中队,人员类别,入队时间,退队日期,志愿汇编号\n"
                 "Ｖ－０４７１,沈𠮷安,１３９５７３１２３４５,许村,机关,20210305,2026.9.1,ZYH-1\n");
    check_whole_row(&row);
    expect_text(row.volunteer.platform, "ZYH-1");
}

static void columns_that_are_not_kept_are_told(void **state) {
    (void)state;
    struct volunteer_sheet *sheet = NULL;
    struct error error;
    char left_out[200];
    assert_int_equal(open_sheet(&sheet, text_of("序号,编号,姓名,性别,身份证号码\n1,V-1,王芳,女,330481199001011234\n"),
                                "haining/xucun", &error),
                     0);
    volunteer_sheet_left_out(sheet, left_out, sizeof left_out);
    assert_string_equal(left_out, "序号、性别、身份证号");
    struct volunteer_row row;
    assert_int_equal(volunteer_sheet_next(sheet, arena, &row), 1);
    assert_int_equal(row.faults.count, 0);
    expect_unit(&row, 0, "haining/xucun");
    volunteer_sheet_close(&sheet);
}

static void expect_refused(const char *csv, enum error_code code, const char *word) {
    struct volunteer_sheet *sheet = NULL;
    struct error error = {.code = ERR_OK};
    assert_int_equal(open_sheet(&sheet, text_of(csv), NULL, &error), -(int)code);
    assert_non_null(strstr(error.text_zh, word));
    assert_null(sheet);
}

static void files_without_their_columns_are_refused(void **state) {
    (void)state;
    expect_refused("编号,姓名,中队,心情\nV-1,王芳,许村,好\n", ERR_CSV_HEADER, "心情");
    expect_refused("序号,姓名,中队\n1,王芳,许村\n", ERR_MISSING, "编号");
    expect_refused("编号,姓名\nV-1,王芳\n", ERR_MISSING, "中队");
    expect_refused("编号,姓名,名字,中队\nV-1,王芳,王芳,许村\n", ERR_REPEATED, "姓名");
    expect_refused("", ERR_MISSING, "header");
}

static void expect_fault(const char *csv, enum error_code code, const char *header, const char *told) {
    struct volunteer_row row = read_row(csv);
    char text[ERROR_TEXT_MAX];
    assert_int_equal(row.faults.count, 1);
    assert_int_equal(row.faults.items[0].code, code);
    assert_string_equal(row.faults.items[0].field, header);
    fault_render(&row.faults.items[0], LANGUAGE_ZH, text, sizeof text);
    if (!strstr(text, told)) {
        fail_msg("%s", text);
    }
}

static void bad_cells_are_named(void **state) {
    (void)state;
    expect_fault(HEADER ",王芳,,许村,,,\n", ERR_MISSING, "编号", "请填写“编号”");
    expect_fault(HEADER "V-1,王芳,,无名中队,,,\n", ERR_UNKNOWN_UNIT, "中队", "没有“无名中队”");
    expect_fault(HEADER "V-1,王芳,1395731234x,许村,,,\n", ERR_BAD_FORMAT, "手机", "1395731234x");
    expect_fault(HEADER "许村1,王芳,,许村,,,\n", ERR_BAD_FORMAT, "编号", "许村1");
    expect_fault(HEADER "V-1,王芳,,许村,,2026-02-30,\n", ERR_BAD_FORMAT, "加入日期", "2026-11-23");
    expect_fault(HEADER "V-1,王芳,,许村,,,2026-11-24\n", ERR_TOO_BIG, "离开日期", "不能大于 " TODAY);
    expect_fault(HEADER "V-1,王芳,,许村,,2026-05-06,2026-05-05\n", ERR_CONTRADICTION, "离开日期",
                 "加入日期 2026-05-06");
    expect_fault(HEADER "330481199001011234,王芳,,许村,,,\n", ERR_CARD_NUMBER, "编号", "身份证");
    expect_fault(HEADER "V-1,王芳,,许村,,\n", ERR_CSV_COLUMNS, "2", "6 列");
    expect_fault("编号,姓名,中队,未成年\nV-1,王芳,许村,也许\n", ERR_BAD_WORD, "未成年", "是、否");
    expect_fault("编号,姓名,中队,未成年\nV-1,王芳,许村,是\n", ERR_CONTRADICTION, "监护人同意", "监护人同意");
}

static void one_row_may_name_several_squads(void **state) {
    (void)state;
    struct volunteer_row row = read_row(HEADER "V-1,王芳,,许村、斜桥志愿中队；许村志愿中队,,,\n");
    assert_int_equal(row.volunteer.units.count, 2);
    expect_unit(&row, 0, "haining/xucun");
    expect_unit(&row, 1, "haining/xieqiao");
}

/* ---- who is meant ---- */

struct known {
    struct wire_volunteer_entry entry;
    struct text units[2];
    struct wire_service_entry left[1];
};

static void know(struct known *known, uint8_t id, const char *name, const char *unit, const char *left) {
    *known = (struct known){.units = {text_of(unit)}};
    known->entry = (struct wire_volunteer_entry){
        .id = {{id}}, .number = text_of("V-1"), .name = text_of(name), .units = {known->units, 1}};
    if (left) {
        known->left[0] = (struct wire_service_entry){.unit = text_of(unit), .left = day(left)};
        known->entry.left = (struct list){known->left, 1};
    }
}

static enum roster_match match(const char *csv, const struct known *known, uint32_t count, uint8_t *id) {
    struct wire_volunteer_entry entries[4];
    const struct wire_volunteer_entry *who;
    struct volunteer_row row = read_row(csv);
    for (uint32_t i = 0; i < count; i++) {
        entries[i] = known[i].entry;
    }
    enum roster_match found = roster_match(&row, &(struct list){entries, count}, &who);
    *id = who ? who->id.bytes[0] : 0;
    return found;
}

static void numbers_mean_a_volunteer_of_the_squad(void **state) {
    (void)state;
    const char row[] = HEADER "V-1,王芳,,许村,,,\n";
    struct known known[3] = {0};
    uint8_t id;
    assert_int_equal(match(row, NULL, 0, &id), ROSTER_NEW);
    know(&known[0], 1, "沈佳", "haining/xieqiao", NULL);
    assert_int_equal(match(row, known, 1, &id), ROSTER_NEW); /* another squad's number, another name */
    know(&known[1], 2, "王方", "haining/xucun", NULL);
    assert_int_equal(match(row, known, 2, &id), ROSTER_KNOWN);
    assert_int_equal(id, 2);
    know(&known[2], 3, "王芳", "haining/xucun", "2026-01-01");
    assert_int_equal(match(row, known, 3, &id), ROSTER_KNOWN); /* who serves comes before who left */
    assert_int_equal(id, 2);
    assert_int_equal(match(row, known + 2, 1, &id), ROSTER_KNOWN);
    assert_int_equal(id, 3);
    know(&known[2], 3, "王芳", "haining/xucun", NULL);
    assert_int_equal(match(row, known, 3, &id), ROSTER_SEVERAL);
}

static void one_of_the_same_name_elsewhere_is_the_same(void **state) {
    (void)state;
    struct known known[2];
    uint8_t id;
    know(&known[0], 1, "王芳", "haining/xieqiao", NULL);
    know(&known[1], 2, "王芳", "haining/dingqiao", NULL);
    assert_int_equal(match(HEADER "V-1,王芳,,许村,,,\n", known, 1, &id), ROSTER_ELSEWHERE);
    assert_int_equal(id, 1);
    assert_int_equal(match(HEADER "V-1,,,许村,,,\n", known, 1, &id), ROSTER_NEW); /* no name says nothing */
    assert_int_equal(match(HEADER "V-1,王芳,,许村,,,\n", known, 2, &id), ROSTER_SEVERAL);
}

/* ---- what differs ---- */

static int changes(const char *csv, const struct known *known, bool joins, struct wire_volunteer *body) {
    struct volunteer_row row = read_row(csv);
    return roster_changes(&row, &known->entry, joins, arena, body);
}

static void only_what_differs_is_sent(void **state) {
    (void)state;
    struct known known;
    struct wire_volunteer body;
    know(&known, 7, "王芳", "haining/xucun", NULL);
    known.entry.phone = text_of("13957312345");
    assert_int_equal(changes(HEADER "V-1,王芳,139-5731-2345,许村,,,\n", &known, true, &body), 0);
    assert_int_equal(changes(HEADER "V-1,,,许村,,,\n", &known, true, &body), 0); /* empty cells change nothing */
    assert_int_equal(changes(HEADER "V-1,王方,13957312345,许村,青年学生,2026-05-06,\n", &known, true, &body), 1);
    assert_int_equal(body.volunteer.bytes[0], 7);
    expect_text(body.name, "王方");
    expect_text(body.kind, "青年学生");
    assert_int_equal(body.joined, day("2026-05-06"));
    uint64_t expected = 0;
    wire_set(&expected, FIELD_volunteer_volunteer);
    wire_set(&expected, FIELD_volunteer_name);
    wire_set(&expected, FIELD_volunteer_kind);
    wire_set(&expected, FIELD_volunteer_joined);
    assert_int_equal(body.present, expected);
}

static void squads_are_added_and_never_taken_away(void **state) {
    (void)state;
    struct known known;
    struct wire_volunteer body;
    know(&known, 7, "王芳", "haining/xucun", NULL);
    known.units[1] = text_of("haining/dingqiao");
    known.entry.units.count = 2;
    assert_int_equal(changes(HEADER "V-1,王芳,,斜桥志愿中队,,,\n", &known, false, &body), 0);
    assert_int_equal(changes(HEADER "V-1,王芳,,斜桥志愿中队,,,\n", &known, true, &body), 1);
    assert_int_equal(body.units.count, 3);
    expect_text(((struct text *)body.units.items)[2], "haining/xieqiao");
    know(&known, 7, "王芳", "haining/xucun", "2026-01-01"); /* who left comes again */
    assert_int_equal(changes(HEADER "V-1,王芳,,许村,,,\n", &known, true, &body), 1);
    assert_int_equal(body.units.count, 1);
    expect_text(((struct text *)body.units.items)[0], "haining/xucun");
}

static void a_day_of_leaving_is_known(void **state) {
    (void)state;
    struct known known;
    int32_t left = 0;
    know(&known, 7, "王芳", "haining/xucun", "2026-01-01");
    assert_false(roster_serves(&known.entry, text_of("haining/xucun")));
    assert_true(roster_has_left(&known.entry, text_of("haining"), &left));
    assert_int_equal(left, day("2026-01-01"));
    assert_false(roster_has_left(&known.entry, text_of("haining/xieqiao"), &left));
}

/* ---- what was seen ---- */

static void rows_are_known_again(void **state) {
    (void)state;
    struct roster_seen *seen = roster_seen_create(4);
    uint32_t before = 0;
    struct volunteer_row rows[4];
    read_rows(text_of(HEADER "V-1,王芳,,许村,,,\nV-1,王芳,,许村,,,\nV-1,王方,,许村,,,\nV-1,王芳,,斜桥志愿中队,,,\n"),
              rows, 4);
    assert_non_null(seen);
    assert_int_equal(roster_seen_row(seen, &rows[0], &before), ROSTER_FIRST);
    assert_int_equal(roster_seen_row(seen, &rows[1], &before), ROSTER_SAME);
    assert_int_equal(roster_seen_row(seen, &rows[2], &before), ROSTER_DIFFERS);
    assert_int_equal(before, 2);
    assert_int_equal(roster_seen_row(seen, &rows[3], &before), ROSTER_FIRST);
    assert_false(roster_seen_person(seen, &rows[0], 1));
    assert_true(roster_seen_person(seen, &rows[3], 1));
    assert_false(roster_seen_person(seen, &rows[3], 2));
    assert_false(roster_seen_new(seen, &rows[0]));
    assert_true(roster_seen_new(seen, &rows[3]));
    assert_false(roster_seen_new(seen, &rows[2]));
    roster_seen_free(&seen);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_utf8_with_and_without_mark),
        cmocka_unit_test(reads_gb18030_with_a_character_of_four_bytes),
        cmocka_unit_test(headers_have_synonyms_and_blanks),
        cmocka_unit_test(columns_that_are_not_kept_are_told),
        cmocka_unit_test(files_without_their_columns_are_refused),
        cmocka_unit_test(bad_cells_are_named),
        cmocka_unit_test(one_row_may_name_several_squads),
        cmocka_unit_test(numbers_mean_a_volunteer_of_the_squad),
        cmocka_unit_test(one_of_the_same_name_elsewhere_is_the_same),
        cmocka_unit_test(only_what_differs_is_sent),
        cmocka_unit_test(squads_are_added_and_never_taken_away),
        cmocka_unit_test(a_day_of_leaving_is_known),
        cmocka_unit_test(rows_are_known_again),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
