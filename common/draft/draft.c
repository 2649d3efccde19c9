/* Reading a draft from left to right, and what follows from all of it. */
#include "common/draft/draft.h"

#include <stdio.h>

#include "common/draft/reading.h"
#include "common/import/refusal.h"
#include "proto/warnings.h"

#define CHINA_OFFSET_MS (8 * INT64_C(3600000))
#define DAY_MS (24 * INT64_C(3600000))
#define BEFORE_NUMBER "等" /* 张三等20人 */

void reading_note(struct draft_reading *reading, const char *field, uint32_t from, uint32_t to) {
    struct draft *draft = reading->draft;
    if (draft->understood_count == DRAFT_PIECES_MAX) {
        reading->too_many = true;
        return;
    }
    draft->understood[draft->understood_count++] = (struct draft_piece){field, scan_words(&reading->scan, from, to)};
}

void reading_unknown(struct draft_reading *reading, uint32_t from, uint32_t to) {
    struct draft *draft = reading->draft;
    if (draft->unknown_count == DRAFT_PIECES_MAX) {
        reading->too_many = true;
        return;
    }
    draft->unknown[draft->unknown_count++] = scan_words(&reading->scan, from, to);
}

bool reading_cell(struct draft_reading *reading, enum column column, struct text words) {
    uint64_t present = reading->cells.report->present;
    faults_clear(&reading->row.faults);
    cell_read(&reading->cells, column, words);
    bool fits = !faults_any(&reading->row.faults);
    faults_clear(&reading->row.faults);
    reading->no_memory = reading->no_memory || reading->cells.no_memory;
    reading->cells.report->present = fits ? reading->cells.report->present : present;
    return fits;
}

bool reading_has(const struct draft_reading *reading, unsigned field) {
    return wire_has(reading->cells.report->present, field);
}

const char *draft_header(const char *field) {
    return strcmp(field, "unit") == 0 ? column_header(COLUMN_UNIT) : import_header_of(field);
}

/* ---- words ---- */

static bool read_filler(struct draft_reading *reading) {
    struct scan *scan = &reading->scan;
    uint32_t length = scan_list(scan, scan->at, WORDS_FILLER);
    uint32_t deed = scan_list(scan, scan->at, WORDS_DEED); /* 开展文明停车劝导: without a number it says nothing more */
    length = deed > 0 && scan->at + deed == reading->word_end ? deed : length;
    uint32_t where = scan_list(scan, scan->at, WORDS_WHERE); /* 走进 河西社区 */
    length = where > 0 && scan->at + where == reading->word_end ? where : length;
    length = length > 0 ? length : scan_literal(scan, scan->at, ":");
    scan->at += length;
    return length > 0;
}

/* What stands directly behind words that are not understood may depend on them: 不文明养犬, 停车3小时. So all up to the
 * word's end is not understood. */
static bool read_unknown(struct draft_reading *reading) {
    struct scan *scan = &reading->scan;
    uint32_t end = scan_word_end(scan, scan->at);
    for (uint32_t at = scan->at; at < end; at = scan_next(scan, at)) {
        uint32_t and_others = scan_literal(scan, at, BEFORE_NUMBER);
        if (and_others > 0 && scan_digit(scan, at + and_others)) {
            end = at + and_others;
            break;
        }
    }
    reading_unknown(reading, scan->at, end);
    scan->at = end;
    return true;
}

static void read_word(struct draft_reading *reading) {
    static bool (*const readers[])(struct draft_reading *) = {
        read_draft_label, read_draft_programme, read_draft_squad, read_draft_clock, read_draft_days,
        read_draft_hours, read_draft_headcount, read_draft_found, read_draft_deed,  read_filler,
        read_draft_place, read_draft_thing,     read_unknown};
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        if (readers[i](reading)) {
            return;
        }
    }
}

static void read_words(struct draft_reading *reading) {
    struct scan *scan = &reading->scan;
    while (scan->at < scan->plain.length && !reading->too_many && !reading->no_memory) {
        uint32_t gap = scan_gap(scan, scan->at);
        if (gap > 0) {
            scan->at += gap;
            continue;
        }
        reading->word_end = scan_word_end(scan, scan->at);
        read_word(reading);
    }
}

/* ---- all of it ---- */

static bool start(struct draft_reading *reading, struct text text, const struct draft_options *options,
                  struct arena *arena, struct draft *draft) {
    struct import_row *row = &reading->row;
    *reading = (struct draft_reading){
        .options = options,
        .draft = draft,
        .cell_options = {
            .default_unit = options->default_unit, .unit = options->unit, .data = options->data, .by = options->by}};
    row->event.type = EVENT_REPORT_SUBMITTED;
    row->event.by = options->by;
    row->event.body = arena_alloc(arena, sizeof *row->event.body);
    char *unit = arena_alloc(arena, EVENT_UNIT_MAX + 1);
    if (!row->event.body || !unit || !scan_start(&reading->scan, text, arena)) {
        return false;
    }
    snprintf(unit, EVENT_UNIT_MAX + 1, "%s", options->default_unit ? options->default_unit : "");
    reading->cells = (struct row_reading){.options = &reading->cell_options,
                                          .arena = arena,
                                          .row = row,
                                          .report = &row->event.body->report,
                                          .unit = unit};
    return true;
}

/* A list that was gathered as a cell. */
static void conclude_cell(struct draft_reading *reading, struct buffer *cell, enum column column) {
    reading->no_memory = reading->no_memory || cell->failed;
    char *kept = cell->length > 0 ? arena_copy(reading->cells.arena, cell->data, cell->length) : NULL;
    reading->no_memory = reading->no_memory || (cell->length > 0 && !kept);
    if (kept) {
        cell_read(&reading->cells, column, (struct text){kept, (uint32_t)cell->length});
    }
    buffer_free(cell);
}

static void conclude_programmes(struct draft_reading *reading) {
    size_t size = reading->programme_count * sizeof *reading->programmes;
    struct text *codes = size > 0 ? arena_alloc(reading->cells.arena, size) : NULL;
    reading->no_memory = reading->no_memory || (size > 0 && !codes);
    if (codes) {
        memcpy(codes, reading->programmes, size);
        reading->cells.report->programmes = (struct list){codes, reading->programme_count};
        wire_set(&reading->cells.report->present, FIELD_report_programmes);
    }
}

/* The same text of the same unit, on the same day, is the same report. */
static void derive_id(struct draft_reading *reading, struct event *event) {
    struct buffer material = {0};
    char day[DATE_TEXT_SIZE];
    day_format(day_of_time(event->at, (int32_t)(CHINA_OFFSET_MS / 60000)), day);
    buffer_append_string(&material, reading->cells.unit);
    buffer_append_string(&material, " ");
    buffer_append_string(&material, day);
    buffer_append_string(&material, " ");
    buffer_append(&material, reading->scan.text.data, reading->scan.text.length);
    reading->no_memory = reading->no_memory || material.failed;
    event->id = id_derive(event->at, material.data, material.length);
    buffer_free(&material);
}

static void tell_warnings(struct draft_reading *reading, struct event *event) {
    struct draft *draft = reading->draft;
    struct warnings warnings;
    warnings_find(event, &warnings);
    for (uint32_t i = 0; i < warnings.count; i++) {
        char text[sizeof reading->row.warning[0]];
        warning_render(&warnings.items[i], LANGUAGE_ZH, text, sizeof text);
        row_warn(&reading->cells, "%s", text);
    }
    memcpy(draft->warning, reading->row.warning, sizeof draft->warning);
    draft->warnings = reading->row.warnings;
}

static void conclude(struct draft_reading *reading) {
    struct wire_report *report = reading->cells.report;
    struct event *event = &reading->draft->event;
    conclude_programmes(reading);
    conclude_cell(reading, &reading->measures, COLUMN_MEASURES);
    conclude_cell(reading, &reading->found, COLUMN_FOUND);
    conclude_cell(reading, &reading->places, COLUMN_PLACES);
    cells_conclude(&reading->cells);
    report->narrative = reading->scan.text;
    wire_set(&report->present, FIELD_report_narrative);
    bool dated = wire_has(report->present, FIELD_report_date);
    *event = reading->row.event;
    event->unit = text_of(reading->cells.unit);
    event->at = (dated ? report->date : reading->options->today) * DAY_MS - CHINA_OFFSET_MS;
    derive_id(reading, event);
    reading->draft->faults = reading->row.faults;
    reading->no_memory =
        reading->no_memory || !refusal_foresee(event, reading->cells.arena, draft_header, &reading->draft->faults);
    tell_warnings(reading, event);
}

static int check(struct text text, struct error *error) {
    struct text_facts facts = text_examine(text);
    if (text.length > DRAFT_BYTES_MAX) {
        return error_set(error, ERR_TOO_LONG, (struct error_words){"text", "6000", "more"});
    }
    if (!facts.valid || facts.controls) {
        return error_set(error, ERR_BAD_FORMAT, (struct error_words){"text", "UTF-8 without control characters", NULL});
    }
    return text.length > 0 ? 0 : error_set(error, ERR_MISSING, (struct error_words){.field = "text"});
}

static struct text trimmed(struct text text) {
    while (text.length > 0 && strchr(" \t\r\n", *text.data)) {
        text = (struct text){text.data + 1, text.length - 1};
    }
    while (text.length > 0 && strchr(" \t\r\n", text.data[text.length - 1])) {
        text.length--;
    }
    return text;
}

int draft_read(struct text text, const struct draft_options *options, struct arena *arena, struct draft *draft,
               struct error *error) {
    struct draft_reading *reading = arena_alloc(arena, sizeof *reading);
    text = trimmed(text);
    *draft = (struct draft){0};
    int result = check(text, error);
    if (result < 0) {
        return result;
    }
    if (!reading || !start(reading, text, options, arena, draft)) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    read_words(reading);
    conclude(reading);
    if (reading->no_memory) {
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    return reading->too_many ? error_set(error, ERR_TOO_MANY, (struct error_words){"text", "80", "more"}) : 0;
}
