/* Reports for bench-questions. */
#include "tests/bench/questions_events.h"

#include <stdio.h>
#include <stdlib.h>

#include "services/aggregator/fold.h"

_Noreturn void bench_fail(const char *what) {
    fprintf(stderr, "bench-questions: %s\n", what);
    exit(1);
}

uint32_t bench_draw(struct bench *bench, uint32_t below) {
    bench->seed = bench->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((bench->seed >> 33) % below);
}

static const char *const programmes[] = {"clean-home", "dog", "waste-sorting", "parking", "civilisation-practice"};
static const char *const towns[TOWNS] = {"硖石街道", "海洲街道", "海昌街道", "马桥街道", "许村镇", "长安镇",
                                         "周王庙镇", "盐官镇",   "斜桥镇",   "丁桥镇",   "袁花镇", "黄湾镇"};
static const char *const kinds[] = {"piling", "posters", "bike-parking", "greens", "dumping", "pavement"};
static const char *const measures[][2] = {{"清理垃圾", "吨"}, {"清理垃圾", "车"},     {"发放宣传资料", "份"},
                                          {"劝导", "人次"},   {"清理牛皮癣", "处"},   {"整治乱堆放", "处"},
                                          {"摆放车辆", "辆"}, {"入户走访", "户"},     {"宣讲", "场"},
                                          {"办理犬证", "张"}, {"清理卫生死角", "处"}, {"服务群众", "人次"}};

static struct id id_of(uint64_t number) {
    struct id id = {{7}};
    for (int i = 0; i < 8; i++) {
        id.bytes[8 + i] = (uint8_t)(number >> 8 * (7 - i));
    }
    return id;
}

static void fold(struct bench *bench, enum event_type type, const char *unit, union event_body *body) {
    struct event event = {.type = type,
                          .id = id_of(++bench->seq),
                          .unit = text_of(unit),
                          .body = body,
                          .seq = bench->seq,
                          .received_at = INT64_C(1500000000000) + (int64_t)bench->seq * 30};
    struct error error = {0};
    if (fold_event(bench->tally, &event, &error) < 0) {
        bench_fail(error.text);
    }
    tally_changes_clear(bench->tally);
    bench->tally->position = (struct position){1, 1, bench->seq, 1};
}

static void set_unit(struct bench *bench, const char *path, const char *kind) {
    union event_body body = {.unit = {.name = text_of(path), .kind = text_of(kind)}};
    fold(bench, EVENT_UNIT_SET, path, &body);
}

static void set_units(struct bench *bench) {
    set_unit(bench, "haining", "brigade");
    for (uint32_t i = 0; i < SQUADS; i++) {
        for (uint32_t j = 0; j <= TEAMS; j++) {
            char *path = bench->units[i * (TEAMS + 1) + j];
            snprintf(path, sizeof bench->units[0], j == 0 ? "haining/squad%u" : "haining/squad%u/team%u", i, j);
            set_unit(bench, path, j == 0 ? "squad" : "team");
        }
    }
}

void bench_report(struct bench *bench, int32_t day, const struct id *amends) {
    struct text served[2] = {text_of(programmes[bench_draw(bench, 5)]), text_of(programmes[bench_draw(bench, 5)])};
    struct wire_measure counted[3];
    struct wire_found found = {.kind = text_of(kinds[bench_draw(bench, 6)]), .count = 1 + bench_draw(bench, 20)};
    union event_body body = {.report = {.programmes = {served, bench_draw(bench, 4) == 0 ? 2 : 1}}};
    struct wire_report *one = &body.report;
    uint32_t unit = bench_draw(bench, SQUADS * (TEAMS + 1));
    one->programmes.count = text_equal(served[0], served[1]) ? 1 : one->programmes.count;
    one->date = day - (int32_t)(bench_draw(bench, 20) == 0 ? bench_draw(bench, 300) : bench_draw(bench, 5));
    one->date = one->date < FIRST_DAY ? FIRST_DAY : one->date;
    one->town = text_of(towns[(unit / (TEAMS + 1) + (bench_draw(bench, 8) == 0)) % TOWNS]);
    one->attendances = bench_draw(bench, 60);
    one->attendances_approx = bench_draw(bench, 3) == 0 ? APPROX_AT_LEAST : APPROX_EXACT;
    one->minutes = one->attendances * 90;
    one->measures = (struct list){counted, bench_draw(bench, 4)};
    for (uint32_t i = 0; i < one->measures.count; i++) {
        uint32_t which = bench_draw(bench, 12);
        counted[i] = (struct wire_measure){.name = text_of(measures[which][0]),
                                           .unit = text_of(measures[which][1]),
                                           .quantity = bench_draw(bench, 90000)};
    }
    one->found = (struct list){&found, bench_draw(bench, 3) == 0};
    wire_set(&found.present, FIELD_found_count);
    wire_set(&one->present, FIELD_report_town);
    wire_set(&one->present, FIELD_report_attendances);
    wire_set(&one->present, FIELD_report_minutes);
    one->present |= (uint64_t)(bench_draw(bench, 50) != 0) << FIELD_report_date;
    if (bench_draw(bench, 10) == 0) {
        one->activity = bench->activities[bench_draw(bench, ACTIVITIES)];
        wire_set(&one->present, FIELD_report_activity);
    }
    one->amends = amends ? *amends : (struct id){0};
    bench->reports += !amends;
    fold(bench, amends ? EVENT_REPORT_AMENDED : EVENT_REPORT_SUBMITTED, bench->units[unit], &body);
    bench->activities[bench->seq % ACTIVITIES] = id_of(bench->seq);
}

void bench_fold(struct bench *bench, uint64_t reports) {
    set_units(bench);
    uint64_t first = bench->seq + 1;
    for (uint64_t i = 0; bench->reports < reports; i++) {
        int32_t day = FIRST_DAY + (int32_t)(bench->reports * DAYS / reports);
        struct id earlier = id_of(first + bench_draw(bench, (uint32_t)(bench->seq - first + 1) + 1));
        union event_body body = {0};
        uint32_t dice = bench_draw(bench, 100);
        if (dice < 4 && i > 0) {
            bench_report(bench, day, &earlier);
        } else if (dice == 4 && bench_draw(bench, 4) == 0) {
            body.report_withdrawal.report = earlier;
            fold(bench, EVENT_REPORT_WITHDRAWN, "haining", &body);
        } else if (dice == 5 && bench_draw(bench, 20) == 0) {
            body.activity_merge =
                (struct wire_activity_merge){.into = bench->activities[bench_draw(bench, ACTIVITIES)],
                                             .from = bench->activities[bench_draw(bench, ACTIVITIES)]};
            fold(bench, EVENT_ACTIVITY_MERGED, "haining", &body);
        } else {
            bench_report(bench, day, NULL);
        }
    }
}
