/* Figures as tables. */
#include "services/chaoxun/figures.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/export/sheet.h"
#include "common/words.h"
#include "proto/label.h"
#include "services/chaoxun/document.h"
#include "services/chaoxun/figures_cell.h"
#include "services/chaoxun/grid.h"

#define ARENA_BYTES (256 * 1024 * 1024)
#define ANSWER_MS 15000
#define NAME_SIZE 64

/* ---- the question ---- */

/* The option's value as one of the field's kind; false when it is none. */
static bool read_value(const struct field *field, struct text text, struct arena *arena, void *value) {
    char *end = NULL;
    switch (field->kind) {
    case KIND_DATE:
        return day_parse(text, value);
    case KIND_MONTH:
        return month_parse(text, value);
    case KIND_ID:
        return id_parse(text, value);
    case KIND_INT:
        *(int64_t *)value = strtoll(text.data, &end, 10);
        return end && end != text.data && *end == '\0';
    case KIND_BOOL:
        *(bool *)value = true;
        return true;
    case KIND_CODES:
    case KIND_TEXTS:
    case KIND_PATHS:
        return words_split(text, arena, value);
    default:
        *(struct text *)value = text;
        return true;
    }
}

static const char *wanted_form(const struct field *field) {
    switch (field->kind) {
    case KIND_DATE:
        return "a day like 2026-05-06";
    case KIND_MONTH:
        return "a month like 2026-05";
    case KIND_ID:
        return "an id";
    case KIND_INT:
        return "a whole number";
    default:
        return field->prose;
    }
}

static void option_name(const struct field *field, char out[NAME_SIZE]) {
    snprintf(out, NAME_SIZE, "%s", field->name);
    for (char *at = out; *at != '\0'; at++) {
        *at = *at == '_' ? '-' : *at;
    }
}

static const struct option_row *find_option(const struct options *options, const char *name) {
    const struct option_row *row = options->rows;
    while (row->name && strcmp(row->name, name) != 0) {
        row++;
    }
    return row->name ? row : NULL;
}

/* What stands for the field on the command line; NULL when nothing does. */
static const char *given(const struct options *options, const struct field *field, char name[NAME_SIZE]) {
    option_name(field, name);
    const char *operand = option_operand(options, 0);
    if (strcmp(name, "id") == 0 && operand) {
        snprintf(name, NAME_SIZE, "ID");
        return operand;
    }
    return find_option(options, name) ? option_text(options, name) : NULL;
}

int figures_query(const struct figures *figures, const struct options *options, struct arena *arena, void *query,
                  struct error *error) {
    const struct shape *shape = shape_of(figures->query);
    char name[NAME_SIZE];
    memset(query, 0, shape->size);
    for (uint32_t i = 0; i < shape->field_count; i++) {
        const struct field *field = &shape->fields[i];
        const char *value = given(options, field, name);
        if (!value) {
            continue;
        }
        if (!read_value(field, text_of(value), arena, (char *)query + field->offset)) {
            return error_setf(error, ERR_USAGE, "%s%s: %.60s is not %s", strcmp(name, "ID") == 0 ? "" : "--", name,
                              value, wanted_form(field));
        }
        wire_set(query, i);
    }
    return 0;
}

/* ---- the answer ---- */

struct answer {
    const struct shape *shape; /* of a row */
    const char *rows;
    uint32_t count;
    const char *hidden;
    enum error_language language;
    uint32_t columns[GRID_COLUMNS_MAX];
    uint32_t column_count;
};

static const void *row_at(const struct answer *answer, uint32_t row) {
    return answer->rows + (size_t)row * answer->shape->size;
}

/* A number that is zero in every row says nothing. */
static bool says_something(const struct answer *answer, uint32_t index) {
    const struct field *field = &answer->shape->fields[index];
    for (uint32_t i = 0; i < answer->count; i++) {
        uint64_t present;
        int64_t number = 1;
        memcpy(&present, row_at(answer, i), sizeof present);
        if (field->kind == KIND_INT) {
            memcpy(&number, (const char *)row_at(answer, i) + field->offset, sizeof number);
        }
        if (wire_has(present, index) && number != 0) {
            return true;
        }
    }
    return false;
}

static void choose_columns(struct answer *answer, bool all) {
    for (uint32_t i = 0; i < answer->shape->field_count && answer->column_count < GRID_COLUMNS_MAX; i++) {
        const struct field *field = &answer->shape->fields[i];
        bool list = kind_is_list(field->kind) || field->kind == KIND_MAP;
        bool shown = all || (!words_hold(answer->hidden, field->name) && says_something(answer, i));
        if (!list && shown) {
            answer->columns[answer->column_count++] = i;
        }
    }
}

static void add_column(struct grid *grid, const struct answer *answer, const struct field *field) {
    char english[NAME_SIZE];
    const char *chinese = label_chinese(field->name);
    option_name(field, english);
    enum grid_align align = field->kind == KIND_INT || field->kind == KIND_RECORD ? GRID_RIGHT : GRID_LEFT;
    grid_column(grid, answer->language == LANGUAGE_ZH && chinese ? chinese : english, align);
}

static int print_grid(struct answer *answer, struct error *error) {
    struct grid *grid = grid_create();
    if (!grid) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    choose_columns(answer, false);
    for (uint32_t i = 0; i < answer->column_count; i++) {
        add_column(grid, answer, &answer->shape->fields[answer->columns[i]]);
    }
    for (uint32_t row = 0; row < answer->count && answer->column_count > 0; row++) {
        for (uint32_t i = 0; i < answer->column_count; i++) {
            struct figures_cell cell =
                figures_cell(answer->shape, answer->columns[i], row_at(answer, row), answer->language);
            grid_cell(grid, cell.text.data ? cell.text : text_of(cell.room));
        }
    }
    bool whole = answer->column_count == 0 || grid_print(grid, stdout);
    grid_destroy(&grid);
    return whole ? 0 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

/* All fields by their names, as they are. */
static int print_csv(struct answer *answer, struct error *error) {
    struct buffer out = {0};
    choose_columns(answer, true);
    for (uint32_t i = 0; i < answer->column_count; i++) {
        printf("%s%s", i > 0 ? "," : "", answer->shape->fields[answer->columns[i]].name);
    }
    printf("\r\n");
    for (uint32_t row = 0; row < answer->count; row++) {
        struct sheet_row line = {.out = &out};
        for (uint32_t i = 0; i < answer->column_count; i++) {
            figures_cell_csv(answer->shape, answer->columns[i], row_at(answer, row), &line);
        }
        sheet_end(&line);
    }
    if (out.length > 0) {
        fwrite(out.data, 1, out.length, stdout);
    }
    int result = out.failed ? error_set(error, ERR_NO_MEMORY, (struct error_words){0}) : 0;
    buffer_free(&out);
    return result;
}

static void print_foot(const struct shape *shape, const void *value, enum error_language language) {
    int index = shape_find(shape, text_of("as_of"), 0);
    if (index >= 0) {
        struct text as_of;
        memcpy(&as_of, (const char *)value + shape->fields[index].offset, sizeof as_of);
        printf("%s %.*s\n", language_pick(language, "as of", "截至"), (int)as_of.length, as_of.data);
    }
}

static int print_answer(const struct figures *figures, const struct session *session, figures_print print,
                        const void *value, struct error *error) {
    const struct shape *shape = shape_of(figures->answer);
    int index = shape_find(shape, text_of(figures->rows), 0);
    struct list rows;
    if (option_given(session->options, "json")) {
        document_print(shape, value);
        return 0;
    }
    memcpy(&rows, (const char *)value + shape->fields[index].offset, sizeof rows);
    struct answer answer = {
        .shape = shape->fields[index].sub,
        .rows = rows.items,
        .count = rows.count,
        .hidden = figures->hidden ? figures->hidden : "",
        .language = session->language,
    };
    if (option_given(session->options, "csv")) {
        return print_csv(&answer, error);
    }
    int result = print ? print(session, value, error) : print_grid(&answer, error);
    if (result == 0) {
        if (rows.count == 0) {
            printf("%s\n", language_pick(session->language, "nothing fits", "没有符合条件的记录"));
        }
        print_foot(shape, value, session->language);
    }
    return result;
}

static int ask(const struct figures *figures, const struct session *session, figures_print print, struct arena *arena,
               const void *query, struct error *error) {
    void *answer = arena_alloc(arena, shape_of(figures->answer)->size);
    if (!answer) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    int result = session_ask_shape(session, figures->edge, figures->verb, ANSWER_MS, figures->query, query,
                                   figures->answer, arena, answer, error);
    return result != 0 ? result : print_answer(figures, session, print, answer, error);
}

int figures_run_as(const struct figures *figures, const struct options *options, figures_print print) {
    struct session session = {0};
    struct error error;
    struct arena *arena = arena_create(ARENA_BYTES);
    void *query = arena ? arena_alloc(arena, shape_of(figures->query)->size) : NULL;
    int result = query ? figures_query(figures, options, arena, query, &error)
                       : error_set(&error, ERR_NO_MEMORY, (struct error_words){0});
    if (result == 0) {
        result = session_open(&session, options, NULL, NULL, &error);
    }
    if (result == 0) {
        result = ask(figures, &session, print, arena, query, &error);
    }
    arena_destroy(&arena);
    int status = result != 0 ? command_fail(options, &error) : 0;
    session_close(&session);
    return status;
}

int figures_run(const struct figures *figures, const struct options *options) {
    return figures_run_as(figures, options, NULL);
}
