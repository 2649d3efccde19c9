/* Moments: at which number the journal stood at a time, and the days that were opened.
 *
 * "As it stood at 14:05" is the last event received before 14:06. A mark is kept for each minute in which something
 * was received; days come from clock.day, which intake writes at midnight of the brigade.
 */
#pragma once

#include "services/aggregator/book.h"

struct error;

struct moment {
    int64_t minute; /* minutes since 1970 UTC, rising */
    uint64_t last;  /* the last event received in it */
};

struct opened_day {
    uint64_t seq;
    int32_t day;
    uint32_t reserved; /* zero */
};

struct moments {
    struct ledger minutes; /* of struct moment */
    struct ledger days;    /* of struct opened_day, the days rising */
};

/* Every event passes here. 0 or -ERR_NO_MEMORY. */
int moments_note(struct tally *tally, const struct event *event);

#define DAY_UNKNOWN INT32_MIN

/* The day that was last opened at `at`; DAY_UNKNOWN before the first. */
int32_t moments_today(const struct tally *tally, uint64_t at);

/* What `text` means as a position: a position ("<journal>.<epoch>.<seq>.<hash>"), a number of an event, a day (its end)
 * or milliseconds since 1970 UTC (more than twelve digits). Empty: AT_HEAD. A day that has not ended yet is AT_HEAD.
 * -ERR_BAD_QUERY names the field `at`; -ERR_BEYOND, -ERR_OTHER_JOURNAL as for at_least. */
int moments_resolve(const struct tally *tally, struct text text, uint64_t *at, struct error *error);
