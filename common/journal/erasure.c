/* Erasure of sides: collect the seqs, group them by block, rewrite each block's side once. */
#include "common/journal/erasure.h"

#include <stdlib.h>

#include "common/journal/reader.h"

#define BLOCK_MEMORY (512u << 20)

int erasure_open(struct erasure *erasure, struct database *database, const struct side_cipher *cipher,
                 struct error *error) {
    *erasure = (struct erasure){.database = database, .cipher = cipher};
    int result = database_prepare(database, "SELECT seq FROM marks WHERE key = ?", &erasure->select_marked, error);
    if (result == 0) {
        result = database_prepare(database,
                                  "SELECT head.first, count, epoch, nonce, side.bytes FROM head"
                                  " LEFT JOIN side ON side.first = head.first"
                                  " WHERE head.first <= ? ORDER BY head.first DESC LIMIT 1",
                                  &erasure->select_side, error);
    }
    if (result == 0) {
        result = database_prepare(database, "UPDATE side SET nonce = ?, bytes = ? WHERE first = ?",
                                  &erasure->update_side, error);
    }
    return result;
}

void erasure_close(struct erasure *erasure) {
    sqlite3_finalize(erasure->select_marked);
    sqlite3_finalize(erasure->select_side);
    sqlite3_finalize(erasure->update_side);
    *erasure = (struct erasure){0};
}

/* Seqs as they are collected. */
struct seqs {
    uint64_t *items;
    size_t count;
    size_t capacity;
};

static int no_memory(struct error *error) {
    return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

static int seqs_add(struct seqs *seqs, uint64_t seq, struct error *error) {
    if (seqs->count == seqs->capacity) {
        size_t capacity = seqs->capacity ? seqs->capacity * 2 : 64;
        uint64_t *items = realloc(seqs->items, capacity * sizeof *items);
        if (!items) {
            return no_memory(error);
        }
        seqs->items = items;
        seqs->capacity = capacity;
    }
    seqs->items[seqs->count++] = seq;
    return 0;
}

static int by_number(const void *a, const void *b) {
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static int collect_marked(struct erasure *erasure, struct text key, struct seqs *seqs, struct error *error) {
    sqlite3_stmt *statement = erasure->select_marked;
    sqlite3_bind_blob(statement, 1, key.data, (int)key.length, SQLITE_STATIC);
    int result = 0;
    while ((result = database_step(erasure->database, statement, error)) == 1) {
        result = seqs_add(seqs, (uint64_t)sqlite3_column_int64(statement, 0), error);
        if (result < 0) {
            sqlite3_reset(statement);
            return result;
        }
    }
    return result;
}

static int collect(struct erasure *erasure, const struct journal_append_block *block, struct seqs *seqs,
                   struct error *error) {
    int result = 0;
    for (uint32_t i = 0; i < block->forget_mark_count && result == 0; i++) {
        result = collect_marked(erasure, block->forget_marks[i], seqs, error);
    }
    for (uint32_t i = 0; i < block->forget_seq_count && result == 0; i++) {
        result = seqs_add(seqs, block->forget_seqs[i], error);
    }
    if (seqs->count > 0) {
        qsort(seqs->items, seqs->count, sizeof *seqs->items, by_number);
    }
    return result;
}

/* A block's side, open for change. */
struct open_side {
    uint64_t first;
    uint32_t count;
    uint64_t epoch;
    uint32_t sealed_length;
    struct text *salts;
    struct text *sides;
};

static struct text column_text(sqlite3_stmt *statement, int column) {
    const void *data = sqlite3_column_blob(statement, column);
    return (struct text){data, (uint32_t)sqlite3_column_bytes(statement, column)};
}

/* 1 when the block has sides to change, 0 when it has none at all. */
static int side_take(struct erasure *erasure, struct arena *arena, struct open_side *side, struct error *error) {
    sqlite3_stmt *statement = erasure->select_side;
    side->first = (uint64_t)sqlite3_column_int64(statement, 0);
    side->count = (uint32_t)sqlite3_column_int64(statement, 1);
    side->epoch = (uint64_t)sqlite3_column_int64(statement, 2);
    if (sqlite3_column_type(statement, 4) == SQLITE_NULL) {
        return reader_damage("side", side->first, "it is missing", error);
    }
    struct text sealed = column_text(statement, 4);
    struct text plain = {0};
    side->sealed_length = sealed.length;
    int result =
        side_unseal(erasure->cipher, side->epoch, side->first, column_text(statement, 3), sealed, arena, &plain, error);
    if (result < 0 || plain.length == 0) {
        return result;
    }
    result = codec_split_sides(plain, arena, side->count, &side->salts, &side->sides, error);
    return result < 0 ? result : 1;
}

static int side_put(struct erasure *erasure, const struct open_side *side, struct error *error) {
    struct buffer joined = {0};
    struct side_seal seal = {0};
    codec_join_sides(side->salts, side->sides, side->count, &joined);
    int result = joined.failed ? no_memory(error) : 0;
    if (result == 0) {
        struct text bytes = {(const char *)joined.data, (uint32_t)joined.length};
        result = side_seal(erasure->cipher, side->epoch, side->first, bytes, side->sealed_length, &seal, error);
    }
    if (result == 0) {
        sqlite3_stmt *statement = erasure->update_side;
        sqlite3_bind_blob(statement, 1, seal.nonce, sizeof seal.nonce, SQLITE_STATIC);
        sqlite3_bind_blob(statement, 2, seal.sealed.data, (int)seal.sealed.length, SQLITE_STATIC);
        sqlite3_bind_int64(statement, 3, (sqlite3_int64)side->first);
        result = database_step(erasure->database, statement, error);
        sqlite3_clear_bindings(statement);
    }
    buffer_free(&joined);
    buffer_free(&seal.sealed);
    return result;
}

/* Makes the entries of the seqs from `from` on nil that stand in this block; returns how many seqs those are. */
static size_t entries_clear(struct open_side *side, const struct seqs *seqs, size_t from, bool *changed) {
    size_t at = from;
    for (; at < seqs->count && seqs->items[at] - side->first < side->count; at++) {
        uint64_t index = seqs->items[at] - side->first;
        *changed = *changed || side->salts[index].length > 0;
        side->salts[index] = (struct text){0};
        side->sides[index] = (struct text){0};
    }
    return at - from;
}

/* Erases the seqs from `from` on that stand in one block; `*used` says how many. 1 when the row was rewritten. */
static int block_erase(struct erasure *erasure, const struct seqs *seqs, size_t from, struct arena *arena, size_t *used,
                       struct error *error) {
    sqlite3_stmt *statement = erasure->select_side;
    struct open_side side = {0};
    bool changed = false;
    *used = 1;
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)seqs->items[from]);
    int result = database_step(erasure->database, statement, error);
    if (result == 1) {
        result = side_take(erasure, arena, &side, error);
        sqlite3_reset(statement);
    }
    if (result <= 0 || !side.salts || seqs->items[from] - side.first >= side.count) {
        return result < 0 ? result : 0;
    }
    *used = entries_clear(&side, seqs, from, &changed);
    result = changed ? side_put(erasure, &side, error) : 0;
    return result < 0 ? result : changed;
}

int erasure_run(struct erasure *erasure, const struct journal_append_block *block, struct error *error) {
    if (block->forget_mark_count == 0 && block->forget_seq_count == 0) {
        return 0;
    }
    struct seqs seqs = {0};
    struct arena *arena = arena_create(BLOCK_MEMORY);
    int result = arena ? collect(erasure, block, &seqs, error) : no_memory(error);
    bool changed = false;
    size_t used = 0;
    for (size_t at = 0; at < seqs.count && result >= 0; at += used) {
        result = block_erase(erasure, &seqs, at, arena, &used, error);
        changed = changed || result == 1;
        arena_reset(arena);
    }
    arena_destroy(&arena);
    free(seqs.items);
    return result < 0 ? result : changed;
}
