/* A provider's words: cleaned and without the recipient. */
#include "services/notifier/channels/words.h"

#include <string.h>

#define NUMBER_KEY_DIGITS 8

struct writer {
    char *out;
    uint32_t length;
    bool space; /* one is due before the next character */
    bool full;
};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_word(char c) {
    return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'z');
}

/* All of it or, from there on, nothing. */
static void write_piece(struct writer *writer, struct text piece) {
    uint32_t space = writer->space && writer->length > 0 ? 1 : 0;
    writer->full |= writer->length + space + piece.length > CHANNEL_WORDS_MAX;
    if (writer->full) {
        return;
    }
    if (space > 0) {
        writer->out[writer->length++] = ' ';
    }
    memcpy(writer->out + writer->length, piece.data, piece.length);
    writer->length += piece.length;
    writer->space = false;
}

/* One character, cleaned; how many bytes it takes. */
static uint32_t write_character(struct writer *writer, struct text rest) {
    unsigned char first = (unsigned char)rest.data[0];
    uint32_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
    struct text character = {rest.data, length};
    if (length > rest.length || !text_is_utf8(character)) {
        write_piece(writer, text_of("?"));
        return 1;
    }
    struct text_facts facts = text_examine(character);
    if (first == ' ' || facts.controls || facts.line_controls) {
        writer->space = true;
    } else {
        write_piece(writer, character);
    }
    return length;
}

/* ---- whom the words must not name ---- */

struct mask {
    struct text address; /* e-mail; the first three are empty of a number */
    struct text local;
    struct text base; /* the local part before its '+' */
    struct text key;  /* of a number: its last digits */
};

static struct text before(struct text text, char end) {
    const char *found = memchr(text.data, end, text.length);
    return found ? (struct text){text.data, (uint32_t)(found - text.data)} : text;
}

static struct mask mask_of(const char *address) {
    struct text whole = text_of(address);
    if (strchr(address, '@')) {
        struct text local = before(whole, '@');
        return (struct mask){.address = whole, .local = local, .base = before(local, '+')};
    }
    uint32_t length = whole.length < NUMBER_KEY_DIGITS ? whole.length : NUMBER_KEY_DIGITS;
    return (struct mask){.key = {address + whole.length - length, length}};
}

static bool begins_with(struct text text, struct text wanted) {
    bool begins = wanted.length > 0 && text.length >= wanted.length;
    for (uint32_t i = 0; begins && i < wanted.length; i++) {
        begins = to_lower(text.data[i]) == to_lower(wanted.data[i]);
    }
    return begins;
}

/* Whether `wanted` stands at `at` and is no part of a longer word. */
static bool stands_alone(struct text said, uint32_t at, struct text wanted) {
    if (!begins_with((struct text){said.data + at, said.length - at}, wanted)) {
        return false;
    }
    uint32_t end = at + wanted.length;
    bool joined_before = at > 0 && is_word(said.data[at - 1]) && is_word(said.data[at]);
    bool joined_after = end < said.length && is_word(said.data[end]) && is_word(said.data[end - 1]);
    return !joined_before && !joined_after;
}

static uint32_t digits_at(struct text said, uint32_t at) {
    uint32_t end = at;
    while (end < said.length && is_digit(said.data[end])) {
        end++;
    }
    return end - at;
}

static bool holds(struct text digits, struct text key) {
    return key.length > 0 && memmem(digits.data, digits.length, key.data, key.length) != NULL;
}

/* How many bytes at `at` name the recipient. */
static uint32_t named_at(const struct mask *mask, struct text said, uint32_t at) {
    if (begins_with((struct text){said.data + at, said.length - at}, mask->address)) {
        return mask->address.length;
    }
    if (stands_alone(said, at, mask->local)) {
        return mask->local.length;
    }
    if (stands_alone(said, at, mask->base)) {
        return mask->base.length;
    }
    bool begins = at == 0 || !is_digit(said.data[at - 1]);
    uint32_t digits = begins ? digits_at(said, at) : 0;
    return holds((struct text){said.data + at, digits}, mask->key) ? digits : 0;
}

void words_clean(struct text said, const char *address, char out[CHANNEL_WORDS_MAX + 1]) {
    struct writer writer = {.out = out};
    struct mask mask = mask_of(address);
    uint32_t at = 0;
    while (at < said.length && !writer.full) {
        uint32_t named = named_at(&mask, said, at);
        if (named > 0) {
            bool framed =
                at > 0 && said.data[at - 1] == '<' && at + named < said.length && said.data[at + named] == '>';
            write_piece(&writer, text_of(framed ? "address" : WORDS_ADDRESS));
            at += named;
        } else {
            at += write_character(&writer, (struct text){said.data + at, said.length - at});
        }
    }
    out[writer.length] = '\0';
}
