/* The state file. */
#include "services/aggregator/store.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <sodium.h>

#include "services/aggregator/pages.h"

#define SCHEMA "CREATE TABLE pages (place INTEGER PRIMARY KEY, bytes BLOB NOT NULL, checksum BLOB NOT NULL)"
#define SCHEMA_VERSION 2
#define CHECKSUM_BYTES 16
#define HEAD_PLACE (INT64_C(1) << 62) /* of the head; a page's is its kind << 32 and its number */

struct snapshot_entry {
    int64_t place;
    size_t begin;
    size_t length;
};

/* Poly1305 under a key that everybody knows: not against forgers, but any accident shows, and it is fast. */
static void checksum(struct text bytes, int64_t place, uint8_t out[CHECKSUM_BYTES]) {
    static_assert(CHECKSUM_BYTES == crypto_onetimeauth_BYTES, "the length of a Poly1305 tag");
    uint8_t key[crypto_onetimeauth_KEYBYTES] = "aggregator.db, checksum";
    memcpy(key + sizeof key - sizeof place, &place, sizeof place);
    crypto_onetimeauth(out, (const uint8_t *)bytes.data, bytes.length, key);
}

/* ---- loading ---- */

struct load {
    struct store *store;
    sqlite3_stmt *get;
    struct tally *tally;
    struct error *error;
};

static int damaged(const struct load *load, int64_t place, const char *what) {
    char value[100];
    snprintf(value, sizeof value, "page %lld of kind %lld %s", (long long)(place & UINT32_MAX),
             (long long)(place >> 32), what);
    return error_set(load->error, ERR_CORRUPT,
                     (struct error_words){.field = load->store->database.path, .value = value});
}

static int refused(const struct load *load, int result, int64_t place, const char *what) {
    return result == -ERR_NO_MEMORY ? error_set(load->error, ERR_NO_MEMORY, (struct error_words){0})
                                    : damaged(load, place, what);
}

/* The page's bytes, borrowed until the next one. 1 found, 0 not there, < 0 error. */
static int get_page(const struct load *load, int64_t place, struct text *bytes) {
    sqlite3_reset(load->get);
    sqlite3_bind_int64(load->get, 1, place);
    int result = database_step(&load->store->database, load->get, load->error);
    if (result <= 0) {
        return result;
    }
    *bytes = (struct text){sqlite3_column_blob(load->get, 0), (uint32_t)sqlite3_column_bytes(load->get, 0)};
    uint8_t expected[CHECKSUM_BYTES];
    checksum(*bytes, place, expected);
    const void *found = sqlite3_column_blob(load->get, 1);
    bool fits = sqlite3_column_bytes(load->get, 1) == CHECKSUM_BYTES && memcmp(found, expected, CHECKSUM_BYTES) == 0;
    return fits ? 1 : damaged(load, place, "does not fit its checksum");
}

static int load_kind(const struct load *load, uint32_t kind, uint32_t rows) {
    int result = 0;
    for (uint32_t page = 0; page * (uint64_t)PAGE_ROWS < rows && result == 0; page++) {
        int64_t place = (int64_t)kind << 32 | page;
        struct text bytes;
        int found = get_page(load, place, &bytes);
        if (found <= 0) {
            return found < 0 ? found : damaged(load, place, "is missing");
        }
        result = pages_read(load->tally, kind, bytes);
        if (result < 0) {
            result = refused(load, result, place, "does not fit what it refers to");
        }
    }
    return result == 0 && pages_rows(load->tally, kind) != rows
               ? damaged(load, (int64_t)kind << 32, "and those after it hold another number of rows")
               : result;
}

/* Without a head there are no pages: none was saved yet. */
static int check_empty(const struct load *load) {
    sqlite3_stmt *statement = NULL;
    struct database *database = &load->store->database;
    int result = database_prepare(database, "SELECT 1 FROM pages LIMIT 1", &statement, load->error);
    if (result == 0) {
        result = database_step(database, statement, load->error);
    }
    sqlite3_finalize(statement);
    return result == 1 ? damaged(load, HEAD_PLACE, "is missing") : result;
}

static int load_all(const struct load *load) {
    struct text bytes;
    struct pages_head head;
    int found = get_page(load, HEAD_PLACE, &bytes);
    if (found <= 0) {
        return found < 0 ? found : check_empty(load);
    }
    if (pages_read_head(load->tally, bytes, &head) < 0) {
        return damaged(load, HEAD_PLACE, "is of another version");
    }
    int result = pages_expect(load->tally, &head);
    if (result < 0) {
        return error_set(load->error, ERR_NO_MEMORY, (struct error_words){0});
    }
    for (uint32_t kind = 0; kind < pages_kinds() && result == 0; kind++) {
        result = load_kind(load, kind, head.rows[kind]);
    }
    if (result == 0) {
        int completed = pages_complete(load->tally);
        result = completed < 0 ? refused(load, completed, HEAD_PLACE, "refers to what is not there") : 0;
    }
    load->tally->position = head.position;
    load->tally->hash = head.hash;
    return result;
}

static int load(struct store *store, struct tally *tally, struct error *error) {
    struct load load = {.store = store, .tally = tally, .error = error};
    int result =
        database_prepare(&store->database, "SELECT bytes, checksum FROM pages WHERE place = ?", &load.get, error);
    if (result == 0) { /* one view of the file: else a lock is taken and given back for each page */
        result = database_execute(&store->database, "BEGIN", error);
    }
    if (result == 0) {
        result = load_all(&load);
    }
    sqlite3_finalize(load.get);
    database_rollback(&store->database);
    return result;
}

int store_open(struct store *store, const char *path, struct tally **tally, struct error *error) {
    *store = (struct store){0};
    *tally = tally_create();
    if (!*tally) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    int result = database_open(&store->database, path, DATABASE_NORMAL, SCHEMA, SCHEMA_VERSION, error);
    if (result == 0) {
        result = load(store, *tally, error);
    }
    if (result == 0) {
        result =
            database_prepare(&store->database, "INSERT OR REPLACE INTO pages (place, bytes, checksum) VALUES (?, ?, ?)",
                             &store->put, error);
    }
    if (result < 0) {
        store_close(store);
        tally_destroy(tally);
    }
    return result;
}

void store_close(struct store *store) {
    sqlite3_finalize(store->put);
    if (store->database.handle) {
        database_close(&store->database);
    }
    *store = (struct store){0};
}

int store_move_aside(const char *path, struct error *error) {
    static const char *const endings[] = {"", "-wal", "-shm"};
    char from[4200];
    char to[4200];
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        snprintf(from, sizeof from, "%s%s", path, endings[i]);
        snprintf(to, sizeof to, "%s.damaged%s", path, endings[i]);
        if (rename(from, to) < 0 && errno != ENOENT) {
            return error_setf(error, ERR_IO, "%s: %s", from, strerror(errno));
        }
    }
    return 0;
}

/* ---- saving ---- */

static int add_page(struct snapshot *snapshot, int64_t place, size_t begin) {
    struct snapshot_entry entry = {place, begin, snapshot->bytes.length - begin};
    buffer_append(&snapshot->entries, &entry, sizeof entry);
    return snapshot->bytes.failed || snapshot->entries.failed ? -(int)ERR_NO_MEMORY : 0;
}

uint32_t store_changed(struct tally *tally) {
    uint32_t count = 0;
    for (uint32_t kind = 0; kind < pages_kinds(); kind++) {
        count += dirty_count(pages_dirty(tally, kind));
    }
    return count;
}

static int take_kind(struct tally *tally, uint32_t kind, struct snapshot *snapshot, uint32_t *left) {
    uint32_t page;
    int result = 0;
    while (*left > 0 && result == 0 && dirty_take(pages_dirty(tally, kind), &page)) {
        size_t begin = snapshot->bytes.length;
        pages_write(tally, kind, page, &snapshot->bytes);
        result = add_page(snapshot, (int64_t)kind << 32 | page, begin);
        (*left)--;
    }
    return result;
}

int store_snapshot(struct tally *tally, struct snapshot *snapshot, uint32_t pages) {
    int result = 0;
    for (uint32_t kind = 0; kind < pages_kinds() && result == 0; kind++) {
        result = take_kind(tally, kind, snapshot, &pages);
    }
    snapshot->last = store_changed(tally) == 0;
    if (result == 0 && snapshot->last) {
        size_t begin = snapshot->bytes.length;
        pages_write_head(tally, &snapshot->bytes);
        result = add_page(snapshot, HEAD_PLACE, begin);
    }
    return result;
}

static void snapshot_clear(struct snapshot *snapshot) {
    buffer_clear(&snapshot->bytes);
    buffer_clear(&snapshot->entries);
    snapshot->written = 0;
}

static const struct snapshot_entry *entries_of(const struct snapshot *snapshot, size_t *count) {
    *count = snapshot->entries.length / sizeof(struct snapshot_entry);
    return (const struct snapshot_entry *)(const void *)snapshot->entries.data;
}

int store_give_back(struct tally *tally, struct snapshot *snapshot) {
    size_t count;
    const struct snapshot_entry *entries = entries_of(snapshot, &count);
    int result = 0;
    for (size_t i = 0; i < count && result == 0; i++) {
        if (entries[i].place != HEAD_PLACE) {
            uint32_t page = (uint32_t)(entries[i].place & UINT32_MAX);
            result = dirty_mark(pages_dirty(tally, (uint32_t)(entries[i].place >> 32)), page * PAGE_ROWS);
        }
    }
    snapshot_clear(snapshot);
    return result;
}

void snapshot_free(struct snapshot *snapshot) {
    buffer_free(&snapshot->bytes);
    buffer_free(&snapshot->entries);
}

static int put_page(struct store *store, const struct snapshot *snapshot, const struct snapshot_entry *entry,
                    struct error *error) {
    struct text bytes = {(const char *)snapshot->bytes.data + entry->begin, (uint32_t)entry->length};
    uint8_t sum[CHECKSUM_BYTES];
    checksum(bytes, entry->place, sum);
    sqlite3_bind_int64(store->put, 1, entry->place);
    sqlite3_bind_blob64(store->put, 2, bytes.data, bytes.length, SQLITE_STATIC);
    sqlite3_bind_blob64(store->put, 3, sum, sizeof sum, SQLITE_STATIC);
    int result = database_step(&store->database, store->put, error);
    sqlite3_clear_bindings(store->put);
    return result;
}

static int put_all(struct store *store, struct snapshot *snapshot, struct error *error) {
    size_t count;
    const struct snapshot_entry *entries = entries_of(snapshot, &count);
    int result = snapshot->written == 0 ? database_begin(&store->database, error) : 0;
    for (size_t i = snapshot->written; i < count && result == 0; i++) {
        result = put_page(store, snapshot, &entries[i], error);
    }
    snapshot->written = count;
    return result == 0 && snapshot->last ? database_commit(&store->database, error) : result;
}

int store_write(struct store *store, struct snapshot *snapshot, struct error *error) {
    int result = put_all(store, snapshot, error);
    buffer_clear(&snapshot->bytes);
    if (result < 0) {
        database_rollback(&store->database);
    } else if (snapshot->last) {
        snapshot_clear(snapshot);
    }
    return result;
}
