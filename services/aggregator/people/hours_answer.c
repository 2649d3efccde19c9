/* Rows about hours to the wire. */
#include "services/aggregator/aggregator.h"
#include "services/aggregator/people/hours_rows.h"

#define MARK(field) (UINT64_C(1) << FIELD_hours_row_##field)
#define FIGURES \
    (MARK(minutes) | MARK(signed_in) | MARK(leader) | MARK(entered) | MARK(credit) | MARK(honour) | \
     MARK(attendances) | MARK(people))

static void fill_figures(const struct hours_cell *cell, struct wire_hours_row *out) {
    out->present |= FIGURES;
    out->signed_in = cell->minutes[GRADE_SIGNED];
    out->leader = cell->minutes[GRADE_LEADER];
    out->entered = cell->minutes[GRADE_ENTERED];
    out->minutes = out->signed_in + out->leader + out->entered;
    out->credit = cell->minutes[GRADE_CREDIT];
    out->honour = cell->minutes[GRADE_HONOUR];
    out->attendances = (int64_t)cell->presences;
    out->people = (int64_t)cell->people;
}

static void fill_class(const struct tally *tally, const struct hours_question *question,
                       const struct hours_class *class, struct wire_hours_row *out) {
    if (question->by_programme) {
        out->programme = text_of(programme_code((enum programme) class->programme));
        out->present |= MARK(programme);
    }
    if (question->by_grade) {
        out->grade = class->grade;
        out->present |= MARK(grade);
    }
    if (question->by_kind) {
        out->kind = class->kind == KIND_NOT_SAID ? (struct text){"", 0} : names_text(&tally->names, class->kind);
        out->present |= MARK(kind);
    }
}

static int fill_base(const struct squads *squads, const struct hours_question *question, const struct hours_base *base,
                     struct arena *arena, struct wire_hours_row *out) {
    if (question->by_squad) {
        out->unit = units_path(&squads->tally->units, base->unit);
        out->name = squads_name(squads, base->unit);
        out->present |= MARK(unit) | (squads_has_name(squads, base->unit) ? MARK(name) : 0);
    }
    if (question->granularity != BY_ALL) {
        char *period = arena_alloc(arena, PERIOD_TEXT_SIZE);
        if (!period) {
            return -(int)ERR_NO_MEMORY;
        }
        period_format(base->period, question->granularity, period);
        out->period = text_of(period);
        out->present |= MARK(period);
    }
    return 0;
}

static int fill_rows(const struct tally *tally, const struct hours_question *question, const struct hours_rows *rows,
                     struct arena *arena, struct list *out) {
    struct wire_hours_row *items = arena_alloc(arena, ((size_t)rows->count + 1) * sizeof *items);
    int result = items ? 0 : -(int)ERR_NO_MEMORY;
    for (uint32_t i = 0; i < rows->count && result == 0; i++) {
        uint32_t cell = rows->order[i];
        fill_figures(&rows->cells[cell], &items[i]);
        fill_class(tally, question, &rows->classes[cell % rows->class_count], &items[i]);
        result = fill_base(&rows->squads, question, &rows->bases[cell / rows->class_count], arena, &items[i]);
    }
    *out = (struct list){items, rows->count};
    return result;
}

/* The whole is the same question without dimensions: nobody and no minute stands in it twice. */
static int fill_whole(struct hours_rows *rows, struct tally *tally, const struct hours_question *question,
                      struct arena *arena, struct list *out, struct error *error) {
    struct hours_question whole = *question;
    struct hours_cell nothing = {0};
    whole.by_squad = false;
    whole.by_programme = false;
    whole.by_kind = false;
    /* A grade of another platform is in the whole only where it alone is asked for. */
    whole.by_grade = false;
    whole.granularity = BY_ALL;
    int result = hours_rows_collect(rows, tally, &whole, error);
    struct wire_hours_row *row = arena_alloc(arena, sizeof *row);
    if (result == 0 && !row) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    if (result == 0) {
        fill_figures(rows->count == 0 ? &nothing : &rows->cells[rows->order[0]], row);
        *out = (struct list){row, 1};
    }
    return result;
}

int hours_answer_make(struct hours_rows *rows, struct tally *tally, const struct hours_question *question,
                      struct arena *arena, struct wire_hours_table *answer, struct error *error) {
    char *as_of = arena_alloc(arena, POSITION_TEXT_SIZE);
    int result = hours_rows_collect(rows, tally, question, error);
    if (result < 0) {
        return result;
    }
    if (!as_of || fill_rows(tally, question, rows, arena, &answer->rows) < 0) {
        return error_set(error, ERR_TOO_MANY,
                         (struct error_words){.field = "rows", .value = "more than", .limit = "fit into one answer"});
    }
    position_format(&tally->position, as_of);
    answer->as_of = text_of(as_of);
    answer->at = (int64_t)question->at;
    answer->present = UINT64_C(1) << FIELD_hours_table_as_of | UINT64_C(1) << FIELD_hours_table_rows |
                      UINT64_C(1) << FIELD_hours_table_whole |
                      (uint64_t)(question->at != AT_HEAD) << FIELD_hours_table_at;
    return fill_whole(rows, tally, question, arena, &answer->whole, error);
}

int answer_hours(struct aggregator *aggregator, const void *query, void *answer, struct error *error) {
    struct hours_question question;
    int result = hours_question_read(aggregator->tally, query, &question, error);
    return result < 0 ? result
                      : hours_answer_make(&aggregator->hours, aggregator->tally, &question, aggregator->question_arena,
                                          answer, error);
}
