/* Pending: the batches that wait for their commit, oldest first; the last one is open and still filled.
 *
 * Sequence numbers are given when an event is added, as all batches are committed in order or, when one fails for
 * lack of space, none of those that wait: what came later may rest on what came before. Also known here: which
 * waiting event told last of a subject, and which activities are merged. Loop thread only; nothing blocks.
 */
#pragma once

#include "services/intake/batch.h"
#include "services/intake/id_table.h"

struct pending_limits {
    uint32_t batch_events; /* in one batch at most */
    size_t batch_bytes;    /* a batch that has so many takes no more */
    uint32_t events;       /* altogether */
    size_t bytes;
};

/* A waiting event that tells of a subject or of what has a name (marks.h), and the one before it of the same that waits
 * too. */
struct pending_step {
    uint64_t seq;
    uint64_t before; /* 0: none */
};

struct pending {
    struct pending_limits limits;
    struct batch *oldest;
    struct batch *open; /* the last one; NULL when there is none */
    struct batch *spare;
    uint64_t next_seq;
    uint32_t events;
    size_t bytes;
    struct id_table subjects; /* subject -> seq of the last waiting event that tells of it */
    struct id_table names;    /* the same of what has a name */
    struct buffer steps;      /* struct pending_step, all of both, by rising seq */
    struct id_table merged;   /* activity that became part of another -> seq of the merge */
};

void pending_begin(struct pending *pending, const struct pending_limits *limits, uint64_t next_seq);
void pending_free(struct pending *pending);

bool pending_is_full(const struct pending *pending);

/* The batch for the next event: the open one, or a new one when it is full, or holds erasures and this event is none (or the
 * other way round). NULL: no memory. */
struct batch *pending_batch(struct pending *pending, bool erasing);

/* Adds the event to the batch that pending_batch gave. As batch_add. */
int pending_add(struct pending *pending, struct event *event);

/* Takes the event added last out again. */
void pending_take_back(struct pending *pending, const struct event *event);

/* The batch that holds `seq`; NULL when none does. */
struct batch *pending_holding(const struct pending *pending, uint64_t seq);

/* The last waiting event below `before` that tells of the subject; 0: none. */
uint64_t pending_last(const struct pending *pending, const struct id *subject, uint64_t before);

/* The batch that was added to last and is not yet committed; NULL when nothing waits. */
struct batch *pending_newest(const struct pending *pending);

/* Takes the oldest batch out: it is committed, or given up. It belongs to the caller until pending_recycle. */
struct batch *pending_take(struct pending *pending);
void pending_recycle(struct pending *pending, struct batch **batch);

/* The oldest batch is no longer filled: the writer has it. */
void pending_close_oldest(struct pending *pending);

/* After everything that waited was taken out unstored: numbering goes on behind the journal's head. */
void pending_restart(struct pending *pending, uint64_t next_seq);
