/* Walking over what stood. */
#include "services/aggregator/versions.h"

#include "services/aggregator/history/history.h"

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
    const struct tally *tally;
    const struct question *question;
    const uint32_t *keys;
    standing_visit visit;
    void *data;
};

static int look_at(const struct walk *walk, const struct standing *standing) {
    const struct report *report = standing->report;
    bool fits = report_is_live(report) && walk->keys[report->unit] != KEY_OUT &&
                day_fits(walk->question, report->day) && fits_filters(walk->question, report);
    return fits ? walk->visit(walk->data, standing) : 0;
}

static int walk_reports(const struct walk *walk, uint32_t from, uint32_t to) {
    const struct reports *reports = &walk->tally->reports;
    int result = 0;
    for (uint32_t number = from; number < to && result == 0; number++) {
        const struct report *report = &reports->items[number];
        if (report_since(report) <= walk->question->at) {
            result = look_at(walk, &(struct standing){report, reports_measures(reports, report), number});
        }
    }
    return result;
}

static int walk_past(const struct walk *walk, uint32_t from, uint32_t to) {
    const struct history *history = walk->tally->history;
    const struct kept_measure *measures = (const struct kept_measure *)(const void *)history->measures.rows;
    int result = 0;
    for (uint32_t i = from; i < to && result == 0; i++) {
        const struct past_report *row = ledger_row(&history->reports, i);
        if (version_stands(&row->version, walk->question->at)) {
            struct standing standing = {&row->report, NULL, row->number};
            standing.measures = row->report.measure_count > 0 ? measures + row->report.measures : NULL;
            result = look_at(walk, &standing);
        }
    }
    return result;
}

static uint32_t share(uint32_t count, uint32_t part, uint32_t parts) {
    return (uint32_t)((uint64_t)count * part / parts);
}

int versions_walk(const struct tally *tally, const struct question *question, const uint32_t *keys, uint32_t part,
                  uint32_t parts, standing_visit visit, void *data) {
    struct walk walk = {tally, question, keys, visit, data};
    uint32_t reports = tally->reports.count;
    uint32_t past = tally->history->reports.count;
    int result = walk_reports(&walk, share(reports, part, parts), share(reports, part + 1, parts));
    return result < 0 ? result : walk_past(&walk, share(past, part, parts), share(past, part + 1, parts));
}
