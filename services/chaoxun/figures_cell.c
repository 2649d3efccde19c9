/* Values as cells. */
#include "services/chaoxun/figures_cell.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/export/words.h"
#include "common/import/problem_kinds.h"
#include "services/chaoxun/language.h"
#include "services/chaoxun/moment.h"

#define CHINA_MINUTES 480 /* from UTC */

static bool is(const char *a, const char *b) {
    return strcmp(a, b) == 0;
}

static void format_number(const struct field *field, int64_t number, char room[FIGURES_CELL_SIZE]) {
    char decimal[SHEET_THOUSANDTHS_SIZE];
    if (is(field->unit, "minutes")) {
        sheet_format_thousandths(number * 1000 / 60 / 100 * 100, decimal);
    } else if (is(field->unit, "hundredths")) {
        sheet_format_thousandths(number * 10, decimal);
    } else if (is(field->unit, "thousandths")) {
        sheet_format_thousandths(number, decimal);
    } else {
        snprintf(room, FIGURES_CELL_SIZE, "%" PRId64, number);
        return;
    }
    snprintf(room, FIGURES_CELL_SIZE, "%s", decimal);
}

/* A sum: its mark and its value, in the unit of the field that holds it. */
static void format_sum(const struct field *field, const struct wire_sum *sum, char room[FIGURES_CELL_SIZE]) {
    char number[FIGURES_CELL_SIZE];
    format_number(field, sum->value, number);
    snprintf(room, FIGURES_CELL_SIZE, "%.*s%.40s", (int)sum->mark.length, sum->mark.data ? sum->mark.data : "", number);
}

static struct text in_words(const struct field *field, struct text text, enum error_language language) {
    if (language != LANGUAGE_ZH) {
        return text;
    }
    if (is(field->name, "programme")) {
        return words_programme(text);
    }
    return is(field->name, "kind") ? problem_kind_name(text) : text;
}

static void format_value(const struct field *field, const void *value, enum error_language language,
                         struct figures_cell *cell) {
    char moment[MOMENT_TEXT_SIZE];
    switch (field->kind) {
    case KIND_INT:
        format_number(field, *(const int64_t *)value, cell->room);
        break;
    case KIND_BOOL:
        cell->text = text_of(*(const bool *)value ? language_pick(language, "yes", "是") : "");
        break;
    case KIND_DATE:
        day_format(*(const int32_t *)value, cell->room);
        break;
    case KIND_MONTH:
        month_format(*(const int32_t *)value, cell->room);
        break;
    case KIND_TIME:
        moment_format(*(const int64_t *)value, CHINA_MINUTES, moment);
        snprintf(cell->room, sizeof cell->room, "%s", moment);
        break;
    case KIND_ID:
        id_format(value, cell->room);
        break;
    case KIND_RECORD:
        if (field->sub == shape_of(SHAPE_sum) && ((const struct list *)value)->count == 1) {
            format_sum(field, ((const struct list *)value)->items, cell->room);
        }
        break;
    default:
        if (word_count(field->kind) > 0) {
            int word = *(const int32_t *)value;
            cell->text =
                text_of(language == LANGUAGE_ZH ? word_chinese(field->kind, word) : word_wire(field->kind, word));
        } else if (kind_is_text(field->kind)) {
            cell->text = in_words(field, *(const struct text *)value, language);
        }
        break;
    }
}

struct figures_cell figures_cell(const struct shape *shape, uint32_t field, const void *row,
                                 enum error_language language) {
    struct figures_cell cell = {0};
    uint64_t present;
    memcpy(&present, row, sizeof present);
    if (wire_has(present, field)) {
        format_value(&shape->fields[field], (const char *)row + shape->fields[field].offset, language, &cell);
    }
    return cell;
}

void figures_cell_csv(const struct shape *shape, uint32_t field, const void *row, struct sheet_row *line) {
    const struct field *descriptor = &shape->fields[field];
    uint64_t present;
    memcpy(&present, row, sizeof present);
    if (wire_has(present, field) && descriptor->kind == KIND_INT) {
        int64_t number;
        memcpy(&number, (const char *)row + descriptor->offset, sizeof number);
        sheet_integer(line, number);
        return;
    }
    struct figures_cell cell = figures_cell(shape, field, row, LANGUAGE_EN);
    sheet_text(line, cell.text.data ? cell.text : text_of(cell.room));
}
