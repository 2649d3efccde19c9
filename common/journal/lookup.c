/* Look-ups in the journal: by id, by mark, one event by its seq. */
#include <stdlib.h>

#include "common/journal/reader.h"

#define CACHE_BYTES (256u << 20)

static int no_memory(struct error *error) {
    return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

int journal_find(struct journal_reader *reader, const struct id *id, uint64_t *seq, struct error *error) {
    int found = tail_find(reader->tail, id, seq, error);
    if (found != 0) {
        return found;
    }
    sqlite3_stmt *statement = reader->statements[READ_ID];
    sqlite3_bind_blob(statement, 1, id->bytes, ID_BYTES, SQLITE_STATIC);
    int result = database_step(&reader->database, statement, error);
    if (result == 1) {
        *seq = (uint64_t)sqlite3_column_int64(statement, 0);
        sqlite3_reset(statement);
    }
    return result;
}

/* ---- ids in order ---- */

static int stored_ids_from(struct journal_reader *reader, const struct id *from, struct id *ids, uint32_t max,
                           struct error *error) {
    sqlite3_stmt *statement = reader->statements[READ_IDS];
    sqlite3_bind_blob(statement, 1, from->bytes, ID_BYTES, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, max);
    uint32_t count = 0;
    int result = 0;
    while (count < max && (result = database_step(&reader->database, statement, error)) == 1) {
        const void *id = sqlite3_column_blob(statement, 0);
        if (sqlite3_column_bytes(statement, 0) != ID_BYTES) {
            result = reader_damage("ids", 0, "an id has another length", error);
            break;
        }
        memcpy(ids[count++].bytes, id, ID_BYTES);
    }
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result < 0 ? result : (int)count;
}

/* Merges `more` into `ids`, both rising; what stands in both was moved just now and counts once. */
static uint32_t merge_ids(struct id *ids, uint32_t count, const struct id *more, uint32_t more_count, uint32_t max,
                          struct id *merged) {
    uint32_t made = 0;
    uint32_t i = 0;
    uint32_t j = 0;
    while (made < max && (i < count || j < more_count)) {
        int order = i == count ? 1 : j == more_count ? -1 : memcmp(&ids[i], &more[j], ID_BYTES);
        merged[made++] = order <= 0 ? ids[i] : more[j];
        i += order <= 0;
        j += order >= 0;
    }
    memcpy(ids, merged, made * sizeof *merged);
    return made;
}

int journal_ids_from(struct journal_reader *reader, const struct id *from, struct id *ids, uint32_t max,
                     struct error *error) {
    int late = tail_ids_from(reader->tail, from, ids, max, error);
    if (late <= 0) {
        return late < 0 ? late : stored_ids_from(reader, from, ids, max, error);
    }
    struct id *room = calloc(2 * (size_t)max, sizeof *room);
    if (!room) {
        return no_memory(error);
    }
    memcpy(room, ids, (size_t)late * sizeof *ids);
    int count = stored_ids_from(reader, from, ids, max, error);
    if (count >= 0) {
        count = (int)merge_ids(ids, (uint32_t)count, room, (uint32_t)late, max, room + max);
    }
    free(room);
    return count;
}

/* ---- marks ---- */

static int stored_marked(struct journal_reader *reader, struct text key, uint64_t after, uint64_t *seqs, uint32_t max,
                         struct error *error) {
    sqlite3_stmt *statement = reader->statements[READ_MARK];
    sqlite3_bind_blob(statement, 1, key.data, (int)key.length, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, (sqlite3_int64)after);
    sqlite3_bind_int64(statement, 3, max);
    uint32_t count = 0;
    int result = 0;
    while (count < max && (result = database_step(&reader->database, statement, error)) == 1) {
        seqs[count++] = (uint64_t)sqlite3_column_int64(statement, 0);
    }
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result < 0 ? result : (int)count;
}

/* The tail is asked first, since blocks go from there into the database; what it holds stands behind all that the
 * database holds, but for what was moved in between. */
int journal_marked(struct journal_reader *reader, struct text key, uint64_t after, uint64_t *seqs, uint32_t max,
                   struct error *error) {
    int late = tail_marked(reader->tail, key, after, seqs, max, error);
    if (late <= 0) {
        return late < 0 ? late : stored_marked(reader, key, after, seqs, max, error);
    }
    uint64_t *room = malloc((size_t)late * sizeof *room);
    if (!room) {
        return no_memory(error);
    }
    memcpy(room, seqs, (size_t)late * sizeof *room);
    int count = stored_marked(reader, key, after, seqs, max, error);
    uint64_t last = count > 0 ? seqs[count - 1] : after;
    for (int i = 0; i < late && count >= 0 && (uint32_t)count < max; i++) {
        if (room[i] > last) {
            seqs[count++] = room[i];
        }
    }
    free(room);
    return count;
}

int journal_last_marked(struct journal_reader *reader, struct text key, uint64_t before, uint64_t *seq,
                        struct error *error) {
    int late = tail_last_marked(reader->tail, key, before, seq, error);
    if (late != 0) {
        return late;
    }
    sqlite3_stmt *statement = reader->statements[READ_LAST_MARK];
    sqlite3_bind_blob(statement, 1, key.data, (int)key.length, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, before > INT64_MAX ? INT64_MAX : (sqlite3_int64)before);
    int result = database_step(&reader->database, statement, error);
    if (result == 1) {
        *seq = (uint64_t)sqlite3_column_int64(statement, 0);
        sqlite3_reset(statement);
    }
    sqlite3_clear_bindings(statement);
    return result;
}

/* ---- single events ---- */

static int changes_read(struct journal_reader *reader, int64_t *changes, struct error *error) {
    sqlite3_stmt *statement = reader->statements[READ_CHANGES];
    int result = database_step(&reader->database, statement, error);
    if (result == 1) {
        *changes = sqlite3_column_int64(statement, 0);
        sqlite3_reset(statement);
    }
    return result < 0 ? result : 0;
}

void reader_cache_drop(struct block_cache *cache) {
    cache->valid = false;
    cache->salts = NULL;
    cache->sides = NULL;
    if (cache->arena) {
        arena_reset(cache->arena);
    }
}

static int cache_prepare(struct block_cache *cache, struct error *error) {
    cache->arena = cache->arena ? cache->arena : arena_create(CACHE_BYTES);
    cache->scratch = cache->scratch ? cache->scratch : arena_create(CACHE_BYTES);
    return cache->arena && cache->scratch ? 0 : no_memory(error);
}

/* 1 when the cache holds the block of `seq`, 0 when there is none. */
static int cache_fill(struct journal_reader *reader, uint64_t seq, bool with_side, struct error *error) {
    struct block_cache *cache = &reader->cache;
    int64_t changes = 0;
    int result = changes_read(reader, &changes, error);
    if (result < 0) {
        return result;
    }
    bool same = cache->valid && cache->changes == changes && cache->with_side >= with_side;
    if (same && seq >= cache->block.first && seq - cache->block.first < cache->block.count) {
        return 1;
    }
    result = cache_prepare(cache, error);
    if (result < 0) {
        return result;
    }
    reader_cache_drop(cache);
    result = journal_read(reader, seq - 1, with_side, cache->arena, &cache->block, error);
    if (result <= 0) {
        return result;
    }
    cache->offsets = arena_alloc(cache->arena, (cache->block.count + (size_t)1) * sizeof *cache->offsets);
    if (!cache->offsets) {
        return no_memory(error);
    }
    cache->known = 1;
    if (cache->block.side.length > 0) {
        result =
            codec_split_sides(cache->block.side, cache->arena, cache->block.count, &cache->salts, &cache->sides, error);
    }
    cache->changes = changes;
    cache->with_side = with_side;
    cache->valid = result >= 0;
    return result < 0 ? result : 1;
}

/* Finds where the event at `index` begins and ends. */
static int cache_locate(struct block_cache *cache, uint32_t index, struct error *error) {
    while (cache->known < index + 2) {
        size_t from = cache->offsets[cache->known - 1];
        struct text rest = {cache->block.head.data + from, cache->block.head.length - (uint32_t)from};
        struct event event;
        size_t used = 0;
        arena_reset(cache->scratch);
        int result = codec_decode_head(rest, (struct text){0}, cache->scratch, &event, &used, error);
        if (result < 0) {
            return result;
        }
        cache->offsets[cache->known++] = from + used;
    }
    return 0;
}

/* A copy in `arena`: the cache changes with the next look-up. */
static struct text copy(struct arena *arena, struct text text) {
    struct text made = {text.length > 0 ? arena_copy(arena, text.data, text.length) : NULL, text.length};
    return made;
}

int journal_event(struct journal_reader *reader, uint64_t seq, bool with_side, struct arena *arena, struct event *event,
                  struct text *salt, struct error *error) {
    if (seq == 0) {
        return 0;
    }
    int result = cache_fill(reader, seq, with_side, error);
    if (result <= 0) {
        return result;
    }
    struct block_cache *cache = &reader->cache;
    uint32_t index = (uint32_t)(seq - cache->block.first);
    result = cache_locate(cache, index, error);
    if (result < 0) {
        return result;
    }
    size_t from = cache->offsets[index];
    struct text head =
        copy(arena, (struct text){cache->block.head.data + from, (uint32_t)(cache->offsets[index + 1] - from)});
    bool sides = with_side && cache->sides;
    struct text side = sides ? copy(arena, cache->sides[index]) : (struct text){0};
    *salt = sides ? copy(arena, cache->salts[index]) : (struct text){0};
    if (!head.data || (side.length > 0 && !side.data) || (salt->length > 0 && !salt->data)) {
        return no_memory(error);
    }
    size_t used = 0;
    result = codec_decode_head(head, side, arena, event, &used, error);
    return result < 0 ? result : 1;
}
