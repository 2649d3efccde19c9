/* Owings: rows, sums and lists. */
#include "services/aggregator/agenda/owings.h"

#include <assert.h>
#include <stdlib.h>

#include "services/aggregator/column.h"

void owings_free(struct owings *owings) {
    free(owings->items);
    free(owings->months);
    free(owings->first);
    free(owings->visited);
    table_free(&owings->month_table);
    table_free(&owings->visited_table);
    *owings = (struct owings){0};
}

/* ---- months ---- */

static bool month_is(const void *owner, uint32_t number, const void *key) {
    const struct owed_month *month = &((const struct owings *)owner)->months[number];
    const struct owed_month *wanted = key;
    return month->unit == wanted->unit && month->month == wanted->month;
}

static uint32_t find_month(const struct owings *owings, const struct owed_month *wanted) {
    return table_find(&owings->month_table, table_hash_pair(wanted->unit, (uint32_t)wanted->month), month_is, owings,
                      wanted);
}

const struct owed_month *owings_month(const struct owings *owings, uint32_t unit, int32_t month) {
    uint32_t number = find_month(owings, &(struct owed_month){.unit = unit, .month = month});
    return number == TABLE_NONE ? NULL : &owings->months[number];
}

int64_t owings_outstanding(const struct owed_month *month) {
    int64_t sum = 0;
    for (int day = 0; day < MONTH_DAYS; day++) {
        sum += month->outstanding[day];
    }
    return sum;
}

/* Made when it is not there; TABLE_NONE without memory. */
static uint32_t month_at(struct owings *owings, uint32_t unit, int32_t month) {
    struct owed_month wanted = {.unit = unit, .month = month};
    uint32_t found = find_month(owings, &wanted);
    if (found != TABLE_NONE || table_reserve(&owings->month_table) < 0 ||
        column_reserve(&owings->months, &owings->month_capacity, (uint64_t)owings->month_count + 1,
                       sizeof *owings->months) < 0) {
        return found;
    }
    owings->months[owings->month_count] = wanted;
    table_add(&owings->month_table, table_hash_pair(unit, (uint32_t)month), owings->month_count);
    return owings->month_count++;
}

/* ---- activities ---- */

uint32_t owings_first(const struct owings *owings, uint32_t activity) {
    return activity < owings->first_count ? owings->first[activity] : 0;
}

static int reserve_first(struct owings *owings, uint32_t activity) {
    int result = column_reserve(&owings->first, &owings->first_capacity, (uint64_t)activity + 1, sizeof *owings->first);
    if (result == 0 && activity >= owings->first_count) {
        memset(owings->first + owings->first_count, 0, (activity + 1 - owings->first_count) * sizeof *owings->first);
        owings->first_count = activity + 1;
    }
    return result;
}

static bool activity_is(const void *owner, uint32_t number, const void *key) {
    return ((const struct owings *)owner)->visited[number] == *(const uint32_t *)key;
}

int owings_visit(struct owings *owings, uint32_t activity) {
    uint32_t hash = table_hash_pair(activity, 0);
    if (table_find(&owings->visited_table, hash, activity_is, owings, &activity) != TABLE_NONE) {
        return 0;
    }
    if (table_reserve(&owings->visited_table) < 0 ||
        column_reserve(&owings->visited, &owings->visited_capacity, (uint64_t)owings->visited_count + 1,
                       sizeof activity) < 0) {
        return -(int)ERR_NO_MEMORY;
    }
    owings->visited[owings->visited_count] = activity;
    table_add(&owings->visited_table, hash, owings->visited_count++);
    return 1;
}

/* ---- sums ---- */

static bool is_outstanding(const struct owed *owed) {
    return !owed->in_time && !owed->late;
}

static int day_of(const struct owings *owings, const struct owed *owed) {
    return owed->last_day - month_first_day(owings->months[owed->month].month);
}

static void enter(struct owings *owings, uint32_t number) {
    struct owed *owed = &owings->items[number];
    struct owed_month *month = &owings->months[owed->month];
    int day = day_of(owings, owed);
    month->expected++;
    month->in_time += owed->in_time;
    month->late += !owed->in_time && owed->late;
    if (is_outstanding(owed)) {
        month->outstanding[day]++;
        owed->previous = 0;
        owed->next = month->first[day];
        if (owed->next != 0) {
            owings->items[owed->next - 1].previous = number + 1;
        }
        month->first[day] = number + 1;
    }
}

static void leave(struct owings *owings, uint32_t number) {
    const struct owed *owed = &owings->items[number];
    struct owed_month *month = &owings->months[owed->month];
    int day = day_of(owings, owed);
    assert(month->expected > 0);
    month->expected--;
    month->in_time -= owed->in_time;
    month->late -= !owed->in_time && owed->late;
    if (is_outstanding(owed)) {
        month->outstanding[day]--;
        *(owed->previous != 0 ? &owings->items[owed->previous - 1].next : &month->first[day]) = owed->next;
        if (owed->next != 0) {
            owings->items[owed->next - 1].previous = owed->previous;
        }
    }
}

/* A row with its month, not yet in the sums; TABLE_NONE without memory. */
static uint32_t add_row(struct owings *owings, const struct owed *owed, uint32_t month) {
    uint32_t number = owings->unused != 0 ? owings->unused - 1 : owings->count;
    if (column_reserve(&owings->items, &owings->capacity, (uint64_t)number + 1, sizeof *owings->items) < 0) {
        return TABLE_NONE;
    }
    if (number == owings->count) {
        owings->count++;
    } else {
        owings->unused = owings->items[number].sister;
    }
    owings->items[number] = *owed;
    owings->items[number].month = month & ((UINT32_C(1) << OWED_MONTH_BITS) - 1); /* units by months: far fewer */
    return number;
}

int owings_add(struct owings *owings, const struct owed *owed) {
    uint32_t month = month_at(owings, owed->unit, period_of(owed->last_day, BY_MONTH));
    bool failed = month == TABLE_NONE || reserve_first(owings, owed->activity) < 0;
    uint32_t number = failed ? TABLE_NONE : add_row(owings, owed, month);
    if (number == TABLE_NONE) {
        return -(int)ERR_NO_MEMORY;
    }
    owings->items[number].sister = owings->first[owed->activity];
    owings->first[owed->activity] = number + 1;
    enter(owings, number);
    return 0;
}

int owings_count(struct owings *owings, const struct owed *owed) {
    uint32_t month = month_at(owings, owed->unit, period_of(owed->last_day, BY_MONTH));
    if (month == TABLE_NONE) {
        return -(int)ERR_NO_MEMORY;
    }
    if (!is_outstanding(owed)) {
        owings->months[month].expected++;
        owings->months[month].in_time += owed->in_time;
        owings->months[month].late += !owed->in_time;
        return 0;
    }
    uint32_t number = add_row(owings, owed, month);
    if (number == TABLE_NONE) {
        return -(int)ERR_NO_MEMORY;
    }
    enter(owings, number);
    return 0;
}

int owings_keep(struct owings *owings, const struct owed_month *month) {
    uint32_t number = month_at(owings, month->unit, month->month);
    if (number == TABLE_NONE) {
        return -(int)ERR_NO_MEMORY;
    }
    struct owed_month *kept = &owings->months[number];
    *kept = *month;
    memset(kept->first, 0, sizeof kept->first);
    return 0;
}

int owings_sum(struct owings *owings, const struct owed *owed) {
    uint32_t number = month_at(owings, owed->unit, period_of(owed->last_day, BY_MONTH));
    if (number == TABLE_NONE) {
        return -(int)ERR_NO_MEMORY;
    }
    struct owed_month *month = &owings->months[number];
    month->expected++;
    month->in_time += owed->in_time;
    month->late += !owed->in_time && owed->late;
    month->outstanding[owed->last_day - month_first_day(month->month)] += is_outstanding(owed);
    return 0;
}

void owings_discount(struct owings *owings, const struct owed *owed) {
    struct owed_month wanted = {.unit = owed->unit, .month = period_of(owed->last_day, BY_MONTH)};
    uint32_t number = find_month(owings, &wanted);
    assert(number != TABLE_NONE);
    struct owed_month *month = &owings->months[number];
    assert(month->expected > 0);
    month->expected--;
    month->in_time -= owed->in_time;
    month->late -= !owed->in_time && owed->late;
    month->outstanding[owed->last_day - month_first_day(wanted.month)] -= is_outstanding(owed);
}

void owings_drop(struct owings *owings, uint32_t activity) {
    uint32_t link = owings_first(owings, activity);
    if (link != 0) {
        owings->first[activity] = 0;
    }
    while (link != 0) {
        uint32_t sister = owings->items[link - 1].sister;
        leave(owings, link - 1);
        owings->items[link - 1].sister = owings->unused;
        owings->unused = link;
        link = sister;
    }
}
