/* Days, times of day and lengths of time in a draft. */
#include <stdio.h>

#include "common/draft/reading.h"
#include "common/import/dates.h"

#define DAYS_OF_WEEK 7
#define DATE_BYTES_MAX 24
#define LEAP_YEARS 8 /* so far back stands a 29th of February */

static const char *const parts_of_day[] = {"上午", "下午", "早上", "早晨", "中午", "傍晚", "晚上", "凌晨", NULL};

static uint32_t any_of(const struct scan *scan, uint32_t at, const char *const *words) {
    uint32_t length = 0;
    for (; *words && length == 0; words++) {
        length = scan_literal(scan, at, *words);
    }
    return length;
}

static uint32_t skip_dash(const struct scan *scan, uint32_t at) {
    static const char *const dashes[] = {"-", "~", "至", "到", "—", "–", NULL};
    return at + any_of(scan, at, dashes);
}

/* ---- days ---- */

static uint32_t read_relative(const struct scan *scan, uint32_t at, int32_t today, int32_t *day) {
    static const struct {
        const char *word;
        int32_t back;
    } words[] = {{"今天", 0}, {"今日", 0}, {"今早", 0}, {"今晚", 0}, {"昨天", 1},
                 {"昨日", 1}, {"昨晚", 1}, {"前天", 2}, {"前日", 2}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        uint32_t length = scan_literal(scan, at, words[i].word);
        if (length > 0) {
            *day = today - words[i].back;
            return at + length;
        }
    }
    return 0;
}

/* 0 Monday to 6 Sunday; 1970-01-01 was a Thursday. */
static int32_t weekday_of(int32_t day) {
    return (int32_t)(((int64_t)day + 3) % DAYS_OF_WEEK);
}

/* 周三, 星期三, 三: the position behind it. */
static uint32_t read_weekday(const struct scan *scan, uint32_t at, int32_t *weekday) {
    static const char *const names[] = {"一", "二", "三", "四", "五", "六", "日"};
    uint32_t sunday = scan_literal(scan, at, "天");
    for (int32_t i = 0; i < DAYS_OF_WEEK && sunday == 0; i++) {
        uint32_t length = scan_literal(scan, at, names[i]);
        if (length > 0) {
            *weekday = i;
            return at + length;
        }
    }
    *weekday = DAYS_OF_WEEK - 1;
    return sunday > 0 ? at + sunday : 0;
}

static uint32_t read_week(const struct scan *scan, uint32_t at, int32_t today, int32_t *day) {
    static const char *const last[] = {"上周", "上星期", NULL};
    static const char *const now[] = {"本周", "这周", "本星期", NULL};
    uint32_t before = any_of(scan, at, last);
    uint32_t word = before > 0 ? before : any_of(scan, at, now);
    int32_t weekday = 0;
    uint32_t end = word > 0 ? read_weekday(scan, at + word, &weekday) : 0;
    *day = today - weekday_of(today) - (before > 0 ? DAYS_OF_WEEK : 0) + weekday;
    return *day <= today ? end : 0;
}

/* The longest date with its year. */
static uint32_t read_whole(const struct scan *scan, uint32_t at, uint32_t end, int32_t *day) {
    uint32_t found = 0;
    int32_t read = 0;
    if (!scan_digit(scan, at)) {
        return 0;
    }
    end = end - at > DATE_BYTES_MAX ? at + DATE_BYTES_MAX : end;
    for (uint32_t to = scan_next(scan, at); to <= end; to = scan_next(scan, to)) {
        if (date_read(scan_plain(scan, at, to), &read) == DATE_WHOLE && !scan_digit(scan, to)) {
            found = to;
            *day = read;
        }
        if (to >= scan->plain.length) {
            break;
        }
    }
    return found;
}

/* Where "5月3日" or "5月3号" at `at` ends. */
static uint32_t month_day_end(const struct scan *scan, uint32_t at) {
    static const char *const ends[] = {"日", "号", NULL};
    uint32_t to = at;
    while (scan_digit(scan, to)) {
        to++;
    }
    uint32_t month = to > at ? scan_literal(scan, to, "月") : 0;
    uint32_t number = to + month;
    for (to = number; scan_digit(scan, to);) {
        to++;
    }
    return month > 0 && to > number && to - at <= DATE_BYTES_MAX ? to + any_of(scan, to, ends) : 0;
}

/* 5月3日: the last one up to today. */
static uint32_t read_month_day(const struct scan *scan, uint32_t at, int32_t today, int32_t *day) {
    int year;
    int month;
    int day_of_month;
    uint32_t end = month_day_end(scan, at);
    day_split(today, &year, &month, &day_of_month);
    for (int back = 0; end > 0 && back <= LEAP_YEARS; back++) {
        char whole[2 * DATE_BYTES_MAX + 16];
        struct text words = scan_plain(scan, at, end);
        snprintf(whole, sizeof whole, "%04d年%.*s", year - back, (int)words.length, words.data);
        if (date_read(text_of(whole), day) == DATE_WHOLE && *day <= today) {
            return end;
        }
    }
    return 0;
}

static uint32_t read_day(const struct draft_reading *reading, uint32_t at, int32_t *day) {
    const struct scan *scan = &reading->scan;
    int32_t today = reading->options->today;
    uint32_t end = read_relative(scan, at, today, day);
    end = end > 0 ? end : read_week(scan, at, today, day);
    end = end > 0 ? end : read_whole(scan, at, reading->word_end, day);
    return end > 0 ? end : read_month_day(scan, at, today, day);
}

/* The end of 5月3日至5日 or 5月3日-6月1日; `at` when there is none. */
static uint32_t read_last_day(const struct draft_reading *reading, uint32_t at, int32_t first, int32_t *last) {
    const struct scan *scan = &reading->scan;
    uint32_t from = skip_dash(scan, at);
    uint32_t end = from > at ? read_day(reading, from, last) : 0;
    if (from > at && end == 0) {
        uint32_t to = from;
        int number = 0;
        while (scan_digit(scan, to) && to < from + 2) {
            number = number * 10 + (scan->plain.data[to++] - '0');
        }
        static const char *const ends[] = {"日", "号", NULL};
        uint32_t mark = to > from ? any_of(scan, to, ends) : 0;
        int year;
        int month;
        int day;
        day_split(first, &year, &month, &day);
        char whole[64];
        snprintf(whole, sizeof whole, "%04d年%d月%d日", year, month, number);
        end = mark > 0 && date_read(text_of(whole), last) == DATE_WHOLE ? to + mark : 0;
    }
    return end > 0 && *last > first ? end : at;
}

/* 7月上旬 is kept as words. */
static bool read_part_of_month(struct draft_reading *reading) {
    static const char *const parts[] = {"月上旬", "月中旬", "月下旬", "月初", "月底", NULL};
    struct scan *scan = &reading->scan;
    uint32_t to = scan->at;
    while (scan_digit(scan, to)) {
        to++;
    }
    uint32_t part = to > scan->at ? any_of(scan, to, parts) : 0;
    bool free = !reading_has(reading, FIELD_report_date_text) && !reading_has(reading, FIELD_report_date);
    if (part == 0 || !free || !reading_cell(reading, COLUMN_DATE, scan_plain(scan, scan->at, to + part))) {
        return false;
    }
    reading_note(reading, "date_text", scan->at, to + part);
    scan->at = to + part;
    return true;
}

/* （周日） behind the day: confirms it, or is not understood. */
static bool read_confirming_weekday(struct draft_reading *reading) {
    static const char *const words[] = {"周", "星期", NULL};
    struct scan *scan = &reading->scan;
    uint32_t word = any_of(scan, scan->at, words);
    int32_t weekday = 0;
    uint32_t end = word > 0 ? read_weekday(scan, scan->at + word, &weekday) : 0;
    if (end == 0 || !reading_has(reading, FIELD_report_date) || weekday_of(reading->cells.report->date) != weekday) {
        return false;
    }
    reading_note(reading, "date", scan->at, end);
    scan->at = end;
    return true;
}

bool read_draft_days(struct draft_reading *reading) {
    struct scan *scan = &reading->scan;
    struct wire_report *report = reading->cells.report;
    int32_t first = 0;
    int32_t last = 0;
    uint32_t end = read_day(reading, scan->at, &first);
    if (end == 0) {
        return read_part_of_month(reading) || read_confirming_weekday(reading);
    }
    uint32_t begin = scan->at;
    uint32_t range = read_last_day(reading, end, first, &last);
    scan->at = range + any_of(scan, range, parts_of_day);
    bool known = reading_has(reading, FIELD_report_date);
    if (known && (report->date != first || range > end)) {
        reading_unknown(reading, begin, scan->at);
        return true;
    }
    report->date = first;
    wire_set(&report->present, FIELD_report_date);
    reading_note(reading, "date", begin, range > end ? range : scan->at);
    if (range > end) {
        report->date_end = last;
        wire_set(&report->present, FIELD_report_date_end);
        reading_note(reading, "date_end", begin, range);
    }
    return true;
}

/* ---- times of day ---- */

#define NOON 12
#define HOUR_MINUTES 60

/* 9:00, 9点, 9点半, 9时30分, 下午2点: minutes since midnight; the position behind it, 0: none. `afternoon` stays for the
 * second time of 下午2点-4点. */
static uint32_t read_time(const struct scan *scan, uint32_t at, int *minute, bool *afternoon) {
    static const char *const late[] = {"下午", "傍晚", "晚上", "晚", NULL};
    static const char *const marks[] = {":", "点", "时", NULL};
    int parts[2] = {0};
    uint32_t part = any_of(scan, at, parts_of_day);
    *afternoon = part > 0 ? any_of(scan, at, late) > 0 : *afternoon;
    at += part;
    uint32_t from = at;
    for (; scan_digit(scan, at) && at < from + 2; at++) {
        parts[0] = parts[0] * 10 + (scan->plain.data[at] - '0');
    }
    uint32_t mark = at > from ? any_of(scan, at, marks) : 0;
    uint32_t number = at + mark;
    at = number;
    for (; scan_digit(scan, at) && at < number + 2; at++) {
        parts[1] = parts[1] * 10 + (scan->plain.data[at] - '0');
    }
    bool colon = mark == 1;
    bool whole = mark > 0 && (!colon || at == number + 2) && !scan_digit(scan, at);
    if (!whole || parts[0] > 24 || parts[1] >= HOUR_MINUTES) {
        return 0;
    }
    uint32_t half = !colon && at == number ? scan_literal(scan, at, "半") : 0;
    at += half > 0 ? half : scan_literal(scan, at, "分");
    parts[0] += *afternoon && parts[0] < NOON ? NOON : 0;
    *minute = parts[0] * HOUR_MINUTES + (half > 0 ? HOUR_MINUTES / 2 : parts[1]);
    return at;
}

static void set_duration(struct draft_reading *reading, int64_t minutes, uint32_t from, uint32_t to) {
    struct wire_report *report = reading->cells.report;
    if (reading_has(reading, FIELD_report_duration) && report->duration != minutes) {
        reading_unknown(reading, from, to);
        return;
    }
    report->duration = minutes;
    wire_set(&report->present, FIELD_report_duration);
    reading_note(reading, "duration", from, to);
}

bool read_draft_clock(struct draft_reading *reading) {
    struct scan *scan = &reading->scan;
    int from = 0;
    int to = 0;
    bool afternoon = false;
    uint32_t begin = scan->at;
    uint32_t first = read_time(scan, begin, &from, &afternoon);
    if (first == 0) {
        return false;
    }
    uint32_t dash = skip_dash(scan, first);
    uint32_t last = dash > first ? read_time(scan, dash, &to, &afternoon) : 0;
    scan->at = last > 0 ? last : first;
    if (last == 0 || to <= from) {
        reading_unknown(reading, begin, scan->at); /* a report has no field for one time of day */
    } else {
        set_duration(reading, to - from, begin, last);
    }
    return true;
}

/* ---- lengths of time ---- */

bool read_draft_hours(struct draft_reading *reading) {
    static const char *const each[] = {"活动时长", "时长", "每人服务", "每人", "人均服务", "人均",
                                       "历时",     "持续", "服务",     "活动", NULL};
    static const char *const all[] = {"服务总时长", "总服务时长", "总时长", NULL};
    /* Of one or of all? */
    static const char *const doubtful[] = {"服务时长", "累计服务", "累计", "合计", "总计", "总共", "一共", "共", NULL};
    struct scan *scan = &reading->scan;
    uint32_t begin = scan->at;
    uint32_t total = any_of(scan, begin, all);
    uint32_t doubt = total > 0 ? 0 : any_of(scan, begin, doubtful);
    uint32_t one = total + doubt > 0 ? 0 : any_of(scan, begin, each);
    uint32_t number = begin + total + doubt + one;
    number += scan_literal(scan, number, ":");
    int64_t minutes = 0;
    uint32_t end = scan_minutes(scan, number, reading->word_end, &minutes);
    struct text words = scan_plain(scan, number, end > 0 ? end : number);
    if (end == 0) {
        return false;
    }
    scan->at = end;
    if (doubt > 0 || (total > 0 && reading_has(reading, FIELD_report_minutes)) || scan_literal(scan, number, "共")) {
        reading_unknown(reading, begin, end);
    } else if (total > 0 && reading_cell(reading, COLUMN_MINUTES, words)) {
        reading_note(reading, "minutes", begin, end);
    } else {
        set_duration(reading, minutes, begin, end);
    }
    return true;
}
