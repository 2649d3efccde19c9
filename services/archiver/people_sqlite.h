/* Volunteers in SQLite: tables and statements that record_sqlite.h takes in.
 *
 *   volunteers   one row each, in the order of enrolment: what holds now
 *   particulars  what an event told of a volunteer
 *   serves       with which units, and when a volunteer left one
 *   remarks      reasons and texts of events about hours
 */
#pragma once

#define PEOPLE_SCHEMA \
    "CREATE TABLE volunteers (seq INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, kind TEXT, minor INTEGER NOT NULL, " \
    "joined INTEGER, number TEXT, name TEXT, phone TEXT, platform TEXT);" \
    "CREATE INDEX volunteers_number ON volunteers (number) WHERE number IS NOT NULL;" \
    "CREATE INDEX volunteers_platform ON volunteers (platform) WHERE platform IS NOT NULL;" \
    "CREATE TABLE particulars (seq INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, volunteer INTEGER NOT NULL, " \
    "number TEXT, name TEXT, phone TEXT, platform TEXT);" \
    "CREATE INDEX particulars_volunteer ON particulars (volunteer);" \
    "CREATE TABLE serves (volunteer INTEGER, unit TEXT, left INTEGER, PRIMARY KEY (volunteer, unit)) WITHOUT ROWID;" \
    "CREATE INDEX serves_unit ON serves (unit, volunteer);" \
    "CREATE TABLE remarks (seq INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, volunteer INTEGER NOT NULL, by TEXT, " \
    "text TEXT);" \
    "CREATE INDEX remarks_volunteer ON remarks (volunteer);"

/* The newest value of a field that an event still tells. */
#define TOLD(field) \
    field " = (SELECT " field " FROM particulars WHERE volunteer = ?1 AND " field \
          " IS NOT NULL ORDER BY seq DESC LIMIT 1)"

#define PEOPLE_STATEMENTS(STATEMENT) \
    STATEMENT(ADD_VOLUNTEER, "INSERT INTO volunteers (seq, id, minor) VALUES (?, ?, 0)") \
    STATEMENT(FIND_VOLUNTEER, "SELECT seq FROM volunteers WHERE id = ?") \
    STATEMENT(SET_VOLUNTEER, \
              "UPDATE volunteers SET kind = ifnull(?2, kind), minor = ifnull(?3, minor), joined = ifnull(?4, joined)" \
              " WHERE seq = ?1") \
    STATEMENT(ADD_PARTICULARS, "INSERT INTO particulars VALUES (?, ?, ?, ?, ?, ?, ?)") \
    STATEMENT(TELL_VOLUNTEER, "UPDATE volunteers SET " TOLD("number") ", " TOLD("name") ", " TOLD("phone") ", " TOLD( \
                                  "platform") " WHERE seq = ?1") \
    STATEMENT(SERVE, "INSERT INTO serves VALUES (?, ?, NULL) ON CONFLICT DO UPDATE SET left = NULL") \
    STATEMENT(SERVE_NO_MORE, "DELETE FROM serves WHERE volunteer = ? AND left IS NULL") \
    STATEMENT(LEAVE, "UPDATE serves SET left = ?3 WHERE volunteer = ?1 AND left IS NULL" \
                     " AND (unit = ?2 OR unit >= ?2 || '/' AND unit < ?2 || '0')") \
    STATEMENT(ADD_REMARK, "INSERT INTO remarks VALUES (?, ?, ?, ?, ?)") \
    STATEMENT(FORGET_PARTICULARS, "UPDATE particulars SET number = NULL, name = NULL, phone = NULL, platform = NULL" \
                                  " WHERE volunteer = ?1") \
    STATEMENT(FORGET_REMARKS, "UPDATE remarks SET text = NULL WHERE volunteer = ?1") \
    STATEMENT(FORGET_TOLD, "UPDATE particulars SET number = NULL, name = NULL, phone = NULL, platform = NULL" \
                           " WHERE id = ? RETURNING volunteer") \
    STATEMENT(FORGET_REMARK, "UPDATE remarks SET text = NULL WHERE id = ?")

/* Those who fit: within a unit, in a unit, with number or platform, with a text somewhere, with or without those who left. */
#define VOLUNTEERS_FIT \
    " FROM volunteers AS v WHERE (?1 IS NULL OR EXISTS (SELECT 1 FROM serves AS s WHERE s.volunteer = v.seq" \
    " AND (s.unit = ?1 OR s.unit >= ?1 || '/' AND s.unit < ?1 || '0')))" \
    " AND (?2 IS NULL OR EXISTS (SELECT 1 FROM serves AS s WHERE s.volunteer = v.seq" \
    " AND (s.left IS NULL OR ?6) AND (s.unit = ?2 OR s.unit >= ?2 || '/' AND s.unit < ?2 || '0')))" \
    " AND (?3 IS NULL OR v.number = ?3) AND (?4 IS NULL OR v.platform = ?4)" \
    " AND (?5 IS NULL OR instr(v.number, ?5) OR instr(v.name, ?5) OR instr(v.phone, ?5))" \
    " AND (?6 OR EXISTS (SELECT 1 FROM serves AS s WHERE s.volunteer = v.seq AND s.left IS NULL))"

#define VOLUNTEERS_SELECT "SELECT v.seq, v.id, v.kind, v.minor, v.joined, v.number, v.name, v.phone, v.platform"
#define VOLUNTEERS_PAGE " AND v.seq > ?7 ORDER BY v.seq LIMIT ?8"

/* A number is looked up in its index, which takes a condition that holds without OR. */
#define PEOPLE_QUESTIONS(STATEMENT) \
    STATEMENT(VOLUNTEERS, VOLUNTEERS_SELECT VOLUNTEERS_FIT VOLUNTEERS_PAGE) \
    STATEMENT(COUNT_VOLUNTEERS, "SELECT count(*)" VOLUNTEERS_FIT) \
    STATEMENT(NUMBERED, VOLUNTEERS_SELECT VOLUNTEERS_FIT " AND v.number = ?3" VOLUNTEERS_PAGE) \
    STATEMENT(COUNT_NUMBERED, "SELECT count(*)" VOLUNTEERS_FIT " AND v.number = ?3") \
    STATEMENT(ON_PLATFORM, VOLUNTEERS_SELECT VOLUNTEERS_FIT " AND v.platform = ?4" VOLUNTEERS_PAGE) \
    STATEMENT(COUNT_ON_PLATFORM, "SELECT count(*)" VOLUNTEERS_FIT " AND v.platform = ?4") \
    STATEMENT(VOLUNTEER, VOLUNTEERS_SELECT VOLUNTEERS_FIT " AND v.id = ?7") \
    STATEMENT(SERVES, "SELECT unit, left FROM serves WHERE volunteer = ? AND (left IS NULL OR ?) ORDER BY unit") \
    STATEMENT(REMARK, "SELECT by, text FROM remarks WHERE id = ?")
