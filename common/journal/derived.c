/* Ids and marks: added with each block, made again from the heads. */
#include "common/journal/derived.h"

#include <assert.h>

#include "common/failpoint.h"
#include "common/journal/block.h"
#include "common/journal/reader.h"

#define BLOCKS_PER_COMMIT 64
#define BLOCK_MEMORY (512u << 20)
#define CHECKED_EVENTS 20000 /* of the last ones, at each opening: 0.05 s */

int derived_open(struct derived *derived, struct database *database, struct error *error) {
    *derived = (struct derived){.database = database};
    int result = database_prepare(database, "INSERT INTO ids VALUES(?, ?)", &derived->insert_id, error);
    if (result == 0) {
        result = database_prepare(database, "INSERT OR IGNORE INTO marks VALUES(?, ?)", &derived->insert_mark, error);
    }
    return result;
}

void derived_close(struct derived *derived) {
    sqlite3_finalize(derived->insert_id);
    sqlite3_finalize(derived->insert_mark);
    *derived = (struct derived){0};
}

static int insert(struct derived *derived, sqlite3_stmt *statement, struct text key, uint64_t seq,
                  struct error *error) {
    sqlite3_bind_blob(statement, 1, key.data, (int)key.length, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, (sqlite3_int64)seq);
    return database_step(derived->database, statement, error);
}

int derived_add_id(struct derived *derived, const struct id *id, uint64_t seq, struct error *error) {
    return insert(derived, derived->insert_id, (struct text){(const char *)id->bytes, ID_BYTES}, seq, error);
}

int derived_add_mark(struct derived *derived, struct text key, uint64_t seq, struct error *error) {
    assert(key.length > 0 && key.length <= JOURNAL_KEY_MAX);
    return insert(derived, derived->insert_mark, key, seq, error);
}

/* Which tables are to be made again, and how far that has come. */
struct restoration {
    struct derived derived;
    struct journal_reader *reader;
    struct arena *arena;
    journal_derive derive; /* NULL: marks are left as they are */
    uint64_t through;
};

static int event_add(struct restoration *restoration, const struct event *event, struct error *error) {
    int result = derived_add_id(&restoration->derived, &event->id, event->seq, error);
    if (result < 0 || !restoration->derive) {
        return result;
    }
    char room[JOURNAL_EVENT_MARKS][JOURNAL_KEY_MAX];
    struct text keys[JOURNAL_EVENT_MARKS];
    uint32_t count = restoration->derive(event, room, keys);
    assert(count <= JOURNAL_EVENT_MARKS);
    for (uint32_t i = 0; i < count && result == 0; i++) {
        result = derived_add_mark(&restoration->derived, keys[i], event->seq, error);
    }
    return result;
}

/* 1 when a block was added, 0 when there is no more. */
static int block_add(struct restoration *restoration, struct error *error) {
    struct journal_block block;
    arena_reset(restoration->arena);
    int result = journal_read(restoration->reader, restoration->through, false, restoration->arena, &block, error);
    if (result <= 0) {
        return result;
    }
    struct block_walk walk = {.block = &block};
    struct event event;
    while ((result = block_next(&walk, restoration->arena, &event, error)) == 1) {
        result = event_add(restoration, &event, error);
        if (result < 0) {
            return result;
        }
    }
    restoration->through = block.first + block.count - 1;
    return result < 0 ? result : 1;
}

/* One transaction's worth. 1 more to do, 0 done. */
static int slice_add(struct restoration *restoration, struct database *database, struct error *error) {
    int result = database_begin(database, error);
    int more = 1;
    for (int i = 0; i < BLOCKS_PER_COMMIT && result == 0 && more == 1; i++) {
        more = block_add(restoration, error);
        result = more < 0 ? more : 0;
    }
    if (result == 0) {
        result = more == 1 ? meta_write(database, "rebuilt", restoration->through, error)
                           : meta_remove(database, "rebuilt", error);
    }
    FAILPOINT("intake-inside-restoration");
    if (result == 0) {
        result = database_commit(database, error);
    }
    if (result < 0) {
        database_rollback(database);
    }
    return result < 0 ? result : more;
}

/* Empties the tables and notes that they are to be filled, in one transaction. */
static int begin_anew(struct database *database, bool marks, uint64_t version, struct error *error) {
    int result = database_begin(database, error);
    if (result == 0) {
        result = schema_make_derived(database, marks, error);
    }
    if (result == 0 && marks) {
        result = meta_write(database, "marks", version, error);
    }
    if (result == 0) {
        result = meta_write(database, "rebuilt", 0, error);
    }
    if (result == 0) {
        result = database_commit(database, error);
    }
    if (result < 0) {
        database_rollback(database);
    }
    return result;
}

/* 1 when the block behind `after` is found by its ids and marks, and `*after` moves on; 0 when something is missing. */
static int block_fits(struct restoration *restoration, uint64_t *after, struct error *error) {
    struct journal_block block;
    int64_t checked = 0;
    arena_reset(restoration->arena);
    int result = journal_read(restoration->reader, *after, false, restoration->arena, &block, error);
    if (result <= 0) {
        return result < 0 ? result : 1;
    }
    struct block_walk walk = {.block = &block};
    struct event event;
    while ((result = block_next(&walk, restoration->arena, &event, error)) == 1) {
        result = verify_derived(restoration->reader, &event, &checked, error);
        if (result < 0) {
            return result == -ERR_CORRUPT ? 0 : result;
        }
    }
    *after = block.first + block.count - 1;
    return result < 0 ? result : 1;
}

/* Whether the last events are found by their ids and marks: 1 or 0. An id that is not found would be stored twice, and
 * nothing else tells that the table is damaged. Bounded, so that a long journal opens as fast; older ones are for
 * journal_verify. */
static int last_fit(struct restoration *restoration, struct error *error) {
    struct position head;
    struct head_row row = {0};
    int result = journal_reader_head(restoration->reader, &head, error);
    if (result < 0 || head.seq == 0) {
        return result < 0 ? result : 1;
    }
    result = reader_row(restoration->reader, head.seq > CHECKED_EVENTS ? head.seq - CHECKED_EVENTS : 1, &row, error);
    uint64_t after = result == 1 ? row.first - 1 : 0;
    int fits = result < 0 ? result : 1;
    while (fits == 1 && after < head.seq) {
        fits = block_fits(restoration, &after, error);
    }
    return fits;
}

/* An id that stands in the heads twice leads to the first; journal_verify names the other. */
static int open_filling(struct derived *derived, struct database *database, struct error *error) {
    int result = derived_open(derived, database, error);
    if (result == 0) {
        sqlite3_finalize(derived->insert_id);
        result = database_prepare(database, "INSERT OR IGNORE INTO ids VALUES(?, ?)", &derived->insert_id, error);
    }
    return result;
}

static int fill(struct restoration *restoration, struct database *database, struct error *error) {
    int result = open_filling(&restoration->derived, database, error);
    int more = result < 0 ? result : 1;
    while (more == 1) {
        more = slice_add(restoration, database, error);
    }
    derived_close(&restoration->derived);
    return more;
}

/* Whether the marks are of the version that `options` derives; any will do for who cannot derive them. */
static int marks_fit(struct database *database, const struct journal_options *options, struct error *error) {
    uint64_t version = 0;
    int found = options->derive ? meta_read(database, "marks", &version, error) : 0;
    return found < 0 ? found : !options->derive || version == options->derive_version;
}

int derived_make_tables(struct database *database, const struct journal_options *options, struct error *error) {
    bool ids = false;
    bool marks = false;
    int result = schema_find_derived(database, &ids, &marks, error);
    int fit = result < 0 ? result : marks_fit(database, options, error);
    if (fit < 0 || (fit == 1 && ids && marks)) {
        return fit < 0 ? fit : 0;
    }
    uint64_t last = 0;
    result = schema_last_block(database, &last, error);
    if (result == 0 && !marks && !options->derive && last > 0) {
        result = reader_damage("table marks", 0, "it is missing, and only intake can make it again", error);
    }
    return result < 0 ? result : begin_anew(database, !marks || options->derive, options->derive_version, error);
}

/* Whether there is something to fill: 1 from `through` on, 0 not. */
static int plan(struct restoration *restoration, struct database *database, uint64_t version, struct error *error) {
    int begun = meta_read(database, "rebuilt", &restoration->through, error);
    if (begun != 0) {
        return begun;
    }
    int fits = last_fit(restoration, error);
    if (fits != 0) {
        return fits < 0 ? fits : 0;
    }
    int result = begin_anew(database, restoration->derive != NULL, version, error);
    return result < 0 ? result : 1;
}

int derived_restore(struct database *database, const struct journal_options *options, struct error *error) {
    struct restoration restoration = {.derive = options->derive, .arena = arena_create(BLOCK_MEMORY)};
    int result = restoration.arena ? 0 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    if (result == 0) {
        result = journal_reader_open(&restoration.reader, options, error);
    }
    if (result == 0) {
        result = plan(&restoration, database, options->derive_version, error);
    }
    if (result == 1) {
        int filled = fill(&restoration, database, error);
        result = filled < 0 ? filled : 1;
    }
    journal_reader_close(&restoration.reader);
    arena_destroy(&restoration.arena);
    return result;
}
