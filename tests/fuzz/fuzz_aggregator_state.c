/* Fuzzes the pages of the aggregator's state file, behind their checksums: each piece is a page, its first byte the kind.
 * Pages that do not fit what was read before are refused; what is taken is written again as the same bytes, and no
 * figure of it reaches outside. */
#include <assert.h>

#include "services/aggregator/pages.h"
#include "tests/fuzz/pieces.h"

/* The pages of a kind as they are written. */
static void write_all(struct tally *tally, struct buffer *out) {
    pages_write_head(tally, out);
    for (uint32_t kind = 0; kind < pages_kinds(); kind++) {
        uint32_t pages = (pages_rows(tally, kind) + PAGE_ROWS - 1) / PAGE_ROWS;
        for (uint32_t page = 0; page < pages; page++) {
            pages_write(tally, kind, page, out);
        }
    }
    assert(!out->failed);
}

/* Reads back what was written of `tally`, kind by kind. */
static void check_same(struct tally *tally, const struct buffer *first) {
    struct tally *again = tally_create();
    struct buffer second = {0};
    assert(again);
    for (uint32_t kind = 0; kind < pages_kinds(); kind++) {
        for (uint32_t page = 0; page * (uint64_t)PAGE_ROWS < pages_rows(tally, kind); page++) {
            struct buffer bytes = {0};
            pages_write(tally, kind, page, &bytes);
            int result = pages_read(again, kind, (struct text){(const char *)bytes.data, (uint32_t)bytes.length});
            assert(result == 0);
            buffer_free(&bytes);
        }
    }
    int result = pages_complete(again);
    assert(result == 0);
    again->position = tally->position;
    again->hash = tally->hash;
    write_all(again, &second);
    assert(first->length == second.length && memcmp(first->data, second.data, second.length) == 0);
    buffer_free(&second);
    tally_destroy(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct pieces in = {data, size};
    struct pages_head head;
    struct tally *tally = tally_create();
    int result = 0;
    assert(tally);
    if (piece_byte(&in) == 'h') {
        (void)pages_read_head(tally, (struct text){(const char *)in.data, (uint32_t)in.left}, &head);
        tally_destroy(&tally);
        return 0;
    }
    while (in.left > 0 && result == 0) {
        uint32_t kind = piece_byte(&in) % pages_kinds();
        result = pages_read(tally, kind, piece_next(&in));
    }
    if (result == 0 && pages_complete(tally) == 0) {
        struct buffer written = {0};
#ifdef PLANTED_BUG
        /* A careless reader: believes that a unit is always listed in the first hundred places. */
        for (uint32_t unit = 0; unit < units_count(&tally->units); unit++) {
            int32_t order = tally->units.items[unit].face.order;
            assert(order < 100 || order == UNIT_ORDER_MAX);
        }
#endif
        write_all(tally, &written);
        check_same(tally, &written);
        buffer_free(&written);
    }
    tally_destroy(&tally);
    return 0;
}
