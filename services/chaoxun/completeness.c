/* chaoxun completeness, chaoxun missing: which reports are owed for planned activities, and which did not come. */
#include <stdio.h>

#include "services/chaoxun/command.h"
#include "services/chaoxun/document.h"
#include "services/chaoxun/grid.h"
#include "services/chaoxun/query.h"
#include "services/chaoxun/session.h"

#define ARENA_BYTES (64 * 1024 * 1024)
#define ANSWER_MS 15000

/* What both commands do: ask, and print what comes. */
struct asking {
    const char *verb;
    enum shape_index shape;
    bool (*print)(const void *answer, enum error_language language);
    bool late; /* months that were late can be asked for */
};

static int take_month(const struct options *options, const char *name, int32_t *month, uint64_t *present,
                      unsigned field, struct error *error) {
    const char *value = option_text(options, name);
    if (!value) {
        return 0;
    }
    wire_set(present, field);
    return month_parse(text_of(value), month)
               ? 0
               : error_setf(error, ERR_USAGE, "--%s: %.40s is not a month like 2026-05", name, value);
}

static int read_options(const struct options *options, struct wire_completeness_query *query, struct error *error) {
    *query = (struct wire_completeness_query){0};
    int result = take_month(options, "from", &query->from, &query->present, FIELD_completeness_query_from, error);
    if (result == 0) {
        result = take_month(options, "to", &query->to, &query->present, FIELD_completeness_query_to, error);
    }
    query_text(option_text(options, "unit"), &query->unit, &query->present, FIELD_completeness_query_unit);
    query_text(option_text(options, "at"), &query->at, &query->present, FIELD_completeness_query_at);
    query_text(option_text(options, "at-least"), &query->at_least, &query->present, FIELD_completeness_query_at_least);
    return result;
}

/* ---- tables ---- */

static void add_columns(struct grid *grid, const char *const columns[][2], int count, int left,
                        enum error_language language) {
    for (int i = 0; i < count; i++) {
        grid_column(grid, language_pick(language, columns[i][0], columns[i][1]), i < left ? GRID_LEFT : GRID_RIGHT);
    }
}

static void print_end(bool opened, int32_t today, struct text as_of, enum error_language language) {
    char day[DATE_TEXT_SIZE] = "-";
    if (opened) {
        day_format(today, day);
    }
    printf("%s %s\n", language_pick(language, "today is", "当日"), day);
    printf("%s %.*s\n", language_pick(language, "as of", "截至"), (int)as_of.length, as_of.data);
}

static const char *state_word(struct text state, enum error_language language) {
    if (text_equal(state, text_of("complete"))) {
        return language_pick(language, "complete", "齐全");
    }
    return text_equal(state, text_of("open")) ? language_pick(language, "open", "未到期")
                                              : language_pick(language, "incomplete", "不齐");
}

static void add_row(struct grid *grid, const struct wire_completeness_row *row, enum error_language language) {
    char text[DATE_TEXT_SIZE];
    grid_cell(grid, row->name.length > 0 ? row->name : row->unit);
    month_format(row->month, text);
    grid_cell(grid, text_of(text));
    grid_cell(grid, text_of(state_word(row->state, language)));
    const int64_t counts[] = {row->expected, row->in_time, row->late, row->missing, row->open};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        grid_cellf(grid, "%lld", (long long)counts[i]);
    }
    day_format(row->due, text);
    grid_cell(grid, text_of(text));
}

static bool print_completeness(const void *data, enum error_language language) {
    static const char *const columns[][2] = {
        {"unit", "单位"}, {"month", "月份"},   {"state", "状态"},  {"expected", "应报"},      {"in time", "按时"},
        {"late", "迟报"}, {"missing", "漏报"}, {"open", "未到期"}, {"month due", "月报截止"},
    };
    const struct wire_completeness_answer *answer = data;
    const struct wire_completeness_row *rows = answer->rows.items;
    struct grid *grid = grid_create();
    if (!grid) {
        return false;
    }
    add_columns(grid, columns, 9, 3, language);
    for (uint32_t i = 0; i < answer->rows.count; i++) {
        add_row(grid, &rows[i], language);
    }
    bool whole = grid_print(grid, stdout);
    grid_destroy(&grid);
    print_end(wire_has(answer->present, FIELD_completeness_answer_today), answer->today, answer->as_of, language);
    return whole;
}

static bool print_missing(const void *data, enum error_language language) {
    static const char *const columns[][2] = {{"unit", "单位"},
                                             {"activity", "活动编号"},
                                             {"last day", "活动结束"},
                                             {"due", "应报日期"},
                                             {"days", "逾期天数"}};
    const struct wire_missing_answer *answer = data;
    const struct wire_missing_row *rows = answer->rows.items;
    struct grid *grid = grid_create();
    if (!grid) {
        return false;
    }
    add_columns(grid, columns, 5, 4, language);
    for (uint32_t i = 0; i < answer->rows.count; i++) {
        char id[ID_TEXT_SIZE];
        char last[DATE_TEXT_SIZE];
        char due[DATE_TEXT_SIZE];
        id_format(&rows[i].activity, id);
        day_format(rows[i].last_day, last);
        day_format(rows[i].due, due);
        grid_cell(grid, rows[i].name.length > 0 ? rows[i].name : rows[i].unit);
        grid_cell(grid, text_of(id));
        grid_cell(grid, text_of(last));
        grid_cell(grid, text_of(due));
        grid_cellf(grid, "%lld", (long long)rows[i].days);
    }
    bool whole = grid_print(grid, stdout);
    grid_destroy(&grid);
    if (answer->left_out > 0) {
        printf(language_pick(language, "and %lld more\n", "另有 %lld 条未列出\n"), (long long)answer->left_out);
    }
    print_end(wire_has(answer->present, FIELD_missing_answer_today), answer->today, answer->as_of, language);
    return whole;
}

/* ---- the commands ---- */

static int ask(const struct session *session, const struct asking *asking, const struct wire_completeness_query *query,
               struct arena *arena, struct error *error) {
    union {
        struct wire_completeness_answer completeness;
        struct wire_missing_answer missing;
    } answer;
    int result = session_ask_shape(session, EDGE_TOTALS, asking->verb, ANSWER_MS, SHAPE_completeness_query, query,
                                   asking->shape, arena, &answer, error);
    if (result != 0) {
        return result;
    }
    if (option_given(session->options, "json")) {
        document_print(shape_of(asking->shape), &answer);
        return 0;
    }
    return asking->print(&answer, session->language) ? 0 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

static int run(const struct options *options, const struct asking *asking) {
    struct session session = {0};
    struct wire_completeness_query query = {0};
    struct error error;
    struct arena *arena = arena_create(ARENA_BYTES);
    int result =
        arena ? read_options(options, &query, &error) : error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
    if (result == 0 && asking->late && option_given(options, "late")) {
        query.month_late = true;
        wire_set(&query.present, FIELD_completeness_query_month_late);
    }
    if (result == 0) {
        result = session_open(&session, options, NULL, NULL, &error);
    }
    if (result == 0) {
        result = ask(&session, asking, &query, arena, &error);
    }
    arena_destroy(&arena);
    int status = result != 0 ? command_fail(options, &error) : 0;
    session_close(&session);
    return status;
}

static int run_completeness(const struct options *options) {
    return run(options, &(struct asking){"completeness", SHAPE_completeness_answer, print_completeness, true});
}

static int run_missing(const struct options *options) {
    return run(options, &(struct asking){"missing", SHAPE_missing_answer, print_missing, false});
}

#define OPTIONS \
    {.name = "from", .kind = OPTION_TEXT, .word = "MONTH", .prose = "first month, 2026-01"}, \
        {.name = "to", .kind = OPTION_TEXT, .word = "MONTH", .prose = "last month, included"}, \
        {.name = "unit", .kind = OPTION_TEXT, .word = "PATH", .prose = "only this unit and what lies under it"}, \
        {.name = "at", \
         .kind = OPTION_TEXT, \
         .word = "WHEN", \
         .prose = "as it stood: a position, an event's number, the end of a day 2026-06-30"}, \
        {.name = "at-least", .kind = OPTION_TEXT, .word = "POSITION", .prose = "with everything up to this position"}, \
    { \
        .name = "json", .kind = OPTION_FLAG, .prose = "as JSON" \
    }

static const struct option_row completeness_rows[] = {
    OPTIONS,
    {.name = "late", .kind = OPTION_FLAG, .prose = "only months of which not everything had come when they were due"},
    {.name = NULL},
};

static const struct option_row missing_rows[] = {OPTIONS, {.name = NULL}};

const struct command command_completeness = {
    .name = "completeness",
    .summary = "which reports are owed for planned activities, and what became of them",
    .usage = "[OPTION...]",
    .about =
        "By squad and month of the activities' last days. A report is due report-due-days after the last day, a\n"
        "squad's month on month-due-day of the next month (settings of the office). Late stays late, also after a\n"
        "correction.\n"
        "Example: chaoxun completeness --from 2026-05 --to 2026-05\n",
    .options = completeness_rows,
    .run = run_completeness,
};

const struct command command_missing = {
    .name = "missing",
    .summary = "reports that are overdue, by squad",
    .usage = "[OPTION...]",
    .about = "One line for each activity of which a squad's report did not come in time, the longest overdue first.\n"
             "Who was missing at the end of June: chaoxun missing --at 2026-06-30\n",
    .options = missing_rows,
    .run = run_missing,
};
