/* How long the aggregator takes to say what squads owe and who is missing, over many reports in memory, without any network.
 *
 * usage: bench-owed REPORTS [ROUNDS] [SEED] [WORDS]
 *
 * Folds REPORTS reports of ten years, day by day, on half as many planned activities of 14 squads with three teams each: some
 * joint, moved, cancelled and merged, some reports late, amended or missing. Then it asks each question ROUNDS times (default
 * 200), its month drawn anew each time, and prints microseconds as bench-questions does: the first time, the median and the
 * 99th percentile. What the service makes by the by when it is ready is made before. Between two questions a report comes. Then the
 * same at earlier positions, a tenth as often. With WORDS only questions whose name has them are asked. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "services/aggregator/agenda/agenda.h"
#include "services/aggregator/agenda/present.h"
#include "services/aggregator/aggregator.h"
#include "services/aggregator/fold.h"

#define SQUADS 14
#define TEAMS 3
#define YEARS 10
#define FIRST_DAY 16436 /* 2015-01-01 */
#define DAYS (YEARS * 365)
#define FIRST_MONTH (45 * 12)
#define ARENA_BYTES (512 * 1024 * 1024)
#define LOOKED_AT_ONCE 2000
#define AHEAD 4096 /* activities that wait for their reports, the newest */

struct bench {
    struct aggregator aggregator;
    struct buffer answer;
    const char *words;
    uint64_t seed;
    uint64_t seq;
    uint64_t reports;
    int32_t day;
    struct id activities[AHEAD];
    uint32_t holders[AHEAD];
    char units[SQUADS * (TEAMS + 1)][40];
};

static _Noreturn void fail(const char *what) {
    fprintf(stderr, "bench-owed: %s\n", what);
    exit(1);
}

static uint32_t draw(struct bench *bench, uint32_t below) {
    bench->seed = bench->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((bench->seed >> 33) % below);
}

static double seconds(struct timespec begun, struct timespec ended) {
    return (double)(ended.tv_sec - begun.tv_sec) + (double)(ended.tv_nsec - begun.tv_nsec) / 1e9;
}

/* ---- events ---- */

static struct id id_of(uint64_t number) {
    struct id id = {{5}};
    for (int i = 0; i < 8; i++) {
        id.bytes[8 + i] = (uint8_t)(number >> 8 * (7 - i));
    }
    return id;
}

static void fold(struct bench *bench, enum event_type type, const char *unit, union event_body *body) {
    struct tally *tally = bench->aggregator.tally;
    struct event event = {.type = type,
                          .id = id_of(++bench->seq),
                          .unit = text_of(unit),
                          .body = body,
                          .seq = bench->seq,
                          .received_at = INT64_C(1420041600000) + (int64_t)bench->seq * 20};
    struct error error = {0};
    if (fold_event(tally, &event, &error) < 0) {
        fail(error.text);
    }
    tally_changes_clear(tally);
    tally->position = (struct position){1, 1, bench->seq, 1};
}

static void set_unit(struct bench *bench, const char *path, const char *kind) {
    union event_body body = {.unit = {.name = text_of(path), .kind = text_of(kind)}};
    fold(bench, EVENT_UNIT_SET, path, &body);
}

static void set_units(struct bench *bench) {
    set_unit(bench, "haining", "brigade");
    for (uint32_t i = 0; i < SQUADS * (TEAMS + 1); i++) {
        uint32_t squad = i / (TEAMS + 1), team = i % (TEAMS + 1);
        snprintf(bench->units[i], sizeof bench->units[i], team == 0 ? "haining/squad%u" : "haining/squad%u/team%u",
                 squad, team);
        set_unit(bench, bench->units[i], team == 0 ? "squad" : "team");
    }
}

static void plan(struct bench *bench) {
    uint32_t first = draw(bench, SQUADS * (TEAMS + 1));
    struct text holders[2] = {text_of(bench->units[first]), text_of(bench->units[draw(bench, SQUADS) * (TEAMS + 1)])};
    int32_t day = bench->day + (int32_t)draw(bench, 14);
    union event_body body = {.activity = {.units = {holders, draw(bench, 10) == 0 ? 2 : 1}, .dates = {&day, 1}}};
    fold(bench, EVENT_ACTIVITY_PLANNED, "haining", &body);
    bench->activities[bench->seq % AHEAD] = id_of(bench->seq);
    bench->holders[bench->seq % AHEAD] = first;
}

static void change(struct bench *bench, bool cancel) {
    struct id activity = bench->activities[draw(bench, AHEAD)];
    int32_t day = bench->day + (int32_t)draw(bench, 20);
    union event_body body = {.activity_change = {.activity = activity, .dates = {&day, 1}}};
    if (cancel) {
        body = (union event_body){.activity_cancel = {.activity = activity}};
    }
    fold(bench, cancel ? EVENT_ACTIVITY_CANCELLED : EVENT_ACTIVITY_CHANGED, "haining", &body);
}

static void report(struct bench *bench, const struct id *amends) {
    uint32_t which = draw(bench, AHEAD);
    struct text programme = text_of("dog");
    union event_body body = {.report = {.programmes = {&programme, 1},
                                        .date = bench->day - (int32_t)draw(bench, 9),
                                        .attendances = draw(bench, 60),
                                        .activity = bench->activities[which]}};
    body.report.amends = amends ? *amends : (struct id){0};
    body.report.present = UINT64_C(1) << FIELD_report_date | UINT64_C(1) << FIELD_report_attendances;
    body.report.present |= (uint64_t)(draw(bench, 3) != 0) << FIELD_report_activity;
    bench->reports += !amends;
    fold(bench, amends ? EVENT_REPORT_AMENDED : EVENT_REPORT_SUBMITTED, bench->units[bench->holders[which]], &body);
}

static void fold_all(struct bench *bench, uint64_t reports) {
    set_units(bench);
    while (bench->reports < reports) {
        int32_t day = FIRST_DAY + (int32_t)(bench->reports * DAYS / reports);
        if (day != bench->day) {
            bench->day = day;
            union event_body body = {.clock_day = {.day = day}};
            fold(bench, EVENT_CLOCK_DAY, "haining", &body);
        }
        uint32_t dice = draw(bench, 100);
        struct id earlier = id_of(1 + draw(bench, (uint32_t)bench->seq));
        if (dice < 33) {
            plan(bench);
        } else if (dice < 35) {
            change(bench, dice == 33 && draw(bench, 2) == 0);
        } else if (dice < 38) {
            report(bench, &earlier);
        } else if (dice == 38 && draw(bench, 10) == 0) {
            union event_body body = {.activity_merge = {.into = bench->activities[draw(bench, AHEAD)],
                                                        .from = bench->activities[draw(bench, AHEAD)]}};
            fold(bench, EVENT_ACTIVITY_MERGED, "haining", &body);
        } else {
            report(bench, NULL);
        }
    }
}

/* What the service does when it is ready and nobody asks; what that takes. */
static void warm(struct bench *bench) {
    struct tally *tally = bench->aggregator.tally;
    struct squads *squads = &bench->aggregator.squads;
    struct timespec begun, made, ended;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begun);
    if (squads_at(squads, tally, AT_HEAD) < 0 || present_refresh(tally, squads, PRESENT_ALL) < 0) {
        fail("no memory");
    }
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &made);
    while (late_warm(tally, LOOKED_AT_ONCE)) {
    }
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ended);
    printf("what is owed made by the by in %.2f s, which of %u months were late in %.2f s\n", seconds(begun, made),
           tally->agenda->late.count, seconds(made, ended));
}

/* ---- questions ---- */

struct asked {
    const char *name;
    const char *unit;
    int32_t months; /* 0: all */
    bool missing;
    bool late;
};

static const struct asked questions[] = {
    {.name = "completeness, a month", .months = 1},
    {.name = "completeness, a year", .months = 12},
    {.name = "completeness, all years"},
    {.name = "completeness of a squad, a year", .months = 12, .unit = "haining/squad5"},
    {.name = "completeness of a team, a month", .months = 1, .unit = "haining/squad5/team1"},
    {.name = "months that were late, a month", .months = 1, .late = true},
    {.name = "who is missing, a month", .months = 1, .missing = true},
    {.name = "who is missing, a squad", .unit = "haining/squad5", .missing = true},
    {.name = "who is missing, the first thousand", .missing = true},
};

static void ask(struct bench *bench, const struct asked *asked, const char *at) {
    union {
        struct wire_completeness_answer completeness;
        struct wire_missing_answer missing;
    } answer = {0};
    struct error error = {0};
    struct wire_completeness_query query = {.unit = text_of(asked->unit), .at = text_of(at), .month_late = asked->late};
    query.from = FIRST_MONTH + (int32_t)draw(bench, (uint32_t)(YEARS * 12 - asked->months + 1));
    query.to = query.from + asked->months - 1;
    query.present = (uint64_t)(asked->unit != NULL) << FIELD_completeness_query_unit |
                    (uint64_t)(at != NULL) << FIELD_completeness_query_at;
    if (asked->months > 0) {
        wire_set(&query.present, FIELD_completeness_query_from);
        wire_set(&query.present, FIELD_completeness_query_to);
    }
    arena_reset(bench->aggregator.question_arena);
    buffer_clear(&bench->answer);
    door_answer make = asked->missing ? answer_missing : answer_completeness;
    enum shape_index shape = asked->missing ? SHAPE_missing_answer : SHAPE_completeness_answer;
    if (make(&bench->aggregator, &query, &answer, &error) < 0 ||
        codec_encode(shape_of(shape), &answer, &bench->answer) < 0) {
        fail(error.text);
    }
}

static int64_t time_one(struct bench *bench, const struct asked *asked, bool past) {
    char at[24];
    struct timespec begun, ended;
    snprintf(at, sizeof at, "%llu", (unsigned long long)1 + bench->seq * draw(bench, 1000) / 1000);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begun);
    ask(bench, asked, past ? at : NULL);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ended);
    return (ended.tv_sec - begun.tv_sec) * INT64_C(1000000000) + ended.tv_nsec - begun.tv_nsec;
}

static int compare_times(const void *a, const void *b) {
    return (*(const int64_t *)a > *(const int64_t *)b) - (*(const int64_t *)a < *(const int64_t *)b);
}

static void time_question(struct bench *bench, const struct asked *asked, uint32_t rounds, bool past) {
    if (!strstr(asked->name, bench->words)) {
        return;
    }
    int64_t *times = calloc(rounds, sizeof *times);
    if (!times) {
        fail("no memory");
    }
    int64_t first = time_one(bench, asked, past);
    for (uint32_t i = 0; i < rounds; i++) {
        if (!past) {
            report(bench, NULL);
        }
        times[i] = time_one(bench, asked, past);
    }
    qsort(times, rounds, sizeof *times, compare_times);
    uint32_t middle = rounds / 2, last = rounds - 1 - rounds / 100;
    printf("%-44s %10.1f %10.1f %10.1f\n", asked->name, (double)first / 1000, (double)times[middle] / 1000,
           (double)times[last] / 1000);
    fflush(stdout);
    free(times);
}

int main(int argc, char **argv) {
    static struct bench bench;
    uint64_t reports = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
    uint32_t rounds = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 200;
    bench.seed = argc > 3 ? strtoull(argv[3], NULL, 10) : 20260506;
    bench.words = argc > 4 ? argv[4] : "";
    if (argc < 2 || argc > 5 || reports == 0 || rounds == 0) {
        fail("usage: bench-owed REPORTS [ROUNDS] [SEED] [WORDS]");
    }
    bench.aggregator.tally = tally_create();
    bench.aggregator.question_arena = arena_create(ARENA_BYTES);
    if (!bench.aggregator.tally || !bench.aggregator.question_arena) {
        fail("no memory");
    }
    fold_all(&bench, reports);
    printf("%llu reports, %llu events\n", (unsigned long long)bench.reports, (unsigned long long)bench.seq);
    warm(&bench);
    printf("%-44s %10s %10s %10s\n", "as it stands, us of processor time", "first", "p50", "p99");
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        time_question(&bench, &questions[i], rounds, false);
    }
    printf("%-44s %10s %10s %10s\n", "as it stood, us", "first", "p50", "p99");
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        time_question(&bench, &questions[i], rounds > 10 ? rounds / 10 : 1, true);
    }
    squads_free(&bench.aggregator.squads);
    squads_free(&bench.aggregator.squads_before);
    buffer_free(&bench.answer);
    tally_destroy(&bench.aggregator.tally);
    arena_destroy(&bench.aggregator.question_arena);
    return 0;
}
