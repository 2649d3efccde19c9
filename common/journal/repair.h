/* Repair of a damaged journal, while nobody has it open: what of it is good is told, and, when told so, a journal is
 * made of that alone.
 *
 * The log (log.h) is part of it: blocks that only it holds go on from the database's good end, also where that end is a
 * damaged block which the log still has.
 *
 * A block is good when it follows on the one before and its head fits the chain. What comes behind the first block that
 * is not good cannot be believed in its order, and is cut off. A side that does not authenticate, or is not the one its
 * head was committed to, costs only itself: head, chain and figures stand without it, so it becomes one that was
 * forgotten. Derived tables are made again by the next opening.
 *
 * Whatever is dropped begins a new epoch: no consumer takes the blocks that are written now for those that it knew.
 */
#pragma once

#include "common/journal/journal.h"

#define JOURNAL_ASKED_MAX 8 /* positions of consumers that are looked up on the way */

/* Events that are lost, with what can still be read of them. */
struct journal_loss {
    uint64_t first; /* seqs; 0: nothing is lost */
    uint64_t last;
    uint64_t events;
    uint64_t readable;
    int64_t since; /* received_at of the first and the last that can be read, ms */
    int64_t until;
    uint64_t types[EVENT_TYPE_COUNT];
    char why[ERROR_TEXT_MAX]; /* the first thing that does not fit */
};

/* A position that somebody holds: whether the journal goes on from it, as far as it is good. */
struct journal_asked {
    struct position position;
    bool holds;
};

struct journal_damage {
    uint64_t journal;     /* its id */
    uint64_t epoch;       /* the highest that was seen */
    struct position good; /* the end of what can be kept */
    struct hash hash;     /* of the chain there */
    struct position kept; /* the end of what the database holds of that: what follows is in the log */
    struct hash kept_hash;
    struct journal_loss cut;
    struct journal_loss sides;
    uint64_t blocks_without_side;                  /* of what can be kept: whose sides are lost */
    uint64_t blocks_with_side;                     /* whose sides are good */
    char derived[ERROR_TEXT_MAX];                  /* "", or what does not fit in the tables that can be made again */
    char log[ERROR_TEXT_MAX];                      /* "", or what does not fit in the log */
    char witness[ERROR_TEXT_MAX];                  /* "", or why the witness does not fit */
    bool interrupted;                              /* an earlier repair was, after its new journal was complete */
    struct journal_asked asked[JOURNAL_ASKED_MAX]; /* in: the positions; out: whether they hold */
    uint32_t asked_count;
};

/* Looks at everything, changes nothing. 0 and what was found, also when that is nothing; -ERR_CORRUPT when so much is
 * damaged that nobody can tell the journal's id. Blocks as long as reading all of it takes. */
int journal_examine(const struct journal_options *options, struct journal_damage *damage, struct error *error);

bool journal_is_whole(const struct journal_damage *damage);

/* Whether what is good may be all that is kept: not when that is nothing, nor when no side at all can be read, for then
 * it is the key that is wrong. -ERR_CORRUPT says what to do instead. */
int journal_may_mend(const struct journal_damage *damage, struct error *error);

/* Makes the journal of what is good. The files that are there go into the folder `aside`, which exists, none is
 * deleted. A crash in between is finished by the next call; until then the journal does not open. */
int journal_mend(const struct journal_options *options, const struct journal_damage *damage, const char *aside,
                 struct error *error);
