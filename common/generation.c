/* The generation of a database: its row, its witness, and what it means when they differ. */
#include "common/generation.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

#define TABLE \
    "CREATE TABLE IF NOT EXISTS generation (one INTEGER PRIMARY KEY CHECK (one = 1), id INTEGER NOT NULL," \
    " number INTEGER NOT NULL)"
#define PATH_SIZE 4300

void generation_witness_path(const char *path, char *out, size_t size) {
    size_t length = strlen(path);
    bool ends = length > 3 && strcmp(path + length - 3, ".db") == 0;
    snprintf(out, size, "%.*s.witness", (int)(ends ? length - 3 : length), path);
}

static int differs(const char *path, const char *what, struct error *error) {
    return error_set(error, ERR_CORRUPT, (struct error_words){.field = path, .value = what});
}

/* 1 and the mark, 0 when there is none. */
static int witness_look(const char *path, struct witness_mark *mark, struct error *error) {
    char file[PATH_SIZE];
    struct witness witness;
    generation_witness_path(path, file, sizeof file);
    int result = witness_open(&witness, file, mark, error);
    if (result == 1) {
        witness_close(&witness);
    }
    return result;
}

int generation_check_file(const char *path, struct error *error) {
    struct witness_mark mark;
    if (access(path, F_OK) == 0) {
        return 0;
    }
    int found = witness_look(path, &mark, error);
    return found != 1 ? found : differs(path, "it is missing, though its witness stands; restore a backup", error);
}

/* ---- opening ---- */

static int row_load(struct generation *generation, struct error *error) {
    sqlite3_stmt *statement = NULL;
    int result = database_prepare(generation->database, "SELECT id, number FROM generation", &statement, error);
    if (result == 0) {
        result = database_step(generation->database, statement, error);
    }
    if (result == 1) {
        generation->id = (uint64_t)sqlite3_column_int64(statement, 0);
        generation->number = (uint64_t)sqlite3_column_int64(statement, 1);
    }
    sqlite3_finalize(statement);
    return result;
}

static struct witness_mark mark_of(const struct generation *generation) {
    return (struct witness_mark){.journal = generation->id, .epoch = 1, .seq = generation->number};
}

/* Its first generation: nothing was committed before that a witness could have seen. */
static int begin(struct generation *generation, struct error *error) {
    int64_t id = 0;
    while (id == 0) {
        randombytes_buf(&id, sizeof id);
    }
    generation->id = (uint64_t)id;
    int result = database_begin(generation->database, error);
    if (result == 0) {
        result = generation_raise(generation, error);
    }
    if (result == 0) {
        result = database_commit(generation->database, error);
    }
    if (result < 0) {
        database_rollback(generation->database);
    }
    generation->number = generation->next;
    return result;
}

static int compare(struct generation *generation, const struct witness_mark *mark, struct error *error) {
    char what[160];
    if (mark->journal != generation->id) {
        return differs(generation->database->path, "its witness is that of another file", error);
    }
    if (mark->seq > generation->number) {
        snprintf(what, sizeof what,
                 "it lost its end: it was committed %" PRIu64 " times, its witness has seen %" PRIu64
                 "; restore a backup",
                 generation->number, mark->seq);
        return differs(generation->database->path, what, error);
    }
    return 0;
}

static int witness_meet(struct generation *generation, const char *path, struct error *error) {
    struct witness_mark mark;
    int found = witness_open(&generation->witness, path, &mark, error);
    if (found == 1) {
        return compare(generation, &mark, error);
    }
    if (found == 0 && generation->number > 1) {
        return differs(path, "it is missing or unreadable, so nobody knows whether its database is whole; put it back",
                       error);
    }
    mark = mark_of(generation);
    return found < 0 ? found : witness_create(&generation->witness, path, &mark, error);
}

int generation_open(struct generation *generation, struct database *database, struct error *error) {
    char path[PATH_SIZE];
    *generation = (struct generation){.database = database, .witness = {.descriptor = -1}};
    generation_witness_path(database->path, path, sizeof path);
    int result = database_execute(database, TABLE, error);
    if (result == 0) {
        result =
            database_prepare(database, "INSERT OR REPLACE INTO generation VALUES (1, ?1, ?2)", &generation->put, error);
    }
    if (result == 0) {
        result = row_load(generation, error);
    }
    if (result == 0) {
        result = begin(generation, error);
    }
    result = result < 0 ? result : witness_meet(generation, path, error);
    if (result < 0) {
        generation_close(generation);
    }
    return result;
}

void generation_close(struct generation *generation) {
    sqlite3_finalize(generation->put);
    generation->put = NULL;
    witness_close(&generation->witness);
}

/* ---- each transaction ---- */

int generation_raise(struct generation *generation, struct error *error) {
    sqlite3_stmt *statement = generation->put;
    generation->next = generation->number + 1;
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)generation->id);
    sqlite3_bind_int64(statement, 2, (sqlite3_int64)generation->next);
    return database_step(generation->database, statement, error);
}

int generation_committed(struct generation *generation, struct error *error) {
    generation->number = generation->next;
    struct witness_mark mark = mark_of(generation);
    if (witness_write(&generation->witness, &mark, error) < 0) {
        return error_setf(error, ERR_IO, "%s: its witness could not be written behind a commit",
                          generation->database->path);
    }
    return 0;
}
