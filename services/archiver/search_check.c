/* The index is made once more from the texts of the record, segment by segment, and compared row by row. */
#include <inttypes.h>
#include <stdio.h>

#include "services/archiver/search.h"

struct check {
    struct record_reader *reader;
    struct postings *postings;
    char *difference;
    int64_t *checked;
    int64_t segment;
    int64_t after; /* its documents lie behind this seq */
    int64_t last;
};

static int differs(const struct check *check, const char *what, uint32_t character) {
    snprintf(check->difference, RECORD_DIFFERENCE_MAX,
             "search index, %s %" PRIx32 " of the segment at seq %" PRId64 ": not what the texts give", what, character,
             check->after + 1);
    return 0;
}

static int collect(struct check *check, struct error *error) {
    struct record_reader *reader = check->reader;
    sqlite3_stmt *statement = reader->statements[READER_TEXTS];
    int result;
    postings_clear(check->postings);
    sqlite3_bind_int64(statement, 1, check->after);
    sqlite3_bind_int64(statement, 2, check->last);
    while ((result = database_step(&reader->database, statement, error)) == 1) {
        result = search_text(&reader->database, statement, TEXTS_HEAD, reader->arena, &reader->words, error);
        if (result == 0) {
            result = postings_add(check->postings, (uint64_t)sqlite3_column_int64(statement, TEXTS_SEQ),
                                  (uint64_t)sqlite3_column_int64(statement, TEXTS_REPORT), buffer_text(&reader->words),
                                  error);
        }
        if (result < 0) {
            break;
        }
    }
    sqlite3_reset(statement);
    return result;
}

/* 1 when the rows are those that were collected. */
static int compare_rows(struct check *check, struct error *error) {
    struct record_reader *reader = check->reader;
    sqlite3_stmt *statement = reader->statements[READER_SEGMENT_POSTINGS];
    int64_t first = check->segment << SEARCH_SEGMENT_SHIFT;
    uint32_t character = 0;
    struct text places;
    int result;
    sqlite3_bind_int64(statement, 1, first);
    sqlite3_bind_int64(statement, 2, first + (INT64_C(1) << SEARCH_SEGMENT_SHIFT) - 1);
    while ((result = database_step(&reader->database, statement, error)) == 1) {
        int64_t id = sqlite3_column_int64(statement, 0);
        bool more = postings_next(check->postings, &character, &places);
        if (!more || id != first + character || !text_equal(places, column_bytes(statement, 1))) {
            sqlite3_reset(statement);
            return differs(check, "character", more ? character : (uint32_t)(id - first));
        }
        character++;
        ++*check->checked;
    }
    bool more = result == 0 && postings_next(check->postings, &character, &places);
    return result < 0 ? result : more ? differs(check, "character", character) : 1;
}

static int check_segment(struct check *check, struct text documents, struct error *error) {
    int result = collect(check, error);
    if (result < 0) {
        return result;
    }
    if (!text_equal(documents, postings_documents(check->postings))) {
        return differs(check, "document", 0);
    }
    ++*check->checked;
    return compare_rows(check, error);
}

static int check_segments(struct check *check, struct error *error) {
    struct record_reader *reader = check->reader;
    sqlite3_stmt *statement = reader->statements[READER_WHOLE_SEGMENTS];
    int same = 1;
    int result = 1;
    while (same == 1 && (result = database_step(&reader->database, statement, error)) == 1) {
        check->segment = sqlite3_column_int64(statement, 0);
        check->after = sqlite3_column_int64(statement, 1);
        check->last = sqlite3_column_int64(statement, 2);
        same = check_segment(check, column_bytes(statement, 3), error);
    }
    sqlite3_reset(statement);
    return result < 0 ? result : same;
}

/* Rows of a segment that is not there would be met by nobody. */
static int check_strays(struct check *check, struct error *error) {
    struct record_reader *reader = check->reader;
    sqlite3_stmt *statement = reader->statements[READER_STRAY_POSTINGS];
    int result = database_step(&reader->database, statement, error);
    sqlite3_reset(statement);
    return result == 1 ? differs(check, "a row outside", 0) : result < 0 ? result : 1;
}

int search_check(struct record_reader *reader, char difference[RECORD_DIFFERENCE_MAX], int64_t *checked,
                 struct error *error) {
    struct check check = {.reader = reader, .difference = difference, .checked = checked};
    check.postings = postings_create(SEARCH_DOCUMENTS);
    int result =
        check.postings ? check_segments(&check, error) : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    result = result == 1 ? check_strays(&check, error) : result;
    postings_destroy(&check.postings);
    return result;
}
