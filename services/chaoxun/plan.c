/* chaoxun plan, chaoxun menu: plans against what was reported, the plans themselves, the menu. */
#include "services/chaoxun/figures.h"

#define SELECTION FIGURES_SELECTION("the months")

static int run_figures(const struct options *options) {
    static const struct figures figures = {EDGE_TOTALS, "plans", SHAPE_plans_query, SHAPE_plans_answer, "rows", "unit"};
    return figures_run(&figures, options);
}

static const struct option_row figures_rows[] = {
    SELECTION,
    {.name = "programme", .kind = OPTION_TEXT, .word = "CODE", .prose = "only this programme"},
    {.name = "by",
     .kind = OPTION_TEXT,
     .word = "WORDS",
     .prose = "a row for each squad,programme,month,quarter,year",
     .values = "squad programme month quarter year"},
    FIGURES_OPTIONS,
    {.name = NULL},
};

const struct command command_plan_figures = {
    .name = "plan figures",
    .summary = "what was planned against what was reported, as a table",
    .usage = "[OPTION...]",
    .about = "Compared is the plan that was fixed last. By month, the running one has a forecast for its end.\n"
             "Example: chaoxun plan figures --by squad,month --from 2026-01-01 --to 2026-12-31\n",
    .options = figures_rows,
    .run = run_figures,
};

static int run_list(const struct options *options) {
    static const struct figures figures = {EDGE_TOTALS,     "plan-list", SHAPE_plans_query,
                                           SHAPE_plan_list, "rows",      "unit state seq"};
    return figures_run(&figures, options);
}

static const struct option_row list_rows[] = {
    SELECTION,
    {.name = "state",
     .kind = OPTION_TEXT,
     .word = "WORD",
     .prose = "only in this state",
     .values = "drafted submitted fixed"},
    FIGURES_OPTIONS,
    {.name = NULL},
};

const struct command command_plan_list = {
    .name = "plan list",
    .summary = "the plans with their versions and states",
    .usage = "[OPTION...]",
    .about = "Example: chaoxun plan list --state submitted\n",
    .options = list_rows,
    .run = run_list,
};

static int run_show(const struct options *options) {
    static const struct figures figures = {EDGE_TOTALS, "plan", SHAPE_plan_query, SHAPE_plan_answer, "lines", ""};
    return figures_run(&figures, options);
}

static const struct option_row show_rows[] = {
    {.name = "at-least", .kind = OPTION_TEXT, .word = "POSITION", .prose = "with everything up to this position"},
    {.name = "json", .kind = OPTION_FLAG, .prose = "as JSON, with its state"},
    {.name = "csv", .kind = OPTION_FLAG, .prose = "as CSV"},
    {.name = NULL},
};

const struct command command_plan_show = {
    .name = "plan show",
    .summary = "one plan with its lines",
    .usage = "[OPTION...] ID",
    .about = "A row for each month, programme, theme and item.\n",
    .options = show_rows,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_show,
};

static int run_menu(const struct options *options) {
    static const struct figures figures = {EDGE_TOTALS, "menu", SHAPE_menu_query, SHAPE_menu_answer, "rows", ""};
    return figures_run(&figures, options);
}

const struct command command_menu = {
    .name = "menu",
    .summary = "the menu of civilisation practice",
    .usage = "[OPTION...]",
    .about = "Items are set by menu.set events: chaoxun submit.\n",
    .options = show_rows,
    .run = run_menu,
};
