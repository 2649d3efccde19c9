/* The tail: blocks that are durable in the log and not yet in the database, in memory, for readers and for the mover.
 *
 * Shared by the writer's thread, the mover's and the readers'; each call takes the lock for a short time. Whoever
 * looks here first and then into the database misses nothing: a block leaves the tail only after its commit there.
 * Bounded by the size of the log.
 */
#pragma once

#include "common/journal/sealed.h"

struct journal_tail *tail_retain(struct journal_tail *tail);

/* Empties the tail: the journal ends at `head`. */
void tail_begin(struct journal_tail *tail, const struct position *head);

/* Empties it, and nothing is known of the head: the journal was closed. */
void tail_end(struct journal_tail *tail);

/* Adds the block that follows on; takes a reference. `head` is the journal's end with it. 0, -ERR_NO_MEMORY. */
int tail_push(struct journal_tail *tail, struct sealed_block *block, const struct position *head, struct error *error);

/* Blocks up to `seq` are in the database: drops them. */
void tail_drop(struct journal_tail *tail, uint64_t seq);

/* The journal's end, also when the tail is empty; false when no journal is open. A NULL tail holds nothing, here and
 * below. */
bool tail_head(struct journal_tail *tail, struct position *head);

/* The block that holds `seq`, a reference to it; NULL when none does. */
struct sealed_block *tail_take(struct journal_tail *tail, uint64_t seq);

/* The blocks behind `seq`, in order, up to `max` of them and about `bytes`; returns how many. */
uint32_t tail_take_from(struct journal_tail *tail, uint64_t seq, struct sealed_block **blocks, uint32_t max,
                        size_t bytes);

/* How many bytes of records it holds. */
size_t tail_bytes(struct journal_tail *tail);

/* 1 and `*seq` when an event has the id, 0, < 0. */
int tail_find(struct journal_tail *tail, const struct id *id, uint64_t *seq, struct error *error);

/* Seqs with the mark, rising, from above `after`, at most `max`; returns how many or < 0. */
int tail_marked(struct journal_tail *tail, struct text key, uint64_t after, uint64_t *seqs, uint32_t max,
                struct error *error);

/* The last seq with the mark that is below `before`: 1, 0 or -ERR_NO_MEMORY. */
int tail_last_marked(struct journal_tail *tail, struct text key, uint64_t before, uint64_t *seq, struct error *error);

/* The ids that are at least `from`, rising, at most `max`; returns how many or < 0. */
int tail_ids_from(struct journal_tail *tail, const struct id *from, struct id *ids, uint32_t max, struct error *error);
