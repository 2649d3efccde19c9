/* Folding, and collecting the text of a report. */
#include "services/archiver/words.h"

#include <sodium.h>

#include "proto/programme.h"

#define FOLDING 1 /* rises when characters are folded in another way */

/* ---- characters ---- */

/* The next character of valid UTF-8; `*at` moves behind it. */
static inline uint32_t next_character(struct text text, uint32_t *at) {
    const unsigned char *bytes = (const unsigned char *)text.data + *at;
    uint32_t left = text.length - *at;
    if (bytes[0] < 0x80) {
        *at += 1;
        return bytes[0];
    }
    if ((bytes[0] & 0xF0) == 0xE0 && left >= 3) { /* nearly all of them */
        *at += 3;
        return (bytes[0] & 0xFU) << 12 | (bytes[1] & 0x3FU) << 6 | (bytes[2] & 0x3FU);
    }
    uint32_t length = bytes[0] < 0xE0 ? 2 : bytes[0] < 0xF0 ? 3 : 4;
    if (length > left) {
        *at = text.length;
        return ' ';
    }
    uint32_t character = bytes[0] & (0x7FU >> length);
    for (uint32_t i = 1; i < length; i++) {
        character = character << 6 | (bytes[i] & 0x3FU);
    }
    *at += length;
    return character;
}

static inline uint32_t fold(uint32_t character) {
    if (character > 0x3000 && character < 0xFF01) {
        return character;
    }
    if (character >= 0xFF01 && character <= 0xFF5E) {
        character -= 0xFF01 - '!';
    }
    if (character >= 'A' && character <= 'Z') {
        return character - 'A' + 'a';
    }
    bool blank = character == WORDS_BORDER || character == 0x3000 || character == 0xA0;
    return blank ? ' ' : character;
}

static void add_character(struct buffer *out, uint32_t character) {
    buffer_append(out, &character, sizeof character);
}

static void add_text(struct buffer *out, struct text text) {
    size_t most = (size_t)text.length + 1; /* a character has a byte at least */
    uint32_t *characters = buffer_extend(out, most * sizeof *characters);
    uint32_t count = 0;
    uint32_t at = 0;
    if (!characters) {
        return;
    }
    while (at < text.length) {
        characters[count++] = fold(next_character(text, &at));
    }
    characters[count++] = WORDS_BORDER;
    out->length -= (most - count) * sizeof *characters;
}

/* ---- reports ---- */

static bool is_searched(enum field_kind kind) {
    return kind == KIND_TEXT || kind == KIND_PROSE || kind == KIND_NUMBER || kind == KIND_PHONE;
}

/* The texts of one value of a shape without records in it, field by field. */
static void add_flat(struct buffer *out, const struct shape *shape, const void *value) {
    uint64_t present = *(const uint64_t *)value;
    for (uint32_t i = 0; i < shape->field_count; i++) {
        const struct field *field = &shape->fields[i];
        const void *member = (const char *)value + field->offset;
        if (wire_has(present, i) && is_searched(field->kind)) {
            add_text(out, *(const struct text *)member);
        }
    }
}

static void add_list(struct buffer *out, const struct field *field, const struct list *list) {
    const struct text *texts = list->items;
    for (uint32_t i = 0; i < list->count; i++) {
        if (field->kind == KIND_TEXTS) {
            add_text(out, texts[i]);
        } else if (field->kind == KIND_RECORDS) {
            add_flat(out, field->sub, (const char *)list->items + (size_t)i * field->sub->size);
        }
    }
}

void words_of_report(const struct wire_report *report, struct buffer *out) {
    const struct shape *shape = shape_of(SHAPE_report);
    add_flat(out, shape, report);
    for (uint32_t i = 0; i < shape->field_count; i++) {
        const struct field *field = &shape->fields[i];
        if (wire_has(report->present, i) && (field->kind == KIND_TEXTS || field->kind == KIND_RECORDS)) {
            add_list(out, field, (const struct list *)(const void *)((const char *)report + field->offset));
        }
    }
    unsigned programmes = programme_bits(&report->programmes);
    for (int programme = 0; programme < PROGRAMME_COUNT; programme++) {
        if (programmes >> programme & 1) {
            add_text(out, text_of(programme_chinese((enum programme)programme)));
        }
    }
}

/* ---- questions ---- */

uint32_t words_of_question(struct text text, struct buffer *out) {
    uint32_t words = 0;
    bool inside = false;
    for (uint32_t at = 0; at < text.length;) {
        uint32_t character = fold(next_character(text, &at));
        if (character == ' ' && inside) {
            add_character(out, WORDS_BORDER);
        } else if (character != ' ') {
            words += !inside;
            add_character(out, character);
        }
        inside = character != ' ';
    }
    if (inside) {
        add_character(out, WORDS_BORDER);
    }
    return words;
}

/* Whether characters `from` to `to` of the question stand in the text. */
static bool stands(struct text question, uint32_t from, uint32_t to, struct text report) {
    size_t bytes = (to - from) * sizeof(uint32_t);
    for (size_t at = 0; at + bytes <= report.length; at += sizeof(uint32_t)) {
        if (memcmp(report.data + at, question.data + from * sizeof(uint32_t), bytes) == 0) {
            return true;
        }
    }
    return false;
}

bool words_stand_in(struct text question, struct text report) {
    uint32_t count = question.length / (uint32_t)sizeof(uint32_t);
    uint32_t from = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (words_at(question, i) == WORDS_BORDER) {
            if (!stands(question, from, i, report)) {
                return false;
            }
            from = i + 1;
        }
    }
    return true;
}

/* ---- what was searched for ---- */

static void add_name(crypto_generichash_state *state, const char *name, unsigned kind) {
    crypto_generichash_update(state, (const uint8_t *)name, strlen(name) + 1);
    crypto_generichash_update(state, (const uint8_t *)&kind, sizeof kind);
}

static void add_fields(crypto_generichash_state *state, const struct shape *shape) {
    for (uint32_t i = 0; i < shape->field_count; i++) {
        add_name(state, shape->fields[i].name, (unsigned)shape->fields[i].kind);
        if (shape->fields[i].sub) {
            for (uint32_t sub = 0; sub < shape->fields[i].sub->field_count; sub++) {
                add_name(state, shape->fields[i].sub->fields[sub].name,
                         (unsigned)shape->fields[i].sub->fields[sub].kind);
            }
        }
    }
}

void words_fingerprint(struct hash *out) {
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, HASH_BYTES);
    add_name(&state, "folding", FOLDING);
    add_fields(&state, shape_of(SHAPE_report));
    for (int programme = 0; programme < PROGRAMME_COUNT; programme++) {
        add_name(&state, programme_chinese((enum programme)programme), (unsigned)programme);
    }
    crypto_generichash_final(&state, out->bytes, HASH_BYTES);
}
