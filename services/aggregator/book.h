/* A book: one subject of what the aggregator knows beside the sums of reports, in a folder of its own.
 *
 * A book keeps its rows in ledgers (ledger.h); what helps to answer, such as indexes and sums, is made from them. It
 * folds the types of events that it names, after the reports' own fold, in the order of books.def. Like the tally
 * it is pure: no clock, no file, no settings but those that came as events.
 *
 *     const struct book book_of_moments = {.ledgers = 2, .open = ..., ...};
 *
 * Errors of all: -ERR_NO_MEMORY, -ERR_TOO_BIG, -ERR_CORRUPT with `error` set; the tally is then of no use any more.
 */
#pragma once

#include "proto/skim.h"
#include "services/aggregator/ledger.h"

struct tally;

/* Which fields of a type's body the book reads; SKIM_WHOLE for all of them. */
struct book_interest {
    enum event_type type;
    uint64_t fields;
};

struct book {
    uint32_t ledgers; /* how many it has */
    const struct book_interest *interests;
    uint32_t interest_count;

    int (*open)(struct tally *tally); /* makes the empty book. 0 or -ERR_NO_MEMORY; book_close is called then, too */
    void (*close)(struct tally *tally);
    struct ledger *(*ledger)(struct tally *tally, uint32_t number);

    /* Whether a row that was read back fits: numbers of names, units, reports and of rows of ledgers with a lower number
     * are there. Rows come in their order, ledger by ledger. NULL: every row does. */
    bool (*fits)(const struct tally *tally, uint32_t number, const void *row);
    int (*complete)(struct tally *tally); /* all rows are read: makes the rest. May be NULL */

    /* One event of a type that it is interested in. */
    int (*fold)(struct tally *tally, const struct event *event, struct error *error);
};

enum book_index {
#define BOOK(name, prose) BOOK_##name,
#include "services/aggregator/books.def"
#undef BOOK
    BOOK_COUNT
};

#define BOOK(name, prose) extern const struct book book_of_##name;
#include "services/aggregator/books.def"
#undef BOOK

/* 0 or -ERR_NO_MEMORY: all books, or none. */
int books_open(struct tally *tally);
void books_close(struct tally *tally);

int books_fold(struct tally *tally, const struct event *event, struct error *error);

/* Adds what the books want to read to what is read anyway. */
void books_want(struct skim *skim);

/* The ledgers of all books in one row of numbers, for saving, loading and comparing. */
uint32_t books_ledgers(void);
struct ledger *books_ledger(struct tally *tally, uint32_t number);
bool books_fit(const struct tally *tally, uint32_t number, const void *row);
int books_complete(struct tally *tally);

/* The book's name and which of its ledgers it is, for people. */
const char *books_name(uint32_t number, uint32_t *ledger);

/* Differs where the ledgers' number or the size of their rows does: a state file of another shape is folded again. */
uint64_t books_shape(struct tally *tally);
