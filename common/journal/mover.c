/* Moving blocks from the tail into the database: slices of bounded size, each a transaction. */
#include "common/journal/mover.h"

#include <string.h>
#include <time.h>

#include "common/failpoint.h"
#include "common/journal/writer.h"

#define TICK_MS 500 /* nothing appended for so long: it is moved */
#define SLICE_BLOCKS 4096
#define SLICE_BYTES (4u << 20)

/* ---- the state that threads share ---- */

void mover_begin(struct mover *mover) {
    *mover = (struct mover){0};
    pthread_mutex_init(&mover->database_lock, NULL);
    pthread_mutex_init(&mover->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&mover->wake, &attributes);
    pthread_cond_init(&mover->moved_on, NULL);
    pthread_condattr_destroy(&attributes);
}

void mover_end(struct mover *mover) {
    pthread_mutex_destroy(&mover->database_lock);
    pthread_mutex_destroy(&mover->lock);
    pthread_cond_destroy(&mover->wake);
    pthread_cond_destroy(&mover->moved_on);
}

/* Under the lock. */
static void tell_failure(struct mover *mover) {
    if (mover->failed < 0 && mover->tell) {
        mover->tell(mover->data);
        mover->tell = NULL;
    }
}

int mover_fail(struct mover *mover, int code, const struct error *error) {
    pthread_mutex_lock(&mover->lock);
    if (mover->failed == 0) {
        mover->failed = code;
        mover->error = *error;
    }
    atomic_store(&mover->trouble, true);
    pthread_cond_broadcast(&mover->moved_on);
    tell_failure(mover);
    pthread_mutex_unlock(&mover->lock);
    return code;
}

void mover_tell(struct mover *mover, void (*tell)(void *data), void *data) {
    pthread_mutex_lock(&mover->lock);
    mover->tell = tell;
    mover->data = data;
    tell_failure(mover);
    pthread_mutex_unlock(&mover->lock);
}

static int told_failure(const struct mover *mover, struct error *error) {
    if (mover->failed < 0) {
        *error = mover->error;
    }
    return mover->failed;
}

int mover_failure(struct mover *mover, struct error *error) {
    pthread_mutex_lock(&mover->lock);
    int failed = told_failure(mover, error);
    pthread_mutex_unlock(&mover->lock);
    return failed;
}

int mover_obstacle(struct mover *mover) {
    pthread_mutex_lock(&mover->lock);
    int obstacle = mover->failed < 0 ? mover->failed : mover->stuck;
    pthread_mutex_unlock(&mover->lock);
    return obstacle;
}

void mover_ask(struct mover *mover) {
    pthread_mutex_lock(&mover->lock);
    mover->asked = true;
    pthread_cond_signal(&mover->wake);
    pthread_mutex_unlock(&mover->lock);
}

bool mover_has_moved(struct mover *mover, uint64_t seq) {
    pthread_mutex_lock(&mover->lock);
    bool has = mover->moved >= seq;
    pthread_mutex_unlock(&mover->lock);
    return has;
}

int mover_wait(struct mover *mover, uint64_t seq, struct error *error) {
    pthread_mutex_lock(&mover->lock);
    mover->asked = true;
    pthread_cond_signal(&mover->wake);
    while (mover->moved < seq && mover->failed == 0 && mover->stuck == 0) {
        pthread_cond_wait(&mover->moved_on, &mover->lock);
    }
    int result = told_failure(mover, error);
    if (result == 0 && mover->moved < seq) {
        result = error_set(error, (enum error_code) - mover->stuck, (struct error_words){.limit = "1000"});
    }
    pthread_mutex_unlock(&mover->lock);
    return result;
}

void mover_note_moved(struct mover *mover, uint64_t seq) {
    pthread_mutex_lock(&mover->lock);
    mover->moved = seq;
    mover->stuck = 0;
    pthread_cond_broadcast(&mover->moved_on);
    pthread_mutex_unlock(&mover->lock);
}

static void note_stuck(struct mover *mover, int code) {
    pthread_mutex_lock(&mover->lock);
    mover->stuck = code;
    atomic_store(&mover->trouble, true);
    pthread_cond_broadcast(&mover->moved_on);
    pthread_mutex_unlock(&mover->lock);
}

/* ---- moving, under the database's lock ---- */

static int slice_store(struct journal *journal, struct sealed_block *const *blocks, uint32_t count,
                       struct error *error) {
    int result = database_begin(&journal->database, error);
    for (uint32_t i = 0; i < count && result == 0; i++) {
        result = store_block(journal, blocks[i], error);
    }
    FAILPOINT("intake-before-move");
    if (result == 0) {
        result = database_commit(&journal->database, error);
    }
    FAILPOINT("intake-after-move");
    if (result == -(int)ERR_NO_SPACE) {
        return store_step_back(journal, error);
    }
    if (result < 0) {
        database_rollback(&journal->database);
    }
    return result;
}

/* 1 when something was moved, 0 when nothing was left to move. */
static int slice_move(struct journal *journal, struct error *error) {
    struct sealed_block *blocks[SLICE_BLOCKS];
    uint32_t count = tail_take_from(journal->tail, journal->mover.moved, blocks, SLICE_BLOCKS, SLICE_BYTES);
    if (count == 0) {
        return 0;
    }
    uint64_t end = record_end(&blocks[count - 1]->record);
    int result = slice_store(journal, blocks, count, error);
    for (uint32_t i = 0; i < count; i++) {
        sealed_block_release(&blocks[i]);
    }
    if (result == 0) {
        mover_note_moved(&journal->mover, end);
        tail_drop(journal->tail, end);
    }
    return result < 0 ? result : 1;
}

static bool is_for_now(int result) {
    return result == -(int)ERR_NO_SPACE || result == -(int)ERR_BUSY;
}

/* Notes what came of it. */
static int conclude(struct mover *mover, int result, const struct error *error) {
    if (is_for_now(result)) {
        note_stuck(mover, result);
    } else if (result < 0) {
        mover_fail(mover, result, error);
    }
    return result;
}

int mover_settle(struct journal *journal, struct error *error) {
    int result = mover_failure(&journal->mover, error);
    if (result < 0) {
        return result;
    }
    while ((result = slice_move(journal, error)) == 1) {
    }
    return conclude(&journal->mover, result, error);
}

/* The flag falls first: whatever goes wrong from here on, here or on the thread, sets it again. */
int mover_clear_trouble(struct journal *journal, struct error *error) {
    struct mover *mover = &journal->mover;
    pthread_mutex_lock(&mover->database_lock);
    atomic_store(&mover->trouble, false);
    int result = mover_failure(mover, error);
    if (result == 0 && !reserve_restore(&journal->reserve)) {
        result = reserve_missing(&journal->reserve, error);
    }
    if (result == 0) {
        result = mover_settle(journal, error);
    }
    if (result < 0) {
        atomic_store(&mover->trouble, true);
    } else {
        mover_note_moved(mover, journal->head.seq);
    }
    pthread_mutex_unlock(&mover->database_lock);
    return result;
}

/* ---- the thread ---- */

/* All that was there when it began, with the lock free between slices for an append that needs the database. */
static void move_all(struct journal *journal) {
    struct mover *mover = &journal->mover;
    struct position head = {0};
    struct error error = {0};
    tail_head(journal->tail, &head);
    int result = 1;
    while (result == 1) {
        pthread_mutex_lock(&mover->database_lock);
        result = mover_failure(mover, &error);
        if (result == 0) {
            bool moved = mover->moved >= head.seq;
            result = moved ? store_forget(journal, &error) : slice_move(journal, &error);
            result = conclude(mover, result, &error);
        }
        pthread_mutex_unlock(&mover->database_lock);
    }
}

/* Waits for a question or one tick, under the mover's lock. */
static void wait_tick(struct mover *mover) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += TICK_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    if (!mover->asked && !mover->stop) {
        pthread_cond_timedwait(&mover->wake, &mover->lock, &until);
    }
}

static void *run(void *data) {
    struct journal *journal = data;
    struct mover *mover = &journal->mover;
    uint64_t seen = 0;
    pthread_mutex_lock(&mover->lock);
    while (!mover->stop) {
        wait_tick(mover);
        struct position head = {0};
        tail_head(journal->tail, &head);
        bool idle = head.seq == seen;
        seen = head.seq;
        if (mover->stop || mover->failed < 0 || !(mover->asked || idle)) {
            mover->asked = false;
            continue;
        }
        mover->asked = false;
        pthread_mutex_unlock(&mover->lock);
        move_all(journal);
        pthread_mutex_lock(&mover->lock);
    }
    pthread_mutex_unlock(&mover->lock);
    return NULL;
}

int mover_start(struct journal *journal, struct error *error) {
    int result = pthread_create(&journal->mover.thread, NULL, run, journal);
    if (result != 0) {
        return error_setf(error, ERR_IO, "the journal's mover: %s", strerror(result));
    }
    journal->mover.running = true;
    return 0;
}

void mover_stop(struct journal *journal) {
    struct mover *mover = &journal->mover;
    if (!mover->running) {
        return;
    }
    pthread_mutex_lock(&mover->lock);
    mover->stop = true;
    pthread_cond_signal(&mover->wake);
    pthread_mutex_unlock(&mover->lock);
    pthread_join(mover->thread, NULL);
    mover->running = false;
}
