/* Dates as people write them in spreadsheets. */
#include "common/import/dates.h"

#include <stdio.h>

static bool take_word(struct text *text, const char *const *words) {
    for (; *words; words++) {
        size_t length = strlen(*words);
        if (text->length >= length && memcmp(text->data, *words, length) == 0) {
            *text = (struct text){text->data + length, text->length - (uint32_t)length};
            return true;
        }
    }
    return false;
}

/* 1 to `most` digits; returns how many. */
static int take_number(struct text *text, int most, int *number) {
    int count = 0;
    *number = 0;
    while (count < most && text->length > 0 && *text->data >= '0' && *text->data <= '9') {
        *number = *number * 10 + (*text->data - '0');
        *text = (struct text){text->data + 1, text->length - 1};
        count++;
    }
    return count;
}

/* Year, month, day with what people put between them; `rest` is what follows. */
static bool take_parts(struct text text, int parts[3], struct text *rest) {
    static const char *const after_year[] = {"-", "/", ".", "年", NULL};
    static const char *const after_month[] = {"-", "/", ".", "月", NULL};
    static const char *const after_day[] = {"日", "号", NULL};
    if (take_number(&text, 4, &parts[0]) != 4) {
        return false;
    }
    bool separated = take_word(&text, after_year);
    int month_digits = take_number(&text, 2, &parts[1]);
    if (month_digits == 0 || (!separated && month_digits != 2) || (separated && !take_word(&text, after_month))) {
        return false;
    }
    int day_digits = take_number(&text, 2, &parts[2]);
    if (day_digits == 0 || (!separated && day_digits != 2)) {
        return false;
    }
    take_word(&text, after_day);
    *rest = text;
    return true;
}

static bool says_a_part(struct text text) {
    static const char *const words[] = {"年",   "月",   "日", "周", "旬", "天", "昨", "今",
                                        "期间", "以来", "春", "夏", "秋", "冬", NULL};
    for (struct text rest = text; rest.length > 0; rest = (struct text){rest.data + 1, rest.length - 1}) {
        struct text probe = rest;
        if (take_word(&probe, words)) {
            return true;
        }
    }
    return false;
}

enum date_reading date_read(struct text text, int32_t *day) {
    int parts[3];
    struct text rest;
    if (!take_parts(text, parts, &rest)) {
        return says_a_part(text) ? DATE_WORDS : DATE_BAD;
    }
    if (rest.length > 0 && *rest.data != ' ' && *rest.data != 'T') {
        return says_a_part(rest) ? DATE_WORDS : DATE_BAD;
    }
    char whole[3 * 12];
    snprintf(whole, sizeof whole, "%04d-%02d-%02d", parts[0], parts[1], parts[2]);
    return day_parse(text_of(whole), day) ? DATE_WHOLE : DATE_BAD;
}
