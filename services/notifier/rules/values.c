/* Values of templates. */
#include "services/notifier/rules/values.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "proto/programme.h"

#define UTC_OFFSET 480 /* minutes: China Standard Time */
#define MS_PER_MINUTE INT64_C(60000)
#define MINUTES_PER_DAY 1440

int32_t values_day_of(int64_t at) {
    return day_of_time(at, UTC_OFFSET);
}

int64_t values_time_of(int32_t day, int32_t minutes) {
    return ((int64_t)day * MINUTES_PER_DAY + minutes - UTC_OFFSET) * MS_PER_MINUTE;
}

void values_moment(int64_t at, char out[VALUES_MOMENT_SIZE]) {
    struct tm date;
    time_t second = (time_t)(at / 1000 + UTC_OFFSET * 60);
    gmtime_r(&second, &date);
    strftime(out, VALUES_MOMENT_SIZE, "%Y-%m-%d %H:%M", &date);
}

static void set(struct value_room *room, enum template_field field, int length) {
    int room_left = VALUE_BYTES - 1;
    room->values.items[field] = (struct text){room->texts[field], (uint32_t)(length < room_left ? length : room_left)};
}

void values_text(struct value_room *room, enum template_field field, struct text text) {
    if (text.length > 0) {
        set(room, field, snprintf(room->texts[field], VALUE_BYTES, "%.*s", (int)text.length, text.data));
    }
}

void values_number(struct value_room *room, enum template_field field, int64_t number) {
    set(room, field, snprintf(room->texts[field], VALUE_BYTES, "%" PRId64, number));
}

void values_day(struct value_room *room, enum template_field field, int32_t day) {
    int year;
    int month;
    int day_of_month;
    day_split(day, &year, &month, &day_of_month);
    set(room, field, snprintf(room->texts[field], VALUE_BYTES, "%d月%d日", month, day_of_month));
}

void values_month(struct value_room *room, enum template_field field, int32_t month) {
    set(room, field,
        snprintf(room->texts[field], VALUE_BYTES, "%" PRId32 "年%" PRId32 "月", 1970 + month / 12, month % 12 + 1));
}

void values_hours(struct value_room *room, enum template_field field, int64_t minutes) {
    int64_t tenths = minutes / 6;
    set(room, field,
        snprintf(room->texts[field], VALUE_BYTES, tenths % 10 ? "%" PRId64 ".%" PRId64 : "%" PRId64, tenths / 10,
                 tenths % 10));
}

void values_start(struct value_room *room, struct text unit, struct text rule, int64_t at) {
    int64_t minutes = at / MS_PER_MINUTE + UTC_OFFSET;
    int time = (int)(minutes % MINUTES_PER_DAY);
    room->values = (struct template_values){0};
    values_text(room, TEMPLATE_UNIT, unit);
    values_text(room, TEMPLATE_RULE, rule);
    values_day(room, TEMPLATE_DATE, values_day_of(at));
    set(room, TEMPLATE_TIME, snprintf(room->texts[TEMPLATE_TIME], VALUE_BYTES, "%02d:%02d", time / 60, time % 60));
}

/* ---- events ---- */

static void put_programmes(struct value_room *room, const struct list *codes) {
    const struct text *items = codes->items;
    char *out = room->texts[TEMPLATE_PROGRAMME];
    int used = 0;
    for (uint32_t i = 0; i < codes->count && used < VALUE_BYTES; i++) {
        int programme = programme_find(items[i]);
        if (programme >= 0) {
            used += snprintf(out + used, (size_t)(VALUE_BYTES - used), "%s%s", used > 0 ? "、" : "",
                             programme_chinese((enum programme)programme));
        }
    }
    if (used > 0) {
        set(room, TEMPLATE_PROGRAMME, used);
    }
}

static void put_report(struct value_room *room, const struct wire_report *report) {
    put_programmes(room, &report->programmes);
    if (wire_has(report->present, FIELD_report_date)) {
        values_day(room, TEMPLATE_BEGUN, report->date);
    }
    if (wire_has(report->present, FIELD_report_attendances)) {
        values_number(room, TEMPLATE_COUNT, report->attendances);
    }
}

static void put_problem(struct value_room *room, const struct wire_problem *problem) {
    char place[VALUE_BYTES];
    snprintf(place, sizeof place, "%.*s%.*s", (int)problem->town.length, problem->town.length ? problem->town.data : "",
             (int)problem->spot.length, problem->spot.length ? problem->spot.data : "");
    values_text(room, TEMPLATE_PLACE, text_of(place));
    if (problem->programme.length > 0) {
        struct text programme[] = {problem->programme};
        put_programmes(room, &(struct list){programme, 1});
    }
}

void values_of_event(struct value_room *room, const struct event *event) {
    const union event_body *body = event->body;
    values_day(room, TEMPLATE_BEGUN, values_day_of(event->at));
    switch (event->type) {
    case EVENT_REPORT_SUBMITTED:
    case EVENT_REPORT_AMENDED:
        put_report(room, &body->report);
        break;
    case EVENT_PROBLEM_RAISED:
        put_problem(room, &body->problem);
        break;
    case EVENT_PROBLEM_ASSIGNED:
        if (wire_has(body->problem_assignment.present, FIELD_problem_assignment_due)) {
            values_day(room, TEMPLATE_DUE, body->problem_assignment.due);
        }
        break;
    case EVENT_NOTICE_ISSUED:
        if (wire_has(body->notice.present, FIELD_notice_confirm_by)) {
            values_day(room, TEMPLATE_DUE, values_day_of(body->notice.confirm_by));
        }
        break;
    default:
        break;
    }
}
