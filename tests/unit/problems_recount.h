/* Problems for a test: plain events, and a slow recount of them that shares nothing with the aggregator. */
#pragma once

#include <stdint.h>
#include <stdlib.h>

#include "services/aggregator/aggregator.h"

#define STEPS 400
#define SEEDS 6
#define PROBLEMS 60
#define UNITS 4
#define KINDS 3
#define DAY_MS INT64_C(86400000)
#define BEGIN INT64_C(1767196800000) /* 2026-01-01 00:00 in China */

static const char *const unit_paths[UNITS] = {"haining", "haining/xucun", "haining/xiashi", "haining/xucun/t1"};
static const char *const kinds[KINDS] = {"posters", "piling", "other"};
static const char *const spots[] = {"河西社区", "长安路", "农贸市场"};

/* What the recount reads: plain, without a state kept. */
struct plain {
    enum event_type type;
    int problem;
    int unit;
    int kind;
    int spot;
    int of;
    bool solved;
    bool came_back;
    int64_t at;
    int due; /* day of the year, -1 none */
    int day; /* of clock.day */
};

struct run {
    unsigned seed;
    struct plain events[STEPS + 1]; /* by seq */
    int count;
    int problems;
    struct aggregator aggregator;
};

static inline unsigned pick(struct run *run, unsigned below) {
    run->seed = run->seed * 1103515245U + 12345U;
    return (run->seed >> 16) % below;
}

static inline struct id id_of(int number) {
    struct id id = {{9, (uint8_t)(number >> 8), (uint8_t)number, 1}};
    return id;
}

/* ---- the recount ---- */

struct count {
    int raised, open, resolved, confirmed, overdue, rework, came_back, same_spot, duplicated, refused;
    int64_t minutes, most;
    int ages[4];
};

struct life {
    enum event_type last;
    const struct plain *raised;
    int64_t resolved_at;
    int due;
    int rework, came_back;
};

/* The life of one problem up to `at`, read from the beginning; false when it was not raised yet. Steps that its life does
 * not allow are left out, by the rules of the domain written once more. */
static inline bool live(const struct run *run, int problem, int at, struct life *life) {
    *life = (struct life){.due = -1};
    for (int seq = 1; seq <= at; seq++) {
        const struct plain *event = &run->events[seq];
        if (event->type == EVENT_CLOCK_DAY || event->problem != problem) {
            continue;
        }
        enum event_type last = life->last;
        bool open = life->raised && (last == EVENT_PROBLEM_RAISED || last == EVENT_PROBLEM_ASSIGNED ||
                                     last == EVENT_PROBLEM_STARTED || last == EVENT_PROBLEM_REOPENED);
        bool fits = false;
        switch (event->type) {
        case EVENT_PROBLEM_RAISED:
            fits = !life->raised;
            break;
        case EVENT_PROBLEM_ASSIGNED:
            fits = open || last == EVENT_PROBLEM_REFUSED;
            break;
        case EVENT_PROBLEM_STARTED:
            fits = open && last != EVENT_PROBLEM_STARTED;
            break;
        case EVENT_PROBLEM_CONFIRMED:
            fits = last == EVENT_PROBLEM_RESOLVED;
            break;
        case EVENT_PROBLEM_REOPENED:
            fits = last == EVENT_PROBLEM_RESOLVED || last == EVENT_PROBLEM_CONFIRMED;
            break;
        case EVENT_PROBLEM_DUPLICATED:
            fits = open && last != EVENT_PROBLEM_REOPENED;
            break;
        default:
            fits = open;
        }
        if (!fits) {
            continue;
        }
        life->last = event->type;
        if (event->type == EVENT_PROBLEM_RAISED) {
            life->raised = event;
            life->last = event->solved ? EVENT_PROBLEM_RESOLVED : EVENT_PROBLEM_RAISED;
            life->resolved_at = event->at;
        } else if (event->type == EVENT_PROBLEM_ASSIGNED && event->due >= 0) {
            life->due = event->due;
        } else if (event->type == EVENT_PROBLEM_RESOLVED) {
            life->resolved_at = event->at;
        } else if (event->type == EVENT_PROBLEM_REOPENED) {
            life->rework += !event->came_back;
            life->came_back += event->came_back;
        }
    }
    return life->raised != NULL;
}

static inline bool seen_before(const struct run *run, const struct plain *raised) {
    for (const struct plain *event = &run->events[1]; event < raised; event++) {
        if (event->type == EVENT_PROBLEM_RAISED && raised->spot >= 0 && event->spot == raised->spot &&
            event->kind == raised->kind) {
            return true;
        }
    }
    return false;
}

static inline int today_at(const struct run *run, int at) {
    int today = -1;
    for (int seq = 1; seq <= at; seq++) {
        today = run->events[seq].type == EVENT_CLOCK_DAY ? run->events[seq].day : today;
    }
    return today;
}

static inline void add_life(struct count *count, const struct run *run, const struct life *life, int today) {
    int day = (int)((life->raised->at + 8 * 3600000) / DAY_MS);
    int age = today > day ? today - day : 0;
    if (life->last == EVENT_PROBLEM_DUPLICATED || life->last == EVENT_PROBLEM_REFUSED) {
        count->duplicated += life->last == EVENT_PROBLEM_DUPLICATED;
        count->refused += life->last == EVENT_PROBLEM_REFUSED;
        return;
    }
    count->raised++;
    count->rework += life->rework;
    count->came_back += life->came_back;
    count->same_spot += seen_before(run, life->raised);
    if (life->last == EVENT_PROBLEM_RESOLVED || life->last == EVENT_PROBLEM_CONFIRMED) {
        int64_t minutes = (life->resolved_at - life->raised->at) / 60000;
        count->resolved++;
        count->confirmed += life->last == EVENT_PROBLEM_CONFIRMED;
        count->minutes += minutes;
        count->most = minutes > count->most ? minutes : count->most;
        return;
    }
    count->open++;
    count->overdue += life->due >= 0 && life->due < today;
    count->ages[age <= 1 ? 0 : age <= 7 ? 1 : age <= 30 ? 2 : 3]++;
}

static inline struct count recount(const struct run *run, int at, int kind) {
    struct count count = {0};
    for (int problem = 0; problem < run->problems; problem++) {
        struct life life;
        if (live(run, problem, at, &life) && (kind < 0 || life.raised->kind == kind)) {
            add_life(&count, run, &life, today_at(run, at));
        }
    }
    return count;
}
