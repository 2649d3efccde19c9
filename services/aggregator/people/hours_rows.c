/* Collecting the rows about hours from rolls, and their order. */
#include "services/aggregator/people/hours_rows.h"

#include <stdlib.h>

#include "services/aggregator/column.h"
#include "services/aggregator/people/roll_parts.h"
#include "services/aggregator/tally.h"

static void reset(struct hours_rows *rows, const struct people *people) {
    uint32_t volunteers = people->volunteer_ids.ledger.count;
    table_clear(&rows->base_table);
    rows->class_count = 0;
    rows->mix_class_count = 0;
    rows->base_count = 0;
    rows->set_count = 0;
    rows->crowd_count = 0;
    rows->crowd_words = (volunteers / 65536 + 1) * (65536 / 64);
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

/* With no other dimension than the grade the few sums by grade are enough. */
static void add_grade_sums(struct collection *collection, const struct roll *roll) {
    const struct hours_question *question = collection->question;
    struct hours_rows *rows = collection->rows;
    for (uint32_t i = part_first(roll, SELECT_GRADE); i < roll->count; i++) {
        const struct part *part = &roll->parts[i];
        if (SELECTOR_SORT(part->selector) != SELECT_GRADE) {
            break;
        }
        int grade = (int)SELECTOR_NUMBER(part->selector);
        bool asked = question->grade < 0 || question->grade == grade;
        uint32_t class = asked ? hours_class_find(rows, question, -1, grade, NAME_NONE) : ROW_NONE;
        if (class != ROW_NONE) {
            struct hours_cell *cell = &rows->cells[collection->base * rows->class_count + class];
            cell->minutes[grade] += part->minutes;
            cell->presences += hours_question_sums(question, grade) ? part->presences : 0;
        }
    }
}

static void add_mix_sums(struct collection *collection, const struct roll *roll) {
    struct hours_rows *rows = collection->rows;
    for (uint32_t i = part_first(roll, SELECT_MIX); i < roll->count; i++) {
        const struct part *part = &roll->parts[i];
        const struct hours_mix *mix = &rows->mixes[SELECTOR_NUMBER(part->selector)];
        for (uint32_t j = mix->first; j < mix->first + mix->count; j++) {
            struct hours_cell *cell = &rows->cells[collection->base * rows->class_count + rows->mix_classes[j]];
            cell->minutes[mix->grade] += part->minutes;
            cell->presences += mix->sums ? part->presences : 0;
        }
    }
}

/* The set of a part with one dimension or none, or of a pair. */
static int add_dimension(struct collection *collection, const struct part *part) {
    const struct hours_question *question = collection->question;
    uint32_t number = SELECTOR_NUMBER(part->selector);
    bool pair = SELECTOR_SORT(part->selector) == SELECT_PAIR;
    int programme = collection->sort == SELECT_PROGRAMME ? (int)number : pair ? (int)PAIR_PROGRAMME(number) : -1;
    int grade = collection->sort == SELECT_GRADE ? (int)number : -1;
    uint32_t kind = pair ? pair_kind(number) : number;
    bool asked = (question->programme < 0 || question->programme == programme) &&
                 (question->grade < 0 || question->grade == grade) &&
                 (!question->of_kind || (!question->kind_unknown && SELECTOR_NUMBER(question->kind) == kind));
    uint32_t class = asked ? hours_class_find(collection->rows, question, programme, grade, kind) : ROW_NONE;
    return class == ROW_NONE ? 0
                             : hours_add_set(collection->rows, collection->base * collection->rows->class_count + class,
                                             part->people);
}

static int add_mix_set(struct collection *collection, const struct part *part) {
    struct hours_rows *rows = collection->rows;
    const struct hours_mix *mix = &rows->mixes[SELECTOR_NUMBER(part->selector)];
    int result = 0;
    for (uint32_t i = mix->first; mix->sums && i < mix->first + mix->count && result == 0; i++) {
        result = hours_add_set(rows, collection->base * rows->class_count + rows->mix_classes[i], part->people);
    }
    return result;
}

static int add_sets(struct collection *collection, const struct roll *roll, enum selector_sort sort) {
    int result = 0;
    for (uint32_t i = part_first(roll, sort); i < roll->count && result == 0; i++) {
        const struct part *part = &roll->parts[i];
        if (SELECTOR_SORT(part->selector) != sort) {
            break;
        }
        result = sort == SELECT_MIX ? add_mix_set(collection, part) : add_dimension(collection, part);
    }
    return result;
}

static int add_entry(void *data, const struct roll_entry *entry) {
    struct collection *collection = data;
    return hours_add_entry(collection->rows, collection->base, entry);
}

/* Where the roll has no sets of the sort, its rows are read. */
static int collect_roll(void *data, uint32_t number, int32_t period) {
    struct collection *collection = data;
    struct people *people = collection->tally->people;
    collection->base =
        hours_base_at(collection->rows, (struct hours_base){collection->unit, period}, collection->error);
    if (collection->base == ROW_NONE) {
        return -(int)collection->error->code;
    }
    const struct roll *roll = &people->rolls.items[number];
    enum selector_sort sort = roll_keeps(roll, collection->sort) ? collection->sort : SELECT_MIX;
    if (!roll_keeps(roll, sort)) {
        return rolls_each_entry(collection->tally, number, add_entry, collection);
    }
    int result = rolls_make(collection->tally, number);
    if (result == 0) {
        if (collection->sort == SELECT_ALL || collection->sort == SELECT_GRADE) {
            add_grade_sums(collection, roll);
        } else {
            add_mix_sums(collection, roll);
        }
        result = add_sets(collection, roll, sort);
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
    bool few = collection->tally->names.count < PAIR_KINDS;
    if (collection->active == 2 && few && !hours_active(collection->question, SELECT_GRADE)) {
        collection->sort = SELECT_PAIR;
    }
}

static int collect_unit(struct collection *collection, uint32_t unit, bool tree) {
    const struct rolls *rolls = &collection->tally->people->rolls;
    return rolls_walk(rolls, unit, tree && rolls_has_tree(rolls, unit), collection->question->range,
                      collection->question->granularity, collection->sort, collect_roll, collection);
}

/* Each unit that is asked for with all that lies under it. */
static int collect_whole(struct collection *collection) {
    const struct hours_question *question = collection->question;
    const struct units *units = &collection->tally->units;
    int result = 0;
    collection->unit = UNIT_NONE;
    for (uint32_t i = 0; i < question->unit_count && result == 0; i++) {
        result = collect_unit(collection, question->units[i], true);
    }
    for (uint32_t unit = 0; question->unit_count == 0 && unit < units_count(units) && result == 0; unit++) {
        result = units->items[unit].parent == UNIT_NONE ? collect_unit(collection, unit, true) : 0;
    }
    return result;
}

/* A squad with all that lies under it, unless another squad does. */
static int mark_nested(struct hours_rows *rows, const struct units *units) {
    if (column_reserve(&rows->nested, &rows->nested_capacity, (uint64_t)units_count(units) + 1, sizeof *rows->nested) <
        0) {
        return -(int)ERR_NO_MEMORY;
    }
    memset(rows->nested, 0, units_count(units));
    for (uint32_t unit = units_count(units); unit-- > 0;) {
        bool squad = rows->squads.above[unit] == unit;
        if (units->items[unit].parent != UNIT_NONE && (squad || rows->nested[unit])) {
            rows->nested[units->items[unit].parent] = true;
        }
    }
    return 0;
}

static int collect_squads(struct collection *collection) {
    const struct hours_question *question = collection->question;
    const struct units *units = &collection->tally->units;
    struct hours_rows *rows = collection->rows;
    int result = mark_nested(rows, units);
    for (uint32_t unit = 0; unit < units_count(units) && result == 0; unit++) {
        if (!hours_question_has(question, &rows->squads, unit, &collection->unit)) {
            continue;
        }
        bool whole = rows->squads.above[unit] == unit && !rows->nested[unit];
        bool counted = collection->unit != unit && !rows->nested[collection->unit];
        result = counted ? 0 : collect_unit(collection, unit, whole);
    }
    return result;
}

static int collect_present(struct collection *collection) {
    choose_sets(collection);
    return collection->question->by_squad ? collect_squads(collection) : collect_whole(collection);
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
    int results[] = {squads_compare(&rows->squads, base->unit, other_base->unit),
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

/* Units come in the order of their numbers, which is often that of their places, and each unit's days rise. */
static bool is_sorted(const struct hours_rows *rows, struct order *order) {
    bool sorted = true;
    for (uint32_t i = 1; i < rows->count && sorted; i++) {
        sorted = compare_cells(&rows->order[i - 1], &rows->order[i], order) <= 0;
    }
    return sorted;
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
    if (!is_sorted(rows, &order)) {
        qsort_r(rows->order, rows->count, sizeof *rows->order, compare_cells, &order);
    }
    return 0;
}

int hours_rows_collect(struct hours_rows *rows, struct tally *tally, const struct hours_question *question,
                       struct error *error) {
    struct collection collection = {.rows = rows, .tally = tally, .question = question, .error = error};
    reset(rows, tally->people);
    int result = squads_at(&rows->squads, tally, question->at);
    result = result < 0 ? result : hours_classes_make(rows, tally->people, question);
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
