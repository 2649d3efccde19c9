/* Collecting the rows about hours from rolls, and their order. */
#include "services/aggregator/people/hours_rows.h"

#include <stdlib.h>

#include "services/aggregator/column.h"
#include "services/aggregator/tally.h"

static void reset(struct hours_rows *rows, const struct people *people) {
    uint32_t volunteers = people->volunteer_ids.ledger.count;
    table_clear(&rows->base_table);
    rows->class_count = 0;
    rows->mix_class_count = 0;
    rows->base_count = 0;
    rows->set_count = 0;
    rows->crowd_count = 0;
    rows->crowd_words = volunteers / 64 + 1;
    rows->count = 0;
}

/* ---- at the present ---- */

struct collection {
    struct hours_rows *rows;
    struct tally *tally;
    const struct hours_question *question;
    struct error *error;
    uint32_t unit; /* of the rows, where the walk is */
    uint32_t base;
    int active;              /* how many of programme, grade and kind */
    enum selector_sort sort; /* whose sets are united */
};

static void add_sums(struct collection *collection, const struct roll *roll) {
    struct hours_rows *rows = collection->rows;
    const struct people *people = collection->tally->people;
    for (uint32_t i = 0; i < roll->count; i++) {
        const struct part *part = &roll->parts[i];
        uint32_t mix = SELECTOR_NUMBER(part->selector);
        if (SELECTOR_SORT(part->selector) != SELECT_MIX) {
            continue;
        }
        int grade = people_mix(people, mix)->grade;
        for (uint32_t j = rows->mix_first[mix]; j < rows->mix_first[mix + 1]; j++) {
            struct hours_cell *cell = &rows->cells[collection->base * rows->class_count + rows->mix_classes[j]];
            cell->minutes[grade] += part->minutes;
            cell->presences += hours_question_sums(collection->question, grade) ? part->presences : 0;
        }
    }
}

/* The set of a part with one dimension or none. */
static int add_dimension(struct collection *collection, const struct part *part) {
    const struct hours_question *question = collection->question;
    uint32_t number = SELECTOR_NUMBER(part->selector);
    int programme = collection->sort == SELECT_PROGRAMME ? (int)number : -1;
    int grade = collection->sort == SELECT_GRADE ? (int)number : -1;
    bool asked = (question->programme < 0 || question->programme == programme) &&
                 (question->grade < 0 || question->grade == grade) &&
                 (!question->of_kind || SELECTOR_NUMBER(question->kind) == number);
    uint32_t class = asked ? hours_class_find(collection->rows, question, programme, grade, number) : ROW_NONE;
    return class == ROW_NONE ? 0
                             : hours_add_set(collection->rows, collection->base * collection->rows->class_count + class,
                                             part->people);
}

static int add_mix_set(struct collection *collection, const struct part *part) {
    struct hours_rows *rows = collection->rows;
    uint32_t mix = SELECTOR_NUMBER(part->selector);
    int result = 0;
    if (!hours_question_sums(collection->question, people_mix(collection->tally->people, mix)->grade)) {
        return 0;
    }
    for (uint32_t i = rows->mix_first[mix]; i < rows->mix_first[mix + 1] && result == 0; i++) {
        result = hours_add_set(rows, collection->base * rows->class_count + rows->mix_classes[i], part->people);
    }
    return result;
}

static int add_sets(struct collection *collection, const struct roll *roll) {
    int result = 0;
    for (uint32_t i = 0; i < roll->count && result == 0; i++) {
        const struct part *part = &roll->parts[i];
        if (SELECTOR_SORT(part->selector) != collection->sort || !part->people) {
            continue;
        }
        result = collection->sort == SELECT_MIX ? add_mix_set(collection, part) : add_dimension(collection, part);
    }
    return result;
}

static int add_entry(void *data, const struct roll_entry *entry) {
    struct collection *collection = data;
    return hours_add_entry(collection->rows, collection->tally->people, collection->question, collection->base, entry);
}

/* A day's sets are of all volunteers only: with a dimension or a filter its rows are read. */
static int collect_roll(void *data, uint32_t number, int32_t period) {
    struct collection *collection = data;
    struct people *people = collection->tally->people;
    collection->base =
        hours_base_at(collection->rows, (struct hours_base){collection->unit, period}, collection->error);
    if (collection->base == ROW_NONE) {
        return -(int)collection->error->code;
    }
    const struct roll *roll = &people->rolls.items[number];
    if (roll->level == ROLL_DAY && collection->active > 0) {
        return rolls_each_entry(people, number, AT_HEAD, add_entry, collection);
    }
    int result = rolls_make(people, number);
    if (result == 0) {
        add_sums(collection, roll);
        result = add_sets(collection, roll);
    }
    return result;
}

static void choose_sets(struct collection *collection) {
    static const enum selector_sort sorts[] = {SELECT_PROGRAMME, SELECT_GRADE, SELECT_KIND};
    collection->sort = SELECT_ALL;
    for (size_t i = 0; i < sizeof sorts / sizeof *sorts; i++) {
        if (hours_active(collection->question, sorts[i])) {
            collection->active++;
            collection->sort = collection->active == 1 ? sorts[i] : SELECT_MIX;
        }
    }
}

static int collect_present(struct collection *collection) {
    const struct hours_question *question = collection->question;
    const struct units *units = &collection->tally->units;
    int result = 0;
    choose_sets(collection);
    for (uint32_t unit = 0; unit < units_count(units) && result == 0; unit++) {
        if (hours_question_has(collection->tally, question, unit, &collection->unit)) {
            result = rolls_walk(&collection->tally->people->rolls, unit, question->range, question->granularity,
                                collect_roll, collection);
        }
    }
    return result;
}

/* ---- order ---- */

struct order {
    const struct hours_rows *rows;
    const struct tally *tally;
};

static int compare_numbers(int64_t a, int64_t b) {
    return (a > b) - (a < b);
}

static int compare_kinds(const struct names *names, uint32_t a, uint32_t b) {
    bool said = a != KIND_NOT_SAID && a != NAME_NONE && b != KIND_NOT_SAID && b != NAME_NONE;
    return a == b || !said ? compare_numbers(a, b) : names_compare(names_text(names, a), names_text(names, b));
}

static int compare_cells(const void *a, const void *b, void *data) {
    const struct order *order = data;
    const struct hours_rows *rows = order->rows;
    uint32_t first = *(const uint32_t *)a;
    uint32_t second = *(const uint32_t *)b;
    const struct hours_base *base = &rows->bases[first / rows->class_count];
    const struct hours_base *other_base = &rows->bases[second / rows->class_count];
    const struct hours_class *class = &rows->classes[first % rows->class_count];
    const struct hours_class *other = &rows->classes[second % rows->class_count];
    int results[] = {units_compare(&order->tally->units, base->unit, other_base->unit),
                     compare_numbers(class->programme, other->programme), compare_numbers(class->grade, other->grade),
                     compare_kinds(&order->tally->names, class->kind, other->kind)};
    for (size_t i = 0; i < sizeof results / sizeof *results; i++) {
        if (results[i] != 0) {
            return results[i];
        }
    }
    return compare_numbers(base->period, other_base->period);
}

static bool has_something(const struct hours_cell *cell) {
    bool found = cell->presences > 0 || cell->people > 0;
    for (int grade = 0; grade < GRADE_COUNT; grade++) {
        found = found || cell->minutes[grade] > 0;
    }
    return found;
}

static int sort_rows(struct hours_rows *rows, const struct tally *tally) {
    uint32_t cells = rows->base_count * rows->class_count;
    struct order order = {rows, tally};
    if (column_reserve(&rows->order, &rows->order_capacity, cells, sizeof *rows->order) < 0) {
        return -(int)ERR_NO_MEMORY;
    }
    for (uint32_t cell = 0; cell < cells; cell++) {
        if (has_something(&rows->cells[cell])) {
            rows->order[rows->count++] = cell;
        }
    }
    if (rows->count > 1) {
        qsort_r(rows->order, rows->count, sizeof *rows->order, compare_cells, &order);
    }
    return 0;
}

int hours_rows_collect(struct hours_rows *rows, struct tally *tally, const struct hours_question *question,
                       struct error *error) {
    struct collection collection = {.rows = rows, .tally = tally, .question = question, .error = error};
    reset(rows, tally->people);
    int result = hours_classes_make(rows, tally->people, question);
    *error = (struct error){0};
    if (result == 0 && rows->class_count > 0) {
        result =
            question->at == AT_HEAD ? collect_present(&collection) : hours_collect_past(rows, tally, question, error);
    }
    int counted = hours_count_people(rows);
    result = result < 0 ? result : counted;
    if (result == 0) {
        result = sort_rows(rows, tally);
    }
    if (result < 0 && error->code == ERR_OK) {
        error_set(error, (enum error_code) - result, (struct error_words){.field = "a sum", .limit = "its range"});
    }
    return result;
}
