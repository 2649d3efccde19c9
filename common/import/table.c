/* A CSV file as rows of cells: lines are converted to UTF-8 one by one and handed to libcsv until a row is whole. */
#include "common/import/table.h"

#include <csv.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>

/* A row under way: cells as offsets, because the text moves while it grows. */
struct reading {
    struct table *table;
    struct csv_parser parser;
    iconv_t convert; /* (iconv_t)-1 for UTF-8 */
    char *line;      /* the line in UTF-8 */
    size_t line_capacity;
    uint32_t number;    /* of the row under way */
    size_t row_start;   /* offset of its first byte in the file */
    uint32_t row_lines; /* lines taken into it so far */
    size_t first_cell;
    bool whole; /* libcsv has ended a row */
    bool no_memory;
};

static bool grow(void **memory, size_t *capacity, size_t needed, size_t item) {
    if (needed <= *capacity) {
        return true;
    }
    size_t bigger = *capacity ? *capacity * 2 : 64;
    bigger = bigger < needed ? needed : bigger;
    void *moved = realloc(*memory, bigger * item);
    if (moved) {
        *memory = moved;
        *capacity = bigger;
    }
    return moved != NULL;
}

static struct text line_at(struct text bytes, size_t at) {
    const char *end = memchr(bytes.data + at, '\n', bytes.length - at);
    size_t length = end ? (size_t)(end - bytes.data) + 1 - at : bytes.length - at;
    return (struct text){bytes.data + at, (uint32_t)length};
}

static bool is_ascii(struct text text) {
    for (uint32_t i = 0; i < text.length; i++) {
        if ((unsigned char)text.data[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

/* GB18030 never uses the bytes of a line end or a quote within a character, so lines can be told apart before. */
static bool looks_like_gb18030(struct text bytes) {
    size_t valid = 0;
    size_t invalid = 0;
    for (size_t at = 0; at < bytes.length;) {
        struct text line = line_at(bytes, at);
        if (!is_ascii(line)) {
            *(text_is_utf8(line) ? &valid : &invalid) += 1;
        }
        at += line.length;
    }
    return invalid > valid;
}

/* The line in UTF-8 in reading->line; false when it is not in the file's encoding. */
static bool convert_line(struct reading *reading, struct text line, struct text *converted) {
    if (reading->convert == (iconv_t)-1) {
        *converted = line;
        return text_is_utf8(line);
    }
    size_t needed = (size_t)line.length * 3 + 1;
    if (!grow((void **)&reading->line, &reading->line_capacity, needed, 1)) {
        reading->no_memory = true;
        return false;
    }
    char *in = (char *)(uintptr_t)line.data; /* iconv does not write through it */
    size_t in_left = line.length;
    char *out = reading->line;
    size_t out_left = reading->line_capacity;
    iconv(reading->convert, NULL, NULL, NULL, NULL);
    if (iconv(reading->convert, &in, &in_left, &out, &out_left) == (size_t)-1) {
        return false;
    }
    *converted = (struct text){reading->line, (uint32_t)(out - reading->line)};
    return true;
}

static void on_cell(void *data, size_t length, void *context) {
    struct reading *reading = context;
    struct table *table = reading->table;
    if (reading->no_memory ||
        !grow((void **)&table->cells, &table->cell_capacity, table->cell_count + 1, sizeof *table->cells) ||
        !grow((void **)&table->text, &table->text_capacity, table->text_length + length, 1)) {
        reading->no_memory = true;
        return;
    }
    if (length > 0) {
        memcpy(table->text + table->text_length, data, length);
    }
    /* The offset is turned into a pointer when the text no longer moves. */
    table->cells[table->cell_count++] = (struct text){(const char *)(uintptr_t)table->text_length,
                                                      (uint32_t)length}; // NOLINT(performance-no-int-to-ptr)
    table->text_length += length;
}

static void on_row(int end, void *context) {
    (void)end;
    ((struct reading *)context)->whole = true;
}

static void forget_cells(struct reading *reading) {
    reading->table->cell_count = reading->first_cell;
}

static bool add_row(struct reading *reading, enum error_code fault) {
    struct table *table = reading->table;
    size_t capacity = table->row_capacity;
    if (!grow((void **)&table->rows, &capacity, table->row_count + 1, sizeof *table->rows)) {
        reading->no_memory = true;
        return false;
    }
    table->row_capacity = (uint32_t)capacity;
    if (fault != ERR_OK) {
        forget_cells(reading);
    }
    table->rows[table->row_count++] = (struct table_row){
        .number = reading->number,
        .cell_count = (uint32_t)(table->cell_count - reading->first_cell),
        .first = reading->first_cell,
        .fault = fault,
    };
    return true;
}

static bool row_is_empty(const struct reading *reading) {
    const struct table *table = reading->table;
    for (size_t i = reading->first_cell; i < table->cell_count; i++) {
        if (table->cells[i].length > 0) {
            return false;
        }
    }
    return true;
}

static uint32_t header_cells(const struct table *table) {
    return table->row_count > 0 ? table->rows[0].cell_count : 0;
}

static int start_parser(struct reading *reading) {
    csv_free(&reading->parser);
    reading->whole = false;
    reading->row_lines = 0;
    reading->first_cell = reading->table->cell_count;
    return csv_init(&reading->parser, CSV_REPALL_NL);
}

/* Ends the row under way with a fault and starts again behind its first line. Returns where to go on. */
static size_t give_up_row(struct reading *reading, struct text bytes, enum error_code fault) {
    add_row(reading, fault);
    reading->number++;
    size_t next = reading->row_start + line_at(bytes, reading->row_start).length;
    start_parser(reading);
    reading->row_start = next;
    return next;
}

/* A row is whole. One that spans lines and does not have the header's number of cells began with a stray quote. */
static size_t take_row(struct reading *reading, struct text bytes, size_t next) {
    struct table *table = reading->table;
    uint32_t cells = (uint32_t)(table->cell_count - reading->first_cell);
    if (reading->row_lines > 1 && table->row_count > 0 && cells != header_cells(table)) {
        return give_up_row(reading, bytes, ERR_CSV_QUOTE);
    }
    if (row_is_empty(reading)) {
        forget_cells(reading);
    } else {
        add_row(reading, ERR_OK);
    }
    reading->number++;
    reading->whole = false;
    reading->row_lines = 0;
    reading->first_cell = table->cell_count;
    reading->row_start = next;
    return next;
}

/* Reads one line; returns the offset at which to go on. */
static size_t read_line(struct reading *reading, struct text bytes, size_t at) {
    struct text line = line_at(bytes, at);
    struct text converted;
    size_t next = at + line.length;
    if (!convert_line(reading, line, &converted)) {
        return give_up_row(reading, bytes, ERR_CSV_ENCODING);
    }
    reading->row_lines++;
    csv_parse(&reading->parser, converted.data, converted.length, on_cell, on_row, reading);
    if (!reading->whole && next == bytes.length) { /* the last line has no line end, or a quote is open */
        csv_set_opts(&reading->parser, CSV_REPALL_NL | CSV_STRICT | CSV_STRICT_FINI);
        if (csv_fini(&reading->parser, on_cell, on_row, reading) != 0) {
            return give_up_row(reading, bytes, ERR_CSV_QUOTE);
        }
    }
    if (reading->whole) {
        return take_row(reading, bytes, next);
    }
    return reading->row_lines > TABLE_SPAN_MAX ? give_up_row(reading, bytes, ERR_CSV_QUOTE) : next;
}

static void settle_cells(struct table *table) {
    for (size_t i = 0; i < table->cell_count; i++) {
        table->cells[i].data = table->text + (uintptr_t)table->cells[i].data;
    }
}

static struct text without_bom(struct text bytes) {
    bool bom = bytes.length >= 3 && memcmp(bytes.data, "\xEF\xBB\xBF", 3) == 0;
    return bom ? (struct text){bytes.data + 3, bytes.length - 3} : bytes;
}

static bool is_utf16(struct text bytes) {
    return bytes.length >= 2 && (memcmp(bytes.data, "\xFF\xFE", 2) == 0 || memcmp(bytes.data, "\xFE\xFF", 2) == 0);
}

static int read_all(struct reading *reading, struct text bytes, struct error *error) {
    for (size_t at = 0; at < bytes.length && !reading->no_memory;) {
        at = read_line(reading, bytes, at);
        if (reading->table->row_count > TABLE_ROWS_MAX) {
            return error_set(error, ERR_TOO_MANY, (struct error_words){"rows", "1000000", "more"});
        }
    }
    return reading->no_memory ? error_set(error, ERR_NO_MEMORY, (struct error_words){0}) : 0;
}

int table_read(struct table *table, struct text bytes, struct error *error) {
    *table = (struct table){0};
    if (is_utf16(bytes)) {
        return error_set(error, ERR_CSV_ENCODING, (struct error_words){.field = "1"});
    }
    bytes = without_bom(bytes);
    table->gb18030 = looks_like_gb18030(bytes);
    struct reading reading = {.table = table, .number = 1, .convert = (iconv_t)-1};
    if (table->gb18030 && (reading.convert = iconv_open("UTF-8", "GB18030")) == (iconv_t)-1) {
        return error_setf(error, ERR_INTERNAL, "this system's iconv does not know GB18030");
    }
    int result = start_parser(&reading) != 0 ? error_set(error, ERR_NO_MEMORY, (struct error_words){0})
                                             : read_all(&reading, bytes, error);
    csv_free(&reading.parser);
    free(reading.line);
    if (reading.convert != (iconv_t)-1) {
        iconv_close(reading.convert);
    }
    if (result == 0) {
        settle_cells(table);
    } else {
        table_free(table);
    }
    return result;
}

void table_free(struct table *table) {
    free(table->rows);
    free(table->cells);
    free(table->text);
    *table = (struct table){0};
}

static bool is_blank(char character) {
    return character == ' ' || character == '\t' || character == '\r' || character == '\n';
}

struct text table_cell(const struct table *table, const struct table_row *row, uint32_t column) {
    if (column >= row->cell_count) {
        return (struct text){0};
    }
    struct text cell = table->cells[row->first + column];
    while (cell.length > 0 && is_blank(*cell.data)) {
        cell = (struct text){cell.data + 1, cell.length - 1};
    }
    while (cell.length > 0 && is_blank(cell.data[cell.length - 1])) {
        cell.length--;
    }
    return cell.length > 0 ? cell : (struct text){0};
}

bool table_row_whole(const struct table *table, const struct table_row *row, struct faults *faults) {
    bool cells = row->cell_count == table->rows[0].cell_count;
    char number[16];
    char expected[16];
    char found[16];
    snprintf(number, sizeof number, "%u", row->number);
    snprintf(expected, sizeof expected, "%u", table->rows[0].cell_count);
    snprintf(found, sizeof found, "%u", row->cell_count);
    if (row->fault != ERR_OK) {
        faults_add(faults, row->fault, number, expected, (struct text){0});
    } else if (!cells) {
        faults_add(faults, ERR_CSV_COLUMNS, number, expected, text_of(found));
    }
    return row->fault == ERR_OK && cells;
}
