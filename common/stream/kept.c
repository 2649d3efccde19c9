/* The newest blocks, encoded once for all who want them. */
#include "common/stream/kept.h"

#include <sodium.h>

#define BLOCK_MEMORY (512u << 20)

int kept_open(struct kept_blocks *kept, struct error *error) {
    *kept = (struct kept_blocks){.arena = arena_create(BLOCK_MEMORY)};
    return kept->arena ? 0 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

void kept_forget(struct kept_blocks *kept) {
    for (int i = 0; i < KEPT_BLOCKS; i++) {
        struct kept_block *place = &kept->places[i];
        place->end = 0;
        if (place->payload.data) {
            sodium_memzero(place->payload.data, place->payload.capacity);
        }
    }
}

void kept_close(struct kept_blocks *kept) {
    kept_forget(kept);
    for (int i = 0; i < KEPT_BLOCKS; i++) {
        buffer_free(&kept->places[i].payload);
    }
    arena_destroy(&kept->arena);
}

static int encode(struct kept_block *place, const struct journal_block *block, struct error *error) {
    struct wire_stream_block wire = {.epoch = (int64_t)block->epoch,
                                     .first = (int64_t)block->first,
                                     .count = block->count,
                                     .hash = block->hash,
                                     .head = block->head,
                                     .side = block->side};
    wire_set(&wire.present, FIELD_stream_block_epoch);
    wire_set(&wire.present, FIELD_stream_block_first);
    wire_set(&wire.present, FIELD_stream_block_count);
    wire_set(&wire.present, FIELD_stream_block_hash);
    wire_set(&wire.present, FIELD_stream_block_head);
    if (block->side.length > 0) {
        wire_set(&wire.present, FIELD_stream_block_side);
    }
    buffer_clear(&place->payload);
    int result = codec_encode(shape_of(SHAPE_stream_block), &wire, &place->payload);
    return result < 0 ? error_set(error, ERR_NO_MEMORY, (struct error_words){0}) : 0;
}

static int fill(struct kept_block *place, struct journal_reader *reader, uint64_t after, bool side, struct arena *arena,
                struct error *error) {
    struct journal_block block;
    place->end = 0;
    arena_reset(arena);
    int result = journal_read(reader, after, side, arena, &block, error);
    if (result <= 0) {
        return result;
    }
    result = encode(place, &block, error);
    if (result < 0) {
        return result;
    }
    place->after = after;
    place->end = block.first + block.count - 1;
    place->side = side;
    return 1;
}

int kept_get(struct kept_blocks *kept, struct journal_reader *reader, uint64_t after, bool side,
             const struct kept_block **block, struct error *error) {
    for (int i = 0; i < KEPT_BLOCKS; i++) {
        struct kept_block *place = &kept->places[i];
        if (place->end > 0 && place->after == after && place->side == side) {
            *block = place;
            return 1;
        }
    }
    struct kept_block *place = &kept->places[kept->next];
    kept->next = (kept->next + 1) % KEPT_BLOCKS;
    *block = place;
    return fill(place, reader, after, side, kept->arena, error);
}
