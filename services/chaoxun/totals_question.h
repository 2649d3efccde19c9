/* The options of `chaoxun totals` as a question to the aggregator. Whether the words are any that it knows, it says. */
#pragma once

#include "proto/codec.h"
#include "services/chaoxun/options.h"

#define TOTALS_WORDS_MAX 100 /* of one list */

struct totals_question {
    struct wire_totals_query query;
    struct text by[8];
    struct text units[TOTALS_WORDS_MAX];
    struct text programmes[TOTALS_WORDS_MAX];
    struct text towns[TOTALS_WORDS_MAX];
    struct text measures[TOTALS_WORDS_MAX];
    struct text kinds[TOTALS_WORDS_MAX];
    bool marks; /* how many reports are late, returned, doubtful is shown beside */
};

/* Borrows from the options. -ERR_USAGE names the option. */
int totals_question_read(const struct options *options, struct totals_question *question, struct error *error);

bool totals_question_by(const struct totals_question *question, const char *word);

/* The rows of the options that it reads. */
#define TOTALS_BY "squad unit programme town measure kind day week month quarter year"
#define TOTALS_OPTIONS \
    {.name = "from", .kind = OPTION_TEXT, .word = "DAY", .prose = "first day, 2026-01-01"}, \
        {.name = "to", .kind = OPTION_TEXT, .word = "DAY", .prose = "last day, included"}, \
        {.name = "unit", .kind = OPTION_TEXT, .word = "PATHS", .prose = "only these units and what lies under them"}, \
        {.name = "programme", \
         .kind = OPTION_TEXT, \
         .word = "CODES", \
         .prose = "only reports that serve any of these", \
         .values = query_programmes}, \
        {.name = "town", .kind = OPTION_TEXT, .word = "NAMES", .prose = "only reports from these towns and streets"}, \
        {.name = "measure", .kind = OPTION_TEXT, .word = "NAMES", .prose = "only these measures are listed"}, \
        {.name = "kind", .kind = OPTION_TEXT, .word = "CODES", .prose = "only these kinds of problems (--by kind)"}, \
        {.name = "undated", .kind = OPTION_FLAG, .prose = "only reports without a date"}, \
        {.name = "by", \
         .kind = OPTION_TEXT, \
         .word = "WORDS", \
         .prose = "a row for each squad or unit, programme, town, measure or kind, day, week, month, quarter, year", \
         .values = TOTALS_BY}, \
        {.name = "level", \
         .kind = OPTION_INT, \
         .min = 1, \
         .max = 20, \
         .word = "N", \
         .prose = "--by unit: units N steps below the top"}, \
        {.name = "tree", \
         .kind = OPTION_TEXT, \
         .word = "WORD", \
         .prose = "old: as it was reported; new: under the unit that continues it", \
         .values = "old new"}, \
        {.name = "compare", \
         .kind = OPTION_TEXT, \
         .word = "WORD", \
         .prose = "beside it the period before, or the same a year before", \
         .values = "before year"}, \
        {.name = "order", \
         .kind = OPTION_TEXT, \
         .word = "WORD", \
         .prose = "the most first", \
         .values = "activities attendances minutes reports measure"}, \
        {.name = "top", .kind = OPTION_INT, .min = 1, .max = 100000, .word = "N", .prose = "only so many rows"}, \
        {.name = "fill", .kind = OPTION_FLAG, .prose = "also periods without reports (with --from and --to)"}, { \
        .name = "at", .kind = OPTION_TEXT, .word = "WHEN", \
        .prose = "as it stood: a position, an event's number, the end of a day 2026-06-30" \
    }
