/* The world of a simulated year: what squads do and when their reports come, which the test makes from a seed; what the
 * aggregator would answer about it at `now`; and a plain reckoning of which reminder is due when.
 */
#pragma once

#include "services/notifier/rules/duty.h"
#include "services/notifier/rules/values.h"
#include "tests/unit/notifier_office.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define YEAR_DAYS 400
#define SQUADS 3
#define ACTIVITIES_MAX 400
#define PROBLEMS_MAX 120
#define ALERTS_MAX 6000
#define EXPIRE (72 * HOUR)
#define NEVER INT64_MAX
#define PLANNED 600 /* minutes a month */

extern const char *const squads[SQUADS];

struct activity {
    int squad;
    int32_t last_day;
    int32_t due;
    int64_t report_at; /* when its report comes; NEVER */
    int minutes;
    struct id id;
};

struct problem {
    int squad;
    int64_t raised_at;
    int64_t resolved_at; /* NEVER */
    int number;
};

/* An alert as the post sees it. */
struct posted {
    struct id alert;
    struct id first; /* of its incident */
    char rule[16];
    bool step; /* of escalation */
    char person[16];
    int64_t at;
    int64_t cleared_at; /* NEVER */
};

struct world {
    struct office *office;
    uint64_t chance;
    int32_t first_day;
    int64_t begin; /* when the rules were set */
    int64_t end;
    struct activity activities[ACTIVITIES_MAX];
    int activity_count;
    struct problem problems[PROBLEMS_MAX];
    int problem_count;
    int problems_told; /* of the events of problems, in the order of time */
    char *expected[ALERTS_MAX];
    int expected_count;
    char *raised[ALERTS_MAX];
    int raised_count;
    struct posted posted[ALERTS_MAX]; /* in the order in which they were raised */
    int posted_count;
    char *due[ALERTS_MAX]; /* messages that are to go, as the second reckoning has it */
    int due_count;
    char *sent[ALERTS_MAX];
    int sent_count;
    struct arena *duty_arena;
    struct arena *answer_arena;
    struct buffer payload;
    int64_t now;
    int restarts;
    int rebuilds;
    int rollbacks;
};

/* A number below `of`. */
uint32_t chance(struct world *world, uint32_t of);

int64_t at_time(int32_t day, int minutes); /* a time of the day in China */
int32_t month_of(int32_t day);
int32_t first_of(int32_t month);

void world_make(struct world *world);

/* The answer to the question in `payload`, as of `now`; in the world's arena. */
void *world_answer(struct world *world, const struct duty_question *question);

/* How many reports of a month did not come by now; -1 when none is owed. */
int world_awaited(const struct world *world, int squad, int32_t month);
/* Minutes and reports of the days that came by now. */
int world_minutes(const struct world *world, int squad, int32_t from, int32_t to, int *reports);

/* A line that says what is told, and when. */
char *world_line(const char *rule, const char *unit, const char *subject, const char *period, int step, int repeat,
                 int64_t at);

/* Fills `expected`. */
void world_reckon(struct world *world);

/* A crash, before or after the commit: whether it came. */
bool world_may_crash(struct world *world, bool committed);

/* ---- the post ---- */

/* Of the rule open: forty hours in twenty days. */
void world_set_silences(struct world *world);

void world_note_alert(struct world *world, const struct event *event);
void world_note_clearing(struct world *world, const struct event *event);

/* What is due goes out, into `sent`, or is held: whether something was done. And when the next is. */
bool world_post(struct world *world);
int64_t world_next_post(struct world *world);

/* Fills `due`, from what was raised and cleared by now. */
void world_reckon_post(struct world *world);
