/* The helper over SQLite: settings that are read back, statements, transactions, checkpoints whose errors count. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/database_log.h"
#include "common/failpoint.h"
#include "common/folder.h"

#define PAGE_BYTES 4096

/* A setting, how it is read back, and what must be read. */
struct pragma {
    const char *set;
    const char *read;
    const char *expected;
};

static const struct pragma pragmas_of_all[] = {
    {"PRAGMA foreign_keys=OFF", "PRAGMA foreign_keys", "0"},
    {"PRAGMA trusted_schema=OFF", "PRAGMA trusted_schema", "0"},
    {"PRAGMA cell_size_check=ON", "PRAGMA cell_size_check", "1"},
    {"PRAGMA temp_store=MEMORY", "PRAGMA temp_store", "2"},
    {"PRAGMA mmap_size=0", NULL, NULL},
    {"PRAGMA cache_size=-16384", "PRAGMA cache_size", "-16384"},
};
static const struct pragma pragmas_of_writers[] = {
    {"PRAGMA journal_mode=WAL", "PRAGMA journal_mode", "wal"},
    {"PRAGMA secure_delete=ON", "PRAGMA secure_delete", "1"},
    {"PRAGMA journal_size_limit=67108864", NULL, NULL},
    {"PRAGMA wal_autocheckpoint=0", "PRAGMA wal_autocheckpoint", "0"},
};
static const struct pragma synchronous[] = {
    [DATABASE_FULL] = {"PRAGMA synchronous=FULL", "PRAGMA synchronous", "2"},
    [DATABASE_BULK] = {"PRAGMA synchronous=FULL", "PRAGMA synchronous", "2"},
    [DATABASE_NORMAL] = {"PRAGMA synchronous=NORMAL", "PRAGMA synchronous", "1"},
    [DATABASE_BULK_NORMAL] = {"PRAGMA synchronous=NORMAL", "PRAGMA synchronous", "1"},
};

/* SQLite tells only ENOSPC as SQLITE_FULL; a write over the quota finds no room either, nor does the index of the log. */
bool database_is_full(sqlite3 *handle, int result) {
    int system = sqlite3_system_errno(handle);
    bool writes = result == SQLITE_IOERR_WRITE || result == SQLITE_IOERR_SHMSIZE;
    return (result & 0xFF) == SQLITE_FULL || (writes && (system == ENOSPC || system == EDQUOT));
}

bool database_is_busy(int result) {
    return (result & 0xFF) == SQLITE_BUSY || (result & 0xFF) == SQLITE_LOCKED || (result & 0xFF) == SQLITE_INTERRUPT;
}

int database_error(struct database *database, int result, struct error *error) {
    if (database_is_full(database->handle, result)) {
        return error_set(error, ERR_NO_SPACE, (struct error_words){0});
    }
    if (database_is_busy(result)) {
        return error_set(error, ERR_BUSY, (struct error_words){.limit = "1000"});
    }
    switch (result & 0xFF) {
    case SQLITE_NOMEM:
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return error_set(error, ERR_CORRUPT,
                         (struct error_words){.field = database->path, .value = sqlite3_errstr(result)});
    default:
        break;
    }
    int system = sqlite3_system_errno(database->handle);
    const char *text = database->handle ? sqlite3_errmsg(database->handle) : sqlite3_errstr(result);
    return error_setf(error, ERR_IO, "%s: %s (SQLite %d, system %d)", database->path, text, result, system);
}

int database_execute(struct database *database, const char *sql, struct error *error) {
    int result = sqlite3_exec(database->handle, sql, NULL, NULL, NULL);
    return result == SQLITE_OK ? 0 : database_error(database, result, error);
}

int database_prepare(struct database *database, const char *sql, sqlite3_stmt **statement, struct error *error) {
    int result = sqlite3_prepare_v3(database->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL);
    if ((result & 0xFF) == SQLITE_ERROR) { /* what is asked for is written in the program: the schema is another */
        return error_set(error, ERR_CORRUPT,
                         (struct error_words){.field = database->path, .value = sqlite3_errmsg(database->handle)});
    }
    return result == SQLITE_OK ? 0 : database_error(database, result, error);
}

int database_step(struct database *database, sqlite3_stmt *statement, struct error *error) {
    int result = sqlite3_step(statement);
    if (result == SQLITE_ROW) {
        return 1;
    }
    int outcome = result == SQLITE_DONE ? 0 : database_error(database, result, error);
    sqlite3_reset(statement);
    return outcome;
}

int database_begin(struct database *database, struct error *error) {
    int result = database_log_check(database, error);
    return result < 0 ? result : database_execute(database, "BEGIN IMMEDIATE", error);
}

/* The index of the log grows after the sync: when there is no room for it nobody knows what is stored, and "no space"
 * would mean that nothing is. */
int database_commit(struct database *database, struct error *error) {
    FAILPOINT("database-before-commit");
    int result = sqlite3_exec(database->handle, "COMMIT", NULL, NULL, NULL);
    FAILPOINT("database-after-commit");
    if (result == SQLITE_IOERR_SHMSIZE) {
        return error_setf(error, ERR_IO, "%s: no room for the index of its log after a commit", database->path);
    }
    return result == SQLITE_OK ? 0 : database_error(database, result, error);
}

void database_rollback(struct database *database) {
    if (!sqlite3_get_autocommit(database->handle)) {
        sqlite3_exec(database->handle, "ROLLBACK", NULL, NULL, NULL);
    }
}

void database_set_log_pages(struct database *database, int pages) {
    database->log->least = pages;
}

void database_set_log_limit(struct database *database, int64_t bytes) {
    int64_t pages = bytes / PAGE_BYTES;
    database->log->limit = pages < INT_MAX ? (int)pages : INT_MAX;
}

int database_truncate_log(struct database *database, struct error *error) {
    FAILPOINT("database-before-truncation");
    int result = sqlite3_wal_checkpoint_v2(database->handle, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    FAILPOINT("database-after-truncation");
    return result == SQLITE_OK ? 0 : database_error(database, result, error);
}

void database_keep_log(struct database *database, bool keep) {
    sqlite3_db_config(database->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keep, NULL);
}

int database_check(struct database *database, bool indexes, struct error *error) {
    sqlite3_stmt *statement = NULL;
    const char *sql = indexes ? "PRAGMA integrity_check(1)" : "PRAGMA quick_check(1)";
    int result = database_prepare(database, sql, &statement, error);
    if (result == 0) {
        result = database_step(database, statement, error);
    }
    const char *found = result == 1 ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    if (result >= 0) {
        bool fits = found && strcmp(found, "ok") == 0;
        struct error_words words = {.field = database->path, .value = found ? found : "it is not checked"};
        result = fits ? 0 : error_set(error, ERR_CORRUPT, words);
    }
    sqlite3_finalize(statement);
    return result;
}

static int pragma_apply(struct database *database, const struct pragma *pragma, struct error *error) {
    int result = database_execute(database, pragma->set, error);
    if (result < 0 || !pragma->read) {
        return result;
    }
    sqlite3_stmt *statement = NULL;
    result = database_prepare(database, pragma->read, &statement, error);
    if (result == 0) {
        result = database_step(database, statement, error);
    }
    const char *found = result == 1 ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    if (result >= 0 && (!found || strcmp(found, pragma->expected) != 0)) {
        result = error_setf(error, ERR_IO, "%s: %s was not taken, it is %s", database->path, pragma->set,
                            found ? found : "unknown");
    }
    sqlite3_finalize(statement);
    return result < 0 ? result : 0;
}

static int pragmas_apply(struct database *database, const struct pragma *pragmas, size_t count, struct error *error) {
    int result = 0;
    for (size_t i = 0; i < count && result == 0; i++) {
        result = pragma_apply(database, &pragmas[i], error);
    }
    return result;
}

static int version_read(struct database *database, int *version, struct error *error) {
    sqlite3_stmt *statement = NULL;
    int result = database_prepare(database, "PRAGMA user_version", &statement, error);
    if (result == 0) {
        result = database_step(database, statement, error);
        *version = result == 1 ? sqlite3_column_int(statement, 0) : 0;
    }
    sqlite3_finalize(statement);
    return result < 0 ? result : 0;
}

static int schema_create(struct database *database, const char *schema, int version, struct error *error) {
    char sql[64];
    snprintf(sql, sizeof sql, "PRAGMA user_version=%d", version);
    int result = database_begin(database, error);
    if (result == 0) {
        result = database_execute(database, schema, error);
    }
    if (result == 0) {
        result = database_execute(database, sql, error);
    }
    FAILPOINT("database-inside-schema");
    if (result == 0) {
        result = database_commit(database, error);
    }
    if (result < 0) {
        database_rollback(database);
    }
    return result;
}

/* A version that says "new" of a file which holds something is damaged. */
static int schema_is_empty(struct database *database, struct error *error) {
    sqlite3_stmt *statement = NULL;
    int result = database_prepare(database, "SELECT 1 FROM sqlite_schema LIMIT 1", &statement, error);
    if (result == 0) {
        result = database_step(database, statement, error);
    }
    sqlite3_finalize(statement);
    return result < 0 ? result : result == 0;
}

static int schema_check(struct database *database, enum database_mode mode, const char *schema, int version,
                        struct error *error) {
    int found = 0;
    int result = version_read(database, &found, error);
    if (result < 0 || found == version) {
        return result;
    }
    int empty = found == 0 && mode != DATABASE_READ ? schema_is_empty(database, error) : 0;
    if (empty != 0) {
        return empty < 0 ? empty : schema_create(database, schema, version, error);
    }
    char text[120];
    snprintf(text, sizeof text,
             "its format is version %d, this program reads version %d: use the program that wrote it", found, version);
    return error_set(error, ERR_CORRUPT, (struct error_words){.field = database->path, .value = text});
}

/* A new file is made here, so that nobody else may read it. An existing one is not touched: closing a descriptor of
 * our own would drop the locks that this process holds on it (fcntl(2)). */
static int file_create(const char *path, struct error *error) {
    int descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0 && errno != EEXIST) {
        return error_system(error, path);
    }
    if (descriptor >= 0) {
        close(descriptor);
    }
    return 0;
}

static int settings_apply(struct database *database, enum database_mode mode, struct error *error) {
    sqlite3_extended_result_codes(database->handle, 1);
    sqlite3_busy_timeout(database->handle, DATABASE_BUSY_MS);
    size_t of_all = sizeof pragmas_of_all / sizeof *pragmas_of_all;
    int result = pragmas_apply(database, pragmas_of_all, of_all, error);
    if (result < 0 || mode == DATABASE_READ) {
        return result;
    }
    if (mode == DATABASE_BULK || mode == DATABASE_BULK_NORMAL) { /* before the file has a page */
        result = database_execute(database, "PRAGMA page_size=16384", error);
    }
    size_t of_writers = sizeof pragmas_of_writers / sizeof *pragmas_of_writers;
    result = result < 0 ? result : pragmas_apply(database, pragmas_of_writers, of_writers, error);
    if (result == 0) {
        result = pragma_apply(database, &synchronous[mode], error);
    }
    if (result == 0) {
        database->log = database_log_open(database->handle);
        result = database->log ? 0 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    return result;
}

/* A process that was killed between writing and syncing leaves commits in the log that were never synced. Whoever reads
 * them from now on takes them for durable, so they become so first. What lies in the page cache may also be there after
 * a sync that failed, and another sync of the log would not write it (fsync(2)): written back into the database, it is.
 * Without room for that the log alone is synced, which SQLite does first. */
static int log_make_durable(struct database *database, struct error *error) {
    int result = database_log_write_back(database->handle, "main");
    return result == SQLITE_OK ? 0 : database_error(database, result, error);
}

int database_open(struct database *database, const char *path, enum database_mode mode, const char *schema, int version,
                  struct error *error) {
    *database = (struct database){.path = strdup(path)};
    if (!database->path) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    int flags = SQLITE_OPEN_READONLY;
    int result = 0;
    if (mode != DATABASE_READ) {
        flags = SQLITE_OPEN_READWRITE;
        result = file_create(path, error);
    }
    if (result == 0) {
        int opened = sqlite3_open_v2(path, &database->handle, flags | SQLITE_OPEN_NOMUTEX, NULL);
        result = opened == SQLITE_OK ? 0 : database_error(database, opened, error);
    }
    if (result == 0) {
        result = settings_apply(database, mode, error);
    }
    if (result == 0) {
        result = schema_check(database, mode, schema, version, error);
    }
    /* SQLite syncs the folder of a new log too, but does not look at the result. */
    if (result == 0 && mode != DATABASE_READ) {
        result = folder_sync_of(path, error);
    }
    if (result == 0 && (mode == DATABASE_FULL || mode == DATABASE_BULK)) {
        result = log_make_durable(database, error);
    }
    if (result == -(int)ERR_NO_SPACE && error && database->handle) {
        error_wrap(error, "%s", path);
    }
    if (result < 0) {
        database_close(database);
    }
    return result;
}

void database_close(struct database *database) {
    sqlite3_close_v2(database->handle);
    free((char *)database->path);
    free(database->log);
    *database = (struct database){0};
}
