/* The WAL: when it is written back, and when it is full. */
#include "common/database_log.h"

#include <stdlib.h>

#include "common/failpoint.h"

#define PAGE_BYTES 4096
#define LOG_PAGES 1000        /* the log is written back when it is longer: 4 MB */
#define LOG_PAGES_MAX 16000   /* and then readers are waited for, so that it can begin anew */
#define LOG_PAGES_STEP 1000   /* how much is written between two such waits */
#define LOG_PAGES_LIMIT 65536 /* 256 MB */
#define ASK_MS 100
#define LIMIT_MS 1000

/* Waits for readers, for so long at most. */
static int begin_anew(sqlite3 *handle, const char *schema, int wait_ms) {
    sqlite3_busy_timeout(handle, wait_ms);
    int result = sqlite3_wal_checkpoint_v2(handle, schema, SQLITE_CHECKPOINT_RESTART, NULL, NULL);
    sqlite3_busy_timeout(handle, DATABASE_BUSY_MS);
    return result;
}

static int forgive(sqlite3 *handle, int result) {
    return database_is_busy(result) || database_is_full(handle, result) ? SQLITE_OK : result;
}

int database_log_write_back(sqlite3 *handle, const char *schema) {
    return forgive(handle, sqlite3_wal_checkpoint_v2(handle, schema, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL));
}

/* SQLite's own automatic checkpoint hides its errors, a failed sync among them. This one lets the commit that set it
 * off report them. */
static int on_commit(void *data, sqlite3 *handle, const char *schema, int pages) {
    struct database_log *log = data;
    pages *= log->scale;
    log->asked = pages < log->pages ? 0 : log->asked; /* it has begun anew */
    log->pages = pages;
    if (pages < log->least) {
        return SQLITE_OK;
    }
    bool asks = pages >= LOG_PAGES_MAX && pages - log->asked >= LOG_PAGES_STEP;
    log->asked = asks ? pages : log->asked;
    FAILPOINT("database-before-checkpoint");
    int result = asks ? forgive(handle, begin_anew(handle, schema, ASK_MS)) : database_log_write_back(handle, schema);
    FAILPOINT("database-after-checkpoint");
    return result;
}

static int page_scale(sqlite3 *handle) {
    sqlite3_stmt *statement = NULL;
    int bytes = PAGE_BYTES;
    if (sqlite3_prepare_v2(handle, "PRAGMA page_size", -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW) {
        bytes = sqlite3_column_int(statement, 0);
    }
    sqlite3_finalize(statement);
    return bytes > PAGE_BYTES ? bytes / PAGE_BYTES : 1;
}

struct database_log *database_log_open(sqlite3 *handle) {
    struct database_log *log = malloc(sizeof *log);
    if (log) {
        *log = (struct database_log){.scale = page_scale(handle), .least = LOG_PAGES, .limit = LOG_PAGES_LIMIT};
        sqlite3_wal_hook(handle, on_commit, log);
    }
    return log;
}

int database_log_check(struct database *database, struct error *error) {
    struct database_log *log = database->log;
    if (!log || log->pages < log->limit) {
        return 0;
    }
    int result = begin_anew(database->handle, "main", LIMIT_MS);
    if (result != SQLITE_OK) {
        return database_error(database, result, error);
    }
    log->pages = 0;
    return 0;
}
