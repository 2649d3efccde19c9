/* Activities as the book needs them: programmes, unit, when they begin. */
#include "proto/programme.h"
#include "services/aggregator/people/people.h"
#include "services/aggregator/tally.h"

#define MINUTE_MS INT64_C(60000)

/* The activity's number; `since` when the book hears of it for the first time. */
static uint32_t activity_number(struct people *people, const struct id *id, uint64_t seq) {
    uint32_t before = people->activity_ids.ledger.count;
    uint32_t number = ids_number(&people->activity_ids, id);
    if (number == IDS_NONE || people_reserve_outing(people, number) < 0) {
        return ROW_NONE;
    }
    if (number >= before) {
        people->outings[number].since = seq;
    }
    return number;
}

static int set_row(struct people *people, struct activity_row *row, uint64_t seq) {
    struct ledger *ledger = people_ledger(people, PEOPLE_ACTIVITIES);
    struct outing *outing = &people->outings[row->activity];
    row->version = (struct version){.since = seq};
    outing->row = outing->row == ROW_NONE ? ledger_add(ledger, row) : ledger_replace(ledger, outing->row, row, seq);
    return outing->row == LEDGER_NONE ? -(int)ERR_NO_MEMORY : 0;
}

static void set_start(struct activity_row *row, int64_t starts_at) {
    uint32_t minute = (uint32_t)(starts_at / MINUTE_MS);
    if (starts_at >= 0 && starts_at / MINUTE_MS < UINT32_MAX - UTC_OFFSET_MINUTES) {
        row->day = day_of_minute(minute);
        row->start = time_of_minute(minute);
    }
}

int fold_planned(struct tally *tally, const struct event *event) {
    struct people *people = tally->people;
    const struct wire_activity *body = &event->body->activity;
    struct activity_row row = {
        .activity = activity_number(people, &event->id, event->seq),
        .unit = units_number(&tally->units, event->unit),
        .day = DAY_NONE,
        .start = START_UNKNOWN,
        .duration = wire_has(body->present, FIELD_activity_duration) ? (uint16_t)body->duration : 0,
        .programmes = (uint8_t)programme_bits(&body->programmes),
        .planned = true,
    };
    if (row.activity == ROW_NONE || row.unit == UNIT_NONE) {
        return -(int)ERR_NO_MEMORY;
    }
    if (wire_has(body->present, FIELD_activity_starts_at)) {
        set_start(&row, body->starts_at);
    }
    return set_row(people, &row, event->seq);
}

int fold_changed(struct tally *tally, const struct event *event) {
    struct people *people = tally->people;
    const struct wire_activity_change *body = &event->body->activity_change;
    uint32_t activity = ids_find(&people->activity_ids, &body->activity);
    if (activity == IDS_NONE || people->outings[activity].row == ROW_NONE) {
        return 0;
    }
    struct activity_row row = *people_activity(people, people->outings[activity].row);
    if (wire_has(body->present, FIELD_activity_change_starts_at)) {
        set_start(&row, body->starts_at);
    }
    if (wire_has(body->present, FIELD_activity_change_duration)) {
        row.duration = (uint16_t)body->duration;
    }
    return set_row(people, &row, event->seq);
}

/* The programmes of a report that is an activity of its own; 0 when there is no such report. */
static uint8_t report_programmes(const struct tally *tally, const struct id *id) {
    uint32_t report = reports_find(&tally->reports, id);
    return report == REPORT_NONE ? 0 : tally->reports.items[report].programmes;
}

uint32_t planned_activity(struct tally *tally, const struct event *event, const struct id *id) {
    struct people *people = tally->people;
    uint32_t activity = activity_number(people, id, event->seq);
    if (activity == ROW_NONE || people->outings[activity].row != ROW_NONE) {
        return activity;
    }
    struct activity_row row = {
        .activity = activity,
        .unit = units_number(&tally->units, event->unit),
        .day = DAY_NONE,
        .start = START_UNKNOWN,
        .programmes = report_programmes(tally, id),
    };
    return row.unit == UNIT_NONE || set_row(people, &row, event->seq) < 0 ? ROW_NONE : activity;
}

/* ---- a report's programmes change: its hours follow ---- */

static int follow_credit(struct tally *tally, uint32_t number, uint8_t programmes, uint64_t seq) {
    struct people *people = tally->people;
    struct credit row = *people_credit(people, number);
    struct mix mix = *people_mix(people, row.mix);
    mix.programmes = programmes;
    row.mix = people_mix_number(people, mix);
    row.origin = CREDIT_FOLLOWED;
    return row.mix == ROW_NONE ? -(int)ERR_NO_MEMORY : credit_replace(tally, number, row, seq);
}

static int follow_hours(struct tally *tally, uint32_t hours, uint8_t programmes, uint64_t seq) {
    struct people *people = tally->people;
    uint32_t first = people_hours(people, hours)->first;
    uint32_t count = people_hours(people, hours)->count;
    int result = 0;
    for (uint32_t i = 0; i < count && result == 0; i++) {
        uint32_t volunteer = people_credit(people, first + i)->volunteer;
        result = follow_credit(tally, credit_standing(people, hours, volunteer, AT_HEAD), programmes, seq);
    }
    return result;
}

int fold_report_amended(struct tally *tally, const struct event *event) {
    struct people *people = tally->people;
    const struct id *id = &event->body->report.amends;
    uint32_t activity = ids_find(&people->activity_ids, id);
    if (activity == IDS_NONE || people->outings[activity].row == ROW_NONE) {
        return 0;
    }
    struct activity_row row = *people_activity(people, people->outings[activity].row);
    uint8_t programmes = report_programmes(tally, id);
    if (row.planned || row.programmes == programmes || programmes == 0) {
        return 0;
    }
    row.programmes = programmes;
    int result = set_row(people, &row, event->seq);
    uint32_t next = people->outings[activity].hours;
    for (; next != ROW_NONE && result == 0; next = people_hours(people, next)->before_of_activity) {
        result = follow_hours(tally, next, programmes, event->seq);
    }
    return result;
}
