/* The books, one after the other. */
#include "services/aggregator/book.h"

#include <assert.h>

#include "services/aggregator/tally.h"

struct shelf {
    const char *name;
    const struct book *book;
};

static const struct shelf shelf[BOOK_COUNT] = {
#define BOOK(name, prose) [BOOK_##name] = {#name, &book_of_##name},
#include "services/aggregator/books.def"
#undef BOOK
};

static_assert(BOOK_COUNT <= 32, "a bit for each in tally->readers");

static void note_readers(struct tally *tally, uint32_t book) {
    for (uint32_t i = 0; i < shelf[book].book->interest_count; i++) {
        tally->readers[shelf[book].book->interests[i].type] |= 1U << book;
    }
}

int books_open(struct tally *tally) {
    int result = 0;
    for (uint32_t i = 0; i < BOOK_COUNT && result == 0; i++) {
        result = shelf[i].book->open(tally);
        note_readers(tally, i);
    }
    if (result < 0) {
        books_close(tally);
    }
    return result;
}

void books_close(struct tally *tally) {
    for (uint32_t i = BOOK_COUNT; i-- > 0;) {
        shelf[i].book->close(tally);
    }
}

/* ---- folding ---- */

int books_fold(struct tally *tally, const struct event *event, struct error *error) {
    int result = 0;
    for (uint32_t left = tally->readers[event->type]; left != 0 && result == 0; left &= left - 1) {
        result = shelf[__builtin_ctz(left)].book->fold(tally, event, error);
    }
    return result;
}

void books_want(struct skim *skim) {
    for (uint32_t i = 0; i < BOOK_COUNT; i++) {
        for (uint32_t j = 0; j < shelf[i].book->interest_count; j++) {
            skim->bodies[shelf[i].book->interests[j].type] |= shelf[i].book->interests[j].fields;
        }
    }
}

/* ---- ledgers ---- */

uint32_t books_ledgers(void) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < BOOK_COUNT; i++) {
        count += shelf[i].book->ledgers;
    }
    return count;
}

/* The book that holds the ledger; `number` becomes the ledger's number within it. */
static const struct shelf *place_of(uint32_t *number) {
    uint32_t book = 0;
    while (*number >= shelf[book].book->ledgers) {
        *number -= shelf[book].book->ledgers;
        book++;
        assert(book < BOOK_COUNT);
    }
    return &shelf[book];
}

struct ledger *books_ledger(struct tally *tally, uint32_t number) {
    const struct shelf *place = place_of(&number);
    return place->book->ledger(tally, number);
}

bool books_fit(const struct tally *tally, uint32_t number, const void *row) {
    const struct shelf *place = place_of(&number);
    return !place->book->fits || place->book->fits(tally, number, row);
}

const char *books_name(uint32_t number, uint32_t *ledger) {
    *ledger = number;
    return place_of(ledger)->name;
}

int books_complete(struct tally *tally) {
    int result = 0;
    for (uint32_t i = 0; i < BOOK_COUNT && result == 0; i++) {
        result = shelf[i].book->complete ? shelf[i].book->complete(tally) : 0;
    }
    return result;
}

uint64_t books_shape(struct tally *tally) {
    uint64_t shape = 0;
    for (uint32_t i = 0; i < books_ledgers(); i++) {
        shape = (shape ^ books_ledger(tally, i)->row_size) * UINT64_C(0x9E3779B97F4A7C15);
        shape ^= shape >> 29;
    }
    return shape;
}
