/* Reading a platform's list. */
#include "services/chaoxun/people/platform_list.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/import/dates.h"
#include "common/import/import.h"
#include "common/import/quantity.h"
#include "services/chaoxun/files.h"
#include "services/chaoxun/people/roster.h"

#define MINUTES_MAX 14400

struct reading {
    struct platform_list *list;
    const struct session *session;
    const struct profile *profile;
    struct arena *arena;
    char head[POSITION_TEXT_SIZE];     /* of the journal when the reading began */
    uint32_t columns[PROFILE_COLUMNS]; /* UINT32_MAX: not there */
};

/* ---- the header ---- */

static int find_columns(struct reading *reading, struct error *error) {
    const struct table *table = &reading->list->table;
    const struct table_row *header = &table->rows[0];
    for (uint32_t i = 0; i < PROFILE_COLUMNS; i++) {
        reading->columns[i] = UINT32_MAX;
    }
    for (uint32_t i = 0; i < reading->profile->count; i++) {
        enum profile_column wanted = reading->profile->order[i];
        for (uint32_t column = 0; column < header->cell_count && column < TABLE_CELLS_MAX; column++) {
            if (text_equal(table_cell(table, header, column), text_of(reading->profile->headers[wanted]))) {
                reading->columns[wanted] = column;
            }
        }
        bool optional = wanted == PROFILE_NAME || wanted == PROFILE_GRADE || wanted == PROFILE_ACTIVITY;
        if (reading->columns[wanted] == UINT32_MAX && !optional) {
            return error_set(error, ERR_MISSING, (struct error_words){.field = reading->profile->headers[wanted]});
        }
    }
    return 0;
}

static struct text cell(const struct reading *reading, const struct table_row *row, enum profile_column column) {
    struct text text = {0};
    if (reading->columns[column] != UINT32_MAX) {
        text = table_cell(&reading->list->table, row, reading->columns[column]);
    }
    return text;
}

/* ---- cells ---- */

static void fault(const struct reading *reading, struct list_row *row, enum profile_column column, const char *text) {
    if (!row->fault) {
        row->fault = text;
        row->fault_header = reading->profile->headers[column];
        reading->list->faults++;
    }
}

static void read_length(const struct reading *reading, const struct table_row *line, struct list_row *row) {
    bool hours = reading->profile->headers[PROFILE_HOURS][0] != '\0';
    enum profile_column column = hours ? PROFILE_HOURS : PROFILE_MINUTES;
    struct quantity quantity;
    bool read = quantity_parse(cell(reading, line, column), &quantity) && quantity.approx == APPROX_EXACT &&
                quantity.thousandths >= 0 && quantity.thousandths <= INT64_C(1000) * MINUTES_MAX;
    int64_t thousandths = read ? quantity.thousandths * (hours ? 60 : 1) : -1;
    row->minutes = (int32_t)(thousandths / 1000);
    if (thousandths < 0 || thousandths % 1000 != 0 || row->minutes > MINUTES_MAX) {
        fault(reading, row, column, "不是整分钟的时长");
    }
}

/* Whether it can be a number at all (KIND_NUMBER). */
static bool is_number(struct text text) {
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    bool fits = text.length > 0 && text.length <= EVENT_BY_MAX;
    for (uint32_t i = 0; i < text.length && fits; i++) {
        fits = text.data[i] != '\0' && strchr(allowed, text.data[i]) != NULL;
    }
    return fits;
}

/* The same person stands in many rows: those before are looked through first. */
static int find_volunteer(const struct reading *reading, enum profile_column column, struct list_row *row,
                          struct error *error) {
    for (struct list_row *known = reading->list->rows; known < row; known++) {
        if (text_equal(known->who, row->who)) {
            row->volunteer = known->volunteer;
            return 0;
        }
    }
    struct wire_volunteers_query query = {.left = true, .limit = 2, .at_least = text_of(reading->head)};
    struct wire_volunteers_answer answer;
    wire_set(&query.present, FIELD_volunteers_query_at_least);
    if (column == PROFILE_NUMBER) {
        query.number = row->who;
        wire_set(&query.present, FIELD_volunteers_query_number);
    } else {
        query.platform = row->who;
        wire_set(&query.present, FIELD_volunteers_query_platform);
    }
    wire_set(&query.present, FIELD_volunteers_query_left);
    wire_set(&query.present, FIELD_volunteers_query_limit);
    arena_reset(reading->arena);
    int result = roster_ask(reading->session, &query, reading->arena, &answer, error);
    if (result == 0 && answer.rows.count == 1) {
        row->volunteer = ((const struct wire_volunteer_entry *)answer.rows.items)->id;
    }
    return result;
}

static int read_row(const struct reading *reading, const struct table_row *line, struct list_row *row,
                    struct error *error) {
    bool by_number = cell(reading, line, PROFILE_PLATFORM).length == 0;
    enum profile_column who = by_number ? PROFILE_NUMBER : PROFILE_PLATFORM;
    *row = (struct list_row){.number = line->number,
                             .who = cell(reading, line, who),
                             .name = cell(reading, line, PROFILE_NAME),
                             .activity = cell(reading, line, PROFILE_ACTIVITY),
                             .grade = profile_grade(reading->profile, cell(reading, line, PROFILE_GRADE))};
    if (line->fault != ERR_OK) {
        fault(reading, row, PROFILE_DATE, "此行无法读取（编码或引号）");
        return 0;
    }
    if (date_read(cell(reading, line, PROFILE_DATE), &row->date) != DATE_WHOLE) {
        fault(reading, row, PROFILE_DATE, "不是日期");
    }
    read_length(reading, line, row);
    bool asked = who == PROFILE_NUMBER ? is_number(row->who) : row->who.length > 0 && row->who.length <= 60;
    int result = asked ? find_volunteer(reading, who, row, error) : 0;
    if (id_is_zero(&row->volunteer)) {
        fault(reading, row, who, "没有此编号的志愿者，或不止一名");
    }
    return result;
}

/* ---- the file ---- */

int platform_list_read(struct platform_list *list, const struct session *session, const struct profile *profile,
                       const char *path, struct arena *arena, struct error *error) {
    struct reading reading = {.list = list, .session = session, .profile = profile, .arena = arena};
    struct buffer bytes = {0};
    *list = (struct platform_list){0};
    int result = file_read(path, IMPORT_BYTES_MAX, &bytes, error);
    if (result == 0) {
        result = table_read(&list->table, (struct text){(const char *)bytes.data, (uint32_t)bytes.length}, error);
    }
    buffer_free(&bytes);
    if (result == 0 && list->table.row_count < 2) {
        result = error_set(error, ERR_MISSING, (struct error_words){.field = path});
    }
    if (result == 0) {
        result = find_columns(&reading, error);
    }
    if (result == 0) {
        result = roster_head(session, reading.head, error);
    }
    if (result < 0) {
        return result;
    }
    list->rows = calloc(list->table.row_count, sizeof *list->rows);
    if (!list->rows) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    for (uint32_t i = 1; result == 0 && i < list->table.row_count; i++) {
        result = read_row(&reading, &list->table.rows[i], &list->rows[list->count], error);
        list->count++;
    }
    return result;
}

void platform_list_free(struct platform_list *list) {
    table_free(&list->table);
    free(list->rows);
    *list = (struct platform_list){0};
}

void platform_list_tell(const struct platform_list *list, enum error_language language) {
    for (uint32_t i = 0; i < list->count; i++) {
        const struct list_row *row = &list->rows[i];
        if (row->fault) {
            fprintf(stderr, language_pick(language, "row %u, column %s: %s (%.*s)\n", "第 %u 行，列 %s：%s（%.*s）\n"),
                    row->number, row->fault_header, row->fault, (int)row->who.length,
                    row->who.data ? row->who.data : "");
        }
    }
}
