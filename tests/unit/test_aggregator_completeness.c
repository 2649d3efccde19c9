/* Completeness and timeliness against a slow recount: activities that are planned, changed, cancelled and merged, reports
 * that come in time, late or not at all, days that pass, deadlines that change; and every answer again, as it stood. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/aggregator/agenda/completeness.h"
#include "services/aggregator/fold.h"
#include "services/aggregator/moments/moments.h"

#define SEEDS 12
#define EVENTS 220
#define DAY 20550 /* 2026-04-07 */
#define SQUADS 3
#define HELD_MAX 3
#define LINES 400

static const char *const squads[SQUADS] = {"haining/xiashi", "haining/xucun", "haining/maqiao"};

/* ---- the recount ---- */

struct plan {
    bool stands;
    int id;
    int root; /* index of the plan that stands for it */
    int held[HELD_MAX];
    int held_count;
    int32_t last_day;
};

struct sent {
    bool live;
    int id;
    int plan;
    int squad;
    bool late;
};

struct naive {
    struct plan plans[EVENTS];
    int plan_count;
    struct sent reports[EVENTS];
    int report_count;
    int32_t today;
    int64_t due_days;
};

/* One line of an answer as text. */
struct lines {
    char text[LINES][120];
    int count;
};

static void put(struct lines *lines, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(struct lines *lines, const char *format, ...) {
    va_list values;
    va_start(values, format);
    assert_true(lines->count < LINES);
    vsnprintf(lines->text[lines->count++], sizeof lines->text[0], format, values);
    va_end(values);
}

static bool holds(const struct plan *plan, int squad) {
    for (int i = 0; i < plan->held_count; i++) {
        if (plan->held[i] == squad) {
            return true;
        }
    }
    return false;
}

/* The last of the days of all plans that became this one and that the squad holds; INT32_MIN when it owes nothing. */
static int32_t owed_day(const struct naive *naive, int root, int squad) {
    int32_t last = INT32_MIN;
    for (int i = 0; i < naive->plan_count; i++) {
        const struct plan *plan = &naive->plans[i];
        if (plan->stands && plan->root == root && holds(plan, squad) && plan->last_day > last) {
            last = plan->last_day;
        }
    }
    return last;
}

/* 'i' in time, 'l' late, 'm' missing, 'o' open. */
static char fate(const struct naive *naive, int root, int squad, int32_t last) {
    char found = naive->today > last + naive->due_days ? 'm' : 'o';
    for (int i = 0; i < naive->report_count; i++) {
        const struct sent *sent = &naive->reports[i];
        if (sent->live && naive->plans[sent->plan].root == root && sent->squad == squad && found != 'i') {
            found = sent->late ? 'l' : 'i';
        }
    }
    return found;
}

#define MONTHS 720

static void recount(const struct naive *naive, struct lines *lines) {
    for (int squad = 0; squad < SQUADS; squad++) {
        static int counts[MONTHS][128];
        memset(counts, 0, sizeof counts);
        for (int root = 0; root < naive->plan_count; root++) {
            int32_t last = naive->plans[root].root == root ? owed_day(naive, root, squad) : INT32_MIN;
            if (last != INT32_MIN) {
                int32_t month = period_of(last, BY_MONTH);
                counts[month][(unsigned char)fate(naive, root, squad, last)]++;
                counts[month][0]++;
            }
        }
        for (int month = 0; month < MONTHS; month++) {
            const int *of = counts[month];
            if (of[0] > 0) {
                put(lines, "%s %d: %d %d %d %d %d", squads[squad], month, of[0], of['i'], of['l'], of['m'], of['o']);
            }
        }
    }
}

/* ---- the aggregator ---- */

struct desk {
    struct tally *tally;
    struct arena *arena;
    struct rows rows;
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

static void ask(struct desk *desk, const char *at, struct lines *lines) {
    struct completeness completeness;
    struct wire_completeness_query query = {.at = text_of(at)};
    struct wire_completeness_answer answer;
    struct wire_missing_answer missing;
    struct error error = {0};
    int64_t count = 0;
    query.present = (uint64_t)(at != NULL) << FIELD_completeness_query_at;
    arena_reset(desk->arena);
    assert_int_equal(completeness_read(desk->tally, &query, &completeness, &error), 0);
    assert_int_equal(completeness_collect(&completeness, &desk->rows, desk->tally), 0);
    assert_int_equal(completeness_answer(&completeness, &desk->rows, desk->tally, desk->arena, &answer, &error), 0);
    const struct wire_completeness_row *rows = answer.rows.items;
    for (uint32_t i = 0; i < answer.rows.count; i++) {
        put(lines, "%.*s %d: %d %d %d %d %d", (int)rows[i].unit.length, rows[i].unit.data, (int)rows[i].month,
            (int)rows[i].expected, (int)rows[i].in_time, (int)rows[i].late, (int)rows[i].missing, (int)rows[i].open);
        count += rows[i].missing;
        bool whole = rows[i].missing == 0 && rows[i].open == 0;
        assert_int_equal(text_equal(rows[i].state, text_of("complete")), whole);
    }
    assert_int_equal(missing_answer(&completeness, &desk->rows, desk->tally, desk->arena, &missing, &error), 0);
    assert_int_equal(missing.rows.count, count); /* who is missing is who is counted as missing */
    for (uint32_t i = 0; i < answer.rows.count; i++) {
        count += rows[i].open;
    }
    completeness.ahead = 100000;
    assert_int_equal(missing_answer(&completeness, &desk->rows, desk->tally, desk->arena, &missing, &error), 0);
    assert_int_equal(missing.rows.count,
                     completeness.today == DAY_UNKNOWN ? 0 : count); /* and who is still to report */
    completeness_free(&completeness);
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
    plan->held[1] = (plan->held[0] + 1) % SQUADS;
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
            union event_body body = {.unit = {.name = text_of(squads[i]), .kind = text_of("squad")}};
            fold(desk, EVENT_UNIT_SET, squads[i], &body);
        }
        pass_day(desk);
        for (int i = 0; i < EVENTS; i++) {
            step(desk);
            given[i].count = 0;
            expected->count = 0;
            ask(desk, NULL, &given[i]);
            recount(&desk->naive, expected);
            compare(&given[i], expected);
            seqs[i] = desk->tally->position.seq;
        }
        for (int i = 0; i < EVENTS; i++) {
            char at[24];
            snprintf(at, sizeof at, "%llu", (unsigned long long)seqs[i]);
            expected->count = 0;
            ask(desk, at, expected);
            compare(&given[i], expected);
        }
        tally_destroy(&desk->tally);
        arena_destroy(&desk->arena);
        rows_free(&desk->rows);
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
