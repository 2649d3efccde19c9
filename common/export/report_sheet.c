/* Reports as rows: each column of columns.def has a writer here, as it has a reader in the importer. */
#include "common/export/report_sheet.h"

#include <stdlib.h>

#include "common/export/words.h"
#include "common/import/cells.h"
#include "common/import/problem_kinds.h"

#define SCRATCH_BYTES (1024 * 1024)
#define THOUSAND 1000

struct report_sheet {
    bool gb18030;
    struct buffer line;    /* in UTF-8 */
    struct buffer cell;    /* under way */
    struct arena *scratch; /* of what is read back */
    struct import_row row; /* the same */
};

/* What a writer sees. */
struct writing {
    struct report_sheet *sheet;
    const struct wire_record_entry *entry;
    const struct wire_report *report;
};

typedef void (*cell_writer)(const struct writing *writing);

int report_sheet_open(struct report_sheet **sheet, bool gb18030, struct error *error) {
    struct report_sheet *opened = calloc(1, sizeof *opened);
    if (!opened || !(opened->scratch = arena_create(SCRATCH_BYTES))) {
        free(opened);
        return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
    }
    opened->gb18030 = gb18030;
    *sheet = opened;
    return 0;
}

void report_sheet_close(struct report_sheet **sheet) {
    if (*sheet) {
        buffer_free(&(*sheet)->line);
        buffer_free(&(*sheet)->cell);
        arena_destroy(&(*sheet)->scratch);
        free(*sheet);
        *sheet = NULL;
    }
}

static void put(const struct writing *writing, struct text text) {
    buffer_append(&writing->sheet->cell, text.data, text.length);
}

/* ---- words as written ---- */

static bool same_measures(const struct wire_report *one, const struct wire_report *other) {
    const struct wire_measure *a = one->measures.items;
    const struct wire_measure *b = other->measures.items;
    bool same = one->measures.count == other->measures.count;
    for (uint32_t i = 0; same && i < one->measures.count; i++) {
        same = text_equal(a[i].name, b[i].name) && a[i].quantity == b[i].quantity && text_equal(a[i].unit, b[i].unit) &&
               a[i].approx == b[i].approx;
    }
    return same;
}

static bool same_found(const struct wire_report *one, const struct wire_report *other) {
    const struct wire_found *a = one->found.items;
    const struct wire_found *b = other->found.items;
    bool same = one->found.count == other->found.count;
    for (uint32_t i = 0; same && i < one->found.count; i++) {
        same = text_equal(a[i].kind, b[i].kind) && a[i].count == b[i].count && a[i].solved == b[i].solved;
    }
    return same;
}

static bool same_attendances(const struct wire_report *one, const struct wire_report *other) {
    return one->attendances == other->attendances && one->attendances_approx == other->attendances_approx &&
           text_equal(one->attendances_unit, other->attendances_unit);
}

/* Does the importer read out of the words what the report says? */
static bool words_fit(const struct writing *writing, enum column column, struct text words,
                      bool (*same)(const struct wire_report *, const struct wire_report *)) {
    struct report_sheet *sheet = writing->sheet;
    arena_reset(sheet->scratch);
    sheet->row = (struct import_row){0};
    struct wire_report again = {0};
    struct row_reading reading = {.arena = sheet->scratch, .row = &sheet->row, .report = &again};
    cell_read(&reading, column, words);
    return !faults_any(&sheet->row.faults) && !reading.no_memory && same(writing->report, &again);
}

/* Puts the words that were written, when they say what `field` counts or when nothing was counted. */
static bool put_as_written(const struct writing *writing, unsigned field, enum column column, struct text words,
                           bool (*same)(const struct wire_report *, const struct wire_report *)) {
    bool counted = wire_has(writing->report->present, field);
    bool as_written = words.length > 0 && (!counted || words_fit(writing, column, words, same));
    if (as_written) {
        put(writing, words);
    }
    return as_written;
}

/* ---- plain texts ---- */

#define TEXT_WRITER(field) \
    static void write_##field(const struct writing *writing) { \
        put(writing, writing->report->field); \
    }
TEXT_WRITER(number)
TEXT_WRITER(title)
TEXT_WRITER(date_text)
TEXT_WRITER(place)
TEXT_WRITER(place_kind)
TEXT_WRITER(form)
TEXT_WRITER(campaign)
TEXT_WRITER(contact)
TEXT_WRITER(contact_name)
TEXT_WRITER(contact_phone)
TEXT_WRITER(narrative)
TEXT_WRITER(source_url)
TEXT_WRITER(note)
TEXT_WRITER(town)
TEXT_WRITER(order_number)
TEXT_WRITER(regulation)

static void write_unit(const struct writing *writing) {
    put(writing, writing->entry->name.length > 0 ? writing->entry->name : writing->entry->unit);
}

static void write_id(const struct writing *writing) {
    char id[ID_TEXT_SIZE];
    id_format(&writing->entry->id, id);
    put(writing, text_of(id));
}

/* ---- lists ---- */

static void write_programmes(const struct writing *writing) {
    const struct text *codes = writing->report->programmes.items;
    for (uint32_t i = 0; i < writing->report->programmes.count; i++) {
        put(writing, text_of(i > 0 ? "、" : ""));
        put(writing, words_programme(codes[i]));
    }
}

static void put_texts(const struct writing *writing, struct list list) {
    const struct text *texts = list.items;
    for (uint32_t i = 0; i < list.count; i++) {
        put(writing, text_of(i > 0 ? "、" : ""));
        put(writing, texts[i]);
    }
}

static void write_partners(const struct writing *writing) {
    put_texts(writing, writing->report->partners);
}

static void write_places(const struct writing *writing) {
    put_texts(writing, writing->report->places);
}

static void write_measures(const struct writing *writing) {
    const struct wire_report *report = writing->report;
    const struct wire_measure *measures = report->measures.items;
    if (put_as_written(writing, FIELD_report_measures, COLUMN_MEASURES, report->measures_text, same_measures)) {
        return;
    }
    for (uint32_t i = 0; i < report->measures.count; i++) {
        const struct quantity quantity = {
            .thousandths = measures[i].quantity, .approx = (enum approx)measures[i].approx, .unit = measures[i].unit};
        put(writing, text_of(i > 0 ? "；" : ""));
        put(writing, measures[i].name);
        put(writing, text_of(" "));
        words_quantity(&writing->sheet->cell, &quantity);
    }
}

static void put_problems(const struct writing *writing, const char *before, int64_t count, const char *behind) {
    const struct quantity quantity = {.thousandths = count * THOUSAND, .unit = text_of("处")};
    if (count > 0) {
        put(writing, text_of(before));
        words_quantity(&writing->sheet->cell, &quantity);
        put(writing, text_of(behind));
    }
}

static void write_found(const struct writing *writing) {
    const struct wire_report *report = writing->report;
    const struct wire_found *found = report->found.items;
    if (put_as_written(writing, FIELD_report_found, COLUMN_FOUND, report->found_text, same_found)) {
        return;
    }
    for (uint32_t i = 0; i < report->found.count; i++) {
        put(writing, text_of(i > 0 ? "；" : ""));
        put(writing, problem_kind_name(found[i].kind));
        put_problems(writing, " ", found[i].count, "");
        put_problems(writing, "（解决", found[i].solved, "）");
    }
}

/* ---- dates and numbers ---- */

static void put_day(const struct writing *writing, unsigned field, int32_t day) {
    char text[DATE_TEXT_SIZE];
    if (wire_has(writing->report->present, field)) {
        day_format(day, text);
        put(writing, text_of(text));
    }
}

static void write_date(const struct writing *writing) {
    put_day(writing, FIELD_report_date, writing->report->date);
}

static void write_date_end(const struct writing *writing) {
    put_day(writing, FIELD_report_date_end, writing->report->date_end);
}

static void write_dates(const struct writing *writing) {
    const int32_t *days = writing->report->dates.items;
    for (uint32_t i = 0; i < writing->report->dates.count; i++) {
        put(writing, text_of(i > 0 ? "、" : ""));
        put_day(writing, FIELD_report_dates, days[i]);
    }
}

static void write_counted(const struct writing *writing, enum column column) {
    struct count_cell count;
    int64_t number;
    if (count_cell_of(column, &count) && wire_has(writing->report->present, count.field)) {
        memcpy(&number, (const char *)writing->report + count.offset, sizeof number);
        words_quantity(&writing->sheet->cell, &(struct quantity){.thousandths = number * count.unit});
    }
}

static void put_count(const struct writing *writing, unsigned field, int64_t count) {
    const struct quantity quantity = {.thousandths = count * THOUSAND};
    if (wire_has(writing->report->present, field)) {
        words_quantity(&writing->sheet->cell, &quantity);
    }
}

static void write_people(const struct writing *writing) {
    put_count(writing, FIELD_report_people, writing->report->people);
}

static void write_minors(const struct writing *writing) {
    put_count(writing, FIELD_report_minors, writing->report->minors);
}

static void write_attendances(const struct writing *writing) {
    const struct wire_report *report = writing->report;
    if (put_as_written(writing, FIELD_report_attendances, COLUMN_ATTENDANCES, report->attendances_text,
                       same_attendances) ||
        !wire_has(report->present, FIELD_report_attendances)) {
        return;
    }
    const struct quantity quantity = {.thousandths = report->attendances * THOUSAND,
                                      .approx = (enum approx)report->attendances_approx,
                                      .unit = report->attendances_unit};
    words_quantity(&writing->sheet->cell, &quantity);
}

static void write_duration(const struct writing *writing) {
    if (wire_has(writing->report->present, FIELD_report_duration)) {
        words_minutes(&writing->sheet->cell, writing->report->duration, APPROX_EXACT);
    }
}

/* Minutes that were not stated by the reporter say so. */
static void write_minutes(const struct writing *writing) {
    const struct wire_report *report = writing->report;
    bool stated = !wire_has(report->present, FIELD_report_minutes_basis) || report->minutes_basis == BASIS_STATED;
    if (!wire_has(report->present, FIELD_report_minutes)) {
        return;
    }
    words_minutes(&writing->sheet->cell, report->minutes, (enum approx)report->minutes_approx);
    if (!stated) {
        put(writing, text_of("（"));
        put(writing, text_of(word_chinese(KIND_BASIS, report->minutes_basis)));
        put(writing, text_of("）"));
    }
}

static void write_demo(const struct writing *writing) {
    put(writing, text_of(writing->report->demo ? "是" : ""));
}

static const cell_writer writers[COLUMN_COUNT] = {
    [COLUMN_NUMBER] = write_number,
    [COLUMN_UNIT] = write_unit,
    [COLUMN_TITLE] = write_title,
    [COLUMN_PROGRAMMES] = write_programmes,
    [COLUMN_DATE] = write_date,
    [COLUMN_DATE_END] = write_date_end,
    [COLUMN_DATE_TEXT] = write_date_text,
    [COLUMN_PLACE] = write_place,
    [COLUMN_PLACE_KIND] = write_place_kind,
    [COLUMN_FORM] = write_form,
    [COLUMN_CAMPAIGN] = write_campaign,
    [COLUMN_ATTENDANCES] = write_attendances,
    [COLUMN_PEOPLE] = write_people,
    [COLUMN_MINORS] = write_minors,
    [COLUMN_DURATION] = write_duration,
    [COLUMN_MINUTES] = write_minutes,
    [COLUMN_MEASURES] = write_measures,
    [COLUMN_FOUND] = write_found,
    [COLUMN_PARTNERS] = write_partners,
    [COLUMN_CONTACT] = write_contact,
    [COLUMN_CONTACT_NAME] = write_contact_name,
    [COLUMN_CONTACT_PHONE] = write_contact_phone,
    [COLUMN_NARRATIVE] = write_narrative,
    [COLUMN_SOURCE_URL] = write_source_url,
    [COLUMN_NOTE] = write_note,
    [COLUMN_TOWN] = write_town,
    [COLUMN_PLACES] = write_places,
    [COLUMN_DATES] = write_dates,
    [COLUMN_ORDER_NUMBER] = write_order_number,
    [COLUMN_REGULATION] = write_regulation,
    [COLUMN_DEMO] = write_demo,
    [COLUMN_ID] = write_id,
};

/* ---- lines ---- */

/* Hands the line on, in the encoding that was asked for. */
static int finish_line(struct report_sheet *sheet, struct buffer *out, struct error *error) {
    struct text line = {(const char *)sheet->line.data, (uint32_t)sheet->line.length};
    int result = sheet->line.failed ? error_set(error, ERR_NO_MEMORY, (struct error_words){0}) : 0;
    if (result == 0 && sheet->gb18030) {
        result = sheet_to_gb18030(line, out, error);
    } else if (result == 0) {
        buffer_append(out, line.data, line.length);
        result = out->failed ? error_set(error, ERR_NO_MEMORY, (struct error_words){0}) : 0;
    }
    return result;
}

int report_sheet_header(struct report_sheet *sheet, struct buffer *out, struct error *error) {
    struct sheet_row row = {.out = &sheet->line};
    buffer_clear(&sheet->line);
    if (!sheet->gb18030) {
        buffer_append(&sheet->line, SHEET_BYTE_ORDER_MARK, strlen(SHEET_BYTE_ORDER_MARK));
    }
    for (int column = 0; column < COLUMN_COUNT; column++) {
        sheet_text(&row, text_of(column_header((enum column)column)));
    }
    sheet_end(&row);
    return finish_line(sheet, out, error);
}

/* Composes one cell; it lives until the next one. */
static struct text compose(struct report_sheet *sheet, const struct wire_record_entry *entry, int column) {
    static const struct wire_report none = {0};
    const struct writing writing = {
        .sheet = sheet, .entry = entry, .report = entry->report.count == 1 ? entry->report.items : &none};
    buffer_clear(&sheet->cell);
    if (writers[column]) {
        writers[column](&writing);
    } else {
        write_counted(&writing, (enum column)column);
    }
    return (struct text){(const char *)sheet->cell.data, (uint32_t)sheet->cell.length};
}

int report_sheet_row(struct report_sheet *sheet, const struct wire_record_entry *entry, struct buffer *out,
                     struct error *error) {
    struct sheet_row row = {.out = &sheet->line};
    buffer_clear(&sheet->line);
    for (int column = 0; column < COLUMN_COUNT; column++) {
        sheet_text(&row, compose(sheet, entry, column));
        sheet->line.failed = sheet->line.failed || sheet->cell.failed;
    }
    sheet_end(&row);
    return finish_line(sheet, out, error);
}

int report_sheet_cells(struct report_sheet *sheet, const struct wire_record_entry *entry, struct arena *arena,
                       struct text cells[REPORT_SHEET_COLUMNS], struct error *error) {
    for (int column = 0; column < COLUMN_COUNT; column++) {
        struct text cell = compose(sheet, entry, column);
        const char *copy = sheet->cell.failed ? NULL : arena_copy(arena, cell.length > 0 ? cell.data : "", cell.length);
        if (!copy) {
            return error_set(error, ERR_NO_MEMORY, (struct error_words){0});
        }
        cells[column] = (struct text){copy, cell.length};
    }
    return 0;
}
