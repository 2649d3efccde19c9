/* The importer: rows of a table to events, each checked by the same codec that intake uses. */
#include "common/import/import.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/export/sheet.h"
#include "common/import/cells.h"
#include "common/import/refusal.h"
#include "proto/warnings.h"

#define CHINA_OFFSET_MS (8 * INT64_C(3600000))
#define DAY_MS (24 * INT64_C(3600000))
#define KEY_BYTES 32

/* How often a row's content came so far, to number equal rows. */
struct seen {
    struct hash content;
    uint32_t times;
};

struct import {
    struct import_options options;
    struct table table;
    uint32_t next; /* index into table.rows */
    uint32_t header_count;
    int columns[TABLE_CELLS_MAX]; /* enum column */
    struct seen *seen;            /* open addressing, `seen_size` places, a power of two over twice the rows */
    uint32_t seen_size;
};

/* ---- the header ---- */

/* 参与人数 may mean either: people must say which. */
static int refuse_doubtful(const struct table *table, struct error *error) {
    const struct table_row *row = &table->rows[0];
    for (uint32_t i = 0; i < row->cell_count; i++) {
        char number[16];
        snprintf(number, sizeof number, "%u", i + 1);
        if (text_equal(table_cell(table, row, i), text_of("参与人数"))) {
            return error_set(error, ERR_CSV_HEADER,
                             (struct error_words){number, "参与人次 或 参与人数（去重）", "参与人数"});
        }
    }
    return 0;
}

static int read_header(struct import *import, struct error *error) {
    uint64_t taken = 0;
    int result = refuse_doubtful(&import->table, error);
    if (result == 0) {
        result = headers_read(column_headers(), &import->table, import->columns, &taken, error);
    }
    import->header_count = import->table.rows[0].cell_count;
    if (result == 0 && !wire_has(taken, COLUMN_UNIT) && !import->options.default_unit) {
        return error_set(error, ERR_MISSING, (struct error_words){.field = column_header(COLUMN_UNIT)});
    }
    return result;
}

static int make_seen(struct import *import, struct error *error) {
    import->seen_size = 64;
    while (import->seen_size < 2 * import->table.row_count) {
        import->seen_size *= 2;
    }
    import->seen = calloc(import->seen_size, sizeof *import->seen);
    return import->seen ? 0 : error_set(error, ERR_NO_MEMORY, (struct error_words){0});
}

int import_open(struct import **import, struct text bytes, const struct import_options *options, struct error *error) {
    struct import *opened = calloc(1, sizeof *opened);
    if (!opened) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    opened->options = *options;
    int result = 0;
    if (bytes.length > IMPORT_BYTES_MAX) {
        result = error_set(error, ERR_TOO_LARGE, (struct error_words){NULL, "67108864", "more"});
    } else {
        result = table_read(&opened->table, bytes, error);
    }
    if (result == 0 && opened->table.row_count == 0) {
        result = error_set(error, ERR_MISSING, (struct error_words){.field = "header"});
    }
    if (result == 0) {
        result = read_header(opened, error);
    }
    if (result == 0) {
        result = make_seen(opened, error);
    }
    opened->next = 1;
    *import = opened;
    if (result != 0) {
        import_close(import);
    }
    return result;
}

void import_close(struct import **import) {
    if (*import) {
        table_free(&(*import)->table);
        free((*import)->seen);
        free(*import);
        *import = NULL;
    }
}

uint32_t import_row_count(const struct import *import) {
    return import->table.row_count - 1;
}

const char *import_encoding(const struct import *import) {
    return import->table.gb18030 ? "GB18030" : "UTF-8";
}

/* ---- ids ---- */

static void hash_add(crypto_generichash_state *state, struct text part) {
    crypto_generichash_update(state, (const unsigned char *)&part.length, sizeof part.length);
    crypto_generichash_update(state, (const unsigned char *)part.data, part.length);
}

/* How many earlier rows had the same content. */
static uint32_t ordinal(struct import *import, const struct hash *content) {
    uint32_t at = 0;
    memcpy(&at, content->bytes, sizeof at);
    struct seen *place = &import->seen[at & (import->seen_size - 1)];
    while (place->times > 0 && memcmp(&place->content, content, sizeof *content) != 0) {
        at++;
        place = &import->seen[at & (import->seen_size - 1)];
    }
    place->content = *content;
    return place->times++;
}

static void hash_row(const struct import *import, const struct table_row *row, const char *unit, struct hash *content) {
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof content->bytes);
    hash_add(&state, text_of(unit));
    for (uint32_t i = 0; i < row->cell_count; i++) {
        hash_add(&state, text_of(column_header((enum column)import->columns[i])));
        hash_add(&state, table_cell(&import->table, row, i));
    }
    crypto_generichash_final(&state, content->bytes, sizeof content->bytes);
}

/* The one given, or from unit and 编号, or from the whole row and its ordinal among equal rows. */
static void derive_id(struct import *import, const struct table_row *row, struct row_reading *reading) {
    struct event *event = &reading->row->event;
    struct text number = reading->report->number;
    struct hash content;
    if (!id_is_zero(&reading->id)) {
        event->id = reading->id;
        return;
    }
    if (number.length > 0) {
        crypto_generichash_state state;
        crypto_generichash_init(&state, NULL, 0, sizeof content.bytes);
        hash_add(&state, text_of(reading->unit));
        hash_add(&state, number);
        crypto_generichash_final(&state, content.bytes, sizeof content.bytes);
    } else {
        hash_row(import, row, reading->unit, &content);
        uint32_t number_among_equals = ordinal(import, &content);
        for (size_t i = 0; i < sizeof number_among_equals; i++) {
            content.bytes[i] ^= (uint8_t)(number_among_equals >> (8 * i));
        }
    }
    event->id = id_derive(event->at, content.bytes, sizeof content.bytes);
}

/* ---- rows ---- */

static bool begin_row(struct import *import, struct arena *arena, struct import_row *row, struct row_reading *reading) {
    *row = (struct import_row){0};
    *reading = (struct row_reading){.options = &import->options, .arena = arena, .row = row};
    row->event.type = EVENT_REPORT_SUBMITTED;
    row->event.by = import->options.by;
    row->event.body = arena_alloc(arena, sizeof *row->event.body);
    reading->unit = arena_alloc(arena, EVENT_UNIT_MAX + 1);
    if (!row->event.body || !reading->unit) {
        return false;
    }
    reading->report = &row->event.body->report;
    if (import->options.default_unit) {
        snprintf(reading->unit, EVENT_UNIT_MAX + 1, "%s", import->options.default_unit);
    }
    return true;
}

static void read_cells(struct import *import, const struct table_row *row, struct row_reading *reading) {
    bool unit_given = false;
    for (uint32_t i = 0; i < import->header_count; i++) {
        struct text cell = sheet_unguard(table_cell(&import->table, row, i));
        enum column column = (enum column)import->columns[i];
        if (cell.length > IMPORT_CELL_MAX) {
            row_fault(reading, ERR_TOO_LONG, column, "32768", (struct text){0});
        } else if (cell.length > 0) {
            unit_given = unit_given || column == COLUMN_UNIT;
            cell_read(reading, column, cell);
        }
    }
    if (!unit_given && !import->options.default_unit) {
        row_fault(reading, ERR_MISSING, COLUMN_UNIT, NULL, (struct text){0});
    }
}

/* What intake's receipt would tell, so that a file can be looked at before it is handed in. */
static void look_for_contradictions(struct row_reading *reading) {
    struct warnings warnings;
    warnings_find(&reading->row->event, &warnings);
    for (uint32_t i = 0; i < warnings.count; i++) {
        char text[sizeof reading->row->warning[0]];
        warning_render(&warnings.items[i], LANGUAGE_ZH, text, sizeof text);
        row_warn(reading, "%s", text);
    }
}

int import_next(struct import *import, struct arena *arena, struct import_row *out) {
    if (import->next >= import->table.row_count) {
        return 0;
    }
    const struct table_row *row = &import->table.rows[import->next++];
    struct row_reading reading;
    if (!begin_row(import, arena, out, &reading)) {
        return -(int)ERR_NO_MEMORY;
    }
    out->row = row->number;
    if (!table_row_whole(&import->table, row, &out->faults)) {
        return 1;
    }
    read_cells(import, row, &reading);
    cells_conclude(&reading);
    out->event.unit = text_of(reading.unit);
    if (wire_has(reading.report->present, FIELD_report_date)) {
        out->event.at = reading.report->date * DAY_MS - CHINA_OFFSET_MS;
    }
    derive_id(import, row, &reading);
    if (reading.no_memory ||
        (out->faults.count == 0 && !refusal_foresee(&out->event, arena, import_header_of, &out->faults))) {
        return -(int)ERR_NO_MEMORY;
    }
    if (out->faults.count == 0) {
        look_for_contradictions(&reading);
    }
    return 1;
}

void import_amend(const struct import_row *row, struct arena *arena, struct event *event) {
    struct buffer content = {0};
    *event = row->event;
    event->type = EVENT_REPORT_AMENDED;
    event->body = arena_alloc(arena, sizeof *event->body);
    if (!event->body) {
        return;
    }
    *event->body = *row->event.body;
    event->body->report.amends = row->event.id;
    wire_set(&event->body->report.present, FIELD_report_amends);
    codec_encode_event(event, PART_CLIENT, &content);
    event->id = id_derive(event->at, content.data, content.length);
    buffer_free(&content);
}
