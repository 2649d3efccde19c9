/* Places, and what a label names. */
#include "common/draft/reading.h"

#define LABEL_BYTES_MAX 36
#define PLACE_CHARACTERS_MAX 60

/* ---- places ---- */

static void take_place(struct draft_reading *reading, uint32_t from, uint32_t to) {
    struct text words = scan_words(&reading->scan, from, to);
    bool first = !reading_has(reading, FIELD_report_place);
    reading->scan.at = to;
    if (first && reading_cell(reading, COLUMN_PLACE, words)) {
        reading_note(reading, "place", from, to);
        return;
    }
    buffer_append_string(&reading->places, reading->places.length > 0 ? "、" : "");
    buffer_append(&reading->places, words.data, words.length);
    reading_note(reading, "places", from, to);
}

/* Where the words that may name a place end: a deed, a number or the word's end follows. */
static uint32_t stretch_end(const struct scan *scan, uint32_t at) {
    uint32_t end = scan_reach(scan, at);
    while (at < end && !scan_digit(scan, at) && scan_list(scan, at, WORDS_DEED) == 0 &&
           scan_literal(scan, at, "开展") == 0) {
        at = scan_next(scan, at);
    }
    return at;
}

/* The end of the place that stands first in [begin, end): 河西社区|居民楼; 0 when nothing there names one. */
static uint32_t place_end(const struct scan *scan, uint32_t begin, uint32_t end) {
    uint32_t found = 0;
    for (uint32_t at = scan_next(scan, begin); at < end; at = scan_next(scan, at)) {
        uint32_t ending = scan_list(scan, at, WORDS_PLACE);
        found = ending > 0 && at + ending <= end ? at + ending : found;
    }
    for (uint32_t at = begin; at < end && found != end; at = scan_next(scan, at)) {
        uint32_t corner = scan_list(scan, at, WORDS_CORNER);
        bool last = corner > 0 && at + corner == end;
        found = last && text_characters(scan_plain(scan, begin, at)) >= 2 ? end : found;
    }
    return found;
}

bool read_draft_place(struct draft_reading *reading) {
    struct scan *scan = &reading->scan;
    uint32_t begin = scan->at;
    uint32_t where = scan_list(scan, begin, WORDS_WHERE);
    uint32_t name = begin + where;
    uint32_t end = stretch_end(scan, name);
    uint32_t found = end > name ? place_end(scan, name, end) : 0;
    found = found == 0 && where > 0 ? end : found;
    if (found <= name || text_characters(scan_plain(scan, name, found)) < 2 ||
        text_characters(scan_plain(scan, name, found)) > PLACE_CHARACTERS_MAX) {
        return false;
    }
    take_place(reading, name, found);
    return true;
}

/* ---- labels ---- */

/* What stands behind a label up to a space: also 、 and brackets. */
static uint32_t labelled_end(const struct scan *scan, uint32_t at) {
    while (at < scan->plain.length && scan_stop(scan, at) == 0 && scan_literal(scan, at, " ") == 0 &&
           scan_literal(scan, at, "　") == 0 && scan_literal(scan, at, "\t") == 0) {
        at = scan_next(scan, at);
    }
    return at;
}

/* The words behind some labels are read like words without one. */
static bool reads_on(int column) {
    switch (column) {
    case COLUMN_UNIT:
    case COLUMN_PROGRAMMES:
    case COLUMN_DATE:
    case COLUMN_ATTENDANCES:
    case COLUMN_DURATION:
    case COLUMN_MEASURES:
    case COLUMN_NARRATIVE:
        return true;
    default:
        return false;
    }
}

/* Labels of messages that no spreadsheet has. */
static int column_of(struct text label) {
    static const struct {
        const char *word;
        enum column column;
    } words[] = {{"时间", COLUMN_DATE},
                 {"人数", COLUMN_ATTENDANCES},
                 {"参与人数", COLUMN_ATTENDANCES},
                 {"参加人数", COLUMN_ATTENDANCES},
                 {"活动", COLUMN_PROGRAMMES},
                 {"服务内容", COLUMN_NARRATIVE}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (text_equal(label, text_of(words[i].word))) {
            return (int)words[i].column;
        }
    }
    return column_find(label);
}

/* Where the label at `at` ends, with its colon; 0: there is none. */
static uint32_t label_end(const struct scan *scan, uint32_t at, int *column) {
    for (uint32_t to = at; to < scan->plain.length && to - at <= LABEL_BYTES_MAX && !scan_digit(scan, to);
         to = scan_next(scan, to)) {
        if (scan->plain.data[to] == ':') {
            *column = to > at ? column_of(scan_plain(scan, at, to)) : -1;
            return *column >= 0 ? to + 1 : 0;
        }
    }
    return 0;
}

/* Anything else that a column holds, with the importer's reader. Marks of the records' own are not for messages. */
static void take_labelled(struct draft_reading *reading, enum column column, uint32_t begin, uint32_t value,
                          uint32_t end) {
    bool known = wire_has(reading->labelled, column) || column == COLUMN_ID || column == COLUMN_DEMO;
    reading->scan.at = end;
    if (known || !reading_cell(reading, column, scan_words(&reading->scan, value, end))) {
        reading_unknown(reading, begin, end);
        return;
    }
    wire_set(&reading->labelled, column);
    reading_note(reading, import_field_of(column_header(column)), begin, end);
}

bool read_draft_label(struct draft_reading *reading) {
    struct scan *scan = &reading->scan;
    uint32_t begin = scan->at;
    int column = -1;
    uint32_t value = label_end(scan, begin, &column);
    if (value == 0) {
        return false;
    }
    while (value < scan->plain.length && scan->plain.data[value] == ' ') {
        value++;
    }
    uint32_t end = labelled_end(scan, value);
    scan->at = value;
    if (end == value || reads_on(column)) {
        if (column == COLUMN_ATTENDANCES) {
            read_draft_labelled_count(reading, end);
        }
    } else if (column == COLUMN_PLACE) {
        take_place(reading, value, end);
    } else {
        take_labelled(reading, (enum column)column, begin, value, end);
    }
    return true;
}
