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
    return measure->name == wanted->name && measure->unit == wanted->unit;
}

uint32_t measures_number(struct measures *measures, uint32_t name, uint32_t unit) {
    struct measure wanted = {name, unit};
    uint32_t hash = table_hash_pair(name, unit);
    uint32_t number = table_find(&measures->table, hash, measure_is, measures, &wanted);
    if (number != TABLE_NONE) {
        return number;
    }
    if (table_reserve(&measures->table) < 0 ||
        column_reserve(&measures->items, &measures->capacity, (uint64_t)measures->count + 1, sizeof wanted) < 0) {
        return MEASURE_NONE;
    }
    measures->items[measures->count] = wanted;
    table_add(&measures->table, hash, measures->count);
    return measures->count++;
}
