/* A thread with one place for work, and an async handle for its result; or the loop's own thread. */
#include "services/intake/committer.h"

#include <assert.h>
#include <stdlib.h>

#include "common/clock.h"

#define QUICK_BYTES 4096
#define QUICK_MICROS 1000

struct committer {
    uv_thread_t thread;
    uv_mutex_t mutex;
    uv_cond_t wake;
    uv_async_t finished;
    struct journal *journal; /* of the thread while it is busy, else of the loop */
    struct batch *work;      /* under the mutex; NULL: nothing to do */
    bool done;               /* under the mutex: `result` is there */
    bool stop;               /* under the mutex */
    bool busy;               /* the loop's */
    int64_t last_micros;     /* the loop's: of the last commit */
    size_t last_bytes;       /* the same */
    struct commit_result result;
    commit_done callback;
    void *data;
};

static void commit(struct committer *committer, struct batch *batch, struct commit_result *result) {
    struct journal_append_block block;
    int64_t start = clock_monotonic_us();
    *result = (struct commit_result){.code = batch_block(batch, &block)};
    if (result->code == 0) {
        result->code = journal_append(committer->journal, &block, &result->after, &result->error);
    } else {
        error_set(&result->error, ERR_NO_MEMORY, (struct error_words){0});
    }
    if (result->code == 0) {
        result->block = (struct journal_block){.epoch = result->after.epoch,
                                               .first = block.first,
                                               .count = block.count,
                                               .hash = journal_head_hash(committer->journal),
                                               .head = block.head,
                                               .side = block.side};
    }
    result->micros = clock_monotonic_us() - start;
}

static void conclude(struct committer *committer, struct batch *batch, const struct commit_result *result) {
    committer->busy = false;
    committer->last_micros = result->micros;
    committer->last_bytes = batch_bytes(batch);
    committer->callback(committer->data, batch, result);
}

static void run(void *data) {
    struct committer *committer = data;
    uv_mutex_lock(&committer->mutex);
    for (;;) {
        while (!committer->stop && (!committer->work || committer->done)) {
            uv_cond_wait(&committer->wake, &committer->mutex);
        }
        if (committer->stop) {
            break;
        }
        struct batch *batch = committer->work;
        uv_mutex_unlock(&committer->mutex);
        struct commit_result result;
        commit(committer, batch, &result);
        uv_mutex_lock(&committer->mutex);
        committer->result = result;
        committer->done = true;
        uv_async_send(&committer->finished);
    }
    uv_mutex_unlock(&committer->mutex);
}

static void on_finished(uv_async_t *handle) {
    struct committer *committer = handle->data;
    uv_mutex_lock(&committer->mutex);
    struct batch *batch = committer->done ? committer->work : NULL;
    struct commit_result result = committer->result;
    if (batch) {
        committer->work = NULL;
        committer->done = false;
    }
    uv_mutex_unlock(&committer->mutex);
    if (batch) {
        conclude(committer, batch, &result);
        return;
    }
    result.code = journal_failure(committer->journal, &result.error);
    if (result.code < 0) {
        committer->callback(committer->data, NULL, &result);
    }
}

/* On any thread. */
static void on_failure(void *data) {
    struct committer *committer = data;
    uv_async_send(&committer->finished);
}

static int fail(struct committer *committer, const char *what, int code, struct error *error) {
    journal_close(&committer->journal);
    free(committer);
    return error_setf(error, ERR_IO, "%s: %s", what, uv_strerror(code));
}

static void release(uv_handle_t *handle) {
    struct committer *committer = handle->data;
    uv_mutex_destroy(&committer->mutex);
    uv_cond_destroy(&committer->wake);
    free(committer);
}

int committer_open(struct committer **committer, uv_loop_t *loop, struct journal **journal, commit_done done,
                   void *data, struct error *error) {
    struct committer *self = calloc(1, sizeof *self);
    if (!self) {
        journal_close(journal);
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    self->journal = *journal;
    self->callback = done;
    self->data = data;
    *journal = NULL;
    int result = uv_mutex_init(&self->mutex);
    if (result != 0) {
        return fail(self, "uv_mutex_init", result, error);
    }
    result = uv_cond_init(&self->wake);
    if (result != 0) {
        uv_mutex_destroy(&self->mutex);
        return fail(self, "uv_cond_init", result, error);
    }
    result = uv_async_init(loop, &self->finished, on_finished);
    if (result != 0) {
        uv_mutex_destroy(&self->mutex);
        uv_cond_destroy(&self->wake);
        return fail(self, "uv_async_init", result, error);
    }
    self->finished.data = self;
    journal_tell_failure(self->journal, on_failure, self);
    result = uv_thread_create(&self->thread, run, self);
    if (result != 0) {
        journal_close(&self->journal);
        uv_close((uv_handle_t *)&self->finished, release);
        return error_setf(error, ERR_IO, "uv_thread_create: %s", uv_strerror(result));
    }
    *committer = self;
    return 0;
}

bool committer_is_idle(const struct committer *committer) {
    return !committer->busy;
}

void committer_submit(struct committer *committer, struct batch *batch) {
    assert(!committer->busy && batch->count > 0);
    committer->busy = true;
    uv_mutex_lock(&committer->mutex);
    committer->work = batch;
    uv_cond_signal(&committer->wake);
    uv_mutex_unlock(&committer->mutex);
}

bool committer_is_quick(const struct committer *committer, const struct batch *batch) {
    size_t bytes = batch_bytes(batch);
    return bytes <= QUICK_BYTES && committer->last_bytes <= QUICK_BYTES && committer->last_micros <= QUICK_MICROS &&
           journal_is_quick(committer->journal, bytes);
}

void committer_commit(struct committer *committer, struct batch *batch) {
    assert(!committer->busy && batch->count > 0);
    struct commit_result result;
    committer->busy = true;
    commit(committer, batch, &result);
    result.on_loop = true;
    conclude(committer, batch, &result);
}

void committer_ask_settle(struct committer *committer) {
    journal_ask_settle(committer->journal);
}

int committer_is_settled(struct committer *committer, uint64_t seq) {
    return journal_is_settled(committer->journal, seq);
}

void committer_close(struct committer **committer) {
    struct committer *self = *committer;
    if (!self) {
        return;
    }
    uv_mutex_lock(&self->mutex);
    self->stop = true;
    uv_cond_signal(&self->wake);
    uv_mutex_unlock(&self->mutex);
    uv_thread_join(&self->thread);
    journal_close(&self->journal);
    uv_close((uv_handle_t *)&self->finished, release);
    *committer = NULL;
}
