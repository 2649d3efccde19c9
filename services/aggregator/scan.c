/* Figures as they stood: every version that stood at the position, added up anew, on some threads at once; of days that are
 * near, the sums as they stand, less what came later. */
#include <assert.h>
#include <stdlib.h>

#include <uv.h>

#include "services/aggregator/history/history.h"
#include "services/aggregator/marks.h"
#include "services/aggregator/merged.h"
#include "services/aggregator/near.h"
#include "services/aggregator/versions.h"

#define PARTS_MAX 8
#define PART_LEAST 50000         /* versions; fewer are not worth a thread */
#define MARKS_BYTES (128U << 20) /* of all parts, at most */
#define MARKED_MOST 2000         /* rows */

struct day_period {
    int32_t day;
    int32_t period;
};

/* Rows that are being added up. */
struct adding {
    struct rows rows;
    struct row last; /* the row that was used last, which is often the next one's, too */
};

struct part {
    struct versions versions;
    const struct merged *merged;
    struct adding stood;
    struct marks marks;                  /* by cell of `stood`: activities that several reports may share */
    struct adding later;                 /* near: what the sums as they stand have too much; in `alone`, activities */
    struct day_period known[DAYS_KNOWN]; /* by the day's number, those that were met last */
    struct error error;
    int result;
    uv_thread_t thread;
    bool beside;
};

/* The cell of a row; CELL_NONE with the part's error. */
static uint32_t cell_at(struct part *part, struct adding *adding, struct row wanted) {
    struct row *last = &adding->last;
    if (last->unit == wanted.unit && last->programme == wanted.programme && last->town == wanted.town &&
        last->period == wanted.period) {
        return last->cell;
    }
    const struct row *row = rows_at(&adding->rows, wanted, &part->error);
    if (!row) {
        return CELL_NONE;
    }
    *last = *row;
    return row->cell;
}

static int too_big(struct error *error, int result) {
    struct error_words words = {.field = "a sum of the row", .value = "it", .limit = "the range of integers"};
    return error_set(error, (enum error_code) - result, words);
}

static int add_numbers(struct part *part, struct adding *adding, uint32_t cell, const struct standing *standing) {
    struct cells *cells = &adding->rows.cells;
    int result = question_needs_measures(part->versions.question)
                     ? cells_add(cells, cell, standing->report, standing->measures)
                     : cells_add_figures(cells, cell, standing->report);
    return result < 0 ? too_big(&part->error, result) : 0;
}

/* The activity of a version that stood; only those that several reports may share need a set. */
static int add_activity(struct part *part, uint32_t cell, uint32_t activity) {
    struct cells *cells = &part->stood.rows.cells;
    if (!history_is_shared(part->versions.tally->history, activity)) {
        cells->items[cell].alone++;
        return 0;
    }
    uint32_t root = merged_root(part->merged, activity);
    int result = marks_add(&part->marks, cell, root) ? 0 : cells_share(cells, cell, root);
    return result < 0 ? error_set(&part->error, ERR_NO_MEMORY, (struct error_words){0}) : 0;
}

static int add_to_row(struct part *part, struct row wanted, const struct standing *standing) {
    bool counts = standing->way != CAME_LATER;
    bool corrects = standing->way != STOOD;
    uint32_t cell = counts ? cell_at(part, &part->stood, wanted) : CELL_NONE;
    uint32_t later = corrects ? cell_at(part, &part->later, wanted) : CELL_NONE;
    if ((counts && cell == CELL_NONE) || (corrects && later == CELL_NONE)) {
        return -(int)part->error.code;
    }
    if (corrects) {
        part->later.rows.cells.items[later].alone++;
    }
    int result = standing->way == STOOD        ? add_numbers(part, &part->stood, cell, standing)
                 : standing->way == CAME_LATER ? add_numbers(part, &part->later, later, standing)
                                               : 0;
    return result < 0 || !counts ? result : add_activity(part, cell, standing->report->activity);
}

static int32_t period_in(struct part *part, int32_t day) {
    enum granularity size = part->versions.question->granularity;
    if (day == DAY_NONE || size == BY_ALL) {
        return size == BY_ALL ? PERIOD_ALL : PERIOD_NONE;
    }
    struct day_period *known = &part->known[(uint32_t)day % DAYS_KNOWN];
    if (known->day != day) {
        *known = (struct day_period){day, period_of(day, size)};
    }
    return known->period;
}

static int add(void *data, const struct standing *standing) {
    struct part *part = data;
    const struct question *question = part->versions.question;
    const struct report *report = standing->report;
    struct row row = {
        .unit = part->versions.keys[report->unit],
        .town = question->by_town ? report->town : TOWN_ANY,
        .period = period_in(part, report->day),
    };
    if (!question->by_programme) {
        return add_to_row(part, row, standing);
    }
    int result = 0;
    for (uint32_t programme = 0; programme < PROGRAMME_COUNT && result == 0; programme++) {
        if (((report->programmes & question->programmes) >> programme & 1) != 0) {
            row.programme = programme + 1;
            result = add_to_row(part, row, standing);
        }
    }
    return result;
}

static void run_part(void *data) {
    struct part *part = data;
    struct adding *addings[] = {&part->stood, &part->later};
    for (int i = 0; i < DAYS_KNOWN; i++) {
        part->known[i].day = DAY_NONE;
    }
    for (int i = 0; i < 2; i++) {
        addings[i]->last = (struct row){.unit = KEY_OUT};
        if (question_needs_measures(part->versions.question)) {
            cells_densify(&addings[i]->rows.cells, part->versions.tally->measures.count);
        }
    }
    part->result = versions_walk(&part->versions, add, part);
}

/* Adds rows of one kind to others; those that came to nothing are left out. */
static int take_over(struct rows *rows, const struct rows *from, const struct question *question, struct error *error) {
    for (uint32_t i = 0; i < from->count; i++) {
        const struct cell *cell = &from->cells.items[from->items[i].cell];
        if (cell->reports == 0 && cell->alone == 0 && !cell->shared) {
            continue;
        }
        const struct row *row = rows_at(rows, from->items[i], error);
        if (!row) {
            return -(int)error->code;
        }
        int result = question_needs_measures(question)
                         ? cells_merge(&rows->cells, row->cell, &from->cells, from->items[i].cell)
                         : cells_merge_figures(&rows->cells, row->cell, &from->cells, from->items[i].cell);
        if (result < 0) {
            return too_big(error, result);
        }
    }
    return 0;
}

/* Takes out of the sums of days that are near what came later. What is left of the reports stood, each an activity of its own
 * but those that were found to be shared. */
static int take_later(struct rows *sums, const struct rows *later) {
    int result = 0;
    for (uint32_t i = 0; i < sums->count; i++) {
        struct cell *cell = &sums->cells.items[sums->items[i].cell];
        cell->alone = cell->reports;
    }
    for (uint32_t i = 0; i < later->count && result == 0; i++) {
        const struct row *row = rows_find(sums, later->items[i]);
        assert(row && sums->cells.items && later->cells.items); /* it stands there now */
        sums->cells.items[row->cell].alone -= later->cells.items[later->items[i].cell].alone;
        result = cells_take_sums(&sums->cells, row->cell, &later->cells, later->items[i].cell);
    }
    return result;
}

static uint32_t parts_for(const struct tally *tally) {
    uint64_t versions = (uint64_t)tally->reports.count + tally->history->reports.count;
    uint64_t parts = uv_available_parallelism();
    parts = parts < PARTS_MAX ? parts : PARTS_MAX;
    parts = parts < versions / PART_LEAST ? parts : versions / PART_LEAST;
    return parts > 1 ? (uint32_t)parts : 1;
}

static void run_parts(struct part *parts, uint32_t count) {
    for (uint32_t i = 1; i < count; i++) {
        parts[i].beside = uv_thread_create(&parts[i].thread, run_part, &parts[i]) == 0;
    }
    run_part(&parts[0]);
    for (uint32_t i = 1; i < count; i++) {
        if (parts[i].beside) {
            uv_thread_join(&parts[i].thread);
        } else {
            run_part(&parts[i]);
        }
    }
}

static int run_all(struct part *parts, uint32_t count, struct error *error) {
    run_parts(parts, count);
    for (uint32_t i = 0; i < count; i++) {
        if (parts[i].result < 0) {
            *error = parts[i].error;
            return parts[i].result;
        }
    }
    return 0;
}

/* Puts the marks of the parts into those of the rows. */
static int unite_marks(struct marks *marks, const struct rows *rows, const struct part *part) {
    const struct rows *stood = &part->stood.rows;
    for (uint32_t i = 0; i < stood->count; i++) {
        uint32_t cell = stood->items[i].cell;
        if (!marks_has(&part->marks, cell)) {
            continue;
        }
        const struct row *row = rows_find(rows, stood->items[i]);
        assert(row); /* what is marked stands there */
        if (!marks_unite(marks, row->cell, &part->marks, cell)) {
            return -(int)ERR_NO_MEMORY;
        }
    }
    return 0;
}

struct marked_row {
    struct marks *marks;
    uint32_t cell;
};

static bool mark(uint32_t activity, void *data) {
    const struct marked_row *row = data;
    return marks_add(row->marks, row->cell, activity);
}

/* Each row's activities: those that one part marked may lie in another's bitmap. */
static int count_marks(struct rows *rows, const struct part *parts, uint32_t count) {
    struct marks marks;
    int result = 0;
    marks_open(&marks, parts->versions.tally->reports.count, rows->count, UINT32_MAX);
    for (uint32_t i = 0; i < count && result == 0; i++) {
        result = unite_marks(&marks, rows, &parts[i]);
    }
    for (uint32_t cell = 0; cell < marks.count && result == 0; cell++) {
        struct cell *item = &rows->cells.items[cell];
        struct marked_row row = {&marks, cell};
        if (!marks_has(&marks, cell)) {
            continue;
        }
        if (item->shared) {
            result = roaring_iterate(item->shared, mark, &row) ? 0 : -(int)ERR_NO_MEMORY;
            roaring_bitmap_free(item->shared);
            item->shared = NULL;
        }
        item->alone += (uint32_t)marks_count(&marks, cell);
    }
    marks_close(&marks);
    return result;
}

/* What the parts found, and the sums of the days that are near. */
static int join(struct rows *rows, struct tally *tally, const struct part *parts, uint32_t count, struct error *error) {
    const struct versions *versions = &parts->versions;
    struct rows sums = {0};
    if (question_needs_measures(versions->question)) {
        cells_densify(&sums.cells, tally->measures.count);
    }
    int result =
        versions->near ? rows_from_near(&sums, rows->keys, tally, versions->question, versions->near, error) : 0;
    struct rows later = {0};
    for (uint32_t i = 0; i < count && result == 0; i++) {
        result = take_over(&later, &parts[i].later.rows, versions->question, error);
    }
    if (result == 0 && take_later(&sums, &later) < 0) {
        result = error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    result = result < 0 ? result : take_over(rows, &sums, versions->question, error);
    for (uint32_t i = 0; i < count && result == 0; i++) {
        result = take_over(rows, &parts[i].stood.rows, versions->question, error);
    }
    if (result == 0 && count_marks(rows, parts, count) < 0) {
        result = error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    rows_free(&later);
    rows_free(&sums);
    return result;
}

/* `near` may be NULL. */
static int scan(struct rows *rows, struct tally *tally, const struct question *question, const struct near *near,
                struct error *error) {
    struct merged merged = {0};
    struct part *parts = calloc(PARTS_MAX, sizeof *parts);
    uint32_t count = parts_for(tally);
    bool whole = parts && merged_make(&merged, tally, question->at) == 0;
    uint32_t pieces = MARKS_BYTES / MARKS_PIECE_BYTES / count;
    for (uint32_t i = 0; i < count && whole; i++) {
        parts[i].versions = (struct versions){tally, question, rows->keys, near, i, count};
        parts[i].merged = &merged;
        marks_open(&parts[i].marks, tally->reports.count, MARKED_MOST, pieces);
    }
    int result = -(int)ERR_NO_MEMORY;
    if (whole) {
        result = run_all(parts, count, error);
        result = result < 0 ? result : join(rows, tally, parts, count, error);
    } else {
        error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    for (uint32_t i = 0; i < count && parts; i++) {
        rows_free(&parts[i].stood.rows);
        rows_free(&parts[i].later.rows);
        marks_close(&parts[i].marks);
    }
    merged_free(&merged);
    free(parts);
    return result;
}

/* With the sums as they stand some limit may be reached that what stood does not reach: then it is added up without them. */
int rows_from_versions(struct rows *rows, struct tally *tally, const struct question *question, struct error *error) {
    struct near near;
    int result = near_make(&near, tally, question);
    bool done = result == 0 && near.any && scan(rows, tally, question, &near, error) == 0;
    near_free(&near);
    if (done) {
        return 0;
    }
    rows_begin(rows);
    *error = (struct error){0};
    return scan(rows, tally, question, NULL, error);
}
