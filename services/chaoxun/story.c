/* chaoxun story: typical cases, groups and individuals, and where they were published. */
#include "services/chaoxun/figures.h"

#define SELECTION FIGURES_SELECTION("sent up or published")

static int run_figures(const struct options *options) {
    static const struct figures figures = {EDGE_TOTALS,          "stories", SHAPE_stories_query,
                                           SHAPE_stories_answer, "rows",    "unit"};
    return figures_run(&figures, options);
}

static const struct option_row figures_rows[] = {
    SELECTION,
    {.name = "by",
     .kind = OPTION_TEXT,
     .word = "WORDS",
     .prose = "a row for each squad,story,medium,outlet,day,week,month,quarter,year",
     .values = "squad story medium outlet day week month quarter year"},
    FIGURES_OPTIONS,
    {.name = NULL},
};

const struct command command_story_figures = {
    .name = "story figures",
    .summary = "stories sent up, chosen and published, as a table",
    .usage = "[OPTION...]",
    .about = "A story counts on the day it was sent up, a publication on its own day.\n"
             "Example: chaoxun story figures --by squad,outlet --from 2026-01-01\n",
    .options = figures_rows,
    .run = run_figures,
};

static int run_list(const struct options *options) {
    static const struct figures figures = {EDGE_TOTALS,      "story-list", SHAPE_stories_query,
                                           SHAPE_story_list, "rows",       "unit state seq"};
    return figures_run(&figures, options);
}

static const struct option_row list_rows[] = {
    SELECTION,
    {.name = "state",
     .kind = OPTION_TEXT,
     .word = "WORD",
     .prose = "only in this state",
     .values = "submitted chosen published"},
    FIGURES_OPTIONS,
    {.name = NULL},
};

const struct command command_story_list = {
    .name = "story list",
    .summary = "the stories, those sent up last first",
    .usage = "[OPTION...]",
    .about = "Example: chaoxun story list --state submitted\n",
    .options = list_rows,
    .run = run_list,
};
