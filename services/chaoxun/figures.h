/* Figures as tables: any question of the totals door whose answer is a list of rows.
 *
 * The options of a command are the fields of its query ("--at-least" is at_least; lists are separated by commas); the rows of
 * the answer are the table, a column for each field that some row has. Minutes are shown as hours. With --json the whole
 * answer is printed, with --csv its rows as they are.
 */
#pragma once

#include "services/chaoxun/command.h"
#include "services/chaoxun/session.h"

struct figures {
    enum edge edge;
    const char *verb;
    enum shape_index query;
    enum shape_index answer;
    const char *rows;   /* name of the answer's field that holds them */
    const char *hidden; /* fields that the table leaves out, separated by spaces; --json has them */
};

/* Asks and prints. An operand, where there is one, is the query's `id`. Returns the exit status. */
int figures_run(const struct figures *figures, const struct options *options);

/* The same with a table of its own, which `print` writes without the position below it. 0 or -code. */
typedef int (*figures_print)(const struct session *session, const void *answer, struct error *error);
int figures_run_as(const struct figures *figures, const struct options *options, figures_print print);

/* Fills the query from the options, and the operand. -ERR_USAGE names the option. Lists live in `arena`. */
int figures_query(const struct figures *figures, const struct options *options, struct arena *arena, void *query,
                  struct error *error);

/* Days and a unit, as most of them are narrowed. `days` tells what the days are of. */
#define FIGURES_SELECTION(days) \
    {.name = "from", .kind = OPTION_TEXT, .word = "DAY", .prose = days " from this day on"}, \
        {.name = "to", .kind = OPTION_TEXT, .word = "DAY", .prose = days " up to this day"}, { \
        .name = "unit", .kind = OPTION_TEXT, .word = "PATH", .prose = "only this unit and what lies under it" \
    }

/* The options that every such command has. */
#define FIGURES_OPTIONS \
    {.name = "at", \
     .kind = OPTION_TEXT, \
     .word = "WHEN", \
     .prose = "as it stood: a day (its end), a position, or the number of an event"}, \
        {.name = "at-least", .kind = OPTION_TEXT, .word = "POSITION", .prose = "with everything up to this position"}, \
        {.name = "json", .kind = OPTION_FLAG, .prose = "as JSON"}, { \
        .name = "csv", .kind = OPTION_FLAG, .prose = "as CSV" \
    }
