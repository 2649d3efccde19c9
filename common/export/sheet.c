/* Cells and rows of CSV, and their other encoding. */
#include "common/export/sheet.h"

#include <errno.h>
#include <iconv.h>
#include <inttypes.h>
#include <stdio.h>

static void put(struct buffer *out, const char *text) {
    buffer_append(out, text, strlen(text));
}

static void begin_cell(struct sheet_row *row) {
    put(row->out, row->cells++ > 0 ? "," : "");
}

/* Behind any apostrophes: does a spreadsheet take this for a formula? */
static bool starts_formula(struct text text) {
    static const char *const signs[] = {"=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"};
    while (text.length > 0 && *text.data == '\'') {
        text = (struct text){text.data + 1, text.length - 1};
    }
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        size_t length = strlen(signs[i]);
        if (text.length >= length && memcmp(text.data, signs[i], length) == 0) {
            return true;
        }
    }
    return false;
}

void sheet_text(struct sheet_row *row, struct text text) {
    begin_cell(row);
    put(row->out, starts_formula(text) ? "\"'" : "\"");
    for (uint32_t i = 0; i < text.length; i++) {
        put(row->out, text.data[i] == '"' ? "\"" : "");
        buffer_append(row->out, text.data + i, 1);
    }
    put(row->out, "\"");
}

struct text sheet_unguard(struct text cell) {
    bool guarded = cell.length > 0 && *cell.data == '\'' && starts_formula(cell);
    return guarded ? (struct text){cell.data + 1, cell.length - 1} : cell;
}

void sheet_integer(struct sheet_row *row, int64_t number) {
    char digits[24];
    begin_cell(row);
    snprintf(digits, sizeof digits, "%" PRId64, number);
    put(row->out, digits);
}

size_t sheet_format_thousandths(int64_t value, char out[SHEET_THOUSANDTHS_SIZE]) {
    uint64_t size = value < 0 ? (uint64_t)0 - (uint64_t)value : (uint64_t)value;
    int length = snprintf(out, SHEET_THOUSANDTHS_SIZE, "%s%" PRIu64 ".%03" PRIu64, value < 0 ? "-" : "", size / 1000,
                          size % 1000);
    while (out[length - 1] == '0') {
        out[--length] = '\0';
    }
    if (out[length - 1] == '.') {
        out[--length] = '\0';
    }
    return (size_t)length;
}

void sheet_thousandths(struct sheet_row *row, int64_t value) {
    char digits[SHEET_THOUSANDTHS_SIZE];
    begin_cell(row);
    sheet_format_thousandths(value, digits);
    put(row->out, digits);
}

void sheet_end(struct sheet_row *row) {
    put(row->out, "\r\n");
    row->cells = 0;
}

int sheet_to_gb18030(struct text utf8, struct buffer *out, struct error *error) {
    iconv_t convert = iconv_open("GB18030", "UTF-8");
    if (convert == (iconv_t)-1) {
        return error_setf(error, ERR_INTERNAL, "this system's iconv does not know GB18030");
    }
    char chunk[4096];
    char *from = (char *)utf8.data; /* iconv(3) does not write there */
    size_t left = utf8.length;
    int result = 0;
    while (left > 0 && result == 0) {
        char *to = chunk;
        size_t space = sizeof chunk;
        if (iconv(convert, &from, &left, &to, &space) == (size_t)-1 && errno != E2BIG) {
            result = error_set(error, ERR_BAD_UTF8, (struct error_words){.field = "CSV"});
        }
        buffer_append(out, chunk, sizeof chunk - space);
    }
    iconv_close(convert);
    return result == 0 && out->failed ? error_set(error, ERR_NO_MEMORY, (struct error_words){0}) : result;
}
