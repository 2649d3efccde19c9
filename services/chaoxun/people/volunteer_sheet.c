/* Rows of a roster. */
#include "services/chaoxun/people/volunteer_sheet.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/export/sheet.h"
#include "common/import/cells.h"
#include "common/import/dates.h"
#include "common/import/refusal.h"

enum volunteer_column {
#define COLUMN(NAME, field, header, aliases, prose) VOLUNTEER_##NAME,
#include "services/chaoxun/people/volunteer_columns.def"
#undef COLUMN
    VOLUNTEER_COLUMNS
};

static const struct header_row rows[VOLUNTEER_COLUMNS] = {
#define COLUMN(NAME, field, header, aliases, prose) {header, aliases, prose},
#include "services/chaoxun/people/volunteer_columns.def"
#undef COLUMN
};

static const char *const fields[VOLUNTEER_COLUMNS] = {
#define COLUMN(NAME, field, header, aliases, prose) field,
#include "services/chaoxun/people/volunteer_columns.def"
#undef COLUMN
};

static const struct headers known = {rows, VOLUNTEER_COLUMNS};

struct volunteer_sheet {
    struct volunteer_sheet_options options;
    struct table table;
    uint32_t next; /* index into table.rows */
    int columns[TABLE_CELLS_MAX];
};

/* A row under way. */
struct reading {
    const struct volunteer_sheet *sheet;
    struct arena *arena;
    struct volunteer_row *row;
    bool no_memory;
};

/* ---- headers ---- */

const struct header_row *volunteer_sheet_headers(uint32_t *count) {
    *count = VOLUNTEER_COLUMNS;
    return rows;
}

const char *volunteer_sheet_header_of(const char *path) {
    const char *field = strchr(path, '.') ? strchr(path, '.') + 1 : path;
    size_t length = strcspn(field, "[.");
    for (int i = 0; i < VOLUNTEER_COLUMNS; i++) {
        bool plural = strcmp(fields[i], "units") == 0 && length == 4 && strncmp(field, "unit", length) == 0;
        if (plural || (length > 0 && strlen(fields[i]) == length && strncmp(field, fields[i], length) == 0)) {
            return rows[i].header;
        }
    }
    return path;
}

void volunteer_sheet_left_out(const struct volunteer_sheet *sheet, char *out, size_t size) {
    size_t used = 0;
    out[0] = '\0';
    for (uint32_t i = 0; i < sheet->table.rows[0].cell_count; i++) {
        const char *header = rows[sheet->columns[i]].header;
        if (*fields[sheet->columns[i]] == '\0' && used + strlen(header) + 4 < size) {
            used += (size_t)snprintf(out + used, size - used, "%s%s", used > 0 ? "、" : "", header);
        }
    }
}

/* ---- the file ---- */

static int open_table(struct volunteer_sheet *sheet, struct text bytes, struct error *error) {
    uint64_t taken = 0;
    int result = bytes.length > IMPORT_BYTES_MAX
                     ? error_set(error, ERR_TOO_LARGE, (struct error_words){NULL, "67108864", "more"})
                     : table_read(&sheet->table, bytes, error);
    if (result == 0 && sheet->table.row_count == 0) {
        result = error_set(error, ERR_MISSING, (struct error_words){.field = "header"});
    }
    if (result == 0) {
        result = headers_read(known, &sheet->table, sheet->columns, &taken, error);
    }
    if (result < 0) {
        return result;
    }
    if (!wire_has(taken, VOLUNTEER_NUMBER) && !wire_has(taken, VOLUNTEER_ID)) {
        return error_set(error, ERR_MISSING, (struct error_words){.field = rows[VOLUNTEER_NUMBER].header});
    }
    if (!wire_has(taken, VOLUNTEER_UNIT) && !sheet->options.default_unit) {
        return error_set(error, ERR_MISSING, (struct error_words){.field = rows[VOLUNTEER_UNIT].header});
    }
    return 0;
}

int volunteer_sheet_open(struct volunteer_sheet **sheet, struct text bytes,
                         const struct volunteer_sheet_options *options, struct error *error) {
    struct volunteer_sheet *opened = calloc(1, sizeof *opened);
    if (!opened) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    opened->options = *options;
    opened->next = 1;
    int result = open_table(opened, bytes, error);
    *sheet = opened;
    if (result < 0) {
        volunteer_sheet_close(sheet);
    }
    return result;
}

void volunteer_sheet_close(struct volunteer_sheet **sheet) {
    if (*sheet) {
        table_free(&(*sheet)->table);
        free(*sheet);
        *sheet = NULL;
    }
}

uint32_t volunteer_sheet_rows(const struct volunteer_sheet *sheet) {
    return sheet->table.row_count - 1;
}

const char *volunteer_sheet_encoding(const struct volunteer_sheet *sheet) {
    return sheet->table.gb18030 ? "GB18030" : "UTF-8";
}

void volunteer_sheet_rewind(struct volunteer_sheet *sheet) {
    sheet->next = 1;
}

/* ---- cells ---- */

static void fault(struct reading *reading, enum error_code code, int column, const char *limit, struct text value) {
    faults_add(&reading->row->faults, code, rows[column].header, limit, value);
}

/* Full-width letters and digits as their ASCII; what stands in `dropped` is left out. */
static struct text narrow(struct reading *reading, struct text cell, const char *dropped) {
    char *out = arena_alloc(reading->arena, (size_t)cell.length + 1);
    uint32_t used = 0;
    reading->no_memory = reading->no_memory || !out;
    for (uint32_t at = 0; out && at < cell.length; at++) {
        unsigned code = (unsigned char)cell.data[at];
        if (code == 0xEF && cell.length - at > 2) { /* U+FF01 to U+FF5E are ! to ~ */
            unsigned full = (code & 15) << 12 | ((unsigned char)cell.data[at + 1] & 63U) << 6 |
                            ((unsigned char)cell.data[at + 2] & 63U);
            bool wide = full >= 0xFF01 && full <= 0xFF5E;
            code = wide ? full - 0xFF01 + '!' : code;
            at += wide ? 2 : 0;
        }
        if (strchr(dropped, (int)code) == NULL) {
            out[used++] = (char)code;
        }
    }
    return (struct text){out, out ? used : 0};
}

static void take_text(struct reading *reading, int column, struct text cell) {
    struct wire_volunteer *volunteer = &reading->row->volunteer;
    switch (column) {
    case VOLUNTEER_NUMBER:
        volunteer->number = narrow(reading, cell, " ");
        wire_set(&volunteer->present, FIELD_volunteer_number);
        break;
    case VOLUNTEER_PHONE:
        volunteer->phone = narrow(reading, cell, " -()");
        wire_set(&volunteer->present, FIELD_volunteer_phone);
        break;
    case VOLUNTEER_NAME:
        volunteer->name = cell;
        wire_set(&volunteer->present, FIELD_volunteer_name);
        break;
    case VOLUNTEER_KIND:
        volunteer->kind = cell;
        wire_set(&volunteer->present, FIELD_volunteer_kind);
        break;
    default:
        volunteer->platform = cell;
        wire_set(&volunteer->present, FIELD_volunteer_platform);
        break;
    }
}

/* False with a fault. */
static bool read_day(struct reading *reading, int column, struct text cell, int32_t *day) {
    char today[DATE_TEXT_SIZE];
    if (date_read(cell, day) != DATE_WHOLE) {
        fault(reading, ERR_BAD_FORMAT, column, "日期，例如 2026-11-23", cell);
        return false;
    }
    if (*day > reading->sheet->options.today) {
        day_format(reading->sheet->options.today, today);
        fault(reading, ERR_TOO_BIG, column, today, cell);
        return false;
    }
    return true;
}

static void take_day(struct reading *reading, int column, struct text cell) {
    struct volunteer_row *row = reading->row;
    int32_t day = 0;
    if (!read_day(reading, column, cell, &day)) {
        return;
    }
    if (column == VOLUNTEER_JOINED) {
        row->volunteer.joined = day;
        wire_set(&row->volunteer.present, FIELD_volunteer_joined);
    } else {
        row->leaves = true;
        row->left = day;
    }
}

static void take_flag(struct reading *reading, int column, struct text cell) {
    struct wire_volunteer *volunteer = &reading->row->volunteer;
    bool yes = text_equal(cell, text_of("是"));
    if (!yes && !text_equal(cell, text_of("否"))) {
        fault(reading, ERR_BAD_WORD, column, "是、否", cell);
    } else if (column == VOLUNTEER_MINOR) {
        volunteer->minor = yes;
        wire_set(&volunteer->present, FIELD_volunteer_minor);
    } else {
        volunteer->guardian = yes;
        wire_set(&volunteer->present, FIELD_volunteer_guardian);
    }
}

static void take_id(struct reading *reading, struct text cell) {
    struct wire_volunteer *volunteer = &reading->row->volunteer;
    if (!id_parse(cell, &volunteer->volunteer) || id_is_zero(&volunteer->volunteer)) {
        fault(reading, ERR_BAD_FORMAT, VOLUNTEER_ID, "chaoxun volunteer list 所列的系统编号；新志愿者留空", cell);
    } else {
        wire_set(&volunteer->present, FIELD_volunteer_volunteer);
    }
}

/* Each squad once. */
static void take_units(struct reading *reading, struct text cell) {
    const struct volunteer_sheet_options *options = &reading->sheet->options;
    struct wire_volunteer *volunteer = &reading->row->volunteer;
    struct text parts[CELL_PARTS_MAX];
    uint32_t count = cell_split(cell, true, parts);
    struct text *units = arena_alloc(reading->arena, CELL_PARTS_MAX * sizeof *units);
    reading->no_memory = reading->no_memory || !units;
    volunteer->units = (struct list){units, 0};
    for (uint32_t i = 0; units && i < count; i++) {
        char path[EVENT_UNIT_MAX + 1];
        bool again = false;
        if (!options->unit(options->data, parts[i], path)) {
            fault(reading, ERR_UNKNOWN_UNIT, VOLUNTEER_UNIT, NULL, parts[i]);
            continue;
        }
        for (uint32_t j = 0; j < volunteer->units.count; j++) {
            again = again || text_equal(units[j], text_of(path));
        }
        if (!again) {
            char *kept = arena_copy(reading->arena, path, strlen(path));
            reading->no_memory = reading->no_memory || !kept;
            units[volunteer->units.count++] = text_of(kept);
        }
    }
    wire_set(&volunteer->present, FIELD_volunteer_units);
}

static void take_cell(struct reading *reading, int column, struct text cell) {
    switch (column) {
    case VOLUNTEER_NUMBER:
    case VOLUNTEER_NAME:
    case VOLUNTEER_PHONE:
    case VOLUNTEER_KIND:
    case VOLUNTEER_PLATFORM:
        take_text(reading, column, cell);
        break;
    case VOLUNTEER_UNIT:
        take_units(reading, cell);
        break;
    case VOLUNTEER_JOINED:
    case VOLUNTEER_LEFT:
        take_day(reading, column, cell);
        break;
    case VOLUNTEER_MINOR:
    case VOLUNTEER_GUARDIAN:
        take_flag(reading, column, cell);
        break;
    case VOLUNTEER_ID:
        take_id(reading, cell);
        break;
    default: /* left out */
        break;
    }
}

/* ---- rows ---- */

/* What only shows when all cells are read. */
static void conclude(struct reading *reading) {
    const struct volunteer_sheet_options *options = &reading->sheet->options;
    struct volunteer_row *row = reading->row;
    struct wire_volunteer *volunteer = &row->volunteer;
    bool known_by_id = wire_has(volunteer->present, FIELD_volunteer_volunteer);
    if (!wire_has(volunteer->present, FIELD_volunteer_number) && !known_by_id) {
        fault(reading, ERR_MISSING, VOLUNTEER_NUMBER, NULL, (struct text){0});
    }
    if (!wire_has(volunteer->present, FIELD_volunteer_units) && options->default_unit) {
        take_units(reading, text_of(options->default_unit));
    }
    if (!wire_has(volunteer->present, FIELD_volunteer_units)) {
        fault(reading, ERR_MISSING, VOLUNTEER_UNIT, NULL, (struct text){0});
    } else if (volunteer->units.count > 0) {
        row->unit = *(const struct text *)volunteer->units.items;
    }
    if (row->leaves && wire_has(volunteer->present, FIELD_volunteer_joined) && row->left < volunteer->joined) {
        char left[DATE_TEXT_SIZE];
        char joined[64];
        day_format(row->left, left);
        snprintf(joined, sizeof joined, "加入日期 ");
        day_format(volunteer->joined, joined + strlen(joined));
        fault(reading, ERR_CONTRADICTION, VOLUNTEER_LEFT, joined, text_of(left));
    }
}

/* What intake would refuse of the row as an enrolment or an update. */
static bool foresee(struct reading *reading) {
    struct volunteer_row *row = reading->row;
    union event_body body = {.volunteer = row->volunteer};
    bool known_by_id = wire_has(row->volunteer.present, FIELD_volunteer_volunteer);
    struct event event = {.id = {{1}},
                          .type = known_by_id ? EVENT_VOLUNTEER_UPDATED : EVENT_VOLUNTEER_ENROLLED,
                          .unit = row->unit,
                          .body = &body};
    return refusal_foresee(&event, reading->arena, volunteer_sheet_header_of, &row->faults);
}

int volunteer_sheet_next(struct volunteer_sheet *sheet, struct arena *arena, struct volunteer_row *out) {
    struct reading reading = {.sheet = sheet, .arena = arena, .row = out};
    if (sheet->next >= sheet->table.row_count) {
        return 0;
    }
    const struct table_row *row = &sheet->table.rows[sheet->next++];
    *out = (struct volunteer_row){.row = row->number};
    if (!table_row_whole(&sheet->table, row, &out->faults)) {
        return 1;
    }
    for (uint32_t i = 0; i < row->cell_count; i++) {
        struct text cell = sheet_unguard(table_cell(&sheet->table, row, i));
        if (cell.length > IMPORT_CELL_MAX) {
            fault(&reading, ERR_TOO_LONG, sheet->columns[i], "32768", (struct text){0});
        } else if (cell.length > 0) {
            take_cell(&reading, sheet->columns[i], cell);
        }
    }
    conclude(&reading);
    bool checked = out->faults.count > 0 || foresee(&reading);
    return checked && !reading.no_memory ? 1 : -(int)ERR_NO_MEMORY;
}
