/* Measures by name and unit. */
#include "services/aggregator/measures.h"

#include <stdlib.h>

#include "services/aggregator/column.h"

void measures_free(struct measures *measures) {
    free(measures->items);
    table_free(&measures->table);
    *measures = (struct measures){0};
}

static bool measure_is(const void *owner, uint32_t number, const void *key) {
    const struct measure *measure = &((const struct measures *)owner)->items[number];
    const struct measure *wanted = key;
    return measure->name == wanted->name && measure->unit == wanted->unit && measure->sort == wanted->sort;
}

static uint32_t hash_of(struct measure measure) {
    return table_hash_pair(measure.name * MEASURE_SORTS + measure.sort, measure.unit);
}

uint32_t measures_find(const struct measures *measures, struct measure measure) {
    return table_find(&measures->table, hash_of(measure), measure_is, measures, &measure);
}

uint32_t measures_number(struct measures *measures, struct measure measure) {
    uint32_t number = measures_find(measures, measure);
    if (number != TABLE_NONE) {
        return number;
    }
    if (table_reserve(&measures->table) < 0 ||
        column_reserve(&measures->items, &measures->capacity, (uint64_t)measures->count + 1, sizeof measure) < 0) {
        return MEASURE_NONE;
    }
    measures->items[measures->count] = measure;
    table_add(&measures->table, hash_of(measure), measures->count);
    return measures->count++;
}
