/* How long the aggregator takes for a question over many reports in memory, on one machine, without any network.
 *
 * usage: bench-questions REPORTS [ROUNDS] [SEED] [WORDS]
 *
 * Folds REPORTS reports of ten years, 14 squads with three teams each, twelve towns and five programmes, some amended,
 * withdrawn, joint and merged, then asks each question ROUNDS times (default 200), its days drawn anew each time, and
 * prints microseconds: the first time, then, after as many rounds that are not timed, the median and the 99th percentile. What
 * the service makes by the by when it is ready is made before; before each question a report comes, and before that the one
 * before is added by the by. Then the same at earlier positions, a tenth as often, with the processor time of all threads. With
 * WORDS only questions whose name has them are asked. */
#include "tests/bench/questions_events.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "services/aggregator/warmer.h"

#define ARENA_BYTES (512 * 1024 * 1024)

static int64_t now_ns(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* Megabytes of memory that the process holds: the second number of statm, in pages. */
static double resident(void) {
    char text[128] = "";
    FILE *file = fopen("/proc/self/statm", "r");
    bool read = file && fgets(text, sizeof text, file);
    if (file) {
        fclose(file);
    }
    if (!read) {
        bench_fail("/proc/self/statm");
    }
    return (double)strtol(text + strcspn(text, " "), NULL, 10) * (double)sysconf(_SC_PAGESIZE) / 1e6;
}

/* What the service does when it is ready and nobody asks. */
static void warm(struct bench *bench) {
    struct view_warming warming = {0};
    struct tally *tally = bench->tally;
    int64_t begun = now_ns(CLOCK_THREAD_CPUTIME_ID);
    int64_t before = begun;
    int64_t longest = 0;
    double bytes = resident();
    while (views_warm(&warming, tally, warmer_views_most(tally))) {
        int64_t now = now_ns(CLOCK_THREAD_CPUTIME_ID);
        longest = now - before > longest ? now - before : longest;
        before = now;
    }
    printf("%u sums made by the by in %.2f s, the longest step %.1f ms; %.0f MB, before %.0f\n",
           tally->views.node_count, (double)(before - begun) / 1e9, (double)longest / 1e6, resident() - bytes, bytes);
}

/* ---- questions ---- */

enum days { DAYS_ALL, DAYS_ANY, DAYS_YEAR, DAYS_QUARTER, DAYS_MONTH };

struct asked {
    const char *name;
    const char *by[3];
    const char *programmes[2];
    const char *towns[2];
    const char *unit;
    const char *compare;
    const char *order;
    int64_t top;
    int64_t measures_max; /* -1: all */
    enum days days;
    bool fill;
    bool drill;
};

static const struct asked questions[] = {
    {.name = "everything", .days = DAYS_ALL, .measures_max = -1},
    {.name = "any days", .days = DAYS_ANY, .measures_max = -1},
    {.name = "by squad, a month", .by = {"squad"}, .days = DAYS_MONTH, .measures_max = -1},
    {.name = "by squad, any days", .by = {"squad"}, .days = DAYS_ANY, .measures_max = -1},
    {.name = "by programme, a year", .by = {"programme"}, .days = DAYS_YEAR, .measures_max = -1},
    {.name = "by town, a quarter", .by = {"town"}, .days = DAYS_QUARTER, .measures_max = -1},
    {.name = "by problem kind, a year", .by = {"kind"}, .days = DAYS_YEAR},
    {.name = "by measure, any days", .by = {"measure"}, .days = DAYS_ANY},
    {.name = "by month, a year", .by = {"month"}, .days = DAYS_YEAR, .measures_max = -1},
    {.name = "by week, a year", .by = {"week"}, .days = DAYS_YEAR, .measures_max = 0, .fill = true},
    {.name = "by day, a quarter", .by = {"day"}, .days = DAYS_QUARTER, .measures_max = 0, .fill = true},
    {.name = "by quarter, all years", .by = {"quarter"}, .days = DAYS_ALL, .measures_max = 0},
    {.name = "by squad and month, a year", .by = {"squad", "month"}, .days = DAYS_YEAR, .measures_max = 0},
    {.name = "by squad and programme, a month", .by = {"squad", "programme"}, .days = DAYS_MONTH, .measures_max = 3},
    {.name = "by programme and town, a year", .by = {"programme", "town"}, .days = DAYS_YEAR, .measures_max = 0},
    {.name = "two programmes, two towns, any days",
     .programmes = {"dog", "parking"},
     .towns = {"许村镇", "长安镇"},
     .days = DAYS_ANY,
     .measures_max = -1},
    {.name = "a squad by month, with the year before",
     .by = {"month"},
     .unit = "haining/squad4",
     .days = DAYS_YEAR,
     .compare = "year",
     .measures_max = 0},
    {.name = "by squad, a month, with the month before",
     .by = {"squad"},
     .days = DAYS_MONTH,
     .compare = "before",
     .measures_max = 0},
    {.name = "top 5 squads of a year by attendances",
     .by = {"squad"},
     .days = DAYS_YEAR,
     .order = "attendances",
     .top = 5,
     .measures_max = 0},
    {.name = "top 10 measures of a quarter", .by = {"measure"}, .days = DAYS_QUARTER, .order = "measure", .top = 10},
    {.name = "the reports behind a squad's month", .unit = "haining/squad7", .days = DAYS_MONTH, .drill = true},
    {.name = "the reports behind a programme's year", .programmes = {"dog"}, .days = DAYS_YEAR, .drill = true},
};

struct asking {
    struct wire_totals_query query;
    struct text by[3];
    struct text programmes[2];
    struct text towns[2];
    char at[24];
};

static void put_days(struct bench *bench, enum days days, struct wire_totals_query *query) {
    int32_t year = 2016 + (int32_t)bench_draw(bench, YEARS - 1);
    int32_t month = 1 + (int32_t)bench_draw(bench, 12);
    switch (days) {
    case DAYS_ALL:
        return;
    case DAYS_ANY:
        query->from = FIRST_DAY + (int32_t)bench_draw(bench, DAYS);
        query->to = query->from + (int32_t)bench_draw(bench, 800);
        break;
    case DAYS_YEAR:
        query->from = day_from(year, 1, 1);
        query->to = day_from(year, 12, 31);
        break;
    case DAYS_QUARTER:
        month = (month - 1) / 3 * 3 + 1;
        query->from = day_from(year, month, 1);
        query->to = period_month_of(day_from(year, month + 2, 1)).to;
        break;
    case DAYS_MONTH:
        query->from = day_from(year, month, 1);
        query->to = period_month_of(query->from).to;
        break;
    }
    wire_set(&query->present, FIELD_totals_query_from);
    wire_set(&query->present, FIELD_totals_query_to);
}

static struct list put_words(const char *const *words, uint32_t count, struct text *out) {
    struct list list = {out, 0};
    for (uint32_t i = 0; i < count && words[i]; i++) {
        out[list.count++] = text_of(words[i]);
    }
    return list;
}

static void put_text(struct wire_totals_query *query, unsigned field, const char *word, struct text *out) {
    *out = text_of(word);
    query->present |= (uint64_t)(word != NULL) << field;
}

static void put_question(struct bench *bench, const struct asked *asked, struct asking *asking) {
    struct wire_totals_query *query = &asking->query;
    *asking = (struct asking){0};
    query->by = put_words(asked->by, 3, asking->by);
    query->programmes = put_words(asked->programmes, 2, asking->programmes);
    query->towns = put_words(asked->towns, 2, asking->towns);
    put_days(bench, asked->days, query);
    put_text(query, FIELD_totals_query_unit, asked->unit, &query->unit);
    put_text(query, FIELD_totals_query_compare, asked->compare, &query->compare);
    put_text(query, FIELD_totals_query_order, asked->order, &query->order);
    query->top = asked->top;
    query->present |= (uint64_t)(asked->top > 0) << FIELD_totals_query_top;
    query->measures_max = asked->measures_max;
    query->present |= (uint64_t)(asked->measures_max >= 0) << FIELD_totals_query_measures_max;
    query->fill = asked->fill;
}

/* The question as the door answers it, from the query to the bytes of the answer. */
static void ask(struct bench *bench, const struct wire_totals_query *query, bool drill) {
    struct question question;
    struct error error = {0};
    union {
        struct wire_totals_answer totals;
        struct wire_drill_answer drill;
    } answer;
    arena_reset(bench->arena);
    buffer_clear(&bench->answer);
    int result = question_read(bench->tally, query, &question, &error);
    if (result == 0 && drill) {
        result = drill_read(query, &bench->drill, &error);
        result = result < 0 ? result : drill_collect(&bench->drill, &bench->rows, bench->tally, &question);
        result =
            result < 0 ? result : drill_answer(&bench->drill, bench->tally, &question, bench->arena, &answer.drill);
    } else if (result == 0) {
        struct question before = question_before(&question);
        result = rows_collect(&bench->rows, bench->tally, &question, &error);
        if (result == 0 && question.comparison != COMPARE_NOT) {
            result = rows_collect(&bench->before, bench->tally, &before, &error);
        }
        result = result < 0
                     ? result
                     : answer_make(bench->tally, &question, &bench->rows, &bench->before, bench->arena, &answer.totals);
    }
    enum shape_index shape = drill ? SHAPE_drill_answer : SHAPE_totals_answer;
    if (result < 0 || codec_encode(shape_of(shape), &answer, &bench->answer) < 0) {
        bench_fail(error.text);
    }
}

/* Between the last report and this one the service had a moment. */
static void catch_up(struct bench *bench) {
    while (views_catch_up(bench->tally, UINT32_MAX) == CATCH_LOST) {
    }
}

static int compare_times(const void *a, const void *b) {
    int64_t first = *(const int64_t *)a;
    int64_t second = *(const int64_t *)b;
    return (first > second) - (first < second);
}

/* A scan runs on several threads: its wall time counts, elsewhere the thread's own. */
static int64_t time_one(struct bench *bench, const struct asked *asked, bool past) {
    struct asking asking;
    put_question(bench, asked, &asking);
    if (past) {
        snprintf(asking.at, sizeof asking.at, "%llu",
                 (unsigned long long)1 + bench->seq * bench_draw(bench, 1000) / 1000);
        put_text(&asking.query, FIELD_totals_query_at, asking.at, &asking.query.at);
    }
    clockid_t clock = past ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID;
    int64_t begun = now_ns(clock);
    ask(bench, &asking.query, asked->drill);
    return now_ns(clock) - begun;
}

static void time_question(struct bench *bench, const struct asked *asked, uint32_t rounds, bool past) {
    if (!strstr(asked->name, bench->words)) {
        return;
    }
    int64_t *times = calloc(rounds, sizeof *times);
    if (!times) {
        bench_fail("no memory");
    }
    int64_t first = time_one(bench, asked, past);
    for (uint32_t i = 0; i < rounds && !past; i++) {
        (void)time_one(bench, asked, past); /* until what is asked for again and again is made */
    }
    int64_t threads = now_ns(CLOCK_PROCESS_CPUTIME_ID);
    for (uint32_t i = 0; i < rounds; i++) {
        if (!past) {
            catch_up(bench);
            bench_report(bench, FIRST_DAY + DAYS, NULL);
        }
        times[i] = time_one(bench, asked, past);
    }
    threads = now_ns(CLOCK_PROCESS_CPUTIME_ID) - threads;
    qsort(times, rounds, sizeof *times, compare_times);
    uint32_t middle = rounds / 2, last = rounds - 1 - rounds / 100;
    printf("%-44s %10.1f %10.1f %10.1f", asked->name, (double)first / 1000, (double)times[middle] / 1000,
           (double)times[last] / 1000);
    if (past) {
        printf(" %10.1f", (double)threads / rounds / 1000);
    }
    printf("\n");
    fflush(stdout);
    free(times);
}

int main(int argc, char **argv) {
    static struct bench bench;
    if (argc < 2 || argc > 5) {
        bench_fail("usage: bench-questions REPORTS [ROUNDS] [SEED] [WORDS]");
    }
    uint64_t reports = strtoull(argv[1], NULL, 10);
    uint32_t rounds = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 200;
    bench.seed = argc > 3 ? strtoull(argv[3], NULL, 10) : 20260506;
    bench.words = argc > 4 ? argv[4] : "";
    bench.tally = tally_create();
    bench.arena = arena_create(ARENA_BYTES);
    if (!bench.tally || !bench.arena || rounds == 0) {
        bench_fail("no memory, or no rounds");
    }
    int64_t begun = now_ns(CLOCK_THREAD_CPUTIME_ID);
    bench_fold(&bench, reports);
    printf("%llu reports, %llu events folded, %.0f ns each\n", (unsigned long long)bench.reports,
           (unsigned long long)bench.seq, (double)(now_ns(CLOCK_THREAD_CPUTIME_ID) - begun) / (double)bench.seq);
    warm(&bench);
    printf("%-44s %10s %10s %10s\n", "as it stands, us of processor time", "first", "p50", "p99");
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        time_question(&bench, &questions[i], rounds, false);
    }
    printf("%-44s %10s %10s %10s %10s\n", "as it stood, us", "first", "p50", "p99", "processors");
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        time_question(&bench, &questions[i], rounds > 10 ? rounds / 10 : 1, true);
    }
    rows_free(&bench.rows);
    rows_free(&bench.before);
    buffer_free(&bench.answer);
    tally_destroy(&bench.tally);
    arena_destroy(&bench.arena);
    return 0;
}
