/* The stream's consuming side: every block once, in order, from a position; reconnects and reopens by itself.
 *
 * Verifies what it gets: no gap, the chain's hash; block_next, with which the handler walks the events, verifies seqs
 * and the commitments of sides. The handler runs on the loop with one block at a time; credit is given back when it
 * returns. When intake restarts the consumer opens again at its own position. A pause without a sign of life is
 * noticed within a second (ping by `head`). Callbacks may close the consumer.
 */
#pragma once

#include "common/journal/block.h"
#include "common/request.h"

struct consumer;

struct consumer_options {
    struct bus *bus;
    uv_loop_t *loop;
    const struct log *log;
    bool side;
    bool patient;    /* blocks may come some milliseconds late, several together: fewer wake-ups; consumer_pace */
    uint32_t credit; /* blocks under way at most; e.g. 16 */
    struct position position; /* where the consumer stands: the end of a block, or zero */
    struct hash hash;         /* chain hash there; not used at the beginning */

    /* A block in order: `block->side` is empty without the right. `after` is the position behind it. Returns 0, or
     * -code: then the consumer stops and calls `stopped`. */
    int (*block)(void *data, const struct journal_block *block, const struct position *after, struct error *error);

    /* The stream cannot go on: refused (ahead, hash differs, no right), damaged, or the handler failed. Called once. */
    void (*stopped)(void *data, const struct error *error);

    /* The known head changed, or the connection came (`connected`) or went. May be NULL. */
    void (*head)(void *data, const struct position *head, bool connected);
    void *data;
};

/* -ERR_BAD_KEYFILE and the like when the socket cannot be made; that intake is not there yet is no error. */
int consumer_open(struct consumer **consumer, const struct consumer_options *options, struct error *error);
/* Questions that are open end with ERR_UNAVAILABLE; the memory goes when the loop closes the handle. */
void consumer_close(struct consumer **consumer);

/* Whether blocks may come some milliseconds late, from now on. */
void consumer_pace(struct consumer *consumer, bool patient);

/* Asks intake for its head now; `done` runs once, with the code in `error->code` (ERR_OK when there is an answer) when
 * there is none in `timeout_ms`. Without memory or after the end `done` runs before this returns, else never. */
void consumer_ask_head(struct consumer *consumer, int64_t timeout_ms,
                       void (*done)(void *data, const struct position *head, const struct error *error), void *data);
