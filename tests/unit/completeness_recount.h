/* What squads owe, for a test: plain plans and reports, and a slow recount of them that shares nothing with the aggregator. */
#pragma once

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "services/aggregator/period.h"

#define EVENTS 220
#define DAY 20550 /* 2026-04-07 */
#define SQUADS 4
#define HELD_MAX 3
#define LINES 400

/* The last one is a team of the first. */
static const char *const squads[SQUADS] = {"haining/xiashi", "haining/xucun", "haining/maqiao", "haining/xiashi/t1"};

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
    bool dissolved;  /* the first is no squad any more: its team stands for itself */
    bool team_alone; /* what is asked is about the team */
};

/* One line of an answer as text. */
struct lines {
    char text[LINES][120];
    int count;
};

static inline void put(struct lines *lines, const char *format, ...) __attribute__((format(printf, 2, 3)));

static inline void put(struct lines *lines, const char *format, ...) {
    va_list values;
    va_start(values, format);
    assert_true(lines->count < LINES);
    vsnprintf(lines->text[lines->count++], sizeof lines->text[0], format, values);
    va_end(values);
}

/* Of the team alone it is asked too: then only what is its own stands, in a row of its own. */
static inline int row_of(const struct naive *naive, int unit) {
    if (naive->team_alone) {
        return unit == SQUADS - 1 ? unit : -1;
    }
    return unit == SQUADS - 1 && !naive->dissolved ? 0 : unit;
}

static inline bool holds(const struct naive *naive, const struct plan *plan, int squad) {
    for (int i = 0; i < plan->held_count; i++) {
        if (row_of(naive, plan->held[i]) == squad) {
            return true;
        }
    }
    return false;
}

/* The last of the days of all plans that became this one and that the squad holds; INT32_MIN when it owes nothing. */
static inline int32_t owed_day(const struct naive *naive, int root, int squad) {
    int32_t last = INT32_MIN;
    for (int i = 0; i < naive->plan_count; i++) {
        const struct plan *plan = &naive->plans[i];
        if (plan->stands && plan->root == root && holds(naive, plan, squad) && plan->last_day > last) {
            last = plan->last_day;
        }
    }
    return last;
}

/* 'i' in time, 'l' late, 'm' missing, 'o' open. */
static inline char fate(const struct naive *naive, int root, int squad, int32_t last) {
    char found = naive->today > last + naive->due_days ? 'm' : 'o';
    for (int i = 0; i < naive->report_count; i++) {
        const struct sent *sent = &naive->reports[i];
        if (sent->live && naive->plans[sent->plan].root == root && row_of(naive, sent->squad) == squad &&
            found != 'i') {
            found = sent->late ? 'l' : 'i';
        }
    }
    return found;
}

#define MONTHS 720

static inline void recount(const struct naive *naive, struct lines *lines) {
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
                put(lines, "%s%s %d: %d %d %d %d %d", naive->team_alone ? "alone: " : "", squads[squad], month, of[0],
                    of['i'], of['l'], of['m'], of['o']);
            }
        }
    }
}
