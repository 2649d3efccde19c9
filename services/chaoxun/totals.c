/* chaoxun totals: the figures of the aggregator as a table. */
#include <stdio.h>
#include <stdlib.h>

#include "common/export/sheet.h"
#include "common/export/words.h"
#include "services/chaoxun/command.h"
#include "services/chaoxun/document.h"
#include "services/chaoxun/grid.h"
#include "services/chaoxun/query.h"
#include "services/chaoxun/session.h"

#define ARENA_BYTES (256 * 1024 * 1024)
#define BY_MAX 4
#define MEASURES_SHOWN 4
#define ANSWER_MS 15000

/* ---- the question ---- */

struct question {
    struct wire_totals_query query;
    struct text by[BY_MAX];
    const char *values[8]; /* what the options said, for the texts */
};

static int take_by(const char *by, struct question *question, struct error *error) {
    static const char *const words[] = {"squad", "programme", "day", "month", "year"};
    uint32_t count = 0;
    while (by && *by != '\0') {
        struct text word = {by, (uint32_t)strcspn(by, ",")};
        bool known = false;
        for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
            known = known || text_equal(word, text_of(words[i]));
        }
        if (!known || count == BY_MAX) {
            return error_setf(error, ERR_USAGE, "--by: %.40s is not up to four of squad, programme, day, month, year",
                              by);
        }
        question->by[count++] = word;
        by += word.length + (by[word.length] == ',');
    }
    question->query.by = (struct list){question->by, count};
    wire_set(&question->query.present, FIELD_totals_query_by);
    return 0;
}

static int ask_from_options(const struct options *options, struct question *question, struct error *error) {
    struct wire_totals_query *query = &question->query;
    int result = query_day(options, "from", &query->from, &query->present, FIELD_totals_query_from, error);
    if (result == 0) {
        result = query_day(options, "to", &query->to, &query->present, FIELD_totals_query_to, error);
    }
    if (result == 0) {
        result = take_by(option_text(options, "by"), question, error);
    }
    query_text(option_text(options, "unit"), &query->unit, &query->present, FIELD_totals_query_unit);
    query_text(option_text(options, "programme"), &query->programme, &query->present, FIELD_totals_query_programme);
    query_text(option_text(options, "at-least"), &query->at_least, &query->present, FIELD_totals_query_at_least);
    return result;
}

/* ---- the answer ---- */

static const struct wire_sum *sum_of(struct list record) {
    static const struct wire_sum none = {0};
    return record.count == 1 ? record.items : &none;
}

/* Minutes as hours with at most one decimal. */
static void format_hours(int64_t minutes, char out[SHEET_THOUSANDTHS_SIZE]) {
    sheet_format_thousandths(minutes * 1000 / 60 / 100 * 100, out);
}

static void add_measures(struct grid *grid, struct list measures) {
    const struct wire_measure_sum *sums = measures.items;
    char text[600] = "";
    size_t used = 0;
    for (uint32_t i = 0; i < measures.count && i < MEASURES_SHOWN && used < sizeof text; i++) {
        char number[SHEET_THOUSANDTHS_SIZE];
        const struct wire_sum *sum = sum_of(sums[i].sum);
        sheet_format_thousandths(sum->value, number);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%.*s %.*s%s%.*s", i > 0 ? "；" : "",
                                 (int)sums[i].name.length, sums[i].name.data, (int)sum->mark.length, sum->mark.data,
                                 number, (int)sums[i].unit.length, sums[i].unit.data);
    }
    uint32_t more = measures.count > MEASURES_SHOWN ? measures.count - MEASURES_SHOWN : 0;
    grid_cellf(grid, more > 0 ? "%s … +%u" : "%s", text, more);
}

/* Which of the columns that depend on --by are there. */
struct shown {
    bool unit;
    bool programme;
    bool period;
};

static bool by_has(const struct question *question, const char *word) {
    for (uint32_t i = 0; i < question->query.by.count; i++) {
        if (text_equal(question->by[i], text_of(word))) {
            return true;
        }
    }
    return false;
}

static struct shown add_columns(struct grid *grid, const struct question *question, enum error_language language) {
    struct shown shown = {by_has(question, "squad"), by_has(question, "programme"),
                          by_has(question, "day") || by_has(question, "month") || by_has(question, "year")};
    if (shown.unit) {
        grid_column(grid, language_pick(language, "unit", "单位"), GRID_LEFT);
    }
    if (shown.programme) {
        grid_column(grid, language_pick(language, "programme", "项目"), GRID_LEFT);
    }
    if (shown.period) {
        grid_column(grid, language_pick(language, "period", "时间"), GRID_LEFT);
    }
    grid_column(grid, language_pick(language, "activities", "活动"), GRID_RIGHT);
    grid_column(grid, language_pick(language, "reports", "上报"), GRID_RIGHT);
    grid_column(grid, language_pick(language, "undated", "无日期"), GRID_RIGHT);
    grid_column(grid, language_pick(language, "attendances", "参与人次"), GRID_RIGHT);
    grid_column(grid, language_pick(language, "hours", "服务小时"), GRID_RIGHT);
    grid_column(grid, language_pick(language, "measures", "成效"), GRID_LEFT);
    return shown;
}

static void add_row(struct grid *grid, const struct wire_totals_row *row, struct shown shown,
                    enum error_language language) {
    if (shown.unit) {
        grid_cell(grid, row->name.length > 0 ? row->name : row->unit);
    }
    if (shown.programme) {
        grid_cell(grid, language == LANGUAGE_ZH ? words_programme(row->programme) : row->programme);
    }
    if (shown.period) {
        grid_cell(grid, row->period.length > 0 ? row->period : text_of(language_pick(language, "undated", "无日期")));
    }
    const struct wire_sum *attendances = sum_of(row->attendances);
    const struct wire_sum *minutes = sum_of(row->minutes);
    char hours[SHEET_THOUSANDTHS_SIZE];
    format_hours(minutes->value, hours);
    grid_cellf(grid, "%lld", (long long)row->activities);
    grid_cellf(grid, "%lld", (long long)row->reports);
    grid_cellf(grid, "%lld", (long long)row->undated);
    grid_cellf(grid, "%.*s%lld", (int)attendances->mark.length, attendances->mark.data, (long long)attendances->value);
    grid_cellf(grid, "%.*s%s", (int)minutes->mark.length, minutes->mark.data, hours);
    add_measures(grid, row->measures);
}

static int print_table(const struct wire_totals_answer *answer, const struct question *question,
                       enum error_language language, struct error *error) {
    struct grid *grid = grid_create();
    if (!grid) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    struct shown shown = add_columns(grid, question, language);
    const struct wire_totals_row *rows = answer->rows.items;
    int64_t demo = 0;
    for (uint32_t i = 0; i < answer->rows.count; i++) {
        add_row(grid, &rows[i], shown, language);
        demo += rows[i].demo;
    }
    bool whole = grid_print(grid, stdout);
    grid_destroy(&grid);
    if (demo > 0) {
        printf("%s\n", language_pick(language, "With demonstration data.", "含演示数据。"));
    }
    printf("%s %.*s\n", language_pick(language, "as of", "截至"), (int)answer->as_of.length, answer->as_of.data);
    return whole ? 0 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

static void put_sum(struct sheet_row *row, const struct wire_sum *sum) {
    sheet_integer(row, sum->value);
    sheet_text(row, sum->mark);
}

static void put_line(struct buffer *out, const struct wire_totals_row *totals, const struct wire_measure_sum *measure,
                     struct text as_of) {
    struct sheet_row row = {.out = out};
    sheet_text(&row, totals->unit);
    sheet_text(&row, totals->name);
    sheet_text(&row, totals->programme);
    sheet_text(&row, totals->period);
    sheet_integer(&row, totals->activities);
    sheet_integer(&row, totals->reports);
    sheet_integer(&row, totals->undated);
    put_sum(&row, sum_of(totals->attendances));
    put_sum(&row, sum_of(totals->minutes));
    sheet_text(&row, measure->name);
    put_sum(&row, sum_of(measure->sum));
    sheet_text(&row, measure->unit);
    sheet_text(&row, as_of);
    sheet_end(&row);
}

/* One line per row and measure, so that nothing is hidden in a cell; a row without measures has one. */
static int print_csv(const struct wire_totals_answer *answer, struct error *error) {
    const struct wire_totals_row *rows = answer->rows.items;
    struct buffer out = {0};
    for (uint32_t i = 0; i < answer->rows.count; i++) {
        const struct wire_measure_sum *measures = rows[i].measures.items;
        const struct wire_measure_sum none = {0};
        for (uint32_t line = 0; line == 0 || line < rows[i].measures.count; line++) {
            put_line(&out, &rows[i], rows[i].measures.count > 0 ? &measures[line] : &none, answer->as_of);
        }
    }
    printf("unit,name,programme,period,activities,reports,undated,attendances,attendances_mark,minutes,minutes_mark,"
           "measure,quantity_thousandths,quantity_mark,measure_unit,as_of\r\n");
    if (out.length > 0) {
        fwrite(out.data, 1, out.length, stdout);
    }
    int result = out.failed ? error_set(error, ERR_NO_MEMORY, (struct error_words){0}) : 0;
    buffer_free(&out);
    return result;
}

static int ask_and_print(const struct session *session, const struct question *question, struct arena *arena,
                         struct error *error) {
    struct wire_totals_answer answer;
    int result = session_ask_shape(session, EDGE_TOTALS, "totals", ANSWER_MS, SHAPE_totals_query, &question->query,
                                   SHAPE_totals_answer, arena, &answer, error);
    if (result != 0) {
        return result;
    }
    if (option_given(session->options, "json")) {
        document_print(shape_of(SHAPE_totals_answer), &answer);
    } else if (option_given(session->options, "csv")) {
        result = print_csv(&answer, error);
    } else {
        result = print_table(&answer, question, session->language, error);
    }
    return result;
}

static int run_totals(const struct options *options) {
    struct session session = {0};
    struct question question = {0};
    struct error error;
    struct arena *arena = arena_create(ARENA_BYTES);
    int result = arena ? ask_from_options(options, &question, &error)
                       : error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
    if (result == 0) {
        result = session_open(&session, options, NULL, NULL, &error);
    }
    if (result == 0) {
        result = ask_and_print(&session, &question, arena, &error);
    }
    arena_destroy(&arena);
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
    {.name = "from", .kind = OPTION_TEXT, .word = "DAY", .prose = "first day, 2026-01-01"},
    {.name = "to", .kind = OPTION_TEXT, .word = "DAY", .prose = "last day, included"},
    {.name = "unit", .kind = OPTION_TEXT, .word = "PATH", .prose = "only this unit and what lies under it"},
    {.name = "programme",
     .kind = OPTION_TEXT,
     .word = "CODE",
     .prose = "only this programme",
     .values = programme_codes},
    {.name = "by",
     .kind = OPTION_TEXT,
     .word = "WORDS",
     .prose = "a row for each squad,programme,day,month,year",
     .values = "squad programme day month year"},
    {.name = "at-least", .kind = OPTION_TEXT, .word = "POSITION", .prose = "with everything up to this position"},
    {.name = "json", .kind = OPTION_FLAG, .prose = "as JSON"},
    {.name = "csv", .kind = OPTION_FLAG, .prose = "as CSV, a line per row and measure"},
    {.name = NULL},
};

const struct command command_totals = {
    .name = "totals",
    .summary = "activities, attendances, hours and measures as a table",
    .usage = "[OPTION...]",
    .about =
        "Marks: ≥ at least (余, 多, 超), 近 a little below, 约 about or mixed. Joint activities count once in a row\n"
        "that is above the squads. Reports without a date count when no days are asked for.\n"
        "Example: chaoxun totals --by squad,month --from 2026-01-01 --to 2026-12-31\n",
    .options = rows,
    .run = run_totals,
};
