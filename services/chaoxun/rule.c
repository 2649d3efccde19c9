/* chaoxun rule list, rule show, rule try: which rules there are, what one says, whom one would have told in a month. */
#include <stdio.h>

#include "services/chaoxun/document.h"
#include "services/chaoxun/figures.h"
#include "services/chaoxun/grid.h"
#include "services/chaoxun/moment.h"
#include "services/chaoxun/rules.h"

#define ARENA_BYTES (64 * 1024 * 1024)
#define TRIAL_MS 65000
#define RECIPIENTS_SIZE 400

/* ---- list ---- */

static int run_list(const struct options *options) {
    static const struct figures figures = {EDGE_OUTBOX,        "rules", SHAPE_rules_query,
                                           SHAPE_rules_answer, "rows",  "kind definition"};
    return figures_run(&figures, options);
}

static const struct option_row list_rows[] = {
    {.name = "at-least", .kind = OPTION_TEXT, .word = "POSITION", .prose = "with everything up to this position"},
    {.name = "json", .kind = OPTION_FLAG, .prose = "as JSON"},
    {.name = "csv", .kind = OPTION_FLAG, .prose = "as CSV"},
    {.name = NULL},
};

const struct command command_rule_list = {
    .name = "rule list",
    .summary = "the rules that tell people by themselves, and what they did",
    .usage = "[OPTION...]",
    .about =
        "raised counts alerts of all versions, with steps and repeats; open what a rule fired for that is not over.\n",
    .options = list_rows,
    .run = run_list,
};

/* ---- show ---- */

static int show(const struct session *session, struct arena *arena, struct error *error) {
    struct wire_rule_entry entry;
    const struct options *options = session->options;
    int result =
        rules_find(session, option_operand(options, 0), option_text(options, "at-least"), arena, &entry, error);
    if (result == 1) {
        document_print(shape_of(SHAPE_rule), entry.definition.items);
        return 0;
    }
    return result < 0 ? result
                      : error_setf(error, ERR_NOT_FOUND, "rule %.60s does not exist; see chaoxun rule list",
                                   option_operand(options, 0));
}

static int run_with(const struct options *options,
                    int (*run)(const struct session *session, struct arena *arena, struct error *error)) {
    struct session session = {0};
    struct error error;
    struct arena *arena = arena_create(ARENA_BYTES);
    int result = arena ? session_open(&session, options, NULL, NULL, &error)
                       : error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
    result = result < 0 ? result : run(&session, arena, &error);
    int status = result != 0 ? command_fail(options, &error) : 0;
    arena_destroy(&arena);
    session_close(&session);
    return status;
}

static int run_show(const struct options *options) {
    return run_with(options, show);
}

static const struct option_row show_rows[] = {
    {.name = "at-least", .kind = OPTION_TEXT, .word = "POSITION", .prose = "with everything up to this position"},
    {.name = NULL},
};

const struct command command_rule_show = {
    .name = "rule show",
    .summary = "all that a rule says, as JSON",
    .usage = "CODE [OPTION...]",
    .about = "What is printed is what chaoxun rule set reads: change it, and it is the next version.\n",
    .options = show_rows,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_show,
};

/* ---- try ---- */

static void add_columns(struct grid *grid, enum error_language language) {
    grid_column(grid, language_pick(language, "time", "时间"), GRID_LEFT);
    grid_column(grid, language_pick(language, "about", "对象"), GRID_LEFT);
    grid_column(grid, language_pick(language, "for", "期间"), GRID_LEFT);
    grid_column(grid, language_pick(language, "step", "级"), GRID_RIGHT);
    grid_column(grid, language_pick(language, "repeat", "次"), GRID_RIGHT);
    grid_column(grid, language_pick(language, "goes", "发出"), GRID_LEFT);
    grid_column(grid, language_pick(language, "recipients", "接收人"), GRID_LEFT);
    grid_column(grid, language_pick(language, "text", "内容"), GRID_LEFT);
}

static void join_recipients(const struct list *recipients, enum error_language language, char *out, size_t size) {
    const struct text *items = recipients->items;
    int used = snprintf(out, size, "%s", recipients->count ? "" : language_pick(language, "nobody", "无人"));
    for (uint32_t i = 0; i < recipients->count && used >= 0 && (size_t)used < size; i++) {
        used +=
            snprintf(out + used, size - (size_t)used, "%s%.*s", i > 0 ? ", " : "", (int)items[i].length, items[i].data);
    }
}

static void add_row(const struct session *session, struct grid *grid, const struct wire_trial_row *row) {
    char at[MOMENT_TEXT_SIZE];
    char number[24];
    char recipients[RECIPIENTS_SIZE];
    char text[4000];
    moment_format(row->at, session_utc_offset(session), at);
    join_recipients(&row->recipients, session->language, recipients, sizeof recipients);
    snprintf(text, sizeof text, "%.*s：%.*s", (int)row->title.length, row->title.data, (int)row->text.length,
             row->text.data);
    grid_cell(grid, text_of(at));
    grid_cell(grid, row->name.length > 0 ? row->name : row->unit);
    /* The id of an event says nothing to people. */
    grid_cell(grid, row->period.length <= 10 ? row->period : text_of(""));
    snprintf(number, sizeof number, "%lld", (long long)row->step);
    grid_cell(grid, text_of(number));
    snprintf(number, sizeof number, "%lld", (long long)row->repeat);
    grid_cell(grid, text_of(number));
    moment_format(row->goes_at > 0 ? row->goes_at : row->at, session_utc_offset(session), at);
    grid_cell(grid, text_of(row->goes_at > 0 ? at : ""));
    grid_cell(grid, text_of(recipients));
    grid_cell(grid, text_of(text));
}

static int print_trial(const struct session *session, const struct wire_trial_answer *answer, struct error *error) {
    const struct wire_trial_row *rows = answer->rows.items;
    struct grid *grid = grid_create();
    if (!grid) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    add_columns(grid, session->language);
    for (uint32_t i = 0; i < answer->rows.count; i++) {
        add_row(session, grid, &rows[i]);
    }
    bool whole = answer->rows.count == 0 || grid_print(grid, stdout);
    grid_destroy(&grid);
    printf(language_pick(session->language, "%lld alerts; nothing was sent; as of %.*s\n",
                         "共 %lld 条，未发送；截至 %.*s\n"),
           (long long)answer->rows.count + (long long)answer->left_out, (int)answer->as_of.length, answer->as_of.data);
    return whole ? 0 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

static int fill_query(const struct session *session, struct arena *arena, struct wire_trial_query *query,
                      struct error *error) {
    const struct options *options = session->options;
    const char *month = option_text(options, "month");
    const char *file = option_text(options, "file");
    const char *name = option_operand(options, 0);
    if (!month || !month_parse(text_of(month), &query->month)) {
        return error_setf(error, ERR_USAGE, "--month: %.20s is not a month like 2026-06", month ? month : "nothing");
    }
    wire_set(&query->present, FIELD_trial_query_month);
    if (!name == !file) {
        return error_setf(error, ERR_USAGE, "name a rule, or a --file that holds one");
    }
    if (name) {
        query->rule = text_of(name);
        wire_set(&query->present, FIELD_trial_query_rule);
        return 0;
    }
    struct wire_rule *rule = arena_alloc(arena, sizeof *rule);
    int result =
        rule ? rules_read_one(file, arena, rule, error) : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    query->definition = (struct list){rule, 1};
    wire_set(&query->present, FIELD_trial_query_definition);
    return result;
}

static int try_out(const struct session *session, struct arena *arena, struct error *error) {
    struct wire_trial_query query = {0};
    struct wire_trial_answer answer;
    int result = fill_query(session, arena, &query, error);
    result = result < 0 ? result
                        : session_ask_shape(session, EDGE_OUTBOX, "try", TRIAL_MS, SHAPE_trial_query, &query,
                                            SHAPE_trial_answer, arena, &answer, error);
    if (result != 0) {
        return result;
    }
    if (option_given(session->options, "json")) {
        document_print(shape_of(SHAPE_trial_answer), &answer);
        return 0;
    }
    return print_trial(session, &answer, error);
}

static int run_try(const struct options *options) {
    return run_with(options, try_out);
}

static const struct option_row try_rows[] = {
    {.name = "month", .kind = OPTION_TEXT, .word = "MONTH", .prose = "the month in which it is tried, 2026-06"},
    {.name = "file", .kind = OPTION_TEXT, .word = "FILE", .prose = "a rule that is not set yet, as rule set reads it"},
    {.name = "json", .kind = OPTION_FLAG, .prose = "as JSON"},
    {.name = NULL},
};

const struct command command_rule_try = {
    .name = "rule try",
    .summary = "whom a rule would have told in a month; nothing is sent",
    .usage = "[CODE] --month MONTH [OPTION...]",
    .about =
        "The month is gone through again: its events, its contacts, and the figures as they stood on each day. Nobody\n"
        "answers in a trial, so that all steps and repeats are shown. 接收人 are people's numbers; 发出 is when the "
        "message\n"
        "goes where it waits for others (group_by, digest): those to one recipient at one time are one message.\n"
        "Example: chaoxun rule try overdue --month 2026-06\n",
    .options = try_rows,
    .operands_min = 0,
    .operands_max = 1,
    .run = run_try,
};
