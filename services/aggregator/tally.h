/* The tally: everything the aggregator knows, folded from the stream and from nothing else.
 *
 * Pure memory: no clock, no file, no settings. The same events in the same order give the same tally, to the last
 * number. A report that counts stands in the cell of its unit, day, programmes and town, and among the members of
 * its activity. An error (-ERR_NO_MEMORY, -ERR_TOO_BIG) leaves a tally that is of no use any more.
 */
#pragma once

#include "common/error.h"
#include "proto/position.h"
#include "services/aggregator/activities.h"
#include "services/aggregator/book.h"
#include "services/aggregator/calendar.h"
#include "services/aggregator/clients.h"
#include "services/aggregator/dirty.h"
#include "services/aggregator/measures.h"
#include "services/aggregator/views.h"

#define BOOK(name, prose) struct name;
#include "services/aggregator/books.def"
#undef BOOK

/* The lists of rows that are saved. */
enum saved { SAVED_NAMES, SAVED_MEASURES, SAVED_UNITS, SAVED_CLIENTS, SAVED_REPORTS, SAVED_COUNT };

struct tally {
    struct position position; /* of the last block that is folded */
    struct hash hash;         /* of the chain there */
    struct names names;       /* of measures, their units, units' names and kinds */
    struct measures measures;
    struct units units;
    struct clients clients;
    struct reports reports;
    struct activities activities;
    struct calendar calendar;
    struct views views; /* of the calendar, made by questions */
#define BOOK(name, prose) struct name *name;
#include "services/aggregator/books.def"
#undef BOOK
    uint32_t readers[EVENT_TYPE_COUNT]; /* by type: the books that read its events, a bit each */

    uint32_t *changed; /* units whose figures changed since changes_clear, each once, with those above them */
    uint32_t changed_count;
    uint32_t changed_capacity;
    struct dirty dirty[SAVED_COUNT];
};

/* NULL when there is no memory. */
struct tally *tally_create(void);
void tally_destroy(struct tally **tally);

/* The number of an id, which is added when it is new. REPORT_NONE when there is no memory. */
uint32_t tally_number(struct tally *tally, const struct id *id);

/* The number of a text among the names; likewise. */
uint32_t tally_name(struct tally *tally, struct text text);

/* The text of a name; empty for NAME_NONE. */
struct text tally_text(const struct tally *tally, uint32_t name);

/* Puts a report that counts into its cells and its activity; takes it out again. */
int tally_count(struct tally *tally, uint32_t number);
int tally_discount(struct tally *tally, uint32_t number);

/* Replaces a report's row while it stands in no cell. */
int tally_set(struct tally *tally, uint32_t number, const struct report *report, const struct kept_measure *measures);

/* Makes two activities one. Units whose figures may change by it are marked as changed at `seq`. */
int tally_unite(struct tally *tally, uint32_t into, uint32_t from, uint64_t seq);

/* The figures of a unit, and so of all above it, changed by the event `seq`. */
int tally_changed(struct tally *tally, uint32_t unit, uint64_t seq);
void tally_changes_clear(struct tally *tally);
