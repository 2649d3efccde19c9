/* chaoxun assessment, chaoxun scheme list: rankings of squads, points by item, the schemes behind them. */
#include <stdio.h>

#include "proto/label.h"
#include "services/chaoxun/figures.h"
#include "services/chaoxun/figures_cell.h"
#include "services/chaoxun/grid.h"

/* ---- points by item ---- */

/* A column: a field of the squad's row or of the item. */
struct column {
    enum shape_index shape;
    uint32_t field;
    const char *chinese; /* where it is not that of labels.def */
};

#define OF_ROW(field) \
    { SHAPE_assessment_row, FIELD_assessment_row_##field, NULL }
#define OF_ITEM(field) \
    { SHAPE_assessment_item, FIELD_assessment_item_##field, NULL }

static const struct column ranking[] = {OF_ROW(rank),   {SHAPE_assessment_row, FIELD_assessment_row_name, "单位"},
                                        OF_ROW(points), OF_ROW(band),
                                        OF_ROW(base),   OF_ROW(adjusted)};

static const struct column by_item[] = {OF_ROW(rank),
                                        {SHAPE_assessment_row, FIELD_assessment_row_name, "单位"},
                                        {SHAPE_assessment_item, FIELD_assessment_item_name, "项目"},
                                        OF_ITEM(figure_name),
                                        OF_ITEM(value),
                                        OF_ITEM(points),
                                        OF_ITEM(self),
                                        OF_ITEM(final),
                                        OF_ITEM(evidence_count),
                                        OF_ITEM(behind)};

static void add_columns(struct grid *grid, const struct column *columns, size_t count, enum error_language language) {
    for (size_t i = 0; i < count; i++) {
        const struct field *field = &shape_of(columns[i].shape)->fields[columns[i].field];
        const char *chinese = columns[i].chinese ? columns[i].chinese : label_chinese(field->name);
        bool english = language != LANGUAGE_ZH || !chinese;
        bool item = columns[i].shape == SHAPE_assessment_item && columns[i].field == FIELD_assessment_item_name;
        grid_column(grid, english ? (item ? "item" : field->name) : chinese,
                    field->kind == KIND_INT ? GRID_RIGHT : GRID_LEFT);
    }
}

static void add_row(struct grid *grid, const struct column *columns, size_t count,
                    const struct wire_assessment_row *row, const struct wire_assessment_item *item,
                    enum error_language language) {
    for (size_t i = 0; i < count; i++) {
        const void *value = columns[i].shape == SHAPE_assessment_row ? (const void *)row : item;
        struct figures_cell cell = figures_cell(shape_of(columns[i].shape), columns[i].field, value, language);
        grid_cell(grid, cell.text.data ? cell.text : text_of(cell.room));
    }
}

static void fill_grid(struct grid *grid, const struct wire_assessment_answer *answer, bool items,
                      enum error_language language) {
    const struct column *columns = items ? by_item : ranking;
    size_t count = items ? sizeof by_item / sizeof *by_item : sizeof ranking / sizeof *ranking;
    const struct wire_assessment_row *rows = answer->rows.items;
    add_columns(grid, columns, count, language);
    for (uint32_t i = 0; i < answer->rows.count; i++) {
        const struct wire_assessment_item *own = rows[i].items.items;
        for (uint32_t j = 0; items && j < rows[i].items.count; j++) {
            add_row(grid, columns, count, &rows[i], &own[j], language);
        }
        if (!items) {
            add_row(grid, columns, count, &rows[i], NULL, language);
        }
    }
}

static int print(const struct session *session, const void *value, struct error *error) {
    const struct wire_assessment_answer *answer = value;
    struct grid *grid = grid_create();
    if (!grid) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    struct text state = session->language == LANGUAGE_ZH ? answer->state_name : answer->state;
    printf("%.*s %.*s %.*s\n", (int)answer->name.length, answer->name.data, (int)answer->period.length,
           answer->period.data, (int)state.length, state.data);
    fill_grid(grid, answer, option_given(session->options, "items"), session->language);
    bool whole = grid_print(grid, stdout);
    grid_destroy(&grid);
    return whole ? 0 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

/* ---- commands ---- */

static int run_assessment(const struct options *options) {
    static const struct figures figures = {
        EDGE_TOTALS, "assessment", SHAPE_assessment_query, SHAPE_assessment_answer, "rows", ""};
    return figures_run_as(&figures, options, print);
}

static const struct option_row assessment_rows[] = {
    {.name = "scheme", .kind = OPTION_TEXT, .word = "CODE", .prose = "the scheme (chaoxun scheme list)"},
    {.name = "period", .kind = OPTION_TEXT, .word = "PERIOD", .prose = "2026-05, 2026-Q2 or 2026"},
    {.name = "version",
     .kind = OPTION_TEXT,
     .word = "N",
     .prose = "this version as a preview, also a draft (default: the one that was published, or holds)"},
    {.name = "unit", .kind = OPTION_TEXT, .word = "PATH", .prose = "only this unit and what lies under it"},
    {.name = "items", .kind = OPTION_FLAG, .prose = "a row for each item, with the address of what stands behind it"},
    FIGURES_OPTIONS,
    {.name = NULL},
};

const struct command command_assessment = {
    .name = "assessment",
    .summary = "squads ranked by a scheme, with points and bands",
    .usage = "--scheme CODE --period PERIOD [OPTION...]",
    .about = "What was published stands as it was published, with what appeals added; what is frozen never changes.\n"
             "Example: chaoxun assessment --scheme monthly --period 2026-05 --items\n",
    .options = assessment_rows,
    .run = run_assessment,
};

static int run_schemes(const struct options *options) {
    static const struct figures figures = {EDGE_TOTALS,          "schemes", SHAPE_schemes_query,
                                           SHAPE_schemes_answer, "rows",    "unit period seq"};
    return figures_run(&figures, options);
}

static const struct option_row schemes_rows[] = {
    {.name = "scheme", .kind = OPTION_TEXT, .word = "CODE", .prose = "only the versions of this one"},
    FIGURES_OPTIONS,
    {.name = NULL},
};

const struct command command_scheme_list = {
    .name = "scheme list",
    .summary = "the schemes of assessments with their versions",
    .usage = "[OPTION...]",
    .about = "A version that holds from no month is a draft, for previews. Items and bands: --json.\n",
    .options = schemes_rows,
    .run = run_schemes,
};
