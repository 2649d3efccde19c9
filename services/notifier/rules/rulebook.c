/* The rulebook in SQLite and in memory. */
#include "services/notifier/rules/rulebook.h"

#include <assert.h>

#include "proto/codec.h"
#include "services/notifier/columns.h"

static const char table[] =
    "CREATE TABLE IF NOT EXISTS rules (rule TEXT PRIMARY KEY, id BLOB NOT NULL, head BLOB NOT NULL,"
    " side BLOB NOT NULL, checksum BLOB NOT NULL) WITHOUT ROWID";

#define ROOM_FIRST 16

enum { SET, FORGET, ALL, STATEMENT_COUNT };

static_assert(STATEMENT_COUNT == RULEBOOK_STATEMENTS, "room for each");

#define PUT \
    "INSERT OR REPLACE INTO rules (rule, id, head, side, checksum)" \
    " VALUES (?1, ?2, ?3, ?4, row_checksum(?1, ?2, ?3, ?4))"

static const char *const sql[STATEMENT_COUNT] = {
    [SET] = PUT,
    [FORGET] = "DELETE FROM rules WHERE id = ?1",
    [ALL] = "SELECT head, side, checksum IS row_checksum(rule, id, head, side) FROM rules ORDER BY rule",
};

int rulebook_open(struct rulebook *rulebook, struct database *database, struct error *error) {
    *rulebook = (struct rulebook){.database = database, .arena = arena_create(SIZE_MAX)};
    int result = rulebook->arena ? 0 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    result = result < 0 ? result : database_execute(database, table, error);
    result = result < 0 ? result : statements_open(database, sql, STATEMENT_COUNT, rulebook->statements, error);
    if (result < 0) {
        rulebook_close(rulebook);
    }
    return result;
}

void rulebook_close(struct rulebook *rulebook) {
    statements_close(rulebook->statements, STATEMENT_COUNT);
    arena_destroy(&rulebook->arena);
}

/* ---- writing ---- */

int rulebook_set(struct rulebook *rulebook, const struct event *event, struct error *error) {
    sqlite3_stmt *statement = rulebook->statements[SET];
    struct buffer head = {0};
    struct buffer side = {0};
    rulebook->read = false;
    int result = codec_encode_event(event, PART_HEAD, &head);
    result = result < 0 ? result : codec_encode_event(event, PART_SIDE, &side);
    if (result < 0) {
        result = error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    } else {
        bind_text(statement, 1, event->body->rule.rule);
        bind_id(statement, 2, &event->id);
        bind_bytes(statement, 3, head.data, head.length);
        bind_bytes(statement, 4, side.length > 0 ? side.data : (const uint8_t *)"", side.length);
        result = statement_run(rulebook->database, statement, error);
    }
    buffer_free(&head);
    buffer_free(&side);
    return result;
}

int rulebook_forget_event(struct rulebook *rulebook, const struct id *event, struct error *error) {
    bind_id(rulebook->statements[FORGET], 1, event);
    rulebook->read = false;
    return statement_run(rulebook->database, rulebook->statements[FORGET], error);
}

/* ---- reading ---- */

void rulebook_doubt(struct rulebook *rulebook) {
    rulebook->read = false;
}

static struct text keep_bytes(struct rulebook *rulebook, sqlite3_stmt *statement, int column) {
    uint32_t length = (uint32_t)sqlite3_column_bytes(statement, column);
    const void *bytes = length > 0 ? sqlite3_column_blob(statement, column) : "";
    return (struct text){arena_copy(rulebook->arena, bytes, length), length};
}

static int keep_rule(struct rulebook *rulebook, sqlite3_stmt *statement, struct rule *rule, struct error *error) {
    struct event event;
    size_t used = 0;
    struct text head = keep_bytes(rulebook, statement, 0);
    struct text side = keep_bytes(rulebook, statement, 1);
    if (!head.data || !side.data) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    if (sqlite3_column_int(statement, 2) != 1) {
        return error_set(error, ERR_CORRUPT,
                         (struct error_words){.field = "a rule's row", .value = "it does not fit its checksum"});
    }
    int result = codec_decode_head(head, side, rulebook->arena, &event, &used, error);
    if (result == 0) {
        *rule =
            (struct rule){.id = event.id, .since = event.received_at, .unit = event.unit, .body = &event.body->rule};
        rule->type = wire_has(rule->body->present, FIELD_rule_event) ? event_type_find(rule->body->event) : -1;
    }
    return result;
}

static int add_rule(struct rulebook *rulebook, sqlite3_stmt *statement, struct error *error) {
    if (rulebook->count == rulebook->room) {
        uint32_t room = rulebook->room * 2 + ROOM_FIRST;
        struct rule *more = arena_alloc(rulebook->arena, room * sizeof *more);
        if (!more) {
            return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
        }
        if (rulebook->count > 0) {
            memcpy(more, rulebook->rules, rulebook->count * sizeof *more);
        }
        rulebook->rules = more;
        rulebook->room = room;
    }
    int result = keep_rule(rulebook, statement, &rulebook->rules[rulebook->count], error);
    rulebook->count += result == 0;
    return result;
}

int rulebook_read(struct rulebook *rulebook, struct error *error) {
    sqlite3_stmt *statement = rulebook->statements[ALL];
    int added = 0;
    int result = 1;
    if (rulebook->read) {
        return 0;
    }
    rulebook->room = 0;
    rulebook->count = 0;
    rulebook->rules = NULL;
    arena_reset(rulebook->arena);
    while (added == 0 && (result = database_step(rulebook->database, statement, error)) == 1) {
        added = add_rule(rulebook, statement, error);
    }
    sqlite3_reset(statement);
    result = added < 0 ? added : result;
    rulebook->read = result == 0;
    return result;
}

const struct rule *rulebook_find(const struct rulebook *rulebook, struct text name) {
    for (uint32_t i = 0; i < rulebook->count; i++) {
        if (text_equal(rulebook->rules[i].body->rule, name)) {
            return &rulebook->rules[i];
        }
    }
    return NULL;
}

bool rule_is_about(const struct rule *rule, struct text unit) {
    const struct text *units = rule->body->units.items;
    bool among = rule->body->units.count == 0;
    for (uint32_t i = 0; i < rule->body->units.count && !among; i++) {
        among = path_is_within(unit, units[i]);
    }
    return among && path_is_within(unit, rule->unit);
}

bool rule_is_on(const struct rule *rule) {
    return !rule->body->off && rule->body->templates.count > 0;
}
