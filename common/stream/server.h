/* The stream's serving side: blocks to consumers, from their positions, within their credit.
 *
 * Lives in intake, on its loop. Needs no memory per consumer beyond its row: blocks are read from the journal when
 * there is credit (the newest are kept, encoded, for those who are at the head), some of them together (gather.h). A consumer ahead of the journal or with
 * another hash is refused with what does not fit. A slow consumer slows nobody: one whose queue is full waits, one that
 * said nothing for a minute is dropped. At most 1,000 at a time. Rights: `side` says whether a peer may have side.
 */
#pragma once

#include "common/journal/journal.h"
#include "common/request.h"

struct stream_server;

struct stream_server_options {
    struct bus *bus;
    uv_loop_t *loop;
    struct journal_reader *reader; /* borrowed, loop thread */
    const struct log *log;
    struct metrics *metrics;
    /* Whether the peer may read, with side if `side`: 0, or -code with `error`, which refuses it. */
    int (*authorise)(void *data, const char *user, bool side, struct error *error);
    void *data;
};

int stream_server_open(struct stream_server **server, const struct stream_server_options *options, struct error *error);
void stream_server_close(struct stream_server **server);

/* The journal has grown to `head`: consumers that have credit get it now or within GATHER_MS (gather.h). `block`, with its
 * side in the clear, is the one that was appended, when it is at hand: consumers at the head get it as it is, without
 * another look into the journal. `alone`: little comes in, nothing else was under way with the block. */
void stream_server_appended(struct stream_server *server, const struct position *head,
                            const struct journal_block *block, bool alone);

/* Rights may have changed: consumers that `authorise` refuses now are told so and dropped. */
void stream_server_review(struct stream_server *server);

/* Sides were erased from the journal: blocks that are kept in memory are dropped. */
void stream_server_forget(struct stream_server *server);
