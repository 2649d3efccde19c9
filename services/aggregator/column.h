/* A column: an array that doubles, for state of millions of rows without an allocation per row.
 *
 *     if (column_reserve(&names->items, &names->capacity, names->count + 1, sizeof *names->items) < 0) ...
 *
 * Rows move when it grows: keep indexes, not pointers. New rows are not initialised.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Makes room for `needed` rows of `size` bytes. `items` is the address of the pointer to the rows, of any type. Returns
 * 0 or -ERR_NO_MEMORY; then everything is as it was. */
int column_reserve(void *items, uint32_t *capacity, uint64_t needed, size_t size);
