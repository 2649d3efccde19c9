/* How long the aggregator takes for an event, on one thread, without any network.
 *
 * usage: bench-fold EVENTS UNITS
 *
 * Folds EVENTS reports in blocks of 1,024 and prints nanoseconds per event: the chain's hash, reading and folding the
 * events, taking and writing the saved state, and loading it again. */
#include <ftw.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/journal/chain.h"
#include "services/aggregator/fold.h"
#include "services/aggregator/store.h"
#include "tests/bench/sample_events.h"

#define BLOCK_EVENTS 1024
#define BLOCKS 32 /* made before they are folded, so that making them does not cool the caches for each */
#define ARENA_BYTES (64 * 1024 * 1024)

struct bench {
    struct sample_events *events;
    struct tally *tally;
    struct arena *arena;
    struct buffer heads[BLOCKS];
    struct journal_block blocks[BLOCKS];
    struct hash hash;
    uint64_t seq;
    int64_t chain_ns;
    int64_t fold_ns;
};

static _Noreturn void fail(const char *what) {
    fprintf(stderr, "bench-fold: %s\n", what);
    exit(1);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place) {
    (void)status, (void)kind, (void)place;
    return remove(path);
}

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void make_block(struct bench *bench, struct journal_block *block, struct buffer *head) {
    *block = (struct journal_block){.epoch = 1, .first = bench->seq + 1, .count = BLOCK_EVENTS};
    buffer_clear(head);
    arena_reset(bench->arena);
    for (uint32_t i = 0; i < BLOCK_EVENTS; i++) {
        struct event event;
        struct faults faults = {0};
        if (codec_decode_event(sample_events_take(bench->events), bench->arena, &event, &faults) != 0) {
            fail("decode");
        }
        event.seq = ++bench->seq;
        event.received_at = event.at;
        event.source = text_of("service:operator");
        randombytes_buf(event.side_hash.bytes, HASH_BYTES);
        if (codec_encode_event(&event, PART_HEAD, head) != 0) {
            fail("encode");
        }
    }
    block->head = (struct text){(const char *)head->data, (uint32_t)head->length};
}

static void fold_block_of(struct bench *bench, struct journal_block *block) {
    struct error error;
    int64_t begun = now();
    block->previous = bench->hash;
    chain_next(&block->previous, block->epoch, block->first, block->count, block->head, &block->hash);
    bench->hash = block->hash;
    int64_t hashed = now();
    struct position after = {1, 1, block->first + block->count - 1, chain_short(&block->hash)};
    tally_changes_clear(bench->tally);
    if (fold_block(bench->tally, block, &after, bench->arena, &error) < 0) {
        fail(error.text);
    }
    bench->fold_ns += now() - hashed;
    bench->chain_ns += hashed - begun;
}

static void fold_some(struct bench *bench) {
    for (int i = 0; i < BLOCKS; i++) {
        make_block(bench, &bench->blocks[i], &bench->heads[i]);
    }
    for (int i = 0; i < BLOCKS; i++) {
        fold_block_of(bench, &bench->blocks[i]);
    }
}

/* ---- the saved state ---- */

static void save_and_load(struct tally *tally, int64_t *taking, int64_t *writing, int64_t *loading) {
    char directory[] = "bench-fold-XXXXXX";
    char path[64];
    struct store store;
    struct snapshot snapshot = {0};
    struct tally *loaded = NULL;
    struct error error;
    if (!mkdtemp(directory)) {
        fail("no directory");
    }
    snprintf(path, sizeof path, "%s/state", directory);
    if (store_open(&store, path, &loaded, &error) < 0) {
        fail(error.text);
    }
    tally_destroy(&loaded);
    int64_t begun = now();
    if (store_snapshot(tally, &snapshot, UINT32_MAX) < 0) {
        fail("snapshot");
    }
    int64_t taken = now();
    if (store_write(&store, &snapshot, &error) < 0) {
        fail(error.text);
    }
    snapshot_free(&snapshot);
    store_close(&store);
    int64_t written = now();
    if (store_open(&store, path, &loaded, &error) < 0 || loaded->reports.count != tally->reports.count) {
        fail(error.text);
    }
    *loading = now() - written;
    *writing = written - taken;
    *taking = taken - begun;
    store_close(&store);
    tally_destroy(&loaded);
    if (nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0) {
        fail(directory);
    }
}

int main(int argc, char **argv) {
    static struct bench bench;
    if (argc != 3) {
        fprintf(stderr, "usage: bench-fold EVENTS UNITS\n");
        return 2;
    }
    uint64_t events = strtoull(argv[1], NULL, 10);
    bench.events = sample_events_make(argv[2]);
    bench.tally = tally_create();
    bench.arena = arena_create(ARENA_BYTES);
    if (!bench.events || !bench.tally || !bench.arena) {
        fail("no memory, or no unit");
    }
    while (bench.seq < events) {
        fold_some(&bench);
    }
    int64_t taking;
    int64_t writing;
    int64_t loading;
    save_and_load(bench.tally, &taking, &writing, &loading);
    double count = (double)bench.seq;
    printf("%.0f events, %.0f bytes a head; ns per event: chain %.0f, read and fold %.0f, take a snapshot %.0f, "
           "write it %.0f, load it %.0f\n",
           count, (double)bench.heads[0].length / BLOCK_EVENTS, (double)bench.chain_ns / count,
           (double)bench.fold_ns / count, (double)taking / count, (double)writing / count, (double)loading / count);
    tally_destroy(&bench.tally);
    arena_destroy(&bench.arena);
    for (int i = 0; i < BLOCKS; i++) {
        buffer_free(&bench.heads[i]);
    }
    sample_events_free(&bench.events);
    return 0;
}
