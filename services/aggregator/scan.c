/* Figures as they stood: every version that stood at the position, added up anew, on some threads at once. */
#include <stdlib.h>

#include <uv.h>

#include "services/aggregator/history/history.h"
#include "services/aggregator/merged.h"
#include "services/aggregator/versions.h"

#define PARTS_MAX 8
#define PART_LEAST 50000 /* versions; fewer are not worth a thread */

struct day_period {
    int32_t day;
    int32_t period;
};

struct part {
    const struct tally *tally;
    const struct question *question;
    const struct merged *merged;
    const uint32_t *keys;
    struct rows rows;
    struct day_period known[DAYS_KNOWN]; /* by the day's number, those that were met last */
    struct row last;                     /* the row that was used last, which is often the next one's, too */
    struct error error;
    uint32_t number;
    uint32_t parts;
    int result;
    uv_thread_t thread;
    bool beside;
};

/* The cell of a row; CELL_NONE with the part's error. */
static uint32_t cell_at(struct part *part, struct row wanted) {
    struct row *last = &part->last;
    if (last->unit == wanted.unit && last->programme == wanted.programme && last->town == wanted.town &&
        last->period == wanted.period) {
        return last->cell;
    }
    const struct row *row = rows_at(&part->rows, wanted, &part->error);
    if (!row) {
        return CELL_NONE;
    }
    *last = *row;
    return row->cell;
}

static int add_activity(struct part *part, uint32_t cell, const struct standing *standing) {
    struct cell *item = &part->rows.cells.items[cell];
    uint32_t activity = standing->report->activity;
    if (!history_is_shared(part->tally->history, activity)) {
        item->alone++;
        return 0;
    }
    int result = cells_share(&part->rows.cells, cell, merged_root(part->merged, activity));
    return result < 0 ? error_set(&part->error, ERR_NO_MEMORY, (struct error_words){0}) : 0;
}

static int add_to_row(struct part *part, struct row wanted, const struct standing *standing) {
    uint32_t cell = cell_at(part, wanted);
    if (cell == CELL_NONE) {
        return -(int)part->error.code;
    }
    int result = question_needs_measures(part->question)
                     ? cells_add(&part->rows.cells, cell, standing->report, standing->measures)
                     : cells_add_figures(&part->rows.cells, cell, standing->report);
    if (result < 0) {
        struct error_words words = {.field = "a sum of the row", .value = "it", .limit = "the range of integers"};
        return error_set(&part->error, (enum error_code) - result, words);
    }
    return add_activity(part, cell, standing);
}

static int32_t period_in(struct part *part, int32_t day) {
    enum granularity size = part->question->granularity;
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
    const struct question *question = part->question;
    const struct report *report = standing->report;
    struct row row = {
        .unit = part->keys[report->unit],
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
    part->last = (struct row){.unit = KEY_OUT};
    for (int i = 0; i < DAYS_KNOWN; i++) {
        part->known[i].day = DAY_NONE;
    }
    if (question_needs_measures(part->question)) {
        cells_densify(&part->rows.cells, part->tally->measures.count);
    }
    part->result = versions_walk(part->tally, part->question, part->keys, part->number, part->parts, add, part);
}

static int take_over(struct rows *rows, struct part *part, const struct question *question, struct error *error) {
    for (uint32_t i = 0; i < part->rows.count; i++) {
        const struct row *row = rows_at(rows, part->rows.items[i], error);
        if (!row) {
            return -(int)error->code;
        }
        int result = question_needs_measures(question)
                         ? cells_merge(&rows->cells, row->cell, &part->rows.cells, part->rows.items[i].cell)
                         : cells_merge_figures(&rows->cells, row->cell, &part->rows.cells, part->rows.items[i].cell);
        if (result < 0) {
            struct error_words words = {.field = "a sum of the row", .value = "it", .limit = "the range of integers"};
            return error_set(error, (enum error_code) - result, words);
        }
    }
    return 0;
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

int rows_from_versions(struct rows *rows, const struct tally *tally, const struct question *question,
                       struct error *error) {
    struct merged merged = {0};
    struct part *parts = calloc(PARTS_MAX, sizeof *parts);
    uint32_t count = parts_for(tally);
    if (!parts || merged_make(&merged, tally, question->at) < 0) {
        merged_free(&merged);
        free(parts);
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    for (uint32_t i = 0; i < count; i++) {
        parts[i] = (struct part){
            .tally = tally, .question = question, .merged = &merged, .keys = rows->keys, .number = i, .parts = count};
    }
    run_parts(parts, count);
    int result = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (result == 0 && parts[i].result < 0) {
            *error = parts[i].error;
            result = parts[i].result;
        }
        result = result < 0 ? result : take_over(rows, &parts[i], question, error);
        rows_free(&parts[i].rows);
    }
    merged_free(&merged);
    free(parts);
    return result;
}
