/* Totals as CSV. */
#include "services/portal/totals_csv.h"

#include "common/export/sheet.h"
#include "common/export/words.h"

#define HOURS_MINUTES_MAX (INT64_MAX / 50 - 1) /* of what can be written as thousandths of an hour */

static const struct wire_sum *sum_of(const struct list *record) {
    static const struct wire_sum none = {0};
    return record->count == 1 ? record->items : &none;
}

static void put_sum(struct sheet_row *row, const struct wire_sum *sum) {
    sheet_text(row, sum->mark);
    sheet_integer(row, sum->value);
}

static void put_hours(struct sheet_row *row, const struct wire_sum *sum) {
    sheet_text(row, sum->mark);
    /* A sixtieth of an hour is no decimal: hours are rounded to three places, minutes beside them are exact. */
    if (sum->value <= HOURS_MINUTES_MAX && sum->value >= -HOURS_MINUTES_MAX) {
        sheet_thousandths(row, (sum->value * 50 + (sum->value < 0 ? -1 : 1)) / 3);
    } else {
        sheet_text(row, text_of(""));
    }
    sheet_integer(row, sum->value);
}

static void append(struct buffer *out, struct text text) {
    buffer_append(out, text.data, text.length);
}

static void put_measures(struct sheet_row *row, const struct list *measures) {
    const struct wire_measure_sum *items = measures->items;
    struct buffer cell = {0};
    for (uint32_t i = 0; i < measures->count; i++) {
        const struct wire_sum *sum = sum_of(&items[i].sum);
        char number[SHEET_THOUSANDTHS_SIZE];
        sheet_format_thousandths(sum->value, number);
        append(&cell, text_of(i > 0 ? "；" : ""));
        append(&cell, items[i].name);
        append(&cell, text_of(" "));
        append(&cell, sum->mark);
        append(&cell, text_of(number));
        append(&cell, items[i].unit);
    }
    sheet_text(row, (struct text){(const char *)cell.data, (uint32_t)cell.length});
    row->out->failed = row->out->failed || cell.failed;
    buffer_free(&cell);
}

/* What the row's measure or kind of problem amounts to; empty for a row that stands for neither. */
static void put_quantity(struct sheet_row *row, const struct wire_totals_row *totals) {
    const struct wire_sum *sum = sum_of(&totals->quantity);
    sheet_text(row, totals->quantity.count > 0 ? sum->mark : text_of(""));
    if (totals->quantity.count == 0) {
        sheet_text(row, text_of(""));
    } else if (totals->kind.length > 0) {
        sheet_integer(row, sum->value);
    } else {
        sheet_thousandths(row, sum->value);
    }
    sheet_text(row, totals->kind.length > 0 ? text_of("起") : totals->measure_unit);
}

static void put_row(struct buffer *out, const struct wire_totals_row *totals) {
    struct sheet_row row = {.out = out};
    sheet_text(&row, totals->name.length > 0 ? totals->name : totals->unit);
    sheet_text(&row, words_programme(totals->programme));
    sheet_text(&row, totals->town);
    sheet_text(&row, totals->period);
    sheet_integer(&row, totals->activities);
    sheet_integer(&row, totals->reports);
    sheet_integer(&row, totals->undated);
    put_sum(&row, sum_of(&totals->attendances));
    put_hours(&row, sum_of(&totals->minutes));
    sheet_integer(&row, totals->demo);
    sheet_integer(&row, totals->late);
    sheet_integer(&row, totals->warned);
    sheet_text(&row, totals->kind.length > 0 ? totals->kind : totals->measure);
    put_quantity(&row, totals);
    put_measures(&row, &totals->measures);
    sheet_end(&row);
}

void totals_csv_render(const struct wire_totals_answer *answer, struct buffer *out) {
    append(
        out,
        text_of(
            SHEET_BYTE_ORDER_MARK
            "中队,项目,镇街道,时期,活动数,报告数,其中无日期,参与人次约数,参与人次,服务时长约数,"
            "服务时长（小时）,服务时长（分钟）,其中演示数据,其中迟报,其中存疑,成效或问题,数量约数,数量,单位,成效\r\n"));
    const struct wire_totals_row *rows = answer->rows.items;
    for (uint32_t i = 0; i < answer->rows.count; i++) {
        put_row(out, &rows[i]);
    }
}
