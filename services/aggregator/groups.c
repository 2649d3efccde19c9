/* Groups by key. */
#include "services/aggregator/groups.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/aggregator/column.h"

void groups_start(struct groups *groups, uint32_t row_size, uint32_t most) {
    *groups = (struct groups){.row_size = row_size, .most = most};
}

void groups_free(struct groups *groups) {
    free(groups->keys);
    free(groups->rows);
    free(groups->order);
    table_free(&groups->table);
    *groups = (struct groups){0};
}

static bool key_is(const void *owner, uint32_t number, const void *key) {
    return memcmp(&((const struct groups *)owner)->keys[number], key, sizeof(struct group_key)) == 0;
}

static uint32_t hash_of(const struct group_key *key) {
    uint32_t hash = 0;
    for (int i = 0; i < GROUP_WORDS; i++) {
        hash = table_hash_pair(hash, key->words[i]);
    }
    return hash;
}

static int reserve(struct groups *groups) {
    uint64_t needed = (uint64_t)groups->count + 1;
    int result = table_reserve(&groups->table);
    if (result == 0) {
        result = column_reserve(&groups->keys, &groups->keys_capacity, needed, sizeof *groups->keys);
    }
    return result < 0 ? result : column_reserve(&groups->rows, &groups->rows_capacity, needed, groups->row_size);
}

void *groups_row(struct groups *groups, const struct group_key *key, struct error *error) {
    uint32_t hash = hash_of(key);
    uint32_t number = table_find(&groups->table, hash, key_is, groups, key);
    if (number != TABLE_NONE) {
        return groups_at(groups, number);
    }
    if (groups->count == groups->most) {
        char limit[16];
        snprintf(limit, sizeof limit, "%u", groups->most);
        error_set(error, ERR_TOO_MANY, (struct error_words){.field = "rows", .value = "more", .limit = limit});
        return NULL;
    }
    if (reserve(groups) < 0) {
        error_set(error, ERR_NO_MEMORY, (struct error_words){0});
        return NULL;
    }
    table_add(&groups->table, hash, groups->count);
    groups->keys[groups->count] = *key;
    memset(groups_at(groups, groups->count), 0, groups->row_size);
    return groups_at(groups, groups->count++);
}

/* ---- order ---- */

struct sorting {
    const struct groups *groups;
    groups_compare compare;
    const void *data;
};

static int compare_numbers(const void *a, const void *b, void *data) {
    const struct sorting *sorting = data;
    const struct group_key *keys = sorting->groups->keys;
    return sorting->compare(&keys[*(const uint32_t *)a], &keys[*(const uint32_t *)b], sorting->data);
}

int groups_sort(struct groups *groups, groups_compare compare, const void *data) {
    if (column_reserve(&groups->order, &groups->order_capacity, groups->count, sizeof *groups->order) < 0) {
        return -(int)ERR_NO_MEMORY;
    }
    for (uint32_t i = 0; i < groups->count; i++) {
        groups->order[i] = i;
    }
    struct sorting sorting = {groups, compare, data};
    if (groups->count > 1) {
        qsort_r(groups->order, groups->count, sizeof *groups->order, compare_numbers, &sorting);
    }
    return 0;
}

int groups_compare_names(const struct names *names, uint32_t a, uint32_t b) {
    if (a == b || a == NAME_NONE || b == NAME_NONE) {
        return (a == NAME_NONE) - (b == NAME_NONE);
    }
    return names_compare(names_text(names, a), names_text(names, b));
}

int groups_compare_periods(uint32_t a, uint32_t b) {
    return ((int32_t)a > (int32_t)b) - ((int32_t)a < (int32_t)b);
}
