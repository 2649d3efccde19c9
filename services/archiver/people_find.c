/* Volunteers are found in the record, and the texts about their hours. */
#include "services/archiver/people.h"
#include "services/archiver/record_sqlite.h"

#define MARK(shape, field) (UINT64_C(1) << FIELD_##shape##_##field)
#define LIMIT_DEFAULT 50
#define UNITS_MAX 100 /* of volunteer_entry.units */

enum {
    COLUMN_SEQ,
    COLUMN_ID,
    COLUMN_KIND,
    COLUMN_MINOR,
    COLUMN_JOINED,
    COLUMN_NUMBER,
    COLUMN_NAME,
    COLUMN_PHONE,
    COLUMN_PLATFORM
};

static int no_memory(struct error *error) {
    return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

static int damaged(const struct record_reader *reader, struct error *error) {
    return error_set(error, ERR_CORRUPT,
                     (struct error_words){.field = reader->database.path, .value = "a volunteer's row is none"});
}

/* A copy; `*out` stays empty and unmarked where the column is NULL. */
static bool copy_text(sqlite3_stmt *statement, int column, struct arena *arena, struct text *out, uint64_t *present,
                      uint64_t mark) {
    if (sqlite3_column_type(statement, column) == SQLITE_NULL) {
        return true;
    }
    struct text text = column_bytes(statement, column);
    *out = (struct text){arena_copy(arena, text.data, text.length), text.length};
    *present |= mark;
    return out->data != NULL;
}

/* ---- volunteers ---- */

static void bind_filter(sqlite3_stmt *statement, const struct wire_volunteers_query *query) {
    const struct text texts[] = {query->within, query->unit, query->number, query->platform, query->text};
    for (int i = 0; i < 5; i++) {
        if (texts[i].length > 0) {
            bind_text(statement, i + 1, texts[i]);
        }
    }
    sqlite3_bind_int(statement, 6, query->left || query->ids.count > 0);
}

static int add_unit(sqlite3_stmt *statement, struct arena *arena, struct wire_volunteer_entry *out) {
    struct text *units = out->units.items;
    struct wire_service_entry *left = out->left.items;
    struct text *unit = &units[out->units.count];
    uint64_t present = 0;
    if (out->units.count == UNITS_MAX) {
        return 0;
    }
    if (!copy_text(statement, 0, arena, unit, &present, 1)) {
        return -(int)ERR_NO_MEMORY;
    }
    out->units.count++;
    if (sqlite3_column_type(statement, 1) != SQLITE_NULL) {
        left[out->left.count++] =
            (struct wire_service_entry){.present = MARK(service_entry, unit) | MARK(service_entry, left),
                                        .unit = *unit,
                                        .left = sqlite3_column_int(statement, 1)};
        out->present |= MARK(volunteer_entry, left);
    }
    return 0;
}

static int read_units(struct record_reader *reader, int64_t volunteer, bool left, struct arena *arena,
                      struct wire_volunteer_entry *out, struct error *error) {
    sqlite3_stmt *statement = reader->statements[READER_SERVES];
    int result = 1;
    out->units.items = arena_alloc(arena, UNITS_MAX * sizeof(struct text));
    out->left.items = left ? arena_alloc(arena, UNITS_MAX * sizeof(struct wire_service_entry)) : NULL;
    if (!out->units.items || (left && !out->left.items)) {
        return no_memory(error);
    }
    sqlite3_bind_int64(statement, 1, volunteer);
    sqlite3_bind_int(statement, 2, left);
    while (result == 1 && (result = database_step(&reader->database, statement, error)) == 1) {
        if (add_unit(statement, arena, out) < 0) {
            result = no_memory(error);
        }
    }
    sqlite3_reset(statement);
    return result;
}

static int read_entry(struct record_reader *reader, sqlite3_stmt *statement, bool left, struct arena *arena,
                      struct wire_volunteer_entry *out, struct error *error) {
    struct text id = column_bytes(statement, COLUMN_ID);
    if (id.length != ID_BYTES) {
        return damaged(reader, error);
    }
    *out = (struct wire_volunteer_entry){.present = MARK(volunteer_entry, id) | MARK(volunteer_entry, units) |
                                                    MARK(volunteer_entry, minor)};
    memcpy(out->id.bytes, id.data, ID_BYTES);
    out->minor = sqlite3_column_int(statement, COLUMN_MINOR) != 0;
    out->joined = sqlite3_column_int(statement, COLUMN_JOINED);
    out->present |= sqlite3_column_type(statement, COLUMN_JOINED) != SQLITE_NULL ? MARK(volunteer_entry, joined) : 0;
    bool copied =
        copy_text(statement, COLUMN_KIND, arena, &out->kind, &out->present, MARK(volunteer_entry, kind)) &&
        copy_text(statement, COLUMN_NUMBER, arena, &out->number, &out->present, MARK(volunteer_entry, number)) &&
        copy_text(statement, COLUMN_NAME, arena, &out->name, &out->present, MARK(volunteer_entry, name)) &&
        copy_text(statement, COLUMN_PHONE, arena, &out->phone, &out->present, MARK(volunteer_entry, phone)) &&
        copy_text(statement, COLUMN_PLATFORM, arena, &out->platform, &out->present, MARK(volunteer_entry, platform));
    return copied ? read_units(reader, sqlite3_column_int64(statement, COLUMN_SEQ), left, arena, out, error)
                  : no_memory(error);
}

/* Those who fit are sought by number where the question has one, else by platform number, else in the order of rows. */
static bool by_number(const struct wire_volunteers_query *query) {
    return query->number.length > 0;
}

static bool by_platform(const struct wire_volunteers_query *query) {
    return query->number.length == 0 && query->platform.length > 0;
}

static int count(struct record_reader *reader, const struct wire_volunteers_query *query, int64_t *total,
                 struct error *error) {
    sqlite3_stmt *statement = reader->statements[by_number(query)     ? READER_COUNT_NUMBERED
                                                 : by_platform(query) ? READER_COUNT_ON_PLATFORM
                                                                      : READER_COUNT_VOLUNTEERS];
    bind_filter(statement, query);
    int result = database_step(&reader->database, statement, error);
    *total = result == 1 ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result < 0 ? result : 0;
}

/* One row more than the limit tells that others follow. */
static int read_page(struct record_reader *reader, const struct wire_volunteers_query *query, uint32_t limit,
                     struct arena *arena, struct wire_volunteers_answer *answer, struct error *error) {
    sqlite3_stmt *statement = reader->statements[by_number(query)     ? READER_NUMBERED
                                                 : by_platform(query) ? READER_ON_PLATFORM
                                                                      : READER_VOLUNTEERS];
    struct wire_volunteer_entry *items = answer->rows.items;
    int64_t last = 0;
    bind_filter(statement, query);
    sqlite3_bind_int64(statement, 7, wire_has(query->present, FIELD_volunteers_query_after) ? query->after : 0);
    sqlite3_bind_int64(statement, 8, (sqlite3_int64)limit + 1);
    int result;
    while ((result = database_step(&reader->database, statement, error)) == 1) {
        if (answer->rows.count == limit) {
            answer->next = last;
            answer->present |= MARK(volunteers_answer, next);
            result = 0;
            break;
        }
        last = sqlite3_column_int64(statement, COLUMN_SEQ);
        result = read_entry(reader, statement, query->left, arena, &items[answer->rows.count++], error);
        if (result < 0) {
            break;
        }
    }
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result;
}

static int read_ids(struct record_reader *reader, const struct wire_volunteers_query *query, struct arena *arena,
                    struct wire_volunteers_answer *answer, struct error *error) {
    sqlite3_stmt *statement = reader->statements[READER_VOLUNTEER];
    struct wire_volunteer_entry *items = answer->rows.items;
    const struct id *ids = query->ids.items;
    int result = 0;
    for (uint32_t i = 0; i < query->ids.count && result == 0; i++) {
        bind_filter(statement, query);
        bind_blob(statement, 7, ids[i].bytes, ID_BYTES);
        result = database_step(&reader->database, statement, error);
        if (result == 1) {
            result = read_entry(reader, statement, true, arena, &items[answer->rows.count++], error);
        }
        sqlite3_reset(statement);
        sqlite3_clear_bindings(statement);
    }
    return result;
}

static int find_volunteers(struct record_reader *reader, const struct wire_volunteers_query *query, uint32_t limit,
                           struct arena *arena, struct wire_volunteers_answer *answer, struct error *error) {
    if (query->ids.count > 0) {
        int result = read_ids(reader, query, arena, answer, error);
        answer->total = answer->rows.count;
        return result;
    }
    int result = count(reader, query, &answer->total, error);
    return result < 0 ? result : read_page(reader, query, limit, arena, answer, error);
}

int record_find_volunteers(struct record_reader *reader, const struct wire_volunteers_query *query, struct arena *arena,
                           struct wire_volunteers_answer *answer, struct position *position, struct error *error) {
    bool limited = wire_has(query->present, FIELD_volunteers_query_limit);
    uint32_t limit = limited ? (uint32_t)query->limit : LIMIT_DEFAULT;
    uint32_t room = query->ids.count > 0 ? query->ids.count : limit;
    *answer =
        (struct wire_volunteers_answer){.present = MARK(volunteers_answer, total) | MARK(volunteers_answer, rows)};
    answer->rows.items = arena_alloc(arena, ((size_t)room + 1) * sizeof(struct wire_volunteer_entry));
    if (!answer->rows.items) {
        return no_memory(error);
    }
    int result = reader_begin(reader, position, error);
    if (result < 0) {
        return result;
    }
    result = find_volunteers(reader, query, limit, arena, answer, error);
    reader_end(reader);
    return result;
}

/* ---- remarks ---- */

static int read_remark(struct record_reader *reader, const struct id *id, struct arena *arena,
                       struct wire_remarks_answer *answer, struct error *error) {
    sqlite3_stmt *statement = reader->statements[READER_REMARK];
    struct wire_remark *out = (struct wire_remark *)answer->rows.items + answer->rows.count;
    bind_blob(statement, 1, id->bytes, ID_BYTES);
    int result = database_step(&reader->database, statement, error);
    if (result == 1) {
        *out = (struct wire_remark){.present = MARK(remark, id), .id = *id};
        answer->rows.count++;
        bool copied = copy_text(statement, 0, arena, &out->by, &out->present, MARK(remark, by)) &&
                      copy_text(statement, 1, arena, &out->text, &out->present, MARK(remark, text));
        result = copied ? 0 : no_memory(error);
    }
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result;
}

int record_find_remarks(struct record_reader *reader, const struct wire_remarks_query *query, struct arena *arena,
                        struct wire_remarks_answer *answer, struct position *position, struct error *error) {
    const struct id *ids = query->ids.items;
    *answer = (struct wire_remarks_answer){.present = MARK(remarks_answer, rows)};
    answer->rows.items = arena_alloc(arena, ((size_t)query->ids.count + 1) * sizeof(struct wire_remark));
    if (!answer->rows.items) {
        return no_memory(error);
    }
    int result = reader_begin(reader, position, error);
    if (result < 0) {
        return result;
    }
    for (uint32_t i = 0; i < query->ids.count && result == 0; i++) {
        result = read_remark(reader, &ids[i], arena, answer, error);
    }
    reader_end(reader);
    return result;
}
