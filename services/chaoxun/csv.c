/* CSV to intake: one pass over the file; with --amend a second one over the rows that were in conflict. */
#include "services/chaoxun/csv.h"

#include <stdlib.h>

#define ARENA_BYTES (8 * 1024 * 1024)
#define WINDOW 8
#define PATIENCE_MS 60000

struct pass {
    const struct csv_job *job;
    struct csv_summary *summary;
    struct arena *arena;
    struct sender *sender;
    uint32_t *row_of_event; /* by the sender's number */
    uint32_t added;
    bool amending;      /* the second pass */
    uint8_t *conflicts; /* a byte per row: its id is taken by other content */
    uint32_t done;
};

static void tell_done(struct pass *pass) {
    pass->done++;
    if (pass->job->progress && !pass->amending) {
        pass->job->progress(pass->job->data, pass->done, pass->summary->rows);
    }
}

static void take_receipt(void *data, uint64_t number, const struct wire_receipt *receipt) {
    struct pass *pass = data;
    uint32_t row = pass->row_of_event[number];
    bool conflict = receipt->status == STATUS_CONFLICT;
    if (receipt->status == STATUS_STORED) {
        *(pass->amending ? &pass->summary->amended : &pass->summary->stored) += 1;
    } else if (receipt->status == STATUS_DUPLICATE) {
        pass->summary->duplicates++;
    } else if (conflict && pass->job->amend && !pass->amending) {
        pass->conflicts[row] = 1;
    } else {
        *(conflict ? &pass->summary->conflicts : &pass->summary->rejected) += 1;
        if (pass->job->refusal) {
            pass->job->refusal(pass->job->data, row, receipt);
        }
    }
    tell_done(pass);
}

static void tell_row(struct pass *pass, const struct import_row *row) {
    for (uint32_t i = 0; i < row->warnings; i++) {
        pass->summary->warnings++;
        if (pass->job->warning) {
            pass->job->warning(pass->job->data, row->row, row->warning[i]);
        }
    }
    if (faults_any(&row->faults)) {
        pass->summary->rejected++;
        if (pass->job->fault) {
            pass->job->fault(pass->job->data, row->row, &row->faults);
        }
    }
}

/* The first pass: every row. */
static int hand_in(struct pass *pass, const struct import_row *row, struct error *error) {
    tell_row(pass, row);
    if (faults_any(&row->faults) || !pass->sender) {
        tell_done(pass);
        return 0;
    }
    pass->row_of_event[pass->added++] = row->row;
    return sender_add(pass->sender, &row->event, error);
}

/* The second pass: rows in conflict, as amendments. */
static int amend(struct pass *pass, const struct import_row *row, struct error *error) {
    if (faults_any(&row->faults) || !pass->conflicts[row->row]) {
        return 0;
    }
    struct event event;
    import_amend(row, pass->arena, &event);
    if (!event.body) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    pass->row_of_event[pass->added++] = row->row;
    return sender_add(pass->sender, &event, error);
}

static int open_sender(struct pass *pass, struct error *error) {
    const struct csv_job *job = pass->job;
    if (!job->client) {
        return 0;
    }
    const struct sender_options options = {.client = job->client,
                                           .frame_events = SENDER_FRAME_EVENTS_MAX,
                                           .window = WINDOW,
                                           .patience_ms = PATIENCE_MS,
                                           .receipt = take_receipt,
                                           .data = pass,
                                           .stop = job->stop};
    return sender_open(&pass->sender, &options, error);
}

static int run_pass(struct pass *pass, struct import *import, struct error *error) {
    int result = open_sender(pass, error);
    pass->added = 0;
    while (result == 0) {
        struct import_row row;
        arena_reset(pass->arena);
        int got = import_next(import, pass->arena, &row);
        if (got <= 0) {
            result = got < 0 ? error_set(error, ERR_NO_MEMORY, (struct error_words){0}) : 0;
            break;
        }
        result = pass->amending ? amend(pass, &row, error) : hand_in(pass, &row, error);
    }
    if (result == 0 && pass->sender) {
        result = sender_finish(pass->sender, error);
        pass->summary->repeats += sender_repeats(pass->sender);
    }
    sender_close(&pass->sender);
    return result;
}

static uint32_t count_conflicts(const struct pass *pass, uint32_t last_row) {
    uint32_t count = 0;
    for (uint32_t row = 0; row <= last_row; row++) {
        count += pass->conflicts[row];
    }
    return count;
}

/* Reads the file once more from its start. */
static int amend_all(struct pass *pass, struct error *error) {
    struct import *import = NULL;
    int result = import_open(&import, pass->job->bytes, &pass->job->options, error);
    if (result == 0) {
        pass->amending = true;
        result = run_pass(pass, import, error);
    }
    import_close(&import);
    return result;
}

/* Lines of the file: no row has a higher number. */
static uint32_t count_lines(struct text bytes) {
    uint32_t lines = 2;
    for (uint32_t i = 0; i < bytes.length; i++) {
        lines += bytes.data[i] == '\n' || bytes.data[i] == '\r';
    }
    return lines;
}

int csv_import(const struct csv_job *job, struct csv_summary *summary, struct error *error) {
    *summary = (struct csv_summary){0};
    struct import *import = NULL;
    int result = import_open(&import, job->bytes, &job->options, error);
    if (result != 0) {
        return result;
    }
    uint32_t last_row = count_lines(job->bytes);
    summary->rows = import_row_count(import);
    snprintf(summary->encoding, sizeof summary->encoding, "%s", import_encoding(import));
    struct pass pass = {.job = job,
                        .summary = summary,
                        .arena = arena_create(ARENA_BYTES),
                        .row_of_event = calloc((size_t)summary->rows + 1, sizeof(uint32_t)),
                        .conflicts = calloc((size_t)last_row + 1, 1)};
    if (!pass.arena || !pass.row_of_event || !pass.conflicts) {
        result = error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    if (result == 0) {
        result = run_pass(&pass, import, error);
    }
    import_close(&import);
    if (result == 0 && job->amend && job->client && count_conflicts(&pass, last_row) > 0) {
        result = amend_all(&pass, error);
    }
    free(pass.row_of_event);
    free(pass.conflicts);
    arena_destroy(&pass.arena);
    return result;
}
