/* Duplicates: which ids are new, without asking the journal about every one of them.
 *
 * Ids of events that wait for their commit are all in memory. Of the stored ones, those of version 7 whose time is
 * within [floor, ceiling) are all in memory too, as two generations of `window` ids; so a fresh id, made a moment
 * ago, is known to be new. Any other id (older, of another version, imported), and one whose fingerprint
 * is known, is looked up in the journal. When a
 * generation is given up the floor rises above its ids; ids of clocks that run ahead are carried over, so that one wrong clock does
 * not lift the floor above everyone's ids. Source of the id's layout: RFC 9562, 5.7.
 *
 * Pure: no I/O, no clock.
 */
#pragma once

#include "services/intake/id_table.h"

struct duplicates {
    struct id_table pending; /* id -> seq that it will have; its key makes the hashes of all three */
    struct id_set young;
    struct id_set old;
    uint32_t window;
    int64_t floor; /* ms */
    int64_t ceiling;
};

enum duplicate_answer {
    ID_IS_NEW,
    ID_IS_PENDING, /* waits for its commit; `*seq` is its number */
    ID_ASK_JOURNAL /* stored, or not known */
};

/* `floor`: stored version 7 ids of this ms or later are handed to duplicates_learn. */
void duplicates_begin(struct duplicates *duplicates, uint32_t window, int64_t floor);

/* Learns the stored ids at or above the floor, rising; `all` is false when there are more than these. */
void duplicates_learn(struct duplicates *duplicates, const struct id *ids, uint32_t count, bool all);

/* The hash that the others take, once for each id. Starts to load what they will look at: of many ids, the hashes are
 * made first. */
uint64_t duplicates_hash(const struct duplicates *duplicates, const struct id *id);

enum duplicate_answer duplicates_look(const struct duplicates *duplicates, const struct id *id, uint64_t hash,
                                      uint64_t *seq);

/* Makes room for one more pending id. Returns 0 or -ERR_NO_MEMORY; the next duplicates_admit then cannot fail. */
int duplicates_reserve(struct duplicates *duplicates);
void duplicates_admit(struct duplicates *duplicates, const struct id *id, uint64_t hash, uint64_t seq);

/* Pending ids are stored. `now` in ms since 1970. */
void duplicates_commit(struct duplicates *duplicates, const struct id *ids, uint32_t count, int64_t now);

/* None of what was pending was stored. */
void duplicates_drop_pending(struct duplicates *duplicates);
void duplicates_free(struct duplicates *duplicates);

/* The first id of version 7 of a ms, to ask the journal for ids from there on. */
struct id id_first_of(int64_t at);
