/* Rounds over the rows of a roster: enrolments and updates, then leavings. */
#include "services/chaoxun/people/roster_import.h"

#include <stdlib.h>

#include "services/chaoxun/people/roster.h"
#include "services/chaoxun/people/roster_work.h"

static int no_memory(struct error *error) {
    return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

/* One pass over the file: 1 when rows are left for another round. */
static int run_round(struct roster_work *work, uint32_t round, struct error *error) {
    struct volunteer_sheet *sheet = work->job->sheet;
    struct volunteer_row row;
    int left = 0;
    int got = 1;
    volunteer_sheet_rewind(sheet);
    for (uint32_t index = 0; got == 1; index++) {
        arena_reset(work->row_arena);
        got = volunteer_sheet_next(sheet, work->row_arena, &row);
        if (got == 1 && round == 1) {
            roster_work_look(work, index, &row);
        }
        if (got != 1 || work->states[index] != ROSTER_ROW_OPEN) {
            continue;
        }
        if (roster_seen_person(work->seen, &row, round)) {
            left = 1;
        } else if (roster_work_settle(work, index, &row, error) < 0) {
            return -(int)error->code;
        }
    }
    return got < 0 ? no_memory(error) : left;
}

static int run_leavings(struct roster_work *work, struct error *error) {
    struct volunteer_sheet *sheet = work->job->sheet;
    struct volunteer_row row;
    int got = 1;
    volunteer_sheet_rewind(sheet);
    for (uint32_t index = 0; got == 1; index++) {
        arena_reset(work->row_arena);
        got = volunteer_sheet_next(sheet, work->row_arena, &row);
        bool leaves = got == 1 && row.leaves && work->states[index] != ROSTER_ROW_REFUSED &&
                      work->states[index] != ROSTER_ROW_REPEATED;
        if (leaves && roster_work_leave(work, index, &row, error) < 0) {
            return -(int)error->code;
        }
    }
    return got < 0 ? no_memory(error) : 0;
}

static int run(struct roster_work *work, struct error *error) {
    int result = roster_work_open(work, error);
    int more = 1;
    for (uint32_t round = 1; more == 1 && result == 0; round++) {
        result = roster_work_catch_up(work, error);
        more = result == 0 ? run_round(work, round, error) : 0;
        result = more < 0 ? more : result;
    }
    if (result == 0) {
        result = roster_work_catch_up(work, error);
    }
    if (result == 0) {
        result = run_leavings(work, error);
    }
    return result == 0 ? roster_work_catch_up(work, error) : result;
}

static void count_unchanged(struct roster_work *work) {
    for (uint32_t i = 0; i < work->summary->rows; i++) {
        work->summary->unchanged += work->states[i] == ROSTER_ROW_KNOWN || work->states[i] == ROSTER_ROW_REPEATED;
    }
}

int roster_import(const struct roster_job *job, struct roster_summary *summary, struct error *error) {
    *summary = (struct roster_summary){.rows = volunteer_sheet_rows(job->sheet)};
    struct roster_work work = {.job = job,
                               .summary = summary,
                               .row_arena = arena_create(ROSTER_ARENA_BYTES),
                               .answer_arena = arena_create(ROSTER_ARENA_BYTES),
                               .seen = roster_seen_create(summary->rows),
                               .states = calloc((size_t)summary->rows + 1, 1)};
    bool whole = work.row_arena && work.answer_arena && work.seen && work.states;
    int result = whole ? run(&work, error) : no_memory(error);
    if (result == 0) {
        count_unchanged(&work);
    }
    roster_work_close(&work);
    return result;
}
