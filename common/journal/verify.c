/* Verification of the journal, slice by slice: chain, seqs, sides and their commitments, derived tables. */
#include <inttypes.h>
#include <stdio.h>

#include "common/journal/block.h"
#include "common/journal/chain.h"
#include "common/journal/reader.h"

#define SLICE_MEMORY (512u << 20)

static int id_check(struct journal_reader *reader, const struct event *event, struct error *error) {
    uint64_t seq = 0;
    int result = journal_find(reader, &event->id, &seq, error);
    if (result < 0 || seq == event->seq) {
        return result < 0 ? result : 0;
    }
    char text[ID_TEXT_SIZE + 60];
    char id[ID_TEXT_SIZE];
    id_format(&event->id, id);
    snprintf(text, sizeof text, "the id %s leads to seq %" PRIu64, id, seq);
    return reader_damage("ids", event->seq, text, error);
}

static int mark_check(struct journal_reader *reader, struct text key, uint64_t seq, struct error *error) {
    uint64_t found = 0;
    int result = journal_marked(reader, key, seq - 1, &found, 1, error);
    if (result < 0 || found == seq) {
        return result < 0 ? result : 0;
    }
    return reader_damage("marks", seq, "a mark of this event is missing", error);
}

int verify_derived(struct journal_reader *reader, const struct event *event, int64_t *checked, struct error *error) {
    int result = id_check(reader, event, error);
    *checked += 1;
    if (result < 0 || !reader->derive) {
        return result;
    }
    char room[JOURNAL_EVENT_MARKS][JOURNAL_KEY_MAX];
    struct text keys[JOURNAL_EVENT_MARKS];
    uint32_t count = reader->derive(event, room, keys);
    for (uint32_t i = 0; i < count && result == 0; i++) {
        result = mark_check(reader, keys[i], event->seq, error);
        *checked += 1;
    }
    return result;
}

static int events_check(struct journal_reader *reader, const struct journal_block *block, struct arena *arena,
                        int64_t *checked, struct error *error) {
    struct block_walk walk = {.block = block};
    struct event event;
    int result = 0;
    while ((result = block_next(&walk, arena, &event, error)) == 1) {
        result = verify_derived(reader, &event, checked, error);
        if (result < 0) {
            return result;
        }
    }
    return result;
}

/* 1 when a block was checked, 0 when there is none. */
static int block_check(struct journal_reader *reader, uint64_t *seq, struct hash *hash, struct arena *arena,
                       int64_t *checked, struct error *error) {
    struct journal_block block;
    int result = journal_read(reader, *seq, true, arena, &block, error);
    if (result <= 0) {
        return result;
    }
    if (*seq == 0) {
        chain_start(reader->cipher.journal, hash);
    }
    if (block.first != *seq + 1 || memcmp(block.previous.bytes, hash->bytes, HASH_BYTES) != 0) {
        return reader_damage("head", block.first, "it does not follow the row before", error);
    }
    *checked += 2;
    result = events_check(reader, &block, arena, checked, error);
    if (result < 0) {
        return result;
    }
    *seq = block.first + block.count - 1;
    *hash = block.hash;
    return 1;
}

int journal_verify(struct journal_reader *reader, uint64_t *seq, struct hash *hash, uint32_t blocks, int64_t *checked,
                   struct error *error) {
    struct arena *arena = arena_create(SLICE_MEMORY);
    if (!arena) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    int result = 1;
    for (uint32_t i = 0; i < blocks && result == 1; i++) {
        arena_reset(arena);
        result = block_check(reader, seq, hash, arena, checked, error);
    }
    arena_destroy(&arena);
    return result;
}
