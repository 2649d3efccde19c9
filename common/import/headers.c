/* Finding columns by their headers. */
#include "common/import/headers.h"

#include <stdio.h>

#include "proto/shape.h"

#define NAME_SIZE 128 /* of a header without what is left out */

/* What is left out of a header, and what stands for another. */
static const struct {
    const char *found;
    const char *plain;
} marks[] = {{" ", ""}, {"\t", ""}, {"\r", ""},  {"\n", ""},  {"\xE3\x80\x80", ""}, {"\xC2\xA0", ""},
             {"*", ""}, {"＊", ""}, {"（", "("}, {"）", ")"}, {"：", ""},           {":", ""}};

/* The header without marks in `out`, terminated; false when it does not fit, and then no header is meant. */
static bool make_plain(struct text name, char out[NAME_SIZE]) {
    size_t used = 0;
    for (uint32_t at = 0; at < name.length;) {
        size_t taken = 1;
        const char *put = name.data + at;
        size_t put_length = 1;
        for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
            size_t length = strlen(marks[i].found);
            if (name.length - at >= length && memcmp(name.data + at, marks[i].found, length) == 0) {
                taken = length;
                put = marks[i].plain;
                put_length = strlen(put);
            }
        }
        if (used + put_length >= NAME_SIZE) {
            return false;
        }
        memcpy(out + used, put, put_length);
        used += put_length;
        at += (uint32_t)taken;
    }
    out[used] = '\0';
    return used > 0;
}

static bool means(const char *name, struct text known) {
    char plain[NAME_SIZE];
    return make_plain(known, plain) && strcmp(plain, name) == 0;
}

static bool among_aliases(const char *aliases, const char *name) {
    while (*aliases != '\0') {
        size_t length = strcspn(aliases, "|");
        if (means(name, (struct text){aliases, (uint32_t)length})) {
            return true;
        }
        aliases += length + (aliases[length] == '|');
    }
    return false;
}

int headers_find(struct headers headers, struct text name) {
    char plain[NAME_SIZE];
    if (!make_plain(name, plain)) {
        return -1;
    }
    for (uint32_t i = 0; i < headers.count; i++) {
        if (means(plain, text_of(headers.rows[i].header)) || among_aliases(headers.rows[i].aliases, plain)) {
            return (int)i;
        }
    }
    return -1;
}

/* The known headers with 、 between, as many as fit. */
static void list_known(struct headers headers, char *out, size_t size) {
    size_t used = 0;
    out[0] = '\0';
    for (uint32_t i = 0; i < headers.count && used + strlen(headers.rows[i].header) + 4 < size; i++) {
        used += (size_t)snprintf(out + used, size - used, "%s%s", used > 0 ? "、" : "", headers.rows[i].header);
    }
}

static int unknown(struct headers headers, uint32_t column, struct text name, struct error *error) {
    char number[16];
    char value[64];
    char known[ERROR_TEXT_MAX / 2];
    snprintf(number, sizeof number, "%u", column + 1);
    text_show(name, value, sizeof value);
    list_known(headers, known, sizeof known);
    return error_set(error, ERR_CSV_HEADER, (struct error_words){number, known, value});
}

int headers_read(struct headers headers, const struct table *table, int columns[TABLE_CELLS_MAX], uint64_t *taken,
                 struct error *error) {
    const struct table_row *row = &table->rows[0];
    *taken = 0;
    if (row->fault != ERR_OK) {
        return error_set(error, row->fault, (struct error_words){.field = "1"});
    }
    if (row->cell_count > TABLE_CELLS_MAX) {
        return error_set(error, ERR_TOO_MANY, (struct error_words){"header", "64", "more"});
    }
    for (uint32_t i = 0; i < row->cell_count; i++) {
        struct text name = table_cell(table, row, i);
        columns[i] = headers_find(headers, name);
        if (columns[i] < 0) {
            return unknown(headers, i, name, error);
        }
        if (wire_has(*taken, (unsigned)columns[i])) {
            return error_set(error, ERR_REPEATED,
                             (struct error_words){"header", NULL, headers.rows[columns[i]].header});
        }
        wire_set(taken, (unsigned)columns[i]);
    }
    return 0;
}
