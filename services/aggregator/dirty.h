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
    uint32_t *pages; /* those that were marked */
    uint32_t pages_capacity;
    uint32_t count;
    uint32_t taken; /* so many of them, the first, are not marked any more */
};

/* 0 or -ERR_NO_MEMORY. */
int dirty_mark(struct dirty *dirty, uint32_t row);

static inline uint32_t dirty_count(const struct dirty *dirty) {
    return dirty->count - dirty->taken;
}

/* Takes the page that has been marked longest: from now on a change marks it again. False when there is none. */
bool dirty_take(struct dirty *dirty, uint32_t *page);

void dirty_clear(struct dirty *dirty); /* everything is saved */
void dirty_free(struct dirty *dirty);
