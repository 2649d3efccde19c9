/* Comparing records: everything that two of them say, row by row, each row as a hash. */
#include <inttypes.h>
#include <stdio.h>

#include <sodium.h>

#include "services/archiver/search.h"

/* What a record says, table by table; the first column names the row. The search index says nothing besides: it is
 * compared with the texts of its own record (search_check). */
static const struct {
    const char *name;
    const char *sql;
} tables[] = {
    {"unit", "SELECT path, name FROM units ORDER BY path"},
    {"version at seq", "SELECT seq, report, id, ordinal, content, until, withdrawn, received_at, unit, programmes, day,"
                       " day_end, number, activity, attendances FROM versions ORDER BY seq"},
    {"mark at seq", "SELECT seq, mark, value, report FROM marks ORDER BY seq, mark"},
    {"event at seq", "SELECT seq, report, head, side FROM events ORDER BY seq"},
    {"volunteer at seq",
     "SELECT seq, id, kind, minor, joined, number, name, phone, platform FROM volunteers ORDER BY seq"},
    {"particulars at seq", "SELECT seq, id, volunteer, number, name, phone, platform FROM particulars ORDER BY seq"},
    {"service of the volunteer at seq", "SELECT volunteer, unit, left FROM serves ORDER BY volunteer, unit"},
    {"remark at seq", "SELECT seq, id, volunteer, by, text FROM remarks ORDER BY seq"},
};
#define TABLE_COUNT (sizeof tables / sizeof *tables)
#define NAME_MAX_BYTES 110

/* A walk over all rows. Zero-initialise, set `reader`. */
struct walk {
    struct record_reader *reader;
    size_t table;
    sqlite3_stmt *statement;
    char name[RECORD_DIFFERENCE_MAX - 60]; /* of the row */
    struct hash hash;                      /* of the row */
};

static void walk_end(struct walk *walk) {
    sqlite3_finalize(walk->statement);
    walk->statement = NULL;
}

static void add_column(crypto_generichash_state *state, sqlite3_stmt *statement, int column) {
    int64_t head[2] = {sqlite3_column_type(statement, column), 0};
    struct text bytes = {0};
    if (head[0] == SQLITE_INTEGER) {
        head[1] = sqlite3_column_int64(statement, column);
    } else if (head[0] != SQLITE_NULL) {
        bytes = column_bytes(statement, column);
        head[1] = bytes.length;
    }
    crypto_generichash_update(state, (const uint8_t *)head, sizeof head);
    crypto_generichash_update(state, (const uint8_t *)bytes.data, bytes.length);
}

static void take_row(struct walk *walk) {
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, HASH_BYTES);
    for (int i = 0; i < sqlite3_column_count(walk->statement); i++) {
        add_column(&state, walk->statement, i);
    }
    crypto_generichash_final(&state, walk->hash.bytes, HASH_BYTES);
    snprintf(walk->name, sizeof walk->name, "%s %.*s", tables[walk->table].name, NAME_MAX_BYTES,
             (const char *)sqlite3_column_text(walk->statement, 0));
}

/* 1 with the next row, 0 at the end. */
static int walk_next(struct walk *walk, struct error *error) {
    struct database *database = &walk->reader->database;
    for (; walk->table < TABLE_COUNT; walk->table++) {
        int result = 0;
        if (!walk->statement) {
            result = database_prepare(database, tables[walk->table].sql, &walk->statement, error);
        }
        result = result < 0 ? result : database_step(database, walk->statement, error);
        if (result == 1) {
            take_row(walk);
        }
        if (result != 0) {
            return result;
        }
        walk_end(walk);
    }
    return 0;
}

int record_digest(struct record_reader *reader, struct hash *digest, struct error *error) {
    struct walk walk = {.reader = reader};
    struct position position;
    int result = reader_begin(reader, &position, error);
    if (result < 0) {
        return result;
    }
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, HASH_BYTES);
    while ((result = walk_next(&walk, error)) == 1) {
        crypto_generichash_update(&state, walk.hash.bytes, HASH_BYTES);
    }
    crypto_generichash_final(&state, digest->bytes, HASH_BYTES);
    walk_end(&walk);
    reader_end(reader);
    return result;
}

/* ---- two at a time ---- */

static bool same_position(const struct position *a, const struct position *b) {
    return a->journal == b->journal && a->epoch == b->epoch && a->seq == b->seq && a->hash == b->hash;
}

/* 1 when all rows are the same, 0 with the first that is not. */
static int compare_rows(struct walk *expected, struct walk *found, char difference[RECORD_DIFFERENCE_MAX],
                        int64_t *checked, struct error *error) {
    int more = 1;
    while (more == 1) {
        more = walk_next(expected, error);
        int also = more < 0 ? more : walk_next(found, error);
        if (more < 0 || also < 0) {
            return more < 0 ? more : also;
        }
        bool same =
            more == also &&
            (more == 0 || (expected->table == found->table && memcmp(&expected->hash, &found->hash, HASH_BYTES) == 0));
        if (!same) {
            const struct walk *named = more == 1 ? expected : found;
            snprintf(difference, RECORD_DIFFERENCE_MAX, "%s: not what the journal gives", named->name);
            return 0;
        }
        *checked += more;
    }
    return 1;
}

int record_compare(struct record_reader *expected, struct record_reader *found, char difference[RECORD_DIFFERENCE_MAX],
                   int64_t *checked, struct error *error) {
    struct walk walks[2] = {{.reader = expected}, {.reader = found}};
    struct position positions[2];
    *checked = 0;
    int result = reader_begin(expected, &positions[0], error);
    if (result < 0) {
        return result;
    }
    result = reader_begin(found, &positions[1], error);
    if (result == 0) {
        if (same_position(&positions[0], &positions[1])) {
            /* Which rows an index leads to is seen by nobody who walks them. */
            result = database_check(&found->database, true, error);
            result = result < 0 ? result : compare_rows(&walks[0], &walks[1], difference, checked, error);
            result = result == 1 ? search_check(found, difference, checked, error) : result;
        } else {
            result = error_set(error, ERR_BEHIND, (struct error_words){.limit = "the same position"});
        }
        walk_end(&walks[0]);
        walk_end(&walks[1]);
        reader_end(found);
    }
    reader_end(expected);
    return result;
}
