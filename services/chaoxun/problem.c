/* chaoxun problem: problems, their lives and their figures. */
#include "services/chaoxun/figures.h"

#define STATES \
    "counted open overdue closed rework came-back raised assigned started resolved confirmed reopened duplicated " \
    "refused"

#define SELECTION \
    FIGURES_SELECTION("raised"), \
        {.name = "kind", .kind = OPTION_TEXT, .word = "CODE", .prose = "only this kind of problem"}, \
        {.name = "town", .kind = OPTION_TEXT, .word = "TEXT", .prose = "only this town or street"}, \
        {.name = "spot", .kind = OPTION_TEXT, .word = "TEXT", .prose = "only this place"}, { \
        .name = "state", .kind = OPTION_TEXT, .word = "WORD", \
        .prose = "only in this state, or as figures count: counted, open, overdue, closed, rework, came-back", \
        .values = STATES \
    }

/* ---- figures ---- */

static int run_figures(const struct options *options) {
    static const struct figures figures = {EDGE_TOTALS,           "problems", SHAPE_problems_query,
                                           SHAPE_problems_answer, "rows",     "unit"};
    return figures_run(&figures, options);
}

static const struct option_row figures_rows[] = {
    SELECTION,
    {.name = "by",
     .kind = OPTION_TEXT,
     .word = "WORDS",
     .prose = "a row for each squad,kind,town,spot,day,week,month,quarter,year",
     .values = "squad kind town spot day week month quarter year"},
    FIGURES_OPTIONS,
    {.name = NULL},
};

const struct command command_problem_figures = {
    .name = "problem figures",
    .summary = "problems raised, open, resolved, come back, as a table",
    .usage = "[OPTION...]",
    .about =
        "Problems count by the day on which they were raised. Duplicates and those that are not ours stand apart.\n"
        "Example: chaoxun problem figures --by squad,kind --from 2026-01-01\n",
    .options = figures_rows,
    .run = run_figures,
};

/* ---- list, show ---- */

static int run_list(const struct options *options) {
    static const struct figures figures = {EDGE_TOTALS,        "problem-list", SHAPE_problems_query,
                                           SHAPE_problem_list, "rows",         "unit state seq of"};
    return figures_run(&figures, options);
}

static const struct option_row list_rows[] = {
    SELECTION,
    {.name = "limit", .kind = OPTION_INT, .word = "N", .prose = "how many at most (default: 50)", .min = 1, .max = 500},
    {.name = "cursor",
     .kind = OPTION_INT,
     .word = "N",
     .prose = "what follows the page whose --json named this cursor",
     .min = 1,
     .max = UINT32_MAX},
    FIGURES_OPTIONS,
    {.name = NULL},
};

const struct command command_problem_list = {
    .name = "problem list",
    .summary = "problems, those raised last first",
    .usage = "[OPTION...]",
    .about = "Example: chaoxun problem list --state overdue --unit haining/xucun\n",
    .options = list_rows,
    .run = run_list,
};

static int run_show(const struct options *options) {
    static const struct figures figures = {EDGE_TOTALS,          "problem", SHAPE_problem_query,
                                           SHAPE_problem_answer, "steps",   "id unit state kind raised"};
    return figures_run(&figures, options);
}

static const struct option_row show_rows[] = {
    {.name = "at-least", .kind = OPTION_TEXT, .word = "POSITION", .prose = "with everything up to this position"},
    {.name = "json", .kind = OPTION_FLAG, .prose = "as JSON"},
    {.name = "csv", .kind = OPTION_FLAG, .prose = "as CSV"},
    {.name = NULL},
};

const struct command command_problem_show = {
    .name = "problem show",
    .summary = "one problem with its whole life",
    .usage = "[OPTION...] ID",
    .about = "A row for each of its events: what it was after it.\n",
    .options = show_rows,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_show,
};
