/* Programmes, measures and problems found in a draft. */
#include "common/draft/reading.h"

#define PROGRAMME_BYTES_MAX 60
#define NAME_CHARACTERS_MAX 40
#define FOUND "发现"

/* ---- programmes ---- */

static bool is_letter(const struct scan *scan, uint32_t at) {
    char c = at < scan->plain.length ? scan->plain.data[at] : 0;
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

static void add_programme(struct draft_reading *reading, const char *code) {
    struct text added = text_of(code);
    for (uint32_t i = 0; i < reading->programme_count; i++) {
        if (text_equal(reading->programmes[i], added)) {
            return;
        }
    }
    if (reading->programme_count < DRAFT_PROGRAMMES_MAX) {
        reading->programmes[reading->programme_count++] = added;
    }
}

bool read_draft_programme(struct draft_reading *reading) {
    struct scan *scan = &reading->scan;
    uint32_t begin = scan->at;
    uint32_t found = 0;
    const char *code = NULL;
    for (uint32_t to = begin; to < scan->plain.length && to - begin < PROGRAMME_BYTES_MAX;) {
        to = scan_next(scan, to);
        const char *named = cell_programme(scan_plain(scan, begin, to));
        code = named ? named : code;
        found = named ? to : found;
    }
    if (!code || scan_list(scan, found, WORDS_THING) > 0 || is_letter(scan, found)) {
        return false;
    }
    add_programme(reading, code);
    reading_note(reading, "programmes", begin, found);
    scan->at = found;
    return true;
}

/* ---- numbers with their names ---- */

/* Where a number with a unit stands in a text. */
struct counted {
    uint32_t begin;
    uint32_t end; /* 0: nowhere */
    struct quantity quantity;
};

static bool holds_digit(struct text words) {
    for (uint32_t i = 0; i < words.length; i++) {
        if (words.data[i] >= '0' && words.data[i] <= '9') {
            return true;
        }
    }
    return false;
}

/* The first number in [from, end). Numerals count where the word ends alone: 一次性 is no "one time". A length of time
 * is none. */
static struct counted find_counted(const struct scan *scan, uint32_t from, uint32_t end) {
    struct counted counted = {0};
    int64_t minutes = 0;
    for (counted.begin = from; counted.begin < end; counted.begin = scan_next(scan, counted.begin)) {
        uint32_t to = scan_quantity(scan, counted.begin, end, WORDS_UNIT, &counted.quantity);
        bool whole = to > 0 && (to == end || holds_digit(scan_plain(scan, counted.begin, to)));
        if (whole || scan_digit(scan, counted.begin)) {
            counted.end = whole && scan_minutes(scan, counted.begin, end, &minutes) == 0 ? to : 0;
            break;
        }
    }
    return counted;
}

static bool is_person(struct text unit) {
    static const char *const persons[] = {"人次", "人", "名", "位", "个人"};
    for (size_t i = 0; i < sizeof persons / sizeof *persons; i++) {
        if (text_equal(unit, text_of(persons[i]))) {
            return true;
        }
    }
    return false;
}

/* The name of a measure may be in two pieces: 发放300份宣传单. */
static bool is_name(const struct scan *scan, uint32_t from, uint32_t to) {
    struct text words = scan_plain(scan, from, to);
    return text_characters(words) >= 2 && text_characters(words) <= NAME_CHARACTERS_MAX && !holds_digit(words) &&
           !memchr(words.data, ':', words.length) && scan_find(scan, from, to, WORDS_RUNNING) == to;
}

/* Commas part the items of a cell, so 3,500 goes without. */
static void put_number(struct buffer *cell, struct text number) {
    static const char wide[] = "，";
    for (uint32_t at = 0; at < number.length;) {
        uint32_t left = number.length - at;
        bool comma = number.data[at] == ',';
        bool wide_comma = left >= sizeof wide - 1 && memcmp(number.data + at, wide, sizeof wide - 1) == 0;
        buffer_append(cell, number.data + at, !comma && !wide_comma);
        at += wide_comma ? (uint32_t)sizeof wide - 1 : 1;
    }
}

static void put_part(struct buffer *cell, struct text name, struct text more, struct text number) {
    buffer_append_string(cell, cell->length > 0 ? "；" : "");
    buffer_append(cell, name.data, name.length);
    buffer_append(cell, more.data, more.length);
    buffer_append_string(cell, number.length > 0 ? " " : "");
    put_number(cell, number);
}

static bool take_measure(struct draft_reading *reading, struct text name, struct text more, struct counted counted,
                         uint32_t end) {
    put_part(&reading->measures, name, more, scan_plain(&reading->scan, counted.begin, counted.end));
    reading_note(reading, "measures", reading->scan.at, end);
    reading->scan.at = end;
    return true;
}

/* Where the thing behind 发放300份 ends: at the word's end, or where the deed of the next number begins. */
static uint32_t thing_end(const struct scan *scan, uint32_t at, uint32_t end) {
    uint32_t deed = at;
    for (uint32_t to = at; to < end; to = scan_next(scan, to)) {
        if (scan_digit(scan, to)) {
            return deed;
        }
        deed = scan_list(scan, to, WORDS_DEED) > 0 ? to : deed;
    }
    return end;
}

/* 清理牛皮癣 200处: the number is the whole of the next word, and not of people. */
static struct counted next_word_counted(const struct scan *scan, uint32_t at) {
    struct counted counted = {.begin = at};
    counted.begin += scan_literal(scan, at, ":");
    while (counted.begin < scan->plain.length && scan->plain.data[counted.begin] == ' ') {
        counted.begin++;
    }
    uint32_t end = scan_reach(scan, counted.begin);
    counted.end = counted.begin > at ? scan_quantity(scan, counted.begin, end, WORDS_UNIT, &counted.quantity) : 0;
    counted.end = counted.end == end && !is_person(counted.quantity.unit) ? end : 0;
    return counted;
}

bool read_draft_deed(struct draft_reading *reading) {
    const struct scan *scan = &reading->scan;
    uint32_t begin = scan->at;
    uint32_t deed = scan_list(scan, begin, WORDS_DEED);
    uint32_t word_end = scan_reach(scan, begin);
    if (deed == 0) {
        return false;
    }
    uint32_t thing = begin + deed + scan_literal(scan, begin + deed, "了");
    struct text name = scan_words(scan, begin, begin + deed);
    struct counted counted = find_counted(scan, thing, word_end);
    if (counted.end > 0 && counted.begin == thing) {
        uint32_t end = thing_end(scan, counted.end, word_end);
        bool named = end == counted.end || is_name(scan, counted.end, end);
        return named && take_measure(reading, name, scan_words(scan, counted.end, end), counted, end);
    }
    uint32_t name_end = counted.begin;
    if (counted.end == 0) {
        counted = next_word_counted(scan, word_end);
        name_end = word_end;
    }
    name_end -= name_end > thing && scan->plain.data[name_end - 1] == ':' ? 1 : 0;
    return counted.end > 0 && is_name(scan, begin, name_end) &&
           take_measure(reading, name, scan_words(scan, thing, name_end), counted, counted.end);
}

/* 街上20处 names where, not what. */
static bool says_where(struct text name) {
    static const char *const ends[] = {"上", "里", "内", "边", "旁", "中"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t length = strlen(ends[i]);
        if (name.length >= length && memcmp(name.data + name.length - length, ends[i], length) == 0) {
            return true;
        }
    }
    return false;
}

bool read_draft_thing(struct draft_reading *reading) {
    const struct scan *scan = &reading->scan;
    struct counted counted = find_counted(scan, scan->at, scan_reach(scan, scan->at));
    bool named = counted.end > 0 && !is_person(counted.quantity.unit) && is_name(scan, scan->at, counted.begin) &&
                 !says_where(scan_plain(scan, scan->at, counted.begin));
    return named &&
           take_measure(reading, scan_words(scan, scan->at, counted.begin), (struct text){0}, counted, counted.end);
}

/* ---- problems found ---- */

/* （解决3处） behind it: a view as the importer's cells have it, and the position behind the bracket. */
static uint32_t solved_end(const struct scan *scan, uint32_t at, struct text *number) {
    static const char *const words[] = {"解决", "已解决", "现场解决", "整改", "已整改"};
    struct quantity quantity;
    uint32_t open = scan_literal(scan, at, "（") + scan_literal(scan, at, "(");
    for (size_t i = 0; i < sizeof words / sizeof *words && open > 0; i++) {
        uint32_t word = scan_literal(scan, at + open, words[i]);
        uint32_t from = at + open + word;
        uint32_t end = word > 0 ? scan_quantity(scan, from, scan_word_end(scan, from), WORDS_UNIT, &quantity) : 0;
        uint32_t shut = end > 0 ? scan_literal(scan, end, "）") + scan_literal(scan, end, ")") : 0;
        if (shut > 0) {
            *number = scan_plain(scan, from, end);
            return end + shut;
        }
    }
    return 0;
}

bool read_draft_found(struct draft_reading *reading) {
    struct scan *scan = &reading->scan;
    uint32_t begin = scan->at;
    uint32_t word = scan_literal(scan, begin, FOUND);
    uint32_t name = begin + word;
    if (word == 0) {
        return false;
    }
    uint32_t all = scan_literal(scan, name, "问题");
    name += all + scan_literal(scan, name + all, ":");
    uint32_t word_end = scan_reach(scan, name);
    struct counted counted = find_counted(scan, name, word_end);
    uint32_t name_end = counted.end > 0 ? counted.begin : word_end;
    bool named = is_name(scan, name, name_end);
    if (!named && (counted.end == 0 || name_end > name || all == 0)) {
        return false;
    }
    struct text solved = {0};
    uint32_t end = counted.end > 0 ? counted.end : word_end;
    put_part(&reading->found, named ? scan_words(scan, name, name_end) : text_of("问题"), (struct text){0},
             scan_plain(scan, counted.end > 0 ? counted.begin : end, end));
    uint32_t behind = solved_end(scan, end, &solved);
    if (behind > 0) {
        buffer_append_string(&reading->found, "（解决");
        buffer_append(&reading->found, solved.data, solved.length);
        buffer_append_string(&reading->found, "）");
        end = behind;
    }
    reading_note(reading, "found", begin, end);
    scan->at = end;
    return true;
}
