/* Completeness and timeliness against a slow recount: activities that are planned, changed, cancelled and merged, reports
 * that come in time, late or not at all, days that pass, deadlines and kinds of units that change; every answer again, as it
 * stood; each month by itself; and months that were late, which are those that were not whole when their due day ended, whether the
 * question finds that out or it is made by the by, a few activities between two events. Rows come in their order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/aggregator/agenda/completeness.h"
#include "services/aggregator/fold.h"
#include "services/aggregator/moments/moments.h"
#include "tests/unit/completeness_recount.h"
#include "tests/unit/read_back.h"

#define SEEDS 12

/* ---- the aggregator ---- */

struct desk {
    struct tally *tally;
    struct arena *arena;
    struct squads squads;
    struct squads lent;
    struct naive naive;
    uint64_t dice;
    int ids;
};

static uint32_t draw(struct desk *desk, uint32_t below) {
    desk->dice = desk->dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((desk->dice >> 33) % below);
}

static struct id id_of(int number) {
    struct id id = {{9}};
    id.bytes[14] = (uint8_t)(number >> 8);
    id.bytes[15] = (uint8_t)number;
    return id;
}

static int fold(struct desk *desk, enum event_type type, const char *unit, union event_body *body) {
    struct error error = {0};
    struct event event = {.type = type,
                          .id = id_of(++desk->ids),
                          .unit = text_of(unit),
                          .body = body,
                          .seq = desk->tally->position.seq + 1};
    assert_int_equal(fold_event(desk->tally, &event, &error), 0);
    desk->tally->position = (struct position){5, 1, event.seq, 1};
    return desk->ids;
}

/* What is asked for beside the moment. */
struct which {
    int32_t month; /* 0: all */
    bool late;     /* only months that were late */
    bool team;     /* only of the team */
};

static struct list answer_rows(struct desk *desk, struct completeness *completeness, const char *at,
                               struct which which) {
    struct wire_completeness_query query = {
        .at = text_of(at), .from = which.month, .to = which.month, .month_late = which.late};
    struct wire_completeness_answer answer;
    struct error error = {0};
    query.unit = text_of(squads[SQUADS - 1]);
    query.present = (uint64_t)which.team << FIELD_completeness_query_unit |
                    (uint64_t)(at != NULL) << FIELD_completeness_query_at |
                    (uint64_t)(which.month != 0) << FIELD_completeness_query_from |
                    (uint64_t)(which.month != 0) << FIELD_completeness_query_to;
    assert_int_equal(completeness_read(desk->tally, &query, completeness, &error), 0);
    completeness->sums_only = which.team;
    assert_int_equal(completeness_collect(completeness, &desk->squads, desk->tally), 0);
    assert_int_equal(completeness_answer(completeness, &desk->lent, desk->tally, desk->arena, &answer), 0);
    return answer.rows;
}

static bool is_same(const struct wire_completeness_row *a, const struct wire_completeness_row *b) {
    return text_equal(a->unit, b->unit) && a->month == b->month && a->due == b->due && text_equal(a->state, b->state) &&
           a->expected == b->expected && a->in_time == b->in_time && a->late == b->late && a->missing == b->missing &&
           a->open == b->open;
}

/* Each month by itself says the same; the months that were late are those of which something was outstanding when their due
 * day ended. */
static void check_months(struct desk *desk, const char *at, const struct wire_completeness_row *rows, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        struct completeness completeness;
        char due[DATE_TEXT_SIZE];
        int found = 0;
        struct list month = answer_rows(desk, &completeness, at, (struct which){.month = rows[i].month});
        for (uint32_t j = 0; j < month.count; j++) {
            const struct wire_completeness_row *row = (const struct wire_completeness_row *)month.items + j;
            assert_int_equal(row->month, rows[i].month);
            found += is_same(row, &rows[i]);
        }
        assert_int_equal(found, 1);
        bool over = completeness.today > rows[i].due;
        completeness_free(&completeness);
        bool outstanding = false;
        day_format(rows[i].due, due);
        struct list then = {0};
        if (over) {
            then = answer_rows(desk, &completeness, due, (struct which){.month = rows[i].month});
            completeness_free(&completeness);
        }
        for (uint32_t j = 0; j < then.count; j++) {
            const struct wire_completeness_row *row = (const struct wire_completeness_row *)then.items + j;
            outstanding = outstanding || (text_equal(row->unit, rows[i].unit) && row->missing + row->open > 0);
        }
        bool told = false;
        struct list late = answer_rows(desk, &completeness, at, (struct which){.month = rows[i].month, .late = true});
        for (uint32_t j = 0; j < late.count; j++) {
            told = told || text_equal(((const struct wire_completeness_row *)late.items + j)->unit, rows[i].unit);
        }
        assert_int_equal(told, outstanding);
        completeness_free(&completeness);
    }
}

/* Of squads without a place: by path, then by month. */
static void check_order(const struct wire_completeness_row *rows, uint32_t count) {
    for (uint32_t i = 1; i < count; i++) {
        int order = names_compare(rows[i - 1].unit, rows[i].unit);
        assert_true(order < 0 || (order == 0 && rows[i - 1].month < rows[i].month));
    }
}

static void ask(struct desk *desk, const char *at, struct lines *lines, bool thorough) {
    struct completeness completeness;
    struct wire_missing_answer missing;
    int64_t count = 0;
    arena_reset(desk->arena);
    struct list answer = answer_rows(desk, &completeness, at, (struct which){0});
    const struct wire_completeness_row *rows = answer.items;
    check_order(rows, answer.count);
    for (uint32_t i = 0; i < answer.count; i++) {
        put(lines, "%.*s %d: %d %d %d %d %d", (int)rows[i].unit.length, rows[i].unit.data, (int)rows[i].month,
            (int)rows[i].expected, (int)rows[i].in_time, (int)rows[i].late, (int)rows[i].missing, (int)rows[i].open);
        count += rows[i].missing;
        bool whole = rows[i].missing == 0 && rows[i].open == 0;
        assert_int_equal(text_equal(rows[i].state, text_of("complete")), whole);
    }
    assert_int_equal(missing_answer(&completeness, desk->tally, desk->arena, &missing), 0);
    assert_int_equal(missing.rows.count, count); /* who is missing is who is counted as missing */
    for (uint32_t i = 0; i < answer.count; i++) {
        count += rows[i].open;
    }
    completeness.ahead = 100000;
    assert_int_equal(missing_answer(&completeness, desk->tally, desk->arena, &missing), 0);
    assert_int_equal(missing.rows.count,
                     completeness.today == DAY_UNKNOWN ? 0 : count); /* and who is still to report */
    completeness_free(&completeness);
    struct list team = answer_rows(desk, &completeness, at, (struct which){.team = true});
    for (uint32_t i = 0; i < team.count; i++) {
        const struct wire_completeness_row *row = (const struct wire_completeness_row *)team.items + i;
        put(lines, "alone: %.*s %d: %d %d %d %d %d", (int)row->unit.length, row->unit.data, (int)row->month,
            (int)row->expected, (int)row->in_time, (int)row->late, (int)row->missing, (int)row->open);
    }
    completeness_free(&completeness);
    if (thorough) {
        check_months(desk, at, rows, answer.count);
    }
}

static void compare(const struct lines *got, const struct lines *expected) {
    assert_int_equal(got->count, expected->count);
    for (int i = 0; i < got->count; i++) {
        bool found = false;
        for (int j = 0; j < expected->count && !found; j++) {
            found = strcmp(got->text[i], expected->text[j]) == 0;
        }
        if (!found) {
            fail_msg("not in the recount: %s", got->text[i]);
        }
    }
}

/* ---- steps ---- */

static void plan(struct desk *desk, struct plan *plan, union event_body *body, struct text *paths, int32_t *days,
                 bool change) {
    plan->held_count = 1 + (int)draw(desk, HELD_MAX - 1);
    plan->held[0] = (int)draw(desk, SQUADS);
    plan->held[1] = (plan->held[0] + 1) % SQUADS; /* which may be its team */
    for (int i = 0; i < plan->held_count; i++) {
        paths[i] = text_of(squads[plan->held[i]]);
    }
    days[0] = desk->naive.today - 10 + (int32_t)draw(desk, 40);
    days[1] = days[0] + (int32_t)draw(desk, 3);
    plan->last_day = days[1];
    struct list units = {paths, (uint32_t)plan->held_count};
    struct list dates = {days, 2};
    if (change) {
        body->activity_change.units = units;
        body->activity_change.dates = dates;
    } else {
        body->activity.units = units;
        body->activity.dates = dates;
    }
}

static void plan_one(struct desk *desk, bool change, int which) {
    union event_body body = {0};
    struct text paths[HELD_MAX];
    int32_t days[2];
    struct naive *naive = &desk->naive;
    struct plan *one = &naive->plans[change ? which : naive->plan_count];
    plan(desk, one, &body, paths, days, change);
    if (change) {
        body.activity_change.activity = id_of(one->id);
        fold(desk, EVENT_ACTIVITY_CHANGED, "haining", &body);
    } else {
        one->stands = true;
        one->root = naive->plan_count++;
        one->id = fold(desk, EVENT_ACTIVITY_PLANNED, "haining", &body);
    }
}

static void report_one(struct desk *desk, int which) {
    struct naive *naive = &desk->naive;
    const struct plan *about = &naive->plans[which];
    struct sent *sent = &naive->reports[naive->report_count++];
    struct text programme = text_of("dog");
    union event_body body = {.report = {.programmes = {&programme, 1}, .activity = id_of(about->id)}};
    wire_set(&body.report.present, FIELD_report_activity);
    sent->live = true;
    sent->plan = which;
    sent->squad = (int)draw(desk, SQUADS);
    /* A cancelled activity has no days any more, and this report has none of its own. */
    sent->late = about->stands && naive->today > about->last_day + naive->due_days;
    sent->id = fold(desk, EVENT_REPORT_SUBMITTED, squads[sent->squad], &body);
}

static void correct_one(struct desk *desk, struct sent *sent, bool withdraw) {
    struct text programme = text_of("parking");
    union event_body body = {0};
    if (withdraw) {
        body.report_withdrawal.report = id_of(sent->id);
        sent->live = false;
        fold(desk, EVENT_REPORT_WITHDRAWN, squads[sent->squad], &body);
        return;
    }
    body.report = (struct wire_report){
        .amends = id_of(sent->id), .programmes = {&programme, 1}, .activity = id_of(desk->naive.plans[sent->plan].id)};
    wire_set(&body.report.present, FIELD_report_activity);
    fold(desk, EVENT_REPORT_AMENDED, squads[sent->squad], &body); /* late stays late */
}

static void merge(struct desk *desk, int into, int from) {
    struct naive *naive = &desk->naive;
    int gone = naive->plans[from].root;
    union event_body body = {
        .activity_merge = {.into = id_of(naive->plans[into].id), .from = id_of(naive->plans[from].id)}};
    for (int i = 0; i < naive->plan_count; i++) {
        naive->plans[i].root = naive->plans[i].root == gone ? naive->plans[into].root : naive->plans[i].root;
    }
    fold(desk, EVENT_ACTIVITY_MERGED, "haining", &body);
}

static void pass_day(struct desk *desk) {
    union event_body body = {.clock_day = {.day = ++desk->naive.today}};
    fold(desk, EVENT_CLOCK_DAY, "haining", &body);
}

static void set_deadline(struct desk *desk) {
    char value[8];
    desk->naive.due_days = draw(desk, 6);
    snprintf(value, sizeof value, "%d", (int)desk->naive.due_days);
    union event_body body = {.setting = {.name = text_of("report-due-days"), .value = text_of(value)}};
    fold(desk, EVENT_SETTING_SET, "haining", &body);
}

/* What was reported and planned before stands elsewhere from now on; earlier answers do not. */
static void set_kind(struct desk *desk) {
    desk->naive.dissolved = !desk->naive.dissolved;
    union event_body body = {
        .unit = {.name = text_of(squads[0]), .kind = text_of(desk->naive.dissolved ? "body" : "squad")}};
    fold(desk, EVENT_UNIT_SET, squads[0], &body);
}

static void step(struct desk *desk) {
    struct naive *naive = &desk->naive;
    uint32_t dice = draw(desk, 100);
    int which = naive->plan_count > 0 ? (int)draw(desk, (uint32_t)naive->plan_count) : 0;
    if (dice < 25 || naive->plan_count < 2) {
        plan_one(desk, false, 0);
    } else if (dice < 32 && naive->plans[which].stands) {
        plan_one(desk, true, which);
    } else if (dice < 36 && naive->plans[which].stands) {
        union event_body body = {.activity_cancel = {.activity = id_of(naive->plans[which].id)}};
        naive->plans[which].stands = false;
        fold(desk, EVENT_ACTIVITY_CANCELLED, "haining", &body);
    } else if (dice < 40) {
        merge(desk, which, (int)draw(desk, (uint32_t)naive->plan_count));
    } else if (dice < 70) {
        report_one(desk, which);
    } else if (dice < 78 && naive->report_count > 0) {
        struct sent *sent = &naive->reports[draw(desk, (uint32_t)naive->report_count)];
        if (sent->live) {
            correct_one(desk, sent, draw(desk, 3) == 0);
        }
    } else if (dice < 80) {
        set_deadline(desk);
    } else if (dice < 82) {
        set_kind(desk);
    } else {
        pass_day(desk);
    }
}

static void equals_a_recount_also_as_it_stood(void **state) {
    (void)state;
    struct lines *given = calloc(EVENTS + 1, sizeof *given);
    struct lines *expected = calloc(1, sizeof *expected);
    uint64_t seqs[EVENTS + 1];
    assert_true(given && expected);
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct desk *desk = calloc(1, sizeof *desk);
        assert_non_null(desk);
        desk->tally = tally_create();
        desk->arena = arena_create(SIZE_MAX);
        desk->dice = seed * 7919;
        desk->naive.today = DAY;
        desk->naive.due_days = 3;
        for (int i = 0; i < SQUADS; i++) {
            union event_body body = {
                .unit = {.name = text_of(squads[i]), .kind = text_of(i == SQUADS - 1 ? "team" : "squad")}};
            fold(desk, EVENT_UNIT_SET, squads[i], &body);
        }
        pass_day(desk);
        for (int i = 0; i < EVENTS; i++) {
            step(desk);
            given[i].count = 0;
            expected->count = 0;
            ask(desk, NULL, &given[i], i % 20 == 0);
            (void)late_warm(desk->tally, seed % 2 == 0 ? 0 : 1 + (uint32_t)i % 3);
            recount(&desk->naive, expected);
            desk->naive.team_alone = true;
            recount(&desk->naive, expected);
            desk->naive.team_alone = false;
            compare(&given[i], expected);
            seqs[i] = desk->tally->position.seq;
            if (i == EVENTS / 2) {
                read_back(&desk->tally);
            }
        }
        for (int i = 0; i < EVENTS; i++) {
            char at[24];
            snprintf(at, sizeof at, "%llu", (unsigned long long)seqs[i]);
            expected->count = 0;
            ask(desk, at, expected, i % 20 == 0);
            compare(&given[i], expected);
        }
        tally_destroy(&desk->tally);
        arena_destroy(&desk->arena);
        squads_free(&desk->squads);
        squads_free(&desk->lent);
        free(desk);
    }
    free(given);
    free(expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_a_recount_also_as_it_stood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
