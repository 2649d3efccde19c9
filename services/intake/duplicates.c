/* Two generations of recent ids above a floor of time. */
#include "services/intake/duplicates.h"

#include <assert.h>

#include "common/error.h"

static bool is_version_7(const struct id *id) {
    return id->bytes[6] >> 4 == 7;
}

static int64_t time_of(const struct id *id) {
    int64_t at = 0;
    for (int i = 0; i < 6; i++) {
        at = at << 8 | id->bytes[i];
    }
    return at;
}

struct id id_first_of(int64_t at) {
    struct id id = {{0}};
    for (int i = 5; i >= 0; i--) {
        id.bytes[i] = (uint8_t)at;
        at >>= 8;
    }
    return id;
}

void duplicates_begin(struct duplicates *duplicates, uint32_t window, int64_t floor) {
    *duplicates = (struct duplicates){.window = window, .floor = floor, .ceiling = INT64_MAX};
}

static void raise_floor(struct duplicates *duplicates, const struct id *id) {
    int64_t at = time_of(id);
    if (at >= duplicates->floor) {
        duplicates->floor = at + 1;
    }
}

/* Without memory for an id the floor rises above it: then the journal is asked. */
static void remember(struct duplicates *duplicates, struct id_table *table, const struct id *id) {
    if (id_table_put(table, id, 1) < 0) {
        raise_floor(duplicates, id);
    }
}

void duplicates_learn(struct duplicates *duplicates, const struct id *ids, uint32_t count, bool all) {
    for (uint32_t i = 0; i < count; i++) {
        if (is_version_7(&ids[i])) {
            remember(duplicates, &duplicates->young, &ids[i]);
        }
    }
    if (!all) {
        duplicates->ceiling = count > 0 ? time_of(&ids[count - 1]) : duplicates->floor;
    }
}

enum duplicate_answer duplicates_look(const struct duplicates *duplicates, const struct id *id, uint64_t *seq) {
    *seq = id_table_get(&duplicates->pending, id);
    if (*seq != 0) {
        return ID_IS_PENDING;
    }
    int64_t at = time_of(id);
    if (!is_version_7(id) || at < duplicates->floor || at >= duplicates->ceiling) {
        return ID_ASK_JOURNAL;
    }
    bool stored = id_table_get(&duplicates->young, id) != 0 || id_table_get(&duplicates->old, id) != 0;
    return stored ? ID_ASK_JOURNAL : ID_IS_NEW;
}

int duplicates_reserve(struct duplicates *duplicates) {
    return id_table_reserve(&duplicates->pending);
}

void duplicates_admit(struct duplicates *duplicates, const struct id *id, uint64_t seq) {
    int result = id_table_put(&duplicates->pending, id, seq);
    assert(result == 0);
    (void)result;
}

/* Gives up the old generation. What lies ahead of the clock is carried over, up to half a generation. */
static void rotate(struct duplicates *duplicates, int64_t now) {
    struct id_table leaving = duplicates->old;
    duplicates->old = duplicates->young;
    uint32_t carried = 0;
    for (uint32_t i = 0; i < leaving.capacity; i++) {
        const struct id_slot *slot = &leaving.slots[i];
        if (slot->number == 0) {
            continue;
        }
        if (time_of(&slot->id) > now && carried < duplicates->window / 2) {
            remember(duplicates, &duplicates->old, &slot->id);
            carried++;
        } else {
            raise_floor(duplicates, &slot->id);
        }
    }
    id_table_clear(&leaving);
    duplicates->young = leaving;
}

void duplicates_commit(struct duplicates *duplicates, const struct id *id, int64_t now) {
    id_table_remove(&duplicates->pending, id);
    if (!is_version_7(id) || time_of(id) < duplicates->floor) {
        return;
    }
    if (duplicates->young.count >= duplicates->window) {
        rotate(duplicates, now);
    }
    if (time_of(id) >= duplicates->floor) {
        remember(duplicates, &duplicates->young, id);
    }
}

void duplicates_drop_pending(struct duplicates *duplicates) {
    id_table_clear(&duplicates->pending);
}

void duplicates_free(struct duplicates *duplicates) {
    id_table_free(&duplicates->pending);
    id_table_free(&duplicates->young);
    id_table_free(&duplicates->old);
}
