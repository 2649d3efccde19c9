/* Fuzzes the pages of the aggregator's state file, behind their checksums. By the first byte the rest is
 *   h   a head
 *   p   pages: each piece is one, its first byte the kind
 *   w   changes of a small state as it is written: kind, two bytes of offset, what is laid over the byte there
 * Pages that do not fit what was read before are refused; what is taken is written again as the same bytes, and no
 * figure of it reaches outside. */
#include <assert.h>

#include "services/aggregator/fold.h"
#include "services/aggregator/pages.h"
#include "tests/fuzz/pieces.h"
#include "tests/unit/aggregator_world.h"

/* The pages of a kind, one behind the other. */
struct written {
    struct buffer kinds[PAGES_KINDS_MAX];
    struct pages_head head;
};

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
    int expected =
        pages_expect(again, &(struct pages_head){.rows = {[SAVED_REPORTS] = pages_rows(tally, SAVED_REPORTS)}});
    assert(expected == 0);
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

/* What was taken as a whole. */
static void check_whole(struct tally *tally) {
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

/* A small state as it is written, one page for each kind. */
static struct written *world_written(void) {
    struct written *written = calloc(1, sizeof *written);
    struct tally *tally = tally_create();
    struct world world;
    assert(written && tally);
    world_make(&world, 4, 60);
    for (int i = 0; i < world.count; i++) {
        struct world_room room;
        struct event event = world_event(&world, i, &room);
        int result = fold_event(tally, &event, NULL);
        assert(result == 0);
    }
    free(world.events);
    for (uint32_t kind = 0; kind < pages_kinds(); kind++) {
        written->head.rows[kind] = pages_rows(tally, kind);
        assert(written->head.rows[kind] <= PAGE_ROWS);
        if (written->head.rows[kind] > 0) {
            pages_write(tally, kind, 0, &written->kinds[kind]);
        }
    }
    tally_destroy(&tally);
    return written;
}

static void lay_over(const struct written *written, struct pieces in, uint32_t kind, struct text *page) {
    char *bytes = (char *)page->data;
    while (in.left >= 4) {
        uint32_t wanted = piece_byte(&in) % pages_kinds();
        uint32_t offset = (uint32_t)piece_byte(&in) << 8;
        offset |= piece_byte(&in);
        uint8_t change = piece_byte(&in);
        if (wanted == kind && written->kinds[kind].length > 0) {
            bytes[offset % written->kinds[kind].length] ^= (char)change;
        }
    }
}

/* The small state with the changes of `in`. */
static int read_changed(struct tally *tally, struct pieces in) {
    static struct written *written;
    written = written ? written : world_written();
    int result = pages_expect(tally, &written->head);
    for (uint32_t kind = 0; kind < pages_kinds() && result == 0; kind++) {
        struct buffer copy = {0};
        buffer_append(&copy, written->kinds[kind].data, written->kinds[kind].length);
        struct text page = {(const char *)copy.data, (uint32_t)copy.length};
        lay_over(written, in, kind, &page);
        result = page.length > 0 ? pages_read(tally, kind, page) : 0;
        buffer_free(&copy);
    }
    return result;
}

static int read_pages(struct tally *tally, struct pieces in) {
    struct pages_head head = {.rows = {[SAVED_REPORTS] = piece_byte(&in)}};
    int result = pages_expect(tally, &head);
    while (in.left > 0 && result == 0) {
        uint32_t kind = piece_byte(&in) % pages_kinds();
        result = pages_read(tally, kind, piece_next(&in));
    }
    bool whole = pages_rows(tally, SAVED_REPORTS) == head.rows[SAVED_REPORTS]; /* as the file's reader looks, too */
    return result == 0 && !whole ? -(int)ERR_CORRUPT : result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct pieces in = {data, size};
    struct pages_head head;
    struct tally *tally = tally_create();
    int result = -1;
    assert(tally);
    switch (piece_byte(&in)) {
    case 'h':
        (void)pages_read_head(tally, (struct text){(const char *)in.data, (uint32_t)in.left}, &head);
        break;
    case 'w':
        result = read_changed(tally, in);
        break;
    default:
        result = read_pages(tally, in);
        break;
    }
    if (result == 0 && pages_complete(tally) == 0) {
        check_whole(tally);
    }
    tally_destroy(&tally);
    return 0;
}
