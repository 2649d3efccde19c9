/* Changed pages: a mark each, and a list of the marked. */
#include "services/aggregator/dirty.h"

#include <stdlib.h>
#include <string.h>

#include "services/aggregator/column.h"

int dirty_mark(struct dirty *dirty, uint32_t row) {
    uint32_t page = row / PAGE_ROWS;
    if (page < dirty->marks_count && dirty->marks[page]) {
        return 0;
    }
    int result = column_reserve(&dirty->marks, &dirty->marks_capacity, (uint64_t)page + 1, sizeof *dirty->marks);
    if (result == 0) {
        result =
            column_reserve(&dirty->pages, &dirty->pages_capacity, (uint64_t)dirty->count + 1, sizeof *dirty->pages);
    }
    if (result < 0) {
        return result;
    }
    while (dirty->marks_count <= page) {
        dirty->marks[dirty->marks_count++] = false;
    }
    dirty->marks[page] = true;
    dirty->pages[dirty->count++] = page;
    return 0;
}

bool dirty_take(struct dirty *dirty, uint32_t *page) {
    if (dirty_count(dirty) == 0) {
        dirty->count = 0;
        dirty->taken = 0;
        return false;
    }
    *page = dirty->pages[dirty->taken++];
    dirty->marks[*page] = false;
    return true;
}

void dirty_clear(struct dirty *dirty) {
    uint32_t page;
    while (dirty_take(dirty, &page)) {
    }
}

void dirty_free(struct dirty *dirty) {
    free(dirty->marks);
    free(dirty->pages);
    *dirty = (struct dirty){0};
}
