/* Two generations of recent ids above a floor of time. */
#include "services/intake/duplicates.h"

#include <assert.h>

#include "common/error.h"

#define HASHED_AHEAD 32 /* look-ups that are under way at once */

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
    id_table_draw_key(&duplicates->pending);
}

static void raise_floor(struct duplicates *duplicates, const struct id *id) {
    int64_t at = time_of(id);
    if (at >= duplicates->floor) {
        duplicates->floor = at + 1;
    }
}

/* Without memory for an id the floor rises above it: then the journal is asked. */
static void remember(struct duplicates *duplicates, struct id_set *set, const struct id *id, uint64_t hash) {
    if (id_set_add(set, id, hash) < 0) {
        raise_floor(duplicates, id);
    }
}

void duplicates_learn(struct duplicates *duplicates, const struct id *ids, uint32_t count, bool all) {
    for (uint32_t i = 0; i < count; i++) {
        if (is_version_7(&ids[i])) {
            remember(duplicates, &duplicates->young, &ids[i], id_hash(duplicates->pending.key, &ids[i]));
        }
    }
    if (!all) {
        duplicates->ceiling = count > 0 ? time_of(&ids[count - 1]) : duplicates->floor;
    }
}

uint64_t duplicates_hash(const struct duplicates *duplicates, const struct id *id) {
    uint64_t hash = id_hash(duplicates->pending.key, id);
    id_table_prefetch(&duplicates->pending, hash);
    id_set_prefetch(&duplicates->young, hash);
    id_set_prefetch(&duplicates->old, hash);
    return hash;
}

enum duplicate_answer duplicates_look(const struct duplicates *duplicates, const struct id *id, uint64_t hash,
                                      uint64_t *seq) {
    *seq = id_table_get_hashed(&duplicates->pending, id, hash);
    if (*seq != 0) {
        return ID_IS_PENDING;
    }
    int64_t at = time_of(id);
    if (!is_version_7(id) || at < duplicates->floor || at >= duplicates->ceiling) {
        return ID_ASK_JOURNAL;
    }
    bool perhaps = id_set_may_hold(&duplicates->young, hash) || id_set_may_hold(&duplicates->old, hash);
    return perhaps ? ID_ASK_JOURNAL : ID_IS_NEW;
}

int duplicates_reserve(struct duplicates *duplicates) {
    return id_table_reserve(&duplicates->pending);
}

void duplicates_admit(struct duplicates *duplicates, const struct id *id, uint64_t hash, uint64_t seq) {
    int result = id_table_put_hashed(&duplicates->pending, id, hash, seq);
    assert(result == 0);
    (void)result;
}

/* Gives up the old generation. What lies ahead of the clock is carried over, up to half a generation. */
static void rotate(struct duplicates *duplicates, int64_t now) {
    struct id_set leaving = duplicates->old;
    duplicates->old = duplicates->young;
    uint32_t carried = 0;
    for (uint32_t i = 0; i < leaving.count; i++) {
        const struct id *id = &leaving.ids[i];
        if (time_of(id) > now && carried < duplicates->window / 2) {
            remember(duplicates, &duplicates->old, id, id_hash(duplicates->pending.key, id));
            carried++;
        } else {
            raise_floor(duplicates, id);
        }
    }
    id_set_clear(&leaving);
    duplicates->young = leaving;
}

static void commit_one(struct duplicates *duplicates, const struct id *id, uint64_t hash, int64_t now) {
    id_table_remove_hashed(&duplicates->pending, id, hash);
    if (!is_version_7(id) || time_of(id) < duplicates->floor) {
        return;
    }
    if (duplicates->young.count >= duplicates->window) {
        rotate(duplicates, now);
    }
    if (time_of(id) >= duplicates->floor) {
        remember(duplicates, &duplicates->young, id, hash);
    }
}

void duplicates_commit(struct duplicates *duplicates, const struct id *ids, uint32_t count, int64_t now) {
    uint64_t hashes[HASHED_AHEAD];
    for (uint32_t done = 0; done < count; done += HASHED_AHEAD) {
        uint32_t some = count - done < HASHED_AHEAD ? count - done : HASHED_AHEAD;
        for (uint32_t i = 0; i < some; i++) {
            hashes[i] = duplicates_hash(duplicates, &ids[done + i]);
        }
        for (uint32_t i = 0; i < some; i++) {
            commit_one(duplicates, &ids[done + i], hashes[i], now);
        }
    }
}

void duplicates_drop_pending(struct duplicates *duplicates) {
    id_table_clear(&duplicates->pending);
}

void duplicates_free(struct duplicates *duplicates) {
    id_table_free(&duplicates->pending);
    id_set_free(&duplicates->young);
    id_set_free(&duplicates->old);
}
