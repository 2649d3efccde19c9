/* The reading side: opening, one version as it is told, one report with its history. */
#include <stdlib.h>

#include "common/clock.h"
#include "proto/warnings.h"
#include "services/archiver/record_sqlite.h"

#define READER_US INT64_C(8000000) /* less than the portal waits (call-ms) */
#define STEPS_PER_LOOK 10000       /* of SQLite's machine: well under a millisecond */

#define MARK(shape, field) (UINT64_C(1) << FIELD_##shape##_##field)

int record_reader_open(struct record_reader **reader, const char *path, struct error *error) {
    static const char *const sql[READER_STATEMENT_COUNT] = {
#define STATEMENT(NAME, text) [READER_##NAME] = (text),
        READER_STATEMENTS(STATEMENT)
#undef STATEMENT
    };
    struct record_reader *self = calloc(1, sizeof *self);
    if (!self) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    self->arena = arena_create(EVENT_MEMORY);
    int result = self->arena ? database_open(&self->database, path, DATABASE_READ, "", RECORD_VERSION, error)
                             : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    for (int i = 0; i < READER_STATEMENT_COUNT && result == 0; i++) {
        result = database_prepare(&self->database, sql[i], &self->statements[i], error);
    }
    *reader = self;
    if (result < 0) {
        record_reader_close(reader);
    }
    return result;
}

void record_reader_close(struct record_reader **reader) {
    struct record_reader *self = *reader;
    if (!self) {
        return;
    }
    *reader = NULL;
    for (int i = 0; i < READER_STATEMENT_COUNT; i++) {
        sqlite3_finalize(self->statements[i]);
    }
    if (self->database.handle) {
        database_close(&self->database);
    }
    arena_destroy(&self->arena);
    buffer_free(&self->words);
    buffer_free(&self->rows);
    buffer_free(&self->starts);
    buffer_free(&self->voids);
    buffer_free(&self->matches);
    free(self);
}

/* ---- a question's view ---- */

/* Another value than 0 ends the statement. */
static int on_steps(void *data) {
    const struct record_reader *reader = data;
    return clock_monotonic_us() > reader->until_us;
}

int reader_begin(struct record_reader *reader, struct position *position, struct error *error) {
    reader->until_us = clock_monotonic_us() + READER_US;
    sqlite3_progress_handler(reader->database.handle, STEPS_PER_LOOK, on_steps, reader);
    int result = database_execute(&reader->database, "BEGIN", error);
    if (result == 0) {
        result = database_step(&reader->database, reader->statements[READER_PLACE], error);
    }
    if (result == 1) {
        *position = column_position(reader->statements[READER_PLACE]);
        sqlite3_reset(reader->statements[READER_PLACE]);
        return 0;
    }
    return result < 0 ? result
                      : error_set(error, ERR_CORRUPT,
                                  (struct error_words){.field = reader->database.path, .value = "it has no place"});
}

void reader_end(struct record_reader *reader) {
    sqlite3_progress_handler(reader->database.handle, 0, NULL, NULL);
    database_rollback(&reader->database);
}

/* A copy of a text for the answer: what is none must not go out as one. `*failed` keeps the first fault. */
static struct text copy_text(const struct record_reader *reader, sqlite3_stmt *statement, int column,
                             struct arena *arena, int *failed, struct error *error) {
    struct text text = column_bytes(statement, column);
    struct text copy = {arena_copy(arena, text.data, text.length), text.length};
    if (!text_is_utf8(text)) {
        struct error_words words = {.field = reader->database.path, .value = "a name is no text"};
        *failed = error_set(error, ERR_CORRUPT, words);
    } else if (!copy.data) {
        *failed = error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    return copy;
}

/* ---- an entry ---- */

static int fill_entry(struct record_reader *reader, struct arena *arena, struct wire_record_entry *entry,
                      struct error *error) {
    sqlite3_stmt *statement = reader->statements[READER_ENTRY];
    struct event event;
    int result = column_event(&reader->database, statement, ENTRY_HEAD, arena, &event, error);
    if (result < 0) {
        return result;
    }
    struct text name = copy_text(reader, statement, ENTRY_NAME, arena, &result, error);
    bool named = sqlite3_column_type(statement, ENTRY_NAME) != SQLITE_NULL;
    *entry = (struct wire_record_entry){
        .present = MARK(record_entry, id) | MARK(record_entry, unit) | MARK(record_entry, seq) |
                   MARK(record_entry, versions) | MARK(record_entry, submitted_at) | MARK(record_entry, received_at) |
                   MARK(record_entry, report),
        .unit = event.unit,
        .name = name,
        .versions = sqlite3_column_int64(statement, ENTRY_ORDINAL),
        .submitted_at = sqlite3_column_int64(statement, ENTRY_SUBMITTED_AT),
        .received_at = sqlite3_column_int64(statement, ENTRY_RECEIVED_AT),
        .withdrawn = sqlite3_column_int(statement, ENTRY_WITHDRAWN) != 0,
        .report = {&event.body->report, 1},
    };
    struct text id = column_bytes(statement, ENTRY_ID);
    memcpy(entry->id.bytes, id.data, id.length < ID_BYTES ? id.length : ID_BYTES);
    entry->present |= named ? MARK(record_entry, name) : 0;
    entry->present |= entry->withdrawn ? MARK(record_entry, withdrawn) : 0;
    return result;
}

int reader_entry(struct record_reader *reader, int64_t report, int64_t seq, struct arena *arena,
                 struct wire_record_entry *entry, struct error *error) {
    sqlite3_bind_int64(reader->statements[READER_ENTRY], 1, report);
    sqlite3_bind_int64(reader->statements[READER_ENTRY], 2, seq);
    int result = database_step(&reader->database, reader->statements[READER_ENTRY], error);
    if (result <= 0) {
        return result < 0
                   ? result
                   : error_set(error, ERR_CORRUPT,
                               (struct error_words){.field = reader->database.path, .value = "a row is missing"});
    }
    result = fill_entry(reader, arena, entry, error);
    sqlite3_reset(reader->statements[READER_ENTRY]);
    entry->seq = seq;
    return result;
}

/* ---- a history ---- */

/* Why: of an amendment and of a withdrawal, while their sides are there. */
static struct text reason_of(const struct event *event) {
    return event->type == EVENT_REPORT_WITHDRAWN ? event->body->report_withdrawal.reason : event->body->report.reason;
}

/* What its receipt told, as far as it can still be seen. */
static int fill_warnings(const struct event *event, struct arena *arena, struct wire_report_version *version) {
    struct warnings warnings;
    if (event->warnings == 0) {
        return 0;
    }
    warnings_find(event, &warnings);
    version->present |= MARK(report_version, warnings);
    return warnings_tell(&warnings, event->warnings, arena, &version->warnings);
}

static void fill_version(const struct event *event, struct wire_report_version *version) {
    static const struct hash no_side;
    bool had_side = memcmp(event->side_hash.bytes, no_side.bytes, HASH_BYTES) != 0;
    *version = (struct wire_report_version){
        .present = MARK(report_version, id) | MARK(report_version, seq) | MARK(report_version, type) |
                   MARK(report_version, at) | MARK(report_version, received_at),
        .id = event->id,
        .seq = (int64_t)event->seq,
        .type = text_of(event_row(event->type)->wire),
        .at = event->at,
        .received_at = event->received_at,
        .by = event->by,
        .source = event->source,
        .removed = had_side && !event->has_side,
        .reason = reason_of(event),
    };
    version->present |= version->by.length > 0 ? MARK(report_version, by) : 0;
    version->present |= version->source.length > 0 ? MARK(report_version, source) : 0;
    version->present |= version->removed ? MARK(report_version, removed) : 0;
    version->present |= version->reason.length > 0 ? MARK(report_version, reason) : 0;
    if (event->type != EVENT_REPORT_WITHDRAWN) {
        version->report = (struct list){&event->body->report, 1};
        version->present |= MARK(report_version, report);
    }
}

/* The report as a whole, from the row of its newest version. */
static int fill_answer(struct record_reader *reader, struct arena *arena, struct wire_report_answer *answer,
                       struct error *error) {
    sqlite3_stmt *statement = reader->statements[READER_HISTORY];
    int result = 0;
    answer->present |= MARK(report_answer, id) | MARK(report_answer, unit) | MARK(report_answer, versions);
    answer->unit = copy_text(reader, statement, HISTORY_UNIT, arena, &result, error);
    answer->name = copy_text(reader, statement, HISTORY_NAME, arena, &result, error);
    answer->withdrawn = sqlite3_column_int(statement, HISTORY_WITHDRAWN) != 0;
    answer->present |= sqlite3_column_type(statement, HISTORY_NAME) != SQLITE_NULL ? MARK(report_answer, name) : 0;
    answer->present |= answer->withdrawn ? MARK(report_answer, withdrawn) : 0;
    return result;
}

/* The newest version comes first, and says how many there are. 1, or < 0. */
static int begin_history(struct record_reader *reader, struct arena *arena, struct wire_report_answer *answer,
                         struct error *error) {
    uint32_t count = (uint32_t)sqlite3_column_int64(reader->statements[READER_HISTORY], HISTORY_ORDINAL);
    answer->versions.items = arena_alloc(arena, (size_t)count * sizeof(struct wire_report_version));
    if (!answer->versions.items) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    answer->versions.count = count;
    int result = fill_answer(reader, arena, answer, error);
    return result < 0 ? result : 1;
}

static int read_version(struct record_reader *reader, struct arena *arena, struct wire_report_version *version,
                        struct error *error) {
    struct event event;
    int result =
        column_event(&reader->database, reader->statements[READER_HISTORY], HISTORY_HEAD, arena, &event, error);
    if (result == 0) {
        fill_version(&event, version);
        if (fill_warnings(&event, arena, version) < 0) {
            result = error_set(error, ERR_NO_MEMORY, (struct error_words){0});
        }
    }
    return result;
}

/* The answer tells the first version first. */
static int read_history(struct record_reader *reader, struct arena *arena, struct wire_report_answer *answer,
                        struct error *error) {
    int result = database_step(&reader->database, reader->statements[READER_HISTORY], error);
    if (result == 1) {
        result = begin_history(reader, arena, answer, error);
    }
    struct wire_report_version *versions = answer->versions.items;
    uint32_t left = answer->versions.count;
    while (result == 1 && left > 0) {
        result = read_version(reader, arena, &versions[--left], error);
        result = result < 0 ? result : database_step(&reader->database, reader->statements[READER_HISTORY], error);
    }
    sqlite3_reset(reader->statements[READER_HISTORY]);
    if (result >= 0 && (left > 0 || result == 1)) {
        return error_set(error, ERR_CORRUPT,
                         (struct error_words){.field = reader->database.path, .value = "a version is missing"});
    }
    return result;
}

int record_get(struct record_reader *reader, const struct id *report, struct arena *arena,
               struct wire_report_answer *answer, struct position *position, struct error *error) {
    *answer = (struct wire_report_answer){.id = *report};
    int result = reader_begin(reader, position, error);
    if (result < 0) {
        return result;
    }
    bind_blob(reader->statements[READER_HISTORY], 1, report->bytes, ID_BYTES);
    result = read_history(reader, arena, answer, error);
    sqlite3_clear_bindings(reader->statements[READER_HISTORY]);
    reader_end(reader);
    return result < 0 ? result : answer->versions.count > 0;
}
