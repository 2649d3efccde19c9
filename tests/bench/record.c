/* How long the archiver takes for a report, and for a question, on one thread, without any network.
 *
 * usage: bench-record EVENTS BLOCK UNITS
 *
 * Folds EVENTS reports in blocks of BLOCK into a record in a folder of its own, and prints nanoseconds of processor time
 * per report for what each block goes through, bytes on the disk, and milliseconds of some questions. */
#include <ftw.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "common/journal/chain.h"
#include "services/archiver/fold.h"
#include "services/archiver/words.h"
#include "services/intake/batch.h"
#include "tests/bench/sample_events.h"

#define ARENA_BYTES (64 * 1024 * 1024)
#define QUESTION_ROUNDS 5

struct bench {
    struct sample_events *events;
    struct batch *batch;
    struct arena *arena;
    struct record *record;
    struct hash hash;
    uint64_t seq;
    int64_t chain_ns;
    int64_t fold_ns;
    int64_t worst_ns; /* of one block */
};

static _Noreturn void fail(const char *what) {
    fprintf(stderr, "bench-record: %s\n", what);
    exit(1);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place) {
    (void)status, (void)kind, (void)place;
    return remove(path);
}

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* ---- folding ---- */

static struct journal_block make_block(struct bench *bench, uint32_t count) {
    struct journal_append_block made;
    arena_reset(bench->arena);
    batch_reset(bench->batch, bench->seq + 1, false);
    for (uint32_t i = 0; i < count; i++) {
        struct event event;
        struct faults faults = {0};
        if (codec_decode_event(sample_events_take(bench->events), bench->arena, &event, &faults) != 0) {
            fail("decode");
        }
        event.received_at = event.at;
        event.source = text_of("service:operator");
        if (batch_add(bench->batch, &event) != 0) {
            fail("batch_add");
        }
    }
    if (batch_block(bench->batch, &made) != 0) {
        fail("batch_block");
    }
    return (struct journal_block){
        .epoch = 1, .first = bench->seq + 1, .count = count, .head = made.head, .side = made.side};
}

static void fold_one(struct bench *bench, uint32_t count) {
    struct error error;
    bool damaged = false;
    struct journal_block block = make_block(bench, count);
    int64_t begun = now();
    block.previous = bench->hash;
    chain_next(&block.previous, block.epoch, block.first, block.count, block.head, &block.hash);
    bench->hash = block.hash;
    int64_t hashed = now();
    bench->seq += count;
    struct position after = {1, 1, bench->seq, chain_short(&block.hash)};
    int result = fold_block(bench->record, &block, &after, bench->arena, &damaged, &error);
    if (result == 0 && record_held(bench->record, &after) >= RECORD_HELD_MAX) {
        result = record_commit(bench->record, &error);
    }
    if (result < 0) {
        fail(error.text);
    }
    int64_t took = now() - hashed;
    bench->fold_ns += took;
    bench->worst_ns = took > bench->worst_ns ? took : bench->worst_ns;
    bench->chain_ns += hashed - begun;
}

/* ---- questions ---- */

static int compare(const void *one, const void *other) {
    int64_t a = *(const int64_t *)one;
    int64_t b = *(const int64_t *)other;
    return (a > b) - (a < b);
}

static void ask(struct record_reader *reader, struct arena *arena, const char *text) {
    struct buffer words = {0};
    struct error error;
    int64_t took[QUESTION_ROUNDS];
    struct record_found found;
    words_of_question(text_of(text), &words);
    struct record_filter filter = {.programme = RECORD_ANY,
                                   .attendances_from = RECORD_ANY,
                                   .attendances_to = RECORD_ANY,
                                   .words = {(const char *)words.data, (uint32_t)words.length}};
    struct record_page page = {.limit = 50};
    for (int i = 0; i < QUESTION_ROUNDS; i++) {
        arena_reset(arena);
        int64_t begun = now();
        if (record_find(reader, &filter, &page, arena, &found, &error) < 0) {
            fail(error.text);
        }
        took[i] = now() - begun;
    }
    qsort(took, QUESTION_ROUNDS, sizeof *took, compare);
    int64_t median = took[QUESTION_ROUNDS / 2];
    printf("  %8.1f ms, %7lld found: %s\n", (double)median / 1e6, (long long)found.total, text);
    buffer_free(&words);
}

static void ask_all(const char *path, struct arena *arena) {
    static const char *const texts[] = {
        "", "第77次", "不在里面", "梅", "清理楼道堆物、清除墙面小广告", "第1 护栏转", "清洁家园，共创文明"};
    struct record_reader *reader = NULL;
    struct error error;
    if (record_reader_open(&reader, path, &error) < 0) {
        fail(error.text);
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        ask(reader, arena, texts[i]);
    }
    record_reader_close(&reader);
}

int main(int argc, char **argv) {
    static struct bench bench;
    char directory[] = "bench-record-XXXXXX";
    char path[64];
    struct error error;
    struct stat file = {0};
    if (argc != 4) {
        fprintf(stderr, "usage: bench-record EVENTS BLOCK UNITS\n");
        return 2;
    }
    uint64_t events = strtoull(argv[1], NULL, 10);
    uint32_t count = (uint32_t)strtoul(argv[2], NULL, 10);
    bench.events = sample_events_make(argv[3]);
    bench.batch = batch_create();
    bench.arena = arena_create(ARENA_BYTES);
    if (!bench.events || !bench.batch || !bench.arena || count == 0 || !mkdtemp(directory)) {
        fail("no memory, no unit or no folder");
    }
    snprintf(path, sizeof path, "%s/archiver.db", directory);
    if (record_open(&bench.record, path, &error) < 0) {
        fail(error.text);
    }
    while (bench.seq < events) {
        fold_one(&bench, count);
    }
    if (record_commit(bench.record, &error) < 0) {
        fail(error.text);
    }
    ask_all(path, bench.arena);
    record_close(&bench.record);
    stat(path, &file);
    double folded = (double)bench.seq;
    printf(
        "%.0f reports in blocks of %u, ns of processor time per report: chain %.0f, fold %.0f (worst block %.1f ms); "
        "%.0f bytes a report on the disk\n",
        folded, count, (double)bench.chain_ns / folded, (double)bench.fold_ns / folded, (double)bench.worst_ns / 1e6,
        (double)file.st_size / folded);
    batch_destroy(&bench.batch);
    arena_destroy(&bench.arena);
    sample_events_free(&bench.events);
    return nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0 ? 0 : 1;
}
