/* Password verifiers and token hashes in SQLite, each row with its checksum. */
#include "services/portal/accounts.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/generation.h"
#include "services/portal/account_sum.h"

#define SCHEMA_VERSION 1

static const char schema[] =
    "CREATE TABLE verifiers(account TEXT PRIMARY KEY, verifier TEXT NOT NULL, changed_at INTEGER NOT NULL,"
    " checksum BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE tokens(hash BLOB PRIMARY KEY, account TEXT NOT NULL, kind INTEGER NOT NULL,"
    " created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, checksum BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX tokens_of_account ON tokens(account, kind, created_at);";

enum query {
    FIND_VERIFIER,
    SET_VERIFIER,
    FIND_TOKEN,
    ADD_TOKEN,
    DROP_TOKEN,
    DROP_TOKENS,
    DROP_EXPIRED,
    DROP_OLDEST,
    ALL_VERIFIERS,
    ALL_TOKENS,
    QUERY_COUNT
};

static const char *const queries[QUERY_COUNT] = {
    [FIND_VERIFIER] = "SELECT account, verifier, changed_at, checksum FROM verifiers WHERE account = ?1",
    [SET_VERIFIER] = "INSERT OR REPLACE INTO verifiers VALUES(?1, ?2, ?3, ?4)",
    [FIND_TOKEN] = "SELECT hash, account, kind, created_at, expires_at, checksum FROM tokens WHERE hash = ?1",
    [ADD_TOKEN] = "INSERT INTO tokens VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
    [DROP_TOKEN] = "DELETE FROM tokens WHERE hash = ?1",
    [DROP_TOKENS] = "DELETE FROM tokens WHERE account = ?1 AND kind = ?2 AND hash IS NOT ?3",
    [DROP_EXPIRED] = "DELETE FROM tokens WHERE expires_at <= ?1",
    [DROP_OLDEST] = ("DELETE FROM tokens WHERE hash IN (SELECT hash FROM tokens WHERE account = ?1 AND kind = ?2"
                     " ORDER BY created_at DESC LIMIT -1 OFFSET ?3)"),
    [ALL_VERIFIERS] = "SELECT account, verifier, changed_at, checksum FROM verifiers ORDER BY account",
    [ALL_TOKENS] = "SELECT hash, account, kind, created_at, expires_at, checksum FROM tokens ORDER BY hash",
};

#define KNOWN_TOKENS 1024

struct accounts {
    struct database database;
    struct generation generation;
    sqlite3_stmt *statements[QUERY_COUNT];
    struct token_row known[KNOWN_TOKENS]; /* rows as they were read, by their hash; kind 0: a free place */
};

/* ---- checksums ---- */

static bool sum_fits(sqlite3_stmt *statement, int column, const uint8_t sum[CHECKSUM_BYTES]) {
    return sqlite3_column_bytes(statement, column) == CHECKSUM_BYTES &&
           memcmp(sqlite3_column_blob(statement, column), sum, CHECKSUM_BYTES) == 0;
}

static bool take_text(sqlite3_stmt *statement, int column, char *out, size_t size) {
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return text && (size_t)snprintf(out, size, "%s", text) < size;
}

static int damaged(const char *table, const char *account, struct error *error) {
    char what[120];
    snprintf(what, sizeof what, "a row of %s (account %.40s) does not fit its checksum", table, account);
    return error_set(error, ERR_CORRUPT, (struct error_words){.field = "accounts.db", .value = what});
}

/* ---- life ---- */

static int open_file(struct accounts *accounts, const char *path, enum database_mode mode, struct error *error) {
    int result = database_open(&accounts->database, path, mode, schema, SCHEMA_VERSION, error);
    for (int i = 0; result == 0 && i < QUERY_COUNT; i++) {
        result = database_prepare(&accounts->database, queries[i], &accounts->statements[i], error);
    }
    return result;
}

static struct accounts *make(struct accounts **accounts) {
    struct accounts *made = calloc(1, sizeof *made);
    if (!made) {
        return NULL;
    }
    made->generation.witness.descriptor = -1;
    *accounts = made;
    return made;
}

int accounts_open(struct accounts **accounts, const char *directory, struct error *error) {
    char path[4200];
    snprintf(path, sizeof path, "%s/accounts.db", directory);
    int64_t checked = 0;
    struct accounts *made = make(accounts);
    int result = made ? generation_check_file(path, error) : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    if (result == 0) {
        result = open_file(made, path, DATABASE_FULL, error);
    }
    if (result == 0) {
        database_keep_log(&made->database, true); /* what is damaged stays as it is */
        result = accounts_check(made, &checked, error);
    }
    if (result == 0) {
        result = generation_open(&made->generation, &made->database, error);
    }
    if (result == 0) {
        database_keep_log(&made->database, false);
    } else {
        accounts_close(accounts);
    }
    return result;
}

int accounts_open_damaged(struct accounts **accounts, const char *path, struct error *error) {
    struct accounts *made = make(accounts);
    int result =
        made ? open_file(made, path, DATABASE_READ, error) : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    if (result < 0) {
        accounts_close(accounts);
    }
    return result;
}

void accounts_close(struct accounts **accounts) {
    if (!*accounts) {
        return;
    }
    for (int i = 0; i < QUERY_COUNT; i++) {
        sqlite3_finalize((*accounts)->statements[i]);
    }
    generation_close(&(*accounts)->generation);
    database_close(&(*accounts)->database);
    free(*accounts);
    *accounts = NULL;
}

/* Runs a statement that gives no rows. */
static int run(struct accounts *accounts, enum query query, struct error *error) {
    int result = database_step(&accounts->database, accounts->statements[query], error);
    sqlite3_clear_bindings(accounts->statements[query]);
    return result < 0 ? result : 0;
}

/* Ends a transaction whose statements gave `result`. */
static int finish(struct accounts *accounts, int result, struct error *error) {
    if (result >= 0) {
        result = generation_raise(&accounts->generation, error);
    }
    if (result >= 0) {
        result = database_commit(&accounts->database, error);
    }
    if (result < 0) {
        database_rollback(&accounts->database);
        return result;
    }
    return generation_committed(&accounts->generation, error);
}

/* The same in a transaction of its own. */
static int run_durably(struct accounts *accounts, enum query query, struct error *error) {
    int result = database_begin(&accounts->database, error);
    if (result < 0) {
        return result;
    }
    return finish(accounts, run(accounts, query, error), error);
}

static void bind_text(sqlite3_stmt *statement, int index, const char *text) {
    sqlite3_bind_text(statement, index, text, -1, SQLITE_TRANSIENT);
}

static void bind_hash(sqlite3_stmt *statement, int index, const uint8_t *hash) {
    sqlite3_bind_blob(statement, index, hash, TOKEN_HASH_BYTES, SQLITE_TRANSIENT);
}

/* ---- verifiers ---- */

static int read_verifier(sqlite3_stmt *row, char verifier[VERIFIER_SIZE], struct error *error) {
    char account[EVENT_BY_MAX + 1] = "";
    uint8_t sum[CHECKSUM_BYTES];
    bool whole = take_text(row, 0, account, sizeof account) && take_text(row, 1, verifier, VERIFIER_SIZE);
    verifier_sum(account, whole ? verifier : "", sqlite3_column_int64(row, 2), sum);
    return whole && sum_fits(row, 3, sum) ? 1 : damaged("verifiers", account, error);
}

int accounts_verifier(struct accounts *accounts, const char *account, char verifier[VERIFIER_SIZE],
                      struct error *error) {
    sqlite3_stmt *statement = accounts->statements[FIND_VERIFIER];
    bind_text(statement, 1, account);
    int result = database_step(&accounts->database, statement, error);
    if (result == 1) {
        result = read_verifier(statement, verifier, error);
    }
    sqlite3_reset(statement);
    return result;
}

int accounts_set_verifier(struct accounts *accounts, const char *account, const char *verifier, int64_t now,
                          struct error *error) {
    sqlite3_stmt *statement = accounts->statements[SET_VERIFIER];
    uint8_t sum[CHECKSUM_BYTES];
    verifier_sum(account, verifier, now, sum);
    bind_text(statement, 1, account);
    bind_text(statement, 2, verifier);
    sqlite3_bind_int64(statement, 3, now);
    sqlite3_bind_blob(statement, 4, sum, sizeof sum, SQLITE_TRANSIENT);
    return run_durably(accounts, SET_VERIFIER, error);
}

/* ---- tokens ---- */

static int read_token(sqlite3_stmt *statement, struct token_row *row, struct error *error) {
    *row = (struct token_row){0};
    bool whole = sqlite3_column_bytes(statement, 0) == TOKEN_HASH_BYTES &&
                 take_text(statement, 1, row->account, sizeof row->account);
    if (whole) {
        memcpy(row->hash, sqlite3_column_blob(statement, 0), TOKEN_HASH_BYTES);
    }
    row->kind = (enum token_kind)sqlite3_column_int(statement, 2);
    row->created_at = sqlite3_column_int64(statement, 3);
    row->expires_at = sqlite3_column_int64(statement, 4);
    uint8_t sum[CHECKSUM_BYTES];
    token_sum(row, sum);
    return whole && sum_fits(statement, 5, sum) ? 1 : damaged("tokens", row->account, error);
}

/* Nobody else writes this file: what was read stays true until a token is added or dropped here. */
static struct token_row *known_at(struct accounts *accounts, const uint8_t hash[TOKEN_HASH_BYTES]) {
    return &accounts->known[(hash[0] | hash[1] << 8) % KNOWN_TOKENS];
}

static void forget_tokens(struct accounts *accounts) {
    memset(accounts->known, 0, sizeof accounts->known);
}

int accounts_find_token(struct accounts *accounts, const uint8_t hash[TOKEN_HASH_BYTES], struct token_row *row,
                        struct error *error) {
    struct token_row *known = known_at(accounts, hash);
    if (known->kind != 0 && memcmp(known->hash, hash, TOKEN_HASH_BYTES) == 0) {
        *row = *known;
        return 1;
    }
    sqlite3_stmt *statement = accounts->statements[FIND_TOKEN];
    bind_hash(statement, 1, hash);
    int result = database_step(&accounts->database, statement, error);
    if (result == 1) {
        result = read_token(statement, row, error);
    }
    sqlite3_reset(statement);
    if (result == 1) {
        *known = *row;
    }
    return result;
}

static int insert_token(struct accounts *accounts, const struct token_row *row, struct error *error) {
    sqlite3_stmt *statement = accounts->statements[ADD_TOKEN];
    uint8_t sum[CHECKSUM_BYTES];
    token_sum(row, sum);
    bind_hash(statement, 1, row->hash);
    bind_text(statement, 2, row->account);
    sqlite3_bind_int(statement, 3, (int)row->kind);
    sqlite3_bind_int64(statement, 4, row->created_at);
    sqlite3_bind_int64(statement, 5, row->expires_at);
    sqlite3_bind_blob(statement, 6, sum, sizeof sum, SQLITE_TRANSIENT);
    return run(accounts, ADD_TOKEN, error);
}

static int drop_expired(struct accounts *accounts, int64_t now, struct error *error) {
    sqlite3_bind_int64(accounts->statements[DROP_EXPIRED], 1, now);
    return run(accounts, DROP_EXPIRED, error);
}

static int drop_oldest(struct accounts *accounts, const struct token_row *row, struct error *error) {
    sqlite3_stmt *statement = accounts->statements[DROP_OLDEST];
    bind_text(statement, 1, row->account);
    sqlite3_bind_int(statement, 2, (int)row->kind);
    sqlite3_bind_int(statement, 3, ACCOUNT_SESSIONS_MAX);
    return run(accounts, DROP_OLDEST, error);
}

int accounts_add_token(struct accounts *accounts, const struct token_row *row, struct error *error) {
    forget_tokens(accounts);
    int result = database_begin(&accounts->database, error);
    if (result < 0) {
        return result;
    }
    if ((result = drop_expired(accounts, row->created_at, error)) == 0 &&
        (result = insert_token(accounts, row, error)) == 0) {
        result = drop_oldest(accounts, row, error);
    }
    return finish(accounts, result, error);
}

int accounts_drop_token(struct accounts *accounts, const uint8_t hash[TOKEN_HASH_BYTES], struct error *error) {
    forget_tokens(accounts);
    bind_hash(accounts->statements[DROP_TOKEN], 1, hash);
    return run_durably(accounts, DROP_TOKEN, error);
}

int accounts_drop_tokens(struct accounts *accounts, const char *account, enum token_kind kind, const uint8_t *except,
                         struct error *error) {
    forget_tokens(accounts);
    sqlite3_stmt *statement = accounts->statements[DROP_TOKENS];
    bind_text(statement, 1, account);
    sqlite3_bind_int(statement, 2, (int)kind);
    if (except) {
        bind_hash(statement, 3, except);
    }
    return run_durably(accounts, DROP_TOKENS, error);
}

/* ---- all rows ---- */

/* The row at which the statement stands: its account, and that it fits. */
static int read_row(sqlite3_stmt *statement, enum query query, struct token_row *token, char verifier[VERIFIER_SIZE],
                    struct error *error) {
    return query == ALL_TOKENS ? read_token(statement, token, error) : read_verifier(statement, verifier, error);
}

int accounts_check(struct accounts *accounts, int64_t *checked, struct error *error) {
    char verifier[VERIFIER_SIZE];
    struct token_row token;
    *checked = 0;
    int result = database_check(&accounts->database, true, error);
    for (enum query query = ALL_VERIFIERS; query <= ALL_TOKENS && result == 0; query++) {
        sqlite3_stmt *statement = accounts->statements[query];
        while ((result = database_step(&accounts->database, statement, error)) == 1) {
            result = read_row(statement, query, &token, verifier, error);
            if (result < 0) {
                break;
            }
            (*checked)++;
        }
        sqlite3_reset(statement);
    }
    return result;
}

static int copy_verifier(struct accounts *to, sqlite3_stmt *row, const char *verifier, struct error *error) {
    char account[EVENT_BY_MAX + 1] = "";
    take_text(row, 0, account, sizeof account);
    return accounts_set_verifier(to, account, verifier, sqlite3_column_int64(row, 2), error);
}

int accounts_copy(struct accounts *from, struct accounts *to, enum token_kind kind,
                  void (*unfit)(void *data, const struct error *error), void *data, struct error *error) {
    char verifier[VERIFIER_SIZE];
    struct token_row token = {0};
    for (enum query query = ALL_VERIFIERS; query <= ALL_TOKENS; query++) {
        sqlite3_stmt *statement = from->statements[query];
        struct error fault;
        int result;
        while ((result = database_step(&from->database, statement, &fault)) == 1) {
            if (read_row(statement, query, &token, verifier, &fault) < 0) {
                unfit(data, &fault);
                continue;
            }
            int copied = 0;
            if (to && query == ALL_VERIFIERS) {
                copied = copy_verifier(to, statement, verifier, error);
            } else if (to && token.kind == kind) {
                copied = accounts_add_token(to, &token, error);
            }
            if (copied < 0) {
                sqlite3_reset(statement);
                return copied;
            }
        }
        if (result < 0) {
            unfit(data, &fault); /* what stands behind it cannot be reached */
        }
    }
    return 0;
}
