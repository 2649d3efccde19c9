/* The newest blocks, encoded once for all who want them. */
#include "common/stream/kept.h"

#include <sodium.h>

#define BLOCK_MEMORY (512u << 20)

int kept_open(struct kept_blocks *kept, struct error *error) {
    *kept = (struct kept_blocks){.arena = arena_create(BLOCK_MEMORY)};
    return kept->arena ? 0 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

static void place_wipe(struct kept_block *place) {
    place->end = 0;
    if (place->payload.data) {
        sodium_memzero(place->payload.data, place->payload.capacity);
    }
}

void kept_forget(struct kept_blocks *kept) {
    for (int i = 0; i < KEPT_BLOCKS; i++) {
        place_wipe(&kept->places[i]);
    }
}

static void place_free(struct kept_blocks *kept, struct kept_block *place) {
    place_wipe(place);
    kept->bytes -= place->payload.capacity;
    buffer_free(&place->payload);
}

void kept_close(struct kept_blocks *kept) {
    for (int i = 0; i < KEPT_BLOCKS; i++) {
        place_free(kept, &kept->places[i]);
    }
    arena_destroy(&kept->arena);
}

/* The place that is used next, empty; the oldest ones give their memory back until `bytes` more are within the bound. */
static struct kept_block *make_room(struct kept_blocks *kept, size_t bytes) {
    struct kept_block *place = &kept->places[kept->next];
    for (uint32_t i = 0; i < KEPT_BLOCKS && kept->bytes + bytes > KEPT_BYTES; i++) {
        place_free(kept, &kept->places[(kept->next + i) % KEPT_BLOCKS]);
    }
    place->end = 0;
    buffer_clear(&place->payload);
    return place;
}

/* Encodes the block into the place that is next. */
static struct kept_block *keep(struct kept_blocks *kept, const struct journal_block *block, bool side) {
    struct kept_block *place = make_room(kept, block->head.length + (side ? block->side.length : 0));
    size_t capacity = place->payload.capacity;
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
    if (side && block->side.length > 0) {
        wire_set(&wire.present, FIELD_stream_block_side);
    }
    int result = codec_encode(shape_of(SHAPE_stream_block), &wire, &place->payload);
    kept->bytes += place->payload.capacity - capacity;
    if (result < 0) {
        return NULL;
    }
    kept->next = (kept->next + 1) % KEPT_BLOCKS;
    place->after = block->first - 1;
    place->end = block->first + block->count - 1;
    place->side = side;
    return place;
}

void kept_put(struct kept_blocks *kept, const struct journal_block *block, bool side) {
    keep(kept, block, side);
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
    struct journal_block read;
    arena_reset(kept->arena);
    int result = journal_read(reader, after, side, kept->arena, &read, error);
    if (result == 1) {
        *block = keep(kept, &read, side);
        result = *block ? 1 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    return result;
}
