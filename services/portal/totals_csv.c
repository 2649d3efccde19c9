/* Totals as CSV. */
#include "services/portal/totals_csv.h"

#include <inttypes.h>
#include <stdio.h>

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

static void put(struct buffer *out, const char *text) {
    buffer_append(out, text, strlen(text));
}

/* One cell; `begin`: of a cell made in several steps, where a formula could begin. */
static void put_text(struct buffer *out, struct text text, bool begin) {
    if (begin && text.length > 0 && strchr("=+-@\t\r", text.data[0])) {
        put(out, "'");
    }
    for (uint32_t i = 0; i < text.length; i++) {
        if (text.data[i] == '"') {
            put(out, "\"");
        }
        buffer_append(out, text.data + i, 1);
    }
}

static void put_cell(struct buffer *out, struct text text) {
    put(out, "\"");
    put_text(out, text, true);
    put(out, "\",");
}

static void put_number(struct buffer *out, int64_t number) {
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRId64 ",", number);
    put(out, digits);
}

static const struct wire_sum *sum_of(const struct list *record) {
    static const struct wire_sum none = {0};
    return record->count == 1 ? record->items : &none;
}

/* Thousandths as a decimal without needless zeros. */
static size_t format_thousandths(int64_t value, char *out, size_t size) {
    uint64_t size_of_it = value < 0 ? (uint64_t)0 - (uint64_t)value : (uint64_t)value;
    int length =
        snprintf(out, size, "%s%" PRIu64 ".%03" PRIu64, value < 0 ? "-" : "", size_of_it / 1000, size_of_it % 1000);
    while (out[length - 1] == '0') {
        out[--length] = '\0';
    }
    if (out[length - 1] == '.') {
        out[--length] = '\0';
    }
    return (size_t)length;
}

static void put_sum(struct buffer *out, const struct wire_sum *sum) {
    put_cell(out, sum->mark);
    put_number(out, sum->value);
}

static void put_hours(struct buffer *out, const struct wire_sum *sum) {
    char hours[32];
    put_cell(out, sum->mark);
    /* A sixtieth of an hour is no decimal: hours are rounded to three places, minutes beside them are exact. */
    format_thousandths((sum->value * 50 + (sum->value < 0 ? -1 : 1)) / 3, hours, sizeof hours);
    put(out, hours);
    put(out, ",");
    put_number(out, sum->value);
}

static void put_measures(struct buffer *out, const struct list *measures) {
    const struct wire_measure_sum *items = measures->items;
    put(out, "\"");
    for (uint32_t i = 0; i < measures->count; i++) {
        const struct wire_sum *sum = sum_of(&items[i].sum);
        char number[32];
        format_thousandths(sum->value, number, sizeof number);
        put(out, i > 0 ? "；" : "");
        put_text(out, items[i].name, i == 0);
        put(out, " ");
        put_text(out, sum->mark, false);
        put(out, number);
        put_text(out, items[i].unit, false);
    }
    put(out, "\"\r\n");
}

static struct text programme_name(struct text code) {
#define PROGRAMME(NAME, wire, chinese) \
    if (text_equal(code, text_of(wire))) { \
        return text_of(chinese); \
    }
#include "proto/tables/programmes.def"
#undef PROGRAMME
    return code;
}

static void put_row(struct buffer *out, const struct wire_totals_row *row) {
    put_cell(out, row->name.length > 0 ? row->name : row->unit);
    put_cell(out, programme_name(row->programme));
    put_cell(out, row->period);
    put_number(out, row->activities);
    put_number(out, row->reports);
    put_number(out, row->undated);
    put_sum(out, sum_of(&row->attendances));
    put_hours(out, sum_of(&row->minutes));
    put_number(out, row->demo);
    put_measures(out, &row->measures);
}

void totals_csv_render(const struct wire_totals_answer *answer, struct buffer *out) {
    put(out, BYTE_ORDER_MARK "中队,项目,时期,活动数,报告数,其中无日期,参与人次约数,参与人次,服务时长约数,"
                             "服务时长（小时）,服务时长（分钟）,其中演示数据,成效\r\n");
    const struct wire_totals_row *rows = answer->rows.items;
    for (uint32_t i = 0; i < answer->rows.count; i++) {
        put_row(out, &rows[i]);
    }
}
