/* Contributions. */
#include "services/aggregator/contribution.h"

#include <inttypes.h>
#include <stdio.h>

#include "proto/fold_settings.h"
#include "services/aggregator/agenda/agenda.h"
#include "services/aggregator/moments/moments.h"
#include "services/aggregator/settings/settings.h"

/* Limits of proto/tables/report.h. */
#define FOUND_COUNT_MAX 1000000
#define ATTENDANCES_MAX 1000000
#define MINUTES_MAX 100000000
#define QUANTITY_MAX INT64_C(1000000000000)

#define HEADCOUNT "参与"

int contribution_damaged(const struct event *event, const char *what, struct error *error) {
    char field[48];
    snprintf(field, sizeof field, "journal seq %" PRIu64, event->seq);
    return error_set(error, ERR_CORRUPT, (struct error_words){.field = field, .value = what});
}

/* The name is `name` and the unit `unit` of a report's measure, or a kind of problem without a unit. */
static int add_measure(struct tally *tally, struct contribution *out, enum measure_sort sort, struct text name,
                       struct text unit, struct kept_measure kept) {
    uint32_t before = tally->measures.count;
    struct measure measure = {tally_name(tally, name), tally_name(tally, unit), sort};
    if (measure.name == NAME_NONE || measure.unit == NAME_NONE) {
        return -(int)ERR_NO_MEMORY;
    }
    kept.measure = measures_number(&tally->measures, measure);
    if (kept.measure == MEASURE_NONE ||
        (kept.measure >= before && dirty_mark(&tally->dirty[SAVED_MEASURES], kept.measure) < 0)) {
        return -(int)ERR_NO_MEMORY;
    }
    out->measures[out->report.measure_count++] = kept;
    return 0;
}

static int add_measures(struct tally *tally, const struct wire_report *body, struct contribution *out) {
    const struct wire_measure *items = body->measures.items;
    int result = 0;
    for (uint32_t i = 0; i < body->measures.count && result == 0; i++) {
        struct kept_measure kept = kept_measure(0, items[i].quantity, (enum approx)items[i].approx);
        result = add_measure(tally, out, MEASURE_REPORTED, items[i].name, items[i].unit, kept);
    }
    return result;
}

/* A kind that was found but not counted is at least one. */
static int add_found(struct tally *tally, const struct wire_report *body, struct contribution *out) {
    const struct wire_found *items = body->found.items;
    int result = 0;
    for (uint32_t i = 0; i < body->found.count && result == 0; i++) {
        bool counted = wire_has(items[i].present, FIELD_found_count);
        struct kept_measure kept =
            kept_measure(0, counted ? items[i].count : 1, counted ? APPROX_EXACT : APPROX_AT_LEAST);
        result = add_measure(tally, out, MEASURE_FOUND, items[i].kind, text_of(""), kept);
        if (result == 0 && wire_has(items[i].present, FIELD_found_solved)) {
            kept = kept_measure(0, items[i].solved, APPROX_EXACT);
            result = add_measure(tally, out, MEASURE_SOLVED, items[i].kind, text_of(""), kept);
        }
    }
    return result;
}

static int add_headcount(struct tally *tally, const struct wire_report *body, struct contribution *out) {
    if (!wire_has(body->present, FIELD_report_attendances)) {
        return 0;
    }
    if (!unit_counts_people(body->attendances_unit)) {
        struct kept_measure kept = kept_measure(0, body->attendances * 1000, (enum approx)body->attendances_approx);
        return add_measure(tally, out, MEASURE_REPORTED, text_of(HEADCOUNT), body->attendances_unit, kept);
    }
    out->report.attendances = (uint32_t)body->attendances;
    out->report.attendances_counted = (uint8_t)(body->attendances_approx + 1);
    return 0;
}

static bool in_range(int64_t value, int64_t most) {
    return value >= 0 && value <= most;
}

static bool is_approx(int32_t approx) {
    return in_range(approx, APPROX_COUNT - 1);
}

/* The limits of the tables, on which the compact rows rely: intake let nothing else into the journal. */
static bool within_limits(const struct wire_report *body) {
    const struct wire_measure *items = body->measures.items;
    bool fits = in_range(body->attendances, ATTENDANCES_MAX) && is_approx(body->attendances_approx) &&
                in_range(body->minutes, MINUTES_MAX) && is_approx(body->minutes_approx) &&
                body->measures.count <= REPORT_MEASURES_MAX;
    if (wire_has(body->present, FIELD_report_date)) {
        fits = fits && body->date >= DAY_LEAST && body->date <= DAY_MOST;
    }
    for (uint32_t i = 0; fits && i < body->measures.count; i++) {
        fits = in_range(items[i].quantity, QUANTITY_MAX) && is_approx(items[i].approx);
    }
    const struct wire_found *found = body->found.items;
    fits = fits && body->found.count <= REPORT_FOUND_MAX;
    for (uint32_t i = 0; fits && i < body->found.count; i++) {
        fits = in_range(found[i].count, FOUND_COUNT_MAX) && in_range(found[i].solved, FOUND_COUNT_MAX);
    }
    return fits;
}

/* A programme that this build does not know has no rows of its own; a build that knows it folds again. */
static_assert(PROGRAMME_COUNT <= 8, "a bit each in a report's programmes");

int contribution_of(struct tally *tally, const struct event *event, uint32_t number, struct contribution *out,
                    struct error *error) {
    const struct wire_report *body = &event->body->report;
    bool limits = within_limits(body) && event->seq <= REPORT_SINCE_MAX;
    if (!limits || event->unit.length == 0 || event->unit.length > EVENT_UNIT_MAX) {
        return contribution_damaged(event, "a value is over its limit", error);
    }
    bool in_town = wire_has(body->present, FIELD_report_town);
    bool joins = wire_has(body->present, FIELD_report_activity);
    *out = (struct contribution){0};
    out->report = (struct report){
        .unit = units_number(&tally->units, event->unit),
        .day = wire_has(body->present, FIELD_report_date) ? body->date : DAY_NONE,
        .activity = joins ? tally_number(tally, &body->activity) : number,
        .town = in_town ? tally_name(tally, body->town) : NAME_NONE,
        .since_low = (uint32_t)event->seq,
        .since_high = (uint16_t)(event->seq >> 32),
        .programmes = (uint8_t)programme_bits(&body->programmes),
        .state = (uint8_t)(REPORT_KNOWN | REPORT_LIVE | (body->demo ? REPORT_DEMO : 0)),
        .warnings = (uint8_t)event->warnings,
    };
    if (out->report.unit == UNIT_NONE || out->report.activity == REPORT_NONE ||
        (in_town && out->report.town == NAME_NONE)) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    if (wire_has(body->present, FIELD_report_minutes)) {
        out->report.minutes = (uint32_t)body->minutes;
        out->report.minutes_counted = (uint8_t)(body->minutes_approx + 1);
    }
    int result = add_headcount(tally, body, out);
    result = result < 0 ? result : add_measures(tally, body, out);
    return result < 0 ? result : add_found(tally, body, out);
}

/* ---- late ---- */

/* The last day of what is reported: the planned activity's, else its own. */
static int32_t last_day_of(const struct tally *tally, const struct wire_report *body, uint32_t activity) {
    int32_t last = agenda_last_day(tally, activity);
    if (last != DAY_NONE) {
        return last;
    }
    const int32_t *days = body->dates.items;
    last = wire_has(body->present, FIELD_report_date) ? body->date : DAY_NONE;
    last = wire_has(body->present, FIELD_report_date_end) && body->date_end > last ? body->date_end : last;
    for (uint32_t i = 0; i < body->dates.count; i++) {
        last = days[i] > last ? days[i] : last;
    }
    return last;
}

bool contribution_is_late(const struct tally *tally, const struct wire_report *body, const struct report *report) {
    int32_t today = moments_today(tally, AT_HEAD);
    int32_t last = last_day_of(tally, body, report->activity);
    if (today == DAY_UNKNOWN || last == DAY_NONE || today <= last) {
        return false;
    }
    int64_t days[FOLD_NUMBERS_MAX] = {0};
    const struct fold_setting_row *row = fold_setting_row(FOLD_REPORT_DUE_DAYS);
    struct text value = settings_value(tally, report->unit, row->name, AT_HEAD);
    if (value.length == 0 || !fold_setting_parse(FOLD_REPORT_DUE_DAYS, value, days)) {
        (void)fold_setting_parse(FOLD_REPORT_DUE_DAYS, text_of(row->initial), days);
    }
    return today > last + days[0];
}
