/* Walking over what stood. */
#include "services/aggregator/versions.h"

#include "services/aggregator/history/history.h"
#include "services/aggregator/near.h"

static bool town_fits(const struct question *question, uint32_t town) {
    bool fits = question->town_count == 0;
    for (uint32_t i = 0; i < question->town_count && !fits; i++) {
        fits = question->towns[i] == town;
    }
    return fits;
}

static bool day_fits(const struct question *question, int32_t day) {
    if (day == DAY_NONE) {
        return range_is_open(question->range);
    }
    return !question->undated && range_holds(question->range, day);
}

static bool fits_filters(const struct question *question, const struct report *report) {
    bool programmes = question->programmes == PROGRAMMES_ANY || (question->programmes & report->programmes) != 0;
    return programmes && town_fits(question, report->town);
}

struct walk {
    const struct versions *versions;
    standing_visit visit;
    void *data;
};

static int look_at(const struct walk *walk, const struct standing *standing) {
    const struct versions *versions = walk->versions;
    const struct report *report = standing->report;
    bool fits = report_is_live(report) && versions->keys[report->unit] != KEY_OUT &&
                day_fits(versions->question, report->day) && fits_filters(versions->question, report);
    return fits ? walk->visit(walk->data, standing) : 0;
}

/* Whether the version matters, and how. */
static bool way_of(const struct versions *versions, const struct report *report, enum standing_way *way) {
    bool stood = report_since(report) <= versions->question->at;
    if (!versions->near || !near_holds(versions->near, report->day)) {
        *way = STOOD;
        return stood;
    }
    *way = stood ? STOOD_NEAR : CAME_LATER;
    return !stood || history_is_shared(versions->tally->history, report->activity);
}

static int walk_reports(const struct walk *walk, uint32_t from, uint32_t to) {
    const struct reports *reports = &walk->versions->tally->reports;
    int result = 0;
    for (uint32_t number = from; number < to && result == 0; number++) {
        const struct report *report = &reports->items[number];
        enum standing_way way;
        if (way_of(walk->versions, report, &way)) {
            result = look_at(walk, &(struct standing){report, reports_measures(reports, report), number, way});
        }
    }
    return result;
}

static int walk_past(const struct walk *walk, uint32_t from, uint32_t to) {
    const struct history *history = walk->versions->tally->history;
    const struct kept_measure *measures = (const struct kept_measure *)(const void *)history->measures.rows;
    int result = 0;
    for (uint32_t i = from; i < to && result == 0; i++) {
        const struct past_report *row = ledger_row(&history->reports, i);
        if (version_stands(&row->version, walk->versions->question->at)) {
            struct standing standing = {&row->report, NULL, row->number, STOOD};
            standing.measures = row->report.measure_count > 0 ? measures + row->report.measures : NULL;
            result = look_at(walk, &standing);
        }
    }
    return result;
}

/* The first version that ended after `at`: they stand in the order of their ends. */
static uint32_t past_after(const struct ledger *past, uint64_t at) {
    uint32_t low = 0;
    uint32_t high = past->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (((const struct past_report *)ledger_row(past, middle))->version.until <= at) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static uint32_t share(const struct versions *versions, uint32_t count, uint32_t part) {
    return (uint32_t)((uint64_t)count * part / versions->parts);
}

int versions_walk(const struct versions *versions, standing_visit visit, void *data) {
    struct walk walk = {versions, visit, data};
    const struct ledger *ledger = &versions->tally->history->reports;
    uint32_t reports = versions->tally->reports.count;
    uint32_t first = past_after(ledger, versions->question->at);
    uint32_t past = ledger->count - first;
    uint32_t part = versions->part;
    int result = walk_reports(&walk, share(versions, reports, part), share(versions, reports, part + 1));
    return result < 0 ? result
                      : walk_past(&walk, first + share(versions, past, part), first + share(versions, past, part + 1));
}
