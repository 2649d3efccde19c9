/* The mover: takes blocks from the log into the database, behind the receipts, many in one transaction.
 *
 * A thread of its own, so that its syncs are nobody's wait: it moves when a segment of the log is half full or full,
 * when nothing was appended for a while, and when somebody asks. What it moves it reads from the tail.
 *
 * No room (or a lock that another program holds) is no failure: the blocks stay in the log, and it tries again. Any
 * other error is final: nothing is appended any more, and the process is told to end (options.failed).
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"

struct journal;

struct mover {
    pthread_t thread;
    bool running;
    pthread_mutex_t database_lock;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t wake;
    pthread_cond_t moved_on;
    bool stop;
    bool asked;
    uint64_t moved; /* seq up to which blocks are in the database */
    int stuck;      /* -code of what stood in the way when it was tried last; 0: nothing did */
    int failed;     /* -code of what ended everything */
    struct error error;
    void (*tell)(void *data); /* that it failed; may be NULL */
    void *data;
    atomic_bool trouble; /* stuck, failed, or the reserve is given up: an append must look first */
};

/* Ready, without a thread and with nothing moved. */
void mover_begin(struct mover *mover);

void mover_end(struct mover *mover);

/* Starts the thread. */
int mover_start(struct journal *journal, struct error *error);

/* Stops the thread and waits for it. May be called twice. */
void mover_stop(struct journal *journal);

/* Moves all that is in the tail, on this thread, which holds the database's lock. */
int mover_settle(struct journal *journal, struct error *error);

/* What stood in the way: 0 when it is gone by now, else its code. */
int mover_clear_trouble(struct journal *journal, struct error *error);

/* Asks the thread to move all that is there now; does not wait. */
void mover_ask(struct mover *mover);

/* Waits until blocks up to `seq` are in the database. */
int mover_wait(struct mover *mover, uint64_t seq, struct error *error);

/* The database holds blocks up to `seq`; under its lock. */
void mover_note_moved(struct mover *mover, uint64_t seq);

/* Whether blocks up to `seq` are in the database. */
bool mover_has_moved(struct mover *mover, uint64_t seq);

/* 0, or the -code of what stands in the way of moving. */
int mover_obstacle(struct mover *mover);

/* Whom to tell that it failed, once; at once when it has. */
void mover_tell(struct mover *mover, void (*tell)(void *data), void *data);

/* Notes an error after which nothing may be written; the first one stays. Returns `code`. */
int mover_fail(struct mover *mover, int code, const struct error *error);

/* 0, or the -code that was noted. */
int mover_failure(struct mover *mover, struct error *error);
