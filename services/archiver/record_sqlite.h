/* The record in SQLite: its tables and statements. Private to record_*.c and search.c.
 *
 *   place     one row: the position, the chain's hash, what the search covers, whether forgotten text is still in the file,
 *             how many reports stand and how many versions there are
 *   units     names of units
 *   events    a version's event as the journal has it: head, and side while it has one
 *   versions  what is asked about a version, by report and seq; `content`: seq of the event that holds its report (of a
 *             withdrawal the last one), `until`: seq of the next version. A withdrawal repeats what it withdraws
 *   marks     versions by what else they are asked for (enum mark)
 *   volunteers, particulars, serves, remarks   people (people_sqlite.h)
 *   segments, postings, voids   the search index (search.h): the documents of each segment, up to seq `last`; a row for each
 *             character in it; documents whose text was changed since. A document is an event that has a `report`
 */
#pragma once

#include "common/database.h"
#include "services/archiver/people_sqlite.h"
#include "services/archiver/postings.h"
#include "services/archiver/record.h"

#define RECORD_VERSION 4
#define EVENT_MEMORY ((size_t)16 << 20) /* of one that is read back */
#define STANDS INT64_MAX                /* `until` of the newest version */

#define RECORD_SCHEMA \
    "CREATE TABLE place (journal INTEGER, epoch INTEGER, seq INTEGER, hash INTEGER, chain BLOB, covers BLOB, " \
    "unclean INTEGER, reports INTEGER, versions INTEGER);" \
    "CREATE TABLE units (path TEXT PRIMARY KEY, name TEXT) WITHOUT ROWID;" \
    "CREATE TABLE events (seq INTEGER PRIMARY KEY, report INTEGER, head BLOB NOT NULL, side BLOB);" \
    "CREATE TABLE versions (report INTEGER, seq INTEGER, id BLOB NOT NULL, ordinal INTEGER NOT NULL, " \
    "content INTEGER NOT NULL, until INTEGER NOT NULL, withdrawn INTEGER NOT NULL, received_at INTEGER NOT NULL, " \
    "unit TEXT NOT NULL, programmes INTEGER NOT NULL, day INTEGER, day_end INTEGER, number TEXT, activity BLOB, " \
    "attendances INTEGER, PRIMARY KEY (report, seq)) WITHOUT ROWID;" \
    "CREATE UNIQUE INDEX versions_id ON versions (id);" \
    "CREATE TABLE marks (mark INTEGER, value, report INTEGER, seq INTEGER, PRIMARY KEY (mark, value, report, seq))" \
    " WITHOUT ROWID;" \
    "CREATE TABLE segments (segment INTEGER PRIMARY KEY, last INTEGER NOT NULL, documents BLOB NOT NULL);" \
    "CREATE TABLE postings (id INTEGER PRIMARY KEY, places BLOB NOT NULL);" \
    "CREATE TABLE voids (seq INTEGER PRIMARY KEY);" PEOPLE_SCHEMA

/* A withdrawal has the marks of what it withdraws, but for the contact: it holds nothing of the person. Few reports have
 * all of them: an index of `versions` takes its time for every one. */
enum mark { MARK_NUMBER, MARK_ACTIVITY, MARK_CONTACT };

/* Documents behind a seq up to another. */
#define SELECT_TEXTS \
    "SELECT seq, report, head, side FROM events WHERE seq > ? AND seq <= ? AND report IS NOT NULL ORDER BY seq"
enum { TEXTS_SEQ, TEXTS_REPORT, TEXTS_HEAD };

/* The statements of the writing side. STATEMENT(NAME, sql) */
#define RECORD_STATEMENTS(STATEMENT) \
    PEOPLE_STATEMENTS(STATEMENT) \
    STATEMENT(SET_PLACE, \
              "UPDATE place SET journal = ?, epoch = ?, seq = ?, hash = ?, chain = ?, unclean = ?, reports = ?, " \
              "versions = ?") \
    STATEMENT(SET_UNIT, "INSERT OR REPLACE INTO units VALUES (?, ?)") \
    STATEMENT(ADD_EVENT, "INSERT INTO events VALUES (?, ?, ?, ?)") \
    STATEMENT(ADD_VERSION, "INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?)") \
    STATEMENT(NEWEST, "SELECT report, seq, ordinal, withdrawn FROM versions" \
                      " WHERE report = (SELECT report FROM versions WHERE id = ? AND seq = report)" \
                      " ORDER BY seq DESC LIMIT 1") \
    STATEMENT(END_VERSION, "UPDATE versions SET until = ? WHERE report = ? AND seq = ?") \
    STATEMENT(WITHDRAW, \
              "INSERT INTO versions SELECT report, ?1, ?2, ordinal + 1, content, ?3, 1, ?4, unit, programmes," \
              " day, day_end, number, activity, attendances FROM versions WHERE report = ?5 AND seq = ?6") \
    STATEMENT(ADD_MARK, "INSERT INTO marks VALUES (?, ?, ?, ?)") \
    STATEMENT(MARK_AGAIN, \
              "INSERT INTO marks SELECT 0, number, report, seq FROM versions WHERE report = ?1 AND seq = ?2" \
              " AND number IS NOT NULL UNION ALL SELECT 1, activity, report, seq FROM versions WHERE report = ?1" \
              " AND seq = ?2 AND activity IS NOT NULL") \
    STATEMENT(OF_PERSON, "SELECT seq FROM marks WHERE mark = 2 AND value = ?") \
    STATEMENT(OF_EVENT, "SELECT seq FROM versions WHERE id = ?") \
    STATEMENT(GET_EVENT, "SELECT head, side FROM events WHERE seq = ?") \
    STATEMENT(DROP_SIDE, "UPDATE events SET side = NULL WHERE seq = ?") \
    STATEMENT(TEXTS, SELECT_TEXTS) \
    STATEMENT(LAST_SEGMENT, "SELECT segment, last FROM segments ORDER BY segment DESC LIMIT 1") \
    STATEMENT(SET_SEGMENT, "INSERT OR REPLACE INTO segments VALUES (?, ?, ?)") \
    STATEMENT(ADD_POSTINGS, "INSERT INTO postings VALUES (?, ?)") \
    STATEMENT(DROP_POSTINGS, "DELETE FROM postings WHERE id BETWEEN ? AND ?") \
    STATEMENT(ADD_VOID, "INSERT OR IGNORE INTO voids VALUES (?)") \
    STATEMENT(DROP_VOIDS, "DELETE FROM voids WHERE seq BETWEEN ? AND ?") \
    STATEMENT(VOID_SEGMENT, \
              "SELECT segment, ifnull((SELECT last FROM segments AS b WHERE b.segment = a.segment - 1), 0), last" \
              " FROM segments AS a WHERE last >= (SELECT min(seq) FROM voids) ORDER BY segment LIMIT 1")

enum record_statement {
#define STATEMENT(NAME, sql) RECORD_##NAME,
    RECORD_STATEMENTS(STATEMENT)
#undef STATEMENT
        RECORD_STATEMENT_COUNT
};

struct record {
    char *path;
    struct database database;
    sqlite3_stmt *statements[RECORD_STATEMENT_COUNT];
    struct position position; /* of what is kept */
    struct hash hash;
    struct position held; /* behind the last block that is held */
    struct hash held_hash;
    struct record_counts counts;
    struct record_counts before; /* as they were at the last commit */
    bool unclean;
    bool was_unclean;
    bool begun;
    struct arena *arena; /* an event that is read back */
    struct buffer words;
    struct postings *postings; /* the segment that grows; holds all documents behind `indexed` if `searching` */
    bool searching;
    int64_t segment;  /* the last one that was written, */
    uint64_t indexed; /* and where it ends */
};

/* One version as an entry tells it, by report and seq. */
#define SELECT_ENTRY \
    "SELECT f.id, v.ordinal, f.received_at, v.received_at, v.withdrawn, u.name, e.head, e.side FROM versions AS v" \
    " JOIN versions AS f ON f.report = v.report AND f.seq = v.report JOIN events AS e ON e.seq = v.content" \
    " LEFT JOIN units AS u ON u.path = v.unit WHERE v.report = ? AND v.seq = ?"
enum { ENTRY_ID, ENTRY_ORDINAL, ENTRY_SUBMITTED_AT, ENTRY_RECEIVED_AT, ENTRY_WITHDRAWN, ENTRY_NAME, ENTRY_HEAD };

/* All versions of a report, by its id, the newest first. */
#define SELECT_HISTORY \
    "SELECT v.ordinal, v.withdrawn, v.unit, u.name, e.head, e.side FROM versions AS v JOIN events AS e ON e.seq = " \
    "v.seq" \
    " LEFT JOIN units AS u ON u.path = v.unit" \
    " WHERE v.report = (SELECT report FROM versions WHERE id = ? AND seq = report) ORDER BY v.seq DESC"
enum { HISTORY_ORDINAL, HISTORY_WITHDRAWN, HISTORY_UNIT, HISTORY_NAME, HISTORY_HEAD };

/* The statements of the reading side. */
#define READER_STATEMENTS(STATEMENT) \
    PEOPLE_QUESTIONS(STATEMENT) \
    STATEMENT(PLACE, SELECT_PLACE) \
    STATEMENT(ENTRY, SELECT_ENTRY) \
    STATEMENT(HISTORY, SELECT_HISTORY) \
    STATEMENT(SEGMENTS, "SELECT segment, last, documents FROM segments ORDER BY segment") \
    STATEMENT(POSTINGS, "SELECT places FROM postings WHERE id = ?") \
    STATEMENT(TEXTS, SELECT_TEXTS) \
    STATEMENT(VOIDS, "SELECT seq, report, head, side FROM voids JOIN events USING (seq) ORDER BY seq") \
    STATEMENT(SEGMENT_POSTINGS, "SELECT id, places FROM postings WHERE id BETWEEN ? AND ? ORDER BY id") \
    STATEMENT( \
        WHOLE_SEGMENTS, \
        "WITH each AS (SELECT segment, ifnull((SELECT last FROM segments AS b WHERE b.segment = a.segment - 1), 0)" \
        " AS after, last, documents FROM segments AS a) SELECT segment, after, last, documents FROM each" \
        " WHERE NOT EXISTS (SELECT 1 FROM voids WHERE seq > after AND seq <= last) ORDER BY segment") \
    STATEMENT(STRAY_POSTINGS, "SELECT id FROM postings WHERE id >> 21 NOT IN (SELECT segment FROM segments) LIMIT 1")

enum reader_statement {
#define STATEMENT(NAME, sql) READER_##NAME,
    READER_STATEMENTS(STATEMENT)
#undef STATEMENT
        READER_STATEMENT_COUNT
};

struct record_reader {
    struct database database;
    sqlite3_stmt *statements[READER_STATEMENT_COUNT];
    struct arena *arena;   /* a text that is searched */
    struct buffer words;   /* its characters */
    struct buffer rows;    /* of the index */
    struct buffer starts;  /* of words */
    struct buffer voids;   /* uint64_t, rising */
    struct buffer matches; /* struct search_match */
    int64_t until_us;      /* of the question's view */
};

/* A question's view of the record: what was committed when it began. It is given up after READER_US, -ERR_BUSY: nobody waits
 * for the answer any more, and the view is in the way of the WAL's beginning anew. */
int reader_begin(struct record_reader *reader, struct position *position, struct error *error);
void reader_end(struct record_reader *reader);

/* A version with side, in the arena. */
int reader_entry(struct record_reader *reader, int64_t report, int64_t seq, struct arena *arena,
                 struct wire_record_entry *entry, struct error *error);

static inline void bind_text(sqlite3_stmt *statement, int place, struct text text) {
    sqlite3_bind_text(statement, place, text.data, (int)text.length, SQLITE_STATIC);
}

static inline void bind_blob(sqlite3_stmt *statement, int place, const void *data, size_t length) {
    sqlite3_bind_blob(statement, place, data, (int)length, SQLITE_STATIC);
}

/* Borrowed until the statement goes on. */
static inline struct text column_bytes(sqlite3_stmt *statement, int column) {
    const void *data = sqlite3_column_blob(statement, column);
    return (struct text){data, (uint32_t)sqlite3_column_bytes(statement, column)};
}

/* The row of `place`, from a statement that selected it. */
#define SELECT_PLACE "SELECT journal, epoch, seq, hash, chain, covers, unclean, reports, versions FROM place"
enum { PLACE_CHAIN = 4, PLACE_COVERS, PLACE_UNCLEAN, PLACE_REPORTS, PLACE_VERSIONS };
static inline struct position column_position(sqlite3_stmt *statement) {
    return (struct position){
        .journal = (uint64_t)sqlite3_column_int64(statement, 0),
        .epoch = (uint64_t)sqlite3_column_int64(statement, 1),
        .seq = (uint64_t)sqlite3_column_int64(statement, 2),
        .hash = (uint64_t)sqlite3_column_int64(statement, 3),
    };
}

/* Decodes an event of the two columns from `column` on (head, side); its bytes are copied into the arena. */
int column_event(struct database *database, sqlite3_stmt *statement, int column, struct arena *arena,
                 struct event *event, struct error *error);

/* Runs a statement that gives no rows, and lets go of what was bound. */
int record_run(struct record *record, enum record_statement statement, struct error *error);
