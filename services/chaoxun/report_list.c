/* chaoxun report list: the record searched, as a table, as JSON, or as a spreadsheet. */
#include <stdio.h>

#include "common/export/report_sheet.h"
#include "common/export/words.h"
#include "services/chaoxun/command.h"
#include "services/chaoxun/document.h"
#include "services/chaoxun/grid.h"
#include "services/chaoxun/record.h"

#define LIMIT_DEFAULT 20
#define LIMIT_MAX 10000000

struct listing {
    enum error_language language;
    struct grid *grid;
    struct report_sheet *sheet;
    struct buffer line;
};

/* ---- the table ---- */

static void add_columns(struct grid *grid, enum error_language language) {
    grid_column(grid, language_pick(language, "date", "活动日期"), GRID_LEFT);
    grid_column(grid, language_pick(language, "unit", "单位"), GRID_LEFT);
    grid_column(grid, language_pick(language, "title", "活动名称"), GRID_LEFT);
    grid_column(grid, language_pick(language, "programmes", "项目"), GRID_LEFT);
    grid_column(grid, language_pick(language, "attendances", "参与人次"), GRID_RIGHT);
    grid_column(grid, language_pick(language, "hours", "服务小时"), GRID_RIGHT);
    grid_column(grid, language_pick(language, "versions", "版本"), GRID_RIGHT);
    grid_column(grid, language_pick(language, "id", "系统编号"), GRID_LEFT);
}

static void add_date(struct grid *grid, const struct wire_report *report) {
    char day[DATE_TEXT_SIZE];
    if (wire_has(report->present, FIELD_report_date)) {
        day_format(report->date, day);
        grid_cell(grid, text_of(day));
    } else {
        grid_cell(grid, report->date_text);
    }
}

static void add_programmes(struct grid *grid, const struct wire_report *report, enum error_language language) {
    const struct text *codes = report->programmes.items;
    struct buffer names = {0};
    for (uint32_t i = 0; i < report->programmes.count; i++) {
        struct text name = language == LANGUAGE_ZH ? words_programme(codes[i]) : codes[i];
        const char *comma = i > 0 ? language_pick(language, ", ", "、") : "";
        buffer_append(&names, comma, strlen(comma));
        buffer_append(&names, name.data, name.length);
    }
    grid_cell(grid, (struct text){(const char *)names.data, (uint32_t)names.length});
    buffer_free(&names);
}

static void add_numbers(struct grid *grid, const struct wire_report *report) {
    char hours[SHEET_THOUSANDTHS_SIZE];
    if (wire_has(report->present, FIELD_report_attendances)) {
        grid_cellf(grid, "%s%lld%.*s", word_chinese(KIND_APPROX, report->attendances_approx),
                   (long long)report->attendances, (int)report->attendances_unit.length,
                   report->attendances_unit.length > 0 ? report->attendances_unit.data : "");
    } else {
        grid_cell(grid, report->attendances_text);
    }
    if (wire_has(report->present, FIELD_report_minutes)) {
        sheet_format_thousandths(report->minutes * 1000 / 60 / 100 * 100, hours);
        grid_cellf(grid, "%s%s", word_chinese(KIND_APPROX, report->minutes_approx), hours);
    } else {
        grid_cell(grid, text_of("-"));
    }
}

static int add_report(void *data, const struct wire_record_entry *entry, struct error *error) {
    const struct listing *listing = data;
    const struct wire_report *report = entry->report.items;
    char id[ID_TEXT_SIZE];
    (void)error;
    add_date(listing->grid, report);
    grid_cell(listing->grid, entry->name.length > 0 ? entry->name : entry->unit);
    grid_cell(listing->grid, report->title);
    add_programmes(listing->grid, report, listing->language);
    add_numbers(listing->grid, report);
    grid_cellf(listing->grid, "%lld", (long long)entry->versions);
    id_format(&entry->id, id);
    grid_cell(listing->grid, text_of(id));
    return 0;
}

static int list_table(const struct session *session, struct wire_record_query *query, struct error *error) {
    struct listing listing = {.language = session->language, .grid = grid_create()};
    struct record_answer answer;
    if (!listing.grid) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    add_columns(listing.grid, session->language);
    int result = record_each_report(session, query, option_int(session->options, "limit", LIMIT_DEFAULT), add_report,
                                    &listing, &answer, error);
    if (result == 0) {
        result = grid_print(listing.grid, stdout) ? 0 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
        printf(
            language_pick(session->language, "%lld of %lld reports%s; as of %s\n", "%lld / %lld 份报告%s；截至 %s\n"),
            (long long)answer.told, (long long)answer.total,
            answer.told < answer.total
                ? language_pick(session->language, " (--limit N for more)", "（--limit N 显示更多）")
                : "",
            answer.as_of);
    }
    grid_destroy(&listing.grid);
    return result;
}

/* ---- JSON and CSV: all that fit, unless there is a limit ---- */

static int print_json(void *data, const struct wire_record_entry *entry, struct error *error) {
    (void)data;
    (void)error;
    document_print_line(shape_of(SHAPE_record_entry), entry);
    return 0;
}

static void flush_line(struct listing *listing) {
    fwrite(listing->line.data, 1, listing->line.length, stdout);
    buffer_clear(&listing->line);
}

static int print_row(void *data, const struct wire_record_entry *entry, struct error *error) {
    struct listing *listing = data;
    int result = report_sheet_row(listing->sheet, entry, &listing->line, error);
    if (result == 0) {
        flush_line(listing);
    }
    return result;
}

static int list_json(const struct session *session, struct wire_record_query *query, struct error *error) {
    struct record_answer answer;
    return record_each_report(session, query, option_int(session->options, "limit", LIMIT_MAX), print_json, NULL,
                              &answer, error);
}

static int list_csv(const struct session *session, struct wire_record_query *query, struct error *error) {
    struct listing listing = {.language = session->language};
    struct record_answer answer;
    int result = report_sheet_open(&listing.sheet, option_given(session->options, "gb18030"), error);
    if (result == 0) {
        result = report_sheet_header(listing.sheet, &listing.line, error);
    }
    if (result == 0) {
        flush_line(&listing);
        result = record_each_report(session, query, option_int(session->options, "limit", LIMIT_MAX), print_row,
                                    &listing, &answer, error);
    }
    report_sheet_close(&listing.sheet);
    buffer_free(&listing.line);
    return result;
}

/* ---- the command ---- */

static int run_list(const struct options *options) {
    struct session session = {0};
    struct wire_record_query query = {.present = 0};
    struct error error;
    bool json = option_given(options, "json");
    bool csv = option_given(options, "csv") || option_given(options, "gb18030");
    if (json && csv) {
        return command_usage(options, "--json and --csv are one or the other");
    }
    int result = record_question(options, &query, &error);
    if (result == 0) {
        result = session_open(&session, options, NULL, NULL, &error);
    }
    if (result == 0) {
        result = json  ? list_json(&session, &query, &error)
                 : csv ? list_csv(&session, &query, &error)
                       : list_table(&session, &query, &error);
    }
    int status = result != 0 ? command_fail(options, &error) : 0;
    session_close(&session);
    return status;
}

#define PROGRAMME(NAME, code, chinese) code " "
static const char programme_codes[] =
#include "proto/tables/programmes.def"
    ;
#undef PROGRAMME

static const struct option_row rows[] = {
    {.name = "unit", .kind = OPTION_TEXT, .word = "PATH", .prose = "only this unit and what lies under it"},
    {.name = "programme",
     .kind = OPTION_TEXT,
     .word = "CODE",
     .prose = "only reports that serve this programme",
     .values = programme_codes},
    {.name = "from", .kind = OPTION_TEXT, .word = "DAY", .prose = "first day, 2026-01-01"},
    {.name = "to", .kind = OPTION_TEXT, .word = "DAY", .prose = "last day, included"},
    {.name = "text", .kind = OPTION_TEXT, .word = "WORDS", .prose = "each of these words stands somewhere in the text"},
    {.name = "number", .kind = OPTION_TEXT, .word = "TEXT", .prose = "only reports with this 编号"},
    {.name = "withdrawn", .kind = OPTION_FLAG, .prose = "those that were withdrawn, instead of those that stand"},
    {.name = "at-least", .kind = OPTION_TEXT, .word = "POSITION", .prose = "with everything up to this position"},
    {.name = "limit",
     .kind = OPTION_INT,
     .word = "N",
     .prose = "how many at most (default: 20; JSON and CSV: all)",
     .min = 1,
     .max = LIMIT_MAX},
    {.name = "json", .kind = OPTION_FLAG, .prose = "as JSON, one report per line"},
    {.name = "csv", .kind = OPTION_FLAG, .prose = "as CSV for spreadsheets (UTF-8); chaoxun import reads it again"},
    {.name = "gb18030", .kind = OPTION_FLAG, .prose = "as CSV in GB18030, which old Excel opens without 乱码"},
    {.name = NULL},
};

const struct command command_report_list = {
    .name = "report list",
    .summary = "search the record of reports; export it for spreadsheets",
    .usage = "[OPTION...]",
    .about =
        "Newest first, each as it stands now. Words of any length are found, one character too; several, parted by\n"
        "spaces, must all be there. Example:\n"
        "  chaoxun report list --text \"河西社区 牛皮癣\" --from 2026-01-01 --csv > 牛皮癣.csv\n",
    .options = rows,
    .run = run_list,
};
