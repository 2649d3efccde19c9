/* The newest changes. */
#include "services/aggregator/changes.h"

void changes_note(struct changes *changes, const struct change *change, const struct kept_measure *measures) {
    uint64_t slot = change->number % CHANGES_KEPT;
    changes->items[slot] = *change;
    for (uint8_t i = 0; i < change->report.measure_count; i++) {
        changes->measures[slot][i] = measures[i];
    }
}

const struct change *changes_find(const struct changes *changes, uint64_t number) {
    const struct change *change = &changes->items[number % CHANGES_KEPT];
    return change->number == number ? change : NULL;
}

static int apply_sums(const struct changes *changes, const struct change *change, struct cells *cells, uint32_t cell) {
    const struct kept_measure *measures = changes->measures[change->number % CHANGES_KEPT];
    if (change->sums > 0) {
        return cells_add(cells, cell, &change->report, measures);
    }
    if (change->sums < 0) {
        cells_take(cells, cell, &change->report, measures);
    }
    return 0;
}

int changes_apply(const struct changes *changes, const struct change *change, struct cells *cells, uint32_t cell) {
    int result = apply_sums(changes, change, cells, cell);
    struct cell *item = &cells->items[cell];
    item->alone = (uint32_t)((int64_t)item->alone + change->alone);
    if (result < 0 || change->joins == 0) {
        return result;
    }
    return cells_share(cells, cell, change->joins - 1);
}
