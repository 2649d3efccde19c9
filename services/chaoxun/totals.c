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
#include "services/chaoxun/totals_reports.h"

#define ARENA_BYTES (256 * 1024 * 1024)
#define MEASURES_SHOWN 4
#define ANSWER_MS 15000

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

/* Which of the columns that depend on the question are there. */
struct shown {
    bool unit;
    bool programme;
    bool town;
    bool measure;
    bool kind;
    bool period;
    bool before;
    bool marks;
    enum error_language language;
};

static struct shown shown_of(const struct totals_question *question, enum error_language language) {
    bool period = totals_question_by(question, "day") || totals_question_by(question, "week") ||
                  totals_question_by(question, "month") || totals_question_by(question, "quarter") ||
                  totals_question_by(question, "year");
    return (struct shown){
        .unit = totals_question_by(question, "squad") || totals_question_by(question, "unit"),
        .programme = totals_question_by(question, "programme"),
        .town = totals_question_by(question, "town"),
        .measure = totals_question_by(question, "measure"),
        .kind = totals_question_by(question, "kind"),
        .period = period,
        .before = question->query.compare.length > 0,
        .marks = question->marks,
        .language = language,
    };
}

static void add_column(struct grid *grid, bool there, const char *english, const char *chinese, enum grid_align align,
                       enum error_language language) {
    if (there) {
        grid_column(grid, language_pick(language, english, chinese), align);
    }
}

static void add_columns(struct grid *grid, const struct shown *shown) {
    enum error_language language = shown->language;
    bool split = shown->measure || shown->kind;
    add_column(grid, shown->unit, "unit", "单位", GRID_LEFT, language);
    add_column(grid, shown->programme, "programme", "项目", GRID_LEFT, language);
    add_column(grid, shown->town, "town", "镇、街道", GRID_LEFT, language);
    add_column(grid, shown->period, "period", "时间", GRID_LEFT, language);
    add_column(grid, shown->measure, "measure", "成效", GRID_LEFT, language);
    add_column(grid, shown->kind, "kind", "问题", GRID_LEFT, language);
    add_column(grid, split, "amount", "数量", GRID_RIGHT, language);
    add_column(grid, shown->kind, "solved", "当场解决", GRID_RIGHT, language);
    add_column(grid, !split, "activities", "活动", GRID_RIGHT, language);
    add_column(grid, true, "reports", "上报", GRID_RIGHT, language);
    add_column(grid, !split, "undated", "无日期", GRID_RIGHT, language);
    add_column(grid, !split, "attendances", "参与人次", GRID_RIGHT, language);
    add_column(grid, !split, "hours", "服务小时", GRID_RIGHT, language);
    add_column(grid, !split && shown->marks, "late", "迟报", GRID_RIGHT, language);
    add_column(grid, !split && shown->marks, "returned", "退回", GRID_RIGHT, language);
    add_column(grid, !split && shown->marks, "doubtful", "存疑", GRID_RIGHT, language);
    add_column(grid, shown->before, "before", "对比期", GRID_LEFT, language);
    add_column(grid, shown->before, split ? "change" : "attendances ±", split ? "增减" : "人次增减", GRID_RIGHT,
               language);
    add_column(grid, shown->before && !split, "hours ±", "小时增减", GRID_RIGHT, language);
    add_column(grid, !split, "measures", "成效", GRID_LEFT, language);
}

static void add_dimensions(struct grid *grid, const struct wire_totals_row *row, const struct shown *shown) {
    enum error_language language = shown->language;
    if (shown->unit) {
        grid_cell(grid, row->name.length > 0 ? row->name : row->unit);
    }
    if (shown->programme) {
        grid_cell(grid, language == LANGUAGE_ZH ? words_programme(row->programme) : row->programme);
    }
    if (shown->town) {
        grid_cell(grid, row->town.length > 0 ? row->town : text_of(language_pick(language, "not given", "未填")));
    }
    if (shown->period) {
        grid_cell(grid, row->period.length > 0 ? row->period : text_of(language_pick(language, "undated", "无日期")));
    }
}

static void add_amount(struct grid *grid, const struct wire_sum *sum, bool thousandths, struct text unit) {
    char number[SHEET_THOUSANDTHS_SIZE];
    sheet_format_thousandths(thousandths ? sum->value : sum->value * 1000, number);
    grid_cellf(grid, "%.*s%s%.*s", (int)sum->mark.length, sum->mark.data, number, (int)unit.length,
               unit.length > 0 ? unit.data : "");
}

/* The cells of a measure or a kind of problem. */
static void add_split(struct grid *grid, const struct wire_totals_row *row, const struct shown *shown) {
    const struct text none = {0};
    grid_cell(grid, shown->kind ? row->kind : row->measure);
    add_amount(grid, sum_of(row->quantity), !shown->kind, row->measure_unit);
    if (shown->kind) {
        add_amount(grid, sum_of(row->solved), false, none);
    }
    grid_cellf(grid, "%lld", (long long)row->reports);
}

static void add_figures(struct grid *grid, const struct wire_totals_row *row) {
    const struct wire_sum *attendances = sum_of(row->attendances);
    const struct wire_sum *minutes = sum_of(row->minutes);
    char hours[SHEET_THOUSANDTHS_SIZE];
    format_hours(minutes->value, hours);
    grid_cellf(grid, "%lld", (long long)row->activities);
    grid_cellf(grid, "%lld", (long long)row->reports);
    grid_cellf(grid, "%lld", (long long)row->undated);
    grid_cellf(grid, "%.*s%lld", (int)attendances->mark.length, attendances->mark.data, (long long)attendances->value);
    grid_cellf(grid, "%.*s%s", (int)minutes->mark.length, minutes->mark.data, hours);
}

static void add_before(struct grid *grid, const struct wire_totals_row *row, bool split, bool thousandths) {
    static const struct wire_totals_before none = {0};
    const struct wire_totals_before *before = row->before.count == 1 ? row->before.items : &none;
    char from[DATE_TEXT_SIZE];
    char to[DATE_TEXT_SIZE];
    char number[SHEET_THOUSANDTHS_SIZE];
    if (wire_has(before->present, FIELD_totals_before_period)) {
        grid_cell(grid, before->period);
    } else {
        day_format(before->from, from);
        day_format(before->to, to);
        grid_cellf(grid, "%s..%s", from, to);
    }
    if (split) {
        int64_t change = before->quantity_change;
        sheet_format_thousandths(thousandths ? change : change * 1000, number);
        grid_cellf(grid, "%s%s", change > 0 ? "+" : "", number);
        return;
    }
    format_hours(before->minutes_change, number);
    grid_cellf(grid, "%+lld", (long long)before->attendances_change);
    grid_cellf(grid, "%s%s", before->minutes_change > 0 ? "+" : "", number);
}

static void add_row(struct grid *grid, const struct wire_totals_row *row, const struct shown *shown) {
    bool split = shown->measure || shown->kind;
    add_dimensions(grid, row, shown);
    if (split) {
        add_split(grid, row, shown);
    } else {
        add_figures(grid, row);
    }
    const int64_t marks[] = {row->late, row->returned, row->warned};
    for (size_t i = 0; i < sizeof marks / sizeof *marks && shown->marks && !split; i++) {
        grid_cellf(grid, "%lld", (long long)marks[i]);
    }
    if (shown->before) {
        add_before(grid, row, split, shown->measure);
    }
    if (!split) {
        add_measures(grid, row->measures);
    }
}

static int print_table(const struct wire_totals_answer *answer, const struct totals_question *question,
                       enum error_language language, struct error *error) {
    struct grid *grid = grid_create();
    if (!grid) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    struct shown shown = shown_of(question, language);
    add_columns(grid, &shown);
    const struct wire_totals_row *rows = answer->rows.items;
    int64_t demo = 0;
    for (uint32_t i = 0; i < answer->rows.count; i++) {
        add_row(grid, &rows[i], &shown);
        demo += rows[i].demo;
    }
    bool whole = grid_print(grid, stdout);
    grid_destroy(&grid);
    if (demo > 0) {
        printf("%s\n", language_pick(language, "With demonstration data.", "含演示数据。"));
    }
    if (answer->left_out > 0) {
        printf(language_pick(language, "and %lld more rows\n", "另有 %lld 行未列出\n"), (long long)answer->left_out);
    }
    totals_print_position(answer->as_of, wire_has(answer->present, FIELD_totals_answer_at), answer->at, language);
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
    sheet_text(&row, totals->town);
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
        const struct wire_measure_sum none = {
            .name = rows[i].kind.length > 0 ? rows[i].kind : rows[i].measure,
            .unit = rows[i].measure_unit,
            .sum = rows[i].quantity,
        };
        for (uint32_t line = 0; line == 0 || line < rows[i].measures.count; line++) {
            put_line(&out, &rows[i], rows[i].measures.count > 0 ? &measures[line] : &none, answer->as_of);
        }
    }
    return document_print_rows(
        "unit,name,programme,town,period,activities,reports,undated,attendances,attendances_mark,"
        "minutes,minutes_mark,measure,quantity_thousandths,quantity_mark,measure_unit,as_of",
        &out, error);
}

static int print_answer(const struct session *session, const struct totals_question *question, struct arena *arena,
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

static int ask_and_print(const struct session *session, void *data, struct arena *arena, struct error *error) {
    struct totals_question *question = data;
    const char *cursor = option_text(session->options, "cursor");
    const char *mark = option_text(session->options, "mark");
    if (!option_given(session->options, "reports")) {
        return cursor || mark ? error_setf(error, ERR_USAGE, "--%s goes with --reports", cursor ? "cursor" : "mark")
                              : print_answer(session, question, arena, error);
    }
    query_text(mark, &question->query.mark, &question->query.present, FIELD_totals_query_mark);
    query_text(cursor, &question->query.cursor, &question->query.present, FIELD_totals_query_cursor);
    return totals_print_reports(session, question, arena, error);
}

static int run_totals(const struct options *options) {
    struct totals_question question = {0};
    struct error error;
    if (totals_question_read(options, &question, &error) < 0) {
        return command_fail(options, &error);
    }
    question.marks = option_given(options, "marks");
    return session_run(options, ARENA_BYTES, ask_and_print, &question);
}

static const struct option_row rows[] = {
    TOTALS_OPTIONS,
    {.name = "reports", .kind = OPTION_FLAG, .prose = "the reports behind the figure instead, 50 at a time"},
    {.name = "mark",
     .kind = OPTION_TEXT,
     .word = "WORD",
     .prose = "--reports: only those with this mark; warned: something contradicts itself",
     .values = "late accepted returned warned demo"},
    {.name = "cursor", .kind = OPTION_TEXT, .word = "CURSOR", .prose = "--reports: those that follow"},
    {.name = "marks", .kind = OPTION_FLAG, .prose = "beside it how many reports are late, returned, doubtful"},
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
        "Example: chaoxun totals --by squad,month --from 2026-01-01 --to 2026-12-31\n"
        "What was known on 30 June: chaoxun totals --by squad --at 2026-06-30\n"
        "Most bags of rubbish: chaoxun totals --by squad,measure --measure 清理垃圾 --order measure --top 5\n",
    .options = rows,
    .run = run_totals,
};
