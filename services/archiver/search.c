/* The index as it is written: the segment in memory grows, is written when it is full, and made anew after an erasure. */
#include "services/archiver/search.h"

#include "services/archiver/words.h"

int search_text(struct database *database, sqlite3_stmt *statement, int column, struct arena *arena,
                struct buffer *words, struct error *error) {
    struct event event;
    arena_reset(arena);
    buffer_clear(words);
    int result = column_event(database, statement, column, arena, &event, error);
    if (result == 0) {
        words_of_report(&event.body->report, words);
    }
    return result == 0 && words->failed ? error_set(error, ERR_NO_MEMORY, (struct error_words){0}) : result;
}

/* ---- a segment's rows ---- */

static int write_rows(struct record *record, const struct postings *postings, int64_t segment, struct error *error) {
    sqlite3_stmt *statement = record->statements[RECORD_ADD_POSTINGS];
    struct text places;
    int result = 0;
    for (uint32_t character = 0; result == 0 && postings_next(postings, &character, &places); character++) {
        sqlite3_bind_int64(statement, 1, segment << SEARCH_SEGMENT_SHIFT | character);
        bind_blob(statement, 2, places.data, places.length);
        result = record_run(record, RECORD_ADD_POSTINGS, error);
    }
    return result;
}

static int write_segment(struct record *record, const struct postings *postings, int64_t segment, uint64_t last,
                         struct error *error) {
    sqlite3_stmt *statement = record->statements[RECORD_SET_SEGMENT];
    struct text documents = postings_documents(postings);
    sqlite3_bind_int64(statement, 1, segment);
    sqlite3_bind_int64(statement, 2, (sqlite3_int64)last);
    bind_blob(statement, 3, documents.data, documents.length);
    int result = record_run(record, RECORD_SET_SEGMENT, error);
    return result < 0 ? result : write_rows(record, postings, segment, error);
}

/* Adds the texts of the documents behind `after` up to `last`, one by one. */
static int read_texts(struct record *record, uint64_t after, int64_t last, struct postings *postings,
                      int (*add)(struct record *, struct postings *, uint64_t, uint64_t, struct error *),
                      struct error *error) {
    sqlite3_stmt *statement = record->statements[RECORD_TEXTS];
    int result;
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)after);
    sqlite3_bind_int64(statement, 2, last);
    while ((result = database_step(&record->database, statement, error)) == 1) {
        result = search_text(&record->database, statement, TEXTS_HEAD, record->arena, &record->words, error);
        if (result == 0) {
            result = add(record, postings, (uint64_t)sqlite3_column_int64(statement, TEXTS_SEQ),
                         (uint64_t)sqlite3_column_int64(statement, TEXTS_REPORT), error);
        }
        if (result < 0) {
            break;
        }
    }
    sqlite3_reset(statement);
    return result;
}

static int add_words(struct record *record, struct postings *postings, uint64_t seq, uint64_t report,
                     struct error *error) {
    return postings_add(postings, seq, report, buffer_text(&record->words), error);
}

/* ---- the segment that grows ---- */

/* As add_words; a segment that is full is written, and the next one begins. */
static int grow(struct record *record, struct postings *postings, uint64_t seq, uint64_t report, struct error *error) {
    int result = add_words(record, postings, seq, report, error);
    if (result < 0 || !postings_is_full(postings)) {
        return result;
    }
    result = write_segment(record, postings, ++record->segment, seq, error);
    record->indexed = seq;
    postings_clear(postings);
    return result;
}

static int find_segment(struct record *record, struct error *error) {
    sqlite3_stmt *statement = record->statements[RECORD_LAST_SEGMENT];
    int result = database_step(&record->database, statement, error);
    record->segment = result == 1 ? sqlite3_column_int64(statement, 0) : 0;
    record->indexed = result == 1 ? (uint64_t)sqlite3_column_int64(statement, 1) : 0;
    sqlite3_reset(statement);
    return result < 0 ? result : 0;
}

int search_add(struct record *record, const struct event *event, int64_t report, struct error *error) {
    int result;
    if (record->searching) {
        buffer_clear(&record->words);
        words_of_report(&event->body->report, &record->words);
        result = record->words.failed ? error_set(error, ERR_NO_MEMORY, (struct error_words){0})
                                      : grow(record, record->postings, event->seq, (uint64_t)report, error);
    } else { /* this one is there already */
        postings_clear(record->postings);
        result = find_segment(record, error);
        result = result < 0 ? result : read_texts(record, record->indexed, INT64_MAX, record->postings, grow, error);
    }
    record->searching = result == 0;
    return result;
}

void search_doubt(struct record *record) {
    record->searching = false;
}

int search_set_documents(struct record *record, uint32_t documents, struct error *error) {
    postings_destroy(&record->postings);
    record->postings = postings_create(documents);
    record->searching = false;
    return record->postings ? 0 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

/* ---- forgetting ---- */

int search_drop(struct record *record, uint64_t seq, struct error *error) {
    int result = record->searching ? 0 : find_segment(record, error);
    if (result == 0 && seq <= record->indexed) {
        sqlite3_bind_int64(record->statements[RECORD_ADD_VOID], 1, (sqlite3_int64)seq);
        return record_run(record, RECORD_ADD_VOID, error);
    }
    record->searching = false;
    return result;
}

static int run_between(struct record *record, enum record_statement statement, int64_t from, int64_t to,
                       struct error *error) {
    sqlite3_bind_int64(record->statements[statement], 1, from);
    sqlite3_bind_int64(record->statements[statement], 2, to);
    return record_run(record, statement, error);
}

static int renew(struct record *record, struct postings *postings, int64_t segment, int64_t after, int64_t last,
                 struct error *error) {
    int64_t first_row = segment << SEARCH_SEGMENT_SHIFT;
    int64_t end_row = (segment + 1) << SEARCH_SEGMENT_SHIFT;
    postings_clear(postings);
    int result = read_texts(record, (uint64_t)after, last, postings, add_words, error);
    if (result == 0) {
        result = run_between(record, RECORD_DROP_POSTINGS, first_row, end_row - 1, error);
    }
    if (result == 0) {
        result = write_segment(record, postings, segment, (uint64_t)last, error);
    }
    return result < 0 ? result : run_between(record, RECORD_DROP_VOIDS, after + 1, last, error);
}

/* 1 when a segment was made anew, 0 when there is none left. */
static int renew_next(struct record *record, struct postings *postings, struct error *error) {
    sqlite3_stmt *statement = record->statements[RECORD_VOID_SEGMENT];
    int result = database_begin(&record->database, error);
    int found = result < 0 ? result : database_step(&record->database, statement, error);
    if (found == 1) {
        int64_t segment = sqlite3_column_int64(statement, 0);
        int64_t after = sqlite3_column_int64(statement, 1);
        int64_t last = sqlite3_column_int64(statement, 2);
        sqlite3_reset(statement);
        result = renew(record, postings, segment, after, last, error);
    }
    result = found < 0 ? found : result;
    if (result == 0) {
        result = database_commit(&record->database, error);
    }
    if (result < 0) {
        database_rollback(&record->database);
    }
    return result < 0 ? result : found;
}

int search_renew(struct record *record, struct error *error) {
    struct postings *postings = postings_create(SEARCH_DOCUMENTS);
    int result = postings ? 1 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    while (result == 1) {
        result = renew_next(record, postings, error);
    }
    postings_destroy(&postings);
    return result;
}
