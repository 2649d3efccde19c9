/* Plans against what is reported: after random plans, versions, reports and units that change their kind the table is that of a
 * slow recount, now and at every earlier event, also after the tally was saved and read back; an earlier answer stays the same
 * to the byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/book_desk.h"

#define SEEDS 8
#define STEPS 140
#define UNITS 5
#define LINES 3
#define PROGRAMMES 2
#define YEAR 2026
#define MONTHS 3        /* January to March */
#define FIRST_DAY 20454 /* 2026-01-01 */

/* The last two are teams of the second and third. */
static const char *const units[UNITS] = {"haining", "haining/b", "haining/c", "haining/b/t1", "haining/c/t1"};
static const int parents[UNITS] = {-1, 0, 0, 1, 2};
static const char *const programmes[PROGRAMMES] = {"clean-home", "dog"};

/* ---- the recount: plain events by seq, read from the beginning each time ---- */

struct plain_line {
    int month;
    int programme;
    int activities;
    int attendances;
    int minutes;
};

struct plain {
    enum event_type type;
    int unit;
    int plan; /* seq of the plan.drafted */
    int line_count;
    struct plain_line lines[LINES];
    int day; /* of a report, from FIRST_DAY on */
    int programme;
    int attendances;
    int minutes;
    bool squad; /* of a unit: it is one */
};

struct run {
    struct desk *desk;
    struct plain events[STEPS + UNITS + 1];
};

/* What one row says; months and programmes of all where the question is not by them. */
struct wanted {
    int squad;     /* -1: all together */
    int programme; /* -1 */
    int month;     /* -1 */
};

struct figures {
    int planned_activities, planned_attendances, planned_minutes, activities, attendances, minutes;
};

static bool is_squad(const struct run *run, int unit, int at) {
    bool squad = false;
    for (int seq = 1; seq <= at; seq++) {
        const struct plain *event = &run->events[seq];
        squad = event->type == EVENT_UNIT_SET && event->unit == unit ? event->squad : squad;
    }
    return squad;
}

static int squad_of(const struct run *run, int unit, int at) {
    for (int above = unit; above >= 0; above = parents[above]) {
        if (is_squad(run, above, at)) {
            return above;
        }
    }
    return unit;
}

/* The plan of the unit that was fixed last; 0: none. Steps that do not follow each other are left out. */
static int holding(const struct run *run, int unit, int at) {
    int found = 0;
    bool submitted[STEPS + UNITS + 1] = {false};
    bool fixed[STEPS + UNITS + 1] = {false};
    for (int seq = 1; seq <= at; seq++) {
        const struct plain *event = &run->events[seq];
        if (event->type == EVENT_PLAN_SUBMITTED && !fixed[event->plan]) {
            submitted[event->plan] = true;
        }
        if (event->type == EVENT_PLAN_FIXED && submitted[event->plan] && !fixed[event->plan]) {
            fixed[event->plan] = true;
            found = run->events[event->plan].unit == unit ? event->plan : found;
        }
    }
    return found;
}

/* Whether a unit above, up to what the row holds together, has a plan that stands for this one too. */
static bool is_covered(const struct run *run, int unit, bool by_squad, int at) {
    int top = by_squad ? squad_of(run, unit, at) : -1;
    for (int above = unit; above != top && above >= 0;) {
        above = parents[above];
        if (above >= 0 && holding(run, above, at) != 0) {
            return true;
        }
    }
    return false;
}

static bool fits(int value, int wanted) {
    return wanted < 0 || value == wanted;
}

static struct figures recount(const struct run *run, struct wanted wanted, bool by_squad, int at) {
    struct figures figures = {0};
    for (int unit = 0; unit < UNITS; unit++) {
        int plan = holding(run, unit, at);
        bool counts =
            plan != 0 && !is_covered(run, unit, by_squad, at) && (!by_squad || squad_of(run, unit, at) == wanted.squad);
        for (int i = 0; counts && i < run->events[plan].line_count; i++) {
            const struct plain_line *line = &run->events[plan].lines[i];
            if (fits(line->month, wanted.month) && fits(line->programme, wanted.programme)) {
                figures.planned_activities += line->activities;
                figures.planned_attendances += line->attendances;
                figures.planned_minutes += line->minutes;
            }
        }
    }
    for (int seq = 1; seq <= at; seq++) {
        const struct plain *report = &run->events[seq];
        int month = report->day < 31 ? 0 : report->day < 59 ? 1 : 2;
        if (report->type == EVENT_REPORT_SUBMITTED && (!by_squad || squad_of(run, report->unit, at) == wanted.squad) &&
            fits(report->programme, wanted.programme) && fits(month, wanted.month)) {
            figures.activities++;
            figures.attendances += report->attendances;
            figures.minutes += report->minutes;
        }
    }
    return figures;
}

/* ---- the answer ---- */

static struct wire_plans_answer ask(struct run *run, int at, const char *const words[3]) {
    struct text by[3];
    char text[24];
    struct wire_plans_query query = {.from = FIRST_DAY, .to = FIRST_DAY + 89, .by = {by, 0}};
    struct wire_plans_answer answer = {0};
    struct error error = {0};
    snprintf(text, sizeof text, "%d", at);
    for (int i = 0; i < 3 && words[i]; i++) {
        by[query.by.count++] = text_of(words[i]);
    }
    query.at = text_of(text);
    query.present = UINT64_C(1) << FIELD_plans_query_from | UINT64_C(1) << FIELD_plans_query_to |
                    UINT64_C(1) << FIELD_plans_query_by |
                    (uint64_t)((uint64_t)at < run->desk->seq) << FIELD_plans_query_at;
    if (answer_plans(&run->desk->aggregator, &query, &answer, &error) < 0) {
        fail_msg("%s", error.text);
    }
    return answer;
}

static int64_t value_of(const struct list *sum) {
    return ((const struct wire_sum *)sum->items)->value;
}

static int find(const char *const words[], int count, struct text word) {
    int found = 0;
    while (found < count && !text_equal(word, text_of(words[found]))) {
        found++;
    }
    assert_true(found < count);
    return found;
}

static int64_t percent(int done, int planned) {
    return planned == 0 ? 0 : (int64_t)done * 10000 / planned;
}

static void expect(const struct wire_plans_row *row, const struct figures *figures) {
    assert_int_equal(row->planned_activities, figures->planned_activities);
    assert_int_equal(row->planned_attendances, figures->planned_attendances);
    assert_int_equal(row->planned_minutes, figures->planned_minutes);
    assert_int_equal(row->activities, figures->activities);
    assert_int_equal(value_of(&row->attendances), figures->attendances);
    assert_int_equal(value_of(&row->minutes), figures->minutes);
    assert_int_equal(row->activities_percent, percent(figures->activities, figures->planned_activities));
    assert_int_equal(row->minutes_percent, percent(figures->minutes, figures->planned_minutes));
}

/* Every row, and that nothing is in no row. */
static void check(struct run *run, int at, const char *const words[3]) {
    bool by[3] = {false};
    static const char *const dimensions[] = {"squad", "programme", "month"};
    for (int i = 0; i < 3 && words[i]; i++) {
        by[find(dimensions, 3, text_of(words[i]))] = true;
    }
    arena_reset(run->desk->aggregator.question_arena);
    struct wire_plans_answer answer = ask(run, at, words);
    const struct wire_plans_row *rows = answer.rows.items;
    int found[2] = {0};
    int expected[2] = {0};
    for (uint32_t i = 0; i < answer.rows.count; i++) {
        struct wanted wanted = {-1, -1, -1};
        wanted.squad = by[0] ? find(units, UNITS, rows[i].unit) : -1;
        wanted.programme = by[1] ? find(programmes, PROGRAMMES, rows[i].programme) : -1;
        wanted.month = by[2] ? rows[i].period.data[6] - '1' : -1;
        struct figures figures = recount(run, wanted, by[0], at);
        expect(&rows[i], &figures);
        found[0] += (int)rows[i].planned_activities;
        found[1] += (int)rows[i].activities;
    }
    for (int squad = 0; squad < (by[0] ? UNITS : 1); squad++) {
        struct figures figures = recount(run, (struct wanted){by[0] ? squad : -1, -1, -1}, by[0], at);
        expected[0] += figures.planned_activities;
        expected[1] += figures.activities;
    }
    assert_memory_equal(found, expected, sizeof found);
}

static void check_all(struct run *run, int at) {
    static const char *const asked[][3] = {
        {NULL, NULL, NULL}, {"squad", NULL, NULL}, {"programme", "month", NULL}, {"squad", "programme", "month"}};
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        check(run, at, asked[i]);
    }
}

/* ---- steps ---- */

static struct plain *note(struct run *run, enum event_type type, int unit) {
    struct plain *plain = &run->events[run->desk->seq + 1];
    *plain = (struct plain){.type = type, .unit = unit};
    return plain;
}

static void draft(struct run *run, int unit) {
    struct wire_plan_line lines[LINES];
    struct plain *plain = note(run, EVENT_PLAN_DRAFTED, unit);
    plain->line_count = 1 + (int)desk_draw(run->desk, LINES);
    for (int i = 0; i < plain->line_count; i++) {
        plain->lines[i] = (struct plain_line){(int)desk_draw(run->desk, MONTHS), (int)desk_draw(run->desk, PROGRAMMES),
                                              (int)desk_draw(run->desk, 9), (int)desk_draw(run->desk, 200),
                                              (int)desk_draw(run->desk, 3000)};
        lines[i] = (struct wire_plan_line){.month = (YEAR - 1970) * 12 + plain->lines[i].month,
                                           .programme = text_of(programmes[plain->lines[i].programme]),
                                           .activities = plain->lines[i].activities,
                                           .attendances = plain->lines[i].attendances,
                                           .minutes = plain->lines[i].minutes};
    }
    union event_body body = {.plan = {.year = YEAR, .lines = {lines, (uint32_t)plain->line_count}}};
    desk_fold(run->desk, EVENT_PLAN_DRAFTED, units[unit], 0, &body);
}

static void step_plan(struct run *run, enum event_type type) {
    int plan = 1 + (int)desk_draw(run->desk, (uint32_t)run->desk->seq);
    while (plan > 0 && run->events[plan].type != EVENT_PLAN_DRAFTED) {
        plan--;
    }
    if (plan > 0) {
        note(run, type, run->events[plan].unit)->plan = plan;
        union event_body body = {.plan_step = {.present = 1, .plan = desk_id((uint64_t)plan)}};
        desk_fold(run->desk, type, units[run->events[plan].unit], 0, &body);
    }
}

static void report(struct run *run, int unit) {
    struct plain *plain = note(run, EVENT_REPORT_SUBMITTED, unit);
    plain->day = (int)desk_draw(run->desk, 90);
    plain->programme = (int)desk_draw(run->desk, PROGRAMMES);
    plain->attendances = (int)desk_draw(run->desk, 60);
    plain->minutes = (int)desk_draw(run->desk, 900);
    struct text programme = text_of(programmes[plain->programme]);
    union event_body body = {.report = {.programmes = {&programme, 1},
                                        .date = FIRST_DAY + plain->day,
                                        .attendances = plain->attendances,
                                        .minutes = plain->minutes}};
    wire_set(&body.report.present, FIELD_report_date);
    wire_set(&body.report.present, FIELD_report_attendances);
    wire_set(&body.report.present, FIELD_report_minutes);
    desk_fold(run->desk, EVENT_REPORT_SUBMITTED, units[unit], 0, &body);
}

static void set_kind(struct run *run, int unit, bool squad) {
    note(run, EVENT_UNIT_SET, unit)->squad = squad;
    union event_body body = {
        .unit = {.name = text_of(squad ? "中队" : "别的"), .kind = text_of(squad ? "squad" : "body")}};
    desk_fold(run->desk, EVENT_UNIT_SET, units[unit], 0, &body);
}

static void step(struct run *run) {
    uint32_t dice = desk_draw(run->desk, 100);
    int unit = (int)desk_draw(run->desk, UNITS);
    if (dice < 20) {
        draft(run, unit);
    } else if (dice < 40) {
        step_plan(run, EVENT_PLAN_SUBMITTED);
    } else if (dice < 55) {
        step_plan(run, EVENT_PLAN_FIXED);
    } else if (dice < 92) {
        report(run, unit);
    } else {
        set_kind(run, unit, desk_draw(run->desk, 2) == 0);
    }
}

static void equals_a_recount_at_every_event(void **state) {
    (void)state;
    static const char *const by[3] = {"squad", "month", NULL};
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct run run = {.desk = desk_open(seed)};
        struct buffer given[STEPS] = {0};
        uint64_t seqs[STEPS];
        for (int unit = 0; unit < UNITS; unit++) {
            set_kind(&run, unit, unit == 1 || unit == 2);
        }
        for (int i = 0; i < STEPS; i++) {
            step(&run);
            check_all(&run, (int)run.desk->seq);
            struct wire_plans_answer answer = ask(&run, (int)run.desk->seq, by);
            given[i] = desk_bytes(SHAPE_plans_answer,
                                  &(struct wire_plans_answer){1U << FIELD_plans_answer_rows, {0}, 0, 0, answer.rows});
            seqs[i] = run.desk->seq;
            if (i == STEPS / 2) {
                read_back(&run.desk->aggregator.tally);
            }
        }
        set_kind(&run, 1, false);
        set_kind(&run, 3, true);
        for (int i = 0; i < STEPS; i++) {
            arena_reset(run.desk->aggregator.question_arena);
            struct wire_plans_answer answer = ask(&run, (int)seqs[i], by);
            struct buffer again = desk_bytes(
                SHAPE_plans_answer, &(struct wire_plans_answer){1U << FIELD_plans_answer_rows, {0}, 0, 0, answer.rows});
            assert_int_equal(again.length, given[i].length);
            assert_memory_equal(again.data, given[i].data, again.length);
            buffer_free(&again);
            buffer_free(&given[i]);
        }
        for (int at = 0; at <= (int)run.desk->seq; at += 5) {
            check_all(&run, at);
        }
        desk_close(run.desk);
    }
}

/* What was done so far, spread over the days of the month that runs. */
static void a_forecast_is_of_the_running_month(void **state) {
    (void)state;
    struct run run = {.desk = desk_open(1)};
    set_kind(&run, 1, true);
    union event_body day = {.clock_day = {.day = FIRST_DAY + 9}};
    note(&run, EVENT_CLOCK_DAY, 0);
    desk_fold(run.desk, EVENT_CLOCK_DAY, "haining", 0, &day);
    for (int i = 0; i < 7; i++) {
        report(&run, 1);
    }
    struct wire_plans_answer answer = ask(&run, (int)run.desk->seq, (const char *const[3]){"squad", "month", NULL});
    const struct wire_plans_row *rows = answer.rows.items;
    for (uint32_t i = 0; i < answer.rows.count; i++) {
        bool runs = text_equal(rows[i].period, text_of("2026-01"));
        assert_int_equal(wire_has(rows[i].present, FIELD_plans_row_forecast_activities), runs);
        if (runs) {
            assert_int_equal(rows[i].forecast_activities, (rows[i].activities * 31 + 5) / 10);
        }
    }
    desk_close(run.desk);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_a_recount_at_every_event),
        cmocka_unit_test(a_forecast_is_of_the_running_month),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
