/* The squad and how many took part. */
#include "common/draft/reading.h"

#include <stdio.h>

#define SQUAD "中队"
#define SQUAD_BYTES_MAX 90
#define MODIFIER_BYTES_MAX 30 /* 20名[城管巾帼]志愿者 */
#define THOUSAND 1000

/* Where a squad's name may reach: some have brackets, 盐官（度假区）志愿中队. */
static uint32_t name_reach(const struct scan *scan, uint32_t at) {
    uint32_t end = at;
    while (end < scan->plain.length && end - at < SQUAD_BYTES_MAX && scan_stop(scan, end) == 0 &&
           scan->plain.data[end] != ' ') {
        end = scan_next(scan, end);
    }
    return end;
}

bool read_draft_squad(struct draft_reading *reading) {
    struct scan *scan = &reading->scan;
    struct text word = scan_plain(scan, scan->at, name_reach(scan, scan->at));
    const char *mark = memmem(word.data, word.length, SQUAD, strlen(SQUAD));
    uint32_t length = mark ? (uint32_t)(mark - word.data) + (uint32_t)strlen(SQUAD) : 0;
    if (length <= strlen(SQUAD) || length > SQUAD_BYTES_MAX) {
        return false;
    }
    char path[EVENT_UNIT_MAX + 1] = "";
    uint32_t begin = scan->at;
    uint32_t end = begin + length;
    struct text name = scan_words(scan, begin, end);
    if (!reading->options->unit || !reading->options->unit(reading->options->data, name, path)) {
        return false;
    }
    scan->at = end;
    struct draft *draft = reading->draft;
    bool named = false;
    for (uint32_t i = 0; i < draft->understood_count; i++) {
        named = named || strcmp(draft->understood[i].field, "unit") == 0;
    }
    if (named && strcmp(path, reading->cells.unit) != 0) {
        reading_unknown(reading, begin, end); /* a joint activity: each squad reports its own share */
        return true;
    }
    snprintf(reading->cells.unit, EVENT_UNIT_MAX + 1, "%s", path);
    reading_note(reading, "unit", begin, end);
    return true;
}

/* 其中志愿者15人: a part of the attendances. */
static bool read_part(struct draft_reading *reading) {
    static const struct {
        const char *words;
        enum column column;
        const char *field;
    } parts[] = {{"其中志愿者", COLUMN_VOLUNTEERS, "volunteers"},
                 {"其中媒体", COLUMN_MEDIA, "media"},
                 {"其中市民", COLUMN_CITIZENS, "citizens"},
                 {"其中未成年人", COLUMN_MINORS, "minors"}};
    struct scan *scan = &reading->scan;
    struct quantity quantity;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        uint32_t length = scan_literal(scan, scan->at, parts[i].words);
        uint32_t number = scan->at + length;
        uint32_t end = length > 0 ? scan_quantity(scan, number, reading->word_end, WORDS_PERSON, &quantity) : 0;
        if (end > 0 && reading_cell(reading, parts[i].column, scan_plain(scan, number, end))) {
            reading_note(reading, parts[i].field, scan->at, end);
            scan->at = end;
            return true;
        }
    }
    return false;
}

/* Where what belongs to the headcount ends: 20名[城管志愿者]清理…; 0 when something else was counted. */
static uint32_t people_end(const struct scan *scan, uint32_t at) {
    uint32_t word_end = scan_word_end(scan, at);
    bool goes_on = at == word_end || scan_digit(scan, at) || scan_list(scan, at, WORDS_DEED) > 0 ||
                   scan_list(scan, at, WORDS_WHERE) > 0;
    if (goes_on) {
        return at;
    }
    for (uint32_t to = at; to < word_end && to - at <= MODIFIER_BYTES_MAX && !scan_digit(scan, to);
         to = scan_next(scan, to)) {
        uint32_t people = scan_list(scan, to, WORDS_PEOPLE);
        if (people > 0) {
            return to + people;
        }
        if (scan_list(scan, to, WORDS_DEED) > 0) {
            return 0;
        }
    }
    return 0;
}

static void set_headcount(struct draft_reading *reading, const struct quantity *quantity, struct text number,
                          uint32_t from, uint32_t to) {
    struct wire_report *report = reading->cells.report;
    bool known = reading_has(reading, FIELD_report_attendances);
    bool same = known && report->attendances * THOUSAND == quantity->thousandths;
    if ((known && !same) || (!known && !reading_cell(reading, COLUMN_ATTENDANCES, number))) {
        reading_unknown(reading, from, to);
        return;
    }
    reading_note(reading, "attendances", from, to);
}

bool read_draft_headcount(struct draft_reading *reading) {
    struct scan *scan = &reading->scan;
    struct quantity quantity;
    uint32_t begin = scan->at;
    uint32_t number_end = scan_quantity(scan, begin, reading->word_end, WORDS_PERSON, &quantity);
    uint32_t end = number_end > 0 && quantity.thousandths % THOUSAND == 0 ? people_end(scan, number_end) : 0;
    if (end == 0) {
        return read_part(reading);
    }
    scan->at = end;
    set_headcount(reading, &quantity, scan_words(scan, begin, number_end), begin, end);
    return true;
}

bool read_draft_labelled_count(struct draft_reading *reading, uint32_t end) {
    struct scan *scan = &reading->scan;
    struct quantity quantity;
    struct text number = scan_words(scan, scan->at, end);
    if (number.length == 0 || !quantity_parse(number, &quantity) || quantity.unit.length > 0) {
        return false;
    }
    uint32_t begin = scan->at;
    scan->at = end;
    set_headcount(reading, &quantity, number, begin, end);
    return true;
}
