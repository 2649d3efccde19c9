/* A page of the reports behind a figure. */
#include "services/chaoxun/totals_reports.h"

#include <stdio.h>

#include "common/export/words.h"
#include "services/chaoxun/document.h"
#include "services/chaoxun/grid.h"

#define ANSWER_MS 15000

void totals_print_position(struct text as_of, bool at, int64_t seq, enum error_language language) {
    if (at) {
        printf("%s %lld\n", language_pick(language, "as it stood at event", "截至第几条记录："), (long long)seq);
    }
    printf("%s %.*s\n", language_pick(language, "as of", "截至"), (int)as_of.length, as_of.data);
}

static void add_report(struct grid *grid, const struct wire_drill_item *item, enum error_language language) {
    char day[DATE_TEXT_SIZE] = "";
    char id[ID_TEXT_SIZE];
    const struct text *programmes = item->programmes.items;
    struct buffer served = {0};
    if (wire_has(item->present, FIELD_drill_item_date)) {
        day_format(item->date, day);
    }
    for (uint32_t i = 0; i < item->programmes.count; i++) {
        struct text name = language == LANGUAGE_ZH ? words_programme(programmes[i]) : programmes[i];
        buffer_append(&served, i > 0 ? "," : "", i > 0);
        buffer_append(&served, name.data, name.length);
    }
    id_format(&item->report, id);
    grid_cell(grid, text_of(day[0] != '\0' ? day : language_pick(language, "undated", "无日期")));
    grid_cell(grid, item->unit);
    grid_cell(grid, (struct text){(const char *)served.data, (uint32_t)served.length});
    grid_cell(grid, text_of(id));
    buffer_free(&served);
}

int totals_print_reports(const struct session *session, const struct totals_question *question, struct arena *arena,
                         struct error *error) {
    enum error_language language = session->language;
    struct wire_drill_answer answer;
    int result = session_ask_shape(session, EDGE_TOTALS, "drill", ANSWER_MS, SHAPE_totals_query, &question->query,
                                   SHAPE_drill_answer, arena, &answer, error);
    if (result != 0) {
        return result;
    }
    if (option_given(session->options, "json")) {
        document_print(shape_of(SHAPE_drill_answer), &answer);
        return 0;
    }
    struct grid *grid = grid_create();
    if (!grid) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    grid_column(grid, language_pick(language, "date", "活动日期"), GRID_LEFT);
    grid_column(grid, language_pick(language, "unit", "单位"), GRID_LEFT);
    grid_column(grid, language_pick(language, "programmes", "项目"), GRID_LEFT);
    grid_column(grid, language_pick(language, "id", "系统编号"), GRID_LEFT);
    const struct wire_drill_item *items = answer.items.items;
    for (uint32_t i = 0; i < answer.items.count; i++) {
        add_report(grid, &items[i], language);
    }
    bool whole = grid_print(grid, stdout);
    grid_destroy(&grid);
    if (answer.cursor.length > 0) {
        printf("%s --cursor %.*s\n", language_pick(language, "more with", "后续："), (int)answer.cursor.length,
               answer.cursor.data);
    }
    totals_print_position(answer.as_of, wire_has(answer.present, FIELD_drill_answer_at), answer.at, language);
    return whole ? 0 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}
