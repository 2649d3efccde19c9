/* chaoxun report show: one report with every version, and what changed from one to the next. */
#include <stdio.h>

#include "common/export/report_sheet.h"
#include "common/import/import.h"
#include "services/chaoxun/command.h"
#include "services/chaoxun/document.h"
#include "services/chaoxun/grid.h"
#include "services/chaoxun/moment.h"
#include "services/chaoxun/query.h"
#include "services/chaoxun/session.h"

#define ARENA_BYTES (256 * 1024 * 1024)

/* The history on its way to the terminal. */
struct history {
    const struct session *session;
    const struct wire_report_answer *answer;
    struct report_sheet *sheet;
    struct arena *arena; /* of cells */
    struct text cells[REPORT_SHEET_COLUMNS];
    bool any; /* `cells` hold a version */
};

/* ---- versions ---- */

static const char *type_word(struct text type, enum error_language language) {
    static const struct {
        const char *wire;
        const char *english;
        const char *chinese;
    } rows[] = {
        {"report.submitted", "submitted", "首次填报"},
        {"report.amended", "amended", "更正"},
        {"report.withdrawn", "withdrawn", "撤回"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (text_equal(type, text_of(rows[i].wire))) {
            return language_pick(language, rows[i].english, rows[i].chinese);
        }
    }
    return "?";
}

static void print_version(const struct history *history, uint32_t number, const struct wire_report_version *version) {
    enum error_language language = history->session->language;
    char at[MOMENT_TEXT_SIZE];
    moment_format(version->received_at, session_utc_offset(history->session), at);
    printf("%u. %s  %s  %.*s", number, type_word(version->type, language), at, (int)version->source.length,
           version->source.length > 0 ? version->source.data : "");
    if (version->by.length > 0) {
        printf(language_pick(language, "  by %.*s", "  经办 %.*s"), (int)version->by.length, version->by.data);
    }
    if (version->reason.length > 0) {
        printf(language_pick(language, "  because: %.*s", "  原因：%.*s"), (int)version->reason.length,
               version->reason.data);
    }
    if (version->removed) {
        printf("%s",
               language_pick(language, "  (personal data and free text were removed)", "（个人信息和文字已删除）"));
    }
    putchar('\n');
    const struct wire_warning *warnings = version->warnings.items;
    for (uint32_t i = 0; i < version->warnings.count; i++) {
        struct text text = language == LANGUAGE_ZH ? warnings[i].text : warnings[i].text_en;
        printf("     %s%.*s\n", language_pick(language, "note: ", "存疑："), (int)text.length, text.data);
    }
}

static const char *column_label(int column, enum error_language language) {
    const char *header = import_headers()[column];
    return language == LANGUAGE_ZH ? header : import_field_of(header);
}

static void print_value(struct text text, enum error_language language) {
    if (text.length > 0) {
        document_write_flat(stdout, text);
    } else {
        printf("%s", language_pick(language, "(nothing)", "（无）"));
    }
}

static void print_changes(const struct history *history, const struct text cells[REPORT_SHEET_COLUMNS]) {
    enum error_language language = history->session->language;
    for (int column = 0; column < REPORT_SHEET_COLUMNS; column++) {
        if (!text_equal(history->cells[column], cells[column])) {
            printf("     %s: ", column_label(column, language));
            print_value(history->cells[column], language);
            printf(" → ");
            print_value(cells[column], language);
            putchar('\n');
        }
    }
}

static int add_version(struct history *history, const struct wire_report_version *version, struct error *error) {
    const struct wire_report_answer *answer = history->answer;
    const struct wire_record_entry entry = {
        .id = answer->id, .unit = answer->unit, .name = answer->name, .report = version->report};
    struct text cells[REPORT_SHEET_COLUMNS];
    if (version->report.count == 0) {
        return 0;
    }
    int result = report_sheet_cells(history->sheet, &entry, history->arena, cells, error);
    if (result == 0 && history->any) {
        print_changes(history, cells);
    }
    if (result == 0) {
        memcpy(history->cells, cells, sizeof cells);
        history->any = true;
    }
    return result;
}

/* ---- the whole ---- */

/* What the last version says, a line per column that says anything. */
static bool print_content(const struct history *history) {
    enum error_language language = history->session->language;
    struct grid *grid = grid_create();
    if (!grid) {
        return false;
    }
    grid_column(grid, language_pick(language, "field", "栏目"), GRID_LEFT);
    grid_column(grid, language_pick(language, "content", "内容"), GRID_LEFT);
    for (int column = 0; column < REPORT_SHEET_COLUMNS; column++) {
        if (history->cells[column].length > 0) {
            grid_cell(grid, text_of(column_label(column, language)));
            grid_cell(grid, history->cells[column]);
        }
    }
    bool whole = grid_print(grid, stdout);
    grid_destroy(&grid);
    return whole;
}

static int print_history(struct history *history, struct error *error) {
    const struct wire_report_answer *answer = history->answer;
    enum error_language language = history->session->language;
    const struct wire_report_version *versions = answer->versions.items;
    int result = 0;
    if (answer->withdrawn) {
        printf("%s\n", language_pick(language, "withdrawn: it no longer counts", "已撤回，不再计入统计"));
    }
    for (uint32_t i = 0; i < answer->versions.count && result == 0; i++) {
        print_version(history, i + 1, &versions[i]);
        result = add_version(history, &versions[i], error);
    }
    if (result == 0) {
        putchar('\n');
        result = print_content(history) ? 0 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    printf("%s %.*s\n", language_pick(language, "as of", "截至"), (int)answer->as_of.length, answer->as_of.data);
    return result;
}

static int show(const struct session *session, const struct wire_report_answer *answer, struct error *error) {
    struct history history = {.session = session, .answer = answer};
    if (option_given(session->options, "json")) {
        document_print(shape_of(SHAPE_report_answer), answer);
        return 0;
    }
    int result = report_sheet_open(&history.sheet, false, error);
    history.arena = arena_create(ARENA_BYTES);
    if (result == 0 && !history.arena) {
        result = error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    if (result == 0) {
        result = print_history(&history, error);
    }
    report_sheet_close(&history.sheet);
    arena_destroy(&history.arena);
    return result;
}

static int run_show(const struct options *options) {
    struct session session = {0};
    struct wire_report_query query = {.side = true};
    struct wire_report_answer answer;
    struct error error;
    if (!id_parse(text_of(option_operand(options, 0)), &query.id)) {
        return command_usage(options, "%.60s is not the id of a report", option_operand(options, 0));
    }
    wire_set(&query.present, FIELD_report_query_id);
    wire_set(&query.present, FIELD_report_query_side);
    query_text(option_text(options, "at-least"), &query.at_least, &query.present, FIELD_report_query_at_least);
    struct arena *arena = arena_create(ARENA_BYTES);
    int result = arena ? session_open(&session, options, NULL, NULL, &error)
                       : error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
    if (result == 0) {
        result = session_ask_shape(&session, EDGE_RECORD, "report", SESSION_CALL_MS, SHAPE_report_query, &query,
                                   SHAPE_report_answer, arena, &answer, &error);
    }
    if (result == 0) {
        result = show(&session, &answer, &error);
    }
    int status = result != 0 ? command_fail(options, &error) : 0;
    arena_destroy(&arena);
    session_close(&session);
    return status;
}

static const struct option_row rows[] = {
    {.name = "at-least", .kind = OPTION_TEXT, .word = "POSITION", .prose = "with everything up to this position"},
    {.name = "json", .kind = OPTION_FLAG, .prose = "as JSON"},
    {.name = NULL},
};

const struct command command_report_show = {
    .name = "report show",
    .summary = "one report: every version, who changed what and why",
    .usage = "ID [OPTION...]",
    .about =
        "ID is the 系统编号 of chaoxun report list, or the id that the receipt named. Late stays late, and what was\n"
        "corrected stays visible: each version names what changed, before → after.\n",
    .options = rows,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_show,
};
