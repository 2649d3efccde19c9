/* Words are looked for: in the rows of each segment, and in the texts of documents that are in none. */
#include <stdlib.h>

#include "services/archiver/search.h"
#include "services/archiver/words.h"

static int no_memory(struct error *error) {
    return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

static int damaged(const struct record_reader *reader, struct error *error) {
    struct error_words words = {.field = reader->database.path, .value = "a row of the search index is none"};
    return error_set(error, ERR_CORRUPT, words);
}

/* ---- texts that are read ---- */

static int add_match(struct record_reader *reader, uint64_t report, uint64_t content, struct error *error) {
    struct search_match match = {report, content};
    buffer_append(&reader->matches, &match, sizeof match);
    return reader->matches.failed ? no_memory(error) : 0;
}

/* Of the rows of a statement (seq, report, head, side) whose parameters are bound. `seqs`: NULL, or gets all of them. */
static int find_in_texts(struct record_reader *reader, enum reader_statement texts, struct text words,
                         struct buffer *seqs, struct error *error) {
    sqlite3_stmt *statement = reader->statements[texts];
    int result;
    while ((result = database_step(&reader->database, statement, error)) == 1) {
        uint64_t seq = (uint64_t)sqlite3_column_int64(statement, TEXTS_SEQ);
        result = search_text(&reader->database, statement, TEXTS_HEAD, reader->arena, &reader->words, error);
        if (result == 0 && words_stand_in(words, buffer_text(&reader->words))) {
            result = add_match(reader, (uint64_t)sqlite3_column_int64(statement, TEXTS_REPORT), seq, error);
        }
        if (seqs) {
            buffer_append(seqs, &seq, sizeof seq);
            result = seqs->failed ? no_memory(error) : result;
        }
        if (result < 0) {
            break;
        }
    }
    sqlite3_reset(statement);
    return result;
}

/* ---- segments ---- */

/* A word in `words`: characters `from` to `to`; where it stands: bytes of `starts`. */
struct word {
    uint32_t from;
    uint32_t to;
    size_t starts;
    size_t starts_end;
};

struct search {
    struct record_reader *reader;
    struct text words;
    struct word *each;
    uint32_t count;
    struct text *rows; /* of a word: room for as many as the longest has characters */
    size_t *offsets;
    int64_t segment;
};

static int split(struct search *search, struct arena *arena, struct error *error) {
    uint32_t characters = search->words.length / (uint32_t)sizeof(uint32_t);
    search->each = arena_alloc(arena, characters * sizeof *search->each);
    search->rows = arena_alloc(arena, characters * sizeof *search->rows);
    search->offsets = arena_alloc(arena, characters * sizeof *search->offsets);
    if (!search->each || !search->rows || !search->offsets) {
        return no_memory(error);
    }
    uint32_t from = 0;
    for (uint32_t i = 0; i < characters; i++) {
        if (words_at(search->words, i) == WORDS_BORDER) {
            search->each[search->count++] = (struct word){.from = from, .to = i};
            from = i + 1;
        }
    }
    return 0;
}

/* 1 with the row of a character at the end of `reader->rows`, 0 when the segment has none. */
static int read_row(struct search *search, uint32_t character, uint32_t index, struct error *error) {
    struct record_reader *reader = search->reader;
    sqlite3_stmt *statement = reader->statements[READER_POSTINGS];
    sqlite3_bind_int64(statement, 1, search->segment << SEARCH_SEGMENT_SHIFT | character);
    int result = database_step(&reader->database, statement, error);
    if (result == 1) {
        struct text row = column_bytes(statement, 0);
        search->offsets[index] = reader->rows.length;
        search->rows[index].length = row.length;
        buffer_append(&reader->rows, row.data, row.length);
        sqlite3_reset(statement);
        result = reader->rows.failed ? no_memory(error) : 1;
    }
    return result;
}

/* 1 when the word stands in the segment: where, is at the end of `reader->starts`. */
static int find_word(struct search *search, struct word *word, struct error *error) {
    struct record_reader *reader = search->reader;
    uint32_t characters = word->to - word->from;
    int result = 1;
    buffer_clear(&reader->rows);
    for (uint32_t i = 0; i < characters && result == 1; i++) {
        result = read_row(search, words_at(search->words, word->from + i), i, error);
    }
    if (result <= 0) {
        return result;
    }
    for (uint32_t i = 0; i < characters; i++) {
        search->rows[i].data = (const char *)reader->rows.data + search->offsets[i];
    }
    word->starts = reader->starts.length;
    result = postings_phrase(search->rows, characters, &reader->starts);
    word->starts_end = reader->starts.length;
    if (result < 0) {
        return result == -(int)ERR_CORRUPT ? damaged(reader, error) : no_memory(error);
    }
    return word->starts < word->starts_end;
}

/* Whether the word begins inside the document; documents come in order. */
static bool begins_in(struct word *word, const struct buffer *starts, const struct document *document) {
    for (; word->starts < word->starts_end; word->starts += sizeof(uint32_t)) {
        uint32_t start;
        memcpy(&start, starts->data + word->starts, sizeof start);
        if (start >= document->begin) {
            return start < document->end;
        }
    }
    return false;
}

static int compare_seqs(const void *one, const void *other) {
    uint64_t a = *(const uint64_t *)one;
    uint64_t b = *(const uint64_t *)other;
    return (a > b) - (a < b);
}

static bool is_void(const struct record_reader *reader, uint64_t seq) {
    const struct buffer *voids = &reader->voids;
    return voids->length > 0 &&
           bsearch(&seq, voids->data, voids->length / sizeof seq, sizeof seq, compare_seqs) != NULL;
}

/* The documents in which all words begin. */
static int match_documents(struct search *search, struct text row, struct error *error) {
    struct documents_walk walk = {.row = row};
    int result;
    while ((result = documents_next(&walk)) == 1) {
        bool all = true;
        for (uint32_t i = 0; i < search->count && all; i++) {
            all = begins_in(&search->each[i], &search->reader->starts, &walk.document);
        }
        if (all && !is_void(search->reader, walk.document.seq)) {
            result = add_match(search->reader, walk.document.report, walk.document.seq, error);
        }
        if (result < 0) {
            return result;
        }
    }
    return result < 0 ? damaged(search->reader, error) : 0;
}

static int find_in_segment(struct search *search, sqlite3_stmt *segments, struct error *error) {
    int result = 1;
    search->segment = sqlite3_column_int64(segments, 0);
    buffer_clear(&search->reader->starts);
    for (uint32_t i = 0; i < search->count && result == 1; i++) {
        result = find_word(search, &search->each[i], error);
    }
    return result == 1 ? match_documents(search, column_bytes(segments, 2), error) : result;
}

/* `*last`: where the last segment ends. */
static int find_in_segments(struct search *search, int64_t *last, struct error *error) {
    struct record_reader *reader = search->reader;
    sqlite3_stmt *statement = reader->statements[READER_SEGMENTS];
    int result;
    while ((result = database_step(&reader->database, statement, error)) == 1) {
        *last = sqlite3_column_int64(statement, 1);
        result = find_in_segment(search, statement, error);
        if (result < 0) {
            break;
        }
    }
    sqlite3_reset(statement);
    return result;
}

/* ---- all ---- */

static int newest_first(const void *one, const void *other) {
    const struct search_match *a = one;
    const struct search_match *b = other;
    return a->report != b->report ? (a->report < b->report) - (a->report > b->report)
                                  : (a->content < b->content) - (a->content > b->content);
}

/* What segments gave is in order already, but for amendments and for what was read from texts. */
static void sort_matches(struct buffer *matches) {
    struct search_match *each = (struct search_match *)(void *)matches->data;
    size_t count = matches->length / sizeof *each;
    bool ordered = true;
    for (size_t i = 0; i < count / 2; i++) {
        struct search_match match = each[i];
        each[i] = each[count - 1 - i];
        each[count - 1 - i] = match;
    }
    for (size_t i = 1; i < count && ordered; i++) {
        ordered = newest_first(&each[i - 1], &each[i]) < 0;
    }
    if (!ordered) {
        qsort(each, count, sizeof *each, newest_first);
    }
}

int search_find(struct record_reader *reader, struct text words, struct arena *arena, struct error *error) {
    struct search search = {.reader = reader, .words = words};
    int64_t last = 0;
    buffer_clear(&reader->matches);
    buffer_clear(&reader->voids);
    int result = split(&search, arena, error);
    if (result == 0) {
        result = find_in_texts(reader, READER_VOIDS, words, &reader->voids, error);
    }
    if (result == 0) {
        result = find_in_segments(&search, &last, error);
    }
    if (result == 0) {
        sqlite3_bind_int64(reader->statements[READER_TEXTS], 1, last);
        sqlite3_bind_int64(reader->statements[READER_TEXTS], 2, INT64_MAX);
        result = find_in_texts(reader, READER_TEXTS, words, NULL, error);
    }
    if (result == 0) {
        sort_matches(&reader->matches);
    }
    return result;
}
