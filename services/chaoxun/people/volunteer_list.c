/* chaoxun volunteer list: the roster, searched by number, name or telephone. */
#include <stdio.h>

#include "services/chaoxun/command.h"
#include "services/chaoxun/document.h"
#include "services/chaoxun/grid.h"
#include "services/chaoxun/people/roster.h"
#include "services/chaoxun/query.h"

#define LIMIT_DEFAULT 50
#define LIMIT_MAX 1000000
#define PAGE_MAX 500

static void add_columns(struct grid *grid, enum error_language language) {
    grid_column(grid, language_pick(language, "number", "编号"), GRID_LEFT);
    grid_column(grid, language_pick(language, "name", "姓名"), GRID_LEFT);
    grid_column(grid, language_pick(language, "kind", "类别"), GRID_LEFT);
    grid_column(grid, language_pick(language, "squads", "中队"), GRID_LEFT);
    grid_column(grid, language_pick(language, "joined", "加入日期"), GRID_LEFT);
    grid_column(grid, language_pick(language, "phone", "电话"), GRID_LEFT);
    grid_column(grid, language_pick(language, "platform", "平台编号"), GRID_LEFT);
    grid_column(grid, language_pick(language, "id", "系统编号"), GRID_LEFT);
}

static void add_units(struct grid *grid, const struct list *units) {
    const struct text *items = units->items;
    struct buffer joined = {0};
    for (uint32_t i = 0; i < units->count; i++) {
        buffer_append(&joined, "、", i > 0 ? strlen("、") : 0);
        buffer_append(&joined, items[i].data, items[i].length);
    }
    grid_cell(grid, (struct text){(const char *)joined.data, (uint32_t)joined.length});
    buffer_free(&joined);
}

static void add_row(struct grid *grid, const struct wire_volunteer_entry *entry, enum error_language language) {
    char id[ID_TEXT_SIZE];
    char joined[DATE_TEXT_SIZE] = "";
    id_format(&entry->id, id);
    if (wire_has(entry->present, FIELD_volunteer_entry_joined)) {
        day_format(entry->joined, joined);
    }
    bool removed = entry->number.length == 0 && entry->name.length == 0;
    grid_cell(grid, removed ? text_of(language_pick(language, "removed", "已删除")) : entry->number);
    grid_cell(grid, entry->name);
    grid_cell(grid, entry->kind);
    add_units(grid, &entry->units);
    grid_cell(grid, text_of(joined));
    grid_cell(grid, entry->phone);
    grid_cell(grid, entry->platform);
    grid_cell(grid, text_of(id));
}

/* All pages up to the limit; each row goes to the grid, or out as JSON when that is NULL. `total` and `as_of` are the last
 * page's. */
static int list(const struct session *session, struct wire_volunteers_query *query, struct grid *grid, int64_t *told,
                struct wire_volunteers_answer *answer, struct arena *arena, struct error *error) {
    int64_t left = option_int(session->options, "limit", grid ? LIMIT_DEFAULT : LIMIT_MAX);
    int result = 0;
    bool more = true;
    while (more && left > 0 && result == 0) {
        query->limit = left < PAGE_MAX ? left : PAGE_MAX;
        wire_set(&query->present, FIELD_volunteers_query_limit);
        arena_reset(arena);
        result = roster_ask(session, query, arena, answer, error);
        const struct wire_volunteer_entry *rows = answer->rows.items;
        for (uint32_t i = 0; result == 0 && i < answer->rows.count; i++) {
            if (grid) {
                add_row(grid, &rows[i], session->language);
            } else {
                document_print_line(shape_of(SHAPE_volunteer_entry), &rows[i]);
            }
        }
        *told += result == 0 ? answer->rows.count : 0;
        left -= result == 0 ? answer->rows.count : 0;
        more = result == 0 && wire_has(answer->present, FIELD_volunteers_answer_next);
        query->after = answer->next;
        wire_set(&query->present, FIELD_volunteers_query_after);
    }
    return result;
}

static int list_table(const struct session *session, struct wire_volunteers_query *query, struct arena *arena,
                      struct error *error) {
    struct wire_volunteers_answer answer = {0};
    struct grid *grid = grid_create();
    int64_t told = 0;
    if (!grid) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    add_columns(grid, session->language);
    int result = list(session, query, grid, &told, &answer, arena, error);
    if (result == 0) {
        result = grid_print(grid, stdout) ? 0 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
        printf(language_pick(session->language, "%lld of %lld volunteers; as of %.*s\n",
                             "%lld / %lld 名志愿者；截至 %.*s\n"),
               (long long)told, (long long)answer.total, (int)answer.as_of.length, answer.as_of.data);
    }
    grid_destroy(&grid);
    return result;
}

static void read_options(const struct options *options, struct wire_volunteers_query *query) {
    query_text(option_text(options, "unit"), &query->unit, &query->present, FIELD_volunteers_query_unit);
    query_text(option_text(options, "number"), &query->number, &query->present, FIELD_volunteers_query_number);
    query_text(option_text(options, "platform"), &query->platform, &query->present, FIELD_volunteers_query_platform);
    query_text(option_text(options, "text"), &query->text, &query->present, FIELD_volunteers_query_text);
    query_text(option_text(options, "at-least"), &query->at_least, &query->present, FIELD_volunteers_query_at_least);
    query->left = option_given(options, "left");
    wire_set(&query->present, FIELD_volunteers_query_left);
}

static int run_list(const struct options *options) {
    struct session session = {0};
    struct wire_volunteers_query query = {0};
    struct wire_volunteers_answer answer = {0};
    struct error error;
    struct arena *arena = arena_create(ROSTER_ARENA_BYTES);
    int64_t told = 0;
    read_options(options, &query);
    int result = arena ? session_open(&session, options, NULL, NULL, &error)
                       : error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
    if (result == 0) {
        result = option_given(options, "json") ? list(&session, &query, NULL, &told, &answer, arena, &error)
                                               : list_table(&session, &query, arena, &error);
    }
    arena_destroy(&arena);
    int status = result != 0 ? command_fail(options, &error) : 0;
    session_close(&session);
    return status;
}

static const struct option_row rows[] = {
    {.name = "unit", .kind = OPTION_TEXT, .word = "PATH", .prose = "only this unit and what lies under it"},
    {.name = "number", .kind = OPTION_TEXT, .word = "NUMBER", .prose = "only the one with this number"},
    {.name = "platform", .kind = OPTION_TEXT, .word = "NUMBER", .prose = "only the one with this number there"},
    {.name = "text", .kind = OPTION_TEXT, .word = "TEXT", .prose = "where it stands in number, name or telephone"},
    {.name = "left", .kind = OPTION_FLAG, .prose = "also those who serve with no squad any more"},
    {.name = "at-least", .kind = OPTION_TEXT, .word = "POSITION", .prose = "with everything up to this position"},
    {.name = "limit",
     .kind = OPTION_INT,
     .word = "N",
     .prose = "how many at most (default: 50; JSON: all)",
     .min = 1,
     .max = LIMIT_MAX},
    {.name = "json", .kind = OPTION_FLAG, .prose = "as JSON, one volunteer per line"},
    {.name = NULL},
};

const struct command command_volunteer_list = {
    .name = "volunteer list",
    .summary = "the volunteers with numbers, names and squads",
    .usage = "[OPTION...]",
    .about = "In the order of their enrolment. Of who was erased the id and the squads remain.\n",
    .options = rows,
    .run = run_list,
};
