/* The days: intake itself opens each day of the brigade with a clock.day, in its time zone, also those during which it
 * was down. No fold reads a clock.
 *
 * The id of a day's event is derived from the day and its unit, so that no day is opened twice.
 */
#include <stdio.h>

#include "common/clock.h"
#include "services/intake/intake.h"

#define DAYS_BACK 400
#define DAY_MS INT64_C(86400000)
#define MINUTE_MS INT64_C(60000)
#define LOOK_MS 10000 /* how late a day may be opened; the clock may be set */

static int32_t offset_of(const struct intake *intake) {
    return (int32_t)config_int(intake->service->config, SETTING_UTC_OFFSET);
}

static struct id id_of_day(const struct unit_entry *unit, int32_t day) {
    char date[DATE_TEXT_SIZE];
    char material[EVENT_UNIT_MAX + 40];
    day_format(day, date);
    int length = snprintf(material, sizeof material, "clock.day %s %s", unit->path, date);
    return id_derive(day * DAY_MS, material, (size_t)length);
}

/* The last day that was opened; without any, the day before the unit began. */
static int32_t find_last(struct intake *intake, const struct unit_entry *unit, int32_t today) {
    for (int32_t day = today; day > today - DAYS_BACK; day--) {
        struct id id = id_of_day(unit, day);
        uint64_t seq;
        int found = history_find(&intake->history, &id, &seq);
        if (found < 0) {
            decide_failed(intake);
        }
        if (found == 1) {
            return day;
        }
    }
    int32_t begun = day_of_time(unit->since, offset_of(intake)) - 1;
    return begun < today ? begun : today - 1;
}

static bool open_day(struct intake *intake, const struct unit_entry *unit, int32_t day) {
    union event_body body = {.clock_day = {.day = day}};
    wire_set(&body.clock_day.present, FIELD_clock_day_day);
    struct event event = {
        .id = id_of_day(unit, day),
        .type = EVENT_CLOCK_DAY,
        .unit = text_of(unit->path),
        .at = day * DAY_MS - offset_of(intake) * MINUTE_MS,
        .body = &body,
    };
    return decide_own(intake, &event);
}

void days_tick(struct intake *intake) {
    struct days *days = &intake->days;
    const struct unit_entry *unit = directory_first_root(intake->directory);
    if (!unit || intake->draining) {
        return;
    }
    int32_t today = day_of_time(clock_now(), offset_of(intake));
    if (!days->known || days->last > today) {
        days->last = find_last(intake, unit, today);
        days->known = true;
    }
    if (days->last < today - DAYS_BACK) {
        days->last = today - DAYS_BACK;
    }
    while (days->last < today && open_day(intake, unit, days->last + 1)) {
        days->last++;
    }
}

static void on_timer(uv_timer_t *timer) {
    days_tick(timer->data);
}

int days_open(struct intake *intake, struct error *error) {
    uv_timer_init(intake->service->loop, &intake->days.timer);
    intake->days.timer.data = intake;
    intake->handles++;
    int result = uv_timer_start(&intake->days.timer, on_timer, 0, LOOK_MS);
    return result == 0 ? 0 : error_setf(error, ERR_IO, "uv_timer_start: %s", uv_strerror(result));
}
