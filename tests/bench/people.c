/* How long questions about hours take, on one thread, without any network: processor time of one answer.
 *
 * usage: bench-people CREDITS VOLUNTEERS [WORDS]
 *
 * Folds CREDITS of VOLUNTEERS in 14 squads over five years, in hours.credited of 40, and prints what a credit takes of time
 * and memory, and for each question the median and the 99th percentile. Ranges, squads and moments are drawn anew for each
 * repetition; in the live rows a credit is folded before each question. With WORDS only rows whose line begins with them are
 * asked. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "services/aggregator/fold.h"
#include "services/aggregator/pages.h"
#include "services/aggregator/people/hours_rows.h"

#define SQUADS 14
#define DAY_FIRST 18628 /* 2021-01-01 */
#define DAYS 1826
#define CREDITS_EACH 40
#define REPEATS 300
#define PAST_REPEATS 30
#define BY_MAX 5
#define UNITS_MAX 3
#define ARENA_BYTES (256U << 20)

struct bench {
    struct tally *tally;
    struct hours_rows rows;
    struct arena *arena;
    uint64_t state;
    uint64_t seq;
    uint64_t ids;
    uint32_t volunteers;
};

/* How the range of a question is drawn. */
enum reach { REACH_ALL, REACH_YEAR, REACH_ANY, REACH_MONTH };

struct row {
    const char *by; /* with commas between */
    enum reach reach;
    uint32_t units; /* drawn; 0: all */
    const char *programme;
    const char *kind;
    bool past;
    bool live;
};

static _Noreturn void stop(const char *what) {
    fprintf(stderr, "bench-people: %s\n", what);
    exit(1);
}

static uint32_t draw(struct bench *bench, uint32_t below) {
    bench->state = bench->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((bench->state >> 33) % below);
}

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* Bytes of memory that the process holds: the second number of statm, in pages. */
static double resident(void) {
    char text[128] = "";
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || !fgets(text, sizeof text, file)) {
        stop("/proc/self/statm");
    }
    fclose(file);
    return (double)strtol(text + strcspn(text, " "), NULL, 10) * (double)sysconf(_SC_PAGESIZE);
}

/* ---- filling ---- */

static struct id id_of(uint64_t number) {
    struct id id = {{1}};
    memcpy(id.bytes + 8, &number, sizeof number);
    return id;
}

static struct text unit_path(uint32_t squad, char out[32]) {
    snprintf(out, 32, "haining/squad-%02u", squad);
    return text_of(out);
}

static void fold(struct bench *bench, enum event_type type, uint64_t id, struct text unit, union event_body *body) {
    struct error error;
    assert(bench->tally);
    struct event event = {.id = id_of(id), .type = type, .unit = unit, .body = body, .seq = ++bench->seq};
    event.received_at = (int64_t)bench->seq * 100;
    if (fold_event(bench->tally, &event, &error) < 0) {
        stop(error.text);
    }
    bench->tally->position = (struct position){1, 1, bench->seq, 1};
}

static void add_squads(struct bench *bench) {
    char path[32];
    for (uint32_t squad = 0; squad < SQUADS; squad++) {
        union event_body body = {.unit = {.name = text_of("中队"), .kind = text_of("squad")}};
        fold(bench, EVENT_UNIT_SET, ++bench->ids, unit_path(squad, path), &body);
    }
}

static void add_volunteers(struct bench *bench) {
    static const char *const kinds[] = {"机关", "沿街商户", "青年学生", "市民", "媒体", "企业", "社区", "其他"};
    char path[32];
    for (uint32_t i = 0; i < bench->volunteers; i++) {
        union event_body body = {.volunteer = {.kind = text_of(kinds[draw(bench, 8)])}};
        wire_set(&body.volunteer.present, FIELD_volunteer_kind);
        fold(bench, EVENT_VOLUNTEER_ENROLLED, 1000 + i, unit_path(draw(bench, SQUADS), path), &body);
    }
    bench->ids = 1000 + bench->volunteers;
}

static uint64_t plan(struct bench *bench, struct text unit) {
    static const char *const codes[] = {"clean-home", "dog", "waste-sorting", "parking", "civilisation-practice"};
    uint32_t first = draw(bench, 5);
    struct text programmes[] = {text_of(codes[first]), text_of(codes[(first + 1) % 5])};
    union event_body body = {.activity = {.programmes = {programmes, 1 + (draw(bench, 10) == 0)}}};
    fold(bench, EVENT_ACTIVITY_PLANNED, ++bench->ids, unit, &body);
    return bench->ids;
}

/* Most volunteers serve with one squad: its own are a fourteenth of them, with some of the others. */
static uint32_t draw_volunteer(struct bench *bench, uint32_t squad) {
    uint32_t volunteer = draw(bench, bench->volunteers);
    return draw(bench, 10) == 0                                      ? volunteer
           : volunteer / SQUADS * SQUADS + squad < bench->volunteers ? volunteer / SQUADS * SQUADS + squad
                                                                     : volunteer;
}

static void credit_some(struct bench *bench, int32_t day) {
    struct wire_credit credits[CREDITS_EACH];
    char path[32];
    uint32_t squad = draw(bench, SQUADS);
    struct text unit = unit_path(squad, path);
    union event_body body = {.hours = {.activity = id_of(plan(bench, unit)), .date = day}};
    int32_t grade = (int32_t)(draw(bench, 20) == 0 ? GRADE_CREDIT : draw(bench, 3));
    for (uint32_t i = 0; i < CREDITS_EACH; i++) {
        credits[i] = (struct wire_credit){.volunteer = id_of(1000 + draw_volunteer(bench, squad)),
                                          .minutes = 30 * (1 + draw(bench, 8)),
                                          .grade = grade};
    }
    body.hours.credits = (struct list){credits, CREDITS_EACH};
    fold(bench, EVENT_HOURS_CREDITED, ++bench->ids, unit, &body);
}

/* ---- asking ---- */

static int32_t draw_day(struct bench *bench) {
    return DAY_FIRST + (int32_t)draw(bench, DAYS);
}

static struct range draw_range(struct bench *bench, enum reach reach) {
    int32_t first = draw_day(bench);
    int32_t last = draw_day(bench);
    switch (reach) {
    case REACH_YEAR:
        return period_year_of(first);
    case REACH_MONTH:
        return period_month_of(first);
    case REACH_ANY:
        return first < last ? (struct range){first, last} : (struct range){last, first};
    default:
        return (struct range){INT32_MIN, INT32_MAX};
    }
}

static void split_by(const char *by, struct text words[BY_MAX], struct list *list) {
    *list = (struct list){words, 0};
    while (*by != '\0' && list->count < BY_MAX) {
        struct text word = {by, (uint32_t)strcspn(by, ",")};
        words[list->count++] = word;
        by += word.length + (by[word.length] == ',');
    }
}

/* Nanoseconds of one answer; `rows` gets how many there were. */
static int64_t ask(struct bench *bench, const struct row *row, uint32_t *rows) {
    struct text by[BY_MAX];
    struct text units[UNITS_MAX];
    char paths[UNITS_MAX][32];
    char at[24];
    struct wire_hours_query query = {.units = {units, row->units}};
    struct range range = draw_range(bench, row->reach);
    struct error error;
    split_by(row->by, by, &query.by);
    for (uint32_t i = 0; i < row->units; i++) {
        units[i] = unit_path(draw(bench, SQUADS), paths[i]);
    }
    uint64_t then = bench->seq / 2 + draw(bench, (uint32_t)(bench->seq / 2));
    snprintf(at, sizeof at, "%llu", (unsigned long long)then);
    query.at = text_of(row->past ? at : "");
    query.from = range.from;
    query.to = range.to;
    query.programme = text_of(row->programme);
    query.kind = text_of(row->kind);
    query.present = (uint64_t)(row->reach != REACH_ALL) << FIELD_hours_query_from |
                    (uint64_t)(row->reach != REACH_ALL) << FIELD_hours_query_to |
                    (uint64_t)(row->programme != NULL) << FIELD_hours_query_programme |
                    (uint64_t)(row->kind != NULL) << FIELD_hours_query_kind;
    if (row->live) {
        credit_some(bench, DAY_FIRST + DAYS - 1);
    }
    arena_reset(bench->arena);
    int64_t begun = now();
    struct hours_question question;
    struct wire_hours_table answer = {0};
    if (hours_question_read(bench->tally, &query, &question, &error) < 0 ||
        hours_answer_make(&bench->rows, bench->tally, &question, bench->arena, &answer, &error) < 0) {
        stop(error.text);
    }
    *rows = answer.rows.count;
    return now() - begun;
}

static int compare(const void *a, const void *b) {
    const int64_t *first = a;
    const int64_t *second = b;
    return (*first > *second) - (*first < *second);
}

static void measure(struct bench *bench, const struct row *row, const char *words) {
    static const char *const spans[] = {"all five years", "a year", "any range", "a month"};
    int64_t times[REPEATS] = {0};
    int repeats = row->past ? PAST_REPEATS : REPEATS;
    uint32_t rows = 0;
    char filters[64] = "";
    char name[96];
    snprintf(name, sizeof name, "%-24s %-14s", *row->by ? row->by : "-", spans[row->reach]);
    if (strncmp(name, words, strlen(words)) != 0) {
        return;
    }
    for (int i = 0; i < repeats; i++) {
        times[i] = ask(bench, row, &rows);
    }
    qsort(times, (size_t)repeats, sizeof *times, compare);
    snprintf(filters, sizeof filters, "%s%s%s%s%s", row->units > 0 ? ", 3 squads" : "",
             row->programme ? ", one programme" : "", row->kind ? ", one kind" : "", row->live ? ", live" : "",
             row->past ? ", as it stood" : "");
    int64_t median = times[repeats / 2];
    int64_t slow = times[repeats * 99 / 100];
    printf("%s %-28s %5u rows  p50 %9.3f ms  p99 %9.3f ms\n", name, filters, rows, (double)median / 1e6,
           (double)slow / 1e6);
}

/* ---- saving ---- */

static struct text written(const struct buffer *bytes) {
    return (struct text){(char *)bytes->data, (uint32_t)bytes->length};
}

static double load_again(struct bench *bench) {
    struct tally *read = tally_create();
    struct buffer bytes = {0};
    struct pages_head head;
    int64_t spent = 0;
    pages_write_head(bench->tally, &bytes);
    if (pages_read_head(read, written(&bytes), &head) < 0 || pages_expect(read, &head) < 0) {
        stop("the head does not fit");
    }
    for (uint32_t kind = 0; kind < pages_kinds(); kind++) {
        for (uint32_t page = 0; page * PAGE_ROWS < pages_rows(bench->tally, kind); page++) {
            buffer_clear(&bytes);
            pages_write(bench->tally, kind, page, &bytes);
            int64_t begun = now();
            if (pages_read(read, kind, written(&bytes)) < 0) {
                stop("a page does not fit");
            }
            spent += now() - begun;
        }
    }
    int64_t begun = now();
    if (pages_complete(read) < 0) {
        stop("the pages do not fit together");
    }
    spent += now() - begun;
    buffer_free(&bytes);
    tally_destroy(&read);
    return (double)spent / 1e9;
}

static const struct row rows[] = {
    {.by = "", .reach = REACH_YEAR},
    {.by = "squad", .reach = REACH_YEAR},
    {.by = "month", .reach = REACH_YEAR},
    {.by = "squad,month", .reach = REACH_YEAR},
    {.by = "programme", .reach = REACH_YEAR},
    {.by = "squad,programme", .reach = REACH_YEAR},
    {.by = "grade", .reach = REACH_YEAR},
    {.by = "kind", .reach = REACH_YEAR},
    {.by = "programme,kind", .reach = REACH_YEAR},
    {.by = "quarter", .reach = REACH_ALL},
    {.by = "year", .reach = REACH_ALL},
    {.by = "", .reach = REACH_ANY},
    {.by = "squad", .reach = REACH_ANY},
    {.by = "", .reach = REACH_ANY, .units = 3},
    {.by = "programme", .reach = REACH_ANY, .units = 3},
    {.by = "", .reach = REACH_ANY, .programme = "dog"},
    {.by = "", .reach = REACH_ANY, .kind = "媒体"},
    {.by = "day", .reach = REACH_MONTH},
    {.by = "squad,day", .reach = REACH_MONTH},
    {.by = "week", .reach = REACH_YEAR},
    {.by = "day", .reach = REACH_YEAR},
    {.by = "squad", .reach = REACH_YEAR, .live = true},
    {.by = "month", .reach = REACH_ALL, .live = true},
    {.by = "", .reach = REACH_YEAR, .past = true},
    {.by = "squad,month", .reach = REACH_YEAR, .past = true},
    {.by = "squad,programme", .reach = REACH_ALL, .past = true},
};

int main(int argc, char **argv) {
    static struct bench bench = {.state = 7};
    if (argc < 3 || argc > 4) {
        fprintf(stderr, "usage: bench-people CREDITS VOLUNTEERS [WORDS]\n");
        return 2;
    }
    uint64_t credits = strtoull(argv[1], NULL, 10);
    bench.volunteers = (uint32_t)strtoul(argv[2], NULL, 10);
    bench.tally = tally_create();
    bench.arena = arena_create(ARENA_BYTES);
    if (!bench.tally || !bench.arena || bench.volunteers < SQUADS || credits < CREDITS_EACH) {
        stop("no memory, or too few of something");
    }
    add_squads(&bench);
    add_volunteers(&bench);
    double before = resident();
    int64_t begun = now();
    for (uint64_t i = 0; i < credits; i += CREDITS_EACH) {
        credit_some(&bench, DAY_FIRST + (int32_t)(i * DAYS / credits));
    }
    int64_t folded = now() - begun;
    double rows_bytes = resident() - before;
    begun = now();
    while (rolls_warm(bench.tally, 100000)) {
    }
    int64_t made = now() - begun;
    double all_bytes = resident() - before;
    printf(
        "%llu credits of %u volunteers: fold %.0f ns each, sums and sets made in %.2f s, read back in %.2f s; bytes a "
        "credit: %.1f rows and links, %.1f with sums and sets\n",
        (unsigned long long)credits, bench.volunteers, (double)folded / (double)credits, (double)made / 1e9,
        load_again(&bench), rows_bytes / (double)credits, all_bytes / (double)credits);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        measure(&bench, &rows[i], argc > 3 ? argv[3] : "");
    }
    hours_rows_free(&bench.rows);
    tally_destroy(&bench.tally);
    arena_destroy(&bench.arena);
    return 0;
}
