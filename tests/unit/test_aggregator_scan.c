/* Figures as they stood over so many reports that several threads add them up: they equal a recount that knows nothing of
 * cells, views or threads. checkers/test_tsan.py runs it once more, watched for races. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "services/aggregator/fold.h"
#include "services/aggregator/rows.h"

#define REPORTS 104000 /* two threads have enough to do */
#define UNITS 3
#define FIRST_DAY 18628 /* 2021-01-01 */
#define DAYS 420
#define MONTHS 30

/* A version of a report, as plain numbers. */
struct version_row {
    uint64_t since;
    uint64_t until; /* 0: it stands */
    uint32_t unit;
    int32_t day;
    uint32_t attendances;
    uint32_t quantity;
    uint32_t activity;
};

struct scene {
    struct tally *tally;
    uint64_t seq;
    uint64_t state;
    struct version_row *versions;
    uint32_t count;
    uint32_t newest[REPORTS]; /* version of each report */
    uint32_t reports;
};

static const char *const paths[UNITS] = {"haining", "haining/xiashi", "haining/xucun"};

static uint32_t draw(struct scene *scene, uint32_t below) {
    scene->state = scene->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((scene->state >> 33) % below);
}

static struct id id_of(uint64_t number) {
    struct id id = {{3}};
    memcpy(id.bytes + 8, &number, sizeof number);
    return id;
}

static void fold(struct scene *scene, enum event_type type, uint64_t id, const char *unit, union event_body *body) {
    struct event event = {
        .type = type, .id = id_of(id), .unit = text_of(unit), .body = body, .seq = ++scene->seq, .received_at = 1};
    assert_int_equal(fold_event(scene->tally, &event, NULL), 0);
    scene->tally->position = (struct position){1, 1, scene->seq, 1};
}

/* Reports are numbered from 1; an amendment has an id of its own behind them. */
static void report(struct scene *scene, uint32_t number, bool amends) {
    struct text programme = text_of("dog");
    struct wire_measure measure = {.name = text_of("劝导"), .unit = text_of("人次"), .quantity = draw(scene, 900)};
    int32_t day = FIRST_DAY + (int32_t)((uint64_t)scene->reports * DAYS / REPORTS);
    struct version_row row = {.unit = draw(scene, UNITS), .day = day, .activity = number};
    row.day -= (int32_t)(draw(scene, 20) == 0 ? draw(scene, 100) : 0);
    row.attendances = draw(scene, 60);
    row.quantity = (uint32_t)measure.quantity;
    union event_body body = {.report = {.programmes = {&programme, 1}, .measures = {&measure, 1}}};
    body.report.date = row.day;
    body.report.attendances = row.attendances;
    body.report.present = UINT64_C(1) << FIELD_report_date | UINT64_C(1) << FIELD_report_attendances;
    if (draw(scene, 8) == 0) {
        row.activity = 1 + draw(scene, number);
        body.report.activity = id_of(row.activity);
        wire_set(&body.report.present, FIELD_report_activity);
    }
    body.report.amends = id_of(amends ? number : 0);
    fold(scene, amends ? EVENT_REPORT_AMENDED : EVENT_REPORT_SUBMITTED, amends ? REPORTS + scene->seq : number,
         paths[row.unit], &body);
    row.since = scene->seq;
    if (amends) {
        scene->versions[scene->newest[number - 1]].until = scene->seq;
    }
    scene->newest[number - 1] = scene->count;
    scene->versions[scene->count++] = row;
}

static struct scene *make_scene(void) {
    struct scene *scene = calloc(1, sizeof *scene);
    scene->tally = tally_create();
    scene->versions = calloc(2 * (size_t)REPORTS, sizeof *scene->versions);
    assert_non_null(scene->tally);
    for (uint32_t unit = 0; unit < UNITS; unit++) {
        union event_body body = {.unit = {.name = text_of(paths[unit]), .kind = text_of("squad")}};
        fold(scene, EVENT_UNIT_SET, 3 * (uint64_t)REPORTS + unit, paths[unit], &body);
    }
    while (scene->reports < REPORTS) {
        report(scene, ++scene->reports, false);
        if (draw(scene, 10) == 0) {
            report(scene, 1 + draw(scene, scene->reports), true);
        }
    }
    return scene;
}

/* ---- the recount ---- */

struct counted {
    uint64_t reports;
    int64_t attendances;
    int64_t quantity;
    uint64_t activities;
};

/* By unit and month, of what stood at `at`. `seen` has a byte for each activity in each of them. */
static void recount(const struct scene *scene, uint64_t at, struct counted out[UNITS][MONTHS]) {
    uint8_t *seen = calloc((size_t)UNITS * MONTHS * (REPORTS + 1), 1);
    assert_non_null(seen);
    for (uint32_t i = 0; i < scene->count; i++) {
        const struct version_row *row = &scene->versions[i];
        if (row->since > at || (row->until != 0 && row->until <= at)) {
            continue;
        }
        int32_t month = period_of(row->day, BY_MONTH) - period_of(FIRST_DAY, BY_MONTH) + 12;
        struct counted *counted = &out[row->unit][month];
        uint8_t *mark = &seen[((size_t)row->unit * MONTHS + (size_t)month) * (REPORTS + 1) + row->activity];
        counted->reports++;
        counted->attendances += row->attendances;
        counted->quantity += row->quantity;
        counted->activities += *mark == 0;
        *mark = 1;
    }
    free(seen);
}

static void compare(struct scene *scene, struct rows *rows, uint64_t at) {
    struct counted expected[UNITS][MONTHS] = {0};
    struct question question = {.at = at,
                                .range = {INT32_MIN, INT32_MAX},
                                .granularity = BY_MONTH,
                                .by_unit = UNITS_EACH,
                                .programmes = PROGRAMMES_ANY,
                                .measures_max = 5};
    struct error error = {0};
    uint32_t filled = 0;
    recount(scene, at, expected);
    assert_int_equal(rows_collect(rows, scene->tally, &question, &error), 0);
    for (uint32_t unit = 0; unit < UNITS; unit++) {
        uint32_t number = units_find(&scene->tally->units, text_of(paths[unit]));
        for (int32_t month = 0; month < MONTHS; month++) {
            const struct counted *counted = &expected[unit][month];
            struct row wanted = {
                .unit = number, .town = TOWN_ANY, .period = period_of(FIRST_DAY, BY_MONTH) - 12 + month};
            const struct row *row = rows_find(rows, wanted);
            assert_int_equal(row != NULL, counted->reports > 0);
            if (!row) {
                continue;
            }
            const struct cell *cell = &rows->cells.items[row->cell];
            assert_int_equal(cell->reports, counted->reports);
            assert_int_equal(cell->attendances.value, counted->attendances);
            assert_int_equal(cells_measure(&rows->cells, row->cell, 0)->value, counted->quantity);
            assert_int_equal(cell_activities(cell), counted->activities);
            filled++;
        }
    }
    assert_int_equal(rows->count, filled);
}

static void many_reports_stand_as_they_stood(void **state) {
    (void)state;
    static const unsigned hundredths[] = {0, 1, 30, 55, 80, 99, 100};
    struct scene *scene = make_scene();
    struct rows rows = {0};
    for (size_t i = 0; i < sizeof hundredths / sizeof *hundredths; i++) {
        compare(scene, &rows, 1 + scene->seq * hundredths[i] / 100);
    }
    rows_free(&rows);
    tally_destroy(&scene->tally);
    free(scene->versions);
    free(scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_reports_stand_as_they_stood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
