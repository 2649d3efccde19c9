/* chaoxun hours: minutes by grade, attendances and distinct volunteers as a table. */
#include <stdio.h>

#include "common/export/sheet.h"
#include "common/export/words.h"
#include "services/chaoxun/command.h"
#include "services/chaoxun/document.h"
#include "services/chaoxun/grid.h"
#include "services/chaoxun/people/roster.h"
#include "services/chaoxun/query.h"

#define BY_MAX 5
#define UNITS_MAX 30

static const char words[] = "squad programme grade kind day week month quarter year";

struct question {
    struct wire_hours_query query;
    struct text by[BY_MAX];
    struct text units[UNITS_MAX];
};

/* ---- the question ---- */

/* Words joined by commas. False when there are more than `most`. */
static bool split(const char *text, struct text *items, uint32_t most, struct list *list) {
    *list = (struct list){items, 0};
    while (text && *text != '\0') {
        struct text word = {text, (uint32_t)strcspn(text, ",")};
        if (list->count == most) {
            return false;
        }
        items[list->count++] = word;
        text += word.length + (text[word.length] == ',');
    }
    return true;
}

static int read_grade(const char *grade, struct wire_hours_query *query, struct error *error) {
    if (!grade) {
        return 0;
    }
    query->grade = word_find(KIND_GRADE, text_of(grade));
    wire_set(&query->present, FIELD_hours_query_grade);
    return query->grade >= 0 ? 0
                             : error_setf(error, ERR_USAGE,
                                          "--grade: %.20s is none of signed, leader, entered, credit, honour", grade);
}

static int read_options(const struct options *options, struct question *question, struct error *error) {
    struct wire_hours_query *query = &question->query;
    if (!split(option_text(options, "by"), question->by, BY_MAX, &query->by) ||
        !split(option_text(options, "unit"), question->units, UNITS_MAX, &query->units)) {
        return error_setf(error, ERR_USAGE, "--by takes up to five words, --unit up to thirty paths");
    }
    query->present |= (uint64_t)(query->by.count > 0) << FIELD_hours_query_by;
    query->present |= (uint64_t)(query->units.count > 0) << FIELD_hours_query_units;
    int result = query_day(options, "from", &query->from, &query->present, FIELD_hours_query_from, error);
    if (result == 0) {
        result = query_day(options, "to", &query->to, &query->present, FIELD_hours_query_to, error);
    }
    query_text(option_text(options, "programme"), &query->programme, &query->present, FIELD_hours_query_programme);
    query_text(option_text(options, "kind"), &query->kind, &query->present, FIELD_hours_query_kind);
    query_text(option_text(options, "at"), &query->at, &query->present, FIELD_hours_query_at);
    query_text(option_text(options, "at-least"), &query->at_least, &query->present, FIELD_hours_query_at_least);
    return result < 0 ? result : read_grade(option_text(options, "grade"), query, error);
}

static bool by_has(const struct question *question, const char *word) {
    for (uint32_t i = 0; i < question->query.by.count; i++) {
        if (text_equal(question->by[i], text_of(word))) {
            return true;
        }
    }
    return false;
}

/* ---- the table ---- */

/* Which of the columns that depend on --by are there. */
struct shown {
    bool unit;
    bool programme;
    bool grade;
    bool kind;
    bool period;
};

static struct shown shown_of(const struct question *question) {
    return (struct shown){by_has(question, "squad"), by_has(question, "programme"), by_has(question, "grade"),
                          by_has(question, "kind"),
                          by_has(question, "day") || by_has(question, "week") || by_has(question, "month") ||
                              by_has(question, "quarter") || by_has(question, "year")};
}

static void add_columns(struct grid *grid, struct shown shown, enum error_language language) {
    const struct {
        bool shown;
        const char *header;
    } dimensions[] = {{shown.unit, language_pick(language, "unit", "单位")},
                      {shown.programme, language_pick(language, "programme", "项目")},
                      {shown.grade, language_pick(language, "grade", "来源")},
                      {shown.kind, language_pick(language, "kind", "志愿者类别")},
                      {shown.period, language_pick(language, "period", "时间")}};
    for (size_t i = 0; i < sizeof dimensions / sizeof *dimensions; i++) {
        if (dimensions[i].shown) {
            grid_column(grid, dimensions[i].header, GRID_LEFT);
        }
    }
    grid_column(grid, language_pick(language, "attendances", "参与人次"), GRID_RIGHT);
    grid_column(grid, language_pick(language, "people", "参与人数（去重）"), GRID_RIGHT);
    grid_column(grid, language_pick(language, "hours", "服务小时"), GRID_RIGHT);
    grid_column(grid, language_pick(language, "signed", "签到"), GRID_RIGHT);
    grid_column(grid, language_pick(language, "leader", "代签"), GRID_RIGHT);
    grid_column(grid, language_pick(language, "entered", "补录"), GRID_RIGHT);
    grid_column(grid, language_pick(language, "credit*", "信用*"), GRID_RIGHT);
    grid_column(grid, language_pick(language, "honour*", "荣誉*"), GRID_RIGHT);
}

static void add_hours(struct grid *grid, int64_t minutes) {
    char hours[ROSTER_HOURS_SIZE];
    roster_hours(minutes, hours);
    grid_cell(grid, text_of(hours));
}

static void add_figures(struct grid *grid, const struct wire_hours_row *row) {
    grid_cellf(grid, "%lld", (long long)row->attendances);
    grid_cellf(grid, "%lld", (long long)row->people);
    const int64_t minutes[] = {row->minutes, row->signed_in, row->leader, row->entered, row->credit, row->honour};
    for (size_t i = 0; i < sizeof minutes / sizeof *minutes; i++) {
        add_hours(grid, minutes[i]);
    }
}

static void add_row(struct grid *grid, const struct wire_hours_row *row, struct shown shown,
                    enum error_language language) {
    bool chinese = language == LANGUAGE_ZH;
    if (shown.unit) {
        grid_cell(grid, row->name.length > 0 ? row->name : row->unit);
    }
    if (shown.programme) {
        grid_cell(grid, chinese ? words_programme(row->programme) : row->programme);
    }
    if (shown.grade) {
        grid_cell(grid, text_of(chinese ? word_chinese(KIND_GRADE, row->grade) : word_wire(KIND_GRADE, row->grade)));
    }
    if (shown.kind) {
        grid_cell(grid, row->kind.length > 0 ? row->kind : text_of(language_pick(language, "not said", "未填")));
    }
    if (shown.period) {
        grid_cell(grid, row->period);
    }
    add_figures(grid, row);
}

/* The whole under its own name, in the first of the columns that there are. */
static void add_whole(struct grid *grid, const struct wire_hours_row *whole, struct shown shown,
                      enum error_language language) {
    int columns = shown.unit + shown.programme + shown.grade + shown.kind + shown.period;
    for (int i = 0; i < columns; i++) {
        grid_cell(grid, text_of(i == 0 ? language_pick(language, "all", "合计") : ""));
    }
    add_figures(grid, whole);
}

static int print_table(const struct wire_hours_table *table, const struct question *question,
                       enum error_language language, struct error *error) {
    struct grid *grid = grid_create();
    struct shown shown = shown_of(question);
    const struct wire_hours_row *rows = table->rows.items;
    if (!grid) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    add_columns(grid, shown, language);
    for (uint32_t i = 0; i < table->rows.count && question->query.by.count > 0; i++) {
        add_row(grid, &rows[i], shown, language);
    }
    add_whole(grid, table->whole.items, shown, language);
    bool whole = grid_print(grid, stdout);
    grid_destroy(&grid);
    printf("%s\n",
           language_pick(language, "* another platform's, in no sum; people and attendances stand once in the whole",
                         "* 其他平台的时数，不计入合计；合计中每人、每人次只计一次"));
    printf("%s %.*s\n", language_pick(language, "as of", "截至"), (int)table->as_of.length, table->as_of.data);
    return whole ? 0 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

static int print_csv(const struct wire_hours_table *table, struct error *error) {
    const struct wire_hours_row *rows = table->rows.items;
    struct buffer out = {0};
    for (uint32_t i = 0; i < table->rows.count; i++) {
        struct sheet_row row = {.out = &out};
        bool graded = wire_has(rows[i].present, FIELD_hours_row_grade);
        const int64_t numbers[] = {rows[i].attendances, rows[i].people,  rows[i].minutes, rows[i].signed_in,
                                   rows[i].leader,      rows[i].entered, rows[i].credit,  rows[i].honour};
        sheet_text(&row, rows[i].unit);
        sheet_text(&row, rows[i].name);
        sheet_text(&row, rows[i].programme);
        sheet_text(&row, text_of(graded ? word_wire(KIND_GRADE, rows[i].grade) : ""));
        sheet_text(&row, rows[i].kind);
        sheet_text(&row, rows[i].period);
        for (size_t j = 0; j < sizeof numbers / sizeof *numbers; j++) {
            sheet_integer(&row, numbers[j]);
        }
        sheet_text(&row, table->as_of);
        sheet_end(&row);
    }
    return document_print_rows("unit,name,programme,grade,kind,period,attendances,people,minutes,signed,leader,entered,"
                               "credit,honour,as_of",
                               &out, error);
}

static int ask_and_print(const struct session *session, void *data, struct arena *arena, struct error *error) {
    const struct question *question = data;
    struct wire_hours_table table;
    int result = session_ask_shape(session, EDGE_TOTALS, "hours", ROSTER_ANSWER_MS, SHAPE_hours_query, &question->query,
                                   SHAPE_hours_table, arena, &table, error);
    if (result != 0) {
        return result;
    }
    if (option_given(session->options, "json")) {
        document_print(shape_of(SHAPE_hours_table), &table);
        return 0;
    }
    return option_given(session->options, "csv") ? print_csv(&table, error)
                                                 : print_table(&table, question, session->language, error);
}

static int run_hours(const struct options *options) {
    struct question question = {0};
    struct error error;
    return read_options(options, &question, &error) < 0
               ? command_fail(options, &error)
               : session_run(options, ROSTER_ARENA_BYTES, ask_and_print, &question);
}

static const struct option_row rows[] = {
    QUERY_OPTIONS,
    {.name = "grade",
     .kind = OPTION_TEXT,
     .word = "WORD",
     .prose = "only signed, leader, entered, credit or honour",
     .values = "signed leader entered credit honour"},
    {.name = "kind", .kind = OPTION_TEXT, .word = "TEXT", .prose = "only volunteers who were of this kind then"},
    {.name = "by", .kind = OPTION_TEXT, .word = "WORDS", .prose = "a row for each of these", .values = words},
    {.name = "at", .kind = OPTION_TEXT, .word = "WHEN", .prose = "as it stood then: a day, a position or a number"},
    {.name = "at-least", .kind = OPTION_TEXT, .word = "POSITION", .prose = "with everything up to this position"},
    {.name = "json", .kind = OPTION_FLAG, .prose = "as JSON"},
    {.name = "csv", .kind = OPTION_FLAG, .prose = "as CSV"},
    {.name = NULL},
};

const struct command command_hours = {
    .name = "hours",
    .summary = "hours by grade, attendances and distinct volunteers as a table",
    .usage = "[OPTION...]",
    .about =
        "--by takes up to five of squad, programme, grade, kind and of day, week, month, quarter, year, joined by\n"
        "commas; --unit several paths joined by commas. 人次 is a volunteer at an activity on a day, 人数 are "
        "distinct\n"
        "volunteers: the whole is not the sum of its rows. Example:\n"
        "  chaoxun hours --by squad,month --from 2026-01-01 --to 2026-12-31\n",
    .options = rows,
    .run = run_hours,
};
