/* What of the stream goes out in one message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "common/stream/parcel.h"
#include "tests/unit/journal_fixture.h"

struct packing {
    struct journal_fixture fixture;
    struct journal *journal;
    struct journal_reader *reader;
    struct kept_blocks kept;
    struct parcel parcel;
};

static void packing_open(struct packing *packing) {
    fixture_setup(&packing->fixture);
    packing->journal = fixture_open(&packing->fixture);
    packing->reader = fixture_reader(&packing->fixture);
    assert_int_equal(kept_open(&packing->kept, NULL), 0);
}

static void packing_close(struct packing *packing) {
    parcel_free(&packing->parcel);
    kept_close(&packing->kept);
    journal_reader_close(&packing->reader);
    journal_close(&packing->journal);
    fixture_teardown(&packing->fixture);
}

static int fill(struct packing *packing, const struct row *row, uint64_t end) {
    return parcel_fill(&packing->parcel, &packing->kept, packing->reader, row, end, NULL);
}

/* What went into the parcel is what the codec reads from it, and writes. */
static void check_parcel(const struct parcel *parcel, uint32_t count, uint64_t after) {
    struct arena *arena = arena_create(SIZE_MAX);
    struct wire_stream_blocks wire;
    struct faults faults = {0};
    struct buffer again = {0};
    assert_string_equal(parcel->verb, "blocks");
    assert_int_equal(parcel->count, count);
    assert_int_equal(parcel->end, after + count);
    assert_int_equal(codec_decode(shape_of(SHAPE_stream_blocks), parcel->payload, arena, &wire, &faults), 0);
    assert_int_equal(wire.blocks.count, count);
    const struct wire_stream_block *blocks = wire.blocks.items;
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(blocks[i].first, after + 1 + i);
    }
    assert_int_equal(codec_encode(shape_of(SHAPE_stream_blocks), &wire, &again), 0);
    assert_true(text_equal((struct text){(const char *)again.data, (uint32_t)again.length}, parcel->payload));
    buffer_free(&again);
    arena_destroy(&arena);
}

static void small_blocks_go_together(void **state) {
    (void)state;
    struct packing packing = {0};
    packing_open(&packing);
    for (int i = 0; i < 2 * PARCEL_BLOCKS; i++) {
        fixture_append(packing.journal, 1);
    }
    const uint64_t end = 2 * PARCEL_BLOCKS;
    struct row row = {.at = 1, .credit = 2, .together = true, .side = true};
    assert_int_equal(fill(&packing, &row, end), 1);
    check_parcel(&packing.parcel, 2, 1); /* no more than there is credit for */
    row.credit = 16;
    assert_int_equal(fill(&packing, &row, end), 1);
    check_parcel(&packing.parcel, 16, 1);
    assert_int_equal(fill(&packing, &row, 4), 1);
    check_parcel(&packing.parcel, 3, 1); /* nor what may not go out yet */
    row.credit = 1000;
    assert_int_equal(fill(&packing, &row, end), 1);
    check_parcel(&packing.parcel, PARCEL_BLOCKS, 1);
    row_sent(&row, packing.parcel.count, packing.parcel.end);
    assert_int_equal(row.credit, 1000 - PARCEL_BLOCKS);
    row.at = end;
    assert_int_equal(fill(&packing, &row, end), 0);
    packing_close(&packing);
}

static void what_does_not_go_together_goes_alone(void **state) {
    (void)state;
    struct packing packing = {0};
    packing_open(&packing);
    fixture_append(packing.journal, 1);
    fixture_append(packing.journal, 1);
    fixture_append(packing.journal, 1000); /* beyond PARCEL_BYTES */
    fixture_append(packing.journal, 1);
    struct row row = {.credit = 16};
    assert_int_equal(fill(&packing, &row, 1003), 1); /* it did not ask for it */
    assert_string_equal(packing.parcel.verb, "block");
    row.together = true;
    row.credit = 1;
    assert_int_equal(fill(&packing, &row, 1003), 1); /* one credit */
    assert_string_equal(packing.parcel.verb, "block");
    row.credit = 16;
    assert_int_equal(fill(&packing, &row, 1003), 1);
    check_parcel(&packing.parcel, 2, 0);
    row.at = 2;
    assert_int_equal(fill(&packing, &row, 1003), 1);
    assert_string_equal(packing.parcel.verb, "block");
    assert_int_equal(packing.parcel.end, 1002);
    row.at = 1002;
    assert_int_equal(fill(&packing, &row, 1003), 1);
    assert_string_equal(packing.parcel.verb, "block"); /* the last one */
    packing_close(&packing);
}

static void what_went_together_is_forgotten(void **state) {
    (void)state;
    struct packing packing = {0};
    char name[64];
    packing_open(&packing);
    fixture_name(1, name);
    fixture_append(packing.journal, 1);
    fixture_append(packing.journal, 1);
    struct row row = {.credit = 16, .together = true, .side = true};
    assert_int_equal(fill(&packing, &row, 2), 1);
    const struct buffer *joined = &packing.parcel.joined;
    assert_non_null(memmem(joined->data, joined->length, name, strlen(name)));
    parcel_forget(&packing.parcel);
    assert_null(memmem(joined->data, joined->length, name, strlen(name)));
    packing_close(&packing);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_blocks_go_together),
        cmocka_unit_test(what_does_not_go_together_goes_alone),
        cmocka_unit_test(what_went_together_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
