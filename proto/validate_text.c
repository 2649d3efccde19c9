/* The formats of texts, one function each; all take any bytes. */
#include "proto/validate_text.h"

#define LOCAL_PART_MAX 64 /* RFC 5321, 4.5.3.1.1 */
#define LABEL_MAX 63      /* RFC 1035, 2.3.4 */

static bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_letter(char c) {
    return is_lower(c) || (c >= 'A' && c <= 'Z');
}

/* `c` is one of `set`; the terminator is none of them. */
static bool is_one_of(char c, const char *set) {
    return c != '\0' && strchr(set, c) != NULL;
}

bool text_is_code(struct text text) {
    for (uint32_t i = 0; i < text.length; i++) {
        bool inner = i > 0 && i + 1 < text.length;
        char c = text.data[i];
        if (!is_lower(c) && !is_digit(c) && !(inner && (c == '-' || c == '.'))) {
            return false;
        }
    }
    return text.length > 0;
}

/* The part up to `separator` or the end; `*rest` is what follows it, .data NULL when nothing does. */
static struct text part_before(struct text text, char separator, struct text *rest) {
    const char *found = text.length > 0 ? memchr(text.data, separator, text.length) : NULL;
    if (!found) {
        *rest = (struct text){NULL, 0};
        return text;
    }
    uint32_t length = (uint32_t)(found - text.data);
    *rest = (struct text){found + 1, text.length - length - 1};
    return (struct text){text.data, length};
}

bool text_is_path(struct text text) {
    int levels = 0;
    do {
        struct text rest;
        if (!text_is_code(part_before(text, '/', &rest))) {
            return false;
        }
        text = rest;
        levels++;
    } while (text.data && levels < PATH_LEVELS_MAX);
    return text.data == NULL;
}

bool text_is_number(struct text text) {
    for (uint32_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        if (!is_letter(c) && !is_digit(c) && !is_one_of(c, "-_.")) {
            return false;
        }
    }
    return text.length > 0;
}

bool text_is_phone(struct text text) {
    uint32_t first = text.length > 0 && text.data[0] == '+' ? 1 : 0;
    for (uint32_t i = first; i < text.length; i++) {
        if (!is_digit(text.data[i])) {
            return false;
        }
    }
    return text.length > first;
}

static bool beyond_ascii(char c) {
    return ((unsigned char)c & 0x80) != 0;
}

/* Dot-atoms of RFC 5322, 3.2.3. */
static bool is_local_part(struct text text) {
    bool dot_before = true; /* neither first nor twice */
    for (uint32_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        if (c == '.' ? dot_before
                     : !is_letter(c) && !is_digit(c) && !beyond_ascii(c) && !is_one_of(c, "!#$%&'*+-/=?^_`{|}~")) {
            return false;
        }
        dot_before = c == '.';
    }
    return text.length > 0 && text.length <= LOCAL_PART_MAX && !dot_before;
}

static bool is_label(struct text text) {
    for (uint32_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        bool inner = i > 0 && i + 1 < text.length;
        if (!is_letter(c) && !is_digit(c) && !beyond_ascii(c) && !(inner && c == '-')) {
            return false;
        }
    }
    return text.length > 0 && text.length <= LABEL_MAX;
}

bool text_is_email(struct text text) {
    struct text domain;
    if (!is_local_part(part_before(text, '@', &domain)) || !domain.data || !text_is_utf8(text)) {
        return false;
    }
    do {
        struct text rest;
        if (!is_label(part_before(domain, '.', &rest))) {
            return false;
        }
        domain = rest;
    } while (domain.data);
    return !text_examine(text).controls && !text_examine(text).line_controls;
}

bool text_is_key(struct text text) {
    for (uint32_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        if (!is_letter(c) && !is_digit(c) && !is_one_of(c, ".-:+=^!/*?&<>()[]{}@%$#")) {
            return false;
        }
    }
    return text.length == KEY_TEXT_LENGTH;
}
