/* Incoming messages in SQLite. */
#include "services/notifier/incoming/messages.h"

#include <assert.h>

static const char table[] =
    "CREATE TABLE IF NOT EXISTS messages (id BLOB PRIMARY KEY, phone TEXT NOT NULL, person TEXT NOT NULL,"
    " at INTEGER NOT NULL, state INTEGER NOT NULL, event BLOB NOT NULL, reply TEXT NOT NULL, checksum BLOB NOT NULL)"
    " WITHOUT ROWID";

enum { PUT, GET, NEWEST, SET_STATE, FORGET_BEFORE, FORGET_PERSON, COUNT, OF_EVENT, OLDEST, STATEMENT_COUNT };

static_assert(STATEMENT_COUNT == MESSAGES_STATEMENTS, "room for each");

#define SELECT \
    "SELECT id, phone, person, at, state, event, reply FROM messages" \
    " WHERE checksum IS row_checksum(id, phone, person, at, state, event, reply) AND "

static const char *const sql[STATEMENT_COUNT] = {
    [PUT] = "INSERT OR REPLACE INTO messages (id, phone, person, at, state, event, reply, checksum)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, row_checksum(?1, ?2, ?3, ?4, ?5, ?6, ?7))",
    [GET] = SELECT "id = ?1",
    [NEWEST] = SELECT "phone = ?1 AND state = ?2 ORDER BY at DESC, id DESC LIMIT 1",
    [SET_STATE] = "UPDATE messages SET state = ?2,"
                  " checksum = row_checksum(id, phone, person, at, ?2, event, reply) WHERE id = ?1",
    [FORGET_BEFORE] = "DELETE FROM messages WHERE at < ?1",
    [FORGET_PERSON] = "DELETE FROM messages WHERE person = ?1",
    [COUNT] = "SELECT count(*) FROM messages WHERE phone = ?1 AND state = ?2",
    [OF_EVENT] = SELECT "state = ?1 AND event = ?2",
    [OLDEST] = "SELECT min(at) FROM messages",
};

int messages_open(struct messages *messages, struct database *database, struct error *error) {
    *messages = (struct messages){.database = database};
    int result = database_execute(database, table, error);
    return result < 0 ? result : statements_open(database, sql, STATEMENT_COUNT, messages->statements, error);
}

void messages_close(struct messages *messages) {
    statements_close(messages->statements, STATEMENT_COUNT);
}

int messages_put(struct messages *messages, const struct message *message, struct error *error) {
    sqlite3_stmt *statement = messages->statements[PUT];
    bind_id(statement, 1, &message->id);
    bind_text(statement, 2, message->phone);
    bind_text(statement, 3, message->person);
    sqlite3_bind_int64(statement, 4, message->at);
    sqlite3_bind_int64(statement, 5, message->state);
    bind_bytes(statement, 6, message->event.data ? message->event.data : "", message->event.length);
    bind_text(statement, 7, message->reply);
    return statement_run(messages->database, statement, error);
}

static bool keep(struct arena *arena, struct text *text) {
    text->data = arena_copy(arena, text->data, text->length);
    return text->data != NULL;
}

static int read_one(struct messages *messages, sqlite3_stmt *statement, struct arena *arena, struct message *message,
                    struct error *error) {
    int result = database_step(messages->database, statement, error);
    if (result == 1) {
        *message = (struct message){.phone = column_text(statement, 1),
                                    .person = column_text(statement, 2),
                                    .at = sqlite3_column_int64(statement, 3),
                                    .state = (enum message_state)sqlite3_column_int64(statement, 4),
                                    .reply = column_text(statement, 6)};
        message->event = (struct text){sqlite3_column_blob(statement, 5), (uint32_t)sqlite3_column_bytes(statement, 5)};
        bool whole = column_bytes(statement, 0, message->id.bytes, ID_BYTES) && keep(arena, &message->phone) &&
                     keep(arena, &message->person) && keep(arena, &message->event) && keep(arena, &message->reply);
        result = whole ? 1 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result;
}

int messages_get(struct messages *messages, const struct id *id, struct arena *arena, struct message *message,
                 struct error *error) {
    bind_id(messages->statements[GET], 1, id);
    return read_one(messages, messages->statements[GET], arena, message, error);
}

int messages_newest(struct messages *messages, struct text phone, enum message_state state, struct arena *arena,
                    struct message *message, struct error *error) {
    bind_text(messages->statements[NEWEST], 1, phone);
    sqlite3_bind_int64(messages->statements[NEWEST], 2, state);
    return read_one(messages, messages->statements[NEWEST], arena, message, error);
}

int messages_of_event(struct messages *messages, const struct id *event, struct arena *arena, struct message *message,
                      struct error *error) {
    sqlite3_bind_int64(messages->statements[OF_EVENT], 1, MESSAGE_TELLING);
    bind_id(messages->statements[OF_EVENT], 2, event);
    return read_one(messages, messages->statements[OF_EVENT], arena, message, error);
}

int messages_count(struct messages *messages, struct text phone, enum message_state state, int64_t *count,
                   struct error *error) {
    sqlite3_stmt *statement = messages->statements[COUNT];
    bind_text(statement, 1, phone);
    sqlite3_bind_int64(statement, 2, state);
    int result = database_step(messages->database, statement, error);
    *count = result == 1 ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result < 0 ? result : 0;
}

int messages_oldest(struct messages *messages, int64_t *at, struct error *error) {
    sqlite3_stmt *statement = messages->statements[OLDEST];
    int result = database_step(messages->database, statement, error);
    bool found = result == 1 && sqlite3_column_type(statement, 0) == SQLITE_INTEGER;
    *at = found ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_reset(statement);
    return result < 0 ? result : found;
}

int messages_set_state(struct messages *messages, const struct id *id, enum message_state state, struct error *error) {
    bind_id(messages->statements[SET_STATE], 1, id);
    sqlite3_bind_int64(messages->statements[SET_STATE], 2, state);
    return statement_run(messages->database, messages->statements[SET_STATE], error);
}

int messages_forget_before(struct messages *messages, int64_t at, struct error *error) {
    sqlite3_bind_int64(messages->statements[FORGET_BEFORE], 1, at);
    return statement_run(messages->database, messages->statements[FORGET_BEFORE], error);
}

int messages_forget_person(struct messages *messages, struct text person, struct error *error) {
    bind_text(messages->statements[FORGET_PERSON], 1, person);
    return statement_run(messages->database, messages->statements[FORGET_PERSON], error);
}
