/* notifier.db. */
#include "services/notifier/store.h"

#include <sodium.h>
#include <stdio.h>

#include "common/journal/chain.h"
#include "services/notifier/columns.h"

#define SCHEMA_VERSION 1

/* Behind the other columns, so that an older file gets them too. */
#define CHECKSUM "checksum BLOB NOT NULL DEFAULT ''"

/* What is folded, in the form that it has by now: of an older file these are made again. */
#define NEWER_TABLES \
    "CREATE TABLE units (path TEXT PRIMARY KEY, name TEXT NOT NULL, place INTEGER NOT NULL, kind TEXT NOT NULL," \
    " closed INTEGER NOT NULL, " CHECKSUM ") WITHOUT ROWID;" \
    "CREATE TABLE contacts (unit TEXT, person TEXT, event BLOB NOT NULL, place INTEGER NOT NULL, name TEXT NOT NULL," \
    " phone TEXT NOT NULL, email TEXT NOT NULL, robot TEXT NOT NULL, govding TEXT NOT NULL, post TEXT NOT " \
    "NULL, " CHECKSUM ", PRIMARY KEY (unit, person)) WITHOUT ROWID;" \
    "CREATE INDEX contacts_person ON contacts (person);" \
    "CREATE TABLE notices (seq INTEGER PRIMARY KEY, checksum BLOB NOT NULL, id BLOB NOT NULL UNIQUE," \
    " unit TEXT NOT NULL, units TEXT NOT NULL, urgent INTEGER NOT NULL, confirm_by INTEGER NOT NULL," \
    " received_at INTEGER NOT NULL, by TEXT NOT NULL, source TEXT NOT NULL, removed INTEGER NOT NULL," \
    " title TEXT NOT NULL, text TEXT NOT NULL, rule TEXT NOT NULL, channels TEXT NOT NULL);" \
    "CREATE TABLE notice_texts (seq INTEGER, channel TEXT, title TEXT NOT NULL, text TEXT NOT NULL, " CHECKSUM \
    ", PRIMARY KEY (seq, channel)) WITHOUT ROWID;" \
    "CREATE INDEX notices_rule ON notices (rule, received_at) WHERE rule <> '';"

static const char schema[] = NEWER_TABLES
    "CREATE TABLE place (one INTEGER PRIMARY KEY CHECK (one = 1), journal INTEGER NOT NULL, epoch INTEGER NOT NULL,"
    " seq INTEGER NOT NULL, short INTEGER NOT NULL, hash BLOB NOT NULL);"
    "CREATE TABLE clients (name TEXT PRIMARY KEY, key TEXT NOT NULL, unit TEXT NOT NULL, role TEXT NOT NULL, " CHECKSUM
    ") WITHOUT ROWID;"
    "CREATE INDEX clients_key ON clients (key);"
    "CREATE TABLE outbox (number INTEGER PRIMARY KEY, due INTEGER, broken INTEGER NOT NULL, checksum BLOB NOT NULL,"
    " ref BLOB NOT NULL UNIQUE, notice BLOB NOT NULL, notice_seq INTEGER NOT NULL, issued_at INTEGER NOT NULL,"
    " urgent INTEGER NOT NULL, revision INTEGER NOT NULL, step INTEGER NOT NULL, person TEXT NOT NULL,"
    " channel TEXT NOT NULL, unit TEXT NOT NULL, place INTEGER NOT NULL, contact BLOB NOT NULL, name TEXT NOT NULL,"
    " address TEXT NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL, repeats INTEGER NOT NULL,"
    " since INTEGER NOT NULL, next_at INTEGER NOT NULL, removed INTEGER NOT NULL, words TEXT NOT NULL,"
    " told BLOB NOT NULL);"
    "CREATE INDEX outbox_state ON outbox (state, issued_at);"
    "CREATE INDEX outbox_notice ON outbox (notice_seq, unit, channel, state, broken);"
    "CREATE TABLE tellings (number INTEGER PRIMARY KEY, checksum BLOB NOT NULL, row INTEGER NOT NULL,"
    " channel TEXT NOT NULL, attempt INTEGER NOT NULL, sending INTEGER NOT NULL, id BLOB NOT NULL, event BLOB NOT "
    "NULL);"
    "CREATE INDEX tellings_row ON tellings (row);";

/* Also for a file that was made before them: what is ready apart from what is put off, both in the order in which they are
 * asked for; a notice's rows in their places, and by person. */
static const char indexes[] =
    "DROP INDEX IF EXISTS outbox_due;"
    "CREATE INDEX IF NOT EXISTS outbox_ready ON outbox (channel, urgent DESC, place, notice_seq)"
    " WHERE due = 0 AND broken = 0;"
    "CREATE INDEX IF NOT EXISTS outbox_delayed ON outbox (channel, due) WHERE due > 0 AND broken = 0;"
    "CREATE INDEX IF NOT EXISTS outbox_place ON outbox (notice_seq, place, channel);"
    "CREATE INDEX IF NOT EXISTS outbox_person ON outbox (notice_seq, person);";

/* What is folded, and what is kept beside it, with the columns of its checksums. Outbox, notices and tellings check their own. */
static const struct kept {
    const char *table;
    const char *columns;
} kept[] = {
    {"units", "path, name, place, kind, closed"},
    {"clients", "name, key, unit, role"},
    {"contacts", "unit, person, event, place, name, phone, email, robot, govding, post"},
    {"notice_texts", "seq, channel, title, text"},
    {"rules", "rule, id, head, side"},
    {"rule_versions", "rule, version, id, head, side"},
    {"silences", "silence, event, unit, units, rule, begin, until, urgent, owner, reason"},
    {"incidents", "first, rule, version, unit, subject, period, first_at, steps, repeats, next_at, ended, round"},
    {"alerts", "id, first"},
    {"readings", "notice, unit, person, source, read_at, confirmed_at, answered_at, recalled_at, answered_by, answer"},
    {"matters", "kind, subject, unit, begun, place, open"},
    {"groups", "row, person, channel, came, key, due, spacing, carrier"},
    {"flushes", "person, channel, key, at"},
    {"office_settings", "name, value"},
    {"codes", "person, matter, number, notice, ref, unit, until, state"},
    {"handles", "handle, ref, attempt, at"},
    {"messages", "id, phone, person, at, state, event, reply"},
    {"buckets", "kind, of, channel, at, more"},
    {"looked", "rule, version, at"}};
#define KEPT_COUNT (sizeof kept / sizeof *kept)

/* ---- checksums ---- */

/* The first cell of an answer as a number; 0 when there is no row. */
static int ask_number(struct store *store, const char *sql, int64_t *number, struct error *error) {
    sqlite3_stmt *statement = NULL;
    int result = database_prepare(&store->database, sql, &statement, error);
    if (result == 0) {
        result = database_step(&store->database, statement, error);
        *number = result == 1 ? sqlite3_column_int64(statement, 0) : 0;
    }
    sqlite3_finalize(statement);
    return result < 0 ? result : 0;
}

/* A file from before there were rules, or rounds of them: what lacks columns is made anew, and the stream is folded again from
 * its beginning, which changes nothing of the outbox. */
static int renew(struct store *store, struct error *error) {
    static const char sql[] = "BEGIN IMMEDIATE; DROP TABLE units; DROP TABLE contacts; DROP TABLE notices;"
                              " DROP TABLE IF EXISTS notice_texts; DROP TABLE IF EXISTS incidents;"
                              " DROP TABLE IF EXISTS alerts; " NEWER_TABLES " DELETE FROM place; COMMIT";
    int there = columns_has(&store->database, "contacts", "post", error);
    int incidents = there == 1 ? columns_has(&store->database, "incidents", "first", error) : there;
    there = incidents == 1  ? columns_has(&store->database, "incidents", "round", error)
            : incidents < 0 ? incidents
                            : there;
    int result = there == 0 ? database_execute(&store->database, sql, error) : there < 0 ? there : 0;
    if (there == 0 && result < 0) {
        database_rollback(&store->database);
    }
    return result;
}

static int open_folded(struct store *store, struct error *error) {
    int result = columns_register(&store->database, error);
    result = result < 0 ? result : renew(store, error);
    result = result < 0 ? result : database_execute(&store->database, indexes, error);
    result = result < 0 ? result : rulebook_open(&store->rulebook, &store->database, error);
    result = result < 0 ? result : history_open(&store->history, &store->database, error);
    result = result < 0 ? result : silences_open(&store->silences, &store->database, error);
    result = result < 0 ? result : incidents_open(&store->incidents, &store->database, error);
    result = result < 0 ? result : matters_open(&store->matters, &store->database, error);
    result = result < 0 ? result : readings_open(&store->readings, &store->database, error);
    result = result < 0 ? result : reached_open(&store->reached, &store->database, error);
    result = result < 0 ? result : looked_open(&store->looked, &store->database, error);
    result = result < 0 ? result : messages_open(&store->messages, &store->database, error);
    result = result < 0 ? result : groups_open(&store->groups, &store->database, error);
    result = result < 0 ? result : office_settings_open(&store->settings, &store->database, error);
    result = result < 0 ? result : codes_open(&store->codes, &store->database, error);
    result = result < 0 ? result : handles_open(&store->handles, &store->database, error);
    result = result < 0 ? result : buckets_open(&store->buckets, &store->database, error);
    for (size_t i = 0; i < KEPT_COUNT && result == 0; i++) {
        result = columns_add_checksum(&store->database, kept[i].table, kept[i].columns, error);
    }
    return result;
}

static int check_table(struct store *store, const struct kept *of, int64_t *checked, struct error *error) {
    char sql[300];
    char value[60];
    int64_t unfit = 0;
    int64_t rows = 0;
    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s WHERE checksum IS NOT row_checksum(%s)", of->table, of->columns);
    int result = ask_number(store, sql, &unfit, error);
    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", of->table);
    result = result < 0 ? result : ask_number(store, sql, &rows, error);
    *checked += rows;
    if (result == 0 && unfit > 0) {
        snprintf(value, sizeof value, "%lld of its rows do not fit their checksums", (long long)unfit);
        result = error_set(error, ERR_CORRUPT, (struct error_words){.field = of->table, .value = value});
    }
    return result;
}

/* Position and generation in the file are those that were written or read last. */
static int check_place(struct store *store, struct error *error) {
    char sql[400];
    char hash[2 * HASH_BYTES + 1];
    int64_t others = 0;
    const struct position *place = &store->place;
    sodium_bin2hex(hash, sizeof hash, store->place_hash.bytes, HASH_BYTES);
    snprintf(sql, sizeof sql,
             "SELECT (SELECT count(*) FROM place WHERE NOT (journal = %lld AND epoch = %lld AND seq = %lld AND"
             " short = %lld AND hash = x'%s')) + (SELECT count(*) FROM generation WHERE NOT (id = %lld AND"
             " number = %lld))",
             (long long)place->journal, (long long)place->epoch, (long long)place->seq, (long long)place->hash, hash,
             (long long)store->generation.id, (long long)store->generation.number);
    int result = ask_number(store, sql, &others, error);
    if (result == 0 && others > 0) {
        result = error_set(error, ERR_CORRUPT,
                           (struct error_words){.field = "place", .value = "it is not what was written last"});
    }
    return result;
}

int store_check_kept(struct store *store, int64_t *checked, struct error *error) {
    int result = check_place(store, error);
    for (size_t i = 0; i < KEPT_COUNT && result == 0; i++) {
        result = check_table(store, &kept[i], checked, error);
    }
    return result;
}

/* ---- the position ---- */

static int place_load(struct store *store, struct error *error) {
    sqlite3_stmt *statement = NULL;
    int result =
        database_prepare(&store->database, "SELECT journal, epoch, seq, short, hash FROM place", &statement, error);
    if (result == 0) {
        result = database_step(&store->database, statement, error);
    }
    if (result == 1) {
        store->position = (struct position){.journal = (uint64_t)sqlite3_column_int64(statement, 0),
                                            .epoch = (uint64_t)sqlite3_column_int64(statement, 1),
                                            .seq = (uint64_t)sqlite3_column_int64(statement, 2),
                                            .hash = (uint64_t)sqlite3_column_int64(statement, 3)};
        store->saved = store->position.seq;
        bool fits = column_bytes(statement, 4, store->hash.bytes, HASH_BYTES) &&
                    (store->position.seq == 0 || chain_short(&store->hash) == store->position.hash);
        result = fits ? 0
                      : error_set(error, ERR_CORRUPT,
                                  (struct error_words){.field = store->database.path, .value = "its position is none"});
    }
    store->place = store->position;
    store->place_hash = store->hash;
    sqlite3_finalize(statement);
    return result;
}

static int place_save(struct store *store, struct error *error) {
    sqlite3_stmt *statement = store->place_put;
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)store->position.journal);
    sqlite3_bind_int64(statement, 2, (sqlite3_int64)store->position.epoch);
    sqlite3_bind_int64(statement, 3, (sqlite3_int64)store->position.seq);
    sqlite3_bind_int64(statement, 4, (sqlite3_int64)store->position.hash);
    bind_bytes(statement, 5, store->hash.bytes, HASH_BYTES);
    return statement_run(&store->database, statement, error);
}

/* ---- life ---- */

static int open_tables(struct store *store, const struct log *log, struct error *error) {
    struct database *database = &store->database;
    int result = units_open(&store->units, database, error);
    result = result < 0 ? result : clients_open(&store->clients, database, error);
    result = result < 0 ? result : contacts_open(&store->contacts, database, error);
    result = result < 0 ? result : notices_open(&store->notices, database, log, error);
    result = result < 0 ? result : outbox_open(&store->outbox, database, log, error);
    result = result < 0 ? result : tellings_open(&store->tellings, database, log, error);
    return result < 0 ? result
                      : database_prepare(database,
                                         "INSERT OR REPLACE INTO place (one, journal, epoch, seq, short, hash)"
                                         " VALUES (1, ?1, ?2, ?3, ?4, ?5)",
                                         &store->place_put, error);
}

static int open_checked(struct store *store, const struct log *log, struct error *error) {
    int result = database_check(&store->database, false, error);
    result = result < 0 ? result : generation_open(&store->generation, &store->database, error);
    result = result < 0 ? result : open_folded(store, error);
    result = result < 0 ? result : open_tables(store, log, error);
    return result < 0 ? result : place_load(store, error);
}

int store_open(struct store *store, const char *path, const struct log *log, struct error *error) {
    /* A crash may have come between an erasure and the emptying of the log. */
    *store = (struct store){.erased = true, .generation.witness.descriptor = -1};
    int result = generation_check_file(path, error);
    result = result < 0 ? result : database_open(&store->database, path, DATABASE_FULL, schema, SCHEMA_VERSION, error);
    if (result < 0) {
        return result;
    }
    database_keep_log(&store->database, true); /* what is damaged stays as it is */
    result = open_checked(store, log, error);
    if (result < 0) {
        store_close(store);
    } else {
        database_keep_log(&store->database, false);
    }
    return result;
}

void store_close(struct store *store) {
    if (!store->database.handle) {
        return;
    }
    store_rollback(store);
    units_close(&store->units);
    clients_close(&store->clients);
    contacts_close(&store->contacts);
    notices_close(&store->notices);
    outbox_close(&store->outbox);
    readings_close(&store->readings);
    reached_close(&store->reached);
    tellings_close(&store->tellings);
    buckets_close(&store->buckets);
    rulebook_close(&store->rulebook);
    history_close(&store->history);
    silences_close(&store->silences);
    incidents_close(&store->incidents);
    matters_close(&store->matters);
    looked_close(&store->looked);
    messages_close(&store->messages);
    groups_close(&store->groups);
    office_settings_close(&store->settings);
    codes_close(&store->codes);
    handles_close(&store->handles);
    sqlite3_finalize(store->place_put);
    store->place_put = NULL;
    generation_close(&store->generation);
    database_close(&store->database);
}

/* ---- transactions ---- */

int store_read(struct store *store, struct error *error) {
    int result = store->begun || store->reading ? 0 : database_execute(&store->database, "BEGIN", error);
    store->reading = result == 0 && !store->begun;
    return result;
}

int store_read_end(struct store *store, struct error *error) {
    int result = store->reading ? database_execute(&store->database, "COMMIT", error) : 0;
    store->reading = false;
    return result;
}

int store_begin(struct store *store, struct error *error) {
    if (store->begun) {
        return 0;
    }
    int result = store_read_end(store, error);
    result = result < 0 ? result : database_begin(&store->database, error);
    store->begun = result == 0;
    return result;
}

void store_rollback(struct store *store) {
    database_rollback(&store->database);
    rulebook_doubt(&store->rulebook);
    office_settings_doubt(&store->settings);
    store->begun = false;
    store->reading = false;
}

/* Until it is done, what was erased lies in the log. A reader in the way or a full disk: with the next commit. */
static int log_truncate(struct store *store, struct error *error) {
    if (!store->erased) {
        return 0;
    }
    int result = database_truncate_log(&store->database, error);
    store->erased = result < 0;
    return result == -ERR_BUSY || result == -ERR_NO_SPACE ? 0 : result;
}

int store_commit(struct store *store, struct error *error) {
    if (!store->begun) {
        return store_read_end(store, error);
    }
    int result = place_save(store, error);
    result = result < 0 ? result : generation_raise(&store->generation, error);
    result = result < 0 ? result : database_commit(&store->database, error);
    if (result < 0) {
        store_rollback(store);
        return result;
    }
    store->begun = false;
    store->saved = store->position.seq;
    store->place = store->position;
    store->place_hash = store->hash;
    result = generation_committed(&store->generation, error);
    return result < 0 ? result : log_truncate(store, error);
}

int store_save(struct store *store, struct error *error) {
    int result = 0;
    if (store->position.seq != store->saved) {
        result = store_begin(store, error);
        result = result < 0 ? result : store_commit(store, error);
    }
    return result < 0 ? result : log_truncate(store, error);
}
