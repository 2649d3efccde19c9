/* Merges up to a position, by union. */
#include "services/aggregator/merged.h"

#include <stdlib.h>

#include "services/aggregator/column.h"
#include "services/aggregator/history/history.h"

void merged_free(struct merged *merged) {
    free(merged->numbers);
    free(merged->roots);
    free(merged->members);
    free(merged->starts);
    table_free(&merged->table);
    *merged = (struct merged){0};
}

static bool number_is(const void *owner, uint32_t index, const void *key) {
    return ((const struct merged *)owner)->numbers[index] == *(const uint32_t *)key;
}

static uint32_t find(const struct merged *merged, uint32_t activity) {
    return table_find(&merged->table, table_hash_pair(activity, 0), number_is, merged, &activity);
}

static uint32_t index_of(struct merged *merged, uint32_t activity) {
    uint32_t found = find(merged, activity);
    uint64_t needed = (uint64_t)merged->count + 1;
    if (found != TABLE_NONE || table_reserve(&merged->table) < 0 ||
        column_reserve(&merged->numbers, &merged->capacity, needed, sizeof activity) < 0 ||
        column_reserve(&merged->roots, &merged->roots_capacity, needed, sizeof activity) < 0) {
        return found;
    }
    merged->numbers[merged->count] = activity;
    merged->roots[merged->count] = merged->count;
    table_add(&merged->table, table_hash_pair(activity, 0), merged->count);
    return merged->count++;
}

static uint32_t root_of(struct merged *merged, uint32_t index) {
    while (merged->roots[index] != index) {
        merged->roots[index] = merged->roots[merged->roots[index]];
        index = merged->roots[index];
    }
    return index;
}

int merged_make(struct merged *merged, const struct tally *tally, uint64_t at) {
    const struct ledger *merges = &tally->history->merges;
    *merged = (struct merged){0};
    for (uint32_t i = 0; i < merges->count; i++) {
        const struct past_merge *row = ledger_row(merges, i);
        if (row->since > at) {
            break; /* they rise */
        }
        uint32_t into = index_of(merged, row->into);
        uint32_t from = into == TABLE_NONE ? TABLE_NONE : index_of(merged, row->from);
        if (from == TABLE_NONE) {
            return -(int)ERR_NO_MEMORY;
        }
        merged->roots[root_of(merged, from)] = root_of(merged, into);
    }
    for (uint32_t i = 0; i < merged->count; i++) {
        merged->roots[i] = root_of(merged, i); /* from now on one step, and nothing is written */
    }
    return 0;
}

uint32_t merged_root(const struct merged *merged, uint32_t activity) {
    uint32_t index = merged->count > 0 ? find(merged, activity) : TABLE_NONE;
    return index == TABLE_NONE ? activity : merged->numbers[merged->roots[index]];
}

int merged_group(struct merged *merged) {
    merged->members = calloc((size_t)merged->count + 1, sizeof *merged->members);
    merged->starts = calloc((size_t)merged->count + 2, sizeof *merged->starts);
    if (!merged->members || !merged->starts) {
        return -(int)ERR_NO_MEMORY;
    }
    uint32_t *ends = merged->starts + 1; /* first how many each has, then where the next one of it stands */
    for (uint32_t i = 0; i < merged->count; i++) {
        ends[merged->roots[i]]++;
    }
    for (uint32_t i = 0, sum = 0; i < merged->count; i++) {
        uint32_t size = ends[i];
        ends[i] = sum;
        sum += size;
    }
    for (uint32_t i = 0; i < merged->count; i++) {
        merged->members[ends[merged->roots[i]]++] = merged->numbers[i];
    }
    return 0;
}

const uint32_t *merged_members(const struct merged *merged, uint32_t activity, uint32_t *count) {
    uint32_t index = merged->count > 0 ? find(merged, activity) : TABLE_NONE;
    if (index == TABLE_NONE) {
        return NULL;
    }
    uint32_t root = merged->roots[index];
    *count = merged->starts[root + 1] - merged->starts[root];
    return merged->members + merged->starts[root];
}
