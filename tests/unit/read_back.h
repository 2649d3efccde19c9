/* A tally that was saved and loaded again, without a file between. */
#pragma once

#include "services/aggregator/pages.h"

/* Written page by page and read back, it takes the place of the tally. */
static inline void read_back(struct tally **tally) {
    struct tally *before = *tally;
    struct tally *again = tally_create();
    struct pages_head head;
    struct buffer bytes = {0};
    pages_write_head(before, &bytes);
    assert_int_equal(pages_read_head(again, (struct text){(char *)bytes.data, (uint32_t)bytes.length}, &head), 0);
    assert_int_equal(pages_expect(again, &head), 0);
    for (uint32_t kind = 0; kind < pages_kinds(); kind++) {
        for (uint32_t page = 0; page * (uint64_t)PAGE_ROWS < pages_rows(before, kind); page++) {
            buffer_clear(&bytes);
            pages_write(before, kind, page, &bytes);
            assert_int_equal(pages_read(again, kind, (struct text){(char *)bytes.data, (uint32_t)bytes.length}), 0);
        }
    }
    assert_int_equal(pages_complete(again), 0);
    again->position = head.position;
    buffer_free(&bytes);
    tally_destroy(tally);
    *tally = again;
}
