/* One row's cells into the fields of a report. */
#include "common/import/cells.h"

#include <stdarg.h>
#include <stdio.h>

#include "common/import/dates.h"
#include "common/import/quantity.h"

#define THOUSAND 1000

typedef void (*cell_reader)(struct row_reading *reading, enum column column, struct text cell);

void row_fault(struct row_reading *reading, enum error_code code, enum column column, const char *limit,
               struct text value) {
    faults_add(&reading->row->faults, code, column_header(column), limit, value);
}

void row_warn(struct row_reading *reading, const char *format, ...) {
    struct import_row *row = reading->row;
    if (row->warnings == sizeof row->warning / sizeof *row->warning) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(row->warning[row->warnings++], sizeof row->warning[0], format, arguments);
    va_end(arguments);
}

/* ---- plain texts: the field of the report that a column fills ---- */

#define TEXT_READER(name, field) \
    static void read_##name(struct row_reading *reading, enum column column, struct text cell) { \
        (void)column; \
        reading->report->field = cell; \
        wire_set(&reading->report->present, FIELD_report_##field); \
    }
TEXT_READER(number, number)
TEXT_READER(title, title)
TEXT_READER(date_text, date_text)
TEXT_READER(place, place)
TEXT_READER(place_kind, place_kind)
TEXT_READER(form, form)
TEXT_READER(campaign, campaign)
TEXT_READER(contact, contact)
TEXT_READER(contact_name, contact_name)
TEXT_READER(contact_phone, contact_phone)
TEXT_READER(narrative, narrative)
TEXT_READER(source_url, source_url)
TEXT_READER(note, note)
TEXT_READER(town, town)
TEXT_READER(order_number, order_number)
TEXT_READER(regulation, regulation)

static void read_id(struct row_reading *reading, enum column column, struct text cell) {
    if (!id_parse(cell, &reading->id) || id_is_zero(&reading->id)) {
        reading->id = (struct id){0};
        row_fault(reading, ERR_BAD_FORMAT, column, "导出文件中的系统编号，不要改动；新报告留空", cell);
    }
}

static void read_unit(struct row_reading *reading, enum column column, struct text cell) {
    if (!reading->options->unit(reading->options->data, cell, reading->unit)) {
        *reading->unit = '\0';
        row_fault(reading, ERR_UNKNOWN_UNIT, column, NULL, cell);
    }
}

/* ---- programmes ---- */

const char *cell_programme(struct text name) {
    static const struct {
        const char *code;
        const char *chinese;
    } programmes[] = {
#define PROGRAMME(NAME, code, chinese) {code, chinese},
#include "proto/tables/programmes.def"
#undef PROGRAMME
        {"clean-home", "清洁家园"},
        {"civilisation-practice", "文明实践"},
    };
    for (size_t i = 0; i < sizeof programmes / sizeof *programmes; i++) {
        if (text_equal(name, text_of(programmes[i].chinese)) || text_equal(name, text_of(programmes[i].code))) {
            return programmes[i].code;
        }
    }
    return NULL;
}

static void read_programmes(struct row_reading *reading, enum column column, struct text cell) {
    struct text parts[CELL_PARTS_MAX];
    /* The first programme's own name has a comma in it, so commas do not part. */
    uint32_t count = cell_split(cell, false, parts);
    struct text *codes = cell_items(reading, count, sizeof *codes);
    if (!codes) {
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        const char *code = cell_programme(parts[i]);
        if (!code) {
            row_fault(reading, ERR_UNKNOWN_PROGRAMME, column, NULL, parts[i]);
            return;
        }
        codes[i] = text_of(code);
    }
    reading->report->programmes = (struct list){codes, count};
    wire_set(&reading->report->present, FIELD_report_programmes);
}

/* ---- dates ---- */

static void read_date(struct row_reading *reading, enum column column, struct text cell) {
    bool end = column == COLUMN_DATE_END;
    int32_t day = 0;
    enum date_reading read = date_read(cell, &day);
    if (read == DATE_WHOLE) {
        *(end ? &reading->report->date_end : &reading->report->date) = day;
        wire_set(&reading->report->present, end ? FIELD_report_date_end : FIELD_report_date);
    } else if (read == DATE_WORDS && !end) {
        read_date_text(reading, column, cell);
        row_warn(reading, "“%s”不是完整日期，按文字保留，不计入按日统计", column_header(column));
    } else {
        row_fault(reading, ERR_BAD_FORMAT, column, "日期，例如 2026-11-23", cell);
    }
}

/* ---- numbers ---- */

static bool is_person_unit(struct text unit) {
    static const char *const people[] = {"名", "人", "位", "人次", "名志愿者", "个人"};
    for (size_t i = 0; i < sizeof people / sizeof *people; i++) {
        if (text_equal(unit, text_of(people[i]))) {
            return true;
        }
    }
    return unit.length == 0;
}

static bool read_whole_number(struct row_reading *reading, enum column column, struct text cell,
                              struct quantity *quantity) {
    if (!quantity_parse(cell, quantity) || quantity->thousandths % THOUSAND != 0) {
        row_fault(reading, ERR_BAD_FORMAT, column, "人数，例如 20余名、近30人、45", cell);
        return false;
    }
    return true;
}

static void read_attendances(struct row_reading *reading, enum column column, struct text cell) {
    struct wire_report *report = reading->report;
    struct quantity quantity;
    if (!read_whole_number(reading, column, cell, &quantity)) {
        return;
    }
    report->attendances = quantity.thousandths / THOUSAND;
    report->attendances_approx = quantity.approx;
    report->attendances_text = cell;
    wire_set(&report->present, FIELD_report_attendances);
    wire_set(&report->present, FIELD_report_attendances_approx);
    wire_set(&report->present, FIELD_report_attendances_text);
    if (quantity.unit.length > 0) {
        report->attendances_unit = quantity.unit;
        wire_set(&report->present, FIELD_report_attendances_unit);
    }
    if (!is_person_unit(quantity.unit)) {
        row_warn(reading, "“%.*s”不是人数单位，单独统计，不与人次相加", (int)quantity.unit.length, quantity.unit.data);
    }
}

static void read_people(struct row_reading *reading, enum column column, struct text cell) {
    struct quantity quantity;
    if (read_whole_number(reading, column, cell, &quantity)) {
        bool minors = column == COLUMN_MINORS;
        *(minors ? &reading->report->minors : &reading->report->people) = quantity.thousandths / THOUSAND;
        wire_set(&reading->report->present, minors ? FIELD_report_minors : FIELD_report_people);
    }
}

/* Takes （推算） and the like from the end of `*cell`: where the minutes come from; stated when nothing says it. */
static enum basis take_basis(struct text *cell) {
    for (int basis = 0; basis < word_count(KIND_BASIS); basis++) {
        char mark[64];
        int length = snprintf(mark, sizeof mark, "（%s）", word_chinese(KIND_BASIS, basis));
        if (cell->length > (uint32_t)length && memcmp(cell->data + cell->length - length, mark, (size_t)length) == 0) {
            cell->length -= (uint32_t)length;
            return (enum basis)basis;
        }
    }
    return BASIS_STATED;
}

static void read_duration(struct row_reading *reading, enum column column, struct text cell) {
    struct wire_report *report = reading->report;
    enum approx approx = APPROX_EXACT;
    int64_t minutes = 0;
    enum basis basis = column == COLUMN_MINUTES ? take_basis(&cell) : BASIS_STATED;
    if (!quantity_minutes(cell, &minutes, &approx)) {
        row_fault(reading, ERR_BAD_FORMAT, column, "时长，请写明单位，例如 2小时 或 90分钟", cell);
    } else if (column == COLUMN_DURATION) {
        report->duration = minutes;
        wire_set(&report->present, FIELD_report_duration);
    } else {
        report->minutes = minutes;
        report->minutes_approx = approx;
        report->minutes_basis = (int32_t)basis;
        wire_set(&report->present, FIELD_report_minutes);
        wire_set(&report->present, FIELD_report_minutes_approx);
        wire_set(&report->present, FIELD_report_minutes_basis);
    }
}

/* ---- marks ---- */

static void read_demo(struct row_reading *reading, enum column column, struct text cell) {
    bool yes = text_equal(cell, text_of("是"));
    if (!yes && !text_equal(cell, text_of("否"))) {
        row_fault(reading, ERR_BAD_WORD, column, "是、否", cell);
        return;
    }
    reading->report->demo = yes;
    if (yes) {
        wire_set(&reading->report->present, FIELD_report_demo);
    }
}

static const cell_reader readers[COLUMN_COUNT] = {
    [COLUMN_NUMBER] = read_number,
    [COLUMN_UNIT] = read_unit,
    [COLUMN_TITLE] = read_title,
    [COLUMN_PROGRAMMES] = read_programmes,
    [COLUMN_DATE] = read_date,
    [COLUMN_DATE_END] = read_date,
    [COLUMN_DATE_TEXT] = read_date_text,
    [COLUMN_PLACE] = read_place,
    [COLUMN_PLACE_KIND] = read_place_kind,
    [COLUMN_FORM] = read_form,
    [COLUMN_CAMPAIGN] = read_campaign,
    [COLUMN_ATTENDANCES] = read_attendances,
    [COLUMN_PEOPLE] = read_people,
    [COLUMN_MINORS] = read_people,
    [COLUMN_DURATION] = read_duration,
    [COLUMN_MINUTES] = read_duration,
    [COLUMN_MEASURES] = read_measures_cell,
    [COLUMN_FOUND] = read_found_cell,
    [COLUMN_PARTNERS] = read_partners_cell,
    [COLUMN_CONTACT] = read_contact,
    [COLUMN_CONTACT_NAME] = read_contact_name,
    [COLUMN_CONTACT_PHONE] = read_contact_phone,
    [COLUMN_NARRATIVE] = read_narrative,
    [COLUMN_SOURCE_URL] = read_source_url,
    [COLUMN_NOTE] = read_note,
    [COLUMN_TOWN] = read_town,
    [COLUMN_PLACES] = read_places_cell,
    [COLUMN_DATES] = read_dates_cell,
    [COLUMN_VOLUNTEERS] = read_count_cell,
    [COLUMN_MEDIA] = read_count_cell,
    [COLUMN_CITIZENS] = read_count_cell,
    [COLUMN_MENU_ITEM] = read_count_cell,
    [COLUMN_ORDER_NUMBER] = read_order_number,
    [COLUMN_RATING] = read_count_cell,
    [COLUMN_REGULATION] = read_regulation,
    [COLUMN_DEMO] = read_demo,
    [COLUMN_ID] = read_id,
};

void cell_read(struct row_reading *reading, enum column column, struct text cell) {
    readers[column](reading, column, cell);
}

void cells_conclude(struct row_reading *reading) {
    struct wire_report *report = reading->report;
    bool people = wire_has(report->present, FIELD_report_attendances) && is_person_unit(report->attendances_unit);
    bool length = wire_has(report->present, FIELD_report_duration);
    int64_t product = people && length ? report->attendances * report->duration : 0;
    if (!wire_has(report->present, FIELD_report_minutes) && product > 0) {
        report->minutes = product;
        report->minutes_approx = APPROX_ABOUT;
        report->minutes_basis = BASIS_COMPUTED;
        wire_set(&report->present, FIELD_report_minutes);
        wire_set(&report->present, FIELD_report_minutes_approx);
        wire_set(&report->present, FIELD_report_minutes_basis);
        row_warn(reading, "没有“服务总时长”，按 人次×时长 推算为约 %lld 分钟", (long long)product);
    }
    if (wire_has(report->present, FIELD_report_date_end) && !wire_has(report->present, FIELD_report_date)) {
        row_warn(reading, "有结束日期而没有活动日期");
    }
}
