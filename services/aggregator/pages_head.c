/* The head of the pages: what holds them together. */
#include "services/aggregator/pack.h"
#include "services/aggregator/pages.h"

void pages_write_head(struct tally *tally, struct buffer *out) {
    pack_integer(out, PAGES_VERSION, 4);
    pack_integer(out, PROGRAMME_COUNT, 4);
    pack_integer(out, books_shape(tally), 8);
    pack_integer(out, tally->position.journal, 8);
    pack_integer(out, tally->position.epoch, 8);
    pack_integer(out, tally->position.seq, 8);
    pack_integer(out, tally->position.hash, 8);
    buffer_append(out, tally->hash.bytes, HASH_BYTES);
    for (uint32_t kind = 0; kind < pages_kinds(); kind++) {
        pack_integer(out, pages_rows(tally, kind), 4);
    }
}

int pages_read_head(struct tally *tally, struct text bytes, struct pages_head *head) {
    struct unpack in = {(const uint8_t *)bytes.data, bytes.length, false};
    uint64_t version = unpack_integer(&in, 4);
    uint64_t programmes = unpack_integer(&in, 4);
    uint64_t shape = unpack_integer(&in, 8);
    head->position.journal = unpack_integer(&in, 8);
    head->position.epoch = unpack_integer(&in, 8);
    head->position.seq = unpack_integer(&in, 8);
    head->position.hash = unpack_integer(&in, 8);
    const uint8_t *hash = unpack_bytes(&in, HASH_BYTES);
    for (uint32_t kind = 0; kind < pages_kinds(); kind++) {
        head->rows[kind] = (uint32_t)unpack_integer(&in, 4);
    }
    bool same = version == PAGES_VERSION && programmes == PROGRAMME_COUNT && shape == books_shape(tally);
    if (in.failed || in.left > 0 || !same) {
        return -(int)ERR_CORRUPT;
    }
    memcpy(head->hash.bytes, hash, HASH_BYTES);
    return 0;
}
