/* Columns: growth by doubling, with the checks of its arithmetic. */
#include "services/aggregator/column.h"

#include <stdlib.h>
#include <string.h>

#include "common/error.h"

#define COLUMN_LEAST 16

int column_reserve(void *items, uint32_t *capacity, uint64_t needed, size_t size) {
    if (needed <= *capacity) {
        return 0;
    }
    uint64_t wanted = *capacity ? *capacity : COLUMN_LEAST;
    while (wanted < needed) {
        wanted *= 2;
    }
    if (needed > UINT32_MAX) {
        return -(int)ERR_NO_MEMORY;
    }
    wanted = wanted < UINT32_MAX ? wanted : UINT32_MAX;
    void *rows = NULL;
    memcpy(&rows, items, sizeof rows);
    void *moved = wanted <= SIZE_MAX / size ? realloc(rows, wanted * size) : NULL;
    if (!moved) {
        return -(int)ERR_NO_MEMORY;
    }
    memcpy(items, &moved, sizeof moved);
    *capacity = (uint32_t)wanted;
    return 0;
}
