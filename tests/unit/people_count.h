/* A question about hours counted from the slow recount: a row for each combination of dimensions, by its text. */
#pragma once

#include <stdio.h>
#include <time.h>

#include "tests/unit/people_recount.h"

#define COUNT_ROWS 4000

enum { BY_BIT_SQUAD = 1, BY_BIT_PROGRAMME = 2, BY_BIT_GRADE = 4, BY_BIT_KIND = 8 };
static const char *const count_periods[] = {"", "day", "week", "month", "quarter", "year"};

/* ---- the recount of a question ---- */

struct asked {
    unsigned by;
    int period; /* of periods */
    int32_t from;
    int32_t to;
    int units[2]; /* of people_paths, or RECOUNT_NONE */
    int programme;
    int grade;
    int kind;
};

struct counted {
    char key[160];
    int64_t minutes[GRADE_COUNT];
    int64_t attendances;
    bool seen[PEOPLE_EVENTS_MAX];
    int64_t people;
};

struct counting {
    struct counted rows[COUNT_ROWS];
    int count;
};

static inline void period_text(int32_t day, int period, char out[16]) {
    time_t seconds = (time_t)day * 86400;
    struct tm date;
    static const char *const formats[] = {"", "%Y-%m-%d", "%G-W%V", "%Y-%m", "%Y-Q", "%Y"};
    gmtime_r(&seconds, &date);
    out[0] = '\0';
    strftime(out, 16, formats[period], &date);
    if (period == 4) {
        snprintf(out + strlen(out), 16 - strlen(out), "%d", date.tm_mon / 3 + 1);
    }
}

static inline bool is_within(const char *path, const char *above) {
    size_t length = strlen(above);
    return strncmp(path, above, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

/* A team stands in its squad's row unless it is asked for and nothing above it is. */
static inline const char *squad_row(const struct asked *asked, const char *unit) {
    static const char team[] = "haining/xiashi/t1";
    bool alone = asked->units[0] != RECOUNT_NONE;
    for (int i = 0; i < 2; i++) {
        bool above = asked->units[i] != RECOUNT_NONE && is_within(team, people_paths[asked->units[i]]) &&
                     strcmp(team, people_paths[asked->units[i]]) != 0;
        alone = alone && !above;
    }
    return strcmp(unit, team) == 0 && !alone ? "haining/xiashi" : unit;
}

static inline bool is_asked(const struct asked *asked, const struct recount_item *item) {
    bool unit = asked->units[0] == RECOUNT_NONE;
    for (int i = 0; i < 2; i++) {
        unit = unit || (asked->units[i] != RECOUNT_NONE && is_within(item->unit, people_paths[asked->units[i]]));
    }
    return unit && item->stands && item->day >= asked->from && item->day <= asked->to &&
           (asked->grade == RECOUNT_NONE || asked->grade == item->grade) &&
           (asked->kind == RECOUNT_NONE || asked->kind == item->kind) &&
           (asked->programme == RECOUNT_NONE || (item->programmes >> asked->programme & 1));
}

static inline void count_into(struct counting *counting, const char *key, const struct asked *asked,
                              const struct recount_item *item) {
    int i = 0;
    while (i < counting->count && strcmp(counting->rows[i].key, key) != 0) {
        i++;
    }
    assert(i < COUNT_ROWS);
    struct counted *row = &counting->rows[i];
    if (i == counting->count) {
        memset(row, 0, sizeof *row);
        snprintf(row->key, sizeof row->key, "%s", key);
        counting->count++;
    }
    row->minutes[item->grade] += item->minutes;
    bool grade_asked = (asked->by & BY_BIT_GRADE) != 0 || asked->grade == item->grade;
    if (!recount_adds(item->grade) && !grade_asked) {
        return;
    }
    row->attendances += recount_adds(item->grade) ? item->holds : 1;
    row->people += !row->seen[item->volunteer];
    row->seen[item->volunteer] = true;
}

static inline void count_item(struct counting *counting, const struct asked *asked, const struct recount_item *item) {
    static const char *const codes[] = {"clean-home", "dog", "waste-sorting", "parking", "civilisation-practice"};
    char period[16];
    char key[160];
    bool nothing = item->credit ? item->minutes == 0 : !item->holds;
    if (nothing || !is_asked(asked, item)) {
        return;
    }
    period_text(item->day, asked->period, period);
    for (int programme = 0; programme < 5; programme++) {
        bool split = (asked->by & BY_BIT_PROGRAMME) != 0;
        if (split ? !(item->programmes >> programme & 1) ||
                        (asked->programme != RECOUNT_NONE && asked->programme != programme)
                  : programme > 0) {
            continue;
        }
        snprintf(key, sizeof key, "%s|%s|%d|%s|%s", asked->by & BY_BIT_SQUAD ? squad_row(asked, item->unit) : "",
                 split ? codes[programme] : "", asked->by & BY_BIT_GRADE ? item->grade : -1,
                 !(asked->by & BY_BIT_KIND)   ? "-"
                 : item->kind == RECOUNT_NONE ? ""
                                              : people_kinds[item->kind],
                 period);
        count_into(counting, key, asked, item);
    }
}
