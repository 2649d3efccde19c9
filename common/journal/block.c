/* One block, event by event: decoding, seqs, commitments. */
#include "common/journal/block.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/journal/chain.h"

static int does_not_fit(const struct block_walk *walk, const char *what, struct error *error) {
    char row[80];
    snprintf(row, sizeof row, "event %" PRIu64 " of the block at %" PRIu64, walk->block->first + walk->index,
             walk->block->first);
    return error_set(error, ERR_CORRUPT, (struct error_words){.field = row, .value = what});
}

static int sides_split(struct block_walk *walk, struct arena *arena, struct error *error) {
    const struct journal_block *block = walk->block;
    if (walk->salts || block->side.length == 0) {
        return 0;
    }
    struct error cause = {0};
    int result = codec_split_sides(block->side, arena, block->count, &walk->salts, &walk->sides, &cause);
    if (result == -(int)ERR_NO_MEMORY) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    return result < 0 ? does_not_fit(walk, cause.text, error) : 0;
}

/* A side that is there must be the one that the head names; nil is one that was erased, or never was. */
static int commitment_check(const struct block_walk *walk, const struct event *event, struct error *error) {
    if (!walk->salts || !walk->sides || walk->salts[walk->index].length == 0) {
        return 0;
    }
    struct hash commitment;
    chain_commit(walk->salts[walk->index], walk->sides[walk->index], &commitment);
    bool fits = memcmp(commitment.bytes, event->side_hash.bytes, HASH_BYTES) == 0;
    return fits ? 0 : does_not_fit(walk, "its side is not the one its head was committed to", error);
}

static bool is_wanted_whole(const struct block_walk *walk, const struct event *event) {
    const struct skim *wanted = walk->wanted;
    return !wanted || (event->type < EVENT_TYPE_COUNT && wanted->bodies[event->type] == SKIM_WHOLE);
}

/* Skims the event first: most are not wanted whole. */
static int event_read(const struct block_walk *walk, struct arena *arena, struct event *event, size_t *used,
                      struct error *error) {
    const struct text *head = &walk->block->head;
    struct text rest = {head->data + walk->used, head->length - (uint32_t)walk->used};
    struct text side = walk->sides ? walk->sides[walk->index] : (struct text){0};
    int result = walk->wanted ? codec_skim_head(rest, walk->wanted, arena, event, used, error) : 0;
    bool whole = result == 0 && is_wanted_whole(walk, event) && (!walk->wanted || side.length > 0);
    return whole ? codec_decode_head(rest, side, arena, event, used, error) : result;
}

int block_next(struct block_walk *walk, struct arena *arena, struct event *event, struct error *error) {
    const struct journal_block *block = walk->block;
    if (walk->index == block->count) {
        return walk->used == block->head.length ? 0 : does_not_fit(walk, "bytes follow the last event", error);
    }
    int result = sides_split(walk, arena, error);
    if (result < 0) {
        return result;
    }
    struct error cause = {0};
    size_t used = 0;
    result = event_read(walk, arena, event, &used, &cause);
    if (result == -(int)ERR_NO_MEMORY) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    if (result < 0) {
        return does_not_fit(walk, cause.text, error);
    }
    if (event->seq != block->first + walk->index) {
        return does_not_fit(walk, "its seq is another", error);
    }
    result = is_wanted_whole(walk, event) ? commitment_check(walk, event, error) : 0;
    if (result < 0) {
        return result;
    }
    walk->used += used;
    walk->index++;
    return 1;
}
