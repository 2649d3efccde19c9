/* Finding reports: the filter becomes the conditions of one statement, in which nothing stands but rows of the table
 * below; values are bound. */
#include <stdio.h>

#include "services/archiver/search.h"

#define SQL_MAX 1600

enum parameter {
    AT = 1,
    WITHDRAWN,
    BEFORE,
    WITHIN,
    WITHIN_BELOW,
    WITHIN_END,
    UNIT,
    UNIT_BELOW,
    UNIT_END,
    PROGRAMME,
    FROM,
    TO,
    NUMBER,
    ACTIVITY,
    ATTENDANCES_FROM,
    ATTENDANCES_TO,
    REPORT,
    CONTENT,
    PARAMETER_COUNT
};

/* What a given filter adds to the statement. */
static const char *const conditions[PARAMETER_COUNT] = {
    [BEFORE] = " AND v.report < ?3",
    [WITHIN] = " AND (v.unit = ?4 OR v.unit >= ?5 AND v.unit < ?6)",
    [UNIT] = " AND (v.unit = ?7 OR v.unit >= ?8 AND v.unit < ?9)",
    [PROGRAMME] = " AND v.programmes & ?10",
    [FROM] = " AND v.day_end >= ?11",
    [TO] = " AND v.day <= ?12",
    [NUMBER] = " AND v.number = ?13",
    [ACTIVITY] = " AND v.activity = ?14",
    [ATTENDANCES_FROM] = " AND v.attendances >= ?15",
    [ATTENDANCES_TO] = " AND v.attendances <= ?16",
    [REPORT] = " AND v.report = ?17",
    [CONTENT] = " AND v.content = ?18",
};

#define PATH_ROOM 110

struct finding {
    struct record_reader *reader;
    const struct record_filter *filter;
    const struct record_page *page;
    uint64_t at;
    bool given[PARAMETER_COUNT];
    char below[2][PATH_ROOM]; /* "haining/": what lies under the unit begins so, */
    char end[2][PATH_ROOM];   /* "haining0": and ends before this, '0' being the character behind '/' */
    sqlite3_stmt *statement;
    size_t matched; /* of what the words were found in, how many the statement was asked for */
};

static void choose(struct finding *finding) {
    const struct record_filter *filter = finding->filter;
    bool *given = finding->given;
    given[BEFORE] = finding->page->before != 0;
    given[WITHIN] = filter->within.length > 0;
    given[UNIT] = filter->unit.length > 0;
    given[PROGRAMME] = filter->programme != RECORD_ANY;
    given[FROM] = filter->dated;
    given[TO] = filter->dated;
    given[NUMBER] = filter->number.length > 0;
    given[ACTIVITY] = filter->activity != NULL;
    given[ATTENDANCES_FROM] = filter->attendances_from != RECORD_ANY;
    given[ATTENDANCES_TO] = filter->attendances_to != RECORD_ANY;
    given[REPORT] = filter->words.length > 0;
    given[CONTENT] = filter->words.length > 0;
}

/* What leads to the versions are the words, or else a mark, or else their order. */
static void compose(const struct finding *finding, char sql[SQL_MAX]) {
    bool marked = !finding->given[REPORT] && (finding->given[NUMBER] || finding->given[ACTIVITY]);
    int length = snprintf(sql, SQL_MAX,
                          "SELECT v.report, v.seq FROM %sversions AS v WHERE v.seq <= ?1 AND v.until > ?1"
                          " AND v.withdrawn = ?2",
                          marked ? "marks AS m CROSS JOIN " : "");
    if (marked) {
        length +=
            snprintf(sql + length, SQL_MAX - (size_t)length,
                     " AND m.mark = %d AND m.value = ?%d AND v.report = m.report AND v.seq = m.seq",
                     finding->given[NUMBER] ? MARK_NUMBER : MARK_ACTIVITY, finding->given[NUMBER] ? NUMBER : ACTIVITY);
    }
    for (int i = 0; i < PARAMETER_COUNT; i++) {
        if (finding->given[i] && conditions[i]) {
            length += snprintf(sql + length, SQL_MAX - (size_t)length, "%s", conditions[i]);
        }
    }
    snprintf(sql + length, SQL_MAX - (size_t)length, " ORDER BY v.report DESC");
}

static void bind_path(struct finding *finding, enum parameter first, struct text path, int index) {
    snprintf(finding->below[index], PATH_ROOM, "%.*s/", (int)path.length, path.data);
    snprintf(finding->end[index], PATH_ROOM, "%.*s0", (int)path.length, path.data);
    bind_text(finding->statement, (int)first, path);
    bind_text(finding->statement, (int)first + 1, text_of(finding->below[index]));
    bind_text(finding->statement, (int)first + 2, text_of(finding->end[index]));
}

static void bind_values(struct finding *finding) {
    const struct record_filter *filter = finding->filter;
    sqlite3_stmt *statement = finding->statement;
    sqlite3_bind_int64(statement, AT, (sqlite3_int64)finding->at);
    sqlite3_bind_int(statement, WITHDRAWN, filter->withdrawn);
    sqlite3_bind_int64(statement, BEFORE, (sqlite3_int64)finding->page->before);
    bind_path(finding, WITHIN, filter->within, 0);
    bind_path(finding, UNIT, filter->unit, 1);
    sqlite3_bind_int64(statement, PROGRAMME, finding->given[PROGRAMME] ? INT64_C(1) << filter->programme : 0);
    sqlite3_bind_int(statement, FROM, filter->from);
    sqlite3_bind_int(statement, TO, filter->to);
    bind_text(statement, NUMBER, filter->number);
    if (filter->activity) {
        bind_blob(statement, ACTIVITY, filter->activity->bytes, ID_BYTES);
    }
    sqlite3_bind_int64(statement, ATTENDANCES_FROM, filter->attendances_from);
    sqlite3_bind_int64(statement, ATTENDANCES_TO, filter->attendances_to);
}

static int prepare(struct finding *finding, struct error *error) {
    char sql[SQL_MAX];
    choose(finding);
    compose(finding, sql);
    int result = database_prepare(&finding->reader->database, sql, &finding->statement, error);
    if (result == 0) {
        bind_values(finding);
    }
    return result;
}

/* 1 with the next row, the newest submission first: of all that fit, or of the versions that the words were found in (one
 * of a report stands at any time). */
static int next_row(struct finding *finding, int64_t *report, int64_t *seq, struct error *error) {
    const struct buffer *matches = &finding->reader->matches;
    sqlite3_stmt *statement = finding->statement;
    bool matching = finding->given[REPORT];
    int result = matching ? 0 : database_step(&finding->reader->database, statement, error);
    while (matching && result == 0 && finding->matched < matches->length) {
        struct search_match match;
        memcpy(&match, matches->data + finding->matched, sizeof match);
        finding->matched += sizeof match;
        sqlite3_bind_int64(statement, REPORT, (sqlite3_int64)match.report);
        sqlite3_bind_int64(statement, CONTENT, (sqlite3_int64)match.content);
        result = database_step(&finding->reader->database, statement, error);
    }
    if (result == 1) {
        *report = sqlite3_column_int64(statement, 0);
        *seq = sqlite3_column_int64(statement, 1);
        if (matching) {
            sqlite3_reset(statement);
        }
    }
    return result;
}

/* Takes the rows of the page; a first page goes on counting, a later one looks for one row more. */
static int collect(struct finding *finding, struct arena *arena, struct record_found *found, struct error *error) {
    bool counting = finding->page->before == 0;
    int64_t report;
    int64_t seq;
    int result;
    while ((result = next_row(finding, &report, &seq, error)) == 1) {
        found->total++;
        if (found->count < finding->page->limit) {
            found->submitted[found->count] = (uint64_t)report;
            result = reader_entry(finding->reader, report, seq, arena, &found->rows[found->count++], error);
        } else {
            found->more = true;
        }
        if (result < 0 || (found->more && !counting)) {
            break;
        }
    }
    return result < 0 ? result : 0;
}

static int find(struct finding *finding, struct arena *arena, struct record_found *found, struct error *error) {
    finding->at = finding->page->at != 0 ? finding->page->at : found->position.seq;
    if (finding->at > found->position.seq) {
        return error_set(error, ERR_BEHIND, (struct error_words){.limit = "the cursor's position"});
    }
    uint32_t limit = finding->page->limit;
    found->rows = arena_alloc(arena, (limit + 1) * sizeof *found->rows);
    found->submitted = arena_alloc(arena, (limit + 1) * sizeof *found->submitted);
    if (!found->rows || !found->submitted) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    int result = prepare(finding, error);
    if (result == 0 && finding->given[REPORT]) {
        result = search_find(finding->reader, finding->filter->words, arena, error);
    }
    if (result == 0) {
        result = collect(finding, arena, found, error);
    }
    sqlite3_finalize(finding->statement);
    return result;
}

int record_find(struct record_reader *reader, const struct record_filter *filter, const struct record_page *page,
                struct arena *arena, struct record_found *found, struct error *error) {
    struct finding finding = {.reader = reader, .filter = filter, .page = page};
    *found = (struct record_found){0};
    int result = reader_begin(reader, &found->position, error);
    if (result < 0) {
        return result;
    }
    result = find(&finding, arena, found, error);
    reader_end(reader);
    return result;
}
