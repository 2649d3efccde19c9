/* The book of planned activities. */
#include "services/aggregator/agenda/agenda.h"

#include <stdlib.h>

#include "services/aggregator/column.h"
#include "services/aggregator/tally.h"

#define CHINA_MINUTES 480 /* days are those of UTC+08:00 */
#define HOLDERS_MAX 30    /* of activity.units */

enum { LEDGER_HOLDERS, LEDGER_PLANNED, LEDGERS };

static int open_agenda(struct tally *tally) {
    tally->agenda = calloc(1, sizeof *tally->agenda);
    if (!tally->agenda) {
        return -(int)ERR_NO_MEMORY;
    }
    ledger_start(&tally->agenda->holders, sizeof(uint32_t));
    ledger_start(&tally->agenda->planned, sizeof(struct planned));
    return 0;
}

static void close_agenda(struct tally *tally) {
    if (tally->agenda) {
        ledger_free(&tally->agenda->holders);
        ledger_free(&tally->agenda->planned);
        free(tally->agenda->latest);
        free(tally->agenda->before);
        free(tally->agenda->next);
        present_free(&tally->agenda->present);
        late_free(&tally->agenda->late);
    }
    free(tally->agenda);
    tally->agenda = NULL;
}

static struct ledger *ledger_of(struct tally *tally, uint32_t number) {
    return number == LEDGER_HOLDERS ? &tally->agenda->holders : &tally->agenda->planned;
}

static bool fits(const struct tally *tally, uint32_t number, const void *row) {
    const struct planned *planned = row;
    if (number == LEDGER_HOLDERS) {
        return *(const uint32_t *)row < units_count(&tally->units);
    }
    return planned->activity < tally->reports.count && day_is_valid(planned->last_day) &&
           planned->holder_count <= HOLDERS_MAX &&
           (uint64_t)planned->holders + planned->holder_count <= tally->agenda->holders.count;
}

/* ---- versions ---- */

uint32_t agenda_month(int32_t month) {
    return month < 0 ? 0 : month >= AGENDA_MONTHS ? AGENDA_MONTHS - 1 : (uint32_t)month;
}

static const struct planned *row_of(const struct agenda *agenda, uint32_t link) {
    return ledger_row(&agenda->planned, link - 1);
}

/* The row is the last version of its activity, and one of its month. */
static int link_row(struct agenda *agenda, uint32_t number) {
    const struct planned *row = row_of(agenda, number + 1);
    uint64_t rows = (uint64_t)number + 1;
    if (column_reserve(&agenda->latest, &agenda->latest_capacity, (uint64_t)row->activity + 1, sizeof(uint32_t)) < 0 ||
        column_reserve(&agenda->before, &agenda->before_capacity, rows, sizeof(uint32_t)) < 0 ||
        column_reserve(&agenda->next, &agenda->next_capacity, rows, sizeof(uint32_t)) < 0) {
        return -(int)ERR_NO_MEMORY;
    }
    while (agenda->latest_count <= row->activity) {
        agenda->latest[agenda->latest_count++] = 0;
    }
    agenda->before[number] = agenda->latest[row->activity];
    agenda->latest[row->activity] = number + 1;
    agenda->next[number] = 0;
    if (row->last_day != DAY_NONE) {
        uint32_t *month = &agenda->months[agenda_month(period_of(row->last_day, BY_MONTH))];
        agenda->next[number] = *month;
        *month = number + 1;
    }
    return 0;
}

/* The link of the version that stands; 0 when none does. */
static uint32_t standing_of(const struct agenda *agenda, uint32_t activity) {
    uint32_t link = activity < agenda->latest_count ? agenda->latest[activity] : 0;
    return link != 0 && row_of(agenda, link)->version.until == 0 ? link : 0;
}

const struct planned *agenda_version(const struct agenda *agenda, uint32_t activity, uint64_t at) {
    uint32_t link = at == AT_HEAD                     ? standing_of(agenda, activity)
                    : activity < agenda->latest_count ? agenda->latest[activity]
                                                      : 0;
    while (link != 0 && at != AT_HEAD && !version_stands(&row_of(agenda, link)->version, at)) {
        link = agenda->before[link - 1];
    }
    return link == 0 ? NULL : row_of(agenda, link);
}

bool agenda_was_in(const struct agenda *agenda, uint32_t activity, struct range months) {
    bool found = false;
    for (uint32_t link = agenda_knows(agenda, activity) ? agenda->latest[activity] : 0; link != 0 && !found;
         link = agenda->before[link - 1]) {
        int32_t day = row_of(agenda, link)->last_day;
        found = day != DAY_NONE && range_holds(months, period_of(day, BY_MONTH));
    }
    return found;
}

int32_t agenda_last_day(const struct tally *tally, uint32_t activity) {
    uint32_t link = standing_of(tally->agenda, activity);
    return link == 0 ? DAY_NONE : row_of(tally->agenda, link)->last_day;
}

static int complete(struct tally *tally) {
    int result = 0;
    for (uint32_t i = 0; i < tally->agenda->planned.count && result == 0; i++) {
        result = link_row(tally->agenda, i);
    }
    return result;
}

/* ---- folding ---- */

/* The last of the days; without any, of the end or the beginning, those that are given. */
static int32_t last_of(const struct list *dates, const int64_t *ends_at, const int64_t *starts_at) {
    const int32_t *days = dates->items;
    int32_t last = DAY_NONE;
    for (uint32_t i = 0; i < dates->count; i++) {
        last = days[i] > last ? days[i] : last;
    }
    const int64_t *time = ends_at ? ends_at : starts_at;
    return last == DAY_NONE && time ? day_of_time(*time, CHINA_MINUTES) : last;
}

/* The squads that hold it: those that are listed, else `unit` alone. */
static int put_holders(struct tally *tally, struct planned *row, const struct list *paths, struct text unit) {
    const struct text *listed = paths->count > 0 ? paths->items : &unit;
    row->holders = tally->agenda->holders.count;
    row->holder_count = paths->count > 0 ? paths->count : 1;
    for (uint32_t i = 0; i < row->holder_count; i++) {
        uint32_t holder = units_number(&tally->units, listed[i]);
        if (holder == UNIT_NONE || ledger_add(&tally->agenda->holders, &holder) == LEDGER_NONE) {
            return -(int)ERR_NO_MEMORY;
        }
    }
    return 0;
}

static int fold_planned(struct tally *tally, const struct event *event) {
    const struct wire_activity *body = &event->body->activity;
    struct planned row = {
        .version = {.since = event->seq},
        .activity = tally_number(tally, &event->id),
        .last_day = last_of(&body->dates, wire_has(body->present, FIELD_activity_ends_at) ? &body->ends_at : NULL,
                            wire_has(body->present, FIELD_activity_starts_at) ? &body->starts_at : NULL),
    };
    if (row.activity == REPORT_NONE || put_holders(tally, &row, &body->units, event->unit) < 0) {
        return -(int)ERR_NO_MEMORY;
    }
    uint32_t number = ledger_add(&tally->agenda->planned, &row);
    return number == LEDGER_NONE ? -(int)ERR_NO_MEMORY : link_row(tally->agenda, number);
}

static int fold_changed(struct tally *tally, const struct event *event, uint32_t link) {
    const struct wire_activity_change *body = &event->body->activity_change;
    struct ledger *planned = &tally->agenda->planned;
    struct planned row = *(const struct planned *)ledger_row(planned, link - 1);
    int32_t last = last_of(&body->dates, wire_has(body->present, FIELD_activity_change_ends_at) ? &body->ends_at : NULL,
                           wire_has(body->present, FIELD_activity_change_starts_at) ? &body->starts_at : NULL);
    row.last_day = last == DAY_NONE ? row.last_day : last;
    if (body->units.count > 0 && put_holders(tally, &row, &body->units, event->unit) < 0) {
        return -(int)ERR_NO_MEMORY;
    }
    uint32_t number = ledger_replace(planned, link - 1, &row, event->seq);
    return number == LEDGER_NONE ? -(int)ERR_NO_MEMORY : link_row(tally->agenda, number);
}

static int fold_merged(struct tally *tally, const struct event *event) {
    int result = agenda_note(tally, reports_find(&tally->reports, &event->body->activity_merge.into));
    return result < 0 ? result : agenda_note(tally, reports_find(&tally->reports, &event->body->activity_merge.from));
}

/* What is changed or cancelled. */
static int fold_step(struct tally *tally, const struct event *event) {
    bool changed = event->type == EVENT_ACTIVITY_CHANGED;
    const struct id *id = changed ? &event->body->activity_change.activity : &event->body->activity_cancel.activity;
    uint32_t activity = reports_find(&tally->reports, id);
    uint32_t link = activity == REPORT_NONE ? 0 : standing_of(tally->agenda, activity);
    if (link == 0) {
        return 0;
    }
    int result = changed ? fold_changed(tally, event, link) : ledger_end(&tally->agenda->planned, link - 1, event->seq);
    return result < 0 ? result : agenda_note(tally, activity);
}

static int fold(struct tally *tally, const struct event *event, struct error *error) {
    (void)error;
    switch (event->type) {
    case EVENT_ACTIVITY_PLANNED: {
        int result = fold_planned(tally, event);
        return result < 0 ? result : agenda_note(tally, reports_find(&tally->reports, &event->id));
    }
    case EVENT_ACTIVITY_MERGED:
        return fold_merged(tally, event);
    default:
        return fold_step(tally, event);
    }
}

static const struct book_interest interests[] = {
    {EVENT_ACTIVITY_PLANNED, SKIM_FIELD(activity, units) | SKIM_FIELD(activity, dates) |
                                 SKIM_FIELD(activity, starts_at) | SKIM_FIELD(activity, ends_at)},
    {EVENT_ACTIVITY_CHANGED, SKIM_WHOLE},
    {EVENT_ACTIVITY_CANCELLED, SKIM_WHOLE},
    {EVENT_ACTIVITY_MERGED, SKIM_WHOLE},
};

const struct book book_of_agenda = {
    .ledgers = LEDGERS,
    .interests = interests,
    .interest_count = sizeof interests / sizeof *interests,
    .open = open_agenda,
    .close = close_agenda,
    .ledger = ledger_of,
    .fits = fits,
    .complete = complete,
    .fold = fold,
};
