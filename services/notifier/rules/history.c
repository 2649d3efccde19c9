/* The history of the rules in SQLite. */
#include "services/notifier/rules/history.h"

#include <assert.h>

#include "proto/codec.h"
#include "services/notifier/columns.h"

static const char table[] =
    "CREATE TABLE IF NOT EXISTS rule_versions (rule TEXT, version INTEGER, id BLOB NOT NULL, head BLOB NOT NULL,"
    " side BLOB NOT NULL, checksum BLOB NOT NULL, PRIMARY KEY (rule, version)) WITHOUT ROWID";

enum { NOTE, TRIM, FORGET, READ, STATEMENT_COUNT };

static_assert(STATEMENT_COUNT == HISTORY_STATEMENTS, "room for each");

static const char *const sql[STATEMENT_COUNT] = {
    [NOTE] = "INSERT OR REPLACE INTO rule_versions (rule, version, id, head, side, checksum)"
             " VALUES (?1, ?2, ?3, ?4, ?5, row_checksum(?1, ?2, ?3, ?4, ?5))",
    [TRIM] = "DELETE FROM rule_versions WHERE rule = ?1 AND version NOT IN"
             " (SELECT version FROM rule_versions WHERE rule = ?1 ORDER BY version DESC LIMIT ?2)",
    [FORGET] = "DELETE FROM rule_versions WHERE id = ?1",
    [READ] = "SELECT head, side, checksum IS row_checksum(rule, version, id, head, side) FROM rule_versions"
             " WHERE rule = ?1 ORDER BY version DESC LIMIT ?2",
};

int history_open(struct history *history, struct database *database, struct error *error) {
    *history = (struct history){.database = database};
    int result = database_execute(database, table, error);
    return result < 0 ? result : statements_open(database, sql, STATEMENT_COUNT, history->statements, error);
}

void history_close(struct history *history) {
    statements_close(history->statements, STATEMENT_COUNT);
}

/* ---- writing ---- */

static int write_version(struct history *history, const struct event *event, const struct buffer *head,
                         const struct buffer *side, struct error *error) {
    sqlite3_stmt *statement = history->statements[NOTE];
    bind_text(statement, 1, event->body->rule.rule);
    sqlite3_bind_int64(statement, 2, event->body->rule.version);
    bind_id(statement, 3, &event->id);
    bind_bytes(statement, 4, head->data, head->length);
    bind_bytes(statement, 5, side->length > 0 ? side->data : (const uint8_t *)"", side->length);
    int result = statement_run(history->database, statement, error);
    if (result == 0) {
        bind_text(history->statements[TRIM], 1, event->body->rule.rule);
        sqlite3_bind_int(history->statements[TRIM], 2, RULE_VERSIONS_MAX);
        result = statement_run(history->database, history->statements[TRIM], error);
    }
    return result;
}

int history_note(struct history *history, const struct event *event, struct error *error) {
    struct buffer head = {0};
    struct buffer side = {0};
    int result = codec_encode_event(event, PART_HEAD, &head);
    result = result < 0 ? result : codec_encode_event(event, PART_SIDE, &side);
    result = result < 0 ? error_set(error, ERR_NO_MEMORY, (struct error_words){0})
                        : write_version(history, event, &head, &side, error);
    buffer_free(&head);
    buffer_free(&side);
    return result;
}

int history_forget_event(struct history *history, const struct id *event, struct error *error) {
    bind_id(history->statements[FORGET], 1, event);
    return statement_run(history->database, history->statements[FORGET], error);
}

/* ---- reading ---- */

static struct text keep_bytes(struct arena *arena, sqlite3_stmt *statement, int column) {
    uint32_t length = (uint32_t)sqlite3_column_bytes(statement, column);
    const void *bytes = length > 0 ? sqlite3_column_blob(statement, column) : "";
    return (struct text){arena_copy(arena, bytes, length), length};
}

static void fill_version(const struct event *event, struct wire_rule_version *version) {
    *version = (struct wire_rule_version){.version = event->body->rule.version,
                                          .since = event->received_at,
                                          .by = event->by,
                                          .source = event->source,
                                          .definition = {(void *)&event->body->rule, 1}};
    const bool absent[FIELD_COUNT_rule_version] = {
        [FIELD_rule_version_by] = event->by.length == 0, [FIELD_rule_version_source] = event->source.length == 0};
    for (unsigned i = 0; i < FIELD_COUNT_rule_version; i++) {
        version->present |= (uint64_t)!absent[i] << i;
    }
}

static int read_version(sqlite3_stmt *statement, struct arena *arena, struct wire_rule_version *version,
                        struct error *error) {
    struct event event;
    size_t used = 0;
    struct text head = keep_bytes(arena, statement, 0);
    struct text side = keep_bytes(arena, statement, 1);
    if (!head.data || !side.data) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    if (sqlite3_column_int(statement, 2) != 1) {
        return error_set(error, ERR_CORRUPT,
                         (struct error_words){.field = "a version of a rule", .value = "it does not fit its checksum"});
    }
    int result = codec_decode_head(head, side, arena, &event, &used, error);
    if (result == 0) {
        fill_version(&event, version);
    }
    return result;
}

int history_read(struct history *history, struct text rule, struct arena *arena, struct list *versions,
                 struct error *error) {
    sqlite3_stmt *statement = history->statements[READ];
    struct wire_rule_version *items = arena_alloc(arena, RULE_VERSIONS_MAX * sizeof *items);
    uint32_t count = 0;
    int taken = 0;
    int result = 1;
    if (!items) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    bind_text(statement, 1, rule);
    sqlite3_bind_int(statement, 2, RULE_VERSIONS_MAX);
    while (taken == 0 && (result = database_step(history->database, statement, error)) == 1) {
        taken = read_version(statement, arena, &items[count], error);
        count += taken == 0;
    }
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    *versions = (struct list){items, count};
    return taken < 0 ? taken : result;
}
