/* Cells of the rows about hours: sums, and sets of volunteers that are united. */
#include <assert.h>
#include <stdlib.h>

#include <roaring/containers/containers.h>

#include "common/error.h"
#include "services/aggregator/bits.h"
#include "services/aggregator/column.h"
#include "services/aggregator/people/hours_rows.h"

void hours_rows_free(struct hours_rows *rows) {
    free(rows->classes);
    free(rows->mixes);
    squads_free(&rows->squads);
    free(rows->nested);
    free(rows->mix_classes);
    free(rows->bases);
    table_free(&rows->base_table);
    free(rows->cells);
    free(rows->sets);
    free(rows->crowds);
    free(rows->order);
    *rows = (struct hours_rows){0};
}

/* ---- bases ---- */

static bool base_is(const void *owner, uint32_t number, const void *key) {
    const struct hours_base *base = &((const struct hours_rows *)owner)->bases[number];
    const struct hours_base *wanted = key;
    return base->unit == wanted->unit && base->period == wanted->period;
}

static int too_many(struct error *error) {
    return error_set(error, ERR_TOO_MANY,
                     (struct error_words){.field = "rows",
                                          .value = "more (ask for a shorter time or fewer dimensions)",
                                          .limit = "200000"});
}

uint32_t hours_base_at(struct hours_rows *rows, struct hours_base base, struct error *error) {
    uint32_t hash = table_hash_pair(base.unit, (uint32_t)base.period);
    uint32_t found = table_find(&rows->base_table, hash, base_is, rows, &base);
    if (found != TABLE_NONE) {
        return found;
    }
    uint64_t cells = ((uint64_t)rows->base_count + 1) * rows->class_count;
    if (cells > HOURS_CELLS_MAX) {
        too_many(error);
        return ROW_NONE;
    }
    uint64_t bases = (uint64_t)rows->base_count + 1;
    if (table_reserve(&rows->base_table) < 0 ||
        column_reserve(&rows->bases, &rows->base_capacity, bases, sizeof base) < 0 ||
        column_reserve(&rows->cells, &rows->cell_capacity, cells, sizeof *rows->cells) < 0) {
        error_set(error, ERR_NO_MEMORY, (struct error_words){0});
        return ROW_NONE;
    }
    memset(rows->cells + (size_t)rows->base_count * rows->class_count, 0, rows->class_count * sizeof *rows->cells);
    table_add(&rows->base_table, hash, rows->base_count);
    rows->bases[rows->base_count] = base;
    return rows->base_count++;
}

/* ---- volunteers ---- */

static uint64_t *crowd_of(const struct hours_rows *rows, const struct hours_cell *cell) {
    return rows->crowds + (size_t)(cell->crowd - 1) * rows->crowd_words;
}

int hours_add_set(struct hours_rows *rows, uint32_t cell, const roaring_bitmap_t *people) {
    if (column_reserve(&rows->sets, &rows->set_capacity, (uint64_t)rows->set_count + 1, sizeof *rows->sets) < 0) {
        return -(int)ERR_NO_MEMORY;
    }
    rows->sets[rows->set_count++] = (struct hours_set){people, cell};
    rows->cells[cell].sets++;
    return 0;
}

/* A cell's first volunteer makes its crowd, while there is room for sets with a bit each. */
static int begin_crowd(struct hours_rows *rows, struct hours_cell *cell) {
    uint64_t words = (uint64_t)(rows->crowd_count + 1) * rows->crowd_words;
    if (words > CROWDS_WORDS_MAX) {
        cell->late_crowd = roaring_bitmap_create();
        return cell->late_crowd ? 0 : -(int)ERR_NO_MEMORY;
    }
    if (column_reserve(&rows->crowds, &rows->crowd_capacity, words, sizeof *rows->crowds) < 0) {
        return -(int)ERR_NO_MEMORY;
    }
    cell->crowd = ++rows->crowd_count;
    memset(crowd_of(rows, cell), 0, rows->crowd_words * sizeof *rows->crowds);
    return 0;
}

static int add_to_crowd(struct hours_rows *rows, struct hours_cell *cell, uint32_t volunteer) {
    int result = cell->crowd == 0 && !cell->late_crowd ? begin_crowd(rows, cell) : 0;
    if (cell->crowd > 0) {
        crowd_of(rows, cell)[volunteer / 64] |= UINT64_C(1) << volunteer % 64;
    } else if (cell->late_crowd) {
        roaring_bitmap_add(cell->late_crowd, volunteer);
    }
    return result;
}

int hours_add_entry(struct hours_rows *rows, uint32_t base, const struct roll_entry *entry) {
    const struct hours_mix *mix = &rows->mixes[entry->mix];
    int result = 0;
    for (uint32_t i = mix->first; i < mix->first + mix->count && result == 0; i++) {
        struct hours_cell *cell = &rows->cells[base * rows->class_count + rows->mix_classes[i]];
        cell->minutes[mix->grade] += entry->minutes;
        cell->presences += mix->sums && entry->own;
        result = mix->sums ? add_to_crowd(rows, cell, entry->volunteer) : 0;
    }
    return result;
}

/* ---- counting ---- */

#define CONTAINER_WORDS BITSET_CONTAINER_SIZE_IN_WORDS

static void mark_one(uint64_t *words, uint32_t member) {
    words[member / 64] |= UINT64_C(1) << member % 64;
}

/* Four parts of the list at once: neighbours often lie in one word, where each would wait for the one before. */
static void mark_list(uint64_t *words, const array_container_t *list) {
    const uint16_t *members = list->array;
    int32_t quarter = list->cardinality / 4;
    for (int32_t i = 0; i < quarter; i++) {
        mark_one(words, members[i]);
        mark_one(words, members[i + quarter]);
        mark_one(words, members[i + 2 * quarter]);
        mark_one(words, members[i + 3 * quarter]);
    }
    for (int32_t i = 4 * quarter; i < list->cardinality; i++) {
        mark_one(words, members[i]);
    }
}

static void mark_bits(uint64_t *words, const bitset_container_t *bits) {
    for (uint32_t i = 0; i < CONTAINER_WORDS; i++) {
        words[i] |= bits->array[i];
    }
}

static void mark_runs(uint64_t *words, const run_container_t *runs) {
    for (int32_t i = 0; i < runs->n_runs; i++) {
        uint32_t last = (uint32_t)runs->runs[i].value + runs->runs[i].length;
        for (uint32_t member = runs->runs[i].value; member <= last;) {
            bool whole = member % 64 == 0 && member + 63 <= last;
            words[member / 64] |= whole ? UINT64_MAX : UINT64_C(1) << member % 64;
            member += whole ? 64 : 1;
        }
    }
}

/* Puts a set into a crowd, past the library's own unions, which make a new set of each: of up to 65,536 members in a row it
 * keeps bits where they are many, a list where they are few, and runs where hardly anyone is missing. */
static void mark(uint64_t *crowd, const roaring_bitmap_t *set) {
    const roaring_array_t *parts = &set->high_low_container;
    for (int32_t i = 0; i < parts->size; i++) {
        uint64_t *words = crowd + (size_t)parts->keys[i] * CONTAINER_WORDS;
        switch (parts->typecodes[i]) {
        case BITSET_CONTAINER_TYPE_CODE:
            mark_bits(words, parts->containers[i]);
            break;
        case ARRAY_CONTAINER_TYPE_CODE:
            mark_list(words, parts->containers[i]);
            break;
        default:
            assert(parts->typecodes[i] == RUN_CONTAINER_TYPE_CODE); /* no set is shared */
            mark_runs(words, parts->containers[i]);
        }
    }
}

static const void *members_of(const void *container, uint8_t type) {
    const array_container_t *list = container;
    const bitset_container_t *bits = container;
    const run_container_t *runs = container;
    return type == ARRAY_CONTAINER_TYPE_CODE    ? (const void *)list->array
           : type == BITSET_CONTAINER_TYPE_CODE ? (const void *)bits->array
                                                : (const void *)runs->runs;
}

/* Sets lie anywhere in memory, their members three pointers behind: while one is marked, the next ones are fetched, each pointer
 * when the one before it has come. */
/* Inlined: a call that does nothing but fetch counts as one without effect, and is dropped. */
static inline __attribute__((always_inline)) void fetch_ahead(const struct hours_set *set,
                                                              const struct hours_set *end) {
    const roaring_array_t *parts = set + 9 < end ? &set[9].people->high_low_container : NULL;
    __builtin_prefetch(parts);
    parts = set + 7 < end ? &set[7].people->high_low_container : NULL;
    __builtin_prefetch(parts ? parts->containers : NULL);
    parts = set + 5 < end ? &set[5].people->high_low_container : NULL;
    for (int32_t i = 0; parts && i < parts->size; i++) {
        __builtin_prefetch(parts->containers[i]);
    }
    parts = set + 2 < end ? &set[2].people->high_low_container : NULL;
    for (int32_t i = 0; parts && i < parts->size; i++) {
        __builtin_prefetch(members_of(parts->containers[i], parts->typecodes[i]));
    }
}

/* Where there is no room for another crowd: the union as the library makes it. */
static uint64_t count_union(const struct hours_set *sets, uint32_t count) {
    roaring_bitmap_t *all = roaring_bitmap_create();
    uint64_t people = UINT64_MAX;
    for (uint32_t i = 0; i < count && all; i++) {
        roaring_bitmap_or_inplace(all, sets[i].people);
    }
    if (all) {
        people = roaring_bitmap_get_cardinality(all);
        roaring_bitmap_free(all);
    }
    return people;
}

/* How many are in the cell's sets and its crowd; UINT64_MAX without memory. `end`: of all cells' sets. */
static uint64_t count_cell(struct hours_rows *rows, struct hours_cell *cell, const struct hours_set *sets,
                           const struct hours_set *end) {
    if (cell->crowd == 0 && cell->sets > 1 && begin_crowd(rows, cell) < 0) {
        return UINT64_MAX;
    }
    if (cell->crowd > 0) {
        for (uint32_t i = 0; i < cell->sets; i++) {
            fetch_ahead(&sets[i], end);
            mark(crowd_of(rows, cell), sets[i].people);
        }
        return bits_count(crowd_of(rows, cell), rows->crowd_words);
    }
    if (cell->sets <= 1) {
        return cell->sets == 0 ? 0 : roaring_bitmap_get_cardinality(sets[0].people);
    }
    return count_union(sets, cell->sets);
}

/* Puts the sets in the order of their cells. `first` gets where each cell's begin. */
static void sort_sets(struct hours_rows *rows, uint32_t cells, uint32_t *first, struct hours_set *sorted) {
    uint32_t total = 0;
    for (uint32_t cell = 0; cell < cells; cell++) {
        first[cell] = total;
        total += rows->cells[cell].sets;
    }
    for (uint32_t i = 0; i < rows->set_count; i++) {
        sorted[first[rows->sets[i].cell]++] = rows->sets[i];
    }
    for (uint32_t cell = 0; cell < cells; cell++) {
        first[cell] -= rows->cells[cell].sets;
    }
}

/* A late crowd is one more set. */
static int add_late_crowds(struct hours_rows *rows, uint32_t cells) {
    int result = 0;
    for (uint32_t cell = 0; cell < cells && result == 0; cell++) {
        const roaring_bitmap_t *late = rows->cells[cell].late_crowd;
        result = late ? hours_add_set(rows, cell, late) : 0;
    }
    return result;
}

static void free_late_crowds(struct hours_rows *rows, uint32_t cells) {
    for (uint32_t cell = 0; cell < cells; cell++) {
        if (rows->cells[cell].late_crowd) {
            roaring_bitmap_free(rows->cells[cell].late_crowd);
        }
    }
}

int hours_count_people(struct hours_rows *rows) {
    uint32_t cells = rows->base_count * rows->class_count;
    int result = add_late_crowds(rows, cells);
    uint32_t *first = calloc((size_t)cells + 1, sizeof *first);
    struct hours_set *sorted = calloc((size_t)rows->set_count + 1, sizeof *sorted);
    result = first && sorted ? result : -(int)ERR_NO_MEMORY;
    if (result == 0) {
        sort_sets(rows, cells, first, sorted);
    }
    for (uint32_t cell = 0; cell < cells && result == 0; cell++) {
        rows->cells[cell].people = count_cell(rows, &rows->cells[cell], sorted + first[cell], sorted + rows->set_count);
        result = rows->cells[cell].people == UINT64_MAX ? -(int)ERR_NO_MEMORY : 0;
    }
    free_late_crowds(rows, cells);
    free(first);
    free(sorted);
    return result;
}
