/* Groups: the rows of an answer while they are being added up, each told apart by a key of some numbers. */
#pragma once

#include "common/error.h"
#include "services/aggregator/table.h"
#include "services/aggregator/units.h"

#define GROUP_WORDS 6

/* Numbers of units and names, periods; what an answer is not grouped by is the same in all keys. */
struct group_key {
    uint32_t words[GROUP_WORDS];
};

struct groups {
    struct group_key *keys;
    uint32_t keys_capacity;
    uint8_t *rows;
    uint32_t rows_capacity;
    uint32_t count;
    uint32_t row_size;
    uint32_t most; /* rows of an answer */
    struct table table;
    uint32_t *order; /* after groups_sort */
    uint32_t order_capacity;
};

void groups_start(struct groups *groups, uint32_t row_size, uint32_t most);
void groups_free(struct groups *groups);

/* The row of the key, zeroed when it is new; it moves when another is added. NULL: -ERR_TOO_MANY or -ERR_NO_MEMORY is in
 * `error`. */
void *groups_row(struct groups *groups, const struct group_key *key, struct error *error);

static inline void *groups_at(const struct groups *groups, uint32_t number) {
    return groups->rows + (size_t)number * groups->row_size;
}

/* Fills `order` by the keys. 0 or -ERR_NO_MEMORY. */
typedef int (*groups_compare)(const struct group_key *a, const struct group_key *b, const void *data);
int groups_sort(struct groups *groups, groups_compare compare, const void *data);

/* Orders that answers share: names by their characters, NAME_NONE last; periods rising. */
int groups_compare_names(const struct names *names, uint32_t a, uint32_t b);
int groups_compare_periods(uint32_t a, uint32_t b);
