/* The 150 real activities through the importer, row by row: each headcount, unit, length, date and measure as its record
 * says (import_rows.def), the words kept where they say more than the number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "common/import/import.h"

#define FILE_MAX (1024 * 1024)
#define BASIS_NONE (-1)

struct expected {
    const char *number;
    const char *date;
    const char *date_end;
    const char *date_text;
    int64_t headcount;
    enum approx headcount_approx;
    const char *unit;
    int64_t duration;
    int64_t minutes;
    enum approx minutes_approx;
    int basis;
};

struct expected_measure {
    const char *number;
    const char *name;
    int64_t thousandths;
    const char *unit;
    enum approx approx;
};

static const struct expected rows[] = {
#define ROW(number, date, date_end, date_text, count, approx, unit, duration, minutes, minutes_approx, basis) \
    { \
        number,          date, date_end, date_text, count, \
        APPROX_##approx, unit, duration, minutes,   APPROX_##minutes_approx, \
        BASIS_##basis},
#define MEASURE(...)
#include "tests/unit/import_rows.def"
#undef ROW
#undef MEASURE
};

static const struct expected_measure measures[] = {
#define ROW(...)
#define MEASURE(number, name, thousandths, unit, approx) {number, name, thousandths, unit, APPROX_##approx},
#include "tests/unit/import_rows.def"
#undef ROW
#undef MEASURE
};

#define ROWS (sizeof rows / sizeof *rows)
#define MEASURES (sizeof measures / sizeof *measures)

static bool one_unit(void *data, struct text name, char *path) {
    (void)data;
    (void)name;
    snprintf(path, EVENT_UNIT_MAX + 1, "haining/squad");
    return true;
}

static struct text read_file(char *space) {
    char path[4096];
    const char *source = getenv("CHAOXUN_SOURCE");
    snprintf(path, sizeof path, "%s/scripts/data/demo-activities.csv", source ? source : ".");
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t length = fread(space, 1, FILE_MAX, file);
    fclose(file);
    return (struct text){space, (uint32_t)length};
}

static void expect_text(const char *number, const char *what, struct text found, const char *expected) {
    if (!text_equal(found, text_of(expected))) {
        fail_msg("%s: %s is '%.*s', not '%s'", number, what, (int)found.length, found.data ? found.data : "", expected);
    }
}

/* -1: the field must be absent. */
static void expect_number(const char *number, const char *what, bool has, int64_t found, int64_t expected) {
    if (has != (expected >= 0) || (has && found != expected)) {
        fail_msg("%s: %s is %lld, not %lld", number, what, has ? (long long)found : -1LL, (long long)expected);
    }
}

static void expect_day(const char *number, const char *what, bool has, int32_t found, const char *expected) {
    int32_t day = 0;
    assert_true(*expected == '\0' || day_parse(text_of(expected), &day));
    expect_number(number, what, has, found, *expected == '\0' ? -1 : day);
}

static void check_dates(const struct expected *row, const struct wire_report *report) {
    expect_day(row->number, "date", wire_has(report->present, FIELD_report_date), report->date, row->date);
    expect_day(row->number, "date_end", wire_has(report->present, FIELD_report_date_end), report->date_end,
               row->date_end);
    if (*row->date_text != '\0') {
        expect_text(row->number, "date_text", report->date_text, row->date_text);
    }
}

static void check_people(const struct expected *row, const struct wire_report *report) {
    bool has = wire_has(report->present, FIELD_report_attendances);
    expect_number(row->number, "attendances", has, report->attendances, row->headcount);
    if (has) {
        expect_number(row->number, "kind of approximation", true, report->attendances_approx, row->headcount_approx);
        expect_text(row->number, "unit", report->attendances_unit, row->unit);
        assert_true(wire_has(report->present, FIELD_report_attendances_text));
    }
}

static void check_minutes(const struct expected *row, const struct wire_report *report) {
    bool has = wire_has(report->present, FIELD_report_minutes);
    expect_number(row->number, "duration", wire_has(report->present, FIELD_report_duration), report->duration,
                  row->duration);
    expect_number(row->number, "minutes", has, report->minutes, row->minutes);
    if (has) {
        expect_number(row->number, "kind of approximation of minutes", true, report->minutes_approx,
                      row->minutes_approx);
        expect_number(row->number, "basis", true, report->minutes_basis, row->basis);
    }
}

static void check_measures(const struct expected *row, const struct wire_report *report) {
    const struct wire_measure *found = report->measures.items;
    uint32_t count = 0;
    for (size_t i = 0; i < MEASURES; i++) {
        if (strcmp(measures[i].number, row->number) != 0) {
            continue;
        }
        if (count == report->measures.count) {
            fail_msg("%s: %s is missing", row->number, measures[i].name);
        }
        expect_text(row->number, "measure", found[count].name, measures[i].name);
        expect_text(row->number, measures[i].name, found[count].unit, measures[i].unit);
        expect_number(row->number, measures[i].name, true, found[count].quantity, measures[i].thousandths);
        expect_number(row->number, "kind of approximation of the measure", true, found[count].approx,
                      measures[i].approx);
        count++;
    }
    expect_number(row->number, "measures", true, report->measures.count, count);
}

static void each_record_enters_as_it_is(void **state) {
    (void)state;
    char *space = malloc(FILE_MAX);
    struct error error;
    struct import *import = NULL;
    struct import_row row;
    struct arena *arena = arena_create(64 * FILE_MAX);
    const struct import_options options = {.unit = one_unit};
    uint32_t count = 0;
    assert_int_equal(import_open(&import, read_file(space), &options, &error), 0);
    assert_int_equal(ROWS, 150);
    while (import_next(import, arena, &row) == 1) {
        assert_int_equal(row.faults.count, 0);
        const struct wire_report *report = &row.event.body->report;
        expect_text(rows[count].number, "编号", report->number, rows[count].number);
        check_dates(&rows[count], report);
        check_people(&rows[count], report);
        check_minutes(&rows[count], report);
        check_measures(&rows[count], report);
        count++;
    }
    assert_int_equal(count, ROWS);
    import_close(&import);
    arena_destroy(&arena);
    free(space);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_record_enters_as_it_is)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
