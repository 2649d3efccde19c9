/* The journal's reading side: blocks in order, each checked against the chain. */
#include "common/journal/reader.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/journal/chain.h"

static const char *const statement_texts[READ_STATEMENTS] = {
    [READ_ROW] = "SELECT first, count, epoch, hash FROM head WHERE first <= ? ORDER BY first DESC LIMIT 1",
    [READ_HEAD] = "SELECT bytes FROM head WHERE first = ?",
    [READ_SIDE] = "SELECT nonce, bytes FROM side WHERE first = ?",
    [READ_ID] = "SELECT seq FROM ids WHERE id = ?",
    [READ_IDS] = "SELECT id FROM ids WHERE id >= ? ORDER BY id LIMIT ?",
    [READ_MARK] = "SELECT seq FROM marks WHERE key = ? AND seq > ? ORDER BY seq LIMIT ?",
    [READ_LAST_MARK] = "SELECT seq FROM marks WHERE key = ? AND seq < ? ORDER BY seq DESC LIMIT 1",
    [READ_CHANGES] = "PRAGMA data_version",
};

int reader_damage(const char *table, uint64_t first, const char *what, struct error *error) {
    char row[64];
    snprintf(row, sizeof row, "journal %s row %" PRIu64, table, first);
    return error_set(error, ERR_CORRUPT, (struct error_words){.field = row, .value = what});
}

static struct text column_text(sqlite3_stmt *statement, int column) {
    const void *data = sqlite3_column_blob(statement, column);
    return (struct text){data, (uint32_t)sqlite3_column_bytes(statement, column)};
}

static int meta_load(struct journal_reader *reader, struct error *error) {
    int journal = meta_read(&reader->database, "journal", &reader->cipher.journal, error);
    if (journal < 0) {
        return journal;
    }
    int epoch = meta_read(&reader->database, "epoch", &reader->epoch, error);
    if (epoch < 0) {
        return epoch;
    }
    return journal == 1 && epoch == 1 ? 0 : reader_damage("meta", 0, "journal or epoch is missing", error);
}

static int prepare_all(struct journal_reader *reader, bool ids, bool marks, struct error *error) {
    int result = 0;
    for (int i = 0; i < READ_STATEMENTS && result == 0; i++) {
        bool missing = ((i == READ_ID || i == READ_IDS) && !ids) || ((i == READ_MARK || i == READ_LAST_MARK) && !marks);
        if (!missing) {
            result = database_prepare(&reader->database, statement_texts[i], &reader->statements[i], error);
        }
    }
    return result;
}

static int reader_make(struct journal_reader **reader, const struct journal_options *options, const char *path,
                       struct error *error) {
    struct journal_reader *self = calloc(1, sizeof *self);
    if (!self) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    memcpy(self->cipher.key, options->side_key, sizeof self->cipher.key);
    self->derive = options->derive;
    self->tail = tail_retain(options->tail);
    *reader = self;
    return database_open(&self->database, path, DATABASE_READ, NULL, JOURNAL_VERSION, error);
}

int reader_open_chain(struct journal_reader **reader, const struct journal_options *options, const char *path,
                      struct error *error) {
    bool ids = false;
    bool marks = false;
    int result = reader_make(reader, options, path, error);
    if (result == 0) {
        result = schema_find_derived(&(*reader)->database, &ids, &marks, error);
    }
    if (result == 0) {
        result = prepare_all(*reader, ids, marks, error);
    }
    if (result < 0) {
        journal_reader_close(reader);
    }
    return result;
}

int journal_reader_open(struct journal_reader **reader, const struct journal_options *options, struct error *error) {
    struct journal_paths paths = {0};
    struct journal_reader *self = NULL;
    int result = journal_paths(options->directory, &paths, error);
    if (result == 0) {
        result = reader_make(&self, options, paths.database, error);
    }
    if (result == 0) {
        result = prepare_all(self, true, true, error);
    }
    if (result == 0) {
        result = meta_load(self, error);
    }
    if (result < 0) {
        journal_reader_close(&self);
        return result;
    }
    *reader = self;
    return 0;
}

void journal_reader_close(struct journal_reader **reader) {
    struct journal_reader *self = *reader;
    if (!self) {
        return;
    }
    for (int i = 0; i < READ_STATEMENTS; i++) {
        sqlite3_finalize(self->statements[i]);
    }
    database_close(&self->database);
    journal_tail_release(&self->tail);
    arena_destroy(&self->cache.arena);
    arena_destroy(&self->cache.scratch);
    sodium_memzero(&self->cipher, sizeof self->cipher);
    free(self);
    *reader = NULL;
}

static int row_take(sqlite3_stmt *statement, struct head_row *row, struct error *error) {
    int64_t first = sqlite3_column_int64(statement, 0);
    int64_t count = sqlite3_column_int64(statement, 1);
    int64_t epoch = sqlite3_column_int64(statement, 2);
    struct text hash = column_text(statement, 3);
    if (first < 1 || count < 1 || count > UINT32_MAX || first > INT64_MAX - count || epoch < 1 ||
        hash.length != HASH_BYTES) {
        return reader_damage("head", (uint64_t)first, "its numbers cannot be", error);
    }
    *row = (struct head_row){.first = (uint64_t)first, .count = (uint32_t)count, .epoch = (uint64_t)epoch};
    memcpy(row->hash.bytes, hash.data, HASH_BYTES);
    return 1;
}

int reader_row(struct journal_reader *reader, uint64_t seq, struct head_row *row, struct error *error) {
    sqlite3_stmt *statement = reader->statements[READ_ROW];
    sqlite3_bind_int64(statement, 1, seq > INT64_MAX ? INT64_MAX : (sqlite3_int64)seq);
    int result = database_step(&reader->database, statement, error);
    if (result == 1) {
        result = row_take(statement, row, error);
        sqlite3_reset(statement);
    }
    return result;
}

int journal_reader_head(struct journal_reader *reader, struct position *head, struct error *error) {
    struct head_row row = {0};
    if (tail_head(reader->tail, head)) {
        return 0;
    }
    int result = reader_row(reader, INT64_MAX, &row, error);
    if (result < 0) {
        return result;
    }
    *head = (struct position){.journal = reader->cipher.journal, .epoch = reader->epoch};
    if (result == 1) {
        head->seq = head_row_end(&row);
        head->hash = chain_short(&row.hash);
    }
    return 0;
}

static struct head_row row_of(const struct record *record) {
    return (struct head_row){record->first, record->count, record->epoch, record->hash};
}

int journal_position_at(struct journal_reader *reader, uint64_t seq, struct position *position, struct error *error) {
    struct head_row row = {0};
    struct sealed_block *block = tail_take(reader->tail, seq);
    int result = 1;
    if (block) {
        row = row_of(&block->record);
        sealed_block_release(&block);
    } else {
        result = reader_row(reader, seq, &row, error);
    }
    if (result <= 0 || head_row_end(&row) < seq) {
        return result < 0 ? result : 0;
    }
    *position = (struct position){reader->cipher.journal, row.epoch, head_row_end(&row), chain_short(&row.hash)};
    return 1;
}

/* The chain's hash in front of `row`. */
static int previous_hash(struct journal_reader *reader, const struct head_row *row, struct hash *hash,
                         struct error *error) {
    if (row->first == 1) {
        chain_start(reader->cipher.journal, hash);
        return 0;
    }
    struct head_row before = reader->last;
    if (before.count == 0 || head_row_end(&before) + 1 != row->first) {
        int result = reader_row(reader, row->first - 1, &before, error);
        if (result < 0) {
            return result;
        }
        if (result == 0 || head_row_end(&before) + 1 != row->first) {
            return reader_damage("head", row->first, "the row before it is missing", error);
        }
    }
    *hash = before.hash;
    return 0;
}

static int head_read(struct journal_reader *reader, const struct head_row *row, struct arena *arena, struct text *head,
                     struct error *error) {
    sqlite3_stmt *statement = reader->statements[READ_HEAD];
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)row->first);
    int result = database_step(&reader->database, statement, error);
    if (result == 0) {
        return reader_damage("head", row->first, "it is missing", error);
    }
    if (result == 1) {
        struct text bytes = column_text(statement, 0);
        *head = (struct text){arena_copy(arena, bytes.data, bytes.length), bytes.length};
        result = head->data ? 0 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
        sqlite3_reset(statement);
    }
    return result;
}

static int side_read(struct journal_reader *reader, const struct head_row *row, struct arena *arena, struct text *side,
                     struct error *error) {
    sqlite3_stmt *statement = reader->statements[READ_SIDE];
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)row->first);
    int result = database_step(&reader->database, statement, error);
    if (result == 0) {
        return reader_damage("side", row->first, "it is missing", error);
    }
    if (result == 1) {
        result = side_unseal(&reader->cipher, row->epoch, row->first, column_text(statement, 0),
                             column_text(statement, 1), arena, side, error);
        sqlite3_reset(statement);
    }
    return result;
}

static int block_read(struct journal_reader *reader, const struct head_row *row, bool with_side, struct arena *arena,
                      struct journal_block *block, struct error *error) {
    *block = (struct journal_block){.epoch = row->epoch, .first = row->first, .count = row->count, .hash = row->hash};
    int result = previous_hash(reader, row, &block->previous, error);
    if (result == 0) {
        result = head_read(reader, row, arena, &block->head, error);
    }
    if (result < 0) {
        return result;
    }
    struct hash hash;
    chain_next(&block->previous, row->epoch, row->first, row->count, block->head, &hash);
    if (memcmp(hash.bytes, row->hash.bytes, HASH_BYTES) != 0) {
        return reader_damage("head", row->first, "its hash does not fit its bytes and the row before", error);
    }
    if (with_side) {
        result = side_read(reader, row, arena, &block->side, error);
    }
    if (result == 0) {
        reader->last = *row;
    }
    return result < 0 ? result : 1;
}

/* ---- from the tail ---- */

static int tail_read(struct journal_reader *reader, const struct sealed_block *source, bool with_side,
                     struct arena *arena, struct journal_block *block, struct error *error) {
    const struct record *record = &source->record;
    *block = (struct journal_block){
        .epoch = record->epoch,
        .first = record->first,
        .count = record->count,
        .previous = record->previous,
        .hash = record->hash,
        .head = {arena_copy(arena, source->head.data, source->head.length), source->head.length}};
    if (!block->head.data) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    int result = 0;
    if (with_side) {
        struct text nonce = {(const char *)record->nonce, SIDE_NONCE_BYTES};
        result =
            side_unseal(&reader->cipher, record->epoch, record->first, nonce, source->side, arena, &block->side, error);
    }
    return result < 0 ? result : 1;
}

/* ---- from the database ---- */

/* The row that holds `seq`: 1, 0 when none does. */
static int row_holding(struct journal_reader *reader, uint64_t seq, struct head_row *row, struct error *error) {
    int result = reader_row(reader, seq, row, error);
    return result == 1 && head_row_end(row) < seq ? 0 : result;
}

/* None was found: none is there yet, unless the journal is known to go on behind `after`, or later rows are there. A
 * block may also have been committed just now: look once more. */
static int look_again(struct journal_reader *reader, uint64_t after, uint64_t known, struct head_row *row,
                      struct error *error) {
    struct head_row last = {0};
    int result = reader_row(reader, INT64_MAX, &last, error);
    if (result < 0) {
        return result;
    }
    bool goes_on = known > after || (result == 1 && head_row_end(&last) > after);
    result = goes_on ? row_holding(reader, after + 1, row, error) : 0;
    return goes_on && result == 0 ? reader_damage("head", after + 1, "it is missing", error) : result;
}

/* The head is asked for before the tail is looked at: what is behind it and no longer in the tail is in the database. */
int journal_read(struct journal_reader *reader, uint64_t after, bool with_side, struct arena *arena,
                 struct journal_block *block, struct error *error) {
    struct position head = {0};
    struct head_row row = {0};
    tail_head(reader->tail, &head);
    struct sealed_block *source = tail_take(reader->tail, after + 1);
    if (source) {
        int read = tail_read(reader, source, with_side, arena, block, error);
        sealed_block_release(&source);
        return read;
    }
    int result = row_holding(reader, after + 1, &row, error);
    if (result == 0) {
        result = look_again(reader, after, head.seq, &row, error);
    }
    return result == 1 ? block_read(reader, &row, with_side, arena, block, error) : result;
}
