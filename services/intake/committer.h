/* The committer owns the journal. One batch at a time goes in, its result comes out on the loop. The work is done on a
 * thread of its own, or at once on the loop's: then two changes of threads are saved, which take half as long as the
 * sync itself.
 *
 * So batches are as large as what arrived while the last one was made durable: group commit without a timer.
 */
#pragma once

#include <uv.h>

#include "services/intake/batch.h"

struct committer;

struct commit_result {
    int code; /* 0: durable. -ERR_NO_SPACE: nothing was stored. Else it is not known what was. */
    struct position after;
    struct journal_block block; /* as it was stored; borrows from the batch */
    int64_t micros;
    bool on_loop; /* by committer_commit: little comes in */
    struct error error;
};

/* Runs on the loop. The batch is the caller's again. NULL: the journal failed behind the receipts, and `result` says how:
 * nothing can be committed any more. */
typedef void (*commit_done)(void *data, struct batch *batch, const struct commit_result *result);

/* Takes the journal over, also when it fails: `*journal` becomes NULL. */
int committer_open(struct committer **committer, uv_loop_t *loop, struct journal **journal, commit_done done,
                   void *data, struct error *error);

bool committer_is_idle(const struct committer *committer);

/* The committer must be idle. The batch may not be changed until it comes back, but for its tickets. */
void committer_submit(struct committer *committer, struct batch *batch);

/* The journal's own, from the loop: journal_ask_settle, journal_is_settled. */
void committer_ask_settle(struct committer *committer);
int committer_is_settled(struct committer *committer, uint64_t seq);

/* Whether the batch is better committed on the loop: it and the last one are small, the last one was fast, and nothing but
 * one sync is waited for. While many come in it is not: what arrives during the sync would be read only afterwards. */
bool committer_is_quick(const struct committer *committer, const struct batch *batch);

/* As committer_submit, but the result is told before it returns. */
void committer_commit(struct committer *committer, struct batch *batch);

/* Waits for the batch under way (its result is not told any more) and closes the journal. */
void committer_close(struct committer **committer);
