/* The reports behind a figure. */
#include "services/aggregator/drill.h"

#include "services/aggregator/aggregator.h"
#include "services/aggregator/asked.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/programme.h"
#include "services/aggregator/merged.h"
#include "services/aggregator/versions.h"

#define UNDATED_WORD "-"
#define CURSOR_SIZE 40

#define MARK(shape, field) (UINT64_C(1) << FIELD_##shape##_##field)

/* ---- marks ---- */

/* What a report can be marked with; a state of 0: its warnings. */
static const struct {
    const char *word;
    uint8_t state;
} marks[] = {{"late", REPORT_LATE},
             {"accepted", REPORT_ACCEPTED},
             {"returned", REPORT_RETURNED},
             {"warned", 0},
             {"demo", REPORT_DEMO}};

#define MARKS ((int)(sizeof marks / sizeof *marks))

static bool has_mark(const struct report *report, int mark) {
    return marks[mark].state == 0 ? report->warnings != 0 : (report->state & marks[mark].state) != 0;
}

static int read_mark(const struct wire_totals_query *query, struct drill *drill, struct error *error) {
    drill->mark = MARK_ANY;
    if (!wire_has(query->present, FIELD_totals_query_mark)) {
        return 0;
    }
    for (int mark = 0; mark < MARKS; mark++) {
        drill->mark = text_equal(query->mark, text_of(marks[mark].word)) ? mark : drill->mark;
    }
    return drill->mark != MARK_ANY
               ? 0
               : asked_refuse(ERR_BAD_QUERY, "mark", query->mark, "late, accepted, returned, warned or demo", error);
}

/* ---- pages ---- */

/* "<day or ->.<number>": of the last report of the page before. */
static bool read_cursor(struct text text, struct drilled *last) {
    char copy[CURSOR_SIZE];
    char *end = NULL;
    if (text.length == 0 || text.length >= sizeof copy) {
        return false;
    }
    memcpy(copy, text.data, text.length);
    copy[text.length] = '\0';
    char *point = strchr(copy, '.');
    if (!point || point[1] < '0' || point[1] > '9') {
        return false;
    }
    *point = '\0';
    unsigned long number = strtoul(point + 1, &end, 10);
    last->day = DAY_NONE;
    bool day = strcmp(copy, UNDATED_WORD) == 0 || day_parse(text_of(copy), &last->day);
    last->number = (uint32_t)number;
    return day && *end == '\0' && number < UINT32_MAX;
}

int drill_read(const struct wire_totals_query *query, struct drill *drill, struct error *error) {
    char shown[CURSOR_SIZE];
    *drill = (struct drill){.limit = DRILL_LIMIT};
    if (read_mark(query, drill, error) < 0) {
        return -(int)error->code;
    }
    if (wire_has(query->present, FIELD_totals_query_limit)) {
        snprintf(shown, sizeof shown, "%" PRId64, query->limit);
        if (query->limit < 1 || query->limit > DRILL_LIMIT_MAX) {
            return asked_refuse(ERR_BAD_QUERY, "limit", text_of(shown), "from 1 to 500", error);
        }
        drill->limit = (uint32_t)query->limit;
    }
    drill->continued = wire_has(query->present, FIELD_totals_query_cursor);
    if (drill->continued && !read_cursor(query->cursor, &drill->last)) {
        snprintf(shown, sizeof shown, "%.*s", (int)(query->cursor.length < 30 ? query->cursor.length : 30),
                 query->cursor.data);
        return asked_refuse(ERR_BAD_QUERY, "cursor", text_of(shown), "one that an answer gave", error);
    }
    return 0;
}

/* The latest day first, without a day last; within a day the newest first. */
static int compare(const struct drilled *a, const struct drilled *b) {
    if (a->day != b->day) {
        return a->day > b->day ? -1 : 1;
    }
    return (a->number < b->number) - (a->number > b->number);
}

static int compare_items(const void *a, const void *b) {
    return compare(a, b);
}

static bool lies_behind(const struct drill *drill, const struct drilled *item) {
    return !drill->continued || compare(item, &drill->last) > 0;
}

/* ---- filters beyond those of figures ---- */

static bool has_wanted(const struct question *question, const struct tally *tally, const struct report *report,
                       const struct kept_measure *measures) {
    enum measure_sort sort = question->wants_kinds ? MEASURE_FOUND : MEASURE_REPORTED;
    bool has = question->wanted_count == 0;
    for (uint8_t i = 0; i < report->measure_count && !has; i++) {
        const struct measure *measure = &tally->measures.items[measures[i].measure];
        for (uint32_t j = 0; j < question->wanted_count && !has; j++) {
            has = measure->sort == sort && measure->name == question->wanted[j];
        }
    }
    return has;
}

/* ---- as they stood: the first of all that fit, in a heap whose top is the last of them ---- */

struct search {
    struct drill *drill;
    const struct tally *tally;
    const struct question *question;
};

static void sift_down(struct drilled *items, uint32_t count) {
    for (uint32_t at = 0, child = 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count && compare(&items[child + 1], &items[child]) > 0) {
            child++;
        }
        if (compare(&items[at], &items[child]) >= 0) {
            break;
        }
        struct drilled swapped = items[at];
        items[at] = items[child];
        items[child] = swapped;
        at = child;
    }
}

static void sift_up(struct drilled *items, uint32_t at) {
    while (at > 0 && compare(&items[at], &items[(at - 1) / 2]) > 0) {
        struct drilled swapped = items[at];
        items[at] = items[(at - 1) / 2];
        items[(at - 1) / 2] = swapped;
        at = (at - 1) / 2;
    }
}

static void keep(struct drill *drill, struct drilled item) {
    if (drill->count <= drill->limit) {
        drill->items[drill->count] = item;
        sift_up(drill->items, drill->count++);
    } else if (compare(&item, &drill->items[0]) < 0) {
        drill->items[0] = item;
        sift_down(drill->items, drill->count);
    }
}

static int look_at(void *data, const struct standing *standing) {
    struct search *search = data;
    struct drilled item = {standing->number, standing->report->day, standing->report};
    bool marked = search->drill->mark == MARK_ANY || has_mark(standing->report, search->drill->mark);
    if (marked && lies_behind(search->drill, &item) &&
        has_wanted(search->question, search->tally, standing->report, standing->measures)) {
        keep(search->drill, item);
    }
    return 0;
}

/* ---- as they stand: day by day ---- */

static bool atom_fits(const struct question *question, const struct atom *atom) {
    bool fits = question->programmes == PROGRAMMES_ANY || (question->programmes & atom->programmes) != 0;
    bool in_town = question->town_count == 0;
    for (uint32_t i = 0; i < question->town_count && !in_town; i++) {
        in_town = question->towns[i] == atom->town;
    }
    return fits && in_town;
}

static void look_at_day(struct search *search, const uint32_t *keys, int32_t day) {
    const struct tally *tally = search->tally;
    const struct calendar *calendar = &tally->calendar;
    for (uint32_t unit = 0; unit < calendar->unit_count; unit++) {
        const struct day_atoms *atoms = keys[unit] == KEY_OUT ? NULL : calendar_day(calendar, unit, day);
        for (uint32_t next = atoms ? atoms->first : NODE_NONE; next != NODE_NONE;
             next = calendar->atoms[next - 1].next) {
            uint32_t link =
                atom_fits(search->question, &calendar->atoms[next - 1]) ? calendar->atoms[next - 1].newest : 0;
            for (; link != 0; link = tally->reports.links[link - 1].next) {
                const struct report *report = &tally->reports.items[link - 1];
                look_at(search, &(struct standing){report, reports_measures(&tally->reports, report), link - 1, STOOD});
            }
        }
    }
}

static void look_at_days(struct search *search, const uint32_t *keys) {
    struct drill *drill = search->drill;
    struct range days = range_within(search->question->range, search->tally->calendar.known);
    bool undated_reached = drill->continued && drill->last.day == DAY_NONE;
    int32_t day = drill->continued && !undated_reached && drill->last.day < days.to ? drill->last.day : days.to;
    if (!search->question->undated && !undated_reached) {
        for (; day >= days.from && drill->count <= drill->limit; day--) {
            look_at_day(search, keys, day);
        }
    }
    if (range_is_open(search->question->range) && drill->count <= drill->limit) {
        look_at_day(search, keys, DAY_NONE);
    }
}

int drill_collect(struct drill *drill, struct rows *rows, const struct tally *tally, const struct question *question) {
    struct search search = {drill, tally, question};
    int result = rows_name_units(rows, tally, question);
    if (result == 0 && question->at == AT_HEAD) {
        look_at_days(&search, rows->keys);
    } else if (result == 0) {
        struct versions versions = {.tally = tally, .question = question, .keys = rows->keys, .parts = 1};
        result = versions_walk(&versions, look_at, &search);
    }
    qsort(drill->items, drill->count, sizeof *drill->items, compare_items);
    return result;
}

/* ---- the answer ---- */

static void fill_figures(const struct report *report, struct wire_drill_item *out) {
    if (report->attendances_counted) {
        out->attendances = report->attendances;
        out->present |= MARK(drill_item, attendances);
    }
    if (report->minutes_counted) {
        out->minutes = report->minutes;
        out->present |= MARK(drill_item, minutes);
    }
}

static bool fill_item(const struct tally *tally, const struct merged *merged, const struct drilled *item,
                      struct arena *arena, struct wire_drill_item *out) {
    struct text *programmes = arena_alloc(arena, (PROGRAMME_COUNT + (size_t)MARKS) * sizeof *programmes);
    struct text *words = programmes ? programmes + PROGRAMME_COUNT : NULL;
    *out = (struct wire_drill_item){
        .present = MARK(drill_item, report) | MARK(drill_item, unit) | MARK(drill_item, programmes) |
                   MARK(drill_item, since) | MARK(drill_item, activity) | MARK(drill_item, marks),
        .report = tally->reports.ids[item->number],
        .unit = units_path(&tally->units, item->report->unit),
        .programmes = {programmes, 0},
        .since = (int64_t)report_since(item->report),
        .activity = tally->reports.ids[merged_root(merged, item->report->activity)],
        .marks = {words, 0},
    };
    fill_figures(item->report, out);
    for (int mark = 0; words && mark < MARKS; mark++) {
        if (has_mark(item->report, mark)) {
            words[out->marks.count++] = text_of(marks[mark].word);
        }
    }
    for (uint32_t i = 0; programmes && i < PROGRAMME_COUNT; i++) {
        if ((item->report->programmes >> i & 1) != 0) {
            programmes[out->programmes.count++] = text_of(programme_code((enum programme)i));
        }
    }
    if (item->day != DAY_NONE) {
        out->date = item->day;
        out->present |= MARK(drill_item, date);
    }
    return programmes != NULL;
}

static bool fill_items(const struct drill *drill, const struct tally *tally, uint64_t at, struct arena *arena,
                       const struct list *items) {
    struct merged merged = {0};
    bool made = items->items && merged_make(&merged, tally, at) == 0;
    for (uint32_t i = 0; i < items->count && made; i++) {
        made = fill_item(tally, &merged, &drill->items[i], arena, (struct wire_drill_item *)items->items + i);
    }
    merged_free(&merged);
    return made;
}

int drill_answer(const struct drill *drill, const struct tally *tally, const struct question *question,
                 struct arena *arena, struct wire_drill_answer *answer) {
    uint32_t count = drill->count < drill->limit ? drill->count : drill->limit;
    struct wire_drill_item *items = arena_alloc(arena, (count + 1) * sizeof *items);
    char *as_of = arena_alloc(arena, POSITION_TEXT_SIZE);
    char *cursor = arena_alloc(arena, CURSOR_SIZE);
    if (!as_of || !cursor || !fill_items(drill, tally, question->at, arena, &(struct list){items, count})) {
        return -(int)ERR_NO_MEMORY;
    }
    position_format(&tally->position, as_of);
    *answer = (struct wire_drill_answer){.present = MARK(drill_answer, as_of) | MARK(drill_answer, items),
                                         .as_of = text_of(as_of),
                                         .items = {items, count},
                                         .at = (int64_t)question->at};
    answer->present |= question->at != AT_HEAD ? MARK(drill_answer, at) : 0;
    if (drill->count > count) {
        char day[DATE_TEXT_SIZE] = UNDATED_WORD;
        if (items[count - 1].present & MARK(drill_item, date)) {
            day_format(drill->items[count - 1].day, day);
        }
        snprintf(cursor, CURSOR_SIZE, "%s.%u", day, drill->items[count - 1].number);
        answer->cursor = text_of(cursor);
        answer->present |= MARK(drill_answer, cursor);
    }
    return 0;
}

int answer_drill(struct aggregator *aggregator, const void *query, void *answer, struct error *error) {
    struct question question;
    struct drill *drill = arena_alloc(aggregator->question_arena, sizeof *drill);
    if (!drill) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    int result = question_read(aggregator->tally, query, &question, error);
    if (result == 0) {
        result = drill_read(query, drill, error);
    }
    if (result < 0) {
        return result;
    }
    bool made = drill_collect(drill, &aggregator->rows, aggregator->tally, &question) == 0 &&
                drill_answer(drill, aggregator->tally, &question, aggregator->question_arena, answer) == 0;
    return made ? 0 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}
