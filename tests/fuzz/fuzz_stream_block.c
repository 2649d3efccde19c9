/* Fuzzes the walk over a block: any bytes as heads and sides, and any bytes as a stream_block message.
 *
 * Input: a byte with the highest bit begins a message (a MessagePack map); else it is the count of events, two bytes
 * say how long the heads are, and the rest is heads and sides.
 */
#include <assert.h>
#include <stddef.h>

#include "common/journal/block.h"
#include "common/journal/chain.h"

#define MEMORY ((size_t)64 * 1024 * 1024)

static bool lies_within(struct text part, struct text whole) {
    return part.length == 0 || (part.data >= whole.data && part.data + part.length <= whole.data + whole.length);
}

static void check_event(const struct block_walk *walk, const struct event *event) {
    const struct journal_block *block = walk->block;
    uint32_t index = walk->index - 1;
    assert(event->seq == block->first + index);
    assert(lies_within(event->unit, block->head) && lies_within(event->source, block->head));
    if (walk->salts && walk->salts[index].length > 0) {
        struct hash commitment;
        chain_commit(walk->salts[index], walk->sides[index], &commitment);
        assert(memcmp(commitment.bytes, event->side_hash.bytes, HASH_BYTES) == 0);
    }
#ifdef PLANTED_BUG
    /* A careless reader: believes that no client's clock is ahead of intake's. */
    assert(event->at <= event->received_at);
#endif
}

static void walk_all(const struct journal_block *block) {
    struct block_walk walk = {.block = block};
    struct arena *arena = arena_create(MEMORY);
    struct event event;
    struct error error = {0};
    int result;
    while ((result = block_next(&walk, arena, &event, &error)) == 1) {
        check_event(&walk, &event);
    }
    assert(result == 0 ? walk.index == block->count && walk.used == block->head.length
                       : error.text[0] != '\0' && walk.index <= block->count);
    arena_destroy(&arena);
}

static void try_message(struct text bytes) {
    struct arena *arena = arena_create(MEMORY);
    struct wire_stream_block wire;
    struct faults faults = {0};
    if (codec_decode(shape_of(SHAPE_stream_block), bytes, arena, &wire, &faults) == 0) {
        struct journal_block block = {.epoch = (uint64_t)wire.epoch,
                                      .first = (uint64_t)wire.first,
                                      .count = (uint32_t)wire.count,
                                      .head = wire.head,
                                      .side = wire.side};
        walk_all(&block);
    }
    arena_destroy(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 3) {
        return 0;
    }
    struct text rest = {(const char *)data, (uint32_t)size};
    if (data[0] & 0x80) {
        try_message(rest);
        return 0;
    }
    uint32_t length = (uint32_t)data[1] << 8 | data[2];
    rest = (struct text){rest.data + 3, rest.length - 3};
    length = length < rest.length ? length : rest.length;
    struct journal_block block = {.epoch = 1,
                                  .first = 1,
                                  .count = data[0],
                                  .head = {rest.data, length},
                                  .side = {rest.data + length, rest.length - length}};
    walk_all(&block);
    return 0;
}
