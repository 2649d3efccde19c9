/* Problems: after random lives the figures are those of a slow recount, at every earlier moment those that were given then,
 * and a tally that was saved says the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "services/aggregator/aggregator.h"
#include "services/aggregator/digest.h"
#include "services/aggregator/fold.h"
#include "services/aggregator/pages.h"
#include "tests/unit/problems_recount.h"

/* ---- events ---- */

static void fill_body(const struct plain *plain, union event_body *body) {
    static const enum event_type steps[] = {EVENT_PROBLEM_STARTED, EVENT_PROBLEM_RESOLVED, EVENT_PROBLEM_CONFIRMED,
                                            EVENT_PROBLEM_REFUSED};
    struct id problem = id_of(plain->problem);
    if (plain->type == EVENT_CLOCK_DAY) {
        body->clock_day = (struct wire_clock_day){1, plain->day};
    } else if (plain->type == EVENT_PROBLEM_RAISED) {
        body->problem = (struct wire_problem){.kind = text_of(kinds[plain->kind]), .solved = plain->solved};
        wire_set(&body->problem.present, FIELD_problem_kind);
        if (plain->spot >= 0) {
            body->problem.spot = text_of(spots[plain->spot]);
            wire_set(&body->problem.present, FIELD_problem_spot);
        }
    } else if (plain->type == EVENT_PROBLEM_ASSIGNED) {
        body->problem_assignment = (struct wire_problem_assignment){.problem = problem, .due = plain->due};
        wire_set(&body->problem_assignment.present, FIELD_problem_assignment_problem);
        if (plain->due >= 0) {
            wire_set(&body->problem_assignment.present, FIELD_problem_assignment_due);
        }
    } else if (plain->type == EVENT_PROBLEM_REOPENED) {
        body->problem_reopening = (struct wire_problem_reopening){1, problem, plain->came_back, {0}};
    } else if (plain->type == EVENT_PROBLEM_DUPLICATED) {
        body->problem_duplicate = (struct wire_problem_duplicate){3, problem, id_of(plain->of)};
    }
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (plain->type == steps[i]) {
            body->problem_step = (struct wire_problem_step){.present = 1, .problem = problem};
        }
    }
}

static void fold_plain(struct run *run, const struct plain *plain) {
    union event_body body = {0};
    struct event event = {.id = plain->type == EVENT_PROBLEM_RAISED ? id_of(plain->problem) : id_of(1000 + run->count),
                          .type = plain->type,
                          .unit = text_of(unit_paths[plain->unit]),
                          .at = plain->at,
                          .received_at = plain->at,
                          .seq = (uint64_t)run->count + 1,
                          .body = &body};
    fill_body(plain, &body);
    assert_int_equal(fold_event(run->aggregator.tally, &event, NULL), 0);
    run->count++;
    run->events[run->count] = *plain;
    run->aggregator.tally->position = (struct position){7, 1, (uint64_t)run->count, 99};
}

/* ---- the answers ---- */

static void expect_row(const struct wire_problems_row *row, const struct count *count) {
    assert_int_equal(row->raised, count->raised);
    assert_int_equal(row->open, count->open);
    assert_int_equal(row->resolved, count->resolved);
    assert_int_equal(row->confirmed, count->confirmed);
    assert_int_equal(row->overdue, count->overdue);
    assert_int_equal(row->rework, count->rework);
    assert_int_equal(row->came_back, count->came_back);
    assert_int_equal(row->same_spot, count->same_spot);
    assert_int_equal(row->duplicated, count->duplicated);
    assert_int_equal(row->refused, count->refused);
    assert_int_equal(row->minutes_mean, count->resolved > 0 ? count->minutes / count->resolved : 0);
    assert_int_equal(row->minutes_most, count->most);
    const int64_t ages[] = {row->open_day, row->open_week, row->open_month, row->open_longer};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(ages[i], count->ages[i]);
    }
}

static struct wire_problems_answer ask(struct run *run, int at, bool by_kind) {
    static const char by[] = "kind";
    static struct text words[1];
    char text[24];
    struct wire_problems_query query = {0};
    struct wire_problems_answer answer = {0};
    struct error error;
    snprintf(text, sizeof text, "%d", at);
    arena_reset(run->aggregator.question_arena);
    if (at < run->count) {
        query.at = text_of(text);
        wire_set(&query.present, FIELD_problems_query_at);
    }
    if (by_kind) {
        words[0] = text_of(by);
        query.by = (struct list){words, 1};
        wire_set(&query.present, FIELD_problems_query_by);
    }
    if (answer_problems(&run->aggregator, &query, &answer, &error) < 0) {
        fail_msg("%s", error.text);
    }
    return answer;
}

static void check_at(struct run *run, int at) {
    struct wire_problems_answer whole = ask(run, at, false);
    struct count count = recount(run, at, -1);
    assert_int_equal(whole.rows.count, 1);
    expect_row(whole.rows.items, &count);
    struct wire_problems_answer kinds_answer = ask(run, at, true);
    const struct wire_problems_row *rows = kinds_answer.rows.items;
    for (uint32_t i = 0; i < kinds_answer.rows.count; i++) {
        int kind = 0;
        while (!text_equal(rows[i].kind, text_of(kinds[kind]))) {
            kind++;
        }
        count = recount(run, at, kind);
        expect_row(&rows[i], &count);
    }
}

/* ---- lives ---- */

static struct plain random_event(struct run *run) {
    static const enum event_type steps[] = {EVENT_PROBLEM_ASSIGNED,   EVENT_PROBLEM_STARTED,   EVENT_PROBLEM_RESOLVED,
                                            EVENT_PROBLEM_RESOLVED,   EVENT_PROBLEM_CONFIRMED, EVENT_PROBLEM_REOPENED,
                                            EVENT_PROBLEM_DUPLICATED, EVENT_PROBLEM_REFUSED};
    struct plain plain = {.at = BEGIN + run->count * (DAY_MS / 7), .spot = -1, .due = -1};
    if (run->count % 7 == 0) {
        plain.type = EVENT_CLOCK_DAY;
        plain.day = (int)((plain.at + 8 * 3600000) / DAY_MS);
    } else if (run->problems == 0 || (run->problems < PROBLEMS && pick(run, 4) == 0)) {
        plain.type = EVENT_PROBLEM_RAISED;
        plain.problem = run->problems++;
        plain.unit = (int)pick(run, UNITS);
        plain.kind = (int)pick(run, KINDS);
        plain.spot = (int)pick(run, 4) - 1;
        plain.solved = pick(run, 5) == 0;
    } else {
        plain.type = steps[pick(run, sizeof steps / sizeof *steps)];
        plain.problem = (int)pick(run, (unsigned)run->problems);
        plain.of = (int)pick(run, (unsigned)run->problems);
        plain.came_back = pick(run, 2) == 0;
        plain.due = pick(run, 2) ? (int)((plain.at + 8 * 3600000) / DAY_MS) + (int)pick(run, 10) - 3 : -1;
    }
    return plain;
}

static struct run *run_open(unsigned seed) {
    struct run *run = calloc(1, sizeof *run);
    assert_non_null(run);
    run->seed = seed;
    run->aggregator.tally = tally_create();
    run->aggregator.question_arena = arena_create(64 << 20);
    return run;
}

static void run_close(struct run *run) {
    tally_destroy(&run->aggregator.tally);
    squads_free(&run->aggregator.squads);
    arena_destroy(&run->aggregator.question_arena);
    free(run);
}

static void equals_a_recount_at_every_moment(void **state) {
    (void)state;
    for (unsigned seed = 1; seed <= SEEDS; seed++) {
        struct run *run = run_open(seed);
        for (int i = 0; i < STEPS; i++) {
            struct plain plain = random_event(run);
            fold_plain(run, &plain);
        }
        check_at(run, run->count);
        for (int at = 0; at < run->count; at += 7) {
            check_at(run, at);
        }
        run_close(run);
    }
}

/* Written page by page and read back, the books say the same and go on. */
static void saved_it_says_the_same(void **state) {
    (void)state;
    struct run *run = run_open(3);
    for (int i = 0; i < STEPS / 2; i++) {
        struct plain plain = random_event(run);
        fold_plain(run, &plain);
    }
    struct tally *again = tally_create();
    for (uint32_t kind = 0; kind < pages_kinds(); kind++) {
        for (uint32_t page = 0; page * (uint64_t)PAGE_ROWS < pages_rows(run->aggregator.tally, kind); page++) {
            struct buffer bytes = {0};
            pages_write(run->aggregator.tally, kind, page, &bytes);
            assert_int_equal(pages_read(again, kind, (struct text){(char *)bytes.data, (uint32_t)bytes.length}), 0);
            buffer_free(&bytes);
        }
    }
    assert_int_equal(pages_complete(again), 0);
    again->position = run->aggregator.tally->position;
    tally_destroy(&run->aggregator.tally);
    run->aggregator.tally = again;
    check_at(run, run->count);
    for (int i = 0; i < STEPS / 2; i++) {
        struct plain plain = random_event(run);
        fold_plain(run, &plain);
    }
    check_at(run, run->count);
    check_at(run, run->count / 3);
    run_close(run);
}

static void bad_questions_are_named(void **state) {
    (void)state;
    struct run *run = run_open(1);
    struct text words[] = {text_of("colour")};
    const struct wire_problems_query by = {.present = 1U << FIELD_problems_query_by, .by = {words, 1}};
    const struct wire_problems_query beyond = {.present = 1U << FIELD_problems_query_at, .at = text_of("77")};
    const struct wire_problems_query when = {.present = 1U << FIELD_problems_query_at, .at = text_of("gestern")};
    const struct wire_problems_query which = {.present = 1U << FIELD_problems_query_state, .state = text_of("lost")};
    const struct {
        const struct wire_problems_query *query;
        enum error_code code;
        const char *word;
    } cases[] = {{&by, ERR_BAD_QUERY, "colour"},
                 {&beyond, ERR_BEYOND, "77"},
                 {&when, ERR_BAD_QUERY, "gestern"},
                 {&which, ERR_BAD_QUERY, "lost"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wire_problems_answer answer = {0};
        struct error error = {0};
        assert_int_equal(answer_problems(&run->aggregator, cases[i].query, &answer, &error), -(int)cases[i].code);
        assert_non_null(strstr(error.text, cases[i].word));
    }
    run_close(run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_a_recount_at_every_moment),
        cmocka_unit_test(saved_it_says_the_same),
        cmocka_unit_test(bad_questions_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
