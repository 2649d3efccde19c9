/* Text: UTF-8, counting characters, the tree of unit paths, words of the tables, units that count people. */
#include <endian.h>

#include "proto/types.h"

/* Whether all eight bytes are ASCII: no top bit is set. */
static bool eight_ascii(const unsigned char *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return (word & UINT64_C(0x8080808080808080)) == 0;
}

size_t text_characters(struct text text) {
    size_t characters = 0;
    for (uint32_t i = 0; i < text.length; i++) {
        characters += ((unsigned char)text.data[i] & 0xC0) != 0x80;
    }
    return characters;
}

static bool continues(unsigned char byte) {
    return (byte & 0xC0) == 0x80;
}

/* Length of the character at `bytes` of which `left` (at least 1) remain; 0 if it is not valid (RFC 3629, table in
 * section 4). */
static uint32_t character_length(const unsigned char *bytes, uint32_t left) {
    unsigned char first = bytes[0];
    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xE0 && first <= 0xEF) {
        bool whole = left >= 3 && continues(bytes[1]) && continues(bytes[2]);
        bool overlong = first == 0xE0 && whole && bytes[1] < 0xA0;
        bool surrogate = first == 0xED && whole && bytes[1] > 0x9F;
        return whole && !overlong && !surrogate ? 3 : 0;
    }
    if (first >= 0xC2 && first <= 0xDF) {
        return left >= 2 && continues(bytes[1]) ? 2 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        bool whole = left >= 4 && continues(bytes[1]) && continues(bytes[2]) && continues(bytes[3]);
        bool overlong = first == 0xF0 && whole && bytes[1] < 0x90;
        bool beyond = first == 0xF4 && whole && bytes[1] > 0x8F;
        return whole && !overlong && !beyond ? 4 : 0;
    }
    return 0;
}

bool text_is_utf8(struct text text) {
    const unsigned char *bytes = (const unsigned char *)text.data;
    uint32_t at = 0;
    while (at < text.length) {
        if (text.length - at >= 8 && eight_ascii(bytes + at)) {
            at += 8;
            continue;
        }
        uint32_t length = character_length(bytes + at, text.length - at);
        if (length == 0) {
            return false;
        }
        at += length;
    }
    return true;
}

/* Notes whether the character of `length` bytes is a control character. */
static void note_controls(struct text_facts *facts, const unsigned char *bytes, uint32_t length) {
    unsigned char first = bytes[0];
    if (length == 1 && (first < 0x20 || first == 0x7F)) {
        bool line = first == '\n' || first == '\r' || first == '\t';
        facts->line_controls |= line;
        facts->controls |= !line;
    } else if (length == 2 && first == 0xC2 && bytes[1] < 0xA0) {
        facts->controls = true; /* C1: U+0080 to U+009F */
    } else if (length == 3 && first == 0xE2 && bytes[1] == 0x80 && (bytes[2] == 0xA8 || bytes[2] == 0xA9)) {
        facts->line_controls = true; /* U+2028 and U+2029: line and paragraph separator */
    }
}

size_t text_keep_line(char *bytes, size_t length) {
    size_t kept = 0;
    for (size_t at = 0; at < length;) {
        const unsigned char *from = (const unsigned char *)bytes + at;
        uint32_t whole = character_length(from, (uint32_t)(length - at));
        struct text_facts facts = {0};
        note_controls(&facts, from, whole);
        if (facts.controls || facts.line_controls) {
            bytes[kept++] = ' ';
        } else {
            memmove(bytes + kept, from, whole);
            kept += whole;
        }
        at += whole > 0 ? whole : 1;
    }
    return kept;
}

/* Whether all eight bytes are printable ASCII. No means perhaps: a byte below 0x20 borrows from the next. */
static bool eight_printable(const unsigned char *bytes) {
    const uint64_t each = UINT64_C(0x0101010101010101);
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return (((word - 0x20 * each) | word | (word + each)) & 0x80 * each) == 0;
}

/* Passes printable ASCII; the number of characters. */
static uint32_t pass_ascii(const unsigned char *bytes, uint32_t length) {
    uint32_t at = 0;
    while (length - at >= 8 && eight_printable(bytes + at)) {
        at += 8;
    }
    while (at < length && bytes[at] >= 0x20 && bytes[at] < 0x7F) {
        at++;
    }
    return at;
}

/* Whether a character of three bytes that begins so has no exceptions: there are some behind 0xE0 (overlong forms),
 * 0xE2 (separators) and 0xED (surrogates). */
static bool begins_plainly(uint64_t first) {
    const uint64_t plain = 0xFFFF & ~(UINT64_C(1) << 0x0 | UINT64_C(1) << 0x2 | UINT64_C(1) << 0xD);
    return (plain >> (first & 0xF) & 1) != 0;
}

/* Passes most of what people here write: plain characters of three bytes, two at a time while eight bytes are left. */
static uint32_t pass_chinese(const unsigned char *bytes, uint32_t length) {
    uint32_t at = 0;
    while (length - at >= 8) {
        uint64_t word;
        memcpy(&word, bytes + at, sizeof word);
        word = be64toh(word);
        if ((word & UINT64_C(0xF0C0C0F0C0C00000)) != UINT64_C(0xE08080E080800000) || !begins_plainly(word >> 56) ||
            !begins_plainly(word >> 32)) {
            break;
        }
        at += 6;
    }
    while (length - at >= 3) {
        uint32_t word = (uint32_t)bytes[at] << 16 | (uint32_t)bytes[at + 1] << 8 | bytes[at + 2];
        if ((word & 0xF0C0C0) != 0xE08080 || !begins_plainly(bytes[at])) {
            break;
        }
        at += 3;
    }
    return at / 3;
}

struct text_facts text_examine(struct text text) {
    const unsigned char *bytes = (const unsigned char *)text.data;
    struct text_facts facts = {.valid = true};
    uint32_t at = 0;
    while (at < text.length) {
        uint32_t ascii = pass_ascii(bytes + at, text.length - at);
        at += ascii;
        uint32_t chinese = pass_chinese(bytes + at, text.length - at);
        at += 3 * chinese;
        facts.characters += ascii + chinese;
        if (at == text.length || ascii + chinese > 0) {
            continue;
        }
        uint32_t length = character_length(bytes + at, text.length - at);
        if (length == 0) {
            return (struct text_facts){.valid = false};
        }
        note_controls(&facts, bytes + at, length);
        facts.characters++;
        at += length;
    }
    return facts;
}

bool path_is_within(struct text unit, struct text above) {
    if (above.length == 0) {
        return true;
    }
    if (unit.length < above.length || memcmp(unit.data, above.data, above.length) != 0) {
        return false;
    }
    return unit.length == above.length || unit.data[above.length] == '/';
}

bool words_hold(const char *words, const char *word) {
    size_t length = strlen(word);
    while (*words != '\0') {
        size_t span = strcspn(words, " ");
        if (span == length && memcmp(words, word, length) == 0) {
            return true;
        }
        words += span + (words[span] == ' ');
    }
    return false;
}

bool unit_counts_people(struct text unit) {
    static const char *const units[] = {"名", "人", "位", "人次"};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (text_equal(unit, text_of(units[i]))) {
            return true;
        }
    }
    return unit.length == 0;
}
