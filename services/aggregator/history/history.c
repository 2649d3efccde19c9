/* The book of earlier versions. */
#include "services/aggregator/history/history.h"

#include <stdlib.h>

#include "services/aggregator/column.h"
#include "services/aggregator/tally.h"

enum { LEDGER_MEASURES, LEDGER_REPORTS, LEDGER_MERGES, LEDGER_UNITS, LEDGERS };

static int open_history(struct tally *tally) {
    tally->history = calloc(1, sizeof *tally->history);
    if (!tally->history) {
        return -(int)ERR_NO_MEMORY;
    }
    ledger_start(&tally->history->measures, sizeof(struct kept_measure));
    ledger_start(&tally->history->reports, sizeof(struct past_report));
    ledger_start(&tally->history->merges, sizeof(struct past_merge));
    ledger_start(&tally->history->units, sizeof(struct past_unit));
    return 0;
}

static void close_history(struct tally *tally) {
    struct history *history = tally->history;
    if (history) {
        ledger_free(&history->measures);
        ledger_free(&history->reports);
        ledger_free(&history->merges);
        ledger_free(&history->units);
        free(history->standing);
        free(history->past_first);
        free(history->past_next);
        free(history->shared);
    }
    free(history);
    tally->history = NULL;
}

static struct ledger *ledger_of(struct tally *tally, uint32_t number) {
    struct ledger *const ledgers[LEDGERS] = {&tally->history->measures, &tally->history->reports,
                                             &tally->history->merges, &tally->history->units};
    return ledgers[number];
}

/* ---- rows that are read back ---- */

static bool name_fits(const struct tally *tally, uint32_t name) {
    return name == NAME_NONE || name < tally->names.count;
}

static bool report_fits(const struct tally *tally, const struct past_report *row) {
    const struct report *report = &row->report;
    uint64_t measures_end = (uint64_t)report->measures + report->measure_count;
    return row->number < tally->reports.count && report->activity < tally->reports.count &&
           report->unit < units_count(&tally->units) && day_is_valid(report->day) && name_fits(tally, report->town) &&
           report->attendances_counted <= APPROX_COUNT && report->minutes_counted <= APPROX_COUNT &&
           report->programmes <= PROGRAMMES_ALL && measures_end <= tally->history->measures.count;
}

static bool unit_fits(const struct tally *tally, const struct past_unit *row) {
    uint32_t count = units_count(&tally->units);
    return row->unit < count && (row->continued == UNIT_NONE || row->continued < count) &&
           name_fits(tally, row->name) && name_fits(tally, row->kind);
}

static bool fits(const struct tally *tally, uint32_t number, const void *row) {
    const struct past_merge *merge = row;
    switch (number) {
    case LEDGER_MEASURES:
        return ((const struct kept_measure *)row)->measure < tally->measures.count;
    case LEDGER_REPORTS:
        return report_fits(tally, row);
    case LEDGER_MERGES:
        return merge->into < tally->reports.count && merge->from < tally->reports.count;
    default:
        return unit_fits(tally, row);
    }
}

/* ---- what is shared ---- */

static int share(struct history *history, uint32_t activity) {
    uint32_t word = activity / 64;
    int result = column_reserve(&history->shared, &history->shared_capacity, (uint64_t)word + 1, sizeof(uint64_t));
    while (result == 0 && history->shared_count <= word) {
        history->shared[history->shared_count++] = 0;
    }
    if (result == 0) {
        history->shared[word] |= UINT64_C(1) << activity % 64;
    }
    return result;
}

int history_note(struct tally *tally, uint32_t number) {
    uint32_t activity = tally->reports.items[number].activity;
    return activity == number ? 0 : share(tally->history, activity);
}

static int link_past(struct history *history, uint32_t number) {
    const struct past_report *row = ledger_row(&history->reports, number);
    uint32_t activity = row->report.activity;
    if (column_reserve(&history->past_first, &history->past_first_capacity, (uint64_t)activity + 1, sizeof(uint32_t)) <
            0 ||
        column_reserve(&history->past_next, &history->past_next_capacity, (uint64_t)number + 1, sizeof(uint32_t)) < 0) {
        return -(int)ERR_NO_MEMORY;
    }
    while (history->past_first_count <= activity) {
        history->past_first[history->past_first_count++] = 0;
    }
    history->past_next[number] = history->past_first[activity];
    history->past_first[activity] = number + 1;
    return 0;
}

int history_keep(struct tally *tally, uint32_t number, uint64_t seq) {
    struct history *history = tally->history;
    const struct report *report = &tally->reports.items[number];
    struct past_report row = {.version = {report_since(report), seq}, .report = *report, .number = number};
    const struct kept_measure *measures = reports_measures(&tally->reports, report);
    row.report.measures = history->measures.count;
    for (uint8_t i = 0; i < report->measure_count; i++) {
        if (ledger_add(&history->measures, &measures[i]) == LEDGER_NONE) {
            return -(int)ERR_NO_MEMORY;
        }
    }
    uint32_t kept = ledger_add(&history->reports, &row);
    return kept == LEDGER_NONE ? -(int)ERR_NO_MEMORY : link_past(history, kept);
}

static int fold_merge(struct tally *tally, const struct event *event) {
    struct past_merge row = {
        .since = event->seq,
        .into = reports_find(&tally->reports, &event->body->activity_merge.into),
        .from = reports_find(&tally->reports, &event->body->activity_merge.from),
    };
    int result = share(tally->history, row.into);
    result = result < 0 ? result : share(tally->history, row.from);
    return result < 0 || ledger_add(&tally->history->merges, &row) != LEDGER_NONE ? result : -(int)ERR_NO_MEMORY;
}

/* ---- units ---- */

static int stand(struct history *history, uint32_t unit, uint32_t row) {
    int result = column_reserve(&history->standing, &history->standing_capacity, (uint64_t)unit + 1, sizeof(uint32_t));
    while (result == 0 && history->standing_count <= unit) {
        history->standing[history->standing_count++] = 0;
    }
    if (result == 0) {
        history->standing[unit] = row + 1;
    }
    return result;
}

static int fold_unit(struct tally *tally, const struct event *event) {
    struct history *history = tally->history;
    uint32_t unit = units_find(&tally->units, event->unit);
    const struct unit_face *face = &tally->units.items[unit].face;
    struct past_unit row = {.version = {.since = event->seq},
                            .unit = unit,
                            .name = face->name,
                            .kind = face->kind,
                            .continued = face->continued,
                            .order = face->order,
                            .closed = face->closed};
    uint32_t before = unit < history->standing_count ? history->standing[unit] : 0;
    uint32_t number =
        before > 0 ? ledger_replace(&history->units, before - 1, &row, event->seq) : ledger_add(&history->units, &row);
    return number == LEDGER_NONE ? -(int)ERR_NO_MEMORY : stand(history, unit, number);
}

void history_faces(const struct tally *tally, uint64_t at, struct unit_face *faces) {
    for (uint32_t unit = 0; unit < units_count(&tally->units); unit++) {
        faces[unit] = at == AT_HEAD ? tally->units.items[unit].face : UNIT_FACE_NONE;
    }
    const struct ledger *units = &tally->history->units;
    for (uint32_t i = 0; i < units->count && at != AT_HEAD; i++) {
        const struct past_unit *row = ledger_row(units, i);
        if (version_stands(&row->version, at)) {
            faces[row->unit] = (struct unit_face){row->name, row->kind, row->continued, row->order, row->closed != 0};
        }
    }
}

/* ---- the book ---- */

static int complete(struct tally *tally) {
    struct history *history = tally->history;
    int result = 0;
    for (uint32_t i = 0; i < tally->reports.count && result == 0; i++) {
        result = history_note(tally, i);
    }
    for (uint32_t i = 0; i < history->reports.count && result == 0; i++) {
        const struct past_report *row = ledger_row(&history->reports, i);
        result = row->report.activity == row->number ? 0 : share(history, row->report.activity);
        result = result < 0 ? result : link_past(history, i);
    }
    for (uint32_t i = 0; i < history->merges.count && result == 0; i++) {
        const struct past_merge *row = ledger_row(&history->merges, i);
        result = share(history, row->into);
        result = result < 0 ? result : share(history, row->from);
    }
    for (uint32_t i = 0; i < history->units.count && result == 0; i++) {
        const struct past_unit *row = ledger_row(&history->units, i);
        result = row->version.until == 0 ? stand(history, row->unit, i) : 0;
    }
    return result;
}

static int fold(struct tally *tally, const struct event *event, struct error *error) {
    (void)error;
    return event->type == EVENT_UNIT_SET ? fold_unit(tally, event) : fold_merge(tally, event);
}

static const struct book_interest interests[] = {{EVENT_UNIT_SET, SKIM_WHOLE}, {EVENT_ACTIVITY_MERGED, SKIM_WHOLE}};

const struct book book_of_history = {
    .ledgers = LEDGERS,
    .interests = interests,
    .interest_count = sizeof interests / sizeof *interests,
    .open = open_history,
    .close = close_history,
    .ledger = ledger_of,
    .fits = fits,
    .complete = complete,
    .fold = fold,
};
