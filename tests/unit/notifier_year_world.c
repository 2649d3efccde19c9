/* What happens in a simulated year, and what the aggregator would say of it. */
#include "tests/unit/notifier_year.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

const char *const squads[SQUADS] = {"haining/xiashi", "haining/xucun", "haining/maqiao"};
static const char *const names[SQUADS] = {"硖石志愿中队", "许村志愿中队", "马桥志愿中队"};

uint32_t chance(struct world *world, uint32_t of) {
    world->chance = world->chance * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(world->chance >> 33) % of;
}

int64_t at_time(int32_t day, int minutes) {
    return day * DAY + minutes * MINUTE - 8 * HOUR;
}

/* ---- the world ---- */

/* Two activities in ten days for each squad; one of them is silent for six weeks, one for good in the end. */
static void make_activities(struct world *world) {
    for (int day = 1; day < YEAR_DAYS - 10; day++) {
        for (int squad = 0; squad < SQUADS; squad++) {
            bool silent = (squad == 1 && day > 150 && day < 195) || (squad == 2 && day > 330);
            if (silent || chance(world, 10) > 1 || world->activity_count == ACTIVITIES_MAX) {
                continue;
            }
            struct activity *activity = &world->activities[world->activity_count];
            *activity = (struct activity){
                .squad = squad, .last_day = world->first_day + day, .minutes = 30 * (int)(1 + chance(world, 8))};
            activity->due = activity->last_day + 3;
            activity->id = office_id(10000 + world->activity_count++);
            uint32_t kind = chance(world, 10);
            int64_t after =
                (int64_t)chance(world, kind < 7 ? 3 * 24 * 60 : 12 * 24 * 60) * MINUTE + 7; /* amid a minute */
            activity->report_at = kind == 9 ? NEVER : at_time(activity->last_day + 1, 0) + after;
        }
    }
}

static void make_problems(struct world *world) {
    for (int i = 0; i < PROBLEMS_MAX; i++) {
        int64_t raised = world->begin + (int64_t)chance(world, (YEAR_DAYS - 20) * 24 * 60) * MINUTE + 1234;
        int64_t open = (int64_t)chance(world, 72 * 60) * MINUTE + 1;
        world->problems[i] = (struct problem){.squad = (int)chance(world, SQUADS),
                                              .raised_at = raised,
                                              .resolved_at = chance(world, 8) == 0 ? NEVER : raised + open,
                                              .number = 20000 + i};
    }
    world->problem_count = PROBLEMS_MAX;
}

/* ---- what the aggregator would answer ---- */

static bool has_come(const struct world *world, const struct activity *activity) {
    return activity->report_at <= world->now;
}

static void answer_missing(struct world *world, const struct wire_completeness_query *query,
                           struct wire_missing_answer *answer) {
    struct wire_missing_row *rows = arena_alloc(world->answer_arena, ACTIVITIES_MAX * sizeof *rows);
    int32_t today = values_day_of(world->now);
    uint32_t count = 0;
    for (int i = 0; i < world->activity_count; i++) {
        const struct activity *activity = &world->activities[i];
        bool known = activity->last_day <= today + 30;
        if (known && !has_come(world, activity) && activity->due <= today + query->ahead) {
            rows[count++] = (struct wire_missing_row){.unit = text_of(squads[activity->squad]),
                                                      .name = text_of(names[activity->squad]),
                                                      .activity = activity->id,
                                                      .last_day = activity->last_day,
                                                      .due = activity->due,
                                                      .days = today - activity->due};
        }
    }
    answer->rows = (struct list){rows, count};
}

int32_t month_of(int32_t day) {
    int year;
    int month;
    int day_of_month;
    day_split(day, &year, &month, &day_of_month);
    return (year - 1970) * 12 + month - 1;
}

int32_t first_of(int32_t month) {
    return day_from(1970 + month / 12, month % 12 + 1, 1);
}

int world_awaited(const struct world *world, int squad, int32_t month) {
    int owed = 0;
    int missing = 0;
    for (int i = 0; i < world->activity_count; i++) {
        const struct activity *activity = &world->activities[i];
        if (activity->squad == squad && month_of(activity->last_day) == month) {
            owed++;
            missing += !has_come(world, activity);
        }
    }
    return owed > 0 ? missing : -1;
}

static void answer_completeness(struct world *world, const struct wire_completeness_query *query,
                                struct wire_completeness_answer *answer) {
    struct wire_completeness_row *rows = arena_alloc(world->answer_arena, 200 * sizeof *rows);
    uint32_t count = 0;
    for (int squad = 0; squad < SQUADS; squad++) {
        for (int32_t month = query->from; month <= query->to; month++) {
            int missing = world_awaited(world, squad, month);
            if (missing >= 0) {
                rows[count++] = (struct wire_completeness_row){.unit = text_of(squads[squad]),
                                                               .month = month,
                                                               .missing = missing,
                                                               .due = first_of(month + 1) + 4,
                                                               .state = text_of(missing ? "incomplete" : "complete")};
            }
        }
    }
    answer->rows = (struct list){rows, count};
}

int world_minutes(const struct world *world, int squad, int32_t from, int32_t to, int *reports) {
    int minutes = 0;
    *reports = 0;
    for (int i = 0; i < world->activity_count; i++) {
        const struct activity *activity = &world->activities[i];
        if (activity->squad == squad && activity->last_day >= from && activity->last_day <= to &&
            has_come(world, activity)) {
            minutes += activity->minutes;
            *reports += 1;
        }
    }
    return minutes;
}

static void answer_plans(struct world *world, const struct wire_plans_query *query, struct wire_plans_answer *answer) {
    struct wire_plans_row *rows = arena_alloc(world->answer_arena, SQUADS * sizeof *rows);
    struct wire_sum *sums = arena_alloc(world->answer_arena, SQUADS * sizeof *sums);
    for (int squad = 0; squad < SQUADS; squad++) {
        int reports;
        sums[squad].value = world_minutes(world, squad, query->from, query->to, &reports);
        rows[squad] = (struct wire_plans_row){.unit = text_of(squads[squad]),
                                              .activities = reports,
                                              .planned_minutes = PLANNED,
                                              .minutes = {&sums[squad], 1}};
    }
    answer->rows = (struct list){rows, SQUADS};
}

static void answer_totals(struct world *world, const struct wire_totals_query *query,
                          struct wire_totals_answer *answer) {
    struct wire_totals_row *rows = arena_alloc(world->answer_arena, SQUADS * sizeof *rows);
    uint32_t count = 0;
    for (int squad = 0; squad < SQUADS; squad++) {
        int reports;
        world_minutes(world, squad, query->from, query->to, &reports);
        if (reports > 0) {
            rows[count++] = (struct wire_totals_row){.unit = text_of(squads[squad]), .reports = reports};
        }
    }
    answer->rows = (struct list){rows, count};
}

void *world_answer(struct world *world, const struct duty_question *question) {
    enum shape_index shape = SHAPE_completeness_query;
    shape = question->answer == SHAPE_plans_answer ? SHAPE_plans_query : shape;
    shape = question->answer == SHAPE_totals_answer ? SHAPE_totals_query : shape;
    arena_reset(world->answer_arena);
    void *query = arena_alloc(world->answer_arena, shape_of(shape)->size);
    void *answer = arena_alloc(world->answer_arena, shape_of(question->answer)->size);
    struct faults faults = {0};
    struct text bytes = {(const char *)world->payload.data, (uint32_t)world->payload.length};
    if (codec_decode(shape_of(shape), bytes, world->answer_arena, query, &faults) < 0) {
        fail_msg("a question: %s", faults.items[0].field);
    }
    switch (question->answer) {
    case SHAPE_missing_answer:
        answer_missing(world, query, answer);
        break;
    case SHAPE_completeness_answer:
        answer_completeness(world, query, answer);
        break;
    case SHAPE_plans_answer:
        answer_plans(world, query, answer);
        break;
    default:
        answer_totals(world, query, answer);
        break;
    }
    return answer;
}

void world_make(struct world *world) {
    make_activities(world);
    make_problems(world);
}
