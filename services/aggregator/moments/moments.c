/* Moments: the marks of minutes and days, and what a question means by a time. */
#include "services/aggregator/moments/moments.h"

#include <stdio.h>
#include <stdlib.h>

#include "services/aggregator/tally.h"

#define MINUTE_MS INT64_C(60000)
#define SEQ_DIGITS_MAX 12 /* longer numbers are milliseconds */

enum { LEDGER_MINUTES, LEDGER_DAYS, LEDGERS };

/* ---- the book ---- */

static int open_moments(struct tally *tally) {
    tally->moments = calloc(1, sizeof *tally->moments);
    if (!tally->moments) {
        return -(int)ERR_NO_MEMORY;
    }
    ledger_start(&tally->moments->minutes, sizeof(struct moment));
    ledger_start(&tally->moments->days, sizeof(struct opened_day));
    return 0;
}

static void close_moments(struct tally *tally) {
    if (tally->moments) {
        ledger_free(&tally->moments->minutes);
        ledger_free(&tally->moments->days);
    }
    free(tally->moments);
    tally->moments = NULL;
}

static struct ledger *ledger_of(struct tally *tally, uint32_t number) {
    return number == LEDGER_MINUTES ? &tally->moments->minutes : &tally->moments->days;
}

static const struct moment *last_minute(const struct moments *moments) {
    return moments->minutes.count == 0 ? NULL : ledger_row(&moments->minutes, moments->minutes.count - 1);
}

int moments_note(struct tally *tally, const struct event *event) {
    struct moments *moments = tally->moments;
    struct moment row = {.minute = event->received_at / MINUTE_MS, .last = event->seq};
    const struct moment *last = last_minute(moments);
    if (last && last->minute >= row.minute) {
        uint32_t number = moments->minutes.count - 1;
        ((struct moment *)ledger_row(&moments->minutes, number))->last = event->seq;
        return ledger_changed(&moments->minutes, number);
    }
    return ledger_add(&moments->minutes, &row) == LEDGER_NONE ? -(int)ERR_NO_MEMORY : 0;
}

static int fold_day(struct tally *tally, const struct event *event, struct error *error) {
    (void)error;
    struct opened_day row = {.seq = event->seq, .day = event->body->clock_day.day};
    if (moments_today(tally, AT_HEAD) != DAY_UNKNOWN && row.day <= moments_today(tally, AT_HEAD)) {
        return 0; /* another brigade of the same journal opens the same day */
    }
    return ledger_add(&tally->moments->days, &row) == LEDGER_NONE ? -(int)ERR_NO_MEMORY : 0;
}

static const struct book_interest interests[] = {{EVENT_CLOCK_DAY, SKIM_FIELD(clock_day, day)}};

const struct book book_of_moments = {
    .ledgers = LEDGERS,
    .interests = interests,
    .interest_count = sizeof interests / sizeof *interests,
    .open = open_moments,
    .close = close_moments,
    .ledger = ledger_of,
    .fold = fold_day,
};

/* ---- looking back ---- */

/* The first opened day that began behind `at`; all of them when none did. */
static uint32_t days_until(const struct moments *moments, uint64_t at) {
    uint32_t low = 0;
    uint32_t high = moments->days.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct opened_day *day = ledger_row(&moments->days, middle);
        if (day->seq <= at) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

int32_t moments_today(const struct tally *tally, uint64_t at) {
    uint32_t count = days_until(tally->moments, at);
    return count == 0 ? DAY_UNKNOWN : ((const struct opened_day *)ledger_row(&tally->moments->days, count - 1))->day;
}

/* The last event before the day after `day` was opened; AT_HEAD while it has not ended. */
static uint64_t end_of_day(const struct moments *moments, int32_t day) {
    for (uint32_t i = moments->days.count; i > 0; i--) {
        const struct opened_day *row = ledger_row(&moments->days, i - 1);
        if (row->day <= day) {
            const struct opened_day *next = i < moments->days.count ? ledger_row(&moments->days, i) : NULL;
            return next ? next->seq - 1 : AT_HEAD;
        }
    }
    const struct opened_day *first = moments->days.count > 0 ? ledger_row(&moments->days, 0) : NULL;
    return first ? first->seq - 1 : 0;
}

/* The last event received in the minute of `at` or before. */
static uint64_t end_of_minute(const struct moments *moments, int64_t at) {
    uint32_t low = 0;
    uint32_t high = moments->minutes.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct moment *moment = ledger_row(&moments->minutes, middle);
        if (moment->minute <= at / MINUTE_MS) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low == 0 ? 0 : ((const struct moment *)ledger_row(&moments->minutes, low - 1))->last;
}

static int resolve_position(const struct tally *tally, struct text text, uint64_t *at, struct error *error) {
    struct position position;
    int result = position_parse(text, &position, error);
    if (result < 0) {
        return result;
    }
    char own[POSITION_TEXT_SIZE];
    char asked[POSITION_TEXT_SIZE];
    position_format(&tally->position, own);
    position_format(&position, asked);
    struct error_words words = {.field = "at", .value = asked, .limit = own};
    if (position.journal != tally->position.journal) {
        return error_set(error, ERR_OTHER_JOURNAL, words);
    }
    if (position.seq > tally->position.seq) {
        return error_set(error, ERR_BEYOND, words);
    }
    *at = position.seq;
    return 0;
}

static bool all_digits(struct text text) {
    for (uint32_t i = 0; i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }
    }
    return text.length > 0 && text.length <= 15;
}

static int resolve_number(const struct tally *tally, struct text text, uint64_t *at, struct error *error) {
    char digits[16] = "";
    memcpy(digits, text.data, text.length);
    long long number = strtoll(digits, NULL, 10);
    if (text.length > SEQ_DIGITS_MAX) {
        *at = end_of_minute(tally->moments, number);
        return 0;
    }
    *at = (uint64_t)number;
    char limit[32];
    snprintf(limit, sizeof limit, "%llu", (unsigned long long)tally->position.seq);
    return *at <= tally->position.seq
               ? 0
               : error_set(error, ERR_BEYOND, (struct error_words){.field = "at", .value = digits, .limit = limit});
}

int moments_resolve(const struct tally *tally, struct text text, uint64_t *at, struct error *error) {
    int32_t day;
    *at = AT_HEAD;
    if (text.length == 0) {
        return 0;
    }
    if (all_digits(text)) {
        return resolve_number(tally, text, at, error);
    }
    if (day_parse(text, &day)) {
        *at = end_of_day(tally->moments, day);
        return 0;
    }
    if (memchr(text.data, '.', text.length)) {
        return resolve_position(tally, text, at, error);
    }
    char shown[64];
    text_show(text, shown, sizeof shown);
    return error_set(
        error, ERR_BAD_QUERY,
        (struct error_words){.field = "at",
                             .value = shown,
                             .limit = "a position, the number of an event, a day YYYY-MM-DD or milliseconds"});
}
