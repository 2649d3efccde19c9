/* Reports of a busy squad. */
#include "services/chaoxun/load_event.h"

#include <stdio.h>

#include "common/clock.h"

#define FIRST_DAY 20454 /* 2026-01-01 */
#define DAYS 365

static const char narrative[] = "上午八点半，队员和社区居民一起清理楼道堆物、清除墙面小广告，"
                                "劝导乱停放的非机动车入位，并把破损护栏转交街道处理。";

static void fill_report(struct wire_report *report, struct text *programme, struct wire_measure measures[2],
                        uint64_t number, struct text title) {
    *programme = text_of(number % 3 == 0 ? "waste-sorting" : "clean-home");
    measures[0] = (struct wire_measure){.name = text_of("清理牛皮癣"),
                                        .quantity = (int64_t)(number % 300) * 1000,
                                        .unit = text_of("处"),
                                        .approx = APPROX_AT_LEAST};
    measures[1] = (struct wire_measure){
        .name = text_of("发放宣传资料"), .quantity = (int64_t)(number % 500) * 1000, .unit = text_of("份")};
    measures[0].present = shape_of(SHAPE_measure)->required_fields | UINT64_C(1) << FIELD_measure_approx;
    measures[1].present = shape_of(SHAPE_measure)->required_fields;
    *report = (struct wire_report){.programmes = {programme, 1},
                                   .date = FIRST_DAY + (int32_t)(number % DAYS),
                                   .attendances = 10 + (int64_t)(number % 40),
                                   .minutes = 600 + (int64_t)(number % 1200),
                                   .measures = {measures, 2},
                                   .title = title,
                                   .place = text_of("梅园社区中心广场"),
                                   .narrative = text_of(narrative)};
    static const unsigned fields[] = {FIELD_report_programmes, FIELD_report_date,     FIELD_report_attendances,
                                      FIELD_report_minutes,    FIELD_report_measures, FIELD_report_title,
                                      FIELD_report_place,      FIELD_report_narrative};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        wire_set(&report->present, fields[i]);
    }
}

int load_event(struct text unit, uint64_t number, struct buffer *out) {
    union event_body body;
    struct text programme;
    struct wire_measure measures[2];
    char title[80];
    snprintf(title, sizeof title, "清洁家园志愿服务第%llu次活动", (unsigned long long)number % 10000);
    fill_report(&body.report, &programme, measures, number, text_of(title));
    int64_t now = clock_now();
    struct event event = {
        .id = id_new(now), .type = EVENT_REPORT_SUBMITTED, .unit = unit, .at = now, .body = &body, .has_side = true};
    return codec_encode_event(&event, PART_CLIENT, out);
}
