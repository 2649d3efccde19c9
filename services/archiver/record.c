/* The record's life in SQLite: opening, its place, blocks, and cleaning the files after something was forgotten. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/failpoint.h"
#include "common/journal/chain.h"
#include "services/archiver/search.h"
#include "services/archiver/words.h"

#define PATH_SIZE 4200
#define CHECKED_BYTES_MAX (64 * 1024 * 1024) /* of a file that is checked when it is opened */
#define LOG_PAGES 8000 /* a block of a thousand reports writes 1,000 pages and more: not two syncs for each */

static int damaged(const struct record *record, const char *what, struct error *error) {
    return error_set(error, ERR_CORRUPT, (struct error_words){.field = record->database.path, .value = what});
}

static void copy_path(const struct record *record, char out[PATH_SIZE]) {
    snprintf(out, PATH_SIZE, "%s.clean", record->path);
}

/* A copy that cleaning left behind when the process ended. */
static int remove_copy(struct record *record, struct error *error) {
    char path[PATH_SIZE];
    copy_path(record, path);
    return record_remove(path, error);
}

/* ---- statements ---- */

static int prepare_all(struct record *record, struct error *error) {
    static const char *const sql[RECORD_STATEMENT_COUNT] = {
#define STATEMENT(NAME, text) [RECORD_##NAME] = (text),
        RECORD_STATEMENTS(STATEMENT)
#undef STATEMENT
    };
    int result = 0;
    for (int i = 0; i < RECORD_STATEMENT_COUNT && result == 0; i++) {
        result = database_prepare(&record->database, sql[i], &record->statements[i], error);
    }
    return result;
}

int record_run(struct record *record, enum record_statement statement, struct error *error) {
    int result = database_step(&record->database, record->statements[statement], error);
    sqlite3_clear_bindings(record->statements[statement]);
    return result < 0 ? result : 0;
}

/* ---- opening ---- */

static int make_place(struct record *record, const struct hash *covers, struct error *error) {
    sqlite3_stmt *statement = NULL;
    int result =
        database_prepare(&record->database, "INSERT INTO place VALUES (0, 0, 0, 0, ?, ?, 0, 0, 0)", &statement, error);
    if (result == 0) {
        bind_blob(statement, 1, record->hash.bytes, HASH_BYTES);
        bind_blob(statement, 2, covers->bytes, HASH_BYTES);
        result = database_step(&record->database, statement, error);
    }
    sqlite3_finalize(statement);
    return result;
}

static int take_place(struct record *record, sqlite3_stmt *statement, const struct hash *covers, struct error *error) {
    struct text chain = column_bytes(statement, PLACE_CHAIN);
    struct text made_for = column_bytes(statement, PLACE_COVERS);
    if (chain.length != HASH_BYTES || !text_equal(made_for, (struct text){(const char *)covers->bytes, HASH_BYTES})) {
        return damaged(record, "its search covers other fields than this program's", error);
    }
    record->position = column_position(statement);
    memcpy(record->hash.bytes, chain.data, HASH_BYTES);
    record->unclean = sqlite3_column_int(statement, PLACE_UNCLEAN) != 0;
    record->counts.reports = sqlite3_column_int64(statement, PLACE_REPORTS);
    record->counts.versions = sqlite3_column_int64(statement, PLACE_VERSIONS);
    bool fits = record->position.seq == 0 || chain_short(&record->hash) == record->position.hash;
    return fits ? 0 : damaged(record, "its position is none", error);
}

static int load_place(struct record *record, struct error *error) {
    struct hash covers;
    words_fingerprint(&covers);
    sqlite3_stmt *statement = NULL;
    int result = database_prepare(&record->database, SELECT_PLACE, &statement, error);
    if (result == 0) {
        result = database_step(&record->database, statement, error);
        result = result == 1   ? take_place(record, statement, &covers, error)
                 : result == 0 ? make_place(record, &covers, error)
                               : result;
    }
    sqlite3_finalize(statement);
    return result;
}

static int open_database(struct record *record, struct error *error) {
    int result =
        database_open(&record->database, record->path, DATABASE_BULK_NORMAL, RECORD_SCHEMA, RECORD_VERSION, error);
    if (result == 0) {
        database_set_log_pages(&record->database, LOG_PAGES);
        result = prepare_all(record, error);
    }
    return result;
}

static void close_database(struct record *record) {
    for (int i = 0; i < RECORD_STATEMENT_COUNT; i++) {
        sqlite3_finalize(record->statements[i]);
        record->statements[i] = NULL;
    }
    if (record->database.handle) {
        database_close(&record->database);
    }
}

/* Every page is read once; rows have no checksums of their own. A start must not take longer the more there is: in a
 * larger file damage is found by the question that meets it, or by verifying. */
static int check_file(struct record *record, struct error *error) {
    struct stat file;
    bool large = stat(record->path, &file) == 0 && file.st_size > CHECKED_BYTES_MAX;
    return large ? 0 : database_check(&record->database, false, error);
}

static int load(struct record *record, const char *path, struct error *error) {
    static int (*const steps[])(struct record *, struct error *) = {remove_copy, open_database, check_file, load_place};
    int result = 0;
    record->path = strdup(path);
    record->arena = arena_create(EVENT_MEMORY);
    record->postings = postings_create(SEARCH_DOCUMENTS);
    if (!record->path || !record->arena || !record->postings) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    for (size_t i = 0; i < sizeof steps / sizeof *steps && result == 0; i++) {
        result = steps[i](record, error);
    }
    return result;
}

int record_open(struct record **record, const char *path, struct error *error) {
    struct record *self = calloc(1, sizeof *self);
    if (!self) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    int result = load(self, path, error);
    *record = self;
    if (result < 0) {
        record_close(record);
    }
    return result;
}

void record_close(struct record **record) {
    struct record *self = *record;
    if (!self) {
        return;
    }
    *record = NULL;
    close_database(self);
    free(self->path);
    arena_destroy(&self->arena);
    buffer_free(&self->words);
    postings_destroy(&self->postings);
    free(self);
}

int record_remove(const char *path, struct error *error) {
    static const char *const endings[] = {"", "-wal", "-shm"};
    char file[PATH_SIZE + 8];
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        snprintf(file, sizeof file, "%s%s", path, endings[i]);
        if (unlink(file) < 0 && errno != ENOENT) {
            return error_setf(error, ERR_IO, "%s: %s", file, strerror(errno));
        }
    }
    return 0;
}

/* ---- blocks ---- */

void record_place(const struct record *record, struct position *position, struct hash *hash) {
    *position = record->position;
    *hash = record->hash;
}

struct record_counts record_counts(const struct record *record) {
    return record->counts;
}

int record_begin(struct record *record, struct error *error) {
    if (record->begun) {
        return 0;
    }
    record->before = record->counts;
    record->was_unclean = record->unclean;
    record->held = record->position;
    record->held_hash = record->hash;
    int result = database_begin(&record->database, error);
    record->begun = result == 0;
    return result;
}

static int write_place(struct record *record, const struct position *position, const struct hash *hash, bool unclean,
                       struct error *error) {
    sqlite3_stmt *statement = record->statements[RECORD_SET_PLACE];
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)position->journal);
    sqlite3_bind_int64(statement, 2, (sqlite3_int64)position->epoch);
    sqlite3_bind_int64(statement, 3, (sqlite3_int64)position->seq);
    sqlite3_bind_int64(statement, 4, (sqlite3_int64)position->hash);
    bind_blob(statement, 5, hash->bytes, HASH_BYTES);
    sqlite3_bind_int(statement, 6, unclean);
    sqlite3_bind_int64(statement, 7, record->counts.reports);
    sqlite3_bind_int64(statement, 8, record->counts.versions);
    return record_run(record, RECORD_SET_PLACE, error);
}

void record_hold(struct record *record, const struct position *after, const struct hash *hash) {
    record->held = *after;
    record->held_hash = *hash;
}

uint64_t record_held(const struct record *record, struct position *after) {
    *after = record->begun ? record->held : record->position;
    return after->seq - record->position.seq;
}

int record_commit(struct record *record, struct error *error) {
    if (!record->begun) {
        return 0;
    }
    int result = write_place(record, &record->held, &record->held_hash, record->unclean, error);
    if (result == 0) {
        result = database_commit(&record->database, error);
    }
    if (result < 0) {
        record_rollback(record);
        return result;
    }
    record->begun = false;
    record->position = record->held;
    record->hash = record->held_hash;
    return 0;
}

void record_rollback(struct record *record) {
    if (record->begun) {
        database_rollback(&record->database);
        search_doubt(record);
        record->counts = record->before;
        record->unclean = record->was_unclean;
        record->begun = false;
    }
}

/* ---- cleaning ---- */

bool record_is_unclean(const struct record *record) {
    return record->unclean;
}

/* The index holds what was dropped until its segments are made anew; and a page may keep bytes of rows that moved to
 * another: only a copy of all rows holds nothing else. */
int record_clean_copy(struct record *record, struct error *error) {
    char path[PATH_SIZE];
    copy_path(record, path);
    int result = remove_copy(record, error);
    if (result == 0) {
        result = search_renew(record, error);
    }
    sqlite3_stmt *statement = NULL;
    if (result == 0) {
        result = database_prepare(&record->database, "VACUUM INTO ?", &statement, error);
    }
    if (result == 0) {
        bind_text(statement, 1, text_of(path));
        result = database_step(&record->database, statement, error);
    }
    sqlite3_finalize(statement);
    if (result < 0) {
        remove_copy(record, NULL);
    }
    return result;
}

int record_clean_swap(struct record *record, struct error *error) {
    char path[PATH_SIZE];
    copy_path(record, path);
    FAILPOINT("archiver-before-swap");
    close_database(record);
    int result = record_remove(record->path, error);
    FAILPOINT("archiver-inside-swap");
    if (result == 0 && rename(path, record->path) < 0) {
        result = error_setf(error, ERR_IO, "%s: %s", path, strerror(errno));
    }
    if (result == 0) {
        result = open_database(record, error);
    }
    if (result == 0) {
        result = write_place(record, &record->position, &record->hash, false, error);
    }
    record->unclean = result < 0;
    return result;
}
