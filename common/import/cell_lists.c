/* Cells that hold lists: measures, problems found, partners. */
#include "common/import/cells.h"
#include "common/import/dates.h"
#include "common/import/problem_kinds.h"
#include "common/import/quantity.h"

#define THOUSAND 1000

/* An arena array for `count` items, or NULL with no_memory set. */
void *cell_items(struct row_reading *reading, uint32_t count, size_t size) {
    void *items = arena_alloc(reading->arena, count * size);
    reading->no_memory = reading->no_memory || !items;
    return items;
}

/* Splits at 、 ； ; and, where `commas`, at ， and , too; empty parts are left out. */
uint32_t cell_split(struct text cell, bool commas, struct text parts[CELL_PARTS_MAX]) {
    static const char *const marks[] = {"、", "；", ";", "\n", "，", ","};
    size_t mark_count = commas ? 6 : 4;
    uint32_t count = 0;
    uint32_t start = 0;
    for (uint32_t at = 0; at <= cell.length && count < CELL_PARTS_MAX;) {
        size_t mark = 0;
        for (size_t i = 0; i < mark_count && at < cell.length; i++) {
            size_t length = strlen(marks[i]);
            mark = cell.length - at >= length && memcmp(cell.data + at, marks[i], length) == 0 ? length : mark;
        }
        if (mark > 0 || at == cell.length) {
            while (start < at && (cell.data[start] == ' ' || cell.data[start] == '\r')) {
                start++;
            }
            if (at > start) {
                parts[count++] = (struct text){cell.data + start, at - start};
            }
            start = at + (uint32_t)mark;
        }
        at += mark > 0 ? (uint32_t)mark : 1;
    }
    return count;
}

static bool contains(struct text text, const char *word) {
    return memmem(text.data, text.length, word, strlen(word)) != NULL;
}

/* ---- measures: "清理牛皮癣 200多处" ---- */

static bool read_measure(struct row_reading *reading, struct text part, struct wire_measure *measure) {
    struct quantity quantity;
    int start = quantity_find_start(part);
    if (start <= 0 || !quantity_parse((struct text){part.data + start, part.length - (uint32_t)start}, &quantity)) {
        row_fault(reading, ERR_BAD_FORMAT, COLUMN_MEASURES, "名称 数量单位，例如 清理牛皮癣 200多处", part);
        return false;
    }
    struct text name = {part.data, (uint32_t)start};
    while (name.length > 0 && (name.data[name.length - 1] == ' ' || name.data[name.length - 1] == ':')) {
        name.length--;
    }
    *measure = (struct wire_measure){
        .name = name, .quantity = quantity.thousandths, .unit = quantity.unit, .approx = quantity.approx};
    wire_set(&measure->present, FIELD_measure_name);
    wire_set(&measure->present, FIELD_measure_quantity);
    wire_set(&measure->present, FIELD_measure_unit);
    wire_set(&measure->present, FIELD_measure_approx);
    return true;
}

void read_measures_cell(struct row_reading *reading, enum column column, struct text cell) {
    struct wire_report *report = reading->report;
    struct text parts[CELL_PARTS_MAX];
    (void)column;
    uint32_t count = cell_split(cell, true, parts);
    struct wire_measure *measures = cell_items(reading, count, sizeof *measures);
    for (uint32_t i = 0; measures && i < count; i++) {
        if (!read_measure(reading, parts[i], &measures[i])) {
            return;
        }
    }
    report->measures = (struct list){measures, count};
    report->measures_text = cell;
    wire_set(&report->present, FIELD_report_measures);
    wire_set(&report->present, FIELD_report_measures_text);
}

/* ---- problems found ---- */

static struct text problem_kind(struct text words) {
    static const struct {
        const char *kind;
        const char *word;
    } rows[] = {
#define PROBLEM(kind, word) {kind, word},
#include "common/import/words.def"
#undef PROBLEM
    };
    struct text named = problem_kind_of(words);
    for (size_t i = 0; i < sizeof rows / sizeof *rows && named.length == 0; i++) {
        if (contains(words, rows[i].word)) {
            named = text_of(rows[i].kind);
        }
    }
    return named.length > 0 ? named : text_of("other");
}

/* Adds a number that was said, or forgets the sum when none was: a sum of a part says nothing. */
static void add_number(struct wire_found *found, unsigned field, int64_t *sum, int64_t number, bool first) {
    if (number > 0 && (first || wire_has(found->present, field))) {
        *sum += number;
        wire_set(&found->present, field);
    } else {
        *sum = 0;
        found->present &= ~(UINT64_C(1) << field);
    }
}

/* Adds one to the kinds found; kinds named twice become one, their counts are added where all are counted. */
static void add_found(struct wire_found *found, uint32_t *count, struct text kind, int64_t number, int64_t solved) {
    uint32_t at = 0;
    while (at < *count && !text_equal(found[at].kind, kind)) {
        at++;
    }
    bool first = at == *count;
    *count += first;
    found[at].kind = kind;
    wire_set(&found[at].present, FIELD_found_kind);
    add_number(&found[at], FIELD_found_count, &found[at].count, number, first);
    add_number(&found[at], FIELD_found_solved, &found[at].solved, solved, first);
}

static int64_t whole_number(struct text words) {
    struct quantity quantity;
    return quantity_parse(words, &quantity) ? quantity.thousandths / THOUSAND : 0;
}

/* Takes （解决3处） from the end of `*part`; returns the number, 0 when it is not there. */
static int64_t take_solved(struct text *part) {
    static const char open[] = "（解决";
    static const char close[] = "）";
    const char *start = memmem(part->data, part->length, open, sizeof open - 1);
    uint32_t before = start ? (uint32_t)(start - part->data) : 0;
    uint32_t around = before + (uint32_t)(sizeof open - 1 + sizeof close - 1);
    if (!start || part->length < around ||
        memcmp(part->data + part->length - (sizeof close - 1), close, sizeof close - 1) != 0) {
        return 0;
    }
    struct text number = {start + sizeof open - 1, part->length - around};
    part->length = before;
    return whole_number(number);
}

static void read_found(struct text part, struct wire_found *found, uint32_t *kinds) {
    int64_t solved = take_solved(&part);
    int start = quantity_find_start(part);
    int64_t count = 0;
    if (start > 0) {
        count = whole_number((struct text){part.data + start, part.length - (uint32_t)start});
        part.length = (uint32_t)start;
        while (part.length > 0 && part.data[part.length - 1] == ' ') {
            part.length--;
        }
    }
    add_found(found, kinds, problem_kind(part), count, solved);
}

void read_found_cell(struct row_reading *reading, enum column column, struct text cell) {
    struct wire_report *report = reading->report;
    struct text parts[CELL_PARTS_MAX];
    (void)column;
    uint32_t count = cell_split(cell, true, parts);
    struct wire_found *found = cell_items(reading, count, sizeof *found);
    uint32_t kinds = 0;
    for (uint32_t i = 0; found && i < count; i++) {
        read_found(parts[i], found, &kinds);
    }
    report->found = (struct list){found, kinds};
    report->found_text = cell;
    wire_set(&report->present, FIELD_report_found);
    wire_set(&report->present, FIELD_report_found_text);
}

static bool read_texts(struct row_reading *reading, struct text cell, struct list *list) {
    struct text parts[CELL_PARTS_MAX];
    uint32_t count = cell_split(cell, false, parts);
    struct text *items = cell_items(reading, count, sizeof *items);
    if (items) {
        memcpy(items, parts, count * sizeof *items);
        *list = (struct list){items, count};
    }
    return items != NULL;
}

void read_partners_cell(struct row_reading *reading, enum column column, struct text cell) {
    (void)column;
    if (read_texts(reading, cell, &reading->report->partners)) {
        wire_set(&reading->report->present, FIELD_report_partners);
    }
}

void read_places_cell(struct row_reading *reading, enum column column, struct text cell) {
    (void)column;
    if (read_texts(reading, cell, &reading->report->places)) {
        wire_set(&reading->report->present, FIELD_report_places);
    }
}

void read_dates_cell(struct row_reading *reading, enum column column, struct text cell) {
    struct text parts[CELL_PARTS_MAX];
    uint32_t count = cell_split(cell, true, parts);
    int32_t *days = cell_items(reading, count, sizeof *days);
    for (uint32_t i = 0; days && i < count; i++) {
        if (date_read(parts[i], &days[i]) != DATE_WHOLE) {
            row_fault(reading, ERR_BAD_FORMAT, column, "日期，以、分隔，例如 2026-05-01、2026-05-08", parts[i]);
            return;
        }
    }
    if (days) {
        reading->report->dates = (struct list){days, count};
        wire_set(&reading->report->present, FIELD_report_dates);
    }
}
