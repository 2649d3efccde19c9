/* Positions, words and numbers in the text of a draft. */
#include "common/draft/scan.h"

#define NUMBER_BYTES_MAX 60
#define REACH_BYTES 240 /* a name of 40 characters, its number and what stands before */

static const char *const lists[] = {
#define WORDS(LIST, words, prose) [WORDS_##LIST] = words,
#include "common/draft/words.def"
#undef WORDS
};

/* ---- the text, plain ---- */

/* The ASCII sign that a full-width one (U+FF01 to U+FF5E) stands for, 0 for other characters. Signs that end clauses,
 * and brackets, keep their width: they are known as they are. */
static char ascii_of(const char *at, uint32_t left) {
    const uint8_t *bytes = (const uint8_t *)at;
    if (left < 3 || bytes[0] != 0xEF || (bytes[1] != 0xBC && bytes[1] != 0xBD)) {
        return 0;
    }
    uint32_t sign = (bytes[1] == 0xBC ? 0U : 0x40U) + (bytes[2] & 0x3FU) + 0x20U;
    bool known = (sign >= '0' && sign <= ':') || (sign >= 'A' && sign <= 'Z') || (sign >= 'a' && sign <= 'z') ||
                 sign == '.' || sign == '-' || sign == '/' || sign == '~';
    return known ? (char)sign : 0;
}

struct text scan_words(const struct scan *scan, uint32_t from, uint32_t to) {
    return (struct text){scan->text.data + scan->origin[from], scan->origin[to] - scan->origin[from]};
}

struct text scan_plain(const struct scan *scan, uint32_t from, uint32_t to) {
    return (struct text){scan->plain.data + from, to - from};
}

uint32_t scan_next(const struct scan *scan, uint32_t at) {
    do {
        at++;
    } while (at < scan->plain.length && ((uint8_t)scan->plain.data[at] & 0xC0) == 0x80);
    return at;
}

bool scan_digit(const struct scan *scan, uint32_t at) {
    return at < scan->plain.length && scan->plain.data[at] >= '0' && scan->plain.data[at] <= '9';
}

/* ---- marks ---- */

static bool stands_at(const struct scan *scan, uint32_t at, struct text word) {
    return scan->plain.length - at >= word.length && word.length > 0 && scan->plain.data[at] == *word.data &&
           memcmp(scan->plain.data + at, word.data, word.length) == 0;
}

uint32_t scan_literal(const struct scan *scan, uint32_t at, const char *word) {
    struct text text = text_of(word);
    return stands_at(scan, at, text) ? text.length : 0;
}

static uint32_t any_of(const struct scan *scan, uint32_t at, const char *const *marks) {
    uint32_t length = 0;
    for (; *marks && length == 0; marks++) {
        length = scan_literal(scan, at, *marks);
    }
    return length;
}

/* 1,200: a comma before three digits and no more, and behind one to three. */
static bool within_number(const struct scan *scan, uint32_t comma, uint32_t length) {
    uint32_t at = comma + length;
    uint32_t before = 0;
    uint32_t behind = 0;
    while (before < comma && before < 4 && scan_digit(scan, comma - before - 1)) {
        before++;
    }
    while (behind < 4 && scan_digit(scan, at + behind)) {
        behind++;
    }
    return before >= 1 && before <= 3 && behind == 3;
}

uint32_t scan_stop(const struct scan *scan, uint32_t at) {
    static const char *const stops[] = {"。", "；", "！", "？", "!", "?", ";", "\n", "\r", NULL};
    static const char *const commas[] = {"，", ",", NULL};
    uint32_t comma = any_of(scan, at, commas);
    return comma > 0 ? (within_number(scan, at, comma) ? 0 : comma) : any_of(scan, at, stops);
}

uint32_t scan_gap(const struct scan *scan, uint32_t at) {
    static const char *const gaps[] = {" ",  "\t", "　", "、", "（", "）", "(", ")", "【", "】", "[",  "]", "《",
                                       "》", "“",  "”",  "\"", "|",  "+",  "*", "#", "@",  "·",  "——", "…", NULL};
    uint32_t stop = scan_stop(scan, at);
    return stop > 0 ? stop : any_of(scan, at, gaps);
}

/* From the end, so that each position is looked at once. */
static void find_word_ends(const struct scan *scan, uint32_t *ends) {
    uint32_t end = scan->plain.length;
    ends[end] = end;
    for (uint32_t at = scan->plain.length; at > 0; at--) {
        bool begins = ((uint8_t)scan->plain.data[at - 1] & 0xC0) != 0x80;
        end = begins && scan_gap(scan, at - 1) > 0 ? at - 1 : end;
        ends[at - 1] = end;
    }
}

uint32_t scan_word_end(const struct scan *scan, uint32_t at) {
    return scan->word_ends[at];
}

uint32_t scan_reach(const struct scan *scan, uint32_t at) {
    uint32_t end = scan->word_ends[at];
    if (end - at > REACH_BYTES) {
        end = at + REACH_BYTES;
        while (((uint8_t)scan->plain.data[end] & 0xC0) == 0x80) {
            end--;
        }
    }
    return end;
}

bool scan_start(struct scan *scan, struct text text, struct arena *arena) {
    char *plain = arena_alloc(arena, text.length + 1);
    uint32_t *origin = arena_alloc(arena, (text.length + 1) * sizeof *origin);
    uint32_t *word_ends = arena_alloc(arena, (text.length + 1) * sizeof *word_ends);
    if (!plain || !origin || !word_ends) {
        return false;
    }
    uint32_t length = 0;
    for (uint32_t at = 0; at < text.length; length++) {
        char ascii = ascii_of(text.data + at, text.length - at);
        plain[length] = ascii != 0 ? ascii : text.data[at];
        origin[length] = at;
        at += ascii != 0 ? 3 : 1;
    }
    origin[length] = text.length;
    *scan = (struct scan){.text = text, .plain = {plain, length}, .origin = origin, .word_ends = word_ends};
    find_word_ends(scan, word_ends);
    return true;
}

/* ---- words ---- */

/* The next word of a list; false at its end. By hand: strcspn() and the like look at the whole rest of the list. */
static bool next_word(const char **list, struct text *word) {
    const char *begin = *list;
    while (*begin == ' ') {
        begin++;
    }
    const char *end = begin;
    while (*end != ' ' && *end != '\0') {
        end++;
    }
    *word = (struct text){begin, (uint32_t)(end - begin)};
    *list = end;
    return end > begin;
}

uint32_t scan_list(const struct scan *scan, uint32_t at, enum word_list list) {
    const char *words = lists[list];
    struct text word;
    uint32_t longest = 0;
    while (next_word(&words, &word)) {
        longest = word.length > longest && stands_at(scan, at, word) ? word.length : longest;
    }
    return longest;
}

uint32_t scan_find(const struct scan *scan, uint32_t from, uint32_t end, enum word_list list) {
    while (from < end && scan_list(scan, from, list) == 0) {
        from = scan_next(scan, from);
    }
    return from < end ? from : end;
}

/* ---- numbers ---- */

static bool is_listed(struct text unit, enum word_list list) {
    const char *words = lists[list];
    struct text word;
    while (next_word(&words, &word)) {
        if (text_equal(word, unit)) {
            return true;
        }
    }
    return false;
}

/* 街上20处 is no "上20处": that word goes with 百, 千 and 万 alone. */
static bool misread(const struct scan *scan, uint32_t at) {
    uint32_t above = scan_literal(scan, at, "上");
    return above > 0 && scan_digit(scan, at + above);
}

uint32_t scan_quantity(const struct scan *scan, uint32_t at, uint32_t end, enum word_list units,
                       struct quantity *quantity) {
    uint32_t found = 0;
    struct quantity read;
    end = end - at > NUMBER_BYTES_MAX ? at + NUMBER_BYTES_MAX : end;
    for (uint32_t to = at; to < end && !misread(scan, at);) {
        to = scan_next(scan, to);
        if (to <= end && quantity_parse(scan_plain(scan, at, to), &read) && is_listed(read.unit, units)) {
            found = to;
            *quantity = read;
        }
    }
    return found;
}

static bool names_hours(struct text words) {
    static const char *const names[] = {"小时", "钟头", "分钟"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (memmem(words.data, words.length, names[i], strlen(names[i]))) {
            return true;
        }
    }
    return false;
}

uint32_t scan_minutes(const struct scan *scan, uint32_t at, uint32_t end, int64_t *minutes) {
    uint32_t found = 0;
    int64_t read = 0;
    enum approx approx = APPROX_EXACT;
    end = end - at > NUMBER_BYTES_MAX ? at + NUMBER_BYTES_MAX : end;
    for (uint32_t to = at; to < end;) {
        to = scan_next(scan, to);
        struct text words = scan_plain(scan, at, to);
        if (to <= end && names_hours(words) && quantity_minutes(words, &read, &approx)) {
            found = to;
            *minutes = read;
        }
    }
    return found;
}
