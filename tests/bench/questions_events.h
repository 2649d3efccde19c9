/* What bench-questions asks about: very many reports, folded into the aggregator's memory. */
#pragma once

#include "services/aggregator/answer.h"
#include "services/aggregator/drill.h"

#define SQUADS 14
#define TEAMS 3
#define TOWNS 12
#define YEARS 10
#define FIRST_DAY 16436 /* 2015-01-01 */
#define DAYS (YEARS * 365)
#define ACTIVITIES 4096 /* that may be shared, the newest */

struct bench {
    struct tally *tally;
    struct arena *arena;
    struct rows rows;
    struct rows before;
    struct drill drill;
    struct buffer answer;
    uint64_t seed;
    uint64_t seq;
    uint64_t reports;
    const char *words; /* only questions whose name has them */
    struct id activities[ACTIVITIES];
    char units[SQUADS * (TEAMS + 1)][40];
};

_Noreturn void bench_fail(const char *what);
uint32_t bench_draw(struct bench *bench, uint32_t below);

/* A report of one of the last days before `day`, or, seldom, of long ago. */
void bench_report(struct bench *bench, int32_t day, const struct id *amends);

/* Units, then so many reports, with amendments, withdrawals and merged activities between them. */
void bench_fold(struct bench *bench, uint64_t reports);
