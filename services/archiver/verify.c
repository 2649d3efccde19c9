/* Verification: the stream is folded again from the beginning, into a record beside the work; when it stands where the
 * other one stands, a thread compares both row by row.
 *
 * An erasure takes sides out of the journal before its event comes down the stream, so that for a moment what is folded
 * again may have lost more: a difference counts only when it is still there after the journal's head of that moment. */
#include <stdio.h>
#include <stdlib.h>

#include "services/archiver/archiver.h"
#include "services/archiver/fold.h"

#define CREDIT_BLOCKS 1 /* the work goes first */
#define COMPARISONS_MAX 3
#define HEAD_MS 2000

struct verification {
    struct archiver *archiver;
    struct reply_to to;
    char path[ARCHIVER_PATH_SIZE];
    char other_path[ARCHIVER_PATH_SIZE];
    struct record *fresh;
    struct arena *arena;
    struct consumer *consumer;
    uint64_t least; /* seq to which both must have come */
    bool asking;    /* for the head */
    bool comparing;
    int comparisons;
    uv_work_t work;
    int result;
    int64_t checked;
    struct error error;
    char difference[RECORD_DIFFERENCE_MAX];
};

/* ---- the end ---- */

static void release(struct verification *verification) {
    struct error error;
    record_close(&verification->fresh);
    record_remove(verification->path, &error);
    arena_destroy(&verification->arena);
    free(verification);
}

void verification_close(struct archiver *archiver) {
    struct verification *verification = archiver->verification;
    if (!verification) {
        return;
    }
    archiver->verification = NULL;
    consumer_close(&verification->consumer);
    if (!verification->comparing) {
        release(verification);
    }
}

static void verification_path(const struct archiver *archiver, char out[ARCHIVER_PATH_SIZE]) {
    snprintf(out, ARCHIVER_PATH_SIZE, "%s/verify.db", archiver->service->state_dir);
}

int verification_remove(struct archiver *archiver, struct error *error) {
    char path[ARCHIVER_PATH_SIZE];
    verification_path(archiver, path);
    return record_remove(path, error);
}

/* Its files go before the answer. */
static void finish(struct verification *verification, const char *first_fault) {
    struct archiver *archiver = verification->archiver;
    struct reply_to to = verification->to;
    int64_t checked = verification->checked;
    struct position own;
    struct hash hash;
    char position[POSITION_TEXT_SIZE];
    char fault[ERROR_TEXT_MAX];
    record_place(verification->fresh, &own, &hash);
    position_format(&own, position);
    snprintf(fault, sizeof fault, "%s", first_fault ? first_fault : "");
    verification_close(archiver);
    service_verified(archiver->service, &to, checked, position, first_fault ? fault : NULL);
}

/* ---- comparing ---- */

static void compare(uv_work_t *work) {
    struct verification *verification = work->data;
    struct record_reader *readers[2] = {NULL, NULL};
    verification->result = record_reader_open(&readers[0], verification->path, &verification->error);
    if (verification->result == 0) {
        verification->result = record_reader_open(&readers[1], verification->other_path, &verification->error);
    }
    if (verification->result == 0) {
        verification->result = record_compare(readers[0], readers[1], verification->difference, &verification->checked,
                                              &verification->error);
    }
    record_reader_close(&readers[0]);
    record_reader_close(&readers[1]);
}

static void on_head(void *data, const struct position *head, const struct error *error) {
    struct archiver *archiver = data;
    struct verification *verification = archiver->verification;
    if (!verification || !verification->asking) {
        return;
    }
    verification->asking = false;
    if (error->code != ERR_OK) {
        finish(verification, error->text);
        return;
    }
    verification->least = head->seq;
    verification_step(archiver);
}

static void judge(struct verification *verification) {
    if (verification->result == 1) {
        finish(verification, NULL);
    } else if (verification->result == -ERR_BEHIND) {
        verification_step(verification->archiver); /* one of them went on meanwhile */
    } else if (verification->result < 0) {
        finish(verification, verification->error.text);
    } else if (++verification->comparisons == COMPARISONS_MAX) {
        finish(verification, verification->difference);
    } else {
        verification->asking = true;
        consumer_ask_head(verification->consumer, HEAD_MS, on_head, verification->archiver);
    }
}

static void compared(uv_work_t *work, int status) {
    struct verification *verification = work->data;
    struct archiver *archiver = verification->archiver;
    (void)status;
    verification->comparing = false;
    if (archiver->verification == verification) {
        judge(verification);
    } else {
        release(verification);
    }
    archiver_worked(archiver);
}

/* Whether both stand where they can be compared. */
static bool meet(const struct archiver *archiver, const struct verification *verification) {
    struct position own;
    struct position fresh;
    struct hash hash;
    record_place(archiver->record, &own, &hash);
    record_place(verification->fresh, &fresh, &hash);
    return own.seq == fresh.seq && own.seq >= verification->least;
}

void verification_step(struct archiver *archiver) {
    struct verification *verification = archiver->verification;
    if (!verification || verification->comparing || verification->asking) {
        return;
    }
    bool swapping = archiver->cleaner.state == CLEANER_WAITING || archiver->cleaner.state == CLEANER_SWAPPING;
    if (!swapping && meet(archiver, verification)) {
        verification->comparing = true;
        archiver_work(archiver, &verification->work, compare, compared);
    }
}

/* ---- folding again ---- */

static int on_block(void *data, const struct journal_block *block, const struct position *after, struct error *error) {
    struct verification *verification = data;
    bool damaged = false;
    struct position own;
    struct position fresh;
    struct hash hash;
    int result = fold_block(verification->fresh, block, after, verification->arena, &damaged, error);
    if (result < 0) {
        return result;
    }
    record_place(verification->archiver->record, &own, &hash);
    bool much = record_held(verification->fresh, &fresh) >= RECORD_HELD_MAX;
    if (much || fresh.seq >= own.seq) {
        result = record_commit(verification->fresh, error);
    }
    if (result == 0) {
        verification_step(verification->archiver);
    }
    return result;
}

static void on_stopped(void *data, const struct error *error) {
    finish(data, error->text);
}

static int open_verification(struct archiver *archiver, struct verification *verification, struct error *error) {
    verification->archiver = archiver;
    verification->work.data = verification;
    verification_path(archiver, verification->path);
    snprintf(verification->other_path, sizeof verification->other_path, "%s", archiver->path);
    verification->arena = arena_create(SIZE_MAX);
    int result = verification->arena ? record_remove(verification->path, error)
                                     : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    if (result == 0) {
        result = record_open(&verification->fresh, verification->path, error);
    }
    struct consumer_options options = {
        .bus = archiver->service->bus,
        .loop = archiver->service->loop,
        .log = &archiver->service->log,
        .side = true,
        .credit = CREDIT_BLOCKS,
        .block = on_block,
        .stopped = on_stopped,
        .data = verification,
    };
    return result < 0 ? result : consumer_open(&verification->consumer, &options, error);
}

void verification_start(struct service *service, const struct reply_to *to) {
    struct archiver *archiver = service->state;
    struct error error;
    if (archiver->verification) {
        error_set(&error, ERR_BUSY, (struct error_words){.limit = "1000"});
        waitings_refuse(&archiver->waitings, to, &error);
        return;
    }
    archiver->verification = calloc(1, sizeof *archiver->verification);
    if (!archiver->verification) {
        error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
        waitings_refuse(&archiver->waitings, to, &error);
        return;
    }
    archiver->verification->to = *to;
    if (open_verification(archiver, archiver->verification, &error) < 0) {
        waitings_refuse(&archiver->waitings, to, &error);
        verification_close(archiver);
    } else {
        verification_step(archiver); /* an empty record */
    }
}
