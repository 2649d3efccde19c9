/* chaoxun hours differences: what a platform's list of hours has otherwise than ours, by person and day. */
#include <stdio.h>
#include <stdlib.h>

#include "services/chaoxun/command.h"
#include "services/chaoxun/grid.h"
#include "services/chaoxun/people/credit_list.h"
#include "services/chaoxun/people/platform_list.h"
#include "services/chaoxun/people/roster.h"

/* Minutes of a person on a day, ours and theirs. */
struct difference {
    struct id volunteer;
    int32_t date;
    int64_t ours;
    int64_t theirs;
    struct text who;
    struct text name;
};

struct comparison {
    struct difference *items;
    uint32_t count;
};

static int compare(const void *a, const void *b) {
    const struct difference *first = a;
    const struct difference *second = b;
    int result = memcmp(first->volunteer.bytes, second->volunteer.bytes, ID_BYTES);
    return result != 0 ? result : (first->date > second->date) - (first->date < second->date);
}

/* Items of the same person and day become one. */
static void add_up(struct comparison *comparison) {
    struct difference *items = comparison->items;
    uint32_t kept = 0;
    if (comparison->count > 1) {
        qsort(items, comparison->count, sizeof *items, compare);
    }
    for (uint32_t i = 1; i < comparison->count; i++) {
        if (compare(&items[kept], &items[i]) != 0) {
            items[++kept] = items[i];
            continue;
        }
        items[kept].ours += items[i].ours;
        items[kept].theirs += items[i].theirs;
        items[kept].name = items[kept].name.length > 0 ? items[kept].name : items[i].name;
        items[kept].who = items[kept].who.length > 0 ? items[kept].who : items[i].who;
    }
    comparison->count = comparison->count > 0 ? kept + 1 : 0;
}

static int gather(struct comparison *comparison, const struct platform_list *theirs, const struct credit_list *ours,
                  struct error *error) {
    comparison->items = calloc((size_t)theirs->count + ours->count + 1, sizeof *comparison->items);
    if (!comparison->items) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    for (uint32_t i = 0; i < theirs->count; i++) {
        const struct list_row *row = &theirs->rows[i];
        if (!row->fault) {
            comparison->items[comparison->count++] = (struct difference){.volunteer = row->volunteer,
                                                                         .date = row->date,
                                                                         .theirs = row->minutes,
                                                                         .who = row->who,
                                                                         .name = row->name};
        }
    }
    for (uint32_t i = 0; i < ours->count; i++) {
        const struct credit_row *row = &ours->rows[i];
        const struct credit_person *person = &ours->people[row->person];
        if (credit_is_ours(row->grade)) {
            comparison->items[comparison->count++] = (struct difference){.volunteer = row->volunteer,
                                                                         .date = row->date,
                                                                         .ours = row->minutes,
                                                                         .who = person->number,
                                                                         .name = person->name};
        }
    }
    add_up(comparison);
    return 0;
}

static const char *kind_of(const struct difference *item, enum error_language language) {
    return item->theirs == 0 ? language_pick(language, "missing there", "平台缺少")
           : item->ours == 0 ? language_pick(language, "missing here", "我方缺少")
                             : language_pick(language, "differs", "时长不一致");
}

static uint32_t add_rows(struct grid *grid, const struct comparison *comparison, enum error_language language) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < comparison->count; i++) {
        const struct difference *item = &comparison->items[i];
        char date[DATE_TEXT_SIZE];
        char ours[ROSTER_HOURS_SIZE];
        char theirs[ROSTER_HOURS_SIZE];
        if (item->ours == item->theirs) {
            continue;
        }
        day_format(item->date, date);
        roster_hours(item->ours, ours);
        roster_hours(item->theirs, theirs);
        grid_cell(grid, item->who);
        grid_cell(grid, item->name);
        grid_cell(grid, text_of(date));
        grid_cell(grid, text_of(ours));
        grid_cell(grid, text_of(theirs));
        grid_cell(grid, text_of(kind_of(item, language)));
        count++;
    }
    return count;
}

static int print(const struct comparison *comparison, enum error_language language, uint32_t *count,
                 struct error *error) {
    struct grid *grid = grid_create();
    if (!grid) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    grid_column(grid, language_pick(language, "number", "编号"), GRID_LEFT);
    grid_column(grid, language_pick(language, "name", "姓名"), GRID_LEFT);
    grid_column(grid, language_pick(language, "date", "日期"), GRID_LEFT);
    grid_column(grid, language_pick(language, "ours", "我方小时"), GRID_RIGHT);
    grid_column(grid, language_pick(language, "theirs", "平台小时"), GRID_RIGHT);
    grid_column(grid, language_pick(language, "difference", "差异"), GRID_LEFT);
    *count = add_rows(grid, comparison, language);
    bool whole = grid_print(grid, stdout);
    grid_destroy(&grid);
    return whole ? 0 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

/* Ours of the days that the list spans, unless the options say others. */
static void span_of(const struct platform_list *list, struct wire_credits_query *query) {
    for (uint32_t i = 0; i < list->count; i++) {
        const struct list_row *row = &list->rows[i];
        if (row->fault) {
            continue;
        }
        if (!wire_has(query->present, FIELD_credits_query_from) || row->date < query->from) {
            query->from = row->date;
            wire_set(&query->present, FIELD_credits_query_from);
        }
        if (!wire_has(query->present, FIELD_credits_query_to) || row->date > query->to) {
            query->to = row->date;
            wire_set(&query->present, FIELD_credits_query_to);
        }
    }
}

static int work(const struct session *session, struct platform_list *theirs, struct credit_list *ours,
                struct comparison *comparison, uint32_t *count, struct error *error) {
    const struct options *options = session->options;
    struct profile profile;
    struct wire_credits_query query = {0};
    struct arena *arena = arena_create(ROSTER_ARENA_BYTES);
    int result = arena ? profile_read(&profile, option_text(options, "profile"), error)
                       : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    if (result == 0) {
        result = platform_list_read(theirs, session, &profile, option_operand(options, 0), arena, error);
    }
    if (result == 0) {
        result = credit_list_options(options, &query, error);
        span_of(theirs, &query);
    }
    if (result == 0) {
        result = credit_list_read(ours, session, &query, error);
    }
    if (result == 0) {
        platform_list_tell(theirs, session->language);
        result = gather(comparison, theirs, ours, error);
    }
    if (result == 0) {
        result = print(comparison, session->language, count, error);
    }
    arena_destroy(&arena);
    return result;
}

static int run_differences(const struct options *options) {
    if (!option_text(options, "profile")) {
        return command_usage(options, "--profile FILE.conf is needed");
    }
    struct session session = {0};
    struct platform_list theirs = {0};
    struct credit_list ours = {0};
    struct comparison comparison = {0};
    struct error error;
    uint32_t count = 0;
    int result = session_open(&session, options, NULL, NULL, &error);
    if (result == 0) {
        result = work(&session, &theirs, &ours, &comparison, &count, &error);
    }
    int status = result != 0 ? command_fail(options, &error) : count + theirs.faults > 0 ? EXIT_REFUSED : 0;
    free(comparison.items);
    credit_list_free(&ours);
    platform_list_free(&theirs);
    session_close(&session);
    return status;
}

static const struct option_row rows[] = {
    {.name = "profile", .kind = OPTION_TEXT, .word = "FILE", .prose = "the column profile (scripts/data/profiles/)"},
    {.name = "unit",
     .kind = OPTION_TEXT,
     .word = "PATH",
     .prose = "only our hours of this unit and what lies under it"},
    {.name = "from", .kind = OPTION_TEXT, .word = "DAY", .prose = "also our hours from this day on"},
    {.name = "to", .kind = OPTION_TEXT, .word = "DAY", .prose = "also our hours up to this day"},
    {.name = "at-least", .kind = OPTION_TEXT, .word = "POSITION", .prose = "with everything up to this position"},
    {.name = NULL},
};

const struct command command_hours_differences = {
    .name = "hours differences",
    .summary = "where a platform's list of hours and ours differ, by person and day",
    .usage = "--profile FILE.conf [OPTION...] FILE.csv",
    .about = "Compared are our own hours (签到, 代签, 补录) of the days that the list spans. Exit status 1 when "
             "something differs.\n",
    .options = rows,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_differences,
};
