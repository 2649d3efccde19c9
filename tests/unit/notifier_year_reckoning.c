/* The plain reckoning: which reminder is due at which time, rule by rule, from the world itself. */
#include "tests/unit/notifier_year.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

char *world_line(const char *rule, const char *unit, const char *subject, const char *period, int step, int repeat,
                 int64_t at) {
    char text[300];
    snprintf(text, sizeof text, "%s %s %s %s %d/%d at %lld", rule, unit, subject, period, step, repeat, (long long)at);
    return strdup(text);
}

static void expect(struct world *world, char *made) {
    assert_true(world->expected_count < ALERTS_MAX);
    world->expected[world->expected_count++] = made;
}

/* A reminder at `at`, if the report has not come by then. */
static bool expect_report(struct world *world, const struct activity *activity, const char *rule, int step, int repeat,
                          int64_t at) {
    char subject[ID_TEXT_SIZE];
    char period[DATE_TEXT_SIZE];
    if (at <= world->begin || at > world->end || activity->report_at <= at) {
        return false;
    }
    id_format(&activity->id, subject);
    day_format(activity->due, period);
    expect(world, world_line(rule, squads[activity->squad], subject, period, step, repeat, at));
    return true;
}

static void expect_reports(struct world *world) {
    for (int i = 0; i < world->activity_count; i++) {
        const struct activity *activity = &world->activities[i];
        int64_t overdue = at_time(activity->due + 1, 540);
        expect_report(world, activity, "soon", 0, 0, at_time(activity->due - 3, 540));
        expect_report(world, activity, "today", 0, 0, at_time(activity->due, 480));
        if (expect_report(world, activity, "overdue", 0, 0, overdue)) {
            expect_report(world, activity, "overdue", 1, 0, overdue + 60 * MINUTE);
            expect_report(world, activity, "overdue", 0, 1, overdue + DAY);
            expect_report(world, activity, "overdue", 2, 0, overdue + 1500 * MINUTE);
            expect_report(world, activity, "overdue", 0, 2, overdue + 2 * DAY);
        }
    }
}

static void expect_months(struct world *world, int squad) {
    for (int32_t month = month_of(world->first_day) - 1; month < month_of(world->first_day) + 15; month++) {
        char period[DATE_TEXT_SIZE];
        int reports;
        int32_t last = first_of(month + 1) - 1;
        month_format(month, period);
        world->now = at_time(first_of(month + 1) + 5, 600);
        if (world->now > world->begin && world->now <= world->end && world_awaited(world, squad, month) > 0) {
            expect(world, world_line("month", squads[squad], squads[squad], period, 0, 0, world->now));
        }
        world->now = at_time(first_of(month) + 19, 540);
        if (world->now > world->begin && world->now <= world->end &&
            world_minutes(world, squad, first_of(month), last, &reports) * 100 < 50 * PLANNED) {
            expect(world, world_line("half", squads[squad], squads[squad], period, 0, 0, world->now));
        }
        world->now = at_time(last, 1439);
        world_minutes(world, squad, first_of(month), last, &reports);
        if (world->now > world->begin && world->now <= world->end && reports < 3) {
            expect(world, world_line("last", squads[squad], squads[squad], period, 0, 0, world->now));
        }
    }
}

static void expect_silences(struct world *world, int squad) {
    bool silent = false;
    for (int32_t day = world->first_day; day < world->first_day + YEAR_DAYS + 5; day++) {
        char period[DATE_TEXT_SIZE];
        int reports;
        world->now = at_time(day, 570);
        if (world->now <= world->begin || world->now > world->end) {
            continue;
        }
        world_minutes(world, squad, day - 13, day, &reports);
        if (reports == 0 && !silent) {
            day_format(day, period);
            expect(world, world_line("silent", squads[squad], squads[squad], period, 0, 0, world->now));
        }
        silent = reports == 0;
    }
}

static void expect_problems(struct world *world) {
    for (int i = 0; i < world->problem_count; i++) {
        const struct problem *problem = &world->problems[i];
        char subject[ID_TEXT_SIZE];
        char period[DATE_TEXT_SIZE];
        struct id id = office_id(problem->number);
        int64_t at = problem->raised_at + 24 * HOUR;
        id_format(&id, subject);
        day_format(values_day_of(problem->raised_at), period);
        if (problem->resolved_at > at && at <= world->end) {
            expect(world, world_line("open", squads[problem->squad], subject, period, 0, 0, at));
        }
        if (problem->resolved_at > at + 2 * HOUR && at + 2 * HOUR <= world->end) {
            expect(world, world_line("open", squads[problem->squad], subject, period, 1, 0, at + 2 * HOUR));
        }
    }
}

void world_reckon(struct world *world) {
    expect_reports(world);
    for (int squad = 0; squad < SQUADS; squad++) {
        expect_months(world, squad);
        expect_silences(world, squad);
    }
    expect_problems(world);
}
