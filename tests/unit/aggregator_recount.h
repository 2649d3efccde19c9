/* A slow recount of figures from the plain rows of the world, for the aggregator's tests. */
#pragma once

#include <cmocka.h>
#include <time.h>

#include "tests/unit/aggregator_world.h"

#define ROWS 4000
#define SUMS 20

/* ---- the recount: shares nothing with the aggregator but the enum of kinds of approximation ---- */

struct naive_sum {
    const char *name; /* of a measure */
    const char *unit;
    int64_t value;
    int64_t counts[APPROX_COUNT];
};

struct naive_row {
    char unit[64];
    char programme[32];
    char period[16];
    char town[32];
    int reports;
    int undated;
    int demo;
    int activities;
    bool seen[WORLD_IDS]; /* activities that are counted */
    struct naive_sum attendances;
    struct naive_sum minutes;
    struct naive_sum measures[SUMS];
    int measure_count;
};

struct naive_report {
    bool live;
    int unit;
    const struct world_body *body;
};

struct naive {
    struct naive_report reports[WORLD_IDS];
    int label[WORLD_IDS]; /* of the activity that an id is part of */
    bool squad[WORLD_UNITS];
    bool closed[WORLD_UNITS];
    struct naive_row *rows;
    int row_count;
};

struct naive_question {
    int by; /* bits: 1 squad, 2 programme, 4 day, 8 month, 16 year, 32 town, 64 week, 128 quarter */
    int32_t from;
    int32_t to;
    int unit;            /* WORLD_NONE: all */
    int other;           /* a second unit; WORLD_NONE: none */
    unsigned programmes; /* any of these; 0: all */
    unsigned towns;      /* any of these; 0: all */
    bool undated;
};

#define BY_PERIODS (4 | 8 | 16 | 64 | 128)

static inline void naive_apply(struct naive *naive, const struct world_event *event) {
    if (event->act == WORLD_REPORT) {
        naive->reports[event->id] = (struct naive_report){true, event->unit, &event->body};
    } else if (event->act == WORLD_AMEND) {
        naive->reports[event->ref].body = &event->body;
    } else if (event->act == WORLD_WITHDRAW) {
        naive->reports[event->ref].live = false;
    } else if (event->act == WORLD_UNIT) {
        naive->squad[event->unit] = strcmp(event->kind, "squad") == 0;
        naive->closed[event->unit] = event->closed;
    } else if (event->act == WORLD_MERGE) {
        int from = naive->label[event->from];
        for (int i = 0; i < WORLD_IDS; i++) {
            naive->label[i] = naive->label[i] == from ? naive->label[event->ref] : naive->label[i];
        }
    }
}

static inline void naive_add(struct naive_sum *sum, struct world_number number, int64_t factor) {
    if (number.given) {
        sum->value += number.value * factor;
        sum->counts[number.approx]++;
    }
}

static inline void naive_add_measure(struct naive_row *row, const char *name, const char *unit,
                                     struct world_number number, int64_t factor) {
    int i = 0;
    while (i < row->measure_count &&
           (strcmp(row->measures[i].name, name) != 0 || strcmp(row->measures[i].unit, unit) != 0)) {
        i++;
    }
    if (!number.given) {
        return;
    }
    assert_true(i < SUMS);
    if (i == row->measure_count) {
        row->measures[row->measure_count++] = (struct naive_sum){.name = name, .unit = unit};
    }
    naive_add(&row->measures[i], number, factor);
}

static inline struct naive_row *naive_row(struct naive *naive, const char *unit, const char *programme,
                                          const char *town, const char *period) {
    for (int i = 0; i < naive->row_count; i++) {
        struct naive_row *row = &naive->rows[i];
        if (strcmp(row->unit, unit) == 0 && strcmp(row->programme, programme) == 0 && strcmp(row->town, town) == 0 &&
            strcmp(row->period, period) == 0) {
            return row;
        }
    }
    assert_true(naive->row_count < ROWS);
    struct naive_row *row = &naive->rows[naive->row_count++];
    memset(row, 0, sizeof *row);
    snprintf(row->unit, sizeof row->unit, "%s", unit);
    snprintf(row->programme, sizeof row->programme, "%s", programme);
    snprintf(row->period, sizeof row->period, "%s", period);
    snprintf(row->town, sizeof row->town, "%s", town);
    return row;
}

static inline void naive_add_report(struct naive_row *row, const struct naive_report *report, int activity) {
    const struct world_body *body = report->body;
    bool people = !body->attendances_unit || strcmp(body->attendances_unit, "名") == 0 ||
                  strcmp(body->attendances_unit, "人次") == 0;
    row->reports++;
    row->undated += body->day == INT32_MIN;
    row->demo += body->demo;
    row->activities += !row->seen[activity];
    row->seen[activity] = true;
    if (people) {
        naive_add(&row->attendances, body->attendances, 1);
    } else {
        naive_add_measure(row, "参与", body->attendances_unit, body->attendances, 1000);
    }
    naive_add(&row->minutes, body->minutes, 1);
    for (int i = 0; i < body->measure_count; i++) {
        naive_add_measure(row, body->measures[i].name, body->measures[i].unit, body->measures[i].number, 1);
    }
}

static inline bool lies_within(int unit, int above) {
    size_t length = strlen(world_paths[above]);
    return strncmp(world_paths[unit], world_paths[above], length) == 0 &&
           (world_paths[unit][length] == '\0' || world_paths[unit][length] == '/');
}

static inline bool is_in(const struct naive_question *question, int unit) {
    return question->unit == WORLD_NONE || lies_within(unit, question->unit) ||
           (question->other != WORLD_NONE && lies_within(unit, question->other));
}

/* The unit's squad, as far as it lies in what is asked for. */
static inline int naive_squad(const struct naive *naive, int unit, const struct naive_question *question) {
    int found = unit;
    for (int other = 0; other < WORLD_UNITS; other++) {
        bool fits = naive->squad[other] && lies_within(unit, other) && is_in(question, other);
        /* The nearest one is the longest path. */
        if (fits && (!naive->squad[found] || strlen(world_paths[other]) > strlen(world_paths[found]))) {
            found = other;
        }
    }
    return found;
}

/* The calendar's weeks from the C library, which knows ISO 8601. */
static inline void naive_period(int32_t day, int by, char out[16]) {
    time_t time = (time_t)day * 86400;
    struct tm parts;
    out[0] = '\0';
    if (day == INT32_MIN || (by & BY_PERIODS) == 0) {
        return;
    }
    assert_non_null(gmtime_r(&time, &parts));
    if (by & 4) {
        strftime(out, 16, "%Y-%m-%d", &parts);
    } else if (by & 64) {
        strftime(out, 16, "%G-W%V", &parts);
    } else if (by & 8) {
        strftime(out, 16, "%Y-%m", &parts);
    } else if (by & 128) {
        snprintf(out, 16, "%04u-Q%u", (unsigned)(parts.tm_year + 1900) % 10000, (unsigned)parts.tm_mon / 3 % 4 + 1);
    } else {
        strftime(out, 16, "%Y", &parts);
    }
}

static inline bool naive_fits(const struct naive_question *question, const struct naive_report *report) {
    const struct world_body *body = report->body;
    bool open = question->from == INT32_MIN && question->to == INT32_MAX;
    if (!report->live || !is_in(question, report->unit) || (question->undated && body->day != INT32_MIN)) {
        return false;
    }
    if (body->day == INT32_MIN ? !open : body->day < question->from || body->day > question->to) {
        return false;
    }
    bool in_town = question->towns == 0 || (body->town != WORLD_NONE && (question->towns >> body->town & 1));
    return in_town && (question->programmes == 0 || (question->programmes & body->programmes) != 0);
}

static inline void naive_count(struct naive *naive, const struct naive_question *question, int id) {
    const struct naive_report *report = &naive->reports[id];
    const struct world_body *body = report->body;
    int activity = naive->label[body->activity == WORLD_NONE ? id : body->activity];
    const char *unit = question->by & 1 ? world_paths[naive_squad(naive, report->unit, question)] : "";
    const char *town = question->by & 32 && body->town != WORLD_NONE ? world_towns[body->town] : "";
    char period[16];
    naive_period(body->day, question->by, period);
    for (int programme = 0; programme < 5; programme++) {
        bool in = body->programmes >> programme & 1;
        if (!in || (question->programmes != 0 && !(question->programmes >> programme & 1))) {
            continue;
        }
        const char *code = question->by & 2 ? world_programmes[programme] : "";
        naive_add_report(naive_row(naive, unit, code, town, period), report, activity);
        if (!(question->by & 2)) {
            break;
        }
    }
}

static inline void naive_ask(struct naive *naive, const struct naive_question *question) {
    naive->row_count = 0;
    for (int id = 0; id < WORLD_IDS; id++) {
        if (naive_fits(question, &naive->reports[id])) {
            naive_count(naive, question, id);
        }
    }
    if (question->by == 0) {
        naive_row(naive, "", "", "", "");
    }
    for (int unit = 0; unit < WORLD_UNITS && question->by == 1 && !question->undated; unit++) {
        if (naive->squad[unit] && !naive->closed[unit] && is_in(question, unit)) {
            naive_row(naive, world_paths[unit], "", "", "");
        }
    }
}
