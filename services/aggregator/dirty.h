/* Which pages of a list of rows changed since they were last saved.
 *
 * A page is PAGE_ROWS rows. Marking is cheap and may be repeated; the list of changed pages is in the order of marking.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define PAGE_ROWS 64

struct dirty {
    bool *marks; /* by page */
    uint32_t marks_capacity;
    uint32_t marks_count;
    uint32_t *pages; /* those that are marked */
    uint32_t pages_capacity;
    uint32_t count;
};

/* 0 or -ERR_NO_MEMORY. */
int dirty_mark(struct dirty *dirty, uint32_t row);
void dirty_clear(struct dirty *dirty); /* everything is saved */
void dirty_free(struct dirty *dirty);
