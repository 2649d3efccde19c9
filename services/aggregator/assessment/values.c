/* Figures of squads: the questions behind them, and the field of their rows that is the figure. */
#include "services/aggregator/assessment/values.h"
#include "services/aggregator/asked.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define SEQ_TEXT_SIZE 24

/* ---- which question gives which figure ---- */

enum source {
    FROM_NONE,
    FROM_TOTALS,
    FROM_OWED,
    FROM_LATE_MONTHS,
    FROM_PLANS,
    FROM_PROBLEMS,
    FROM_STORIES,
    FROM_PUBLISHED,
    FROM_HOURS,
    SOURCES
};

struct question_row {
    door_answer ask;
    enum shape_index query;
    enum shape_index answer;
    enum shape_index row;
    const char *state; /* asked for, or NULL */
    const char *flag;  /* set, or NULL */
};

static const struct question_row questions[SOURCES] = {
    [FROM_TOTALS] = {answer_totals, SHAPE_totals_query, SHAPE_totals_answer, SHAPE_totals_row, NULL, NULL},
    [FROM_OWED] = {answer_completeness, SHAPE_completeness_query, SHAPE_completeness_answer, SHAPE_completeness_row,
                   NULL, NULL},
    [FROM_LATE_MONTHS] = {answer_completeness, SHAPE_completeness_query, SHAPE_completeness_answer,
                          SHAPE_completeness_row, NULL, "month_late"},
    [FROM_PLANS] = {answer_plans, SHAPE_plans_query, SHAPE_plans_answer, SHAPE_plans_row, NULL, NULL},
    [FROM_PROBLEMS] = {answer_problems, SHAPE_problems_query, SHAPE_problems_answer, SHAPE_problems_row, NULL, NULL},
    [FROM_STORIES] = {answer_stories, SHAPE_stories_query, SHAPE_stories_answer, SHAPE_stories_row, NULL, NULL},
    [FROM_PUBLISHED] = {answer_story_list, SHAPE_stories_query, SHAPE_story_list, SHAPE_story_entry, "published", NULL},
    [FROM_HOURS] = {answer_hours, SHAPE_hours_query, SHAPE_hours_table, SHAPE_hours_row, NULL, NULL},
};

struct figure_row {
    const char *field; /* of the rows; NULL: each row counts */
    enum source source;
    bool maybe; /* a squad of which no row speaks has none, not 0 */
};

static const struct figure_row figures[FIGURE_COUNT] = {
    [FIGURE_REPORTS] = {"reports", FROM_TOTALS, false},
    [FIGURE_ACTIVITIES] = {"activities", FROM_TOTALS, false},
    [FIGURE_ATTENDANCES] = {"attendances", FROM_TOTALS, false},
    [FIGURE_MINUTES] = {"minutes", FROM_TOTALS, false},
    [FIGURE_LATE_REPORTS] = {"late", FROM_TOTALS, false},
    [FIGURE_RETURNED_REPORTS] = {"returned", FROM_TOTALS, false},
    [FIGURE_WARNINGS] = {"warned", FROM_TOTALS, false},
    [FIGURE_MISSING_REPORTS] = {"missing", FROM_OWED, false},
    [FIGURE_LATE_MONTH] = {NULL, FROM_LATE_MONTHS, false},
    [FIGURE_PLAN_ACTIVITIES_PERCENT] = {"activities_percent", FROM_PLANS, true},
    [FIGURE_PLAN_ATTENDANCES_PERCENT] = {"attendances_percent", FROM_PLANS, true},
    [FIGURE_PLAN_MINUTES_PERCENT] = {"minutes_percent", FROM_PLANS, true},
    [FIGURE_PROBLEMS_RAISED] = {"raised", FROM_PROBLEMS, false},
    [FIGURE_PROBLEMS_RESOLVED] = {"resolved", FROM_PROBLEMS, false},
    [FIGURE_PROBLEMS_OVERDUE] = {"overdue", FROM_PROBLEMS, false},
    [FIGURE_PROBLEMS_REWORK] = {"rework", FROM_PROBLEMS, false},
    [FIGURE_RECURRENCES] = {"came_back", FROM_PROBLEMS, false},
    [FIGURE_STORIES_SUBMITTED] = {"stories", FROM_STORIES, false},
    [FIGURE_STORIES_PUBLISHED] = {NULL, FROM_PUBLISHED, false},
    [FIGURE_VOLUNTEERS] = {"people", FROM_HOURS, false},
};

int values_wanted(const struct values *values, uint32_t *wanted, struct error *error) {
    const struct scheme *scheme = values->assessed->scheme;
    const struct tally *tally = values->aggregator->tally;
    const struct scheme_item *items = scheme_items(tally->assessment, scheme);
    *wanted = 0;
    for (uint32_t i = 0; i < scheme->item_count; i++) {
        int32_t figure = items[i].figure;
        if (figure == BY_HAND) {
            continue;
        }
        bool known = figure < (int32_t)FIGURE_COUNT;
        if (!known || figures[figure].source == FROM_NONE) {
            char limit[120];
            struct text item = names_text(&tally->names, items[i].item);
            snprintf(limit, sizeof limit, "a figure that can be given, which item %.*s follows", (int)item.length,
                     item.data);
            return error_set(error, ERR_BAD_QUERY,
                             (struct error_words){.field = "version",
                                                  .value = known ? figure_wire((enum figure)figure) : "a later one",
                                                  .limit = limit});
        }
        *wanted |= UINT32_C(1) << figure;
    }
    return 0;
}

/* ---- squads ---- */

static int compare_squads(const void *a, const void *b, void *data) {
    const struct squad *first = a;
    const struct squad *second = b;
    const struct units *units = data;
    return first->order != second->order
               ? (first->order > second->order) - (first->order < second->order)
               : names_compare(units_path(units, first->unit), units_path(units, second->unit));
}

/* Squads as they were at the time; what lies under one is its. */
static void find_squads(struct values *values, const struct rows *rows) {
    struct tally *tally = values->aggregator->tally;
    const struct units *units = &tally->units;
    for (uint32_t unit = 0; unit < units_count(units); unit++) {
        const struct unit_face *face = &rows->faces[unit];
        bool squad = rows->squad_kind != NAME_NONE && face->kind == rows->squad_kind;
        if (squad && units_within(units, unit, values->assessed->scheme->unit)) {
            values->squads[values->count++] =
                (struct squad){.unit = unit, .name = face->name, .order = face->order, .closed = face->closed};
        }
    }
    qsort_r(values->squads, values->count, sizeof *values->squads, compare_squads, &tally->units);
    for (uint32_t i = 0; i < values->count; i++) {
        values->keys[values->squads[i].unit] = i + 1;
    }
    for (uint32_t unit = 0; unit < units_count(units); unit++) {
        uint32_t parent = units->items[unit].parent; /* whose number is lower */
        values->keys[unit] = values->keys[unit] == 0 && parent != UNIT_NONE ? values->keys[parent] : values->keys[unit];
    }
}

int values_begin(struct values *values, struct aggregator *aggregator, const struct assessed *assessed,
                 struct error *error) {
    struct arena *arena = aggregator->question_arena;
    uint32_t units = units_count(&aggregator->tally->units);
    const struct question question = {.at = assessed->at, .by_unit = UNITS_SQUADS};
    *values = (struct values){
        .aggregator = aggregator,
        .assessed = assessed,
        .keys = arena_alloc(arena, ((size_t)units + 1) * sizeof *values->keys),
        .squads = arena_alloc(arena, ((size_t)units + 1) * sizeof *values->squads),
    };
    if (!values->keys || !values->squads || rows_name_units(&aggregator->rows, aggregator->tally, &question) < 0) {
        return asked_no_memory(error);
    }
    memset(values->keys, 0, ((size_t)units + 1) * sizeof *values->keys);
    find_squads(values, &aggregator->rows);
    if (assessed->at != AT_HEAD) {
        values->at = arena_alloc(arena, SEQ_TEXT_SIZE);
        if (!values->at) {
            return asked_no_memory(error);
        }
        snprintf(values->at, SEQ_TEXT_SIZE, "%" PRIu64, assessed->at);
    }
    return 0;
}

struct squad *values_squad(const struct values *values, struct text path) {
    uint32_t unit = units_find(&values->aggregator->tally->units, path);
    uint32_t key = unit == UNIT_NONE ? 0 : values->keys[unit];
    return key == 0 ? NULL : &values->squads[key - 1];
}

/* ---- asking ---- */

/* Sets the field where the question has it. */
static void set_field(const struct shape *shape, void *query, const char *name, const void *value, size_t size) {
    int index = shape_find(shape, text_of(name), 0);
    if (index >= 0) {
        memcpy((char *)query + shape->fields[index].offset, value, size);
        wire_set(query, (unsigned)index);
    }
}

static void set_text(const struct shape *shape, void *query, const char *name, const char *value) {
    struct text text = text_of(value ? value : "");
    if (value) {
        set_field(shape, query, name, &text, sizeof text);
    }
}

/* By squad, where rows are not so by themselves; days or months, as the question has them. */
static int make_query(const struct values *values, const struct question_row *row, void **query) {
    struct arena *arena = values->aggregator->question_arena;
    const struct assessed *assessed = values->assessed;
    const struct shape *shape = shape_of(row->query);
    struct text *by = arena_alloc(arena, sizeof *by);
    *query = arena_alloc(arena, shape->size);
    if (!by || !*query) {
        return -(int)ERR_NO_MEMORY;
    }
    *by = text_of("squad");
    memset(*query, 0, shape->size);
    struct list squads = {by, 1};
    int from = shape_find(shape, text_of("from"), 0);
    bool months = shape->fields[from].kind == KIND_MONTH;
    int32_t first = months ? assessed->period.first : assessed->days.from;
    int32_t last = months ? assessed->period.first + assessed->period.months - 1 : assessed->days.to;
    set_field(shape, *query, "by", &squads, sizeof squads);
    set_field(shape, *query, "from", &first, sizeof first);
    set_field(shape, *query, "to", &last, sizeof last);
    set_text(shape, *query, "at", values->at);
    set_text(shape, *query, "state", row->state);
    const bool yes = true;
    if (row->flag) {
        set_field(shape, *query, row->flag, &yes, sizeof yes);
    }
    return 0;
}

/* The value of the row's field: a number, or a sum's; false when it is absent. */
static bool read_figure(const struct shape *shape, const char *row, const char *name, int64_t *value) {
    int index = shape_find(shape, text_of(name), 0);
    uint64_t present;
    memcpy(&present, row, sizeof present);
    if (index < 0 || !wire_has(present, (unsigned)index)) {
        return false;
    }
    const struct field *field = &shape->fields[index];
    if (field->kind == KIND_INT) {
        memcpy(value, row + field->offset, sizeof *value);
        return true;
    }
    struct list sum;
    memcpy(&sum, row + field->offset, sizeof sum);
    *value = ((const struct wire_sum *)sum.items)->value;
    return true;
}

static void take_row(const struct values *values, const struct question_row *question, enum source source,
                     uint32_t wanted, const char *row) {
    const struct shape *shape = shape_of(question->row);
    struct text path;
    memcpy(&path, row + shape->fields[shape_find(shape, text_of("unit"), 0)].offset, sizeof path);
    struct squad *squad = values_squad(values, path);
    for (int figure = 0; squad && figure < (int)FIGURE_COUNT; figure++) {
        int64_t value = 1;
        bool asked = figures[figure].source == source && (wanted >> figure & 1) != 0;
        if (asked && (!figures[figure].field || read_figure(shape, row, figures[figure].field, &value))) {
            squad->figures[figure] += value;
            squad->known |= UINT32_C(1) << figure;
        }
    }
}

static int ask(struct values *values, enum source source, uint32_t wanted, struct error *error) {
    const struct question_row *question = &questions[source];
    const struct shape *shape = shape_of(question->answer);
    struct arena *arena = values->aggregator->question_arena;
    void *query = NULL;
    char *answer = arena_alloc(arena, shape->size);
    if (!answer || make_query(values, question, &query) < 0) {
        return asked_no_memory(error);
    }
    memset(answer, 0, shape->size);
    int result = question->ask(values->aggregator, query, answer, error);
    if (result < 0) {
        return result;
    }
    struct list rows;
    memcpy(&rows, answer + shape->fields[shape_find(shape, text_of("rows"), 0)].offset, sizeof rows);
    for (uint32_t i = 0; i < rows.count; i++) {
        take_row(values, question, source, wanted, (const char *)rows.items + i * shape_of(question->row)->size);
    }
    return 0;
}

static bool is_needed(enum source source, uint32_t wanted) {
    for (int figure = 0; figure < (int)FIGURE_COUNT; figure++) {
        if (figures[figure].source == source && (wanted >> figure & 1) != 0) {
            return true;
        }
    }
    return false;
}

int values_collect(struct values *values, uint32_t wanted, struct error *error) {
    uint32_t certain = 0;
    int result = 0;
    for (int figure = 0; figure < (int)FIGURE_COUNT; figure++) {
        certain |= figures[figure].maybe ? 0 : UINT32_C(1) << figure;
    }
    for (uint32_t i = 0; i < values->count; i++) {
        values->squads[i].known = wanted & certain;
    }
    for (int source = FROM_TOTALS; source < SOURCES && result == 0; source++) {
        if (is_needed((enum source)source, wanted)) {
            result = ask(values, (enum source)source, wanted, error);
        }
    }
    return result;
}
