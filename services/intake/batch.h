/* A batch: events that will be one block of the journal, and the receipts that wait for it.
 *
 * Heads and sides are encoded as events are added, so that nothing of the frame they came in is kept. A batch is
 * filled on the loop's thread; once it is handed to the writer only its tickets may still grow there, while the
 * writer's thread makes the block of the rest (batch_block). Nothing blocks. Memory is kept from one use to the next.
 */
#pragma once

#include "common/journal/journal.h"
#include "services/intake/frame.h"

/* A receipt that is decided when the batch is durable. */
struct ticket {
    struct frame *frame; /* NULL: nobody waits (intake's own event) */
    uint32_t index;      /* of the receipt */
    bool position;       /* the receipt gets the batch's position */
};

struct batch_entry {
    uint32_t head_offset;
    uint32_t head_length;
    uint32_t side_offset;
    uint32_t side_length; /* 0: no side */
    uint8_t salt[16];
};

struct batch {
    struct batch *next;
    uint64_t first; /* seq of the first event */
    uint32_t count;
    bool erasing; /* holds erasures only: a block of its own */
    struct buffer heads;
    struct buffer sides;
    struct buffer entries;      /* struct batch_entry, one per event */
    struct buffer ids;          /* struct id */
    struct buffer marks;        /* struct batch_mark, see batch.c */
    struct buffer keys;         /* of marks, also of those to forget */
    struct buffer forget_marks; /* struct batch_mark, see batch.c */
    struct buffer forget_seqs;  /* uint64_t */
    struct buffer tickets;      /* struct ticket */
    struct buffer joined;       /* of the block: sides, marks, keys to forget */
    struct buffer block_marks;
    struct buffer block_forget;
    struct buffer views;
    uint8_t salts[1024]; /* random bytes, drawn many at a time */
    uint32_t salts_left;
};

struct batch *batch_create(void); /* NULL: no memory */
void batch_destroy(struct batch **batch);

/* Makes it empty, keeping its memory; what was side is wiped. */
void batch_reset(struct batch *batch, uint64_t first, bool erasing);

size_t batch_bytes(const struct batch *batch);

/* Adds an event: sets its seq and side_hash, and encodes it. `received_at`, `source` and `warnings` are set by the caller.
 * Returns 0, or -ERR_NO_MEMORY: then the batch is as before. */
int batch_add(struct batch *batch, struct event *event);

/* Takes the event added last out again. */
void batch_take_back(struct batch *batch);

/* What the block makes the journal forget. 0 or -ERR_NO_MEMORY. */
int batch_forget_mark(struct batch *batch, struct text key);
int batch_forget_seq(struct batch *batch, uint64_t seq);

/* 0 or -ERR_NO_MEMORY. */
int batch_add_ticket(struct batch *batch, struct frame *frame, uint32_t index, bool position);
void batch_take_back_ticket(struct batch *batch); /* the one added last */
uint32_t batch_ticket_count(const struct batch *batch);
struct ticket *batch_tickets(const struct batch *batch);

const struct id *batch_ids(const struct batch *batch); /* of all events */
const struct batch_entry *batch_entry(const struct batch *batch, uint32_t index);

/* Decodes an event of the batch; `*salt` is empty when it has no side. The views borrow from the batch. */
int batch_event(const struct batch *batch, uint32_t index, struct arena *arena, struct event *event, struct text *salt,
                struct error *error);

/* The block of what was added, for journal_append; borrows from the batch. 0 or -ERR_NO_MEMORY. */
int batch_block(struct batch *batch, struct journal_append_block *block);
