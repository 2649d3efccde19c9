/* Quantities as people write them in Chinese, read from left to right. */
#include "common/import/quantity.h"

#define THOUSAND 1000
#define UNIT_CHARACTERS_MAX 10
#define VALUE_MAX INT64_C(1000000000000)

/* A word and what it means, for the small tables below. */
struct meaning {
    const char *word;
    int64_t value;
};

static const struct meaning digits[] = {
    {"0", 0},  {"1", 1},  {"2", 2},  {"3", 3},  {"4", 4},  {"5", 5},  {"6", 6},
    {"7", 7},  {"8", 8},  {"9", 9},  {"０", 0}, {"１", 1}, {"２", 2}, {"３", 3},
    {"４", 4}, {"５", 5}, {"６", 6}, {"７", 7}, {"８", 8}, {"９", 9}, {0},
};
static const struct meaning numerals[] = {
    {"零", 0}, {"〇", 0}, {"一", 1}, {"二", 2}, {"两", 2}, {"三", 3}, {"四", 4},
    {"五", 5}, {"六", 6}, {"七", 7}, {"八", 8}, {"九", 9}, {0},
};
static const struct meaning powers[] = {{"十", 10}, {"百", 100}, {"千", 1000}, {0}};
static const struct meaning myriads[] = {{"万", 10000}, {"亿", 100000000}, {0}};
static const struct meaning before[] = {
    {"不少于", APPROX_AT_LEAST}, {"至少", APPROX_AT_LEAST},
    {"超过", APPROX_AT_LEAST},   {"超", APPROX_AT_LEAST},
    {"逾", APPROX_AT_LEAST},     {"上", APPROX_AT_LEAST},
    {"大约", APPROX_ABOUT},      {"约", APPROX_ABOUT},
    {"将近", APPROX_BELOW},      {"接近", APPROX_BELOW},
    {"近", APPROX_BELOW},        {"共计", APPROX_EXACT},
    {"共", APPROX_EXACT},        {0},
};
static const struct meaning within[] = {
    {"余", APPROX_AT_LEAST}, {"多", APPROX_AT_LEAST}, {"几", APPROX_AT_LEAST}, {"来", APPROX_ABOUT}, {0}};
static const struct meaning behind[] = {
    {"左右", APPROX_ABOUT}, {"上下", APPROX_ABOUT}, {"以上", APPROX_AT_LEAST}, {"以内", APPROX_BELOW}, {0},
};

/* Most differ in the first byte; no word is empty. */
static bool starts_with(struct text text, const char *word) {
    if (text.length == 0 || *text.data != *word) {
        return false;
    }
    size_t length = strlen(word);
    return text.length >= length && memcmp(text.data, word, length) == 0;
}

static struct text skip(struct text text, size_t bytes) {
    return (struct text){text.data + bytes, text.length - (uint32_t)bytes};
}

/* Takes the first row whose word stands at the start of `*text`; false when none does. */
static bool take(struct text *text, const struct meaning *rows, int64_t *value) {
    for (; rows->word; rows++) {
        if (starts_with(*text, rows->word)) {
            *text = skip(*text, strlen(rows->word));
            *value = rows->value;
            return true;
        }
    }
    return false;
}

static void skip_spaces(struct text *text) {
    while (starts_with(*text, " ") || starts_with(*text, "　")) {
        *text = skip(*text, starts_with(*text, " ") ? 1 : strlen("　"));
    }
}

static bool take_separator(struct text *text) {
    int64_t ignored = 0;
    static const struct meaning separators[] = {{",", 0}, {"，", 0}, {0}};
    struct text rest = *text;
    if (!take(&rest, separators, &ignored)) {
        return false;
    }
    struct text behind_separator = rest;
    if (!take(&rest, digits, &ignored)) { /* a separator stands between digits only */
        return false;
    }
    *text = behind_separator;
    return true;
}

/* 1200, 1,200, 1.25: thousandths. More than three decimals are refused. */
static bool take_digits(struct text *text, int64_t *thousandths) {
    int64_t digit = 0;
    int64_t whole = 0;
    struct text rest = *text;
    if (!take(&rest, digits, &digit)) {
        return false;
    }
    do {
        whole = whole * 10 + digit;
        if (whole > VALUE_MAX / THOUSAND) {
            return false;
        }
        take_separator(&rest);
    } while (take(&rest, digits, &digit));
    int64_t value = whole * THOUSAND;
    if (starts_with(rest, ".")) {
        struct text decimals = skip(rest, 1);
        int64_t weight = THOUSAND / 10;
        if (!take(&decimals, digits, &digit)) {
            return false;
        }
        do {
            if (weight == 0) {
                return false;
            }
            value += digit * weight;
            weight /= 10;
        } while (take(&decimals, digits, &digit));
        rest = decimals;
    }
    *text = rest;
    *thousandths = value;
    return true;
}

/* 三十五, 两百, 十, 百, 三千: below 10,000, in thousandths. */
static bool take_numerals(struct text *text, int64_t *thousandths) {
    int64_t sum = 0;
    int64_t numeral = 0;
    int64_t power = 0;
    bool any = false;
    for (;;) {
        bool has_numeral = take(text, numerals, &numeral);
        if (take(text, powers, &power)) {
            sum += (has_numeral ? numeral : 1) * power;
        } else if (has_numeral) {
            sum += numeral;
        } else {
            break;
        }
        any = true;
    }
    *thousandths = sum * THOUSAND;
    return any;
}

static bool multiply(int64_t *value, int64_t by) {
    if (*value > VALUE_MAX / by) {
        return false;
    }
    *value *= by;
    return true;
}

/* Keeps the first word of approximation that is not "exact". */
static void note(enum approx *approx, int64_t said) {
    if (*approx == APPROX_EXACT) {
        *approx = (enum approx)said;
    }
}

/* 千克 and the like are units, not thousands of something. */
static bool starts_unit(struct text text) {
    static const char *const units[] = {"千克", "千米", "千瓦"};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (starts_with(text, units[i])) {
            return true;
        }
    }
    return false;
}

/* What may follow the digits: 余, 多 and powers in any order: 10余万, 3万余, 百余. */
static bool take_tail(struct text *text, int64_t *value, enum approx *approx) {
    int64_t word = 0;
    for (int turn = 0; turn < 3; turn++) {
        if (take(text, within, &word)) {
            note(approx, word);
        }
        if (!starts_unit(*text) && (take(text, powers, &word) || take(text, myriads, &word))) {
            if (!multiply(value, word)) {
                return false;
            }
        }
    }
    return true;
}

static bool is_unit(struct text unit) {
    int64_t ignored = 0;
    for (struct text rest = unit; rest.length > 0; rest = skip(rest, 1)) {
        struct text probe = rest;
        bool control_or_space = (unsigned char)*rest.data <= ' ';
        if (control_or_space || take(&probe, digits, &ignored)) {
            return false;
        }
    }
    return text_characters(unit) <= UNIT_CHARACTERS_MAX;
}

/* Takes 左右, 以上, ... from the end. */
static void take_behind(struct text *text, enum approx *approx) {
    for (const struct meaning *row = behind; row->word; row++) {
        size_t length = strlen(row->word);
        if (text->length >= length && memcmp(text->data + text->length - length, row->word, length) == 0) {
            text->length -= (uint32_t)length;
            note(approx, row->value);
            return;
        }
    }
}

static void trim(struct text *text) {
    skip_spaces(text);
    while (text->length > 0 && text->data[text->length - 1] == ' ') {
        text->length--;
    }
}

/* Number and approximation; what is left of `*text` is the unit. */
static bool take_number(struct text *text, int64_t *thousandths, enum approx *approx) {
    int64_t said = 0;
    *approx = APPROX_EXACT;
    while (take(text, before, &said)) {
        note(approx, said);
        skip_spaces(text);
    }
    if (!take_digits(text, thousandths) && !take_numerals(text, thousandths)) {
        return false;
    }
    return take_tail(text, thousandths, approx);
}

bool quantity_parse(struct text text, struct quantity *quantity) {
    struct text rest = text;
    trim(&rest);
    if (!take_number(&rest, &quantity->thousandths, &quantity->approx)) {
        return false;
    }
    skip_spaces(&rest);
    take_behind(&rest, &quantity->approx);
    if (starts_with(rest, "左右") || starts_with(rest, "以上")) { /* 20左右人 */
        note(&quantity->approx, starts_with(rest, "左右") ? APPROX_ABOUT : APPROX_AT_LEAST);
        rest = skip(rest, strlen("左右"));
    }
    trim(&rest);
    quantity->unit = rest.length > 0 ? rest : (struct text){0};
    return quantity->thousandths <= VALUE_MAX && is_unit(rest);
}

/* Whether a quantity may start here in a text without spaces: digits, or numerals that say how vague they are, so
 * that 四美宣传 is not read as four of something. */
static bool may_start(struct text text) {
    int64_t ignored = 0;
    struct text rest = text;
    while (take(&rest, before, &ignored)) {
    }
    if (take(&rest, digits, &ignored)) {
        return true;
    }
    return take_numerals(&rest, &ignored) && ignored >= 10 * THOUSAND && take(&rest, within, &ignored);
}

static bool parses_with_unit(struct text text) {
    struct quantity quantity;
    return quantity_parse(text, &quantity) && quantity.unit.length > 0;
}

int quantity_find_start(struct text text) {
    for (uint32_t at = text.length; at > 1; at--) {
        if (text.data[at - 1] == ' ') {
            return parses_with_unit(skip(text, at)) ? (int)at : -1;
        }
    }
    for (uint32_t at = 0; at < text.length; at++) {
        bool boundary = ((unsigned char)text.data[at] & 0xC0) != 0x80;
        if (boundary && may_start(skip(text, at)) && parses_with_unit(skip(text, at))) {
            return (int)at;
        }
    }
    return -1;
}

/* One of 小时, 个小时, 分钟, 分 with 半 and 多: adds to `*minutes`. */
static bool take_span(struct text *text, int64_t *minutes, enum approx *approx) {
    static const struct meaning spans[] = {{"小时", 60}, {"钟头", 60}, {"分钟", 1}, {"分", 1}, {0}};
    static const struct meaning more[] = {{"多", APPROX_AT_LEAST}, {"余", APPROX_AT_LEAST}, {0}};
    static const struct meaning half[] = {{"半", 500}, {0}};
    static const struct meaning classifier[] = {{"个", 0}, {0}};
    int64_t value = 0;
    int64_t extra = 0;
    int64_t word = 0;
    enum approx said = APPROX_EXACT;
    bool has_number = take_number(text, &value, &said);
    note(approx, said);
    bool has_half = take(text, half, &extra);
    take(text, classifier, &word);
    if (take(text, more, &word)) {
        note(approx, word);
    }
    has_half = take(text, half, &extra) || has_half;
    if ((!has_number && !has_half) || !take(text, spans, &word)) {
        return false;
    }
    int64_t thousandths = (value + extra) * word;
    if (thousandths % THOUSAND != 0) {
        return false;
    }
    *minutes += thousandths / THOUSAND;
    return true;
}

bool quantity_minutes(struct text text, int64_t *minutes, enum approx *approx) {
    struct text rest = text;
    trim(&rest);
    *minutes = 0;
    *approx = APPROX_EXACT;
    take_behind(&rest, approx);
    int spans = 0;
    for (; rest.length > 0; spans++) {
        if (spans == 2 || !take_span(&rest, minutes, approx)) {
            return false;
        }
        trim(&rest);
    }
    return spans > 0;
}
