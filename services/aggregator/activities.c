/* Activities: union and members. */
#include "services/aggregator/activities.h"

#include <assert.h>
#include <stdlib.h>

#include "services/aggregator/column.h"

void activities_free(struct activities *activities) {
    free(activities->items);
    *activities = (struct activities){0};
}

int activities_reserve(struct activities *activities, uint32_t number) {
    int result =
        column_reserve(&activities->items, &activities->capacity, (uint64_t)number + 1, sizeof *activities->items);
    while (result == 0 && activities->count <= number) {
        activities->items[activities->count] = (struct activity){.parent = activities->count};
        activities->count++;
    }
    return result;
}

uint32_t activities_root(struct activities *activities, uint32_t number) {
    struct activity *items = activities->items;
    while (items[number].parent != number) {
        items[number].parent = items[items[number].parent].parent;
        number = items[number].parent;
    }
    return number;
}

void activities_enter(struct activities *activities, uint32_t root, uint32_t report) {
    struct activity *owner = &activities->items[root];
    struct activity *member = &activities->items[report];
    member->next = owner->first;
    member->previous = 0;
    if (owner->first != 0) {
        activities->items[owner->first - 1].previous = report + 1;
    }
    owner->first = report + 1;
    owner->size++;
}

void activities_leave(struct activities *activities, uint32_t root, uint32_t report) {
    struct activity *owner = &activities->items[root];
    struct activity *member = &activities->items[report];
    assert(owner->size > 0);
    if (member->previous != 0) {
        activities->items[member->previous - 1].next = member->next;
    } else {
        assert(owner->first == report + 1);
        owner->first = member->next;
    }
    if (member->next != 0) {
        activities->items[member->next - 1].previous = member->previous;
    }
    member->next = 0;
    member->previous = 0;
    owner->size--;
}

void activities_unite(struct activities *activities, uint32_t into, uint32_t from) {
    assert(into != from && activities->items[from].size == 0);
    activities->items[from].parent = into;
}
