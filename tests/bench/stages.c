/* How long each stage of an event's life inside intake takes, on one thread, without any network.
 *
 * usage: bench-stages DIRECTORY UNITS
 *
 * For batches of 1, 64 and 1,024 reports: the median over the rounds, in nanoseconds per event. The journal is opened
 * in DIRECTORY, which is made; the last rows are what a log that is written over and over would take for the same
 * bytes. "cpu" is the thread's own time, "wall" includes waiting for the disk. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/journal/chain.h"
#include "services/intake/batch.h"
#include "services/intake/duplicates.h"
#include "services/intake/marks.h"
#include "tests/bench/sample_events.h"

#define BATCH_MAX 1024
#define FRAME_EVENTS \
    (BATCH_MAX / 2) /* a frame holds at most FRAME_EVENTS_MAX events: the largest batch is two frames */
#define ROUNDS 300
#define ARENA_BYTES (16 * 1024 * 1024)
#define LOG_BYTES (64 * 1024 * 1024)
#define RECENT_IDS 65536

enum stage { READ, LOOK, ADD, COMMITMENT, BLOCK, CHAIN, APPEND, APPEND_CPU, KNOWN, RECEIPTS, LOG, LOG_CPU, STAGES };

static const char *const names[STAGES] = {
    [READ] = "split the frame, decode and validate",
    [LOOK] = "duplicate? and remember as pending",
    [ADD] = "add to the batch: side, commitment, head",
    [COMMITMENT] = "  of this: the commitment (SHA-256)",
    [BLOCK] = "join the sides of the block",
    [CHAIN] = "hash chain of the block (SHA-256)",
    [APPEND] = "journal_append, wall",
    [APPEND_CPU] = "journal_append, cpu",
    [KNOWN] = "remember the ids as stored",
    [RECEIPTS] = "encode the receipts",
    [LOG] = "the same bytes to a recycled log, wall",
    [LOG_CPU] = "the same bytes to a recycled log, cpu",
};

struct stages {
    struct sample_events *events;
    struct journal *journal;
    struct batch *batch;
    struct duplicates duplicates;
    struct arena *arena;
    struct buffer frames[BATCH_MAX / FRAME_EVENTS];
    struct buffer answer;
    struct event *decoded[BATCH_MAX];
    uint64_t hashes[BATCH_MAX];
    struct wire_receipt receipts[BATCH_MAX];
    int log;
    off_t log_at;
    int64_t taken[STAGES][ROUNDS];
};

static _Noreturn void fail(const char *what) {
    fprintf(stderr, "bench-stages: %s\n", what);
    exit(1);
}

static int64_t now_of(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int64_t wall(void) {
    return now_of(CLOCK_MONOTONIC);
}

static int64_t cpu(void) {
    return now_of(CLOCK_THREAD_CPUTIME_ID);
}

/* ---- the stages, in the order of a message's life ---- */

static void make_frame(struct stages *stages, struct buffer *frame, uint32_t count) {
    const uint8_t array[5] = {0xdd, 0, 0, (uint8_t)(count >> 8), (uint8_t)count};
    buffer_clear(frame);
    buffer_append(frame, array, sizeof array);
    for (uint32_t i = 0; i < count; i++) {
        struct text event = sample_events_take(stages->events);
        buffer_append(frame, event.data, event.length);
    }
}

static int64_t read_events(struct stages *stages, uint32_t count, uint32_t done) {
    struct frame_event *events;
    uint32_t found;
    struct error error;
    struct buffer *frame = &stages->frames[done / FRAME_EVENTS];
    make_frame(stages, frame, count);
    int64_t start = wall();
    struct text bytes = {(const char *)frame->data, (uint32_t)frame->length};
    if (codec_read_frame(bytes, stages->arena, &events, &found, &error) != 0 || found != count) {
        fail("read");
    }
    int64_t took = wall() - start;
    for (uint32_t i = 0; i < count; i++) {
        if (!events[i].is_read) {
            fail("an event that is not canonical");
        }
        stages->decoded[done + i] = &events[i].event;
    }
    return took;
}

static int64_t look(struct stages *stages, uint32_t count, uint64_t first) {
    int64_t start = wall();
    for (uint32_t i = 0; i < count; i++) {
        stages->hashes[i] = duplicates_hash(&stages->duplicates, &stages->decoded[i]->id);
    }
    for (uint32_t i = 0; i < count; i++) {
        uint64_t seq;
        const struct id *id = &stages->decoded[i]->id;
        uint64_t hash = stages->hashes[i];
        if (duplicates_look(&stages->duplicates, id, hash, &seq) != ID_IS_NEW ||
            duplicates_reserve(&stages->duplicates) != 0) {
            fail("an id that is not new");
        }
        duplicates_admit(&stages->duplicates, id, hash, first + i);
    }
    return wall() - start;
}

static int64_t add(struct stages *stages, uint32_t count) {
    int64_t start = wall();
    for (uint32_t i = 0; i < count; i++) {
        struct event *event = stages->decoded[i];
        event->received_at = event->at;
        event->source = text_of("service:operator");
        if (batch_add(stages->batch, event) != 0) {
            fail("batch_add");
        }
    }
    return wall() - start;
}

/* Again, alone: the commitments to the sides. */
static int64_t commit_sides(const struct stages *stages, uint32_t count) {
    struct hash hash;
    int64_t start = wall();
    for (uint32_t i = 0; i < count; i++) {
        const struct batch_entry *entry = batch_entry(stages->batch, i);
        struct text salt = {(const char *)entry->salt, sizeof entry->salt};
        chain_commit(salt,
                     (struct text){(const char *)stages->batch->sides.data + entry->side_offset, entry->side_length},
                     &hash);
    }
    return wall() - start;
}

static int64_t remember(struct stages *stages, uint32_t count) {
    int64_t start = wall();
    duplicates_commit(&stages->duplicates, batch_ids(stages->batch), count, clock_now());
    return wall() - start;
}

static int64_t answer(struct stages *stages, const struct position *position, uint32_t count) {
    char text[POSITION_TEXT_SIZE];
    int64_t start = wall();
    position_format(position, text);
    for (uint32_t i = 0; i < count; i++) {
        struct wire_receipt *receipt = &stages->receipts[i];
        *receipt = (struct wire_receipt){.id = stages->decoded[i]->id,
                                         .status = STATUS_STORED,
                                         .seq = (int64_t)stages->decoded[i]->seq,
                                         .position = text_of(text),
                                         .durability = text_of("fsynced")};
        receipt->present = shape_of(SHAPE_receipt)->required_fields | UINT64_C(1) << FIELD_receipt_id |
                           UINT64_C(1) << FIELD_receipt_seq | UINT64_C(1) << FIELD_receipt_position |
                           UINT64_C(1) << FIELD_receipt_durability;
    }
    buffer_clear(&stages->answer);
    if (codec_encode_receipts(stages->receipts, count, &stages->answer) != 0) {
        fail("receipts");
    }
    return wall() - start;
}

/* Head and side of the block in one write, and its sync. */
static void write_log(struct stages *stages, const struct journal_append_block *block, int64_t *took, int64_t *spent) {
    int64_t start = wall();
    int64_t start_cpu = cpu();
    if (stages->log_at + (off_t)block->head.length + (off_t)block->side.length > LOG_BYTES) {
        stages->log_at = 0;
    }
    buffer_clear(&stages->answer);
    buffer_append(&stages->answer, block->head.data, block->head.length);
    buffer_append(&stages->answer, block->side.data, block->side.length);
    ssize_t length = (ssize_t)stages->answer.length;
    if (pwrite(stages->log, stages->answer.data, (size_t)length, stages->log_at) != length ||
        fdatasync(stages->log) != 0) {
        fail("log");
    }
    stages->log_at += length;
    *spent = cpu() - start_cpu;
    *took = wall() - start;
}

/* ---- a round ---- */

static void measure_round(struct stages *stages, uint32_t count, uint32_t round) {
    int64_t took[STAGES] = {0};
    struct journal_append_block block;
    struct position after;
    struct error error;
    uint64_t first = journal_head(stages->journal).seq + 1;
    arena_reset(stages->arena);
    batch_reset(stages->batch, first, false);
    for (uint32_t done = 0; done < count; done += FRAME_EVENTS) {
        took[READ] += read_events(stages, count - done < FRAME_EVENTS ? count - done : FRAME_EVENTS, done);
    }
    took[LOOK] = look(stages, count, first);
    took[ADD] = add(stages, count);
    took[COMMITMENT] = commit_sides(stages, count);
    int64_t start = wall();
    if (batch_block(stages->batch, &block) != 0) {
        fail("batch_block");
    }
    took[BLOCK] = wall() - start;
    struct hash hash = {{0}};
    start = wall();
    chain_next(&hash, 1, first, count, block.head, &hash);
    took[CHAIN] = wall() - start;
    start = wall();
    int64_t start_cpu = cpu();
    if (journal_append(stages->journal, &block, &after, &error) != 0) {
        fail(error.text);
    }
    took[APPEND_CPU] = cpu() - start_cpu;
    took[APPEND] = wall() - start;
    took[KNOWN] = remember(stages, count);
    took[RECEIPTS] = answer(stages, &after, count);
    write_log(stages, &block, &took[LOG], &took[LOG_CPU]);
    for (int stage = 0; stage < STAGES; stage++) {
        stages->taken[stage][round] = took[stage] / count;
    }
}

static int compare(const void *one, const void *other) {
    int64_t a = *(const int64_t *)one;
    int64_t b = *(const int64_t *)other;
    return (a > b) - (a < b);
}

/* ---- start ---- */

static void open_all(struct stages *stages, const char *directory, const char *units) {
    static const uint8_t key[SIDE_KEY_BYTES] = {1};
    struct journal_options options = {.directory = directory,
                                      .side_key = key,
                                      .tail = journal_tail_create(),
                                      .derive = marks_derive,
                                      .derive_version = MARKS_VERSION};
    struct error error;
    char path[4096];
    snprintf(path, sizeof path, "%s/recycled.log", directory);
    if (mkdir(directory, 0700) != 0 && errno != EEXIST) {
        fail("the directory cannot be made");
    }
    if (!options.tail || journal_open(&stages->journal, &options, &error) != 0) {
        fail("the journal does not open");
    }
    journal_tail_release(&options.tail);
    stages->events = sample_events_make(units);
    stages->batch = batch_create();
    stages->arena = arena_create(ARENA_BYTES);
    stages->log = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    duplicates_begin(&stages->duplicates, RECENT_IDS, 0);
    if (!stages->events || !stages->batch || !stages->arena || stages->log < 0) {
        fail("no memory, no unit or no file");
    }
    static const uint8_t zeros[65536];
    for (off_t at = 0; at < LOG_BYTES; at += (off_t)sizeof zeros) {
        if (pwrite(stages->log, zeros, sizeof zeros, at) != (ssize_t)sizeof zeros) {
            fail("log");
        }
    }
    fsync(stages->log);
}

static void close_all(struct stages *stages) {
    journal_close(&stages->journal);
    batch_destroy(&stages->batch);
    duplicates_free(&stages->duplicates);
    arena_destroy(&stages->arena);
    buffer_free(&stages->frames[0]);
    buffer_free(&stages->frames[1]);
    buffer_free(&stages->answer);
    sample_events_free(&stages->events);
    close(stages->log);
}

int main(int argc, char **argv) {
    static struct stages stages;
    static const uint32_t counts[] = {1, 64, 1024};
    static int64_t medians[STAGES][3];
    if (argc != 3) {
        fprintf(stderr, "usage: bench-stages DIRECTORY UNITS\n");
        return 2;
    }
    open_all(&stages, argv[1], argv[2]);
    for (int column = 0; column < 3; column++) {
        for (uint32_t round = 0; round < ROUNDS; round++) {
            measure_round(&stages, counts[column], round);
        }
        for (int stage = 0; stage < STAGES; stage++) {
            qsort(stages.taken[stage], ROUNDS, sizeof(int64_t), compare);
            medians[stage][column] = stages.taken[stage][ROUNDS / 2];
        }
    }
    printf("%-44s%12s%12s%12s\n", "ns per event, batches of", "1", "64", "1,024");
    for (int stage = 0; stage < STAGES; stage++) {
        printf("%-44s%12lld%12lld%12lld\n", names[stage], (long long)medians[stage][0], (long long)medians[stage][1],
               (long long)medians[stage][2]);
    }
    close_all(&stages);
    return 0;
}
