/* Figures as they stand: rows from views, whose number is that of the rows and periods, not of the reports. */
#include <stdlib.h>

#include "services/aggregator/near.h"

struct collection {
    struct rows *rows;
    struct tally *tally;
    const struct question *question;
    struct error *error;
    const uint32_t *keys;
    const struct near *near; /* only its days, without activities; or NULL */
    struct view_part *parts; /* what the days consist of, each in one period */
    int32_t *periods;        /* of each */
    uint32_t part_count;
    bool lone; /* the rows at hand are of one view */
    uint32_t town_count;
    const uint32_t *towns;
};

static int failed(const struct collection *collection, int result) {
    struct error_words words = {.field = "a sum of the row", .value = "it", .limit = "the range of integers"};
    return result == 0 ? 0 : error_set(collection->error, (enum error_code) - result, words);
}

/* In rows of one view those of its activities that lie in one part only are no more than a number, and all of them where the
 * row has no other part (`sole`). */
static int add_activities(const struct collection *collection, const struct view_node *node, bool sole, uint32_t to) {
    const struct cell *cell = &collection->tally->views.cells.items[node->cell];
    uint64_t alone = cell->alone;
    const roaring_bitmap_t *shared = cell->shared;
    if (collection->lone && sole && shared) {
        alone += roaring_bitmap_get_cardinality(shared);
        shared = NULL;
    } else if (collection->lone) {
        alone += node->within;
        shared = node->across;
    }
    return cells_merge_activities(&collection->rows->cells, to, alone, shared);
}

/* Adds a part of a view to its row, which is made when something is in it. */
static int add_part(const struct collection *collection, uint32_t view, struct view_part part, struct row row,
                    bool sole) {
    const struct view_node *node;
    int result = views_sum(collection->tally, view, part, &node);
    if (result < 0 || !node) {
        return failed(collection, result);
    }
    const struct row *found = rows_at(collection->rows, row, collection->error);
    if (!found) {
        return -(int)collection->error->code;
    }
    bool measures = question_needs_measures(collection->question);
    const struct cells *sums = &collection->tally->views.cells;
    result = cells_merge_sums(&collection->rows->cells, found->cell, sums, node->cell, measures);
    if (result == 0 && !collection->near) {
        result = add_activities(collection, node, sole, found->cell);
    }
    return failed(collection, result);
}

static int add_undated(const struct collection *collection, uint32_t view, struct row row) {
    row.period = collection->question->granularity == BY_ALL ? PERIOD_ALL : PERIOD_NONE;
    return add_part(collection, view, (struct view_part){BY_DAY, PERIOD_NONE}, row, true);
}

/* Whether the part is the only one of its row; periods of parts rise, and with days in one row there are none without. */
static bool is_sole(const struct collection *collection, uint32_t number) {
    const int32_t *period = &collection->periods[number];
    bool begins = number == 0 || period[-1] != *period;
    bool ends = number + 1 == collection->part_count || period[1] != *period;
    return begins && ends;
}

/* The days of the range, or of it those that are near. */
static int add_days(const struct collection *collection, uint32_t view, struct row row) {
    int result = 0;
    for (uint32_t i = 0; i < collection->part_count && result == 0; i++) {
        if (i % VIEWS_FETCHED == 0) {
            views_fetch(&collection->tally->views, view, &collection->parts[i], collection->part_count - i);
        }
        row.period = collection->periods[i];
        result = add_part(collection, view, collection->parts[i], row, is_sole(collection, i));
    }
    return result;
}

/* All days that are asked for, each period in its row. */
static int add_view(const struct collection *collection, uint32_t view, struct row row) {
    const struct question *question = collection->question;
    bool open = range_is_open(question->range);
    bool undated = collection->near ? collection->near->undated : open;
    if (open && question->granularity == BY_ALL && !question->undated && !collection->near) {
        return add_part(collection, view, (struct view_part){BY_ALL, PERIOD_ALL}, row, true);
    }
    int result = undated ? add_undated(collection, view, row) : 0;
    return result < 0 ? result : add_days(collection, view, row);
}

static int add_towns(const struct collection *collection, struct view_key key, struct row row) {
    struct tally *tally = collection->tally;
    int result = 0;
    for (uint32_t i = 0; i < collection->town_count && result == 0; i++) {
        key.town = collection->towns[i];
        row.town = collection->question->by_town ? key.town : TOWN_ANY;
        uint32_t view = views_number(tally, key);
        result = view == TABLE_NONE ? error_set(collection->error, ERR_NO_MEMORY, (struct error_words){0})
                                    : add_view(collection, view, row);
    }
    return result;
}

/* One unit, alone or with all under it, whose reports stand in the rows of `key`. */
static int add_unit(const struct collection *collection, uint32_t unit, bool below, uint32_t key) {
    const struct question *question = collection->question;
    struct view_key view = {.unit = unit, .below = below, .programmes = question->programmes};
    struct row row = {.unit = key, .period = PERIOD_ALL};
    if (!question->by_programme) {
        return add_towns(collection, view, row);
    }
    int result = 0;
    for (uint32_t programme = 0; programme < PROGRAMME_COUNT && result == 0; programme++) {
        if ((question->programmes >> programme & 1) != 0) {
            view.programmes = (uint8_t)(1U << programme);
            row.programme = programme + 1;
            result = add_towns(collection, view, row);
        }
    }
    return result;
}

/* Where a whole subtree stands in one row, its view is taken at once. Children have higher numbers than their parents. */
static void find_whole(const struct collection *collection, bool *whole) {
    const struct units *units = &collection->tally->units;
    const uint32_t *keys = collection->keys;
    uint32_t count = units_count(units);
    for (uint32_t unit = 0; unit < count; unit++) {
        whole[unit] = true;
    }
    for (uint32_t unit = count; unit-- > 0;) {
        uint32_t parent = units->items[unit].parent;
        if (parent != UNIT_NONE && (keys[unit] != keys[parent] || !whole[unit])) {
            whole[parent] = false;
        }
    }
}

static bool has_view(const struct collection *collection, const bool *whole, uint32_t unit) {
    uint32_t parent = collection->tally->units.items[unit].parent;
    return collection->keys[unit] != KEY_OUT && (parent == UNIT_NONE || !whole[parent]);
}

/* UNIT_NONE, the key of all units together, stands last. */
static uint32_t *source_of(uint32_t *sources, uint32_t count, uint32_t key) {
    return &sources[key == UNIT_NONE ? count : key];
}

/* `sources`, by key: how many units have a view in its rows. */
static int add_units(struct collection *collection, bool *whole, uint32_t *sources) {
    const uint32_t *keys = collection->keys;
    uint32_t count = units_count(&collection->tally->units);
    bool towns_apart = collection->question->by_town || collection->town_count <= 1;
    find_whole(collection, whole);
    for (uint32_t unit = 0; unit < count; unit++) {
        if (has_view(collection, whole, unit)) {
            ++*source_of(sources, count, keys[unit]);
        }
    }
    int result = 0;
    for (uint32_t unit = 0; unit < count && result == 0; unit++) {
        if (has_view(collection, whole, unit)) {
            collection->lone = towns_apart && *source_of(sources, count, keys[unit]) == 1;
            result = add_unit(collection, unit, whole[unit], keys[unit]);
        }
    }
    return result;
}

/* By town, every town that any report named, and none; else those that are asked for. */
static int choose_towns(struct collection *collection, uint32_t **made) {
    static const uint32_t any = TOWN_ANY;
    const struct question *question = collection->question;
    collection->towns = question->town_count > 0 ? question->towns : &any;
    collection->town_count = question->town_count > 0 ? question->town_count : 1;
    if (question->town_count > 0 || !question->by_town) {
        return 0;
    }
    const struct calendar *calendar = &collection->tally->calendar;
    *made = malloc(((size_t)calendar->town_count + 1) * sizeof **made);
    if (!*made) {
        return -(int)ERR_NO_MEMORY;
    }
    for (uint32_t i = 0; i < calendar->town_count; i++) {
        (*made)[i] = calendar->towns[i];
    }
    (*made)[calendar->town_count] = TABLE_NONE;
    collection->towns = *made;
    collection->town_count = calendar->town_count + 1;
    return 0;
}

/* ---- which days ---- */

static void split_run(struct collection *collection, struct range days) {
    enum granularity size = collection->question->granularity;
    for (int32_t day = days.from; day <= days.to;) {
        struct span span = span_at(day, days, size);
        collection->parts[collection->part_count] = (struct view_part){span.size, span.number};
        collection->periods[collection->part_count++] = period_of(day, size);
        day = span.next;
    }
}

/* Splits the days into parts. 0 or -ERR_NO_MEMORY. */
static int split_days(struct collection *collection) {
    const struct near *near = collection->near;
    struct range days = range_within(collection->question->range, collection->tally->calendar.known);
    size_t most = range_is_empty(days) ? 1 : (size_t)((int64_t)days.to - days.from + 1);
    struct range run;
    collection->parts = malloc(most * sizeof *collection->parts);
    collection->periods = malloc(most * sizeof *collection->periods);
    if (!collection->parts || !collection->periods) {
        return -(int)ERR_NO_MEMORY;
    }
    if (!near && !collection->question->undated) {
        split_run(collection, days);
    }
    for (int32_t day = near ? near->days.from : 0; near && near_next(near, day, &run); day = run.to + 1) {
        split_run(collection, run);
    }
    return 0;
}

static int collect(struct collection *collection) {
    struct tally *tally = collection->tally;
    uint32_t *towns = NULL;
    bool *whole = malloc(units_count(&tally->units) + 1);
    uint32_t *sources = calloc((size_t)units_count(&tally->units) + 1, sizeof *sources);
    views_tidy(&tally->views);
    int result = whole && sources && choose_towns(collection, &towns) == 0 && split_days(collection) == 0
                     ? add_units(collection, whole, sources)
                     : error_set(collection->error, ERR_NO_MEMORY, (struct error_words){0});
    free(towns);
    free(whole);
    free(sources);
    free(collection->parts);
    free(collection->periods);
    return result;
}

int rows_from_views(struct rows *rows, struct tally *tally, const struct question *question, struct error *error) {
    struct collection collection = {
        .rows = rows, .tally = tally, .question = question, .error = error, .keys = rows->keys};
    return collect(&collection);
}

int rows_from_near(struct rows *rows, const uint32_t *keys, struct tally *tally, const struct question *question,
                   const struct near *near, struct error *error) {
    struct collection collection = {
        .rows = rows, .tally = tally, .question = question, .error = error, .keys = keys, .near = near};
    return collect(&collection);
}
